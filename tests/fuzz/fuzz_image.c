// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_image.c - a damaged image is refused, or safe for everything that reads it: the matcher first of all.
 *
 * Random bytes would never get past the checksum.  The input is a list of changes to a good image, which is then
 * sealed again; an input that begins with 0xff is an image (and an object) as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/compiler.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every op, every kind of table, a pair, relocations, two policies on one hook. */
static const char policies[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec:\n  kprobes:\n"
	"  - call: f\n    syscall: false\n    return: true\n    message: \"two words\"\n    tags: [\"one\", \"two\"]\n"
	"    args: [{index: 0, type: int, label: x}, {index: 1, type: string}, {index: 2, type: sockaddr},\n"
	"           {index: 3, type: uint64}, {index: 4, type: file}]\n"
	"    returnArg: {index: 0, type: int}\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: GT, values: [\"5\"]}, {index: 1, operator: Prefix, values: [\"/tmp/\", \"x\"]},\n"
	"                  {index: 3, operator: Mask, values: [\"6\"]}]\n"
	"      matchPIDs: [{operator: NotIn, values: [1, 2, 3, 7]}]\n"
	"    - matchArgs: [{index: 2, operator: SAddr, values: [\"10.0.0.0/8\", \"fe80::/10\"]},\n"
	"                  {index: 2, operator: SPort, values: [\"80\", \"90:100\", \"443\"]}]\n"
	"      matchBinaries: [{operator: Prefix, values: [\"/usr/bin/\", \"/bin/\"]}]\n"
	"      matchActions: [{action: Signal, argSig: 10}, {action: NoPost}]\n"
	"    - matchArgs: [{index: 4, operator: Postfix, values: [\".so\", \"12345678\"]}, {index: 0, operator: LT, values: [\"-3\"]},\n"
	"                  {index: 4, operator: NotEqual, values: [\"/etc/passwd\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: b}\nspec:\n  kprobes:\n"
	"  - call: f\n    syscall: false\n"
	"    args: [{index: 1, type: string}, {index: 3, type: uint64}, {index: 0, type: int}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: Equal, values: [\"\", \"abc\"]}, {index: 3, operator: InRange, values: [\"1:5\", \"7:9\", \"11:12\"]},\n"
	"                  {index: 0, operator: InRange, values: [\"-2147483648:2147483647\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: c}\nspec:\n  tracepoints:\n"
	"  - subsystem: sched\n    event: sched_switch\n"
	"    args: [{index: 5, type: int32}, {index: 6, type: string}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 5, operator: NotInRange, values: [\"1:5\"]}]\n";

static struct buffer good;

static void make_image(void)
{
	struct arena arena = { 0 };
	struct link_input inputs[8];
	const char *error;
	struct unit unit;

	unit_init(&unit, "fuzz", policies, sizeof(policies) - 1);
	if (unit_compile(&unit, NULL) || unit.object_count != 3)
		abort();
	for (size_t n = 0; n < unit.object_count; n++)
		inputs[n] = (struct link_input){ unit.objects[n].bytes, unit.objects[n].length, "fuzz" };
	if (link_image(inputs, unit.object_count, NULL, &arena, &good, &error))
		abort();
	unit_release(&unit);
	arena_release(&arena);
}

/* ---- Events: whatever the bytes say ---- */

struct bytes { const uint8_t *at; size_t left; };

static uint8_t take(struct bytes *bytes)
{
	if (!bytes->left)
		return 0;
	bytes->left--;
	return *bytes->at++;
}

static int load(void *context, struct match_state *state, __u32 slot)
{
	static const char *const words[] = { "", "abc", "/tmp/x", "/usr/bin/x", "12345678", "x.so", "/etc/passwd" };
	struct bytes *bytes = context;
	uint8_t kind = take(bytes), value = take(bytes);
	const char *word = words[value % 7];
	uint8_t address[16] = { value, take(bytes) };

	switch (kind % 5) {
	case 0:
		return match_put_value(state, slot, (uint64_t)(int64_t)(int8_t)value);
	case 1:
		return match_put_bytes(state, slot, word, strlen(word), (enum match_cut)(take(bytes) % 3));
	case 2:
		return match_put_address(state, slot, value & 1 ? MATCH_AF_INET : MATCH_AF_INET6, value, address);
	case 3:
		return match_put_bytes(state, slot, policies, sizeof(policies) - 1 - value, MATCH_WHOLE);
	default:
		return -1;
	}
}

static void match_everything(const struct image_view *view, struct bytes bytes)
{
	static struct match_native matcher;

	matcher.image = view->bytes;
	matcher.image_size = (__u32)view->size;
	matcher.load = load;
	matcher.context = &bytes;
	for (uint32_t id = 0; id < ABI_HOOKS_MAX; id++) {
		uint32_t accepts = match_native_run_id(&matcher, id);

		if (matcher.state.errors >> ABI_ERROR_STEPS & 1)
			abort();	/* image_verify promises that this cannot be */
		for (uint32_t n = 0; n < accepts; n++) {
			const struct abi_accept *accept = (const void *)(view->bytes + matcher.state.accepts[n]);
			struct image_report_storage storage;
			struct image_report report;

			if (!image_report_of(view, accept->policy, accept->hook_index, &storage, &report))
				abort();
			image_selector_place(view, accept->policy, accept->hook_index, accept->selector);
		}
	}
}

static void read_everything(const struct image_view *view)
{
	struct buffer text = { 0 };

	image_dump(view, &text);
	image_describe(view, &text);
	for (size_t n = 0; n < image_policy_count(view); n++) {
		struct image_policy policy = image_policy_at(view, n);

		object_dump(policy.object, policy.object_size, &text);
	}
	buffer_release(&text);
}

static void try_image(uint8_t *image, size_t size, struct bytes rest)
{
	struct image_view view;
	char message[256];

	if (image_verify(image, size, &view, message))
		return;
	match_everything(&view, rest);
	read_everything(&view);
}

static void try_object(const uint8_t *data, size_t size)
{
	struct buffer text = { 0 };

	object_dump(data, size, &text);
	buffer_release(&text);
}

/* Changes of 5 bytes: where (3), how (1), what (1); 0x80 in `how` ends them. */
static struct bytes change(uint8_t *image, size_t size, struct bytes bytes)
{
	while (bytes.left >= 5) {
		size_t at = (take(&bytes) | take(&bytes) << 8 | (size_t)take(&bytes) << 16) % size;
		uint8_t how = take(&bytes), what = take(&bytes);

		if (how & 1)
			image[at] ^= what;
		else if (how & 2)
			image[at] = (uint8_t)(image[at] + what);
		else
			image[at] = what;
		if (how & 0x80)
			break;
	}
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };
	bool as_it_is = size && data[0] == 0xff;
	size_t image_size;
	uint8_t *image;

	if (!good.length)
		make_image();
	image_size = as_it_is ? size - 1 : good.length;
	image = malloc(image_size ? image_size : 1);
	if (!image)
		abort();
	if (image_size)
		memcpy(image, as_it_is ? data + 1 : (const uint8_t *)good.bytes, image_size);
	if (as_it_is)
		try_object(image, image_size);
	else
		bytes = change(image, image_size, bytes);
	if (image_size >= sizeof(struct abi_image))
		image_seal(image, image_size);
	try_image(image, image_size, bytes);
	free(image);
	return 0;
}
