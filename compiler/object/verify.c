// SPDX-License-Identifier: Apache-2.0
/*
 * verify.c - whether bytes are a policy object; see object.h.  verify.h has its parts.
 *
 * Each section is walked once.  Ranges must tile the section that they refer to, so that no record is shared or left
 * over.  Texts are shared, and so counted wherever they are used: reading, linking and printing take time and memory
 * in proportion to LIMIT_OBJECT_BYTES and LIMIT_OBJECT_TEXT_BYTES at most.  What is accepted is what simplified
 * policies look like, so that those behind need not ask again.
 */
#include "compiler/object/object.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bpf-templates/abi.h"
#include "compiler/object/checksum.h"
#include "compiler/object/verify.h"

_Static_assert(LIMIT_OBJECT_BYTES < ABI_IMAGE_MAX, "images hold the objects that they were made of");

#define X(name, type) sizeof(type),
const size_t object_section_sizes[OBJECT_SECTION_COUNT] = { OBJECT_SECTIONS(X) };
#undef X
#define X(name, type) #name,
static const char *const section_names[OBJECT_SECTION_COUNT] = { OBJECT_SECTIONS(X) };
#undef X

static int fail(struct object_verify *verify, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct object_verify *verify, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(verify->message, 256, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static int check_header(struct object_verify *verify)
{
	struct object_header *header = &verify->header;

	if (!object_is(verify->bytes, verify->size) || verify->size < sizeof(*header))
		return fail(verify, "not a policy object");
	memcpy(header, verify->bytes, sizeof(*header));
	if (header->version != OBJECT_VERSION) {
		fail(verify, "made for version %u of policy objects, this is version %d", header->version,
		     OBJECT_VERSION);
		return -EPROTO;
	}
	if (verify->size > LIMIT_OBJECT_BYTES)
		return fail(verify, "%zu bytes are more than the %d of the largest object", verify->size,
			    LIMIT_OBJECT_BYTES);
	if (header->size != verify->size)
		return fail(verify, "the header says %u bytes, there are %zu", header->size, verify->size);
	if (header->checksum != object_checksum(verify->bytes, verify->size))
		return fail(verify, "wrong checksum");
	return 0;
}

/* The zeros behind a section, up to 8-byte alignment. */
static bool padding_is_valid(const struct object_verify *verify, uint64_t end)
{
	for (; end % 8; end++)
		if (end >= verify->size || verify->bytes[end])
			return false;
	return true;
}

/* Sections follow each other without gaps, each 8-byte aligned. */
static int check_sections(struct object_verify *verify)
{
	uint64_t end = sizeof(struct object_header);

	for (int n = 0; n < OBJECT_SECTION_COUNT; n++) {
		const struct object_section *section = &verify->header.sections[n];

		if (section->offset != (end + 7) / 8 * 8)
			return fail(verify, "section %s is not where it belongs", section_names[n]);
		end = section->offset + (uint64_t)section->count * object_section_sizes[n];
		if (end > verify->size)
			return fail(verify, "section %s is truncated", section_names[n]);
		if (!padding_is_valid(verify, end))
			return fail(verify, "bytes behind section %s are set", section_names[n]);
	}
	if ((end + 7) / 8 * 8 != verify->size)
		return fail(verify, "bytes are left over");
	if (verify->header.sections[OBJECT_POLICY].count != 1)
		return fail(verify, "holds %u policies", verify->header.sections[OBJECT_POLICY].count);
	return 0;
}

void verify_get(const struct object_verify *verify, enum object_section_id section, uint32_t n, void *ret)
{
	memcpy(ret, verify->bytes + verify->header.sections[section].offset + n * object_section_sizes[section],
	       object_section_sizes[section]);
}

bool verify_take(struct object_verify *verify, enum object_section_id section, struct object_range range)
{
	uint32_t left = verify->header.sections[section].count - verify->next[section];

	if (range.first != verify->next[section] || range.count > left)
		return false;
	verify->next[section] += range.count;
	return true;
}

/* ---- Texts ---- */

const char *verify_text_bytes(const struct object_verify *verify, struct object_text text)
{
	return (const char *)verify->bytes + verify->header.sections[OBJECT_STRINGS].offset + text.offset;
}

bool text_is_valid(struct object_verify *verify, struct object_text text)
{
	const struct object_section *strings = &verify->header.sections[OBJECT_STRINGS];

	if (text.offset >= strings->count || text.length >= strings->count - text.offset ||
	    verify_text_bytes(verify, text)[text.length])
		return false;
	verify->text_bytes += text.length;
	return verify->text_bytes <= LIMIT_OBJECT_TEXT_BYTES;
}

bool text_is_absent_or_valid(struct object_verify *verify, struct object_text text)
{
	return text_is_absent(text) || text_is_valid(verify, text);
}

bool line_is_valid(struct object_verify *verify, struct object_text text)
{
	return text_is_valid(verify, text) && !memchr(verify_text_bytes(verify, text), 0, text.length);
}

bool line_is_absent_or_valid(struct object_verify *verify, struct object_text text)
{
	return text_is_absent(text) || line_is_valid(verify, text);
}

/* Names become keys and names of pins: letters, digits and _ - . */
bool name_is_valid(struct object_verify *verify, struct object_text text, uint32_t most)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	return line_is_valid(verify, text) && text.length && text.length <= most &&
	       strspn(verify_text_bytes(verify, text), plain) == text.length;
}

/* ---- All records ---- */

static bool text_row_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_text row;

	verify_get(verify, section, n, &row);
	return text_is_valid(verify, row);
}

static bool value_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_text row;

	verify_get(verify, section, n, &row);
	return text_is_absent_or_valid(verify, row);
}

static bool line_row_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	struct object_text row;

	verify_get(verify, section, n, &row);
	return line_is_valid(verify, row);
}

static bool number_is_valid(struct object_verify *verify, enum object_section_id section, uint32_t n)
{
	(void)verify;
	(void)section;
	(void)n;
	return true;
}

/* In the order of sections: ranges are taken in the order in which their owners come. */
static record_check *const record_checks[OBJECT_STRINGS] = {
	[OBJECT_POLICY] = policy_is_valid, [OBJECT_LATER] = later_is_valid, [OBJECT_HOOKS] = hook_is_valid,
	[OBJECT_NAMES] = names_is_valid, [OBJECT_NAMED] = line_row_is_valid, [OBJECT_TAGS] = text_row_is_valid,
	[OBJECT_PROGRAMS] = program_is_valid, [OBJECT_SYMBOLS] = line_row_is_valid, [OBJECT_NUMBERS] = number_is_valid,
	[OBJECT_ARGUMENTS] = argument_is_valid, [OBJECT_CHAINS] = chain_is_valid,
	[OBJECT_SELECTORS] = selector_is_valid, [OBJECT_ACTIONS] = action_is_valid, [OBJECT_DETAILS] = details_is_valid,
	[OBJECT_REGISTERS] = line_row_is_valid, [OBJECT_PREDICATES] = predicate_is_valid,
	[OBJECT_CONDITIONS] = condition_is_valid, [OBJECT_WORDS] = word_is_valid, [OBJECT_ASKED] = asked_is_valid,
	[OBJECT_WRITTEN] = written_is_valid, [OBJECT_VALUES] = value_is_valid,
	[OBJECT_INTERVALS] = interval_is_valid, [OBJECT_PATTERNS] = pattern_row_is_valid,
	[OBJECT_NETWORKS] = network_is_valid, [OBJECT_WORKLOADS] = workloads_is_valid,
	[OBJECT_LABEL_SELECTORS] = label_selector_is_valid, [OBJECT_LABELS] = label_is_valid,
	[OBJECT_LABEL_EXPRESSIONS] = label_expression_is_valid, [OBJECT_LABEL_VALUES] = line_row_is_valid,
};

static int bad_record(struct object_verify *verify, int section, uint32_t n)
{
	if (verify->text_bytes > LIMIT_OBJECT_TEXT_BYTES)
		return fail(verify, "its texts are longer than the %d bytes that an object may have",
			    LIMIT_OBJECT_TEXT_BYTES);
	return fail(verify, "record %u of %s is not valid", n, section_names[section]);
}

static int check_records(struct object_verify *verify)
{
	verify->next[OBJECT_POLICY] = 1;
	verify->next[OBJECT_STRINGS] = verify->header.sections[OBJECT_STRINGS].count;
	for (int section = 0; section < OBJECT_STRINGS; section++)
		for (uint32_t n = 0; n < verify->header.sections[section].count; n++)
			if (!record_checks[section](verify, (enum object_section_id)section, n))
				return bad_record(verify, section, n);
	for (int section = 0; section < OBJECT_SECTION_COUNT; section++)
		if (verify->next[section] != verify->header.sections[section].count)
			return fail(verify, "records of %s are left over", section_names[section]);
	return 0;
}

/* What one record does not show: sources are those of the hook, predicates test what their arguments give. */
static int check_hooks(struct object_verify *verify)
{
	for (uint32_t n = 0; n < verify->header.sections[OBJECT_HOOKS].count; n++) {
		struct object_hook hook;

		verify_get(verify, OBJECT_HOOKS, n, &hook);
		if (!verify_arguments_fit(verify, &hook))
			return fail(verify, "the arguments of hook %u are not its own", n);
		if (!verify_selectors_fit(verify, &hook))
			return fail(verify, "a selector of hook %u does not fit it", n);
	}
	return 0;
}

bool object_is(const void *bytes, size_t size)
{
	const uint64_t magic = OBJECT_MAGIC;

	return size >= sizeof(magic) && !memcmp(bytes, &magic, sizeof(magic));
}

int object_verify(const void *bytes, size_t size, char message[256])
{
	struct object_verify verify = { .bytes = bytes, .size = size, .message = message };
	int error = check_header(&verify);

	if (!error)
		error = check_sections(&verify);
	if (!error)
		error = check_records(&verify);
	return error ? error : check_hooks(&verify);
}
