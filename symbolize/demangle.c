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
	if (!write_name(mangled, &output) || ret->length == output.start) {
		cut(ret, output.start);
		return false;
	}
	if (version)
		buffer_add_text(ret, version);
	return true;
}
