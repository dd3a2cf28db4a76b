// SPDX-License-Identifier: Apache-2.0
/*
 * event_compact.c - one line for people: sign, what, where, who, and what it was about.
 *
 * Signs, words and what follows the binary are rows; the columns are those of Tetragon's compact output.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/event_json.h"
#include "runtime/event_values.h"
#include "runtime/syscalls.h"

/* rest: "%N" is argument N; what follows an argument that is not there is left out. */
struct compact_row {
	enum hook_kind kind;
	const char *name;	/* function without the architecture's prefix, event or hook; NULL: any */
	const char *sign, *word, *rest;
};
static const struct compact_row rows[] = {
	{ HOOK_KPROBE, "sys_write", "📝", "write", " %0 %2 bytes" },
	{ HOOK_KPROBE, "sys_read", "📚", "read", " %0 %2 bytes" },
	{ HOOK_KPROBE, "fd_install", "📬", "open", " %1" },
	{ HOOK_KPROBE, "sys_openat", "📬", "openat", " %1" },
	{ HOOK_KPROBE, "sys_open", "📬", "open", " %0" },
	{ HOOK_KPROBE, "sys_close", "📪", "close", " %0" },
	{ HOOK_KPROBE, "sys_mount", "💾", "mount", " %0 %1" },
	{ HOOK_KPROBE, "sys_pivot_root", "💾", "pivot_root", " %0 %1" },
	{ HOOK_KPROBE, "sys_setuid", "🔑", "setuid", " %0" },
	{ HOOK_KPROBE, "sys_clock_settime", "⏰", "clock_settime", "" },
	{ HOOK_KPROBE, "security_path_truncate", "📝", "truncate", " %0" },
	{ HOOK_KPROBE, "security_file_truncate", "📝", "truncate", " %0" },
	{ HOOK_KPROBE, "security_socket_connect", "🔌", "connect", " %0" },
	{ HOOK_KPROBE, "tcp_connect", "🔌", "connect", " tcp %0" },
	{ HOOK_KPROBE, "tcp_close", "🧹", "close", " tcp %0" },
	{ HOOK_KPROBE, "tcp_sendmsg", "📤", "sendmsg", " tcp %0 bytes %1" },
	{ HOOK_KPROBE, NULL, "❓", "syscall", " $ %*" },
	{ HOOK_TRACEPOINT, NULL, "⁉️", "tracepoint", " $ %*" },
	{ HOOK_RAW_TRACEPOINT, NULL, "⁉️", "tracepoint", " $ %*" },
	{ HOOK_LSM, NULL, "🔒", "LSM", " $ %*" },
};

static const struct compact_row *row_of(const struct image_hook *hook)
{
	size_t i = 0;

	while (rows[i].kind != hook->kind || (rows[i].name && strcmp(rows[i].name, hook->name)))
		if (++i == sizeof(rows) / sizeof(*rows))
			return &rows[i - 1];
	return &rows[i];
}

/* Quoted when it holds a space or anything that a terminal should not see raw. */
static void add_text(struct buffer *out, const void *bytes, size_t length)
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
		add_text(out, slot.bytes, slot.length);
	else if (load >= ABI_LOAD_S8 && load <= ABI_LOAD_S64)
		buffer_format(out, "%" PRId64, (int64_t)slot.value);
	else
		buffer_format(out, "%" PRIu64, slot.value);
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

static void add_name(struct buffer *out, const struct image_hook *hook)
{
	char symbol[SYSCALL_SYMBOL_MAX];

	if (hook->subsystem)
		buffer_format(out, "%s ", hook->subsystem);
	buffer_add_text(out, hook->syscall ? syscall_symbol(hook->name, symbol) : hook->name);
}

static void add_rest(struct buffer *out, const char *rest, const struct image_hook *hook,
		     const struct image_report *report, const struct event *event)
{
	for (const char *c = rest; *c; c++) {
		if (*c == '$') {
			add_name(out, hook);
		} else if (c[0] == '%' && c[1] == '*') {
			add_all_arguments(out, report, event);
			c++;
		} else if (*c == '%') {
			size_t n = (size_t)(*++c - '0');

			if (n >= report->argument_count)
				return;
			add_argument(out, &report->arguments[n], event);
		} else {
			buffer_add_char(out, *c);
		}
	}
}

static void add_head(struct buffer *out, const struct event_context *context, const char *sign, const char *word,
		     const struct abi_process *process, uint32_t pid)
{
	buffer_format(out, "%s %-7s %s ", sign, word, context->node_name);
	if (process)
		add_text(out, process_path(process).bytes, process_path(process).length);
	else
		buffer_format(out, "(pid %u)", pid);
}

static void add_arguments(struct buffer *out, const struct abi_process *process)
{
	struct process_text text = process_arguments(process);

	for (size_t i = 0; i < text.length;) {
		size_t length = strnlen(text.bytes + i, text.length - i);

		buffer_add_char(out, ' ');
		add_text(out, text.bytes + i, length);
		i += length + 1;
	}
}

static void process_line(const struct event_context *context, const struct event *event, struct buffer *out)
{
	const struct abi_process_event *raw = event->process;
	bool is_exec = raw->kind == ABI_EVENT_EXEC;
	const char *name = sigabbrev_np((int)(raw->exit_code & 0x7f));

	add_head(out, context, is_exec ? "🚀" : "💥", is_exec ? "process" : "exit", &raw->process,
		raw->process.pid);
	add_arguments(out, &raw->process);
	if (is_exec)
		return;
	if (raw->exit_code & 0x7f)
		buffer_format(out, " SIG%s", name ? name : "UNKNOWN");
	else
		buffer_format(out, " %u", raw->exit_code >> 8 & 0xff);
}

static void hook_line(const struct event_context *context, const struct event *event, struct buffer *out)
{
	const struct abi_event *raw = event->hook;
	const struct abi_process *process =
		process_cache_find(context->processes, raw->tgid, raw->process_start);
	struct image_report_storage storage;
	struct image_report report;
	struct image_hook hook;
	const struct compact_row *row;

	if (!context->image || !image_hook_by_id(context->image, raw->hook, &hook) ||
	    !image_report_of(context->image, raw->policy, raw->hook_index, &storage, &report)) {
		add_head(out, context, "❓", "unknown", process, raw->tgid);
		return;
	}
	row = row_of(&hook);
	add_head(out, context, row->sign, row->word, process, raw->tgid);
	add_rest(out, row->rest, &hook, &report, event);
}

static void add_enforcement(struct buffer *out, const struct event *event)
{
	static const char *const words[] = {
		[ABI_OUTCOME_ENFORCED] = "", [ABI_OUTCOME_MONITORED] = " (only monitored)",
		[ABI_OUTCOME_FAILED] = " (failed)",
	};
	int action = action_by_wire(event->hook->action);
	uint8_t outcome = event->hook->outcome;

	if (outcome == ABI_OUTCOME_NONE || outcome > ABI_OUTCOME_FAILED || action < 0)
		return;
	buffer_format(out, " 🛑 %s%s", action_rows[action].name, words[outcome]);
}

void event_compact(const struct event_context *context, const struct event *event,
		   const struct event *returned, struct buffer *ret)
{
	struct image_report_storage storage;
	struct image_report report;

	if (event->process) {
		process_line(context, event, ret);
	} else {
		hook_line(context, event, ret);
		if (returned && context->image &&
		    image_report_of(context->image, event->hook->policy, event->hook->hook_index, &storage,
			    &report) && report.return_argument) {
			buffer_add_text(ret, " = ");
			add_argument(ret, report.return_argument, returned);
		}
		add_enforcement(ret, event);
	}
	buffer_add_char(ret, '\n');
}

void event_lost_compact(uint64_t lost, struct buffer *ret)
{
	buffer_format(ret, "⚠️ lost    %" PRIu64 " events were lost: the reader was too slow\n", lost);
}
