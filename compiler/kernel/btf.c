// SPDX-License-Identifier: Apache-2.0
/* btf.c - the bytes of BTF: sections, types by id and by name; see btf.h. */
#include "compiler/kernel/btf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

struct btf_view {
	struct btf_view *base;
	const uint8_t *types;
	const char *strings;
	uint32_t types_size, strings_size;
	uint32_t first_string;		/* offset of the first string of its own: the base's size */
	uint32_t first, count;		/* types of its own: the id of the first, and how many */
	uint32_t *places;		/* offset of each in `types` */
	uint32_t *heads, *nexts;	/* index by name: 1 + number of a type, chained in ascending order; NULL until needed */
	uint32_t mask;
};

/* What follows the 12 bytes that all have, and what `count` counts. */
static const struct { bool known; uint8_t fixed, each; } kinds[] = {
	[BTF_KIND_INT] = { true, 4, 0 }, [BTF_KIND_PTR] = { true, 0, 0 }, [BTF_KIND_ARRAY] = { true, 12, 0 },
	[BTF_KIND_STRUCT] = { true, 0, 12 }, [BTF_KIND_UNION] = { true, 0, 12 }, [BTF_KIND_ENUM] = { true, 0, 8 },
	[BTF_KIND_FWD] = { true, 0, 0 }, [BTF_KIND_TYPEDEF] = { true, 0, 0 }, [BTF_KIND_VOLATILE] = { true, 0, 0 },
	[BTF_KIND_CONST] = { true, 0, 0 }, [BTF_KIND_RESTRICT] = { true, 0, 0 }, [BTF_KIND_FUNC] = { true, 0, 0 },
	[BTF_KIND_FUNC_PROTO] = { true, 0, 8 }, [BTF_KIND_VAR] = { true, 4, 0 }, [BTF_KIND_DATASEC] = { true, 0, 12 },
	[BTF_KIND_FLOAT] = { true, 0, 0 }, [BTF_KIND_DECL_TAG] = { true, 4, 0 }, [BTF_KIND_TYPE_TAG] = { true, 0, 0 },
	[BTF_KIND_ENUM64] = { true, 0, 12 },
};
enum { HEAD = 12, KINDS = sizeof(kinds) / sizeof(kinds[0]) };

#define HAS_SIZE	(BTF_BIT(INT) | BTF_BIT(STRUCT) | BTF_BIT(UNION) | BTF_BIT(ENUM) | BTF_BIT(ENUM64) | BTF_BIT(FLOAT) | \
			 BTF_BIT(DATASEC))
#define HAS_INDEX	(BTF_BIT(STRUCT) | BTF_BIT(UNION) | BTF_BIT(ENUM) | BTF_BIT(ENUM64) | BTF_BIT(TYPEDEF) | BTF_BIT(FUNC))

/* Of any alignment. */
static uint32_t word(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* ---- Opening ---- */

static int bad(char message[256], int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int bad(char message[256], int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, 256, format, arguments);
	va_end(arguments);
	return error;
}

/* A section: `offset` counts from the end of the header. */
static const uint8_t *section(const uint8_t *bytes, size_t size, uint32_t header, uint32_t offset, uint32_t length)
{
	size_t room = size - header;

	return offset <= room && length <= room - offset ? bytes + header + offset : NULL;
}

static int open_sections(struct btf_view *view, const uint8_t *bytes, size_t size, char message[256])
{
	struct btf_header header;

	if (size > LIMIT_BTF_BYTES)
		return bad(message, -E2BIG, "%zu bytes, of which %d are read at most", size, LIMIT_BTF_BYTES);
	if (size < sizeof(header))
		return bad(message, -EINVAL, "%zu bytes are no type information", size);
	memcpy(&header, bytes, sizeof(header));
	if (header.magic != BTF_MAGIC)
		return bad(message, -EINVAL, "wrong magic number");
	if (header.version != BTF_VERSION)
		return bad(message, -EPROTO, "version %u, this reads version %u", header.version, BTF_VERSION);
	if (header.hdr_len < sizeof(header) || header.hdr_len > size)
		return bad(message, -EINVAL, "the header is not valid");
	view->types = section(bytes, size, header.hdr_len, header.type_off, header.type_len);
	view->strings = (const char *)section(bytes, size, header.hdr_len, header.str_off, header.str_len);
	view->types_size = header.type_len;
	view->strings_size = header.str_len;
	return view->types && view->strings ? 0 : bad(message, -EINVAL, "a section lies outside");
}

/* Every string ends, and none is long, wherever one begins. */
static int check_strings(const struct btf_view *view, char message[256])
{
	const char *at = view->strings, *end = at + view->strings_size;

	if (!view->base && (!view->strings_size || *at))
		return bad(message, -EINVAL, "the first string is not empty");
	while (at < end) {
		const char *stop = memchr(at, 0, (size_t)(end - at));

		if (!stop)
			return bad(message, -EINVAL, "the last string does not end");
		if (stop - at > LIMIT_BTF_NAME_BYTES)
			return bad(message, -E2BIG, "a name of %zu bytes, and %d are read at most", (size_t)(stop - at),
				   LIMIT_BTF_NAME_BYTES);
		at = stop + 1;
	}
	return 0;
}

static uint32_t info_kind(uint32_t info)
{
	return BTF_INFO_KIND(info);
}

/* Where the type behind the one at `place` begins; 0 when there is something wrong. */
static uint64_t next_place(const struct btf_view *view, uint64_t place, uint32_t id, char message[256], int *error)
{
	uint32_t info, kind;
	uint64_t next;

	*error = -EINVAL;
	if (view->types_size - place < HEAD) {
		bad(message, *error, "type %u lies outside", id);
		return 0;
	}
	info = word(view->types + place + 4);
	kind = info_kind(info);
	if (kind >= KINDS || !kinds[kind].known) {
		*error = bad(message, -EPROTO, "type %u is of kind %u, which is not known", id, kind);
		return 0;
	}
	next = place + HEAD + kinds[kind].fixed + (uint64_t)kinds[kind].each * BTF_INFO_VLEN(info);
	if (next > view->types_size)
		bad(message, *error, "type %u lies outside", id);
	return next > view->types_size ? 0 : next;
}

static int find_places(struct btf_view *view, char message[256])
{
	uint32_t room = 0;
	uint64_t next;
	int error;

	for (uint64_t place = 0; place < view->types_size; place = next) {
		next = next_place(view, place, view->first + view->count, message, &error);
		if (!next)
			return error;
		if (view->first + view->count >= LIMIT_BTF_TYPES)
			return bad(message, -E2BIG, "more than %d types", LIMIT_BTF_TYPES);
		if (view->count == room) {
			uint32_t *more = realloc(view->places, (room = room ? 2 * room : 4096) * sizeof(*more));

			if (!more)
				return bad(message, -ENOMEM, "no memory");
			view->places = more;
		}
		view->places[view->count++] = (uint32_t)place;
	}
	return 0;
}

int btf_open(const void *bytes, size_t size, struct btf_view *base, struct btf_view **ret, char message[256])
{
	struct btf_view *view = calloc(1, sizeof(*view));
	int error;

	if (!view)
		return bad(message, -ENOMEM, "no memory");
	view->base = base;
	view->first = base ? btf_type_count(base) : 1;
	view->first_string = base ? base->first_string + base->strings_size : 0;
	error = open_sections(view, bytes, size, message);
	if (!error)
		error = check_strings(view, message);
	if (!error)
		error = find_places(view, message);
	if (error) {
		btf_close(view);
		return error;
	}
	*ret = view;
	return 0;
}

void btf_close(struct btf_view *view)
{
	if (!view)
		return;
	free(view->places);
	free(view->heads);
	free(view->nexts);
	free(view);
}

/* ---- Types by id ---- */

uint32_t btf_type_count(const struct btf_view *view)
{
	return view->first + view->count;
}

static const char *text(const struct btf_view *view, uint32_t offset)
{
	while (view->base && offset < view->first_string)
		view = view->base;
	offset -= view->first_string;
	return offset < view->strings_size ? view->strings + offset : "";
}

static void read_entry(const struct btf_view *view, uint32_t id, struct btf_entry *ret)
{
	const uint8_t *at = view->types + view->places[id - view->first];
	uint32_t info = word(at + 4), last = word(at + 8), kind = info_kind(info);
	bool has_size = HAS_SIZE >> kind & 1;

	*ret = (struct btf_entry){
		.id = id, .kind = kind, .flag = BTF_INFO_KFLAG(info), .count = BTF_INFO_VLEN(info),
		.name = text(view, word(at)), .size = has_size ? last : 0, .type = has_size ? 0 : last, .more = at + HEAD,
	};
}

bool btf_at(const struct btf_view *view, uint32_t id, struct btf_entry *ret)
{
	if (!id) {
		*ret = (struct btf_entry){ .kind = BTF_KIND_UNKN, .name = "void" };
		return true;
	}
	if (id >= btf_type_count(view))
		return false;
	while (id < view->first)
		view = view->base;
	read_entry(view, id, ret);
	return true;
}

#define MODIFIERS	(BTF_BIT(TYPEDEF) | BTF_BIT(CONST) | BTF_BIT(VOLATILE) | BTF_BIT(RESTRICT) | BTF_BIT(TYPE_TAG))

bool btf_bare(const struct btf_view *view, uint32_t id, struct btf_entry *ret)
{
	struct btf_entry entry;

	for (int depth = 0; depth < LIMIT_BTF_DEPTH; depth++) {
		if (!btf_at(view, id, &entry))
			return false;
		if (!(MODIFIERS >> entry.kind & 1)) {
			*ret = entry;
			return true;
		}
		id = entry.type;
	}
	return false;
}

/* ---- Types by name ---- */

/* Of the first bytes: a hostile blob may have many long names. */
static uint32_t hash(const char *name)
{
	uint32_t value = 2166136261u;

	for (int n = 0; n < 64 && name[n]; n++)
		value = (value ^ (uint8_t)name[n]) * 16777619u;
	return value ^ value >> 15;
}

static bool make_index(struct btf_view *view)
{
	uint32_t size = 16;

	while (size < view->count)
		size *= 2;
	view->heads = calloc(size, sizeof(*view->heads));
	view->nexts = calloc(view->count ? view->count : 1, sizeof(*view->nexts));
	view->mask = size - 1;
	if (!view->heads || !view->nexts) {
		free(view->heads);
		free(view->nexts);
		view->heads = view->nexts = NULL;
		return false;
	}
	for (uint32_t n = view->count; n; n--) {
		struct btf_entry entry;
		uint32_t *head;

		read_entry(view, view->first + n - 1, &entry);
		if (!(HAS_INDEX >> entry.kind & 1) || !*entry.name)
			continue;
		head = &view->heads[hash(entry.name) & view->mask];
		view->nexts[n - 1] = *head;
		*head = n;
	}
	return true;
}

bool btf_find_own(struct btf_view *view, const char *name, uint32_t wanted, struct btf_entry *ret)
{
	struct btf_entry entry;

	if (!*name || (!view->heads && !make_index(view)))
		return false;
	for (uint32_t n = view->heads[hash(name) & view->mask]; n; n = view->nexts[n - 1]) {
		read_entry(view, view->first + n - 1, &entry);
		if (wanted >> entry.kind & 1 && !strcmp(entry.name, name)) {
			*ret = entry;
			return true;
		}
	}
	return false;
}

bool btf_find(struct btf_view *view, const char *name, uint32_t wanted, struct btf_entry *ret)
{
	return (view->base && btf_find(view->base, name, wanted, ret)) || btf_find_own(view, name, wanted, ret);
}

void btf_nearest(const struct btf_view *view, const char *prefix, uint32_t wanted, struct nearest *nearest)
{
	size_t length = strlen(prefix);

	if (view->base)
		btf_nearest(view->base, prefix, wanted, nearest);
	for (uint32_t n = 0; n < view->count; n++) {
		struct btf_entry entry;

		read_entry(view, view->first + n, &entry);
		if (wanted >> entry.kind & 1 && !strncmp(entry.name, prefix, length))
			nearest_try(nearest, entry.name + length);
	}
}

/* ---- What types are made of ---- */

/* Old bit fields: the type of the member, an integer, has the bits. */
static uint32_t old_bit_field(const struct btf_view *view, struct btf_part *member)
{
	struct btf_entry entry;
	struct btf_number number;

	if (!btf_bare(view, member->type, &entry) || entry.kind != BTF_KIND_INT || !btf_number(&entry, &number) ||
	    (!number.offset && number.bits == 8 * number.size && !(member->bit & 7)))
		return 0;
	member->bit += number.offset;
	return number.bits;
}

struct btf_part btf_member_at(const struct btf_view *view, const struct btf_entry *entry, uint32_t n)
{
	const uint8_t *at = entry->more + (size_t)n * 12;
	uint32_t offset = word(at + 8);
	struct btf_part member = { text(view, word(at)), word(at + 4), offset, 0 };

	if (!entry->flag) {
		member.bits = old_bit_field(view, &member);
		return member;
	}
	member.bit = BTF_MEMBER_BIT_OFFSET(offset);
	member.bits = BTF_MEMBER_BITFIELD_SIZE(offset);
	return member;
}

struct btf_part btf_parameter_at(const struct btf_view *view, const struct btf_entry *entry, uint32_t n)
{
	const uint8_t *at = entry->more + (size_t)n * 8;

	return (struct btf_part){ text(view, word(at)), word(at + 4), 0, 0 };
}

static bool is_structure(const struct btf_entry *entry)
{
	return entry->kind == BTF_KIND_STRUCT || entry->kind == BTF_KIND_UNION;
}

struct member_search {
	const struct btf_view *view;
	const char *name;
	size_t length;
	struct nearest *nearest;
	uint32_t left;		/* members that may still be looked at */
};

static bool search_members(struct member_search *search, const struct btf_entry *entry, uint64_t bit, int depth,
			   struct btf_part *ret)
{
	for (uint32_t n = 0; n < entry->count && search->left; n++) {
		struct btf_part member = btf_member_at(search->view, entry, n);
		struct btf_entry inner;

		search->left--;
		member.bit += bit;
		if (*member.name) {
			if (!strncmp(member.name, search->name, search->length) && !member.name[search->length]) {
				*ret = member;
				return true;
			}
			if (search->nearest)
				nearest_try(search->nearest, member.name);
		} else if (depth < LIMIT_BTF_DEPTH && btf_bare(search->view, member.type, &inner) && is_structure(&inner) &&
			   search_members(search, &inner, member.bit, depth + 1, ret)) {
			return true;
		}
	}
	return false;
}

bool btf_member_find(const struct btf_view *view, const struct btf_entry *entry, const char *name, size_t length,
		     struct nearest *nearest, struct btf_part *ret)
{
	struct member_search search = { view, name, length, nearest, LIMIT_BTF_MEMBERS };

	return search_members(&search, entry, 0, 0, ret);
}

struct btf_elements btf_elements(const struct btf_entry *entry)
{
	return (struct btf_elements){ word(entry->more), word(entry->more + 8) };
}

static bool is_number_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Of kernels whose enumerations do not say whether they have a sign; all values of a small one read the same. */
static bool enumeration_is_small(const struct btf_entry *entry)
{
	for (uint32_t n = 0; n < entry->count; n++) {
		const uint8_t *at = entry->more + (size_t)n * kinds[entry->kind].each;
		uint32_t top = word(at + (entry->kind == BTF_KIND_ENUM64 ? 8 : 4));

		if (top >> 31 || (entry->size < 4 && top >> (8 * entry->size - 1)))
			return false;
	}
	return entry->count > 0;
}

bool btf_number(const struct btf_entry *entry, struct btf_number *ret)
{
	uint32_t more;

	if (!is_number_size(entry->size))
		return false;
	*ret = (struct btf_number){ entry->size, 0, 8 * entry->size, entry->flag, false };
	if (entry->kind == BTF_KIND_ENUM || entry->kind == BTF_KIND_ENUM64) {
		ret->either = enumeration_is_small(entry);
		return true;
	}
	if (entry->kind != BTF_KIND_INT)
		return false;
	more = word(entry->more);
	ret->is_signed = BTF_INT_ENCODING(more) & BTF_INT_SIGNED;
	ret->either = entry->size == 1 && (BTF_INT_ENCODING(more) & BTF_INT_CHAR || !strcmp(entry->name, "char") ||
					   BTF_INT_ENCODING(more) & BTF_INT_BOOL);
	ret->offset = BTF_INT_OFFSET(more);
	ret->bits = BTF_INT_BITS(more);
	return ret->bits && ret->offset + ret->bits <= 8 * entry->size;
}

bool btf_size(const struct btf_view *view, uint32_t id, uint64_t *ret)
{
	uint64_t times = 1;
	struct btf_entry entry;

	for (int depth = 0; depth < LIMIT_BTF_DEPTH && btf_bare(view, id, &entry); depth++) {
		if (entry.kind != BTF_KIND_ARRAY) {
			if (entry.kind != BTF_KIND_PTR && !(HAS_SIZE >> entry.kind & 1))
				return false;
			*ret = times * (entry.kind == BTF_KIND_PTR ? 8 : entry.size);
			return *ret <= UINT32_MAX;
		}
		times *= btf_elements(&entry).count;
		if (times > UINT32_MAX)
			return false;
		id = btf_elements(&entry).type;
	}
	return false;
}

bool btf_prototype(struct btf_view *view, const char *function, struct btf_entry *ret)
{
	struct btf_entry entry;

	return btf_find(view, function, BTF_BIT(FUNC), &entry) && btf_at(view, entry.type, ret) &&
	       ret->kind == BTF_KIND_FUNC_PROTO;
}

/* ---- In words ---- */

static void describe(const struct btf_view *view, uint32_t id, int depth, struct buffer *ret)
{
	struct btf_entry entry;

	if (depth == LIMIT_BTF_DEPTH || !btf_at(view, id, &entry)) {
		buffer_add_text(ret, "damaged type");
		return;
	}
	switch (entry.kind) {
	case BTF_KIND_CONST: case BTF_KIND_VOLATILE: case BTF_KIND_RESTRICT: case BTF_KIND_TYPE_TAG:
		describe(view, entry.type, depth + 1, ret);
		break;
	case BTF_KIND_PTR:
		describe(view, entry.type, depth + 1, ret);
		buffer_add_text(ret, ret->length && ret->bytes[ret->length - 1] == '*' ? "*" : " *");
		break;
	case BTF_KIND_ARRAY:
		describe(view, btf_elements(&entry).type, depth + 1, ret);
		buffer_format(ret, " [%u]", btf_elements(&entry).count);
		break;
	case BTF_KIND_FUNC_PROTO:
		buffer_add_text(ret, "function");
		break;
	default:
		if (is_structure(&entry) || entry.kind == BTF_KIND_FWD)
			buffer_add_text(ret, entry.kind == BTF_KIND_UNION || (entry.kind == BTF_KIND_FWD && entry.flag) ?
					"union " : "struct ");
		else if (entry.kind == BTF_KIND_ENUM || entry.kind == BTF_KIND_ENUM64)
			buffer_add_text(ret, "enum ");
		buffer_format(ret, "%.128s", *entry.name ? entry.name : "without name");
	}
}

void btf_describe(const struct btf_view *view, uint32_t id, struct buffer *ret)
{
	describe(view, id, 0, ret);
}
