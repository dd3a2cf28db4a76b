// SPDX-License-Identifier: Apache-2.0
/* symbolize.c - `tetra symbolize`: what lies at addresses, of processes, files, build ids and the kernel; and stack traces of events. */
#include "cmd/symbolize.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/symbolize_options.h"
#include "cmd/verb.h"

extern const struct verb verb_symbolize;

#define NO_PID ULONG_MAX

static struct {
	struct symbolize_settings where;
	unsigned long pid;		/* NO_PID: not given */
	const char *elf, *build_id, *output, *kallsyms, *vmlinux, *slide;
	bool kernel, offsets, stack, explain, no_demangle, addresses, basenames, pretty;
} arguments = { .pid = NO_PID };

/* ---- What was asked for ---- */

static const char *const forms[] = {
	[FORM_TEXT] = "text", [FORM_JSON] = "json", [FORM_FOLDED] = "folded", [FORM_ADDR2LINE] = "addr2line",
};

static bool has_pid(void)
{
	return arguments.pid != NO_PID;
}

static size_t source_count(void)
{
	return has_pid() + arguments.kernel + !!arguments.elf + !!arguments.build_id;
}

/* What does not go together, as rows. */
static int check_arguments(int count)
{
	const bool by_number = source_count();
	const bool is_addr2line = arguments.output && !strcmp(arguments.output, forms[FORM_ADDR2LINE]);
	const struct { bool wrong; const char *why; } rows[] = {
		{ source_count() > 1, "--pid, --kernel, --elf and --build-id exclude each other" },
		{ by_number && !count, "needs addresses, or - to read them from standard input" },
		{ !by_number && !count, "needs files of events, or - for standard input; or one of --pid, --kernel, --elf and --build-id with addresses" },
		{ !by_number && is_addr2line, "-o addr2line is for addresses, not for events" },
		{ !by_number && (arguments.explain || arguments.stack || arguments.offsets),
		  "--explain, --stack and --offsets are for addresses: they go with --pid, --kernel, --elf or --build-id" },
		{ arguments.offsets && !arguments.elf, "--offsets goes with --elf; those of --build-id are always offsets" },
		{ !is_addr2line && (arguments.addresses || arguments.pretty), "--addresses and --pretty go with -o addr2line" },
		{ arguments.slide && !arguments.kallsyms && !arguments.vmlinux, "--kaslr goes with --kallsyms or --vmlinux: of the running kernel it is known" },
		{ arguments.explain && arguments.output, "--explain is text; it does not go with -o" },
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++)
		if (rows[n].wrong) {
			complain("%s", rows[n].why);
			return EXIT_USAGE;
		}
	return EXIT_FINE;
}

static int read_slide(struct kernel_source *ret)
{
	char *end;

	if (!arguments.slide)
		return EXIT_FINE;
	errno = 0;
	ret->slide = strtoull(arguments.slide, &end, 16);
	ret->slide_given = true;
	if (errno || *end || !*arguments.slide || *arguments.slide == '-') {
		complain("--kaslr: '%s' is no hexadecimal number", arguments.slide);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

static int set_target(struct symbolize_target *ret)
{
	if (has_pid() && (!arguments.pid || arguments.pid > INT32_MAX)) {
		complain("--pid: there is no process %lu", arguments.pid);
		return EXIT_USAGE;
	}
	if (arguments.build_id && !build_id_parse(arguments.build_id, strlen(arguments.build_id), &ret->build_id)) {
		complain("--build-id: '%s' is none: an even number of hexadecimal digits, 128 at most", arguments.build_id);
		return EXIT_USAGE;
	}
	ret->kind = has_pid() ? TARGET_PROCESS : arguments.elf ? TARGET_FILE : arguments.build_id ? TARGET_BUILD_ID : TARGET_KERNEL;
	ret->pid = has_pid() ? (pid_t)arguments.pid : 0;
	ret->path = arguments.elf;
	ret->may_be_packed = true;
	ret->by_offset = arguments.offsets || arguments.build_id;
	return EXIT_FINE;
}

static enum symbolize_form form_of(void)
{
	enum symbolize_form form = FORM_TEXT;

	if (!arguments.output)
		return source_count() ? FORM_TEXT : FORM_JSON;
	while (strcmp(arguments.output, forms[form]))
		form++;
	return form;
}

/* ---- Doing it ---- */

static const char *target_name(char number[32])
{
	if (!has_pid())
		return arguments.elf ? arguments.elf : arguments.build_id ? arguments.build_id : "the kernel";
	snprintf(number, 32, "process %lu", arguments.pid);
	return number;
}

/* A source that is not there is no answer to anything. */
static int open_target(const struct symbolizing *symbolizing)
{
	const enum symbol_why why = symbolize_open(symbolizing->symbolizer, &symbolizing->target);
	char number[32];

	if (why == SYMBOL_KNOWN)
		return EXIT_FINE;
	complain("%s: %s%s", target_name(number), symbol_why_about(why),
		 (why == SYMBOL_HIDDEN || why == SYMBOL_PERMISSION) && geteuid() ? "; run as root" : "");
	return EXIT_SYSTEM;
}

static int run_with(const struct symbolizer_options *options, const struct symbolize_target *target, int count, char **operands)
{
	struct symbolizing symbolizing = {
		.symbolizer = symbolizer_new(options), .target = *target, .form = form_of(), .explain = arguments.explain,
		.is_stack = arguments.stack || form_of() == FORM_FOLDED, .other_kernel = arguments.kallsyms || arguments.vmlinux,
		.style = {
			.frame.no_lines = arguments.where.no_lines, .basenames = arguments.basenames, .addresses = arguments.addresses,
			.pretty = arguments.pretty, .no_module = arguments.elf || arguments.build_id, .indent = source_count() ? "" : "    ",
		},
	};
	int code = source_count() ? open_target(&symbolizing) : EXIT_FINE;

	symbolizing.style.frame.names = arguments.no_demangle ? NULL : symbolizing.symbolizer;
	if (code == EXIT_FINE)
		code = source_count() ? symbolize_numbers(&symbolizing, count, operands) : symbolize_events(&symbolizing, count, operands);
	symbolizer_free(symbolizing.symbolizer);
	return code;
}

static int symbolize_run(int count, char **operands)
{
	struct symbolizer_options options = { .kernel = { .symbols = arguments.kallsyms, .image = arguments.vmlinux } };
	struct symbolize_target target = { .kind = TARGET_KERNEL };
	struct symbolize_where where = { .cache = NULL };
	int code = check_arguments(count);

	if (code == EXIT_FINE)
		code = read_slide(&options.kernel);
	if (code == EXIT_FINE)
		code = set_target(&target);
	if (code == EXIT_FINE && source_count())
		code = symbolize_check_numbers(&target, count, operands);
	if (code != EXIT_FINE)
		return code;
	symbolize_where(&arguments.where, &where, &options.module);
	code = run_with(&options, &target, count, operands);
	symbolize_where_release(&where);
	return code;
}

/* ---- The row ---- */

static const struct option_row symbolize_options[] = {
	{ 0, "pid", OPTION_NUMBER, &arguments.pid, "PID", "addresses of this process" },
	{ 0, "kernel", OPTION_FLAG, &arguments.kernel, NULL, "addresses of the kernel" },
	{ 'e', "elf", OPTION_STRING, &arguments.elf, "FILE", "addresses of this program or library, as the file has them", WORD_FILE },
	{ 0, "build-id", OPTION_STRING, &arguments.build_id, "ID", "offsets in the file of this build id, found in folders of debug files" },
	{ 0, "offsets", OPTION_FLAG, &arguments.offsets, NULL, "with --elf: offsets in the file, not addresses" },
	{ 0, "stack", OPTION_FLAG, &arguments.stack, NULL,
	  "the addresses are a stack, innermost first: all others are where calls return to, and looked up one byte earlier; an empty line of input ends it" },
	{ 'o', "output", OPTION_CHOICE, &arguments.output, "text|json|folded|addr2line",
	  "text like a backtrace; JSON lines, of events the same with more in them; lines for flame graphs; as addr2line -f -i -C. Text unless said, of events json" },
	{ 0, "explain", OPTION_FLAG, &arguments.explain, NULL, "say how each answer was found" },
	{ 0, "no-lines", OPTION_FLAG, &arguments.where.no_lines, NULL, "functions alone: debug information is not read" },
	{ 0, "no-demangle", OPTION_FLAG, &arguments.no_demangle, NULL, "names of C++ and Rust as the file has them" },
	{ 0, "debug-dir", OPTION_LIST, &arguments.where.debug_folders, "DIR",
	  "look for debug files here first, by build id (DIR/.build-id/ab/cdef.debug) and by path; then in /usr/lib/debug", WORD_FOLDER },
	{ 0, "debuginfod", OPTION_FLAG, &arguments.where.debuginfod, NULL, "ask the servers of DEBUGINFOD_URLS for debug files" },
	{ 0, "no-cache", OPTION_FLAG, &arguments.where.no_cache, NULL, "keep nothing on disk, and use nothing that was kept" },
	{ 0, "kallsyms", OPTION_STRING, &arguments.kallsyms, "FILE", "symbols of another kernel: a copy of its /proc/kallsyms, or its System.map", WORD_FILE },
	{ 0, "vmlinux", OPTION_STRING, &arguments.vmlinux, "FILE", "the kernel's image with its debug information, where it is not found by itself", WORD_FILE },
	{ 0, "kaslr", OPTION_STRING, &arguments.slide, "OFFSET",
	  "what was added to the addresses of --kallsyms or --vmlinux when that kernel booted, in hexadecimal: that of _stext in its kallsyms less that in the file" },
	{ 'a', "addresses", OPTION_FLAG, &arguments.addresses, NULL, "with -o addr2line: each answer begins with its address" },
	{ 'p', "pretty", OPTION_FLAG, &arguments.pretty, NULL, "with -o addr2line: a frame is one line" },
	{ 's', "basenames", OPTION_FLAG, &arguments.basenames, NULL, "source files without their folders" },
	OPTIONS_END
};

static const struct note symbolize_examples[] = {
	{ "tetra getevents | tetra symbolize -", "stack traces of events that people can read" },
	{ "tetra symbolize -o text events.jsonl", "the same of recorded events, as backtraces" },
	{ "tetra symbolize -o folded events.jsonl >stacks.folded", "the same for flamegraph.pl" },
	{ "tetra symbolize --pid $$ 401136 7f3a1c02b3f0", "what a process has at two addresses" },
	{ "tetra symbolize --kernel --explain ffffffff81234567", "a function of the kernel, and how it was found" },
	{ "tetra symbolize --elf /bin/sh 0x4a2f0 0x51200", "functions and lines of a program" },
	{ "tetra symbolize -e /bin/sh -o addr2line - <addresses", "in place of addr2line -f -i -C -e" },
	NOTES_END
};

static const struct note symbolize_variables[] = {
	{ "DEBUGINFOD_URLS", "servers that --debuginfod asks; none are without it" },
	{ "NODE_NAME", "the node that kernel addresses of events must be of, when no symbols of another kernel are given; the name of the host unless it is set" },
	{ "XDG_CACHE_HOME", "what is kept for the next run is in its folder tetra; ~/.cache/tetra unless it is set, and of root /var/cache/tetra" },
	NOTES_END
};

static const struct note symbolize_files[] = {
	{ "/usr/lib/debug", "debug files, by build id and by path" },
	{ "/proc/kallsyms", "functions of the running kernel" },
	{ "/tmp/perf-PID.map", "functions that a process compiled itself, in its own mount namespace" },
	NOTES_END
};

const struct verb verb_symbolize = {
	.name = "symbolize",
	.operands = "ADDRESS|EVENTS...",
	.takes = WORD_FILE,
	.summary = "say which functions, files and lines addresses are",
	.details = "Without --pid, --kernel, --elf or --build-id the operands are files of events, JSON lines of tetra or Tetragon, or - for standard "
		   "input: frames of their stack traces get members that say more, everything else stays as it is.\n\n"
		   "With one of them the operands are addresses, hexadecimal with or without 0x; offsets are decimal, or hexadecimal behind 0x. "
		   "- reads them from standard input, one a line.\n\n"
		   "What is not known says why. Nothing is executed, nothing is written but what is kept for the next run, and no server is asked "
		   "unless --debuginfod is given.",
	.options = symbolize_options,
	.examples = symbolize_examples,
	.variables = symbolize_variables,
	.files = symbolize_files,
	.run = symbolize_run,
};
