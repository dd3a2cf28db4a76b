// SPDX-License-Identifier: Apache-2.0
/* verify_tables.c - look-up tables are in order, in bounds and findable; see verify.h. */
#include "compiler/image/verify.h"

#include <string.h>

#include "bpf-templates/match.h"
#include "compiler/image/loads.h"

/* Marks of 8-byte words: free, the start of a table of some kind, or the inside of one. */
enum table_word { WORD_FREE = 0, WORD_INSIDE, WORD_INTERVALS, WORD_INTERVALS4, WORD_INTERVALS128, WORD_STRINGS, WORD_ADDRESSES,
		  WORD_AUTOMATON, WORD_CHAIN, WORD_LOCATION };

enum { SEEN_BEFORE = 1 };

static int bad_table(struct verify *verify, uint32_t offset, const char *what)
{
	return verify_fail(verify, "table at %u: %s", offset, what);
}

/* Takes the words for one table; NULL when they lie outside the section or belong to another. */
static const void *claim(struct verify *verify, uint32_t offset, uint64_t size, enum table_word first)
{
	const void *found = verify_in(verify, ABI_SECTION_TABLES, offset, size);
	size_t start = offset / 8, words = (size + 7) / 8;

	if (!found)
		return NULL;
	for (size_t n = 0; n < words; n++)
		if (verify->words[start + n] != WORD_FREE)
			return NULL;
	memset(verify->words + start, WORD_INSIDE, words);
	if (words)
		verify->words[start] = (uint8_t)first;
	return found;
}

/* The fixed head of a table: SEEN_BEFORE when it was looked at as the same kind. */
static int begin(struct verify *verify, uint32_t offset, size_t size, enum table_word kind, const void **ret)
{
	if (!verify_in(verify, ABI_SECTION_TABLES, offset, size))
		return bad_table(verify, offset, "lies outside the section");
	if (verify->words[offset / 8] == kind)
		return SEEN_BEFORE;
	*ret = claim(verify, offset, size, kind);
	return *ret ? 0 : bad_table(verify, offset, "overlaps another");
}

/* `limit`: no bound may pass it. */
static int check_intervals(struct verify *verify, uint32_t offset, enum table_word kind, uint64_t limit)
{
	const struct abi_interval_table *table;
	const struct abi_interval *intervals;
	const void *head;
	int error = begin(verify, offset, sizeof(*table), kind, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	table = head;
	if (table->count > ABI_INTERVALS_MAX || table->flags & ~ABI_INTERVALS_SIGNED ||
	    (kind == WORD_INTERVALS4 && table->flags))
		return bad_table(verify, offset, "the head is not valid");
	intervals = claim(verify, offset + (uint32_t)sizeof(*table), (uint64_t)table->count * sizeof(*intervals),
			  WORD_INSIDE);
	if (!intervals)
		return bad_table(verify, offset, "its intervals lie outside the section or overlap a table");
	for (uint32_t n = 0; n < table->count; n++)
		if (intervals[n].low > intervals[n].high || intervals[n].high > limit || !intervals[n].rows ||
		    (n && intervals[n].low <= intervals[n - 1].high))
			return bad_table(verify, offset, "its intervals are not in order");
	return 0;
}

int verify_intervals(struct verify *verify, uint32_t offset)
{
	return check_intervals(verify, offset, WORD_INTERVALS, UINT64_MAX);
}

/* Most significant half first. */
static bool is_less(uint64_t a_high, uint64_t a_low, uint64_t b_high, uint64_t b_low)
{
	return a_high < b_high || (a_high == b_high && a_low < b_low);
}

static bool intervals128_are_ordered(const struct abi_interval128 *intervals, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		const struct abi_interval128 *one = &intervals[n];

		if (!one->rows || is_less(one->high_high, one->high_low, one->low_high, one->low_low))
			return false;
		if (n && !is_less(one[-1].high_high, one[-1].high_low, one->low_high, one->low_low))
			return false;
	}
	return true;
}

static int check_intervals128(struct verify *verify, uint32_t offset)
{
	const struct abi_interval128_table *table;
	const struct abi_interval128 *intervals;
	const void *head;
	int error = begin(verify, offset, sizeof(*table), WORD_INTERVALS128, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	table = head;
	if (table->count > ABI_INTERVALS_MAX || table->reserved)
		return bad_table(verify, offset, "the head is not valid");
	intervals = claim(verify, offset + (uint32_t)sizeof(*table), (uint64_t)table->count * sizeof(*intervals),
			  WORD_INSIDE);
	if (!intervals)
		return bad_table(verify, offset, "its intervals lie outside the section or overlap a table");
	if (!intervals128_are_ordered(intervals, table->count))
		return bad_table(verify, offset, "its intervals are not in order");
	return 0;
}

int verify_addresses(struct verify *verify, uint32_t offset)
{
	const struct abi_address_table *table;
	const void *head;
	int error = begin(verify, offset, sizeof(*table), WORD_ADDRESSES, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	table = head;
	if (table->v4)
		error = check_intervals(verify, table->v4, WORD_INTERVALS4, UINT32_MAX);
	if (!error && table->v6)
		error = check_intervals128(verify, table->v6);
	return error;
}

struct strings {
	struct verify *verify;
	uint32_t offset;
	const struct abi_string_table *table;
	const struct abi_string_bucket *buckets;
	const uint32_t *lengths;
	const struct abi_filter *filter, *names;	/* NULL when there is none */
};

static int check_lengths(const struct strings *strings, const uint32_t *lengths, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++)
		if (!lengths[n] || lengths[n] > ABI_PATTERN_MAX || (n && lengths[n] <= lengths[n - 1]))
			return bad_table(strings->verify, strings->offset, "its lengths are not in order");
	return 0;
}

static bool length_is_listed(const uint32_t *lengths, uint32_t count, uint32_t length)
{
	for (uint32_t n = 0; n < count; n++)
		if (lengths[n] == length)
			return true;
	return false;
}

/* The probes of a look-up start at the hash and end at the first free bucket. */
static bool bucket_is_found(const struct strings *strings, uint32_t number, uint32_t hash)
{
	uint32_t mask = strings->table->bucket_mask;
	uint32_t home = hash & mask;

	if (((number - home) & mask) >= ABI_STRING_PROBES_MAX)
		return false;
	for (uint32_t n = home; n != number; n = (n + 1) & mask)
		if (!strings->buckets[n].pattern)
			return false;
	return true;
}

/* Strings that begin like the pattern pass the filter. */
static bool filter_lets_through(const struct strings *strings, const struct abi_pattern *pattern)
{
	const struct match_image image = { strings->verify->bytes, strings->verify->size };
	uint32_t class = match_filter_class(pattern->length);
	uint8_t first[16] = { 0 };

	if (!strings->filter)
		return false;
	memcpy(first, pattern + 1, pattern->length < sizeof(first) ? pattern->length : sizeof(first));
	return MATCH_HITS_CLASSES(match_filter(image, strings->table->filter, match_word_at(first), match_word_at(first + 8),
					       pattern->length)) >> class & 1;
}

/* Paths that the pattern finds pass the filter of last names. */
static bool names_let_through(const struct strings *strings, const struct abi_pattern *pattern)
{
	const struct match_image image = { strings->verify->bytes, strings->verify->size };
	__u64 hash = 0;
	uint32_t class;

	if (!strings->names)
		return true;
	class = match_pattern_name(pattern->kind, pattern + 1, pattern->length, &hash);
	return class < ABI_NAME_CLASSES && strings->names->classes >> class & 1 &&
	       match_name_hit(image, strings->table->names, strings->names->mask, hash);
}

/* Among those of the lengths which the filter says that strings of its class have. */
static bool prefix_is_listed(const struct strings *strings, uint32_t length)
{
	const struct abi_string_table *table = strings->table;
	uint32_t class = match_filter_class(length), start, end = table->prefix_count;

	start = class ? strings->filter->ends[class - 1] : 0;
	if (class < sizeof(strings->filter->ends))
		end = strings->filter->ends[class];
	return start <= end && end <= table->prefix_count && length_is_listed(strings->lengths + start, end - start, length);
}

/* Whether a look-up of the kind would ever ask for the pattern, and count its rows. */
static bool pattern_is_asked_for(const struct strings *strings, const struct abi_pattern *pattern)
{
	const struct abi_string_table *table = strings->table;

	switch (pattern->kind) {
	case ABI_STRING_EXACT:
		return !(pattern->rows & ~table->exact_rows) && filter_lets_through(strings, pattern);
	case ABI_STRING_PREFIX:
		return filter_lets_through(strings, pattern) && prefix_is_listed(strings, pattern->length);
	case ABI_STRING_POSTFIX:
		return !(pattern->rows & ~table->postfix_rows) &&
		       length_is_listed(strings->lengths + table->prefix_count, table->postfix_count,
					pattern->length);
	default:
		return false;
	}
}

static bool padding_is_zero(const uint8_t *bytes, uint32_t length)
{
	for (uint32_t n = length; n % 8; n++)
		if (bytes[n])
			return false;
	return true;
}

/* The pattern of a bucket, with its bytes; NULL when it is not in order. */
static const struct abi_pattern *claim_pattern(const struct strings *strings, uint32_t offset)
{
	const struct abi_pattern *pattern = claim(strings->verify, offset, sizeof(*pattern), WORD_INSIDE);
	const uint8_t *bytes;

	if (!pattern || pattern->length > ABI_PATTERN_MAX)
		return NULL;
	bytes = claim(strings->verify, offset + sizeof(*pattern), (pattern->length + 7) / 8 * 8, WORD_INSIDE);
	return bytes && padding_is_zero(bytes, pattern->length) ? pattern : NULL;
}

static int check_bucket(const struct strings *strings, uint32_t number)
{
	const struct abi_string_bucket *bucket = &strings->buckets[number];
	const struct abi_pattern *pattern;
	uint64_t hash;

	if (!bucket->pattern)
		return bucket->tag ? bad_table(strings->verify, strings->offset, "a free bucket is not zero") : 0;
	pattern = claim_pattern(strings, bucket->pattern);
	if (!pattern)
		return bad_table(strings->verify, strings->offset, "a pattern lies outside the section, overlaps or is not padded");
	if (!pattern->rows || !pattern_is_asked_for(strings, pattern) || !names_let_through(strings, pattern))
		return bad_table(strings->verify, strings->offset, "a pattern is not valid");
	hash = match_hash(pattern + 1, pattern->length, pattern->kind);
	if (bucket->tag != hash >> 32)
		return bad_table(strings->verify, strings->offset, "a bucket has the wrong hash");
	return bucket_is_found(strings, number, (uint32_t)hash) ? 0 :
		bad_table(strings->verify, strings->offset, "a bucket cannot be found from its hash");
}

_Static_assert(ABI_NAME_CLASSES == ABI_FILTER_CLASSES, "one check of classes");

static int check_filter(const struct strings *strings, uint32_t offset, const struct abi_filter **ret)
{
	const struct abi_filter *filter;
	uint64_t words;

	if (!offset)
		return 0;
	filter = claim(strings->verify, offset, sizeof(*filter), WORD_INSIDE);
	if (!filter)
		return bad_table(strings->verify, strings->offset, "its filter lies outside the section or overlaps a table");
	words = (uint64_t)filter->mask + 1;
	if (words & (words - 1) || words > ABI_FILTER_WORDS_MAX || filter->classes >> ABI_FILTER_CLASSES ||
	    !claim(strings->verify, offset + sizeof(*filter), words * 8, WORD_INSIDE))
		return bad_table(strings->verify, strings->offset, "the filter is not valid");
	*ret = filter;
	return 0;
}

/* An empty prefix or postfix is in every path. */
static int check_names(struct strings *strings)
{
	static const uint8_t no_ends[sizeof(strings->names->ends)];
	int error = check_filter(strings, strings->table->names, &strings->names);

	if (!error && strings->names && (strings->table->always_rows || memcmp(strings->names->ends, no_ends, sizeof(no_ends))))
		return bad_table(strings->verify, strings->offset, "the filter of last names is not valid");
	return error;
}

static int check_string_head(struct strings *strings)
{
	const struct abi_string_table *table = strings->table;
	uint64_t count = (uint64_t)table->bucket_mask + 1;
	uint32_t lengths = (uint32_t)table->prefix_count + table->postfix_count;
	int error;

	if (count & (count - 1) || table->prefix_count > ABI_STRING_LENGTHS_MAX ||
	    table->postfix_count > ABI_STRING_LENGTHS_MAX)
		return bad_table(strings->verify, strings->offset, "the head is not valid");
	strings->buckets = claim(strings->verify, table->buckets, count * sizeof(*strings->buckets), WORD_INSIDE);
	strings->lengths = claim(strings->verify, table->lengths, (uint64_t)(lengths + 1) / 2 * 8, WORD_INSIDE);
	if (!strings->buckets || !strings->lengths)
		return bad_table(strings->verify, strings->offset, "its buckets lie outside the section or overlap a table");
	error = check_lengths(strings, strings->lengths, table->prefix_count);
	if (!error)
		error = check_lengths(strings, strings->lengths + table->prefix_count, table->postfix_count);
	if (!error)
		error = check_filter(strings, table->filter, &strings->filter);
	return error ? error : check_names(strings);
}

int verify_strings(struct verify *verify, uint32_t offset)
{
	struct strings strings = { .verify = verify, .offset = offset };
	const void *head;
	int error = begin(verify, offset, sizeof(*strings.table), WORD_STRINGS, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	strings.table = head;
	error = check_string_head(&strings);
	for (uint32_t n = 0; !error && n <= strings.table->bucket_mask; n++)
		error = check_bucket(&strings, n);
	return error;
}

/* ---- Automata ---- */

static bool states_are_valid(const struct abi_automaton *table, const struct abi_state *states)
{
	const bool is_whole = table->flags & ABI_AUTOMATON_WHOLE;

	if (is_whole && states[ABI_STATE_DEAD].rows)
		return false;
	for (uint32_t n = 0; n < table->state_count; n++)
		if ((n && !is_whole ? states[n].fail >= n : states[n].fail) || states[n].base > table->cell_count - table->class_count)
			return false;
	return true;
}

static bool cells_are_valid(const struct abi_automaton *table, const struct abi_cell *cells, const uint32_t *first)
{
	for (uint32_t n = 0; n < table->cell_count; n++)
		if (cells[n].state > table->state_count || cells[n].next >= table->state_count)
			return false;
	for (uint32_t n = 0; n < table->class_count; n++)
		if (first[n] >= table->state_count)
			return false;
	for (uint32_t n = 0; n < 256; n++)
		if (table->classes[n] >= table->class_count)
			return false;
	return true;
}

int verify_automaton(struct verify *verify, uint32_t offset)
{
	const struct abi_automaton *table;
	const struct abi_state *states;
	const struct abi_cell *cells;
	const uint32_t *first;
	const void *head;
	int error = begin(verify, offset, sizeof(*table), WORD_AUTOMATON, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	table = head;
	if (!table->state_count || table->state_count > ABI_STATES_MAX || !table->class_count || table->class_count > 256 ||
	    table->flags & ~ABI_AUTOMATON_WHOLE || table->reserved ||
	    (table->flags & ABI_AUTOMATON_WHOLE && table->state_count <= ABI_STATE_DEAD) ||
	    table->cell_count < table->class_count || table->states % 8 || table->cells % 8 || table->first % 8)
		return bad_table(verify, offset, "the head is not valid");
	states = claim(verify, table->states, (uint64_t)table->state_count * sizeof(*states), WORD_INSIDE);
	cells = claim(verify, table->cells, (uint64_t)table->cell_count * sizeof(*cells), WORD_INSIDE);
	first = claim(verify, table->first, ((uint64_t)table->class_count + 1) / 2 * 8, WORD_INSIDE);
	if (!states || !cells || !first)
		return bad_table(verify, offset, "its states lie outside the section or overlap a table");
	if (!states_are_valid(table, states) || !cells_are_valid(table, cells, first))
		return bad_table(verify, offset, "a state leads outside");
	return 0;
}

/* ---- Expressions, chains and locations ---- */

static bool type_is_valid(uint32_t type)
{
	return type >= ABI_INT32 && type <= ABI_BOOL;
}

/* The depth of the stack behind the word; 0 when there is something wrong with it. */
static uint32_t depth_behind(const struct verify *verify, const struct abi_word *word, uint32_t depth)
{
	bool pushes = word->op == ABI_WORD_NUMBER || word->op == ABI_WORD_SLOT;
	bool converts = word->op >= ABI_WORD_NOT && word->op <= ABI_WORD_CAST;

	if (!type_is_valid(word->type) || word->reserved || word->op < ABI_WORD_NUMBER || word->op > ABI_WORD_LESS_EQUAL)
		return 0;
	if ((word->op != ABI_WORD_SLOT && word->slot) || (word->op != ABI_WORD_NUMBER && word->number))
		return 0;
	if (word->op == ABI_WORD_SLOT && !verify_slot_is_number(verify, word->slot))
		return 0;
	if (pushes)
		return depth < ABI_STACK_MAX ? depth + 1 : 0;
	if (converts)
		return depth;
	return depth > 1 ? depth - 1 : 0;
}

/* Hooks may share one, whose slots must be those of each; its words are its own. */
int verify_expression(struct verify *verify, uint32_t offset)
{
	const struct abi_expression *head = verify_in(verify, ABI_SECTION_TABLES, offset, sizeof(*head));
	const struct abi_word *words;
	uint32_t depth = 0;

	if (!head || !head->count || head->count > ABI_WORDS_MAX || head->reserved)
		return bad_table(verify, offset, "the head is not valid");
	words = verify_in(verify, ABI_SECTION_TABLES, offset + sizeof(*head), (uint64_t)head->count * sizeof(*words));
	if (!words)
		return bad_table(verify, offset, "its words lie outside the section");
	for (uint32_t n = 0; n < head->count; n++) {
		depth = depth_behind(verify, &words[n], depth);
		if (!depth)
			return bad_table(verify, offset, "a word is not valid");
	}
	return depth == 1 ? 0 : bad_table(verify, offset, "it does not leave one number");
}

static bool chain_is_valid(const struct abi_chain *chain)
{
	static const struct abi_chain empty;

	if (!chain->count)
		return !memcmp(chain, &empty, sizeof(empty));
	for (uint32_t n = chain->count; n < ABI_CHAIN_STEPS; n++)
		if (chain->offsets[n])
			return false;
	if (chain->count > ABI_CHAIN_STEPS || chain->size > 8 || chain->size & (chain->size - 1) || chain->flags & ~ABI_CHAIN_SIGNED)
		return false;
	return chain->bits ? chain->shift + chain->bits <= 8 * chain->size : !chain->shift && !chain->flags;
}

int verify_chain(struct verify *verify, uint32_t offset)
{
	const void *head;
	int error = begin(verify, offset, sizeof(struct abi_chain), WORD_CHAIN, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	return chain_is_valid(head) ? 0 : bad_table(verify, offset, "the chain is not valid");
}

/* Registers lie in struct pt_regs, which no machine has larger than this. */
static bool location_is_valid(const struct abi_location *location)
{
	static const struct abi_location empty;
	enum { REGISTERS_SIZE = 512 };

	if (!location->size)
		return !memcmp(location, &empty, sizeof(empty));
	return location->size <= 8 && !(location->size & (location->size - 1)) && location->base < REGISTERS_SIZE &&
	       location->index < REGISTERS_SIZE && !location->scale == !location->index && location->scale <= 8 &&
	       !(location->scale & (location->scale - 1)) && !(location->flags & ~(ABI_LOCATION_MEMORY | ABI_LOCATION_SIGNED)) &&
	       !location->reserved;
}

int verify_location(struct verify *verify, uint32_t offset)
{
	const void *head;
	int error = begin(verify, offset, sizeof(struct abi_location), WORD_LOCATION, &head);

	if (error)
		return error == SEEN_BEFORE ? 0 : error;
	return location_is_valid(head) ? 0 : bad_table(verify, offset, "the location is not valid");
}
