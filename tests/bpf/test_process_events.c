// SPDX-License-Identifier: Apache-2.0
/*
 * test_process_events.c - the programs of processes are attached, and tell of exec, fork and exit; entries have the texts that there is room for.
 *
 * What the kernel refuses is skipped with the error.  TAP; needs root.
 */
#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/attached.h"

static struct programs programs;

static const struct abi_process_event *process_event(unsigned kind, pid_t pid)
{
	const struct abi_process_event *event;
	unsigned i;

	for (i = 0; i < programs.event_count; i++) {
		event = (const void *)programs.events[i].bytes;
		if (event->kind == kind && event->process.pid == (uint32_t)pid)
			return event;
	}
	return NULL;
}

/* The end of one that the process has forked. */
static const struct abi_process_event *end_of_child(pid_t pid)
{
	const struct abi_process_event *event;
	unsigned i;

	for (i = 0; i < programs.event_count; i++) {
		event = (const void *)programs.events[i].bytes;
		if (event->kind == ABI_EVENT_EXIT && event->process.parent_pid == (uint32_t)pid)
			return event;
	}
	return NULL;
}

/* A child that runs this program again, with an argument more, to fork one that ends and to exit with 7. */
static pid_t run_child(char *argument)
{
	char *const arguments[] = { "name", argument, "7", NULL };
	int status, go[2];
	struct abi_process_entry entry;
	uint32_t key;
	char byte;
	pid_t child;

	if (pipe(go))
		return -1;
	child = fork();
	if (!child) {
		while (read(go[0], &byte, 1) < 0)
			;
		execv("/proc/self/exe", arguments);
		_exit(1);
	}
	key = child;
	tap_ok(!bpf_map_lookup_elem(programs_map(&programs, ABI_MAP_PROCESSES), &key, &entry) && entry.pid == key &&
		       entry.flags & ABI_PROCESS_CLONE && entry.parent_pid == (uint32_t)getpid(),
	       "processes: fork makes an entry");
	(void)!write(go[1], "", 1);
	waitpid(child, &status, 0);
	close(go[0]);
	close(go[1]);
	return child;
}

static bool text_is(const char *bytes, unsigned length, const char *text, unsigned text_length)
{
	return length == text_length && !memcmp(bytes, text, length);
}

/* Whether texts that the entry has no room for remain of a process that has ended. */
static bool texts_remain(const struct abi_process_event *ended)
{
	struct abi_process_texts texts;

	return !bpf_map_lookup_elem(programs_map(&programs, ABI_MAP_PROCESS_TEXTS), &ended->process.pid, &texts);
}

static bool texts_are(const struct abi_process_event *event, const char *path, const char *argument, const char *cwd)
{
	const unsigned whole = strlen(argument) + 3, room = ABI_PROCESS_ARGUMENTS - 1, kept = whole < room ? whole : room;
	const char *texts = event ? event->process.texts : NULL;
	char arguments[1024];

	snprintf(arguments, sizeof(arguments), "%s%c7", argument, 0);
	return event && event->size == ABI_PROCESS_EVENT_HEAD + strlen(path) + kept + strlen(cwd) &&
	       text_is(texts, event->process.path_length, path, strlen(path)) &&
	       text_is(texts + strlen(path), event->process.arguments_length, arguments, kept) &&
	       text_is(texts + strlen(path) + kept, event->process.cwd_length, cwd, strlen(cwd)) &&
	       !(event->process.flags & ABI_PROCESS_ARGUMENTS_CUT) == (whole <= room) && !(event->process.flags & ABI_PROCESS_FAR);
}

/* Texts that the entry has just room for, that are too long for it by a byte, and that are too long at all. */
static void check_long_texts(void)
{
	char path[512] = "", cwd[256] = "", argument[1024];
	unsigned n;

	(void)!readlink("/proc/self/exe", path, sizeof(path) - 1);
	(void)!getcwd(cwd, sizeof(cwd));
	const unsigned room = ABI_PROCESS_NEAR - 1 - strlen(path) - strlen(cwd) - 3;
	const unsigned lengths[] = { room, room + 1, ABI_PROCESS_ARGUMENTS - 4, ABI_PROCESS_ARGUMENTS - 3, 700 };

	for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
		pid_t child;

		memset(argument, 'a' + n, lengths[n]);
		argument[lengths[n]] = 0;
		programs_drop_events(&programs);
		child = run_child(argument);
		usleep(100000);
		programs_collect(&programs);
		tap_ok(texts_are(process_event(ABI_EVENT_EXEC, child), path, argument, cwd) &&
			       texts_are(process_event(ABI_EVENT_EXIT, child), path, argument, cwd) &&
			       texts_are(end_of_child(child), path, argument, cwd) &&
			       !texts_remain(process_event(ABI_EVENT_EXIT, child)) && !texts_remain(end_of_child(child)),
		       "processes: an argument of %u bytes, at exec, at exit and of a child", lengths[n]);
	}
}

static void check_processes(void)
{
	const struct abi_process_event *started, *ended;
	char path[512] = "", cwd[256] = "";
	const char *texts;
	struct abi_process_entry entry;
	uint32_t key;
	pid_t child;

	(void)!readlink("/proc/self/exe", path, sizeof(path) - 1);
	(void)!getcwd(cwd, sizeof(cwd));
	programs_drop_events(&programs);
	child = key = run_child("--exit");
	usleep(100000);
	programs_collect(&programs);
	started = process_event(ABI_EVENT_EXEC, child);
	ended = process_event(ABI_EVENT_EXIT, child);
	if (!tap_ok(started && ended, "processes: exec and exit are reported"))
		return;
	texts = started->process.texts;
	tap_ok(text_is(texts, started->process.path_length, path, strlen(path)) &&
		       text_is(texts + strlen(path), started->process.arguments_length, "--exit\0007", 9) &&
		       text_is(texts + strlen(path) + 9, started->process.cwd_length, cwd, strlen(cwd)),
	       "processes: path, arguments and directory");
	tap_ok(started->process.parent_pid == (uint32_t)getpid() &&
		       (started->process.flags & (ABI_PROCESS_EXECVE | ABI_PROCESS_CLONE | ABI_PROCESS_PROCFS)) == ABI_PROCESS_EXECVE && !started->process.uid &&
		       started->process.start_time == started->time,
	       "processes: parent, user and time");
	tap_ok(ended->exit_code == 7 << 8 && ended->process.start_time == started->process.start_time &&
		       bpf_map_lookup_elem(programs_map(&programs, ABI_MAP_PROCESSES), &key, &entry),
	       "processes: exit tells the status and removes the entry");
}

static void test_processes(void)
{
	static const char *const names[] = { "process_exec", "process_fork", "process_exit" };
	struct bpf_object *object = programs_open(&programs, TEMPLATE_PROCESSES);
	struct bpf_link *links[3] = { NULL };
	int error = programs_load(&programs, object, NULL, NULL, NULL), i;

	tap_ok(!error, "processes loads");
	for (i = 0; i < 3 && !error; i++) {
		links[i] = attached(bpf_program__attach(program_of(object, names[i])), names[i]);
		error = !links[i];
	}
	if (!error) {
		check_processes();
		check_long_texts();
	}
	for (i = 0; i < 3; i++)
		bpf_link__destroy(links[i]);
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	if (argc == 3) {	/* run_child() */
		if (!fork())
			return 8;
		wait(NULL);
		return atoi(argv[2]);
	}
	programs_allow();
	if (!tap_ok(!programs_init(&programs), "the image area can be made and mapped"))
		return tap_done();
	test_processes();
	programs_release(&programs);
	return tap_done();
}
