// SPDX-License-Identifier: Apache-2.0
/*
 * event_compact.c - one line for people: sign, what, where, who, and what it was about.
 *
 * Signs, words and what follows the binary are rows; the columns are those of Tetragon's compact output.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/event_json.h"
#include "runtime/event_stacks.h"
#include "runtime/event_values.h"
#include "runtime/syscalls.h"

/* ---- What stands for which hook ---- */

struct compact_head { const char *sign; char word[32]; };

/*
 * rest: "%N" is argument N, "%*" are all, "$" is the place; what follows an argument that is not there is left out.
 * choose: when sign and word depend on the arguments; leaves the head as it is where it cannot tell.
 */
struct compact_row {
	enum hook_kind kind;	/* a kprobe's row is for fentries, too */
	const char *name;	/* function without the architecture's prefix, event or hook; NULL: any */
	const char *sign, *word, *rest;
	void (*choose)(const struct image_report *report, const struct event *event, struct compact_head *head);
};

static bool argument_number(const struct image_report *report, const struct event *event, size_t n, uint64_t *ret)
{
	const struct event_slot slot = n < report->argument_count ? event_slot(event, report->arguments[n].slot)
								  : (struct event_slot){ .state = ABI_SLOT_UNREAD };

	*ret = slot.value;
	return slot.state == ABI_SLOT_READ;
}

/* security_file_permission: what MAY_WRITE and MAY_READ ask for. */
static void choose_permission(const struct image_report *report, const struct event *event, struct compact_head *head)
{
	enum { MAY_WRITE = 2, MAY_READ = 4 };
	uint64_t mask;

	if (!argument_number(report, event, 1, &mask) || (mask != MAY_WRITE && mask != MAY_READ))
		return;
	head->sign = mask == MAY_WRITE ? "📝" : "📚";
	strcpy(head->word, mask == MAY_WRITE ? "write" : "read");
}

/* security_mmap_file: PROT_READ, PROT_WRITE, PROT_EXEC */
static void choose_mapping(const struct image_report *report, const struct event *event, struct compact_head *head)
{
	uint64_t mask;

	if (argument_number(report, event, 1, &mask))
		snprintf(head->word, sizeof(head->word), "mmap-%s%s%s", mask & 1 ? "r" : "", mask & 2 ? "w" : "", mask & 4 ? "x" : "");
}

static const struct compact_row rows[] = {
	{ HOOK_KPROBE, "sys_write", "📝", "write", " %0 %2 bytes", NULL },
	{ HOOK_KPROBE, "sys_read", "📚", "read", " %0 %2 bytes", NULL },
	{ HOOK_KPROBE, "fd_install", "📬", "open", " %1", NULL },
	{ HOOK_KPROBE, "sys_openat", "📬", "openat", " %1", NULL },
	{ HOOK_KPROBE, "sys_open", "📬", "open", " %0", NULL },
	{ HOOK_KPROBE, "sys_close", "📪", "close", " %0", NULL },
	{ HOOK_KPROBE, "sys_mount", "💾", "mount", " %0 %1", NULL },
	{ HOOK_KPROBE, "sys_pivot_root", "💾", "pivot_root", " %0 %1", NULL },
	{ HOOK_KPROBE, "sys_setuid", "🔑", "setuid", " %0", NULL },
	{ HOOK_KPROBE, "sys_clock_settime", "⏰", "clock_settime", "", NULL },
	{ HOOK_KPROBE, "sys_setns", "🔧", "setns", " ~1", NULL },
	{ HOOK_KPROBE, "proc_exec_connector", "🔧", "proc_exec_connector", "", NULL },
	{ HOOK_KPROBE, "bpf_check", "🐝", "bpf_load", " %0", NULL },
	{ HOOK_KPROBE, "security_perf_event_alloc", "🐝", "perf_event_alloc", " %0", NULL },
	{ HOOK_KPROBE, "security_bpf_map_alloc", "🗺", "bpf_map_create", " %0", NULL },
	{ HOOK_KPROBE, "security_bpf_map_create", "🗺", "bpf_map_create", " %0", NULL },
	{ HOOK_KPROBE, "security_file_permission", "❓", "security_file_permission", " %0", choose_permission },
	{ HOOK_KPROBE, "security_mmap_file", "📝", "mmap", " %0", choose_mapping },
	{ HOOK_KPROBE, "security_path_truncate", "📝", "truncate", " %0", NULL },
	{ HOOK_KPROBE, "security_file_truncate", "📝", "truncate", " %0", NULL },
	{ HOOK_KPROBE, "security_socket_connect", "🔌", "connect", " %0", NULL },
	{ HOOK_KPROBE, "tcp_connect", "🔌", "connect", " tcp %0", NULL },
	{ HOOK_KPROBE, "tcp_close", "🧹", "close", " tcp %0", NULL },
	{ HOOK_KPROBE, "tcp_sendmsg", "📤", "sendmsg", " tcp %0 bytes %1", NULL },
	{ HOOK_KPROBE, NULL, "❓", "syscall", " $ %*", NULL },
	{ HOOK_TRACEPOINT, "sys_enter", "☎", "syscall", " %*", NULL },
	{ HOOK_TRACEPOINT, NULL, "⁉️", "tracepoint", " $ %*", NULL },
	{ HOOK_RAW_TRACEPOINT, "sys_enter", "☎", "syscall", " %*", NULL },
	{ HOOK_RAW_TRACEPOINT, NULL, "⁉️", "tracepoint", " $ %*", NULL },
	{ HOOK_UPROBE, NULL, "🕵️", "uprobe", " $ %*", NULL },
	{ HOOK_USDT, NULL, "🕵️", "usdt", " $ %*", NULL },
	{ HOOK_LSM, NULL, "🔒", "LSM", " $ %*", NULL },
	{ HOOK_COUNT, NULL, "❓", "event", " $ %*", NULL },
};

static const char *plain_name(const char *name)
{
	static const char *const prefixes[] = { "__x64_", "__arm64_", "__ia32_" };

	for (size_t n = 0; n < sizeof(prefixes) / sizeof(*prefixes); n++)
		if (!strncmp(name, prefixes[n], strlen(prefixes[n])))
			return name + strlen(prefixes[n]);
	return name;
}

static const struct compact_row *row_of(const struct image_hook *hook)
{
	const enum hook_kind kind = hook->kind == HOOK_FENTRY ? HOOK_KPROBE : hook->kind;
	const struct compact_row *row = rows;

	while (row->kind != HOOK_COUNT && (row->kind != kind || (row->name && strcmp(row->name, plain_name(hook->name)))))
		row++;
	return row;
}

/* ---- Words ---- */

enum { COLOUR_WHAT, COLOUR_WHERE, COLOUR_WHO, COLOUR_ABOUT, COLOUR_WARNING };

static void colour(struct buffer *out, const struct event_context *context, int what)
{
	static const char *const codes[] = { "\033[34m", "\033[32m", "\033[35m", "\033[36m", "\033[31m" };

	if (context->has_colours)
		buffer_add_text(out, codes[what]);
}

static void plain(struct buffer *out, const struct event_context *context)
{
	if (context->has_colours)
		buffer_add_text(out, "\033[0m");
}

void event_compact_text(struct buffer *out, const void *bytes, size_t length)
{
	const unsigned char *text = bytes;
	bool plain = length > 0;

	for (size_t i = 0; i < length; i++)
		plain = plain && text[i] > ' ' && text[i] != 0x7f && text[i] != '"';
	if (plain) {
		buffer_add(out, bytes, length);
		return;
	}
	buffer_add_char(out, '"');
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] == 0x7f)
			buffer_format(out, "\\x%02x", text[i]);
		else
			buffer_format(out, text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
	buffer_add_char(out, '"');
}

/* ---- Arguments ---- */

static void add_address(struct buffer *out, const struct event_slot *slot)
{
	const struct abi_socket socket = event_socket(slot);
	const int family = (int)socket.parts[ABI_PART_FAMILY];
	char text[INET6_ADDRSTRLEN];

	if (!(socket.known >> ABI_PART_SOURCE & 1) ||
	    !inet_ntop(family, &socket.parts[ABI_PART_SOURCE], text, sizeof(text))) {
		buffer_format(out, "family %d", family);
		return;
	}
	buffer_format(out, family == AF_INET ? "%s:%" PRIu64 : "[%s]:%" PRIu64, text,
		      (uint64_t)socket.parts[ABI_PART_SOURCE_PORT]);
}

static void add_argument(struct buffer *out, const struct image_report_argument *argument,
			 const struct event *event)
{
	struct event_slot slot = event_slot(event, argument->slot);
	uint8_t load = type_rows[argument->type].load;

	if (argument->is_copied)	/* its slot is of the return's event */
		buffer_add_text(out, "(read at the return)");
	else if (slot.state != ABI_SLOT_READ && slot.state != ABI_SLOT_CUT)
		buffer_add_text(out, "(unreadable)");
	else if (load == ABI_LOAD_SOCKADDR)
		add_address(out, &slot);
	else if (event_value_compact(out, argument->type, &slot))
		return;
	else if ((load >= ABI_LOAD_STRING && load <= ABI_LOAD_BINPRM) || load == ABI_LOAD_FD || load == ABI_LOAD_KIOCB ||
		 load == ABI_LOAD_DENTRY || load == ABI_LOAD_DATA_LOC || load == ABI_LOAD_NET_DEVICE)
		event_compact_text(out, slot.bytes, slot.length);
	else if (load >= ABI_LOAD_S8 && load <= ABI_LOAD_S64)
		buffer_format(out, "%" PRId64, (int64_t)slot.value);
	else
		buffer_format(out, "%" PRIu64, slot.value);
}

/* What setns() is asked for: a CLONE_NEW flag of <sched.h>. */
static void add_namespace(struct buffer *out, const struct image_report *report, const struct event *event, size_t n)
{
	static const struct { uint64_t flag; const char *name; } names[] = {
		{ 0, "any" }, { CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWIPC, "ipc" }, { CLONE_NEWNET, "net" }, { CLONE_NEWNS, "mnt" },
		{ CLONE_NEWPID, "pid" }, { CLONE_NEWTIME, "time" }, { CLONE_NEWUSER, "user" }, { CLONE_NEWUTS, "uts" },
	};
	uint64_t flag;

	if (!argument_number(report, event, n, &flag)) {
		buffer_add_text(out, "(unreadable)");
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].flag == flag) {
			buffer_add_text(out, names[i].name);
			return;
		}
	buffer_format(out, "0x%" PRIx64, flag);
}

static void add_all_arguments(struct buffer *out, const struct image_report *report, const struct event *event)
{
	bool any = false;

	for (size_t i = 0; i < report->argument_count; i++) {
		if (report->arguments[i].type == TYPE_NOP)
			continue;
		if (any)
			buffer_add_char(out, ' ');
		add_argument(out, &report->arguments[i], event);
		any = true;
	}
}

/* "PATH SYMBOL", "PATH PROVIDER NAME". */
static void add_file_name(struct buffer *out, const struct image_hook *hook)
{
	const char *colon = hook->kind == HOOK_USDT ? strchr(hook->name, ':') : NULL, *rest = colon ? colon + 1 : hook->name;

	event_compact_text(out, hook->subsystem, strlen(hook->subsystem));
	buffer_add_char(out, ' ');
	if (colon) {
		event_compact_text(out, hook->name, (size_t)(colon - hook->name));
		buffer_add_char(out, ' ');
	}
	event_compact_text(out, rest, strlen(rest));
}

static void add_name(struct buffer *out, const struct image_hook *hook)
{
	char symbol[SYSCALL_SYMBOL_MAX];

	if (hook->kind == HOOK_UPROBE || hook->kind == HOOK_USDT) {
		add_file_name(out, hook);
		return;
	}
	if (hook->subsystem)
		buffer_format(out, "%s ", hook->subsystem);
	buffer_add_text(out, hook->syscall ? syscall_symbol(hook->name, symbol) : hook->name);
}

static void add_rest(struct buffer *out, const char *rest, const struct image_hook *hook,
		     const struct image_report *report, const struct event *event)
{
	for (const char *c = rest; *c; c++) {
		const size_t n = c[0] == '%' || c[0] == '~' ? (size_t)(c[1] - '0') : 0;

		if (*c == '$') {
			add_name(out, hook);
		} else if (c[0] == '%' && c[1] == '*') {
			add_all_arguments(out, report, event);
			c++;
		} else if (*c == '%' || *c == '~') {
			if (n >= report->argument_count)
				return;
			if (*c++ == '%')
				add_argument(out, &report->arguments[n], event);
			else
				add_namespace(out, report, event, n);
		} else {
			buffer_add_char(out, *c);
		}
	}
}

static void add_time(struct buffer *out, const struct event_context *context, uint64_t time)
{
	if (!context->has_times)
		return;
	event_time(context, time, out);
	buffer_add_char(out, ' ');
}

/* Before the binary, as Tetragon does: "namespace/pod", or the name of a container that is in none. */
static void add_container(struct buffer *out, const struct event_context *context, const struct abi_process *process)
{
	const struct process_container *container =
		process_cache_container(context->processes, process->pid, process->start_time);

	if (!container || !container->name.length)
		return;
	event_compact_text(out, container->name.bytes, container->name.length);
	buffer_add_char(out, ' ');
}

static void add_head(struct buffer *out, const struct event_context *context, const char *sign, const char *word,
		     const struct abi_process *process, uint32_t pid)
{
	colour(out, context, COLOUR_WHAT);
	buffer_format(out, "%s %-7s ", sign, word);
	plain(out, context);
	colour(out, context, COLOUR_WHERE);
	buffer_add_text(out, context->node_name);
	plain(out, context);
	buffer_add_char(out, ' ');
	colour(out, context, COLOUR_WHO);
	if (process)
		add_container(out, context, process);
	if (process)
		event_compact_text(out, process_path(process).bytes, process_path(process).length);
	else
		buffer_format(out, "(pid %u)", pid);
	plain(out, context);
}

static void add_arguments(struct buffer *out, const struct abi_process *process)
{
	struct process_text text = process_arguments(process);

	for (size_t i = 0; i < text.length;) {
		size_t length = strnlen(text.bytes + i, text.length - i);

		buffer_add_char(out, ' ');
		event_compact_text(out, text.bytes + i, length);
		i += length + 1;
	}
}

static void process_line(const struct event_context *context, const struct event *event, struct buffer *out)
{
	const struct abi_process_event *raw = event->process;
	bool is_exec = raw->kind == ABI_EVENT_EXEC;
	const char *name = sigabbrev_np((int)(raw->exit_code & 0x7f));

	add_time(out, context, raw->time);
	add_head(out, context, is_exec ? "🚀" : "💥", is_exec ? "process" : "exit", &raw->process,
		raw->process.pid);
	colour(out, context, COLOUR_ABOUT);
	add_arguments(out, &raw->process);
	if (!is_exec && raw->exit_code & 0x7f)
		buffer_format(out, " SIG%s", name ? name : "UNKNOWN");
	else if (!is_exec)
		buffer_format(out, " %u", raw->exit_code >> 8 & 0xff);
	plain(out, context);
}

static void mapping_line(const struct event_context *context, const struct event *event, struct buffer *out)
{
	const struct event_mapping *mapping = event->mapping;

	add_time(out, context, mapping->time);
	add_head(out, context, "🧬", "loader", process_cache_find(context->processes, mapping->pid, mapping->process_start), mapping->pid);
	colour(out, context, COLOUR_ABOUT);
	buffer_add_char(out, ' ');
	for (size_t n = 0; n < mapping->build_id_size; n++)
		buffer_format(out, "%02x", mapping->build_id[n]);
	buffer_add_text(out, mapping->build_id ? " " : "(no build id) ");
	event_compact_text(out, mapping->path, mapping->path_length);
	plain(out, context);
}

static void hook_line(const struct event_context *context, const struct event *event, struct buffer *out)
{
	const struct abi_event *raw = event->hook;
	const struct event_who who = event_process(event);
	const struct abi_process *process = process_cache_find(context->processes, who.pid, who.start_time);
	struct image_report_storage storage;
	struct image_report report;
	struct image_hook hook;
	const struct compact_row *row;
	struct compact_head head;

	add_time(out, context, raw->time);
	if (!context->image || !image_hook_by_id(context->image, raw->hook, &hook) ||
	    !image_report_of(context->image, raw->policy, raw->hook_index, &storage, &report)) {
		add_head(out, context, "❓", "unknown", process, who.pid);
		return;
	}
	row = row_of(&hook);
	head = (struct compact_head){ .sign = row->sign };
	snprintf(head.word, sizeof(head.word), "%s", row->word);
	if (row->choose)
		row->choose(&report, event, &head);
	add_head(out, context, head.sign, head.word, process, who.pid);
	colour(out, context, COLOUR_ABOUT);
	add_rest(out, row->rest, &hook, &report, event);
	plain(out, context);
}

/* Who called where the line is about another one. */
static void add_caller(struct buffer *out, const struct event_context *context, const struct event *event)
{
	const struct event_who who = event_caller(event);
	const struct abi_process *process = process_cache_find(context->processes, who.pid, who.start_time);

	if (!event_has_owner(event))
		return;
	buffer_add_text(out, " (by ");
	if (process)
		event_compact_text(out, process_path(process).bytes, process_path(process).length);
	else
		buffer_add_text(out, "pid");
	buffer_format(out, " %u)", who.pid);
}

static void add_failure(struct buffer *out, const struct abi_event *raw)
{
	const int action = action_by_wire(raw->failed_action);
	const char *error = strerrorname_np(raw->failed_errno);

	buffer_format(out, " (%s failed: ", action < 0 ? "the enforcer" : action_rows[action].name);
	if (error)
		buffer_format(out, "%s)", error);
	else
		buffer_format(out, "error %u)", raw->failed_errno);
}

static void add_enforcement(struct buffer *out, const struct event_context *context, const struct event *event)
{
	static const char *const words[] = {
		[ABI_OUTCOME_ENFORCED] = "", [ABI_OUTCOME_MONITORED] = " (only monitored)",
		[ABI_OUTCOME_FAILED] = " (failed)",
	};
	static const char *const reported[] = {	/* the last action was Post: one before it is meant */
		[ABI_OUTCOME_ENFORCED] = "enforced", [ABI_OUTCOME_MONITORED] = "only monitored", [ABI_OUTCOME_FAILED] = "failed",
	};
	int action = action_by_wire(event->hook->action);
	uint8_t outcome = event->hook->outcome;

	if (outcome == ABI_OUTCOME_NONE || outcome > ABI_OUTCOME_FAILED || action < 0)
		return;
	colour(out, context, COLOUR_WARNING);
	if (action == ACTION_POST)
		buffer_format(out, " 🛑 %s", reported[outcome]);
	else
		buffer_format(out, " 🛑 %s%s", action_rows[action].name, words[outcome]);
	plain(out, context);
}

void event_compact(const struct event_context *context, const struct event *event,
		   const struct event *returned, struct buffer *ret)
{
	struct image_report_storage storage;
	struct image_report report;
	struct image_hook hook;

	if (event->process) {
		process_line(context, event, ret);
	} else if (event->mapping) {
		mapping_line(context, event, ret);
	} else {
		hook_line(context, event, ret);
		if (returned && context->image &&
		    image_report_of(context->image, event->hook->policy, event->hook->hook_index, &storage,
			    &report) && report.return_argument) {
			buffer_add_text(ret, " = ");
			add_argument(ret, report.return_argument, returned);
		}
		if (!returned && event->hook->entry_time)
			buffer_add_text(ret, " = (unseen)");
		add_caller(ret, context, event);
		add_enforcement(ret, context, event);
		if (event->hook->failed_errno)
			add_failure(ret, event->hook);
		else if (returned && returned->hook->failed_errno)
			add_failure(ret, returned->hook);
	}
	buffer_add_char(ret, '\n');
	if (event->hook && context->image && image_hook_by_id(context->image, event->hook->hook, &hook))
		event_stacks_compact(context, event, &hook, ret);
}

void event_lost_compact(const struct event_context *context, enum loss_reason reason, const struct loss *loss, uint64_t now,
			struct buffer *ret)
{
	add_time(ret, context, now);
	colour(ret, context, COLOUR_WARNING);
	buffer_format(ret, "⚠️ lost    %s %" PRIu64 "%s events, ", context->node_name, loss->events,
		      loss->is_uncounted ? " or more" : "");
	if (loss->since) {
		buffer_add_text(ret, "from ");
		event_time(context, loss->since, ret);
		buffer_add_char(ret, ' ');
	}
	buffer_add_text(ret, "to ");
	event_time(context, now, ret);
	buffer_format(ret, ": %s", loss_rows[reason].says);
	plain(ret, context);
	buffer_add_char(ret, '\n');
}
