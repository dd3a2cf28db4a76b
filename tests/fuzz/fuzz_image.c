// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_image.c - a damaged image is refused, or safe for everything that reads it: the matcher first of all.
 *
 * Random bytes would never get past the checksum.  The input is a list of changes to a good image, which is then
 * sealed again; an input that begins with 0xff is an image, sealed again, too, and mutated within its sections.
 */
#include "tests/fuzz/events.h"
#include "tests/fuzz/inspected.h"

#include "compiler/compiler.h"
#include "compiler/link/link.h"
#include "compiler/object/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

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
	"    - matchArgs: [{index: 5, operator: NotInRange, values: [\"1:5\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: d}\nspec:\n"
	"  podSelector: {matchLabels: {app: web}}\n  kprobes:\n"
	"  - call: g\n    syscall: false\n"
	"    args: [{index: 0, type: sock}, {index: 1, type: string}, {index: 2, type: int, resolve: a.b.c},\n"
	"           {index: 3, type: char_buf, sizeArgIndex: 5}, {index: 4, type: uint64}]\n"
	"    data: [{index: 0, type: int, source: current_task, resolve: tgid}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: SubString, values: [\"abab\", \"babc\"]}, {index: 0, operator: DAddr, values: [\"10.0.0.0/8\"]}]\n"
	"      matchData: [{index: 0, operator: Equal, values: [\"7\"]}]\n"
	"      matchActions: [{action: Post, rateLimit: 5m}]\n"
	"    - matchArgs: [{index: 1, operator: SubStringIgnCase, values: [\"AbAb\", \"c\"]}, {index: 0, operator: DPortPriv}]\n"
	"      matchParentBinaries: [{operator: In, values: [\"/usr/bin/a\"]}]\n"
	"      matchPIDs: [{operator: In, followForks: true, isNamespacePID: true, values: [1, 9]}]\n"
	"    - matchArgs: [{index: 4, operator: CelExpr, values: [\"arg4 + 3u - arg4 > 17u && arg1.startsWith('x')\"]}]\n"
	"      matchNamespaces: [{namespace: Pid, operator: NotIn, values: [host_ns]}]\n"
	"      matchNamespaceChanges: [{operator: In, values: [Mnt]}]\n"
	"      matchCapabilityChanges: [{type: Effective, operator: In, values: [CAP_SYS_ADMIN]}]\n";

static struct buffer good;

static void make_image(void)
{
	struct arena arena = { 0 };
	struct link_input inputs[8];
	const char *error;
	struct unit unit;

	unit_init(&unit, "fuzz", policies, sizeof(policies) - 1);
	if (unit_compile(&unit, NULL) || unit.object_count != 4)
		abort();
	for (size_t n = 0; n < unit.object_count; n++)
		inputs[n] = (struct link_input){ unit.objects[n].bytes, unit.objects[n].length, "fuzz" };
	if (link_image(inputs, unit.object_count, NULL, &arena, &good, &error))
		abort();
	unit_release(&unit);
	arena_release(&arena);
}

static void read_everything(const struct image_view *view)
{
	struct buffer text = { 0 };

	inspect(view->bytes, view->size);

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
	if (!as_it_is)
		bytes = change(image, image_size, bytes);
	if (image_size >= sizeof(struct abi_image))
		image_seal(image, image_size);
	try_image(image, image_size, bytes);
	free(image);
	return 0;
}

/* Of an image, some bytes of one section, and no byte is moved; of a list of changes, anything. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	struct abi_image header;
	const struct abi_section *section = &header.sections[seed % ABI_SECTION_COUNT];
	size_t room = size - 1, start, length;

	if (size <= sizeof(header) || data[0] != 0xff || seed >> 8 & 1)
		return LLVMFuzzerMutate(data, size, most);
	memcpy(&header, data + 1, sizeof(header));
	if (section->offset >= room || !section->size || section->size > room - section->offset)
		return LLVMFuzzerMutate(data, size, most);
	start = (seed >> 9) % section->size / 4 * 4;
	length = section->size - start < 4 ? section->size - start : 4;
	LLVMFuzzerMutate(data + 1 + section->offset + start, length, length);
	return size;
}
