// SPDX-License-Identifier: Apache-2.0
/*
 * test_paths.c - the engine's path of a file is what the kernel says in /proc/self/fd; and the first test of last names refuses no
 * path that a pattern finds, and those of other names.
 *
 * Files of all sorts are opened here; an iterator tells where their struct file is, and the raw tracepoint
 * program reads them from there.  TAP; needs root.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/programs.h"
#include "tests/bpf/rig.h"
#include "tests/bpf/files.skel.h"
#include "tests/bpf/tap.h"

#define DESCRIPTORS	1024

/* Where the kernel keeps the files of this process, by descriptor. */
static uint64_t file_at[DESCRIPTORS], path_at[DESCRIPTORS], dentry_at[DESCRIPTORS], mount_at[DESCRIPTORS];

static int proc_fds;	/* /proc/self/fd, also behind a chroot() */

static int find_files(void)
{
	struct files_bpf *finder = files_bpf__open();
	uint64_t line[5];
	int fd = -1, error;

	finder->rodata->process = getpid();
	error = files_bpf__load(finder);
	if (!error)
		error = files_bpf__attach(finder);
	if (!error)
		fd = bpf_iter_create(bpf_link__fd(finder->links.list_files));
	while (fd >= 0 && read(fd, line, sizeof(line)) == sizeof(line)) {
		if (line[0] >= DESCRIPTORS)
			continue;
		file_at[line[0]] = line[1];
		path_at[line[0]] = line[2];
		dentry_at[line[0]] = line[3];
		mount_at[line[0]] = line[4];
	}
	if (fd >= 0)
		close(fd);
	files_bpf__destroy(finder);
	return error ? error : fd < 0 ? -errno : 0;
}

/* One hook that accepts everything and reports slot 0 (the file) and 1 (the same by its path). */
static void apply_report(struct rig *rig)
{
	static const uint32_t flags;
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = 2, .slot_count = 2 };
	struct abi_accept accept = { .report_slots = 3 };
	struct abi_record records[2] = { { .op = ABI_OP_ACCEPT, .yes = 1 }, { .op = ABI_OP_END } };
	struct image_builder builder;

	builder_init(&builder);
	builder_policies(&builder, &flags, 1);
	hook.slots[0] = (struct abi_slot){ ABI_LOAD_FILE, ABI_SOURCE_ARGUMENT, 0, 0, 0 };
	hook.slots[1] = (struct abi_slot){ ABI_LOAD_PATH, ABI_SOURCE_ARGUMENT, 1, 0, 0 };
	records[0].operand = builder_accept(&builder, &accept);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(rig, &builder);
	builder_release(&builder);
}

/* What the engine read of a descriptor; false when there was no event. */
static bool read_paths(struct rig *rig, int fd)
{
	uint64_t arguments[RIG_ARGUMENTS] = { file_at[fd], path_at[fd] };

	return !rig_run(rig, arguments) && rig->event_count == 1;
}

static bool slot_is(const struct rig *rig, unsigned slot, unsigned state, const char *path, mode_t mode)
{
	const struct abi_event *event = rig->events[0].event;
	const struct abi_event_slot *entry = &event->slots[slot];

	if (entry->state == state && entry->value == mode && entry->length == strlen(path) &&
	    !memcmp((const char *)event + entry->offset, path, entry->length))
		return true;
	tap_say("slot %u: state %u, mode %llo, path '%.*s', not '%s'", slot, entry->state,
		(unsigned long long)entry->value, entry->length, (const char *)event + entry->offset,
		path);
	return false;
}

static void expect(struct rig *rig, const char *name, int fd, unsigned state, const char *path)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status)) {
		tap_ok(false, "path of %s: %s", name, strerror(errno));
		return;
	}
	tap_ok(read_paths(rig, fd) && slot_is(rig, 0, state, path, status.st_mode) &&
		       slot_is(rig, 1, state, path, status.st_mode),
	       "path of %s", name);
}

/* The kernel's own word. */
static void expect_proc(struct rig *rig, const char *name, int fd)
{
	char number[16], path[ABI_STRING_MAX + 1] = "";

	snprintf(number, sizeof(number), "%d", fd);
	if (fd < 0 || readlinkat(proc_fds, number, path, sizeof(path) - 1) < 0)
		tap_ok(false, "path of %s: %s", name, strerror(errno));
	else
		expect(rig, name, fd, ABI_SLOT_READ, path);
}

/* Directories of 255 letters, one in the other, until the path has `length` bytes. */
static int deep_directory(const char *top, size_t length, char *path)
{
	char name[256];
	int fd = open(top, O_DIRECTORY | O_CLOEXEC), next;
	size_t at = strlen(top), part;

	strcpy(path, top);
	while (fd >= 0 && at < length) {
		part = length - at - 1 < 255 ? length - at - 1 : 255;
		if (length - at - 1 - part == 1)	/* a single '/' cannot be left over */
			part--;
		memset(name, 'a' + at % 26, part);
		name[part] = 0;
		mkdirat(fd, name, 0700);
		next = openat(fd, name, O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
		path[at] = '/';
		memcpy(path + at + 1, name, part + 1);
		at += part + 1;
	}
	return fd;
}

static struct {
	int plain, root, directory, bound, deleted, deleted_directory, pipe, socket, anonymous, memory,
		process, whole, cut;
	char whole_path[2 * ABI_STRING_MAX], cut_path[2 * ABI_STRING_MAX];
} files;

static int open_deleted(const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR, 0600);

	unlink(path);
	return fd;
}

static void open_files(void)
{
	int pipes[2];

	mkdir("/tmp/paths", 0700);
	mount("paths", "/tmp/paths", "tmpfs", 0, "size=4m,nr_inodes=200");
	mkdir("/tmp/paths/a", 0700);
	mkdir("/tmp/paths/b", 0700);
	files.plain = open("/tmp/paths/a/file", O_CREAT | O_RDWR, 0640);
	mount("/tmp/paths/a", "/tmp/paths/b", NULL, MS_BIND, NULL);
	files.bound = open("/tmp/paths/b/file", O_RDONLY);
	files.root = open("/", O_DIRECTORY);
	files.directory = open("/tmp/paths", O_DIRECTORY);
	files.deleted = open_deleted("/tmp/paths/a/gone");
	mkdir("/tmp/paths/a/lost", 0700);
	files.deleted_directory = open("/tmp/paths/a/lost", O_DIRECTORY);
	rmdir("/tmp/paths/a/lost");
	files.pipe = pipe(pipes) ? -1 : pipes[0];
	files.socket = socket(AF_UNIX, SOCK_STREAM, 0);
	files.anonymous = eventfd(0, 0);
	files.memory = memfd_create("thing", 0);
	files.process = open("/proc/self/status", O_RDONLY);
	files.whole = deep_directory("/tmp/paths/a", 4095, files.whole_path);
	files.cut = deep_directory("/tmp/paths", 4096 + 700, files.cut_path);
}

static void test_sorts(struct rig *rig)
{
	const struct abi_event_slot *entry;
	const char *tail;

	expect_proc(rig, "a file", files.plain);
	expect_proc(rig, "the root", files.root);
	expect_proc(rig, "the root of a mount", files.directory);
	expect_proc(rig, "a file below a bind mount", files.bound);
	expect_proc(rig, "a deleted file", files.deleted);
	expect_proc(rig, "a deleted directory", files.deleted_directory);
	expect_proc(rig, "a file of another file system", files.process);
	expect_proc(rig, "a file in memory", files.memory);
	expect(rig, "a pipe: none", files.pipe, ABI_SLOT_FAULT, "");
	expect(rig, "a socket: none", files.socket, ABI_SLOT_FAULT, "");
	expect(rig, "an inode of the kernel's own: none", files.anonymous, ABI_SLOT_FAULT, "");
	expect(rig, "4095 bytes, the longest that is read whole", files.whole, ABI_SLOT_READ,
	       files.whole_path);
	if (!tap_ok(read_paths(rig, files.cut), "path of 4796 bytes is read"))
		return;
	entry = &rig->events[0].event->slots[0];
	tail = files.cut_path + strlen(files.cut_path) - entry->length;
	tap_ok(entry->state == ABI_SLOT_CUT && entry->length > ABI_PATTERN_MAX - 256 &&
		       !memcmp((const char *)rig->events[0].event + entry->offset, tail, entry->length),
	       "path of 4796 bytes is cut at its front");
}

/* Behind a chroot, what lies inside is told from there, and what lies outside to the real root. */
static void test_chroot(struct rig *rig)
{
	int inside = open("/tmp/paths/a/file", O_RDONLY);

	if (find_files() || chroot("/tmp/paths/a")) {
		tap_ok(false, "chroot: %s", strerror(errno));
		return;
	}
	expect_proc(rig, "a file inside a chroot", inside);
	expect_proc(rig, "a file outside a chroot", files.process);
	expect_proc(rig, "the directory that a chroot is in", files.directory);
}

/* ---- Last names ---- */

#define PATTERNS_MAX	4
#define ROW		1ULL

/* A look-up of the path in slot `slot`: 0 by its file, 1 by its path, 2 by its dentry, 3 by its dentry and the path of its folder, 4 by its mount. */
static void apply_look_up(struct rig *rig, unsigned slot, const struct test_pattern *patterns, uint32_t count)
{
	static const uint32_t flags;
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = 3, .slot_count = 5 };
	struct abi_accept accept = { .report_slots = 1 };
	struct abi_record records[3] = { { ABI_OP_STRING, (uint8_t)slot, 1, 2, 2, 0 }, { .op = ABI_OP_ACCEPT, .yes = 2 }, { .op = ABI_OP_END } };
	struct image_builder builder;

	builder_init(&builder);
	builder_policies(&builder, &flags, 1);
	hook.slots[0] = (struct abi_slot){ ABI_LOAD_FILE, ABI_SOURCE_ARGUMENT, 0, 0, 0 };
	hook.slots[1] = (struct abi_slot){ ABI_LOAD_PATH, ABI_SOURCE_ARGUMENT, 1, 0, 0 };
	hook.slots[2] = (struct abi_slot){ ABI_LOAD_DENTRY, ABI_SOURCE_ARGUMENT, 2, 0, 0 };
	hook.slots[3] = (struct abi_slot){ ABI_LOAD_ENTRY, ABI_SOURCE_ARGUMENT, 2, 0, 3 };
	hook.slots[4] = (struct abi_slot){ ABI_LOAD_MOUNT, ABI_SOURCE_ARGUMENT, 4, 0, 0 };
	records[0].operand = ABI_LOOKUP(builder_paths(&builder, patterns, count), 0, 0);
	records[1].operand = builder_accept(&builder, &accept);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(rig, &builder);
	builder_release(&builder);
}

struct names_result { bool ran, seen, matched; };

static struct names_result look_up(struct rig *rig, int fd, unsigned slot, const struct test_pattern *patterns, uint32_t count)
{
	uint64_t arguments[RIG_ARGUMENTS] = { file_at[fd], path_at[fd], dentry_at[fd], path_at[fd], mount_at[fd] };
	struct names_result result = { 0 };
	struct abi_counters counted;

	apply_look_up(rig, slot, patterns, count);
	result.ran = !rig_run(rig, arguments);
	counted = rig_counted(rig);
	result.seen = counted.seen;
	result.matched = counted.matched;
	return result;
}

#define PATTERN(kind, text)	{ ABI_STRING_##kind, sizeof(text) - 1, (const uint8_t *)(text), ROW }

/* By each way to the file: every end of the path finds it, as long as it is whole; and the path itself, beside others. */
static bool ends_find(struct rig *rig, int fd, const char *path, unsigned slot)
{
	const uint32_t length = (uint32_t)strlen(path);

	for (uint32_t count = 1; count <= length && count < 40; count++) {
		const struct test_pattern end[] = { { ABI_STRING_POSTFIX, count, (const uint8_t *)path + length - count, ROW },
						    PATTERN(POSTFIX, "quite another") };
		struct names_result result = look_up(rig, fd, slot, end, 2);

		if (!result.ran || !result.matched)
			return tap_say("slot %u: the last %u bytes of %s do not find it", slot, count, path), false;
	}
	return true;
}

static bool whole_finds(struct rig *rig, int fd, const char *path, unsigned slot)
{
	const struct test_pattern whole[] = { { ABI_STRING_EXACT, (uint32_t)strlen(path), (const uint8_t *)path, ROW },
					      PATTERN(EXACT, "/another/one"), PATTERN(POSTFIX, ".zz") };
	struct names_result result = look_up(rig, fd, slot, whole, 3);

	if (!result.ran || !result.matched)
		tap_say("slot %u: %s does not find itself", slot, path);
	return result.ran && result.matched;
}

/* Others are refused before anything is counted, where the name can tell. */
static bool others_are(struct rig *rig, int fd, unsigned slot, bool tells)
{
	static const struct test_pattern others[] = { PATTERN(EXACT, "/another/one"), PATTERN(POSTFIX, "/two"), PATTERN(POSTFIX, ".xyz"),
						      PATTERN(POSTFIX, "beyond eight bytes") };
	struct names_result result = look_up(rig, fd, slot, others, 4);

	if (result.ran && !result.matched && result.seen == !tells)
		return true;
	tap_say("slot %u: seen %d, matched %d", slot, result.seen, result.matched);
	return false;
}

static void expect_names(struct rig *rig, const char *name, int fd, bool tells)
{
	char number[16], path[ABI_STRING_MAX + 1] = "";
	bool found = true, refused = true;

	snprintf(number, sizeof(number), "%d", fd);
	if (fd < 0 || readlinkat(proc_fds, number, path, sizeof(path) - 1) < 0) {
		tap_ok(false, "names of %s: %s", name, strerror(errno));
		return;
	}
	for (unsigned slot = 0; slot < 2; slot++) {
		found &= ends_find(rig, fd, path, slot) && whole_finds(rig, fd, path, slot);
		refused &= others_are(rig, fd, slot, tells);
	}
	tap_ok(found, "%s is found by what its path ends with", name);
	tap_ok(refused, "%s is %s", name, tells ? "refused by its name alone when the patterns have others" : "left to the decision");
}

/* What a dentry's path inside its mount ends with. */
static void expect_dentry(struct rig *rig, const char *name, int fd, const char *path, bool tells)
{
	tap_ok(ends_find(rig, fd, path, 2) && whole_finds(rig, fd, path, 2), "by its dentry, %s is found by what its path ends with", name);
	tap_ok(others_are(rig, fd, 2, tells), "by its dentry, %s is %s", name, tells ? "refused by its name" : "left to the decision");
}

/* As an entry of a folder of the same mount, where it has the whole path; one that was removed is where it would be made again. */
static void expect_entry(struct rig *rig, const char *name, int fd)
{
	static const char removed[] = " (deleted)";
	char number[16], path[ABI_STRING_MAX + 1] = "", *end;

	snprintf(number, sizeof(number), "%d", fd);
	if (fd < 0 || readlinkat(proc_fds, number, path, sizeof(path) - 1) < 0) {
		tap_ok(false, "entry %s: %s", name, strerror(errno));
		return;
	}
	end = path + strlen(path) - (sizeof(removed) - 1);
	if (end > path && !strcmp(end, removed))
		*end = '\0';
	tap_ok(ends_find(rig, fd, path, 3) && whole_finds(rig, fd, path, 3), "as an entry, %s has its whole path", name);
	tap_ok(others_are(rig, fd, 3, true), "as an entry, %s is refused by its name", name);
}

/* The place of the mount that a file is on, which its own names say nothing of. */
static void expect_mount(struct rig *rig, const char *name, int fd, const char *path)
{
	tap_ok(ends_find(rig, fd, path, 4) && whole_finds(rig, fd, path, 4), "by its mount, %s is found at %s", name, path);
	tap_ok(others_are(rig, fd, 4, false), "by its mount, %s is left to the decision", name);
}

static void expect_no_mount(struct rig *rig)
{
	const struct test_pattern everything = PATTERN(PREFIX, "");
	uint64_t arguments[RIG_ARGUMENTS] = { 0 };
	bool matched;

	apply_look_up(rig, 4, &everything, 1);
	matched = rig_run(rig, arguments) || rig_counted(rig).matched;
	arguments[4] = mount_at[files.plain];
	tap_ok(!matched && !rig_run(rig, arguments) && rig_counted(rig).matched, "no mount has no path");
}

static void expect_no_folder(struct rig *rig)
{
	const struct test_pattern everything = PATTERN(PREFIX, "");
	uint64_t arguments[RIG_ARGUMENTS] = { 0, 0, dentry_at[files.plain], 0 };
	bool matched;

	apply_look_up(rig, 3, &everything, 1);
	matched = rig_run(rig, arguments) || rig_counted(rig).matched;
	arguments[3] = path_at[files.plain];
	tap_ok(!matched && !rig_run(rig, arguments) && rig_counted(rig).matched, "an entry of no folder has no path");
}

/* What makes that names cannot tell: all of it is in doubt for every path. Beside an end, no filter of beginnings tells either. */
static void expect_no_names(struct rig *rig)
{
	static const struct test_pattern silent[] = { PATTERN(PREFIX, "/x"), PATTERN(EXACT, "/"), PATTERN(POSTFIX, "/"), PATTERN(POSTFIX, "/a/"),
		PATTERN(POSTFIX, ")"), PATTERN(POSTFIX, "ed)"), PATTERN(POSTFIX, " (deleted)"), PATTERN(EXACT, "/a (deleted)"),
		PATTERN(POSTFIX, "") };

	for (size_t n = 0; n < sizeof(silent) / sizeof(*silent); n++) {
		const struct test_pattern patterns[] = { PATTERN(EXACT, "/another/one"), PATTERN(POSTFIX, "quite another"), silent[n] };

		tap_ok(look_up(rig, files.plain, 0, patterns, 3).seen, "%s '%s' beside others: left to the decision",
		       silent[n].kind == ABI_STRING_EXACT ? "Equal" : silent[n].kind == ABI_STRING_PREFIX ? "Prefix" : "Postfix",
		       (const char *)silent[n].bytes);
	}
}

static int renamed(const char *from, const char *to)
{
	int fd = open(from, O_CREAT | O_RDWR, 0600);

	return rename(from, to) ? -1 : fd;
}

static struct { int mounted, one, seven, eight, nine, longest, shortened, lengthened, memory, inside, lost; } named;

static void open_named_files(void)
{
	char longest[300] = "/tmp/paths/a/";

	memset(longest + strlen(longest), 'n', 255);
	close(open("/tmp/paths/a/under", O_CREAT | O_RDWR, 0600));
	mount("/tmp/paths/a/file", "/tmp/paths/a/under", NULL, MS_BIND, NULL);
	named.mounted = open("/tmp/paths/a/under", O_RDONLY);
	named.one = open("/tmp/paths/a/1", O_CREAT | O_RDWR, 0600);
	named.seven = open("/tmp/paths/a/1234567", O_CREAT | O_RDWR, 0600);
	named.eight = open("/tmp/paths/a/12345678", O_CREAT | O_RDWR, 0600);
	named.nine = open("/tmp/paths/a/123456789", O_CREAT | O_RDWR, 0600);
	named.longest = open(longest, O_CREAT | O_RDWR, 0600);
	named.shortened = renamed("/tmp/paths/a/a name that a dentry keeps elsewhere, as it is long", "/tmp/paths/a/s");
	named.lengthened = renamed("/tmp/paths/a/t", "/tmp/paths/a/another name that a dentry keeps elsewhere, it is long, too");
	named.memory = memfd_create("with/slashes", 0);
	named.inside = open("/tmp/paths/a", O_DIRECTORY);
	close(open("/tmp/paths/a/source", O_CREAT | O_RDWR, 0600));
	close(open("/tmp/paths/a/place", O_CREAT | O_RDWR, 0600));
	mount("/tmp/paths/a/source", "/tmp/paths/a/place", NULL, MS_BIND, NULL);
	named.lost = open("/tmp/paths/a/place", O_RDONLY);
	unlink("/tmp/paths/a/source");
}

static void test_names(struct rig *rig)
{
	expect_names(rig, "a file", files.plain, true);
	expect_names(rig, "a file below a bind mount", files.bound, true);
	expect_names(rig, "a file on which another one is mounted", named.mounted, false);
	expect_names(rig, "the root", files.root, false);
	expect_names(rig, "the root of a mount", files.directory, false);
	expect_names(rig, "a deleted file", files.deleted, true);
	expect_names(rig, "a deleted directory", files.deleted_directory, true);
	expect_names(rig, "a file in memory", files.memory, true);
	expect_names(rig, "a file in memory that has slashes in its name", named.memory, true);
	expect_names(rig, "a file of another file system", files.process, true);
	expect_names(rig, "a name of one byte", named.one, true);
	expect_names(rig, "a name of seven", named.seven, true);
	expect_names(rig, "a name of eight", named.eight, true);
	expect_names(rig, "a name of nine", named.nine, true);
	expect_names(rig, "a name of 255", named.longest, true);
	expect_names(rig, "a name that was long", named.shortened, true);
	expect_names(rig, "a name that was short", named.lengthened, true);
	expect_dentry(rig, "a file", files.plain, "/a/file", true);
	expect_dentry(rig, "a mounted file", named.mounted, "/a/file", true);
	expect_dentry(rig, "a deleted file", files.deleted, "/a/gone (deleted)", true);
	expect_dentry(rig, "the root of a file system", files.directory, "/", true);
	expect_entry(rig, "a file", files.plain);
	expect_entry(rig, "a file below a bind mount", files.bound);
	expect_entry(rig, "a deleted file", files.deleted);
	expect_entry(rig, "a file of another file system", files.process);
	expect_entry(rig, "a name of 255", named.longest);
	expect_no_folder(rig);
	expect_mount(rig, "a file", files.plain, "/tmp/paths");
	expect_mount(rig, "a file below a bind mount", files.bound, "/tmp/paths/b");
	expect_mount(rig, "a file on which another one is mounted", named.mounted, "/tmp/paths/a/under");
	expect_mount(rig, "a file that was mounted and then removed where it comes from", named.lost, "/tmp/paths/a/place");
	expect_mount(rig, "a file of the root", files.root, "/");
	expect_no_mount(rig);
	expect_no_names(rig);
}

/* The directory that a chroot is into has the path "/", and a name of its own. */
static void test_names_in_chroot(struct rig *rig)
{
	expect_names(rig, "the directory that a chroot is into", named.inside, true);
	expect_names(rig, "a file inside a chroot", named.one, true);
}

static void close_mounts(void)
{
	umount2("/tmp/paths/a/place", MNT_DETACH);
	umount2("/tmp/paths/a/under", MNT_DETACH);
	umount2("/tmp/paths/b", MNT_DETACH);
	umount2("/tmp/paths", MNT_DETACH);
	rmdir("/tmp/paths");
}

int main(void)
{
	static struct rig rig;
	int error;

	programs_allow();
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		tap_say("no mount namespace of our own: %s", strerror(errno));
	proc_fds = open("/proc/self/fd", O_DIRECTORY | O_CLOEXEC);
	error = rig_open(&rig);
	if (!tap_ok(!error, "the raw tracepoint program loads"))
		return tap_done();
	open_files();
	open_named_files();
	apply_report(&rig);
	error = find_files();
	if (error) {
		tap_skip("paths", "no iterator over files: %s", strerror(-error));
		close_mounts();
		return tap_done();
	}
	test_sorts(&rig);
	test_names(&rig);
	apply_report(&rig);
	test_chroot(&rig);
	test_names_in_chroot(&rig);
	rig_close(&rig);
	close_mounts();
	return tap_done();
}
