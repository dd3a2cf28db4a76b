// SPDX-License-Identifier: Apache-2.0
/*
 * test_loads.c - what the engine reads of things in the kernel is what was made there.
 *
 * Sockets, packets, files and buffers are made here; an iterator tells where the kernel has them, and the raw tracepoint program
 * reads them from there.  TAP; needs root.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/event_chunks.h"
#include "runtime/processes.h"
#include "tests/bpf/rig.h"
#include "tests/bpf/pointers.skel.h"
#include "tests/bpf/tap.h"

#define DESCRIPTORS	256
#define FOLDER		"/tmp/tetra-loads"
#define MARK		77u
#define PRIORITY	5u

/* See pointers.bpf.c. */
struct pointers_line {
	uint64_t fd, file, dentry, kiocb, capabilities, socket, sock, packet, device;
	uint64_t cred, user_namespace, private_data;	/* private_data: of a BPF program or map, and of a perf event, it itself */
};
static struct pointers_line pointers[DESCRIPTORS];

static struct rig rig;

static int find_pointers(void)
{
	struct pointers_bpf *finder = pointers_bpf__open();
	struct pointers_line line;
	int fd = -1, error;

	finder->rodata->process = getpid();
	error = pointers_bpf__load(finder);
	if (!error)
		error = pointers_bpf__attach(finder);
	if (!error)
		fd = bpf_iter_create(bpf_link__fd(finder->links.list_pointers));
	while (fd >= 0 && read(fd, &line, sizeof(line)) == sizeof(line))
		if (line.fd < DESCRIPTORS)
			pointers[line.fd] = line;
	if (fd >= 0)
		close(fd);
	pointers_bpf__destroy(finder);
	return error ? error : fd < 0 ? -errno : 0;
}

/* ---- One slot, reported by every event ---- */

static const struct abi_slot size_slot = { .load = ABI_LOAD_U64, .source = ABI_SOURCE_ARGUMENT, .index = 1 };

/* What the slot holds, of argument 0, or NULL. */
static const struct abi_event_slot *read_slot(struct abi_slot slot, uint32_t hook_flags, uint64_t argument, uint64_t other)
{
	static const uint32_t no_flags;
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = 2, .slot_count = 2, .flags = hook_flags };
	struct abi_accept accept = { .report_slots = 1 };
	struct abi_record records[2] = { { .op = ABI_OP_ACCEPT, .yes = 1 }, { .op = ABI_OP_END } };
	const uint64_t arguments[RIG_ARGUMENTS] = { argument, other };
	struct image_builder builder;

	builder_init(&builder);
	builder_policies(&builder, &no_flags, 1);
	hook.slots[0] = slot;
	hook.slots[1] = size_slot;
	records[0].operand = builder_accept(&builder, &accept);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(&rig, &builder);
	builder_release(&builder);
	return rig_run(&rig, arguments) || rig.event_count != 1 ? NULL : &rig.events[0].event->slots[0];
}

static const struct abi_event_slot *read_load(unsigned load, uint64_t argument)
{
	return read_slot((struct abi_slot){ .load = load, .source = ABI_SOURCE_ARGUMENT }, 0, argument, 0);
}

static bool bytes_are(const struct abi_event_slot *slot, unsigned state, const void *bytes, size_t length)
{
	if (slot && slot->state == state && slot->length == length &&
	    !memcmp((const char *)rig.events[0].event + slot->offset, bytes, length))
		return true;
	if (slot)
		tap_say("state %u, %u bytes '%.*s'", slot->state, slot->length, slot->length < 200 ? slot->length : 200,
			(const char *)rig.events[0].event + slot->offset);
	return false;
}

static bool text_is(const struct abi_event_slot *slot, const char *text)
{
	return bytes_are(slot, ABI_SLOT_READ, text, strlen(text));
}

static bool number_is(const struct abi_event_slot *slot, uint64_t number)
{
	if (slot && slot->state == ABI_SLOT_READ && slot->value == number)
		return true;
	if (slot)
		tap_say("state %u, %llx", slot->state, (unsigned long long)slot->value);
	return false;
}

static bool is_fault(const struct abi_event_slot *slot)
{
	return slot && slot->state == ABI_SLOT_FAULT && !slot->length;
}

/* ---- Sockets ---- */

static struct abi_socket socket_of(const struct abi_event_slot *slot)
{
	struct abi_socket socket = { 0 };

	if (slot && slot->state == ABI_SLOT_READ && slot->length == sizeof(socket))
		memcpy(&socket, (const char *)rig.events[0].event + slot->offset, sizeof(socket));
	return socket;
}

static bool part_is(const struct abi_socket *socket, unsigned part, uint64_t value)
{
	if (socket->known >> part & 1 && socket->parts[part] == value)
		return true;
	tap_say("part %u: known %u, %llx instead of %llx", part, (unsigned)(socket->known >> part & 1),
		(unsigned long long)socket->parts[part], (unsigned long long)value);
	return false;
}

static bool address_is(const struct abi_socket *socket, unsigned part, const void *address, size_t length)
{
	return socket->known >> part & 1 && !memcmp(&socket->parts[part], address, length);
}

static bool is_unknown(const struct abi_socket *socket, unsigned part)
{
	return !(socket->known >> part & 1) && !socket->parts[part];
}

static uint16_t port_of(int fd, bool peer)
{
	struct sockaddr_in6 address = { 0 };
	socklen_t length = sizeof(address);

	if (peer ? getpeername(fd, (struct sockaddr *)&address, &length) : getsockname(fd, (struct sockaddr *)&address, &length))
		return 0;
	return ntohs(address.sin6_port);	/* where IPv4 has it, too */
}

/* Two sockets of the loopback device, connected to each other. */
struct ends {
	int first, second;
	uint8_t address[16];
	size_t length;
};

static bool set_options(int fd)
{
	const int mark = MARK, priority = PRIORITY;

	return !setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
}

static bool connect_to(int fd, int other, int family)
{
	struct sockaddr_in6 address = { 0 };
	socklen_t length = sizeof(address);

	(void)family;
	return !getsockname(other, (struct sockaddr *)&address, &length) && !connect(fd, (struct sockaddr *)&address, length);
}

static bool make_ends(int family, int type, struct ends *ret)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	const void *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
	const socklen_t length = family == AF_INET ? sizeof(v4) : sizeof(v6);

	ret->first = socket(family, type, 0);
	ret->second = socket(family, type, 0);
	ret->length = family == AF_INET ? 4 : 16;
	memcpy(ret->address, family == AF_INET ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr, ret->length);
	if (ret->first < 0 || ret->second < 0 || bind(ret->first, address, length) || !set_options(ret->first))
		return false;
	if (type == SOCK_STREAM)
		return !listen(ret->first, 1) && connect_to(ret->second, ret->first, family) && set_options(ret->second);
	return !bind(ret->second, address, length) && connect_to(ret->second, ret->first, family) && set_options(ret->second);
}

static void check_sock(const char *name, const struct ends *ends, int type, unsigned protocol, unsigned state)
{
	const struct pointers_line *line = &pointers[ends->second];
	struct abi_socket got = socket_of(read_load(ABI_LOAD_SOCK, line->sock)), same;
	int family = ends->length == 4 ? AF_INET : AF_INET6;

	tap_ok(part_is(&got, ABI_PART_FAMILY, family) && part_is(&got, ABI_PART_PROTOCOL, protocol) &&
		       part_is(&got, ABI_PART_TYPE, type) && part_is(&got, ABI_PART_STATE, state) &&
		       part_is(&got, ABI_PART_MARK, MARK) && part_is(&got, ABI_PART_PRIORITY, PRIORITY),
	       "%s: what kind of socket it is", name);
	tap_ok(part_is(&got, ABI_PART_SOURCE_PORT, port_of(ends->second, false)) &&
		       part_is(&got, ABI_PART_DESTINATION_PORT, port_of(ends->second, true)) &&
		       address_is(&got, ABI_PART_SOURCE, ends->address, ends->length) &&
		       address_is(&got, ABI_PART_DESTINATION, ends->address, ends->length),
	       "%s: its addresses and ports", name);
	same = socket_of(read_load(ABI_LOAD_SOCKET, line->socket));
	tap_ok(got.known && !memcmp(&got, &same, sizeof(got)), "%s: the same by its struct socket", name);
}

/* ---- The first test of a part of a socket ---- */

struct outcome { bool ran, seen, matched; };

/* One record about slot 1, which is a part, or slot 0, which is the socket. */
static struct outcome decide_socket(unsigned load, uint64_t argument, struct abi_record record, uint32_t part, const struct test_network *networks,
				    uint32_t count)
{
	static const uint32_t no_flags;
	struct abi_hook hook = { .id = RIG_HOOK, .record_count = 3, .slot_count = 2 };
	struct abi_accept accept = { .report_slots = 1 };
	struct abi_record records[3] = { record, { .op = ABI_OP_ACCEPT, .yes = 2 }, { .op = ABI_OP_END } };
	const uint64_t arguments[RIG_ARGUMENTS] = { argument };
	struct outcome outcome = { 0 };
	struct image_builder builder;
	struct abi_counters counted;

	builder_init(&builder);
	builder_policies(&builder, &no_flags, 1);
	hook.slots[0] = (struct abi_slot){ .load = load, .source = ABI_SOURCE_ARGUMENT };
	hook.slots[1] = (struct abi_slot){ .load = ABI_LOAD_PART, .source = ABI_SOURCE_SLOT, .offset = part };
	if (count)
		records[0].operand |= ABI_LOOKUP(builder_addresses(&builder, networks, count), 0, 0);
	records[1].operand = builder_accept(&builder, &accept);
	builder_hook(&builder, &hook, records);
	builder_finish(&builder);
	rig_apply(&rig, &builder);
	builder_release(&builder);
	outcome.ran = !rig_run(&rig, arguments);
	counted = rig_counted(&rig);
	outcome.seen = counted.seen;
	outcome.matched = counted.matched;
	return outcome;
}

static struct outcome decide_part(unsigned load, uint64_t argument, unsigned part, uint64_t value)
{
	return decide_socket(load, argument, (struct abi_record){ ABI_OP_EQUAL, 1, 1, 2, 2, value }, part, NULL, 0);
}

static struct outcome decide_address(unsigned load, uint64_t argument, bool destination, const struct ends *ends, uint8_t other)
{
	struct test_network network = { .family = ends->length == 4 ? 4 : 6, .rows = 1 };

	memcpy(network.low, ends->address, ends->length);
	network.low[0] ^= other;
	memcpy(network.high, network.low, sizeof(network.high));
	return decide_socket(load, argument, (struct abi_record){ ABI_OP_ADDRESS, 0, 1, 2, 2, destination ? ABI_LOOKUP_DESTINATION : 0 }, 0, &network, 1);
}

/* An address of IPv6 whose first half the test lets through, beside one of IPv4 by which it could be certain: it is looked up all the same. */
static bool half_is_no_match(uint64_t sock, const struct ends *ends)
{
	struct test_network networks[2] = { { .family = 4, .low = { 127, 0, 0, 1 }, .high = { 127, 0, 0, 1 }, .rows = 1 }, { .family = 6, .rows = 1 } };
	struct outcome outcome;

	memcpy(networks[1].low, ends->address, ends->length);
	networks[1].low[15] ^= 2;
	memcpy(networks[1].high, networks[1].low, sizeof(networks[1].high));
	outcome = decide_socket(ABI_LOAD_SOCK, sock, (struct abi_record){ ABI_OP_ADDRESS, 0, 1, 2, 2, 0 }, 0, networks, 2);
	return outcome.ran && outcome.seen && !outcome.matched;
}

/* What it is about is found; anything else is refused before it is counted, if there is a test. */
static bool outcomes_are(struct outcome same, struct outcome other, bool tests, const char *what)
{
	if (same.ran && same.seen && same.matched && other.ran && !other.matched && other.seen == !tests)
		return true;
	tap_say("%s: the same seen %d, matched %d; another seen %d, matched %d", what, same.seen, same.matched, other.seen, other.matched);
	return false;
}

static void check_first(const char *name, const struct ends *ends)
{
	static const unsigned parts[] = { ABI_PART_FAMILY, ABI_PART_PROTOCOL, ABI_PART_TYPE, ABI_PART_STATE, ABI_PART_SOURCE_PORT,
					  ABI_PART_DESTINATION_PORT, ABI_PART_MARK };
	const struct { unsigned load; uint64_t argument; } ways[] = {
		{ ABI_LOAD_SOCK, pointers[ends->second].sock }, { ABI_LOAD_SOCKET, pointers[ends->second].socket },
	};
	bool fine = true;

	for (unsigned way = 0; way < 2; way++) {
		const unsigned load = ways[way].load;
		const uint64_t argument = ways[way].argument;
		const struct abi_socket got = socket_of(read_load(load, argument));

		for (unsigned n = 0; n < sizeof(parts) / sizeof(*parts); n++)
			fine &= outcomes_are(decide_part(load, argument, parts[n], got.parts[parts[n]]),
					     decide_part(load, argument, parts[n], got.parts[parts[n]] + 1),
					     load == ABI_LOAD_SOCK && parts[n] != ABI_PART_MARK, "a part");
		for (unsigned destination = 0; destination < 2; destination++)
			fine &= outcomes_are(decide_address(load, argument, destination, ends, 0),
					     decide_address(load, argument, destination, ends, 1), load == ABI_LOAD_SOCK, "an address");
	}
	tap_ok(fine, "%s: the first test refuses other parts, and lets its own pass", name);
	if (ends->length == 16)
		tap_ok(half_is_no_match(pointers[ends->second].sock, ends), "%s: half an address is none", name);
}

/* The kernel makes a cookie when somebody asks for it. */
static void check_cookie(int fd)
{
	struct abi_socket got;
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, 57 /* SO_COOKIE */, &cookie, &length)) {
		tap_skip("the cookie of a socket", "%s", strerror(errno));
		return;
	}
	got = socket_of(read_load(ABI_LOAD_SOCK, pointers[fd].sock));
	tap_ok(part_is(&got, ABI_PART_COOKIE, cookie), "the cookie of a socket");
}

static void test_socks(struct ends ends[4])
{
	struct abi_socket got;
	int unix_socket = socket(AF_UNIX, SOCK_DGRAM, 0);

	find_pointers();
	check_sock("udp4", &ends[0], SOCK_DGRAM, IPPROTO_UDP, 1);
	check_sock("udp6", &ends[1], SOCK_DGRAM, IPPROTO_UDP, 1);
	check_sock("tcp4", &ends[2], SOCK_STREAM, IPPROTO_TCP, 1);
	check_sock("tcp6", &ends[3], SOCK_STREAM, IPPROTO_TCP, 1);
	got = socket_of(read_load(ABI_LOAD_SOCK, pointers[ends[2].first].sock));
	tap_ok(part_is(&got, ABI_PART_STATE, 10) && part_is(&got, ABI_PART_DESTINATION_PORT, 0), "one that listens");
	got = socket_of(read_load(ABI_LOAD_SOCK, pointers[unix_socket].sock));
	tap_ok(part_is(&got, ABI_PART_FAMILY, AF_UNIX) && part_is(&got, ABI_PART_TYPE, SOCK_DGRAM) &&
		       part_is(&got, ABI_PART_SOURCE_PORT, 0) && is_unknown(&got, ABI_PART_SOURCE) &&
		       is_unknown(&got, ABI_PART_DESTINATION),
	       "one that has no addresses");
	check_first("udp4", &ends[0]);
	check_first("udp6", &ends[1]);
	check_first("tcp4", &ends[2]);
	check_first("tcp6", &ends[3]);
	check_cookie(ends[0].second);
	tap_ok(is_fault(read_load(ABI_LOAD_SOCK, 0)) && is_fault(read_load(ABI_LOAD_SOCKET, 0)) &&
		       is_fault(read_load(ABI_LOAD_SKB, 0)) && is_fault(read_load(ABI_LOAD_SOCK, (uint64_t)ends)),
	       "none at all, and one that is not in the kernel");
	close(unix_socket);
}

static void test_packets(const struct ends *ends, const char *name)
{
	struct abi_socket got;
	int family = ends->length == 4 ? AF_INET : AF_INET6;

	if (write(ends->second, "hello", 5) != 5 || find_pointers()) {
		tap_ok(false, "%s: no packet: %s", name, strerror(errno));
		return;
	}
	got = socket_of(read_load(ABI_LOAD_SKB, pointers[ends->first].packet));
	tap_ok(part_is(&got, ABI_PART_FAMILY, family) && part_is(&got, ABI_PART_PROTOCOL, IPPROTO_UDP) &&
		       address_is(&got, ABI_PART_SOURCE, ends->address, ends->length) &&
		       address_is(&got, ABI_PART_DESTINATION, ends->address, ends->length),
	       "%s: a packet's addresses and protocol", name);
	tap_ok(part_is(&got, ABI_PART_SOURCE_PORT, port_of(ends->second, false)) &&
		       part_is(&got, ABI_PART_DESTINATION_PORT, port_of(ends->first, false)) &&
		       is_unknown(&got, ABI_PART_STATE) && is_unknown(&got, ABI_PART_TYPE) && got.known >> ABI_PART_LENGTH & 1,
	       "%s: its ports, and what it does not have", name);
}

/* The loopback device may be down. */
static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (!ioctl(fd, SIOCGIFFLAGS, &request) && !(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
}

static void test_sockets(void)
{
	static const struct { int family, type; } kinds[4] = {
		{ AF_INET, SOCK_DGRAM }, { AF_INET6, SOCK_DGRAM }, { AF_INET, SOCK_STREAM }, { AF_INET6, SOCK_STREAM },
	};
	struct ends ends[4];
	unsigned n;

	raise_loopback();
	for (n = 0; n < 4; n++)
		if (!make_ends(kinds[n].family, kinds[n].type, &ends[n])) {
			tap_skip("sockets", "they cannot be made: %s", strerror(errno));
			return;
		}
	test_socks(ends);
	test_packets(&ends[0], "udp4");
	test_packets(&ends[1], "udp6");
	tap_ok(text_is(read_load(ABI_LOAD_NET_DEVICE, pointers[ends[0].first].device), "lo"), "the name of a network device");
	tap_ok(is_fault(read_load(ABI_LOAD_NET_DEVICE, 0)), "and of none");
	for (n = 0; n < 4; n++) {
		close(ends[n].first);
		close(ends[n].second);
	}
}

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

/* ---- Structures ---- */

/* What the slot holds, or all zeros. */
static void take_structure(const struct abi_event_slot *slot, void *ret, size_t size)
{
	memset(ret, 0, size);
	if (slot && slot->state == ABI_SLOT_READ && slot->length == size)
		memcpy(ret, (const char *)rig.events[0].event + slot->offset, size);
	else if (slot)
		tap_say("state %u, %u bytes instead of %zu", slot->state, slot->length, size);
}

/* A number of /proc/self/NAME behind a word. */
static unsigned long long proc_number(const char *name, const char *word, int base)
{
	char path[64], line[512];
	unsigned long long number = ~0ULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, word, strlen(word)))
			number = strtoull(line + strlen(word), NULL, base);
	if (file)
		fclose(file);
	return number;
}

static void test_credentials(void)
{
	struct abi_user_namespace namespace;
	struct abi_cred cred;
	char link[64] = "";
	ssize_t length;

	prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_KEEP_CAPS);
	if (setresgid(11, 12, 13) || setfsgid(14) != 12 || setresuid(0, 0, 17) || setfsuid(18))
		tap_say("ids cannot be set");
	find_pointers();
	take_structure(read_load(ABI_LOAD_CRED, pointers[0].cred), &cred, sizeof(cred));
	tap_ok(!cred.uid && !cred.euid && cred.suid == 17 && cred.fsuid == 18 && cred.gid == 11 && cred.egid == 12 && cred.sgid == 13 &&
		       cred.fsgid == 14,
	       "credentials: users and groups");
	tap_ok(cred.capabilities[0] == proc_number("status", "CapEff:", 16) && cred.capabilities[1] == proc_number("status", "CapInh:", 16) &&
		       cred.capabilities[2] == proc_number("status", "CapPrm:", 16),
	       "credentials: capabilities");
	tap_ok(cred.securebits == (SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_KEEP_CAPS), "credentials: secure bits");
	length = readlink("/proc/self/ns/user", link, sizeof(link) - 1);
	take_structure(read_load(ABI_LOAD_USER_NAMESPACE, pointers[0].user_namespace), &namespace, sizeof(namespace));
	tap_ok(length > 6 && namespace.inum == strtoul(link + 6, NULL, 10) && !namespace.owner && !namespace.group && namespace.level >= 0 &&
		       !memcmp(&namespace, &cred.user_namespace, sizeof(namespace)),
	       "a user namespace, and that of credentials");
	tap_ok(namespace.is_host == ABI_ANSWER_UNKNOWN, "whether it is that of the host is not known before tetra has said so");
	tap_ok(is_fault(read_load(ABI_LOAD_CRED, 0)) && is_fault(read_load(ABI_LOAD_USER_NAMESPACE, 0)) &&
		       is_fault(read_load(ABI_LOAD_CRED, (uint64_t)&cred)),
	       "none at all, and one that is not in the kernel");
	setresuid(0, 0, 0);
	setresgid(0, 0, 0);
}

static void test_bpf_objects(void)
{
	const struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 }, { .code = BPF_JMP | BPF_EXIT } };
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "tetra_test_map", 4, 24, 77, &options);
	int program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "tetra_test_prog", "GPL", code, 2, NULL);
	struct abi_bpf_prog of_program, of_attr;
	struct abi_bpf_map of_map;
	union bpf_attr attr;

	if (map < 0 || program < 0 || find_pointers()) {
		tap_ok(false, "BPF programs and maps cannot be made");
		return;
	}
	take_structure(read_load(ABI_LOAD_BPF_MAP, pointers[map].private_data), &of_map, sizeof(of_map));
	tap_ok(of_map.type == BPF_MAP_TYPE_HASH && of_map.key_size == 4 && of_map.value_size == 24 && of_map.max_entries == 77 &&
		       !strcmp(of_map.name, "tetra_test_map"),
	       "a BPF map");
	take_structure(read_load(ABI_LOAD_BPF_PROG, pointers[program].private_data), &of_program, sizeof(of_program));
	tap_ok(of_program.type == BPF_PROG_TYPE_SOCKET_FILTER && of_program.instructions == 2 && !strcmp(of_program.name, "tetra_test_prog"),
	       "a BPF program");
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.insn_cnt = 99;
	strcpy(attr.prog_name, "by_attr");
	take_structure(read_load(ABI_LOAD_BPF_ATTR, (uint64_t)&attr), &of_attr, sizeof(of_attr));
	tap_ok(of_attr.type == BPF_PROG_TYPE_KPROBE && of_attr.instructions == 99 && !strcmp(of_attr.name, "by_attr"),
	       "what bpf(2) is given");
	tap_ok(is_fault(read_load(ABI_LOAD_BPF_MAP, 0)) && is_fault(read_load(ABI_LOAD_BPF_PROG, 0)) &&
		       is_fault(read_load(ABI_LOAD_BPF_ATTR, 16)) &&
		       is_fault(read_slot((struct abi_slot){ .load = ABI_LOAD_BPF_ATTR, .source = ABI_SOURCE_ARGUMENT }, ABI_HOOK_USER_MEMORY,
					  pointers[0].file, 0)),
	       "none at all, and what a system call cannot be given");
	close(map);
	close(program);
}

static void test_perf_events(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_PAGE_FAULTS,
					.config1 = (uint64_t)"not a function" };
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	struct abi_perf_event event;

	if (fd < 0) {
		tap_skip("a perf event", "%s", strerror(errno));
		return;
	}
	find_pointers();
	take_structure(read_load(ABI_LOAD_PERF_EVENT, pointers[fd].private_data), &event, sizeof(event));
	tap_ok(event.type == PERF_TYPE_SOFTWARE && event.config == PERF_COUNT_SW_PAGE_FAULTS && !event.function[0], "a perf event");
	tap_ok(is_fault(read_load(ABI_LOAD_PERF_EVENT, 0)), "and none");
	close(fd);
}

/* Of a uprobe, which has its file's name where a kprobe has the function's. */
static void test_probes(void)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config1 = (uint64_t)"/proc/self/exe", .config2 = 64 };
	FILE *type = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
	struct abi_perf_event event;
	int fd = -1;

	if (type && fscanf(type, "%u", &attr.type) == 1)
		fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	if (type)
		fclose(type);
	if (fd < 0) {
		tap_skip("a perf event that is a probe", "%s", strerror(errno));
		return;
	}
	find_pointers();
	take_structure(read_load(ABI_LOAD_PERF_EVENT, pointers[fd].private_data), &event, sizeof(event));
	tap_ok(event.type == attr.type && event.probe_offset == 64 && !strcmp(event.function, "/proc/self/exe"), "a perf event that is a probe");
	close(fd);
}

/* Where the kernel has some module, and its name. */
static uint64_t find_module(char name[64])
{
	int fd = open("/dummy.ko", O_RDONLY);
	FILE *symbols;
	uint64_t found = 0, address;
	char line[512];

	if (fd >= 0) {	/* a test machine has one */
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
	symbols = fopen("/proc/kallsyms", "r");
	while (symbols && !found && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%lx %*c __this_module [%63[^]]]", &address, name) == 2)
			found = address;
	if (symbols)
		fclose(symbols);
	return found;
}

static void test_modules(void)
{
	struct abi_module module;
	char name[64] = "", path[128], taint[16] = "";
	uint64_t address = find_module(name);
	FILE *file;

	if (!address) {
		tap_skip("a module", "there is none");
	} else {
		take_structure(read_load(ABI_LOAD_MODULE, address), &module, sizeof(module));
		tap_ok(!strcmp(module.name, name) && module.signature_ok == ABI_ANSWER_UNKNOWN, "the name of a module");
		snprintf(path, sizeof(path), "/sys/module/%s/taint", name);
		file = fopen(path, "r");
		if (file) {
			if (!fgets(taint, sizeof(taint), file))
				taint[0] = '\0';
			fclose(file);
		}
		tap_ok(!module.taints == (taint[0] == '\n' || !taint[0]), "whether it taints the kernel");
	}
	tap_ok(is_fault(read_load(ABI_LOAD_MODULE, 0)) && is_fault(read_load(ABI_LOAD_LOAD_INFO, 0)), "none at all");
}

/* Bytes from the start of a structure to a member, as the kernel's types say; "": to the last one that has no name.  -1: there is none. */
static long member_offset(const struct btf *types, const char *name, const char *member)
{
	long offset = -1;

	const struct btf_type *type = btf__type_by_id(types, (uint32_t)btf__find_by_name_kind(types, name, BTF_KIND_STRUCT));

	for (unsigned n = 0; type && n < btf_vlen(type); n++)
		if (!strcmp(btf__name_by_offset(types, btf_members(type)[n].name_off), member))
			offset = btf_member_bit_offset(type, n) / 8;
	return offset;
}

/*
 * None is to be had at a time when it has a name: so the value of a map of BPF is made to look like one.  The module that it names is
 * in there, too.
 */
static void test_load_info(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	struct btf *types = btf__load_vmlinux_btf();
	long name = member_offset(types, "load_info", "name"), module = member_offset(types, "load_info", "mod"),
	     good = member_offset(types, "load_info", "sig_ok"), taints = member_offset(types, "module", "taints"),
	     value = member_offset(types, "bpf_array", "");	/* a union, and `value` is in it */
	static uint8_t bytes[8192];
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tetra_load_info", 4, sizeof(bytes), 1, &options), key = 0;
	struct abi_module got;
	uint64_t at;

	if (name < 0 || module < 0 || taints < 0 || value < 0 || map < 0 || find_pointers()) {
		tap_skip("a load_info", "this kernel has no modules");
		return;
	}
	at = pointers[map].private_data + value;
	memcpy(bytes + name, &(uint64_t){ at + 1024 }, 8);
	memcpy(bytes + module, &(uint64_t){ at + 2048 }, 8);
	if (good >= 0)
		bytes[good] = 1;
	strcpy((char *)bytes + 1024, "a_module");
	bytes[2048 + taints + 1] = 0x30;
	bpf_map_update_elem(map, &key, bytes, 0);
	take_structure(read_load(ABI_LOAD_LOAD_INFO, at), &got, sizeof(got));
	tap_ok(!strcmp(got.name, "a_module") && got.taints == 0x3000 && got.signature_ok == (good >= 0 ? ABI_ANSWER_YES : ABI_ANSWER_UNKNOWN),
	       "a load_info");
	if (good >= 0)
		bytes[good] = 0;
	memset(bytes + module, 0, 8);
	bpf_map_update_elem(map, &key, bytes, 0);
	take_structure(read_load(ABI_LOAD_LOAD_INFO, at), &got, sizeof(got));
	tap_ok(!strcmp(got.name, "a_module") && !got.taints && got.signature_ok == (good >= 0 ? ABI_ANSWER_NO : ABI_ANSWER_UNKNOWN),
	       "one without a module yet");
	memset(bytes + name, 0, 8);
	bpf_map_update_elem(map, &key, bytes, 0);
	tap_ok(is_fault(read_load(ABI_LOAD_LOAD_INFO, at)), "one without a name yet");
	btf__free(types);
	close(map);
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

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && getenv("VERBOSE"))
		vfprintf(stderr, format, arguments);
	return 0;
}

int main(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int error;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(silent);
	mkdir(FOLDER, 0755);
	error = rig_open(&rig);
	if (!tap_ok(!error, "the raw tracepoint program loads"))
		return tap_done();
	error = find_pointers();
	if (!tap_ok(!error, "the kernel tells where its files are"))
		return tap_done();
	test_sockets();
	test_files();
	test_root();
	test_unix();
	test_buffers();
	test_long_values();
	test_several_long_values();
	test_long_values_lost();
	test_vectors();
	test_numbers();
	test_credentials();
	test_bpf_objects();
	test_perf_events();
	test_probes();
	test_modules();
	test_load_info();
	test_data_loc();
	test_user_memory();
	rig_close(&rig);
	rmdir(FOLDER);
	return tap_done();
}
