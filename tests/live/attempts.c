// SPDX-License-Identifier: Apache-2.0
/*
 * attempts.c - does what a policy may forbid, step after step: attempts LABEL STEP [WORD]... [STEP [WORD]...]...
 *
 * Of the first step that could not be done it prints the error's name and the step ("EPERM unlink"), and exits 1.  The label is for whoever reads the
 * events.  Each step goes on from those before it: there is one file that was opened last, one mapping, one child.  Steps, with the number of
 * their words, are the rows at the end, and those of attempts.h.  Without steps it does nothing: so it stands for any program that is executed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "tests/live/attempts.h"
#include "tests/live/ring.h"

static char *label, **next;		/* words that are left */
static int last = -1;			/* file */
static char *map;			/* of a page */
static pid_t child;			/* that does nothing */
enum { PAGE = 4096, KEPT = 9 };

static void do_rest(void) __attribute__((noreturn));

/* ---- Who does it ---- */

static int go_in(char **words)
{
	char path[256];
	int fd, result;

	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/cgroup.procs", words[0]);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	result = (int)write(fd, "0", 1);
	close(fd);
	return result < 0 ? -1 : 0;
}

/* Of the thread alone, as the kernel has it. */
static int become(char **words)
{
	return (int)syscall(SYS_setresuid, atoi(words[0]), atoi(words[1]), atoi(words[2]));
}

static int be_user(char **words)
{
	const unsigned id = (unsigned)atoi(words[0]);

	return syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setresgid, id, id, id) || syscall(SYS_setresuid, id, id, id) ? -1 : 0;
}

static int be_file_user(char **words)
{
	const int id = atoi(words[0]);

	setfsuid((uid_t)id);
	errno = EPERM;
	return setfsuid((uid_t)-1) == id ? 0 : -1;
}

static void *do_rest_there(void *context)
{
	(void)context;
	do_rest();
}

static int go_to_thread(char **words)
{
	pthread_t thread;

	(void)words;
	if (pthread_create(&thread, NULL, do_rest_there, NULL))
		return -1;
	pthread_join(thread, NULL);
	return -1;
}

static int go_to_child(char **words)
{
	int status = 0;
	const pid_t pid = fork();

	(void)words;
	if (pid <= 0)
		return pid;
	waitpid(pid, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

/* A child whose parent is gone; who waits for it does so by its output. */
static int go_to_orphan(char **words)
{
	int ends[2];
	char byte;

	(void)words;
	if (pipe(ends))
		return -1;
	if (fork()) {
		close(ends[1]);
		while (read(ends[0], &byte, 1) < 0) {}
		exit(0);
	}
	if (fork())
		exit(0);
	close(ends[0]);
	while (getppid() != 1)
		usleep(1000);
	return 0;
}

static int go_to_pids(char **words)
{
	return unshare(CLONE_NEWPID) ? -1 : go_to_child(words);
}

static int have_mounts(char **words)
{
	(void)words;
	return unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -1 : 0;
}

static int have_users(char **words) { (void)words; return unshare(CLONE_NEWUSER); }
static int have_name(char **words) { (void)words; return unshare(CLONE_NEWUTS); }

static int clone_users(char **words)
{
	const long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);

	(void)words;
	if (!pid)
		_exit(0);
	return pid < 0 || waitpid((pid_t)pid, NULL, 0) < 0 ? -1 : 0;
}

/* Another process that has the same files, not copies of them: when it has ended, who waits reads what came to one of its sockets. */
static int go_to_sharer(char **words)
{
	const long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
	char byte;

	(void)words;
	if (pid <= 0)
		return (int)pid;
	waitpid((pid_t)pid, NULL, 0);
	for (int fd = 3; fd < 32; fd++)
		if (recv(fd, &byte, 1, MSG_DONTWAIT) == 1)
			exit(0);
	exit(2);
}

static int wait_for(char **words)
{
	char byte;
	const int fd = open(words[0], O_RDONLY);

	while (fd >= 0 && read(fd, &byte, 1) > 0) {}
	return close(fd);
}

/* ---- Programs ---- */

static int execute(char **words)
{
	static char *arguments[64], *const nothing[] = { NULL };
	size_t count = 0;

	arguments[count++] = words[0];
	if (*next)
		arguments[count++] = label;
	while (*next && count < 63)
		arguments[count++] = *next++;
	return execve(words[0], arguments, nothing);
}

/* All words that are left are its own. */
static int execute_with(char **words)
{
	char *const nothing[] = { NULL };

	return execve(words[0], words, nothing);
}

static int execute_last(char **words)
{
	char *const arguments[] = { (char *)"last", NULL }, *const nothing[] = { NULL };

	(void)words;
	return (int)syscall(SYS_execveat, last, "", arguments, nothing, AT_EMPTY_PATH);
}

static int copy_to(const char *path, int to)
{
	static char bytes[65536];
	const int from = open(path, O_RDONLY);
	ssize_t count = -1;

	while (from >= 0 && (count = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)count) != count)
			return -1;
	close(from);
	return (int)count;
}

/* What is open to be written cannot be executed. */
static int open_again(int fd, int flags)
{
	char path[64];
	const int again = (snprintf(path, sizeof(path), "/proc/self/fd/%d", fd), open(path, flags));

	close(fd);
	return last = again, again < 0 ? -1 : 0;
}

static int make_memory(char **words)
{
	last = memfd_create("memory", 0);
	return last < 0 || fchmod(last, 0755) ? -1 : copy_to(words[0], last);
}

static int make_nameless(char **words)
{
	last = open(words[0], O_TMPFILE | O_RDWR, 0755);
	return last < 0 || copy_to(words[1], last) ? -1 : open_again(last, O_RDONLY);
}

static int copy(char **words)
{
	const int fd = open(words[1], O_WRONLY | O_CREAT | O_EXCL, 0755);

	if (fd < 0 || copy_to(words[0], fd))
		return -1;
	return close(fd);
}

/* ---- Files ---- */

/* r, w, rw, then t: truncated, a: appended, c: made, p: a path alone. */
static int flags_of(const char *letters)
{
	int flags = strchr(letters, 'w') ? strchr(letters, 'r') ? O_RDWR : O_WRONLY : O_RDONLY;

	flags |= (strchr(letters, 't') ? O_TRUNC : 0) | (strchr(letters, 'a') ? O_APPEND : 0);
	return flags | (strchr(letters, 'c') ? O_CREAT : 0) | (strchr(letters, 'p') ? O_PATH : 0);
}

static int open_file(char **words) { return (last = open(words[1], flags_of(words[0]), 0644)) < 0 ? -1 : 0; }
static int open_in(char **words) { return (last = openat(last, words[1], flags_of(words[0]), 0644)) < 0 ? -1 : 0; }
static int reopen(char **words) { return open_again(last, flags_of(words[0])); }

static int open_how(char **words)
{
	const struct open_how how = { .flags = (unsigned long long)flags_of(words[0]) };

	return (last = (int)syscall(SYS_openat2, AT_FDCWD, words[1], &how, sizeof(how))) < 0 ? -1 : 0;
}

static int open_handle(char **words)
{
	struct { struct file_handle handle; unsigned char bytes[128]; } room = { .handle.handle_bytes = 128 };
	const int place = open(words[1], O_RDONLY | O_DIRECTORY);
	int mount;

	if (place < 0 || name_to_handle_at(AT_FDCWD, words[2], &room.handle, &mount, 0))
		return -1;
	return (last = open_by_handle_at(place, &room.handle, flags_of(words[0]))) < 0 ? -1 : 0;
}

static int open_tree_clone(char **words) { return (last = (int)syscall(SYS_open_tree, AT_FDCWD, words[0], 1 /* OPEN_TREE_CLONE */)) < 0 ? -1 : 0; }
static int keep(char **words) { (void)words; return dup2(last, KEPT) < 0 ? -1 : 0; }
static int kept(char **words) { (void)words; return last = KEPT, fcntl(KEPT, F_GETFD) < 0 ? -1 : 0; }
static int write_last(char **words) { return write(last, words[0], strlen(words[0])) < 0 ? -1 : 0; }
static int read_last(char **words) { char byte; (void)words; return errno = ENODATA, read(last, &byte, 1) < 1 ? -1 : 0; }
static int truncate_last(char **words) { (void)words; return ftruncate(last, 0); }
static int chmod_last(char **words) { return fchmod(last, (mode_t)strtoul(words[0], NULL, 8)); }
static int list_last(char **words) { char room[512]; (void)words; return syscall(SYS_getdents64, last, room, sizeof(room)) < 0 ? -1 : 0; }

static int truncate_path(char **words) { return truncate(words[0], 0); }
static int unlink_path(char **words) { return unlink(words[0]); }
static int unlink_in(char **words) { return unlinkat(last, words[0], 0); }
static int rmdir_path(char **words) { return rmdir(words[0]); }
static int mkdir_path(char **words) { return mkdir(words[0], 0755); }
static int rename_path(char **words) { return rename(words[0], words[1]); }
static int exchange(char **words) { return renameat2(AT_FDCWD, words[0], AT_FDCWD, words[1], 2 /* RENAME_EXCHANGE */); }
static int link_path(char **words) { return link(words[0], words[1]); }
static int symlink_path(char **words) { return symlink(words[0], words[1]); }
static int chmod_path(char **words) { return chmod(words[1], (mode_t)strtoul(words[0], NULL, 8)); }
static int chown_path(char **words) { return chown(words[1], (uid_t)atoi(words[0]), (gid_t)-1); }
static int set_times(char **words) { return utimensat(AT_FDCWD, words[0], NULL, 0); }
static int set_attribute(char **words) { return setxattr(words[0], "trusted.mark", "1", 1, 0); }
static int punch(char **words) { (void)words; return fallocate(last, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE); }

/* As setcap cap_sys_admin+ep does. */
static int give_capability(char **words)
{
	struct vfs_cap_data data = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE };

	data.data[0].permitted = 1u << CAP_SYS_ADMIN;
	return setxattr(words[0], "security.capability", &data, sizeof(data), 0);
}

static int bind_path(char **words) { return mount(words[0], words[1], NULL, MS_BIND | MS_REC, NULL); }
static int move_mount_to(char **words) { return mount(words[0], words[1], NULL, MS_MOVE, NULL); }
static int share_mount(char **words) { return mount(NULL, words[0], NULL, MS_SHARED | MS_REC, NULL); }
static int unmount(char **words) { return umount2(words[0], MNT_DETACH); }
static int unmount_now(char **words) { return umount2(words[0], 0); }

/* As umount -a does it, the youngest first; what is in use stays.  The first error of another kind is told. */
static int unmount_all(char **words)
{
	static char places[256][256];
	FILE *list = fopen("/proc/self/mounts", "r");
	int count = 0, refused = 0;

	(void)words;
	while (list && count < 256 && fscanf(list, "%*s %255s%*[^\n]", places[count]) == 1)
		count++;
	while (count--)
		if (umount2(places[count], 0) && errno != EBUSY && !refused)
			refused = errno;
	return errno = refused, refused ? -1 : 0;
}

static int mount_memory(char **words) { return mount("none", words[0], "tmpfs", 0, NULL); }
static int change_root(char **words) { return chroot(words[0]) ? -1 : chdir("/"); }
static int change_folder(char **words) { return chdir(words[0]); }

/* ---- Memory ---- */

static int map_last(char **words)
{
	const int protection = (strchr(words[0], 'r') ? PROT_READ : 0) | (strchr(words[0], 'w') ? PROT_WRITE : 0) |
		(strchr(words[0], 'x') ? PROT_EXEC : 0);

	map = mmap(NULL, PAGE, protection, strchr(words[0], 'w') ? MAP_SHARED : MAP_PRIVATE, last, 0);
	return map == MAP_FAILED ? -1 : 0;
}

static int write_map(char **words) { (void)words; return map[0] = 'm', msync(map, PAGE, MS_SYNC); }
static int protect_map(char **words) { (void)words; return mprotect(map, PAGE, PROT_READ | PROT_EXEC); }

/* What reads is made executable as well: old programs. */
static int read_implies_exec(char **words) { (void)words; return personality(READ_IMPLIES_EXEC) < 0 ? -1 : 0; }

static int copy_to_memory(char **words)
{
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return map == MAP_FAILED || read(last, map, PAGE) < 0 ? -1 : protect_map(words);
}

/* ---- Sockets ---- */

struct endpoint { union { struct sockaddr any; struct sockaddr_in in; struct sockaddr_in6 in6; } at; socklen_t length; };

static int endpoint_of(char **words, struct endpoint *ret)
{
	const in_port_t port = htons((uint16_t)atoi(words[1]));

	memset(ret, 0, sizeof(*ret));
	ret->length = strchr(words[0], ':') ? sizeof(ret->at.in6) : sizeof(ret->at.in);
	if (strchr(words[0], ':')) {
		ret->at.in6.sin6_family = AF_INET6;
		ret->at.in6.sin6_port = port;
		return inet_pton(AF_INET6, words[0], &ret->at.in6.sin6_addr) == 1;
	}
	ret->at.in.sin_family = AF_INET;
	ret->at.in.sin_port = port;
	return inet_pton(AF_INET, words[0], &ret->at.in.sin_addr) == 1;
}

static const struct protocol { const char *name; int type, protocol; } protocols[] = {
	{ "tcp", SOCK_STREAM, IPPROTO_TCP }, { "udp", SOCK_DGRAM, IPPROTO_UDP }, { "mptcp", SOCK_STREAM, 262 },
	{ "udplite", SOCK_DGRAM, IPPROTO_UDPLITE }, { "raw", SOCK_RAW, IPPROTO_RAW },
};

/* A socket of the protocol, and where it is to go to. */
static int socket_to(char **words, struct endpoint *ret)
{
	for (size_t n = 0; n < sizeof(protocols) / sizeof(*protocols); n++)
		if (!strcmp(protocols[n].name, words[0]) && endpoint_of(words + 1, ret))
			return last = socket(ret->at.any.sa_family, protocols[n].type, protocols[n].protocol);
	errno = EINVAL;
	return -1;
}

static int connect_to(char **words)
{
	struct endpoint to;

	return socket_to(words, &to) < 0 ? -1 : connect(last, &to.at.any, to.length);
}

static int send_with(char **words, int flags)
{
	struct endpoint to;

	return socket_to(words, &to) < 0 || sendto(last, "1", 1, flags | MSG_NOSIGNAL, &to.at.any, to.length) < 0 ? -1 : 0;
}

static int send_to(char **words) { return send_with(words, 0); }
static int open_fast(char **words) { return send_with(words, MSG_FASTOPEN); }

static int send_raw(char **words)
{
	struct endpoint to;
	char packet[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17 };	/* IPv4, UDP */

	if (socket_to(words, &to) < 0)
		return -1;
	memcpy(packet + 16, &to.at.in.sin_addr, 4);
	to.at.in.sin_port = 0;
	return sendto(last, packet, sizeof(packet), 0, &to.at.any, to.length) < 0 ? -1 : 0;
}

static int open_packets(char **words) { (void)words; return (last = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))) < 0 ? -1 : 0; }

/* On all addresses of both families; and it stays. */
static int listen_at(char **words)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(words[0])) };

	last = socket(AF_INET6, SOCK_STREAM, 0);
	if (setsockopt(last, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)))
		return -1;
	return bind(last, (struct sockaddr *)&at, sizeof(at)) ? -1 : listen(last, 256);
}

/* Takes a connection of its own, at that port. */
static int accept_at(char **words)
{
	char *to[] = { "tcp", "::1", words[0] };
	int listening;

	if (listen_at(words))
		return -1;
	listening = last;
	if (connect_to(to))
		return -1;
	return (last = accept(listening, NULL, NULL)) < 0 ? -1 : 0;
}

/* A socket of its own that listens at the port of all addresses, where one waits that comes from the address, with a byte to read. */
static int visit(char **words)
{
	char *anywhere[] = { words[0], strchr(words[1], ':') ? "::" : "0.0.0.0", words[2] }, *from_port[] = { words[0], words[1], "0" };
	struct endpoint at, from, to;
	const int listening = socket_to(anywhere, &at), visitor = socket_to(from_port, &from);

	if (listening < 0 || visitor < 0 || bind(listening, &at.at.any, at.length) || listen(listening, 1))
		return -1;
	if (bind(visitor, &from.at.any, from.length) || !endpoint_of(words + 1, &to) || connect(visitor, &to.at.any, to.length))
		return -1;
	return write(visitor, "x", 1) == 1 ? listening : -1;
}

static int accept_from(char **words)
{
	const int listening = visit(words);

	return listening < 0 || (last = accept(listening, NULL, NULL)) < 0 ? -1 : 0;
}

static int unix_socket(char **words, struct sockaddr_un *ret)
{
	const int type = !strcmp(words[0], "datagram") ? SOCK_DGRAM : !strcmp(words[0], "packets") ? SOCK_SEQPACKET : SOCK_STREAM;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", words[1]);
	return socket(AF_UNIX, type, 0);
}

static int bind_unix(char **words)
{
	struct sockaddr_un at;
	const int fd = unix_socket(words, &at);

	return bind(fd, (struct sockaddr *)&at, sizeof(at)) || (strcmp(words[0], "datagram") && listen(fd, 256)) ? -1 : 0;
}

static int connect_unix(char **words)
{
	struct sockaddr_un to;

	last = unix_socket(words, &to);
	return connect(last, (struct sockaddr *)&to, sizeof(to));
}

static int send_unix(char **words)
{
	struct sockaddr_un to;

	last = unix_socket(words, &to);
	return sendto(last, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -1 : 0;
}

static int load_family(char **words) { return (last = socket(atoi(words[0]), SOCK_STREAM, 0)) < 0 ? -1 : 0; }

/* ---- io_uring ---- */

static int in_ring(struct io_uring_sqe entry)
{
	struct ring ring;

	return ring_open(&ring) ? -1 : ring_do(&ring, &entry);
}

static unsigned long long pointer(const void *to) { return (unsigned long)to; }

static int ring_open_file(char **words)
{
	const struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = pointer(words[1]),
		.open_flags = (unsigned)flags_of(words[0]), .len = 0644 };

	return (last = in_ring(entry)) < 0 ? -1 : 0;
}

static int ring_unlink(char **words)
{
	return in_ring((struct io_uring_sqe){ .opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = pointer(words[0]) });
}

static int ring_rename(char **words)
{
	return in_ring((struct io_uring_sqe){ .opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .addr = pointer(words[0]),
		.len = (unsigned)AT_FDCWD, .addr2 = pointer(words[1]) });
}

/* IORING_OP_FTRUNCATE, 6.9: the length is its offset. */
static int ring_truncate(char **words)
{
	(void)words;
	return in_ring((struct io_uring_sqe){ .opcode = 55, .fd = last });
}

static int ring_connect(char **words)
{
	struct endpoint to;

	return socket_to(words, &to) < 0 ? -1 : in_ring((struct io_uring_sqe){ .opcode = IORING_OP_CONNECT, .fd = last,
		.addr = pointer(&to.at), .off = to.length });
}

static int ring_accept(char **words, unsigned char flags)
{
	const int listening = visit(words);

	return listening < 0 || (last = in_ring((struct io_uring_sqe){ .opcode = IORING_OP_ACCEPT, .flags = flags, .fd = listening })) < 0 ? -1 : 0;
}

static int ring_accept_from(char **words) { return ring_accept(words, 0); }
static int ring_accept_by_worker(char **words) { return ring_accept(words, IOSQE_ASYNC); }

/* Opens a file as root by a ring that knows root, when the process is root no more. */
static int ring_as_root(char **words)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = pointer(words[1]) };
	struct ring ring;
	long root;

	if (ring_open(&ring) || (root = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0)) < 0)
		return -1;
	entry.personality = (unsigned short)root;
	return be_user(words) ? -1 : ring_do(&ring, &entry) < 0 ? -1 : 0;
}

/* ---- Other processes ---- */

static int have_child(char **words)
{
	int ends[2];
	char byte;

	if (pipe(ends) || (child = fork()) < 0)
		return -1;
	if (!child) {
		if (be_user(words))
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a change of users takes it back */
		close(STDOUT_FILENO);		/* who waits for its end does not wait for the child's */
		close(ends[0]);
		close(ends[1]);
		for (;;)
			pause();
	}
	close(ends[1]);
	return (int)read(ends[0], &byte, 1);	/* 0: the child is what it is to be */
}

static int attach(char **words) { (void)words; return ptrace(PTRACE_ATTACH, child, NULL, NULL) ? -1 : waitpid(child, NULL, 0) < 0; }
static int seize(char **words) { (void)words; return ptrace(PTRACE_SEIZE, child, NULL, NULL) ? -1 : 0; }
static int be_traced(char **words) { (void)words; return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -1 : 0; }
static int peek(char **words) { (void)words; return errno = 0, ptrace(PTRACE_PEEKDATA, child, &child, NULL), errno ? -1 : 0; }

static int open_of_child(char **words)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", child, words[1]);
	last = open(path, flags_of(words[0]));
	if (last >= 0 && !strcmp(words[1], "mem"))
		lseek(last, (off_t)(unsigned long)&child, SEEK_SET);	/* something that is there */
	return last < 0 ? -1 : 0;
}

static int read_child(char **words)
{
	int value;
	struct iovec here = { &value, sizeof(value) }, there = { &child, sizeof(child) };

	(void)words;
	return process_vm_readv(child, &here, 1, &there, 1, 0) < 0 ? -1 : 0;
}

static int write_child(char **words)
{
	int value = 0;
	struct iovec here = { &value, sizeof(value) }, there = { &child, sizeof(child) };

	(void)words;
	return process_vm_writev(child, &here, 1, &there, 1, 0) < 0 ? -1 : 0;
}

static int take_file(char **words)
{
	const long fd = syscall(SYS_pidfd_open, child, 0);

	(void)words;
	return fd < 0 || syscall(SYS_pidfd_getfd, fd, 0, 0) < 0 ? -1 : 0;
}

/* ---- What only those do who may do much ---- */

static int set_name(char **words) { (void)words; return sethostname("tetra-vm", 8); }

/* Whether a capability is effective; permitted it stays. */
static int set_capability(int capability, bool effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];
	__u32 *word = &sets[capability / 32].effective;

	if (syscall(SYS_capget, &head, sets))
		return -1;
	*word = effective ? *word | 1u << capability % 32 : *word & ~(1u << capability % 32);
	return (int)syscall(SYS_capset, &head, sets);
}

static int lower_capability(char **words) { return set_capability(atoi(words[0]), false); }
static int raise_capability(char **words) { return set_capability(atoi(words[0]), true); }

static int enter_namespace(char **words)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", words[0]);
	return setns(open(path, O_RDONLY), 0);
}

static int make_ipc(char **words) { (void)words; return unshare(CLONE_NEWIPC); }
static int unload_module(char **words) { return (int)syscall(SYS_delete_module, words[0], 0); }

static int load_module(char **words)
{
	static char bytes[PAGE];

	(void)words;
	return (int)syscall(SYS_init_module, bytes, sizeof(bytes), "");
}

static int load_module_file(char **words) { (void)words; return (int)syscall(SYS_finit_module, last, "", 0); }

static int bpf(int command, union bpf_attr *attributes) { return last = (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes)), last < 0 ? -1 : 0; }

/* A program for packets that returns 0. */
static int bpf_load(char **words)
{
	static const struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = pointer(code), .insn_cnt = 2, .license = pointer("GPL") };

	(void)words;
	return bpf(BPF_PROG_LOAD, &attributes);
}

static int bpf_map(char **words)
{
	union bpf_attr attributes = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	(void)words;
	return bpf(BPF_MAP_CREATE, &attributes);
}

static int bpf_do(char **words) { union bpf_attr attributes = { .link_create.prog_fd = (unsigned)-1 }; return bpf(atoi(words[0]), &attributes); }

static int bpf_pin(char **words)
{
	union bpf_attr attributes = { .pathname = pointer(words[0]), .bpf_fd = (unsigned)last };

	return (int)syscall(SYS_bpf, BPF_OBJ_PIN, &attributes, sizeof(attributes));
}

static int bpf_get(char **words) { union bpf_attr attributes = { .pathname = pointer(words[0]) }; return bpf(BPF_OBJ_GET, &attributes); }

static int filter_by_last(char **words)
{
	(void)words;
	return setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_BPF, &last, sizeof(last));
}

static struct sock_filter classic[] = { { .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW } };
static struct sock_fprog classic_program = { 1, classic };

static int filter_classic(char **words)
{
	(void)words;
	return setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_FILTER, &classic_program, sizeof(classic_program));
}

static int filter_calls(char **words)
{
	(void)words;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &classic_program) ? -1 : 0;
}

static void say(const char *what, const char *step)
{
	char line[128];
	const int length = snprintf(line, sizeof(line), "%s %s\n", what, step);

	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		exit(2);
}

/* Says so where it should have been killed. */
static int be_alive(char **words) { (void)words; say("EALIVE", "after all"); return 0; }

/* ---- Steps ---- */

static const struct step steps[] = {
	{ "in", 1, go_in }, { "uids", 3, become }, { "user", 1, be_user }, { "fsuid", 1, be_file_user }, { "thread", 0, go_to_thread },
	{ "child", 0, go_to_child }, { "orphan", 0, go_to_orphan }, { "pids", 0, go_to_pids }, { "mounts", 0, have_mounts },
	{ "users", 0, have_users }, { "name", 0, have_name }, { "clone-users", 0, clone_users }, { "wait", 1, wait_for },
	{ "exec", 1, execute }, { "exec-with", 1, execute_with }, { "exec-last", 0, execute_last }, { "memory", 1, make_memory },
	{ "nameless", 2, make_nameless }, { "copy", 2, copy },
	{ "open", 2, open_file }, { "open-in", 2, open_in }, { "reopen", 1, reopen }, { "open-how", 2, open_how }, { "handle", 3, open_handle },
	{ "tree", 1, open_tree_clone }, { "keep", 0, keep }, { "kept", 0, kept }, { "write", 1, write_last }, { "read", 0, read_last },
	{ "ftruncate", 0, truncate_last }, { "fchmod", 1, chmod_last }, { "list", 0, list_last }, { "truncate", 1, truncate_path },
	{ "unlink", 1, unlink_path }, { "unlink-in", 1, unlink_in }, { "rmdir", 1, rmdir_path }, { "mkdir", 1, mkdir_path },
	{ "rename", 2, rename_path }, { "exchange", 2, exchange }, { "link", 2, link_path }, { "symlink", 2, symlink_path },
	{ "chmod", 2, chmod_path }, { "chown", 2, chown_path }, { "times", 1, set_times }, { "attribute", 1, set_attribute },
	{ "punch", 0, punch }, { "setcap", 1, give_capability }, { "bind", 2, bind_path }, { "unmount", 1, unmount }, { "unmount-now", 1, unmount_now },
	{ "unmount-all", 0, unmount_all }, { "move-mount", 2, move_mount_to }, { "share", 1, share_mount },
	{ "tmpfs", 1, mount_memory }, { "chroot", 1, change_root }, { "chdir", 1, change_folder },
	{ "map", 1, map_last }, { "write-map", 0, write_map }, { "protect", 0, protect_map }, { "read-implies-exec", 0, read_implies_exec },
	{ "copy-to-memory", 0, copy_to_memory },
	{ "connect", 3, connect_to }, { "send", 3, send_to }, { "fastopen", 3, open_fast }, { "send-raw", 3, send_raw },
	{ "packets", 0, open_packets }, { "listen", 1, listen_at }, { "accept", 1, accept_at }, { "accept-from", 3, accept_from }, { "alive", 0, be_alive },
	{ "share-files", 0, go_to_sharer }, { "ring-accept", 3, ring_accept_from }, { "ring-accept-by-worker", 3, ring_accept_by_worker },
	{ "bind-unix", 2, bind_unix }, { "connect-unix", 2, connect_unix }, { "send-unix", 2, send_unix },
	{ "family", 1, load_family },
	{ "ring-open", 2, ring_open_file }, { "ring-unlink", 1, ring_unlink }, { "ring-rename", 2, ring_rename },
	{ "ring-connect", 3, ring_connect }, { "ring-truncate", 0, ring_truncate }, { "ring-as-root", 2, ring_as_root },
	{ "have-child", 1, have_child }, { "attach", 0, attach }, { "seize", 0, seize }, { "be-traced", 0, be_traced }, { "peek", 0, peek },
	{ "open-of-child", 2, open_of_child }, { "read-child", 0, read_child }, { "write-child", 0, write_child }, { "take-file", 0, take_file },
	{ "lower", 1, lower_capability }, { "raise", 1, raise_capability }, { "enter", 1, enter_namespace }, { "make-ipc", 0, make_ipc },
	{ "unload", 1, unload_module }, { "set-name", 0, set_name }, { "load-module", 0, load_module }, { "load-module-file", 0, load_module_file },
	{ "bpf-load", 0, bpf_load }, { "bpf-map", 0, bpf_map }, { "bpf", 1, bpf_do }, { "bpf-pin", 1, bpf_pin }, { "bpf-get", 1, bpf_get },
	{ "filter", 0, filter_by_last }, { "filter-classic", 0, filter_classic }, { "filter-calls", 0, filter_calls },
	{ NULL, 0, NULL },
};

static const struct step *step_find(const char *name)
{
	const struct step *const lists[] = { steps, exec_steps, kind_steps };

	for (size_t n = 0; n < sizeof(lists) / sizeof(*lists); n++)
		for (const struct step *step = lists[n]; step->name; step++)
			if (!strcmp(step->name, name))
				return step;
	fprintf(stderr, "attempts: there is no step '%s'\n", name);
	exit(2);
}

static void do_rest(void)
{
	while (*next) {
		const struct step *step = step_find(*next);
		char **words = ++next;

		for (int n = 0; n < step->words; n++)
			if (!*next++)
				exit(2);
		if (step->run(words) >= 0)
			continue;
		say(strerrorname_np(errno), step->name);
		exit(1);
	}
	exit(0);
}

/* As an interpreter it has the script's path before all else. */
int main(int count, char **words)
{
	if (count > 1 && words[1][0] == '/')
		words++, count--;
	if (count < 3)
		return 0;
	label = words[1];
	next = words + 2;
	do_rest();
}
