/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dwarf_split.h - units whose functions are in another file: .dwo and .dwp, as GNU made them for DWARF 4 and as DWARF 5 has them.
 */
#ifndef SYMBOLIZE_DWARF_SPLIT_H
#define SYMBOLIZE_DWARF_SPLIT_H

#include "symbolize/dwarf.h"
#include "symbolize/dwarf_unit.h"

/*
 * The unit that a skeleton stands for.  `package`: the .dwp, opened by the caller; NULL: none.  `single` is opened when the unit is in a file of
 * its own, and is the caller's to close then, *is_single says so.  NULL: not found, or another one has its place.
 */
struct dwarf_unit *dwarf_split_find(const struct dwarf_files *files, struct dwarf_file *package, const struct dwarf_unit *skeleton,
				    struct dwarf_file *single, bool *is_single);

#endif
