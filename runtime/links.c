// SPDX-License-Identifier: Apache-2.0
/* links.c - attaching one loaded program to one place; see links.h. */
#include "runtime/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/perf_event.h>

#include "runtime/filesystems.h"

#define KPROBE_DEVICE "/sys/bus/event_source/devices/kprobe/"
#define UPROBE_DEVICE "/sys/bus/event_source/devices/uprobe/"
enum { COUNTER_SHIFT = 32 };	/* config:32-63 of the uprobe device */

static int perf_open(struct perf_event_attr *attributes)
{
	int fd;

	attributes->size = sizeof(*attributes);
	attributes->sample_period = 1;
	attributes->wakeup_events = 1;
	fd = (int)syscall(SYS_perf_event_open, attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int perf_hold(int program, int event)
{
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program) || ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
}

/* Takes over `event`. */
static int perf_link(int program, int event, enum link_carrier carrier, uint64_t cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	int link;

	if (event < 0)
		return event;
	if (carrier == LINK_HELD) {
		link = perf_hold(program, event);
		if (!link)
			return event;
	} else {
		options.perf_event.bpf_cookie = carrier == LINK_COOKIE ? cookie : 0;
		link = bpf_link_create(program, event, BPF_PERF_EVENT, &options);
		if (link >= 0 && ioctl(event, PERF_EVENT_IOC_ENABLE, 0)) {
			close(link);
			link = -errno;
		}
	}
	close(event);
	return link;
}

/* The number in a file of the kprobe device: "7\n", "config:0\n". */
static int device_number(const char *path)
{
	char text[64], *digits;
	int length = read_small_file(AT_FDCWD, path, text, sizeof(text));

	if (length < 0)
		return length == -ENOENT ? -EOPNOTSUPP : length;
	digits = strpbrk(text, "0123456789");
	return digits ? atoi(digits) : -EINVAL;
}

int link_kprobe(int program, const char *function, enum link_side side, enum link_carrier carrier,
		uint64_t cookie)
{
	struct perf_event_attr attributes = { 0 };
	int type = device_number(KPROBE_DEVICE "type");
	int bit = side == LINK_RETURN ? device_number(KPROBE_DEVICE "format/retprobe") : 0;

	if (type < 0 || bit < 0)
		return type < 0 ? type : bit;
	attributes.type = (uint32_t)type;
	attributes.config = side == LINK_RETURN ? 1ull << bit : 0;
	attributes.kprobe_func = (uint64_t)(uintptr_t)function;
	return perf_link(program, perf_open(&attributes), carrier, cookie);
}

int link_kprobe_multi(int program, const char *function, enum link_side side, uint64_t cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);

	options.kprobe_multi.flags = side == LINK_RETURN ? BPF_F_KPROBE_MULTI_RETURN : 0;
	options.kprobe_multi.cnt = 1;
	options.kprobe_multi.syms = &function;
	options.kprobe_multi.cookies = (const __u64 *)&cookie;
	return bpf_link_create(program, 0, BPF_TRACE_KPROBE_MULTI, &options);
}

static int tracepoint_number(const char *subsystem, const char *event)
{
	char path[512], text[32];
	int tracefs = tracefs_open(), length;

	if (tracefs < 0)
		return tracefs;
	snprintf(path, sizeof(path), "events/%s/%s/id", subsystem, event);
	length = read_small_file(tracefs, path, text, sizeof(text));
	close(tracefs);
	return length < 0 ? length : atoi(text);
}

int link_tracepoint(int program, const char *subsystem, const char *event, enum link_carrier carrier,
		    uint64_t cookie)
{
	struct perf_event_attr attributes = { .type = PERF_TYPE_TRACEPOINT };
	int number = tracepoint_number(subsystem, event);

	if (number < 0)
		return number;
	attributes.config = (uint64_t)number;
	return perf_link(program, perf_open(&attributes), carrier, cookie);
}

/* ---- Programs' functions ---- */

enum { PATH_SIZE = 32 };

/* The kernel takes paths; this one leads to what the descriptor is of, whatever has become of its name since. */
static const char *place_path(const struct link_place *place, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "/proc/self/fd/%d", place->file);
	return path;
}

int link_uprobe(int program, const struct link_place *place, enum link_side side, enum link_carrier carrier, uint64_t cookie)
{
	struct perf_event_attr attributes = { 0 };
	int type = device_number(UPROBE_DEVICE "type");
	int bit = side == LINK_RETURN ? device_number(UPROBE_DEVICE "format/retprobe") : 0;
	char path[PATH_SIZE];

	if (type < 0 || bit < 0)
		return type < 0 ? type : bit;
	if (place->counter > UINT32_MAX)	/* there are 32 bits for it */
		return -ERANGE;
	attributes.type = (uint32_t)type;
	attributes.config = place->counter << COUNTER_SHIFT | (side == LINK_RETURN ? 1ull << bit : 0);
	attributes.uprobe_path = (uint64_t)(uintptr_t)place_path(place, path);
	attributes.probe_offset = place->offset;
	return perf_link(program, perf_open(&attributes), carrier, cookie);
}

/* What bpf(BPF_LINK_CREATE) takes for uprobe.multi; not all headers know it. */
struct uprobe_multi_attributes {
	uint32_t program, target, attach_type, flags;
	uint64_t path, offsets, counters, cookies;
	uint32_t count, multi_flags, process, pad;
};
enum { MULTI_RETURN = 1 };

int link_uprobe_multi(int program, const struct link_place *place, enum link_side side, uint64_t cookie)
{
	char path[PATH_SIZE];
	const struct uprobe_multi_attributes attributes = {
		.program = (uint32_t)program, .attach_type = LINK_UPROBE_MULTI,
		.path = (uint64_t)(uintptr_t)place_path(place, path),
		.offsets = (uint64_t)(uintptr_t)&place->offset,
		.counters = place->counter ? (uint64_t)(uintptr_t)&place->counter : 0,
		.cookies = (uint64_t)(uintptr_t)&cookie,
		.count = 1, .multi_flags = side == LINK_RETURN ? MULTI_RETURN : 0,
	};
	int fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));

	return fd < 0 ? -errno : fd;
}

int link_raw_tracepoint(int program, const char *event)
{
	return bpf_raw_tracepoint_open(event, program);
}

int link_trampoline(int program)
{
	return bpf_raw_tracepoint_open(NULL, program);
}
