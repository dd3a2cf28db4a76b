// SPDX-License-Identifier: Apache-2.0
/* print_event.c - events as JSON; see print.h. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/reference/evaluate.h"
#include "tests/reference/print.h"

static void print_json_text(FILE *out, struct model_text text)
{
	print_quoted(out, text, "\\u%04x");
}

/* ---- Values of events: 9.3 ---- */

static const char *name_of(const struct model_name *names, unsigned number)
{
	for (; names->name; names++)
		if (names->number == number)
			return names->name;
	return "";
}

static void json_number(FILE *out, const struct model_value *value, int type)
{
	fprintf(out, "%" PRId64, (int64_t)model_number(type, value->number));
}

/* 64 bits are a string. */
static void json_long(FILE *out, const struct model_value *value, int type)
{
	if (model_types[type].class == MODEL_SIGNED)
		fprintf(out, "\"%" PRId64 "\"", (int64_t)value->number);
	else
		fprintf(out, "\"%" PRIu64 "\"", value->number);
}

static void json_string(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	print_json_text(out, value->bytes);
}

static void json_base64(FILE *out, const struct model_value *value, int type)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (const unsigned char *)value->bytes.bytes;
	size_t length = value->bytes.length;

	(void)type;
	fputc('"', out);
	for (size_t n = 0; n < length; n += 3) {
		uint32_t three = (uint32_t)bytes[n] << 16 | (n + 1 < length ? (uint32_t)bytes[n + 1] << 8 : 0) |
				 (n + 2 < length ? bytes[n + 2] : 0);

		fprintf(out, "%c%c%c%c", digits[three >> 18], digits[three >> 12 & 63],
			n + 1 < length ? digits[three >> 6 & 63] : '=', n + 2 < length ? digits[three & 63] : '=');
	}
	fputc('"', out);
}

static void json_truncated(FILE *out, const struct model_value *value, int type)
{
	fputs("{\"bytes_arg\":", out);
	json_base64(out, value, type);
	fprintf(out, ",\"orig_size\":\"%zu\"}", value->bytes.length + 100);
}

static void json_permission(FILE *out, uint32_t mode)
{
	static const struct { uint32_t type; char letter; } types[] = {
		{ S_IFREG, '-' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFSOCK, 's' }, { S_IFIFO, 'p' }, { S_IFBLK, 'b' },
		{ S_IFCHR, 'c' },
	};
	char text[11] = "-rwxrwxrwx";

	for (size_t n = 0; n < 7; n++)
		if (types[n].type == (mode & S_IFMT))
			text[0] = types[n].letter;
	for (int n = 0; n < 9; n++)
		if (!(mode >> (8 - n) & 1))
			text[1 + n] = '-';
	fprintf(out, "\"permission\":\"%s\"", text);
}

static void json_path(FILE *out, const struct model_value *value, int type)
{
	const char *between = "";

	(void)type;
	fputc('{', out);
	if (value->bytes.bytes) {
		fputs("\"path\":", out);
		print_json_text(out, value->bytes);
		between = ",";
	}
	if (value->cut == CUT_FRONT) {
		fprintf(out, "%s\"flags\":\"unresolvedPathComponents\"", between);
		between = ",";
	}
	if (value->has_mode) {
		fputs(between, out);
		json_permission(out, value->mode);
	}
	fputc('}', out);
}

static void json_set(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	fprintf(out, "\"%016" PRIx64 "\"", value->number);
}

/* The bit of the 32-bit ABI is told by its name. */
static void json_syscall(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	fprintf(out, "{\"id\":%" PRIu64 ",\"abi\":\"%s\"}", value->number & ~(uint64_t)0x80000000,
		value->number & 0x80000000 ? "i386" : "x64");
}

/* ---- Sockets ---- */

enum part_form { FORM_FAMILY, FORM_SOCKET_TYPE, FORM_PROTOCOL, FORM_STATE, FORM_ADDRESS, FORM_NUMBER };

struct part_key { enum model_part part; const char *key; enum part_form form; };
static const struct part_key sock_keys[] = {
	{ PART_FAMILY, "family", FORM_FAMILY }, { PART_TYPE, "type", FORM_SOCKET_TYPE },
	{ PART_PROTOCOL, "protocol", FORM_PROTOCOL }, { PART_STATE, "state", FORM_STATE },
	{ PART_SOURCE, "saddr", FORM_ADDRESS }, { PART_DESTINATION, "daddr", FORM_ADDRESS },
	{ PART_SOURCE_PORT, "sport", FORM_NUMBER }, { PART_DESTINATION_PORT, "dport", FORM_NUMBER }, { 0, NULL, 0 },
};
static const struct part_key skb_keys[] = {
	{ PART_FAMILY, "family", FORM_FAMILY }, { PART_PROTOCOL, "protocol", FORM_PROTOCOL },
	{ PART_SOURCE, "saddr", FORM_ADDRESS }, { PART_DESTINATION, "daddr", FORM_ADDRESS },
	{ PART_SOURCE_PORT, "sport", FORM_NUMBER }, { PART_DESTINATION_PORT, "dport", FORM_NUMBER }, { 0, NULL, 0 },
};
static const struct part_key sockaddr_keys[] = {
	{ PART_FAMILY, "family", FORM_FAMILY }, { PART_SOURCE, "addr", FORM_ADDRESS },
	{ PART_SOURCE_PORT, "port", FORM_NUMBER }, { 0, NULL, 0 },
};

static bool has_address(const struct model_value *value)
{
	return value->known[PART_FAMILY] &&
	       (value->parts[PART_FAMILY] == AF_INET || value->parts[PART_FAMILY] == AF_INET6);
}

static void json_part(FILE *out, const struct model_value *value, const struct part_key *key)
{
	static const char *const socket_types[] = { "", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW" };
	unsigned number = value->parts[key->part];
	char address[INET6_ADDRSTRLEN] = "";

	switch (key->form) {
	case FORM_FAMILY:
		fprintf(out, "\"%s\"", name_of(model_families, number));
		break;
	case FORM_SOCKET_TYPE:
		fprintf(out, "\"%s\"", socket_types[number & 3]);
		break;
	case FORM_PROTOCOL:
		fprintf(out, "\"%s\"", name_of(model_protocols, number));
		break;
	case FORM_STATE:
		fprintf(out, "\"%s\"", name_of(model_states, number));
		break;
	case FORM_ADDRESS:
		inet_ntop((int)value->parts[PART_FAMILY],
			  key->part == PART_SOURCE ? value->source : value->destination, address, sizeof(address));
		fprintf(out, "\"%s\"", address);
		break;
	case FORM_NUMBER:
		fprintf(out, "%u", number);
		break;
	}
}

static bool is_told(const struct model_value *value, const struct part_key *key)
{
	return value->known[key->part] && (key->form != FORM_ADDRESS || has_address(value));
}

static void json_parts(FILE *out, const struct model_value *value, const struct part_key *keys)
{
	const char *between = "{";

	for (; keys->key; keys++)
		if (is_told(value, keys)) {
			fprintf(out, "%s\"%s\":", between, keys->key);
			json_part(out, value, keys);
			between = ",";
		}
	fputs(*between == '{' ? "{}" : "}", out);
}

static void json_unknown_parts(FILE *out, const struct model_value *value, const struct part_key *keys)
{
	const char *between = ",\"tetra\":{\"unknown\":[";

	for (; keys->key; keys++)
		if (!value->known[keys->part]) {
			fprintf(out, "%s\"%s\"", between, keys->key);
			between = ",";
		}
	fputs(*between == ',' && between[1] ? "" : "]}", out);
}

static void json_sock(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	json_parts(out, value, sock_keys);
}

static void json_skb(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	json_parts(out, value, skb_keys);
}

static void json_sockaddr(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	json_parts(out, value, sockaddr_keys);
}

static void json_unix(FILE *out, const struct model_value *value, int type)
{
	(void)type;
	fprintf(out, "{\"family\":\"%s\"", name_of(model_families, value->parts[PART_FAMILY]));
	if (value->bytes.bytes) {
		fputs(",\"path\":", out);
		print_json_text(out, value->bytes);
	}
	fputc('}', out);
}

/* ---- Arguments ---- */

/* A type whose key is not here has no value in events: none can be filtered. */
static const struct {
	const char *key;
	void (*print)(FILE *out, const struct model_value *value, int type);
	const struct part_key *parts;
} value_forms[] = {
	{ "int_arg", json_number, NULL }, { "uint_arg", json_number, NULL }, { "long_arg", json_long, NULL },
	{ "size_arg", json_long, NULL }, { "string_arg", json_string, NULL }, { "bytes_arg", json_base64, NULL },
	{ "file_arg", json_path, NULL }, { "path_arg", json_path, NULL }, { "linux_binprm_arg", json_path, NULL },
	{ "sock_arg", json_sock, sock_keys }, { "skb_arg", json_skb, skb_keys },
	{ "sockaddr_arg", json_sockaddr, sockaddr_keys }, { "sockaddrun_arg", json_unix, NULL },
	{ "kernel_cap_t_arg", json_set, NULL }, { "cap_inheritable_arg", json_set, NULL },
	{ "cap_permitted_arg", json_set, NULL }, { "cap_effective_arg", json_set, NULL }, { "syscall_id", json_syscall, NULL },
};

static void json_value(FILE *out, const struct model_value *value, int type)
{
	const char *key = model_types[type].key;

	if (value->state == VALUE_UNREADABLE)
		fputs("\"error_arg\":{\"message\":\"Bad address for basic type\"}", out);
	if (value->state != VALUE_READ)
		return;
	if (!strcmp(key, "bytes_arg") && value->cut == CUT_END) {
		fputs("\"truncated_bytes_arg\":", out);
		json_truncated(out, value, type);
		return;
	}
	for (size_t n = 0; n < sizeof(value_forms) / sizeof(*value_forms); n++)
		if (!strcmp(value_forms[n].key, key)) {
			fprintf(out, "\"%s\":", key);
			value_forms[n].print(out, value, type);
			if (value_forms[n].parts)
				json_unknown_parts(out, value, value_forms[n].parts);
		}
}

static void json_arguments(FILE *out, const struct model_event *event)
{
	const char *between = "";

	fputs(",\"args\":[", out);
	for (size_t n = 0; n < event->argument_count; n++) {
		const struct model_value *value = &event->arguments[n].value;

		if (value->state == VALUE_ABSENT)
			continue;
		fprintf(out, "%s{\"index\":%u,", between, event->arguments[n].index);
		json_value(out, value, event->arguments[n].type);
		fputc('}', out);
		between = ",";
	}
	fputc(']', out);
}

static void json_data(FILE *out, const struct model_event *event)
{
	if (!event->data_count)
		return;
	fputs(",\"data\":[", out);
	for (size_t n = 0; n < event->data_count; n++) {
		fputs(n ? ",{" : "{", out);
		json_value(out, &event->data[n], event->data_types[n]);
		fputc('}', out);
	}
	fputc(']', out);
}

static void json_return(FILE *out, const struct model_event *event)
{
	if (event->return_type < 0 || event->returned.state == VALUE_ABSENT)
		return;
	fputs(",\"return\":{", out);
	json_value(out, &event->returned, event->return_type);
	fputc('}', out);
}

/* ---- Processes: 9.2 ---- */

static void json_namespaces(FILE *out, const char *key, const struct model_namespace_fact *facts)
{
	const char *between = "";

	fprintf(out, "\"%s\":{", key);
	for (unsigned n = 0; n < MODEL_NAMESPACES; n++) {
		if (!facts[n].known)
			continue;
		fprintf(out, "%s\"%s\":{\"inum\":%u%s}", between, model_namespace_keys[n], facts[n].inode,
			facts[n].is_host ? ",\"is_host\":true" : "");
		between = ",";
	}
	fputc('}', out);
}

static void json_capabilities(FILE *out, const char *key, const struct model_set_fact *facts)
{
	static const char *const sets[] = { "permitted", "effective", "inheritable" };
	const char *between = "";

	fprintf(out, "\"%s\":{", key);
	for (unsigned n = 0; n < MODEL_CAPABILITY_SETS; n++) {
		const char *comma = "";

		if (!facts[n].known)
			continue;
		fprintf(out, "%s\"%s\":[", between, sets[n]);
		for (unsigned bit = 0; bit < MODEL_CAPABILITIES; bit++)
			if (facts[n].set >> bit & 1) {
				fprintf(out, "%s\"%s\"", comma, model_capabilities[bit]);
				comma = ",";
			}
		fputc(']', out);
		between = ",";
	}
	fputc('}', out);
}

static void json_relative(FILE *out, const struct model_relative *relative)
{
	const char *between = "";

	if (relative->has_pid) {
		fprintf(out, "\"pid\":%u", relative->pid);
		between = ",";
	}
	if (!relative->has_binary)
		return;
	fprintf(out, "%s\"binary\":", between);
	print_json_text(out, relative->binary.bytes);
	if (relative->binary.cut != CUT_NOT)
		fputs(",\"flags\":\"execve truncFilename\"", out);
}

static void json_pod(FILE *out, const struct model_process *process)
{
	const char *between = "";

	if (process->place != PLACE_POD)
		return;
	fputs(",\"pod\":{", out);
	if (process->pod_namespace.bytes) {
		fputs("\"namespace\":", out);
		print_json_text(out, process->pod_namespace);
		between = ",";
	}
	if (process->container_name.bytes) {
		fprintf(out, "%s\"container\":{\"name\":", between);
		print_json_text(out, process->container_name);
		fputc('}', out);
		between = ",";
	}
	if (process->has_labels) {
		fprintf(out, "%s\"pod_labels\":{", between);
		for (size_t n = 0; n < process->labels.count; n++) {
			fputs(n ? "," : "", out);
			print_json_text(out, process->labels.items[n].key);
			fputc(':', out);
			print_json_text(out, process->labels.items[n].value);
		}
		fputc('}', out);
	}
	fputc('}', out);
}

static void json_process(FILE *out, const struct model_process *process)
{
	fputs("\"process\":{", out);
	json_relative(out, &process->self);
	fputs(process->self.has_pid || process->self.has_binary ? "," : "", out);
	json_namespaces(out, "ns", process->namespaces);
	fputc(',', out);
	json_capabilities(out, "cap", process->sets);
	json_pod(out, process);
	fputc('}', out);
	for (size_t n = 0; n < process->ancestor_count; n++) {
		fputs(n == 0 ? ",\"parent\":{" : n == 1 ? ",\"ancestors\":[{" : ",{", out);
		json_relative(out, &process->ancestors[n]);
		fputc('}', out);
	}
	fputs(process->ancestor_count > 1 ? "]" : "", out);
}

static void json_facts(FILE *out, const struct model_process *process)
{
	fputs("\"tetra\":{", out);
	json_namespaces(out, "exec_ns", process->exec_namespaces);
	fputc(',', out);
	json_capabilities(out, "exec_cap", process->exec_sets);
	if (process->place != PLACE_UNKNOWN)
		fprintf(out, ",\"place\":\"%s\"", process->place == PLACE_HOST ? "host" : "pod");
	if (process->self.has_namespace_pid)
		fprintf(out, ",\"namespace_pid\":%u", process->self.namespace_pid);
	for (size_t n = 0; n < process->ancestor_count; n++) {
		fputs(n ? "," : ",\"ancestor_namespace_pids\":[", out);
		if (process->ancestors[n].has_namespace_pid)
			fprintf(out, "%u", process->ancestors[n].namespace_pid);
		else
			fputs("null", out);
	}
	fputs(process->ancestor_count ? "]" : "", out);
	if (process->ancestors_complete)
		fputs(",\"ancestors_complete\":true", out);
	if (process->container_repo.bytes) {
		fputs(",\"container_repo\":", out);
		print_json_text(out, process->container_repo);
	}
	fputc('}', out);
}

/* ---- Events ---- */

static void json_hook(FILE *out, const struct model_event *event)
{
	static const char *const forms[MODEL_HOOK_KINDS] = {
		[MODEL_KPROBE] = ",\"function_name\":\"%s\"", [MODEL_FENTRY] = ",\"function_name\":\"%s\"",
		[MODEL_LSM] = ",\"function_name\":\"%s\"", [MODEL_TRACEPOINT] = ",\"event\":\"%s\",\"subsys\":\"%s\"",
		[MODEL_RAW_TRACEPOINT] = ",\"event\":\"%s\",\"subsys\":\"%s\"",
		[MODEL_UPROBE] = ",\"symbol\":\"%s\",\"path\":\"%s\"",
		[MODEL_USDT] = ",\"name\":\"%s\",\"provider\":\"%s\",\"path\":\"/usr/bin/app\"",
	};

	fprintf(out, forms[event->kind], event->name, event->subsystem);
}

void print_event(FILE *out, const struct model_event *event)
{
	fprintf(out, "{\"%s\":{", model_hooks[event->kind].event);
	json_process(out, &event->process);
	json_hook(out, event);
	json_arguments(out, event);
	json_data(out, event);
	json_return(out, event);
	fputs("},", out);
	json_facts(out, &event->process);
	fputc('}', out);
}
