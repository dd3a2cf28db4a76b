// SPDX-License-Identifier: Apache-2.0
/* map_object.c - the bytes of an object, in a file of its own or inside an image; see parts.h. */
#include <ctype.h>
#include <string.h>

#include "compiler/inspect/parts.h"
#include "compiler/object/format.h"

static const struct section_row {
	const char *name;
	size_t size;
} rows[] = {
#define X(name, type) { #name, sizeof(type) },
	OBJECT_SECTIONS(X)
#undef X
};

/* Records that begin with where the policy has it. */
static const bool has_place[OBJECT_SECTION_COUNT] = {
	[OBJECT_POLICY] = true, [OBJECT_HOOKS] = true, [OBJECT_ARGUMENTS] = true, [OBJECT_SELECTORS] = true,
	[OBJECT_PREDICATES] = true, [OBJECT_WRITTEN] = true, [OBJECT_LATER] = true, [OBJECT_NAMES] = true, [OBJECT_ASKED] = true,
};

struct object_map {
	struct inspect_ranges *ranges;
	uint32_t offset;		/* of the object in the file */
	const struct ir_policy *policy;
	const char *of;			/* " of policy 'x'" inside an image */
};

static void add_header(const struct object_map *map, const struct object_header *header)
{
#define MEMBER(member, ...) \
	inspect_range(map->ranges, map->offset + offsetof(struct object_header, member), sizeof(header->member), NULL, __VA_ARGS__)
	MEMBER(magic, "object%s: magic number", map->of);
	MEMBER(version, "object%s: version %u", map->of, header->version);
	MEMBER(size, "object%s: %u bytes", map->of, header->size);
	MEMBER(checksum, "object%s: checksum", map->of);
#undef MEMBER
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++)
		inspect_range(map->ranges, map->offset + offsetof(struct object_header, sections) + (uint32_t)n * sizeof(struct object_section),
			      sizeof(struct object_section), NULL, "object%s: %u %s at %u", map->of, header->sections[n].count,
			      rows[n].name, header->sections[n].offset);
}

static const char *place_of(const struct object_map *map, int section, uint32_t offset)
{
	struct inspection *inspection = map->ranges->inspection;
	struct object_place at;

	if (!has_place[section])
		return NULL;
	memcpy(&at, inspection->bytes + offset, sizeof(at));
	return inspect_place(inspection, map->policy, (struct ir_place){ .line = at.line, .column = at.column });
}

/* Each with the NUL behind it. */
static void add_strings(const struct object_map *map, uint32_t offset, uint32_t size)
{
	const char *bytes = (const char *)map->ranges->inspection->bytes + offset;

	for (uint32_t at = 0, length; at < size; at += length) {
		struct buffer text = { 0 };

		length = (uint32_t)strnlen(bytes + at, size - at);
		buffer_add_quoted(&text, bytes + at, length);
		length += at + length < size;
		inspect_range(map->ranges, offset + at, length, NULL, "object%s: text %s", map->of, text.bytes);
		buffer_release(&text);
	}
}

static void add_section(const struct object_map *map, int section, struct object_section place)
{
	char name[32];
	size_t n;

	for (n = 0; rows[section].name[n] && n + 1 < sizeof(name); n++)
		name[n] = (char)tolower((unsigned char)rows[section].name[n]);
	name[n] = '\0';
	for (uint32_t i = 0; i < place.count; i++) {
		const uint32_t offset = map->offset + place.offset + i * (uint32_t)rows[section].size;

		inspect_range(map->ranges, offset, rows[section].size, place_of(map, section, offset), "object%s: %s %u",
			      map->of, name, i);
	}
}

void inspect_map_object(struct inspect_ranges *ranges, uint32_t offset, const struct ir_policy *policy)
{
	struct inspection *inspection = ranges->inspection;
	struct object_map map = { ranges, offset, policy, "" };
	struct object_header header;

	if (inspection->kind == INSPECT_IMAGE)
		map.of = arena_format(inspection->arena, " of policy '%s'", policy->name.bytes);
	memcpy(&header, inspection->bytes + offset, sizeof(header));
	add_header(&map, &header);
	for (int n = 0; n < OBJECT_SECTION_COUNT; n++)
		if (n == OBJECT_STRINGS)
			add_strings(&map, offset + header.sections[n].offset, header.sections[n].count);
		else
			add_section(&map, n, header.sections[n]);
}
