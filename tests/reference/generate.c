// SPDX-License-Identifier: Apache-2.0
/* generate.c - random policies; their events are made in generate_event.c.  See generate.h. */
#include "tests/reference/generate.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/reference/chance.h"

static uint64_t chance_state;

void generate_seed(uint64_t seed)
{
	chance_state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
	for (int n = 0; n < 8; n++)
		chance_bits();
}

uint64_t chance_bits(void)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return chance_state * 0x2545f4914f6cdd1du;
}

unsigned chance_below(unsigned count)
{
	return (unsigned)((chance_bits() >> 33) % count);
}

bool one_in(unsigned count)
{
	return !chance_below(count);
}

/* ---- Numbers ---- */

/* Few different numbers, so that they meet; and the ends of all widths. */
uint64_t chance_number(void)
{
	static const uint64_t ends[] = {
		0, 1, 2, 7, 8, 100, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000, (uint64_t)-1, (uint64_t)-2, (uint64_t)-128, (uint64_t)-129, (uint64_t)-32768,
		(uint64_t)-0x80000000LL,
	};

	return one_in(2) ? ends[chance_below(sizeof(ends) / sizeof(*ends))] : one_in(8) ? chance_bits() : chance_below(12);
}

/* Which numbers values of the type may be: 5.6.  Signed widths of 32 bits for what is read as int32. */
struct span { bool is_signed; unsigned bits; };

static struct span operand_span(int type)
{
	const struct model_type_row *row = &model_types[type];
	bool is_signed = row->class == MODEL_SIGNED;

	if (!strcmp(row->name, "size_t"))	/* of its int32, what a size can be */
		return (struct span){ false, 31 };
	return (struct span){ is_signed, row->bits < 64 ? 32 : 64 };
}

static int64_t fit(struct span span, uint64_t number)
{
	unsigned shift = 64 - span.bits;

	return span.is_signed ? (int64_t)(number << shift) >> shift : (int64_t)(number << shift >> shift);
}

static struct model_text decimal(struct span span, int64_t number)
{
	return span.is_signed ? model_format("%" PRId64, number) : model_format("%" PRIu64, (uint64_t)number);
}

/* In one of Go's spellings. */
static struct model_text spelled(struct span span, int64_t number)
{
	bool minus = span.is_signed && number < 0;
	uint64_t size = minus ? -(uint64_t)number : (uint64_t)number;
	const char *sign = minus ? "-" : span.is_signed && one_in(20) ? "+" : "";
	char digits[65] = "";
	unsigned length = 0;

	switch (chance_below(8)) {
	case 0:
		return model_format("%s0x%" PRIx64, sign, size);
	case 1:
		return model_format("%s0o%" PRIo64, sign, size);
	case 2:
		return size ? model_format("%s0%" PRIo64, sign, size) : model_text("0");
	case 3:
		for (int bit = 63; bit >= 0; bit--)
			if (length || size >> bit & 1 || !bit)
				digits[length++] = "01"[size >> bit & 1];
		return model_format("%s0b%s", sign, digits);
	case 4:
		return size < 1000 ? decimal(span, number) :
		       model_format("%s%" PRIu64 "_%03" PRIu64, sign, size / 1000, size % 1000);
	default:
		return decimal(span, number);
	}
}

static bool is_less(struct span span, int64_t a, int64_t b)
{
	return span.is_signed ? a < b : (uint64_t)a < (uint64_t)b;
}

static struct model_text some_range(int type, bool of_map)
{
	struct span span = operand_span(type);
	int64_t a, b;

	/* Bounds are read as int64: the upper half of uint64 is not expressible; members of sets are of the type's full width. */
	if (!span.is_signed && span.bits == 64 && !of_map)
		span.bits = 63;
	if (of_map && !strcmp(model_types[type].name, "size_t"))
		span.bits = 63;
	a = fit(span, chance_number());
	b = one_in(3) ? fit(span, chance_number()) : fit(span, (uint64_t)a + chance_below(5));
	if (is_less(span, b, a)) {
		int64_t swap = a;

		a = b;
		b = swap;
	}
	if (!of_map)
		return model_format("%s:%s", spelled(span, a).bytes, spelled(span, b).bytes);
	/* The agent stores every member: ranges stay small. */
	if ((uint64_t)b - (uint64_t)a > 1000 || one_in(2))
		return decimal(span, a);
	return one_in(6) ? model_format("%s:%s", decimal(span, b).bytes, decimal(span, a).bytes) :
	       model_format("%s:%s", decimal(span, a).bytes, decimal(span, b).bytes);
}

uint64_t chance_set(void)
{
	uint64_t ret = 0;

	for (unsigned n = chance_below(4); n; n--)
		ret |= 1ULL << chance_below(one_in(3) ? MODEL_CAPABILITIES : 4);
	return one_in(10) ? (1ULL << MODEL_CAPABILITIES) - 1 : ret;
}

static struct model_text some_set(void)
{
	uint64_t set = chance_set();
	struct model_text text = { "", 0 };

	if (one_in(2) || !set)
		return spelled((struct span){ false, 64 }, (int64_t)set);
	for (unsigned n = 0; n < MODEL_CAPABILITIES && text.length < 200; n++)
		if (set >> n & 1)
			text = model_format("%s%s%s", text.bytes, text.length ? one_in(2) ? "," : ", " : "", model_capabilities[n]);
	return text;
}

/* ---- Strings ---- */

struct model_text chance_text(size_t most)
{
	static const char *const words[] = {
		"/", "a", "ab", "/etc", "/etc/", "passwd", "shadow", "/usr/bin/", "x", "12345678", "A", "EtC", "\xc3\xa9", ".", " ",
	};
	char bytes[8192];
	size_t length = 0;

	for (unsigned n = chance_below(5) + 1; n; n--) {
		const char *word = words[chance_below(sizeof(words) / sizeof(*words))];

		if (length + strlen(word) > most)
			break;
		memcpy(bytes + length, word, strlen(word));
		length += strlen(word);
	}
	if (one_in(60))
		for (; length < most && length < sizeof(bytes) - 1; length++)
			bytes[length] = "ab"[length & 1];
	return model_copy(bytes, length);
}

/* Absolute, as the paths of files are. */
struct model_text chance_path(size_t most)
{
	struct model_text text = chance_text(most - 1);

	return text.bytes[0] == '/' ? text : model_format("/%.*s", (int)(text.length < 200 ? text.length : 200), text.bytes);
}

static bool is_path_type(int type)
{
	const char *key = model_types[type].key;

	return !strcmp(key, "file_arg") || !strcmp(key, "path_arg") || !strcmp(key, "linux_binprm_arg");
}

static size_t longest(int type, enum model_test test)
{
	size_t most = test == TEST_PREFIX ? 256 : test == TEST_POSTFIX ? 127 : test == TEST_EQUAL ? 4095 : 99;
	size_t read = !strcmp(model_types[type].name, "net_device") ? 15 : model_types[type].class == MODEL_UNIX ? 100 : most;

	return read < most ? read : most;
}

static struct model_text some_string(int type, enum model_test test)
{
	size_t most = longest(type, test);
	bool absolute = is_path_type(type) && (test == TEST_EQUAL || test == TEST_PREFIX);
	struct model_text text = absolute ? chance_path(most) : chance_text(most);

	if (text.length || (test == TEST_EQUAL && !absolute))
		return text;
	return model_text("a");
}

/* ---- Networks ---- */

void chance_address(unsigned family, uint8_t address[16])
{
	bool mapped = family == AF_INET6 && one_in(3);

	memset(address, 0, 16);
	for (int n = 0; n < 4; n++)
		address[family == AF_INET6 && (mapped || one_in(2)) ? 12 + n : n] = (uint8_t)chance_below(3);
	if (mapped)
		address[10] = address[11] = 0xff;
}

static struct model_text some_network(void)
{
	unsigned family = one_in(2) ? AF_INET : AF_INET6, bits = family == AF_INET ? 32 : 128;
	char text[INET6_ADDRSTRLEN];
	uint8_t address[16];

	chance_address(family, address);
	inet_ntop((int)family, address, text, sizeof(text));
	return one_in(3) ? model_format("%s", text) : model_format("%s/%u", text, one_in(3) ? chance_below(bits + 1) :
		       bits - chance_below(family == AF_INET ? 9 : 33));
}

unsigned chance_port(void)
{
	static const unsigned ports[] = { 0, 1, 22, 53, 80, 443, 1023, 1024, 1025, 8080, 65534, 65535 };

	return ports[chance_below(sizeof(ports) / sizeof(*ports))];
}

static struct model_text some_port(void)
{
	unsigned a = chance_port(), b = one_in(2) ? chance_port() : a + (a < 65535);

	return one_in(2) ? model_format("%u", a) : model_format("%u:%u", a < b ? a : b, a < b ? b : a);
}

unsigned chance_name(const struct model_name *names)
{
	unsigned count = 0;

	while (names[count].name)
		count++;
	return chance_below(one_in(2) && count > 12 ? 12 : count);
}

static struct model_text some_named(const struct model_name *names)
{
	unsigned n = chance_name(names);

	if (one_in(2))
		return model_text(names[n].name);
	return one_in(3) ? model_format("%u:%u", names[n].number, names[n].number + chance_below(3)) :
	       model_format("%u", names[n].number);
}

/* ---- The palette ---- */

/*
 * What the policies of a group are made of.  Few things at a time, so that each is also met without all the others, and a
 * difference is small from the start.
 */
static struct {
	bool kinds[MODEL_FILTER_KINDS];	/* of filters, beside those on arguments */
	bool flags, macros, scopes, expressions;
	bool hooks;			/* several of a policy */
	bool widths;			/* one integer, and each policy reads it as it likes */
	int types[3];
	unsigned selectors, filters;	/* at most */
} palette;

/* ---- Argument filters ---- */

static struct model_text some_operand(int type, const struct model_operator_row *op)
{
	enum model_class class = model_types[type].class;

	switch (op->test) {
	case TEST_IN_MAP:
		return some_range(type, true);
	case TEST_RANGE:
		return some_range(type, false);
	case TEST_ADDRESS:
		return some_network();
	case TEST_PORT:
		return some_port();
	case TEST_PROTOCOL:
		return some_named(model_protocols);
	case TEST_STATE:
		return some_named(model_states);
	case TEST_FAMILY:
		return some_named(model_families);
	case TEST_FILE_TYPE:
		return model_text(model_file_types[chance_name(model_file_types)].name);
	default:
		break;
	}
	if (class == MODEL_SET)
		return some_set();
	if (class == MODEL_SIGNED || class == MODEL_UNSIGNED)
		return spelled(operand_span(type), fit(operand_span(type), chance_number()));
	return some_string(type, op->test);
}

/* How many values: most operators on numbers take four. */
static unsigned some_count(enum model_test test)
{
	bool many = test == TEST_ADDRESS || test == TEST_PORT || test == TEST_IN_MAP;

	if (many && one_in(40))
		return 60;
	return chance_below(one_in(4) ? 4 : 3) + 1;
}

static int some_operator(enum model_class class)
{
	int rows[MODEL_ARGUMENT_OPERATORS], count = 0;

	for (int n = 0; n < MODEL_ARGUMENT_OPERATORS; n++)
		if (model_operators[n].classes >> class & 1 && model_operators[n].test != TEST_GAINED)
			rows[count++] = n;
	return count ? rows[chance_below((unsigned)count)] : -1;
}

static void fill_values(struct model_filter *filter, int type)
{
	const struct model_operator_row *op = &model_operators[filter->op];

	if (op->test == TEST_PRIVILEGED)
		return;
	for (unsigned n = some_count(op->test); n; n--) {
		struct model_text value = some_operand(type, op);

		if (!model_texts_have(&filter->values, value))
			model_texts_add(&filter->values, value);
	}
}

/* A filter on an argument, data or the return; false: its type takes none. */
static bool some_value_filter(struct model_filter *filter, enum model_filter_kind kind, uint32_t index, int type)
{
	*filter = (struct model_filter){ .kind = kind, .index = index, .op = some_operator(model_types[type].class) };
	if (filter->op < 0)
		return false;
	fill_values(filter, type);
	return true;
}

static bool is_set(const struct model_hook *hook, size_t position)
{
	return model_types[hook->arguments.items[position].type].class == MODEL_SET;
}

static bool some_gain(const struct model_hook *hook, struct model_filter *filter)
{
	unsigned a = chance_below((unsigned)hook->arguments.count), b = chance_below((unsigned)hook->arguments.count);

	*filter = (struct model_filter){ .kind = MATCH_ARGS, .op = model_operator_find("CapabilitiesGained"),
					 .positions = { a, b }, .position_count = 2 };
	return a != b && is_set(hook, a) && is_set(hook, b);
}

static bool some_argument_filter(const struct model_hook *hook, struct model_filter *filter)
{
	unsigned position;

	if (!hook->arguments.count)
		return false;
	if (one_in(2) && some_gain(hook, filter))
		return true;
	position = chance_below((unsigned)hook->arguments.count);
	if (!some_value_filter(filter, MATCH_ARGS, hook->arguments.items[position].index,
			       hook->arguments.items[position].type))
		return false;
	if (one_in(10)) {
		filter->positions[0] = position;
		filter->position_count = 1;
	}
	return true;
}

/* ---- Expressions: 5.9 ---- */

static int expression_type(int type)
{
	const char *name = model_types[type].name;

	if (!strcmp(name, "int") || !strcmp(name, "int32") || !strcmp(name, "sint32"))
		return NUMBER_INT32;
	if (!strcmp(name, "uint32"))
		return NUMBER_UINT32;
	if (!strcmp(name, "int64") || !strcmp(name, "sint64") || !strcmp(name, "long"))
		return NUMBER_INT64;
	return !strcmp(name, "uint64") || !strcmp(name, "ulong") ? NUMBER_UINT64 : -1;
}

static struct model_expression *node(enum model_word word, enum model_number_type type, struct model_expression *left,
				     struct model_expression *right)
{
	struct model_expression *ret = model_allocate(sizeof(*ret));

	*ret = (struct model_expression){ .word = word, .type = type, .left = left, .right = right };
	return ret;
}

/* What the literal can spell: a minus sign is not spelled for what is unsigned. */
static struct model_expression *literal(enum model_number_type type)
{
	struct model_expression *ret = node(WORD_NUMBER, type, NULL, NULL);

	ret->number = chance_number();
	if (type == NUMBER_INT64 && ret->number == 1ULL << 63)
		ret->number = 5;
	return ret;
}

/* An argument of the type; a literal when there is none. */
static struct model_expression *leaf(const struct model_hook *hook, enum model_number_type type)
{
	unsigned position = hook->arguments.count ? chance_below((unsigned)hook->arguments.count) : 0;
	struct model_expression *ret;

	if (!hook->arguments.count || one_in(4) || expression_type(hook->arguments.items[position].type) != (int)type)
		return literal(type);
	ret = node(WORD_ARGUMENT, type, NULL, NULL);
	ret->number = position;
	return ret;
}

static struct model_expression *some_sum(const struct model_hook *hook, enum model_number_type type, unsigned depth)
{
	static const enum model_word words[] = { WORD_ADD, WORD_SUBTRACT, WORD_AND, WORD_OR, WORD_XOR };

	if (!depth || one_in(2))
		return leaf(hook, type);
	if (one_in(8))
		return node(WORD_INVERT, type, some_sum(hook, type, depth - 1), NULL);
	return node(words[chance_below(5)], type, some_sum(hook, type, depth - 1), some_sum(hook, type, depth - 1));
}

static struct model_expression *some_comparison(const struct model_hook *hook, unsigned position)
{
	static const enum model_word words[] = { WORD_EQUAL, WORD_UNEQUAL, WORD_LESS, WORD_LESS_EQUAL, WORD_GREATER,
						 WORD_GREATER_EQUAL };
	int type = expression_type(hook->arguments.items[position].type);
	struct model_expression *left = node(WORD_ARGUMENT, (enum model_number_type)type, NULL, NULL);

	left->number = position;
	if (one_in(3))
		left = node(one_in(2) ? WORD_ADD : WORD_AND, left->type, left, some_sum(hook, left->type, 1));
	return node(words[chance_below(6)], left->type, left, some_sum(hook, left->type, one_in(3)));
}

static struct model_expression *some_condition(const struct model_hook *hook, unsigned position, unsigned depth)
{
	struct model_expression *truth;

	if (one_in(30)) {
		truth = node(WORD_TRUTH, NUMBER_INT64, NULL, NULL);
		truth->number = chance_below(2);
		return truth;
	}
	if (!depth || one_in(2))
		return some_comparison(hook, position);
	if (one_in(4))
		return node(WORD_NOT, NUMBER_INT64, some_condition(hook, position, depth - 1), NULL);
	return node(one_in(2) ? WORD_ALL : WORD_ANY, NUMBER_INT64, some_condition(hook, position, depth - 1),
		    some_condition(hook, position, depth - 1));
}

static bool some_expression_filter(const struct model_hook *hook, struct model_filter *filter)
{
	for (unsigned n = 0; n < hook->arguments.count; n++) {
		if (expression_type(hook->arguments.items[n].type) < 0)
			continue;
		*filter = (struct model_filter){ .kind = MATCH_ARGS, .op = model_operator_find("CelExpr"),
						 .expression = some_condition(hook, n, 3) };
		return true;
	}
	return false;
}

/* ---- Filters on the process ---- */

static int in_or_not_in(void)
{
	return model_operator_find(one_in(2) ? "In" : "NotIn");
}

static bool some_flag(void)
{
	return palette.flags && one_in(2);
}

static struct model_filter some_pid_filter(void)
{
	struct model_filter filter = { .kind = MATCH_PIDS, .op = in_or_not_in(), .in_namespace = some_flag(),
				       .follow = some_flag() };

	for (unsigned n = chance_below(one_in(10) ? 40 : 3) + 1; n; n--) {
		struct model_text value = model_format("%u", chance_below(12) + 1);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

static struct model_filter some_binary_filter(enum model_filter_kind kind)
{
	static const char *const names[] = { "In", "NotIn", "Prefix", "NotPrefix", "Postfix", "NotPostfix" };
	unsigned n = chance_below(6);
	struct model_filter filter = { .kind = kind, .op = model_operator_find(names[n]), .follow = n < 2 && some_flag() };
	size_t most = n < 2 ? 255 : n < 4 ? 256 : 127;

	for (unsigned count = chance_below(3) + 1; count; count--) {
		struct model_text value = chance_path(most);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

/* "host_ns cannot be used with PidForChildren/TimeForChildren." */
static struct model_filter some_namespace_filter(void)
{
	struct model_filter filter = { .kind = MATCH_NAMESPACES, .op = in_or_not_in(), .name = chance_below(MODEL_NAMESPACES) };
	bool of_children = strstr(model_namespaces[filter.name], "ForChildren");

	for (unsigned n = chance_below(3) + 1; n; n--) {
		struct model_text value = one_in(3) && !of_children ? model_text("host_ns") :
			model_format("%u", 4026531830u + chance_below(5));

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

static struct model_filter some_namespace_change(void)
{
	struct model_filter filter = { .kind = MATCH_NAMESPACE_CHANGES, .op = in_or_not_in() };

	for (unsigned n = chance_below(4) + 1; n; n--) {
		struct model_text value = model_text(one_in(3) ? model_namespace_keys[chance_below(4)] :
						     model_namespaces[chance_below(MODEL_NAMESPACES)]);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

static struct model_filter some_capability_filter(enum model_filter_kind kind)
{
	struct model_filter filter = { .kind = kind, .op = in_or_not_in(), .name = chance_below(MODEL_CAPABILITY_SETS),
				       .in_namespace = some_flag() };

	for (unsigned n = chance_below(3) + 1; n; n--) {
		struct model_text value = model_text(model_capabilities[chance_below(one_in(3) ? MODEL_CAPABILITIES : 4)]);

		if (!model_texts_have(&filter.values, value))
			model_texts_add(&filter.values, value);
	}
	return filter;
}

/* ---- Workloads ---- */

const char *const chance_labels[4] = { "app", "tier", "example.com/team", "k8s:io.kubernetes.pod.namespace" };
const char *const chance_label_values[5] = { "web", "db", "x", "", "default" };

static struct model_requirement some_requirement(bool of_pod)
{
	struct model_requirement ret = {
		.key = model_text(of_pod ? chance_labels[chance_below(4)] : one_in(2) ? "name" : "repo"),
		.op = (enum model_label_operator)chance_below(4),
		.in_labels = one_in(3),
	};

	if (ret.in_labels)
		ret.op = LABEL_IN;
	if (ret.op == LABEL_IN || ret.op == LABEL_NOT_IN)
		for (unsigned n = ret.in_labels ? 1 : chance_below(2) + 1; n; n--) {
			struct model_text value = model_text(chance_label_values[chance_below(5)]);

			if (!model_texts_have(&ret.values, value))
				model_texts_add(&ret.values, value);
		}
	return ret;
}

/* Keys of matchLabels are there once. */
static bool has_label_key(const struct model_label_selector *selector, struct model_text key)
{
	for (size_t n = 0; n < selector->count; n++)
		if (selector->items[n].in_labels && model_text_equal(selector->items[n].key, key))
			return true;
	return false;
}

static struct model_label_selector *some_label_selector(bool of_pod)
{
	struct model_label_selector *ret = model_allocate(sizeof(*ret));

	ret->items = model_allocate(3 * sizeof(*ret->items));
	for (unsigned n = chance_below(3); n; n--) {
		struct model_requirement requirement = some_requirement(of_pod);

		if (!requirement.in_labels || !has_label_key(ret, requirement.key))
			ret->items[ret->count++] = requirement;
	}
	return ret;
}

static struct model_workloads some_workloads(bool with_host)
{
	return (struct model_workloads){
		.pod = one_in(2) ? some_label_selector(true) : NULL,
		.container = one_in(3) ? some_label_selector(false) : NULL,
		.host = with_host && one_in(3) ? model_allocate(sizeof(struct model_label_selector)) : NULL,
	};
}

static bool has_workloads(const struct model_workloads *workloads)
{
	return workloads->pod || workloads->container || workloads->host;
}

static bool some_workload_filter(struct model_filter *filter)
{
	struct model_workloads workloads = some_workloads(true);

	*filter = (struct model_filter){ .kind = MATCH_WORKLOADS, .op = model_operator_find("In"),
					 .workloads = model_allocate(sizeof(workloads)) };
	*filter->workloads = workloads;
	return has_workloads(&workloads);
}

/* ---- Selectors ---- */

static unsigned count_of(const struct model_filters *filters, enum model_filter_kind kind)
{
	unsigned count = 0;

	for (size_t n = 0; n < filters->count; n++)
		count += filters->items[n].kind == kind;
	return count;
}

static bool has_room(const struct model_filters *filters, enum model_filter_kind kind)
{
	static const unsigned limits[MODEL_FILTER_KINDS] = {
		[MATCH_ARGS] = 5, [MATCH_DATA] = 5, [MATCH_RETURN_ARGS] = 5, [MATCH_PIDS] = 3, [MATCH_BINARIES] = 1,
		[MATCH_PARENT_BINARIES] = 1, [MATCH_NAMESPACES] = 10, [MATCH_NAMESPACE_CHANGES] = 1, [MATCH_CAPABILITIES] = 3,
		[MATCH_CAPABILITY_CHANGES] = 3, [MATCH_WORKLOADS] = 1,
	};
	unsigned count = count_of(filters, kind);

	if (kind == MATCH_ARGS || kind == MATCH_DATA)
		count = count_of(filters, MATCH_ARGS) + count_of(filters, MATCH_DATA);
	return count < limits[kind];
}

static bool some_data_filter(const struct model_hook *hook, struct model_filter *filter)
{
	uint32_t n = hook->data.count ? chance_below((unsigned)hook->data.count) : 0;

	return hook->data.count && some_value_filter(filter, MATCH_DATA, n, hook->data.items[n].type);
}

/* False: the hook has nothing for such a filter. */
static bool some_filter(const struct model_hook *hook, enum model_filter_kind kind, struct model_filter *ret)
{
	switch (kind) {
	case MATCH_ARGS:
		return palette.expressions && one_in(6) && some_expression_filter(hook, ret) ? true : some_argument_filter(hook, ret);
	case MATCH_DATA:
		return some_data_filter(hook, ret);
	case MATCH_RETURN_ARGS:
		return hook->return_type >= 0 && some_value_filter(ret, kind, hook->return_index, hook->return_type);
	case MATCH_PIDS:
		*ret = some_pid_filter();
		return true;
	case MATCH_BINARIES:
	case MATCH_PARENT_BINARIES:
		*ret = some_binary_filter(kind);
		return true;
	case MATCH_NAMESPACES:
		*ret = some_namespace_filter();
		return true;
	case MATCH_NAMESPACE_CHANGES:
		*ret = some_namespace_change();
		return true;
	case MATCH_CAPABILITIES:
	case MATCH_CAPABILITY_CHANGES:
		*ret = some_capability_filter(kind);
		return true;
	default:
		return some_workload_filter(ret);
	}
}

static enum model_filter_kind some_kind(void)
{
	unsigned kind;

	do
		kind = chance_below(MODEL_FILTER_KINDS);
	while (!palette.kinds[kind]);
	return one_in(4) ? MATCH_ARGS : (enum model_filter_kind)kind;
}

static void add_filters(const struct model_hook *hook, struct model_filters *filters, unsigned count)
{
	for (unsigned tries = 4 * count; count && tries; tries--) {
		enum model_filter_kind kind = some_kind();
		struct model_filter filter;

		if (!has_room(filters, kind) || !some_filter(hook, kind, &filter))
			continue;
		model_filters_add(filters, filter);
		count--;
	}
}

static void add_actions(const struct model_hook *hook, struct model_selector *selector)
{
	static const char *const actions[] = { "{action: Post}", "{action: NoPost}", "{action: Sigkill}",
					       "{action: Signal, argSig: 10}" };
	bool may_enforce = hook->kind != MODEL_FENTRY;

	if (one_in(3))
		model_texts_add(&selector->actions, model_text(actions[chance_below(may_enforce ? 4 : 2)]));
}

/* "Same field on both sides" is refused; and matchWorkloads is not covered. */
static bool macro_fits(const struct model_filters *filters, const struct model_macro *macro)
{
	for (size_t n = 0; n < macro->filters.count; n++)
		if (count_of(filters, macro->filters.items[n].kind))
			return false;
	return true;
}

static void add_macros(const struct model_policy *policy, struct model_selector *selector)
{
	struct model_filters filters = selector->filters;

	for (size_t n = 0; n < policy->macros.count; n++) {
		const struct model_macro *macro = &policy->macros.items[n];

		if (one_in(2) || !macro_fits(&filters, macro))
			continue;
		model_texts_add(&selector->macros, macro->name);
		for (size_t f = 0; f < macro->filters.count; f++)
			model_filters_add(&filters, macro->filters.items[f]);
	}
}

static struct model_selector some_selector(const struct model_policy *policy, const struct model_hook *hook)
{
	struct model_selector selector = { .filters = { NULL, 0 } };

	add_filters(hook, &selector.filters, one_in(20) ? 0 : 1 + chance_below(palette.filters));
	add_macros(policy, &selector);
	add_actions(hook, &selector);
	return selector;
}

/* ---- Policies ---- */

static void add_macro_of(struct model_policy *policy, const struct model_hook *hook, unsigned number)
{
	struct model_macro *macro = &policy->macros.items[policy->macros.count];
	struct model_filter filter;
	enum model_filter_kind kind = some_kind();

	if (kind == MATCH_WORKLOADS || !some_filter(hook, kind, &filter))
		return;
	*macro = (struct model_macro){ .name = model_format("macro%u", number) };
	model_filters_add(&macro->filters, filter);
	policy->macros.count++;
}

/* Some of the group's arguments, in any order. */
static void add_arguments(const struct model_group *group, struct model_hook *hook)
{
	static const char *const integers[] = { "int", "int8", "uint8", "int16", "uint16", "uint32", "int64", "uint64", "size_t" };
	struct model_argument *items = hook->arguments.items;

	for (size_t n = 0; n < group->arguments.count; n++)
		if (!hook->arguments.count || !one_in(4))
			items[hook->arguments.count++] = group->arguments.items[n];
	for (size_t n = hook->arguments.count; n > 1; n--) {
		unsigned other = chance_below((unsigned)n);
		struct model_argument swap = items[n - 1];

		items[n - 1] = items[other];
		items[other] = swap;
	}
	for (size_t n = 0; palette.widths && n < hook->arguments.count; n++)
		if (!strcmp(model_types[items[n].type].name, "int64"))
			items[n].type = model_type_find(integers[chance_below(9)]);
}

static void fill_hook(const struct model_policy *policy, struct model_hook *hook)
{
	for (unsigned n = one_in(30) ? 0 : chance_below(palette.selectors) + 1; n; n--)
		model_selectors_add(&hook->selectors, some_selector(policy, hook));
}

/* The same function again only where that is no mistake (3.5); and macros are made for the arguments of one. */
static void add_hooks(const struct model_group *group, struct model_policy *policy, const struct model_hook *like)
{
	static const char *const other_names[MODEL_HOOK_KINDS] = { "other_function", "other_function", "other_event", "other_event",
								   "other_symbol", "other_probe", "bprm_check_security" };

	if (!palette.hooks || policy->macros.count || like->syscall)
		return;
	for (unsigned n = chance_below(POLICY_HOOKS_MAX); n; n--) {
		struct model_hook hook = *like;

		if (hook.kind != MODEL_LSM && policy->hooks.count > 1)
			return;
		if (hook.kind != MODEL_LSM || one_in(2))
			hook.name = other_names[hook.kind];
		add_arguments(group, &hook);
		fill_hook(policy, &hook);
		policy->hooks.items[policy->hooks.count++] = hook;
	}
}

static void some_policy(const struct model_group *group, struct model_hook hook, unsigned number,
			struct model_policy *policy)
{
	const struct model_hook like = hook;

	*policy = (struct model_policy){ .name = model_format("p%u", number) };
	if (palette.scopes && one_in(2) && hook.kind != MODEL_UPROBE && hook.kind != MODEL_USDT)
		policy->name_space = model_text(one_in(2) ? "default" : "other");
	if (palette.scopes && one_in(2))
		policy->workloads = some_workloads(!policy->name_space.bytes);
	add_arguments(group, &hook);
	policy->macros.items = model_allocate(3 * sizeof(*policy->macros.items));
	for (unsigned n = palette.macros ? 2 : 0; n; n--)
		add_macro_of(policy, &hook, n);
	fill_hook(policy, &hook);
	policy->hooks.items = model_allocate(POLICY_HOOKS_MAX * sizeof(hook));
	policy->hooks.items[0] = hook;
	policy->hooks.count = 1;
	add_hooks(group, policy, &like);
}

/* ---- Groups ---- */

static bool exists_on(int type, enum model_hook_kind kind)
{
	return strchr(model_types[type].hooks, "KFTRUSL"[kind]);
}

static int some_type(enum model_hook_kind kind)
{
	int type;

	do
		type = (int)chance_below(MODEL_TYPES);
	while (!exists_on(type, kind) || (model_types[type].class == MODEL_OTHER && !one_in(10)));
	return type;
}

static void some_palette(enum model_hook_kind kind)
{
	bool is_plain = one_in(3);

	for (int n = 0; n < MODEL_FILTER_KINDS; n++)
		palette.kinds[n] = n == MATCH_ARGS || (!is_plain && one_in(4));
	if (is_plain && one_in(2))
		palette.kinds[chance_below(MODEL_FILTER_KINDS)] = true;
	palette.flags = one_in(2);
	palette.macros = !is_plain && one_in(8);
	palette.scopes = !is_plain && one_in(8);
	palette.expressions = one_in(4);
	palette.hooks = !is_plain && one_in(5);
	palette.widths = one_in(8);
	palette.selectors = is_plain ? 1 : 5;
	palette.filters = is_plain ? 1 : 1 + chance_below(4);
	for (int n = 0; n < 3; n++)
		palette.types[n] = n && one_in(2) ? palette.types[0] : palette.widths && one_in(2) ? model_type_find("int64") :
			some_type(kind);
}

/* Often two sets, for CapabilitiesGained. */
static void add_group_arguments(struct model_group *group, enum model_hook_kind kind, unsigned count)
{
	uint32_t base = kind == MODEL_TRACEPOINT ? 4 : 0;

	for (uint32_t n = 0; n < count; n++) {
		struct model_argument *argument = &group->arguments.items[group->arguments.count];
		const struct model_argument *before = n ? argument - 1 : NULL;

		if (n && one_in(4))
			base += kind == MODEL_TRACEPOINT;
		*argument = (struct model_argument){ .index = base + n, .type = palette.types[chance_below(3)] };
		if (before && model_types[before->type].class == MODEL_SET && one_in(2))
			argument->type = before->type;
		group->arguments.count++;
	}
}

static void add_group_data(struct model_group *group)
{
	static const struct { const char *source, *resolve, *type; } rows[] = {
		{ "pt_regs", "rdi", "uint64" }, { "pt_regs", "edi", "uint32" }, { "pt_regs", "rsp", "int64" },
		{ "current_task", "pid", "int32" }, { "current_task", "comm", "string" }, { "current_task", "flags", "uint32" },
		{ "current_task", "cred.uid.val", "uint32" },
	};

	for (unsigned n = chance_below(2) + 1; n; n--) {
		unsigned row = chance_below(sizeof(rows) / sizeof(*rows));

		group->data.items[group->data.count] = (struct model_argument){
			.index = (uint32_t)group->data.count, .type = model_type_find(rows[row].type), .source = rows[row].source,
			.resolve = rows[row].resolve,
		};
		group->data.count++;
	}
}

static struct model_hook some_hook(void)
{
	static const struct { const char *name, *subsystem; } names[MODEL_HOOK_KINDS] = {
		[MODEL_KPROBE] = { "some_function", "" }, [MODEL_FENTRY] = { "some_function", "" },
		[MODEL_TRACEPOINT] = { "some_event", "some_system" }, [MODEL_RAW_TRACEPOINT] = { "some_event", "some_system" },
		[MODEL_UPROBE] = { "some_symbol", "/usr/lib/some.so" }, [MODEL_USDT] = { "some_probe", "some_provider" },
		[MODEL_LSM] = { "file_open", "" },
	};
	struct model_hook hook = { .kind = one_in(2) ? MODEL_KPROBE : (enum model_hook_kind)chance_below(MODEL_HOOK_KINDS),
				   .return_type = -1 };

	hook.name = names[hook.kind].name;
	hook.subsystem = names[hook.kind].subsystem;
	if (hook.kind == MODEL_KPROBE && one_in(4)) {
		hook.syscall = true;
		hook.name = "sys_write";
	}
	return hook;
}

static bool takes_data(enum model_hook_kind kind)
{
	return kind == MODEL_KPROBE || kind == MODEL_FENTRY || kind == MODEL_UPROBE;
}

void generate_group(struct model_group *ret)
{
	static const char *const returns[] = { "int", "int64", "uint64", "uint32", "int32", "size_t" };
	struct model_hook hook = some_hook();

	unsigned count = one_in(3) ? 2 + chance_below(GROUP_POLICIES_MAX - 1) : 1;

	some_palette(hook.kind);
	*ret = (struct model_group){ .return_type = -1 };
	if (takes_data(hook.kind) && palette.kinds[MATCH_DATA])
		add_group_data(ret);
	add_group_arguments(ret, hook.kind, one_in(4) ? 1 + chance_below(5 - (unsigned)ret->data.count) : 1 + chance_below(2));
	hook.data = ret->data;
	if (takes_data(hook.kind) && hook.kind != MODEL_UPROBE && palette.kinds[MATCH_RETURN_ARGS])
		ret->return_type = model_type_find(returns[chance_below(6)]);
	hook.return_type = ret->return_type;
	for (; ret->count < count; ret->count++)
		some_policy(ret, hook, (unsigned)ret->count, &ret->policies[ret->count]);
}
