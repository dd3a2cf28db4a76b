// SPDX-License-Identifier: Apache-2.0
/* requests.c - the reader's side of requests; see requests.h. */
#include "runtime/requests.h"

#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { END_MS = 1000 };		/* how long the reader waits at its end */

const struct request_outcome_row request_outcome_rows[REQUEST_OUTCOME_COUNT] = {
#define ROW(id, name, says) [REQUEST_##id] = { name, says },
	REQUEST_OUTCOMES(ROW)
#undef ROW
};

struct requests {
	const char *const *hosts;
	size_t host_count;
	int socket;
	unsigned waiting;		/* asked, and not heard of */
	struct requests_told told;
};

/* Forked twice: nobody waits for the worker, which outlives the reader by what it still has to do. */
static void fork_worker(int pair[2])
{
	if (fork())
		_exit(0);
	setsid();
	close(pair[0]);
	request_worker(pair[1]);
}

struct requests *requests_start(const char *const *hosts, size_t count)
{
	struct requests *requests = calloc(1, sizeof(*requests));
	int pair[2];
	pid_t child;

	if (!requests)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		free(requests);
		return NULL;
	}
	child = fork();
	if (!child)
		fork_worker(pair);
	close(pair[1]);
	*requests = (struct requests){ .hosts = hosts, .host_count = count, .socket = pair[0] };
	if (child > 0) {
		waitpid(child, NULL, 0);
		return requests;
	}
	requests_free(requests);
	return NULL;
}

static void note_failure(struct requests *requests, enum action_id action, enum request_outcome outcome, const char *text)
{
	struct request_failure *last = &requests->told.last;

	requests->told.failed++;
	last->action = action;
	last->outcome = outcome;
	memset(last->text, 0, sizeof(last->text));
	memcpy(last->text, text, strnlen(text, LIMIT_REQUEST_BYTES));
}

static bool is_allowed(const struct requests *requests, const char *host)
{
	for (size_t n = 0; n < requests->host_count; n++)
		if (!fnmatch(requests->hosts[n], host, FNM_CASEFOLD))
			return true;
	return false;
}

static enum request_outcome look_at(const struct requests *requests, enum action_id action, const char *text)
{
	struct request_url url;

	if (strlen(text) > LIMIT_REQUEST_BYTES || (action == ACTION_GET_URL && !request_url_read(text, &url)))
		return REQUEST_BAD_ADDRESS;
	return is_allowed(requests, action == ACTION_GET_URL ? url.host : text) ? REQUEST_DONE : REQUEST_NOT_ALLOWED;
}

static void send_request(struct requests *requests, enum action_id action, const char *text)
{
	struct request_packet packet = { .action = (uint32_t)action };

	memcpy(packet.text, text, strlen(text));
	if (requests->socket < 0 || send(requests->socket, &packet, offsetof(struct request_packet, text) + strlen(text) + 1,
					  MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		requests->told.dropped++;
	else
		requests->waiting++;
}

/* What became of one; false when there is none to hear of now. */
static bool hear(struct requests *requests)
{
	struct request_packet packet;
	ssize_t length;

	if (requests->socket < 0)
		return false;
	length = recv(requests->socket, &packet, sizeof(packet), MSG_DONTWAIT);
	if (length < 0 && errno != ECONNRESET)
		return false;
	if (length <= (ssize_t)offsetof(struct request_packet, text) || packet.outcome >= REQUEST_OUTCOME_COUNT) {
		close(requests->socket);	/* it has ended */
		requests->socket = -1;
		return false;
	}
	((char *)&packet)[length - 1] = '\0';
	requests->waiting -= requests->waiting > 0;
	if (packet.outcome != REQUEST_DONE)
		note_failure(requests, (enum action_id)packet.action, (enum request_outcome)packet.outcome, packet.text);
	return true;
}

static void hear_all(struct requests *requests)
{
	while (hear(requests))
		;
}

void requests_ask(struct requests *requests, enum action_id action, const char *text)
{
	const enum request_outcome outcome = look_at(requests, action, text);

	if (outcome != REQUEST_DONE) {
		note_failure(requests, action, outcome, text);
		return;
	}
	if (requests->waiting >= LIMIT_REQUESTS_WAITING)
		hear_all(requests);
	if (requests->waiting >= LIMIT_REQUESTS_WAITING)
		requests->told.dropped++;
	else
		send_request(requests, action, text);
}

bool requests_tell(struct requests *requests, struct requests_told *ret)
{
	const struct requests_told *told = &requests->told;

	hear_all(requests);
	if (!told->failed && !told->dropped && !told->unfinished)
		return false;
	*ret = *told;
	requests->told = (struct requests_told){ .failed = 0 };
	return true;
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void requests_end(struct requests *requests)
{
	const int64_t deadline = clock_ms() + END_MS;
	int64_t left = END_MS;

	if (requests->socket >= 0)
		shutdown(requests->socket, SHUT_WR);
	while (requests->waiting && requests->socket >= 0 && left > 0) {
		struct pollfd from = { .fd = requests->socket, .events = POLLIN };

		poll(&from, 1, (int)left);
		hear_all(requests);
		left = deadline - clock_ms();
	}
	requests->told.unfinished += requests->waiting;
	requests->waiting = 0;
}

void requests_free(struct requests *requests)
{
	if (requests && requests->socket >= 0)
		close(requests->socket);
	free(requests);
}
