// SPDX-License-Identifier: Apache-2.0
/* input.c - operands to texts: files, directories, globs, standard input; see input.h. */
#include "cmd/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/verb.h"

enum { DIRECTORY_DEPTH = 32 };

struct visit {
	input_each *each;
	void *context;
	size_t files;		/* visited so far, without those that were passed over */
	size_t passed_over;
	unsigned depth;		/* directories around the current file */
	bool used_stdin, in_stdin;
	struct input_filter *filter;	/* NULL: everything */
};
static struct visit *current;	/* while input_visit runs, for input_pass_over */

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* Whole contents; at most one byte more than the limit is read.  0, or -errno. */
static int read_all(int fd, char **text, size_t *length)
{
	struct buffer buffer = { 0 };
	ssize_t got;

	do {
		char chunk[64 << 10];

		got = read(fd, chunk, sizeof(chunk));
		if (got > 0)
			buffer_add(&buffer, chunk, (size_t)got);
	} while ((got > 0 && buffer.length <= LIMIT_FILE_BYTES) || (got < 0 && errno == EINTR));
	if (got < 0) {
		got = -errno;
		buffer_release(&buffer);
		return (int)got;
	}
	*text = buffer.bytes;	/* NULL when empty */
	*length = buffer.length;
	return 0;
}

static int visit_fd(struct visit *visit, const char *name, int fd)
{
	char *text = NULL;
	size_t length = 0;
	bool keep = false;
	int code, failed = read_all(fd, &text, &length);

	if (failed) {
		complain("cannot read '%s': %s", name, strerror(-failed));
		return EXIT_SYSTEM;
	}
	visit->files++;
	if (length > LIMIT_FILE_BYTES) {
		complain("'%s' is larger than %d MiB, the most that a policy file may have; split it", name,
			LIMIT_FILE_BYTES >> 20);
		free(text);
		return EXIT_REFUSED;
	}
	code = visit->each(visit->context, name, text ? text : "", length, &keep);
	if (!keep)
		free(text);
	return code;
}

static int visit_file(struct visit *visit, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), code;

	if (fd < 0) {
		complain("cannot open '%s': %s", path, strerror(errno));
		return EXIT_SYSTEM;
	}
	code = visit_fd(visit, path, fd);
	close(fd);
	return code;
}

const char *const input_suffixes[] = { ".yaml", ".yml", ".json", NULL };

bool input_has_suffix(const char *name)
{
	size_t length = strlen(name);

	for (const char *const *suffix = input_suffixes; *suffix; suffix++) {
		size_t tail = strlen(*suffix);

		if (length > tail && !strcmp(name + length - tail, *suffix))
			return true;
	}
	return false;
}

bool input_has_tests(const char *name)
{
	static const char suffix[] = ".test.yaml";
	size_t length = strlen(name), tail = sizeof(suffix) - 1;

	return length > tail && !strcmp(name + length - tail, suffix);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void free_entries(struct dirent **entries, int count)
{
	for (int i = 0; i < count; i++)
		free(entries[i]);
	if (count >= 0)
		free(entries);
}

static int visit_directory(struct visit *visit, const char *path);

static bool is_excluded(struct visit *visit, const char *path)
{
	if (!visit->filter || !visit->filter->excludes || !visit->filter->excludes(visit->filter->context, path))
		return false;
	visit->filter->excluded++;
	return true;
}

static int visit_entry(struct visit *visit, const char *path)
{
	struct stat status;

	if (stat(path, &status)) {
		complain("cannot read '%s': %s", path, strerror(errno));
		return EXIT_SYSTEM;
	}
	if (!S_ISDIR(status.st_mode) && (!S_ISREG(status.st_mode) || !input_has_suffix(path)))
		return EXIT_FINE;
	if (is_excluded(visit, path))
		return EXIT_FINE;
	return S_ISDIR(status.st_mode) ? visit_directory(visit, path) : visit_file(visit, path);
}

static int visit_directory(struct visit *visit, const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, not_hidden, alphasort), code = EXIT_FINE;

	if (count < 0 || visit->depth == DIRECTORY_DEPTH) {
		complain("cannot read directory '%s': %s", path,
			count < 0 ? strerror(errno) : "nested too deeply (a symbolic link to a parent?)");
		free_entries(entries, count);
		return EXIT_SYSTEM;
	}
	visit->depth++;
	for (int i = 0; i < count; i++) {
		struct buffer name = { 0 };

		buffer_format(&name, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/",
			entries[i]->d_name);
		code = worse(code, visit_entry(visit, name.bytes));
		buffer_release(&name);
	}
	visit->depth--;
	free_entries(entries, count);
	return code;
}

static int visit_stdin(struct visit *visit)
{
	int code;

	if (visit->used_stdin) {
		complain("'-' can be given once");
		return EXIT_USAGE;
	}
	visit->used_stdin = visit->in_stdin = true;
	code = visit_fd(visit, "<stdin>", STDIN_FILENO);
	visit->in_stdin = false;
	return code;
}

static int visit_glob(struct visit *visit, const char *pattern)
{
	glob_t found;
	int code = EXIT_FINE;

	if (glob(pattern, 0, NULL, &found)) {
		complain("no file matches '%s'", pattern);
		return EXIT_SYSTEM;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!is_excluded(visit, found.gl_pathv[i]))
			code = worse(code, visit_file(visit, found.gl_pathv[i]));
	globfree(&found);
	return code;
}

static int visit_operand(struct visit *visit, const char *operand)
{
	size_t before = visit->files;
	struct stat status;
	int code;

	if (!strcmp(operand, "-"))
		return visit_stdin(visit);
	if (stat(operand, &status))
		return strpbrk(operand, "*?[") ? visit_glob(visit, operand) : visit_file(visit, operand);
	if (!S_ISDIR(status.st_mode))
		return visit_file(visit, operand);
	code = visit_directory(visit, operand);
	if (code == EXIT_FINE && visit->files == before) {
		if (visit->passed_over)
			complain("no file in directory '%s' has %s", operand,
				 visit->filter && visit->filter->wants ? visit->filter->wants : "a policy");
		else
			complain(visit->filter && visit->filter->excluded ? "all files in directory '%s' are excluded" :
				 "directory '%s' has no *.yaml, *.yml or *.json file", operand);
		return EXIT_SYSTEM;
	}
	return code;
}

int input_visit_filtered(int count, char **operands, struct input_filter *filter, input_each *each, void *context)
{
	struct visit visit = { .each = each, .context = context, .filter = filter };
	struct visit *before = current;		/* `each` may visit, too */
	int code = EXIT_FINE;

	if (!count) {
		complain("no policy given: name files or directories, or '-' for standard input");
		return EXIT_USAGE;
	}
	current = &visit;
	for (int i = 0; i < count; i++)
		code = worse(code, visit_operand(&visit, operands[i]));
	current = before;
	return code;
}

int input_visit(int count, char **operands, input_each *each, void *context)
{
	return input_visit_filtered(count, operands, NULL, each, context);
}

bool input_is_stdin(void)
{
	return current && current->in_stdin;
}

bool input_is_found(void)
{
	return current && current->depth;
}

bool input_pass_over(void)
{
	if (!input_is_found())
		return false;
	current->files--;
	current->passed_over++;
	return true;
}
