// SPDX-License-Identifier: Apache-2.0
/* attempts_ring.c - steps that are done by io_uring: no system call is theirs.  A part of attempts.c. */
#include <fcntl.h>
#include <unistd.h>

#include "tests/live/attempts.h"
#include "tests/live/ring.h"

static int in_ring(struct io_uring_sqe entry)
{
	struct ring ring;

	return ring_open(&ring) ? -1 : ring_do(&ring, &entry);
}

static int ring_open_file(char **words)
{
	const struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = pointer(words[1]),
		.open_flags = (unsigned)flags_of(words[0]), .len = 0644 };

	return (last = in_ring(entry)) < 0 ? -1 : 0;
}

static int ring_unlink(char **words)
{
	return in_ring((struct io_uring_sqe){ .opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = pointer(words[0]) });
}

static int ring_rename(char **words)
{
	return in_ring((struct io_uring_sqe){ .opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .addr = pointer(words[0]),
		.len = (unsigned)AT_FDCWD, .addr2 = pointer(words[1]) });
}

/* IORING_OP_FTRUNCATE, 6.9: the length is its offset. */
static int ring_truncate(char **words)
{
	(void)words;
	return in_ring((struct io_uring_sqe){ .opcode = 55, .fd = last });
}

static int ring_connect(char **words)
{
	struct endpoint to;

	return socket_to(words, &to) < 0 ? -1 : in_ring((struct io_uring_sqe){ .opcode = IORING_OP_CONNECT, .fd = last,
		.addr = pointer(&to.at), .off = to.length });
}

static int ring_accept(char **words, unsigned char flags)
{
	const int listening = visit(words);

	return listening < 0 || (last = in_ring((struct io_uring_sqe){ .opcode = IORING_OP_ACCEPT, .flags = flags, .fd = listening })) < 0 ? -1 : 0;
}

static int ring_accept_from(char **words) { return ring_accept(words, 0); }
static int ring_accept_by_worker(char **words) { return ring_accept(words, IOSQE_ASYNC); }

/* Opens a file as root by a ring that knows root, when the process is root no more. */
static int ring_as_root(char **words)
{
	struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = pointer(words[1]) };
	struct ring ring;
	long root;

	if (ring_open(&ring) || (root = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0)) < 0)
		return -1;
	entry.personality = (unsigned short)root;
	return be_user(words) ? -1 : ring_do(&ring, &entry) < 0 ? -1 : 0;
}

const struct step ring_steps[] = {
	{ "ring-accept", 3, ring_accept_from }, { "ring-accept-by-worker", 3, ring_accept_by_worker }, { "ring-open", 2, ring_open_file },
	{ "ring-unlink", 1, ring_unlink }, { "ring-rename", 2, ring_rename }, { "ring-connect", 3, ring_connect },
	{ "ring-truncate", 0, ring_truncate }, { "ring-as-root", 2, ring_as_root },
	{ NULL, 0, NULL },
};
