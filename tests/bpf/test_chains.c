// SPDX-License-Identifier: Apache-2.0
/*
 * test_chains.c - chains of resolve, as the programs follow them: through this process's memory and the kernel's.
 *
 * What is behind the pointers is made here, or is what the process knows of itself; where a member lies is what the kernel's BTF
 * says, read by libbpf and not by tetra.  TAP; needs root.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/bpf/programs.h"
#include "tests/bpf/rig.h"
#include "tests/bpf/tap.h"

static struct rig rig;

static uint32_t add_chain(struct image_builder *builder, const struct abi_chain *chain)
{
	const uint32_t offset = builder_reserve(builder, sizeof(*chain));

	memcpy(builder->bytes + offset, chain, sizeof(*chain));
	return offset;
}

static void apply_hook(struct image_builder *builder, struct abi_hook *hook, struct abi_record *records, uint32_t report)
{
	const struct abi_accept accept = { .report_slots = report };

	records[hook->record_count - 2].operand = builder_accept(builder, &accept);
	hook->id = RIG_HOOK;
	builder_hook(builder, hook, records);
	builder_finish(builder);
	rig_apply(&rig, builder);
	builder_release(builder);
}

static void begin(struct image_builder *builder)
{
	static const uint32_t no_flags;

	builder_init(builder);
	builder_policies(builder, &no_flags, 1);
}

/* What the chain leads to from the source, reported; NULL when there was no event. */
static const struct abi_event_slot *follow(struct abi_slot slot, const struct abi_chain *chain, uint32_t flags, const void *from)
{
	const uint64_t arguments[RIG_ARGUMENTS] = { (uint64_t)from };
	struct abi_hook hook = { .record_count = 2, .slot_count = 1, .flags = flags };
	struct abi_record records[2] = { { .op = ABI_OP_ACCEPT, .yes = 1 }, { .op = ABI_OP_END } };
	struct image_builder builder;

	begin(&builder);
	slot.chain = add_chain(&builder, chain);
	hook.slots[0] = slot;
	apply_hook(&builder, &hook, records, 1);
	return rig_run(&rig, arguments) || rig.event_count != 1 ? NULL : &rig.events[0].event->slots[0];
}

static bool number_is(const struct abi_event_slot *slot, uint64_t number)
{
	if (slot && slot->state == ABI_SLOT_READ && slot->value == number)
		return true;
	if (slot)
		tap_say("state %u, %llx", slot->state, (unsigned long long)slot->value);
	return false;
}

static bool is_fault(const struct abi_event_slot *slot)
{
	return slot && slot->state == ABI_SLOT_FAULT;
}

/* ---- Through memory of this process ---- */

struct node {
	uint64_t number;
	struct node *next;
	char text[16];
};
static struct node last = { 0xfedcba9876543210, NULL, "the last" };
static struct node middle = { 2, &last, "the middle" };
static struct node first = { 1, &middle, "the first" };
static struct node astray = { 3, (struct node *)8, "" };
static struct node ring = { 0x77, &ring, "" };

#define NEXT	offsetof(struct node, next)

static void test_own_memory(void)
{
	static const struct {
		const char *name;
		unsigned load;
		struct abi_chain chain;
		const struct node *from;
		uint64_t want;
		bool fault;
	} rows[] = {
		{ "eight bytes at the address", ABI_LOAD_U64, { 1, 8, .offsets = { 0 } }, &first, 1, false },
		{ "behind one pointer", ABI_LOAD_U64, { 2, 8, .offsets = { NEXT, 0 } }, &first, 2, false },
		{ "behind two", ABI_LOAD_U64, { 3, 8, .offsets = { NEXT, NEXT, 0 } }, &first, 0xfedcba9876543210, false },
		{ "four bytes", ABI_LOAD_U32, { 1, 4, .offsets = { 4 } }, &last, 0xfedcba98, false },
		{ "four with a sign", ABI_LOAD_S32, { 1, 4, .offsets = { 4 } }, &last, 0xfffffffffedcba98, false },
		{ "two bytes", ABI_LOAD_U16, { 1, 2, .offsets = { 6 } }, &last, 0xfedc, false },
		{ "one byte", ABI_LOAD_U8, { 1, 1, .offsets = { 7 } }, &last, 0xfe, false },
		{ "a bit field", ABI_LOAD_U32, { 1, 4, 4, 8, 0, { 0 } }, &last, 0x21, false },
		{ "a bit field with a sign", ABI_LOAD_S32, { 1, 4, 12, 4, ABI_CHAIN_SIGNED, { 4 } }, &last,
		  0xfffffffffffffffb, false },
		{ "as many steps as there may be", ABI_LOAD_U64, { ABI_CHAIN_STEPS, 8, .offsets = {
			NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, NEXT, 0 } },
		  &ring, 0x77, false },
		{ "a NULL on the way", ABI_LOAD_U64, { 4, 8, .offsets = { NEXT, NEXT, NEXT, 0 } }, &first, 0, true },
		{ "a NULL to begin with", ABI_LOAD_U64, { 1, 8, .offsets = { 0 } }, NULL, 0, true },
		{ "an address that is none", ABI_LOAD_U64, { 2, 8, .offsets = { NEXT, 0 } }, &astray, 0, true },
		{ "a chain that is not filled in", ABI_LOAD_U64, { 0 }, &first, 0, true },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct abi_slot slot = { .load = rows[n].load, .source = ABI_SOURCE_ARGUMENT };
		const struct abi_event_slot *got = follow(slot, &rows[n].chain, 0, rows[n].from);

		tap_ok(rows[n].fault ? is_fault(got) : number_is(got, rows[n].want), "own memory: %s", rows[n].name);
	}
}

static void test_text(void)
{
	const struct abi_slot slot = { .load = ABI_LOAD_STRING, .source = ABI_SOURCE_ARGUMENT };
	const struct abi_chain chain = { 2, 0, .offsets = { NEXT, offsetof(struct node, text) } };
	const struct abi_event_slot *got = follow(slot, &chain, 0, &first);

	tap_ok(got && got->state == ABI_SLOT_READ && got->length == strlen(middle.text) &&
	       !memcmp((const char *)rig.events[0].event + got->offset, middle.text, got->length),
	       "own memory: a text inside of what a pointer leads to");
}

/* ---- Decisions: no short cut may take the pointer for what it leads to ---- */

/* Accepts when what is behind the pointer is `number`. */
static bool accepts(uint64_t number, unsigned op, const struct node *from)
{
	const struct abi_chain chain = { 2, 8, .offsets = { NEXT, 0 } };
	const uint64_t arguments[RIG_ARGUMENTS] = { (uint64_t)from };
	struct abi_slot slot = { .load = ABI_LOAD_U64, .source = ABI_SOURCE_ARGUMENT };
	struct abi_hook hook = { .record_count = 4, .slot_count = 2 };
	struct abi_record records[4] = {
		{ .op = ABI_OP_GREATER, .slot = 1, .operand = 0, .yes = 1, .no = 3, .unknown = 3 },
		{ .op = op, .slot = 0, .operand = number, .yes = 2, .no = 3, .unknown = 3 },
		{ .op = ABI_OP_ACCEPT, .yes = 3 }, { .op = ABI_OP_END },
	};
	struct image_builder builder;

	begin(&builder);
	hook.slots[1] = slot;
	slot.chain = add_chain(&builder, &chain);
	hook.slots[0] = slot;
	apply_hook(&builder, &hook, records, 3);
	if (rig_run(&rig, arguments) || rig.event_count > 1)
		return false;
	return rig.event_count && number_is(&rig.events[0].event->slots[0], from->next->number) &&
	       number_is(&rig.events[0].event->slots[1], (uint64_t)from);
}

static void test_decisions(void)
{
	tap_ok(accepts(2, ABI_OP_EQUAL, &first), "a comparison is of what the chain leads to, and both are reported");
	tap_ok(!accepts((uint64_t)&first, ABI_OP_EQUAL, &first), "and not of the pointer");
	tap_ok(!accepts(2, ABI_OP_GREATER, &first), "which may be greater");
}

/* ---- Through the kernel's ---- */

static struct btf *types;

/* Bytes from the beginning of the structure; -1 when it has no such member, or it is a bit field. */
static int member_of(const char *structure, const char *name)
{
	const int id = btf__find_by_name_kind(types, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(types, (uint32_t)id);

	for (int n = 0; type && n < btf_vlen(type); n++) {
		const struct btf_member *member = btf_members(type) + n;

		if (!strcmp(btf__name_by_offset(types, member->name_off), name))
			return btf_member_bitfield_size(type, (uint32_t)n) ? -1 : (int)btf_member_bit_offset(type, (uint32_t)n) / 8;
	}
	return -1;
}

static void test_task(void)
{
	const int parent = member_of("task_struct", "real_parent"), group = member_of("task_struct", "tgid");
	const int name = member_of("task_struct", "comm");
	const struct abi_slot number = { .load = ABI_LOAD_S32, .source = ABI_SOURCE_CURRENT };
	const struct abi_slot text = { .load = ABI_LOAD_STRING, .source = ABI_SOURCE_CURRENT };
	const struct abi_chain own = { 1, 4, .offsets = { (uint32_t)group } };
	const struct abi_chain parents = { 2, 4, .offsets = { (uint32_t)parent, (uint32_t)group } };
	const struct abi_chain names = { 1, 0, .offsets = { (uint32_t)name } };
	const struct abi_event_slot *got;

	if (!tap_ok(parent > 0 && group > 0 && name > 0, "the kernel says where a task has its numbers"))
		return;
	tap_ok(number_is(follow(number, &own, 0, NULL), (uint64_t)getpid()), "the current task: its process id");
	tap_ok(number_is(follow(number, &parents, 0, NULL), (uint64_t)getppid()), "the current task: its parent's");
	prctl(PR_SET_NAME, "chains of tetra");
	for (uint32_t flags = 0; flags <= ABI_HOOK_USER_MEMORY; flags += ABI_HOOK_USER_MEMORY) {
		got = follow(text, &names, flags, NULL);
		tap_ok(got && got->state == ABI_SLOT_READ && got->length == strlen("chains of tetra") &&
		       !memcmp((const char *)rig.events[0].event + got->offset, "chains of tetra", got->length),
		       "the current task: its name%s", flags ? ", also where pointers come from user space" : "");
	}
}

int main(void)
{
	programs_allow();
	if (!tap_ok(!rig_open(&rig), "the raw tracepoint program loads"))
		return tap_done();
	test_own_memory();
	test_text();
	test_decisions();
	types = btf__load_vmlinux_btf();
	if (libbpf_get_error(types))
		tap_skip("the current task", "the kernel has no type information");
	else
		test_task();
	rig_close(&rig);
	return tap_done();
}
