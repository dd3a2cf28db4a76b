// SPDX-License-Identifier: Apache-2.0
/*
 * damaged_images.c - damaged_images [COUNT [SEED [FIRST]]]: makes damaged images, COUNT of those that SEED numbers, from FIRST on,
 * and tries each; see damage.h.  100000 of seed 1 when nothing is said.  TAP.  A failure names the image that shows it alone.
 */
#include <inttypes.h>
#include <time.h>

#include "tests/fuzz/aimed.h"

void __sanitizer_set_death_callback(void (*callback)(void));
const char *__asan_default_options(void);

/* What is required by require() aborts. */
const char *__asan_default_options(void)
{
	return "handle_abort=1";
}

static uint64_t seed = 1, number;

static void name_image(void)
{
	fprintf(stderr, "# image %" PRIu64 " of seed %" PRIu64 ": damaged_images 1 %" PRIu64 " %" PRIu64 "\n", number, seed, seed, number);
}

static void one_image(struct damaged *image)
{
	struct damage list[DAMAGES_MAX];
	uint8_t event[DECIDED_EVENT];
	size_t count = aim(seed * 0xd1342543de82ef95ULL ^ number << 20, list, event);

	for (size_t n = 0; n < count; n++)
		damage(image, &list[n]);
	damaged_try(image, event);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Damage that is always refused, or never decides anything, would show nothing. */
static bool shows_something(const struct damaged *image)
{
	const struct decided *decided = &image->decided;

	return image->images.accepted * 5 > image->images.tried && image->images.accepted < image->images.tried &&
	       decided->accepted && decided->returns && decided->tests && decided->refused && decided->led_on && decided->plain &&
	       decided->texts_refused && decided->texts > decided->texts_refused &&
	       decided->sockets_refused && decided->sockets > decided->sockets_refused &&
	       decided->processes_refused && decided->processes > decided->processes_refused &&
	       decided->names_refused && decided->names > decided->names_refused && decided->components;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	struct damaged image = { 0 };
	double start = now();
	bool fine;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	number = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	__sanitizer_set_death_callback(name_image);
	damaged_make(&image);
	for (uint64_t n = 0; n < count; n++, number++)
		one_image(&image);
	fine = count < 10000 || shows_something(&image);
	printf("%sok 1 - ", fine ? "" : "not ");
	damaged_report(&image, stdout);
	printf("; %.1f s\n1..1\n", now() - start);
	free(image.bytes);
	return !fine;
}
