// SPDX-License-Identifier: Apache-2.0
/* spell.c - numbers, intervals, patterns and networks as text; see parts.h. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "compiler/inspect/parts.h"

void spell_number(uint64_t value, bool is_signed, struct buffer *ret)
{
	if (is_signed)
		buffer_format(ret, "%" PRId64, (int64_t)value);
	else
		buffer_format(ret, "%" PRIu64, value);
}

void spell_interval(uint64_t low, uint64_t high, bool is_signed, struct buffer *ret)
{
	const bool above = low != 0, below = high != UINT64_MAX;	/* keys are in the order of unsigned numbers */

	if (!above && !below) {
		buffer_add_text(ret, "any number");
		return;
	}
	buffer_add_text(ret, !above ? "at most " : !below ? "at least " : "");
	if (above)
		spell_number(ir_key(low, is_signed), is_signed, ret);
	if (!below || low == high)
		return;
	buffer_add_text(ret, above ? " to " : "");
	spell_number(ir_key(high, is_signed), is_signed, ret);
}

void spell_pattern(uint32_t kind, const void *bytes, size_t length, struct buffer *ret)
{
	static const struct { const char *before, *after; } words[] = {
		[ABI_STRING_EXACT] = { "is ", "" }, [ABI_STRING_PREFIX] = { "starts with ", "" },
		[ABI_STRING_POSTFIX] = { "ends with ", "" }, [ABI_SUBSTRING] = { "contains ", "" },
		[ABI_SUBSTRING_ANY_CASE] = { "contains ", " in any case" }, [ABI_GLOB] = { "is like ", "" },
	};

	buffer_add_text(ret, words[kind].before);
	buffer_add_quoted(ret, bytes, length);
	buffer_add_text(ret, words[kind].after);
}

/* ---- Addresses ---- */

static size_t address_size(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static void add_address(uint8_t family, const uint8_t *address, struct buffer *ret)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family == 4 ? AF_INET : AF_INET6, address, text, sizeof(text));
	buffer_add_text(ret, text);
}

/* How many leading bits the two share. */
static unsigned common_bits(const uint8_t *low, const uint8_t *high, size_t size)
{
	unsigned bits = 0;

	while (bits < size * 8 && !(((low[bits / 8] ^ high[bits / 8]) >> (7 - bits % 8)) & 1))
		bits++;
	return bits;
}

/* Whether behind the shared bits one has but zeros and the other but ones. */
static bool is_network(const uint8_t *low, const uint8_t *high, size_t size, unsigned prefix)
{
	for (unsigned bit = prefix; bit < size * 8; bit++)
		if ((low[bit / 8] >> (7 - bit % 8)) & 1 || !((high[bit / 8] >> (7 - bit % 8)) & 1))
			return false;
	return true;
}

void spell_addresses(uint8_t family, const uint8_t *low, const uint8_t *high, struct buffer *ret)
{
	const size_t size = address_size(family);
	const unsigned prefix = common_bits(low, high, size);

	add_address(family, low, ret);
	if (prefix == size * 8)
		return;
	if (is_network(low, high, size, prefix)) {
		buffer_format(ret, "/%u", prefix);
		return;
	}
	buffer_add_text(ret, " to ");
	add_address(family, high, ret);
}

void spell_network(const struct ir_network *network, struct buffer *ret)
{
	add_address(network->family, network->address, ret);
	if (network->prefix < address_size(network->family) * 8)
		buffer_format(ret, "/%u", network->prefix);
}

/* ---- Rows ---- */

void spell_rows(uint64_t rows, struct buffer *ret)
{
	const char *before = rows & (rows - 1) ? "rows " : "row ";

	for (unsigned row = 0; row < ABI_ROWS_MAX; row++) {
		unsigned last = row;

		if (!(rows >> row & 1))
			continue;
		while (last + 1 < ABI_ROWS_MAX && rows >> (last + 1) & 1)
			last++;
		buffer_format(ret, "%s%u", before, row);
		if (last > row)
			buffer_format(ret, "..%u", last);
		before = ", ";
		row = last;
	}
}
