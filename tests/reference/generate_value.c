// SPDX-License-Identifier: Apache-2.0
/* generate_value.c - random numbers, strings and addresses, and values of filters; see chance.h. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/reference/chance.h"
#include "tests/reference/generate.h"

static uint64_t chance_state;

void generate_seed(uint64_t seed)
{
	chance_state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
	for (int n = 0; n < 8; n++)
		chance_bits();
}

uint64_t chance_bits(void)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return chance_state * 0x2545f4914f6cdd1du;
}

unsigned chance_below(unsigned count)
{
	return (unsigned)((chance_bits() >> 33) % count);
}

bool one_in(unsigned count)
{
	return !chance_below(count);
}

/* ---- Numbers ---- */

/* Few different numbers, so that they meet; and the ends of all widths. */
uint64_t chance_number(void)
{
	static const uint64_t ends[] = {
		0, 1, 2, 7, 8, 100, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, (uint64_t)-1, (uint64_t)-2, (uint64_t)-128, (uint64_t)-129, (uint64_t)-32768,
		(uint64_t)-0x80000000LL,
	};

	return one_in(2) ? ends[chance_below(sizeof(ends) / sizeof(*ends))] : one_in(8) ? chance_bits() : chance_below(12);
}

/* Which numbers values of the type may be: 5.6.  Signed widths of 32 bits for what is read as int32. */
struct span { bool is_signed; unsigned bits; };

static struct span operand_span(int type)
{
	const struct model_type_row *row = &model_types[type];
	bool is_signed = row->class == MODEL_SIGNED;

	if (!strcmp(row->name, "size_t"))	/* of its int32, what a size can be */
		return (struct span){ false, 31 };
	return (struct span){ is_signed, row->bits < 64 ? 32 : 64 };
}

static int64_t fit(struct span span, uint64_t number)
{
	unsigned shift = 64 - span.bits;

	return span.is_signed ? (int64_t)(number << shift) >> shift : (int64_t)(number << shift >> shift);
}

static struct model_text decimal(struct span span, int64_t number)
{
	return span.is_signed ? model_format("%" PRId64, number) : model_format("%" PRIu64, (uint64_t)number);
}

/* In one of Go's spellings. */
static struct model_text spelled(struct span span, int64_t number)
{
	bool minus = span.is_signed && number < 0;
	uint64_t size = minus ? -(uint64_t)number : (uint64_t)number;
	const char *sign = minus ? "-" : span.is_signed && one_in(20) ? "+" : "";
	char digits[65] = "";
	unsigned length = 0;

	switch (chance_below(8)) {
	case 0:
		return model_format("%s0x%" PRIx64, sign, size);
	case 1:
		return model_format("%s0o%" PRIo64, sign, size);
	case 2:
		return size ? model_format("%s0%" PRIo64, sign, size) : model_text("0");
	case 3:
		for (int bit = 63; bit >= 0; bit--)
			if (length || size >> bit & 1 || !bit)
				digits[length++] = "01"[size >> bit & 1];
		return model_format("%s0b%s", sign, digits);
	case 4:
		return size < 1000 ? decimal(span, number) :
		       model_format("%s%" PRIu64 "_%03" PRIu64, sign, size / 1000, size % 1000);
	default:
		return decimal(span, number);
	}
}

static bool is_less(struct span span, int64_t a, int64_t b)
{
	return span.is_signed ? a < b : (uint64_t)a < (uint64_t)b;
}

struct model_text some_range(int type, bool of_map)
{
	struct span span = operand_span(type);
	int64_t a, b;

	/* Bounds are read as int64: the upper half of uint64 is not expressible; members of sets are of the type's full width. */
	if (!span.is_signed && span.bits == 64 && !of_map)
		span.bits = 63;
	if (of_map && !strcmp(model_types[type].name, "size_t"))
		span.bits = 63;
	a = fit(span, chance_number());
	b = one_in(3) ? fit(span, chance_number()) : fit(span, (uint64_t)a + chance_below(5));
	if (is_less(span, b, a)) {
		int64_t swap = a;

		a = b;
		b = swap;
	}
	if (!of_map)
		return model_format("%s:%s", spelled(span, a).bytes, spelled(span, b).bytes);
	/* The agent stores every member: ranges stay small. */
	if ((uint64_t)b - (uint64_t)a > 1000 || one_in(2))
		return decimal(span, a);
	return one_in(6) ? model_format("%s:%s", decimal(span, b).bytes, decimal(span, a).bytes) :
	       model_format("%s:%s", decimal(span, a).bytes, decimal(span, b).bytes);
}

uint64_t chance_set(void)
{
	uint64_t ret = 0;

	for (unsigned n = chance_below(4); n; n--)
		ret |= 1ULL << chance_below(one_in(3) ? MODEL_CAPABILITIES : 4);
	return one_in(10) ? (1ULL << MODEL_CAPABILITIES) - 1 : ret;
}

struct model_text some_set(void)
{
	uint64_t set = chance_set();
	struct model_text text = { "", 0 };

	if (one_in(2) || !set)
		return spelled((struct span){ false, 64 }, (int64_t)set);
	for (unsigned n = 0; n < MODEL_CAPABILITIES && text.length < 200; n++)
		if (set >> n & 1)
			text = model_format("%s%s%s", text.bytes, text.length ? one_in(2) ? "," : ", " : "", model_capabilities[n]);
	return text;
}

/* ---- Strings ---- */

struct model_text chance_text(size_t most)
{
	static const char *const words[] = {
		"/", "a", "ab", "/etc", "/etc/", "passwd", "shadow", "/usr/bin/", "x", "12345678", "A", "EtC", "\xc3\xa9", ".", " ",
	};
	char bytes[8192];
	size_t length = 0;

	for (unsigned n = chance_below(5) + 1; n; n--) {
		const char *word = words[chance_below(sizeof(words) / sizeof(*words))];

		if (length + strlen(word) > most)
			break;
		memcpy(bytes + length, word, strlen(word));
		length += strlen(word);
	}
	if (one_in(60))
		for (; length < most && length < sizeof(bytes) - 1; length++)
			bytes[length] = "ab"[length & 1];
	return model_copy(bytes, length);
}

/* Absolute, as the paths of files are. */
struct model_text chance_path(size_t most)
{
	struct model_text text = chance_text(most - 1);

	return text.bytes[0] == '/' ? text : model_format("/%.*s", (int)(text.length < 200 ? text.length : 200), text.bytes);
}

static bool is_path_type(int type)
{
	const char *key = model_types[type].key;

	return !strcmp(key, "file_arg") || !strcmp(key, "path_arg") || !strcmp(key, "linux_binprm_arg");
}

static size_t longest(int type, enum model_test test)
{
	size_t most = test == TEST_PREFIX ? 256 : test == TEST_POSTFIX ? 127 : test == TEST_EQUAL ? 4095 : 99;
	size_t read = !strcmp(model_types[type].name, "net_device") ? 15 : model_types[type].class == MODEL_UNIX ? 100 : most;

	return read < most ? read : most;
}

struct model_text some_string(int type, enum model_test test)
{
	size_t most = longest(type, test);
	bool absolute = is_path_type(type) && (test == TEST_EQUAL || test == TEST_PREFIX);
	struct model_text text = absolute ? chance_path(most) : chance_text(most);

	if (text.length || (test == TEST_EQUAL && !absolute))
		return text;
	return model_text("a");
}

/* ---- Networks ---- */

void chance_address(unsigned family, uint8_t address[16])
{
	bool mapped = family == AF_INET6 && one_in(3);

	memset(address, 0, 16);
	for (int n = 0; n < 4; n++)
		address[family == AF_INET6 && (mapped || one_in(2)) ? 12 + n : n] = (uint8_t)chance_below(3);
	if (mapped)
		address[10] = address[11] = 0xff;
}

struct model_text some_network(void)
{
	unsigned family = one_in(2) ? AF_INET : AF_INET6, bits = family == AF_INET ? 32 : 128;
	char text[INET6_ADDRSTRLEN];
	uint8_t address[16];

	chance_address(family, address);
	inet_ntop((int)family, address, text, sizeof(text));
	return one_in(3) ? model_format("%s", text) : model_format("%s/%u", text, one_in(3) ? chance_below(bits + 1) :
		       bits - chance_below(family == AF_INET ? 9 : 33));
}

unsigned chance_port(void)
{
	static const unsigned ports[] = { 0, 1, 22, 53, 80, 443, 1023, 1024, 1025, 8080, 65534, 65535 };

	return ports[chance_below(sizeof(ports) / sizeof(*ports))];
}

struct model_text some_port(void)
{
	unsigned a = chance_port(), b = one_in(2) ? chance_port() : a + (a < 65535);

	return one_in(2) ? model_format("%u", a) : model_format("%u:%u", a < b ? a : b, a < b ? b : a);
}

unsigned chance_name(const struct model_name *names)
{
	unsigned count = 0;

	while (names[count].name)
		count++;
	return chance_below(one_in(2) && count > 12 ? 12 : count);
}

struct model_text some_named(const struct model_name *names)
{
	unsigned n = chance_name(names);

	if (one_in(2))
		return model_text(names[n].name);
	return one_in(3) ? model_format("%u:%u", names[n].number, names[n].number + chance_below(3)) :
	       model_format("%u", names[n].number);
}

struct model_text some_number(int type)
{
	return spelled(operand_span(type), fit(operand_span(type), chance_number()));
}
