// SPDX-License-Identifier: Apache-2.0
/*
 * hammer.c - tries what two sets of policies forbid, without pause, while the one is swapped for the other:
 *
 *   hammer ROOT WHAT TARGET SWAPS CROWD OLD.object... -- NEW.object...
 *
 *   open    opening TARGET must fail; CROWD processes with THREADS threads each
 *   signal  system call TARGET must bring a signal before it returns; CROWD processes
 *   kill    making the directory TARGET must be the last thing that a process does; CROWD processes make such processes
 *
 * A swap is what `tetra apply` does when no hook comes or goes: wait, write, switch.  Each hundredth is a whole apply.  Every attempt
 * is counted: "ATTEMPTS attempts, REFUSED refused, THROUGH got through, SWAPS swaps".  Exits 0 when none got through, 1 when one did.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/apply.h"
#include "runtime/area.h"

enum { THREADS = 3, CROWD_MAX = 64, OBJECTS_MAX = 16, WHOLE_EACH = 100 };

static struct tally {
	uint64_t attempts, refused, through;
	int stop;
} *tally;
static const char *target;

static void count(int refused)
{
	__atomic_add_fetch(&tally->attempts, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(refused ? &tally->refused : &tally->through, 1, __ATOMIC_RELAXED);
}

static int goes_on(void)
{
	return !__atomic_load_n(&tally->stop, __ATOMIC_RELAXED);
}

/* ---- What is forbidden ---- */

static void *open_thread(void *none)
{
	while (goes_on()) {
		int fd = open(target, O_RDONLY | O_CLOEXEC);

		count(fd < 0);
		if (fd >= 0)
			close(fd);
	}
	return none;
}

static void try_open(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, open_thread, NULL))
			_exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
	signalled = number;
}

static void try_signal(void)
{
	const int number = atoi(target);

	signal(SIGUSR1, on_signal);
	while (goes_on()) {
		signalled = 0;
		syscall(number);
		count(signalled);
	}
}

/* The child is killed at its return from the call, or it says that it was not. */
static void try_kill(void)
{
	while (goes_on()) {
		int status;
		pid_t child = fork();

		if (!child) {
			mkdir(target, 0700);
			_exit(7);
		}
		if (child > 0 && waitpid(child, &status, 0) == child)
			count(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
}

static const struct deed {
	const char *name;
	void (*tries)(void);
} deeds[] = { { "open", try_open }, { "signal", try_signal }, { "kill", try_kill } };

/* ---- The crowd ---- */

static void start_crowd(const struct deed *deed, int crowd, pid_t *processes)
{
	for (int i = 0; i < crowd; i++) {
		processes[i] = fork();
		if (!processes[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			deed->tries();
			_exit(0);
		}
	}
}

static void end_crowd(const pid_t *processes, int crowd)
{
	__atomic_store_n(&tally->stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < crowd; i++)
		if (processes[i] > 0)
			waitpid(processes[i], NULL, 0);
}

/* ---- The two sets ---- */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "hammer: %s: %s\n", what, why);
	exit(2);
}

struct set {
	struct link_input objects[OBJECTS_MAX];
	size_t count;
	void *image;		/* as it was when it was live */
	size_t size;
};

static struct link_input read_object(const char *path)
{
	FILE *file = fopen(path, "re");
	char *bytes = malloc(8 << 20);
	size_t size = file && bytes ? fread(bytes, 1, 8 << 20, file) : 0;

	if (!size)
		die(path, "cannot be read");
	fclose(file);
	return (struct link_input){ bytes, size, path };
}

static void read_sets(char **arguments, struct set *sets)
{
	struct set *set = &sets[0];

	for (; *arguments; arguments++) {
		if (!strcmp(*arguments, "--"))
			set = &sets[1];
		else if (set->count < OBJECTS_MAX)
			set->objects[set->count++] = read_object(*arguments);
	}
}

static void apply_set(const char *root, const struct set *set)
{
	struct apply_options options = { .root = root, .scope = APPLY_REPLACE_ALL };
	struct failure failure = { 0 };
	struct apply *apply;
	int error = apply_prepare(&options, set->objects, set->count, &apply, &failure);

	if (error)
		die("apply", failure.text);
	if (apply_plan(apply)->refusal_count)
		die("apply", apply_plan(apply)->refusals[0].text);
	if (apply_run(apply, &failure))
		die("apply", failure.text);
	apply_free(apply);
}

static void open_root(const char *root, struct area *area)
{
	struct failure failure = { 0 };
	struct pins pins;

	if (pins_open(&pins, root, &failure) || area_open(&pins, area, &failure))
		die("open", failure.text);
	pins_close(&pins);
}

/* Applies the set, and keeps its image for quick swaps. */
static void learn(const char *root, struct set *set)
{
	struct failure failure = { 0 };
	struct area area;
	uint64_t active;

	apply_set(root, set);
	open_root(root, &area);
	if (area_copy_active(&area, &set->image, &set->size, &active, &failure))
		die("image", failure.text);
	area_close(&area);
}

static int swap_all(const char *root, const struct set *sets, int swaps)
{
	struct area area;
	int done = 0;

	open_root(root, &area);
	for (; done < swaps && !__atomic_load_n(&tally->through, __ATOMIC_RELAXED); done++) {
		const struct set *set = &sets[done % 2];

		if (done % WHOLE_EACH == WHOLE_EACH - 1) {
			apply_set(root, set);
			continue;
		}
		area_wait();
		area_write(&area, set->image, set->size);
		area_switch(&area);
	}
	area_close(&area);
	return done;
}

int main(int argc, char **argv)
{
	static struct set sets[2];
	pid_t processes[CROWD_MAX];
	const struct deed *deed = NULL;
	int swaps, crowd, done;

	for (size_t i = 0; argc > 8 && i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (!strcmp(argv[2], deeds[i].name))
			deed = &deeds[i];
	if (!deed || (crowd = atoi(argv[5])) < 1 || crowd > CROWD_MAX)
		return 2;
	target = argv[3];
	swaps = atoi(argv[4]);
	read_sets(argv + 6, sets);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		die("memory", strerror(errno));
	learn(argv[1], &sets[0]);
	learn(argv[1], &sets[1]);
	start_crowd(deed, crowd, processes);
	done = swap_all(argv[1], sets, swaps);
	end_crowd(processes, crowd);
	printf("%llu attempts, %llu refused, %llu got through, %d swaps\n", (unsigned long long)tally->attempts,
	       (unsigned long long)tally->refused, (unsigned long long)tally->through, done);
	return tally->through || !tally->attempts || done != swaps;
}
