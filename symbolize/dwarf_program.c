// SPDX-License-Identifier: Apache-2.0
/* dwarf_program.c - runs line programs; see dwarf_lines.h. */
#include <dwarf.h>
#include <stdlib.h>

#include "schema/schema.h"
#include "symbolize/dwarf_lines.h"

struct line_state { uint64_t address, file, line, column; };

/* One sequence while it is run. */
struct run {
	struct dwarf_lines *lines;
	struct line_state state;
	uint64_t known_file;		/* the last that was looked up, and its number in the block */
	uint32_t written_file;
	const uint8_t *start;		/* where in the program the sequence begins */
	uint64_t last;			/* address of the row before */
	bool has_rows, is_dropped, is_sorted;	/* sorted: rows are gathered, because they fall */
};

/* A row of a sequence that has to be sorted; of those at one address the later one is told. */
struct gathered { struct writer_row row; size_t order; };

static uint32_t file_of(struct run *run, uint64_t number)
{
	if (number != run->known_file) {
		run->known_file = number;
		run->written_file = dwarf_lines_file(run->lines, number);
	}
	return run->written_file;
}

static uint32_t small(uint64_t number)
{
	return number > UINT32_MAX ? 0 : (uint32_t)number;
}

static void begin_sequence(struct run *run, const uint8_t *start)
{
	run->state = (struct line_state){ .file = 1, .line = 1 };
	run->start = start;
	run->has_rows = run->is_dropped = run->is_sorted = false;
}

/* Its rows are not in the order of their addresses: begins anew, to gather them. */
static void begin_sorted(struct run *run)
{
	writer_sequence_drop(run->lines->writer);
	begin_sequence(run, run->start);
	run->is_sorted = true;
	run->lines->program.at = run->start;
	run->lines->rows.length = 0;
}

/* false: the sequence began anew. */
static bool add_row(struct run *run)
{
	struct gathered row = { .order = run->lines->rows.length };

	if (!run->has_rows && dwarf_address_is_dropped(run->lines->unit, run->state.address))
		run->is_dropped = true;
	if (run->is_dropped)
		return true;
	if (!run->is_sorted && run->has_rows && run->state.address < run->last) {
		begin_sorted(run);
		return false;
	}
	row.row = (struct writer_row){ run->state.address, file_of(run, run->state.file), small(run->state.line), small(run->state.column) };
	run->last = run->state.address;
	run->has_rows = true;
	if (run->is_sorted)
		buffer_add(&run->lines->rows, &row, sizeof(row));
	else
		writer_row_add(run->lines->writer, &row.row);
	return true;
}

static int by_address(const void *left, const void *right)
{
	const struct gathered *a = left, *b = right;

	if (a->row.address != b->row.address)
		return a->row.address < b->row.address ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void write_gathered(struct run *run)
{
	struct gathered *rows = (void *)run->lines->rows.bytes;
	const size_t count = run->lines->rows.length / sizeof(*rows);

	if (count)
		qsort(rows, count, sizeof(*rows), by_address);
	for (size_t n = 0; n < count; n++)
		writer_row_add(run->lines->writer, &rows[n].row);
}

static void end_sequence(struct run *run)
{
	struct dwarf_writer *writer = run->lines->writer;

	if (!run->is_sorted && !run->is_dropped && run->has_rows && run->state.address < run->last) {
		begin_sorted(run);
		return;
	}
	if (run->is_sorted)
		write_gathered(run);
	if (run->is_dropped || !run->has_rows)
		writer_sequence_drop(writer);
	else
		writer_sequence_end(writer, run->state.address);
	begin_sequence(run, run->lines->program.at);
}

static void set_address(struct run *run, struct dwarf_cursor *operand)
{
	const size_t size = cursor_left(operand);

	run->state.address = size == 4 || size == 8 ? cursor_fixed(operand, (unsigned)size) : cursor_fail(operand);
	if (dwarf_address_is_dropped(run->lines->unit, run->state.address))
		run->is_dropped = true;
}

static bool run_extended(struct run *run)
{
	struct dwarf_cursor *program = &run->lines->program, operand;
	const uint64_t length = cursor_leb(program);

	operand = *program;
	if (!length || !cursor_skip(program, length))
		return false;
	operand.end = program->at;
	switch (cursor_byte(&operand)) {
	case DW_LNE_end_sequence:
		end_sequence(run);
		break;
	case DW_LNE_set_address:
		set_address(run, &operand);
		break;
	case DW_LNE_define_file:
		dwarf_lines_define(run->lines, &operand);
	}
	return !operand.is_bad;		/* the others say nothing about rows */
}

static void advance(struct run *run, uint64_t instructions)
{
	run->state.address += instructions * run->lines->minimum_length;
}

static bool run_standard(struct run *run, uint8_t opcode)
{
	struct dwarf_cursor *program = &run->lines->program;

	switch (opcode) {
	case DW_LNS_copy:
		add_row(run);
		break;
	case DW_LNS_advance_pc:
		advance(run, cursor_leb(program));
		break;
	case DW_LNS_advance_line:
		run->state.line += (uint64_t)cursor_signed_leb(program);
		break;
	case DW_LNS_set_file:
		run->state.file = cursor_leb(program);
		break;
	case DW_LNS_set_column:
		run->state.column = cursor_leb(program);
		break;
	case DW_LNS_const_add_pc:
		if (!run->lines->line_range)
			return false;
		advance(run, (uint8_t)(255 - run->lines->opcode_base) / run->lines->line_range);
		break;
	case DW_LNS_fixed_advance_pc:
		run->state.address += cursor_fixed(program, 2);
		break;
	default:
		for (uint8_t n = 0; n < run->lines->lengths[opcode]; n++)
			cursor_skip_leb(program);
	}
	return !program->is_bad;
}

static bool run_special(struct run *run, uint8_t opcode)
{
	const struct dwarf_lines *lines = run->lines;
	const uint8_t step = (uint8_t)(opcode - lines->opcode_base);

	if (!lines->line_range)
		return false;
	advance(run, step / lines->line_range);
	run->state.line += (uint64_t)(int64_t)(lines->line_base + step % lines->line_range);
	add_row(run);
	return true;
}

bool dwarf_lines_write(struct dwarf_lines *lines)
{
	struct run run = { .lines = lines, .known_file = UINT64_MAX };
	struct dwarf_cursor *program = &lines->program;
	bool is_fine = budget_take(lines->unit->file->budget, (int64_t)cursor_left(program));

	begin_sequence(&run, program->at);
	while (is_fine && program->at < program->end && lines->writer->rows.length < LIMIT_DWARF_BLOCK_BYTES) {
		const uint8_t opcode = *program->at++;

		if (opcode >= lines->opcode_base)
			is_fine = run_special(&run, opcode);
		else if (opcode)
			is_fine = run_standard(&run, opcode);
		else
			is_fine = run_extended(&run);
	}
	writer_sequence_drop(lines->writer);	/* one that has no end */
	return is_fine && !program->is_bad;
}
