/* SPDX-License-Identifier: Apache-2.0 */
/*
 * damage.h - damaged images, many a second: a good image with some of its fields changed.  What image_verify accepts of them must
 * decide as it promises (decided.h); all others it must refuse.
 *
 * Nothing is copied for an image: what was changed is put back afterwards.  All images count as sealed: what includes this is linked
 * with --wrap=image_checksum, since two checksums take longer than all the rest together; fuzz_image.c seals.  One thread only.
 */
#ifndef TESTS_FUZZ_DAMAGE_H
#define TESTS_FUZZ_DAMAGE_H

#include "tests/fuzz/decided.h"
#include "tests/fuzz/good_image.h"

/* What image_verify compares the header's with: the same. */
uint64_t __wrap_image_checksum(const void *bytes, size_t size);
uint64_t __wrap_image_checksum(const void *bytes, size_t size)
{
	(void)size;
	return ((const struct abi_image *)bytes)->checksum;
}

/* One field changed, of 1 << width bytes. */
enum damage_how { DAMAGE_SET, DAMAGE_ADD, DAMAGE_FLIP, DAMAGE_COPY, DAMAGE_HOW_COUNT };
struct damage {
	uint32_t at;		/* modulo the size of the image, rounded down to the field's size */
	uint8_t width;		/* modulo 4 */
	uint8_t how;		/* modulo DAMAGE_HOW_COUNT */
	uint8_t last;		/* not 0: the image is complete */
	uint8_t unused;
	uint64_t value;		/* COPY: where the field is that has the new value */
};

enum { DAMAGES_MAX = 64 };	/* of one image; others are ignored */

struct damaged {
	uint8_t *bytes;
	size_t size;
	size_t count;
	struct { uint32_t at, length; uint64_t bytes; } before[DAMAGES_MAX];	/* what was there, in order */
	struct { uint64_t tried, accepted; } images;
	struct decided decided;
};

/* As large as the image to the byte, so that nothing is read beyond it unnoticed. */
static inline void damaged_make(struct damaged *ret)
{
	const struct buffer *good = good_image();

	ret->size = good->length;
	ret->bytes = malloc(ret->size);
	require(ret->bytes);
	memcpy(ret->bytes, good->bytes, ret->size);
}

static inline uint64_t damaged_field(const struct damaged *image, uint64_t at, uint32_t length)
{
	uint64_t field = 0;

	memcpy(&field, image->bytes + at % image->size / length * length, length);
	return field;
}

static inline void damage(struct damaged *image, const struct damage *how)
{
	const uint32_t length = 1u << how->width % 4, at = (uint32_t)(how->at % image->size / length * length);
	const uint64_t before = damaged_field(image, at, length);
	const uint64_t after[DAMAGE_HOW_COUNT] = {
		[DAMAGE_SET] = how->value, [DAMAGE_ADD] = before + how->value, [DAMAGE_FLIP] = before ^ how->value,
		[DAMAGE_COPY] = damaged_field(image, how->value, length),
	};

	if (image->count == DAMAGES_MAX)
		return;
	image->before[image->count].at = at;
	image->before[image->count].length = length;
	image->before[image->count++].bytes = before;
	memcpy(image->bytes + at, &after[how->how % DAMAGE_HOW_COUNT], length);
}

static inline void damaged_mend(struct damaged *image)
{
	while (image->count) {
		image->count--;
		memcpy(image->bytes + image->before[image->count].at, &image->before[image->count].bytes,
		       image->before[image->count].length);
	}
}

/* Of the image as it is now, which is good again afterwards; accepted or not. */
static inline bool damaged_try(struct damaged *image, const uint8_t event[DECIDED_EVENT])
{
	struct image_view view;
	char message[256];
	bool accepted;

	accepted = !image_verify(image->bytes, image->size, &view, message);
	require(accepted || *message);
	if (accepted)
		decide_everything(&image->decided, &view, event);
	image->images.tried++;
	image->images.accepted += accepted;
	damaged_mend(image);
	return accepted;
}

/* "100 damaged images, 30 accepted ...", without the line's end. */
static inline void damaged_report(const struct damaged *image, FILE *file)
{
	fprintf(file, "%llu damaged images, %llu accepted, %llu refused; of their hooks %llu accepted events (%llu returns to decide), and of %llu first tests "
		"%llu refused theirs, %llu led on, %llu led to plain events; of %llu texts that come first, %llu were refused; of steps, %llu of %llu "
		"sockets, %llu of %llu processes and %llu of %llu names; %llu paths by a component", (unsigned long long)image->images.tried,
		(unsigned long long)image->images.accepted, (unsigned long long)(image->images.tried - image->images.accepted),
		(unsigned long long)image->decided.accepted, (unsigned long long)image->decided.returns, (unsigned long long)image->decided.tests,
		(unsigned long long)image->decided.refused, (unsigned long long)image->decided.led_on,
		(unsigned long long)image->decided.plain, (unsigned long long)image->decided.texts,
		(unsigned long long)image->decided.texts_refused, (unsigned long long)image->decided.sockets_refused,
		(unsigned long long)image->decided.sockets, (unsigned long long)image->decided.processes_refused,
		(unsigned long long)image->decided.processes, (unsigned long long)image->decided.names_refused,
		(unsigned long long)image->decided.names, (unsigned long long)image->decided.components);
}

#endif
