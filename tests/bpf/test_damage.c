// SPDX-License-Identifier: Apache-2.0
/*
 * test_damage.c - images with a few bytes changed, thousands of them: image_verify refuses one, or the kernel and the matcher
 * decide alike by it.  What was refused is given to the program all the same: whatever it decides, it ends.  TAP.
 *
 *	test_damage [ROUNDS [SEED]]
 */
#include <bpf/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/compiler.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "runtime/event.h"
#include "tests/bpf/rig.h"
#include "tests/bpf/tap.h"

/* Every op that needs no struct of the kernel's, every kind of table, several policies, groups. */
static const char policies[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec:\n  kprobes:\n"
	"  - call: f\n    syscall: false\n"
	"    args: [{index: 0, type: int}, {index: 1, type: string}, {index: 2, type: sockaddr}, {index: 3, type: uint64}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: GT, values: [\"5\"]}, {index: 1, operator: Prefix, values: [\"/tmp/\", \"x\"]},\n"
	"                  {index: 3, operator: Mask, values: [\"6\"]}]\n"
	"      matchPIDs: [{operator: NotIn, values: [1, 2, 3, 7]}]\n"
	"    - matchArgs: [{index: 2, operator: SAddr, values: [\"10.0.0.0/8\", \"fe80::/10\"]},\n"
	"                  {index: 2, operator: SPort, values: [\"80\", \"90:100\", \"443\"]}]\n"
	"    - matchArgs: [{index: 1, operator: Postfix, values: [\".so\", \"12345678\"]}, {index: 0, operator: LT, values: [\"-3\"]},\n"
	"                  {index: 1, operator: NotEqual, values: [\"/etc/passwd\"]}]\n"
	"      matchActions: [{action: NoPost}]\n"
	"    - matchArgs: [{index: 1, operator: SubString, values: [\"swd\", \"tmp\"]}]\n"
	"    - matchArgs: [{index: 1, operator: SubStringIgnCase, values: [\"ETC\"]}, {index: 3, operator: InMap, values: [\"1:5\", \"9\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: b}\nspec:\n  kprobes:\n"
	"  - call: f\n    syscall: false\n    args: [{index: 1, type: string}, {index: 3, type: uint64}, {index: 0, type: int}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: Prefix, values: [\"/etc/\", \"/usr/bin/\"]}]\n"
	"    - matchArgs: [{index: 1, operator: Prefix, values: [\"/tmp\"]}]\n"
	"    - matchArgs: [{index: 1, operator: Equal, values: [\"abc\"]}]\n"
	"    - matchArgs: [{operator: CelExpr, values: [\"arg2 + int32(3) > int32(7) && arg1 != 4u\"]}]\n"
	"    - matchArgs: [{index: 3, operator: InRange, values: [\"1:5\", \"7:9\", \"11:12\"]}]\n";

enum { VALUES = 4 };

struct event_values { int32_t number; const char *string; uint16_t port; uint64_t large; };
static const struct event_values events[] = {
	{ 7, "/tmp/x", 80, 6 }, { -9, "libc.so", 443, 3 }, { 3, "/etc/passwd", 5, 9 }, { 0, "abc", 95, 4 },
	{ 100, "/usr/bin/12345678", 1, 11 }, { 5, "", 0, 0 },
};
enum { EVENTS = sizeof(events) / sizeof(*events) };

static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % limit;
}

/* ---- The good image ---- */

static struct buffer good;

static bool make_image(void)
{
	const struct link_assignment here = { "kprobe:f", RIG_HOOK };
	const struct link_options options = { .assignments = &here, .assignment_count = 1 };
	struct link_input inputs[2];
	const char *error = "it does not compile";
	struct arena arena = { 0 };
	struct unit unit;
	bool fine;

	unit_init(&unit, "damage.yaml", policies, sizeof(policies) - 1);
	fine = !unit_compile(&unit, NULL) && unit.object_count == 2;
	for (size_t n = 0; n < 2 && fine; n++)
		inputs[n] = (struct link_input){ unit.objects[n].bytes, unit.objects[n].length, "damage.yaml" };
	fine = fine && !link_image(inputs, 2, &options, &arena, &good, &error);
	if (!fine)
		tap_say("%s", error);
	unit_release(&unit);
	arena_release(&arena);
	return fine;
}

/* ---- Events, for the kernel and for the matcher ---- */

static struct sockaddr_bytes { uint16_t family, port; uint32_t address; uint64_t pad[3]; } address;

static void fill_arguments(const struct event_values *event, uint64_t arguments[RIG_ARGUMENTS])
{
	memset(arguments, 0, RIG_ARGUMENTS * sizeof(*arguments));
	address = (struct sockaddr_bytes){ MATCH_AF_INET, __builtin_bswap16(event->port), 0x0100000a, { 0 } };
	arguments[0] = (uint64_t)event->number;
	arguments[1] = (uint64_t)event->string;
	arguments[2] = (uint64_t)&address;
	arguments[3] = event->large;
}

struct deciding { const struct abi_hook *hook; const struct event_values *event; };

/* Argument `index`, read as the slot says: damage may have made anything of it. */
static int load(void *context, struct match_state *state, __u32 slot)
{
	const struct deciding *deciding = context;
	const struct abi_slot *abi = &deciding->hook->slots[slot];
	const struct event_values *event = deciding->event;
	uint64_t arguments[RIG_ARGUMENTS];

	if (abi->load == ABI_LOAD_PID)
		return match_put_value(state, slot, (uint64_t)getpid());
	if (abi->source != ABI_SOURCE_ARGUMENT || abi->index >= RIG_ARGUMENTS)
		return -1;
	fill_arguments(event, arguments);
	if (match_load_is_integer(abi->load))
		return match_put_value(state, slot, match_extend(abi->load, arguments[abi->index]));
	if (abi->load == ABI_LOAD_STRING && abi->index == 1)
		return match_put_bytes(state, slot, event->string, strlen(event->string), MATCH_WHOLE);
	if (abi->load == ABI_LOAD_SOCKADDR && abi->index == 2)
		return match_put_address(state, slot, MATCH_AF_INET, event->port, &address.address);
	return -1;
}

/* ---- Damage ---- */

static void damage(uint8_t *bytes)
{
	const struct abi_image *header = (const void *)good.bytes;
	unsigned changes = 1 + random_below(3);

	memcpy(bytes, good.bytes, good.length);
	while (changes--) {
		/* Where programs read, mostly; the rest is for tetra. */
		uint64_t at = random_below(8) ? random_below(header->program_size) : random_below(good.length);

		if (at >= sizeof(*header) || !random_below(16))
			bytes[at] ^= random_below(3) ? 1u << random_below(8) : (uint8_t)random_below(256);
	}
	((struct abi_image *)(void *)bytes)->magic = ABI_IMAGE_MAGIC;
	image_seal(bytes, good.length);
}

static void apply(struct rig *rig, uint8_t *bytes)
{
	const struct image_builder builder = { .bytes = bytes, .used = (uint32_t)good.length };

	rig_apply(rig, &builder);
}

/* Values that this test cannot tell the matcher of: only the kernel has them, or they lie elsewhere now. */
static bool is_comparable(const struct abi_hook *hook)
{
	const struct abi_image *header = (const void *)good.bytes;
	const struct abi_hook *before = (const void *)(good.bytes + header->hook_offset[RIG_HOOK]);

	if (hook->flags != before->flags)
		return false;
	for (uint32_t n = 0; n < hook->slot_count; n++) {
		const struct abi_slot *slot = &hook->slots[n];
		bool is_number = match_load_is_integer(slot->load) && slot->source == ABI_SOURCE_ARGUMENT &&
				 slot->index < RIG_ARGUMENTS;

		if (!is_number && memcmp(slot, &before->slots[n], sizeof(*slot)))
			return false;
	}
	return true;
}

/* Whether the kernel sends what the matcher accepts. */
static bool decides_alike(struct rig *rig, const struct image_view *view, const struct event_values *event)
{
	static struct match_native native;
	uint32_t hook = view->header->hook_offset[RIG_HOOK], sent = 0;
	struct deciding deciding = { (const void *)(view->bytes + hook), event };
	uint64_t arguments[RIG_ARGUMENTS];

	native.image = view->bytes;
	native.image_size = view->header->program_size;
	native.load = load;
	native.context = &deciding;
	match_native_run_id(&native, RIG_HOOK);
	fill_arguments(event, arguments);
	if (rig_run(rig, arguments))
		return false;
	for (uint32_t n = 0; n < native.state.accept_count; n++) {
		const struct abi_accept *accept = (const void *)(view->bytes + native.state.accepts[n]);
		const struct abi_event *found;

		if (accept->flags & ABI_ACCEPT_QUIET)
			continue;
		if (sent >= rig->event_count)
			return false;
		found = rig->events[sent++].event;
		if (found->policy != accept->policy || found->selector != accept->selector)
			return false;
	}
	return sent == rig->event_count;
}

/* ---- What was refused ---- */

/* In a child: by a damaged image it may well be killed.  False when it does not end. */
static bool ends(struct rig *rig)
{
	uint64_t arguments[RIG_ARGUMENTS];
	int status;
	pid_t child = fork();

	if (!child) {
		alarm(10);
		for (size_t n = 0; n < EVENTS; n++) {
			uint64_t context[12] = { 0 };
			LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));

			fill_arguments(&events[n], arguments);
			memcpy(context, arguments, sizeof(arguments));
			bpf_prog_test_run_opts(rig_program(rig), &options);
		}
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

/* Whatever came out of the ring buffer is refused by the reader, or inside its bounds. */
static void read_events(struct rig *rig)
{
	rig_collect(rig);
	for (uint32_t n = 0; n < rig->event_count; n++) {
		struct event event;

		if (event_read(rig->events[n].event, rig->events[n].size, &event) || !event.hook)
			continue;
		for (unsigned slot = 0; slot < ABI_SLOTS_MAX; slot++)
			event_slot(&event, slot);
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 4000, refused = 0, taken = 0, differ = 0, stuck = 0, others = 0;
	struct rig rig;
	uint8_t *bytes;

	random_state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	if (geteuid()) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	if (!make_image() || rig_open(&rig))
		return tap_ok(false, "the image is made and the program loads"), tap_done();
	bytes = aligned_alloc(8, (good.length + 7) & ~7ULL);
	for (unsigned round = 0; round < rounds; round++) {
		struct image_view view;
		char message[256];

		damage(bytes);
		apply(&rig, bytes);
		if (image_verify(bytes, good.length, &view, message)) {
			refused++;
			stuck += !(round % 4) && !ends(&rig);
			if (!(round % 4))
				read_events(&rig);
			continue;
		}
		if (!view.header->hook_offset[RIG_HOOK] ||
		    !is_comparable((const void *)(bytes + view.header->hook_offset[RIG_HOOK]))) {
			others++;
			continue;
		}
		taken++;
		for (size_t n = 0; n < EVENTS; n++)
			if (!decides_alike(&rig, &view, &events[n]) && !differ++)
				tap_say("round %u: the kernel and the matcher differ on event %zu", round, n);
	}
	tap_say("%u damaged images: %u refused, %u taken, %u of these not to be compared", rounds, refused, taken + others, others);
	tap_ok(!differ && taken, "the kernel decides by what image_verify takes as the matcher does");
	tap_ok(!stuck && refused, "by what it refuses, the program ends all the same");
	rig_close(&rig);
	free(bytes);
	return tap_done();
}
