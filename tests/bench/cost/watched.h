/* SPDX-License-Identifier: Apache-2.0 */
/* watched.h - what the policies of this folder watch, for the calls and for the programs by hand. */
#ifndef TESTS_BENCH_COST_WATCHED_H
#define TESTS_BENCH_COST_WATCHED_H

#define WATCHED_FD	1000
#define WATCHED_MASK	2		/* MAY_WRITE */
#define WATCHED_NAME	"watched"
#define WATCHED_FILE	"/tmp/bench/" WATCHED_NAME
#define WATCHED_FOLDER	"/tmp/bench/secrets/"
#define WATCHED_ADDRESS	0x7f000002	/* 127.0.0.2 */
/* Lists of programs, as bits of struct abi_process_entry.flags in the bench's own table: its process is on the first one. */
#define WATCHED_PROCESS	0x80000000u
#define UNWATCHED_PROCESS 0x40000000u

#endif
