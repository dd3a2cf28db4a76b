// SPDX-License-Identifier: Apache-2.0
/* hooks.c - the hooks of all policies, and which of them see an event; see run.h. */
#include "compiler/simulation/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compiler/link/link.h"
#include "compiler/object/object.h"
#include "compiler/workloads.h"

/* ---- Images ---- */

/* Of one policy alone, as it is written. */
static int link_plain(struct simulation *simulation, uint32_t number, char message[256])
{
	struct image_policy policy = image_policy_at(simulation->image, number);
	struct simulated_plain *plain = &simulation->plain[number];
	size_t left_out;
	struct link_input input = { policy.object, policy.object_size, policy.source_name,
				    .elsewhere = hooks_elsewhere(simulation->image, number, &simulation->policies[number], &simulation->arena, &left_out) };
	const char *error = "";
	int failed = link_image(&input, 1, &(struct link_options){ .plain = true }, &simulation->arena, &plain->bytes, &error);

	if (failed) {
		snprintf(message, 256, "policy '%s' as it is written: %s", policy.name, error);
		return failed;
	}
	return image_verify(plain->bytes.bytes, plain->bytes.length, &plain->view, message);
}

static int read_policy(struct simulation *simulation, uint32_t number, char message[256])
{
	struct image_policy policy = image_policy_at(simulation->image, number);
	int error = object_read(policy.object, policy.object_size, &simulation->arena, &simulation->policies[number], message);

	return error ? error : link_plain(simulation, number, message);
}

/* ---- One hook ---- */

/* Which argument of the policy is in which slot: what other policies read of the hook does not matter here. */
static void place_arguments(struct simulated_side *side, const struct ir_hook *hook, uint32_t policy, uint32_t hook_index)
{
	struct image_report_storage storage;
	struct image_report report;

	if (!image_report_of(side->image, policy, hook_index, &storage, &report))
		return;
	for (size_t n = 0; n < report.argument_count && n < hook->arguments.count + hook->data.count; n++) {
		const uint8_t slot = report.arguments[n].slot;
		const bool is_data = n >= hook->arguments.count;

		side->arguments[slot] = is_data ? &hook->data.items[n - hook->arguments.count] : &hook->arguments.items[n];
		side->data |= is_data ? 1u << slot : 0;
	}
}

/* All that the side of a return reads is what was returned. */
static struct simulated_side returned_side(const struct simulated_side *call, const struct ir_hook *hook)
{
	struct simulated_side ret = { .image = call->image, .policy = call->policy };
	struct image_hook other;

	if (!(call->abi->flags & ABI_HOOK_PAIRED) || !image_hook_by_id(call->image, call->abi->pair, &other))
		return ret;
	ret.abi = other.abi;
	for (uint32_t n = 0; n < other.abi->slot_count; n++)
		ret.arguments[n] = hook->return_argument;
	return ret;
}

static const struct ir_selector *find_selector(const struct ir_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (hook->selectors.items[n].index == index)
			return &hook->selectors.items[n];
	return NULL;
}

static struct simulated_record read_record(const struct simulated_hook *hook, uint32_t number)
{
	const uint8_t *image = hook->plain_call.image->bytes;
	const struct abi_record *record = (const struct abi_record *)(const void *)(image + hook->plain_call.abi->program) + number;
	struct simulated_record ret = { .end = number + 1 };
	struct image_step step;

	if (record->op == ABI_OP_ACCEPT) {
		const struct abi_accept *accept = (const void *)(image + record->operand);

		if (accept->hook_index == hook->hook_index)
			ret.selector = find_selector(hook->ir, accept->selector);
	} else if (image_step_of(hook->plain_call.image, hook->plain_call.abi, number, &step) &&
		   step.hook_index == hook->hook_index) {
		ret.selector = find_selector(hook->ir, step.selector);
		if (ret.selector && step.predicate < ret.selector->predicates.count)
			ret.predicate = &ret.selector->predicates.items[step.predicate];
	}
	return ret;
}

static void read_records(struct simulation *simulation, struct simulated_hook *hook)
{
	const uint32_t count = hook->plain_call.abi->program ? hook->plain_call.abi->record_count : 0;

	hook->records = arena_array(&simulation->arena, struct simulated_record, count);
	hook->record_count = hook->first = count;
	for (uint32_t n = count; n-- > 0;) {
		struct simulated_record *record = &hook->records[n];

		*record = read_record(hook, n);
		if (record->predicate && n + 1 < count && record->predicate == record[1].predicate)
			record->end = record[1].end;
		if (record->selector)
			hook->first = n;
	}
}

static void read_hook(struct simulation *simulation, struct simulated_hook *hook)
{
	const struct image_view *plain = &simulation->plain[hook->policy].view;
	struct image_hook alone;

	hook->call = (struct simulated_side){ .image = simulation->image, .policy = hook->policy, .abi = hook->hook.abi };
	place_arguments(&hook->call, hook->ir, hook->policy, hook->hook_index);
	hook->returned = returned_side(&hook->call, hook->ir);
	image_policy_hook(plain, 0, hook->hook_index, &alone, NULL);
	hook->plain_call = (struct simulated_side){ .image = plain, .policy = hook->policy, .abi = alone.abi };
	place_arguments(&hook->plain_call, hook->ir, 0, hook->hook_index);
	hook->plain_returned = returned_side(&hook->plain_call, hook->ir);
	read_records(simulation, hook);
	if (hook->hook.pattern)		/* check saw that it is one */
		pattern_compile(hook->hook.name, strlen(hook->hook.name), &simulation->arena, &hook->pattern,
				&(struct pattern_problem){ 0 });
}

static size_t hooks_of(const struct simulation *simulation, uint32_t policy)
{
	struct image_hook hook;
	uint32_t count = 0;

	while (image_policy_hook(simulation->image, policy, count, &hook, NULL))
		count++;
	return count;
}

int hooks_read(struct simulation *simulation, char message[256])
{
	const size_t policies = image_policy_count(simulation->image);
	size_t count = 0;

	simulation->policies = arena_array(&simulation->arena, struct ir_policy, policies);
	simulation->plain = arena_array(&simulation->arena, struct simulated_plain, policies);
	for (uint32_t p = 0; p < policies; p++) {
		int error = read_policy(simulation, p, message);

		if (error)
			return error;
		count += hooks_of(simulation, p);
	}
	simulation->hooks = arena_array(&simulation->arena, struct simulated_hook, count);
	for (uint32_t p = 0; p < policies; p++) {
		struct image_hook hook;
		uint32_t written;

		for (uint32_t h = 0; image_policy_hook(simulation->image, p, h, &hook, &written); h++) {
			struct simulated_hook *ret = &simulation->hooks[simulation->hook_count];

			if (hook.enforcer)	/* whether a thread was notified is in no event */
				continue;
			simulation->hook_count++;
			*ret = (struct simulated_hook){ .policy = p, .hook_index = h, .hook = hook,
							.ir = &simulation->policies[p].hooks.items[written] };
			read_hook(simulation, ret);
		}
	}
	return 0;
}

void hooks_release(struct simulation *simulation)
{
	for (size_t n = 0; simulation->plain && n < image_policy_count(simulation->image); n++)
		buffer_release(&simulation->plain[n].bytes);
	arena_release(&simulation->place_arena);
}

/* ---- Which hooks see an event ---- */

/* What architectures put before the names of system calls. */
static const char *without_prefix(const char *name)
{
	static const char *const prefixes[] = { "__x64_", "__arm64_", "__ia32_", "__s390x_", "__riscv_" };

	for (size_t n = 0; n < sizeof(prefixes) / sizeof(prefixes[0]); n++)
		if (!strncmp(name, prefixes[n], strlen(prefixes[n])))
			return name + strlen(prefixes[n]);
	return name;
}

/* A call of a 32-bit program, whose functions are others than those that names without a prefix mean. */
static bool is_foreign(const char *name)
{
	return !strncmp(name, "__ia32_", strlen("__ia32_"));
}

static bool kind_sees(enum hook_kind kind, enum hook_kind event)
{
	return !strcmp(hook_rows[kind].event, hook_rows[event].event);
}

/* A pattern is found anywhere in the name. */
static bool name_sees(const struct simulated_hook *hook, const char *name)
{
	if (hook->hook.pattern)
		return pattern_matches(&hook->pattern, name);
	if (hook->hook.syscall && is_foreign(hook->hook.name) != is_foreign(name))
		return false;
	if (hook->hook.generated && hook->hook.syscall)
		return !strncmp(without_prefix(name), "sys_", strlen("sys_"));
	if (hook->hook.syscall)
		return !strcmp(without_prefix(hook->hook.name), without_prefix(name));
	return !strcmp(hook->hook.name, name);
}

static bool hook_sees(const struct simulated_hook *hook, const struct event_sample *event)
{
	const char *subsystem = hook->hook.subsystem;

	if (!kind_sees(hook->hook.kind, event->kind) || (subsystem && event->subsystem && strcmp(subsystem, event->subsystem)))
		return false;
	return name_sees(hook, event->name);
}

static uint32_t hash_text(uint32_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static struct simulated_place *add_place(struct simulation *simulation, const struct event_sample *event)
{
	struct arena *arena = &simulation->place_arena;
	struct simulated_place *ret = arena_new(arena, struct simulated_place);

	ret->kind = event->kind;
	ret->name = arena_copy(arena, event->name, strlen(event->name));
	ret->subsystem = event->subsystem ? arena_copy(arena, event->subsystem, strlen(event->subsystem)) : NULL;
	for (size_t n = 0; n < simulation->hook_count; n++)
		ret->count += hook_sees(&simulation->hooks[n], event);
	ret->hooks = arena_array(arena, const struct simulated_hook *, ret->count);
	ret->count = 0;
	for (size_t n = 0; n < simulation->hook_count; n++)
		if (hook_sees(&simulation->hooks[n], event))
			ret->hooks[ret->count++] = &simulation->hooks[n];
	return ret;
}

/* Names without end do not fill the memory: all are forgotten now and then. */
const struct simulated_place *place_of(struct simulation *simulation, const struct event_sample *event)
{
	enum { PLACES_MOST = 4 * SIMULATED_PLACES };
	uint32_t hash = hash_text(hash_text(2166136261u ^ (uint32_t)event->kind, event->name), event->subsystem);
	struct simulated_place **bucket = &simulation->places[hash % SIMULATED_PLACES], *place;

	for (place = *bucket; place; place = place->next)
		if (place->kind == event->kind && same_text(place->name, event->name) &&
		    same_text(place->subsystem, event->subsystem))
			return place;
	if (simulation->place_count == PLACES_MOST) {
		memset(simulation->places, 0, sizeof(simulation->places));
		simulation->place_count = 0;
		arena_reset(&simulation->place_arena);
	}
	place = add_place(simulation, event);
	place->next = *bucket;
	*bucket = place;
	simulation->place_count++;
	return place;
}
