// SPDX-License-Identifier: Apache-2.0
/*
 * libdw.c - the same as ours.c by libdw alone: libdw FILE <ADDRESSES, in the same form.
 *
 * Which unit an address is in is read from every unit's own ranges, as .debug_aranges may not have all; the rest is libdw's answer.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct range { Dwarf_Addr start, end; Dwarf_Die unit, split; };
static struct range *ranges;
static size_t range_count;

/* Where the functions of a unit are: in its split one when it has that. */
static void add_ranges(Dwarf_CU *cu)
{
	Dwarf_Die unit, split;
	uint8_t type;
	Dwarf_Addr base, start, end;

	if (dwarf_cu_info(cu, NULL, &type, &unit, &split, NULL, NULL, NULL) || type == DW_UT_type || type == DW_UT_partial ||
	    dwarf_tag(&unit) == DW_TAG_partial_unit)
		return;
	if (type != DW_UT_skeleton || !split.addr)
		split = unit;
	for (ptrdiff_t next = 0; (next = dwarf_ranges(&unit, next, &base, &start, &end)) > 0;) {
		if (start <= 1 || start >= UINT64_MAX - 1)
			continue;
		ranges = realloc(ranges, (range_count + 1) * sizeof(*ranges));
		ranges[range_count++] = (struct range){ start, end, unit, split };
	}
}

static const char *name_of(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = NULL;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) || dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
		name = dwarf_formstring(&attribute);
	if (!name && dwarf_attr_integrate(die, DW_AT_name, &attribute))
		name = dwarf_formstring(&attribute);
	return name ? name : "??";
}

static unsigned number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number = 0;

	if (dwarf_attr(die, name, &attribute))
		dwarf_formudata(&attribute, &number);
	return (unsigned)number;
}

static void print_place(Dwarf_Die *unit, const char *file, int line, int column)
{
	Dwarf_Attribute attribute;
	const char *folder = dwarf_attr(unit, DW_AT_comp_dir, &attribute) ? dwarf_formstring(&attribute) : NULL;

	if (file && *file != '/' && folder)
		printf("\t%s/%s\t%d\t%d\n", folder, file, line, column);
	else
		printf("\t%s\t%d\t%d\n", file ? file : "??", line, column);
}

static void print_call(Dwarf_Die *unit, Dwarf_Die *inlined)
{
	Dwarf_Files *files;
	size_t count;
	const char *file = NULL;

	if (dwarf_hasattr(inlined, DW_AT_call_file) && !dwarf_getsrcfiles(unit, &files, &count) && number_of(inlined, DW_AT_call_file) < count)
		file = dwarf_filesrc(files, number_of(inlined, DW_AT_call_file), NULL, NULL);
	print_place(unit, file, (int)number_of(inlined, DW_AT_call_line), (int)number_of(inlined, DW_AT_call_column));
}

static void print_line(Dwarf_Die *unit, Dwarf_Addr address)
{
	Dwarf_Line *row = dwarf_getsrc_die(unit, address);
	int line = 0, column = 0;

	if (row) {
		dwarf_lineno(row, &line);
		dwarf_linecol(row, &column);
	}
	print_place(unit, row ? dwarf_linesrc(row, NULL, NULL) : NULL, line, column);
}

/* ---- Functions of a unit, wherever in its tree they are: dwarf_getscopes does not look into types, where lambdas and methods may be. ---- */

struct function { Dwarf_Addr start, end; Dwarf_Die entry; };
struct functions { const void *unit; struct function *rows; size_t count; };
static struct functions *units;
static size_t unit_count;

static void add_functions(struct functions *functions, Dwarf_Die *parent)
{
	Dwarf_Die child;
	Dwarf_Addr base, start, end;

	if (dwarf_child(parent, &child))
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_subprogram)
			for (ptrdiff_t next = 0; (next = dwarf_ranges(&child, next, &base, &start, &end)) > 0;) {
				functions->rows = realloc(functions->rows, (functions->count + 1) * sizeof(*functions->rows));
				functions->rows[functions->count++] = (struct function){ start, end, child };
			}
		add_functions(functions, &child);
	} while (!dwarf_siblingof(&child, &child));
}

static struct functions *functions_of(Dwarf_Die *unit)
{
	for (size_t n = 0; n < unit_count; n++)
		if (units[n].unit == unit->addr)
			return &units[n];
	units = realloc(units, (unit_count + 1) * sizeof(*units));
	units[unit_count] = (struct functions){ .unit = unit->addr };
	add_functions(&units[unit_count], unit);
	return &units[unit_count++];
}

static int is_nowhere(Dwarf_Die *entry)
{
	Dwarf_Addr base, start, end;

	for (ptrdiff_t next = 0; (next = dwarf_ranges(entry, next, &base, &start, &end)) > 0;)
		if (start < end)
			return 0;
	return 1;
}

/* What is inlined at the address, from the outside in. */
static size_t find_inlined(Dwarf_Die *parent, Dwarf_Addr address, Dwarf_Die *ret, size_t room)
{
	Dwarf_Die child;

	if (!room || dwarf_child(parent, &child))
		return 0;
	do {
		const int tag = dwarf_tag(&child);
		size_t count = 0;

		*ret = child;
		if (tag == DW_TAG_inlined_subroutine && dwarf_haspc(&child, address) > 0)
			return 1 + find_inlined(&child, address, ret + 1, room - 1);
		if (tag == DW_TAG_inlined_subroutine && is_nowhere(&child)) {
			count = find_inlined(&child, address, ret + 1, room - 1);
			count += count != 0;	/* it does not say where it lies, what is in it does */
		}
		if (tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block)
			count = find_inlined(&child, address, ret, room);
		if (count)
			return count;
	} while (!dwarf_siblingof(&child, &child));
	return 0;
}

static const struct function *function_at(const struct functions *functions, Dwarf_Addr address)
{
	const struct function *found = NULL;

	for (size_t n = 0; n < functions->count; n++) {
		const struct function *row = &functions->rows[n];

		if (address >= row->start && address < row->end && (!found || row->start > found->start || row->end < found->end))
			found = row;
	}
	return found;
}

static int print_frames(struct range *range, Dwarf_Addr address)
{
	const struct function *function = function_at(functions_of(&range->split), address);
	Dwarf_Die frames[256];
	size_t count;

	if (!function)
		return 0;
	frames[0] = function->entry;
	count = 1 + find_inlined(&frames[0], address, frames + 1, 255);
	for (size_t n = count; n--;) {
		printf("%s", name_of(&frames[n]));
		if (n + 1 < count)
			print_call(&range->unit, &frames[n + 1]);
		else
			print_line(&range->unit, address);
	}
	return 1;
}

static void answer(Dwarf_Addr address)
{
	struct range *found = NULL;

	for (size_t n = 0; n < range_count; n++)
		if (address >= ranges[n].start && address < ranges[n].end) {
			if (print_frames(&ranges[n], address))
				return;
			found = found ? found : &ranges[n];
		}
	if (found && dwarf_getsrc_die(&found->unit, address)) {
		printf("??");
		print_line(&found->unit, address);
	} else {
		puts("# nothing");
	}
}

int main(int count, char **words)
{
	char line[64];
	Dwarf *dwarf = count > 1 ? dwarf_begin(open(words[1], O_RDONLY | O_CLOEXEC), DWARF_C_READ) : NULL;
	Dwarf_CU *cu = NULL;

	if (!dwarf) {
		fprintf(stderr, "usage: libdw FILE <ADDRESSES\n");
		return 2;
	}
	if (getenv("SUPPLEMENTARY") && *getenv("SUPPLEMENTARY"))
		dwarf_setalt(dwarf, dwarf_begin(open(getenv("SUPPLEMENTARY"), O_RDONLY | O_CLOEXEC), DWARF_C_READ));
	while (!dwarf_get_units(dwarf, cu, &cu, NULL, NULL, NULL, NULL))
		add_ranges(cu);
	while (fgets(line, sizeof(line), stdin)) {
		answer(strtoull(line, NULL, 16));
		putchar('\n');
	}
	dwarf_end(dwarf);
	return 0;
}
