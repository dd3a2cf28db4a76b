// SPDX-License-Identifier: Apache-2.0
/*
 * demangle.c - by libiberty; see demangle.h.
 *
 * Its writers have no way to stop but to end.  They keep what they work with on the stack (not in the heap, but for identifiers of Rust in other
 * scripts), so the function that gets the text leaves them when it is too long.
 */
#include "symbolize/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

#include "schema/schema.h"

struct output {
	struct buffer *ret;
	size_t start;
	jmp_buf too_long;
};

static void take(const char *text, size_t length, void *context)
{
	struct output *output = context;

	if (length > LIMIT_DEMANGLED_BYTES - (output->ret->length - output->start))
		longjmp(output->too_long, 1);
	buffer_add(output->ret, text, length);
}

/*
 * libiberty's own limit on recursion refuses C++ names of more than 1024 bytes, which are common; ours on the length bounds the recursion as well.
 * Its limit for Rust is one on recursion alone, and stays.
 */
static bool write_name(const char *name, struct output *output)
{
	if (setjmp(output->too_long))
		return false;
	return rust_demangle_callback(name, DMGL_PARAMS | DMGL_ANSI, take, output) ||
	       cplus_demangle_v3_callback(name, DMGL_PARAMS | DMGL_ANSI | DMGL_NO_RECURSE_LIMIT, take, output);
}

static int digit_of_62(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
}

/*
 * Whether what stands at this place is inside of the number that tells a crate from others of its name ("Cs4fqI2P2rA04_11mycrate"), which is
 * as good as random, and not printed.
 */
static bool in_crate_number(const char *name, const char *place)
{
	const char *end = place;
	const char *start = place;

	while (digit_of_62(*end) >= 0)
		end++;
	while (start - 2 > name && end - start < 11 && !(start[-1] == 's' && start[-2] == 'C'))
		start--;
	return start[-1] == 's' && start[-2] == 'C' && end - start >= 6 && *end == '_' && end[1] >= '0' && end[1] <= '9';
}

/*
 * A type of Rust says how many lifetimes it brings with it: "FG9zzzz_" is for<'a, 'b, ...> with a thousand million of them, which libiberty (seen in
 * that of binutils 2.40) goes through one by one, also where it writes nothing and so cannot be left.  The number stands only behind F
 * and D (rustc book, "v0 symbol format", binder); wherever one stands that could be read as such it counts, but for crates' own numbers,
 * where the letters are made harmless.
 */
static bool few_lifetimes(char *name)
{
	uint64_t total = 0;

	for (char *place = name; *place; place++) {
		uint64_t value = 0;
		const char *digit = place + 2;

		if ((place[0] != 'F' && place[0] != 'D') || place[1] != 'G')
			continue;
		if (in_crate_number(name, place)) {
			place[0] = place[1] = 'a';
			continue;
		}
		for (; digit_of_62(*digit) >= 0 && value <= LIMIT_BOUND_LIFETIMES; digit++)
			value = value * 62 + (uint64_t)digit_of_62(*digit) + 1;
		if (*digit == '_' || value > LIMIT_BOUND_LIFETIMES)
			total += value + 1;
		if (total > LIMIT_BOUND_LIFETIMES)
			return false;
	}
	return true;
}

static void cut(struct buffer *buffer, size_t length)
{
	buffer->length = length;
	if (buffer->bytes)
		buffer->bytes[length] = '\0';
}

bool demangle_may(const char *name)
{
	return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R' || !strncmp(name + 1, "GLOBAL_", 7));
}

bool demangle(const char *name, struct buffer *ret)
{
	struct output output = { .ret = ret, .start = ret->length };
	char mangled[LIMIT_MANGLED_BYTES + 1];
	const size_t length = demangle_may(name) ? strnlen(name, sizeof(mangled)) : 0;
	const char *version;

	if (!length || length == sizeof(mangled))
		return false;
	memcpy(mangled, name, length + 1);
	version = strchr(name, '@');
	if (version)
		mangled[version - name] = '\0';
	if ((mangled[1] == 'R' && !few_lifetimes(mangled)) || !write_name(mangled, &output) || ret->length == output.start) {
		cut(ret, output.start);
		return false;
	}
	if (version)
		buffer_add_text(ret, version);
	return true;
}
