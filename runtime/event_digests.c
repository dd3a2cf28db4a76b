// SPDX-License-Identifier: Apache-2.0
/* event_digests.c - see event_digests.h. */
#include "runtime/event_digests.h"

#include <errno.h>

#include "compiler/base/buffer.h"

/* The names of <linux/hash_info.h>, as IMA writes them, and how many bytes each has. */
static const struct algorithm { const char *name; uint8_t size; } algorithms[] = {
	{ "md4", 16 }, { "md5", 16 }, { "sha1", 20 }, { "rmd160", 20 }, { "sha256", 32 }, { "sha384", 48 }, { "sha512", 64 },
	{ "sha224", 28 }, { "rmd128", 16 }, { "rmd256", 32 }, { "rmd320", 40 }, { "wp256", 32 }, { "wp384", 48 }, { "wp512", 64 },
	{ "tgr128", 16 }, { "tgr160", 20 }, { "tgr192", 24 }, { "sm3", 32 }, { "streebog256", 32 }, { "streebog512", 64 },
	{ "sha3-256", 32 }, { "sha3-384", 48 }, { "sha3-512", 64 },
};

/* Of a slot that could not be read: its value is an enum abi_digest_state and an error. */
static const char *reason_of(const struct event_slot *slot)
{
	if (slot->state == ABI_SLOT_NO_SPACE)
		return "no_space";
	switch (ABI_DIGEST_STATE(slot->value)) {
	case ABI_DIGEST_ASKED:
		return "passed_over";
	case ABI_DIGEST_REFUSED:
		return ABI_DIGEST_RESULT(slot->value) == -ENOENT ? "no_file" :
		       ABI_DIGEST_RESULT(slot->value) == -EFBIG ? "too_large" : "unavailable";
	default:
		return "lost";
	}
}

static void key_digest(struct json *json, const struct algorithm *algorithm, const uint8_t *bytes)
{
	struct buffer text = { 0 };

	buffer_format(&text, "%s:", algorithm->name);
	for (size_t n = 0; n < algorithm->size; n++)
		buffer_format(&text, "%02x", bytes[n]);
	json_key(json, "ima_hash");
	json_bytes(json, text.bytes, text.length);
	buffer_release(&text);
}

static const char *digest_of(struct json *json, const struct event_slot *slot)
{
	const uint32_t number = (uint32_t)ABI_DIGEST_RESULT(slot->value);

	if (slot->state != ABI_SLOT_READ)
		return reason_of(slot);
	if (number >= sizeof(algorithms) / sizeof(*algorithms) || slot->length < algorithms[number].size)
		return "unknown_algorithm";
	key_digest(json, &algorithms[number], slot->bytes);
	return NULL;
}

const char *event_digest(struct json *json, const struct event *event, const struct image_hook *hook)
{
	for (unsigned n = 0; n < hook->abi->slot_count; n++) {
		const struct event_slot slot = event_slot(event, n);

		if (hook->abi->slots[n].load == ABI_LOAD_DIGEST && event->hook->report_slots >> n & 1)
			return digest_of(json, &slot);
	}
	return NULL;
}
