// SPDX-License-Identifier: Apache-2.0
/*
 * names.c - the index of functions; see names.h.
 *
 * The addresses are cut into stretches, each of one function or of none, in order.  Buckets of equal width over all of them say which stretch is
 * the first that begins in each, so that a look-up searches the few of its bucket.
 */
#include "symbolize/names.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

#define NAMES_MAGIC 0x746574726e616d31ULL
#define NO_NAME UINT32_MAX
enum { BUCKETS_EACH = 4 };	/* of a stretch, at most */

struct head {
	uint64_t magic, size;		/* size: of the whole index */
	uint64_t base;			/* where the first bucket begins */
	uint32_t shift, bucket_count;	/* a bucket has 1 << shift addresses; there is one more, for the end */
	uint64_t stretch_count, symbol_count;
	uint64_t buckets_at, stretches_at, texts_at;
};

struct stretch {
	uint64_t address;		/* where it begins */
	uint64_t start, size;		/* of its function */
	uint32_t name, length;		/* in the texts; NO_NAME: no function */
};

/* ---- Building: stretches ---- */

static int by_address(const void *one, const void *other)
{
	const struct name_symbol *a = one, *b = other;
	size_t length_a, length_b;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	length_a = strlen(a->name);
	length_b = strlen(b->name);
	if (length_a != length_b)
		return length_a > length_b ? -1 : 1;
	return -strcmp(a->name, b->name);
}

struct sweep {
	const struct name_symbol *symbols;
	size_t count;
	uint32_t *open;			/* those with a size whose end was not seen yet, the one that began last on top */
	size_t open_count;
	const struct name_symbol *unsized;	/* the last one without a size, and where it ends */
	uint64_t unsized_end;
	uint64_t at;			/* what is before is cut */
	const struct name_symbol *last;	/* of the last stretch */
	struct stretch *stretches;
	size_t stretch_count;
	uint32_t *owners;		/* symbol of each stretch */
};

static uint64_t end_of(const struct name_symbol *symbol)
{
	return symbol->size > UINT64_MAX - symbol->address ? UINT64_MAX : symbol->address + symbol->size;
}

static void add_stretch(struct sweep *sweep, const struct name_symbol *symbol)
{
	if (sweep->stretch_count && sweep->last == symbol)
		return;
	sweep->last = symbol;
	sweep->owners[sweep->stretch_count] = symbol ? (uint32_t)(symbol - sweep->symbols) : NO_NAME;
	sweep->stretches[sweep->stretch_count++] = (struct stretch){
		.address = sweep->at, .start = symbol ? symbol->address : 0, .size = symbol ? symbol->size : 0, .name = NO_NAME,
	};
}

/* Who has the address `at`, and until where. */
static const struct name_symbol *owner(struct sweep *sweep, uint64_t *end)
{
	const struct name_symbol *symbol;

	while (sweep->open_count && end_of(&sweep->symbols[sweep->open[sweep->open_count - 1]]) <= sweep->at)
		sweep->open_count--;
	symbol = sweep->open_count ? &sweep->symbols[sweep->open[sweep->open_count - 1]] : NULL;
	*end = symbol ? end_of(symbol) : UINT64_MAX;
	if (!symbol && sweep->unsized && sweep->at < sweep->unsized_end) {
		symbol = sweep->unsized;
		*end = sweep->unsized_end;
	}
	return symbol;
}

/* Cuts what lies before `to`. */
static void advance(struct sweep *sweep, uint64_t to)
{
	while (sweep->at < to) {
		uint64_t end;

		add_stretch(sweep, owner(sweep, &end));
		sweep->at = end < to ? end : to;
	}
}

/* All that begin at one address, the best last. Returns the number of the first behind them. */
static size_t begin(struct sweep *sweep, size_t n)
{
	const uint64_t address = sweep->symbols[n].address;

	sweep->unsized = NULL;
	for (; n < sweep->count && sweep->symbols[n].address == address; n++) {
		const struct name_symbol *symbol = &sweep->symbols[n];

		if (symbol->size) {
			sweep->open[sweep->open_count++] = (uint32_t)n;
			continue;
		}
		sweep->unsized = symbol;
		sweep->unsized_end = symbol->end ? symbol->end : UINT64_MAX;
	}
	if (n < sweep->count && sweep->unsized && sweep->unsized_end > sweep->symbols[n].address)
		sweep->unsized_end = sweep->symbols[n].address;
	return n;
}

static void cut(struct sweep *sweep)
{
	for (size_t n = 0; n < sweep->count;) {
		if (!n)
			sweep->at = sweep->symbols[0].address;
		advance(sweep, sweep->symbols[n].address);
		n = begin(sweep, n);
	}
	if (sweep->count)
		advance(sweep, UINT64_MAX);
}

/* ---- Building: the block ---- */

/* A name that several stretches have is stored once: each is `first` of the stretch that had it before. */
static void add_texts(const struct sweep *sweep, struct buffer *texts)
{
	struct place { uint32_t name, length; } *places = calloc(sweep->count + 1, sizeof(*places));

	for (size_t n = 0; places && n < sweep->stretch_count; n++) {
		const uint32_t symbol = sweep->owners[n];
		const char *name = symbol == NO_NAME ? NULL : sweep->symbols[symbol].name;

		if (!name)
			continue;
		if (!places[symbol].length) {
			places[symbol] = (struct place){ (uint32_t)texts->length, (uint32_t)strlen(name) + 1 };
			buffer_add(texts, name, places[symbol].length);
		}
		sweep->stretches[n].name = places[symbol].name;
		sweep->stretches[n].length = places[symbol].length - 1;
	}
	free(places);
}

/* So many buckets that in most of them nothing begins: then nothing is compared, and nothing guessed wrong by the processor. */
static void choose_buckets(const struct sweep *sweep, struct head *head)
{
	const uint64_t range = sweep->stretch_count ? sweep->stretches[sweep->stretch_count - 1].address - sweep->stretches[0].address : 0;

	head->base = sweep->stretch_count ? sweep->stretches[0].address : 0;
	while (range >> head->shift > BUCKETS_EACH * sweep->stretch_count)
		head->shift++;
	head->bucket_count = (uint32_t)(range >> head->shift) + 1;
}

static void add_buckets(const struct sweep *sweep, const struct head *head, struct buffer *ret)
{
	uint32_t stretch = 0;

	for (uint64_t n = 0; n < head->bucket_count; n++) {
		while (stretch < sweep->stretch_count && (sweep->stretches[stretch].address - head->base) >> head->shift < n)
			stretch++;
		buffer_add(ret, &stretch, sizeof(stretch));
	}
	stretch = (uint32_t)sweep->stretch_count;
	buffer_add(ret, &stretch, sizeof(stretch));
	buffer_align(ret, 8);
}

static void write_block(const struct sweep *sweep, struct buffer *ret)
{
	struct head head = { .magic = NAMES_MAGIC, .stretch_count = sweep->stretch_count, .symbol_count = sweep->count };
	struct buffer texts = { 0 };

	add_texts(sweep, &texts);
	choose_buckets(sweep, &head);
	head.buckets_at = sizeof(head);
	head.stretches_at = (sizeof(head) + (head.bucket_count + 1ULL) * sizeof(uint32_t) + 7) & ~7ULL;
	head.texts_at = head.stretches_at + head.stretch_count * sizeof(struct stretch);
	head.size = head.texts_at + texts.length;
	buffer_add(ret, &head, sizeof(head));
	add_buckets(sweep, &head, ret);
	buffer_add(ret, sweep->stretches, sweep->stretch_count * sizeof(*sweep->stretches));
	if (texts.length)
		buffer_add(ret, texts.bytes, texts.length);
	buffer_release(&texts);
}

void names_build(struct name_symbol *symbols, size_t count, struct buffer *ret)
{
	struct sweep sweep = { .symbols = symbols, .count = count };

	if (count)
		qsort(symbols, count, sizeof(*symbols), by_address);
	sweep.open = malloc((count + 1) * sizeof(*sweep.open));
	sweep.stretches = malloc((2 * count + 2) * sizeof(*sweep.stretches));
	sweep.owners = malloc((2 * count + 2) * sizeof(*sweep.owners));
	if (!sweep.open || !sweep.stretches || !sweep.owners)
		sweep.count = 0;
	cut(&sweep);
	write_block(&sweep, ret);
	free(sweep.open);
	free(sweep.stretches);
	free(sweep.owners);
}

/* ---- Looking up ---- */

static bool need(const struct names *names, uint64_t offset, uint64_t size)
{
	return offset <= names->size && size <= names->size - offset &&
	       (!names->need || names->need(names->context, names->bytes, offset, size));
}

static const struct head *head_of(const struct names *names)
{
	return (const struct head *)(const void *)names->bytes;
}

bool names_check(struct names names)
{
	const struct head *head = head_of(&names);

	if (names.size < sizeof(*head) || !need(&names, 0, sizeof(*head)))
		return false;
	return head->magic == NAMES_MAGIC && head->size == names.size && head->shift < 64 && head->buckets_at == sizeof(*head) &&
	       head->stretches_at == ((sizeof(*head) + (head->bucket_count + 1ULL) * sizeof(uint32_t) + 7) & ~7ULL) &&
	       head->stretch_count <= names.size / sizeof(struct stretch) &&
	       head->texts_at == head->stretches_at + head->stretch_count * sizeof(struct stretch) && head->texts_at <= names.size;
}

static uint64_t bucket_at(const struct head *head, uint64_t address)
{
	const uint64_t bucket = (address - head->base) >> head->shift;

	return head->buckets_at + (bucket < head->bucket_count ? bucket : head->bucket_count - 1U) * sizeof(uint32_t);
}

/* The stretches that begin in the bucket of the address: from *low up to *high. */
static bool bucket_of(const struct names *names, uint64_t address, uint32_t *low, uint32_t *high)
{
	const struct head *head = head_of(names);
	const uint64_t at = bucket_at(head, address);
	const uint32_t *buckets = (const uint32_t *)(const void *)(names->bytes + at);

	if (!head->bucket_count || !need(names, at, 2 * sizeof(uint32_t)))
		return false;
	*low = buckets[0];
	*high = buckets[1];
	return *low <= *high && *high <= head->stretch_count;
}

/* The last stretch that begins at the address or before it; NULL: the index is damaged. */
static const struct stretch *stretch_of(const struct names *names, uint64_t address)
{
	const struct head *head = head_of(names);
	const struct stretch *stretches = (const struct stretch *)(const void *)(names->bytes + head->stretches_at);
	uint32_t low, high;

	if (!bucket_of(names, address, &low, &high))
		return NULL;
	low -= low != 0;
	if (!need(names, head->stretches_at + low * sizeof(*stretches), (high - low) * sizeof(*stretches)))
		return NULL;
	while (high - low > 1) {
		const uint32_t middle = low + (high - low) / 2;

		if (stretches[middle].address <= address)
			low = middle;
		else
			high = middle;
	}
	return low < high && stretches[low].address <= address ? &stretches[low] : NULL;
}

static bool found(const struct names *names, const struct stretch *stretch, struct name_found *ret)
{
	const uint64_t at = head_of(names)->texts_at + stretch->name;

	if (!need(names, at, stretch->length + 1ULL) || names->bytes[at + stretch->length])
		return false;
	*ret = (struct name_found){ (const char *)names->bytes + at, stretch->start, stretch->size };
	return true;
}

bool names_find(struct names names, uint64_t address, struct name_found *ret, bool *is_damaged)
{
	const struct stretch *stretch;

	*is_damaged = false;
	if (!head_of(&names)->stretch_count || address < head_of(&names)->base)
		return false;
	stretch = stretch_of(&names, address);
	if (stretch && stretch->name == NO_NAME)
		return false;
	if (stretch && found(&names, stretch, ret))
		return true;
	*is_damaged = true;
	return false;
}

/* One after the other, each look-up waits for memory three times: bucket, stretch, text.  The waits of all are made to be at the same time. */
void names_expect(struct names names, const uint64_t *addresses, size_t count)
{
	const struct head *const head = head_of(&names);
	const struct stretch *const stretches = (const struct stretch *)(const void *)(names.bytes + head->stretches_at);
	uint32_t low, high;

	for (size_t n = 0; head->bucket_count && n < count; n++)
		__builtin_prefetch(names.bytes + bucket_at(head, addresses[n]));
	for (size_t n = 0; n < count; n++)
		if (bucket_of(&names, addresses[n], &low, &high)) {
			__builtin_prefetch(&stretches[low - (low != 0)]);
			__builtin_prefetch(&stretches[high - (high != 0)]);
		}
	for (size_t n = 0; n < count; n++) {
		const struct stretch *const stretch = stretch_of(&names, addresses[n]);

		if (stretch && stretch->name != NO_NAME)
			__builtin_prefetch(names.bytes + head->texts_at + stretch->name);
	}
}

size_t names_count(struct names names)
{
	return head_of(&names)->symbol_count;
}
