// SPDX-License-Identifier: Apache-2.0
/* verify.c - image_verify: the header, the sections, policies and hooks; see verify.h. */
#include "compiler/image/verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler/image/image.h"
#include "compiler/image/loads.h"

int verify_fail(struct verify *verify, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(verify->message, 256, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

const void *verify_in(const struct verify *verify, enum abi_section_id section, uint64_t offset,
		      uint64_t size)
{
	const struct abi_section *place = &verify->header->sections[section];

	if (offset % 8 || offset < place->offset || offset - place->offset > place->size ||
	    size > place->size - (offset - place->offset))
		return NULL;
	return verify->bytes + offset;
}

static int check_header(struct verify *verify)
{
	static const struct abi_image zero;
	const struct abi_image *header = verify->header;

	if (verify->size < sizeof(*header))
		return verify_fail(verify, "truncated: %zu bytes are no image", verify->size);
	if ((uintptr_t)verify->bytes % 8)
		return verify_fail(verify, "the image is not aligned to 8 bytes");
	if (header->magic != ABI_IMAGE_MAGIC)
		return verify_fail(verify, "not an image: wrong magic number");
	if (header->abi_version != ABI_VERSION) {
		verify_fail(verify, "made for version %u, this is version %u", header->abi_version, ABI_VERSION);
		return -EPROTO;
	}
	if (header->size != verify->size || header->size % 8 || header->size > ABI_IMAGE_MAX)
		return verify_fail(verify, "header says %u bytes, there are %zu", header->size, verify->size);
	if (header->checksum != image_checksum(verify->bytes, verify->size))
		return verify_fail(verify, "wrong checksum");
	if (header->program_size % 8 || header->program_size < sizeof(*header) || header->program_size > header->size ||
	    header->program_size > ABI_HALF_SIZE)
		return verify_fail(verify, "programs read %u bytes of %u", header->program_size, header->size);
	if (memcmp(header->pad, zero.pad, sizeof(zero.pad)))
		return verify_fail(verify, "reserved bytes of the header are set");
	return 0;
}

/* Sections lie behind the header and do not overlap; absent ones are zero. */
static int check_sections(struct verify *verify)
{
	const struct abi_section *sections = verify->header->sections;

	if (sections[0].offset || sections[0].size)
		return verify_fail(verify, "section 0 is in use");
	for (size_t n = 1; n < ABI_SECTION_COUNT; n++) {
		const struct abi_section *one = &sections[n];

		if (one->offset % 8 || one->offset < sizeof(struct abi_image) || one->offset > verify->size ||
		    one->size > verify->size - one->offset)
			return verify_fail(verify, "section %zu lies outside the image", n);
		if (n <= ABI_SECTION_ACCEPTS && one->offset + one->size > verify->header->program_size)
			return verify_fail(verify, "section %zu lies where no program reads", n);
		for (size_t other = 1; other < n; other++)
			if (one->offset < (uint64_t)sections[other].offset + sections[other].size &&
			    sections[other].offset < (uint64_t)one->offset + one->size)
				return verify_fail(verify, "sections %zu and %zu overlap", other, n);
	}
	return 0;
}

static int check_policies(struct verify *verify)
{
	const struct abi_section *section = &verify->header->sections[ABI_SECTION_POLICIES];
	const struct abi_policy *rows = (const void *)(verify->bytes + section->offset);

	if (section->size != (uint64_t)verify->header->policy_count * sizeof(*rows))
		return verify_fail(verify, "section POLICIES has the wrong size");
	for (uint32_t n = 0; n < verify->header->policy_count; n++)
		if (rows[n].flags & ~ABI_POLICY_MONITOR)
			return verify_fail(verify, "policy %u has unknown flags", n);
		else if (rows[n].id >= ABI_POLICIES_MAX || rows[n].reserved)
			return verify_fail(verify, "policy %u has no valid id", n);
	return 0;
}

/* Per source: highest index. */
static const uint8_t source_index_max[] = {
	[ABI_SOURCE_ARGUMENT] = 12, [ABI_SOURCE_FIELD] = 255, [ABI_SOURCE_RETURN] = 255, [ABI_SOURCE_TASK] = 9,
	[ABI_SOURCE_CURRENT] = 255, [ABI_SOURCE_REGISTER] = 255, [ABI_SOURCE_SLOT] = ABI_SLOTS_MAX - 1,
	[ABI_SOURCE_LOCATION] = 255,
};

static bool load_is_of_task(uint8_t load)
{
	return load == ABI_LOAD_PID || (load >= ABI_LOAD_NAMESPACE_PID && load <= ABI_LOAD_USER_STACK) ||
	       load == ABI_LOAD_DIGEST;
}

/* Of a socket that was listed before: a part has no parts. */
static bool part_is_valid(const struct abi_hook *hook, uint32_t n)
{
	const struct abi_slot *slot = &hook->slots[n];

	if (slot->load != ABI_LOAD_PART)
		return slot->source != ABI_SOURCE_SLOT;
	return slot->source == ABI_SOURCE_SLOT && slot->index < n &&
	       load_rows[hook->slots[slot->index].load].gives & GIVES_SOCKET && slot->offset < ABI_PARTS;
}

static bool place_is_valid(const struct abi_slot *slot)
{
	if (slot->load == ABI_LOAD_CONST_BUF && (slot->source != ABI_SOURCE_FIELD || (slot->size && slot->size != 1 && slot->size != 8)))
		return false;
	if (slot->source == ABI_SOURCE_FIELD || slot->source == ABI_SOURCE_REGISTER)
		return slot->size <= 8 && !(slot->size & (slot->size - 1)) && slot->offset < 65536;
	if (slot->load == ABI_LOAD_ENTRY && (slot->source != ABI_SOURCE_ARGUMENT || slot->chain || slot->offset > source_index_max[ABI_SOURCE_ARGUMENT]))
		return false;
	if ((slot->load == ABI_LOAD_MOUNT || slot->load == ABI_LOAD_COMMAND_LINE) && (slot->source != ABI_SOURCE_ARGUMENT || slot->chain))
		return false;
	return !slot->size && (!slot->offset || slot->load == ABI_LOAD_ENTRY || slot->source == ABI_SOURCE_SLOT ||
			       slot->source == ABI_SOURCE_LOCATION);
}

static bool slot_is_valid(const struct abi_hook *hook, uint32_t n)
{
	const struct abi_slot *slot = &hook->slots[n];

	if (slot->load >= ABI_LOAD_END || !load_rows[slot->load].name ||
	    (slot->length && (slot->load != ABI_LOAD_CONST_BUF || slot->length >= load_rows[ABI_LOAD_CONST_BUF].bytes)) ||
	    slot->flags & ~(ABI_SLOT_RETURN_COPY | ABI_SLOT_MAX_DATA) ||
	    (slot->flags & ABI_SLOT_MAX_DATA && (slot->load != ABI_LOAD_CHAR_BUF || slot->flags & ABI_SLOT_RETURN_COPY)))
		return false;
	if (slot->source < ABI_SOURCE_ARGUMENT || slot->source > ABI_SOURCE_LOCATION ||
	    slot->index > source_index_max[slot->source])
		return false;
	if (load_is_of_task(slot->load) != (slot->source == ABI_SOURCE_TASK) || !part_is_valid(hook, n))
		return false;
	if (slot->size_slot > hook->slot_count ||
	    (slot->size_slot && !(load_rows[hook->slots[slot->size_slot - 1].load].gives & GIVES_NUMBER)))
		return false;
	return place_is_valid(slot);
}

static int check_slots(struct verify *verify)
{
	static const struct abi_slot unused;
	const struct abi_hook *hook = verify->hook;
	uint64_t bytes = 0;

	for (uint32_t n = 0; n < ABI_SLOTS_MAX; n++) {
		const struct abi_slot *slot = &hook->slots[n];
		int error;

		if (n >= hook->slot_count ? memcmp(slot, &unused, sizeof(unused)) != 0 : !slot_is_valid(hook, n))
			return verify_fail(verify, "hook %u: slot %u is not valid", hook->id, n);
		error = slot->chain ? verify_chain(verify, slot->chain) : 0;
		if (!error && slot->source == ABI_SOURCE_LOCATION)
			error = verify_location(verify, slot->offset);
		if (error)
			return error;
		bytes += load_rows[slot->load].bytes;
	}
	if (bytes > ABI_DATA_SIZE)
		return verify_fail(verify, "hook %u has values of %llu bytes", hook->id, (unsigned long long)bytes);
	return 0;
}

bool verify_slot_is_number(const struct verify *verify, uint32_t slot)
{
	const struct abi_slot *of = verify->hook->slots;

	return slot < verify->hook->slot_count && load_rows[of[slot].load].gives == GIVES_NUMBER &&
	       of[slot].load < ABI_LOAD_NAMESPACE_PID && of[slot].load != ABI_LOAD_PID;
}

bool verify_slot_gives(const struct verify *verify, uint32_t slot, uint32_t gives)
{
	return slot < verify->hook->slot_count && load_rows[verify->hook->slots[slot].load].gives & gives;
}

/* The other side of a pair points back; sets *ret to it. */
static int check_pair(struct verify *verify)
{
	const struct abi_hook *hook = verify->hook, *other;
	uint32_t side = hook->flags & (ABI_HOOK_RETURN | ABI_HOOK_PAIRED);

	if (!side)
		return hook->pair ? verify_fail(verify, "hook %u has a pair without being one", hook->id) : 0;
	if (side == (ABI_HOOK_RETURN | ABI_HOOK_PAIRED) || hook->pair >= ABI_HOOKS_MAX ||
	    !verify->header->hook_offset[hook->pair])
		return verify_fail(verify, "hook %u: the other side does not exist", hook->id);
	other = verify_in(verify, ABI_SECTION_HOOKS, verify->header->hook_offset[hook->pair], sizeof(*other));
	if (!other || other->pair != hook->id ||
	    (other->flags & (ABI_HOOK_RETURN | ABI_HOOK_PAIRED)) != (side ^ (ABI_HOOK_RETURN | ABI_HOOK_PAIRED)))
		return verify_fail(verify, "hook %u: the other side does not belong to it", hook->id);
	return 0;
}

static int check_hook(struct verify *verify, uint32_t id)
{
	const struct abi_section *section = &verify->header->sections[ABI_SECTION_HOOKS];
	uint32_t offset = verify->header->hook_offset[id];
	const struct abi_hook *hook = verify_in(verify, ABI_SECTION_HOOKS, offset, sizeof(*hook));
	int error;

	if (!hook || (offset - section->offset) % sizeof(*hook))
		return verify_fail(verify, "hook %u lies outside its section", id);
	verify->hook = hook;
	if (hook->id != id || hook->reserved || hook->slot_count > ABI_SLOTS_MAX ||
	    hook->register_count > ABI_REGISTERS_MAX ||
	    hook->flags & ~(ABI_HOOK_SYSCALL | ABI_HOOK_RETURN | ABI_HOOK_PAIRED | ABI_HOOK_USER_MEMORY | ABI_HOOK_ENFORCER |
			    ABI_HOOK_STACKS | ABI_HOOK_DIGEST | ABI_HOOK_PATH) ||
	    (hook->flags & ABI_HOOK_ENFORCER && hook->flags & (ABI_HOOK_RETURN | ABI_HOOK_PAIRED)))
		return verify_fail(verify, "hook %u is not valid", id);
	error = check_slots(verify);
	if (!error)
		error = check_pair(verify);
	return error ? error : verify_program(verify);
}

static int check_hooks(struct verify *verify)
{
	uint32_t count = 0;

	if (verify->header->sections[ABI_SECTION_HOOKS].size !=
	    (uint64_t)verify->header->hook_count * sizeof(struct abi_hook))
		return verify_fail(verify, "section HOOKS has the wrong size");
	for (uint32_t id = 0; id < ABI_HOOKS_MAX; id++) {
		int error = verify->header->hook_offset[id] ? check_hook(verify, id) : 0;

		if (error)
			return error;
		count += verify->header->hook_offset[id] != 0;
	}
	if (count != verify->header->hook_count)
		return verify_fail(verify, "%u hooks are listed, the header says %u", count,
				   verify->header->hook_count);
	return 0;
}

/* In this order: each check relies on those before it. */
static int check_all(struct verify *verify)
{
	static int (*const checks[])(struct verify *) = {
		check_header, check_sections, check_policies, verify_metadata, check_hooks,
	};
	int error = 0;

	for (size_t n = 0; !error && n < sizeof(checks) / sizeof(checks[0]); n++)
		error = checks[n](verify);
	for (size_t n = 0; !error && n < ABI_BINARY_TABLES_MAX; n++)
		if (verify->header->binary_tables[n])
			error = verify_strings(verify, verify->header->binary_tables[n]);
	return error;
}

int image_verify(const void *bytes, size_t size, struct image_view *ret, char message[256])
{
	struct verify verify = { .bytes = bytes, .size = size, .header = bytes, .message = message };
	int error;

	message[0] = '\0';
	verify.words = arena_alloc(&verify.arena, (size < ABI_HALF_SIZE ? size : ABI_HALF_SIZE) / 8, 1);
	error = check_all(&verify);
	arena_release(&verify.arena);
	if (!error)
		*ret = (struct image_view){ bytes, size, bytes };
	return error;
}
