// SPDX-License-Identifier: Apache-2.0
/* workload_files.c - see workload_files.h. */
#include "cmd/workload_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"

/* Length, at most one byte more than the limit, or -errno. */
static ssize_t read_all(int fd, char *text, size_t limit)
{
	size_t length = 0;

	while (length <= limit) {
		const ssize_t got = read(fd, text + length, limit + 1 - length);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			break;
		length += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)length;
}

char *file_read(const char *path, size_t limit, size_t *length, int *code)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = malloc(limit + 2);
	ssize_t got;

	if (!text)
		abort();
	got = fd < 0 ? -errno : read_all(fd, text, limit);
	if (fd >= 0)
		close(fd);
	*code = got < 0 ? EXIT_SYSTEM : (size_t)got > limit ? EXIT_REFUSED : EXIT_FINE;
	if (got < 0)
		complain("cannot read '%s': %s", path, strerror((int)-got));
	else if ((size_t)got > limit)
		complain("'%s' is larger than %zu MiB", path, limit >> 20);
	if (*code != EXIT_FINE) {
		free(text);
		return NULL;
	}
	text[got] = 0;
	*length = (size_t)got;
	return text;
}

static int read_file(struct workload_files *files, const char *path)
{
	struct diagnostics diagnostics;
	struct source source = { .name = path };
	int code;
	char *text = file_read(path, LIMIT_FILE_BYTES, &source.length, &code);

	if (!text)
		return code;
	source.text = arena_copy(&files->arena, text, source.length);
	free(text);
	diagnostics_init(&diagnostics, &files->arena);
	if (workload_list_read(&source, &files->arena, &diagnostics, &files->list))
		code = EXIT_REFUSED;
	report_text(&diagnostics, stderr, COLOUR_AUTO);
	return code;
}

int workload_files_read(const struct option_list *names, enum told_of of, struct workload_files *ret)
{
	int code = of == TOLD_OF_ANOTHER || access(WORKLOADS_DEFAULT, F_OK) ? EXIT_FINE : read_file(ret, WORKLOADS_DEFAULT);
	const char **words;
	const size_t count = option_list_words(names, &ret->arena, &words);

	for (size_t n = 0; n < count && code == EXIT_FINE; n++)
		code = read_file(ret, words[n]);
	return code;
}

void workload_files_release(struct workload_files *files)
{
	arena_release(&files->arena);
	*files = (struct workload_files){ .list = { NULL, 0 } };
}

void workload_files_print_notes(const struct workloads *workloads)
{
	for (size_t n = 0; n < workloads->note_count; n++)
		fprintf(stderr, "%s%snote: %s\n", workloads->notes[n].place ? workloads->notes[n].place : "",
			workloads->notes[n].place ? ": " : "", workloads->notes[n].text);
}
