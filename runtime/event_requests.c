// SPDX-License-Identifier: Apache-2.0
/* event_requests.c - lines about requests that failed or were dropped; see event_json.h. */
#include <inttypes.h>
#include <string.h>

#include "compiler/base/json.h"
#include "runtime/event_json.h"

static void key_count(struct json *json, const char *key, uint64_t count)
{
	if (count)
		json_key_unsigned_text(json, key, count);
}

static void key_last(struct json *json, const struct request_failure *last)
{
	json_key(json, "last");
	json_begin_object(json);
	json_key_string(json, "action", action_rows[last->action].name);
	json_key_string(json, last->action == ACTION_GET_URL ? "url" : "fqdn", last->text);
	json_key_string(json, "error", request_outcome_rows[last->outcome].name);
	json_key_string(json, "message", request_outcome_rows[last->outcome].says);
	json_end_object(json);
}

void event_requests_json(const struct event_context *context, const struct requests_told *told, uint64_t now, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };

	json_begin_object(&json);
	json_key(&json, "tetra");
	json_begin_object(&json);
	json_key(&json, "requests");
	json_begin_object(&json);
	key_count(&json, "failed", told->failed);
	key_count(&json, "dropped", told->dropped);
	key_count(&json, "unfinished", told->unfinished);
	if (told->failed)
		key_last(&json, &told->last);
	json_end_object(&json);
	json_end_object(&json);
	event_json_end(&json, context, now);
}

void event_requests_compact(const struct event_context *context, const struct requests_told *told, uint64_t now, struct buffer *ret)
{
	const struct request_failure *last = &told->last;

	if (context->has_times) {
		event_time(context, now, ret);
		buffer_add_char(ret, ' ');
	}
	buffer_format(ret, "⚠️ request %s %" PRIu64 " failed, %" PRIu64 " dropped, %" PRIu64 " not finished", context->node_name,
		      told->failed, told->dropped, told->unfinished);
	if (told->failed) {
		buffer_format(ret, "; the last was %s ", action_rows[last->action].name);
		buffer_add_quoted(ret, last->text, strlen(last->text));
		buffer_format(ret, ": %s", request_outcome_rows[last->outcome].says);
	}
	buffer_add_char(ret, '\n');
}
