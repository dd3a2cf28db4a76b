// SPDX-License-Identifier: Apache-2.0
/*
 * compile.c - how many policies a second one core compiles, from text in memory to objects, and how long it takes to link a
 * thousand of them to one image.
 *
 *	compile POLICY...	the files are compiled in turn, over and over
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/compiler.h"
#include "compiler/link/link.h"

enum { LINKED = 1000, PER_HOOK = 100, ROUNDS = 7 };
static const double COMPILE_SECONDS = 0.5;

struct file { const char *name; char *text; size_t length; };

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench/compile: %s: %s\n", what, why);
	exit(1);
}

static struct file read_file(const char *name)
{
	FILE *stream = fopen(name, "rb");
	struct file file = { .name = name, .text = malloc(1 << 20) };

	if (!stream || !file.text)
		die(name, "cannot be read");
	file.length = fread(file.text, 1, 1 << 20, stream);
	fclose(stream);
	return file;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void compile(struct unit *unit, const char *name, const char *text, size_t length)
{
	unit_init(unit, name, text, length);
	if (unit_compile(unit, NULL))
		die(name, "does not compile");
}

static double policies_per_second(const struct file *files, size_t count)
{
	double start = seconds(), now;
	size_t policies = 0, n = 0;

	do {
		struct unit unit;

		compile(&unit, files[n].name, files[n].text, files[n].length);
		policies += unit.object_count;
		unit_release(&unit);
		n = (n + 1) % count;
		now = seconds();
	} while (now - start < COMPILE_SECONDS);
	return (double)policies / (now - start);
}

/* The file's policy under another name. */
static char *rename_policy(const struct file *file, size_t number, size_t *length)
{
	const char *name = strstr(file->text, "\n  name: ");
	size_t before;
	char *text = malloc(file->length + 32);

	if (!name || !text)
		die(file->name, "has no name");
	before = (size_t)(name - file->text) + strlen("\n  name: ");
	*length = (size_t)snprintf(text, file->length + 32, "%.*sp%zu-%s", (int)before, file->text, number, file->text + before);
	return text;
}

#define FUNCTION "call: security_socket_connect"

/* On another function, if it is on FUNCTION: a hook takes ABI_ACCEPTS_MAX policies at most. */
static bool move_hook(char *text, size_t number)
{
	char *function = strstr(text, FUNCTION), name[sizeof(FUNCTION)];

	if (!function)
		return false;
	snprintf(name, sizeof(name), "call: security_socket_%07zu", number / PER_HOOK);
	memcpy(function, name, strlen(FUNCTION));
	return true;
}

/* CPU seconds to link LINKED policies. */
static double link_seconds(const struct link_input *inputs, size_t *bytes)
{
	struct arena arena = { 0 };
	struct buffer image = { 0 };
	const char *error = "";
	double start = seconds();

	if (link_image(inputs, LINKED, NULL, &arena, &image, &error))
		die("link", error);
	start = seconds() - start;
	*bytes = image.length;
	buffer_release(&image);
	arena_release(&arena);
	return start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure_link(const struct file *files, size_t count)
{
	static struct unit units[LINKED];
	static struct link_input inputs[LINKED];
	double times[ROUNDS];
	size_t bytes = 0;

	for (size_t n = 0, file = 0; n < LINKED; n++, file++) {
		size_t length;
		char *text = rename_policy(&files[file % count], n, &length);

		while (!move_hook(text, n) && n >= PER_HOOK * count) {	/* the others' hooks are full */
			free(text);
			file++;
			text = rename_policy(&files[file % count], n, &length);
		}
		compile(&units[n], files[file % count].name, text, length);
		inputs[n] = (struct link_input){ units[n].objects[0].bytes, units[n].objects[0].length, files[file % count].name };
	}
	for (int round = 0; round < ROUNDS; round++)
		times[round] = link_seconds(inputs, &bytes);
	qsort(times, ROUNDS, sizeof(*times), compare);
	printf("| link 1,000 policies to one image of %zu KB | %.0f ms | | | under 1,000 ms |\n", bytes / 1000,
	       times[ROUNDS / 2] * 1e3);
}

int main(int argc, char **argv)
{
	struct file *files = calloc((size_t)argc, sizeof(*files));
	double best[ROUNDS];

	if (argc < 2 || !files)
		die("usage", "compile POLICY...");
	for (int n = 1; n < argc; n++)
		files[n - 1] = read_file(argv[n]);
	for (int round = 0; round < ROUNDS; round++)
		best[round] = policies_per_second(files, (size_t)argc - 1);
	qsort(best, ROUNDS, sizeof(*best), compare);
	printf("| compile, text to object | %.0f policies a second | | | at least 20,000 |\n", best[ROUNDS / 2]);
	measure_link(files, (size_t)argc - 1);
	return 0;
}
