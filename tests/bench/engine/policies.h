/* SPDX-License-Identifier: Apache-2.0 */
/* policies.h - what the policies of bench.c and the programs of by_hand.bpf.c agree on. */
#ifndef TESTS_BENCH_ENGINE_POLICIES_H
#define TESTS_BENCH_ENGINE_POLICIES_H

#define BENCH_NUMBER		600	/* of a system call that no kernel has */
#define BENCH_PREFIXES		100
#define BENCH_PREFIX_MAX	64	/* longer than the longest prefix */
#define BENCH_BINARIES		4000	/* about as many as an image holds */

#endif
