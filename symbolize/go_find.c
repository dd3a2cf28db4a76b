// SPDX-License-Identifier: Apache-2.0
/* go_find.c - looking up an address in Go's table; see go.h. */
#include "symbolize/go_internal.h"

#include "schema/schema.h"

/* Words of a function's record, behind its entry. */
enum { RECORD_NAME = 0, RECORD_FILE = 4, RECORD_LINE = 5, RECORD_VALUE_TABLES = 6, RECORD_UNIT = 7 };
/* Which of its tables say what is inlined. */
enum { TABLE_INLINED = 2, DATA_INLINED = 3 };
#define NOT_THERE UINT32_MAX

struct function {
	uint64_t entry, end;
	uint64_t record;		/* offset of its words, behind the entry */
	uint64_t name;			/* offset of its name among the names */
	unsigned steps;			/* that are left for this address */
};

/* ---- Functions ---- */

static bool index_entry(const struct go *go, uint64_t n, uint64_t *ret)
{
	if (!go->layout->is_narrow)
		return go_pointer(go, go->index + 2 * n * go->pointer, ret);
	if (!go_number(go, go->index + 2 * n * 4, 4, ret))
		return false;
	*ret += go->text;
	return true;
}

/* The last function that begins at the address or before it. */
static bool search(const struct go *go, uint64_t address, uint64_t *ret)
{
	uint64_t low = 0, high = go->count, entry;

	if (!index_entry(go, 0, &entry) || address < entry)
		return false;
	while (high - low > 1) {
		const uint64_t middle = low + (high - low) / 2;

		if (!index_entry(go, middle, &entry))
			return false;
		if (entry <= address)
			low = middle;
		else
			high = middle;
	}
	*ret = low;
	return true;
}

static bool record_word(const struct go *go, const struct function *function, unsigned word, uint64_t *ret)
{
	return go_number(go, function->record + 4 * word, 4, ret);
}

static enum symbol_why find_function(const struct go *go, uint64_t address, struct function *ret)
{
	const unsigned size = go->layout->is_narrow ? 4 : go->pointer;
	uint64_t n, at;

	if (!search(go, address, &n))
		return SYMBOL_NO_FUNCTION;
	if (!index_entry(go, n, &ret->entry) || !index_entry(go, n + 1, &ret->end))
		return SYMBOL_DAMAGED;
	if (address < ret->entry || address >= ret->end)
		return SYMBOL_NO_FUNCTION;
	if (!go_number(go, go->index + (2 * n + 1) * size, size, &at) || at > go->section.size)
		return SYMBOL_DAMAGED;
	ret->record = go->functions + at + size;
	ret->steps = LIMIT_GO_STEPS;
	return record_word(go, ret, RECORD_NAME, &ret->name) ? SYMBOL_KNOWN : SYMBOL_DAMAGED;
}

/* ---- Tables of values by address ---- */

static bool read_number(const struct go *go, uint64_t *at, uint32_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		const uint8_t *byte = go_bytes(go, (*at)++, 1);

		if (!byte)
			return false;
		*ret |= (uint32_t)(*byte & 0x7f) << shift % 32;
		if (!(*byte & 0x80))
			return true;
	}
	return false;
}

/* The value at an address, of the table at an offset; -1: it has none there. */
static int32_t value_at(const struct go *go, struct function *function, uint64_t table, uint64_t address)
{
	uint64_t at = go->values + table, here = function->entry;
	uint32_t value = UINT32_MAX, change, distance;
	bool is_first = true;

	if (!table)
		return -1;
	while (function->steps && function->steps--) {
		if (!read_number(go, &at, &change) || (!change && !is_first) || !read_number(go, &at, &distance))
			return -1;
		is_first = false;
		value += change & 1 ? ~(change >> 1) : change >> 1;
		here += (uint64_t)distance * go->quantum;
		if (address < here)
			return (int32_t)value;
	}
	return -1;
}

static int32_t value_of(const struct go *go, struct function *function, unsigned word, uint64_t address)
{
	uint64_t table;

	return record_word(go, function, word, &table) ? value_at(go, function, table, address) : -1;
}

/* Behind the last instruction is nothing but what aligns the next function.  Functions that are not Go's have no lines at all. */
static bool is_behind(const struct go *go, struct function *function, uint64_t address)
{
	uint64_t table;

	return record_word(go, function, RECORD_LINE, &table) && table && value_of(go, function, RECORD_LINE, address) < 0 && function->steps;
}

/* ---- Lines ---- */

static const char *file_text(const struct go *go, const struct function *function, int32_t file)
{
	uint64_t unit, at;

	if (go->layout->units < 0)	/* a table of all files, which begins with their number */
		return file > 0 && go_number(go, go->files + 4 * (uint64_t)file, 4, &at) ? go_text(go, at) : NULL;
	if (file < 0 || !record_word(go, function, RECORD_UNIT, &unit) ||
	    !go_number(go, go->units + 4 * (unit + (uint64_t)file), 4, &at) || at == NOT_THERE)
		return NULL;
	return go_text(go, go->files + at);
}

static void set_line(const struct go *go, struct function *function, uint64_t address, struct symbol_frame *ret)
{
	const int32_t line = value_of(go, function, RECORD_LINE, address);
	const int32_t file = value_of(go, function, RECORD_FILE, address);

	ret->file = line > 0 ? file_text(go, function, file) : NULL;
	ret->line = ret->file ? (uint32_t)line : 0;
	ret->column = 0;
}

/* ---- Inlined calls ---- */

/* Behind the record are the offsets of its tables of values, then those of its data. */
static bool inlined_tables(const struct go *go, const struct function *function, uint64_t *values, uint64_t *data)
{
	const uint64_t behind = function->record + 4 * go->layout->record_words + 4;
	const uint8_t *data_count = go_bytes(go, behind - 1, 1);
	uint64_t count;

	if (!go->data || !data_count || *data_count <= DATA_INLINED || !record_word(go, function, RECORD_VALUE_TABLES, &count) ||
	    count <= TABLE_INLINED || count > UINT16_MAX)
		return false;
	return go_number(go, behind + 4 * TABLE_INLINED, 4, values) && go_number(go, behind + 4 * count + 4 * DATA_INLINED, 4, data) &&
	       *data != NOT_THERE;
}

struct call { uint64_t name, parent; };

static bool read_call(const struct go *go, uint64_t data, int32_t number, struct call *ret)
{
	const struct go_layout *layout = go->layout;
	const uint8_t *bytes = go_bytes_at(go, go->data + data + (uint64_t)number * layout->call_bytes, layout->call_bytes);

	if (!bytes)
		return false;
	ret->name = binary_number(go->binary, bytes + layout->call_name, 4);
	ret->parent = binary_number(go->binary, bytes + layout->call_parent, 4);
	return true;
}

static void add_frame(const struct go *go, struct function *function, const char *name, uint64_t address, struct symbol_frames *ret)
{
	struct symbol_frame *frame = &ret->frames[ret->count++];

	frame->function = name;
	set_line(go, function, address, frame);
}

/* From the innermost outwards; the room that is left is for the outermost.  Each is where an instruction of its caller has its line. */
static bool add_inlined(const struct go *go, struct function *function, uint64_t *address, struct symbol_frames *ret)
{
	uint64_t values, data;
	struct call call;

	if (!inlined_tables(go, function, &values, &data))
		return true;
	for (;;) {
		const int32_t number = value_at(go, function, values, *address);

		if (number < 0)
			return function->steps;
		if (!read_call(go, data, number, &call) || call.parent >= function->end - function->entry)
			return false;
		if (ret->count + 1 >= ret->room)
			ret->is_cut = true;
		else
			add_frame(go, function, go_text(go, go->names + call.name), *address, ret);
		*address = function->entry + call.parent;
	}
}

enum symbol_why go_find(struct go *go, uint64_t address, struct symbol_frames *ret)
{
	struct function function;
	enum symbol_why why = find_function(go, address, &function);
	const char *name;

	ret->count = 0;
	ret->is_cut = false;
	if (why != SYMBOL_KNOWN || !ret->room)
		return why;
	if (is_behind(go, &function, address))
		return SYMBOL_NO_FUNCTION;
	name = go_text(go, go->names + function.name);
	if (!name || !add_inlined(go, &function, &address, ret)) {
		ret->count = 0;
		return SYMBOL_DAMAGED;
	}
	add_frame(go, &function, name, address, ret);
	ret->start = function.entry;
	return SYMBOL_KNOWN;
}
