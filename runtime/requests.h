/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requests.h - GetUrl and DnsLookup: what the reader of an event asks of the network.
 *
 * A process of its own does them, so that the reader never waits: it has no capabilities, nothing of the reader's is open in it, and
 * each request is one more process, which ends after LIMIT_REQUEST_SECONDS.  At most LIMIT_REQUESTS_WAITING are not done; what comes then is
 * dropped, and counted.  That the request was made is all that matters: any answer will do.
 */
#ifndef RUNTIME_REQUESTS_H
#define RUNTIME_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/schema.h"

/* id, name in events, what happened; see docs/reading.md.  Wire numbers of the worker's exit statuses. */
#define REQUEST_OUTCOMES(ROW) \
	ROW(DONE, "done", "an answer came") \
	ROW(NOT_ALLOWED, "not_allowed", "the host is none of --allow-requests") \
	ROW(BAD_ADDRESS, "bad_address", "it is no http or https URL, or no name, or too long") \
	ROW(NO_NAME, "no_name", "the host's name has no address") \
	ROW(NO_CONNECTION, "no_connection", "the host does not take the connection") \
	ROW(NO_ANSWER, "no_answer", "no answer came in time") \
	ROW(NO_CURL, "no_curl", "https needs /usr/bin/curl, and there is none") \
	ROW(CURL_FAILED, "curl_failed", "curl says that it failed") \
	ROW(BROKEN, "broken", "the process that does requests could not do it")

enum request_outcome {
#define ROW(id, name, says) REQUEST_##id,
	REQUEST_OUTCOMES(ROW)
#undef ROW
	REQUEST_OUTCOME_COUNT
};
struct request_outcome_row { const char *name, *says; };
extern const struct request_outcome_row request_outcome_rows[REQUEST_OUTCOME_COUNT];

struct request_failure {
	enum action_id action;
	enum request_outcome outcome;
	char text[LIMIT_REQUEST_BYTES + 1];	/* the URL or name, cut */
};

/* What became of requests and was not told yet. */
struct requests_told {
	uint64_t failed, dropped, unfinished;	/* unfinished: the reader ended before */
	struct request_failure last;		/* of those that failed */
};

struct requests;

/* Shell patterns of the hosts and names that may be asked, in any case of letters; borrowed.  NULL with errno when there can be no process. */
struct requests *requests_start(const char *const *hosts, size_t count);
/* Never waits. */
void requests_ask(struct requests *requests, enum action_id action, const char *text);
/* What became of those that are done by now.  False, with *ret untouched, when there is nothing to tell. */
bool requests_tell(struct requests *requests, struct requests_told *ret);
/*
 * No more will come: those that wait are still done, without the reader, which only waits a moment for them.  To be followed by
 * requests_tell() and requests_free().
 */
void requests_end(struct requests *requests);
void requests_free(struct requests *requests);

/* ---- For the worker and for tests ---- */

/* Parts of a URL, borrowed; false when it is none that can be asked. */
struct request_url {
	bool is_https;
	char host[256];			/* without the brackets of an IPv6 address */
	char port[6];			/* "80" */
	const char *authority;		/* host and port, as written */
	size_t authority_length;
	const char *path;		/* from '/' or '?' on, up to '#'; "" when there is none */
	size_t path_length;
};
bool request_url_read(const char *url, struct request_url *ret);

/* What is asked between the two processes: one packet each. */
struct request_packet { uint32_t action, outcome; char text[LIMIT_REQUEST_BYTES + 1]; };

/* Does one request, in a process of its own. */
enum request_outcome request_do(enum action_id action, const char *text);
/* Does all that come through the socket, until it is closed, and says what became of each.  Does not return. */
void request_worker(int socket) __attribute__((noreturn));

#endif
