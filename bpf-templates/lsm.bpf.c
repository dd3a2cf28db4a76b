// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lsm.bpf.c - the engine on LSM hooks, and what gets the digests of their files: see digests.bpf.h.
 *
 * What another program has refused stays refused; a selector's Override refuses what nobody else has.
 */
#include "bpf-templates/context.bpf.h"

SEC("lsm")
int lsm_hook(__u64 *context)
{
	struct engine_event event = { .can_override = true, .has_digest = true, .has_types = true };
	const __s64 result = context_run(&event, context);
	const int earlier = context_return(context);

	if (earlier)
		return context_errno(earlier);
	return result != ENGINE_NO_OVERRIDE ? context_errno(result) : 0;
}

/* Of hooks that only tell. */
SEC("lsm")
int lsm_hook_without_result(__u64 *context)
{
	struct engine_event event = { .has_digest = true, .has_types = true };

	context_run(&event, context);
	return 0;
}

/* The kernel runs none of these after a program that has refused, so there is nothing to hand on. */
SEC("lsm")
int lsm_ask(__u64 *context)
{
	struct abi_digest_key key = { .tid = bpf_get_current_pid_tgid(), .hook = KNOB(ABI_KNOB_HOOK) };
	struct engine_event event = {};

	digest_forget(&key);
	if (!engine_begin(&event, context, key.hook) || !(event.flags & ABI_HOOK_DIGEST))
		return 0;
	preempt_off();
	if (engine_wants_digest(&event, context_argument))
		digest_ask(&key);
	preempt_on();
	return 0;
}

#define NO_FILE		(-2)	/* -ENOENT: memory that is mapped without one */
#define TOO_LARGE	(-27)	/* -EFBIG */

/*
 * IMA reads a file to its end, and on kernels that do not preempt keeps the CPU to itself meanwhile, if the file has no bytes that are waited
 * for: whoever can make a large file of holes could stop the machine.  What is larger than a limit is only asked for.
 */
static __always_inline long file_hash(struct file *file, struct abi_digest *answer)
{
	long result;

	if (file->f_inode->i_size <= ABI_DIGEST_FILE_MAX)
		return bpf_ima_file_hash(file, answer->bytes, sizeof(answer->bytes));
	result = bpf_ima_inode_hash(file->f_inode, answer->bytes, sizeof(answer->bytes));
	return result < 0 ? TOO_LARGE : result;
}

static __always_inline long inode_hash(struct file *file, struct abi_digest *answer)
{
	return bpf_ima_inode_hash(file->f_inode, answer->bytes, sizeof(answer->bytes));
}

/* Programs that may sleep, by what IMA is asked about, and by what leads to the file: the hook's first argument, or the program's. */
#define HASH(name, hash, first)                                                                             \
	SEC("lsm.s")                                                                                        \
	int name(__u64 *context)                                                                            \
	{                                                                                                   \
		struct abi_digest_key key = { .tid = bpf_get_current_pid_tgid(), .hook = KNOB(ABI_KNOB_HOOK) }; \
		struct file *file = first;                                                                  \
		struct abi_digest answer = {};                                                              \
													    \
		if (!digest_is_asked(&key))                                                                 \
			return 0;                                                                           \
		answer.result = file ? hash(file, &answer) : NO_FILE;                                       \
		digest_answer(&key, &answer);                                                               \
		return 0;                                                                                   \
	}
HASH(lsm_file_hash, file_hash, (struct file *)*context)
HASH(lsm_file_hash_of_program, file_hash, ((struct linux_binprm *)*context)->file)
HASH(lsm_inode_hash, inode_hash, (struct file *)*context)
HASH(lsm_inode_hash_of_program, inode_hash, ((struct linux_binprm *)*context)->file)

const char program_license[] SEC("license") = "Dual BSD/GPL";
