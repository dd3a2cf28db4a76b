// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_btf.c - type information that may be anything: refused, or safe for everything that is asked of it.
 *
 * The input is a path, a zero byte, and the bytes of the kernel's; what follows a second 0x9feb (BTF's magic number), if there
 * is one, is a module's.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/kernel/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_type(struct btf_view *view, struct chain_root root, const char *path)
{
	struct chain_error error;
	char why[FIT_REASON_MAX];
	struct chain chain;

	if (chain_resolve(view, root, path, &chain, &error)) {
		if (error.at + error.length > strlen(path) || !*error.text)
			abort();
		return;
	}
	if (!chain.abi.count || chain.abi.count > ABI_CHAIN_STEPS || chain.abi.shift + chain.abi.bits > 64 ||
	    (chain.abi.bits && chain.abi.shift + chain.abi.bits > 8 * chain.abi.size))
		abort();
	for (int type = 0; type < TYPE_COUNT; type++)
		fit_chain(view, &chain, (enum type_id)type, why);
	fit_load(view, &chain);
}

static void ask(struct btf_view *view, const char *path)
{
	uint32_t count = btf_type_count(view) < 64 ? btf_type_count(view) : 64;
	struct chain_error error;
	struct chain_root root;
	struct buffer text = { 0 };
	uint32_t type, number;
	char why[FIT_REASON_MAX];

	for (uint32_t id = 0; id < count; id++) {
		uint64_t bytes;

		text.length = 0;
		btf_describe(view, id, &text);
		btf_size(view, id, &bytes);
		ask_type(view, (struct chain_root){ id, false }, path);
		ask_type(view, (struct chain_root){ id, true }, path);
		fit_argument(view, id, TYPE_FILE, why);
	}
	buffer_release(&text);
	if (!chain_root_of_type(view, path, false, &root, &error))
		ask_type(view, root, path);
	if (!chain_argument(view, path, 0, &type, &error) && !chain_root_of_pointer(view, type, path, &root, &error))
		ask_type(view, root, "a");
	chain_returned(view, path, &type, &error);
	chain_tracepoint_argument(view, path, 0, &type, &error);
	chain_tracepoint_count(view, path, &number);
}

/* A copy of its own, so that nothing beyond the end is read unseen. */
static struct btf_view *open_copy(const uint8_t *data, size_t size, struct btf_view *base, void **copy)
{
	struct btf_view *view = NULL;
	char message[256];

	*copy = malloc(size ? size : 1);
	if (!*copy)
		abort();
	memcpy(*copy, data, size);
	return btf_open(*copy, size, base, &view, message) ? NULL : view;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = { 0x9f, 0xeb, 1 };
	const uint8_t *end = memchr(data, 0, size), *second;
	struct btf_view *kernel, *module = NULL;
	void *kernel_bytes, *module_bytes = NULL;
	size_t left;

	if (!end || end - data > 256)
		return 0;
	left = size - (size_t)(end + 1 - data);
	second = left > 1 ? memmem(end + 2, left - 1, magic, sizeof(magic)) : NULL;
	kernel = open_copy(end + 1, second ? (size_t)(second - end - 1) : left, NULL, &kernel_bytes);
	if (kernel && second)
		module = open_copy(second, (size_t)(data + size - second), kernel, &module_bytes);
	if (kernel)
		ask(kernel, (const char *)data);
	if (module)
		ask(module, (const char *)data);
	btf_close(module);
	btf_close(kernel);
	free(module_bytes);
	free(kernel_bytes);
	return 0;
}
