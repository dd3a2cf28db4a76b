// SPDX-License-Identifier: Apache-2.0
/* evaluate.c - verdicts by the letter of the reference; see evaluate.h.  Numbers in comments are its sections. */
#include "tests/reference/evaluate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

typedef __int128 number;	/* as mathematics has them: no width, no sign bit */

const char *const model_answer_names[3] = { "no", "yes", "unknown" };

/* ---- Three values ---- */

enum model_answer answer_of(bool yes)
{
	return yes ? ANSWER_YES : ANSWER_NO;
}

enum model_answer answer_not(enum model_answer answer)
{
	return answer == ANSWER_YES ? ANSWER_NO : answer == ANSWER_NO ? ANSWER_YES : ANSWER_UNKNOWN;
}

enum model_answer answer_both(enum model_answer a, enum model_answer b)
{
	if (a == ANSWER_NO || b == ANSWER_NO)
		return ANSWER_NO;
	return a == ANSWER_YES && b == ANSWER_YES ? ANSWER_YES : ANSWER_UNKNOWN;
}

enum model_answer answer_either(enum model_answer a, enum model_answer b)
{
	return answer_not(answer_both(answer_not(a), answer_not(b)));
}

/* ---- Numbers as text: 5.6 ---- */

static unsigned digit_of(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) :
	       c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 99;
}

/* Go's base 0: 0x, 0o, a leading 0, 0b, and _ between digits. */
static number read_number(const char *text, const char *end)
{
	bool minus = text < end && *text == '-';
	unsigned base = 10;
	number ret = 0;

	if (text < end && (*text == '-' || *text == '+'))
		text++;
	if (end - text > 1 && *text == '0') {
		char c = text[1];

		base = c == 'x' || c == 'X' ? 16 : c == 'b' || c == 'B' ? 2 : 8;
		text += digit_of(c) < 8 || c == '_' ? 1 : 2;
	}
	for (; text < end; text++)
		if (digit_of(*text) < base)
			ret = ret * base + digit_of(*text);
	return minus ? -ret : ret;
}

number model_read_number(struct model_text text)
{
	return read_number(text.bytes, text.bytes + text.length);
}

/* Decimal only. */
static number decimal_of(const char *text, const char *end)
{
	bool minus = text < end && *text == '-';
	number ret = 0;

	for (text += minus; text < end; text++)
		ret = ret * 10 + (*text - '0');
	return minus ? -ret : ret;
}

static const char *colon_in(struct model_text text)
{
	return memchr(text.bytes, ':', text.length);
}

/* "min:max", both included, not swapped when reversed. */
static bool in_range(struct model_text text, number value)
{
	const char *colon = colon_in(text), *end = text.bytes + text.length;

	return value >= read_number(text.bytes, colon) && value <= read_number(colon + 1, end);
}

/* Decimal, or "a:b", swapped when reversed. */
static bool in_set(struct model_text text, number value)
{
	const char *colon = colon_in(text), *end = text.bytes + text.length;
	number a = decimal_of(text.bytes, colon ? colon : end), b = colon ? decimal_of(colon + 1, end) : a;

	return value >= (a < b ? a : b) && value <= (a < b ? b : a);
}

/* The same, or a name. */
static bool in_names(struct model_text text, number value, const struct model_name *names)
{
	for (; names->name; names++)
		if (model_text_equal(text, model_text(names->name)))
			return value == (number)names->number;
	return in_set(text, value);
}

/* 5.6, last row of the first table. */
static uint64_t capability_bit(struct model_text name)
{
	for (unsigned n = 0; n < MODEL_CAPABILITIES; n++)
		if (model_text_equal(name, model_text(model_capabilities[n])))
			return (uint64_t)1 << n;
	return 0;
}

static uint64_t named_set(struct model_text text)
{
	uint64_t ret = 0;
	size_t start = 0;

	for (size_t n = 0; n <= text.length; n++) {
		size_t first = start, last = n;

		if (n < text.length && text.bytes[n] != ',')
			continue;
		while (first < last && text.bytes[first] == ' ')
			first++;
		while (last > first && text.bytes[last - 1] == ' ')
			last--;
		ret |= capability_bit((struct model_text){ text.bytes + first, last - first });
		start = n + 1;
	}
	return ret;
}

number model_read_set(struct model_text text)
{
	return text.length && text.bytes[0] >= '0' && text.bytes[0] <= '9' ? model_read_number(text) : (number)named_set(text);
}

/* ---- Integers and capability sets: 4.1 (what is read), 5.4, 5.6 ---- */

number model_number(int type, uint64_t raw)
{
	unsigned bits = model_types[type].bits;
	number ret = 0;

	for (unsigned n = 0; n < bits; n++)
		ret += (number)(raw >> n & 1) << n;
	if (model_types[type].class == MODEL_SIGNED && raw >> (bits - 1) & 1)
		ret -= (number)1 << bits;
	return ret;
}

/* Some bit that the argument has and the value has: bits beyond the argument's width it does not have. */
static bool shares_bit(int type, uint64_t raw, number mask)
{
	for (unsigned n = 0; n < model_types[type].bits; n++)
		if ((raw >> n & 1) && ((uint64_t)mask >> n & 1))
			return true;
	return false;
}

static bool number_is(const struct model_filter *filter, int type, uint64_t raw, struct model_text text)
{
	number value = model_number(type, raw);
	number operand = model_types[type].class == MODEL_SET ? model_read_set(text) : model_read_number(text);

	switch (model_operators[filter->op].test) {
	case TEST_GREATER:
		return value > operand;
	case TEST_LESS:
		return value < operand;
	case TEST_EQUAL:
		return value == operand;
	case TEST_MASK:
		return shares_bit(type, raw, operand);
	case TEST_RANGE:
		return in_range(text, value);
	case TEST_IN_MAP:
		return in_set(text, value);
	default:
		return false;
	}
}

/* ---- Strings and paths: 5.4, 5.7 ---- */

static bool begins(struct model_text text, struct model_text with)
{
	return text.length >= with.length && !memcmp(text.bytes, with.bytes, with.length);
}

static bool ends(struct model_text text, struct model_text with)
{
	return text.length >= with.length && !memcmp(text.bytes + text.length - with.length, with.bytes, with.length);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool contains(struct model_text text, struct model_text part, bool any_case)
{
	for (size_t start = 0; start + part.length <= text.length; start++) {
		size_t n = 0;

		while (n < part.length && (any_case ? lower(text.bytes[start + n]) == lower(part.bytes[n])
						    : text.bytes[start + n] == part.bytes[n]))
			n++;
		if (n == part.length)
			return true;
	}
	return false;
}

/*
 * A string that was cut.  At its end, after the 4095 bytes that are read of arguments: no value is that long, so it is none of
 * them, and how it begins is known; how it ends is not.  A path at its front, and the path of a process at its end: what is
 * left may prove one thing, and that the rest is open.
 */
static enum model_answer cut_string_is(enum model_test test, const struct model_value *value, bool of_process,
				       struct model_text with)
{
	bool at_end = value->cut == CUT_END;

	switch (test) {
	case TEST_PREFIX:
		if (!with.length || (at_end && begins(value->bytes, with)))
			return ANSWER_YES;
		return at_end && !of_process ? ANSWER_NO : ANSWER_UNKNOWN;
	case TEST_POSTFIX:
		return !with.length || (!at_end && ends(value->bytes, with)) ? ANSWER_YES : ANSWER_UNKNOWN;
	case TEST_SUBSTRING:
	case TEST_SUBSTRING_ANY_CASE:
		return contains(value->bytes, with, test == TEST_SUBSTRING_ANY_CASE) ? ANSWER_YES : ANSWER_UNKNOWN;
	default:
		return at_end && !of_process ? ANSWER_NO : ANSWER_UNKNOWN;
	}
}

enum model_answer evaluate_string(enum model_test test, const struct model_value *value, bool of_process,
				   struct model_text with)
{
	if (value->cut != CUT_NOT)
		return cut_string_is(test, value, of_process, with);
	switch (test) {
	case TEST_PREFIX:
		return answer_of(begins(value->bytes, with));
	case TEST_POSTFIX:
		return answer_of(ends(value->bytes, with));
	case TEST_SUBSTRING:
	case TEST_SUBSTRING_ANY_CASE:
		return answer_of(contains(value->bytes, with, test == TEST_SUBSTRING_ANY_CASE));
	default:
		return answer_of(model_text_equal(value->bytes, with));
	}
}

static enum model_answer file_type_is(const struct model_value *value, struct model_text text)
{
	if (!value->has_mode)
		return ANSWER_UNKNOWN;
	for (const struct model_name *name = model_file_types; name->name; name++)
		if (model_text_equal(text, model_text(name->name)))
			return answer_of((value->mode & S_IFMT) == name->number);
	return ANSWER_NO;
}

/* ---- Sockets: 5.8 ---- */

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned count)
{
	for (unsigned n = 0; n < count; n++)
		if ((a[n / 8] >> (7 - n % 8) & 1) != (b[n / 8] >> (7 - n % 8) & 1))
			return false;
	return true;
}

/* An address or a network; an IPv4 one also holds its addresses as IPv6 spells them (docs/deviations.md). */
static bool in_network(struct model_text text, unsigned family, const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash = memchr(text.bytes, '/', text.length);
	size_t length = slash ? (size_t)(slash - text.bytes) : text.length;
	char words[64] = "";
	uint8_t network[16] = { 0 };
	bool is6 = memchr(text.bytes, ':', text.length);
	unsigned bits = slash ? (unsigned)atoi(slash + 1) : is6 ? 128 : 32;

	memcpy(words, text.bytes, length < sizeof(words) ? length : sizeof(words) - 1);
	words[strcspn(words, "%")] = 0;
	inet_pton(is6 ? AF_INET6 : AF_INET, words, network);
	if (is6)
		return family == AF_INET6 && bits_equal(network, address, bits);
	if (family == AF_INET)
		return bits_equal(network, address, bits);
	return !memcmp(address, mapped, sizeof(mapped)) && bits_equal(network, address + 12, bits);
}

enum model_answer evaluate_address(const struct model_value *value, bool destination, struct model_text text)
{
	unsigned family = value->parts[PART_FAMILY];

	if (!value->known[PART_FAMILY] || !value->known[destination ? PART_DESTINATION : PART_SOURCE] ||
	    (family != AF_INET && family != AF_INET6))
		return ANSWER_UNKNOWN;
	return answer_of(in_network(text, family, destination ? value->destination : value->source));
}

static enum model_answer part_is(const struct model_value *value, enum model_part part, struct model_text text,
				 const struct model_name *names)
{
	static const struct model_name none[] = { { NULL, 0 } };

	if (!value->known[part])
		return ANSWER_UNKNOWN;
	return answer_of(in_names(text, value->parts[part], names ? names : none));
}

/* ---- Expressions: 5.9 ---- */

static const struct model_value *argument_value(const struct model_hook *hook, const struct model_event *event, size_t position)
{
	for (size_t n = 0; position < hook->arguments.count && n < event->argument_count; n++)
		if (event->arguments[n].index == hook->arguments.items[position].index)
			return &event->arguments[n].value;
	return NULL;
}

static bool is_read(const struct model_value *value)
{
	return value && value->state == VALUE_READ;
}

/* "&& and ||: both sides are evaluated"; "faulted argument: expression false", here unknown. */
static bool names_are_read(const struct model_hook *hook, const struct model_event *event,
			   const struct model_expression *expression)
{
	if (!expression)
		return true;
	if (expression->word == WORD_ARGUMENT)
		return is_read(argument_value(hook, event, expression->number));
	return names_are_read(hook, event, expression->left) && names_are_read(hook, event, expression->right);
}

/* Wraps around to the type. */
static number wrap(enum model_number_type type, number value)
{
	switch (type) {
	case NUMBER_INT32:
		return (int32_t)(uint32_t)value;
	case NUMBER_UINT32:
		return (uint32_t)value;
	case NUMBER_INT64:
		return (int64_t)(uint64_t)value;
	default:
		return (uint64_t)value;
	}
}

static number calculate(const struct model_hook *hook, const struct model_event *event,
			const struct model_expression *e)
{
	number a = e->left ? calculate(hook, event, e->left) : 0, b = e->right ? calculate(hook, event, e->right) : 0;

	switch (e->word) {
	case WORD_TRUTH:
		return e->number != 0;
	case WORD_NUMBER:
		return wrap(e->type, (number)e->number);
	case WORD_ARGUMENT:
		return wrap(e->type, (number)argument_value(hook, event, e->number)->number);
	case WORD_CAST:
		return wrap(e->type, a);
	case WORD_NOT:
		return !a;
	case WORD_ALL:
		return a && b;
	case WORD_ANY:
		return a || b;
	case WORD_EQUAL:
		return a == b;
	case WORD_UNEQUAL:
		return a != b;
	case WORD_LESS:
		return a < b;
	case WORD_LESS_EQUAL:
		return a <= b;
	case WORD_GREATER:
		return a > b;
	case WORD_GREATER_EQUAL:
		return a >= b;
	case WORD_ADD:
		return wrap(e->type, a + b);
	case WORD_SUBTRACT:
		return wrap(e->type, a - b);
	case WORD_AND:
		return wrap(e->type, a & b);
	case WORD_OR:
		return wrap(e->type, a | b);
	case WORD_XOR:
		return wrap(e->type, a ^ b);
	case WORD_INVERT:
		return wrap(e->type, ~a);
	}
	return 0;
}

static enum model_answer expression_holds(const struct model_hook *hook, const struct model_event *event,
					  const struct model_expression *expression)
{
	return names_are_read(hook, event, expression) ? answer_of(calculate(hook, event, expression) != 0)
						       : ANSWER_UNKNOWN;
}

/* ---- matchArgs, matchData, matchReturnArgs ---- */

struct operand { const struct model_value *value; int type; };

static int position_of(const struct model_hook *hook, uint32_t index)
{
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (hook->arguments.items[n].index == index)
			return (int)n;
	return -1;
}

/* 2.9: `index` is that of the Arg, of matchData a position; `args` are positions and take precedence. */
static struct operand operand_of(const struct model_hook *hook, const struct model_filter *filter,
				 const struct model_event *event, size_t n)
{
	size_t position;

	if (filter->kind == MATCH_RETURN_ARGS)
		return (struct operand){ &event->returned, hook->return_type };
	if (filter->kind == MATCH_DATA)
		return (struct operand){ filter->index < event->data_count ? &event->data[filter->index] : NULL,
					 hook->data.items[filter->index].type };
	position = filter->position_count ? filter->positions[n] : (size_t)position_of(hook, filter->index);
	return (struct operand){ argument_value(hook, event, position), hook->arguments.items[position].type };
}

/* CapabilitiesGained: args [old, new]. */
static enum model_answer gained(const struct model_hook *hook, const struct model_filter *filter,
				const struct model_event *event)
{
	struct operand old = operand_of(hook, filter, event, 0), new = operand_of(hook, filter, event, 1);

	if (!is_read(old.value) || !is_read(new.value))
		return ANSWER_UNKNOWN;
	return answer_of(new.value->number & ~old.value->number);
}

static enum model_answer value_is(const struct model_filter *filter, const struct operand *operand,
				  struct model_text text)
{
	const struct model_operator_row *op = &model_operators[filter->op];
	const struct model_value *value = operand->value;

	switch (model_types[operand->type].class) {
	case MODEL_SIGNED:
	case MODEL_UNSIGNED:
	case MODEL_SET:
		return answer_of(number_is(filter, operand->type, value->number, text));
	default:
		break;
	}
	switch (op->test) {
	case TEST_ADDRESS:
		return evaluate_address(value, op->destination, text);
	case TEST_PORT:
		return part_is(value, op->destination ? PART_DESTINATION_PORT : PART_SOURCE_PORT, text, NULL);
	case TEST_PROTOCOL:
		return part_is(value, PART_PROTOCOL, text, model_protocols);
	case TEST_FAMILY:
		return part_is(value, PART_FAMILY, text, model_families);
	case TEST_STATE:
		return part_is(value, PART_STATE, text, model_states);
	case TEST_FILE_TYPE:
		return file_type_is(value, text);
	default:
		return value->bytes.bytes ? evaluate_string(op->test, value, false, text) : ANSWER_UNKNOWN;
	}
}

/* 5.1: positive operators hold for any of the values, negated ones for none. */
static enum model_answer argument_filter(const struct model_hook *hook, const struct model_filter *filter,
					 const struct model_event *event)
{
	const struct model_operator_row *op = &model_operators[filter->op];
	struct operand operand;
	enum model_answer ret = ANSWER_NO;

	if (op->test == TEST_EXPRESSION)
		return expression_holds(hook, event, filter->expression);
	if (op->test == TEST_GAINED)
		return gained(hook, filter, event);
	operand = operand_of(hook, filter, event, 0);
	if (!is_read(operand.value))
		return ANSWER_UNKNOWN;
	if (op->test == TEST_PRIVILEGED)
		ret = part_is(operand.value, op->destination ? PART_DESTINATION_PORT : PART_SOURCE_PORT, model_text("0:1023"),
			      NULL);
	for (size_t n = 0; n < filter->values.count; n++)
		ret = answer_either(ret, value_is(filter, &operand, filter->values.items[n]));
	return op->negated ? answer_not(ret) : ret;
}

/* ---- Filters on the process: 5.3 ---- */

static bool has_number(const struct model_texts *values, uint32_t value)
{
	for (size_t n = 0; n < values->count; n++)
		if (model_read_number(values->items[n]) == (number)value)
			return true;
	return false;
}

static enum model_answer pid_is(const struct model_filter *filter, const struct model_relative *relative)
{
	if (filter->in_namespace)
		return relative->has_namespace_pid ? answer_of(has_number(&filter->values, relative->namespace_pid))
						   : ANSWER_UNKNOWN;
	return relative->has_pid ? answer_of(has_number(&filter->values, relative->pid)) : ANSWER_UNKNOWN;
}

static enum model_answer binary_is(const struct model_filter *filter, const struct model_relative *relative)
{
	enum model_answer ret = ANSWER_NO;

	if (!relative->has_binary)
		return ANSWER_UNKNOWN;
	for (size_t n = 0; n < filter->values.count; n++)
		ret = answer_either(ret, evaluate_string(model_operators[filter->op].test, &relative->binary, true,
					    filter->values.items[n]));
	return ret;
}

typedef enum model_answer of_relative(const struct model_filter *filter, const struct model_relative *relative);

/* Of ancestors from number `first` on: one that is enough; what is not recorded may be one. */
static enum model_answer some_ancestor(const struct model_filter *filter, const struct model_process *process,
				       of_relative *is, size_t first)
{
	enum model_answer ret = process->ancestors_complete ? ANSWER_NO : ANSWER_UNKNOWN;

	for (size_t n = first; n < process->ancestor_count; n++)
		ret = answer_either(ret, is(filter, &process->ancestors[n]));
	return ret;
}

static enum model_answer signed_by(const struct model_filter *filter, enum model_answer answer)
{
	return model_operators[filter->op].negated ? answer_not(answer) : answer;
}

/* "isNamespacePID with followForks rejects processes that are not in a child pid namespace, for In and NotIn alike." */
static enum model_answer match_pids(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_namespace_fact *space = &process->namespaces[NAMESPACE_PID];
	enum model_answer ret = pid_is(filter, &process->self);

	if (filter->follow)
		ret = answer_either(ret, some_ancestor(filter, process, pid_is, 0));
	ret = signed_by(filter, ret);
	if (filter->follow && filter->in_namespace)
		ret = answer_both(ret, space->known ? answer_of(!space->is_host) : ANSWER_UNKNOWN);
	return ret;
}

static enum model_answer match_binaries(const struct model_filter *filter, const struct model_process *process)
{
	enum model_answer ret = binary_is(filter, &process->self);

	return signed_by(filter, filter->follow ? answer_either(ret, some_ancestor(filter, process, binary_is, 0)) : ret);
}

/* Section 10, 24: an unknown parent passes with Tetragon; it is unknown. */
static enum model_answer match_parents(const struct model_filter *filter, const struct model_process *process)
{
	enum model_answer ret = process->ancestor_count ? binary_is(filter, &process->ancestors[0]) : ANSWER_UNKNOWN;

	return signed_by(filter, filter->follow ? answer_either(ret, some_ancestor(filter, process, binary_is, 1)) : ret);
}

static enum model_answer match_namespaces(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_namespace_fact *space = &process->namespaces[filter->name];
	bool found = false;

	if (!space->known)
		return ANSWER_UNKNOWN;
	for (size_t n = 0; n < filter->values.count; n++)
		found |= model_text_equal(filter->values.items[n], model_text("host_ns")) ? space->is_host :
			 model_read_number(filter->values.items[n]) == (number)space->inode;
	return signed_by(filter, answer_of(found));
}

static bool lists_namespace(const struct model_texts *values, unsigned name)
{
	for (size_t n = 0; n < values->count; n++)
		if (!strcasecmp(values->items[n].bytes, model_namespaces[name]))
			return true;
	return false;
}

/* In: any listed type changed.  NotIn: any type not listed changed. */
static enum model_answer match_namespace_changes(const struct model_filter *filter, const struct model_process *process)
{
	enum model_answer ret = ANSWER_NO;

	for (unsigned n = 0; n < MODEL_NAMESPACES; n++) {
		const struct model_namespace_fact *now = &process->namespaces[n], *then = &process->exec_namespaces[n];

		if (lists_namespace(&filter->values, n) == model_operators[filter->op].negated)
			continue;
		ret = answer_either(ret, now->known && then->known ? answer_of(now->inode != then->inode) : ANSWER_UNKNOWN);
	}
	return ret;
}

static uint64_t mask_of(const struct model_texts *values)
{
	uint64_t ret = 0;

	for (size_t n = 0; n < values->count; n++)
		ret |= capability_bit(values->items[n]);
	return ret;
}

/* isNamespaceCapability: in addition the task must not be in the host user namespace. */
static enum model_answer outside_of_host(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_namespace_fact *user = &process->namespaces[NAMESPACE_USER];

	if (!filter->in_namespace)
		return ANSWER_YES;
	return user->known ? answer_of(!user->is_host) : ANSWER_UNKNOWN;
}

static enum model_answer match_capabilities(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_set_fact *set = &process->sets[filter->name];
	enum model_answer ret = set->known ? answer_of(set->set & mask_of(&filter->values)) : ANSWER_UNKNOWN;

	return answer_both(signed_by(filter, ret), outside_of_host(filter, process));
}

/* In: some listed capability changed.  NotIn: no listed one changed but another did. */
static enum model_answer match_capability_changes(const struct model_filter *filter, const struct model_process *process)
{
	const struct model_set_fact *now = &process->sets[filter->name], *then = &process->exec_sets[filter->name];
	uint64_t changed = now->set ^ then->set, mask = mask_of(&filter->values);
	bool holds = model_operators[filter->op].negated ? !(changed & mask) && (changed & ~mask) : (changed & mask) != 0;

	return answer_both(now->known && then->known ? answer_of(holds) : ANSWER_UNKNOWN, outside_of_host(filter, process));
}

/* ---- Workloads: 1.7, 2.8 ---- */

struct lookup { enum { LABEL_UNKNOWN, LABEL_MISSING, LABEL_THERE } state; struct model_text value; };

static struct lookup text_lookup(struct model_text text)
{
	return (struct lookup){ text.bytes ? LABEL_THERE : LABEL_UNKNOWN, text };
}

static struct lookup pod_label(const struct model_process *process, struct model_text key)
{
	if (model_text_equal(key, model_text("k8s:io.kubernetes.pod.namespace")))
		return text_lookup(process->pod_namespace);
	if (!process->has_labels)
		return (struct lookup){ .state = LABEL_UNKNOWN };
	for (size_t n = 0; n < process->labels.count; n++)
		if (model_text_equal(process->labels.items[n].key, key))
			return (struct lookup){ LABEL_THERE, process->labels.items[n].value };
	return (struct lookup){ .state = LABEL_MISSING };
}

static struct lookup container_label(const struct model_process *process, struct model_text key)
{
	if (model_text_equal(key, model_text("name")))
		return text_lookup(process->container_name);
	if (model_text_equal(key, model_text("repo")))
		return text_lookup(process->container_repo);
	return (struct lookup){ .state = LABEL_MISSING };
}

static enum model_answer requirement_holds(const struct model_requirement *requirement, struct lookup label)
{
	bool listed = label.state == LABEL_THERE && model_texts_have(&requirement->values, label.value);

	if (label.state == LABEL_UNKNOWN)
		return ANSWER_UNKNOWN;
	switch (requirement->op) {
	case LABEL_IN:
		return answer_of(listed);
	case LABEL_NOT_IN:
		return answer_of(!listed);
	case LABEL_EXISTS:
		return answer_of(label.state == LABEL_THERE);
	default:
		return answer_of(label.state == LABEL_MISSING);
	}
}

/* An absent selector beside a present one is {}: everything. */
static enum model_answer labels_match(const struct model_label_selector *selector, const struct model_process *process,
				      struct lookup (*label)(const struct model_process *, struct model_text))
{
	enum model_answer ret = ANSWER_YES;

	for (size_t n = 0; selector && n < selector->count; n++)
		ret = answer_both(ret, requirement_holds(&selector->items[n], label(process, selector->items[n].key)));
	return ret;
}

static bool is_everything(const struct model_label_selector *selector)
{
	return selector && !selector->count;
}

static bool is_unlimited(const struct model_workloads *workloads)
{
	if (!workloads->pod && !workloads->container && !workloads->host)
		return true;
	return is_everything(workloads->pod) && is_everything(workloads->container) && is_everything(workloads->host);
}

static enum model_answer pod_matches(const struct model_workloads *workloads, const struct model_process *process)
{
	return answer_both(labels_match(workloads->pod, process, pod_label),
		    labels_match(workloads->container, process, container_label));
}

static enum model_answer match_workloads(const struct model_workloads *workloads, const struct model_process *process)
{
	bool pods = workloads->pod || workloads->container;
	enum model_answer host = answer_of(workloads->host);
	enum model_answer pod = pods ? pod_matches(workloads, process) : ANSWER_NO;

	if (is_unlimited(workloads))
		return ANSWER_YES;
	if (process->place == PLACE_UNKNOWN)
		return host == pod ? host : ANSWER_UNKNOWN;
	return process->place == PLACE_HOST ? host : pod;
}

enum model_answer evaluate_scope(const struct model_policy *policy, const struct model_event *event)
{
	const struct model_process *process = &event->process;
	enum model_answer ours;

	if (!policy->name_space.bytes)
		return match_workloads(&policy->workloads, process);
	if (process->place == PLACE_HOST)
		return ANSWER_NO;
	ours = !process->pod_namespace.bytes ? ANSWER_UNKNOWN :
	       answer_of(model_text_equal(process->pod_namespace, policy->name_space));
	ours = answer_both(ours, process->place == PLACE_POD ? ANSWER_YES : ANSWER_UNKNOWN);
	return answer_both(ours, pod_matches(&policy->workloads, process));
}

/* ---- Selectors: 5.1 ---- */

enum model_answer evaluate_filter(const struct model_policy *policy, const struct model_hook *hook,
				  const struct model_filter *filter, const struct model_event *event)
{
	const struct model_process *process = &event->process;

	(void)policy;
	switch (filter->kind) {
	case MATCH_PIDS:
		return match_pids(filter, process);
	case MATCH_BINARIES:
		return match_binaries(filter, process);
	case MATCH_PARENT_BINARIES:
		return match_parents(filter, process);
	case MATCH_NAMESPACES:
		return match_namespaces(filter, process);
	case MATCH_NAMESPACE_CHANGES:
		return match_namespace_changes(filter, process);
	case MATCH_CAPABILITIES:
		return match_capabilities(filter, process);
	case MATCH_CAPABILITY_CHANGES:
		return match_capability_changes(filter, process);
	case MATCH_WORKLOADS:
		return match_workloads(filter->workloads, process);
	default:
		return argument_filter(hook, filter, event);
	}
}

struct asked {
	const struct model_policy *policy;
	const struct model_hook *hook;
	const struct model_event *event;
	bool of_return;		/* matchReturnArgs, or all the others */
};

static enum model_answer all_hold(const struct asked *asked, const struct model_filters *filters)
{
	enum model_answer ret = ANSWER_YES;

	for (size_t n = 0; n < filters->count; n++)
		if ((filters->items[n].kind == MATCH_RETURN_ARGS) == asked->of_return)
			ret = answer_both(ret, evaluate_filter(asked->policy, asked->hook, &filters->items[n], asked->event));
	return ret;
}

/* 3.11: macros append their lists to the selector's. */
static enum model_answer selector_holds(const struct asked *asked, const struct model_selector *selector)
{
	enum model_answer ret = all_hold(asked, &selector->filters);

	for (size_t n = 0; n < asked->policy->macros.count; n++)
		if (model_texts_have(&selector->macros, asked->policy->macros.items[n].name))
			ret = answer_both(ret, all_hold(asked, &asked->policy->macros.items[n].filters));
	return ret;
}

enum model_answer evaluate_selector(const struct model_policy *policy, const struct model_hook *hook,
				    const struct model_selector *selector, const struct model_event *event)
{
	struct asked asked = { policy, hook, event, false };

	return selector_holds(&asked, selector);
}

struct model_verdict evaluate(const struct model_policy *policy, const struct model_hook *hook,
			      const struct model_event *event)
{
	struct asked returned = { policy, hook, event, true };
	enum model_answer scope = evaluate_scope(policy, event);
	struct model_verdict ret = { -1, scope == ANSWER_UNKNOWN, ANSWER_NO };

	if (scope != ANSWER_YES)
		return ret;
	if (!hook->selectors.count)
		return (struct model_verdict){ 0, false, ANSWER_YES };
	for (size_t n = 0; n < hook->selectors.count; n++) {
		const struct model_selector *selector = &hook->selectors.items[n];
		enum model_answer answer = evaluate_selector(policy, hook, selector, event);

		ret.unknown_before |= answer == ANSWER_UNKNOWN;
		if (answer != ANSWER_YES)
			continue;
		ret.selector = (int)n;
		ret.returned = selector_holds(&returned, selector);
		break;
	}
	return ret;
}
