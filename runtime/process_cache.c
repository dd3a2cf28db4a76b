// SPDX-License-Identifier: Apache-2.0
/* process_cache.c - chained hash by pid plus a list by age of use; see process_cache.h. */
#include "runtime/process_cache.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/event.h"

enum { BUCKETS = 4096 };

struct entry {
	struct entry *next;		/* in its bucket, newest first */
	struct entry *newer, *older;	/* by last use */
	uint64_t ended;			/* 0 while it runs */
	struct buffer text;
	struct process_container container;
	struct abi_process process;
};

struct process_cache {
	struct entry *buckets[BUCKETS];
	struct entry *newest, *oldest;
	size_t count;
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("tetra: out of memory\n", stderr);
		abort();
	}
	return memory;
}

struct process_cache *process_cache_new(void)
{
	return must(calloc(1, sizeof(struct process_cache)));
}

static struct entry **bucket_of(struct process_cache *cache, uint32_t pid)
{
	return &cache->buckets[pid * 2654435761u >> 20];
}

static void unlink_age(struct process_cache *cache, struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct process_cache *cache, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

static void drop(struct process_cache *cache, struct entry *entry)
{
	struct entry **link = bucket_of(cache, entry->process.pid);

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	unlink_age(cache, entry);
	cache->count--;
	buffer_release(&entry->text);
	buffer_release(&entry->container.pod);
	buffer_release(&entry->container.name);
	free(entry);
}

static struct entry *find(struct process_cache *cache, uint32_t pid, uint64_t start_time)
{
	struct entry *entry = *bucket_of(cache, pid);

	for (; entry; entry = entry->next)
		if (entry->process.pid == pid &&
		    entry->process.start_time == start_time)
			return entry;
	return NULL;
}

/* Of what is in a record, no more is there than its lengths say. */
static void copy_process(struct abi_process *target, const struct abi_process *process)
{
	memcpy(target, process, offsetof(struct abi_process, texts) + process_texts_length(process));
}

void process_cache_add(struct process_cache *cache, const struct abi_process *process)
{
	struct entry *entry = find(cache, process->pid, process->start_time), **bucket;

	if (entry) {
		copy_process(&entry->process, process);
		entry->text.length = 0;
		unlink_age(cache, entry);
		link_newest(cache, entry);
		return;
	}
	if (cache->count == PROCESS_CACHE_MAX)
		drop(cache, cache->oldest);
	entry = must(calloc(1, sizeof(*entry)));
	copy_process(&entry->process, process);
	bucket = bucket_of(cache, process->pid);
	entry->next = *bucket;
	*bucket = entry;
	link_newest(cache, entry);
	cache->count++;
}

void process_cache_end(struct process_cache *cache, uint32_t pid, uint64_t start_time, uint64_t time)
{
	struct entry *entry = find(cache, pid, start_time);

	if (entry)
		entry->ended = time;
	while (cache->oldest && cache->oldest->ended && cache->oldest->ended + PROCESS_LINGER < time)
		drop(cache, cache->oldest);
}

const struct abi_process *process_cache_find(struct process_cache *cache, uint32_t pid, uint64_t start_time)
{
	struct entry *entry = start_time ? find(cache, pid, start_time) : NULL;

	if (!entry)
		return NULL;
	unlink_age(cache, entry);
	link_newest(cache, entry);
	return &entry->process;
}

const struct abi_process *process_cache_find_at(struct process_cache *cache, uint32_t pid, uint64_t time)
{
	uint64_t latest = 0;

	for (const struct entry *entry = *bucket_of(cache, pid); entry; entry = entry->next)
		if (entry->process.pid == pid && entry->process.start_time <= time && entry->process.start_time > latest)
			latest = entry->process.start_time;
	return process_cache_find(cache, pid, latest);
}

const struct abi_process *process_cache_find_after(struct process_cache *cache, uint32_t pid, uint64_t time)
{
	uint64_t first = UINT64_MAX;

	for (const struct entry *entry = *bucket_of(cache, pid); entry; entry = entry->next)
		if (entry->process.pid == pid && entry->process.start_time > time && entry->process.start_time < first)
			first = entry->process.start_time;
	return process_cache_find(cache, pid, first);
}

struct buffer *process_cache_text(struct process_cache *cache, uint32_t pid, uint64_t start_time)
{
	struct entry *entry = start_time ? find(cache, pid, start_time) : NULL;

	return entry ? &entry->text : NULL;
}

struct process_container *process_cache_container(struct process_cache *cache, uint32_t pid, uint64_t start_time)
{
	struct entry *entry = start_time ? find(cache, pid, start_time) : NULL;

	return entry ? &entry->container : NULL;
}

void process_cache_forget_texts(struct process_cache *cache)
{
	for (struct entry *entry = cache->newest; entry; entry = entry->older)
		entry->text.length = 0;
}

void process_cache_free(struct process_cache *cache)
{
	while (cache && cache->oldest)
		drop(cache, cache->oldest);
	free(cache);
}
