// SPDX-License-Identifier: Apache-2.0
/* test_btf.c - type information, paths through it and what fits where; made by hand, hostile ones included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/kernel/fit.h"
#include "tests/unit/blob.h"

#include <cmocka.h>	/* last: it takes the name fail */

/* ---- A small kernel, and a module of it ---- */

struct field { const char *name; uint32_t type, where; };
#define FIELDS(...)	(const struct field[]){ __VA_ARGS__ }, sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field)
#define BITS(bits, at)	((uint32_t)(bits) << 24 | (at))

static uint32_t structure(struct blob *blob, const char *name, uint32_t kind, uint32_t flag, uint32_t size,
			  const struct field *fields, size_t count)
{
	uint32_t id = blob_type(blob, name, kind, flag, (uint32_t)count, size);

	for (size_t n = 0; n < count; n++)
		blob_member(blob, fields[n].name, fields[n].type, fields[n].where);
	return id;
}

static void function(struct blob *blob, const char *name, uint32_t returns, const struct field *parameters, size_t count)
{
	uint32_t prototype = blob_type(blob, NULL, BTF_KIND_FUNC_PROTO, 0, (uint32_t)count, returns);

	for (size_t n = 0; n < count; n++)
		blob_parameter(blob, parameters[n].name, parameters[n].type);
	blob_type(blob, name, BTF_KIND_FUNC, 0, 0, prototype);
}

/* The ids of the first types. */
enum { INT = 1, UINT, CHAR, ULONG, LONG, BOOL, U16, INT128, OLD_BITS };

static void add_integers(struct blob *blob)
{
	blob_int(blob, "int", BTF_INT_SIGNED, 4, 32);
	blob_int(blob, "unsigned int", 0, 4, 32);
	blob_int(blob, "char", 0, 1, 8);
	blob_int(blob, "unsigned long", 0, 8, 64);
	blob_int(blob, "long", BTF_INT_SIGNED, 8, 64);
	blob_int(blob, "_Bool", BTF_INT_BOOL, 1, 8);
	blob_int(blob, "short unsigned int", 0, 2, 16);
	blob_int(blob, "__int128", BTF_INT_SIGNED, 16, 128);
	blob_int(blob, "unsigned int", 0, 4, 5);	/* a bit field as compilers once wrote it */
}

static void add_structures(struct blob *blob)
{
	uint32_t inner, to_inner, to_to_inner, to_char, four, matrix, flexible, comm, pointers, nested, anonymous, state, signs, mode,
		 to_void, to_opaque, path, to_file, cap, callback, outer, to_outer, to_to_char, to_cap, to_const_file, shorts, to_to_outer,
		 to_four;

	inner = structure(blob, "inner", BTF_KIND_STRUCT, 1, 16, FIELDS({ "a", INT, 0 }, { "low", UINT, BITS(3, 32) },
		{ "sign", INT, BITS(4, 35) }, { "wide", UINT, BITS(20, 39) }, { "full", UINT, BITS(32, 64) },
		{ "truth", BOOL, BITS(1, 96) }));
	to_inner = blob_pointer(blob, inner);
	to_to_inner = blob_pointer(blob, to_inner);
	to_char = blob_pointer(blob, blob_type(blob, NULL, BTF_KIND_CONST, 0, 0, CHAR));
	four = blob_array(blob, INT, 4);
	matrix = blob_array(blob, four, 3);
	flexible = blob_array(blob, inner, 0);
	comm = blob_array(blob, CHAR, 16);
	pointers = blob_array(blob, to_inner, 8);
	nested = structure(blob, NULL, BTF_KIND_STRUCT, 0, 24, FIELDS({ "comm", comm, 0 }, { "deep", ULONG, 128 }));
	anonymous = structure(blob, NULL, BTF_KIND_UNION, 0, 24, FIELDS({ "word", ULONG, 0 }, { NULL, nested, 0 }));
	state = blob_type(blob, "state", BTF_KIND_ENUM, 0, 2, 4);
	blob_parameter(blob, "ONE", 1);
	blob_parameter(blob, "TWO", 2);
	signs = blob_type(blob, "signs", BTF_KIND_ENUM, 1, 1, 4);
	blob_parameter(blob, "MINUS", (uint32_t)-1);
	mode = blob_type(blob, "umode_t", BTF_KIND_TYPEDEF, 0, 0, U16);
	to_void = blob_pointer(blob, 0);
	to_opaque = blob_pointer(blob, blob_type(blob, "opaque", BTF_KIND_FWD, 0, 0, 0));
	path = structure(blob, "path", BTF_KIND_STRUCT, 0, 16, FIELDS({ "mnt", to_void, 0 }, { "dentry", to_void, 64 }));
	to_file = blob_pointer(blob, structure(blob, "file", BTF_KIND_STRUCT, 0, 24, FIELDS({ "f_mode", UINT, 0 },
		{ "f_path", path, 64 })));
	to_const_file = blob_pointer(blob, blob_type(blob, NULL, BTF_KIND_CONST, 0, 0, to_file - 1));
	cap = blob_type(blob, "kernel_cap_t", BTF_KIND_TYPEDEF, 0, 0,
		structure(blob, NULL, BTF_KIND_STRUCT, 0, 8, FIELDS({ "val", ULONG, 0 })));
	to_cap = blob_pointer(blob, cap);
	callback = blob_pointer(blob, blob_type(blob, NULL, BTF_KIND_FUNC_PROTO, 0, 0, 0));
	shorts = blob_array(blob, U16, 4);
	outer = structure(blob, "outer", BTF_KIND_STRUCT, 0, 1024, FIELDS({ "in", to_inner, 0 }, { "embedded", inner, 64 },
		{ "pp", to_to_inner, 192 }, { "numbers", four, 256 }, { "matrix", matrix, 384 }, { NULL, anonymous, 768 },
		{ "name", to_char, 960 }, { "private", to_void, 1024 }, { "opaque", to_opaque, 1088 }, { "mode", mode, 1152 },
		{ "old", OLD_BITS, 1187 }, { "state", state, 1216 }, { "signs", signs, 1248 }, { "huge", INT128, 1280 },
		{ "callback", callback, 1408 }, { "file", to_const_file, 1472 }, { "cap", cap, 1536 }, { "truth", BOOL, 1600 },
		{ "pointers", pointers, 1664 }, { "shorts", shorts, 2176 }, { "list", flexible, 2240 }));
	to_outer = blob_pointer(blob, outer);
	to_to_char = blob_pointer(blob, to_char);
	to_to_outer = blob_pointer(blob, to_outer);
	to_four = blob_pointer(blob, four);
	function(blob, "hooked", INT, FIELDS({ "o", to_outer, 0 }, { "n", INT, 0 }, { "oo", to_to_outer, 0 },
		{ "argv", to_to_char, 0 }, { "", 0, 0 }));
	function(blob, "maker", to_outer, FIELDS({ "numbers", to_four, 0 }, { "l", ULONG, 0 }, { "cap", to_cap, 0 }));
	function(blob, "__bpf_trace_event", INT, FIELDS({ "", to_void, 0 }, { "o", to_outer, 0 }));
}

struct kernel {
	struct buffer bytes, module_bytes;
	struct btf_view *view, *module;
};

static void make_kernel(struct kernel *kernel)
{
	struct blob blob = { 0 }, module = { 0 };
	char message[256] = "";
	uint32_t inside, to_inside;

	memset(kernel, 0, sizeof(*kernel));
	add_integers(&blob);
	add_structures(&blob);
	module.next = blob.next;
	module.first_string = (uint32_t)blob.strings.length;
	blob_finish(&blob, &kernel->bytes);
	inside = structure(&module, "inside", BTF_KIND_STRUCT, 0, 8, FIELDS({ "count", INT, 32 }));
	to_inside = blob_pointer(&module, inside);
	structure(&module, "opaque", BTF_KIND_STRUCT, 0, 8, FIELDS({ "known", UINT, 32 }));
	function(&module, "in_module", INT, FIELDS({ "i", to_inside, 0 }));
	blob_finish(&module, &kernel->module_bytes);
	if (btf_open(kernel->bytes.bytes, kernel->bytes.length, NULL, &kernel->view, message) ||
	    btf_open(kernel->module_bytes.bytes, kernel->module_bytes.length, kernel->view, &kernel->module, message))
		fail_msg("%s", message);
}

static void release_kernel(struct kernel *kernel)
{
	btf_close(kernel->module);
	btf_close(kernel->view);
	buffer_release(&kernel->module_bytes);
	buffer_release(&kernel->bytes);
}

/* ---- Paths ---- */

/* "offset>offset size=N bits=N@SHIFT signed: type", or "column: what is wrong". */
static void chain_text(struct btf_view *view, struct chain_root root, const char *path, struct buffer *ret)
{
	struct chain_error error;
	struct chain chain;

	ret->length = 0;
	if (chain_resolve(view, root, path, &chain, &error)) {
		buffer_format(ret, "%u: %s", error.at + 1, error.text);
		return;
	}
	for (uint32_t n = 0; n < chain.abi.count; n++)
		buffer_format(ret, "%s%u", n ? ">" : "", chain.abi.offsets[n]);
	buffer_format(ret, " size=%u", chain.abi.size);
	if (chain.abi.bits)
		buffer_format(ret, " bits=%u@%u", chain.abi.bits, chain.abi.shift);
	buffer_add_text(ret, chain.abi.flags & ABI_CHAIN_SIGNED ? " signed: " : ": ");
	btf_describe(view, chain.type, ret);
	for (uint32_t n = chain.abi.count; n < ABI_CHAIN_STEPS; n++)
		assert_int_equal(chain.abi.offsets[n], 0);
}

static void paths(void **state)
{
	static const struct { uint32_t argument; const char *path, *want; } rows[] = {
		/* Members: offsets add up until a pointer is read. */
		{ 0, "in", "0 size=8: struct inner *" },
		{ 0, "in.a", "0>0 size=4: int" },
		{ 0, "embedded", "8 size=0: struct inner" },
		{ 0, "embedded.a", "8 size=4: int" },
		{ 0, ".embedded.a.", "8 size=4: int" },
		{ 0, "mode", "144 size=2: umode_t" },
		{ 0, "name", "120 size=8: char *" },
		{ 0, "private", "128 size=8: void *" },
		{ 0, "callback", "176 size=8: function *" },
		{ 0, "state", "152 size=4: enum state" },
		{ 0, "huge", "160 size=0: __int128" },
		{ 0, "file.f_path", "184>8 size=0: struct path" },
		{ 0, "file.f_path.dentry", "184>16 size=8: void *" },
		/* Anonymous members. */
		{ 0, "word", "96 size=8: unsigned long" },
		{ 0, "comm", "96 size=0: char [16]" },
		{ 0, "comm[3]", "99 size=1: char" },
		{ 0, "deep", "112 size=8: unsigned long" },
		/* Elements. */
		{ 0, "numbers", "32 size=0: int [4]" },
		{ 0, "numbers[3]", "44 size=4: int" },
		{ 0, "matrix[1]", "64 size=0: int [4]" },
		{ 0, "matrix[2][1]", "84 size=4: int" },
		{ 0, "pointers[7].a", "264>0 size=4: int" },
		{ 0, "list[100].a", "1880 size=4: int" },
		{ 0, "list[100]a", "1880 size=4: int" },
		{ 0, "in[2].a", "0>32 size=4: int" },
		{ 0, "name[5]", "120>5 size=1: char" },
		{ 0, "[1].in", "1024 size=8: struct inner *" },
		{ 0, "[1]in", "1024 size=8: struct inner *" },
		/* Pointers to pointers: element 0. */
		{ 0, "pp.a", "24>0>0 size=4: int" },
		{ 0, "pp[2].a", "24>16>0 size=4: int" },
		{ 2, "in.a", "0>0>0 size=4: int" },
		{ 2, "[3].in", "24>0 size=8: struct inner *" },
		{ 3, "[1]", "8 size=8: char *" },
		{ 3, "[1][2]", "8>2 size=1: char" },
		/* Bit fields: the smallest aligned number that they lie in. */
		{ 0, "in.low", "0>4 size=1 bits=3@0: unsigned int" },
		{ 0, "in.sign", "0>4 size=1 bits=4@3 signed: int" },
		{ 0, "in.wide", "0>4 size=4 bits=20@7: unsigned int" },
		{ 0, "in.full", "0>8 size=4 bits=32@0: unsigned int" },
		{ 0, "embedded.truth", "20 size=1 bits=1@0: _Bool" },
		{ 0, "old", "148 size=1 bits=5@3: unsigned int" },
		/* What is wrong, and where. */
		{ 0, "", "1: the path is empty" },
		{ 0, ".", "1: the path is empty" },
		{ 0, "in.(outer).mode", "0>144 size=2: umode_t" }, { 0, "embedded.(file).f_path", "16 size=0: struct path" },
		{ 0, "in.(nothing).a", "4: this kernel has no struct nothing" }, { 0, "mode.(file)", "6: umode_t has no members" },
		{ 0, "in.()", "4: struct inner has no member '()'" },
		{ 0, "nam", "1: struct outer has no member 'nam'; did you mean 'name'?" },
		{ 0, "in.b", "4: struct inner has no member 'b'; did you mean 'a'?" },
		{ 0, "com", "1: struct outer has no member 'com'; did you mean 'comm'?" },
		{ 0, "zzzzzzzz", "1: struct outer has no member 'zzzzzzzz'" },
		{ 0, "mode.x", "6: umode_t has no members" },
		{ 0, "private.x", "9: void has no members" },
		{ 0, "opaque.known", "8: struct opaque has no members that this kernel says anything about" },
		{ 0, "numbers.x", "9: before 'x' there is an array, int [4]: say which element, as [0]" },
		{ 0, "numbers[4]", "8: int [4] has only 4 elements" },
		{ 0, "matrix[1][4]", "10: int [4] has only 4 elements" },
		{ 0, "embedded[0]", "9: struct inner is no array" },
		{ 0, "private[1]", "8: the size of an element, void, is not known" },
		{ 0, "in.low.x", "4: this is a bit field, and has neither members nor elements" },
		{ 0, "in..a", "4: a name is missing" },
		{ 0, "..in", "2: a name is missing" },
		{ 0, "in..", "4: a name is missing" },
		{ 0, "in.[0]", "4: a name is missing" },
		{ 0, "numbers[", "8: this is not [N] with a number" },
		{ 0, "numbers[]", "8: this is not [N] with a number" },
		{ 0, "numbers[x]", "8: this is not [N] with a number" },
		{ 0, "numbers[1", "8: this is not [N] with a number" },
		{ 0, "numbers[99999999999999999999]", "8: this is not [N] with a number" },
		{ 0, "numbers]", "8: a name is missing" },
		{ 0, "list[4294967295].a", "5: this lies too far away" },
		{ 0, "[1].[2]", "5: a name is missing" },
	};
	struct buffer text = { 0 };
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct chain_error error;
		struct chain_root root;
		uint32_t type;

		assert_int_equal(chain_argument(kernel.view, "hooked", rows[i].argument, &type, &error), 0);
		assert_int_equal(chain_root_of_pointer(kernel.view, type, "argument", &root, &error), 0);
		chain_text(kernel.view, root, rows[i].path, &text);
		if (strcmp(text.bytes, rows[i].want) != 0)
			fail_msg("%s: wanted %s, got %s", rows[i].path, rows[i].want, text.bytes);
	}
	buffer_release(&text);
	release_kernel(&kernel);
}

/* Each step counts, and each element 0 that is put in. */
static void paths_have_an_end(void **state)
{
	struct blob blob = { 0 };
	struct buffer bytes = { 0 }, text = { 0 };
	struct btf_view *view;
	char message[256];
	uint32_t to_node = 3;

	(void)state;
	blob_int(&blob, "int", BTF_INT_SIGNED, 4, 32);
	structure(&blob, "node", BTF_KIND_STRUCT, 0, 24, FIELDS({ "next", to_node, 0 }, { "far", to_node + 1, 64 }, { "v", 1, 128 }));
	assert_int_equal(blob_pointer(&blob, 2), to_node);
	blob_pointer(&blob, to_node);
	blob_finish(&blob, &bytes);
	assert_int_equal(btf_open(bytes.bytes, bytes.length, NULL, &view, message), 0);
	chain_text(view, (struct chain_root){ 2, true }, "next.next.next.next.next.next.next.next.next.v", &text);
	assert_string_equal(text.bytes, "0>0>0>0>0>0>0>0>0>16 size=4: int");
	chain_text(view, (struct chain_root){ 2, true }, "next.next.next.next.next.next.next.next.next.next.v", &text);
	assert_string_equal(text.bytes, "51: with the pointers to pointers on the way, the path has more than 10 steps");
	chain_text(view, (struct chain_root){ 2, true }, "far.far.far.far.far.v", &text);
	assert_string_equal(text.bytes, "21: with the pointers to pointers on the way, the path has more than 10 steps");
	chain_text(view, (struct chain_root){ 2, true }, "far.far.far.far.v", &text);
	assert_string_equal(text.bytes, "8>0>8>0>8>0>8>0>16 size=4: int");
	btf_close(view);
	buffer_release(&bytes);
	buffer_release(&text);
}

static void roots(void **state)
{
	struct chain_error error;
	struct chain_root root;
	struct buffer text = { 0 };
	struct kernel kernel;
	uint32_t type, count;

	(void)state;
	make_kernel(&kernel);
	assert_int_equal(chain_root_of_type(kernel.view, "inner", false, &root, &error), 0);
	chain_text(kernel.view, root, "a", &text);
	assert_string_equal(text.bytes, "0 size=4: int");
	chain_text(kernel.view, root, "[1].a", &text);
	assert_string_equal(text.bytes, "1: struct inner is no array");
	assert_int_equal(chain_root_of_type(kernel.view, "kernel_cap_t", false, &root, &error), 0);
	assert_int_equal(chain_root_of_type(kernel.view, "iner", false, &root, &error), -EINVAL);
	assert_string_equal(error.text, "there is no struct iner; did you mean 'inner'?");
	assert_int_equal(chain_argument(kernel.view, "hooked", 4, &type, &error), -EINVAL);
	assert_string_equal(error.text, "hooked has no argument 4: it takes 4 here, counted from 0");
	assert_int_equal(chain_argument(kernel.view, "nothing", 0, &type, &error), -EINVAL);
	assert_string_equal(error.text, "the kernel says nothing about the types of nothing");
	assert_int_equal(chain_argument(kernel.view, "hooked", 1, &type, &error), 0);
	assert_int_equal(chain_root_of_pointer(kernel.view, type, "argument 1 of hooked", &root, &error), -EINVAL);
	assert_string_equal(error.text, "argument 1 of hooked is no pointer, but int");
	assert_int_equal(chain_returned(kernel.view, "maker", &type, &error), 0);
	assert_int_equal(chain_root_of_pointer(kernel.view, type, "what maker returns", &root, &error), 0);
	chain_text(kernel.view, root, "in", &text);
	assert_string_equal(text.bytes, "0 size=8: struct inner *");
	assert_int_equal(chain_argument(kernel.view, "maker", 0, &type, &error), 0);	/* pointer to an array: its elements */
	assert_int_equal(chain_root_of_pointer(kernel.view, type, "", &root, &error), 0);
	chain_text(kernel.view, root, "[2]", &text);
	assert_string_equal(text.bytes, "8 size=4: int");
	assert_int_equal(chain_tracepoint_argument(kernel.view, "event", 0, &type, &error), 0);
	btf_describe(kernel.view, type, (text.length = 0, &text));
	assert_string_equal(text.bytes, "struct outer *");
	assert_true(chain_tracepoint_count(kernel.view, "event", &count));
	assert_int_equal(count, 1);
	assert_int_equal(chain_tracepoint_argument(kernel.view, "event", 1, &type, &error), -EINVAL);
	assert_string_equal(error.text, "event has no argument 1: it takes 1 here, counted from 0");
	assert_false(chain_tracepoint_count(kernel.view, "other", &count));
	buffer_release(&text);
	release_kernel(&kernel);
}

/* A module's types refer to the kernel's; look-ups find the kernel's first. */
static void modules(void **state)
{
	struct chain_error error;
	struct chain_root root;
	struct buffer text = { 0 };
	struct kernel kernel;
	uint32_t type;

	(void)state;
	make_kernel(&kernel);
	assert_int_equal(chain_argument(kernel.view, "in_module", 0, &type, &error), -EINVAL);
	assert_int_equal(chain_argument(kernel.module, "in_module", 0, &type, &error), 0);
	assert_int_equal(chain_root_of_pointer(kernel.module, type, "", &root, &error), 0);
	chain_text(kernel.module, root, "count", &text);
	assert_string_equal(text.bytes, "4 size=4: int");
	assert_int_equal(chain_root_of_type(kernel.module, "inner", false, &root, &error), 0);
	assert_int_equal(chain_root_of_type(kernel.module, "inner", true, &root, &error), -EINVAL);
	assert_int_equal(chain_root_of_type(kernel.module, "inside", true, &root, &error), 0);
	assert_int_equal(chain_argument(kernel.module, "hooked", 0, &type, &error), 0);
	assert_int_equal(chain_root_of_pointer(kernel.module, type, "", &root, &error), 0);
	chain_text(kernel.module, root, "opaque.known", &text);	/* which only the module describes */
	assert_string_equal(text.bytes, "136>4 size=4: unsigned int");
	buffer_release(&text);
	release_kernel(&kernel);
}

/* ---- What fits ---- */

static void fits(void **state)
{
	static const struct { const char *path; enum type_id type; const char *why; } rows[] = {
		{ "in.a", TYPE_INT, NULL }, { "in.a", TYPE_INT32, NULL }, { "word", TYPE_UINT64, NULL }, { "word", TYPE_SIZE, NULL },
		{ "mode", TYPE_UINT16, NULL }, { "comm", TYPE_STRING, NULL }, { "name", TYPE_STRING, NULL }, { "private", TYPE_STRING, NULL },
		{ "name", TYPE_CHAR_BUF, NULL }, { "comm", TYPE_CHAR_BUF, NULL }, { "name", TYPE_UINT64, NULL }, { "name", TYPE_NOP, NULL },
		{ "comm[0]", TYPE_INT8, NULL }, { "comm[0]", TYPE_UINT8, NULL }, { "truth", TYPE_UINT8, NULL },
		{ "state", TYPE_INT32, NULL }, { "state", TYPE_UINT32, NULL }, { "signs", TYPE_INT32, NULL },
		{ "file", TYPE_FILE, NULL }, { "file.f_path", TYPE_PATH, NULL }, { "private", TYPE_FILE, NULL }, { "cap", TYPE_CAP_EFFECTIVE, NULL },
		{ "in.low", TYPE_UINT8, NULL }, { "in.low", TYPE_INT8, NULL }, { "in.sign", TYPE_INT8, NULL }, { "in.sign", TYPE_INT32, NULL },
		{ "in.wide", TYPE_UINT32, NULL }, { "in.full", TYPE_UINT32, NULL }, { "in.a", TYPE_FD, NULL }, { "in.a", TYPE_CAPABILITY, NULL },
		{ "in.a", TYPE_UINT32, "the kernel has int (32 bits, signed) there, the policy reads it as uint32 (32 bits, unsigned); say 'type: int32'" },
		{ "in.a", TYPE_INT64, "the kernel has int (32 bits, signed) there, the policy reads it as int64 (64 bits, signed); say 'type: int32'" },
		{ "word", TYPE_INT, "the kernel has unsigned long (64 bits, unsigned) there, the policy reads it as int (32 bits, signed); say 'type: uint64'" },
		{ "mode", TYPE_UINT32, "the kernel has umode_t (16 bits, unsigned) there, the policy reads it as uint32 (32 bits, unsigned); say 'type: uint16'" },
		{ "signs", TYPE_UINT32, "the kernel has enum signs (32 bits, signed) there, the policy reads it as uint32 (32 bits, unsigned); say 'type: int32'" },
		{ "in.wide", TYPE_UINT16, "the kernel has unsigned int (20 bits, unsigned) there, the policy reads it as uint16 (16 bits, unsigned); say 'type: uint32'" },
		{ "in.full", TYPE_INT32, "the kernel has unsigned int (32 bits, unsigned) there, the policy reads it as int32 (32 bits, signed); say 'type: uint32'" },
		{ "in.sign", TYPE_UINT8, "the kernel has int (4 bits, signed) there, the policy reads it as uint8 (8 bits, unsigned); say 'type: int32'" },
		{ "huge", TYPE_INT64, "the kernel has __int128 there, the policy reads it as int64 (64 bits, signed)" },
		{ "in", TYPE_INT, "the kernel has struct inner * there, the policy reads it as int (32 bits, signed); say 'type: uint64'" },
		{ "in", TYPE_FILE, "the kernel has struct inner * there, the policy reads it as file; say 'type: uint64'" },
		{ "file", TYPE_PATH, "the kernel has struct file * there, the policy reads it as path; say 'type: file'" },
		{ "file", TYPE_STRING, "the kernel has struct file * there, the policy reads it as string; say 'type: file'" },
		{ "embedded", TYPE_INT, "the kernel has struct inner there, the policy reads it as int (32 bits, signed); say which member" },
		{ "numbers", TYPE_INT, "the kernel has int [4] there, the policy reads it as int (32 bits, signed); say which element, as [0], or 'type: char_buf'" },
		{ "numbers", TYPE_STRING, "the kernel has int [4] there, the policy reads it as string; say which element, as [0], or 'type: char_buf'" },
		{ "comm", TYPE_UINT64, "the kernel has char [16] there, the policy reads it as uint64 (64 bits, unsigned); say 'type: string'" },
		{ "mode", TYPE_FD, "the kernel has umode_t (16 bits, unsigned) there, the policy reads it as fd; say 'type: uint16'" },
		{ "in.a", TYPE_STRING, "the kernel has int (32 bits, signed) there, the policy reads it as string; say 'type: int32'" },
		{ "in.a", TYPE_SOCK, "the kernel has int (32 bits, signed) there, the policy reads it as sock; say 'type: int32'" },
		{ "name", TYPE_AUTO, "the kernel has char * there, the policy reads it as auto; say 'type: string'" },
	};
	struct chain_error error;
	struct kernel kernel;
	struct chain_root root;

	(void)state;
	make_kernel(&kernel);
	assert_int_equal(chain_root_of_type(kernel.view, "outer", false, &root, &error), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char why[FIT_REASON_MAX] = "";
		struct chain chain;
		bool holds;

		assert_int_equal(chain_resolve(kernel.view, root, rows[i].path, &chain, &error), 0);
		holds = fit_chain(kernel.view, &chain, rows[i].type, why);
		if (holds != !rows[i].why || (rows[i].why && strcmp(why, rows[i].why) != 0))
			fail_msg("%s as %s: wanted %s, got %s", rows[i].path, type_rows[rows[i].type].name,
				 rows[i].why ? rows[i].why : "that it fits", holds ? "that it fits" : why);
	}
	release_kernel(&kernel);
}

/* What `auto` is. */
static void loads(void **state)
{
	static const struct { const char *path; enum abi_load load; int type; } rows[] = {
		{ "in.a", ABI_LOAD_S32, TYPE_INT32 }, { "word", ABI_LOAD_U64, TYPE_UINT64 }, { "mode", ABI_LOAD_U16, TYPE_UINT16 },
		{ "truth", ABI_LOAD_U8, TYPE_UINT8 }, { "in.sign", ABI_LOAD_S32, TYPE_INT32 }, { "name", ABI_LOAD_NONE, TYPE_STRING },
		{ "file", ABI_LOAD_NONE, TYPE_FILE }, { "huge", ABI_LOAD_NONE, -1 }, { "embedded", ABI_LOAD_NONE, -1 },
	};
	struct chain_error error;
	struct kernel kernel;
	struct chain_root root;

	(void)state;
	make_kernel(&kernel);
	assert_int_equal(chain_root_of_type(kernel.view, "outer", false, &root, &error), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct chain chain;

		assert_int_equal(chain_resolve(kernel.view, root, rows[i].path, &chain, &error), 0);
		assert_int_equal(fit_load(kernel.view, &chain), rows[i].load);
		assert_int_equal(fit_type(kernel.view, &chain), rows[i].type);
	}
	release_kernel(&kernel);
}

static void arguments_fit(void **state)
{
	static const struct { const char *function; uint32_t argument; enum type_id type; bool fits; } rows[] = {
		{ "hooked", 1, TYPE_INT, true }, { "hooked", 1, TYPE_UINT8, true }, { "hooked", 1, TYPE_UINT64, false },
		{ "hooked", 1, TYPE_FD, true }, { "hooked", 1, TYPE_STRING, false }, { "hooked", 0, TYPE_UINT64, true },
		{ "hooked", 0, TYPE_INT, false }, { "hooked", 0, TYPE_FILE, false }, { "hooked", 0, TYPE_CHAR_BUF, true },
		{ "hooked", 3, TYPE_STRING, false }, { "maker", 1, TYPE_SIZE, true }, { "maker", 1, TYPE_UINT32, true },
		{ "maker", 2, TYPE_KERNEL_CAP, true }, { "maker", 2, TYPE_NOP, true },
	};
	struct chain_error error;
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char why[FIT_REASON_MAX];
		uint32_t type;

		assert_int_equal(chain_argument(kernel.view, rows[i].function, rows[i].argument, &type, &error), 0);
		if (fit_argument(kernel.view, type, rows[i].type, why) != rows[i].fits)
			fail_msg("argument %u of %s as %s", rows[i].argument, rows[i].function, type_rows[rows[i].type].name);
	}
	release_kernel(&kernel);
}

/* ---- Damage ---- */

static void headers(void **state)
{
	static const struct { size_t offset; uint32_t value; int want; const char *message; } rows[] = {
		{ 0, 0x1234, -EINVAL, "wrong magic number" },
		{ 0, BTF_MAGIC | 9 << 16, -EPROTO, "version 9, this reads version 1" },
		{ offsetof(struct btf_header, hdr_len), 8, -EINVAL, "the header is not valid" },
		{ offsetof(struct btf_header, hdr_len), 1 << 30, -EINVAL, "the header is not valid" },
		{ offsetof(struct btf_header, type_off), 1 << 30, -EINVAL, "a section lies outside" },
		{ offsetof(struct btf_header, type_len), 0xfffffff0, -EINVAL, "a section lies outside" },
		{ offsetof(struct btf_header, str_len), 0xfffffff0, -EINVAL, "a section lies outside" },
		{ offsetof(struct btf_header, str_len), 0, -EINVAL, "the first string is not empty" },
		{ offsetof(struct btf_header, str_len), 7, -EINVAL, "the last string does not end" },
		{ offsetof(struct btf_header, type_len), 20, -EINVAL, "type 2 lies outside" },
		{ offsetof(struct btf_header, type_len), 14, -EINVAL, "type 1 lies outside" },
		{ sizeof(struct btf_header) + 4, 31u << 24, -EPROTO, "type 1 is of kind 31, which is not known" },
		{ sizeof(struct btf_header) + 4, 0, -EPROTO, "type 1 is of kind 0, which is not known" },
		{ sizeof(struct btf_header) + 4, (uint32_t)BTF_KIND_STRUCT << 24 | 0xffff, -EINVAL, "type 1 lies outside" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct btf_view *view = NULL;
		char message[256] = "";
		struct kernel kernel;

		make_kernel(&kernel);
		memcpy(kernel.bytes.bytes + rows[i].offset, &rows[i].value, sizeof(rows[i].value));
		assert_int_equal(btf_open(kernel.bytes.bytes, kernel.bytes.length, NULL, &view, message), rows[i].want);
		assert_string_equal(message, rows[i].message);
		release_kernel(&kernel);
	}
}

static void every_shorter_one_is_refused(void **state)
{
	struct kernel kernel;

	(void)state;
	make_kernel(&kernel);
	for (size_t size = 0; size < kernel.bytes.length; size++) {
		struct btf_view *view;
		char message[256];
		char *cut = malloc(size ? size : 1);

		memcpy(cut, kernel.bytes.bytes, size);
		assert_int_equal(btf_open(cut, size, NULL, &view, message), -EINVAL);
		free(cut);
	}
	release_kernel(&kernel);
}

static void long_names_are_refused(void **state)
{
	struct blob blob = { 0 };
	struct buffer bytes = { 0 };
	struct btf_view *view;
	char message[256], *name = malloc(LIMIT_BTF_NAME_BYTES + 2);

	(void)state;
	memset(name, 'x', LIMIT_BTF_NAME_BYTES + 1);
	name[LIMIT_BTF_NAME_BYTES + 1] = 0;
	blob_text(&blob, name);
	blob_finish(&blob, &bytes);
	assert_int_equal(btf_open(bytes.bytes, bytes.length, NULL, &view, message), -E2BIG);
	assert_string_equal(message, "a name of 4097 bytes, and 4096 are read at most");
	free(name);
	buffer_release(&bytes);
}

/* Types that refer to themselves, to each other, and to nothing: answers, and soon. */
static void circles_end(void **state)
{
	struct blob blob = { 0 };
	struct buffer bytes = { 0 }, text = { 0 };
	struct chain_error error;
	struct chain_root root;
	struct btf_entry entry;
	struct btf_view *view;
	char message[256], why[FIT_REASON_MAX];
	struct chain chain;
	uint64_t size;

	(void)state;
	blob_type(&blob, "loop", BTF_KIND_TYPEDEF, 0, 0, 1);				/* 1 */
	blob_type(&blob, NULL, BTF_KIND_CONST, 0, 0, 3);				/* 2 */
	blob_type(&blob, NULL, BTF_KIND_VOLATILE, 0, 0, 2);				/* 3 */
	blob_array(&blob, 4, 2);							/* 4: of itself */
	blob_pointer(&blob, 5);								/* 5: to itself */
	structure(&blob, "twice", BTF_KIND_STRUCT, 0, 8, FIELDS({ NULL, 6, 0 }, { NULL, 6, 0 }, { "x", 99999, 0 }));	/* 6 */
	blob_array(&blob, 8, 0xffffffff);						/* 7 */
	blob_array(&blob, 9, 0xffffffff);						/* 8 */
	blob_int(&blob, "int", BTF_INT_SIGNED, 4, 99);					/* 9 */
	structure(&blob, "holder", BTF_KIND_STRUCT, 0, 8, FIELDS({ "self", 5, 0 }, { "loop", 1, 0 }, { "big", 7, 0 }, { "bad", 9, 0 },
		{ "gone", 4000000000u, 0 }, { "arrays", 4, 0 }, { "bits", 1, 3 }));			/* 10 */
	blob_finish(&blob, &bytes);
	assert_int_equal(btf_open(bytes.bytes, bytes.length, NULL, &view, message), 0);
	assert_false(btf_bare(view, 1, &entry));
	assert_false(btf_bare(view, 2, &entry));
	assert_false(btf_size(view, 4, &size));
	assert_false(btf_size(view, 7, &size));
	assert_false(btf_at(view, 11, &entry));
	assert_int_equal(chain_root_of_type(view, "twice", false, &root, &error), 0);
	chain_text(view, root, "y", &text);			/* 2^64 ways through it, were they all taken */
	assert_non_null(strstr(text.bytes, "struct twice has no member 'y'"));
	chain_text(view, root, "x", &text);
	assert_string_equal(text.bytes, "1: damaged type");
	assert_int_equal(chain_root_of_type(view, "holder", false, &root, &error), 0);
	chain_text(view, root, "self.x", &text);
	assert_string_equal(text.bytes, "6: with the pointers to pointers on the way, the path has more than 10 steps");
	chain_text(view, root, "loop.x", &text);
	assert_string_equal(text.bytes, "6: damaged type");
	chain_text(view, root, "gone.x", &text);
	assert_string_equal(text.bytes, "6: damaged type");
	chain_text(view, root, "big[7]", &text);
	assert_string_equal(text.bytes, "4: the size of an element, int [4294967295], is not known");
	chain_text(view, root, "bits", &text);
	assert_string_equal(text.bytes, "1: this is a bit field, and has neither members nor elements");
	assert_int_equal(chain_resolve(view, root, "self", &chain, &error), 0);
	assert_false(fit_chain(view, &chain, TYPE_FILE, why));
	assert_int_equal(chain_resolve(view, root, "arrays[1][1][0]", &chain, &error), -EINVAL);
	btf_close(view);
	buffer_release(&bytes);
	buffer_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(paths_have_an_end),
		cmocka_unit_test(roots),
		cmocka_unit_test(modules),
		cmocka_unit_test(fits),
		cmocka_unit_test(loads),
		cmocka_unit_test(arguments_fit),
		cmocka_unit_test(headers),
		cmocka_unit_test(every_shorter_one_is_refused),
		cmocka_unit_test(long_names_are_refused),
		cmocka_unit_test(circles_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
