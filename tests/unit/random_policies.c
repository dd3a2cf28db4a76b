// SPDX-License-Identifier: Apache-2.0
/* random_policies.c - see random_policies.h. */
#include "tests/unit/random_policies.h"

#include <stdio.h>
#include <string.h>

/* ---- Events ---- */

const enum type_id argument_types[ARGUMENT_SETS][5] = {
	{ TYPE_INT, TYPE_UINT64, TYPE_STRING, TYPE_FILE, TYPE_SOCKADDR },
	{ TYPE_INT8, TYPE_UINT8, TYPE_INT64, TYPE_UINT32, TYPE_STRING },
	{ TYPE_INT16, TYPE_UINT16, TYPE_SIZE, TYPE_PATH, TYPE_LINUX_BINPRM },
};

static bool is_signed(enum type_id type)
{
	return type_rows[type].class == CLASS_SIGNED;
}

static bool is_number(enum type_id type)
{
	return type_rows[type].class == CLASS_SIGNED || type_rows[type].class == CLASS_UNSIGNED;
}

/* Few different numbers, among them the ends of all widths, so that values and operands meet. */
static uint64_t some_number(void)
{
	static const uint64_t ends[] = {
		0, 1, 2, 5, 6, 7, 100, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
		(uint64_t)-2, (uint64_t)-128, (uint64_t)-129, (uint64_t)-32768,
	};

	return one_in(3) ? pick(12) : ends[pick(sizeof(ends) / sizeof(ends[0]))];
}

static uint64_t extend(enum type_id type, uint64_t number)
{
	unsigned int shift = 64 - type_rows[type].bits;

	return is_signed(type) ? (uint64_t)((int64_t)(number << shift) >> shift) : number << shift >> shift;
}

/* Few different strings. */
static size_t some_string(char *ret, size_t most)
{
	static const char *const words[] = { "/", "a", "ab", "/etc", "/etc/", "passwd", "shadow", "/usr/bin/", "x", "12345678" };
	size_t length = 0;

	for (unsigned int n = pick(5); n; n--) {
		const char *word = words[pick(sizeof(words) / sizeof(words[0]))];

		if (length + strlen(word) > most)
			break;
		memcpy(ret + length, word, strlen(word));
		length += strlen(word);
	}
	return length;
}

static void fill_long(struct value *value)
{
	static const size_t lengths[] = { 4087, 4094, 4095, 4096, 4097, 5000 };
	size_t length = lengths[pick(6)];

	for (; value->length < length; value->length++)
		value->bytes[value->length] = "ab"[value->length & 1];
	if (length > ABI_PATTERN_MAX)
		value->readable = READ_END_LOST;
}

static void some_bytes(struct value *value)
{
	value->length = some_string(value->bytes, 64);
	if (one_in(10))
		fill_long(value);
}

static void some_address(struct value *value)
{
	static const uint16_t families[] = { MATCH_AF_INET, MATCH_AF_INET6, 1 };

	memset(value->address, 0, sizeof(value->address));
	value->family = families[pick(3)];
	value->port = one_in(2) ? (uint16_t)pick(4) : (uint16_t)(65532 + pick(4));
	for (int n = 0; n < 4; n++)
		value->address[value->family == MATCH_AF_INET6 && one_in(2) ? 12 + n : n] = (uint8_t)pick(3);
	if (value->family == MATCH_AF_INET6 && one_in(2)) {
		memset(value->address, 0, 12);
		value->address[10] = value->address[11] = 0xff;
	}
}

static void some_value(enum type_id type, struct value *value)
{
	value->readable = one_in(12) ? READ_NOT : READ_WHOLE;
	value->length = 0;
	if (is_number(type)) {
		value->number = extend(type, some_number());
	} else if (type == TYPE_SOCKADDR) {
		some_address(value);
	} else {
		bool readable = value->readable == READ_WHOLE;

		some_bytes(value);
		if (!readable)
			value->readable = READ_NOT;
		else if (type != TYPE_STRING && one_in(8) && value->length < 100)
			value->readable = READ_FRONT_LOST;
	}
}

void some_event(const enum type_id types[5], struct event *event)
{
	for (int n = 0; n < 5; n++)
		some_value(types[n], &event->arguments[n]);
	event->pid = pick(6);
	some_value(TYPE_STRING, &event->binary);
	if (event->binary.length > 255)
		event->binary.length = 255;
	if (event->binary.readable == READ_END_LOST)
		event->binary.readable = READ_WHOLE;
	if (event->binary.readable == READ_WHOLE && one_in(8))
		event->binary.readable = READ_END_LOST;
}

/* ---- Policies ---- */

static struct arena *policy_arena;	/* of the policies that are being made */

static struct text some_text(size_t most)
{
	char bytes[4200];
	size_t length = some_string(bytes, most < 64 ? most : 64);

	if (one_in(40))
		for (; length < most && length < ABI_PATTERN_MAX; length++)
			bytes[length] = "ab"[length & 1];
	return (struct text){ arena_copy(policy_arena, bytes, length), length, { NULL, 0, 0 } };
}

static struct text words(const char *text)
{
	return (struct text){ text, strlen(text), { NULL, 0, 0 } };
}

static struct policy_value integer(enum type_id type, uint64_t number)
{
	/* what the value may be is up to the language, not to the width of the argument */
	if (!is_signed(type) && type_rows[type].bits < 64)
		number &= 0xffffffff;
	else if (type_rows[type].bits < 64)
		number = (uint64_t)(int64_t)(int32_t)number;
	return (struct policy_value){ .text = words("n"), .form = VALUE_INTEGER, .low = number, .high = number };
}

static bool is_less(bool with_sign, uint64_t a, uint64_t b)
{
	return with_sign ? (int64_t)a < (int64_t)b : a < b;
}

static struct policy_value range(enum type_id type)
{
	struct policy_value a = integer(type, some_number()), b = integer(type, some_number());
	bool swapped = is_less(is_signed(type), b.low, a.low);

	return (struct policy_value){ .text = words("r"), .form = VALUE_RANGE,
				      .low = swapped ? b.low : a.low, .high = swapped ? a.low : b.low };
}

static struct policy_value network(void)
{
	struct policy_value value = { .text = words("net"), .form = VALUE_ADDRESS };
	struct value address;
	unsigned int bits;

	do
		some_address(&address);
	while (address.family == 1);
	value.family = address.family == MATCH_AF_INET ? 4 : 6;
	bits = value.family == 4 ? 32 : 128;
	value.prefix = (uint8_t)(one_in(2) ? bits : pick(bits + 1));
	for (unsigned int n = 0; n < bits / 8; n++)
		value.address[n] = address.address[n];
	for (unsigned int n = value.prefix; n < bits; n++)
		value.address[n / 8] &= (uint8_t)~(0x80u >> n % 8);
	return value;
}

static struct policy_value port(void)
{
	uint64_t low = one_in(2) ? pick(4) : 65532 + pick(4), high = one_in(2) ? low : low + pick(3);

	return (struct policy_value){ .text = words("p"), .form = low == high ? VALUE_INTEGER : VALUE_RANGE,
				      .low = low, .high = high > 65535 ? 65535 : high };
}

static struct policy_value some_operand(enum type_id type, enum operator_id op)
{
	switch (op) {
	case OPERATOR_IN_RANGE:
	case OPERATOR_NOT_IN_RANGE:
		return range(type);
	case OPERATOR_SADDR:
	case OPERATOR_NOT_SADDR:
		return network();
	case OPERATOR_SPORT:
		return port();
	default:
		break;
	}
	if (is_number(type))
		return integer(type, some_number());
	return (struct policy_value){
		.text = some_text(op == OPERATOR_PREFIX || op == OPERATOR_NOT_PREFIX ? 256 :
				  op == OPERATOR_POSTFIX || op == OPERATOR_NOT_POSTFIX ? 127 : 4095),
		.form = VALUE_BYTES,
	};
}

const enum operator_id number_operators[NUMBER_OPERATORS] = {
	OPERATOR_EQUAL, OPERATOR_NOT_EQUAL, OPERATOR_GT, OPERATOR_LT, OPERATOR_MASK, OPERATOR_IN_RANGE, OPERATOR_NOT_IN_RANGE,
};
const enum operator_id string_operators[STRING_OPERATORS] = {
	OPERATOR_EQUAL, OPERATOR_NOT_EQUAL, OPERATOR_PREFIX, OPERATOR_NOT_PREFIX, OPERATOR_POSTFIX, OPERATOR_NOT_POSTFIX,
};

static enum operator_id some_operator(enum type_id type)
{
	static const enum operator_id of_addresses[] = { OPERATOR_SADDR, OPERATOR_NOT_SADDR, OPERATOR_SPORT };

	if (is_number(type))
		return number_operators[pick(NUMBER_OPERATORS)];
	return type == TYPE_SOCKADDR ? of_addresses[pick(3)] : string_operators[pick(STRING_OPERATORS)];
}

static struct policy_value_list some_operands(enum type_id type, enum operator_id op)
{
	size_t count = one_in(6) ? 1 + pick(70) : 1 + pick(3);
	struct policy_value_list list = { arena_array(policy_arena, struct policy_value, count), count };

	for (size_t n = 0; n < count; n++)
		list.items[n] = some_operand(type, op);
	return list;
}

static void some_selector(const struct policy_hook *hook, struct policy_selector *selector)
{
	static const enum operator_id of_binaries[] = {
		OPERATOR_IN, OPERATOR_NOT_IN, OPERATOR_PREFIX, OPERATOR_NOT_PREFIX, OPERATOR_POSTFIX, OPERATOR_NOT_POSTFIX,
	};
	size_t count = pick(4);

	selector->arguments.items = arena_array(policy_arena, struct policy_argument_filter, count);
	selector->arguments.count = count;
	for (size_t n = 0; n < count; n++) {
		struct policy_argument_filter *filter = &selector->arguments.items[n];

		filter->position = pick((unsigned int)hook->arguments.count);
		filter->op = some_operator(hook->arguments.items[filter->position].type);
		filter->values = some_operands(hook->arguments.items[filter->position].type, filter->op);
	}
	if (one_in(4)) {
		selector->binaries.items = arena_new(policy_arena, struct policy_binary_filter);
		selector->binaries.count = 1;
		selector->binaries.items->op = of_binaries[pick(6)];
		selector->binaries.items->values = some_operands(TYPE_STRING, selector->binaries.items->op);
	}
	if (one_in(5)) {
		selector->pids.items = arena_new(policy_arena, struct policy_pid_filter);
		selector->pids.count = 1;
		selector->pids.items->op = one_in(2) ? OPERATOR_IN : OPERATOR_NOT_IN;
		selector->pids.items->values = some_operands(TYPE_UINT32, OPERATOR_EQUAL);
	}
}

static void some_hook(const enum type_id types[5], struct policy_hook *hook)
{
	size_t selectors = pick(5);

	hook->kind = HOOK_KPROBE;
	hook->arguments.count = 1 + pick(5);
	hook->arguments.items = arena_array(policy_arena, struct policy_argument, hook->arguments.count);
	for (size_t n = 0; n < hook->arguments.count; n++) {
		hook->arguments.items[n].index = (uint32_t)(n + 5 - hook->arguments.count);
		hook->arguments.items[n].type = types[hook->arguments.items[n].index];
	}
	hook->selectors.items = arena_array(policy_arena, struct policy_selector, selectors);
	hook->selectors.count = selectors;
	for (size_t n = 0; n < selectors; n++)
		some_selector(hook, &hook->selectors.items[n]);
}

struct policy_list some_policies(const enum type_id types[5], size_t count, const char *const *functions,
				 size_t function_count, struct arena *arena)
{
	struct policy_list list = { arena_array(arena, struct policy, count), count };

	policy_arena = arena;
	for (size_t n = 0; n < count; n++) {
		list.items[n].name = words(arena_format(arena, "p%zu", n));
		list.items[n].hooks.items = arena_new(arena, struct policy_hook);
		list.items[n].hooks.count = 1;
		some_hook(types, list.items[n].hooks.items);
		list.items[n].hooks.items->name = words(functions[pick((unsigned int)function_count)]);
	}
	return list;
}

/* ---- Many policies ---- */

enum { NAMES = 100, MANY_SELECTORS = 100 };

/* "/d17/x", or a part of it. */
static struct text name_part(enum operator_id op)
{
	const char *const format = op == OPERATOR_PREFIX || op == OPERATOR_NOT_PREFIX ? "/d%u/" :
				   op == OPERATOR_POSTFIX || op == OPERATOR_NOT_POSTFIX ? "%u/x" : "/d%u/x";

	return words(arena_format(policy_arena, format, pick(NAMES)));
}

static struct policy_value many_operand(enum type_id type, enum operator_id op)
{
	uint64_t low = pick(NAMES), high = low + pick(4);

	if (!is_number(type))
		return (struct policy_value){ .text = name_part(op), .form = VALUE_BYTES };
	if (op == OPERATOR_IN_RANGE || op == OPERATOR_NOT_IN_RANGE)
		return (struct policy_value){ .text = words("r"), .form = VALUE_RANGE, .low = low, .high = high };
	return integer(type, one_in(10) ? some_number() : low);
}

/* Mostly those that few values satisfy. */
static enum operator_id narrow_operator(enum type_id type)
{
	static const enum operator_id of_strings[] = { OPERATOR_EQUAL, OPERATOR_PREFIX, OPERATOR_PREFIX, OPERATOR_POSTFIX };

	if (one_in(12))
		return some_operator(type);
	if (is_number(type))
		return one_in(2) ? OPERATOR_EQUAL : OPERATOR_IN_RANGE;
	return of_strings[pick(4)];
}

static void many_filter(const struct policy_hook *hook, uint32_t position, struct policy_argument_filter *filter)
{
	const enum type_id type = hook->arguments.items[position].type;

	if (type == TYPE_SOCKADDR) {
		filter->position = position;
		filter->op = some_operator(type);
		filter->values = some_operands(type, filter->op);
		return;
	}
	filter->position = position;
	filter->op = narrow_operator(type);
	filter->values.count = one_in(4) ? 1 + pick(5) : 1;
	filter->values.items = arena_array(policy_arena, struct policy_value, filter->values.count);
	for (size_t n = 0; n < filter->values.count; n++)
		filter->values.items[n] = many_operand(type, filter->op);
}

static void many_selectors(struct policy_hook *hook, uint32_t favourite)
{
	hook->selectors.count = one_in(10) ? 1 + pick(MANY_SELECTORS) : 1 + pick(4);
	hook->selectors.items = arena_array(policy_arena, struct policy_selector, hook->selectors.count);
	for (size_t n = 0; n < hook->selectors.count; n++) {
		struct policy_selector *selector = &hook->selectors.items[n];

		selector->arguments.count = one_in(30) ? 0 : one_in(4) ? 2 : 1;
		selector->arguments.items = arena_array(policy_arena, struct policy_argument_filter, selector->arguments.count);
		for (size_t i = 0; i < selector->arguments.count; i++)
			many_filter(hook, i || one_in(12) ? pick(5) : favourite, &selector->arguments.items[i]);
	}
}

struct policy_list many_policies(const enum type_id types[5], size_t count, const char *function, struct arena *arena)
{
	struct policy_list list = { arena_array(arena, struct policy, count), count };
	const uint32_t favourite = pick(5);

	policy_arena = arena;
	for (size_t n = 0; n < count; n++) {
		struct policy_hook *hook = arena_new(arena, struct policy_hook);

		list.items[n].name = words(arena_format(arena, "p%zu", n));
		list.items[n].hooks.items = hook;
		list.items[n].hooks.count = 1;
		hook->kind = HOOK_KPROBE;
		hook->name = words(function);
		hook->arguments.count = 5;
		hook->arguments.items = arena_array(arena, struct policy_argument, 5);
		for (uint32_t i = 0; i < 5; i++)
			hook->arguments.items[i] = (struct policy_argument){ .index = i, .type = types[i] };
		many_selectors(hook, favourite);
	}
	return list;
}

static void many_value(enum type_id type, struct value *value)
{
	static const char *const formats[] = { "/d%u/x", "/d%u/", "/d%u/y", "/e%u/x" };

	some_value(type, value);
	if (type == TYPE_SOCKADDR || one_in(6) || value->length > 100)
		return;
	if (is_number(type)) {
		value->number = extend(type, pick(NAMES + 4));
		return;
	}
	value->length = (size_t)snprintf(value->bytes, 64, formats[pick(4)], pick(NAMES));
}

void many_event(const enum type_id types[5], struct event *event)
{
	some_event(types, event);
	for (int n = 0; n < 5; n++)
		many_value(types[n], &event->arguments[n]);
}

/* ---- The slow evaluator ---- */

enum truth { NO, YES, UNKNOWN };

static enum truth truth(bool holds)
{
	return holds ? YES : NO;
}

static bool integer_holds(enum operator_id op, bool with_sign, uint64_t value, const struct policy_value *operand)
{
	switch (op) {
	case OPERATOR_GT:
		return is_less(with_sign, operand->low, value);
	case OPERATOR_LT:
		return is_less(with_sign, value, operand->low);
	case OPERATOR_MASK:
		return value & operand->low;
	case OPERATOR_IN_RANGE:
	case OPERATOR_SPORT:
		return !is_less(with_sign, value, operand->low) && !is_less(with_sign, operand->high, value);
	default:
		return value == operand->low;
	}
}

static bool starts_with(const struct value *value, const struct text *text)
{
	return value->length >= text->length && !memcmp(value->bytes, text->bytes, text->length);
}

static bool ends_with(const struct value *value, const struct text *text)
{
	return value->length >= text->length &&
	       !memcmp(value->bytes + value->length - text->length, text->bytes, text->length);
}

static enum truth string_truth(enum operator_id op, const struct value *value, const struct text *text)
{
	bool whole = value->readable == READ_WHOLE;
	bool very_long = value->readable == READ_END_LOST && value->length > ABI_PATTERN_MAX;

	switch (op) {
	case OPERATOR_PREFIX:
		if (!text->length || (value->readable != READ_FRONT_LOST && starts_with(value, text)))
			return YES;
		return whole || very_long ? NO : UNKNOWN;
	case OPERATOR_POSTFIX:
		if (!text->length || (value->readable != READ_END_LOST && ends_with(value, text)))
			return YES;
		return whole ? NO : UNKNOWN;
	default:
		if (whole)
			return truth(value->length == text->length && starts_with(value, text));
		return very_long ? NO : UNKNOWN;
	}
}

static bool address_holds(const struct value *value, const struct policy_value *operand)
{
	uint8_t mapped[16] = { 0 }, address[16] = { 0 };
	unsigned int skip = 0;

	memcpy(address, value->address, value->family == MATCH_AF_INET ? 4 : 16);
	memcpy(mapped, operand->address, operand->family == 4 ? 4 : 16);
	if (operand->family == 6 && value->family == MATCH_AF_INET)
		return false;
	if (operand->family == 4 && value->family == MATCH_AF_INET6) {	/* ::ffff:a.b.c.d */
		memmove(mapped + 12, mapped, 4);
		memset(mapped, 0, 12);
		mapped[10] = mapped[11] = 0xff;
		skip = 96;
	}
	for (unsigned int n = 0; n < operand->prefix + skip; n++)
		if ((mapped[n / 8] ^ address[n / 8]) & 0x80u >> n % 8)
			return false;
	return true;
}

static enum truth operand_truth(enum operator_id op, enum type_id type, const struct value *value,
				const struct policy_value *operand)
{
	if (value->readable == READ_NOT)
		return UNKNOWN;
	if (op == OPERATOR_SADDR && value->family == 1)
		return UNKNOWN;
	if (op == OPERATOR_SADDR)
		return truth(address_holds(value, operand));
	if (op == OPERATOR_SPORT)
		return truth(integer_holds(op, false, value->family == 1 ? 0 : value->port, operand));
	if (is_number(type))
		return truth(integer_holds(op, is_signed(type), value->number, operand));
	return string_truth(op, value, &operand->text);
}

static enum operator_id positive(enum operator_id op)
{
	switch (op) {
	case OPERATOR_NOT_EQUAL:
		return OPERATOR_EQUAL;
	case OPERATOR_NOT_PREFIX:
		return OPERATOR_PREFIX;
	case OPERATOR_NOT_POSTFIX:
		return OPERATOR_POSTFIX;
	case OPERATOR_NOT_IN_RANGE:
		return OPERATOR_IN_RANGE;
	case OPERATOR_NOT_SADDR:
		return OPERATOR_SADDR;
	case OPERATOR_NOT_IN:
		return OPERATOR_IN;
	default:
		return op;
	}
}

/* OR of the operands; negated operators turn yes and no round, and leave unknown. */
static bool filter_holds(enum operator_id op, enum type_id type, const struct value *value,
			 const struct policy_value_list *operands)
{
	enum truth sum = NO;

	for (size_t n = 0; n < operands->count; n++) {
		enum truth one = operand_truth(positive(op), type, value, &operands->items[n]);

		if (one == YES || (one == UNKNOWN && sum == NO))
			sum = one;
		if (one == YES)
			break;
	}
	return sum == (positive(op) == op ? YES : NO);
}

static bool selector_holds(const struct policy_hook *hook, const struct policy_selector *selector,
			   const struct event *event)
{
	const struct value pid = { .readable = READ_WHOLE, .number = event->pid };

	for (size_t n = 0; n < selector->binaries.count; n++)
		if (!filter_holds(selector->binaries.items[n].op, TYPE_STRING, &event->binary,
				  &selector->binaries.items[n].values))
			return false;
	for (size_t n = 0; n < selector->pids.count; n++)
		if (!filter_holds(selector->pids.items[n].op, TYPE_UINT32, &pid, &selector->pids.items[n].values))
			return false;
	for (size_t n = 0; n < selector->arguments.count; n++) {
		const struct policy_argument_filter *filter = &selector->arguments.items[n];
		const struct policy_argument *argument = &hook->arguments.items[filter->position];

		if (!filter_holds(filter->op, argument->type, &event->arguments[argument->index], &filter->values))
			return false;
	}
	return true;
}

int expected_selector(const struct policy_hook *hook, const struct event *event)
{
	for (size_t n = 0; n < hook->selectors.count; n++)
		if (selector_holds(hook, &hook->selectors.items[n], event))
			return (int)n;
	return hook->selectors.count ? -1 : 0;
}

/* ---- Events to the matcher ---- */

static int put_bytes(struct match_state *state, uint32_t slot, const struct value *value)
{
	enum match_cut cut = value->readable == READ_FRONT_LOST ? MATCH_CUT_FRONT :
			     value->readable == READ_END_LOST ? MATCH_CUT_END : MATCH_WHOLE;

	return match_put_bytes(state, slot, value->bytes, value->length, cut);
}

int load_event(void *context, struct match_state *state, __u32 slot)
{
	const struct event_of_hook *of = context;
	const struct abi_slot *abi = &of->hook->slots[slot % ABI_SLOTS_MAX];
	const struct value *value = slot == MATCH_SLOT_BINARY ? &of->event->binary :
				    &of->event->arguments[abi->index];

	if (slot != MATCH_SLOT_BINARY && abi->load == ABI_LOAD_PID)
		return match_put_value(state, slot, of->event->pid);
	if (value->readable == READ_NOT)
		return -1;
	if (slot == MATCH_SLOT_BINARY)
		return put_bytes(state, slot, value);
	if (match_load_is_integer(abi->load))
		return match_put_value(state, slot, value->number);
	if (abi->load == ABI_LOAD_SOCKADDR)
		return match_put_address(state, slot, value->family, value->port, value->address);
	return put_bytes(state, slot, value);
}
