// SPDX-License-Identifier: Apache-2.0
/*
 * crash.c - applies policy objects and comes to grief on the way: crash ROOT kill|fail|none STEP OBJECT...
 *
 * Before step number STEP (from 1) it kills itself, or lets the step fail. Exits 0 when there are fewer steps,
 * 3 when applying failed; prints how many steps there are.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/apply.h"

struct grief {
	int kill, at, step;
};

static int before_step(void *context, const struct plan_step *step)
{
	struct grief *grief = context;

	(void)step;
	if (++grief->step != grief->at)
		return 0;
	if (grief->kill)
		raise(SIGKILL);
	return -EIO;
}

static struct link_input read_object(const char *path)
{
	FILE *file = fopen(path, "re");
	char *bytes = malloc(8 << 20);
	size_t size = file && bytes ? fread(bytes, 1, 8 << 20, file) : 0;

	if (file)
		fclose(file);
	return (struct link_input){ bytes, size, path };
}

int main(int argc, char **argv)
{
	struct grief grief = { 0 };
	struct apply_options options = { .before_step = before_step, .context = &grief };
	struct link_input objects[16];
	struct failure failure = { 0 };
	struct apply *apply;
	int count = argc - 4, error;

	if (count < 0 || count > 16)
		return 2;
	options.root = argv[1];
	grief.kill = !strcmp(argv[2], "kill");
	grief.at = strcmp(argv[2], "none") ? atoi(argv[3]) : 0;
	for (int i = 0; i < count; i++)
		objects[i] = read_object(argv[4 + i]);
	error = apply_prepare(&options, objects, (size_t)count, &apply, &failure);
	if (!error && !apply_plan(apply)->refusal_count)
		error = apply_run(apply, &failure);
	if (error)
		fprintf(stderr, "crash: %s\n", failure.text);
	else
		printf("%zu steps\n", apply_plan(apply)->step_count);
	if (!error || error == -EIO)
		apply_free(apply);
	return error ? 3 : 0;
}
