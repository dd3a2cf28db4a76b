// SPDX-License-Identifier: Apache-2.0
/*
 * kernel.c - replays the verdict tables in the running kernel.  TAP.  kernel [TABLE...]
 *
 * The image of a row is made live for the raw tracepoint program, which BPF_PROG_TEST_RUN then feeds with the row's
 * values, in a child of its own: strings and socket addresses are user memory, files are made behind a chroot (the
 * path of a file is told from there), and a row about process ids gets a child with just that id. Needs root and BTF.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/rig.h"
#include "tests/verdicts/rows.h"
#include "bpf-templates/raw_tracepoint.skel.h"
#include "tests/verdicts/kernel_files.skel.h"

#define DIRECTORY "tests/verdicts"

enum { UNREADABLE = 16, CHILD_FAILED = 99, PATH_TAKEN = 98 };

struct runner {
	struct rig rig;
	struct kernel_files_bpf *finder;
	struct verdict_cache cache;
	char folder[64];	/* what rows about files see as / */
	size_t number, impossible;
	bool fine;
};

/* ---- Where the kernel has a file ---- */

enum file_line { LINE_FD, LINE_FILE, LINE_PATH, LINE_BINPRM, LINE_COUNT };

static uint64_t find_file(struct runner *runner, int wanted, enum file_line what)
{
	uint64_t line[LINE_COUNT], found = 0;
	int fd;

	runner->finder->data->process = (uint32_t)getpid();
	fd = bpf_iter_create(bpf_link__fd(runner->finder->links.list_kernel_files));
	while (fd >= 0 && read(fd, line, sizeof(line)) == sizeof(line))
		if ((int)line[LINE_FD] == wanted)
			found = line[what];
	if (fd >= 0)
		close(fd);
	return found;
}

static int make_pipe(void)
{
	int ends[2];

	return pipe(ends) ? -1 : ends[0];
}

/* What may be there already, from another row.  A regular file that others use as a folder is one. */
static int open_as(const char *path, uint32_t mode)
{
	int fd;

	switch (mode) {
	case S_IFDIR:
		mkdir(path, 0755);
		return open(path, O_RDONLY | O_DIRECTORY);
	case S_IFIFO:
		mkfifo(path, 0644);
		return open(path, O_RDWR | O_NONBLOCK);
	case S_IFLNK:
		(void)!symlink("nowhere", path);
		return open(path, O_PATH | O_NOFOLLOW);
	default:
		fd = open(path, O_RDONLY | O_DIRECTORY);
		return fd >= 0 ? fd : open(path, O_RDWR | O_CREAT, 0644);
	}
}

/* Opens `path` behind the chroot, making what is missing of it. */
static int make_file(const char *path, uint32_t mode)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	return open_as(path, mode);
}

static uint64_t file_argument(struct runner *runner, const struct verdict_value *value)
{
	static const enum file_line lines[] = {
		[VERDICT_FILE] = LINE_FILE, [VERDICT_PATH] = LINE_PATH, [VERDICT_BINPRM] = LINE_BINPRM,
	};
	int fd;

	if (chroot(runner->folder) && errno != ENOENT)	/* a second file of the row: we are there already */
		_exit(CHILD_FAILED);
	fd = value->bytes ? make_file(value->bytes, value->mode) : make_pipe();
	if (fd < 0)
		_exit(PATH_TAKEN);
	return find_file(runner, fd, lines[value->kind]);
}

/* ---- Arguments ---- */

static uint64_t address_argument(const struct verdict_value *value)
{
	static struct sockaddr_storage storage[VERDICT_VALUES_MAX];
	static size_t used;
	struct sockaddr_storage *address = &storage[used++];
	struct sockaddr_in *v4 = (void *)address;
	struct sockaddr_in6 *v6 = (void *)address;

	address->ss_family = value->family;
	if (value->family == AF_INET) {
		v4->sin_port = htons(value->port);
		memcpy(&v4->sin_addr, value->address, sizeof(v4->sin_addr));
	} else if (value->family == AF_INET6) {
		v6->sin6_port = htons(value->port);
		memcpy(&v6->sin6_addr, value->address, sizeof(v6->sin6_addr));
	}
	return (uint64_t)(uintptr_t)address;
}

/* BPF programs do not wait for pages: after the fork, those of files may not be there yet. */
static void touch(const char *bytes, size_t length)
{
	for (size_t i = 0; i <= length; i++)
		(void)*(const volatile char *)&bytes[i];
}

static uint64_t argument(struct runner *runner, const struct verdict_value *value)
{
	switch (value->kind) {
	case VERDICT_FAULT:
		return UNREADABLE;
	case VERDICT_INT:
		return value->number;
	case VERDICT_STRING:
		touch(value->bytes, value->length);
		return (uint64_t)(uintptr_t)value->bytes;
	case VERDICT_SOCKADDR:
		return address_argument(value);
	default:
		return file_argument(runner, value);
	}
}

/* Of a process without an entry, or without a path, the program would be found out: unknown is one whose path was cut behind the root. */
static void set_process(struct runner *runner, const struct verdict_row *row)
{
	struct abi_process_entry process = { .pid = (uint32_t)getpid(), .start_time = 1 };
	const char *binary = row->binary ? row->binary : "/";
	size_t length = strlen(binary);

	process.path_length = (uint16_t)(length < ABI_PROCESS_PATH ? length : ABI_PROCESS_PATH - 1);
	process.flags = length >= ABI_PROCESS_PATH || !row->binary ? ABI_PROCESS_PATH_CUT : 0;
	rig_set_process(&runner->rig, &process, binary);
}

/* ---- The child that makes the call ---- */

static void child(struct runner *runner, const struct verdict_row *row)
{
	uint64_t context[12] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));

	for (size_t i = 0; i < row->value_count; i++)
		context[row->values[i].index % RIG_ARGUMENTS] = argument(runner, &row->values[i]);
	set_process(runner, row);
	if (bpf_prog_test_run_opts(bpf_program__fd(runner->rig.programs->progs.raw_tracepoint), &options))
		_exit(CHILD_FAILED);
	rig_set_process(&runner->rig, NULL, NULL);
	_exit(0);
}

static bool asks_for_pid(const struct abi_hook *hook)
{
	for (unsigned slot = 0; slot < hook->slot_count; slot++)
		if (hook->slots[slot].load == ABI_LOAD_PID)
			return true;
	return false;
}

/* Id of a new child, which has id `pid` unless that is 0; negative errno. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args arguments = {
		.exit_signal = SIGCHLD, .set_tid = pid ? (uint64_t)(uintptr_t)&pid : 0,
		.set_tid_size = pid != 0,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	return child < 0 ? -errno : child;
}

/* ---- Verdicts ---- */

/* Offset of the accept that an event came from. */
static uint32_t accept_of(const struct image_view *view, const struct abi_event *event)
{
	struct abi_section section = view->header->sections[ABI_SECTION_ACCEPTS];

	for (uint32_t at = section.offset, n = 0; n < view->header->accept_count; n++, at += sizeof(struct abi_accept)) {
		const struct abi_accept *accept = (const void *)(view->bytes + at);

		if (accept->policy == event->policy && accept->selector == event->selector &&
		    accept->hook_index == event->hook_index)
			return at;
	}
	return 0;
}

/* Takes the events that the child caused. */
static void collect(struct runner *runner, const struct image_view *view, struct buffer *got)
{
	uint32_t accepts[ABI_ACCEPTS_MAX];
	size_t count = 0;

	ring_buffer__consume(runner->rig.ring);
	for (; count < runner->rig.event_count; count++) {
		accepts[count] = accept_of(view, runner->rig.events[count].event);
		free(runner->rig.events[count].event);
	}
	runner->rig.event_count = 0;
	verdict_describe(view, accepts, count, got);
}

/* The verdicts that can be seen as events: all but those whose actions hold NoPost. */
static void seen_of(const char *expected, struct buffer *ret)
{
	const char *item = expected;

	while (*item) {
		size_t length = strcspn(item, ",");

		if (!memmem(item, length, "NoPost", 6))
			buffer_format(ret, "%s%.*s", ret->length ? "," : "", (int)length, item);
		item += length + (item[length] == ',');
	}
	if (!ret->length)
		buffer_add_text(ret, "none");
}

static void make_live(struct runner *runner, struct buffer *image, const struct image_hook *hook)
{
	struct abi_image *header = (void *)image->bytes;
	struct image_builder builder = { .bytes = (void *)image->bytes, .used = (uint32_t)image->length };
	uint32_t at = header->hook_offset[hook->id];

	header->hook_offset[hook->id] = 0;
	header->hook_offset[RIG_HOOK] = at;
	((struct abi_hook *)(image->bytes + at))->id = RIG_HOOK;
	rig_apply(&runner->rig, &builder);
}

enum result { RESULT_RAN, RESULT_FAILED, RESULT_SKIPPED, RESULT_IMPOSSIBLE };

/* An integer comes in a register: that it cannot be read is a case for the native matcher only. */
static bool is_impossible(const struct verdict_row *row, const struct abi_hook *hook)
{
	for (unsigned slot = 0; slot < hook->slot_count; slot++) {
		const struct verdict_value *value = verdict_row_value(row, hook->slots[slot].index);

		if (hook->slots[slot].source == ABI_SOURCE_ARGUMENT && value && value->kind == VERDICT_FAULT &&
		    hook->slots[slot].load >= ABI_LOAD_U8 && hook->slots[slot].load <= ABI_LOAD_S64)
			return true;
	}
	return false;
}

/* Makes the call of the row; `reason` says why it could not be made. */
static enum result call(struct runner *runner, const struct verdict_row *row, const struct abi_hook *hook,
			struct buffer *reason)
{
	pid_t wanted = asks_for_pid(hook) ? (pid_t)row->pid : 0, pid;
	int status;

	if (is_impossible(row, hook))
		return RESULT_IMPOSSIBLE;
	fflush(stdout);
	pid = fork_as(wanted);
	if (pid == 0)
		child(runner, row);
	if (pid == -EEXIST) {
		buffer_format(reason, "process id %d is taken", wanted);
		return RESULT_SKIPPED;
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		buffer_format(reason, "no child: %s", strerror(pid < 0 ? -pid : errno));
		return RESULT_FAILED;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status)) {
		buffer_format(reason, WEXITSTATUS(status) == PATH_TAKEN ? "the file cannot be made"
									: "the child could not make the call");
		return RESULT_FAILED;
	}
	return RESULT_RAN;	/* a child that was killed by the policy has made it */
}

static enum result run_row(struct runner *runner, const struct verdict_row *row, struct buffer *got)
{
	struct buffer image = { 0 }, original = { 0 };
	struct abi_counters before, after;
	struct image_view view;
	struct image_hook hook;
	enum result result;
	char message[256];

	if (verdict_row_image(&runner->cache, row, DIRECTORY, &image, &view, &hook, message)) {
		buffer_add_text(got, message);
		return RESULT_FAILED;
	}
	buffer_add(&original, image.bytes, image.length);
	make_live(runner, &original, &hook);
	before = rig_counters(&runner->rig);
	result = call(runner, row, hook.abi, got);
	after = rig_counters(&runner->rig);
	if (result == RESULT_RAN) {
		collect(runner, &view, got);
		if ((after.matched != before.matched) != !!strcmp(row->expected, "none"))
			buffer_format(got, " (counted as matched: %d)", after.matched != before.matched);
	}
	buffer_release(&original);
	buffer_release(&image);
	return result;
}

static void report(struct runner *runner, const char *table, const struct verdict_row *row)
{
	struct buffer got = { 0 }, want = { 0 };
	enum result result = run_row(runner, row, &got);
	bool fine;

	if (result == RESULT_IMPOSSIBLE) {
		runner->impossible++;
		return;
	}
	seen_of(row->expected, &want);
	fine = result == RESULT_SKIPPED || (result == RESULT_RAN && !strcmp(got.bytes, want.bytes));
	printf("%sok %zu - %s:%zu: %s", fine ? "" : "not ", ++runner->number, table, row->line, row->name);
	if (result == RESULT_SKIPPED)
		printf(" # SKIP %s", got.bytes);
	putchar('\n');
	if (!fine)
		printf("# expected %s, got %s\n", want.bytes, got.bytes);
	runner->fine &= fine;
	buffer_release(&got);
	buffer_release(&want);
}

static void run_table(struct runner *runner, const char *path)
{
	const char *table = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct arena arena = { 0 };
	struct verdict_rows rows;
	char message[256];

	if (verdict_rows_read(path, &arena, &rows, message)) {
		printf("not ok %zu - %s\n# %s\n", ++runner->number, table, message);
		runner->fine = false;
	} else {
		for (size_t i = 0; i < rows.count; i++)
			report(runner, table, &rows.items[i]);
	}
	arena_release(&arena);
}

/* ---- Start and end ---- */

/* NULL, or what is missing. */
static const char *open_all(struct runner *runner)
{
	static const char *const needs = "needs root, BPF and BTF";

	strcpy(runner->folder, "/tmp/verdicts.XXXXXX");
	if (geteuid() || rig_open(&runner->rig))
		return needs;
	runner->finder = kernel_files_bpf__open_and_load();
	if (!runner->finder || kernel_files_bpf__attach(runner->finder) || !mkdtemp(runner->folder))
		return "cannot list the files of a process through a BPF iterator";
	return NULL;
}

static void close_all(struct runner *runner)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", runner->folder);
	if (system(command))
		fprintf(stderr, "'%s' is left behind\n", runner->folder);
	kernel_files_bpf__destroy(runner->finder);
	rig_close(&runner->rig);
	verdict_cache_release(&runner->cache);
}

int main(int argc, char **argv)
{
	static struct runner runner = { .fine = true };
	const char *missing = open_all(&runner);
	glob_t tables = { 0 };

	if (missing) {
		printf("1..1\nok 1 - verdict tables in the kernel # SKIP %s\n", missing);
		return 0;
	}
	if (argc < 2)
		glob(DIRECTORY "/*.tsv", 0, NULL, &tables);
	for (int i = 1; i < argc; i++)
		run_table(&runner, argv[i]);
	for (size_t i = 0; i < tables.gl_pathc; i++)
		run_table(&runner, tables.gl_pathv[i]);
	globfree(&tables);
	close_all(&runner);
	printf("# %zu rows are for the native matcher only: integers that cannot be read\n", runner.impossible);
	printf("1..%zu\n", runner.number);
	return runner.fine && runner.number ? 0 : 1;
}
