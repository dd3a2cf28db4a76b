// SPDX-License-Identifier: Apache-2.0
/*
 * renames.c - opens a file that policies forbid to open, without pause, while the folders above it are renamed:
 *
 *   renames ROOT FOLDER SECONDS
 *
 * FOLDER/one/moved/secret goes to FOLDER/two and back; each time, the folder that it has left is called otherwise for a moment. So its path always begins
 * with FOLDER/one/ or FOLDER/two/; but who takes the one folder for its parent, and then looks what that is called, sees a path that never was.
 * FOLDER/other is not forbidden. "ATTEMPTS attempts, THROUGH got through, RENAMES renames". Exits 0 when none got through, 1 when one did, 2 when it
 * could not try, or the programs below ROOT have never looked whether there were renames: then they have refused nothing by a component, and this shows nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/area.h"

enum { THREADS = 2 };

static uint64_t attempts, through, renames;
static int stop, moved;

static void must(const char *what, int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "renames: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Another file in between, since programs that nothing is refused by do not ask for single components any more. */
static void *try(void *none)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		const int other = open("other", O_RDONLY | O_CLOEXEC), fd = openat(moved, "secret", O_RDONLY | O_CLOEXEC);

		if (other >= 0)
			close(other);
		__atomic_add_fetch(&attempts, 1, __ATOMIC_RELAXED);
		if (fd < 0)
			continue;
		__atomic_add_fetch(&through, 1, __ATOMIC_RELAXED);
		close(fd);
	}
	return none;
}

static void move(const char *from, const char *to)
{
	must(from, rename(from, to));
	renames++;
}

static int programs_have_looked(const char *root)
{
	struct failure failure;
	struct area area;
	struct pins pins;
	int ret;

	if (pins_open(&pins, root, &failure) || area_open_to_read(&pins, &area, &failure))
		return 0;
	ret = area.bytes->control.renames_seen != 0;
	area_close(&area);
	pins_close(&pins);
	return ret;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	time_t end;

	if (argc != 4 || chdir(argv[2]))
		must("renames ROOT FOLDER SECONDS", -1);
	moved = open("one/moved", O_PATH | O_DIRECTORY | O_CLOEXEC);	/* which asks nobody */
	must("one/moved", moved);
	end = time(NULL) + atoi(argv[3]);
	for (int n = 0; n < THREADS; n++)
		must("thread", -pthread_create(&threads[n], NULL, try, NULL));
	while (time(NULL) < end) {
		move("one/moved", "two/moved");
		move("one", "away");
		move("away", "one");
		move("two/moved", "one/moved");
		move("two", "away");
		move("away", "two");
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int n = 0; n < THREADS; n++)
		pthread_join(threads[n], NULL);
	printf("%lu attempts, %lu got through, %lu renames\n", (unsigned long)attempts, (unsigned long)through, (unsigned long)renames);
	if (!programs_have_looked(argv[1])) {
		fputs("renames: no program has looked at renames: nothing was refused by a component\n", stderr);
		return 2;
	}
	return !!through;
}
