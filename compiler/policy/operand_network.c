// SPDX-License-Identifier: Apache-2.0
/* operand_network.c - values of filters on sockets: ports, addresses; see operand.h. */
#include "compiler/policy/operand.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "compiler/base/number.h"

/* ---- Ports ---- */

static bool read_unsigned(struct text text, uint64_t *ret)
{
	struct number number;

	return !number_parse(text.bytes, text.length, NUMBER_DECIMAL, &number) &&
		number_to_unsigned(number, UINT64_MAX, ret);
}

/* A reversed range is turned round, as Tetragon does. */
bool operand_read_unsigned(struct policy_value *value)
{
	struct text low, high;
	uint64_t first, last;

	if (read_unsigned(value->text, &value->low)) {
		value->form = VALUE_INTEGER;
		return true;
	}
	if (!operand_split(value->text, &low, &high) || !read_unsigned(low, &first) || !read_unsigned(high, &last))
		return false;
	value->low = first < last ? first : last;
	value->high = first < last ? last : first;
	value->form = VALUE_RANGE;
	return true;
}

void operand_port(struct policy_value *value, struct diagnostics *diagnostics)
{
	if (!operand_read_unsigned(value)) {
		diag(diagnostics, DIAG_PORT, value->text.at, "'%.*s' is not a port", SHOW(value->text));
		diag_help(diagnostics, "a decimal number up to %d, or MIN:MAX", LIMIT_PORT);
	} else if (value->low > LIMIT_PORT) {
		diag(diagnostics, DIAG_VALUE_WIDTH, value->text.at, "no port is %.*s", SHOW(value->text));
		diag_help(diagnostics, "ports are from 0 to %d", LIMIT_PORT);
	}
}

/* ---- Addresses ---- */

static bool read_prefix(const char *text, size_t length, uint8_t bits, uint8_t *ret)
{
	struct number number;
	uint64_t prefix;

	if (length > 1 && text[0] == '0')
		return false;
	if (number_parse(text, length, NUMBER_DECIMAL, &number) || !number_to_unsigned(number, bits, &prefix))
		return false;
	*ret = (uint8_t)prefix;
	return true;
}

static void clear_host_bits(struct policy_value *value)
{
	for (unsigned bit = value->prefix; bit < (value->family == 4 ? 32u : 128u); bit++)
		value->address[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
}

/* `length` bytes up to the zone or prefix. */
static bool read_bare_address(struct policy_value *value, size_t length)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (!length || length >= sizeof(text) || memchr(value->text.bytes, '\0', length))
		return false;
	memcpy(text, value->text.bytes, length);
	text[length] = '\0';
	value->family = strchr(text, ':') ? 6 : 4;
	value->prefix = value->family == 4 ? 32 : 128;
	return inet_pton(value->family == 4 ? AF_INET : AF_INET6, text, value->address) == 1;
}

static bool read_address(struct policy_value *value)
{
	const char *bytes = value->text.bytes;
	size_t length = value->text.length, address;
	const char *slash = memchr(bytes, '/', length), *zone = memchr(bytes, '%', length);

	address = slash ? (size_t)(slash - bytes) : zone ? (size_t)(zone - bytes) : length;
	if ((slash && zone) || !read_bare_address(value, address))
		return false;
	if (zone && (value->family == 4 || address + 1 == length))
		return false;
	if (!slash)
		return true;
	return read_prefix(slash + 1, length - address - 1, value->prefix, &value->prefix);
}

bool operand_is_loopback(const struct policy_value *value)
{
	static const uint8_t mapped[13] = { [10] = 0xff, [11] = 0xff, [12] = 127 }, host[16] = { [15] = 1 };
	struct policy_value read = *value;

	if (!value->text.bytes || !read_address(&read))
		return false;
	if (read.family == 4)
		return read.address[0] == 127 && read.prefix >= 8;
	return (read.prefix == 128 && !memcmp(read.address, host, sizeof(host))) ||
		(read.prefix >= 104 && !memcmp(read.address, mapped, sizeof(mapped)));
}

void operand_address(struct policy_value *value, struct diagnostics *diagnostics)
{
	if (!read_address(value)) {
		diag(diagnostics, DIAG_ADDRESS, value->text.at, "'%.*s' is not an address", SHOW(value->text));
		diag_help(diagnostics, "as \"10.0.0.1\", \"10.0.0.0/8\", \"::1\" or \"2001:db8::/32\"");
		return;
	}
	value->form = VALUE_ADDRESS;
	clear_host_bits(value);
	if (memchr(value->text.bytes, '%', value->text.length))
		diag(diagnostics, DIAG_ZONE, value->text.at, "the zone of '%.*s' is ignored", SHOW(value->text));
}
