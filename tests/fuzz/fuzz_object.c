// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_object.c - bytes as a policy object: refused, or fit for everything that objects are for.
 *
 * What is accepted reads and writes back as the same policy, is explained, and links, alone and beside another policy,
 * into an image that image_verify accepts.  Size and checksum are repaired before; the mutator changes records and
 * strings and then mends offsets and ranges, so that most of what it makes gets past the outermost checks.
 */
#include "tests/fuzz/linked.h"
#include "tests/fuzz/inspected.h"

#include <errno.h>

#include "compiler/compiler.h"
#include "compiler/explain/explain.h"
#include "compiler/object/checksum.h"
#include "compiler/object/format.h"
#include "compiler/object/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

/* ---- What objects are for ---- */

/* Of hooks that seeds have, too. */
static const char beside[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: beside}\nspec:\n  lsmhooks:\n"
	"  - hook: file_open\n    args: [{index: 0, type: file}]\n"
	"    selectors: [{matchArgs: [{index: 0, operator: Prefix, values: [\"/etc/\", \"/tmp/\"]}]}]\n";

static struct unit other;

static void make_other(void)
{
	unit_init(&other, "beside.yaml", beside, sizeof(beside) - 1);
	require(!unit_compile(&other, NULL) && other.object_count == 1);
}

static void link_everything(const struct buffer *object, struct bytes events)
{
	const struct link_input one = { object->bytes, object->length, "fuzz" };
	const struct link_input two = { other.objects[0].bytes, other.objects[0].length, "beside" };

	link_and_match(&one, 1, events);
	link_and_match((const struct link_input[]){ one, two }, 2, events);
	link_and_match((const struct link_input[]){ two, one }, 2, events);
}

static void describe(const struct ir_policy *policy, struct buffer *ret)
{
	struct source_cursor nowhere = { 0 };

	ir_dump_policy(policy, ret);
	explain_policy(policy, &nowhere, ret);
}

/* What was read is what is written, and what is read again.  Texts that overlapped may no longer fit: false. */
static bool write_back(const struct ir_policy *policy, struct arena *arena, struct buffer *ret)
{
	struct buffer first = { 0 }, second = { 0 };
	struct ir_policy again;
	char message[256];

	if (object_write(policy, ret) == -E2BIG)
		return false;
	require(!object_read(ret->bytes, ret->length, arena, &again, message));
	describe(policy, &first);
	describe(&again, &second);
	require(first.length == second.length && !memcmp(first.bytes, second.bytes, first.length));
	buffer_release(&first);
	buffer_release(&second);
	return true;
}

static void repair(uint8_t *bytes, size_t size)
{
	struct object_header *header = (void *)bytes;

	if (size < sizeof(*header))
		return;
	header->size = (uint32_t)size;
	header->checksum = object_checksum(bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer object = { 0 }, written = { 0 };
	struct arena arena = { 0 };
	struct ir_policy policy;
	char message[256] = "";
	int error;

	if (!other.object_count)
		make_other();
	buffer_add(&object, data, size);
	repair((uint8_t *)object.bytes, size);
	error = object_read(object.bytes, size, &arena, &policy, message);
	if (error) {
		require(*message && memchr(message, 0, sizeof(message)));
	} else {
		inspect(object.bytes, object.length);
		link_everything(&object, (struct bytes){ data, size });
		if (write_back(&policy, &arena, &written))
			link_everything(&written, (struct bytes){ data, size });
	}
	arena_release(&arena);
	buffer_release(&object);
	buffer_release(&written);
	return 0;
}

/* ---- The mutator ---- */

struct section { uint8_t *bytes; size_t count; };
struct parts { struct arena arena; struct section sections[OBJECT_SECTION_COUNT]; };

static const size_t sizes[] = {
#define X(name, type) sizeof(type),
	OBJECT_SECTIONS(X)
#undef X
};

static unsigned int random_below(unsigned int *seed, size_t count)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % (unsigned int)count;
}

enum { CHANGES_MAX = 3 };

/* Sections with room for what may be added to them. */
static bool take_apart(const uint8_t *data, size_t size, struct parts *ret)
{
	struct object_header header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++) {
		struct object_section *from = &header.sections[n];

		if (from->offset > size || from->count > (size - from->offset) / sizes[n])
			return false;
		ret->sections[n].count = from->count;
		ret->sections[n].bytes = arena_alloc(&ret->arena, from->count + CHANGES_MAX, sizes[n]);
		memcpy(ret->sections[n].bytes, data + from->offset, from->count * sizes[n]);
	}
	return true;
}

/* 0 when there is no room. */
static size_t put_together(const struct parts *parts, uint8_t *data, size_t most)
{
	struct object_header header = { .magic = OBJECT_MAGIC, .version = OBJECT_VERSION };
	size_t size = sizeof(header);

	for (int n = 0; n < OBJECT_SECTION_COUNT; n++) {
		size_t length = parts->sections[n].count * sizes[n];

		header.sections[n] = (struct object_section){ (uint32_t)size, (uint32_t)parts->sections[n].count };
		if (size + length + 8 > most)
			return 0;
		memcpy(data + size, parts->sections[n].bytes, length);
		memset(data + size + length, 0, 8);
		size = (size + length + 7) / 8 * 8;
	}
	memcpy(data, &header, sizeof(header));
	return size;
}

/* Whose ranges, in the order of format.h, tile a section: at `offset` in each record, or a number of one record there. */
enum shape { A_RANGE, ONE_NUMBER };
struct owner {
	enum object_section_id section;
	size_t offset;
	enum object_section_id owned;
	enum shape shape;
	uint32_t tests;		/* of predicates with one of these tests only */
};
#define OWNER(SECTION, type, member, OWNED) \
	{ OBJECT_##SECTION, offsetof(struct object_##type, member), OBJECT_##OWNED, A_RANGE, 0 }
#define ONE(SECTION, type, member, OWNED) \
	{ OBJECT_##SECTION, offsetof(struct object_##type, member), OBJECT_##OWNED, ONE_NUMBER, 0 }
#define MEMBERS(SECTION, OWNED, tests) \
	{ OBJECT_##SECTION, offsetof(struct object_predicate, members), OBJECT_##OWNED, A_RANGE, tests }

static const struct owner owners[] = {
	OWNER(POLICY, policy, later, LATER), OWNER(POLICY, policy, hooks, HOOKS), OWNER(POLICY, policy, enforcer, NAMES),
	ONE(HOOKS, hook, names, NAMES),
	OWNER(NAMES, names, values, NAMED), OWNER(HOOKS, hook, tags, TAGS),
	ONE(HOOKS, hook, program, PROGRAMS), ONE(ARGUMENTS, argument, chain, CHAINS),
	OWNER(HOOKS, hook, selectors, SELECTORS),
	ONE(ACTIONS, action, details, DETAILS), OWNER(DETAILS, details, registers, REGISTERS),
	{ OBJECT_PREDICATES, offsetof(struct object_predicate, extra), OBJECT_CONDITIONS, ONE_NUMBER, 1u << IR_HOLDS },
	OWNER(CONDITIONS, condition, parts, CONDITIONS), OWNER(CONDITIONS, condition, words, WORDS),
	ONE(CONDITIONS, condition, predicate, ASKED),
	OWNER(PREDICATES, predicate, written, WRITTEN), OWNER(ASKED, predicate, written, WRITTEN),
	OWNER(WRITTEN, written, values, VALUES),
	MEMBERS(PREDICATES, INTERVALS, 1u << IR_INTERVALS | 1u << IR_HOST), MEMBERS(ASKED, INTERVALS, 1u << IR_INTERVALS),
	MEMBERS(PREDICATES, PATTERNS, 1u << IR_STRINGS | 1u << IR_SUBSTRINGS), MEMBERS(ASKED, PATTERNS, 1u << IR_STRINGS),
	MEMBERS(PREDICATES, NETWORKS, 1u << IR_NETWORKS), MEMBERS(ASKED, NETWORKS, 1u << IR_NETWORKS),
	OWNER(WORKLOADS, workloads, selectors, LABEL_SELECTORS),
	OWNER(LABEL_SELECTORS, label_selector, labels, LABELS),
	OWNER(LABEL_SELECTORS, label_selector, expressions, LABEL_EXPRESSIONS),
	OWNER(LABEL_EXPRESSIONS, label_expression, values, LABEL_VALUES),
};

/* Of sections that each record of another has several ranges of: all of one record come before those of the next. */
struct group { enum object_section_id section, owned; size_t count, offsets[3]; };
static const struct group groups[] = {
	{ OBJECT_HOOKS, OBJECT_ARGUMENTS, 2, { offsetof(struct object_hook, arguments), offsetof(struct object_hook, data) } },
	{ OBJECT_PROGRAMS, OBJECT_SYMBOLS, 2, { offsetof(struct object_program, symbols),
						offsetof(struct object_program, digests) } },
	{ OBJECT_PROGRAMS, OBJECT_NUMBERS, 3, { offsetof(struct object_program, offsets),
						offsetof(struct object_program, addresses),
						offsetof(struct object_program, reference_offsets) } },
	{ OBJECT_SELECTORS, OBJECT_ACTIONS, 2, { offsetof(struct object_selector, actions),
						 offsetof(struct object_selector, return_actions) } },
	{ OBJECT_SELECTORS, OBJECT_PREDICATES, 2, { offsetof(struct object_selector, predicates),
						    offsetof(struct object_selector, return_predicates) } },
};

static void tile_range(struct parts *parts, enum object_section_id owned, size_t *next, struct object_range *range)
{
	size_t total = parts->sections[owned].count;

	range->first = (uint32_t)*next;
	if (range->count > total - *next)
		range->count = (uint32_t)(total - *next);
	*next += range->count;
}

static void tile_owner(struct parts *parts, const struct owner *owner, size_t *next)
{
	struct section *section = &parts->sections[owner->section];

	for (size_t n = 0; n < section->count; n++) {
		uint8_t *record = section->bytes + n * sizes[owner->section];
		uint32_t *number = (void *)(record + owner->offset);

		if (owner->tests && !(owner->tests >> (((struct object_predicate *)(void *)record)->test & 31) & 1))
			continue;
		if (owner->shape == A_RANGE)
			tile_range(parts, owner->owned, next, (struct object_range *)(void *)number);
		else if (*number != OBJECT_ABSENT && *next < parts->sections[owner->owned].count)
			*number = (uint32_t)(*next)++;
	}
}

static void tile_group(struct parts *parts, const struct group *group)
{
	struct section *section = &parts->sections[group->section];
	struct object_range *last = NULL;
	size_t next = 0;

	for (size_t n = 0; n < section->count; n++) {
		uint8_t *record = section->bytes + n * sizes[group->section];

		for (size_t i = 0; i < group->count; i++) {
			last = (struct object_range *)(void *)(record + group->offsets[i]);
			tile_range(parts, group->owned, &next, last);
		}
		if (group->owned == OBJECT_ARGUMENTS && ((struct object_hook *)(void *)record)->returned &&
		    next < parts->sections[OBJECT_ARGUMENTS].count)
			next++;
	}
	if (last)
		last->count += (uint32_t)(parts->sections[group->owned].count - next);
}

/* All ranges tile their sections again. */
static void mend(struct parts *parts)
{
	size_t next[OBJECT_SECTION_COUNT] = { 0 };

	for (size_t n = 0; n < sizeof(groups) / sizeof(*groups); n++)
		tile_group(parts, &groups[n]);
	for (size_t n = 0; n < sizeof(owners) / sizeof(*owners); n++)
		tile_owner(parts, &owners[n], &next[owners[n].owned]);
}

static void change_record(struct parts *parts, unsigned int *seed)
{
	int n = (int)random_below(seed, OBJECT_STRINGS);
	struct section *section = &parts->sections[n];
	uint8_t *record, *another;

	if (!section->count)
		return;
	record = section->bytes + random_below(seed, section->count) * sizes[n];
	another = section->bytes + random_below(seed, section->count) * sizes[n];
	switch (random_below(seed, 6)) {
	case 0:		/* once more */
		memcpy(section->bytes + section->count++ * sizes[n], record, sizes[n]);
		break;
	case 1:		/* away */
		memcpy(record, section->bytes + --section->count * sizes[n], sizes[n]);
		break;
	case 2:
		memcpy(record, another, sizes[n]);
		break;
	case 3:		/* a byte to something small, or one off */
		record += random_below(seed, sizes[n]);
		*record = (uint8_t)(random_below(seed, 2) ? random_below(seed, 16) : *record + 255 + random_below(seed, 3));
		break;
	default:
		LLVMFuzzerMutate(record, sizes[n], sizes[n]);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	struct parts parts = { .arena = { 0 } };
	size_t ret = 0;

	if (!random_below(&seed, 16) || !take_apart(data, size, &parts) || !parts.sections[OBJECT_POLICY].count) {
		ret = LLVMFuzzerMutate(data, size, most);
	} else {
		struct section *strings = &parts.sections[OBJECT_STRINGS];

		for (unsigned int n = random_below(&seed, CHANGES_MAX); n < CHANGES_MAX; n++)
			change_record(&parts, &seed);
		if (!random_below(&seed, 4) && strings->count)
			LLVMFuzzerMutate(strings->bytes, strings->count, strings->count);
		if (random_below(&seed, 8))
			mend(&parts);
		ret = put_together(&parts, data, most);
	}
	arena_release(&parts.arena);
	return ret ? ret : size;
}
