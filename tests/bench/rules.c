// SPDX-License-Identifier: Apache-2.0
/*
 * rules.c - what it takes to check and lower rules, beside TracingPolicies of equal size: CPU time, both in one run.
 *
 *	rules POLICY...		of both kinds; what is not right is left out
 *
 * Equal size is in bytes: each side's time is divided by the bytes of its texts, without comments.  Files of both kinds are about as long, as people write
 * them.  The TracingPolicies that the rules become are a third side: the same intent, at many times the size.  A round is all three; ratios are of medians.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/compiler.h"
#include "compiler/emit.h"

enum { ROUNDS = 31, REPEATS = 20, FILES_MOST = 256 };
static const double GOAL = 2.0;

struct text { const char *name; char *bytes; size_t length; };
struct texts { struct text items[FILES_MOST]; size_t count, bytes; };

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench/rules: %s: %s\n", what, why);
	exit(1);
}

/* Lines that are comments are none of the policy: what is emitted has none either. */
static struct text read_file(const char *name)
{
	FILE *stream = fopen(name, "rb");
	struct text text = { .name = name, .bytes = malloc(1 << 20) };
	char line[1 << 14];

	if (!stream || !text.bytes)
		die(name, "cannot be read");
	while (fgets(line, sizeof(line), stream)) {
		const size_t length = strlen(line);

		if (line[strspn(line, " ")] == '#')
			continue;
		if (text.length + length > 1 << 20)
			die(name, "is too large");
		memcpy(text.bytes + text.length, line, length);
		text.length += length;
	}
	fclose(stream);
	return text;
}

static void add(struct texts *to, struct text text)
{
	if (to->count == FILES_MOST)
		die(text.name, "is one too many");
	to->items[to->count++] = text;
	to->bytes += text.length;
}

static bool is_right(const struct text *text)
{
	struct unit unit;
	bool fine;

	unit_init(&unit, text->name, text->bytes, text->length);
	fine = !unit_compile(&unit, compiler_find_pass("lower"));
	unit_release(&unit);
	return fine;
}

/* False: Tetragon has no words for it. */
static bool emit(const struct text *rules, struct text *ret)
{
	struct unit unit;
	struct buffer text = { 0 };
	size_t count = 0;
	bool fine;

	unit_init(&unit, rules->name, rules->bytes, rules->length);
	fine = !unit_compile(&unit, compiler_find_pass("check")) && !unit_emit(&unit, &text, &count) && count;
	unit_release(&unit);
	*ret = (struct text){ rules->name, text.bytes, text.length };
	return fine;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nanoseconds a byte, through `last`. */
static double round_of(const struct texts *texts, const struct pass *last)
{
	const double start = seconds();

	for (size_t repeat = 0; repeat < REPEATS; repeat++)
		for (size_t n = 0; n < texts->count; n++) {
			struct unit unit;

			unit_init(&unit, texts->items[n].name, texts->items[n].bytes, texts->items[n].length);
			if (unit_compile(&unit, last))
				die(texts->items[n].name, "is not right");
			unit_release(&unit);
		}
	return (seconds() - start) * 1e9 / (double)texts->bytes / REPEATS;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(double times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof(*times), compare);
	return times[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	static struct texts rules, policies, emitted;
	const struct pass *last = compiler_find_pass("lower");
	double times[3][ROUNDS], here, there, become;

	for (int n = 1; n < argc; n++) {
		const struct text text = read_file(argv[n]);
		const bool of_rules = strstr(text.bytes, "kind: RuntimeSecurityPolicy");
		struct text one;

		if (!is_right(&text) || (of_rules && !emit(&text, &one)))
			continue;
		add(of_rules ? &rules : &policies, text);
		if (of_rules)
			add(&emitted, one);
	}
	if (!rules.count || !policies.count)
		die("policies", "both kinds are needed");
	for (int n = 0; n < ROUNDS; n++) {
		times[0][n] = round_of(&rules, last);
		times[1][n] = round_of(&policies, last);
		times[2][n] = round_of(&emitted, last);
	}
	here = median_of(times[0]);
	there = median_of(times[1]);
	become = median_of(times[2]);
	printf("| check and lower rules, %zu policies of %zu bytes, CPU time a byte | %.1f ns | %zu TracingPolicies of %zu bytes, %.1f ns | %.2f | at most %g |\n",
	       rules.count, rules.bytes / rules.count, here, policies.count, policies.bytes / policies.count, there, here / there, GOAL);
	printf("| the same, CPU time a policy | %.1f us | the TracingPolicies that they become, %zu bytes each, %.1f us | %.2f | |\n",
	       here * (double)(rules.bytes / rules.count) / 1e3, emitted.bytes / emitted.count, become * (double)(emitted.bytes / emitted.count) / 1e3,
	       here * (double)rules.bytes / (become * (double)emitted.bytes));
	return here / there > GOAL;
}
