// SPDX-License-Identifier: Apache-2.0
/*
 * request_do.c - one request, in a process of its own that may wait; see requests.h.
 *
 * tetra is one static file: no TLS library is in it, so https is asked by the host's curl.  Names are looked up by res_nquery(), which asks
 * the servers of /etc/resolv.conf, and in /etc/hosts: getaddrinfo() would load the host's modules into a process that was linked without.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/base/buffer.h"
#include "runtime/requests.h"

#define CURL	"/usr/bin/curl"
#define TEXT(number)	#number
#define NUMBER(number)	TEXT(number)

enum { ADDRESSES = 8, DNS_BYTES = 4096, DNS_SECONDS = 3, DNS_TRIES = 2 };

struct addresses {
	struct sockaddr_storage items[ADDRESSES];
	socklen_t lengths[ADDRESSES];
	size_t count;
};

/* ---- Names ---- */

static void add_address(struct addresses *addresses, int family, const void *bytes, uint16_t port)
{
	struct sockaddr_storage *item = &addresses->items[addresses->count];
	struct sockaddr_in *four = (void *)item;
	struct sockaddr_in6 *six = (void *)item;

	if (addresses->count == ADDRESSES)
		return;
	memset(item, 0, sizeof(*item));
	item->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		four->sin_port = htons(port);
		memcpy(&four->sin_addr, bytes, sizeof(four->sin_addr));
	} else {
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, bytes, sizeof(six->sin6_addr));
	}
	addresses->lengths[addresses->count++] = family == AF_INET ? sizeof(*four) : sizeof(*six);
}

static bool add_number(struct addresses *addresses, const char *text, uint16_t port)
{
	struct in6_addr bytes;

	for (int n = 0; n < 2; n++) {
		const int family = n ? AF_INET6 : AF_INET;

		if (inet_pton(family, text, &bytes) != 1)
			continue;
		add_address(addresses, family, &bytes, port);
		return true;
	}
	return false;
}

/* "ADDRESS NAME...": a line of /etc/hosts. */
static void add_hosts_line(struct addresses *addresses, char *line, const char *name, uint16_t port)
{
	char *rest = NULL, *address, *word;

	line[strcspn(line, "#\n")] = '\0';
	address = strtok_r(line, " \t", &rest);
	while (address && (word = strtok_r(NULL, " \t", &rest)))
		if (!strcasecmp(word, name)) {
			add_number(addresses, address, port);
			return;
		}
}

static void add_hosts(struct addresses *addresses, const char *name, uint16_t port)
{
	FILE *file = fopen("/etc/hosts", "re");
	char line[1024];

	while (file && fgets(line, sizeof(line), file))
		add_hosts_line(addresses, line, name, port);
	if (file)
		fclose(file);
	if (!addresses->count && !strcasecmp(name, "localhost"))
		add_number(addresses, "127.0.0.1", port);
}

static void begin_resolver(struct __res_state *resolver)
{
	memset(resolver, 0, sizeof(*resolver));
	res_ninit(resolver);
	resolver->retrans = DNS_SECONDS;
	resolver->retry = DNS_TRIES;
}

static void add_records(struct addresses *addresses, int type, const unsigned char *answer, int length, uint16_t port)
{
	ns_msg message;
	ns_rr record;

	if (ns_initparse(answer, length, &message))
		return;
	for (int n = 0; n < ns_msg_count(message, ns_s_an); n++)
		if (!ns_parserr(&message, ns_s_an, n, &record) && (int)ns_rr_type(record) == type &&
		    ns_rr_rdlen(record) == (type == ns_t_a ? 4 : 16))
			add_address(addresses, type == ns_t_a ? AF_INET : AF_INET6, ns_rr_rdata(record), port);
}

static void add_looked_up(struct addresses *addresses, const char *name, uint16_t port)
{
	static const int types[] = { ns_t_a, ns_t_aaaa };
	unsigned char answer[DNS_BYTES];
	struct __res_state resolver;

	begin_resolver(&resolver);
	for (size_t n = 0; n < sizeof(types) / sizeof(*types); n++) {
		const int length = res_nquery(&resolver, name, ns_c_in, types[n], answer, sizeof(answer));

		if (length > 0 && length <= (int)sizeof(answer))
			add_records(addresses, types[n], answer, length, port);
	}
	res_nclose(&resolver);
}

/* That the name does not exist is an answer. */
static enum request_outcome look_up(const char *name)
{
	unsigned char answer[DNS_BYTES];
	struct __res_state resolver;
	enum request_outcome outcome = REQUEST_NO_ANSWER;

	begin_resolver(&resolver);
	if (res_nquery(&resolver, name, ns_c_in, ns_t_a, answer, sizeof(answer)) >= 0 ||
	    resolver.res_h_errno == HOST_NOT_FOUND || resolver.res_h_errno == NO_DATA)
		outcome = REQUEST_DONE;
	else if (resolver.res_h_errno == NO_RECOVERY || resolver.res_h_errno == NETDB_INTERNAL)
		outcome = REQUEST_BAD_ADDRESS;
	res_nclose(&resolver);
	return outcome;
}

/* ---- HTTP ---- */

static int connect_to(const struct addresses *addresses)
{
	for (size_t n = 0; n < addresses->count; n++) {
		const struct sockaddr *to = (const void *)&addresses->items[n];
		const int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 && !connect(fd, to, addresses->lengths[n]))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/* What may not be in a line of a request is written as %XX. */
static void add_path(struct buffer *out, const struct request_url *url)
{
	if (!url->path_length || *url->path != '/')
		buffer_add_char(out, '/');
	for (size_t n = 0; n < url->path_length; n++) {
		const unsigned char c = (unsigned char)url->path[n];

		if (c > ' ' && c < 0x7f)
			buffer_add_char(out, (char)c);
		else
			buffer_format(out, "%%%02X", c);
	}
}

static enum request_outcome converse(int fd, const struct request_url *url)
{
	struct buffer request = { 0 };
	char answer[16];
	bool sent;

	buffer_add_text(&request, "GET ");
	add_path(&request, url);
	buffer_add_text(&request, " HTTP/1.1\r\nHost: ");
	buffer_add(&request, url->authority, url->authority_length);
	buffer_add_text(&request, "\r\nUser-Agent: tetra\r\nAccept: */*\r\nConnection: close\r\n\r\n");
	sent = send(fd, request.bytes, request.length, MSG_NOSIGNAL) == (ssize_t)request.length;
	buffer_release(&request);
	return sent && recv(fd, answer, sizeof(answer), 0) > 0 ? REQUEST_DONE : REQUEST_NO_ANSWER;
}

static enum request_outcome get_plain(const struct request_url *url)
{
	const uint16_t port = (uint16_t)atoi(url->port);
	struct addresses addresses = { .count = 0 };
	enum request_outcome outcome;
	int fd;

	if (!add_number(&addresses, url->host, port))
		add_hosts(&addresses, url->host, port);
	if (!addresses.count)
		add_looked_up(&addresses, url->host, port);
	if (!addresses.count)
		return REQUEST_NO_NAME;
	fd = connect_to(&addresses);
	if (fd < 0)
		return REQUEST_NO_CONNECTION;
	outcome = converse(fd, url);
	close(fd);
	return outcome;
}

/* No redirection, no configuration, no proxy of the environment: what is allowed is asked, and nothing else. */
static enum request_outcome get_by_curl(const char *url)
{
	char *const arguments[] = { "curl", "--disable", "--silent", "--noproxy", "*", "--max-time", NUMBER(8), "--output", "/dev/null",
				    "--proto", "=https", "--globoff", "--", (char *)url, NULL };
	char *const environment[] = { NULL };
	int status;
	pid_t child;

	if (access(CURL, X_OK))
		return REQUEST_NO_CURL;
	child = fork();
	if (!child) {
		execve(CURL, arguments, environment);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return REQUEST_BROKEN;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? REQUEST_DONE : REQUEST_CURL_FAILED;
}

enum request_outcome request_do(enum action_id action, const char *text)
{
	struct request_url url;

	if (action == ACTION_DNS_LOOKUP)
		return look_up(text);
	if (action != ACTION_GET_URL || !request_url_read(text, &url))
		return REQUEST_BAD_ADDRESS;
	return url.is_https ? get_by_curl(text) : get_plain(&url);
}
