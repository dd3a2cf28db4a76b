// SPDX-License-Identifier: Apache-2.0
/*
 * simulate.c - deciding on recorded events, and reading them: simulate POLICY EVENTS
 *
 * Events a second are of verdicts with their reasons, from memory.  Reading is measured beside a loop that does nothing but
 * json-c's part of it, on lines as long as Tetragon writes them.  Short rounds alternate, which others on the machine disturb
 * less; the fastest of each counts.  Prints rows of the table of bench/run.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/compiler.h"
#include "compiler/link/link.h"
#include "compiler/simulate.h"
#include "schema/names.h"

enum { LINES_MAX = 256, ROUNDS = 9, DECISIONS = 400000, READ_ROUNDS = 90, READS = 400 };

struct bench {
	struct unit unit;
	struct buffer text, events, image;
	struct image_view view;
	struct simulation simulation;
	struct arena arena;
	struct event_sample *samples;
	struct buffer line;		/* as Tetragon writes one */
	size_t count, matched;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench/simulate: %s: %s\n", what, why);
	exit(1);
}

static void read_file(const char *path, struct buffer *ret)
{
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t got;

	if (!file)
		die(path, "cannot be read");
	while ((got = fread(piece, 1, sizeof(piece), file)))
		buffer_add(ret, piece, got);
	fclose(file);
}

/* ---- What is measured ---- */

static void make_simulation(struct bench *bench, const char *path)
{
	struct link_input input;
	const char *error = "";
	char message[256];

	read_file(path, &bench->text);
	unit_init(&bench->unit, path, bench->text.bytes, bench->text.length);
	if (unit_compile(&bench->unit, NULL))
		die(path, "refused");
	input = (struct link_input){ bench->unit.objects[0].bytes, bench->unit.objects[0].length, path };
	if (link_image(&input, 1, NULL, &bench->arena, &bench->image, &error))
		die(path, error);
	if (image_verify(bench->image.bytes, bench->image.length, &bench->view, message) ||
	    simulation_init(&bench->simulation, &bench->view, message))
		die(path, message);
}

static void read_events(struct bench *bench, const char *path)
{
	char *rest = NULL, *line;
	const char *error = "";

	read_file(path, &bench->events);
	bench->samples = arena_array(&bench->arena, struct event_sample, LINES_MAX);
	for (line = strtok_r(bench->events.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (bench->count < LINES_MAX &&
		    event_read_json(line, strlen(line), &bench->arena, &bench->samples[bench->count], &error) > 0)
			bench->count++;
	if (!bench->count)
		die(path, "has no events");
}

static void add_process(struct buffer *ret, const char *key, const char *binary)
{
	const struct name_set_row *capabilities = &name_sets[NAMES_CAPABILITIES];
	static const char *const namespaces[] = { "uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children",
						  "cgroup", "user" };

	buffer_format(ret, "\"%s\":{\"exec_id\":\"KG5vbmUpOjExNjAzMzAyMjc1OjE2NQ==\", \"pid\":165, \"uid\":0, \"cwd\":\"/job\", "
			   "\"binary\":\"%s\", \"arguments\":\"/etc/shadow\", \"flags\":\"execve clone\", "
			   "\"start_time\":\"2026-11-23T18:41:19.749600353Z\", \"auid\":4294967295, "
			   "\"parent_exec_id\":\"KG5vbmUpOjIxMDAwMDAwMDA6MTUw\", \"cap\":{", key, binary);
	for (int set = 0; set < 2; set++) {
		buffer_add_text(ret, set ? "], \"effective\":[" : "\"permitted\":[");
		for (size_t n = 0; n < capabilities->count; n++)
			buffer_format(ret, "%s\"%s\"", n ? ", " : "", capabilities->names[n].name);
	}
	buffer_add_text(ret, "]}, \"ns\":{");
	for (size_t n = 0; n < sizeof(namespaces) / sizeof(*namespaces); n++)
		buffer_format(ret, "%s\"%s\":{\"inum\":%zu, \"is_host\":true}", n ? ", " : "", namespaces[n], 4026531834 + n);
	buffer_add_text(ret, "}, \"tid\":165, \"process_credentials\":{\"uid\":0, \"gid\":0, \"euid\":0, \"egid\":0, \"suid\":0, "
			     "\"sgid\":0, \"fsuid\":0, \"fsgid\":0}, \"in_init_tree\":false}, ");
}

static void make_line(struct buffer *ret)
{
	buffer_add_text(ret, "{\"process_kprobe\":{");
	add_process(ret, "process", "/usr/bin/cat");
	add_process(ret, "parent", "/usr/bin/bash");
	buffer_add_text(ret, "\"function_name\":\"security_file_permission\", \"args\":[{\"file_arg\":{\"path\":\"/etc/shadow\", "
			     "\"permission\":\"-rw-r-----\"}}, {\"int_arg\":4}], \"return\":{\"int_arg\":0}, "
			     "\"action\":\"KPROBE_ACTION_POST\", \"policy_name\":\"watch\", \"return_action\":\"KPROBE_ACTION_POST\"}, "
			     "\"node_name\":\"node\", \"time\":\"2026-11-23T18:41:20.162811338Z\"}");
}

/* ---- Measuring ---- */

static void count(void *context, const struct verdict *verdict)
{
	((struct bench *)context)->matched += verdict->answer == VERDICT_YES;
}

static double decide(struct bench *bench)
{
	double start = now();

	for (size_t n = 0; n < DECISIONS; n++)
		simulate(&bench->simulation, &bench->samples[n % bench->count], count, bench);
	return now() - start;
}

static double parse_only(struct bench *bench)
{
	struct json_tokener *tokener = json_tokener_new();
	double start = now();

	for (size_t n = 0; n < READS; n++) {
		json_tokener_reset(tokener);
		json_object_put(json_tokener_parse_ex(tokener, bench->line.bytes, (int)bench->line.length));
	}
	start = now() - start;
	json_tokener_free(tokener);
	return start;
}

static double read_lines(struct bench *bench)
{
	struct event_reader reader = { .tokener = NULL };
	const char *error = "";
	double start = now();

	for (size_t n = 0; n < READS; n++)
		if (event_reader_read(&reader, bench->line.bytes, bench->line.length, &bench->samples[0], &error) != 1)
			die("the line", error);
	start = now() - start;
	event_reader_release(&reader);
	return start;
}

static void keep_least(double *least, double time)
{
	if (!*least || time < *least)
		*least = time;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	double decided = 0, parsed = 0, read = 0;

	if (argc != 3)
		die("usage", "simulate POLICY EVENTS");
	make_simulation(&bench, argv[1]);
	read_events(&bench, argv[2]);
	make_line(&bench.line);
	for (int round = 0; round < ROUNDS; round++)
		keep_least(&decided, decide(&bench));
	for (int round = 0; round < READ_ROUNDS; round++) {
		keep_least(&parsed, parse_only(&bench));
		keep_least(&read, read_lines(&bench));
	}
	if (!bench.matched || bench.simulation.disagreements)
		die(argv[1], "decides nothing, or not as it should");
	printf("| decide events from memory, one policy | %.2f million a second | | | at least 2 |\n",
	       DECISIONS / decided / 1e6);
	printf("| read events of %zu bytes, CPU time | %.1f us | json-c alone, %.1f us | %.3f | at most 1.05 |\n",
	       bench.line.length, read / READS * 1e6, parsed / READS * 1e6, read / parsed);
	return 0;
}
