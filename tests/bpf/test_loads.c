// SPDX-License-Identifier: Apache-2.0
/*
 * test_loads.c - what the engine reads of files, addresses, buffers and numbers is what was made there; sockets are in test_sockets.c, structures in
 * test_structures.c.
 *
 * See loads.h.  TAP; needs root.
 */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/event_chunks.h"
#include "runtime/processes.h"
#include "tests/bpf/loads.h"
#include "tests/bpf/tap.h"

#define FOLDER		"/tmp/tetra-loads"

/* ---- Files ---- */

static void test_files(void)
{
	int fd = open(FOLDER "/file", O_CREAT | O_RDWR, 0644), folder = open(FOLDER, O_RDONLY), gone, pipes[2];
	const char *path = FOLDER "/file";
	struct stat status;
	char inside[256];

	gone = open(FOLDER "/gone", O_CREAT | O_RDWR, 0644);
	unlink(FOLDER "/gone");
	if (fd < 0 || folder < 0 || pipe(pipes) || fstat(fd, &status) || find_pointers()) {
		tap_ok(false, "files cannot be made");
		return;
	}
	tap_ok(text_is(read_load(ABI_LOAD_FD, fd), path) && read_load(ABI_LOAD_FD, fd)->value == status.st_mode,
	       "the path of a file by its number");
	tap_ok(text_is(read_load(ABI_LOAD_FD, folder), FOLDER), "the path of a folder by its number");
	tap_ok(is_fault(read_load(ABI_LOAD_FD, DESCRIPTORS - 1)) && is_fault(read_load(ABI_LOAD_FD, -1ULL)) &&
		       is_fault(read_load(ABI_LOAD_FD, 1u << 30)),
	       "numbers that are no files");
	tap_ok(text_is(read_load(ABI_LOAD_KIOCB, pointers[fd].kiocb), path), "the path of a kiocb's file");
	tap_ok(is_fault(read_load(ABI_LOAD_KIOCB, 0)), "and of none");
	snprintf(inside, sizeof(inside), "%s", path);
	tap_ok(read_load(ABI_LOAD_DENTRY, pointers[fd].dentry) &&
		       rig.events[0].event->slots[0].length <= strlen(inside) &&
		       text_is(&rig.events[0].event->slots[0],
			       inside + strlen(inside) - rig.events[0].event->slots[0].length) &&
		       rig.events[0].event->slots[0].value == status.st_mode,
	       "the path of a dentry inside its mount");
	tap_ok(read_load(ABI_LOAD_DENTRY, pointers[gone].dentry) && rig.events[0].event->slots[0].length > 10 &&
		       !memcmp((char *)rig.events[0].event + rig.events[0].event->slots[0].offset +
				       rig.events[0].event->slots[0].length - 15, "/gone (deleted)", 15),
	       "of one that is deleted");
	tap_ok(is_fault(read_load(ABI_LOAD_DENTRY, pointers[pipes[0]].dentry)) && rig.events[0].event->slots[0].value,
	       "a pipe has no path, but a mode");
	tap_ok(is_fault(read_load(ABI_LOAD_DENTRY, 0)), "no dentry at all");
	close(fd);
	close(folder);
	close(gone);
	unlink(FOLDER "/file");
}

/* Where a file system is mounted, paths inside of it begin. */
static void test_root(void)
{
	int fd = open("/proc/version", O_RDONLY), root = open("/proc", O_RDONLY | O_DIRECTORY);

	find_pointers();
	tap_ok(text_is(read_load(ABI_LOAD_DENTRY, pointers[fd].dentry), "/version"), "a dentry of a mounted file system");
	tap_ok(text_is(read_load(ABI_LOAD_DENTRY, pointers[root].dentry), "/"), "its root");
	close(fd);
	close(root);
}

/* ---- Addresses of Unix sockets ---- */

static void test_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX }, other = { .sun_family = AF_INET };
	const struct abi_event_slot *slot;

	strcpy(address.sun_path, "/run/socket");
	slot = read_load(ABI_LOAD_SOCKADDR_UN, (uint64_t)&address);
	tap_ok(text_is(slot, "/run/socket") && slot->value == AF_UNIX, "the path of a Unix socket");
	memset(address.sun_path, 'x', sizeof(address.sun_path));
	tap_ok(bytes_are(read_load(ABI_LOAD_SOCKADDR_UN, (uint64_t)&address), ABI_SLOT_READ, address.sun_path, sizeof(address.sun_path)),
	       "the longest");
	memset(address.sun_path, 0, sizeof(address.sun_path));
	strcpy(address.sun_path + 1, "abstract");
	tap_ok(bytes_are(read_load(ABI_LOAD_SOCKADDR_UN, (uint64_t)&address), ABI_SLOT_READ, address.sun_path, sizeof(address.sun_path)),
	       "an abstract name is all bytes");
	slot = read_load(ABI_LOAD_SOCKADDR_UN, (uint64_t)&other);
	tap_ok(is_fault(slot) && slot->value == AF_INET, "another family has no path");
	tap_ok(is_fault(read_load(ABI_LOAD_SOCKADDR_UN, 16)), "none at all");
}

/* ---- Buffers ---- */

static const struct abi_event_slot *read_buffer(const void *bytes, uint64_t size)
{
	return read_slot((struct abi_slot){ .load = ABI_LOAD_CHAR_BUF, .source = ABI_SOURCE_ARGUMENT, .size_slot = 2 }, 0,
			 (uint64_t)bytes, size);
}

static void test_buffers(void)
{
	static char bytes[8192];
	unsigned i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 7 + i / 256;
	tap_ok(bytes_are(read_buffer(bytes, 5), ABI_SLOT_READ, bytes, 5), "a buffer, with zeros in it");
	tap_ok(bytes_are(read_buffer(bytes, 0), ABI_SLOT_READ, bytes, 0), "an empty one");
	tap_ok(bytes_are(read_buffer((void *)16, 0), ABI_SLOT_READ, bytes, 0), "an empty one is nowhere");
	tap_ok(bytes_are(read_buffer(bytes, 4095), ABI_SLOT_READ, bytes, 4095), "the longest");
	tap_ok(bytes_are(read_buffer(bytes, 4096), ABI_SLOT_CUT, bytes, 4095) && rig.events[0].event->slots[0].value == 4096,
	       "longer than that");
	tap_ok(bytes_are(read_buffer(bytes, -1ULL), ABI_SLOT_CUT, bytes, 4095), "of any size");
	tap_ok(is_fault(read_buffer((void *)16, 5)), "one that cannot be read");
	tap_ok(bytes_are(read_load(ABI_LOAD_CHAR_BUF, (uint64_t)bytes), ABI_SLOT_READ, bytes, 0), "one whose size nothing tells");
}

/* ---- Long values ---- */

enum { LONG_HOLE = 512 << 10 };	/* bytes of memory, then a page that nobody can read */

static uint8_t *long_bytes;

static bool map_long_bytes(void)
{
	long_bytes = mmap(NULL, LONG_HOLE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (long_bytes == MAP_FAILED)
		return false;
	for (size_t i = 0; i < LONG_HOLE; i++)
		long_bytes[i] = i * 7 + i / 256 * 3;
	return !mprotect(long_bytes + LONG_HOLE, 4096, PROT_NONE);
}

/* Slots 0 and 2 are long values of arguments 0 and 2, as long as arguments 1 and 3 say; each of `accepts` reports both. */
static void apply_long_values(unsigned accepts)
{
	static const uint32_t no_flags;
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = accepts + 1, .slot_count = 4, .flags = ABI_HOOK_USER_MEMORY };
	struct abi_accept accept = { .report_slots = 5, .flags = ABI_ACCEPT_CHUNKS };
	struct abi_record records[3] = { { .op = ABI_OP_ACCEPT, .yes = 1 }, { .op = ABI_OP_ACCEPT, .yes = 2 }, { .op = ABI_OP_END } };
	struct image_builder builder;

	builder_init(&builder);
	builder_policies(&builder, &no_flags, 1);
	for (unsigned n = 0; n < 4; n++)
		hook.slots[n] = (struct abi_slot){ .load = n % 2 ? ABI_LOAD_U64 : ABI_LOAD_CHAR_BUF, .source = ABI_SOURCE_ARGUMENT,
						   .index = n, .size_slot = n % 2 ? 0 : n + 2, .flags = n % 2 ? 0 : ABI_SLOT_MAX_DATA };
	for (unsigned n = 0; n < accepts; n++)
		records[n].operand = builder_accept(&builder, &accept);
	records[accepts] = (struct abi_record){ .op = ABI_OP_END };
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(&rig, &builder);
	builder_release(&builder);
}

/* The n-th event of what was collected, put together; false when there is none, or not all of it is as records are. */
static bool join_event(unsigned n, struct event *ret)
{
	struct event_chunks *chunks = event_chunks_new();
	bool found = false;

	for (unsigned i = 0; i < rig.event_count && !found; i++) {
		struct event event;

		if (event_read(rig.events[i].event, rig.events[i].size, &event))
			break;
		if (event.chunk)
			event_chunks_add(chunks, &event);
		else if (!event_chunks_join(chunks, &event, ret))
			*ret = event;
		found = !event.chunk && !n--;
	}
	event_chunks_free(chunks);
	return found;
}

static bool long_is(const struct event *event, unsigned slot, unsigned state, const void *bytes, size_t length, unsigned missing)
{
	const struct event_slot got = event_slot(event, slot);

	if (got.state == state && got.length == length && got.missing == missing && !memcmp(got.bytes, bytes, length))
		return true;
	tap_say("state %u, %zu bytes, missing %u", got.state, got.length, got.missing);
	return false;
}

static void test_long_values(void)
{
	static const struct { const char *name; uint64_t at, size; unsigned state; size_t want; unsigned missing; } rows[] = {
		{ "a byte", 0, 1, ABI_SLOT_READ, 1, 0 },
		{ "as long as an event has room for", 1, 4095, ABI_SLOT_READ, 4095, 0 },
		{ "a byte longer", 1, 4096, ABI_SLOT_READ, 4096, 0 },
		{ "a byte less than a large chunk behind that", 3, 4095 + 32767, ABI_SLOT_READ, 4095 + 32767, 0 },
		{ "a large chunk behind that", 3, 4095 + 32768, ABI_SLOT_READ, 4095 + 32768, 0 },
		{ "a byte more", 3, 4095 + 32769, ABI_SLOT_READ, 4095 + 32769, 0 },
		{ "100,000 bytes", 77, 100000, ABI_SLOT_READ, 100000, 0 },
		{ "the longest", 4095, 327360, ABI_SLOT_READ, 327360, 0 },
		{ "longer than that", 5, 327361, ABI_SLOT_CUT, 327360, 0 },
		{ "of any size", 5, -1ULL, ABI_SLOT_CUT, 327360, 0 },
		{ "one whose last byte is the last that can be read", LONG_HOLE - 9000, 9000, ABI_SLOT_READ, 9000, 0 },
		{ "one that goes on where nothing can be read", LONG_HOLE - 9000, 9001, ABI_SLOT_CUT, 9000, EVENT_MISSING_UNREADABLE },
		{ "one that ends in the middle of a large chunk", LONG_HOLE - 50000, 327360, ABI_SLOT_CUT, 50000, EVENT_MISSING_UNREADABLE },
		{ "one that ends where the event's own bytes do", LONG_HOLE - 4095, 100000, ABI_SLOT_CUT, 4095, EVENT_MISSING_UNREADABLE },
	};
	struct event event;

	if (!tap_ok(map_long_bytes(), "memory for long values"))
		return;
	apply_long_values(1);
	for (unsigned n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const uint8_t *at = long_bytes + rows[n].at;

		tap_ok(!rig_run(&rig, (uint64_t[RIG_ARGUMENTS]){ (uint64_t)at, rows[n].size }) && join_event(0, &event) &&
			       long_is(&event, 0, rows[n].state, at, rows[n].want, rows[n].missing),
		       "a long value: %s", rows[n].name);
	}
	tap_ok(!rig_run(&rig, (uint64_t[RIG_ARGUMENTS]){ (uint64_t)long_bytes + LONG_HOLE - 4094, 100000 }) && join_event(0, &event) &&
		       long_is(&event, 0, ABI_SLOT_FAULT, "", 0, 0) && rig.event_count == 1,
	       "one whose beginning cannot be read is unreadable");
}

static void test_several_long_values(void)
{
	const uint64_t arguments[RIG_ARGUMENTS] = { (uint64_t)long_bytes + 5, 70000, (uint64_t)long_bytes + 100000, 50001 };
	struct event events[2];

	apply_long_values(2);
	tap_ok(!rig_run(&rig, arguments) && join_event(0, &events[0]) && join_event(1, &events[1]) &&
		       long_is(&events[0], 0, ABI_SLOT_READ, long_bytes + 5, 70000, 0) &&
		       long_is(&events[0], 2, ABI_SLOT_READ, long_bytes + 100000, 50001, 0) &&
		       long_is(&events[1], 0, ABI_SLOT_READ, long_bytes + 5, 70000, 0) &&
		       long_is(&events[1], 2, ABI_SLOT_READ, long_bytes + 100000, 50001, 0) &&
		       events[0].hook->chunks != events[1].hook->chunks,
	       "two long values of an event, and two events about one call");
}

/* Nobody reads until the ring buffer is full. */
static void test_long_values_lost(void)
{
	uint64_t context[12] = { (uint64_t)long_bytes, 327360 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));
	unsigned whole = 0, cut = 0, wrong = 0, n;
	struct event event;

	apply_long_values(1);
	for (n = 0; n < 40; n++)
		bpf_prog_test_run_opts(rig_program(&rig), &options);
	rig_collect(&rig);
	for (n = 0; join_event(n, &event); n++) {
		const struct event_slot slot = event_slot(&event, 0);

		whole += slot.length == 327360 && slot.state == ABI_SLOT_READ;
		cut += slot.length < 327360 && slot.state == ABI_SLOT_CUT && slot.missing == EVENT_MISSING_LOST;
		wrong += slot.length < 4095 || memcmp(slot.bytes, long_bytes, slot.length);
	}
	tap_say("%u whole, %u incomplete", whole, cut);
	tap_ok(whole >= 10 && cut >= 1 && whole + cut == n && !wrong, "what had no room is said to be lost, and nothing is said to follow on it");
}

static const struct abi_event_slot *read_vector(const struct iovec *vector, uint64_t count)
{
	return read_slot((struct abi_slot){ .load = ABI_LOAD_CHAR_IOVEC, .source = ABI_SOURCE_ARGUMENT, .size_slot = 2 }, 0,
			 (uint64_t)vector, count);
}

static void test_vectors(void)
{
	static char bytes[8192];
	struct iovec three[] = { { bytes, 3 }, { bytes + 100, 0 }, { bytes + 3, 7 } }, many[20], large[] = { { bytes, 4000 }, { bytes + 4000, 4000 } },
		     bad[] = { { bytes, 3 }, { (void *)16, 5 } }, exact[] = { { bytes, 4000 }, { bytes + 4000, 95 } };
	unsigned i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 7 + i / 256;
	for (i = 0; i < 20; i++)
		many[i] = (struct iovec){ bytes + 2 * i, 2 };
	tap_ok(bytes_are(read_vector(three, 3), ABI_SLOT_READ, bytes, 10), "places of bytes, one after the other");
	tap_ok(bytes_are(read_vector(three, 1), ABI_SLOT_READ, bytes, 3) && bytes_are(read_vector(three, 0), ABI_SLOT_READ, bytes, 0),
	       "fewer places, and none");
	tap_ok(bytes_are(read_vector(many, 16), ABI_SLOT_READ, bytes, 32), "as many places as are read");
	tap_ok(bytes_are(read_vector(many, 17), ABI_SLOT_CUT, bytes, 32) && !rig.events[0].event->slots[0].value,
	       "more than that: how many bytes there are is not known");
	tap_ok(bytes_are(read_vector(exact, 2), ABI_SLOT_READ, bytes, 4095), "as many bytes as have room");
	tap_ok(bytes_are(read_vector(large, 2), ABI_SLOT_CUT, bytes, 4095) && rig.events[0].event->slots[0].value == 8000,
	       "more bytes than have room");
	tap_ok(is_fault(read_vector(bad, 2)) && is_fault(read_vector((void *)16, 1)) && is_fault(read_load(ABI_LOAD_IOV_ITER, 0)) &&
		       is_fault(read_load(ABI_LOAD_IOV_ITER, (uint64_t)three)),
	       "places that cannot be read");
	tap_ok(is_fault(read_slot((struct abi_slot){ .load = ABI_LOAD_CHAR_BUF, .source = ABI_SOURCE_ARGUMENT, .size_slot = 2,
						     .flags = ABI_SLOT_RETURN_COPY }, 0, (uint64_t)bytes, 5)),
	       "what is read at the return is not known before");
}

/* ---- Command lines ---- */

enum { LOOKED_FOR_BYTES = 6 };
#define WORDS(text) text, sizeof(text)	/* with the NUL of the last one */
#define CUT(text) text, sizeof(text) - 1

/* The words of a program that is about to run end where memory does. */
static const struct command_row {
	const char *shows, *words;
	size_t length;
	int count;			/* words that the kernel says there are */
	const char *text;		/* NULL: it cannot be read */
	bool matches;			/* "secret" is in it */
} command_rows[] = {
	{ "words, with blanks between", WORDS("ls\0-l\0/tmp"), 3, "ls -l /tmp", false },
	{ "the one that is looked for", WORDS("cat\0secret\0b"), 3, "cat secret b", true },
	{ "one in two words, which is not there", WORDS("sec\0ret"), 2, "sec ret", false },
	{ "empty ones", WORDS("a\0\0secret\0"), 4, "a  secret ", true },
	{ "fewer than there are", WORDS("a\0secret"), 1, "a", false },
	{ "none", WORDS(""), 0, "", false },
	{ "none that can be read", CUT(""), 1, NULL, false },
	{ "one whose end cannot be read", CUT("cat\0b\0secret"), 3, NULL, false },
	{ "one that cannot be read, behind the one that is looked for", WORDS("cat\0secret"), 3, NULL, false },
};

/* A decision about the text, where what is not known leads to an event, or to none. */
static bool decides_command(const struct command_row *row, uint64_t program, bool unknown_matches)
{
	static const uint32_t no_flags;
	static const struct test_pattern pattern = { ABI_SUBSTRING, LOOKED_FOR_BYTES, (const uint8_t *)"secret", 1 };
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = 3, .slot_count = 1 };
	struct abi_record records[3] = { { .op = ABI_OP_SUBSTRING, .yes = 1, .no = 2, .unknown = unknown_matches ? 1 : 2 },
					 { .op = ABI_OP_ACCEPT, .yes = 2 }, { .op = ABI_OP_END } };
	const bool unreadable = !row->text, matches = row->matches || (unreadable && unknown_matches);
	struct abi_accept accept = { .report_slots = 1 };
	struct image_builder builder;
	struct abi_counters counted;

	builder_init(&builder);
	builder_policies(&builder, &no_flags, 1);
	hook.slots[0] = (struct abi_slot){ .load = ABI_LOAD_COMMAND_LINE, .source = ABI_SOURCE_ARGUMENT };
	records[0].operand = ABI_LOOKUP(builder_substrings(&builder, &pattern, 1), 0, 0);
	records[1].operand = builder_accept(&builder, &accept);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(&rig, &builder);
	builder_release(&builder);
	if (rig_run(&rig, (uint64_t[RIG_ARGUMENTS]){ program }))
		return false;
	counted = rig_counted(&rig);
	if (counted.seen == 1 && counted.matched == matches && counted.errors[ABI_ERROR_UNREADABLE] == unreadable && rig.event_count == matches)
		return true;
	tap_say("seen %u, matched %u, unreadable %u", (unsigned)counted.seen, (unsigned)counted.matched,
		(unsigned)counted.errors[ABI_ERROR_UNREADABLE]);
	return false;
}

static void test_command_lines(void)
{
	struct lookalike program;
	const bool is_made = lookalike_make(&program);
	const long place = member_offset(program.types, "linux_binprm", "p"), count = member_offset(program.types, "linux_binprm", "argc");
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!is_made || place < 0 || count < 0 || page == MAP_FAILED || mprotect(page + 4096, 4096, PROT_NONE)) {
		tap_skip("a command line", "nothing can be made to look like a program");
		lookalike_release(&program);
		return;
	}
	for (size_t n = 0; n < sizeof(command_rows) / sizeof(*command_rows); n++) {
		const struct command_row *row = &command_rows[n];
		char *words = memcpy(page + 4096 - row->length, row->words, row->length);
		const struct abi_event_slot *slot;

		memcpy(program.bytes + place, &words, sizeof(words));
		memcpy(program.bytes + count, &row->count, sizeof(row->count));
		lookalike_write(&program);
		slot = read_load(ABI_LOAD_COMMAND_LINE, program.at);
		tap_ok(row->text ? text_is(slot, row->text) : is_fault(slot), "a command line: %s", row->shows);
		tap_ok(decides_command(row, program.at, false) && decides_command(row, program.at, true), "what is decided of it: %s", row->shows);
	}
	tap_ok(is_fault(read_load(ABI_LOAD_COMMAND_LINE, 0)) && is_fault(read_load(ABI_LOAD_COMMAND_LINE, (uint64_t)page)),
	       "no program at all, and one that is not in the kernel");
	munmap(page, 8192);
	lookalike_release(&program);
}

/* ---- Numbers ---- */

static void test_numbers(void)
{
	struct abi_process_entry self;
	struct abi_process_texts texts;

	tap_ok(number_is(read_load(ABI_LOAD_CAPABILITY, 0x1500000015), 0x15) && number_is(read_load(ABI_LOAD_BPF_CMD, -1ULL), -1ULL),
	       "a capability and a command are ints");
	tap_ok(number_is(read_load(ABI_LOAD_SYSCALL64, SYS_getppid), SYS_getppid), "a system call of this ABI is its number");
	find_pointers();
	process_read(getpid(), &self, &texts);
	tap_ok(number_is(read_load(ABI_LOAD_CAPABILITIES, pointers[0].capabilities), self.capabilities[0]), "a set of capabilities");
	tap_ok(is_fault(read_load(ABI_LOAD_CAPABILITIES, 0)), "none at all");
	tap_ok(is_fault(read_load(ABI_LOAD_NOTHING, 5)), "nothing is read of nothing");
}

/* What a record's field says of where its text is. */
static void test_data_loc(void)
{
	struct abi_slot slot = { .load = ABI_LOAD_DATA_LOC, .source = ABI_SOURCE_ARGUMENT };

	/* The record is the raw tracepoint's arguments: argument 1 holds the text. */
	tap_ok(bytes_are(read_slot(slot, 0, 8 | 8 << 16, 0x0066656463626100 >> 8), ABI_SLOT_READ, "abcdef", 6),
	       "a text in the record");
	tap_ok(bytes_are(read_slot(slot, 0, 8 | 4 << 16, 0x0066656463626100 >> 8), ABI_SLOT_READ, "abc", 3),
	       "no more than its length");
	tap_ok(is_fault(read_slot(slot, 0, 8, 0)), "one that takes no room");
}

/* ---- Memory of the user only ---- */

static void test_user_memory(void)
{
	static char text[] = "text";
	static struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = 1 };
	static const struct { const char *name; unsigned load; const void *mine; } rows[] = {
		{ "a string", ABI_LOAD_STRING, text }, { "a buffer", ABI_LOAD_CHAR_BUF, text },
		{ "an address", ABI_LOAD_SOCKADDR, &address }, { "an address of a Unix socket", ABI_LOAD_SOCKADDR_UN, &address },
	};
	unsigned n;

	find_pointers();
	for (n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct abi_slot slot = { .load = rows[n].load, .source = ABI_SOURCE_ARGUMENT, .size_slot = 2 };
		const struct abi_event_slot *got = read_slot(slot, 0, pointers[0].file, 4);
		bool kernel = got && (got->state == ABI_SLOT_READ || got->value || rows[n].load == ABI_LOAD_SOCKADDR_UN), mine, user;

		got = read_slot(slot, ABI_HOOK_USER_MEMORY, (uint64_t)rows[n].mine, 4);
		mine = got && (got->state == ABI_SLOT_READ || got->value);
		user = is_fault(read_slot(slot, ABI_HOOK_USER_MEMORY, pointers[0].file, 4)) && !rig.events[0].event->slots[0].value;
		tap_ok(kernel && mine && user, "%s in the kernel is nothing that a system call can be given", rows[n].name);
	}
}

static void test_all(void)
{
	mkdir(FOLDER, 0755);
	test_files();
	test_root();
	test_unix();
	test_buffers();
	test_long_values();
	test_several_long_values();
	test_long_values_lost();
	test_vectors();
	test_command_lines();
	test_numbers();
	test_data_loc();
	test_user_memory();
	rmdir(FOLDER);
}

int main(void)
{
	return loads_main(test_all);
}
