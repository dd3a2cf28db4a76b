// SPDX-License-Identifier: Apache-2.0
/*
 * test_processes.c - what decisions know of the process: namespaces, capabilities, their changes, and its ancestors.
 *
 * TAP; needs root.
 */
#include <bpf/bpf.h>
#include <string.h>
#include <unistd.h>

#include "runtime/processes.h"
#include "tests/bpf/scripts.h"
#include "tests/bpf/tap.h"

#define WORD_64		"----------------------------------------------------------------"
#define LONG_WORD	WORD_64 WORD_64 WORD_64 WORD_64	/* does nothing */

/* Words of NAMESPACE in schema/kinds.def. */
enum { UTS = 0, IPC = 1, PID = 3, PID_FOR_CHILDREN = 4, NET = 5, TIME = 6, TIME_FOR_CHILDREN = 7, CGROUP = 8, USER = 9 };

/* ---- Facts: slots that are reported ---- */

enum {
	FACT_NAMESPACE = 0, FACT_HOST = FACT_NAMESPACE + ABI_NAMESPACES, FACT_SET = FACT_HOST + ABI_NAMESPACES,
	FACT_SET_CHANGES = FACT_SET + ABI_CAPABILITY_SETS, FACT_CHANGES = FACT_SET_CHANGES + ABI_CAPABILITY_SETS, FACT_PID, FACTS,
};

static struct abi_slot fact_slot(unsigned fact)
{
	struct abi_slot slot = { .source = ABI_SOURCE_TASK };
	static const struct { unsigned first, load; } kinds[] = {
		{ FACT_PID, ABI_LOAD_NAMESPACE_PID }, { FACT_CHANGES, ABI_LOAD_NAMESPACE_CHANGES },
		{ FACT_SET_CHANGES, ABI_LOAD_CAPABILITY_CHANGES }, { FACT_SET, ABI_LOAD_CAPABILITY_SET },
		{ FACT_HOST, ABI_LOAD_IN_HOST_NAMESPACE }, { FACT_NAMESPACE, ABI_LOAD_NAMESPACE },
	};
	unsigned n = 0;

	while (kinds[n].first > fact)
		n++;
	slot.load = kinds[n].load;
	slot.index = fact - kinds[n].first;
	return slot;
}

/* Every event is accepted and tells all facts. */
static void apply_facts(uint32_t flags)
{
	static const uint32_t no_flags[1];
	struct abi_accept accept = { .report_slots = (1u << FACTS) - 1, .flags = flags };
	struct abi_hook hook = { .id = SCRIPT_HOOK, .slot_count = FACTS, .record_count = 2 };
	struct abi_record records[2] = { { .op = ABI_OP_ACCEPT, .yes = 1 } };
	struct image_builder builder;
	unsigned fact;

	builder_init(&builder);
	builder_policies(&builder, no_flags, 1);
	records[0].operand = builder_accept(&builder, &accept);
	for (fact = 0; fact < FACTS; fact++)
		hook.slots[fact] = fact_slot(fact);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	programs_apply(&script_programs, &builder);
	builder_release(&builder);
}

static const struct abi_event_slot *fact(unsigned event, unsigned which)
{
	static const struct abi_event_slot nothing;

	return event < script_programs.event_count ? &((const struct abi_event *)script_programs.events[event].bytes)->slots[which] : &nothing;
}

static bool fact_is(unsigned event, unsigned which, uint64_t value)
{
	const struct abi_event_slot *slot = fact(event, which);

	if (slot->state == ABI_SLOT_READ && slot->value == value)
		return true;
	tap_say("fact %u: state %u, %llx instead of %llx", which, slot->state, (unsigned long long)slot->value,
		(unsigned long long)value);
	return false;
}

static bool is_unreadable(unsigned event, unsigned which)
{
	return fact(event, which)->state == ABI_SLOT_FAULT;
}

/* What /proc does not have cannot be read either, but for a pid namespace in which no child was born yet. */
static bool namespaces_are_right(unsigned event)
{
	bool fine = true;
	unsigned n;

	for (n = 0; n < ABI_NAMESPACES; n++)
		fine &= n == PID_FOR_CHILDREN && !script_seen->namespaces[n] ? !is_unreadable(event, FACT_NAMESPACE + n) :
			script_seen->namespaces[n] ? fact_is(event, FACT_NAMESPACE + n, script_seen->namespaces[n]) :
					      is_unreadable(event, FACT_NAMESPACE + n);
	return fine;
}

static bool capabilities_are_right(unsigned event)
{
	bool fine = script_seen->flags & ABI_PROCESS_CAPABILITIES;
	unsigned n;

	for (n = 0; n < ABI_CAPABILITY_SETS; n++)
		fine &= fact_is(event, FACT_SET + n, script_seen->capabilities[n]);
	return fine;
}

static void test_facts(void)
{
	apply_facts(0);
	script_start("fork ask");
	tap_ok(script_finish() == 1 && namespaces_are_right(0), "namespaces are what /proc says");
	tap_ok(capabilities_are_right(0), "capability sets are what /proc says");
	tap_ok(fact_is(0, FACT_PID, script_seen->namespace_pid), "the process id is the namespace's");
	tap_ok(fact_is(0, FACT_CHANGES, 0) && fact_is(0, FACT_SET_CHANGES, 0), "nothing has changed");
	script_start("unshare fork ask");
	tap_ok(script_finish() == 1 && fact_is(0, FACT_PID, 1) && script_seen->namespace_pid == 1 && namespaces_are_right(0) &&
		       fact_is(0, FACT_CHANGES, 0),
	       "the first process of a new pid namespace has id 1, and has had it from the start");
}

static void test_host(void)
{
	uint32_t *host = script_programs.area->control.host_namespaces, own[ABI_NAMESPACES], n;
	bool fine = true;

	namespaces_read(getpid(), own);
	memcpy(host, own, sizeof(own));
	host[IPC]++;
	host[NET] = 0;
	apply_facts(0);
	script_start("ask");
	script_finish();
	for (n = 0; n < ABI_NAMESPACES; n++)
		fine &= !own[n] || n == NET ? is_unreadable(0, FACT_HOST + n) : fact_is(0, FACT_HOST + n, n != IPC);
	tap_ok(fine, "a namespace is the host's, or not, or it is not known which one is");
	namespaces_read(1, host);
}

static void test_namespace_changes(void)
{
	apply_facts(0);
	script_start("unshare ask ask");
	tap_ok(script_finish() == 2 && fact_is(0, FACT_CHANGES, 1 << UTS | 1 << NET | 1 << PID_FOR_CHILDREN) && namespaces_are_right(0),
	       "namespaces that a process has left are changes");
	tap_ok(fact_is(1, FACT_CHANGES, 1 << UTS | 1 << NET | 1 << PID_FOR_CHILDREN), "and stay so");
	script_start("unshare fork ask");
	tap_ok(script_finish() == 1 && fact_is(0, FACT_CHANGES, 0), "they are none of the child that begins with them");
	script_start("unshare " FIRST " ask");
	tap_ok(script_finish() == 1 && fact_is(0, FACT_CHANGES, 0), "nor of what is executed afterwards");
	script_start("unshare-user ask");
	if (!script_finish())	/* it has no capabilities outside of it any more */
		tap_skip("a user namespace is a change", "this kernel does not let such a process run a program");
	else
		tap_ok(fact_is(0, FACT_CHANGES, 1u << USER) && namespaces_are_right(0), "a user namespace is a change");
	apply_facts(ABI_ACCEPT_NOTES_NAMESPACES | ABI_ACCEPT_ACTS);
	script_start("unshare ask ask");
	tap_ok(script_finish() == 2 && fact_is(0, FACT_CHANGES, 1 << UTS | 1 << NET | 1 << PID_FOR_CHILDREN) &&
		       fact_is(1, FACT_CHANGES, 0),
	       "a change that was noted is none any more");
	if (!script_seen->namespaces[TIME]) {
		tap_skip("time namespaces", "this kernel has none");
		return;
	}
	script_start("unshare-time ask fork ask");
	tap_ok(script_finish() == 2 && fact_is(0, FACT_CHANGES, 1 << TIME_FOR_CHILDREN) && fact_is(1, FACT_CHANGES, 0) &&
		       namespaces_are_right(1),
	       "a time namespace is the children's first");
}

static void test_capability_changes(void)
{
	apply_facts(0);
	script_start("drop ask");
	tap_ok(script_finish() == 1 && fact_is(0, FACT_SET_CHANGES, 1ULL << SCRIPT_DROPPED) && fact_is(0, FACT_SET_CHANGES + 1, 0) &&
		       fact_is(0, FACT_SET_CHANGES + 2, 0) && capabilities_are_right(0),
	       "a capability that was dropped is a change of its set only");
	script_start("drop fork ask");
	tap_ok(script_finish() == 1 && fact_is(0, FACT_SET_CHANGES, 0), "it is none of the child");
	apply_facts(ABI_ACCEPT_NOTES_CAPABILITIES | ABI_ACCEPT_ACTS);
	script_start("drop ask ask");
	tap_ok(script_finish() == 2 && fact_is(0, FACT_SET_CHANGES, 1ULL << SCRIPT_DROPPED) && fact_is(1, FACT_SET_CHANGES, 0),
	       "a change that was noted is none any more");
}

/* This process asks. */
static bool only_changes_are_unknown(void)
{
	programs_drop_events(&script_programs);
	dup2(script_program, SCRIPT_FD_PROGRAM);
	script_ask();
	close(SCRIPT_FD_PROGRAM);
	return script_collect() == 1 && is_unreadable(0, FACT_CHANGES) && is_unreadable(0, FACT_SET_CHANGES) &&
	       namespaces_are_right(0) && capabilities_are_right(0);
}

static void test_unknown_process(void)
{
	uint32_t key = getpid();
	struct abi_process_entry entry, changed;

	apply_facts(0);
	bpf_map_lookup_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &key, &entry);
	changed = entry;
	changed.start_time = 0;
	bpf_map_update_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &key, &changed, BPF_ANY);
	tap_ok(only_changes_are_unknown(), "while a process's entry is changed, changes cannot be told, and the rest can");
	bpf_map_delete_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &key);
	tap_ok(only_changes_are_unknown(), "nor can they of a process that is not known");
	bpf_map_update_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &key, &entry, BPF_ANY);
}

/* ---- Kin ---- */

static void test_ids(void)
{
	const uint32_t ids[] = { getpid(), 1, 4194305 }, inner[] = { 1, 2, 4194305 };

	script_apply_ids(ids, 3, false);
	script_start("ask");
	tap_ok(script_finish() == 3 && script_answers_are(0, "YYN"), "process ids: the parent, the first process, and nobody");
	script_start("leave leave ask");
	tap_ok(script_finish() == 3 && script_answers_are(0, "YYN"), "process ids: ancestors that are gone");
	script_start("leave " FIRST " leave " SECOND " ask");
	tap_ok(script_finish() == 3 && script_answers_are(0, "YYN"), "process ids: and what they executed");
	script_apply_ids(inner, 3, true);
	script_start("unshare fork fork ask");
	tap_ok(script_finish() == 3 && script_answers_are(0, "YYN"), "process ids of a namespace: nobody outside has one");
	script_start("unshare fork ask");
	tap_ok(script_finish() == 3 && script_answers_are(0, "YNN"), "process ids of a namespace: its first process");
}

static void test_kin(void)
{
	script_apply_kin();
	script_start(FIRST " fork " SECOND " ask");
	tap_ok(script_finish() == 15 && script_answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "binaries: of all kin");
	script_start(FIRST " leave " SECOND " ask");
	tap_ok(script_finish() == 15 && script_answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "binaries: of a parent that is gone");
	script_start(FIRST " " LONG_WORD " fork fork ask");
	tap_ok(script_finish() == 15 && script_answers_are(0, "NYNN" "YYnn" "NYN" "N" "YYn"), "binaries: whose texts the entry has no room for");
	script_start(FIRST " " LONG_WORD " fork wait ask");
	script_await();
	script_apply_kin();
	script_go_on();
	tap_ok(script_finish() == 15 && script_answers_are(0, "NYNN" "YYnn" "NYN" "N" "YYn"), "binaries: likewise, found anew by another image");
	script_start("fork " FIRST " leave leave " SECOND " leave ask");
	tap_ok(script_finish() == 15 && script_answers_are(0, "NNYN" "YYYn" "NNY" "N" "YYY"), "binaries: of several that are gone");
	script_start(FIRST " fork " SECOND " wait ask");
	script_await();
	script_apply_kin();
	script_go_on();
	tap_ok(script_finish() == 15 && script_answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "binaries: found anew by another image");
	script_start(FIRST " leave " SECOND " wait ask");
	script_await();
	script_apply_kin();
	script_go_on();
	tap_ok(script_finish() == 15 && script_answers_are(0, "NNYN" "UUYU" "UUU" "U" "UUU"),
	       "binaries: another image cannot know of those that were gone");
	script_start("fork " FIRST " fork wait ask");
	script_await();
	script_apply_kin();
	script_go_on();
	tap_ok(script_finish() == 15 && script_answers_are(0, "NYNN" "YYnn" "NYN" "N" "YYn"), "binaries: a child that executes nothing");
}

static void test_all(void)
{
	test_facts();
	test_host();
	test_namespace_changes();
	test_capability_changes();
	test_unknown_process();
	test_ids();
	test_kin();
}

int main(int argc, char **argv)
{
	return scripts_main(argc, argv, test_all);
}
