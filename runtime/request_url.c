// SPDX-License-Identifier: Apache-2.0
/* request_url.c - the parts of a URL; see requests.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/requests.h"

static bool skip(const char **at, const char *prefix)
{
	if (strncasecmp(*at, prefix, strlen(prefix)))
		return false;
	*at += strlen(prefix);
	return true;
}

static bool is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* Of "[::1]" what is inside, else up to the port; what follows the host is in *rest. */
static bool read_host(const char *at, const char *end, struct request_url *ret, const char **rest)
{
	const char *close = *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL, *start = at + (close != NULL), *stop = close;

	if (*at == '[' && !close)
		return false;
	if (!stop)
		for (stop = start; stop < end && *stop != ':'; stop++)
			if (!is_host_byte(*stop))
				return false;
	if (stop == start || (size_t)(stop - start) >= sizeof(ret->host))
		return false;
	for (const char *c = start; close && c < stop; c++)
		if (!strchr("0123456789abcdefABCDEF:.", *c))
			return false;
	memcpy(ret->host, start, (size_t)(stop - start));
	ret->host[stop - start] = '\0';
	*rest = stop + (close != NULL);
	return true;
}

static bool read_port(const char *at, const char *end, struct request_url *ret)
{
	const size_t length = (size_t)(end - at);

	strcpy(ret->port, ret->is_https ? "443" : "80");
	if (at == end)
		return true;
	if (*at != ':' || length > sizeof(ret->port))
		return false;
	if (length == 1)	/* "host:" */
		return true;
	for (const char *c = at + 1; c < end; c++)
		if (*c < '0' || *c > '9')
			return false;
	memcpy(ret->port, at + 1, length - 1);
	ret->port[length - 1] = '\0';
	return atoi(ret->port) > 0 && atoi(ret->port) <= 65535;
}

/* User and password are not for the host's name, and are not sent. */
bool request_url_read(const char *url, struct request_url *ret)
{
	const char *at = url, *end, *user, *rest;

	*ret = (struct request_url){ .is_https = false };
	if (skip(&at, "https://"))
		ret->is_https = true;
	else if (!skip(&at, "http://"))
		return false;
	end = at + strcspn(at, "/?#");
	user = memrchr(at, '@', (size_t)(end - at));
	if (user)
		at = user + 1;
	if (at == end || !read_host(at, end, ret, &rest) || !read_port(rest, end, ret))
		return false;
	ret->authority = at;
	ret->authority_length = (size_t)(end - at);
	ret->path = end;
	ret->path_length = strcspn(end, "#");
	return true;
}
