// SPDX-License-Identifier: Apache-2.0
/*
 * ours.c - dwarf.h behind a command: ours FILE [CACHE] <ADDRESSES prints, for each address, its frames and an empty line.
 *
 * A frame is a line: function, file, line and column, with tabs between.  Addresses are hexadecimal, one a line.  Split units are looked
 * for where their names say (not with PACKAGE_ONLY), and in FILE.dwp; what dwz took out, in the file that SUPPLEMENTARY names.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbolize/dwarf.h"
#include "symbolize/debug_files.h"

enum { ROOM = 64, SPLIT_FILES = 4096 };

static struct binary *split_files[SPLIT_FILES];
static size_t split_count;

static struct binary *open_binary(const char *path)
{
	enum symbol_why why;
	const int descriptor = binary_open_path(AT_FDCWD, path, &why);

	return descriptor < 0 ? NULL : binary_open(descriptor, &why);
}

static struct binary *open_split(void *context, const char *folder, const char *name, uint64_t id)
{
	char path[8192];
	struct binary *binary;

	(void)context;
	(void)id;
	snprintf(path, sizeof(path), "%s%s%s", *name == '/' ? "" : folder, *name == '/' ? "" : "/", name);
	binary = split_count < SPLIT_FILES ? open_binary(path) : NULL;
	if (binary)
		split_files[split_count++] = binary;
	return binary;
}

static void print_frame(const struct symbol_frame *frame)
{
	printf("%s\t%s\t%u\t%u\n", frame->function ? frame->function : "??", frame->file ? frame->file : "??", frame->line, frame->column);
}

static void answer(struct dwarf *dwarf, uint64_t address)
{
	struct symbol_frame frames[ROOM];
	struct symbol_frames found = { .frames = frames, .room = ROOM };
	const enum symbol_why why = dwarf_find(dwarf, address, &found);

	for (size_t n = 0; n < found.count; n++)
		print_frame(&frames[n]);
	if (why != SYMBOL_KNOWN)
		printf("# %s\n", symbol_why_word(why));
	putchar('\n');
}

int main(int count, char **words)
{
	char line[64], path[8192];
	struct dwarf_files files = { .split = getenv("PACKAGE_ONLY") ? NULL : open_split };
	struct binary *binary = count > 1 ? open_binary(words[1]) : NULL;
	struct cache *cache = count > 2 && binary ? cache_open(words[2], binary) : NULL;
	struct dwarf *dwarf;

	if (!binary) {
		fprintf(stderr, "usage: ours FILE [CACHE] <ADDRESSES\n");
		return 2;
	}
	snprintf(path, sizeof(path), "%s.dwp", words[1]);
	files.package = open_binary(path);
	if (getenv("SUPPLEMENTARY") && *getenv("SUPPLEMENTARY"))
		files.supplementary = open_binary(getenv("SUPPLEMENTARY"));
	dwarf = dwarf_open(binary, &files, cache);
	while (fgets(line, sizeof(line), stdin))
		if (dwarf)
			answer(dwarf, strtoull(line, NULL, 16));
		else
			puts("# no_lines\n");
	fprintf(stderr, "%zu\n", dwarf ? dwarf_memory(dwarf) : 0);
	cache_close(cache);
	dwarf_close(dwarf);
	return 0;
}
