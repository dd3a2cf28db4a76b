// SPDX-License-Identifier: Apache-2.0
/* mappings.c - rings of perf events, one for each processor; see mappings.h. */
#include "runtime/mappings.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/processors.h"

enum { RING_PAGES = 64, RECORD_MAX = 1 << 16, EXECS = 1 << 14 };

struct listening {
	int fd;				/* -1: the processor is not there */
	struct perf_event_mmap_page *control;
	const uint8_t *data;
};

struct mappings {
	struct listening *rings;
	int count;
	uint64_t lost;
	size_t page;
	struct { uint32_t pid; uint64_t time; } execs[EXECS];	/* the latest of each process, by its id; of two in one place, the later */
	_Alignas(8) uint8_t record[RECORD_MAX];	/* sizes of records have 16 bits */
};

/* Nothing is counted: the event is there for what the kernel tells beside it. */
static int open_event(int pid, int processor)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes), .config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME, .sample_id_all = 1, .mmap = 1, .mmap2 = 1, .build_id = 1, .comm = 1, .comm_exec = 1,
		.use_clockid = 1, .clockid = CLOCK_BOOTTIME,
	};
	const long fd = syscall(SYS_perf_event_open, &attributes, pid, processor, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int mappings_probe(void)
{
	const int fd = open_event(0, -1);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int listen_on(struct mappings *mappings, int processor)
{
	struct listening *ring = &mappings->rings[processor];
	const size_t size = (RING_PAGES + 1) * mappings->page;
	void *memory;
	int fd;

	fd = open_event(-1, processor);
	if (fd < 0)
		return fd;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		const int error = -errno;

		close(fd);
		return error;
	}
	*ring = (struct listening){ fd, memory, (const uint8_t *)memory + mappings->page };
	return 0;
}

/* Of a processor that is off, the kernel says that there is no such device. */
static int listen_everywhere(struct mappings *mappings)
{
	int some = -ENODEV;

	for (int n = 0; n < mappings->count; n++) {
		const int error = mappings->rings[n].fd < 0 ? listen_on(mappings, n) : 0;

		if (error && error != -ENODEV)
			return error;
		some = error ? some : 0;
	}
	return some;
}

struct mappings *mappings_open(int *error)
{
	struct mappings *mappings = calloc(1, sizeof(*mappings));
	const int count = processors_count();

	*error = count < 0 ? count : -ENOMEM;
	if (!mappings || count < 0)
		goto fail;
	mappings->page = (size_t)sysconf(_SC_PAGESIZE);
	mappings->rings = calloc((size_t)count, sizeof(*mappings->rings));
	if (!mappings->rings)
		goto fail;
	for (mappings->count = 0; mappings->count < count; mappings->count++)
		mappings->rings[mappings->count].fd = -1;
	*error = listen_everywhere(mappings);
	if (!*error)
		return mappings;
fail:
	mappings_close(mappings);
	return NULL;
}

void mappings_close(struct mappings *mappings)
{
	if (!mappings)
		return;
	for (int n = 0; n < mappings->count; n++) {
		if (mappings->rings[n].fd < 0)
			continue;
		munmap(mappings->rings[n].control, (RING_PAGES + 1) * mappings->page);
		close(mappings->rings[n].fd);
	}
	free(mappings->rings);
	free(mappings);
}

void mappings_look(struct mappings *mappings)
{
	listen_everywhere(mappings);
}

/* ---- Records ---- */

/* Copied, since they may lie around the end of the ring. */
static void copy(const struct mappings *mappings, const struct listening *ring, uint64_t at, void *ret, size_t length)
{
	const size_t size = RING_PAGES * mappings->page, start = at % size;
	const size_t first = length < size - start ? length : size - start;

	memcpy(ret, ring->data + start, first);
	memcpy((uint8_t *)ret + first, ring->data, length - first);
}

/* Of the record that the ring holds next: all end with their time.  UINT64_MAX when it is empty. */
static uint64_t next_time(const struct mappings *mappings, const struct listening *ring)
{
	const uint64_t head = ring->fd < 0 ? 0 : __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
	struct perf_event_header header;
	uint64_t time;

	if (ring->fd < 0 || head == ring->control->data_tail)
		return UINT64_MAX;
	copy(mappings, ring, ring->control->data_tail, &header, sizeof(header));
	copy(mappings, ring, ring->control->data_tail + header.size - sizeof(time), &time, sizeof(time));
	return time;
}

static struct listening *earliest(struct mappings *mappings, uint64_t until)
{
	struct listening *ret = NULL;

	for (int n = 0; n < mappings->count; n++) {
		const uint64_t time = next_time(mappings, &mappings->rings[n]);

		if (time < until) {
			until = time;
			ret = &mappings->rings[n];
		}
	}
	return ret;
}

/* The record that the ring holds next, copied, and taken out of it. */
static const struct perf_event_header *take(struct mappings *mappings, struct listening *ring)
{
	const uint64_t tail = ring->control->data_tail;
	struct perf_event_header header;

	copy(mappings, ring, tail, &header, sizeof(header));
	copy(mappings, ring, tail, mappings->record, header.size);
	__atomic_store_n(&ring->control->data_tail, tail + header.size, __ATOMIC_RELEASE);
	return (const void *)mappings->record;
}

struct mmap2 {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t address, length, page_offset;
	uint8_t build_id_size, reserved[3], build_id[20];	/* with PERF_RECORD_MISC_MMAP_BUILD_ID */
	uint32_t protection, flags;
	char path[];			/* with NUL, then the time */
};

static uint64_t time_of(const struct perf_event_header *header)
{
	uint64_t time = 0;

	if (header->size >= sizeof(*header) + sizeof(time))
		memcpy(&time, (const uint8_t *)header + header->size - sizeof(time), sizeof(time));
	return time;
}

/* Only of files: the kernel's own memory has names in brackets, and that of no file begins with two slashes. */
static bool read_mapping(const struct perf_event_header *header, struct event_mapping *ret)
{
	const struct mmap2 *raw = (const void *)header;

	if (header->type != PERF_RECORD_MMAP2 || header->size < sizeof(*raw) + sizeof(uint64_t) || raw->path[0] != '/' || raw->path[1] == '/')
		return false;
	*ret = (struct event_mapping){ .time = time_of(header), .pid = raw->pid, .tid = raw->tid, .path = raw->path };
	ret->path_length = strnlen(raw->path, header->size - sizeof(*raw) - sizeof(uint64_t));
	if (header->misc & PERF_RECORD_MISC_MMAP_BUILD_ID && raw->build_id_size <= sizeof(raw->build_id)) {
		ret->build_id = raw->build_id;
		ret->build_id_size = raw->build_id_size;
	}
	return true;
}

struct comm { struct perf_event_header header; uint32_t pid, tid; };	/* then the name */

/* A new program's name comes before its first mapping, and the process of that program begins with exec's end. */
static void note_exec(struct mappings *mappings, const struct perf_event_header *header)
{
	const struct comm *raw = (const void *)header;

	if (header->type != PERF_RECORD_COMM || !(header->misc & PERF_RECORD_MISC_COMM_EXEC) || header->size < sizeof(*raw) + sizeof(uint64_t))
		return;
	mappings->execs[raw->pid % EXECS].pid = raw->pid;
	mappings->execs[raw->pid % EXECS].time = time_of(header);
}

static void count_lost(struct mappings *mappings, const struct perf_event_header *header)
{
	struct { struct perf_event_header header; uint64_t id, lost; } raw;

	if (header->type != PERF_RECORD_LOST || header->size < sizeof(raw))
		return;
	memcpy(&raw, header, sizeof(raw));
	mappings->lost += raw.lost;
}

bool mappings_next(struct mappings *mappings, uint64_t until, struct event_mapping *ret)
{
	struct listening *ring;

	while ((ring = earliest(mappings, until))) {
		const struct perf_event_header *header = take(mappings, ring);

		note_exec(mappings, header);
		count_lost(mappings, header);
		if (!read_mapping(header, ret))
			continue;
		if (mappings->execs[ret->pid % EXECS].pid == ret->pid)
			ret->exec_began = mappings->execs[ret->pid % EXECS].time;
		return true;
	}
	return false;
}

uint64_t mappings_lost(struct mappings *mappings)
{
	const uint64_t lost = mappings->lost;

	mappings->lost = 0;
	return lost;
}
