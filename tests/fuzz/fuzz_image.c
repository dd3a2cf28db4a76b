// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_image.c - a damaged image is refused, or safe for everything that reads it: the matcher first of all.
 *
 * Random bytes would never get past the checksum.  The input is a list of changes to a good image, which is then
 * sealed again; an input that begins with 0xff is an image, sealed again, too, and mutated within its sections.
 */
#include "tests/fuzz/events.h"
#include "tests/fuzz/good_image.h"
#include "tests/fuzz/inspected.h"

#include "compiler/object/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

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

	image_size = as_it_is ? size - 1 : good_image()->length;
	image = malloc(image_size ? image_size : 1);
	if (!image)
		abort();
	if (image_size)
		memcpy(image, as_it_is ? data + 1 : (const uint8_t *)good_image()->bytes, image_size);
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
