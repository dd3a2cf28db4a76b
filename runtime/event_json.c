// SPDX-License-Identifier: Apache-2.0
/* event_json.c - events in the shape of Tetragon's export; see event_json.h. */
#include "runtime/event_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compiler/base/json.h"
#include "runtime/events.h"
#include "runtime/event_arguments.h"
#include "runtime/event_digests.h"
#include "runtime/event_names.h"
#include "runtime/event_stacks.h"
#include "runtime/event_values.h"
#include "runtime/syscalls.h"

/* ---- Small parts ---- */

/* Of days since 1970-01-01, in the Gregorian calendar: years begin in March, so that the day that comes and goes is the last. */
static void add_date(struct buffer *ret, uint64_t days)
{
	const uint64_t shifted = days + 719468, era = shifted / 146097, day_of_era = shifted % 146097;
	const uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const uint64_t month_from_march = (5 * day_of_year + 2) / 153, month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	buffer_add_number(ret, year_of_era + era * 400 + (month <= 2), 4);
	buffer_add_char(ret, '-');
	buffer_add_number(ret, month, 2);
	buffer_add_char(ret, '-');
	buffer_add_number(ret, day_of_year - (153 * month_from_march + 2) / 5 + 1, 2);
}

void event_time(const struct event_context *context, uint64_t boot, struct buffer *ret)
{
	const uint64_t wall = boot + context->wall_offset, seconds = wall / 1000000000u;

	add_date(ret, seconds / 86400);
	buffer_add_char(ret, 'T');
	buffer_add_number(ret, seconds / 3600 % 24, 2);
	buffer_add_char(ret, ':');
	buffer_add_number(ret, seconds / 60 % 60, 2);
	buffer_add_char(ret, ':');
	buffer_add_number(ret, seconds % 60, 2);
	buffer_add_char(ret, '.');
	buffer_add_number(ret, wall % 1000000000u, 9);
	buffer_add_char(ret, 'Z');
}

static void key_time(struct json *json, const char *key, const struct event_context *context, uint64_t boot)
{
	json_key(json, key);
	json->named = false;
	buffer_add_char(json->out, '"');
	event_time(context, boot, json->out);
	buffer_add_char(json->out, '"');
}

static void key_text(struct json *json, const char *key, struct process_text text)
{
	if (!text.length)
		return;
	json_key(json, key);
	json_bytes(json, text.bytes, text.length);
}

/* NODE:START:PID in base64: what names one process for good. */
static void key_exec_id(struct json *json, const char *key, const struct event_context *context,
			uint64_t start_time, uint32_t pid)
{
	struct buffer id = { 0 };
	char text[320];

	if (!start_time)
		return;
	snprintf(text, sizeof(text), "%s:%" PRIu64 ":%u", context->node_name, start_time, pid);
	base64_add(&id, text, strlen(text));
	json_key_string(json, key, id.bytes);
	buffer_release(&id);
}

/* ---- Processes ---- */

static const struct { uint32_t flag; const char *name; } process_flags[] = {
	{ ABI_PROCESS_EXECVE, "execve" }, { ABI_PROCESS_PROCFS, "procFS" },
	{ ABI_PROCESS_PATH_CUT, "truncFilename" }, { ABI_PROCESS_ARGUMENTS_CUT, "truncArgs" },
	{ ABI_PROCESS_CLONE, "clone" },
};

static void key_process_flags(struct json *json, uint32_t flags)
{
	struct buffer text = { 0 };

	for (size_t i = 0; i < sizeof(process_flags) / sizeof(*process_flags); i++)
		if (flags & process_flags[i].flag)
			buffer_format(&text, "%s%s", text.length ? " " : "", process_flags[i].name);
	if (text.length)
		json_key_string(json, "flags", text.bytes);
	buffer_release(&text);
}

/* Arguments joined by spaces; one that is empty or holds a space is quoted. */
static void add_arguments(struct buffer *out, struct process_text arguments)
{
	for (size_t i = 0, end; i < arguments.length; i = end + 1) {
		const char *word = arguments.bytes + i;
		const char *nul = memchr(word, '\0', arguments.length - i);
		size_t length = nul ? (size_t)(nul - word) : arguments.length - i;
		bool quote = !length || memchr(word, ' ', length);

		end = i + length;
		if (out->length)
			buffer_add_char(out, ' ');
		if (quote)
			buffer_add_char(out, '"');
		buffer_add(out, word, length);
		if (quote)
			buffer_add_char(out, '"');
	}
}

static void key_arguments(struct json *json, const struct abi_process *process)
{
	struct buffer text = { 0 };

	add_arguments(&text, process_arguments(process));
	key_text(json, "arguments", (struct process_text){ text.bytes, text.length });
	buffer_release(&text);
}

/* As Tetragon cuts it. */
static void key_container(struct json *json, const struct event_context *context, const struct abi_process *process)
{
	enum { DOCKER = 31 };
	const struct process_container *container =
		process_cache_container(context->processes, process->pid, process->start_time);

	if (container && container->pod.length) {
		json_key(json, "pod");
		buffer_add(json->out, container->pod.bytes, container->pod.length);
		json->named = false;
	}
	if (container && *container->id)
		key_text(json, "docker", (struct process_text){ container->id, DOCKER });
}

static void key_user(struct json *json, const struct event_context *context, uint32_t id)
{
	const char *name = context->users ? users_name(context->users, id) : NULL;

	if (!name)
		return;
	json_key(json, "user");
	json_begin_object(json);
	json_key(json, "name");
	json_bytes(json, name, strlen(name));
	json_end_object(json);
}

/* All but the thread, which is another with each event. */
static void json_process_facts(struct json *json, const struct event_context *context, const struct abi_process *process)
{
	key_exec_id(json, "exec_id", context, process->start_time, process->pid);
	json_key_number(json, "pid", process->pid);
	json_key_number(json, "uid", process->uid);
	key_text(json, "cwd", process_cwd(process));
	key_text(json, "binary", process_path(process));
	key_arguments(json, process);
	key_process_flags(json, process->flags);
	key_time(json, "start_time", context, process->start_time);
	json_key_number(json, "auid", process->auid);
	key_container(json, context, process);
	key_user(json, context, process->uid);
	key_exec_id(json, "parent_exec_id", context, process->parent_start_time, process->parent_pid);
}

/* Written once for each process, and kept with what is known of it. */
static void add_process_facts(struct json *json, const struct event_context *context, const struct abi_process *process)
{
	struct buffer *text = process_cache_text(context->processes, process->pid, process->start_time);
	struct json kept = { .out = text, .first = true };

	if (!text) {
		json_process_facts(json, context, process);
		return;
	}
	if (!text->length)
		json_process_facts(&kept, context, process);
	buffer_add(json->out, text->bytes, text->length);
	json->first = false;
}

static void json_process(struct json *json, const struct event_context *context,
			 const struct abi_process *process, uint32_t tid)
{
	json_begin_object(json);
	add_process_facts(json, context, process);
	json_key_number(json, "tid", tid ? tid : process->pid);
	json_end_object(json);
}

static void json_unknown_process(struct json *json, uint32_t pid, uint32_t tid)
{
	json_begin_object(json);
	json_key_number(json, "pid", pid);
	json_key_string(json, "flags", "unknown");
	json_key_number(json, "tid", tid);
	json_end_object(json);
}

static void key_processes(struct json *json, const struct event_context *context,
			  const struct abi_process *process, uint32_t pid, uint32_t tid)
{
	const struct abi_process *parent;

	json_key(json, "process");
	if (!process) {
		json_unknown_process(json, pid, tid);
		return;
	}
	json_process(json, context, process, tid);
	parent = process_cache_find(context->processes, process->parent_pid, process->parent_start_time);
	if (parent) {
		json_key(json, "parent");
		json_process(json, context, parent, 0);
	}
}

/* ---- Hook events ---- */

struct hook_facts {
	struct image_hook hook;
	struct image_report report;
	struct image_report_storage storage;
	bool known;
};

static void learn(const struct event_context *context, const struct event *event, struct hook_facts *ret)
{
	const struct abi_event *raw = event->hook;

	ret->known = context->image && image_hook_by_id(context->image, raw->hook, &ret->hook) &&
		     raw->policy < image_policy_count(context->image) &&
		     image_report_of(context->image, raw->policy, raw->hook_index, &ret->storage,
			     &ret->report);
}

/* What is said by offset or address has no symbol; as Tetragon does, what has one says no offset. */
static void key_file_place(struct json *json, const struct image_hook *hook)
{
	const char *colon = strchr(hook->name, ':');
	const bool is_number = hook->name[0] == '+' || !strncmp(hook->name, "0x", 2);

	json_key_string(json, "path", hook->subsystem);
	if (hook->kind == HOOK_USDT) {
		json_key(json, "provider");
		json_bytes(json, hook->name, colon ? (size_t)(colon - hook->name) : 0);
		json_key_string(json, "name", colon ? colon + 1 : hook->name);
		return;
	}
	if (!is_number)
		json_key_string(json, "symbol", hook->name);
	else
		json_key_unsigned_text(json, "offset", hook->offset);
	if (hook->reference_counter)
		json_key_unsigned_text(json, "ref_ctr_offset", hook->reference_counter);
}

static void key_place(struct json *json, const struct image_hook *hook)
{
	char symbol[SYSCALL_SYMBOL_MAX];

	if (hook->kind == HOOK_TRACEPOINT || hook->kind == HOOK_RAW_TRACEPOINT) {
		json_key_string(json, "subsys", hook->subsystem ? hook->subsystem : "");
		json_key_string(json, "event", hook->name);
		return;
	}
	if (hook->kind == HOOK_UPROBE || hook->kind == HOOK_USDT) {
		key_file_place(json, hook);
		return;
	}
	json_key_string(json, "function_name",
		hook->syscall ? syscall_symbol(hook->name, symbol) : hook->name);
}

static bool has_arguments(const struct image_report *report, bool is_data)
{
	for (size_t i = 0; i < report->argument_count; i++)
		if (report->arguments[i].is_data == is_data)
			return true;
	return false;
}

/*
 * Those of `data`, which follow, have a list of their own.  What is only read when the call returns is in the event of the return; what
 * the call returned comes last in the list, if it shall be there.
 */
static void key_arguments_of(struct json *json, const char *key, bool is_data, const struct image_report *report,
			     const struct event *event, const struct event *returned, bool with_return)
{
	if (!has_arguments(report, is_data) && !with_return)
		return;
	json_key(json, key);
	json_begin_array(json);
	for (size_t i = 0; i < report->argument_count; i++)
		if (report->arguments[i].is_data == is_data)
			json_argument(json, &report->arguments[i], report->arguments[i].is_copied ? returned : event);
	if (with_return)
		json_argument(json, report->return_argument, returned);
	json_end_array(json);
}

static void key_values(struct json *json, const struct image_hook *hook, const struct image_report *report,
		       const struct event *event, const struct event *returned)
{
	const bool returns = returned && report->return_argument, in_arguments = returns && hook->kind == HOOK_UPROBE;

	key_arguments_of(json, "args", false, report, event, returned, in_arguments);
	key_arguments_of(json, "data", true, report, event, returned, false);
	if (returns && !in_arguments) {
		json_key(json, "return");
		json_argument(json, report->return_argument, returned);
	}
}

/* ---- What was done ---- */

static const char *action_name(uint8_t op)
{
	int action = action_by_wire(op);

	return action < 0 ? "KPROBE_ACTION_UNKNOWN" : action_rows[action].event;
}

static void key_actions(struct json *json, const struct event *event, const struct event *returned)
{
	json_key_string(json, "action", action_name(event->hook->action));
	if (returned)
		json_key_string(json, "return_action", action_name(returned->hook->action));
}

/* What is to be said of what an event carries beside its values. */
struct told {
	struct stacks_told stacks;
	const char *no_digest;		/* why there is none; NULL: nothing is to be said */
	struct event_names *names;	/* of ids in its values */
};

/* What Tetragon's events have no words for. */
static void key_failure(struct json *json, const struct abi_event *raw)
{
	const int action = action_by_wire(raw->failed_action);
	const char *error = strerrorname_np(raw->failed_errno);

	json_key(json, "failure");
	json_begin_object(json);
	json_key_string(json, "action", action < 0 ? "what the thread was notified of" : action_rows[action].name);
	if (error)
		json_key_string(json, "error", error);
	json_key_number(json, "errno", raw->failed_errno);
	json_end_object(json);
}

/* Who called where the event is about another one. */
static void key_caller(struct json *json, const struct event_context *context, const struct event *event)
{
	const struct event_who who = event_caller(event);
	const struct abi_process *process = process_cache_find(context->processes, who.pid, who.start_time);

	json_key(json, "caller");
	if (process)
		json_process(json, context, process, who.tid);
	else
		json_unknown_process(json, who.pid, who.tid);
}

static void key_ours(struct json *json, const struct event_context *context, const struct event *event, const struct event *returned,
		     const struct told *told)
{
	static const char *const outcomes[ABI_OUTCOME_COUNT] = {
		[ABI_OUTCOME_ENFORCED] = "enforced", [ABI_OUTCOME_MONITORED] = "monitored", [ABI_OUTCOME_FAILED] = "failed",
	};
	const struct stacks_told *stacks = &told->stacks;
	const bool *is_cut = stacks->is_cut, some_cut = is_cut[STACK_KERNEL] || is_cut[STACK_USER];
	const uint8_t outcome = event->hook->outcome;
	const char *enforcement = outcome < ABI_OUTCOME_COUNT ? outcomes[outcome] : NULL;
	const bool is_unseen = event->hook->entry_time && !returned;
	const struct abi_event *failed = event->hook->failed_errno		 ? event->hook :
					 returned && returned->hook->failed_errno ? returned->hook : NULL;

	if (!enforcement && !is_unseen && !stacks->hidden && !some_cut && !told->no_digest && !failed && !event_has_owner(event) &&
	    !event_names_some(told->names))
		return;
	json_key(json, "tetra");
	json_begin_object(json);
	if (enforcement)
		json_key_string(json, "enforcement", enforcement);
	if (failed)
		key_failure(json, failed);
	if (event_has_owner(event))
		key_caller(json, context, event);
	if (is_unseen)
		json_key_string(json, "return", "unseen");
	if (stacks->hidden)
		json_key_number(json, "kernel_stack_hidden", (int64_t)stacks->hidden);
	if (some_cut)
		json_key_string(json, "stack_trace_cut", !is_cut[STACK_USER] ? "kernel" : !is_cut[STACK_KERNEL] ? "user" : "kernel user");
	if (told->no_digest)
		json_key_string(json, "ima_hash_unknown", told->no_digest);
	event_names_json(json, told->names);
	json_end_object(json);
}

static void key_about_policy(struct json *json, const char *policy, const struct image_report *report)
{
	json_key_string(json, "policy_name", policy);
	if (report->message)
		json_key_string(json, "message", report->message);
	if (!report->tag_count)
		return;
	json_key(json, "tags");
	json_begin_array(json);
	for (size_t i = 0; i < report->tag_count; i++)
		json_string(json, report->tags[i]);
	json_end_array(json);
}

static void name_ids(struct event_names *names, const struct image_report *report, const struct event *event, const struct event *returned)
{
	for (size_t n = 0; n <= report->argument_count; n++) {
		const bool is_return = n == report->argument_count;
		const struct image_report_argument *argument = is_return ? report->return_argument : &report->arguments[n];
		const struct event *from = is_return || argument->is_copied ? returned : event;
		struct event_slot slot;

		if (!argument || !from)
			continue;
		slot = event_slot(from, argument->slot);
		event_names_add(names, argument->type, &slot);
	}
}

static void json_hook_event(struct json *json, const struct event_context *context, const struct event *event,
			    const struct event *returned, struct told *told)
{
	const struct event_who who = event_process(event);
	struct hook_facts facts;

	learn(context, event, &facts);
	json_begin_object(json);
	key_processes(json, context, process_cache_find(context->processes, who.pid, who.start_time), who.pid, who.tid);
	if (facts.known) {
		key_place(json, &facts.hook);
		key_values(json, &facts.hook, &facts.report, event, returned);
		key_actions(json, event, returned);
		told->stacks = event_stacks(json, context, event, &facts.hook);
		told->no_digest = event_digest(json, event, &facts.hook);
		key_about_policy(json, event_policy(context, event), &facts.report);
		if (context->users || context->groups)
			name_ids(told->names, &facts.report, event, returned);
	}
	json_end_object(json);
}

/* ---- Process events ---- */

static void key_exit(struct json *json, const struct event_context *context,
		     const struct abi_process_event *raw)
{
	const char *name = sigabbrev_np((int)(raw->exit_code & 0x7f));
	unsigned status = raw->exit_code >> 8 & 0xff;
	char text[32];

	if (raw->exit_code & 0x7f) {
		snprintf(text, sizeof(text), "SIG%s", name ? name : "UNKNOWN");
		json_key_string(json, "signal", text);
	}
	if (status)
		json_key_number(json, "status", status);
	key_time(json, "time", context, raw->time);
}

static void json_process_event(struct json *json, const struct event_context *context,
			       const struct event *event)
{
	const struct abi_process_event *raw = event->process;

	json_begin_object(json);
	key_processes(json, context, &raw->process, raw->process.pid, raw->tid);
	if (raw->kind == ABI_EVENT_EXIT)
		key_exit(json, context, raw);
	json_end_object(json);
}

/* ---- Files that are mapped ---- */

static void json_mapping_event(struct json *json, const struct event_context *context, const struct event *event)
{
	const struct event_mapping *mapping = event->mapping;
	struct buffer text = { 0 };

	json_begin_object(json);
	key_processes(json, context, process_cache_find(context->processes, mapping->pid, mapping->process_start), mapping->pid, mapping->tid);
	key_text(json, "path", (struct process_text){ mapping->path, mapping->path_length });
	if (mapping->build_id) {
		base64_add(&text, (const char *)mapping->build_id, mapping->build_id_size);
		json_key_string(json, "buildid", text.bytes);
	}
	buffer_release(&text);
	json_end_object(json);
}

/* ---- The whole line ---- */

const char *event_type(const struct event_context *context, const struct event *event)
{
	struct image_hook hook;

	if (event->process)
		return event->process->kind == ABI_EVENT_EXEC ? EVENT_TYPE_EXEC : EVENT_TYPE_EXIT;
	if (event->mapping)
		return EVENT_TYPE_LOADER;
	if (context->image && image_hook_by_id(context->image, event->hook->hook, &hook))
		return hook_rows[hook.kind].event;
	return "";
}

const char *event_policy(const struct event_context *context, const struct event *event)
{
	if (!event->hook || !context->image || event->hook->policy >= image_policy_count(context->image))
		return "";
	return image_policy_at(context->image, event->hook->policy).name;
}

void event_json_end(struct json *json, const struct event_context *context, uint64_t time)
{
	json_key_string(json, "node_name", context->node_name);
	key_time(json, "time", context, time);
	json_end_object(json);
	buffer_add_char(json->out, '\n');
}

void event_json(const struct event_context *context, const struct event *event, const struct event *returned,
		struct buffer *ret)
{
	const char *type = event_type(context, event);
	struct json json = { .out = ret, .first = true };
	struct event_names names;
	struct told told = { .names = &names };

	event_names_begin(&names, context->users, context->groups);
	json_begin_object(&json);
	json_key(&json, *type ? type : "process_kprobe");
	if (event->process)
		json_process_event(&json, context, event);
	else if (event->mapping)
		json_mapping_event(&json, context, event);
	else
		json_hook_event(&json, context, event, returned, &told);
	if (event->hook)
		key_ours(&json, context, event, returned, &told);
	event_json_end(&json, context, event_happened(event));
}

/* In the shape of Tetragon's rate_limit_info, which says the same: events are missing.  The rest is ours. */
void event_lost_json(const struct event_context *context, enum loss_reason reason, const struct loss *loss, uint64_t now,
		     struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };

	json_begin_object(&json);
	json_key(&json, "rate_limit_info");
	json_begin_object(&json);
	json_key_unsigned_text(&json, "number_of_dropped_process_events", loss->events);
	json_end_object(&json);
	json_key(&json, "tetra");
	json_begin_object(&json);
	json_key_string(&json, "lost", loss_rows[reason].name);
	if (loss->bytes)
		json_key_unsigned_text(&json, "lost_bytes", loss->bytes);
	if (loss->is_uncounted)
		json_key_bool(&json, "lost_more", true);
	if (loss->since)
		key_time(&json, "lost_since", context, loss->since);
	json_end_object(&json);
	event_json_end(&json, context, now);
}
