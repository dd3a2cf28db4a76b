// SPDX-License-Identifier: Apache-2.0
/*
 * test_entries.c - entries of the table of processes that are being changed, and what exec leaves as it is: see struct abi_process_entry.
 *
 * TAP; needs root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/processes.h"
#include "tests/bpf/scripts.h"
#include "tests/bpf/tap.h"
#include "tests/bpf/watcher.h"
#include "tests/bpf/watcher.skel.h"

/* ---- Entries that are being changed ---- */

static struct abi_process_entry entry_of(uint32_t pid)
{
	struct abi_process_entry entry = { 0 };

	bpf_map_lookup_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &pid, &entry);
	return entry;
}

/* As others find it while it is changed (start_time 0), its path half of another, or before and afterwards; returns the start_time that it had. */
static uint64_t set_start(uint32_t pid, uint64_t start)
{
	struct abi_process_entry entry = entry_of(pid);
	const uint64_t before = entry.start_time;

	entry.start_time = start;
	entry.texts[1] ^= 1;
	bpf_map_update_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &pid, &entry, BPF_EXIST);
	return before;
}

/* Until the script waits; then its process's entry gets this start_time, and it goes on. */
static uint64_t go_on_with(uint32_t pid, uint64_t start)
{
	uint64_t before;

	script_await();
	before = set_start(pid, start);
	script_go_on();
	return before;
}

/* Rows that no process is the right one for. */
static bool has_rows_of_nobody(const struct abi_process_entry *entry)
{
	const uint64_t key = ABI_PROCESS_KEY(script_programs.generation, entry->pid, 0);
	const uint64_t unknown = (entry->parent_unknown & 1) | (entry->lineage_unknown & 1) << 1;

	return entry->binary_checks[0] == ABI_PROCESS_CHECK(key, entry->binary_rows[0]) ||
	       entry->kin_checks[0] == ABI_PROCESS_CHECK_KIN(key, entry->parent_rows[0], entry->lineage_rows[0], unknown);
}

static void test_changed_entry(void)
{
	struct abi_process_entry entry;
	uint64_t start;
	uint32_t pid;

	script_apply_kin();
	pid = script_start(FIRST " wait ask wait " SECOND " wait ask wait ask");
	start = go_on_with(pid, 0);
	script_await();
	entry = entry_of(pid);
	set_start(pid, start);
	script_go_on();
	tap_ok(entry.pid == pid && !entry.start_time && !has_rows_of_nobody(&entry), "while it is changed, nothing that is found out is kept in it");
	start = go_on_with(pid, 0);
	go_on_with(pid, start);
	script_finish();
	tap_ok(script_answers_are(0, "NYNN" "UYUU" "UUU" "U" "UUU"), "while it is changed: what it runs can be found out, its kin cannot");
	tap_ok(script_answers_are(15, "NNYN" "UUYU" "UUU" "U" "UUU"), "while it is changed again: what it runs then");
	tap_ok(script_answers_are(30, "NNYN" "YnYn" "YNN" "N" "Ynn"), "when it is done everything is known");
}

static void test_changed_parent(void)
{
	uint64_t start;
	pid_t pid;

	script_apply_kin();
	pid = script_start(FIRST " fork " SECOND " wait ask wait ask");
	script_await();
	script_apply_kin();	/* the rows that were inherited are another image's */
	start = set_start(pid, 0);
	script_go_on();
	go_on_with(pid, start);
	script_finish();
	tap_ok(script_answers_are(0, "NNYN" "UUYU" "UUU" "U" "UUU"), "while the parent's is changed, no kin is known");
	script_start(FIRST " fork " SECOND " wait ask");
	script_await();
	script_apply_kin();
	script_go_on();
	script_finish();
	tap_ok(script_answers_are(0, "NNYN" "YYYn" "NYN" "N" "YYn"), "when it is not, all is");
}

/* An entry that a process left behind, which a new one has the number of. */
static void test_left_behind(void)
{
	const struct abi_process_entry first = { .pid = 1, .ancestor_count = 1, .ancestors = { 1 } };
	uint32_t pid;

	script_apply_kin();
	pid = script_start("wait " FIRST " ask fork ask");
	script_await();
	bpf_map_update_elem(programs_map(&script_programs, ABI_MAP_PROCESSES), &pid, &first, BPF_EXIST);
	script_go_on();
	script_finish();
	tap_ok(script_answers_are(0, "NYNN" "YYnn" "YNN" "N" "Ynn") && script_answers_are(15, "NYNN" "YYnn" "NYN" "N" "YYn"),
	       "one that was left behind is none: exec makes another, which has the parent's kin");
}

/* Whether a look saw that the entry is being changed, or else all that it is in `entry`. */
static bool is_sight_of(const struct sight *sight, const struct abi_process_entry *entry)
{
	return sight->start_before == entry->start_time && sight->start_after == entry->start_time &&
	       !memcmp(sight->words, entry, sizeof(sight->words));
}

static void check_sights(const struct watched *watched, const struct abi_process_entry *before, const struct abi_process_entry *after)
{
	unsigned changing = 0, old = 0, new = 0;

	for (unsigned n = 0; n < watched->count; n++) {
		changing += !watched->sights[n].start_before && !watched->sights[n].start_after;
		old += is_sight_of(&watched->sights[n], before);
		new += is_sight_of(&watched->sights[n], after);
	}
	tap_say("%u looks: %u before, %u in between, %u after", watched->count, old, changing, new);
	tap_ok(changing && old && new && changing + old + new == watched->count,
	       "who looks in the middle of exec sees the one before, the one after, or that it is being changed");
}

static void test_sights(void)
{
	struct watcher_bpf *watcher = watcher_bpf__open();
	struct abi_process_entry before, after;
	struct watched watched = { 0 };
	uint32_t key = 0;

	if (!tap_ok(watcher && !bpf_map__reuse_fd(watcher->maps.processes, programs_map(&script_programs, ABI_MAP_PROCESSES)) && !watcher_bpf__load(watcher),
		    "the watcher is loaded"))
		return;
	if (watcher_bpf__attach(watcher)) {
		tap_skip("who looks in the middle of exec", "no kprobe here: %s", strerror(errno));
		watcher_bpf__destroy(watcher);
		return;
	}
	script_apply_kin();
	watched.process = script_start(FIRST " wait ask " SECOND " wait ask wait");
	script_await();
	before = entry_of(watched.process);
	bpf_map_update_elem(bpf_map__fd(watcher->maps.watched), &key, &watched, BPF_ANY);
	script_go_on();
	script_await();
	after = entry_of(watched.process);
	script_apply_kin();	/* so that its path is read again */
	script_go_on();
	script_await();
	bpf_map_lookup_elem(bpf_map__fd(watcher->maps.watched), &key, &watched);
	watcher_bpf__destroy(watcher);
	script_go_on();
	script_finish();
	check_sights(&watched, &before, &after);
}

static void test_find(void)
{
	const struct process_maps maps = scripts_maps();
	struct abi_process process;
	struct abi_process_entry entry;
	int changed, copied, whole;
	pid_t pid = script_start(FIRST " wait");
	uint32_t key = (uint32_t)pid;
	uint64_t start;

	script_await();
	start = set_start(key, 0);
	changed = process_find(maps, key, &process);
	set_start(key, start);
	entry = entry_of(getpid());
	bpf_map_update_elem(maps.entries, &key, &entry, BPF_EXIST);
	copied = process_find(maps, key, &process);
	bpf_map_delete_elem(maps.entries, &key);
	whole = process_find(maps, (uint32_t)getpid(), &process);
	script_go_on();
	script_finish();
	tap_ok(changed == -EAGAIN, "tetra does not take an entry that is being changed");
	tap_ok(copied == -EAGAIN, "nor one that is the parent's still");
	tap_ok(!whole && process.pid == (uint32_t)getpid(), "but all others");
}

/* ---- Ancestors ---- */

/* How many ancestors this process has. */
static unsigned own_depth(void)
{
	return entry_of((uint32_t)getpid()).ancestor_count;
}

static void add_forks(char *script, unsigned count)
{
	for (unsigned n = 0; n < count; n++)
		strcat(script, "fork ");
}

/* Of a chain of processes that is too long, the beginning is not known any more. */
static void test_long_lineage(void)
{
	static const unsigned rows[] = { 6, 20, ABI_LINEAGE_MAX - 1, ABI_LINEAGE_MAX, ABI_LINEAGE_MAX + 5, 3 * ABI_LINEAGE_MAX };
	const uint32_t ids[] = { (uint32_t)getpid(), 4194305 };
	unsigned row;

	script_apply_ids(ids, 2, false);
	for (row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
		char script[1024] = "", expected[3] = { rows[row] < ABI_LINEAGE_MAX ? 'Y' : 'U',
							own_depth() + rows[row] < ABI_LINEAGE_MAX ? 'N' : 'U' };

		add_forks(script, rows[row]);
		strcat(script, "ask " FIRST " ask");
		script_start(script);
		tap_ok(script_finish() == 4 && script_answers_are(0, expected) && script_answers_are(2, expected),
		       "process ids: %u generations, and after exec", rows[row]);
	}
}

/*
 * In a pid namespace of its own, process n of a chain has number n.  It has n - 1 ancestors there; asked are the parent, the last three that
 * may be remembered, the first process, and nobody.
 */
static void test_long_numbered_lineage(void)
{
	static const unsigned rows[] = { 5, 31, 32, 33, 34, 62, 63, 64, 65, 66, 97, 100 };
	unsigned row, n;

	for (row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
		const unsigned last = rows[row];
		uint32_t ids[] = { last - 1, last - 31, last - 32, last - 33, 1, 4194305 };
		char script[1024] = "unshare ", expected[7] = "";

		for (n = 0; n < 6; n++)
			expected[n] = ids[n] && ids[n] < last && last - ids[n] <= ABI_LINEAGE_MAX ? 'Y' : last - 1 <= ABI_LINEAGE_MAX ? 'N' : 'U';
		script_apply_ids(ids, 6, true);
		add_forks(script, last - 1);
		strcat(script, "fork ask " FIRST " ask");
		script_start(script);
		tap_ok(script_finish() == 12 && script_answers_are(0, expected) && script_answers_are(6, expected),
		       "process ids of a namespace: of process %u, and after exec", last);
	}
}

static void test_all(void)
{
	test_changed_entry();
	test_changed_parent();
	test_left_behind();
	test_sights();
	test_find();
	test_long_lineage();
	test_long_numbered_lineage();
}

int main(int argc, char **argv)
{
	return scripts_main(argc, argv, test_all);
}
