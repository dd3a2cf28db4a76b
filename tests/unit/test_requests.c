// SPDX-License-Identifier: Apache-2.0
/* test_requests.c - what of a URL is asked, and what becomes of requests that are not made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/requests.h"

static void urls(void **state)
{
	static const struct { const char *url, *host, *port, *path; bool is_https; } rows[] = {
		{ "http://a", "a", "80", "", false }, { "HTTPS://A.b-c_d/x", "A.b-c_d", "443", "/x", true },
		{ "http://user:p@ss@host:8080/a?b#c", "host", "8080", "/a?b", false }, { "http://h?q", "h", "80", "?q", false },
		{ "http://[::1]:81/", "::1", "81", "/", false }, { "http://[::1]", "::1", "80", "", false },
		{ "http://h:/", "h", "80", "/", false }, { "http://h:65535", "h", "65535", "", false },
		{ "http://h#x", "h", "80", "", false },
		{ "http://", NULL }, { "http:///x", NULL }, { "ftp://h", NULL }, { "h", NULL }, { "", NULL }, { "http://h:0", NULL },
		{ "http://h:65536", NULL }, { "http://h:123456", NULL }, { "http://h:x", NULL }, { "http://h\r\nX: y/", NULL },
		{ "http://h h/", NULL }, { "http://[::1", NULL }, { "http://[x]/", NULL }, { "http://[]/", NULL }, { "http://[::1]x", NULL },
		{ "http://user@/", NULL },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct request_url url;
		const bool read = request_url_read(rows[n].url, &url);

		if (read != (rows[n].host != NULL))
			fail_msg("'%s' is %s", rows[n].url, read ? "taken" : "refused");
		if (!read)
			continue;
		assert_string_equal(url.host, rows[n].host);
		assert_string_equal(url.port, rows[n].port);
		assert_int_equal(url.path_length, strlen(rows[n].path));
		assert_memory_equal(url.path, rows[n].path, url.path_length);
		assert_int_equal(url.is_https, rows[n].is_https);
		assert_null(memchr(url.authority, '@', url.authority_length));
	}
}

/* Of what nobody may be asked nothing is asked: the hosts are those of a network that is not there. */
static void refusals(void **state)
{
	static const char *const hosts[] = { "*.allowed.invalid" };
	static char long_url[LIMIT_REQUEST_BYTES + 2] = "http://x.allowed.invalid/";
	static const struct { enum action_id action; const char *text; enum request_outcome want; } rows[] = {
		{ ACTION_GET_URL, "http://allowed.invalid/", REQUEST_NOT_ALLOWED }, { ACTION_DNS_LOOKUP, "x", REQUEST_NOT_ALLOWED },
		{ ACTION_GET_URL, "http://x.allowed.invalid@other/", REQUEST_NOT_ALLOWED },
		{ ACTION_GET_URL, "http://other/?x.allowed.invalid", REQUEST_NOT_ALLOWED },
		{ ACTION_GET_URL, "gopher://x.allowed.invalid", REQUEST_BAD_ADDRESS }, { ACTION_GET_URL, long_url, REQUEST_BAD_ADDRESS },
	};
	struct requests *requests = requests_start(hosts, 1);
	struct requests_told told;

	(void)state;
	assert_non_null(requests);
	memset(long_url + strlen(long_url), 'x', LIMIT_REQUEST_BYTES + 1 - strlen(long_url));
	assert_false(requests_tell(requests, &told));
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		requests_ask(requests, rows[n].action, rows[n].text);
		assert_true(requests_tell(requests, &told));
		assert_int_equal(told.failed, 1);
		assert_int_equal(told.last.outcome, rows[n].want);
		assert_int_equal(told.last.action, rows[n].action);
		assert_memory_equal(told.last.text, rows[n].text, strnlen(rows[n].text, LIMIT_REQUEST_BYTES));
	}
	assert_false(requests_tell(requests, &told));
	requests_end(requests);
	assert_false(requests_tell(requests, &told));
	requests_free(requests);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(urls), cmocka_unit_test(refusals) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
