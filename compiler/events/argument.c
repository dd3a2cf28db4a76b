// SPDX-License-Identifier: Apache-2.0
/* argument.c - the values of an event, by the key under which Tetragon writes them; see reading.h. */
#include "compiler/events/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/names.h"

static bool value_number(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	ret->state = EVENT_NUMBER;
	return read_number(value, &ret->number);
}

/* ---- Bytes ---- */

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Returns how many bytes there are, or -1. */
static long decode_base64(const char *text, size_t length, char *ret)
{
	uint32_t bits = 0;
	unsigned have = 0;
	long count = 0;

	while (length && text[length - 1] == '=')
		length--;
	for (size_t n = 0; n < length; n++) {
		int digit = base64_digit(text[n]);

		if (digit < 0)
			return -1;
		bits = (bits << 6 | (uint32_t)digit) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			ret[count++] = (char)(bits >> have);
		}
	}
	return length % 4 == 1 ? -1 : count;
}

static bool value_bytes(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	size_t length = 0;
	char *bytes = copy_text(reading, value, &length);
	long count = bytes ? decode_base64(bytes, length, bytes) : -1;

	ret->state = EVENT_BYTES;
	ret->bytes = bytes;
	ret->length = (size_t)count;
	return count >= 0;
}

static bool value_cut_bytes(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	ret->cut = EVENT_CUT_END;
	if (member(value, "bytes_arg"))
		return value_bytes(reading, member(value, "bytes_arg"), ret);
	ret->state = EVENT_BYTES;
	ret->bytes = "";
	return json_object_is_type(value, json_type_object);
}

/* ---- Files ---- */

/* "-rwsr-xr-x"; false when it is not written so. */
static bool parse_permission(const char *text, uint32_t *ret)
{
	static const struct { char letter; uint32_t type; } types[] = {
		{ '-', S_IFREG }, { 'd', S_IFDIR }, { 'l', S_IFLNK }, { 's', S_IFSOCK }, { 'p', S_IFIFO }, { 'b', S_IFBLK },
		{ 'c', S_IFCHR },
	};
	static const char letters[] = "rwxrwxrwx";
	uint32_t mode = 0;

	if (strlen(text) != 1 + strlen(letters))
		return false;
	for (size_t n = 0; n < sizeof(types) / sizeof(*types); n++)
		mode |= types[n].letter == text[0] ? types[n].type : 0;
	for (unsigned n = 0; n < strlen(letters); n++) {
		const char letter = text[1 + n];
		const bool small = letter == 's' || letter == 't', capital = letter == 'S' || letter == 'T';

		if (letters[n] == 'x' && (small || capital))
			mode |= 04000u >> n / 3;
		if (letter == letters[n] || small)
			mode |= 0400u >> n;
		else if (letter != '-' && !capital)
			return false;
	}
	*ret = mode;
	return mode & S_IFMT;
}

/*
 * Where there is no path, - may stand for the type of a file that has none, as of those that only a descriptor holds: what it
 * is is then not known.
 */
static void read_mode(const char *permission, bool has_path, struct event_value *ret)
{
	uint32_t mode;

	if (!permission || !parse_permission(permission, &mode) || (*permission == '-' && !has_path))
		return;
	ret->has_number = true;
	ret->number = mode;
}

/* Tetragon says in `flags` when the beginning of a path is missing.  A file without a path has none that could be compared. */
static bool value_path(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	struct json_object *path = member(value, "path");
	const char *flags = peek_text(member(value, "flags"));

	if (!json_object_is_type(value, json_type_object))
		return false;
	read_mode(peek_text(member(value, "permission")), path, ret);
	if (!path) {
		ret->state = EVENT_FAULT;
		return true;
	}
	if (!read_bytes(reading, path, ret))
		return false;
	if (flags && strstr(flags, "unresolvedPathComponents")) {
		if (ret->cut == EVENT_CUT_END)	/* both ends are missing */
			ret->length = 0;
		ret->cut = EVENT_CUT_FRONT;
	}
	return true;
}

/* ---- Sets and numbers with names ---- */

static bool value_set(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
	char *end;

	(void)reading;
	ret->state = EVENT_NUMBER;
	ret->number = strtoull(text, &end, 16);
	return strspn(text, "0123456789abcdefABCDEF") == strlen(text) && *text && strlen(text) <= 16 && !*end;
}

static bool value_capability(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	ret->state = EVENT_NUMBER;
	return json_object_is_type(value, json_type_object) && member_number(value, "value", UINT64_MAX, &ret->number);
}

/* Bit 31 of the number is set for the 32-bit ABI; without `abi` the number is not known. */
static bool value_syscall(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	static const struct { const char *abi; uint64_t bit; } rows[] = {
		{ "x64", 0 }, { "arm64", 0 }, { "i386", 1ULL << 31 }, { "arm32", 1ULL << 31 },
	};
	const char *abi = member_text(reading, value, "abi");

	if (!json_object_is_type(value, json_type_object) || !member_number(value, "id", UINT32_MAX, &ret->number))
		return false;
	for (size_t n = 0; abi && n < sizeof(rows) / sizeof(*rows); n++)
		if (!strcmp(abi, rows[n].abi)) {
			ret->state = EVENT_NUMBER;
			ret->number |= rows[n].bit;
		}
	return true;
}

/* A name that is not in the table is a command that is there, and not known. */
static bool value_command(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	const bool is_text = json_object_is_type(value, json_type_string);
	const struct named *command = is_text ?
		name_find(NAMES_BPF_COMMANDS, json_object_get_string(value), (size_t)json_object_get_string_len(value)) : NULL;

	(void)reading;
	if (command)
		ret->number = command->number;
	else if (!read_number(value, &ret->number))
		return is_text;
	ret->state = EVENT_NUMBER;
	return true;
}

/* ---- Others ---- */

/* Of structures nothing is compared: that they were read is all that a filter can ask.  The text is for people. */
static bool value_structure(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);

	ret->state = EVENT_BYTES;
	ret->length = strlen(text);
	ret->bytes = arena_copy(reading->arena, text, ret->length);
	return json_object_is_type(value, json_type_object);
}

static bool value_interface(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	return read_bytes(reading, member(value, "name"), ret);
}

static bool value_error(struct reading *reading, struct json_object *value, struct event_value *ret)
{
	(void)reading;
	(void)value;
	ret->state = EVENT_FAULT;
	return true;
}

static const struct value_reader {
	const char *key;
	bool (*read)(struct reading *, struct json_object *, struct event_value *);
} value_readers[] = {
	{ "int_arg", value_number }, { "uint_arg", value_number },
	{ "long_arg", value_number }, { "size_arg", value_number },
	{ "string_arg", read_bytes }, { "bytes_arg", value_bytes }, { "truncated_bytes_arg", value_cut_bytes },
	{ "file_arg", value_path }, { "path_arg", value_path }, { "linux_binprm_arg", value_path },
	{ "sock_arg", value_sock }, { "skb_arg", value_skb }, { "sockaddr_arg", value_sockaddr },
	{ "sockaddrun_arg", value_unix }, { "net_dev_arg", value_interface },
	{ "kernel_cap_t_arg", value_set }, { "cap_inheritable_arg", value_set },
	{ "cap_permitted_arg", value_set }, { "cap_effective_arg", value_set },
	{ "capability_arg", value_capability }, { "syscall_id", value_syscall }, { "bpf_cmd_arg", value_command },
	{ "process_credentials_arg", value_structure }, { "user_ns_arg", value_structure }, { "user_namespace_arg", value_structure },
	{ "module_arg", value_structure }, { "bpf_attr_arg", value_structure }, { "bpf_prog_arg", value_structure },
	{ "bpf_map_arg", value_structure }, { "perf_event_arg", value_structure },
	{ "error_arg", value_error },
};

static const struct value_reader *find_reader(const char *key)
{
	for (size_t n = 0; n < sizeof(value_readers) / sizeof(value_readers[0]); n++)
		if (same_word(value_readers[n].key, key))
			return &value_readers[n];
	return NULL;
}

static int read_value(struct reading *reading, const struct value_reader *reader, struct json_object *value,
		      struct event_value *ret)
{
	if (reader->read(reading, value, ret))
		return 0;
	return refuse(reading, arena_format(reading->arena, "the value of '%s' is not valid", reader->key));
}

/* ---- What `tetra` of an argument adds ---- */

static int read_cut(struct reading *reading, struct json_object *cut, struct event_value *ret)
{
	const char *text = json_object_is_type(cut, json_type_string) ? json_object_get_string(cut) : "";

	if (strcmp(text, "end") && strcmp(text, "front"))
		return refuse(reading, "'cut' of an argument is neither \"end\" nor \"front\"");
	ret->cut = *text == 'e' ? EVENT_CUT_END : EVENT_CUT_FRONT;
	return 0;
}

static int read_unknown(struct reading *reading, struct json_object *list, struct event_value *ret)
{
	if (!json_object_is_type(list, json_type_array))
		return refuse(reading, "'unknown' of an argument is not a list");
	for (size_t n = 0; n < json_object_array_length(list); n++) {
		struct json_object *name = json_object_array_get_idx(list, n);

		if (!json_object_is_type(name, json_type_string))
			return refuse(reading, "'unknown' of an argument lists something that is not a name");
		forget_part(ret, json_object_get_string(name));
	}
	return 0;
}

static int read_additions(struct reading *reading, struct json_object *tetra, struct event_value *ret)
{
	struct json_object *mode = member(tetra, "mode");
	uint64_t number;

	if (member(tetra, "cut") && read_cut(reading, member(tetra, "cut"), ret))
		return -EINVAL;
	if (member(tetra, "unknown") && read_unknown(reading, member(tetra, "unknown"), ret))
		return -EINVAL;
	if (!mode)
		return 0;
	if (!read_number(mode, &number) || number > UINT16_MAX)
		return refuse(reading, "the mode of a file is not valid");
	ret->has_number = true;
	ret->number = number;
	return 0;
}

/* ---- Arguments ---- */

static int read_index(struct reading *reading, struct json_object *value, struct event_argument *ret)
{
	uint64_t index;

	if (!read_number(value, &index) || index > LIMIT_FIELD_INDEX)
		return refuse(reading, "the index of an argument is not valid");
	ret->has_index = true;
	ret->index = (uint32_t)index;
	return 0;
}

int read_argument(struct reading *reading, struct json_object *object, struct event_argument *ret)
{
	struct lh_table *table = json_object_get_object(object);
	struct json_object *index = NULL, *tetra = NULL;
	struct lh_entry *entry;

	clear_value(&ret->value);
	ret->has_index = false;
	ret->index = 0;
	ret->resolve = NULL;
	if (!table)
		return refuse(reading, "an argument is not an object");
	lh_foreach (table, entry) {
		struct json_object *value = (struct json_object *)lh_entry_v(entry);
		const char *key = lh_entry_k(entry);
		const struct value_reader *reader = find_reader(key);

		if (reader && read_value(reading, reader, value, &ret->value))
			return -EINVAL;
		if (!reader && same_word(key, "index"))
			index = value;
		if (!reader && same_word(key, "resolve") && json_object_is_type(value, json_type_string))
			ret->resolve = arena_copy(reading->arena, json_object_get_string(value), (size_t)json_object_get_string_len(value));
		if (!reader && same_word(key, "tetra"))
			tetra = value;
	}
	if (index && read_index(reading, index, ret))
		return -EINVAL;
	return tetra ? read_additions(reading, tetra, &ret->value) : 0;
}
