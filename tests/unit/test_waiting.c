// SPDX-License-Identifier: Apache-2.0
/*
 * test_waiting.c - a file system that does not answer (FUSE, served by this test): finding, opening, reading and the end of the process take no longer than
 * they may; and one that answers, and files in memory, which are read by the helper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/schema.h"
#include "symbolize/binary.h"
#include "tests/unit/made_files.h"

#include <cmocka.h>	/* last: it takes the name fail */

/* ---- A file system that has one program, /p, and stops to answer at a request of one kind ---- */

struct server { int device; uint32_t silent; int program; uint64_t size; };

static void reply(const struct server *server, const struct fuse_in_header *request, int error, const void *bytes, size_t size)
{
	char answer[sizeof(struct fuse_out_header) + (256 << 10)];
	const struct fuse_out_header header = { (uint32_t)(sizeof(header) + size), error, request->unique };

	memcpy(answer, &header, sizeof(header));
	if (size)
		memcpy(answer + sizeof(header), bytes, size);
	if (write(server->device, answer, header.len) < 0)
		return;
}

static struct fuse_attr attributes(const struct server *server, uint64_t node)
{
	return (struct fuse_attr){ .ino = node, .size = node == 1 ? 0 : server->size, .mode = node == 1 ? S_IFDIR | 0755 : S_IFREG | 0755, .nlink = 1 };
}

static void reply_read(const struct server *server, const struct fuse_in_header *request, const struct fuse_read_in *read)
{
	char bytes[128 << 10];
	const ssize_t got = pread(server->program, bytes, read->size < sizeof(bytes) ? read->size : sizeof(bytes), (off_t)read->offset);

	reply(server, request, 0, bytes, got > 0 ? (size_t)got : 0);
}

static void serve(const struct server *server, const struct fuse_in_header *request)
{
	const void *body = request + 1;
	const struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_readahead = 65536, .max_write = 65536 };
	const struct fuse_entry_out entry = { .nodeid = 2, .attr_valid = 1, .entry_valid = 1, .attr = attributes(server, 2) };
	const struct fuse_attr_out attr = { .attr_valid = 1, .attr = attributes(server, request->nodeid) };
	const struct fuse_open_out open = { .fh = 1 };

	if (request->opcode == server->silent)
		return;
	switch (request->opcode) {
	case FUSE_INIT:		reply(server, request, 0, &init, sizeof(init)); break;
	case FUSE_LOOKUP:	reply(server, request, strcmp(body, "p") ? -ENOENT : 0, &entry, strcmp(body, "p") ? 0 : sizeof(entry)); break;
	case FUSE_GETATTR:	reply(server, request, 0, &attr, sizeof(attr)); break;
	case FUSE_OPEN:		reply(server, request, 0, &open, sizeof(open)); break;
	case FUSE_READ:		reply_read(server, request, body); break;
	case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: break;
	case FUSE_FLUSH: case FUSE_RELEASE: reply(server, request, 0, NULL, 0); break;
	default:		reply(server, request, -ENOSYS, NULL, 0);
	}
}

/* The process that serves it; 0: this machine has no FUSE, or does not let us. */
static pid_t start(const char *place, uint32_t silent)
{
	struct server server = { open("/dev/fuse", O_RDWR | O_CLOEXEC), silent, open("/proc/self/exe", O_RDONLY | O_CLOEXEC), 0 };
	static union { struct fuse_in_header header; char bytes[1 << 18]; } request;
	char options[128];
	struct stat program;
	pid_t child;

	fstat(server.program, &program);
	server.size = (uint64_t)program.st_size;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", server.device);
	mkdir(place, 0755);
	if (server.device < 0 || mount("tetra-test", place, "fuse", MS_NOSUID | MS_NODEV, options))
		return 0;
	child = fork();
	if (child) {
		close(server.device);
		close(server.program);
		return child;
	}
	while (read(server.device, &request, sizeof(request)) > 0)
		serve(&server, &request.header);
	_exit(0);
}

static void stop(const char *place, pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	umount2(place, MNT_DETACH);
}

/* ---- Rows ---- */

static const struct row { const char *about; uint32_t silent; enum symbol_why why; } rows[] = {
	{ "it answers", 0, SYMBOL_KNOWN },
	{ "it does not say what is there", FUSE_LOOKUP, SYMBOL_TIMEOUT },
	{ "it does not open", FUSE_OPEN, SYMBOL_TIMEOUT },
	{ "it does not read", FUSE_READ, SYMBOL_TIMEOUT },
	{ "it does not close", FUSE_FLUSH, SYMBOL_KNOWN },
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* In a process of its own, whose end is part of what may not wait. */
__attribute__((noreturn)) static void ask(const char *path)
{
	enum symbol_why why;
	const int file = binary_open_path(AT_FDCWD, path, &why);
	struct binary *binary = file < 0 ? NULL : binary_open(file, &why), *own;

	if (!binary)
		_exit(why);
	own = files_open("/proc/self/exe", &why);
	if (!binary_section(binary, ".symtab").size || binary_section(binary, ".symtab").size != binary_section(own, ".symtab").size ||
	    memcmp(binary_section(binary, ".symtab").bytes, binary_section(own, ".symtab").bytes, binary_section(own, ".symtab").size))
		_exit(binary_trouble(binary) ? (int)binary_trouble(binary) : 100);
	binary_close(binary);
	_exit(SYMBOL_KNOWN);
}

static void test_silent(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		char place[300], path[320];
		const double before = seconds();
		int status;
		pid_t server, asking;

		snprintf(place, sizeof(place), "%s/served", files_folder());
		snprintf(path, sizeof(path), "%s/p", place);
		server = start(place, rows[n].silent);
		if (!server) {
			print_message("this machine does not let us serve a file system\n");
			return;
		}
		asking = fork();
		if (!asking)
			ask(path);
		assert_int_equal(waitpid(asking, &status, 0), asking);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != (int)rows[n].why || seconds() - before > 2 * LIMIT_WAIT_MS / 1000.0)
			fail_msg("%s: status %x, %g s", rows[n].about, (unsigned)status, seconds() - before);
		stop(place, server);
	}
}

/* The helper; nothing else runs. */
static void kill_children(void)
{
	char name[64];
	FILE *list;
	int child;

	snprintf(name, sizeof(name), "/proc/self/task/%d/children", (int)getpid());
	list = fopen(name, "r");
	assert_non_null(list);
	while (fscanf(list, "%d", &child) == 1)
		kill(child, SIGKILL);
	fclose(list);
}

/* A file system without a device, but without a server, too.  A helper that somebody killed is replaced. */
static void test_memory(void **state)
{
	char command[300];
	enum symbol_why why;
	struct binary *binary, *own = files_open("/proc/self/exe", &why);

	(void)state;
	snprintf(command, sizeof(command), "cp /proc/%d/exe /dev/shm/tetra-test-%d", (int)getpid(), (int)getpid());
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "/dev/shm/tetra-test-%d", (int)getpid());
	binary = files_open(command, &why);
	unlink(command);
	kill_children();
	assert_non_null(binary);
	assert_int_equal(binary_section(binary, ".debug_info").size, binary_section(own, ".debug_info").size);
	assert_memory_equal(binary_section(binary, ".debug_info").bytes, binary_section(own, ".debug_info").bytes,
			    binary_section(own, ".debug_info").size);
	binary_close(binary);
	binary_close(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_silent), cmocka_unit_test(test_memory) };
	const int status = cmocka_run_group_tests(tests, NULL, NULL);

	files_remove();
	return status;
}
