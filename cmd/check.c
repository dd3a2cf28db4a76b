// SPDX-License-Identifier: Apache-2.0
/* check.c - `tetra check`: what is wrong with policies, without a kernel.  One file is in memory at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/config.h"
#include "cmd/fix.h"
#include "cmd/input.h"
#include "cmd/report.h"
#include "cmd/test.h"
#include "cmd/verb.h"
#include "compiler/intent/intent.h"
#include "compiler/policy/policy.h"

static struct {
	const char *output, *colour, *config, *today;
	bool fix, diff, strict, no_config;
	struct option_list disable, enable;
} check = { .colour = "auto" };

struct checking {
	const struct pass *last;
	struct input_names names;
	struct config config;
	struct report report;
	char today[16];
};

/* ---- One file ---- */

static void count_unit(struct checking *checking, const struct unit *unit, bool passed_over)
{
	struct totals *totals = &checking->report.totals;

	totals->files++;
	totals->passed_over += unit->passed_over;
	if (passed_over)
		return;
	totals->policies += unit->policies ? unit->policies->count : 0;
	totals->errors += diagnostics_errors(&unit->diagnostics);
	totals->warnings += diagnostics_warnings(&unit->diagnostics);
}

/* What is put right, written or shown; `ret` has the text to go on with.  Returns enum exit_code. */
static int fix_each(struct checking *checking, const char *name, const char *text, size_t length, struct fixed *ret)
{
	struct buffer diff = { 0 };
	struct unit unit;
	int code = EXIT_FINE;

	unit_init(&unit, name, text, length);
	unit.diagnostics.severities = &checking->config.settings.severities;
	input_compile_alone(&unit, checking->last);
	fix_unit(&unit, checking->last, ret);
	unit_release(&unit);
	if (ret->count && check.diff) {
		fix_diff(name, text, length, &ret->text, &diff);
		fwrite(diff.bytes, 1, diff.length, stdout);
		code = EXIT_REFUSED;
	} else if (ret->count && !input_is_stdin() && fix_write(name, text, length, &ret->text)) {
		code = EXIT_SYSTEM;
		buffer_release(&ret->text);
		ret->count = 0;
	}
	buffer_release(&diff);
	return code;
}

static void show_fixes(const struct fixed *fixed)
{
	fflush(stdout);
	for (size_t i = 0; !check.diff && i < fixed->notes.length; i++)
		fputc(report_is_plain(fixed->notes.bytes[i]) ? fixed->notes.bytes[i] : '?', stderr);
	if (fixed->more)
		complain("there is more to fix: run it again");
}

/* Where standard output has the fixed text or the diff, findings go to standard error. */
static void show_findings(struct checking *checking, const char *name, const struct unit *unit)
{
	if (check.diff || (check.fix && input_is_stdin()))
		report_text(&unit->diagnostics, stderr, checking->report.colour);
	else
		report_file(&checking->report, name, &unit->diagnostics);
}

static int check_text(struct checking *checking, const char *name, const char *text, size_t length)
{
	struct unit unit;
	bool passed_over;
	int code;

	unit_init(&unit, name, text, length);
	unit.diagnostics.severities = &checking->config.settings.severities;
	unit.today = checking->today;
	code = input_compile(&unit, checking->last, &checking->names, &passed_over);
	if (!passed_over)
		tests_check(&unit);
	code = diagnostics_errors(&unit.diagnostics) && !passed_over ? EXIT_REFUSED : code;
	count_unit(checking, &unit, passed_over);
	if (!passed_over) {
		show_findings(checking, name, &unit);
		if (checking->report.strict && unit.diagnostics.warnings)
			code = EXIT_REFUSED;
	}
	unit_release(&unit);
	return code;
}

static int check_each(void *context, const char *name, const char *text, size_t length, bool *keep)
{
	struct checking *checking = context;
	struct fixed fixed = { 0 };
	int fix_code = EXIT_FINE, code;

	*keep = false;
	if (check.fix || check.diff) {
		fix_code = fix_each(checking, name, text, length, &fixed);
		checking->report.totals.fixed += fixed.count;
	}
	if (fixed.count) {
		show_fixes(&fixed);
		text = fixed.text.bytes;
		length = fixed.text.length;
	}
	if (check.fix && !check.diff && input_is_stdin())
		fwrite(text, 1, length, stdout);
	code = check_text(checking, name, text, length);
	buffer_release(&fixed.text);
	buffer_release(&fixed.notes);
	return code > fix_code ? code : fix_code;
}

/* ---- The run ---- */

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_summary(const struct totals *totals)
{
	fflush(stdout);
	fprintf(stderr, "%zu polic%s in %zu file%s: ", totals->policies, totals->policies == 1 ? "y" : "ies",
		totals->files, plural(totals->files));
	if (totals->errors || totals->warnings)
		fprintf(stderr, "%zu error%s, %zu warning%s", totals->errors, plural(totals->errors),
			totals->warnings, plural(totals->warnings));
	else
		fputs("fine", stderr);
	if (totals->fixed)
		fprintf(stderr, "; %zu problem%s %s", totals->fixed, plural(totals->fixed),
			check.diff ? "can be fixed" : "fixed");
	if (totals->passed_over)
		fprintf(stderr, "; %zu document%s of other kinds passed over", totals->passed_over,
			plural(totals->passed_over));
	if (totals->excluded)
		fprintf(stderr, "; %zu excluded", totals->excluded);
	fputc('\n', stderr);
}

/* "TP205" or "TP205,TP416". */
static int set_codes(struct config *config, const char *codes, enum severity severity)
{
	const char *problem = NULL;

	while (!problem) {
		size_t length = strcspn(codes, ",");
		int id = diagnostic_find(codes, length);

		problem = settings_set(&config->settings.severities, codes, length,
			severity == SEVERITY_OFF || id < 0 ? severity : diagnostic_rows[id].severity, &config->arena);
		if (!codes[length])
			break;
		codes += length + 1;
	}
	if (!problem)
		return EXIT_FINE;
	complain("%s", problem);
	return EXIT_USAGE;
}

/* The command line after the configuration: it has the last word. */
static int set_severities(struct config *config)
{
	int code = EXIT_FINE;

	for (size_t i = 0; code == EXIT_FINE && i < check.enable.count; i++)
		code = set_codes(config, check.enable.values[i], SEVERITY_WARNING);
	for (size_t i = 0; code == EXIT_FINE && i < check.disable.count; i++)
		code = set_codes(config, check.disable.values[i], SEVERITY_OFF);
	return code;
}

/* Standard output has the diff or the fixed text, so findings cannot have it. */
static bool output_is_taken(int count, char **operands)
{
	bool has_stdin = false;

	for (int i = 0; i < count; i++)
		has_stdin |= !strcmp(operands[i], "-");
	return check.diff || (check.fix && has_stdin);
}

static int refuse_options(bool taken)
{
	if (check.config && check.no_config) {
		complain("either --config or --no-config");
		return EXIT_USAGE;
	}
	if (taken && check.output && strcmp(check.output, "text")) {
		complain("with %s standard output has the %s: --output does not apply", check.diff ? "--diff" : "--fix and '-'",
			check.diff ? "diff" : "fixed text");
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

static enum colour colour_of(const char *word)
{
	return !strcmp(word, "auto") ? COLOUR_AUTO : !strcmp(word, "always") ? COLOUR_ALWAYS : COLOUR_NEVER;
}

/* The day of --today, or of the clock where the user is. */
static int set_today(struct checking *checking)
{
	const time_t now = time(NULL);
	struct tm day;

	if (check.today && !intent_is_day(check.today)) {
		complain("--today takes a day, as 2026-11-27, not '%s'", check.today);
		return EXIT_USAGE;
	}
	if (check.today)
		snprintf(checking->today, sizeof(checking->today), "%s", check.today);
	else if (localtime_r(&now, &day))
		strftime(checking->today, sizeof(checking->today), "%F", &day);
	return EXIT_FINE;
}

static int set_up(struct checking *checking, int count, char **operands)
{
	const struct settings *settings = &checking->config.settings;
	bool taken = output_is_taken(count, operands);
	int code = refuse_options(taken);

	config_init(&checking->config);
	if (code == EXIT_FINE && count && !check.no_config)
		code = config_read(check.config, operands[0], &checking->config);
	if (code == EXIT_FINE)
		code = set_severities(&checking->config);
	if (code == EXIT_FINE)
		code = set_today(checking);
	checking->report.format = report_format_find(check.output ? check.output :
		settings->output && !taken ? settings->output : "text");
	checking->report.colour = colour_of(check.colour);
	checking->report.strict = check.strict || settings->strict;
	return code;
}

static bool excludes(const void *config, const char *path)
{
	return config_excludes(config, path);
}

static int run(struct checking *checking, int count, char **operands)
{
	struct input_filter filter = { .excludes = excludes, .context = &checking->config };
	struct report *report = &checking->report;
	int code;

	if (!count)
		return input_visit(count, operands, check_each, checking);
	report_begin(report);
	code = input_visit_filtered(count, operands, &filter, check_each, checking);
	report->totals.excluded = filter.excluded;
	report_end(report, code);
	if (report->totals.files && report->format != &report_as_nothing)
		print_summary(&report->totals);
	return code;
}

static int check_run(int count, char **operands)
{
	struct checking checking = { .last = compiler_find_pass("simplify") };
	int code = set_up(&checking, count, operands);

	if (code == EXIT_FINE)
		code = run(&checking, count, operands);
	arena_release(&checking.names.arena);
	config_release(&checking.config);
	return code;
}

static const struct option_row check_options[] = {
	{ 'o', "output", OPTION_CHOICE, &check.output, REPORT_FORMATS, "how to print what was found (text)" },
	{ 0, "strict", OPTION_FLAG, &check.strict, NULL, "warnings refuse too: exit code 1" },
	{ 0, "disable", OPTION_LIST, &check.disable, "CODE,...", "do not look for these warnings",
	  WORD_CODE },
	{ 0, "enable", OPTION_LIST, &check.enable, "CODE,...", "look for what the configuration turns off",
	  WORD_CODE },
	{ 0, "fix", OPTION_FLAG, &check.fix, NULL, "put right what has one clear remedy, in the files" },
	{ 0, "diff", OPTION_FLAG, &check.diff, NULL, "print what --fix would change, and change nothing" },
	{ 0, "config", OPTION_STRING, &check.config, "FILE", "settings to take (" CONFIG_NAME " beside the policies or above)",
	  WORD_FILE },
	{ 0, "no-config", OPTION_FLAG, &check.no_config, NULL, "take no settings from a file" },
	{ 0, "today", OPTION_STRING, &check.today, "DAY", "the day, YYYY-MM-DD, on which exceptions must not have expired; today unless said" },
	{ 0, "color", OPTION_CHOICE, &check.colour, "auto|always|never", "colour of text (auto)" },
	OPTIONS_END
};

static const struct note check_examples[] = {
	{ "tetra check policy.yaml", "check one file" },
	{ "tetra check --strict policies", "all policies below a folder; warnings refuse too" },
	{ "tetra check --diff policy.yaml", "what --fix would change" },
	{ "tetra check -o sarif policies >tetra.sarif", "for code scanning" },
	{ "tetra check --disable TP205,TP416 - <policy.yaml", "standard input, without two of the warnings" },
	NOTES_END
};

static const struct note check_variables[] = {
	{ "NO_COLOR", "when it is set and not empty, text has no colours unless --color=always is given" },
	NOTES_END
};

static const struct note check_files[] = {
	{ CONFIG_NAME, "settings of a project: `severity`, `strict`, `output` and `exclude`; looked for beside the first "
		       "operand and above, up to the root of the repository" },
	NOTES_END
};

extern const struct verb verb_check;
const struct verb verb_check = {
	.name = "check", .alias = "lint", .operands = "POLICY...", .takes = WORD_POLICY,
	.summary = "say what is wrong with policies",
	.details = "Checks files, directories (*.yaml, *.yml, *.json) and '-' for standard input: every document of them.\n"
		   "Needs no kernel and no permission. What was found goes to standard output, the summary to\n"
		   "standard error. 'tetra explain CODE' tells more of a finding. A comment at the end of the line or\n"
		   "on the line above, '# tetra:ignore CODE REASON', lets a warning pass.",
	.options = check_options, .examples = check_examples, .variables = check_variables, .files = check_files,
	.run = check_run,
};
