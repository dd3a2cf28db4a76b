// SPDX-License-Identifier: Apache-2.0
/* replaced.c - see replaced.h. */
#include "runtime/replaced.h"

#include <string.h>

static bool is_in_file(const struct image_hook *hook)
{
	return hook->kind == HOOK_UPROBE || hook->kind == HOOK_USDT;
}

bool replaced_stays(const struct plan_input *input, const struct image_hook *hook, const struct hook_facts *facts)
{
	return is_in_file(hook) && !facts->exists && plan_is_attached(input, hook);
}

size_t replaced_probe_count(const struct image_view *live, const char *path, const char *name)
{
	size_t count = 0;

	for (size_t n = 0; live && n < image_hook_count(live); n++) {
		const struct image_hook hook = image_hook_at(live, n);

		if (hook.kind == HOOK_USDT && !hook.generated && !strcmp(hook.subsystem, path) && !strcmp(hook.name, name) &&
		    hook.site >= count)
			count = hook.site + 1;
	}
	return count;
}

/* ---- Relocations ---- */

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_same(const struct image_relocation *a, const struct image_relocation *b)
{
	return a->hook == b->hook && a->kind == b->kind && a->field == b->field && is_same_text(a->path, b->path) &&
	       is_same_text(a->btf_type, b->btf_type) && is_same_text(a->btf_module, b->btf_module);
}

static bool read_live(const struct image_view *live, const struct image_relocation *relocation, struct kernel_relocation *ret)
{
	const struct abi_slot *slot;
	struct image_hook hook;

	if (!image_hook_by_id(live, relocation->hook, &hook))
		return false;
	slot = &hook.abi->slots[relocation->slot];
	if (relocation->kind == IMAGE_RELOCATE_LOCATION)
		memcpy(&ret->location, live->bytes + slot->offset, sizeof(ret->location));
	else
		memcpy(&ret->chain, live->bytes + slot->chain, sizeof(ret->chain));
	ret->load = (enum abi_load)slot->load;
	ret->refusal = NULL;
	return true;
}

void replaced_relocation(const struct image_view *live, const struct image_view *image, size_t n, bool stays, struct arena *arena,
			 struct kernel_relocation *ret)
{
	const struct image_relocation wanted = image_relocation_at(image, n);
	const bool is_place = wanted.kind == IMAGE_RELOCATE_LOCATION, is_path = wanted.kind == IMAGE_RELOCATE_CHAIN;

	if (!(is_place && stays) && !(is_path && ret->refusal))
		return;
	for (size_t m = 0; live && m < image_relocation_count(live); m++) {
		const struct image_relocation one = image_relocation_at(live, m);

		if (is_same(&wanted, &one) && read_live(live, &one, ret))
			return;
	}
	if (is_place)
		ret->refusal = arena_format(arena, "where argument %u was, in the file that was there before, is not known", wanted.field);
}

/* ---- Assignments ---- */

void replaced_assignment(const struct image_view *live, const struct image_view *image, size_t n, bool stays, struct arena *arena,
			 struct kernel_assignment *ret)
{
	const struct image_assignment wanted = image_assignment_at(image, n);

	if (!stays || wanted.kind == IMAGE_ASSIGN_REGISTER)
		return;
	for (size_t m = 0; live && m < image_assignment_count(live); m++) {
		const struct image_assignment one = image_assignment_at(live, m);

		if (one.hook != wanted.hook || one.kind != wanted.kind || !is_same_text(one.text, wanted.text) || !one.abi->target_size)
			continue;
		*ret = (struct kernel_assignment){ .abi = *one.abi };
		return;
	}
	*ret = (struct kernel_assignment){ 0 };
	ret->refusal = arena_format(arena, "where '%.128s' was, in the file that was there before, is not known", wanted.text);
}

const char *replaced_why(const struct plan_attached *attached, const struct hook_facts *facts)
{
	if (!attached->where)
		return NULL;
	if (facts->refusal)
		return facts->refusal;
	return facts->where && strcmp(attached->where, facts->where) ? "another file has taken its name" : NULL;
}
