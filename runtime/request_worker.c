// SPDX-License-Identifier: Apache-2.0
/* request_worker.c - the process that does requests, each in a process of its own; see requests.h. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/requests.h"

enum { SOCKET = 3, NOBODY = 65534 };

struct running { pid_t pid; struct request_packet packet; };

/* Standard streams lead nowhere, so that whoever reads the reader's output sees its end; the socket is all that is open besides. */
static void close_others(int socket)
{
	const int nowhere = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < SOCKET; fd++)
		if (nowhere != fd)
			dup2(nowhere, fd);
	if (socket != SOCKET)
		dup2(socket, SOCKET);
	fcntl(SOCKET, F_SETFD, FD_CLOEXEC);
	close_range(SOCKET + 1, ~0u, 0);
}

/* As nobody where it may become that, and in any case without capabilities; false when it still has some. */
static bool give_up_rights(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[2] = { { 0 } };

	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		errno = 0;	/* it may not, and needs not */
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !syscall(SYS_capset, &header, none);
}

static void report(const struct running *done, int status)
{
	struct request_packet packet = done->packet;

	packet.outcome = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? REQUEST_NO_ANSWER :
			 WIFEXITED(status) && WEXITSTATUS(status) < REQUEST_OUTCOME_COUNT ? (uint32_t)WEXITSTATUS(status) : REQUEST_BROKEN;
	send(SOCKET, &packet, offsetof(struct request_packet, text) + strlen(packet.text) + 1, MSG_NOSIGNAL);
}

/* Its curl ends with it: they are one group. */
static pid_t begin(const struct request_packet *packet)
{
	const pid_t child = fork();

	if (child)
		return child;
	close(SOCKET);
	alarm(LIMIT_REQUEST_SECONDS);
	_exit((int)request_do((enum action_id)packet->action, packet->text));
}

/* Those that have ended. */
static void reap(struct running *all)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t n = 0; n < LIMIT_REQUESTS_AT_ONCE; n++)
			if (all[n].pid == pid) {
				report(&all[n], status);
				all[n].pid = 0;
			}
}

static struct running *free_place(struct running *all)
{
	for (size_t n = 0; n < LIMIT_REQUESTS_AT_ONCE; n++)
		if (!all[n].pid)
			return &all[n];
	return NULL;
}

static bool some_run(const struct running *all)
{
	for (size_t n = 0; n < LIMIT_REQUESTS_AT_ONCE; n++)
		if (all[n].pid)
			return true;
	return false;
}

static void start(struct running *place, const struct request_packet *packet)
{
	place->packet = *packet;
	place->pid = begin(packet);
	if (place->pid > 0)
		return;
	report(place, REQUEST_BROKEN << 8);
	place->pid = 0;
}

/* The next packet; its end is when the reader has no more.  False when there is none. */
static bool take(struct request_packet *ret)
{
	ssize_t length;

	do
		length = recv(SOCKET, ret, sizeof(*ret), 0);
	while (length < 0 && (errno == EINTR || errno == ECONNRESET));
	if (length <= (ssize_t)offsetof(struct request_packet, text))
		return false;
	((char *)ret)[length - 1] = '\0';
	return true;
}

static int watch_children(void)
{
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	return signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void work(int children)
{
	static struct running all[LIMIT_REQUESTS_AT_ONCE];
	struct signalfd_siginfo info;
	struct request_packet packet;
	bool more = true;

	while (more || some_run(all)) {
		struct pollfd polled[] = { { .fd = children, .events = POLLIN },
					   { .fd = more && free_place(all) ? SOCKET : -1, .events = POLLIN } };

		poll(polled, 2, -1);
		while (polled[0].revents && read(children, &info, sizeof(info)) > 0)
			;
		reap(all);
		if (!polled[1].revents)
			continue;
		more = take(&packet);
		if (more)
			start(free_place(all), &packet);
	}
}

void request_worker(int socket)
{
	int children;

	close_others(socket);
	children = watch_children();
	if (children < 0 || !give_up_rights())
		_exit(1);
	work(children);
	_exit(0);
}
