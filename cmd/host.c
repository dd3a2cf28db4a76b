// SPDX-License-Identifier: Apache-2.0
/* host.c - see host.h. */
#include "cmd/host.h"

static const char *text_or_null(const struct text *text)
{
	return text->length ? text->bytes : NULL;
}

static int type_of(void *context, const struct policy_hook *hook, const struct policy_argument *argument, bool from_task,
		   struct arena *arena, const char **why)
{
	const bool of_program = !from_task && hook->kind == HOOK_UPROBE;
	const struct image_relocation place = {
		.subsystem = hook->subsystem.bytes, .event = hook->name.bytes, .field = argument->index,
		.source = from_task ? ABI_SOURCE_CURRENT : ABI_SOURCE_ARGUMENT, .path = argument->resolve.bytes,
		.btf_type = text_or_null(&argument->btf_type),
		.btf_module = text_or_null(of_program ? &hook->btf_path : &argument->btf_module),
	};
	const struct image_hook image_hook = { .kind = hook->kind, .name = hook->name.bytes };

	if (hook->kind == HOOK_TRACEPOINT)
		return kernel_type_of_field(context, &place, argument->size_index || argument->return_copy, arena, why);
	return kernel_type_of_path(context, &place, &image_hook, arena, why);
}

static int has_syscall(void *context, const char *function)
{
#ifdef __x86_64__
	return kernel_has_syscall(context, function);
#else
	(void)context, (void)function;
	return -1;	/* numbers are those of x86-64 */
#endif
}

struct policy_host host_of(struct kernel *kernel)
{
	return (struct policy_host){ .type_of = type_of, .has_syscall = has_syscall, .context = kernel };
}
