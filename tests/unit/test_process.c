// SPDX-License-Identifier: Apache-2.0
/* test_process.c - processes that run, that are gone, and that are others of the same number; and addresses of them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/schema.h"
#include "symbolize/process.h"
#include "symbolize/symbolizer.h"

static pid_t child(void)
{
	const pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void mappings(void **state)
{
	void *anonymous = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct { const char *what; uint64_t address; enum mapping_kind kind; bool has_binary; } rows[] = {
		{ "our own code", (uintptr_t)mappings, MAPPING_FILE, true },
		{ "memory of no file", (uintptr_t)anonymous, MAPPING_ANONYMOUS, false },
		{ "the vdso", getauxval(AT_SYSINFO_EHDR), MAPPING_VDSO, true },
	};
	enum symbol_why why;
	struct process *process = process_open(getpid(), 0, &why);

	(void)state;
	assert_non_null(process);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct mapping *mapping = process_mapping(process, rows[n].address, &why);
		struct binary *binary;

		print_message("# %s\n", rows[n].what);
		if (!rows[n].address)
			continue;
		assert_non_null(mapping);
		assert_int_equal(mapping->kind, rows[n].kind);
		binary = process_binary(process, mapping, &why);
		assert_int_equal(binary != NULL, rows[n].has_binary);
		if (!binary)
			assert_int_equal(why, SYMBOL_ANONYMOUS);
		binary_close(binary);
	}
	assert_null(process_mapping(process, 0, &why));
	assert_int_equal(why, SYMBOL_UNMAPPED);
	process_close(process);
	munmap(anonymous, 4096);
}

/* One that began later than an event is not the event's. */
static void start_times(void **state)
{
	const pid_t pid = child();
	enum symbol_why why;
	struct process *process = process_open(pid, 1, &why);

	(void)state;
	assert_null(process);
	assert_int_equal(why, SYMBOL_GONE);
	process = process_open(pid, UINT64_MAX / 2, &why);
	assert_non_null(process);
	process_close(process);
	end(pid);
	assert_null(process_open(pid, 0, &why));
	assert_int_equal(why, SYMBOL_GONE);
}

/* What was seen of it stays, and nothing else is told. */
static void seen_and_gone(void **state)
{
	const struct symbolizer_options options = { .module.no_lines = true };
	struct symbolizer *symbolizer = symbolizer_new(&options);
	struct symbolize_target target = { .kind = TARGET_PROCESS, .pid = child() };
	struct symbolized found;

	(void)state;
	assert_false(symbolize_gone(symbolizer, target.pid, 0));
	symbolize(symbolizer, &target, (uintptr_t)seen_and_gone, ADDRESS_EXACT, &found);
	assert_int_equal(found.why, SYMBOL_KNOWN);
	assert_string_equal(found.frames[found.count - 1].function, "seen_and_gone");
	assert_int_equal(found.offset, 0);
	end(target.pid);
	assert_true(symbolize_gone(symbolizer, target.pid, 0));
	symbolize(symbolizer, &target, (uintptr_t)start_times + 1, ADDRESS_RETURN, &found);
	assert_string_equal(found.frames[found.count - 1].function, "start_times");
	assert_int_equal(found.offset, 1);
	symbolize(symbolizer, &target, 1, ADDRESS_EXACT, &found);
	assert_int_equal(found.why, SYMBOL_GONE);
	symbolize_forget(symbolizer, target.pid, 0);
	symbolize(symbolizer, &target, (uintptr_t)seen_and_gone, ADDRESS_EXACT, &found);
	assert_int_equal(found.why, SYMBOL_GONE);
	assert_int_equal(found.count, 0);
	symbolizer_free(symbolizer);
}

/* More processes than are kept, and the same answers. */
static void many_processes(void **state)
{
	const struct symbolizer_options options = { .module.no_lines = true };
	struct symbolizer *symbolizer = symbolizer_new(&options);
	struct symbolized found;
	pid_t pids[LIMIT_OPEN_PROCESSES + 8];

	(void)state;
	for (size_t n = 0; n < sizeof(pids) / sizeof(*pids); n++)
		pids[n] = child();
	for (size_t n = 0; n < 2 * sizeof(pids) / sizeof(*pids); n++) {
		const struct symbolize_target target = { .kind = TARGET_PROCESS, .pid = pids[n % (sizeof(pids) / sizeof(*pids))] };

		symbolize(symbolizer, &target, (uintptr_t)many_processes, ADDRESS_EXACT, &found);
		assert_int_equal(found.why, SYMBOL_KNOWN);
		assert_string_equal(found.frames[found.count - 1].function, "many_processes");
	}
	for (size_t n = 0; n < sizeof(pids) / sizeof(*pids); n++)
		end(pids[n]);
	symbolizer_free(symbolizer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings), cmocka_unit_test(start_times), cmocka_unit_test(seen_and_gone), cmocka_unit_test(many_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
