// SPDX-License-Identifier: Apache-2.0
/* attempts_sockets.c - steps that make, connect and listen at sockets, and send by them.  A part of attempts.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/live/attempts.h"

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

int socket_to(char **words, struct endpoint *ret)
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

int visit(char **words)
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

const struct step socket_steps[] = {
	{ "connect", 3, connect_to }, { "send", 3, send_to }, { "fastopen", 3, open_fast }, { "send-raw", 3, send_raw },
	{ "packets", 0, open_packets }, { "listen", 1, listen_at }, { "accept", 1, accept_at }, { "accept-from", 3, accept_from },
	{ "bind-unix", 2, bind_unix }, { "connect-unix", 2, connect_unix }, { "send-unix", 2, send_unix }, { "family", 1, load_family },
	{ NULL, 0, NULL },
};
