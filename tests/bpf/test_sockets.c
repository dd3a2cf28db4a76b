// SPDX-License-Identifier: Apache-2.0
/*
 * test_sockets.c - what the engine reads of sockets and packets is what was made there, and the first test of a socket lets through what it should.
 *
 * See loads.h.  TAP; needs root.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bpf/loads.h"
#include "tests/bpf/tap.h"

#define MARK		77u
#define PRIORITY	5u

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

static void test_all(void)
{
	test_sockets();
}

int main(void)
{
	return loads_main(test_all);
}
