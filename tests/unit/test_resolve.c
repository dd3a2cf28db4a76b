// SPDX-License-Identifier: Apache-2.0
/*
 * test_resolve.c - policies with paths and registers, compiled, linked and resolved on the running kernel.
 *
 * What is said here of struct file, cred and task_struct is so on every kernel.  Skipped where there is no BTF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <asm/ptrace.h>
#endif

#include "runtime/kernel.h"
#include "runtime/types.h"
#include "schema/names.h"
#include "tests/unit/built.h"

#include <cmocka.h>	/* last: it takes the name fail */

#define FUNCTION(args)	KPROBE("p", "fd_install") "    args: [" args "]\n"
#define DATA(data)	KPROBE("p", "fd_install") "    data: [" data "]\n"
#define LSM(args)	POLICY("p") "  lsmhooks:\n  - hook: file_open\n    args: [" args "]\n"
#define RAW(args)	POLICY("p") "  tracepoints:\n  - subsystem: sched\n    event: sched_switch\n    raw: true\n    args: [" args "]\n"
#define SYSCALL(args)	POLICY("p") "  kprobes:\n  - call: sys_close\n    syscall: true\n    args: [" args "]\n"
#define CURRENT(path, type) DATA("{index: 0, source: current_task, resolve: " path ", type: " type "}")
#define REGISTER(name, type) DATA("{index: 0, source: pt_regs, resolve: " name ", type: " type "}")

struct resolved {
	struct built built;
	struct kernel *kernel;
	struct arena arena;
	struct image_relocation relocation;
	struct image_hook hook;
};

static void prepare(struct resolved *resolved, const char *policy)
{
	struct link_options options = { 0 };

	memset(resolved, 0, sizeof(*resolved));
	if (built_compile(&resolved->built, policy) || built_link(&resolved->built, &options))
		fail_msg("%s\n%s%s", policy, resolved->built.error ? resolved->built.error : "", resolved->built.message);
	assert_int_equal(image_relocation_count(&resolved->built.view), 1);
	resolved->kernel = kernel_new();
	resolved->relocation = image_relocation_at(&resolved->built.view, 0);
	assert_true(image_hook_by_id(&resolved->built.view, resolved->relocation.hook, &resolved->hook));
}

static void release(struct resolved *resolved)
{
	built_release(&resolved->built);
	kernel_free(resolved->kernel);
	arena_release(&resolved->arena);
}

static bool has_types(void)
{
	struct types types = { 0 };
	bool has = types_of_kernel(&types) != NULL;

	types_release(&types);
	return has;
}

/* The image with what was found in it is as good as before. */
static void seal_and_verify(struct resolved *resolved)
{
	struct built *built = &resolved->built;

	image_seal(built->image.bytes, built->image.length);
	if (image_verify(built->image.bytes, built->image.length, &built->view, built->message))
		fail_msg("%s", built->message);
}

static void chains(void **state)
{
	static const struct { const char *policy, *want; uint32_t pointers, size; } rows[] = {
		{ FUNCTION("{index: 1, type: uint32, resolve: f_flags}"), NULL, 0, 4 },
		{ FUNCTION("{index: 1, type: path, resolve: f_path}"), NULL, 0, 0 },
		{ FUNCTION("{index: 1, type: string, resolve: f_path.dentry.d_name.name}"), NULL, 1, 8 },
		{ FUNCTION("{index: 1, type: string, resolve: \"f_inode.i_sb.s_id\"}"), NULL, 2, 0 },
		{ FUNCTION("{index: 1, type: uint16, resolve: f_inode.i_mode}"), NULL, 1, 2 },
		{ FUNCTION("{index: 0, type: string, resolve: comm, btfType: task_struct}"), NULL, 0, 0 },
		{ CURRENT("comm", "string"), NULL, 0, 0 },
		{ CURRENT("\"comm[2]\"", "uint8"), NULL, 0, 1 },
		{ CURRENT("cred.uid.val", "uint32"), NULL, 1, 4 },
		{ CURRENT("mm.owner.comm", "string"), NULL, 2, 0 },
		{ CURRENT("real_parent.real_parent.tgid", "int"), NULL, 2, 4 },
		{ LSM("{index: 0, type: uint32, resolve: f_flags}"), NULL, 0, 4 },
		{ LSM("{index: 0, type: auto, resolve: f_flags}"), NULL, 0, 4 },
		{ LSM("{index: 0, source: current_task, type: int32, resolve: tgid}"), NULL, 0, 4 },
		{ RAW("{index: 1, type: string, resolve: comm}"), NULL, 0, 0 },
		{ RAW("{index: 2, type: int32, resolve: pid}"), NULL, 0, 4 },
		{ KPROBE("p", "fget") "    return: true\n    returnArg: {index: 0, type: uint32, resolve: f_flags}\n", NULL, 0, 4 },
		{ FUNCTION("{index: 1, type: uint32, resolve: f_flag}"),
		  "path 'f_flag', column 1: struct file has no member 'f_flag'; did you mean 'f_flags'?", 0, 0 },
		{ FUNCTION("{index: 1, type: string, resolve: f_path.dentri.d_name}"),
		  "path 'f_path.dentri.d_name', column 8: struct path has no member 'dentri'; did you mean 'dentry'?", 0, 0 },
		{ FUNCTION("{index: 1, type: int, resolve: f_flags}"), "path 'f_flags': the kernel has unsigned int (32 bits, unsigned) there, "
		  "the policy reads it as int (32 bits, signed); say 'type: uint32'", 0, 0 },
		{ FUNCTION("{index: 1, type: uint32, resolve: f_inode.i_mode}"), "path 'f_inode.i_mode': the kernel has umode_t (16 bits, "
		  "unsigned) there, the policy reads it as uint32 (32 bits, unsigned); say 'type: uint16'", 0, 0 },
		{ FUNCTION("{index: 0, type: int, resolve: x}"), "path 'x': argument 0 of fd_install is no pointer, but unsigned int", 0, 0 },
		{ FUNCTION("{index: 3, type: int, resolve: x}"),
		  "path 'x': fd_install has no argument 3: it takes 2 here, counted from 0", 0, 0 },
		{ FUNCTION("{index: 0, type: string, resolve: comm, btfType: task_strct}"),
		  "path 'comm': there is no struct task_strct; did you mean 'task_struct'?", 0, 0 },
		{ FUNCTION("{index: 0, type: int, resolve: a, btfType: b, btfTypeModule: no_such}"),
		  "there is no type information of module 'no_such': is it loaded?", 0, 0 },
		{ CURRENT("cred.uid", "uint32"),
		  "path 'cred.uid': the kernel has kuid_t there, the policy reads it as uint32 (32 bits, unsigned); say which member", 0, 0 },
		{ LSM("{index: 0, type: auto, resolve: f_path}"),
		  "path 'f_path': the kernel has struct path there, the policy reads it as auto; say 'type: path'", 0, 0 },
		{ RAW("{index: 0, type: string, resolve: comm}"), "path 'comm': argument 0 of sched_switch is no pointer, but bool", 0, 0 },
		{ SYSCALL("{index: 0, type: int, resolve: x}"), NULL, 0, 0 },
		{ KPROBE("p", "no_such_function") "    args: [{index: 0, type: int, resolve: x}]\n",
		  "path 'x': the kernel says nothing about the types of no_such_function", 0, 0 },
	};

	(void)state;
	if (!has_types())
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kernel_relocation found;
		struct resolved resolved;
		const char *why;

		prepare(&resolved, rows[i].policy);
		assert_int_equal(resolved.relocation.kind, IMAGE_RELOCATE_CHAIN);
		kernel_relocation(resolved.kernel, &resolved.built.view, 0, &resolved.arena, &found);
		why = found.refusal;
		if (resolved.hook.syscall) {	/* kernels that have no __do_sys_close say what to do instead */
			assert_non_null(why);
			assert_true(strstr(why, "is no pointer, but unsigned int") || strstr(why, "say btfType"));
		} else if (rows[i].want) {
			if (!why || strcmp(why, rows[i].want) != 0)
				fail_msg("wanted %s, got %s", rows[i].want, why);
		} else if (why) {
			fail_msg("%s: %s", resolved.relocation.path, why);
		} else {
			struct image_hook *hook = &resolved.hook;
			bool automatic = resolved.relocation.type == TYPE_AUTO;

			assert_int_equal(found.chain.count, rows[i].pointers + 1);
			assert_int_equal(found.chain.size, rows[i].size);
			image_relocate_chain(resolved.built.image.bytes, &resolved.built.view, 0, &found.chain);
			image_relocate_load(resolved.built.image.bytes, &resolved.built.view, 0, found.load);
			seal_and_verify(&resolved);
			assert_memory_equal(resolved.built.view.bytes + hook->abi->slots[0].chain, &found.chain, sizeof(found.chain));
			assert_true(!automatic || hook->abi->slots[0].load == ABI_LOAD_U32);
		}
		release(&resolved);
	}
}

/* What is reported of an `auto` argument is of the type that it turned out to be. */
static void auto_is_reported(void **state)
{
	struct image_report_storage storage;
	struct image_report report;
	struct resolved resolved;

	(void)state;
	prepare(&resolved, LSM("{index: 0, type: auto, resolve: f_flags}"));
	assert_true(image_report_of(&resolved.built.view, 0, 0, &storage, &report));
	assert_int_equal(report.arguments[0].type, TYPE_AUTO);
	image_relocate_load(resolved.built.image.bytes, &resolved.built.view, 0, ABI_LOAD_S16);
	seal_and_verify(&resolved);
	assert_true(image_report_of(&resolved.built.view, 0, 0, &storage, &report));
	assert_int_equal(report.arguments[0].type, TYPE_INT16);
	release(&resolved);
}

#if defined(__x86_64__)
/* As user space sees struct pt_regs, which is as the kernel has it. */
static void offsets_of_registers(void **state)
{
#define IS(name) { #name, offsetof(struct pt_regs, name) }
	static const struct { const char *name; size_t offset; } rows[] = {
		IS(rip), IS(rax), IS(rbx), IS(rcx), IS(rdx), IS(rsi), IS(rdi), IS(rbp), IS(rsp), IS(r8), IS(r9), IS(r10), IS(r11),
		IS(r12), IS(r13), IS(r14), IS(r15),
		{ "sil", offsetof(struct pt_regs, rsi) }, { "al", offsetof(struct pt_regs, rax) }, { "r8d", offsetof(struct pt_regs, r8) },
		{ "bpl", offsetof(struct pt_regs, rbp) }, { "eip", offsetof(struct pt_regs, rip) }, { "dx", offsetof(struct pt_regs, rdx) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct register_row *row = register_find(MACHINE_X86_64, rows[i].name);

		assert_non_null(row);
		assert_int_equal(row->offset, rows[i].offset);
	}
	assert_null(register_find(MACHINE_X86_64, "x0"));
	assert_int_equal(register_find(MACHINE_ARM64, "x30")->offset, 240);
	assert_int_equal(register_find(MACHINE_ARM64, "w7")->offset, 56);
	assert_int_equal(register_find(MACHINE_ARM64, "sp")->offset, 248);
	assert_int_equal(register_find(MACHINE_ARM64, "pc")->offset, 256);
}

static void registers(void **state)
{
	static const struct { const char *policy; uint32_t offset, size; const char *want; } rows[] = {
		{ REGISTER("rdi", "uint64"), 112, 8, NULL }, { REGISTER("eax", "uint32"), 80, 4, NULL },
		{ REGISTER("r15b", "uint8"), 0, 1, NULL }, { REGISTER("rsp", "uint64"), 152, 8, NULL },
		{ REGISTER("rip", "uint64"), 128, 8, NULL }, { REGISTER("rsi", "string"), 104, 8, NULL },
		{ REGISTER("rsi", "int"), 104, 8, NULL },
		{ REGISTER("esi", "string"), 0, 0, "register 'esi' has 32 bits, and type string needs an address or number of 64" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kernel_relocation found;
		struct resolved resolved;
		const char *why;

		prepare(&resolved, rows[i].policy);
		assert_int_equal(resolved.relocation.kind, IMAGE_RELOCATE_REGISTER);
		kernel_relocation(resolved.kernel, &resolved.built.view, 0, &resolved.arena, &found);
		why = found.refusal;
		if (!why != !rows[i].want || (why && strcmp(why, rows[i].want) != 0))
			fail_msg("%s: %s", resolved.relocation.path, why ? why : "taken");
		assert_int_equal(found.register_offset, rows[i].offset);
		assert_int_equal(found.register_size, rows[i].size);
		if (!why) {
			image_relocate_register(resolved.built.image.bytes, &resolved.built.view, 0, rows[i].offset, rows[i].size);
			seal_and_verify(&resolved);
			assert_int_equal(resolved.hook.abi->slots[0].size, rows[i].size);
		}
		release(&resolved);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains),
		cmocka_unit_test(auto_is_reported),
#if defined(__x86_64__)
		cmocka_unit_test(offsets_of_registers),
		cmocka_unit_test(registers),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
