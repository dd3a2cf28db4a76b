// SPDX-License-Identifier: Apache-2.0
/*
 * workload.c - does one watched thing and says what came of it: workload WHAT [ARGUMENT]...
 *
 *   open FILE      "opened" or the error          write FD TEXT      bytes written
 *   connect PORT   to 127.0.0.1                   connect6 PORT      to ::1
 *   mkdir DIR      "made" or the error            rmdir DIR          "gone" or the error
 *   wait FIFO WHAT...  reads FIFO to its end, then does WHAT
 *   stay FIFO WHAT...  does WHAT, then reads FIFO to its end
 *   run PROGRAM [ARGUMENT]...  as a child; its status
 *   uts WHAT...    in a UTS namespace of its own  drop WHAT...       without effective capabilities
 *   read FILE  100 bytes of it                     readv FILE         the same, to two places, of which the first has 5
 *   writev FD TEXT TEXT  bytes written
 *   long FD N M    N bytes, an alphabet after the other, of which M can be read
 *   longs FD T N M  of T threads at once: N times M bytes with pwrite64(), each thread a letter of its own
 *   attribute FILE N  an attribute of N bytes like those, and a page of them as options of a mount that there is not; it need not be taken
 *   handover PORT  connects a socket to 127.0.0.1, sends with it, shuts it down and sends again in a child, then resets it
 *   listener       makes a socket that a child listens with
 *   parents N      asks so often for its parent's number
 *   sockets N      makes so many, and sends with each, which are not connected
 *   perf                                          opens an event that counts page faults
 *   close32        closes no file, as a system call of 32-bit programs
 *   signalled N M  makes the system calls N and M, prints which of them brought a signal (10) before they returned: "N M", "N", ""
 * Exits 0 when it could be done, 1 when not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static int say(int result, const char *done)
{
	int failed = result < 0 ? errno : 0;

	fprintf(stderr, "%s\n", failed ? strerror(failed) : done);
	return failed != 0;
}

static int do_open(char **arguments)
{
	return say(open(arguments[0], O_RDONLY), "opened");
}

static int do_write(char **arguments)
{
	return write(atoi(arguments[0]), arguments[1], strlen(arguments[1])) < 0;
}

/* The alphabet again and again, and behind the last byte a page that nobody can read. */
static char *long_bytes(size_t length)
{
	const size_t room = (length + 4095) / 4096 * 4096;
	char *bytes = mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (bytes == MAP_FAILED || mprotect(bytes + room, 4096, PROT_NONE))
		exit(1);
	bytes += room - length;
	for (size_t n = 0; n < length; n++)
		bytes[n] = (char)('a' + n % 26);
	return bytes;
}

static int do_long(char **arguments)
{
	return write(atoi(arguments[0]), long_bytes((size_t)atol(arguments[2])), (size_t)atol(arguments[1])) < 0;
}

struct letters { int fd, letter; long times, length; };

static void *write_letters(void *context)
{
	const struct letters *letters = context;
	char *bytes = malloc((size_t)letters->length);

	memset(bytes, letters->letter, (size_t)letters->length);
	for (long n = 0; n < letters->times; n++)
		if (pwrite(letters->fd, bytes, (size_t)letters->length, 0) < 0)
			exit(1);
	free(bytes);
	return NULL;
}

static int do_longs(char **arguments)
{
	enum { THREADS = 16 };
	const int count = atoi(arguments[1]);
	struct letters letters[THREADS];
	pthread_t threads[THREADS];

	for (int n = 0; n < count && n < THREADS; n++) {
		letters[n] = (struct letters){ atoi(arguments[0]), 'a' + n, atol(arguments[2]), atol(arguments[3]) };
		if (pthread_create(&threads[n], NULL, write_letters, &letters[n]))
			return 1;
	}
	for (int n = 0; n < count && n < THREADS; n++)
		pthread_join(threads[n], NULL);
	return 0;
}

static int do_attribute(char **arguments)
{
	const size_t length = (size_t)atol(arguments[1]);


	setxattr(arguments[0], "trusted.long", long_bytes(length), length, 0);
	return !mount("/nothing", arguments[0], NULL, MS_BIND, long_bytes(4096)) || errno != ENOENT;
}

static int do_connect(char **arguments)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[0])),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), result = connect(fd, (struct sockaddr *)&to, sizeof(to));

	return errno == ECONNREFUSED ? 0 : say(result, "connected");
}

static int in_child(int (*thing)(int), int fd)
{
	int status = 0;
	pid_t child = fork();

	if (!child)
		_exit(thing(fd));
	return child < 0 || waitpid(child, &status, 0) != child ? 1 : WEXITSTATUS(status);
}

static int send_and_end(int fd)
{
	send(fd, "1", 1, MSG_NOSIGNAL);
	shutdown(fd, SHUT_RDWR);
	send(fd, "12", 2, MSG_NOSIGNAL);
	return 0;
}

static int do_handover(char **arguments)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[0])),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), status;

	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return 1;
	status = in_child(send_and_end, fd);
	close(fd);
	return status;
}

static int listen_with(int fd)
{
	return listen(fd, 1) != 0;
}

static int do_listener(char **arguments)
{
	(void)arguments;
	return in_child(listen_with, socket(AF_INET, SOCK_STREAM, 0));
}

static int do_parents(char **arguments)
{
	for (int n = atoi(arguments[0]); n > 0; n--)
		syscall(SYS_getppid);
	return 0;
}

static int do_sockets(char **arguments)
{
	for (int n = atoi(arguments[0]); n > 0; n--)
		send(socket(AF_INET, SOCK_STREAM, 0), "123", 3, MSG_NOSIGNAL);
	return 0;
}

static int do_connect6(char **arguments)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(arguments[0])),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), result = connect(fd, (struct sockaddr *)&to, sizeof(to));

	return errno == ECONNREFUSED ? 0 : say(result, "connected");
}

static int do_mkdir(char **arguments)
{
	return say(mkdir(arguments[0], 0755), "made");
}

static int do_rmdir(char **arguments)
{
	return say(rmdir(arguments[0]), "gone");
}

static int do_run(char **arguments)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		execv(arguments[0], arguments);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return say(-1, "");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int do_read(char **arguments)
{
	char bytes[100];

	return say((int)read(open(arguments[0], O_RDONLY), bytes, sizeof(bytes)), "read");
}

static int do_readv(char **arguments)
{
	char bytes[100];
	struct iovec places[] = { { bytes, 5 }, { bytes + 50, 50 } };

	return say((int)readv(open(arguments[0], O_RDONLY), places, 2), "read");
}

static int do_writev(char **arguments)
{
	struct iovec places[] = { { arguments[1], strlen(arguments[1]) }, { arguments[2], strlen(arguments[2]) } };

	return writev(atoi(arguments[0]), places, 2) < 0;
}

static int do_perf(char **arguments)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_PAGE_FAULTS };

	(void)arguments;
	return say((int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0), "opened");
}

static int do_close32(char **arguments)
{
	long result = -ENOSYS;

	(void)arguments;
#if defined(__x86_64__)
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(6), "b"(-1) : "memory", "r8", "r9", "r10", "r11");
#endif
	errno = (int)-result;
	return result == -EBADF ? 0 : say(-1, "");
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	signals += number != 0;
}

static int do_signalled(char **arguments)
{
	const char *space = "";

	signal(SIGUSR1, count_signal);
	for (int i = 0; i < 2; i++) {
		signals = 0;
		syscall(atoi(arguments[i]));
		if (signals)
			printf("%s%s", space, arguments[i]);
		space = signals ? " " : space;
	}
	printf("\n");
	return 0;
}

static int do_wait(char **arguments);
static int do_stay(char **arguments);
static int do_uts(char **arguments);
static int do_drop(char **arguments);

static const struct {
	const char *name;
	int count;
	int (*run)(char **arguments);
} things[] = {
	{ "open", 1, do_open }, { "write", 2, do_write }, { "connect", 1, do_connect }, { "connect6", 1, do_connect6 },
	{ "mkdir", 1, do_mkdir }, { "rmdir", 1, do_rmdir }, { "wait", 2, do_wait }, { "run", 1, do_run },
	{ "stay", 2, do_stay },
	{ "uts", 1, do_uts }, { "drop", 1, do_drop }, { "close32", 0, do_close32 }, { "perf", 0, do_perf }, { "read", 1, do_read },
	{ "handover", 1, do_handover }, { "listener", 0, do_listener }, { "sockets", 1, do_sockets },
	{ "parents", 1, do_parents },
	{ "readv", 1, do_readv }, { "writev", 3, do_writev },
	{ "signalled", 2, do_signalled }, { "long", 3, do_long }, { "longs", 4, do_longs }, { "attribute", 2, do_attribute },
};

static int run(int count, char **arguments)
{
	for (size_t i = 0; count && i < sizeof(things) / sizeof(things[0]); i++)
		if (!strcmp(arguments[0], things[i].name) && count > things[i].count)
			return things[i].run(arguments + 1);
	fprintf(stderr, "workload: does not know '%s'\n", count ? arguments[0] : "");
	return 2;
}

static int run_rest(char **arguments)
{
	int count = 0;

	while (arguments[count])
		count++;
	return run(count, arguments);
}

static void read_to_end(const char *path)
{
	int fd = open(path, O_RDONLY);
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

static int do_wait(char **arguments)
{
	read_to_end(arguments[0]);
	return run_rest(arguments + 1);
}

static int do_stay(char **arguments)
{
	int status = run_rest(arguments + 1);

	read_to_end(arguments[0]);
	return status;
}

static int do_uts(char **arguments)
{
	return unshare(CLONE_NEWUTS) ? say(-1, "") : run_rest(arguments);
}

static int do_drop(char **arguments)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	if (syscall(SYS_capget, &header, sets))
		return say(-1, "");
	sets[0].effective = sets[1].effective = 0;
	return syscall(SYS_capset, &header, sets) ? say(-1, "") : run_rest(arguments);
}

int main(int argc, char **argv)
{
	return run(argc - 1, argv + 1);
}
