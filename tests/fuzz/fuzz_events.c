// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_events.c - any bytes as recorded events, line by line, decided on by policies of every kind; with the reasons.
 *
 * The two decisions of each verdict must agree, and reading must depend on nothing but the line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "compiler/link/link.h"
#include "compiler/simulate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define POLICY(name) "---\napiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: " name "}\nspec:\n"

static const char policies[] =
	POLICY("a") "  kprobes:\n  - call: f\n    syscall: false\n    return: true\n    returnArg: {index: 0, type: int}\n"
	"    args: [{index: 0, type: int}, {index: 1, type: string}, {index: 2, type: file}, {index: 3, type: sock}, {index: 4, type: char_buf, sizeArgIndex: 5}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: InRange, values: ['1:9']}, {index: 1, operator: Prefix, values: [/tmp/]}]\n"
	"      matchBinaries: [{operator: In, values: [/bin/a, /bin/b], followChildren: true}]\n"
	"    - matchArgs: [{index: 2, operator: FileType, values: [reg]}, {index: 3, operator: DAddr, values: [10.0.0.0/8]}]\n"
	"      matchPIDs: [{operator: NotIn, followForks: true, values: [1, 2]}]\n"
	"    - matchNamespaces: [{namespace: Net, operator: NotIn, values: [host_ns]}]\n"
	"      matchCapabilities: [{type: Effective, operator: In, values: [CAP_SYS_ADMIN]}]\n"
	"      matchReturnArgs: [{index: 0, operator: LT, values: ['0']}]\n"
	"    - matchWorkloads: {podSelector: {matchLabels: {app: x}}, containerSelector: {matchExpressions: [{key: repo, operator: Exists}]}}\n"
	"    - matchArgs: [{index: 0, operator: CelExpr, values: ['arg0 < int32(5) || arg0 > int32(50)']}]\n"
	POLICY("b") "  lsmhooks:\n  - hook: g\n    args: [{index: 0, type: sockaddr}, {index: 1, type: linux_binprm}, {index: 2, type: kernel_cap_t}]\n"
	"    selectors:\n    - matchArgs: [{index: 0, operator: SPort, values: ['443']}, {index: 1, operator: Postfix, values: [.sh]}]\n"
	"    - matchArgs: [{index: 2, operator: Mask, values: ['3']}]\n      matchNamespaceChanges: [{operator: In, values: [Mnt]}]\n"
	POLICY("c") "  tracepoints:\n  - subsystem: s\n    event: e\n    args: [{index: 5, type: uint64}]\n"
	"    selectors: [{matchArgs: [{index: 5, operator: NotEqual, values: ['7']}]}]\n";

struct world {
	struct unit unit;
	struct arena arena;
	struct buffer image;
	struct image_view view;
	struct simulation simulation;
	struct event_reader reader;
	struct event_sample event;
	struct buffer text;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct world *make_world(void)
{
	static struct world world;
	struct link_input inputs[3];
	const char *error;
	char message[256];

	unit_init(&world.unit, "fuzz.yaml", policies, sizeof(policies) - 1);
	require(!unit_compile(&world.unit, NULL) && world.unit.object_count == 3);
	for (size_t n = 0; n < 3; n++)
		inputs[n] = (struct link_input){ world.unit.objects[n].bytes, world.unit.objects[n].length, "fuzz" };
	require(!link_image(inputs, 3, NULL, &world.arena, &world.image, &error));
	require(!image_verify(world.image.bytes, world.image.length, &world.view, message));
	require(!simulation_init(&world.simulation, &world.view, message));
	return &world;
}

static void take_verdict(void *context, const struct verdict *verdict)
{
	struct world *world = context;

	require(!verdict->disagrees);
	require(verdict->answer != VERDICT_YES || verdict->selector);
	world->text.length = 0;
	for (size_t n = 0; n < verdict->failure_count; n++)
		verdict_describe_failure(&world->simulation, &world->event, verdict, &verdict->failures[n], &world->text);
}

static void decide_line(struct world *world, const char *line, size_t length)
{
	const char *error = "", *other = "";
	struct arena arena = { 0 };
	struct event_sample *alone = malloc(sizeof(*alone));
	int kind = event_reader_read(&world->reader, line, length, &world->event, &error);

	require(alone != NULL);
	require(event_read_json(line, length, &arena, alone, &other) == kind);
	require(kind >= 0 || (*error && !strcmp(error, other)));
	require(kind <= 0 || (alone->kin_count == world->event.kin_count && alone->argument_count == world->event.argument_count));
	if (kind > 0)
		simulate(&world->simulation, &world->event, take_verdict, world);
	arena_release(&arena);
	free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world *world;
	const char *text = (const char *)data;

	if (!world)
		world = make_world();
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;

		decide_line(world, text, length);
		length += !!end;
		text += length;
		size -= length;
	}
	return 0;
}
