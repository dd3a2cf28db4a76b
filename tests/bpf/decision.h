/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decision.h - a hook's program and one event: what the kernel's engine, the matcher in tetra and a plain oracle say of it.
 *
 * Begin a case, give it slots, accepts and records, finish it (which applies its image to the rig); then set arguments and
 * slots for each event and check.
 */
#ifndef TESTS_BPF_DECISION_H
#define TESTS_BPF_DECISION_H

#include "tests/bpf/rig.h"

/* Values of one event, as the kernel gets them and as the others do. */
struct test_case {
	struct image_builder builder;
	struct abi_hook hook;
	struct abi_record *records;
	uint64_t arguments[RIG_ARGUMENTS];
	struct test_value slots[ABI_SLOTS_MAX];
	bool has_process;
	struct abi_process_entry process;
	struct test_value binary;
	uint32_t hook_offset;
};

void case_begin(struct test_case *test);
void case_finish(struct test_case *test, struct rig *rig);
void case_release(struct test_case *test);

/* `count` accepts, one after the other, whose number is their `selector`. */
void case_accepts(struct test_case *test, unsigned count, uint32_t report_slots);
void add_record(struct test_case *test, unsigned op, unsigned slot, uint64_t operand, unsigned yes, unsigned no,
		unsigned unknown);
unsigned add_slot(struct test_case *test, unsigned load, unsigned source, unsigned argument);	/* its number */

/* A program of one predicate: accept 0 when it is true, 1 when it is not, 2 when it is unknown. */
void one_predicate(struct test_case *test, unsigned op, unsigned slot, uint64_t operand, uint32_t report);

/* Slot and argument are a string, which must live as long. */
void set_string(struct test_case *test, unsigned slot, unsigned argument, const char *bytes, uint64_t length);

/* The matcher alone: how many accepts. */
uint32_t native_decide(struct test_case *test);

/* Whether the event has the slot as it should be. */
bool slot_is_right(const struct rig_event *event, unsigned slot, const struct test_value *value);

/* Runs the event: NULL, or what differs between the three, their events and counters. */
const char *check(struct rig *rig, struct test_case *test);

#endif
