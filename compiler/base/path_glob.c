// SPDX-License-Identifier: Apache-2.0
/* path_glob.c - see path_glob.h. */
#include "compiler/base/path_glob.h"

#include <string.h>

struct reader {
	const char *bytes;
	size_t length, at;
	struct path_glob_part *parts;
	size_t count;
};

static void add_bit(struct path_glob_part *part, uint8_t byte)
{
	part->bytes[byte >> 6] |= 1ULL << (byte & 63);
}

static struct path_glob_part *add(struct reader *reader, enum path_glob_kind kind)
{
	struct path_glob_part *part = &reader->parts[reader->count++];

	*part = (struct path_glob_part){ .kind = kind };
	return part;
}

static void add_byte(struct reader *reader, uint8_t byte)
{
	add_bit(add(reader, PATH_GLOB_BYTE), byte);
	reader->at++;
}

/* All bytes that a name may have but those that are in it. */
static void turn_round(struct path_glob_part *part)
{
	for (size_t n = 0; n < 4; n++)
		part->bytes[n] = ~part->bytes[n];
}

static void take_out_slash(struct path_glob_part *part)
{
	part->bytes['/' >> 6] &= ~(1ULL << ('/' & 63));
}

static bool is_at(const struct reader *reader, char byte)
{
	return reader->at < reader->length && reader->bytes[reader->at] == byte;
}

/* A byte of a set, past the backslash before it. */
static bool next_of_set(struct reader *reader, uint8_t *ret)
{
	reader->at += is_at(reader, '\\');
	if (reader->at >= reader->length)
		return false;
	*ret = (uint8_t)reader->bytes[reader->at++];
	return true;
}

static bool ends_range(const struct reader *reader)
{
	return reader->at + 1 < reader->length && reader->bytes[reader->at] == '-' && reader->bytes[reader->at + 1] != ']';
}

/* From behind the [ to behind the ]; one that comes first is a byte of the set. */
static const char *read_set(struct reader *reader)
{
	struct path_glob_part *part = add(reader, PATH_GLOB_BYTE);
	const bool is_negated = is_at(reader, '!') || is_at(reader, '^');
	bool is_first = true;
	uint8_t low, high;

	for (reader->at += is_negated; is_first || !is_at(reader, ']'); is_first = false) {
		if (!next_of_set(reader, &low))
			return "a '[' has no ']'";
		high = low;
		if (ends_range(reader)) {
			reader->at++;
			if (!next_of_set(reader, &high))
				return "a '[' has no ']'";
		}
		if (high < low)
			return "a range ends before it begins";
		for (unsigned byte = low; byte <= high; byte++)
			add_bit(part, (uint8_t)byte);
	}
	reader->at++;
	if (is_negated)
		turn_round(part);
	take_out_slash(part);
	return NULL;
}

/* ** stands between slashes, or at the end behind one. */
static const char *read_stars(struct reader *reader)
{
	const bool begins = !reader->at || reader->bytes[reader->at - 1] == '/';
	const size_t behind = reader->at + 2;

	if (reader->at + 1 >= reader->length || reader->bytes[reader->at + 1] != '*') {
		add(reader, PATH_GLOB_NAME);
		reader->at++;
		return NULL;
	}
	if (!begins || (behind < reader->length && reader->bytes[behind] != '/'))
		return "'**' stands for whole folders: put '/' around it";
	if (behind == reader->length) {
		add(reader, PATH_GLOB_REST);
		reader->at = behind;
	} else {
		add(reader, PATH_GLOB_FOLDERS);
		reader->at = behind + 1;
	}
	return NULL;
}

static const char *read_part(struct reader *reader)
{
	switch (reader->bytes[reader->at]) {
	case '*':
		return read_stars(reader);
	case '?':
		turn_round(add(reader, PATH_GLOB_BYTE));
		take_out_slash(&reader->parts[reader->count - 1]);
		reader->at++;
		return NULL;
	case '[':
		reader->at++;
		return read_set(reader);
	case '{':
		return "there are no braces: write a pattern for each word (of a '{' itself: '\\{')";
	case '\\':
		if (++reader->at == reader->length)
			return "nothing stands behind the '\\'";
		break;
	default:
		break;
	}
	add_byte(reader, (uint8_t)reader->bytes[reader->at]);
	return NULL;
}

/* The one byte that the part means, or -1. */
static int only_byte(const struct path_glob_part *part)
{
	int found = -1;

	for (int byte = 0; byte < 256 && part->kind == PATH_GLOB_BYTE; byte++) {
		if (!path_glob_has(part, (uint8_t)byte))
			continue;
		if (found >= 0)
			return -1;
		found = byte;
	}
	return found;
}

static bool means_everything(const struct reader *reader)
{
	for (size_t n = 0; n < reader->count; n++)
		if (reader->parts[n].kind == PATH_GLOB_BYTE)
			return false;
	return true;
}

static bool is_slash(const struct path_glob_part *part)
{
	return only_byte(part) == '/';
}

static bool has_empty_name(const struct reader *reader)
{
	for (size_t n = 1; n < reader->count; n++)
		if (is_slash(&reader->parts[n]) && (is_slash(&reader->parts[n - 1]) || reader->parts[n - 1].kind == PATH_GLOB_FOLDERS))
			return true;
	return false;
}

/* What is wrong with all of it. */
static const char *judge(const struct reader *reader)
{
	const struct path_glob_part *last = &reader->parts[reader->count - 1];

	if (means_everything(reader))
		return "it means every path";
	if (last->kind == PATH_GLOB_FOLDERS || (reader->count > 1 && is_slash(last)))
		return "no path ends with '/': end it with '/**' for all that is below";
	if (has_empty_name(reader))
		return "no path has a '/' behind a '/'";
	return NULL;
}

const char *path_glob_read(const char *bytes, size_t length, struct arena *arena, struct path_glob *ret)
{
	struct reader reader = { bytes, length, 0, arena_array(arena, struct path_glob_part, length + 1), 0 };
	const bool is_name = !memchr(bytes, '/', length) && !(length >= 2 && !memcmp(bytes, "**", 2));
	const char *problem = NULL;

	if (is_name)
		add(&reader, PATH_GLOB_FOLDERS);
	else if (bytes[0] != '/' && (length < 2 || memcmp(bytes, "**", 2)))
		return "a pattern with a '/' begins with '/' or with '**/'";
	while (reader.at < length && !problem)
		problem = read_part(&reader);
	*ret = (struct path_glob){ reader.parts, reader.count };
	return problem ? problem : judge(&reader);
}

/* ---- Ends ---- */

static char *spell(const struct path_glob_part *parts, size_t count, struct arena *arena)
{
	char *bytes = arena_array(arena, char, count + 1);

	for (size_t n = 0; n < count; n++)
		bytes[n] = (char)only_byte(&parts[n]);
	return bytes;
}

/* Whether a text could begin with `head`, end with `tail`, and be too short for both: they would share more than `least` bytes. */
static bool may_overlap(const struct path_glob_ends *ends, size_t least)
{
	for (size_t n = least + 1; n <= ends->head.length && n <= ends->tail.length; n++)
		if (!memcmp(ends->head.bytes + ends->head.length - n, ends->tail.bytes, n))
			return true;
	return false;
}

/* Between the beginning and the end: nothing but folders, and then maybe anything of a name.  The / before folders may be the one behind them. */
static bool is_gap(const struct path_glob *glob, size_t head, size_t tail, const struct path_glob_ends *ends)
{
	const struct path_glob_part *gap = &glob->parts[head];
	const size_t count = tail - head;

	if (count == 1)
		return gap[0].kind == PATH_GLOB_REST || (gap[0].kind == PATH_GLOB_FOLDERS && !may_overlap(ends, 1));
	return count == 2 && gap[0].kind == PATH_GLOB_FOLDERS && gap[1].kind == PATH_GLOB_NAME && !may_overlap(ends, 0);
}

struct path_glob_ends path_glob_ends(const struct path_glob *glob, struct arena *arena)
{
	struct path_glob_ends ret = { 0 };
	size_t head = 0, tail = glob->count;

	while (head < glob->count && only_byte(&glob->parts[head]) >= 0)
		head++;
	while (tail > head && only_byte(&glob->parts[tail - 1]) >= 0)
		tail--;
	ret.is_exact = head == glob->count;
	ret.head.bytes = spell(glob->parts, head, arena);
	ret.head.length = head;
	ret.tail.bytes = spell(glob->parts + tail, glob->count - tail, arena);
	ret.tail.length = glob->count - tail;
	if (tail > head && tail < glob->count && glob->parts[tail - 1].kind == PATH_GLOB_FOLDERS) {
		ret.tail.bytes = arena_format(arena, "/%s", ret.tail.bytes);	/* whatever they are, there is a / before the name */
		ret.tail.length++;
	}
	ret.is_all = !ret.is_exact && is_gap(glob, head, tail, &ret);
	return ret;
}
