// SPDX-License-Identifier: Apache-2.0
/* syscall.c - see syscall.h. */
#include "compiler/policy/syscall.h"

#include <string.h>

#include "compiler/base/nearest.h"

/* What the prefixes and ABIs are; an ABI belongs to the architectures of its bit. */
#define ABIS(row)					\
	row(x64, X64, "__x64_", ABI_X64 | ABI_I386)	\
	row(i386, I386, "__ia32_", ABI_I386)		\
	row(arm64, ARM64, "__arm64_", ABI_ARM64 | ABI_ARM32) \
	row(arm32, ARM32, NULL, 0)
enum { NUMBER_X64, NUMBER_I386, NUMBER_ARM64, NUMBER_ARM32, ABI_COUNT };
enum { ABI_X64 = 1, ABI_I386 = 2, ABI_ARM64 = 4, ABI_ARM32 = 8 };
static const struct {
	const char *name, *prefix;
	unsigned fits;			/* ABIs that may be said of a name with this prefix */
} abis[ABI_COUNT] = {
#define ROW(name, id, prefix, fits) [NUMBER_##id] = { #name, prefix, fits },
	ABIS(ROW)
#undef ROW
};

struct value {
	const char *name;		/* without ABI and prefix */
	size_t length;
	unsigned abis;			/* in which it may be; more than one when the host decides */
};

static int prefix_find(const char *bytes, size_t length)
{
	for (int i = 0; i < ABI_COUNT; i++)
		if (abis[i].prefix && length >= strlen(abis[i].prefix) && !memcmp(bytes, abis[i].prefix, strlen(abis[i].prefix)))
			return i;
	return -1;
}

size_t syscall_prefix(const char *bytes, size_t length)
{
	int abi = prefix_find(bytes, length);

	return abi < 0 ? 0 : strlen(abis[abi].prefix);
}

static bool begins_with_sys(const char *bytes, size_t length)
{
	return length >= 4 && !memcmp(bytes, "sys_", 4);
}

bool is_syscall_name(const struct text *name)
{
	return name->bytes && (begins_with_sys(name->bytes, name->length) || syscall_prefix(name->bytes, name->length));
}

static unsigned abi_find(const char *bytes, size_t length)
{
	for (int i = 0; i < ABI_COUNT; i++)
		if (length == strlen(abis[i].name) && !memcmp(bytes, abis[i].name, length))
			return 1u << i;
	return 0;
}

static const char *read_value(const struct text *text, struct value *ret)
{
	const char *slash = text->length ? memchr(text->bytes, '/', text->length) : NULL;
	const char *name = slash ? slash + 1 : text->bytes;
	size_t length = text->length - (size_t)(name - text->bytes), prefix = syscall_prefix(name, length);
	int prefix_abi = prefix_find(name, length);

	if (slash && memchr(name, '/', length))
		return "it has more than one '/'";
	*ret = (struct value){ name + prefix, length - prefix, ABI_X64 | ABI_ARM64 };
	if (prefix_abi >= 0)
		ret->abis = 1u << prefix_abi;
	if (!slash)
		return NULL;
	ret->abis = abi_find(text->bytes, (size_t)(slash - text->bytes));
	if (!ret->abis)
		return "the ABI before '/' is x64, i386, arm64 or arm32";
	if (prefix_abi >= 0 && !(abis[prefix_abi].fits & ret->abis))
		return "its prefix belongs to another ABI";
	return NULL;
}

const char *syscall_function_problem(const struct text *text)
{
	struct value value;
	const char *problem = read_value(text, &value);

	if (problem)
		return problem;
	return begins_with_sys(value.name, value.length) ? NULL : "it does not begin with sys_";
}

/* ---- The table ---- */

static const struct syscall_row {
	const char *name;
	unsigned abis;
	int x64, i386;
} rows[] = {
#define HAS(number, abi) ((number) < 0 ? 0 : (abi))
#define SYSCALL(name, x64, i386, arm64, arm32) \
	{ name, HAS(x64, ABI_X64) | HAS(i386, ABI_I386) | HAS(arm64, ABI_ARM64) | HAS(arm32, ABI_ARM32), \
	  x64, i386 },
#include "schema/syscalls.def"
#undef SYSCALL
#undef HAS
};

static void cut_sys(struct value *value)
{
	if (!begins_with_sys(value->name, value->length))
		return;
	value->name += 4;
	value->length -= 4;
}

/* NULL when there is none of that name; without its sys_. */
static const struct syscall_row *row_find(struct value *value)
{
	cut_sys(value);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strlen(rows[i].name) == value->length && !memcmp(rows[i].name, value->name, value->length))
			return &rows[i];
	return NULL;
}

const char *syscall_number_problem(const struct text *text)
{
	const struct syscall_row *row;
	struct value value;
	const char *problem = read_value(text, &value);

	if (problem)
		return problem;
	row = row_find(&value);
	if (!row)
		return "there is none of that name";
	return row->abis & value.abis ? NULL : "this ABI has none of that name";
}

bool syscall_number(const struct text *text, uint64_t *ret)
{
	const struct syscall_row *row;
	struct value value;

	if (read_value(text, &value))
		return false;
	row = row_find(&value);
	if (!row || !(row->abis & value.abis & (ABI_X64 | ABI_I386)))
		return false;
	*ret = row->abis & value.abis & ABI_X64 ? (uint64_t)row->x64 : (uint64_t)row->i386 | SYSCALL_32_BIT;
	return true;
}

/* Where the function has another name than the system call: arch/x86/entry/syscalls/syscall_64.tbl. */
static const char *function_of(const char *name)
{
	static const struct { const char *name, *function; } others[] = {
		{ "fstat", "newfstat" }, { "lstat", "newlstat" }, { "sendfile", "sendfile64" }, { "stat", "newstat" },
		{ "umount2", "umount" }, { "uname", "newuname" },
	};

	for (size_t n = 0; n < sizeof(others) / sizeof(*others); n++)
		if (!strcmp(others[n].name, name))
			return others[n].function;
	return name;
}

bool syscall_at(size_t n, uint64_t *ret, const char **function)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].x64 >= 0 && !n--) {
			*ret = (uint64_t)rows[i].x64;
			*function = function_of(rows[i].name);
			return true;
		}
	return false;
}

void syscall_suggest(const struct text *text, struct diagnostics *diagnostics)
{
	struct nearest nearest = { 0 };
	struct value value;

	if (!diag_is_kept(diagnostics))
		return;
	if (read_value(text, &value)) {
		diag_help(diagnostics, "values are sys_NAME or ABI/sys_NAME, as sys_open or i386/sys_open");
		return;
	}
	cut_sys(&value);
	nearest.name = value.name;
	nearest.length = value.length;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].abis & value.abis)
			nearest_try(&nearest, rows[i].name);
	if (nearest.best)
		diag_help(diagnostics, "did you mean 'sys_%s'?", nearest.best);
}
