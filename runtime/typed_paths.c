// SPDX-License-Identifier: Apache-2.0
/* typed_paths.c - asks the kernel what it lets programs do with files; see typed_paths.h. */
#include "runtime/typed_paths.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/filter.h>

#include "compiler/kernel/chain.h"
#include "runtime/types.h"

/* Of btf_allowlist_d_path those whose first argument it is. */
static const char *const told_at[] = {
	"dentry_open", "filp_close", "security_file_open", "security_file_permission", "security_inode_getattr", "security_path_truncate",
	"vfs_fallocate", "vfs_getattr", "vfs_truncate",
};
#define TOLD_PROBED	"security_file_open"

bool typed_paths_are_told_at(const char *function)
{
	for (size_t n = 0; n < sizeof(told_at) / sizeof(told_at[0]); n++)
		if (!strcmp(told_at[n], function))
			return true;
	return false;
}

/* ---- From the argument to the file's path ---- */

/* Offsets of what programs follow. */
struct way {
	uint32_t load;		/* FILE, PATH or BINPRM */
	int16_t file;		/* BINPRM: of the pointer to the file */
	int16_t path;		/* of the struct path: from the file, or 0 */
	int16_t dentry;		/* in that, of its pointer */
	int16_t length;		/* from the dentry, of its name's length */
};

static bool find_member(struct btf_view *view, const struct btf_entry *entry, const char *name, struct btf_part *ret)
{
	return btf_member_find(view, entry, name, strlen(name), NULL, ret) && ret->bit / 8 <= INT16_MAX;
}

/* Of a member of a structure, or of a member of that; false when the kernel has none. */
static bool find_offset(struct btf_view *view, const char *structure, const char *member, const char *inner, int16_t *ret)
{
	struct btf_part part, within = { 0 };
	struct btf_entry entry;

	if (!btf_find(view, structure, BTF_BIT(STRUCT), &entry) || !find_member(view, &entry, member, &part))
		return false;
	if (inner && (!btf_bare(view, part.type, &entry) || !find_member(view, &entry, inner, &within)))
		return false;
	*ret = (int16_t)(part.bit / 8 + within.bit / 8);
	return true;
}

static const char *structure_of_argument(struct btf_view *view, const char *function)
{
	struct chain_error ignored;
	struct btf_entry entry;
	uint32_t type;

	if (chain_argument(view, function, 0, &type, &ignored) || !btf_bare(view, type, &entry) || entry.kind != BTF_KIND_PTR ||
	    !btf_bare(view, entry.type, &entry) || entry.kind != BTF_KIND_STRUCT)
		return "";
	return entry.name;
}

static bool find_way(struct btf_view *view, const char *function, struct way *ret)
{
	const char *structure = structure_of_argument(view, function);

	*ret = (struct way){ 0 };
	if (!strcmp(structure, "path"))
		ret->load = ABI_LOAD_PATH;
	else if (!strcmp(structure, "file"))
		ret->load = ABI_LOAD_FILE;
	else if (!strcmp(structure, "linux_binprm"))
		ret->load = ABI_LOAD_BINPRM;
	return ret->load && find_offset(view, "path", "dentry", NULL, &ret->dentry) &&
	       find_offset(view, "dentry", "d_name", "len", &ret->length) &&
	       (ret->load == ABI_LOAD_PATH || find_offset(view, "file", "f_path", NULL, &ret->path)) &&
	       (ret->load != ABI_LOAD_BINPRM || find_offset(view, "linux_binprm", "file", NULL, &ret->file));
}

/* ---- What the programs do, in short: it is loaded, never run ---- */

struct code {
	struct bpf_insn lines[24];
	size_t count;
};

static void add(struct code *code, struct bpf_insn line)
{
	code->lines[code->count++] = line;
}

static void follow(struct code *code, uint8_t size, uint8_t to, uint8_t from, int16_t offset)
{
	add(code, (struct bpf_insn){ .code = (uint8_t)(BPF_LDX | BPF_MEM | size), .dst_reg = to & 15, .src_reg = from & 15, .off = offset });
}

static void move(struct code *code, uint8_t to, uint8_t from, int32_t offset)
{
	add(code, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to & 15, .src_reg = from & 15 });
	add(code, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = to & 15, .imm = offset });
}

static void set(struct code *code, uint8_t to, int32_t value)
{
	add(code, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to & 15, .imm = value });
}

static void call(struct code *code, int32_t helper)
{
	add(code, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = helper });
}

/* Looks at the length of the last name, and at the whole path if `told`. */
static int try_way(enum bpf_prog_type type, enum bpf_attach_type attach, uint32_t function, const struct way *way, bool told)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach, .attach_btf_id = function);
	struct code code = { 0 };
	int program;

	follow(&code, BPF_DW, BPF_REG_6, BPF_REG_1, 0);
	if (way->load == ABI_LOAD_BINPRM)
		follow(&code, BPF_DW, BPF_REG_6, BPF_REG_6, way->file);
	follow(&code, BPF_DW, BPF_REG_7, BPF_REG_6, (int16_t)(way->path + way->dentry));
	follow(&code, BPF_W, BPF_REG_7, BPF_REG_7, way->length);
	if (told) {
		call(&code, BPF_FUNC_get_current_task_btf);
		add(&code, (struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8 });
		move(&code, BPF_REG_1, BPF_REG_6, way->path);
		move(&code, BPF_REG_2, BPF_REG_10, -8);
		set(&code, BPF_REG_3, 8);
		call(&code, BPF_FUNC_d_path);
	}
	set(&code, BPF_REG_0, 0);
	add(&code, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
	program = bpf_prog_load(type, "probe", "GPL", code.lines, code.count, &options);
	if (program >= 0)
		close(program);
	return program < 0 ? program : 0;
}

/* The function's number, and the way; 0 when there is none. */
static uint32_t look_up(struct btf_view *view, const char *function, struct way *ret)
{
	struct btf_entry entry;

	return view && btf_find(view, function, BTF_BIT(FUNC), &entry) && find_way(view, function, ret) ? entry.id : 0;
}

uint32_t typed_paths_try(enum bpf_prog_type type, enum bpf_attach_type attach, const char *function)
{
	struct types types = { 0 };
	struct way way = { 0 };
	const uint32_t number = look_up(types_of_kernel(&types), function, &way);
	uint32_t result = 0;

	if (number && !try_way(type, attach, number, &way, true))
		result = way.load | ABI_FILE_TOLD;
	else if (number && type == BPF_PROG_TYPE_LSM && !try_way(type, attach, number, &way, false))
		result = way.load;
	types_release(&types);
	return result;
}

int typed_paths_probe(void)
{
	struct types types = { 0 };
	struct way way = { 0 };
	const uint32_t number = look_up(types_of_kernel(&types), TOLD_PROBED, &way);
	const int result = number ? try_way(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, number, &way, true) : types.error ? types.error : -ENOENT;

	types_release(&types);
	return result;
}
