// SPDX-License-Identifier: Apache-2.0
/* chain.c - walks a path through a kernel's types; see chain.h. */
#include "compiler/kernel/chain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/schema.h"

/* ---- Errors ---- */

static int fail(struct chain_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct chain_error *error, const char *format, ...)
{
	va_list arguments;

	*error = (struct chain_error){ 0 };
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* ---- Steps of a path ---- */

struct step {
	uint32_t at, length;		/* of what is written */
	bool is_element;
	uint64_t element;
};

struct walk {
	struct btf_view *view;
	const char *path;
	uint32_t end;			/* of the path */
	struct chain chain;
	uint32_t type;			/* of what lies at the address that the chain leads to so far */
	uint64_t offset;		/* of that address, from the pointer that was read last */
	uint32_t taken;			/* steps, those that are put in included */
	struct step step;		/* being taken */
	struct buffer words;
	struct chain_error *error;
};

static int fail_step(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail_step(struct walk *walk, const char *format, ...)
{
	va_list arguments;
	const struct step *step = &walk->step;
	struct chain_error *error = walk->error;

	*error = (struct chain_error){ .at = step->at, .length = step->length };
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* A type in words; valid until the next one. */
static const char *words(struct walk *walk, uint32_t type)
{
	walk->words.length = 0;
	btf_describe(walk->view, type, &walk->words);
	return walk->words.bytes;
}

static int read_element(struct walk *walk, uint32_t at, struct step *ret)
{
	uint32_t n = at + 1;
	uint64_t value = 0;

	for (; n < walk->end && walk->path[n] >= '0' && walk->path[n] <= '9' && value <= UINT32_MAX; n++)
		value = 10 * value + (uint64_t)(walk->path[n] - '0');
	ret->is_element = true;
	ret->element = value;
	ret->length = n - at + (n < walk->end);
	walk->step = *ret;
	if (n == at + 1 || n == walk->end || walk->path[n] != ']' || value > UINT32_MAX)
		return fail_step(walk, "this is not [N] with a number");
	return 0;
}

/* The step at walk->step.at + length; 1 at the end. */
static int next_step(struct walk *walk)
{
	uint32_t at = walk->step.at + walk->step.length;
	struct step step = { 0 };

	bool dot = walk->step.length && at < walk->end && walk->path[at] == '.';

	at += dot;
	if (at == walk->end && !dot)
		return 1;
	step.at = at;
	if (at < walk->end && walk->path[at] == '[' && !dot)
		return read_element(walk, at, &step);
	while (at + step.length < walk->end && !strchr(".[]", walk->path[at + step.length]))
		step.length++;
	walk->step = step;
	return step.length ? 0 : fail_step(walk, "a name is missing");
}

static int count_step(struct walk *walk)
{
	if (++walk->taken > LIMIT_RESOLVE_STEPS)
		return fail_step(walk, "with the pointers to pointers on the way, the path has more than %d steps",
				 LIMIT_RESOLVE_STEPS);
	return 0;
}

/* ---- Taking a step ---- */

static int put_offset(struct walk *walk)
{
	if (walk->offset > INT32_MAX)
		return fail_step(walk, "this lies too far into the structure");
	walk->chain.abi.offsets[walk->chain.abi.count++] = (uint32_t)walk->offset;
	walk->offset = 0;
	return 0;
}

/* Reads the pointer that lies there: from now on, what it points to. */
static int follow(struct walk *walk, const struct btf_entry *pointer)
{
	if (walk->chain.abi.count + 1 >= ABI_CHAIN_STEPS)
		return fail_step(walk, "more than %u pointers would have to be followed", ABI_CHAIN_STEPS - 1);
	walk->type = pointer->type;
	return put_offset(walk);
}

/* Structures that this file of types only knows by name: another one of the same name may say what is in it. */
static void complete(struct walk *walk, struct btf_entry *entry)
{
	struct btf_entry whole;

	if (entry->kind == BTF_KIND_FWD &&
	    btf_find(walk->view, entry->name, entry->flag ? BTF_BIT(UNION) : BTF_BIT(STRUCT), &whole))
		*entry = whole;
}

static bool is_structure(const struct btf_entry *entry)
{
	return entry->kind == BTF_KIND_STRUCT || entry->kind == BTF_KIND_UNION;
}

/* To the structure that lies there, or that the pointers there lead to.  `free`: how many pointers are no step. */
static int reach_structure(struct walk *walk, uint32_t free, struct btf_entry *ret)
{
	for (uint32_t followed = 0;; followed++) {
		if (!btf_bare(walk->view, walk->type, ret))
			return fail_step(walk, "damaged type");
		if (ret->kind != BTF_KIND_PTR)
			break;
		if ((followed >= free && count_step(walk)) || follow(walk, ret))
			return -EINVAL;
	}
	complete(walk, ret);
	if (is_structure(ret))
		return 0;
	if (ret->kind == BTF_KIND_ARRAY)
		return fail_step(walk, "before '%.*s' there is an array, %s: say which element, as [0]", (int)walk->step.length,
				 walk->path + walk->step.at, words(walk, walk->type));
	return fail_step(walk, "%s has no members%s", words(walk, walk->type),
			 ret->kind == BTF_KIND_FWD ? " that this kernel says anything about" : "");
}

static int fail_member(struct walk *walk, const struct btf_entry *entry, const struct nearest *nearest)
{
	char advice[128] = "";

	if (nearest->best)
		snprintf(advice, sizeof(advice), "; did you mean '%.64s'?", nearest->best);
	return fail_step(walk, "%s has no member '%.*s'%s", words(walk, entry->id), (int)nearest->length, nearest->name, advice);
}

static int take_member(struct walk *walk, bool is_last, uint32_t free)
{
	const char *name = walk->path + walk->step.at;
	struct nearest nearest = { .name = name, .length = walk->step.length };
	struct btf_part member;
	struct btf_entry entry;
	int error = reach_structure(walk, free, &entry);

	if (error)
		return error;
	if (!btf_member_find(walk->view, &entry, name, walk->step.length, NULL, &member)) {
		btf_member_find(walk->view, &entry, name, walk->step.length, &nearest, &member);
		return fail_member(walk, &entry, &nearest);
	}
	walk->type = member.type;
	walk->chain.abi.bits = (uint8_t)member.bits;
	walk->offset += member.bit / 8;
	walk->chain.abi.shift = (uint8_t)(member.bit % 8);
	if (member.bits > 64)
		return fail_step(walk, "a bit field of %u bits", member.bits);
	if (member.bits ? !is_last : member.bit % 8 != 0)
		return fail_step(walk, "this is a bit field, and has neither members nor elements");
	return 0;
}

static bool is_cast(const struct walk *walk)
{
	return walk->step.length > 2 && walk->path[walk->step.at] == '(' && walk->path[walk->step.at + walk->step.length - 1] == ')';
}

/* What lies there is taken for a structure of that name. */
static int take_cast(struct walk *walk, uint32_t free)
{
	char name[LIMIT_BTF_NAME_BYTES + 1];
	struct btf_entry entry;

	snprintf(name, sizeof(name), "%.*s", (int)walk->step.length - 2, walk->path + walk->step.at + 1);
	if (reach_structure(walk, free, &entry))
		return -EINVAL;
	if (!btf_find(walk->view, name, BTF_BIT(STRUCT), &entry))
		return fail_step(walk, "this kernel has no struct %s", name);
	walk->type = entry.id;
	return 0;
}

static int add_elements(struct walk *walk, uint32_t type)
{
	uint64_t size;

	if (!btf_size(walk->view, type, &size))
		return fail_step(walk, "the size of an element, %s, is not known", words(walk, type));
	walk->type = type;
	walk->offset += walk->step.element * size;	/* both fit in 32 bits */
	return walk->offset > INT32_MAX ? fail_step(walk, "this lies too far away") : 0;
}

static int take_element(struct walk *walk, bool of_argument)
{
	struct btf_entry entry;
	int error = 0;

	if (!btf_bare(walk->view, walk->type, &entry))
		return fail_step(walk, "damaged type");
	if (entry.kind == BTF_KIND_ARRAY) {
		struct btf_elements elements = btf_elements(&entry);

		if (elements.count && walk->step.element >= elements.count)
			return fail_step(walk, "%s has only %u elements", words(walk, walk->type), elements.count);
		return add_elements(walk, elements.type);
	}
	if (of_argument)
		return add_elements(walk, walk->type);
	if (entry.kind != BTF_KIND_PTR)
		return fail_step(walk, "%s is no array", words(walk, walk->type));
	error = follow(walk, &entry);
	return error ? error : add_elements(walk, walk->type);
}

/* ---- The value ---- */

/* The smallest aligned number that the bits lie in; when they lie across all, one that starts at their first byte. */
static int place_bits(struct walk *walk)
{
	struct abi_chain *abi = &walk->chain.abi;
	uint64_t bit = walk->offset * 8 + abi->shift;
	struct btf_number number = { 0 };
	struct btf_entry entry;
	uint32_t size;

	for (size = 1; size <= 8 && bit % (8 * size) + abi->bits > 8 * size; size *= 2)
		;
	if (size > 8)
		for (size = 1; size <= 8 && bit % 8 + abi->bits > 8 * size; size *= 2)
			;
	else
		walk->offset = bit / (8 * size) * size;
	if (size > 8 || !btf_bare(walk->view, walk->type, &entry) || !btf_number(&entry, &number))
		return fail_step(walk, "this bit field cannot be read in one piece");
	abi->shift = (uint8_t)(bit - walk->offset * 8);
	abi->size = (uint8_t)size;
	walk->chain.is_signed = number.is_signed;
	abi->flags = number.is_signed ? ABI_CHAIN_SIGNED : 0;
	return 0;
}

static int place_value(struct walk *walk)
{
	struct abi_chain *abi = &walk->chain.abi;
	struct btf_number number;
	struct btf_entry entry;
	int error = 0;

	if (!btf_bare(walk->view, walk->type, &entry))
		return fail_step(walk, "damaged type");
	if (abi->bits)
		error = place_bits(walk);
	else if (entry.kind == BTF_KIND_PTR)
		abi->size = 8;
	else if (btf_number(&entry, &number))
		abi->size = (uint8_t)number.size;
	walk->chain.type = walk->type;
	return error ? error : put_offset(walk);
}

static int take_path(struct walk *walk, struct chain_root root)
{
	struct step ahead;
	int error = next_step(walk);

	if (error == 1)
		return fail(walk->error, "the path is empty");
	for (bool first = true; !error; first = false) {
		struct step now = walk->step;

		error = next_step(walk);	/* a bit field must be the last */
		if (error < 0)
			break;
		ahead = walk->step;
		walk->step = now;
		if (count_step(walk) || (now.is_element ? take_element(walk, first && root.is_argument) :
					 is_cast(walk) ? take_cast(walk, !first) : take_member(walk, error == 1, !first)))
			return -EINVAL;
		if (!error)
			walk->step = ahead;
	}
	return error == 1 ? place_value(walk) : error;
}

int chain_resolve(struct btf_view *view, struct chain_root root, const char *path, struct chain *ret,
		  struct chain_error *error)
{
	struct walk walk = { .view = view, .path = path, .type = root.type, .error = error };
	size_t length = strlen(path);
	int result;

	if (length > LIMIT_BTF_NAME_BYTES)
		return fail(error, "the path has %zu bytes, and may have %d", length, LIMIT_BTF_NAME_BYTES);
	walk.end = (uint32_t)length;
	walk.step.at = length && *path == '.';
	walk.end -= walk.end > walk.step.at && path[length - 1] == '.';
	result = take_path(&walk, root);
	buffer_release(&walk.words);
	if (!result)
		*ret = walk.chain;
	return result;
}

/* ---- Roots ---- */

int chain_root_of_type(struct btf_view *view, const char *name, bool own, struct chain_root *ret, struct chain_error *error)
{
	const uint32_t kinds = BTF_BIT(STRUCT) | BTF_BIT(UNION);
	struct nearest nearest = { .name = name, .length = strlen(name) };
	bool (*find)(struct btf_view *, const char *, uint32_t, struct btf_entry *) = own ? btf_find_own : btf_find;
	struct btf_entry entry;

	if (find(view, name, kinds, &entry) || find(view, name, BTF_BIT(TYPEDEF), &entry)) {
		*ret = (struct chain_root){ entry.id, false };
		return 0;
	}
	btf_nearest(view, "", kinds, &nearest);
	return nearest.best ? fail(error, "there is no struct %.64s; did you mean '%.64s'?", name, nearest.best) :
		fail(error, "there is no struct %.64s", name);
}

/* Parameter `number` of a prototype whose first `hidden` are not the hook's. */
static int parameter(struct btf_view *view, const struct btf_entry *prototype, const char *title, uint32_t number,
		     uint32_t hidden, uint32_t *type, struct chain_error *error)
{
	uint32_t count = prototype->count;

	if (count && !btf_parameter_at(view, prototype, count - 1).type)
		count--;		/* ... */
	if (number >= count || number + hidden >= count)
		return fail(error, "%.128s has no argument %u: it takes %u here, counted from 0", title, number,
			    count > hidden ? count - hidden : 0);
	*type = btf_parameter_at(view, prototype, number + hidden).type;
	return 0;
}

int chain_argument(struct btf_view *view, const char *function, uint32_t number, uint32_t *type, struct chain_error *error)
{
	struct btf_entry prototype;

	if (!btf_prototype(view, function, &prototype))
		return fail(error, "the kernel says nothing about the types of %.128s", function);
	return parameter(view, &prototype, function, number, 0, type, error);
}

int chain_returned(struct btf_view *view, const char *function, uint32_t *type, struct chain_error *error)
{
	struct btf_entry prototype;

	if (!btf_prototype(view, function, &prototype))
		return fail(error, "the kernel says nothing about the types of %.128s", function);
	*type = prototype.type;
	return 0;
}

/* btf_trace_EVENT is the type of its callbacks; __bpf_trace_EVENT exists only of the first event of a class. */
static bool tracepoint_prototype(struct btf_view *view, const char *event, struct btf_entry *ret)
{
	struct btf_entry entry;
	char name[LIMIT_HOOK_NAME_BYTES + 32];

	snprintf(name, sizeof(name), "btf_trace_%s", event);
	if (btf_find(view, name, BTF_BIT(TYPEDEF), &entry) && btf_at(view, entry.type, &entry) && entry.kind == BTF_KIND_PTR &&
	    btf_at(view, entry.type, ret) && ret->kind == BTF_KIND_FUNC_PROTO)
		return true;
	snprintf(name, sizeof(name), "__bpf_trace_%s", event);
	return btf_prototype(view, name, ret);
}

int chain_tracepoint_argument(struct btf_view *view, const char *event, uint32_t number, uint32_t *type,
			      struct chain_error *error)
{
	struct btf_entry prototype;

	if (!tracepoint_prototype(view, event, &prototype))
		return fail(error, "the kernel says nothing about the types of raw tracepoint %.128s", event);
	return parameter(view, &prototype, event, number, 1, type, error);
}

bool chain_tracepoint_count(struct btf_view *view, const char *event, uint32_t *ret)
{
	struct btf_entry prototype;

	if (!tracepoint_prototype(view, event, &prototype) || !prototype.count)
		return false;
	*ret = prototype.count - 1;
	return true;
}

int chain_root_of_pointer(struct btf_view *view, uint32_t type, const char *what, struct chain_root *ret,
			  struct chain_error *error)
{
	struct buffer words = { 0 };
	struct btf_entry entry;

	if (btf_bare(view, type, &entry) && entry.kind == BTF_KIND_PTR) {
		*ret = (struct chain_root){ entry.type, true };
		return 0;
	}
	btf_describe(view, type, &words);
	fail(error, "%.128s is no pointer, but %.200s", what, words.bytes);
	buffer_release(&words);
	return -EINVAL;
}
