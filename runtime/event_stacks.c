// SPDX-License-Identifier: Apache-2.0
/* event_stacks.c - see event_stacks.h. */
#include "runtime/event_stacks.h"

#include <inttypes.h>
#include <string.h>

static void key_text(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_bytes(json, text, strlen(text));
}

/* Addresses are told, as Tetragon does with --expose-stack-addresses: whoever must not see them is not told anything. */
static void json_frame(struct json *json, const struct stack_entry *entry)
{
	json_begin_object(json);
	json_key_unsigned_text(json, "address", entry->address);
	if (entry->has_offset)
		json_key_unsigned_text(json, "offset", entry->offset);
	if (entry->symbol)
		key_text(json, "symbol", entry->symbol);
	if (entry->module)
		key_text(json, "module", entry->module);
	if (entry->members)
		buffer_add_text(json->out, entry->members);
	json_end_object(json);
}

static struct stack_trace trace_of(const struct abi_event *raw, enum stack_kind kind, const struct event_slot *slot)
{
	return (struct stack_trace){
		.kind = kind, .addresses = slot->bytes, .pid = raw->tgid, .process_start = raw->process_start,
		.count = slot->length / 8 < ABI_STACK_FRAMES ? slot->length / 8 : ABI_STACK_FRAMES,
	};
}

static void key_stack(struct json *json, const struct event_context *context, const struct abi_event *raw,
		      enum stack_kind kind, const struct event_slot *slot, struct stacks_told *told)
{
	struct stack_entry entries[ABI_STACK_FRAMES];
	const struct stack_trace trace = trace_of(raw, kind, slot);

	told->is_cut[kind] |= slot->state == ABI_SLOT_CUT;
	if (!trace.count)
		return;
	if (stacks_tell(context->stacks, &trace, entries)) {
		told->hidden = trace.count;
		return;
	}
	json_key(json, kind == STACK_KERNEL ? "kernel_stack_trace" : "user_stack_trace");
	json_begin_array(json);
	for (size_t n = 0; n < trace.count; n++)
		json_frame(json, &entries[n]);
	json_end_array(json);
}

struct stacks_told event_stacks(struct json *json, const struct event_context *context, const struct event *event,
				const struct image_hook *hook)
{
	struct stacks_told told = { .hidden = 0 };

	for (unsigned n = 0; n < hook->abi->slot_count; n++) {
		const uint8_t load = hook->abi->slots[n].load;
		const enum stack_kind kind = load == ABI_LOAD_KERNEL_STACK ? STACK_KERNEL : STACK_USER;
		const struct event_slot slot = event_slot(event, n);

		if (load != ABI_LOAD_KERNEL_STACK && load != ABI_LOAD_USER_STACK)
			continue;
		key_stack(json, context, event->hook, kind, &slot, &told);
	}
	return told;
}

/* ---- For people ---- */

/* "symbol+0x12 module"; what has no symbol is its module's, or an address. */
static void compact_frame(const struct stack_entry *entry, struct buffer *out)
{
	if (entry->text) {
		buffer_add_text(out, entry->text);
		return;
	}
	if (entry->symbol)
		buffer_format(out, "    %s+0x%" PRIx64, entry->symbol, entry->offset);
	else if (entry->module)
		buffer_format(out, "    +0x%" PRIx64, entry->offset);
	else
		buffer_format(out, "    0x%" PRIx64, entry->address);
	if (entry->module) {
		buffer_add_char(out, ' ');
		event_compact_text(out, entry->module, strlen(entry->module));
	}
	buffer_add_char(out, '\n');
}

static void compact_stack(const struct event_context *context, const struct abi_event *raw, enum stack_kind kind,
			  const struct event_slot *slot, struct buffer *out)
{
	struct stack_entry entries[ABI_STACK_FRAMES];
	const struct stack_trace trace = trace_of(raw, kind, slot);

	if (!trace.count)
		return;
	buffer_format(out, "  %s stack:\n", kind == STACK_KERNEL ? "kernel" : "user");
	if (stacks_tell(context->stacks, &trace, entries)) {
		buffer_format(out, "    (%zu frames that this reader may not see)\n", trace.count);
		return;
	}
	for (size_t n = 0; n < trace.count; n++)
		compact_frame(&entries[n], out);
	if (slot->state == ABI_SLOT_CUT)
		buffer_add_text(out, "    (there may be more)\n");
}

void event_stacks_compact(const struct event_context *context, const struct event *event, const struct image_hook *hook,
			  struct buffer *out)
{
	for (unsigned n = 0; n < hook->abi->slot_count; n++) {
		const uint8_t load = hook->abi->slots[n].load;
		const struct event_slot slot = event_slot(event, n);

		if (load == ABI_LOAD_KERNEL_STACK || load == ABI_LOAD_USER_STACK)
			compact_stack(context, event->hook, load == ABI_LOAD_KERNEL_STACK ? STACK_KERNEL : STACK_USER, &slot, out);
	}
}
