// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_match.c - damaged images that image_verify accepts decide as it promises.
 *
 * Lean, where fuzz_image.c is thorough: an input is the bytes of events and a list of struct damage, which make some images one after
 * the other.  Half of the mutations add what aimed.h makes for another image.
 */
#include "tests/fuzz/aimed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static struct damaged image;

static void report(void)
{
	damaged_report(&image, stderr);
	fputc('\n', stderr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t event[DECIDED_EVENT] = { 0 };
	struct damage one;

	if (!image.bytes) {
		damaged_make(&image);
		atexit(report);
	}
	memcpy(event, data, size < sizeof(event) ? size : sizeof(event));
	for (size_t at = sizeof(event); at + sizeof(one) <= size; at += sizeof(one)) {
		memcpy(&one, data + at, sizeof(one));
		damage(&image, &one);
		if (one.last || at + 2 * sizeof(one) > size)
			damaged_try(&image, event);
	}
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	struct damage list[DAMAGES_MAX];
	uint8_t event[DECIDED_EVENT];
	size_t room, length = aim(seed, list, event) * sizeof(*list);

	if (seed & 1 || most < sizeof(event) + length)
		return LLVMFuzzerMutate(data, size, most);
	if (size < sizeof(event) || seed & 2)
		memcpy(data, event, sizeof(event));
	size = size < sizeof(event) ? sizeof(event) : size - (size - sizeof(event)) % sizeof(*list);
	room = most - length;
	if (size > room)
		size = room - (room - sizeof(event)) % sizeof(*list);
	memcpy(data + size, list, length);
	return size + length;
}
