// SPDX-License-Identifier: Apache-2.0
/*
 * verify.c - whether bytes are a policy object; see object.h.
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
#include "compiler/object/format.h"

struct object_verify {
	const uint8_t *bytes;
	size_t size;
	struct object_header header;	/* a copy: the bytes need not be aligned */
	uint32_t next[OBJECT_SECTION_COUNT];	/* first record that no range has taken yet */
	uint64_t text_bytes;		/* of the texts looked at so far */
	bool enforces;			/* the policy says so */
	char *message;
};
_Static_assert(LIMIT_OBJECT_BYTES < ABI_IMAGE_MAX, "images hold the objects that they were made of");

/* Of one selector. */
enum { FILTERS_MAX = LIMIT_ARGUMENT_FILTERS + LIMIT_BINARY_FILTERS + LIMIT_PID_FILTERS };

static const struct section_row { const char *name; size_t size; } section_rows[] = {
#define X(name, type) { #name, sizeof(type) },
	OBJECT_SECTIONS(X)
#undef X
};

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
			return fail(verify, "section %s is not where it belongs", section_rows[n].name);
		end = section->offset + (uint64_t)section->count * section_rows[n].size;
		if (end > verify->size)
			return fail(verify, "section %s is truncated", section_rows[n].name);
		if (!padding_is_valid(verify, end))
			return fail(verify, "bytes behind section %s are set", section_rows[n].name);
	}
	if ((end + 7) / 8 * 8 != verify->size)
		return fail(verify, "bytes are left over");
	if (verify->header.sections[OBJECT_POLICY].count != 1)
		return fail(verify, "holds %u policies", verify->header.sections[OBJECT_POLICY].count);
	return 0;
}

static void get(const struct object_verify *verify, enum object_section_id section, uint32_t n, void *ret)
{
	memcpy(ret, verify->bytes + verify->header.sections[section].offset + n * section_rows[section].size,
	       section_rows[section].size);
}

static bool take(struct object_verify *verify, enum object_section_id section, struct object_range range)
{
	uint32_t left = verify->header.sections[section].count - verify->next[section];

	if (range.first != verify->next[section] || range.count > left)
		return false;
	verify->next[section] += range.count;
	return true;
}

static const char *text_bytes(const struct object_verify *verify, struct object_text text)
{
	return (const char *)verify->bytes + verify->header.sections[OBJECT_STRINGS].offset + text.offset;
}

/* Once per use: this is where texts are counted. */
static bool text_is_valid(struct object_verify *verify, struct object_text text)
{
	const struct object_section *strings = &verify->header.sections[OBJECT_STRINGS];

	if (text.offset >= strings->count || text.length >= strings->count - text.offset ||
	    text_bytes(verify, text)[text.length])
		return false;
	verify->text_bytes += text.length;
	return verify->text_bytes <= LIMIT_OBJECT_TEXT_BYTES;
}

static bool text_is_absent_or_valid(struct object_verify *verify, struct object_text text)
{
	return (text.offset == OBJECT_ABSENT && !text.length) || text_is_valid(verify, text);
}

/* Without a NUL of its own. */
static bool line_is_valid(struct object_verify *verify, struct object_text text)
{
	return text_is_valid(verify, text) && !memchr(text_bytes(verify, text), 0, text.length);
}

/* Names become keys and names of pins: letters, digits and _ - . */
static bool name_is_valid(struct object_verify *verify, struct object_text text, uint32_t most)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	return line_is_valid(verify, text) && text.length && text.length <= most &&
	       strspn(text_bytes(verify, text), plain) == text.length;
}

/* ---- Records; each function answers whether record n of its section is valid ---- */

static bool policy_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_policy row;

	get(verify, OBJECT_POLICY, n, &row);
	verify->enforces = row.flags & OBJECT_POLICY_ENFORCES;
	return name_is_valid(verify, row.name, LIMIT_NAME_BYTES) && line_is_valid(verify, row.source_name) &&
	       !(row.flags & ~(OBJECT_POLICY_MONITOR | OBJECT_POLICY_ENFORCES)) && row.flags && !row.reserved &&
	       take(verify, OBJECT_HOOKS, row.hooks);
}

static bool hook_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_hook row;
	int kind;

	get(verify, OBJECT_HOOKS, n, &row);
	kind = row.kind > INT32_MAX ? -1 : hook_by_wire((int)row.kind);
	if (kind < 0 || hook_rows[kind].support != SUPPORT_NOW)
		return false;
	return !(row.flags & ~(OBJECT_HOOK_SYSCALL | OBJECT_HOOK_RETURNS)) && (!row.flags || kind == HOOK_KPROBE) &&
	       name_is_valid(verify, row.name, LIMIT_HOOK_NAME_BYTES) &&
	       (kind == HOOK_TRACEPOINT ? name_is_valid(verify, row.subsystem, LIMIT_HOOK_NAME_BYTES)
					: text_is_absent_or_valid(verify, row.subsystem)) &&
	       text_is_absent_or_valid(verify, row.message) && row.returned <= 1 &&
	       row.returned <= (row.flags & OBJECT_HOOK_RETURNS) && row.arguments.count <= LIMIT_ARGUMENTS &&
	       row.tags.count <= LIMIT_TAGS && row.selectors_written <= UINT16_MAX &&
	       row.selectors.count <= (row.selectors_written ? row.selectors_written : 1) &&
	       take(verify, OBJECT_TAGS, row.tags) && take(verify, OBJECT_ARGUMENTS, row.arguments) &&
	       (!row.returned || take(verify, OBJECT_ARGUMENTS,
				      (struct object_range){ verify->next[OBJECT_ARGUMENTS], 1 })) &&
	       take(verify, OBJECT_SELECTORS, row.selectors);
}

static bool argument_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_argument row;
	int type;

	get(verify, OBJECT_ARGUMENTS, n, &row);
	type = type_by_wire(row.type);
	return type >= 0 && type_rows[type].support == SUPPORT_NOW && row.load == type_rows[type].load &&
	       row.load > ABI_LOAD_NONE && row.load < ABI_LOAD_PID && row.source >= ABI_SOURCE_ARGUMENT && row.source <= ABI_SOURCE_RETURN && !row.reserved &&
	       (row.source == ABI_SOURCE_FIELD || row.index <= LIMIT_ARGUMENT_INDEX) &&
	       (row.source != ABI_SOURCE_RETURN || !row.index) && text_is_absent_or_valid(verify, row.label);
}

static bool tag_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_text row;

	get(verify, OBJECT_TAGS, n, &row);
	return text_is_valid(verify, row);
}

static bool selector_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_selector row;

	get(verify, OBJECT_SELECTORS, n, &row);
	return row.index <= UINT16_MAX && !row.reserved && row.actions.count >= 1 &&
	       row.actions.count <= ABI_ACTIONS_MAX && row.predicates.count <= FILTERS_MAX &&
	       take(verify, OBJECT_PREDICATES, row.predicates) && take(verify, OBJECT_ACTIONS, row.actions);
}

static bool action_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_action row;
	int id;

	get(verify, OBJECT_ACTIONS, n, &row);
	id = action_by_wire(row.op);
	return id >= 0 && action_rows[id].support == SUPPORT_NOW && (!action_rows[id].enforces || verify->enforces) &&
	       (id != ACTION_SIGNAL || (row.argument >= 1 && row.argument <= LIMIT_SIGNAL));
}

/* Where the members of a test are; STRINGS for those that have none. */
static enum object_section_id members_of(uint8_t test)
{
	switch (test) {
	case IR_INTERVALS:
		return OBJECT_INTERVALS;
	case IR_STRINGS:
		return OBJECT_PATTERNS;
	case IR_NETWORKS:
		return OBJECT_NETWORKS;
	default:
		return OBJECT_STRINGS;
	}
}

static bool predicate_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_predicate row;
	enum object_section_id members;

	get(verify, OBJECT_PREDICATES, n, &row);
	if (row.subject < IR_ARGUMENT || row.subject > IR_BINARY || row.test < IR_READABLE ||
	    row.test > IR_NETWORKS || row.negated > 1 || row.reserved ||
	    (row.subject != IR_ARGUMENT && row.position) || !row.written.count || row.written.count > FILTERS_MAX ||
	    !take(verify, OBJECT_WRITTEN, row.written))
		return false;
	members = members_of(row.test);
	if (members == OBJECT_STRINGS)
		return !row.members.first && !row.members.count && !(row.negated && row.test == IR_READABLE) &&
		       (row.test == IR_MASK) == (row.mask != 0);
	return !row.mask && row.members.count && take(verify, members, row.members);
}

static bool written_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_written row;

	get(verify, OBJECT_WRITTEN, n, &row);
	return operator_by_wire(row.op) >= 0 && !row.reserved && take(verify, OBJECT_VALUES, row.values);
}

static bool value_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_text row;

	get(verify, OBJECT_VALUES, n, &row);
	return text_is_absent_or_valid(verify, row);
}

static bool interval_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_interval row;

	get(verify, OBJECT_INTERVALS, n, &row);
	return row.low <= row.high;
}

static bool pattern_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_pattern row;

	get(verify, OBJECT_PATTERNS, n, &row);
	return row.kind >= ABI_STRING_EXACT && row.kind <= ABI_STRING_POSTFIX &&
	       (row.text.length || row.kind == ABI_STRING_EXACT) && text_is_valid(verify, row.text) &&
	       row.text.length <= ABI_PATTERN_MAX;
}

/* Bits behind the prefix are 0. */
static bool network_is_valid(struct object_verify *verify, uint32_t n)
{
	struct object_network row;

	get(verify, OBJECT_NETWORKS, n, &row);
	if (!(row.family == 4 && row.prefix <= 32) && !(row.family == 6 && row.prefix <= 128))
		return false;
	for (unsigned int bit = row.prefix; bit < 8 * sizeof(row.address); bit++)
		if (row.address[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

/* In the order of sections: ranges are taken in the order in which their owners come. */
static bool (*const record_checks[OBJECT_STRINGS])(struct object_verify *, uint32_t) = {
	[OBJECT_POLICY] = policy_is_valid, [OBJECT_HOOKS] = hook_is_valid,
	[OBJECT_ARGUMENTS] = argument_is_valid, [OBJECT_TAGS] = tag_is_valid,
	[OBJECT_SELECTORS] = selector_is_valid, [OBJECT_ACTIONS] = action_is_valid,
	[OBJECT_PREDICATES] = predicate_is_valid, [OBJECT_WRITTEN] = written_is_valid,
	[OBJECT_VALUES] = value_is_valid, [OBJECT_INTERVALS] = interval_is_valid,
	[OBJECT_PATTERNS] = pattern_is_valid, [OBJECT_NETWORKS] = network_is_valid,
};

static int bad_record(struct object_verify *verify, int section, uint32_t n)
{
	if (verify->text_bytes > LIMIT_OBJECT_TEXT_BYTES)
		return fail(verify, "its texts are longer than the %d bytes that an object may have",
			    LIMIT_OBJECT_TEXT_BYTES);
	return fail(verify, "record %u of %s is not valid", n, section_rows[section].name);
}

static int check_records(struct object_verify *verify)
{
	verify->next[OBJECT_POLICY] = 1;
	verify->next[OBJECT_STRINGS] = verify->header.sections[OBJECT_STRINGS].count;
	for (int section = 0; section < OBJECT_STRINGS; section++)
		for (uint32_t n = 0; n < verify->header.sections[section].count; n++)
			if (!record_checks[section](verify, n))
				return bad_record(verify, section, n);
	for (int section = 0; section < OBJECT_SECTION_COUNT; section++)
		if (verify->next[section] != verify->header.sections[section].count)
			return fail(verify, "records of %s are left over", section_rows[section].name);
	return 0;
}

/* Tests that make sense of what a load gives: bits of enum ir_test. */
static uint32_t tests_of(uint8_t load)
{
	const uint32_t numbers = 1u << IR_READABLE | 1u << IR_INTERVALS | 1u << IR_MASK;
	const uint32_t strings = 1u << IR_READABLE | 1u << IR_STRINGS;

	if (load == ABI_LOAD_SOCKADDR)
		return numbers | 1u << IR_NETWORKS;
	if (load >= ABI_LOAD_STRING && load <= ABI_LOAD_BINPRM)
		return strings;
	return load == ABI_LOAD_NONE ? strings : numbers;	/* NONE: of binaries */
}

/* Sorted, apart, and neither beyond nor all of what the load gives. */
static bool intervals_fit(const struct object_verify *verify, struct object_range range, uint8_t load)
{
	const struct ir_interval domain = ir_load_domain(load);
	struct object_interval last = { 0, 0 }, one;

	for (uint32_t n = 0; n < range.count; n++, last = one) {
		get(verify, OBJECT_INTERVALS, range.first + n, &one);
		if (one.low < domain.low || one.high > domain.high ||
		    (one.low == domain.low && one.high == domain.high) ||
		    (n && (last.high >= one.low || last.high + 1 == one.low)))
			return false;
	}
	return true;
}

static bool predicate_fits(const struct object_verify *verify, const struct object_hook *hook, uint32_t n)
{
	struct object_predicate row;
	struct object_argument argument = { .load = ABI_LOAD_NONE };

	get(verify, OBJECT_PREDICATES, n, &row);
	if (row.subject == IR_PID)
		argument.load = ABI_LOAD_PID;
	if (row.subject == IR_ARGUMENT) {
		if (row.position >= hook->arguments.count)
			return false;
		get(verify, OBJECT_ARGUMENTS, hook->arguments.first + row.position, &argument);
	}
	return tests_of(argument.load) >> row.test & 1 &&
	       (row.test != IR_INTERVALS || intervals_fit(verify, row.members, argument.load));
}

static bool arguments_fit(const struct object_verify *verify, const struct object_hook *hook)
{
	const int kind = hook_by_wire((int)hook->kind);
	const uint8_t source = kind == HOOK_TRACEPOINT ? ABI_SOURCE_FIELD : ABI_SOURCE_ARGUMENT;

	for (uint32_t n = 0; n < hook->arguments.count + hook->returned; n++) {
		struct object_argument argument;

		get(verify, OBJECT_ARGUMENTS, hook->arguments.first + n, &argument);
		if (argument.source != (n < hook->arguments.count ? source : ABI_SOURCE_RETURN))
			return false;
	}
	return true;
}

static bool actions_fit(const struct object_verify *verify, const struct object_hook *hook,
			const struct object_selector *selector)
{
	const int kind = hook_by_wire((int)hook->kind);

	for (uint32_t n = 0; n < selector->actions.count; n++) {
		struct object_action action;
		int id;

		get(verify, OBJECT_ACTIONS, selector->actions.first + n, &action);
		id = action_by_wire(action.op);
		if (!(action_rows[id].hooks >> kind & 1))
			return false;
		if (id == ACTION_OVERRIDE && kind == HOOK_LSM && (action.argument > 0 || action.argument < -LIMIT_ERRNO))
			return false;
	}
	return true;
}

static bool predicates_fit(const struct object_verify *verify, const struct object_hook *hook,
			   const struct object_selector *selector)
{
	for (uint32_t n = 0; n < selector->predicates.count; n++)
		if (!predicate_fits(verify, hook, selector->predicates.first + n))
			return false;
	return true;
}

/* Selectors keep the order in which they were written, and their numbers. */
static bool selectors_fit(const struct object_verify *verify, const struct object_hook *hook)
{
	uint32_t next = 0, written = hook->selectors_written ? hook->selectors_written : 1;

	for (uint32_t n = 0; n < hook->selectors.count; n++) {
		struct object_selector selector;

		get(verify, OBJECT_SELECTORS, hook->selectors.first + n, &selector);
		if (selector.index < next || selector.index >= written ||
		    !predicates_fit(verify, hook, &selector) || !actions_fit(verify, hook, &selector))
			return false;
		next = selector.index + 1;
	}
	return true;
}

/* What one record does not show: sources are those of the hook, predicates test what their arguments give. */
static int check_hooks(struct object_verify *verify)
{
	for (uint32_t n = 0; n < verify->header.sections[OBJECT_HOOKS].count; n++) {
		struct object_hook hook;

		get(verify, OBJECT_HOOKS, n, &hook);
		if (!arguments_fit(verify, &hook))
			return fail(verify, "the arguments of hook %u are not its own", n);
		if (!selectors_fit(verify, &hook))
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
