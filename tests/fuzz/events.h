/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - for fuzz targets: events that the input's bytes spell, through every hook of a verified image. */
#ifndef TESTS_FUZZ_EVENTS_H
#define TESTS_FUZZ_EVENTS_H

#include <stdlib.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/image/image.h"

static inline void require(bool holds)
{
	if (!holds)
		abort();
}

struct bytes { const uint8_t *at; size_t left; };

static inline uint8_t take(struct bytes *bytes)
{
	if (!bytes->left)
		return 0;
	bytes->left--;
	return *bytes->at++;
}

static inline int event_load(void *context, struct match_state *state, __u32 slot)
{
	static const char *const words[] = { "", "abc", "/tmp/x", "/usr/bin/x", "12345678", "x.so", "/etc/passwd", "/tmp/x (deleted)",
					     "/etc/passwd-", "/usr/lib/libx.so" };
	static const char long_word[2 * ABI_STRING_MAX] = "/tmp/";
	struct bytes *bytes = context;
	uint8_t kind = take(bytes), value = take(bytes);
	const char *word = words[value % 10];
	uint8_t address[16] = { value, take(bytes) };

	switch (kind % 5) {
	case 0:
		return match_put_value(state, slot, (uint64_t)(int64_t)(int8_t)value);
	case 1:
		return match_put_bytes(state, slot, word, strlen(word), (enum match_cut)(take(bytes) % 3));
	case 2:
		return match_put_address(state, slot, value & 1 ? MATCH_AF_INET : MATCH_AF_INET6, value, address);
	case 3:
		return match_put_bytes(state, slot, long_word, sizeof(long_word) - 16u * value, MATCH_WHOLE);
	default:
		return -1;
	}
}

/* image_verify promises that programs end, and that what they accept has a report. */
static inline void match_everything(const struct image_view *view, struct bytes bytes)
{
	static struct match_native matcher;

	matcher.image = view->bytes;
	matcher.image_size = (__u32)view->size;
	matcher.load = event_load;
	matcher.context = &bytes;
	for (uint32_t id = 0; id < ABI_HOOKS_MAX; id++) {
		uint32_t accepts = match_native_run_id(&matcher, id);

		require(!(matcher.state.errors >> ABI_ERROR_STEPS & 1));
		for (uint32_t n = 0; n < accepts; n++) {
			const struct abi_accept *accept = (const void *)(view->bytes + matcher.state.accepts[n]);
			struct image_report_storage storage;
			struct image_report report;

			require(image_report_of(view, accept->policy, accept->hook_index, &storage, &report));
			image_selector_place(view, accept->policy, accept->hook_index, accept->selector);
		}
	}
}

#endif
