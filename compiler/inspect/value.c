// SPDX-License-Identifier: Apache-2.0
/* value.c - what the values of a hook are called; see parts.h. */
#include "compiler/inspect/parts.h"

#include "compiler/image/loads.h"

const char *inspect_load(uint8_t load)
{
	return load < ABI_LOAD_END && load_rows[load].name ? load_rows[load].name : "unknown";
}

const char *inspect_who(uint8_t who)
{
	static const char *const words[] = {
		[ABI_WHO_PROCESS] = "the binary of the process",
		[ABI_WHO_LINEAGE] = "the binary of the process or of an ancestor",
		[ABI_WHO_PARENT] = "the binary of the parent process",
		[ABI_WHO_PARENT_LINEAGE] = "the binary of the parent process or of an ancestor of it",
	};

	return words[who];
}

static const char *const part_words[ABI_PARTS] = {
	[ABI_PART_FAMILY] = "family", [ABI_PART_SOURCE_PORT] = "source port",
	[ABI_PART_DESTINATION_PORT] = "destination port", [ABI_PART_PROTOCOL] = "protocol", [ABI_PART_STATE] = "state",
	[ABI_PART_TYPE] = "type", [ABI_PART_MARK] = "mark", [ABI_PART_PRIORITY] = "priority",
	[ABI_PART_COOKIE] = "cookie", [ABI_PART_LENGTH] = "length", [ABI_PART_HASH] = "hash",
	[ABI_PART_SOURCE] = "source address", [ABI_PART_DESTINATION] = "destination address",
};

/* Facts about the process; %w is a word of `kind`, by the slot's index. */
static const struct fact { uint8_t load; enum field_kind kind; const char *before, *after; } facts[] = {
	{ ABI_LOAD_PID, KIND_COUNT, "the process id", "" },
	{ ABI_LOAD_NAMESPACE_PID, KIND_COUNT, "the process id in the process's own namespace", "" },
	{ ABI_LOAD_NAMESPACE, KIND_NAMESPACE, "the ", " namespace of the process" },
	{ ABI_LOAD_IN_HOST_NAMESPACE, KIND_NAMESPACE, "whether the ", " namespace is that of the host" },
	{ ABI_LOAD_NAMESPACE_CHANGES, KIND_COUNT, "the namespaces that the process has changed", "" },
	{ ABI_LOAD_CAPABILITY_SET, KIND_CAPABILITY_SET, "the ", " capabilities of the process" },
	{ ABI_LOAD_KERNEL_STACK, KIND_COUNT, "the kernel's stack", "" },
	{ ABI_LOAD_USER_STACK, KIND_COUNT, "the program's stack", "" },
	{ ABI_LOAD_DIGEST, KIND_COUNT, "the digest of the file, by IMA", "" },
	{ ABI_LOAD_CAPABILITY_CHANGES, KIND_CAPABILITY_SET, "the ", " capabilities of the process that have changed" },
};

static void add_word(enum field_kind kind, uint8_t number, struct buffer *ret)
{
	const char *word;
	size_t length = words_at(kind_rows[kind].words, number, &word);

	if (length)
		buffer_add(ret, word, length);
	else
		buffer_format(ret, "%u.", number);
}

static void add_fact(const struct abi_slot *slot, struct buffer *ret)
{
	for (size_t n = 0; n < sizeof(facts) / sizeof(*facts); n++) {
		if (facts[n].load != slot->load)
			continue;
		buffer_add_text(ret, facts[n].before);
		if (facts[n].kind != KIND_COUNT)
			add_word(facts[n].kind, slot->index, ret);
		buffer_add_text(ret, facts[n].after);
		return;
	}
	buffer_add_text(ret, inspect_load(slot->load));
}

static void add_source(const struct abi_slot *slot, struct buffer *ret)
{
	static const struct { const char *words; bool has_number; } sources[] = {
		[ABI_SOURCE_ARGUMENT] = { "argument", true }, [ABI_SOURCE_FIELD] = { "field", true },
		[ABI_SOURCE_RETURN] = { "what the call returned", false }, [ABI_SOURCE_CURRENT] = { "the current task", false },
		[ABI_SOURCE_REGISTER] = { "register", false }, [ABI_SOURCE_LOCATION] = { "argument", true },
	};

	buffer_add_text(ret, sources[slot->source].words);
	if (sources[slot->source].has_number)
		buffer_format(ret, " %u", slot->index);
}

/* What the policy calls its type; the way it is read where no policy reports it. */
static const char *type_name(const struct inspect_values *values, const struct abi_slot *slot, uint32_t n)
{
	return values->type[n] >= 0 ? type_rows[values->type[n]].name : inspect_load(slot->load);
}

static void add_value(struct inspection *inspection, const struct image_hook *hook, uint32_t n, struct buffer *ret)
{
	const struct inspect_values *values = inspection->values[hook->id];
	const struct abi_slot *slot = &hook->abi->slots[n];

	if (slot->source == ABI_SOURCE_TASK) {
		add_fact(slot, ret);
		return;
	}
	if (slot->source == ABI_SOURCE_SLOT) {
		buffer_format(ret, "the %s of ", part_words[slot->offset] ? part_words[slot->offset] : "rest");
		add_value(inspection, hook, slot->index, ret);
		return;
	}
	add_source(slot, ret);
	if (values->path[n])
		buffer_format(ret, "%s%s", slot->source == ABI_SOURCE_REGISTER ? " " : " at ", values->path[n]);
	buffer_format(ret, " (%s)", type_name(values, slot, n));
}

const char *inspect_value(struct inspection *inspection, const struct image_hook *hook, uint32_t slot)
{
	struct buffer text = { 0 };

	add_value(inspection, hook, slot, &text);
	return inspect_keep(inspection, &text);
}
