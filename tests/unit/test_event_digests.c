// SPDX-License-Identifier: Apache-2.0
/* test_event_digests.c - digests as events tell them, and what is said where there is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/buffer.h"
#include "runtime/event_digests.h"

#define VALUE(state, result)	((uint64_t)(state) << 32 | (uint32_t)(result))
#define AB4	"abababab"
#define AB20	AB4 AB4 AB4 AB4 AB4
#define AB32	AB20 AB4 AB4 AB4

/* A record with one slot, and room for the bytes of a digest. */
struct record {
	struct abi_event event;
	uint8_t bytes[ABI_DIGEST_BYTES];
};

static const char *tell(const struct abi_event_slot *slot, uint32_t reported, uint8_t load, struct buffer *ret)
{
	struct abi_hook abi = { .slot_count = 1, .slots = { { .load = load } } };
	const struct image_hook hook = { .abi = &abi };
	struct record record = { .event = { .slot_count = 1, .report_slots = reported, .slots = { *slot } } };
	struct json json = { .out = ret, .first = true };
	const struct event event = { .hook = &record.event, .bytes = (const uint8_t *)&record, .size = sizeof(record) };
	const char *unknown;

	memset(record.bytes, 0xab, sizeof(record.bytes));
	json_begin_object(&json);
	unknown = event_digest(&json, &event, &hook);
	json_end_object(&json);
	buffer_add_char(ret, 0);
	return unknown;
}

static void test_digests(void **state)
{
	enum { OFFSET = offsetof(struct record, bytes) };
	static const struct {
		const char *shows;
		struct abi_event_slot slot;
		uint32_t reported;
		uint8_t load;
		const char *json, *unknown;
	} rows[] = {
		{ "sha256", { VALUE(ABI_DIGEST_KNOWN, 4), OFFSET, 64, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_DIGEST,
		  "{\"ima_hash\":\"sha256:" AB32 "\"}", NULL },
		{ "sha1", { VALUE(ABI_DIGEST_KNOWN, 2), OFFSET, 64, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_DIGEST,
		  "{\"ima_hash\":\"sha1:" AB20 "\"}", NULL },
		{ "the last one", { VALUE(ABI_DIGEST_KNOWN, 22), OFFSET, 64, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_DIGEST,
		  "{\"ima_hash\":\"sha3-512:" AB32 AB32 "\"}", NULL },
		{ "one that is newer than this", { VALUE(ABI_DIGEST_KNOWN, 23), OFFSET, 64, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_DIGEST,
		  "{}", "unknown_algorithm" },
		{ "fewer bytes than it has", { VALUE(ABI_DIGEST_KNOWN, 4), OFFSET, 31, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_DIGEST,
		  "{}", "unknown_algorithm" },
		{ "bytes that lie outside", { VALUE(ABI_DIGEST_KNOWN, 4), 1 << 20, 64, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_DIGEST,
		  "{}", "unknown_algorithm" },
		{ "IMA has none", { VALUE(ABI_DIGEST_REFUSED, -EOPNOTSUPP), 0, 0, ABI_SLOT_FAULT, 0 }, 1, ABI_LOAD_DIGEST,
		  "{}", "unavailable" },
		{ "memory without a file", { VALUE(ABI_DIGEST_REFUSED, -ENOENT), 0, 0, ABI_SLOT_FAULT, 0 }, 1, ABI_LOAD_DIGEST,
		  "{}", "no_file" },
		{ "more to read than there may be", { VALUE(ABI_DIGEST_REFUSED, -EFBIG), 0, 0, ABI_SLOT_FAULT, 0 }, 1, ABI_LOAD_DIGEST,
		  "{}", "too_large" },
		{ "nobody has answered", { VALUE(ABI_DIGEST_ASKED, 0), 0, 0, ABI_SLOT_FAULT, 0 }, 1, ABI_LOAD_DIGEST, "{}", "passed_over" },
		{ "nobody has asked", { VALUE(ABI_DIGEST_LOST, 0), 0, 0, ABI_SLOT_FAULT, 0 }, 1, ABI_LOAD_DIGEST, "{}", "lost" },
		{ "no room", { 0, 0, 0, ABI_SLOT_NO_SPACE, 0 }, 1, ABI_LOAD_DIGEST, "{}", "no_space" },
		{ "another selector's", { 0, 0, 0, ABI_SLOT_UNREAD, 0 }, 0, ABI_LOAD_DIGEST, "{}", NULL },
		{ "no digest at all", { 4, OFFSET, 64, ABI_SLOT_READ, 0 }, 1, ABI_LOAD_STRING, "{}", NULL },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct buffer text = { 0 };
		const char *unknown = tell(&rows[n].slot, rows[n].reported, rows[n].load, &text);

		if (strcmp((const char *)text.bytes, rows[n].json) || !unknown != !rows[n].unknown ||
		    (unknown && strcmp(unknown, rows[n].unknown)))
			fail_msg("%s: %s, %s", rows[n].shows, (const char *)text.bytes, unknown ? unknown : "nothing to say");
		buffer_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_digests) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
