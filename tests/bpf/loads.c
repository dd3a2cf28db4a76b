// SPDX-License-Identifier: Apache-2.0
/* loads.c - see loads.h. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/bpf/loads.h"
#include "tests/bpf/pointers.skel.h"
#include "tests/bpf/programs.h"
#include "tests/bpf/tap.h"

struct pointers_line pointers[DESCRIPTORS];
struct rig rig;

int find_pointers(void)
{
	struct pointers_bpf *finder = pointers_bpf__open();
	struct pointers_line line;
	int fd = -1, error;

	finder->rodata->process = getpid();
	error = pointers_bpf__load(finder);
	if (!error)
		error = pointers_bpf__attach(finder);
	if (!error)
		fd = bpf_iter_create(bpf_link__fd(finder->links.list_pointers));
	while (fd >= 0 && read(fd, &line, sizeof(line)) == sizeof(line))
		if (line.fd < DESCRIPTORS)
			pointers[line.fd] = line;
	if (fd >= 0)
		close(fd);
	pointers_bpf__destroy(finder);
	return error ? error : fd < 0 ? -errno : 0;
}

/* ---- One slot, reported by every event ---- */

static const struct abi_slot size_slot = { .load = ABI_LOAD_U64, .source = ABI_SOURCE_ARGUMENT, .index = 1 };

const struct abi_event_slot *read_slot(struct abi_slot slot, uint32_t hook_flags, uint64_t argument, uint64_t other)
{
	static const uint32_t no_flags;
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = 2, .slot_count = 2, .flags = hook_flags };
	struct abi_accept accept = { .report_slots = 1 };
	struct abi_record records[2] = { { .op = ABI_OP_ACCEPT, .yes = 1 }, { .op = ABI_OP_END } };
	const uint64_t arguments[RIG_ARGUMENTS] = { argument, other };
	struct image_builder builder;

	builder_init(&builder);
	builder_policies(&builder, &no_flags, 1);
	hook.slots[0] = slot;
	hook.slots[1] = size_slot;
	records[0].operand = builder_accept(&builder, &accept);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(&rig, &builder);
	builder_release(&builder);
	return rig_run(&rig, arguments) || rig.event_count != 1 ? NULL : &rig.events[0].event->slots[0];
}

const struct abi_event_slot *read_load(unsigned load, uint64_t argument)
{
	return read_slot((struct abi_slot){ .load = load, .source = ABI_SOURCE_ARGUMENT }, 0, argument, 0);
}

bool bytes_are(const struct abi_event_slot *slot, unsigned state, const void *bytes, size_t length)
{
	if (slot && slot->state == state && slot->length == length &&
	    !memcmp((const char *)rig.events[0].event + slot->offset, bytes, length))
		return true;
	if (slot)
		tap_say("state %u, %u bytes '%.*s'", slot->state, slot->length, slot->length < 200 ? slot->length : 200,
			(const char *)rig.events[0].event + slot->offset);
	return false;
}

bool text_is(const struct abi_event_slot *slot, const char *text)
{
	return bytes_are(slot, ABI_SLOT_READ, text, strlen(text));
}

bool number_is(const struct abi_event_slot *slot, uint64_t number)
{
	if (slot && slot->state == ABI_SLOT_READ && slot->value == number)
		return true;
	if (slot)
		tap_say("state %u, %llx", slot->state, (unsigned long long)slot->value);
	return false;
}

bool is_fault(const struct abi_event_slot *slot)
{
	return slot && slot->state == ABI_SLOT_FAULT && !slot->length;
}

/* ---- What is not to be had ---- */

long member_offset(const struct btf *types, const char *name, const char *member)
{
	const struct btf_type *type = types ? btf__type_by_id(types, (uint32_t)btf__find_by_name_kind(types, name, BTF_KIND_STRUCT)) : NULL;
	long offset = -1;

	for (unsigned n = 0; type && n < btf_vlen(type); n++)
		if (!strcmp(btf__name_by_offset(types, btf_members(type)[n].name_off), member))
			offset = btf_member_bit_offset(type, n) / 8;
	return offset;
}

bool lookalike_make(struct lookalike *ret)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	long value;

	memset(ret, 0, sizeof(*ret));
	ret->types = btf__load_vmlinux_btf();
	ret->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tetra_lookalike", 4, sizeof(ret->bytes), 1, &options);
	value = member_offset(ret->types, "bpf_array", "");	/* a union, and `value` is in it */
	if (value < 0 || ret->map < 0 || find_pointers())
		return false;
	ret->at = pointers[ret->map].private_data + (uint64_t)value;
	return true;
}

void lookalike_write(const struct lookalike *lookalike)
{
	bpf_map_update_elem(lookalike->map, &(int){ 0 }, lookalike->bytes, 0);
}

void lookalike_release(struct lookalike *lookalike)
{
	btf__free(lookalike->types);
	if (lookalike->map >= 0)
		close(lookalike->map);
}

int loads_main(void (*tests)(void))
{
	programs_allow();
	if (!tap_ok(!rig_open(&rig), "the raw tracepoint program loads"))
		return tap_done();
	if (tap_ok(!find_pointers(), "the kernel tells where its files are"))
		tests();
	rig_close(&rig);
	return tap_done();
}
