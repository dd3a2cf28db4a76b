// SPDX-License-Identifier: Apache-2.0
/* dry_run_plan.c - what would be put into the kernel for policies; see dry_run.h. */
#include "cmd/dry_run.h"

#include <stdio.h>

#include "cmd/verb.h"
#include "compiler/base/json.h"

static void describe_text(const struct linking *linking)
{
	struct buffer text = { 0 };

	for (size_t n = 0; n < image_policy_count(&linking->view); n++) {
		struct image_policy policy = image_policy_at(&linking->view, n);

		buffer_format(&text, "policy %s (%s): %u hooks, %u selectors%s\n", policy.name, policy.source_name,
			      policy.hook_count, policy.selector_count,
			      policy.monitor ? policy.enforces ? ", monitor mode" : "" : ", enforces");
	}
	image_describe(&linking->view, &text);
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
}

static void json_hook(struct json *json, const struct image_hook *hook)
{
	json_begin_object(json);
	json_key_number(json, "id", hook->id);
	json_key_string(json, "key", hook->key);
	json_key_number(json, "values", hook->abi->slot_count);
	json_key_number(json, "records", hook->abi->record_count);
	json_key_number(json, "tables", hook->abi->register_count);
	json_key_bool(json, "overrides", hook->overrides);
	json_key_string(json, "policy", hook->policy);
	json_key_string(json, "place", hook->place);
	json_end_object(json);
}

static void describe_json(const struct linking *linking)
{
	struct buffer text = { 0 };
	struct json json = { .out = &text, .first = true };

	json_begin_object(&json);
	json_key_number(&json, "bytes", (int64_t)linking->image.length);
	json_key(&json, "sections");
	json_begin_object(&json);
	for (int n = 1; n < ABI_SECTION_COUNT; n++)
		json_key_number(&json, image_section_name((enum abi_section_id)n),
				linking->view.header->sections[n].size);
	json_end_object(&json);
	json_key(&json, "hooks");
	json_begin_array(&json);
	for (size_t n = 0; n < image_hook_count(&linking->view); n++) {
		struct image_hook hook = image_hook_at(&linking->view, n);

		json_hook(&json, &hook);
	}
	json_end_array(&json);
	json_end_object(&json);
	buffer_add_char(&text, '\n');
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
}

void dry_run_plan(const struct linking *linking, bool as_json)
{
	if (as_json)
		describe_json(linking);
	else
		describe_text(linking);
}
