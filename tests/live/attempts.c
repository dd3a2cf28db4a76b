// SPDX-License-Identifier: Apache-2.0
/*
 * attempts.c - does what a policy may forbid, step after step: attempts LABEL STEP [WORD]... [STEP [WORD]...]...
 *
 * Of the first step that could not be done it prints the error's name and the step ("EPERM unlink"), and exits 1.  The label is for whoever reads the
 * events.  Each step goes on from those before it: there is one file that was opened last, one mapping, one child.  Steps, with the number of
 * their words, are the rows at the end, and those of the files that attempts.h names.  Without steps it does nothing: so it stands for any program that
 * is executed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
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
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "tests/live/attempts.h"

static char *label, **next;		/* words that are left */
int last = -1;
static char *map;			/* of a page */
static pid_t child;			/* that does nothing */
enum { KEPT = 9 };

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

int be_user(char **words)
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

int flags_of(const char *letters)
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

/* ---- Steps ---- */

static void say(const char *what, const char *step)
{
	char line[128];
	const int length = snprintf(line, sizeof(line), "%s %s\n", what, step);

	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		exit(2);
}

/* Says so where it should have been killed. */
static int be_alive(char **words) { (void)words; say("EALIVE", "after all"); return 0; }

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
	{ "alive", 0, be_alive }, { "share-files", 0, go_to_sharer },
	{ "have-child", 1, have_child }, { "attach", 0, attach }, { "seize", 0, seize }, { "be-traced", 0, be_traced }, { "peek", 0, peek },
	{ "open-of-child", 2, open_of_child }, { "read-child", 0, read_child }, { "write-child", 0, write_child }, { "take-file", 0, take_file },
	{ NULL, 0, NULL },
};

static const struct step *step_find(const char *name)
{
	const struct step *const lists[] = { steps, exec_steps, kind_steps, socket_steps, ring_steps, right_steps };

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
