/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * match_string.h - strings against the patterns of a table: exact ones, beginnings and ends in one look-up.
 *
 * A part of match.h, which includes it.  A look-up goes through the string once from its front and once from its end; each
 * length that some pattern has is a segment, whose hash finds the pattern, and whose bytes are then compared.  From the
 * front, the filter says which lengths are worth it.
 */
#ifndef BPF_TEMPLATES_MATCH_STRING_H
#define BPF_TEMPLATES_MATCH_STRING_H

#define MATCH_HASH_SEED	0x9e3779b97f4a7c15ULL

MATCH_INLINE __u64 match_hash_word(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
	return hash ^ hash >> 32;
}

MATCH_INLINE __u64 match_hash_finish(__u64 hash, __u32 length, __u32 kind)
{
	return match_hash_word(hash, (__u64)length << 8 | kind);
}

/* The low `count` (1 .. 7) bytes of a word, and the high ones as a word of their own. */
MATCH_INLINE __u64 match_low_bytes(__u64 word, __u32 count)
{
	return word & ((1ULL << (count & 7) * 8) - 1);
}

MATCH_INLINE __u64 match_high_bytes(__u64 word, __u32 count)
{
	return word >> (64 - (count & 7) * 8);
}

/*
 * The hash of a segment, by which the table builder places a pattern and a look-up finds it: its words in turn, then
 * length and kind.  Words are counted from the front, or for a postfix from the end; the last one, which has
 * fewer than 8 bytes, is padded with zeros.
 */
MATCH_INLINE __u64 match_hash(const void *bytes, __u32 length, __u32 kind)
{
	const __u8 *at = bytes;
	__u64 hash = MATCH_HASH_SEED, word;
	__u32 i, n, left;

	for (left = length; left; left -= n) {
		n = left < 8 ? left : 8;
		word = 0;
		for (i = 0; i < n; i++)
			word |= (__u64)at[kind == ABI_STRING_POSTFIX ? left - n + i
								     : length - left + i] << 8 * i;
		hash = match_hash_word(hash, word);
	}
	return match_hash_finish(hash, length, kind);
}

#define MATCH_EQUAL_WORDS	128	/* that are compared, or hashed, in one loop: longer segments are, part after part */

/* Goes on with the hash of a segment from its front, over `words` words, at most MATCH_EQUAL_WORDS. */
MATCH_INLINE __u64 match_hash_words(const struct match_state *state, __u64 hash, __u32 position, __u32 words)
{
	__u64 at = position;
	const __u8 *bytes;
	__u32 n;

	MATCH_PIN(at);
	if (at > sizeof(struct match_state) - ABI_STRING_MAX - 8)
		return hash;
	bytes = (const __u8 *)state + at;
	for (n = 0; n < MATCH_EQUAL_WORDS; n++) {
		if (n >= words)
			break;
		hash = match_hash_word(hash, match_word_at(bytes));
		bytes += 8;
	}
	return hash;
}

/*
 * Are the bytes of a string's segment those of a pattern?  `length` is that of both, at most MATCH_EQUAL_WORDS words.  One check of the start
 * covers all words, so the loop has one way out and its offsets are constants.
 */
MATCH_INLINE int match_equal_words(const struct match_state *state, struct match_image image, __u32 pattern, __u32 position,
				   __u32 length)
{
	__u64 at = position, other = pattern;
	const __u8 *bytes;
	__u32 n, words = length / 8;

	MATCH_PIN(at);
	if (at > sizeof(struct match_state) - ABI_STRING_MAX - 8)
		return 0;
	bytes = (const __u8 *)state + at;
	for (n = 0; n < MATCH_EQUAL_WORDS; n++) {
		if (n >= words)
			break;
		if (match_word_at(bytes) != match_image64(image, other))
			return 0;
		bytes += 8;
		other += 8;
	}
	if (!(length & 7))
		return 1;
	return match_low_bytes(match_word_at(bytes), length & 7) ==
	       match_image64(image, other);
}

/* ---- The filter: see struct abi_filter ---- */

/*
 * What a string has in common with the patterns of a table: a bit per class one of whose patterns it may begin with, and where the
 * prefix lengths of the lowest of them begin and those of the highest end.
 */
#define MATCH_HITS(classes, from, to)	((__u64)(classes) | (__u64)(from) << 16 | (__u64)(to) << 32)
#define MATCH_HITS_CLASSES(hits)	((__u32)(hits) & 0xffff)
#define MATCH_HITS_FROM(hits)		((__u32)(hits) >> 16)
#define MATCH_HITS_TO(hits)		((__u32)((hits) >> 32))

MATCH_INLINE __u32 match_filter_class(__u32 length)
{
	return length / 2 < ABI_FILTER_CLASSES ? length / 2 : ABI_FILTER_CLASSES - 1;
}

/* The low `count` bytes of 8; all of them when there are more to count. */
MATCH_INLINE __u64 match_first_bytes(__u64 word, __u32 count)
{
	return count < 8 ? match_low_bytes(word, count) : word;
}

/* Of a class from 1 on, and of the first 16 bytes of a string that has as many as the class asks for. */
MATCH_INLINE __u64 match_filter_hash(__u32 class, __u64 first, __u64 second)
{
	__u64 hash = match_hash_word(MATCH_HASH_SEED + class, match_first_bytes(first, 2 * class));

	return 2 * class > 8 ? match_hash_word(hash, match_first_bytes(second, 2 * class - 8)) : hash;
}

/* The bits that such a hash sets in word `hash & mask`. */
MATCH_INLINE __u64 match_filter_bits(__u64 hash)
{
	return 1ULL << (hash >> 32 & 63) | 1ULL << (hash >> 40 & 63) | 1ULL << (hash >> 48 & 63);
}

/* Whether class `class` of `filter` may have a pattern that the string begins with; `mask` is that of the filter. */
MATCH_INLINE int match_filter_hit(struct match_image image, __u32 filter, __u32 mask, __u32 class, __u64 first, __u64 second)
{
	__u64 hash = match_filter_hash(class, first, second), bits = match_filter_bits(hash);
	__u64 word = match_image64(image, filter + sizeof(struct abi_filter) + ((__u32)hash & mask) * (__u64)8);

	return (word & bits) == bits;
}

/* Number of the only bit that is set in `classes`. */
MATCH_INLINE __u32 match_filter_only(__u32 classes)
{
	return (!!(classes & 0xaaa)) | (!!(classes & 0xccc)) << 1 | (!!(classes & 0xf0)) << 2 | (!!(classes & 0xf00)) << 3;
}
_Static_assert(ABI_FILTER_CLASSES <= 12, "bits of match_filter_only()");

/* Where the prefix lengths of a class end. */
MATCH_INLINE __u32 match_filter_end(__u64 ends, __u32 class)
{
	return class < ABI_FILTER_CLASSES - 1 ? ends >> 8 * class & 0xff : ABI_STRING_LENGTHS_MAX;
}

/* The hits of a filter that has patterns of one class alone, as most have, at a third of the costs. */
MATCH_INLINE __u64 match_filter_one(struct match_image image, __u32 filter, __u64 head, __u64 first, __u64 second, __u32 length)
{
	__u64 ends = match_image64(image, (__u64)filter + 8);
	__u32 class = match_filter_only(head >> 32);

	if (length < 2 * class || (class && !match_filter_hit(image, filter, head, class, first, second)))
		return 0;
	return MATCH_HITS(1u << class, class ? match_filter_end(ends, class - 1) : 0, match_filter_end(ends, class));
}

/*
 * The hits in `filter` of a string of `length` bytes ; `first` and `second` are its first 16 bytes, whatever stands behind its
 * end.
 */
MATCH_INLINE __u64 match_filter(struct match_image image, __u32 filter, __u64 first, __u64 second, __u32 length)
{
	__u64 head = match_image64(image, filter), ends;
	__u32 classes = head >> 32, class, start = 0, end, hits = 0, from = 0, to = 0;

	if (!(classes & (classes - 1)))
		return match_filter_one(image, filter, head, first, second, length);
	ends = match_image64(image, (__u64)filter + 8);
#ifdef __bpf__
#pragma unroll
#endif
	for (class = 0; class < ABI_FILTER_CLASSES; class++, start = end) {
		end = match_filter_end(ends, class);
		if (!(classes >> class & 1) || length < 2 * class)
			continue;
		if (class && !match_filter_hit(image, filter, head, class, first, second))
			continue;
		from += start * ((hits - 1) >> 31);	/* of the first; without a branch, by which the verifier would follow all sets of classes */
		to = end;
		hits |= 1u << class;
	}
	return MATCH_HITS(hits, from, to);
}

/* ---- The filter of last names: see there ---- */

/* Of class 0, with the name's length; of class n, `tail` is n bytes at the end of a word, with zeros before them. */
MATCH_INLINE __u64 match_name_hash(__u32 class, __u32 length, __u64 tail)
{
	return match_hash_word(MATCH_HASH_SEED + (class << 8) + length, tail);
}

/* The bits that such a hash sets in word `hash & mask`. */
MATCH_INLINE __u64 match_name_bits(__u64 hash)
{
	return 1ULL << (hash >> 32 & 63) | 1ULL << (hash >> 40 & 63);
}

/* The high `count` (1 .. 8) bytes of a word, where they are, and zeros. */
MATCH_INLINE __u64 match_tail(__u64 word, __u32 count)
{
	return word >> (64 - count * 8) << (64 - count * 8);
}

MATCH_INLINE int match_name_hit(struct match_image image, __u32 filter, __u32 mask, __u64 hash)
{
	__u64 bits = match_name_bits(hash);

	return (match_image64(image, filter + sizeof(struct abi_filter) + ((__u32)hash & mask) * (__u64)8) & bits) == bits;
}

/* Of postfixes that end within a name; `head` is the filter's first word. */
MATCH_INLINE int match_name_end(struct match_image image, __u32 filter, __u64 head, __u64 tail, __u32 length)
{
	__u32 class;

	for (class = 1; class < ABI_NAME_CLASSES; class++)
		if (head >> (32 + class) & 1 && length >= class &&
		    match_name_hit(image, filter, head, match_name_hash(class, class, match_tail(tail, class))))
			return 1;
	return 0;
}

/*
 * Whether a path whose last name has `length` bytes (1 .. ABI_NAME_MAX) may be found by a pattern; `tail` is the last 8 of them, with zeros
 * before them when there are fewer.
 */
MATCH_INLINE int match_name(struct match_image image, __u32 filter, __u64 tail, __u32 length)
{
	__u64 head = match_image64(image, filter);

	if (head >> 32 & 1 && match_name_hit(image, filter, head, match_name_hash(0, length, tail)))
		return 1;
	return head >> 33 && match_find_name_end(image, filter, head, tail, length);
}

/* ---- Components of paths: see struct abi_first ---- */

/* Of a name of `length` bytes, of which `word` is the first 8, with zeros behind them when there are fewer. */
MATCH_INLINE __u64 match_component_hash(__u32 length, __u64 word)
{
	return match_hash_word(MATCH_HASH_SEED + length, word);
}

/* The bits that such a hash sets, and in which word of component_words. */
#define MATCH_COMPONENT_WORD(hash)	((__u32)(hash) & (ABI_FIRST_PATTERNS - 1))
MATCH_INLINE __u64 match_component_bits(__u64 hash)
{
	return 1ULL << (hash >> 32 & 63) | 1ULL << (hash >> 40 & 63);
}

/* Goes to the next segment length that the string has; 0 when there is none. */
MATCH_INLINE int match_walk_next(struct match_state *state)
{
	struct match_walk *walk = &state->walk;
	__u32 limit;

	if (walk->left) {
		limit = match_image32(state->image, walk->next);
		walk->left--;
		walk->next += 4;
		if (limit <= walk->length && limit >= walk->position) {
			walk->limit = limit;
			return 1;
		}
	}
	walk->left = 0;
	if (!walk->exact)
		return 0;
	walk->exact = 0;
	walk->kind = ABI_STRING_EXACT;
	walk->limit = walk->length;
	return 1;
}

/* Prepares a pass.  0 when there is nothing to look up. */
MATCH_INLINE int match_walk_begin(struct match_state *state, __u32 kind, __u32 lengths, __u32 count,
				  __u32 exact, __u32 classes)
{
	struct match_walk *walk = &state->walk;

	walk->hash = MATCH_HASH_SEED;
	walk->classes = classes;
	walk->position = 0;
	walk->limit = 0;
	walk->kind = kind;
	walk->next = lengths;
	walk->left = count;
	walk->exact = exact;
	return match_walk_next(state);
}

/* The next word of the pass: from the front, or from the end. */
MATCH_INLINE __u64 match_walk_word(const struct match_state *state)
{
	const struct match_walk *walk = &state->walk;

	if (walk->kind == ABI_STRING_POSTFIX)
		return match_word(state,
				  (__u64)walk->start + walk->length - walk->position - 8);
	return match_word(state, (__u64)walk->start + walk->position);
}

/* The hash of the segment of length `limit`, once all its whole words are in walk->hash. */
MATCH_INLINE __u64 match_walk_hash(const struct match_state *state)
{
	const struct match_walk *walk = &state->walk;
	__u32 rest = (walk->limit - walk->position) & 7;
	__u64 hash = walk->hash, word;

	if (rest) {
		word = match_walk_word(state);
		word = walk->kind == ABI_STRING_POSTFIX ? match_high_bytes(word, rest)
							: match_low_bytes(word, rest);
		hash = match_hash_word(hash, word);
	}
	return match_hash_finish(hash, walk->limit, walk->kind);
}

/* Looks at one bucket: 0 when the search is over. */
MATCH_INLINE int match_bucket(struct match_state *state, __u64 hash, __u64 bucket)
{
	struct match_walk *walk = &state->walk;
	__u64 entry = match_image64(state->image, bucket), pattern = entry >> 32;
	__u32 from = 0;

	if (!pattern)
		return 0;
	if ((__u32)entry != hash >> 32 || match_image64(state->image, pattern) != ((__u64)walk->kind << 32 | walk->limit))
		return 1;
	if (walk->kind == ABI_STRING_POSTFIX)
		from = walk->length - walk->limit;
	if (!match_bytes_equal(state, state->image, pattern + sizeof(struct abi_pattern), walk->start + from, walk->limit))
		return 1;
	walk->rows |= match_image64(state->image, pattern + 8);
	return 0;
}

/* Finds the segment by its hash. */
MATCH_INLINE void match_probe(struct match_state *state, __u64 hash)
{
	struct match_walk *walk = &state->walk;
	__u32 i, bucket;

	for (i = 0; i < ABI_STRING_PROBES_MAX; i++) {
		bucket = ((__u32)hash + i) & walk->bucket_mask;
		if (!match_bucket(state, hash,
				  walk->buckets + bucket * (__u64)sizeof(struct abi_string_bucket)))
			return;
	}
}

#define MATCH_STEP_WORDS	4	/* that one step hashes at most */

/* One step of a pass: hashes some words, or looks a segment up.  0 when the pass is complete. */
MATCH_INLINE int match_walk_step(struct match_state *state)
{
	struct match_walk *walk = &state->walk;
	__u32 n;

	if (!(walk->classes >> match_filter_class(walk->limit) & 1))
		return match_walk_next(state);
	for (n = 0; n < MATCH_STEP_WORDS && walk->position + 8 <= walk->limit; n++) {
		walk->hash = match_hash_word(walk->hash, match_walk_word(state));
		walk->position += 8;
	}
	if (walk->position + 8 <= walk->limit)
		return 1;
	match_probe(state, match_walk_hash(state));
	return match_walk_next(state);
}

/* ---- Tables that have whole strings alone: neither beginnings nor ends ---- */

MATCH_INLINE int match_table_is_whole(struct match_image image, __u32 table)
{
	return !(__u32)match_image64(image, (__u64)table + 8);
}
_Static_assert(__builtin_offsetof(struct abi_string_table, prefix_count) == 8 && __builtin_offsetof(struct abi_string_table, postfix_count) == 10,
	       "both counts are the low half of the second word");

/* The rows of the pattern that the string is. */
MATCH_INLINE __u64 match_whole(struct match_state *state, __u32 table, const struct abi_event_slot *entry)
{
	__u64 place = match_image64(state->image, table);
	struct match_walk *walk = &state->walk;

	walk->start = entry->offset;
	walk->length = entry->length;
	walk->limit = entry->length;
	walk->kind = ABI_STRING_EXACT;
	walk->bucket_mask = place;
	walk->buckets = place >> 32;
	walk->rows = 0;
	walk->position = walk->length & ~7u;
	walk->hash = match_bytes_hash(state, walk->start, walk->position);
	match_probe(state, match_walk_hash(state));
	return walk->rows;
}

/* Looks a slot's bytes up and sets the rows, with the same result as match_string_begin() and what follows. */
MATCH_INLINE void match_whole_rows(struct match_state *state, __u32 table, __u32 slot, __u32 reg)
{
	const struct abi_event_slot *entry = match_slot(state, slot);
	enum match_cut cut = match_slot_cut(state, slot);
	__u64 rows = match_image64(state->image, (__u64)table + __builtin_offsetof(struct abi_string_table, always_rows)), unknown = 0;

	if (cut != MATCH_WHOLE)
		unknown = cut == MATCH_CUT_END && entry->length >= ABI_PATTERN_MAX ? 0 : ~rows;
	else if (match_image32(state->image, (__u64)table + __builtin_offsetof(struct abi_string_table, filter)))
		rows |= match_whole(state, table, entry);
	match_set_rows(state, reg, rows, unknown);
}

/* ---- Patterns that are held against a string one by one: neither postfixes nor empty ---- */

/* The bits of the first `count` bytes of a word, which are all from 8 on. */
MATCH_INLINE __u64 match_mask(__u32 count)
{
	return count < 8 ? (1ULL << (count & 7) * 8) - 1 : ~0ULL;
}

/* Whether a string whose first 16 bytes are `first` and `second` begins as a pattern of `own` bytes does, as far as these go. */
MATCH_INLINE int match_pattern_begins(struct match_image image, __u64 pattern, __u32 own, __u64 first, __u64 second)
{
	if ((match_image64(image, pattern + sizeof(struct abi_pattern)) ^ first) & match_mask(own))
		return 0;
	return own <= 8 || !((match_image64(image, pattern + sizeof(struct abi_pattern) + 8) ^ second) & match_mask(own - 8));
}

/* Whether a string of `length` bytes may be found by a pattern. */
MATCH_INLINE int match_pattern_may(struct match_image image, __u64 pattern, __u64 first, __u64 second, __u32 length)
{
	__u64 head = match_image64(image, pattern);
	__u32 own = head;

	if (length < own || (head >> 32 == ABI_STRING_EXACT && length != own))
		return 0;
	return match_pattern_begins(image, pattern, own, first, second);
}

/* Whether one that may be found is. The string lies at `start` of the state. */
MATCH_INLINE int match_pattern_is(struct match_state *state, struct match_image image, __u64 pattern, __u32 start)
{
	__u32 own = match_image64(image, pattern);

	return own <= 16 || match_bytes_equal(state, image, pattern + sizeof(struct abi_pattern) + 16, start + 16, own - 16);
}

/* ---- The look-up ---- */

/*
 * A look-up of a slot's bytes in a string table: _begin, steps until one returns 0, if _postfix returns 1 more
 * steps until one returns 0, then _end.
 */
MATCH_INLINE int match_string_begin(struct match_state *state, __u32 table, __u32 slot)
{
	struct match_walk *walk = &state->walk;
	struct abi_event_slot *entry = match_slot(state, slot);
	enum match_cut cut = match_slot_cut(state, slot);
	__u64 word = match_image64(state->image, (__u64)table + 8);
	__u32 filter = match_image32(state->image, (__u64)table + __builtin_offsetof(struct abi_string_table, filter));
	__u32 exact = cut == MATCH_WHOLE && match_image64(state->image, (__u64)table + 16), prefixes = word & 0xffff;
	__u64 hits;

	walk->table = table;
	walk->start = entry->offset;
	walk->length = entry->length;
	walk->bucket_mask = match_image32(state->image, table);
	walk->buckets = match_image32(state->image, (__u64)table + 4);
	walk->rows = match_image64(state->image, (__u64)table + 32);
	if (!filter || cut == MATCH_CUT_FRONT)
		return 0;
	if (state->hits_filter == filter && state->hits_slot == slot)
		hits = state->hits;
	else
		hits = match_find_hits(state->image, filter, match_word(state, walk->start), match_word(state, walk->start + 8ULL),
				       walk->length);
	if (!MATCH_HITS_CLASSES(hits))
		return 0;
	if (MATCH_HITS_TO(hits) < prefixes)
		prefixes = MATCH_HITS_TO(hits);
	exact &= MATCH_HITS_CLASSES(hits) >> match_filter_class(walk->length);
	return match_walk_begin(state, ABI_STRING_PREFIX, (word >> 32) + MATCH_HITS_FROM(hits) * 4, prefixes - MATCH_HITS_FROM(hits),
				exact, MATCH_HITS_CLASSES(hits));
}

MATCH_INLINE int match_string_postfix(struct match_state *state, __u32 slot)
{
	__u64 word = match_image64(state->image, (__u64)state->walk.table + 8);

	if (!(word >> 16 & 0xffff) || match_slot_cut(state, slot) == MATCH_CUT_END)
		return 0;
	return match_walk_begin(state, ABI_STRING_POSTFIX,
				(__u32)(word >> 32) + (word & 0xffff) * 4, word >> 16 & 0xffff, 0, ~0u);
}

MATCH_INLINE void match_string_end(struct match_state *state, __u32 slot, __u32 reg)
{
	const struct match_walk *walk = &state->walk;
	enum match_cut cut = match_slot_cut(state, slot);
	__u64 unknown = 0;

	if (cut == MATCH_CUT_END && walk->length >= ABI_PATTERN_MAX)
		unknown = match_image64(state->image, (__u64)walk->table + 24);
	else if (cut != MATCH_WHOLE)
		unknown = ~0ULL;
	match_set_rows(state, reg, walk->rows, unknown & ~walk->rows);
}

#endif
