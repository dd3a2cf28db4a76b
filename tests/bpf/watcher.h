/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watcher.h - what watcher.bpf.c has seen of an entry. */
#ifndef TESTS_BPF_WATCHER_H
#define TESTS_BPF_WATCHER_H

#define SIGHTS_MAX	128
#define SIGHT_START	(__builtin_offsetof(struct abi_process_entry, start_time) / 8)
#define SIGHT_WORDS	(__builtin_offsetof(struct abi_process_entry, texts) / 8 + 4)	/* the facts, and the beginning of the path */

struct sight {
	__u64 start_before, words[SIGHT_WORDS], start_after;
};

struct watched {
	__u32 process, count;
	struct sight sights[SIGHTS_MAX];
};

#endif
