// SPDX-License-Identifier: Apache-2.0
/* decision.c - see decision.h. */
#include "tests/bpf/decision.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct match_native native;	/* large */

/* ---- The three answers ---- */

/* Of a process that is not in the table, or whose path is not, it is what it runs, and that is this program. */
static const struct test_value *binary_of(const struct test_case *test)
{
	static struct test_value running;
	static char path[4096];
	ssize_t length = running.bytes ? 1 : readlink("/proc/self/exe", path, sizeof(path));

	if ((test->has_process && test->process.path_length) || length < 0)
		return &test->binary;
	if (!running.bytes)
		running = (struct test_value){ .bytes = (const uint8_t *)path, .length = (uint32_t)length, .has_bytes = true };
	return &running;
}

static int native_load(void *context, struct match_state *state, uint32_t slot)
{
	const struct test_case *test = context;
	const struct test_value *value = slot == MATCH_SLOT_BINARY ? binary_of(test) : &test->slots[slot];
	uint16_t port = value->number;

	if (value->readable != TEST_READ)
		return -1;
	if (!value->has_bytes)
		return match_put_value(state, slot, value->number);
	if (slot != MATCH_SLOT_BINARY && test->hook.slots[slot].load == ABI_LOAD_SOCKADDR)
		return match_put_address(state, slot, value->family, port, value->bytes);
	return match_put_bytes(state, slot, value->bytes, value->length, MATCH_WHOLE);
}

uint32_t native_decide(struct test_case *test)
{
	native.image = test->builder.bytes;
	native.image_size = test->builder.used;
	native.load = native_load;
	native.trace = NULL;
	native.context = test;
	match_native_run_id(&native, test->hook.id);
	return native.state.accept_count;
}

static bool same_accepts(const struct oracle_result *oracle, const uint32_t *accepts, uint32_t count)
{
	return oracle->count == count && !memcmp(oracle->accepts, accepts, count * sizeof(*accepts));
}

static uint32_t event_accept(const struct test_case *test, const struct abi_event *event)
{
	return test->builder.accepts + event->selector * sizeof(struct abi_accept);
}

static const struct abi_accept *accept_at(const struct test_case *test, uint32_t offset)
{
	return (const struct abi_accept *)(test->builder.bytes + offset);
}

/* ---- What an event says ---- */

static bool socket_is_right(const struct rig_event *event, const struct abi_event_slot *entry,
			    const struct test_value *value)
{
	struct abi_socket want = { .known = 1u << ABI_PART_FAMILY | 1u << ABI_PART_SOURCE_PORT }, got;

	want.parts[ABI_PART_FAMILY] = value->family;
	if (value->length) {
		want.known |= 1u << ABI_PART_SOURCE;
		want.parts[ABI_PART_SOURCE_PORT] = value->number;
		memcpy(&want.parts[ABI_PART_SOURCE], value->bytes, value->length);
	}
	if (entry->state != ABI_SLOT_READ || entry->length != sizeof(got) || entry->value ||
	    (uint64_t)entry->offset + sizeof(got) > event->size)
		return false;
	memcpy(&got, (const char *)event->event + entry->offset, sizeof(got));
	return !memcmp(&got, &want, sizeof(got));
}

bool slot_is_right(const struct rig_event *event, unsigned slot, const struct test_value *value)
{
	const struct abi_event_slot *entry = &event->event->slots[slot];
	uint64_t length = value->has_bytes && value->readable == TEST_READ ? value->length : 0;
	uint8_t state = value->readable != TEST_READ ? ABI_SLOT_FAULT
			: length > ABI_PATTERN_MAX   ? ABI_SLOT_CUT
						     : ABI_SLOT_READ;

	if (value->is_address && value->readable == TEST_READ)
		return socket_is_right(event, entry, value);
	if (length > ABI_PATTERN_MAX)
		length = ABI_PATTERN_MAX;
	if (entry->state != state || entry->length != length ||
	    entry->value != (value->readable == TEST_FAULT ? 0 : value->number))
		return false;
	if ((uint64_t)entry->offset + entry->length > event->size)
		return false;
	return !length || !memcmp((const char *)event->event + entry->offset, value->bytes, length);
}

static bool event_is_right(const struct test_case *test, const struct rig_event *event, uint64_t generation)
{
	const struct abi_event *head = event->event;
	const struct abi_accept *accept = accept_at(test, event_accept(test, head));
	static const struct abi_event_slot nothing;
	unsigned slot;

	if (head->size != event->size || head->kind != ABI_EVENT_HOOK ||
	    head->hook != test->hook.id || head->generation != generation ||
	    head->policy != accept->policy || head->hook_index != accept->hook_index ||
	    head->report_slots != accept->report_slots || head->tgid != (uint32_t)getpid() ||
	    head->slot_count != test->hook.slot_count || head->size % 8)
		return false;
	for (slot = 0; slot < head->slot_count; slot++)
		if (accept->report_slots >> slot & 1
			    ? !slot_is_right(event, slot, &test->slots[slot])
			    : memcmp(&head->slots[slot], &nothing, sizeof(nothing)))
			return false;
	return true;
}

static bool counters_are_zero(const struct abi_counters *counted)
{
	static const struct abi_counters none;

	return !memcmp(counted, &none, sizeof(none));
}

static bool counters_are_right(const struct abi_counters *counted, const struct oracle_result *oracle)
{
	unsigned error;

	/* The first test may have refused what does not match; then nothing else is counted, either. */
	if (!counted->seen && !oracle->count)
		return counters_are_zero(counted);
	if (counted->seen > 1 || counted->seen < counted->matched || counted->matched != !!oracle->count ||
	    counted->posted != oracle->count || counted->lost)
		return false;
	for (error = 0; error < ABI_ERROR_COUNT; error++)
		if (counted->errors[error] != (oracle->errors >> error & 1))
			return false;
	return true;
}

const char *check(struct rig *rig, struct test_case *test)
{
	struct oracle_result oracle;
	struct abi_counters counted;
	uint32_t i;

	oracle_run(&test->builder, test->records, test->slots, binary_of(test), &oracle);
	native_decide(test);
	if (!same_accepts(&oracle, native.state.accepts, native.state.accept_count))
		return "the matcher's accepts are not the oracle's";
	if (native.state.errors != oracle.errors)
		return "the matcher's errors are not the oracle's";
	rig_set_process(rig, test->has_process ? &test->process : NULL, test->binary.bytes);
	if (rig_run(rig, test->arguments))
		return "BPF_PROG_TEST_RUN fails";
	if (rig->event_count != oracle.count)
		return "the kernel's number of accepts is not the oracle's";
	for (i = 0; i < oracle.count; i++) {
		if (event_accept(test, rig->events[i].event) != oracle.accepts[i])
			return "the kernel's accepts are not the oracle's";
		if (!event_is_right(test, &rig->events[i], rig->generation))
			return "an event of the kernel's is wrong";
	}
	counted = rig_counted(rig);
	return counters_are_right(&counted, &oracle) ? NULL : "the kernel's counters are wrong";
}

/* ---- Building cases ---- */

static const uint32_t no_flags[4];

void case_begin(struct test_case *test)
{
	memset(test, 0, sizeof(*test));
	test->process.start_time = 1;
	builder_init(&test->builder);
	builder_policies(&test->builder, no_flags, 4);
	test->hook.id = RIG_HOOK;
	test->records = calloc(ABI_RECORDS_MAX, sizeof(*test->records));
}

void case_accepts(struct test_case *test, unsigned count, uint32_t report_slots)
{
	struct abi_accept accept = { .report_slots = report_slots };
	uint32_t offset;

	for (accept.selector = 0; accept.selector < count; accept.selector++) {
		accept.policy = accept.selector & 3;
		accept.hook_index = accept.selector * 3;
		offset = builder_accept(&test->builder, &accept);
		if (!accept.selector)
			test->builder.accepts = offset;
	}
	test->builder.accept_count = count;
}

void case_finish(struct test_case *test, struct rig *rig)
{
	builder_hook(&test->builder, &test->hook, test->records);
	builder_finish(&test->builder);
	rig_apply(rig, &test->builder);
}

void case_release(struct test_case *test)
{
	builder_release(&test->builder);
	free(test->records);
}

void add_record(struct test_case *test, unsigned op, unsigned slot, uint64_t operand, unsigned yes,
		       unsigned no, unsigned unknown)
{
	test->records[test->hook.record_count++] = (struct abi_record){
		.op = op, .slot = slot, .yes = yes, .no = no, .unknown = unknown, .operand = operand };
}

unsigned add_slot(struct test_case *test, unsigned load, unsigned source, unsigned argument)
{
	test->hook.slots[test->hook.slot_count] =
		(struct abi_slot){ .load = load, .source = source, .index = argument };
	return test->hook.slot_count++;
}

void set_string(struct test_case *test, unsigned slot, unsigned argument, const char *bytes,
		       uint64_t length)
{
	test->arguments[argument] = (uint64_t)bytes;
	test->slots[slot] = (struct test_value){
		.bytes = (const uint8_t *)bytes, .length = length, .has_bytes = true };
}

void one_predicate(struct test_case *test, unsigned op, unsigned slot, uint64_t operand,
			  uint32_t report)
{
	unsigned i;

	case_accepts(test, 3, report);
	add_record(test, op, slot, operand, 1, 2, 3);
	for (i = 0; i < 3; i++)
		add_record(test, ABI_OP_ACCEPT, 0,
			   test->builder.accepts + i * sizeof(struct abi_accept), 4, 0, 0);
	add_record(test, ABI_OP_END, 0, 0, 0, 0, 0);
}
