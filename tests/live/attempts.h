/* SPDX-License-Identifier: Apache-2.0 */
/* attempts.h - what the files of `attempts` share: steps, in lists that end with one without a name, and what they go on from. */
#ifndef TESTS_LIVE_ATTEMPTS_H
#define TESTS_LIVE_ATTEMPTS_H

#include <netinet/in.h>

/* `words`: how many it takes.  Less than 0 when it could not be done, with errno. */
struct step { const char *name; int words; int (*run)(char **words); };

extern const struct step exec_steps[];	/* attempts_exec.c */
extern const struct step kind_steps[];	/* attempts_kinds.c */
extern const struct step socket_steps[];	/* attempts_sockets.c */
extern const struct step ring_steps[];	/* attempts_ring.c */
extern const struct step right_steps[];	/* attempts_rights.c */

enum { PAGE = 4096 };
extern int last;	/* the file, or the socket, of the step before */

static inline unsigned long long pointer(const void *to) { return (unsigned long)to; }

/* r, w, rw, then t: truncated, a: appended, c: made, p: a path alone. */
int flags_of(const char *letters);

int be_user(char **words);

struct endpoint { union { struct sockaddr any; struct sockaddr_in in; struct sockaddr_in6 in6; } at; socklen_t length; };

/* A socket of the protocol, and where it is to go to. */
int socket_to(char **words, struct endpoint *ret);

/* A socket of its own that listens at the port of all addresses, where one waits that comes from the address, with a byte to read. */
int visit(char **words);

#endif
