// SPDX-License-Identifier: Apache-2.0
/*
 * test_btf_kernel.c - the running kernel's types: 2,000 random paths, as chain_resolve() and as libbpf's btf see them; and what the table of
 * prototypes says of them.
 *
 * Skipped where the kernel has no BTF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/btf.h>

#include "compiler/kernel/fit.h"
#include "runtime/types.h"
#include "tests/unit/random.h"

#include <cmocka.h>	/* last: it takes the name fail */

enum { PATHS = 2000, STEPS = 6, PATH_MAX_BYTES = 1024 };

/* A path, and where it leads: bits from the pointer that was read last. */
struct walk {
	const struct btf *btf;
	char path[PATH_MAX_BYTES];
	uint32_t start, type, steps, pointers;
	uint64_t offsets[32];		/* of the pointers that are read, bytes */
	uint64_t bit;
	uint32_t bits;			/* of a bit field */
	uint64_t bounds;		/* bytes of what the last pointer points to */
};

static const struct btf_type *bare(const struct btf *btf, uint32_t *id)
{
	const struct btf_type *type = btf__type_by_id(btf, *id);

	while (btf_is_mod(type) || btf_is_typedef(type)) {
		*id = type->type;
		type = btf__type_by_id(btf, *id);
	}
	return type;
}

static void add(struct walk *walk, const char *text)
{
	size_t used = strlen(walk->path);

	snprintf(walk->path + used, sizeof(walk->path) - used, "%s", text);
}

/* A member, or, of those without a name, one of theirs.  False: a dead end. */
static bool take_member(struct walk *walk, const struct btf_type *type)
{
	uint32_t count = btf_vlen(type), n;

	if (!count)
		return false;
	n = pick(count);
	walk->bit += btf_member_bit_offset(type, n);
	walk->bits = btf_member_bitfield_size(type, n);
	walk->type = btf_members(type)[n].type;
	if (btf_members(type)[n].name_off) {
		if (*walk->path)
			add(walk, ".");
		add(walk, btf__name_by_offset(walk->btf, btf_members(type)[n].name_off));
		return true;
	}
	type = bare(walk->btf, &walk->type);
	return btf_is_composite(type) && take_member(walk, type);
}

/* One more step from where the walk is, through one pointer at most.  False: it ends here. */
static bool step(struct walk *walk)
{
	uint32_t id = walk->type;
	const struct btf_type *type = bare(walk->btf, &id);

	if (walk->bits)
		return false;
	if (btf_is_array(type)) {
		char text[16];
		uint32_t n = btf_array(type)->nelems ? pick(btf_array(type)->nelems) : 3;
		int64_t size = btf__resolve_size(walk->btf, btf_array(type)->type);

		if (size <= 0)
			return false;
		if (!btf_array(type)->nelems)
			walk->bounds = UINT64_MAX;
		walk->bit += 8ull * n * (uint64_t)size;
		walk->type = btf_array(type)->type;
		snprintf(text, sizeof(text), "[%u]", n);
		add(walk, text);
		return true;
	}
	if (btf_is_ptr(type)) {
		id = type->type;
		type = bare(walk->btf, &id);
		if (!btf_is_composite(type))
			return false;
		walk->offsets[walk->pointers++] = walk->bit / 8;
		walk->bit = 0;
		walk->bounds = type->size;
	}
	return btf_is_composite(type) && take_member(walk, type);
}

static uint32_t value_size(const struct walk *walk)
{
	uint32_t id = walk->type;
	const struct btf_type *type = bare(walk->btf, &id);

	if (btf_is_ptr(type))
		return 8;
	return btf_is_int(type) || btf_is_any_enum(type) ? type->size > 8 ? 0 : type->size : 0;
}

static void check(const struct walk *walk, const struct chain *chain)
{
	const struct abi_chain *abi = &chain->abi;
	uint64_t last = abi->offsets[abi->count - 1];

	assert_int_equal(abi->count, walk->pointers + 1);
	for (uint32_t n = 0; n < walk->pointers; n++)
		assert_int_equal(abi->offsets[n], walk->offsets[n]);
	assert_int_equal(chain->type, walk->type);
	assert_int_equal(abi->bits, walk->bits);
	assert_int_equal(last * 8 + abi->shift, walk->bit);
	if (!walk->bits) {
		assert_int_equal(abi->size, value_size(walk));
		return;
	}
	assert_true(abi->shift + abi->bits <= 8 * abi->size);
	assert_true(last + abi->size <= walk->bounds);
}

/* From a random structure, as far as it goes; false when that is nowhere. */
static bool random_path(struct walk *walk)
{
	const struct btf_type *type;
	uint32_t wanted = 1 + pick(STEPS);

	*walk = (struct walk){ .btf = walk->btf, .start = 1 + pick(btf__type_cnt(walk->btf) - 1) };
	walk->type = walk->start;
	type = btf__type_by_id(walk->btf, walk->start);
	if (!btf_is_composite(type) || !type->size)
		return false;
	walk->bounds = type->size;
	while (walk->steps < wanted) {
		struct walk before = *walk;

		if (!step(walk)) {
			*walk = before;
			break;
		}
		walk->steps++;
	}
	return walk->steps > 0;
}

static void random_paths(void **state)
{
	struct walk walk = { .btf = btf__load_vmlinux_btf() };
	uint32_t pointers = 0, fields = 0, elements = 0;
	struct types types = { 0 };
	struct btf_view *view = types_of_kernel(&types);

	(void)state;
	if (!view || !walk.btf)
		skip();
	assert_int_equal(btf_type_count(view), btf__type_cnt(walk.btf));
	random_state = 1;
	for (uint32_t tried = 0; tried < PATHS;) {
		struct chain_error error;
		struct chain chain;

		if (!random_path(&walk) || (!walk.pointers && !walk.bits && !one_in(4)))	/* most are of one member */
			continue;
		if (chain_resolve(view, (struct chain_root){ walk.start, false }, walk.path, &chain, &error))
			fail_msg("%s of type %u: %s", walk.path, walk.start, error.text);
		check(&walk, &chain);
		pointers += walk.pointers > 0;
		fields += walk.bits > 0;
		elements += strchr(walk.path, '[') != NULL;
		tried++;
	}
	print_message("%d paths: %u through pointers, %u bit fields, %u with elements\n", PATHS, pointers, fields, elements);
	assert_true(pointers > PATHS / 8 && fields > PATHS / 40 && elements > PATHS / 40);
	types_release(&types);
	btf__free((struct btf *)walk.btf);
}

/* Look-ups by name: the first of that name, for every kind that has an index. */
static void names(void **state)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct types types = { 0 };
	struct btf_view *view = types_of_kernel(&types);

	(void)state;
	if (!view || !btf)
		skip();
	random_state = 2;
	for (int n = 0; n < PATHS; n++) {
		const struct btf_type *type = btf__type_by_id(btf, 1 + pick(btf__type_cnt(btf) - 1));
		const char *name = btf__name_by_offset(btf, type->name_off);
		uint32_t kind = btf_kind(type);
		struct btf_entry entry;

		if (!*name || !(1u << kind & (BTF_BIT(STRUCT) | BTF_BIT(UNION) | BTF_BIT(FUNC) | BTF_BIT(TYPEDEF) | BTF_BIT(ENUM))))
			continue;
		assert_true(btf_find(view, name, 1u << kind, &entry));
		assert_int_equal(entry.id, btf__find_by_name_kind(btf, name, kind));
	}
	types_release(&types);
	btf__free(btf);
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* False: the kernel does not have it. */
static bool check_no_result(const struct btf *btf, const char *prefix, const char *name)
{
	char function[128];
	int id;

	if (!name)
		return false;
	snprintf(function, sizeof(function), "%s%s", prefix, name);
	id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	if (id < 0)
		return false;
	if (btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type)->type)
		fail_msg("%s returns something", function);
	return true;
}

/* A hook of LSMs has the function that programs are attached to. */
static void no_results(void **state)
{
	static const struct { const char *hook, *function; } rows[] = {
#define PROTOTYPE(name, arguments)
#define DRIFT(name, argument, from, says)
#define NO_RESULT(hook, function) { hook, function },
#include "schema/prototypes.def"
	};
	struct btf *btf = btf__load_vmlinux_btf();
	size_t found = 0;

	(void)state;
	if (!btf)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		found += check_no_result(btf, "bpf_lsm_", rows[i].hook);
		found += check_no_result(btf, "", rows[i].function);
	}
	assert_true(found > 0);
	print_message("%zu hooks and functions return nothing, as the table says\n", found);
	btf__free(btf);
}

/* What it costs; a machine under load may take several times as long, so that only hangs fail. */
static void opening_is_quick(void **state)
{
	double start = milliseconds(), opened, found;
	struct types types = { 0 };
	struct btf_view *view = types_of_kernel(&types);
	struct btf_entry entry;

	(void)state;
	if (!view)
		skip();
	opened = milliseconds();
	assert_true(btf_find(view, "task_struct", BTF_BIT(STRUCT), &entry));
	found = milliseconds();
	print_message("%u types: read and opened in %.1f ms, the first name found in %.1f ms\n", btf_type_count(view),
		      opened - start, found - opened);
	assert_true(found - start < 1000);
	types_release(&types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_paths),
		cmocka_unit_test(names),
		cmocka_unit_test(no_results),
		cmocka_unit_test(opening_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
