// SPDX-License-Identifier: Apache-2.0
/* test_mappings.c - what the running kernel tells of files that are mapped: the program of a child of this test.  Skips without the right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/mappings.h"

struct note { const uint8_t *bytes; size_t size; };

/* The build id in the notes of this program, which dl_iterate_phdr() names first. */
static int find_note(struct dl_phdr_info *info, size_t size, void *context)
{
	struct note *ret = context;

	(void)size;
	for (int n = 0; n < info->dlpi_phnum; n++) {
		const uint8_t *at = (const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[n].p_vaddr);
		const uint8_t *end = at + info->dlpi_phdr[n].p_memsz;
		ElfW(Nhdr) note;

		for (; info->dlpi_phdr[n].p_type == PT_NOTE && at + sizeof(note) <= end;
		     at += sizeof(note) + (note.n_namesz + 3) / 4 * 4 + (note.n_descsz + 3) / 4 * 4) {
			memcpy(&note, at, sizeof(note));
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(at + sizeof(note), "GNU", 4))
				*ret = (struct note){ at + sizeof(note) + 4, note.n_descsz };
		}
	}
	return 1;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static pid_t run(const char *path)
{
	const pid_t child = fork();

	if (!child) {
		execl(path, path, "child", NULL);
		_exit(1);
	}
	waitpid(child, NULL, 0);
	return child;
}

static struct mappings *listen_or_skip(void)
{
	struct mappings *mappings;
	int error = mappings_probe();

	if (error)
		print_message("the kernel does not tell: %s\n", strerror(-error));
	if (error)
		skip();
	mappings = mappings_open(&error);
	assert_non_null(mappings);
	return mappings;
}

static void test_program_of_child(void **state)
{
	struct mappings *mappings = listen_or_skip();
	const uint64_t before = now();
	struct note note = { 0 };
	struct event_mapping mapping;
	unsigned found = 0, libraries = 0;
	uint64_t last = 0;
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	pid_t child;

	(void)state;
	assert_true(length > 0);
	path[length] = '\0';
	dl_iterate_phdr(find_note, &note);
	assert_non_null(note.bytes);
	child = run(path);
	assert_false(mappings_next(mappings, before, &mapping));	/* what is younger stays */
	while (mappings_next(mappings, UINT64_MAX, &mapping)) {
		assert_true(mapping.time >= last);
		last = mapping.time;
		if (mapping.pid != (uint32_t)child || mapping.time < before)
			continue;
		assert_true(mapping.exec_began > before && mapping.exec_began <= mapping.time);
		assert_int_equal(mapping.process_start, 0);
		libraries += strstr(mapping.path, "/libc.so") != NULL;
		if (mapping.path_length != (size_t)length || memcmp(mapping.path, path, mapping.path_length))
			continue;
		found++;
		assert_int_equal(mapping.build_id_size, note.size);
		assert_memory_equal(mapping.build_id, note.bytes, note.size);
	}
	assert_int_equal(found, 1);
	assert_int_equal(libraries, 1);
	assert_int_equal(mappings_lost(mappings), 0);
	mappings_look(mappings);
	mappings_close(mappings);
}

static void map_program(void)
{
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	assert_true(memory != MAP_FAILED);
	munmap(memory, 4096);
	close(fd);
}

/* More than the rings hold: the kernel says how many are missing as soon as there is room. */
static void test_lost(void **state)
{
	struct mappings *mappings = listen_or_skip();
	struct event_mapping mapping;
	uint64_t count = 0;
	cpu_set_t here;

	(void)state;
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);	/* it is said beside the next record of the same ring */
	sched_setaffinity(0, sizeof(here), &here);
	for (int n = 0; n < 20000; n++)
		map_program();
	while (mappings_next(mappings, UINT64_MAX, &mapping))
		count++;
	for (int n = 0; n < 10; n++)
		map_program();
	while (mappings_next(mappings, UINT64_MAX, &mapping))
		count++;
	assert_true(count > 1000);
	assert_true(mappings_lost(mappings) > 0);
	assert_int_equal(mappings_lost(mappings), 0);
	mappings_close(mappings);
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_program_of_child),
		cmocka_unit_test(test_lost),
	};

	if (count > 1 && !strcmp(arguments[1], "child"))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
