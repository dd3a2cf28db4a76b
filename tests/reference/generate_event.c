// SPDX-License-Identifier: Apache-2.0
/* generate_event.c - random events, most of them next to what the group's policies compare with; see generate.h. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/reference/chance.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/generate.h"

/* ---- What the policies compare with ---- */

/* Filters of a kind; of arguments: on the one with that index. */
struct wanted { enum model_filter_kind kind; uint32_t index; };
struct choice { const struct model_filter *filter; unsigned seen; };

static bool is_wanted(const struct model_hook *hook, const struct model_filter *filter, const struct wanted *wanted)
{
	if (filter->kind != wanted->kind || filter->expression)
		return false;
	if (filter->kind == MATCH_ARGS && filter->position_count)
		return hook->arguments.items[filter->positions[0]].index == wanted->index;
	return (filter->kind != MATCH_ARGS && filter->kind != MATCH_DATA) || filter->index == wanted->index;
}

static void choose(const struct model_hook *hook, const struct model_filters *filters, const struct wanted *wanted,
		   struct choice *choice)
{
	for (size_t n = 0; n < filters->count; n++)
		if (is_wanted(hook, &filters->items[n], wanted) && !chance_below(++choice->seen))
			choice->filter = &filters->items[n];
}

static void choose_of_hook(const struct model_policy *policy, const struct model_hook *hook, const struct wanted *wanted,
			   struct choice *choice)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		choose(hook, &hook->selectors.items[n].filters, wanted, choice);
	for (size_t n = 0; n < policy->macros.count; n++)
		choose(hook, &policy->macros.items[n].filters, wanted, choice);
}

/* One of all such filters; NULL: there is none. */
static const struct model_filter *pick_filter(const struct model_group *group, enum model_filter_kind kind, uint32_t index)
{
	struct wanted wanted = { kind, index };
	struct choice choice = { NULL, 0 };

	for (size_t p = 0; p < group->count; p++) {
		const struct model_policy *policy = &group->policies[p];

		for (size_t h = 0; h < policy->hooks.count; h++)
			choose_of_hook(policy, &policy->hooks.items[h], &wanted, &choice);
	}
	return choice.filter;
}

/* One of its values, most of the time; bytes NULL: chance shall decide. */
static struct model_text pick_value(const struct model_filter *filter)
{
	if (!filter || !filter->values.count || one_in(4))
		return (struct model_text){ NULL, 0 };
	return filter->values.items[chance_below((unsigned)filter->values.count)];
}

/* ---- Values ---- */

static uint64_t number_near(struct model_text text, bool of_set)
{
	const char *colon = text.bytes ? memchr(text.bytes, ':', text.length) : NULL;
	uint64_t number;

	if (!text.bytes)
		return of_set ? chance_set() : chance_number();
	if (colon && one_in(2)) {
		text.length -= (size_t)(colon + 1 - text.bytes);
		text.bytes = colon + 1;
	} else if (colon) {
		text.length = (size_t)(colon - text.bytes);
	}
	number = (uint64_t)(of_set ? model_read_set(text) : model_read_number(text));
	if (of_set)
		return one_in(2) ? number : number ^ 1ULL << chance_below(4);
	return one_in(2) ? number : one_in(6) ? number + (1ULL << 32) : number + chance_below(3) - 1;
}

/* The value as it is, longer, shorter, or with another byte. */
static struct model_text text_near(struct model_text text)
{
	struct model_text other = chance_text(8);
	size_t length = text.length, place = length ? chance_below((unsigned)length) : 0;
	char *bytes = model_allocate(length + other.length + 1);

	switch (chance_below(6)) {
	case 0:
		memcpy(bytes, text.bytes, length);
		memcpy(bytes + length, other.bytes, other.length);
		return (struct model_text){ bytes, length + other.length };
	case 1:
		memcpy(bytes, other.bytes, other.length);
		memcpy(bytes + other.length, text.bytes, length);
		return (struct model_text){ bytes, length + other.length };
	case 2:
		memcpy(bytes, text.bytes, length ? length - 1 : 0);
		return (struct model_text){ bytes, length ? length - 1 : 0 };
	case 3:
		memcpy(bytes, text.bytes, length);
		if (length && !(bytes[place] & 0x80))
			bytes[place] ^= bytes[place] >= 'A' && one_in(2) ? 0x20 : 1;
		if (length && (unsigned char)bytes[place] < ' ')
			bytes[place] = 'q';
		return (struct model_text){ bytes, length };
	default:
		return text;
	}
}

/* Bytes that no cut of ours may part: then the text is given up. */
static bool is_whole_utf8(struct model_text text)
{
	for (size_t n = 0; n < text.length; n++) {
		unsigned char c = (unsigned char)text.bytes[n];

		if (c == 0xc3 && n + 1 < text.length && ((unsigned char)text.bytes[n + 1] & 0xc0) == 0x80)
			n++;
		else if (c & 0x80)
			return false;
	}
	return true;
}

static struct model_text some_text(struct model_text near, bool absolute)
{
	struct model_text text = near.bytes ? text_near(near) : chance_text(64);

	if (!is_whole_utf8(text))
		text = near.bytes ? near : chance_text(64);
	return absolute && (!text.length || text.bytes[0] != '/') ? chance_path(64) : text;
}

/* More than the 4095 bytes that are read, or exactly as many. */
static struct model_text lengthened(struct model_text text, size_t length)
{
	char *bytes = model_allocate(length + 1);

	memset(bytes, 'a', length);
	memcpy(bytes, text.bytes, text.length < length ? text.length : length);
	return (struct model_text){ bytes, length };
}

static void fill_string(struct model_value *value, int type, struct model_text near)
{
	const char *name = model_types[type].name;
	static const size_t lengths[] = { 4094, 4095, 4096, 5000 };

	value->bytes = some_text(near, false);
	if (!strcmp(name, "net_device") && value->bytes.length > 15)
		value->bytes.length = 15;
	if (!is_whole_utf8(value->bytes))
		value->bytes = model_text("eth0");
	if (one_in(20) && strcmp(name, "net_device") && is_whole_utf8(value->bytes)) {
		size_t length = lengths[chance_below(4)];

		value->bytes = lengthened(value->bytes, length);
	}
	value->cut = value->bytes.length > 4095 ? CUT_END : CUT_NOT;
	if (!strcmp(name, "char_buf") && value->cut == CUT_END)
		value->bytes.length = 4095;
}

static void fill_path(struct model_value *value, int type, struct model_text near)
{
	static const uint32_t modes[] = { 0100644, 0040755, 0120777, 0140755, 0010600, 0060660, 0020666 };
	bool has_mode = model_types[type].class == MODEL_PATH;

	value->has_mode = has_mode && !one_in(8);
	value->mode = modes[chance_below(one_in(3) ? 7 : 2)];
	if (one_in(12)) {
		if (value->mode >> 12 == 010)	/* written like a file of no type at all, which have no path either */
			value->has_mode = false;
		return;
	}
	value->bytes = some_text(near, true);
	if (value->bytes.length > 4000)		/* longer than the kernel's paths are */
		value->bytes = model_text("/etc/passwd");
	if (one_in(6) && value->bytes.length > 1 && is_whole_utf8((struct model_text){ value->bytes.bytes + 1,
										       value->bytes.length - 1 })) {
		value->bytes.bytes++;
		value->bytes.length--;
		value->cut = CUT_FRONT;
	}
}

static void near_network(struct model_text text, unsigned *family, uint8_t address[16])
{
	char words[64] = "";

	memcpy(words, text.bytes, text.length < 63 ? text.length : 63);
	words[strcspn(words, "/")] = 0;
	*family = strchr(words, ':') ? AF_INET6 : AF_INET;
	memset(address, 0, 16);
	inet_pton((int)*family, words, address);
	if (*family == AF_INET && one_in(4)) {
		memcpy(address + 12, address, 4);
		memset(address, 0, 10);
		address[10] = address[11] = 0xff;
		*family = AF_INET6;
	}
	if (one_in(2)) {
		unsigned bit = chance_below(*family == AF_INET ? 32 : 128);

		address[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
	}
}

static unsigned number_near_name(struct model_text text, const struct model_name *names)
{
	for (unsigned n = 0; names[n].name; n++)
		if (model_text_equal(text, model_text(names[n].name)))
			return names[n].number;
	return (unsigned)number_near(text, false);
}

/* A number that has a name, so that events can tell it. */
static void fill_named(struct model_value *value, enum model_part part, const struct model_name *names,
		       struct model_text near)
{
	unsigned number = near.bytes ? number_near_name(near, names) : names[chance_name(names)].number;

	value->parts[part] = names[chance_name(names)].number;
	for (; names->name; names++)
		if (names->number == number)
			value->parts[part] = number;
}

static void fill_address(struct model_value *value, bool destination, struct model_text near)
{
	uint8_t *address = destination ? value->destination : value->source;
	unsigned family = value->parts[PART_FAMILY];

	if (family != AF_INET && family != AF_INET6)
		return;
	chance_address(family, address);
	if (near.bytes) {
		uint8_t other[16];
		unsigned other_family;

		near_network(near, &other_family, other);
		if (other_family == family)
			memcpy(address, other, 16);
	}
}

static void fill_socket(struct model_value *value, int type, const struct model_filter *filter)
{
	static const unsigned families[] = { AF_INET, AF_INET, AF_INET6, AF_INET6, AF_UNIX, AF_NETLINK };
	enum model_test test = filter ? model_operators[filter->op].test : TEST_IN;
	bool destination = filter && model_operators[filter->op].destination;
	struct model_text near = pick_value(filter), none = { NULL, 0 };
	enum model_part port = destination ? PART_DESTINATION_PORT : PART_SOURCE_PORT;
	bool has_ports;

	for (int n = 0; n < MODEL_PARTS; n++)
		value->known[n] = model_types[type].class == MODEL_SOCKADDR || !one_in(40);
	value->known[PART_STATE] &= strcmp(model_types[type].name, "skb") != 0;
	value->parts[PART_FAMILY] = families[chance_below(6)];
	if (test == TEST_FAMILY && near.bytes)
		fill_named(value, PART_FAMILY, model_families, near);
	value->parts[PART_TYPE] = 1 + chance_below(2);
	fill_named(value, PART_PROTOCOL, model_protocols, test == TEST_PROTOCOL ? near : none);
	fill_named(value, PART_STATE, model_states, test == TEST_STATE ? near : none);
	if (test == TEST_ADDRESS && near.bytes) {
		uint8_t address[16];

		near_network(near, &value->parts[PART_FAMILY], address);
	}
	fill_address(value, false, test == TEST_ADDRESS && !destination ? near : none);
	fill_address(value, true, test == TEST_ADDRESS && destination ? near : none);
	/* A socket of another family has port 0. */
	has_ports = value->parts[PART_FAMILY] == AF_INET || value->parts[PART_FAMILY] == AF_INET6;
	value->parts[PART_SOURCE_PORT] = has_ports ? chance_port() : 0;
	value->parts[PART_DESTINATION_PORT] = has_ports ? chance_port() : 0;
	if (test == TEST_PORT && near.bytes && has_ports)
		value->parts[port] = (unsigned)number_near(near, false) & 0xffff;
}

static void fill_unix(struct model_value *value, struct model_text near, const struct model_filter *filter)
{
	bool of_family = filter && model_operators[filter->op].test == TEST_FAMILY;

	value->known[PART_FAMILY] = true;
	value->parts[PART_FAMILY] = one_in(6) ? AF_INET : AF_UNIX;
	if (value->parts[PART_FAMILY] == AF_UNIX)
		value->bytes = some_text(of_family ? (struct model_text){ NULL, 0 } : near, false);
	/* Events do not tell what exactly is behind an '@'. */
	if (value->bytes.length > 100 || (value->bytes.length && *value->bytes.bytes == '@'))
		value->bytes = model_text("/run/x");
}

static bool is_of_file(int type)
{
	const char *key = model_types[type].key;

	return !strcmp(key, "file_arg") || !strcmp(key, "path_arg") || !strcmp(key, "linux_binprm_arg");
}

static void fill_value(struct model_value *value, int type, const struct model_filter *filter)
{
	struct model_text near = pick_value(filter);
	enum model_class class = model_types[type].class;
	bool of_mode = filter && model_operators[filter->op].test == TEST_FILE_TYPE;

	*value = (struct model_value){ .state = one_in(25) ? VALUE_UNREADABLE : one_in(25) ? VALUE_ABSENT : VALUE_READ };
	if (value->state != VALUE_READ)
		return;
	if (class == MODEL_SIGNED || class == MODEL_UNSIGNED || class == MODEL_SET)
		value->number = number_near(near, class == MODEL_SET);
	else if (class == MODEL_SOCKET || class == MODEL_SOCKADDR)
		fill_socket(value, type, filter);
	else if (class == MODEL_UNIX)
		fill_unix(value, near, filter);
	else if (is_of_file(type))
		fill_path(value, type, of_mode ? (struct model_text){ NULL, 0 } : near);
	else if (class == MODEL_STRING)
		fill_string(value, type, near);
	else
		value->state = VALUE_ABSENT;
	if (!strcmp(model_types[type].name, "syscall64"))
		value->number &= 0x800003ff;
}

/* ---- Processes ---- */

static void fill_binary(struct model_relative *relative, const struct model_filter *filter)
{
	relative->has_binary = !one_in(12);
	relative->binary = (struct model_value){ .state = VALUE_READ, .bytes = some_text(pick_value(filter), true) };
	if (relative->binary.bytes.length > 255)
		relative->binary.bytes.length = 255;
	if (one_in(12))
		relative->binary.cut = CUT_END;
}

static void fill_relative(struct model_relative *relative, const struct model_group *group, enum model_filter_kind kind)
{
	relative->has_pid = !one_in(12);
	relative->pid = chance_below(14) + 1;
	relative->has_namespace_pid = !one_in(12);
	relative->namespace_pid = chance_below(14) + 1;
	fill_binary(relative, pick_filter(group, kind, 0));
}

/* Changes are recorded of all namespaces or of none: they are one fact to whoever records them. */
static void fill_spaces(struct model_process *process)
{
	bool changes = !one_in(10);

	for (int n = 0; n < MODEL_NAMESPACES; n++) {
		struct model_namespace_fact *now = &process->namespaces[n], *then = &process->exec_namespaces[n];
		uint32_t inode = 4026531830u + chance_below(6);

		*now = (struct model_namespace_fact){ changes || !one_in(10), inode, inode == 4026531830u };
		*then = *now;
		then->known = changes;
		if (one_in(6))
			then->inode = 4026531830u + chance_below(6);
		then->is_host = then->inode == 4026531830u;
	}
}

static void fill_sets(struct model_process *process)
{
	for (int n = 0; n < MODEL_CAPABILITY_SETS; n++) {
		process->sets[n] = (struct model_set_fact){ !one_in(12), chance_set() };
		process->exec_sets[n] = process->sets[n];
		process->exec_sets[n].known = !one_in(12);
		if (one_in(2))
			process->exec_sets[n].set ^= 1ULL << chance_below(4);
	}
}

static struct model_text maybe(const char *text)
{
	return one_in(12) ? (struct model_text){ NULL, 0 } : model_text(text);
}

static void fill_place(struct model_process *process)
{
	process->place = one_in(12) ? PLACE_UNKNOWN : one_in(3) ? PLACE_HOST : PLACE_POD;
	if (process->place != PLACE_POD)
		return;
	process->pod_namespace = maybe(one_in(3) ? "other" : chance_label_values[chance_below(2) ? 4 : 0]);
	process->container_name = maybe(chance_label_values[chance_below(3)]);
	process->container_repo = maybe(chance_label_values[chance_below(3)]);
	process->has_labels = !one_in(10);
	for (int n = 0; n < 3 && process->has_labels; n++)
		if (one_in(2))
			process->labels.items[process->labels.count++] = (struct model_label){
				model_text(chance_labels[n]), model_text(chance_label_values[chance_below(5)]) };
}

static void fill_process(struct model_process *process, const struct model_group *group)
{
	fill_relative(&process->self, group, MATCH_BINARIES);
	process->ancestor_count = one_in(10) ? 0 : 1 + chance_below(4);
	process->ancestors_complete = process->ancestor_count && !one_in(4);
	for (size_t n = 0; n < process->ancestor_count; n++)
		fill_relative(&process->ancestors[n], group, n && one_in(2) ? MATCH_BINARIES : MATCH_PARENT_BINARIES);
	fill_spaces(process);
	fill_sets(process);
	fill_place(process);
}

/* ---- Events ---- */

void generate_event(const struct model_group *group, struct model_event *ret)
{
	const struct model_policy *policy = &group->policies[chance_below((unsigned)group->count)];
	const struct model_hook *hook = &policy->hooks.items[one_in(3) ? chance_below((unsigned)policy->hooks.count) : 0];

	*ret = (struct model_event){ .kind = hook->kind, .name = hook->name, .subsystem = hook->subsystem,
				     .return_type = group->return_type };
	for (size_t n = 0; n < group->arguments.count; n++) {
		const struct model_argument *argument = &group->arguments.items[n];

		ret->arguments[n].index = argument->index;
		ret->arguments[n].type = argument->type;
		fill_value(&ret->arguments[n].value, argument->type, pick_filter(group, MATCH_ARGS, argument->index));
	}
	ret->argument_count = group->arguments.count;
	for (size_t n = 0; n < group->data.count; n++) {
		ret->data_types[n] = group->data.items[n].type;
		fill_value(&ret->data[n], ret->data_types[n], pick_filter(group, MATCH_DATA, (uint32_t)n));
	}
	ret->data_count = group->data.count;
	if (group->return_type >= 0)
		fill_value(&ret->returned, group->return_type, pick_filter(group, MATCH_RETURN_ARGS, 0));
	fill_process(&ret->process, group);
}
