// SPDX-License-Identifier: Apache-2.0
/*
 * stacked.c - a program whose stack is known: inner() makes a system call, outer() calls it, each with a frame pointer.
 *
 * stacked NUMBER SECONDS TIMES: the system call of that number, without arguments, then a pause; so often.
 */
#include <stdlib.h>
#include <unistd.h>

#if defined(__x86_64__)
/* The C library's functions keep no frame pointers, so the call is made here. */
static inline __attribute__((always_inline)) long call(long number)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "0"(number) : "rcx", "r11", "memory");
	return result;
}
#else
#include <sys/syscall.h>
#define call(number) syscall(number)
#endif

#define FRAMED __attribute__((noinline, noclone, noipa, optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")))

/* Also of a function that calls none: whoever asks for its frame has one. */
static void *volatile frame;

FRAMED static long stacked_inner(long number)
{
	frame = __builtin_frame_address(0);
	return call(number);
}

FRAMED static long stacked_outer(long number)
{
	frame = __builtin_frame_address(0);
	return stacked_inner(number) + 1;
}

FRAMED int main(int count, char **words)
{
	frame = __builtin_frame_address(0);
	if (count != 4)
		return 2;
	for (long times = atol(words[3]); times > 0; times--) {
		stacked_outer(atol(words[1]));
		sleep((unsigned)atol(words[2]));
	}
	return 0;
}
