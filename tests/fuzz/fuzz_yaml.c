// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_yaml.c - any bytes as a policy file: every pass, every dump, every diagnostic's place and what explain says; what compiles is
 * linked, and what links is an image that image_verify accepts and programs can run.
 *
 * The first byte may choose how far to go, so that a short run reaches the late passes and the early ones alike.
 */
#include "tests/fuzz/linked.h"

#include "compiler/compiler.h"
#include "compiler/explain/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static void look_at(struct span at)
{
	size_t length;

	if (span_is_empty(at))
		return;
	require(at.start <= at.end && at.end <= at.source->length);
	require(source_position(at.source, at.start).line > 0);
	require(source_line(at.source, at.start, &length) != NULL);
}

/* Errors are recorded exactly when the compiler fails, and each stands in the text. */
static void check_diagnostics(const struct unit *unit, int failed)
{
	require((unit->diagnostics.errors > 0) == (failed != 0));
	for (size_t i = 0; i < unit->diagnostics.count; i++) {
		require(unit->diagnostics.items[i].message != NULL);
		look_at(unit->diagnostics.items[i].at);
		look_at(unit->diagnostics.items[i].related);
	}
}

/* What does not fit into an image is refused, with a reason. */
static void link_objects(const struct unit *unit, struct bytes events)
{
	struct link_input *inputs = calloc(unit->object_count + 1, sizeof(*inputs));

	for (size_t n = 0; n < unit->object_count; n++)
		inputs[n] = (struct link_input){ unit->objects[n].bytes, unit->objects[n].length, "fuzz.yaml" };
	link_and_match(inputs, unit->object_count, events);
	free(inputs);
}

/* Lowered is enough for words. */
static void explain_all(const struct ir_list *ir)
{
	struct source_cursor cursor = { 0 };

	for (size_t n = 0; n < ir->count; n++) {
		struct buffer text = { 0 };

		explain_policy(&ir->items[n], &cursor, &text);
		buffer_release(&text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pass *last = size && data[0] < compiler_pass_count ? &compiler_passes[data[0]] : NULL;
	struct buffer dump = { 0 };
	struct unit unit;
	int failed;

	if (size > LIMIT_FILE_BYTES)
		return 0;
	if (last) {
		data++;
		size--;
	}
	unit_init(&unit, "fuzz.yaml", (const char *)data, size);
	failed = unit_compile(&unit, last);
	check_diagnostics(&unit, failed);
	if (!failed)
		(last ? last : &compiler_passes[compiler_pass_count - 1])->dump(&unit, &dump);
	if (!failed && unit.ir)
		explain_all(unit.ir);
	if (!failed && unit.objects)
		link_objects(&unit, (struct bytes){ data, size });
	buffer_release(&dump);
	unit_release(&unit);
	return 0;
}

/* ---- The mutator: lines of the text, whole ---- */

static unsigned int random_below(unsigned int *seed, size_t count)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % (unsigned int)count;
}

struct line { const uint8_t *at; size_t length; };

/* The line (its newline included) around some byte. */
static struct line some_line(const uint8_t *data, size_t size, unsigned int *seed)
{
	size_t start = random_below(seed, size), end = start;

	while (start && data[start - 1] != '\n')
		start--;
	while (end < size && data[end] != '\n')
		end++;
	return (struct line){ data + start, end + (end < size) - start };
}

static size_t indentation(struct line line)
{
	size_t count = 0;

	while (count < line.length && (line.at[count] == ' ' || line.at[count] == '-'))
		count++;
	return count;
}

/* Puts one line in place of another, before it, or its words behind the indentation of the other; or takes it away. */
static size_t change_lines(uint8_t *data, size_t size, size_t most, unsigned int *seed)
{
	struct line target = some_line(data, size, seed), from = some_line(data, size, seed);
	unsigned int how = random_below(seed, 4);
	size_t kept = 0, skipped = how == 0 ? 0 : target.length, start;
	struct buffer text = { 0 };

	if (how == 3)
		from.length = 0;
	if (how == 2) {
		kept = indentation(target);
		from = (struct line){ from.at + indentation(from), from.length - indentation(from) };
	}
	start = (size_t)(target.at - data);
	buffer_add(&text, data, start + kept);
	buffer_add(&text, from.at, from.length);
	buffer_add(&text, data + start + skipped, size - start - skipped);
	if (text.length && text.length <= most) {
		size = text.length;
		memcpy(data, text.bytes, size);
	}
	buffer_release(&text);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	if (!size || random_below(&seed, 2))
		return LLVMFuzzerMutate(data, size, most);
	return change_lines(data, size, most, &seed);
}
