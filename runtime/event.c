// SPDX-License-Identifier: Apache-2.0
/* event.c - bounds of raw records; see event.h. */
#include "runtime/event.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static size_t at_most(size_t length, size_t room)
{
	return length < room ? length : room;
}

struct process_text process_path(const struct abi_process *process)
{
	return (struct process_text){ process->texts, at_most(process->path_length, ABI_PROCESS_PATH) };
}

struct process_text process_arguments(const struct abi_process *process)
{
	return (struct process_text){ process->texts + process_path(process).length,
		at_most(process->arguments_length, ABI_PROCESS_ARGUMENTS) };
}

struct process_text process_cwd(const struct abi_process *process)
{
	return (struct process_text){ process->texts + process_path(process).length + process_arguments(process).length,
		at_most(process->cwd_length, ABI_PROCESS_CWD) };
}

size_t process_texts_length(const struct abi_process *process)
{
	return process_path(process).length + process_arguments(process).length + process_cwd(process).length;
}

static const size_t slots_at = offsetof(struct abi_event, slots);

static int read_hook(struct event *event)
{
	const struct abi_event *hook = (const void *)event->bytes;

	if (event->size < slots_at || hook->slot_count > ABI_SLOTS_MAX ||
	    event->size < slots_at + hook->slot_count * sizeof(struct abi_event_slot))
		return -EINVAL;
	event->hook = hook;
	return 0;
}

static int read_process(struct event *event)
{
	const struct abi_process_event *record = (const void *)event->bytes;
	const struct abi_process *process = &record->process;

	if (event->size < ABI_PROCESS_EVENT_HEAD || process->path_length > ABI_PROCESS_PATH ||
	    process->arguments_length > ABI_PROCESS_ARGUMENTS || process->cwd_length > ABI_PROCESS_CWD ||
	    event->size < ABI_PROCESS_EVENT_HEAD + process_texts_length(process))
		return -EINVAL;
	event->process = record;
	return 0;
}

static int read_chunk(struct event *event)
{
	const struct abi_chunk *chunk = (const void *)event->bytes;

	if (event->size < sizeof(*chunk) || chunk->length > event->size - sizeof(*chunk) || chunk->slot >= ABI_SLOTS_MAX ||
	    chunk->offset > ABI_CHUNKS_BYTES || chunk->length > ABI_CHUNKS_BYTES - chunk->offset)
		return -EINVAL;
	event->chunk = chunk;
	return 0;
}

/* All records begin with size and kind. */
int event_read(const void *bytes, size_t size, struct event *ret)
{
	const struct abi_event *head = bytes;
	struct event event = { .bytes = bytes, .size = size };
	int failed;

	if (size < offsetof(struct abi_event, time) || head->size > size || (uintptr_t)bytes % 8)
		return -EINVAL;
	event.size = head->size;
	switch (head->kind) {
	case ABI_EVENT_HOOK:
	case ABI_EVENT_RETURN:
		failed = read_hook(&event);
		break;
	case ABI_EVENT_EXEC:
	case ABI_EVENT_EXIT:
		failed = read_process(&event);
		break;
	case ABI_EVENT_CHUNK:
		failed = read_chunk(&event);
		break;
	default:
		failed = -EINVAL;
	}
	if (!failed)
		*ret = event;
	return failed;
}

uint64_t event_happened(const struct event *event)
{
	return event->process ? event->process->time : event->mapping ? event->mapping->time : event->chunk ? event->chunk->time :
		event->hook->time;
}

bool event_has_owner(const struct event *event)
{
	return event->hook && event->hook->owner_tgid;
}

struct event_who event_caller(const struct event *event)
{
	const struct abi_process_event *process = event->process;
	const struct abi_event *hook = event->hook;

	if (process)
		return (struct event_who){ process->process.pid, process->tid, process->process.start_time };
	if (event->mapping)
		return (struct event_who){ event->mapping->pid, event->mapping->tid, event->mapping->process_start };
	return (struct event_who){ hook->tgid, hook->tid, hook->process_start };
}

struct event_who event_process(const struct event *event)
{
	const struct abi_event *hook = event->hook;

	if (!event_has_owner(event))
		return event_caller(event);
	return (struct event_who){ hook->owner_tgid, hook->owner_tid, hook->owner_start };
}

/* The slot's long value, or NULL. */
static const struct event_long *find_long(const struct event *event, unsigned slot)
{
	const uint8_t *at = event->bytes + (event->size + 7) / 8 * 8, *const end = at + event->joined;

	for (; event->joined && at < end; at += sizeof(struct event_long) + (((const struct event_long *)at)->length + 7) / 8 * 8)
		if (((const struct event_long *)at)->slot == slot)
			return (const struct event_long *)at;
	return NULL;
}

static void take_long(const struct event_long *value, struct event_slot *ret)
{
	ret->bytes = (const uint8_t *)(value + 1);
	ret->length = value->length;
	ret->missing = (uint8_t)value->missing;
	ret->state = value->length == ret->value ? ABI_SLOT_READ : ABI_SLOT_CUT;
}

struct event_slot event_slot(const struct event *event, unsigned slot)
{
	const struct event_long *value;
	const struct abi_event_slot *raw;
	struct event_slot result = { 0 };

	if (!event->hook || slot >= event->hook->slot_count)
		return result;
	raw = &event->hook->slots[slot];
	result.value = raw->value;
	result.state = raw->state;
	result.extra = raw->extra;
	if (raw->length && raw->offset <= event->size && raw->length <= event->size - raw->offset) {
		result.bytes = event->bytes + raw->offset;
		result.length = raw->length;
	}
	value = find_long(event, slot);
	if (value)
		take_long(value, &result);
	return result;
}

struct abi_socket event_socket(const struct event_slot *slot)
{
	struct abi_socket socket = { .known = 0 };

	if (slot->length == sizeof(socket))
		memcpy(&socket, slot->bytes, sizeof(socket));
	return socket;
}
