// SPDX-License-Identifier: Apache-2.0
/* check_uprobe.c - what a uprobe is attached to; see check.h. */
#include <string.h>
#include <strings.h>

#include "compiler/base/number.h"
#include "compiler/policy/check.h"

/* ---- Which of three ---- */

static void check_target(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	const struct { const char *key; struct span at; size_t count; } ways[] = {
		{ "symbols", hook->symbols_at, hook->symbols.count },
		{ "offsets", hook->offsets_at, hook->offsets.count },
		{ "addrs", hook->addresses_at, hook->addresses.count },
	};
	int chosen = -1;

	for (int i = 0; i < 3; i++) {
		if (span_is_empty(ways[i].at))
			continue;
		if (chosen >= 0) {
			diag(diagnostics, DIAG_UPROBE_TARGET, ways[i].at, "'%s' beside '%s'", ways[i].key, ways[chosen].key);
			diag_related(diagnostics, ways[chosen].at, "the first of them");
			diag_help(diagnostics, "write one uprobe for each");
			return;
		}
		chosen = i;
	}
	if (hook->broken || (chosen >= 0 && ways[chosen].count))
		return;
	diag(diagnostics, DIAG_UPROBE_TARGET, chosen < 0 ? hook->at : ways[chosen].at,
		chosen < 0 ? "the uprobe has no 'symbols', 'offsets' or 'addrs'" : "'%s' is empty", ways[chosen < 0 ? 0 : chosen].key);
	diag_help(diagnostics, "which functions? As in 'symbols: [readline]'");
}

static void check_reference_offsets(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	bool has_symbols = hook->symbols.count;
	size_t wanted = has_symbols ? hook->symbols.count : hook->offsets.count, count = hook->reference_offsets.count;

	if (!wanted || !count || count == wanted)
		return;
	diag(diagnostics, DIAG_REFERENCE_COUNT, hook->reference_offsets_at, "'refCtrOffsets' has %zu entr%s for %zu %s%s",
		count, count == 1 ? "y" : "ies", wanted, has_symbols ? "symbol" : "offset", wanted == 1 ? "" : "s");
	diag_related(diagnostics, has_symbols ? hook->symbols_at : hook->offsets_at, "what they are for");
}

/* ---- Symbols ---- */

static void check_symbol(const struct text *symbol, struct diagnostics *diagnostics)
{
	const char *plus = symbol->length ? memchr(symbol->bytes, '+', symbol->length) : NULL, *problem = NULL;
	size_t left = plus ? symbol->length - (size_t)(plus + 1 - symbol->bytes) : 0;
	struct number number;

	if (!symbol->bytes)
		return;
	if (!symbol->length || plus == symbol->bytes)
		problem = "the name is missing";
	else if (plus && memchr(plus + 1, '+', left))
		problem = "there is more than one '+'";
	else if (plus && number_parse(plus + 1, left, NUMBER_ANY_BASE_UNSIGNED, &number))
		problem = "the offset is not a number";
	if (!problem)
		return;
	diag(diagnostics, DIAG_UPROBE_SYMBOL, symbol->at, "'%.64s' is not a symbol: %s", symbol->bytes, problem);
	diag_help(diagnostics, "NAME, or NAME+OFFSET as in main+0x10");
}

/* ---- Digests ---- */

/* Digits of a digest; 0: any even number. */
static const struct { const char *name; size_t digits; } algorithms[] = {
	{ "sha1", 40 }, { "sha256", 64 }, { "sha384", 96 }, { "sha512", 128 }, { "build-id", 0 },
};

static struct text trim(struct text text)
{
	while (text.length && strchr(" \t\r\n", *text.bytes)) {
		text.bytes++;
		text.length--;
	}
	while (text.length && strchr(" \t\r\n", text.bytes[text.length - 1]))
		text.length--;
	return text;
}

static int algorithm_find(const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (strlen(algorithms[i].name) == length && !strncasecmp(algorithms[i].name, bytes, length))
			return (int)i;
	return -1;
}

static bool is_hexadecimal(const char *bytes, size_t length)
{
	return strspn(bytes, "0123456789abcdefABCDEF") >= length;
}

static void check_digest(const struct text *written, struct diagnostics *diagnostics)
{
	struct text digest = trim(*written), hex;
	const char *colon = digest.length ? memchr(digest.bytes, ':', digest.length) : NULL;
	int algorithm;

	if (!colon || colon == digest.bytes || colon + 1 == digest.bytes + digest.length) {
		diag(diagnostics, DIAG_DIGEST, written->at, "'%.64s' is not a digest", written->bytes);
		diag_help(diagnostics, "ALGORITHM:HEX, as in sha256:9f86d0...");
		return;
	}
	algorithm = algorithm_find(digest.bytes, (size_t)(colon - digest.bytes));
	if (algorithm < 0) {
		diag(diagnostics, DIAG_DIGEST, written->at, "there is no algorithm '%.*s'",
			(int)(colon - digest.bytes < 32 ? colon - digest.bytes : 32), digest.bytes);
		diag_help(diagnostics, "one of sha1, sha256, sha384, sha512, build-id");
		return;
	}
	hex = (struct text){ colon + 1, digest.length - (size_t)(colon + 1 - digest.bytes), written->at };
	if (!is_hexadecimal(hex.bytes, hex.length) || hex.length % 2 ||
	    (algorithms[algorithm].digits && hex.length != algorithms[algorithm].digits))
		diag(diagnostics, DIAG_DIGEST_FORM, written->at, "no file has this %s", algorithms[algorithm].name);
}

void check_uprobe(const struct policy_hook *hook, struct diagnostics *diagnostics)
{
	check_target(hook, diagnostics);
	check_reference_offsets(hook, diagnostics);
	for (size_t i = 0; i < hook->symbols.count; i++)
		check_symbol(&hook->symbols.items[i], diagnostics);
	for (size_t i = 0; i < hook->digests.count; i++)
		if (hook->digests.items[i].bytes)
			check_digest(&hook->digests.items[i], diagnostics);
}
