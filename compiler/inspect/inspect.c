// SPDX-License-Identifier: Apache-2.0
/* inspect.c - which file it is, and reading it; see inspect.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler/image/metadata.h"
#include "compiler/inspect/parts.h"
#include "compiler/object/object.h"

/* ---- For all parts ---- */

const char *inspect_keep(struct inspection *inspection, struct buffer *text)
{
	const char *kept = arena_copy(inspection->arena, text->length ? text->bytes : "", text->length);

	buffer_release(text);
	return kept;
}

const char *inspect_place(struct inspection *inspection, const struct ir_policy *policy, struct ir_place at)
{
	if (!at.line)
		return NULL;
	return arena_format(inspection->arena, "%s:%u:%u", policy->source_name, at.line, at.column);
}

void inspect_add(struct inspection *inspection, struct data *into, const char *key, const char *text)
{
	if (text)
		data_text(inspection->arena, into, key, text);
}

struct data *inspect_entry(struct inspection *inspection, struct data *list, const char *format, ...)
{
	struct data *entry = data_record(inspection->arena, list, NULL);
	va_list arguments, again;
	int length;
	char *text;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	text = arena_alloc(inspection->arena, (size_t)(length > 0 ? length : 0) + 1, 1);
	vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, again);
	va_end(again);
	va_end(arguments);
	data_text(inspection->arena, entry, "text", text);
	return entry;
}

bool inspect_first_time(struct inspection *inspection, uint32_t offset)
{
	uint8_t *seen = &inspection->seen[offset / 8];

	return !*seen && (*seen = 1);
}

void inspect_forget_seen(struct inspection *inspection)
{
	memset(inspection->seen, 0, ABI_HALF_SIZE / 8);
}

/* ---- Which it is ---- */

static bool is_text(const uint8_t *bytes, size_t size)
{
	for (size_t n = 0; n < size && n < 512; n++)
		if (bytes[n] < ' ' && !strchr("\t\r\n\f", bytes[n]))
			return false;
	return true;
}

enum inspect_kind inspect_kind(const void *bytes, size_t size)
{
	uint64_t magic;

	if (!size)
		return INSPECT_NOTHING;
	if (object_is(bytes, size))
		return INSPECT_OBJECT;
	if (size >= sizeof(magic)) {
		memcpy(&magic, bytes, sizeof(magic));
		if (magic == ABI_IMAGE_MAGIC)
			return INSPECT_IMAGE;
	}
	return is_text(bytes, size) ? INSPECT_TEXT : INSPECT_UNKNOWN;
}

/* ---- Reading ---- */

/* All of them together are at most as large as the image, unless they overlap. */
static void read_policies(struct inspection *inspection)
{
	const size_t count = image_policy_count(&inspection->view);
	size_t left = inspection->size;
	char message[256];

	inspection->policies = arena_array(inspection->arena, struct inspect_policy, count);
	for (size_t n = 0; n < count; n++) {
		struct image_policy policy = image_policy_at(&inspection->view, n);
		struct inspect_policy *into = &inspection->policies[n];

		into->ir.source_name = policy.source_name;
		if (policy.object_size > left) {
			into->damage = "it overlaps others";
			continue;
		}
		left -= policy.object_size;
		if (object_read(policy.object, policy.object_size, inspection->arena, &into->ir, message)) {
			into->ir = (struct ir_policy){ .source_name = policy.source_name };
			into->damage = arena_copy(inspection->arena, message, strlen(message));
		}
	}
}

static struct inspect_values *values_of(struct inspection *inspection, uint32_t hook)
{
	struct inspect_values **values = &inspection->values[hook];

	if (*values)
		return *values;
	*values = arena_new(inspection->arena, struct inspect_values);
	for (size_t n = 0; n < ABI_SLOTS_MAX; n++)
		(*values)->type[n] = -1;
	return *values;
}

static void note_type(struct inspect_values *values, const struct image_report_argument *argument)
{
	if (values->type[argument->slot] < 0)
		values->type[argument->slot] = (int)argument->type;
}

static void read_reports(struct inspection *inspection, uint32_t policy, uint32_t hook_index)
{
	struct image_report_storage storage;
	struct image_report report;
	struct image_hook hook;

	if (!image_report_of(&inspection->view, policy, hook_index, &storage, &report) ||
	    !image_policy_hook(&inspection->view, policy, hook_index, &hook, NULL))
		return;
	for (size_t n = 0; n < report.argument_count; n++)
		note_type(values_of(inspection, hook.id), &report.arguments[n]);
	if (report.return_argument)
		note_type(values_of(inspection, hook.pair), report.return_argument);
}

static void read_values(struct inspection *inspection)
{
	const struct image_view *view = &inspection->view;

	for (size_t n = 0; n < image_hook_count(view); n++)
		values_of(inspection, image_hook_at(view, n).id);
	for (uint32_t policy = 0; policy < image_policy_count(view); policy++)
		for (uint32_t hook = 0; hook < image_policy_at(view, policy).hook_count; hook++)
			read_reports(inspection, policy, hook);
	for (size_t n = 0; n < image_relocation_count(view); n++) {
		const struct meta_relocation *row = META_RECORD(view->bytes, RELOCATIONS, struct meta_relocation, n);
		struct inspect_values *values = values_of(inspection, row->hook);

		values->path[row->slot] = meta_text(view->bytes, row->path);
		if (values->type[row->slot] < 0)
			values->type[row->slot] = type_by_wire((int)row->type);
	}
}

static int read_image(struct inspection *inspection, char message[256])
{
	int error = image_verify(inspection->bytes, inspection->size, &inspection->view, message);

	if (error)
		return error;
	inspection->rows = arena_array(inspection->arena, struct inspect_rows *, ABI_HALF_SIZE / 8);
	inspection->seen = arena_array(inspection->arena, uint8_t, ABI_HALF_SIZE / 8);
	read_policies(inspection);
	read_values(inspection);
	return 0;
}

int inspect_read(const void *bytes, size_t size, const char *name, struct arena *arena, struct inspection **ret,
		 char message[256])
{
	struct inspection *inspection = arena_new(arena, struct inspection);
	int error;

	*inspection = (struct inspection){
		.kind = inspect_kind(bytes, size), .bytes = bytes, .size = size, .name = name, .arena = arena,
	};
	if (inspection->kind == INSPECT_IMAGE)
		error = read_image(inspection, message);
	else
		error = object_read(bytes, size, arena, &inspection->policy, message);
	if (!error)
		*ret = inspection;
	return error;
}

const struct data *inspect_contents(struct inspection *inspection)
{
	struct data *ret = data_new(inspection->arena);

	data_text(inspection->arena, ret, "file", inspection->name);
	if (inspection->kind == INSPECT_IMAGE) {
		inspect_forget_seen(inspection);
		inspect_add_image(inspection, ret);
	} else {
		inspect_add_policy(inspection, ret, &inspection->policy);
	}
	return ret;
}
