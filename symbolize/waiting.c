// SPDX-License-Identifier: Apache-2.0
/* waiting.c - see waiting.h. */
#include "symbolize/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/schema.h"
#include "symbolize/path_walk.h"

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

/* ---- What never waits ---- */

bool waiting_look(int file, struct statx *ret)
{
	return !statx(file, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, ret);
}

bool waiting_is_local(const struct statx *file)
{
	return file->stx_dev_major;
}

/* By its name in /proc: no path is followed any more. */
int waiting_open(int found)
{
	char name[64];
	int opened;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", found);
	opened = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}

static int find_at(int root, const char *path, uint64_t resolve)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = resolve | (root == AT_FDCWD ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS),
	};
	int found = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (found >= 0 || resolve)
		return found < 0 ? -errno : found;
	if (errno == ENOSYS || errno == EPERM || errno == EAGAIN)
		found = root == AT_FDCWD ? open(path, O_PATH | O_CLOEXEC) : path_walk_below(root, path);
	return found < 0 ? -errno : found;
}

/* ---- The helper ---- */

enum request_kind { FIND, READ };
struct request { int kind; bool has_root; uint64_t id, offset; size_t size; char path[PATH_MAX]; };

enum { SHARED_BYTES = 256 << 10, HELPER_FILES = 32 };

static _Thread_local struct helper {
	pid_t owner, pid;		/* owner: who forked it; another process forks its own */
	int socket;
	uint8_t *shared;		/* what was read */
	uint64_t last;			/* id of the file that it read last: it has that open */
} helper = { .socket = -1 };

static _Thread_local int patience_ms = LIMIT_WAIT_MS;
static _Thread_local pid_t left_behind[LIMIT_WAITING_HELPERS];

/* With a descriptor, unless it is negative. */
static bool send_to(int socket, const void *bytes, size_t size, int descriptor)
{
	union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control = { .bytes = { 0 } };
	struct iovec part = { (void *)(uintptr_t)bytes, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(descriptor));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)size;
}

/* The bytes of one message, at most `size`; *descriptor is what came with it, or -1. */
static ssize_t receive(int socket, void *bytes, size_t size, int *descriptor)
{
	union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
	struct iovec part = { bytes, size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	const struct cmsghdr *header;
	ssize_t got;

	*descriptor = -1;
	do {
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(descriptor, CMSG_DATA(header), sizeof(*descriptor));
	return got;
}

/* ---- In the helper: nothing but system calls, because threads of ours may have held locks when it was forked ---- */

/* Files that it has open; those that were opened first make room. */
static struct { uint64_t id; int file; } opened[HELPER_FILES];

/* -ESTALE: it has to be given once more. */
static int opened_file(uint64_t id, int given)
{
	static unsigned turn;
	int file;

	for (size_t n = 0; n < HELPER_FILES; n++)
		if (opened[n].id == id)
			return opened[n].file;
	if (given < 0)
		return -ESTALE;
	file = waiting_open(given);
	if (file < 0)
		return file;
	turn = (turn + 1) % HELPER_FILES;
	if (opened[turn].id)
		close(opened[turn].file);
	opened[turn].id = id;
	opened[turn].file = file;
	return file;
}

static ssize_t do_read(const struct request *request, int given, uint8_t *shared)
{
	const int file = opened_file(request->id, given);
	const ssize_t got = file < 0 ? file : pread(file, shared, request->size < SHARED_BYTES ? request->size : SHARED_BYTES,
						    (off_t)request->offset);

	return file < 0 || got >= 0 ? got : -errno;
}

/* The answer is the result, with a descriptor where one was found. */
static void serve(int socket, uint8_t *shared)
{
	static struct request request;
	int given;

	while (receive(socket, &request, sizeof(request), &given) == sizeof(request)) {
		const int found = request.kind == FIND ? find_at(request.has_root ? given : AT_FDCWD, request.path, 0) : -1;
		const ssize_t result = request.kind == FIND ? found : do_read(&request, given, shared);

		send_to(socket, &result, sizeof(result), found);
		if (found >= 0)
			close(found);
		if (given >= 0)
			close(given);
	}
}

/* It keeps nothing of ours open: whoever waits for the end of what we write would wait for it. */
__attribute__((noreturn)) static void be_helper(int socket, uint8_t *shared)
{
	const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);	/* of the terminal: whether to end is ours to decide */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (int n = 0; n < 3; n++)
		dup2(nothing, n);
	if (socket > 3)
		syscall(SYS_close_range, 3, socket - 1, 0);
	syscall(SYS_close_range, socket + 1, ~0U, 0);
	serve(socket, shared);
	_exit(0);
}

/* ---- Asking it ---- */

static void forget_helper(void)
{
	if (helper.socket >= 0)
		close(helper.socket);
	if (helper.shared)
		munmap(helper.shared, SHARED_BYTES);
	helper = (struct helper){ .socket = -1 };
}

/* Those that the file system has let go of have ended since. False when too many have not. */
static pid_t *free_place(void)
{
	for (size_t n = 0; n < LIMIT_WAITING_HELPERS; n++) {
		if (left_behind[n] && waitpid(left_behind[n], NULL, WNOHANG | __WALL))
			left_behind[n] = 0;
		if (!left_behind[n])
			return &left_behind[n];
	}
	return NULL;
}

/* No signal tells of its end, and nobody who waits for children sees it. */
static bool start_helper(void)
{
	int ends[2];

	if (!free_place() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	helper = (struct helper){ .owner = getpid(), .socket = ends[0] };
	helper.shared = mmap(NULL, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (helper.shared == MAP_FAILED)
		helper.shared = NULL;
	helper.pid = helper.shared ? (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0) : -1;
	if (!helper.pid)
		be_helper(ends[1], helper.shared);
	close(ends[1]);
	if (helper.pid > 0)
		return true;
	forget_helper();
	return false;
}

/* It may never end: so it is killed, and looked after later. */
static void leave_helper(void)
{
	pid_t *place = free_place();

	kill(helper.pid, SIGKILL);
	if (place)
		*place = helper.pid;
	forget_helper();
}

static bool is_answered(void)
{
	struct pollfd wait = { helper.socket, POLLIN, 0 };
	int found;

	do {
		found = poll(&wait, 1, patience_ms);
	} while (found < 0 && errno == EINTR);
	return found > 0;
}

enum asked { ANSWERED, NO_HELPER, SILENT };

static enum asked ask_once(const struct request *request, int given, ssize_t *result, int *found)
{
	if (helper.socket >= 0 && helper.owner != getpid())
		forget_helper();
	if (helper.socket < 0 && !start_helper())
		return SILENT;
	if (!send_to(helper.socket, request, sizeof(*request), given))
		return NO_HELPER;
	if (!is_answered())
		return SILENT;
	return receive(helper.socket, result, sizeof(*result), found) == sizeof(*result) ? ANSWERED : NO_HELPER;
}

/* What the helper says; *found is the descriptor that came with it, or -1.  One that somebody killed is replaced, once. */
static ssize_t ask(const struct request *request, int given, int *found)
{
	ssize_t result;

	for (int turn = 0; turn < 2; turn++) {
		enum asked asked;

		*found = -1;
		asked = ask_once(request, given, &result, found);
		if (asked == ANSWERED)
			return result;
		if (helper.socket >= 0)
			leave_helper();
		if (asked == SILENT)
			break;
	}
	return -ETIMEDOUT;
}

void waiting_have_patience(int milliseconds)
{
	patience_ms = milliseconds;
}

int waiting_find(int root, const char *path)
{
	struct request request = { .kind = FIND, .has_root = root != AT_FDCWD };
	int found = find_at(root, path, RESOLVE_CACHED);
	ssize_t result;

	if (found >= 0 || found == -ENOENT)	/* what is not in memory at all is -EAGAIN */
		return found;
	if (strlen(path) >= sizeof(request.path))
		return -ENAMETOOLONG;
	strcpy(request.path, path);
	result = ask(&request, root == AT_FDCWD ? -1 : root, &found);
	return result < 0 ? (int)result : found < 0 ? -EIO : found;
}

ssize_t waiting_read(int file, uint64_t id, void *bytes, size_t size, uint64_t offset)
{
	const struct request request = { .kind = READ, .id = id, .offset = offset, .size = size };
	ssize_t got = -ESTALE;
	int none;

	if (helper.socket >= 0 && helper.last == id)
		got = ask(&request, -1, &none);	/* another helper than then does not know it */
	if (got == -ESTALE)
		got = ask(&request, file, &none);
	if (got > 0 && ((size_t)got > size || got > SHARED_BYTES))
		return -EIO;
	if (got > 0)
		memcpy(bytes, helper.shared, (size_t)got);
	helper.last = got >= 0 ? id : 0;
	return got;
}
