/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbolizer.h - addresses of processes, files, build ids and the kernel to frames; the room's front door.
 *
 * Keeps the modules that were used last, below a limit of memory and of number (schema/limits.def), so that a stream of any length takes no more.
 */
#ifndef SYMBOLIZE_SYMBOLIZER_H
#define SYMBOLIZE_SYMBOLIZER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbolize/frame.h"
#include "symbolize/kernel.h"
#include "symbolize/module.h"

struct symbolizer_options {
	struct module_options module;
	struct kernel_source kernel;
};

struct symbolizer;

struct symbolizer *symbolizer_new(const struct symbolizer_options *options);	/* options are borrowed; never NULL */
void symbolizer_free(struct symbolizer *symbolizer);

enum { SYMBOLIZED_FRAMES = 64 };

/* What one address is.  Texts live until the next call. */
struct symbolized {
	struct symbol_frame frames[SYMBOLIZED_FRAMES];	/* those behind count are not written */
	size_t count;			/* 0: nothing is known but what stands below */
	bool is_cut;
	uint64_t offset;		/* from the beginning of the outermost function; only when there is one */
	const char *module;		/* path of the file, or a kernel module's name; NULL: not known */
	bool is_in_file;		/* the two below are known */
	uint64_t file_offset;		/* of the byte in the file */
	uint64_t file_address;		/* that the file gives it: what debug files know it by */
	const char *build_id;		/* of that file, in hexadecimal; "": it has none */
	uint64_t changed_ns;		/* when that file was changed last, since 1970; 0: not known */
	enum symbol_why why, why_no_lines;	/* KNOWN; why the function, and why the line is not known */
};

/* Which byte of a pair an address names: that of a call's return is looked up one byte earlier, and told as it is. */
enum address_meaning { ADDRESS_EXACT, ADDRESS_RETURN };

struct symbolize_target {
	enum { TARGET_KERNEL, TARGET_PROCESS, TARGET_FILE, TARGET_BUILD_ID } kind;
	pid_t pid; uint64_t start_time;	/* PROCESS: process.h; FILE, BUILD_ID: below whose root the path is, 0: ours */
	const char *path;		/* FILE; BUILD_ID and PROCESS: where it was seen, NULL: not known */
	struct build_id build_id;	/* BUILD_ID; FILE and PROCESS: what it must be, when it has a length */
	bool may_be_packed;		/* FILE: all of it, as the kernel's modules are (binary_open_packed) */
	bool by_offset;			/* FILE, BUILD_ID: addresses are offsets in the file */
};

void symbolize(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address, enum address_meaning meaning,
	       struct symbolized *ret);

/* These numbers are asked for next, of one target: what they need is brought nearer to the processor.  Only speed depends on it. */
void symbolize_expect(struct symbolizer *symbolizer, const struct symbolize_target *target, const uint64_t *numbers, size_t count);

/* Whether the target is there at all, and may be asked: KNOWN, or why not. */
enum symbol_why symbolize_open(struct symbolizer *symbolizer, const struct symbolize_target *target);

/*
 * Less, and quicker: only where an address of a process lies.  PLACE_MAPPING: module and file_offset; nothing is opened.  PLACE_FILE: file_address and
 * build_id too, nothing else of the file is read.
 */
enum place_depth { PLACE_MAPPING, PLACE_FILE };
void symbolize_place(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address, enum place_depth depth,
		     struct symbolized *ret);

/*
 * What a process has mapped is read once, and again when an address is not in it; files may come and go in between.  Whoever looks up several
 * addresses that were seen at one time says so before the first.
 */
void symbolize_refresh(struct symbolizer *symbolizer, pid_t pid, uint64_t start_time);

/* The process is gone, or runs another program now: only what was seen of it is told from here on.  False when nothing was. */
bool symbolize_gone(struct symbolizer *symbolizer, pid_t pid, uint64_t start_time);

/* An answer that says nothing but why. */
void symbolize_nothing(struct symbolized *ret, enum symbol_why why);

/* Of a process that became another program under the same start. */
void symbolize_forget(struct symbolizer *symbolizer, pid_t pid, uint64_t start_time);

/* How the answer was found, for people: lines; until the next call. */
const char *symbolize_explain(struct symbolizer *symbolizer, const struct symbolize_target *target, uint64_t address,
			      enum address_meaning meaning);

/* A name as people write it: C++ and Rust (both manglings) demangled, others as they are.  Kept for names that come again; until the next call. */
const char *symbolize_demangle(struct symbolizer *symbolizer, const char *name);

/* "1234abcd" in hexadecimal; false when it is none, or too long. */
bool build_id_parse(const char *text, size_t length, struct build_id *ret);

#endif
