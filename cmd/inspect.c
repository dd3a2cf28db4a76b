// SPDX-License-Identifier: Apache-2.0
/* inspect.c - `tetra inspect`: what is in the files that `tetra compile` writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf-templates/abi.h"
#include "cmd/verb.h"
#include "compiler/inspect/inspect.h"

static struct {
	const char *output;
	bool map;
} inspect;
static bool used_stdin;

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* ---- Files ---- */

/* At most a little more than the largest image is read: aligned, as the heap is.  0, or -errno. */
static int read_all(int descriptor, struct buffer *ret)
{
	ssize_t got;

	do {
		char chunk[64 << 10];

		got = read(descriptor, chunk, sizeof(chunk));
		if (got > 0)
			buffer_add(ret, chunk, (size_t)got);
	} while ((got > 0 && ret->length <= ABI_IMAGE_MAX) || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : 0;
}

static int read_file(const char *path, struct buffer *ret)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), error;

	if (descriptor < 0) {
		complain("cannot open '%s': %s", path, strerror(errno));
		return EXIT_SYSTEM;
	}
	error = read_all(descriptor, ret);
	close(descriptor);
	if (!error)
		return EXIT_FINE;
	complain(error == -EISDIR ? "'%s' is a directory; name the files that 'tetra compile' wrote" : "cannot read '%s': %s", path,
		 strerror(-error));
	return EXIT_SYSTEM;
}

static int read_stdin(struct buffer *ret)
{
	int error;

	if (used_stdin) {
		complain("'-' can be given once");
		return EXIT_USAGE;
	}
	used_stdin = true;
	error = read_all(STDIN_FILENO, ret);
	if (!error)
		return EXIT_FINE;
	complain("cannot read standard input: %s", strerror(-error));
	return EXIT_SYSTEM;
}

/* ---- What cannot be told ---- */

static int refuse(const char *name, enum inspect_kind kind, int error, const char *message)
{
	const char *what = kind == INSPECT_IMAGE ? "image" : "object";

	if (kind == INSPECT_NOTHING)
		complain("'%s' is empty", name);
	else if (kind == INSPECT_TEXT)
		complain("'%s' is text: 'tetra compile -o FILE' makes an object of a policy, 'tetra explain' says what a policy does",
			 name);
	else if (kind == INSPECT_UNKNOWN)
		complain("'%s' is neither the object of a policy nor the image of a host", name);
	else if (error == -EPROTO)
		complain("'%s' is an %s of another version: it was %s; compile the policy again, with this tetra", name, what, message);
	else
		complain("'%s' is a damaged %s: %s", name, what, message);
	return EXIT_REFUSED;
}

/* ---- The verb ---- */

static void print(const struct data *data)
{
	struct buffer text = { 0 };

	if (inspect.output && !strcmp(inspect.output, "json"))
		data_write_json(data, &text);
	else
		inspect_write_text(data, &text);
	fwrite(text.bytes, 1, text.length, stdout);
	buffer_release(&text);
}

static int inspect_bytes(const char *name, const struct buffer *bytes)
{
	enum inspect_kind kind = inspect_kind(bytes->bytes, bytes->length);
	struct inspection *inspection;
	struct arena arena = { 0 };
	char message[256] = "";
	int code = EXIT_FINE, error = -EINVAL;

	if (bytes->length > ABI_IMAGE_MAX) {
		complain("'%s' is larger than %u bytes, the most that an image may have", name, ABI_IMAGE_MAX);
		return EXIT_REFUSED;
	}
	if (kind == INSPECT_OBJECT || kind == INSPECT_IMAGE)
		error = inspect_read(bytes->bytes, bytes->length, name, &arena, &inspection, message);
	if (error)
		code = refuse(name, kind, error, message);
	else
		print(inspect.map ? inspect_map(inspection) : inspect_contents(inspection));
	arena_release(&arena);
	return code;
}

static int inspect_operand(const char *operand)
{
	const bool is_stdin = !strcmp(operand, "-");
	struct buffer bytes = { 0 };
	int code = is_stdin ? read_stdin(&bytes) : read_file(operand, &bytes);

	if (code == EXIT_FINE)
		code = inspect_bytes(is_stdin ? "<stdin>" : operand, &bytes);
	buffer_release(&bytes);
	return code;
}

static int inspect_run(int count, char **operands)
{
	int code = EXIT_FINE;

	if (!count) {
		complain("no file given: name objects and images that 'tetra compile' wrote, or '-' for standard input");
		return EXIT_USAGE;
	}
	for (int n = 0; n < count; n++)
		code = worse(code, inspect_operand(operands[n]));
	return code;
}

static const struct option_row inspect_options[] = {
	{ 'o', "output", OPTION_CHOICE, &inspect.output, "text|json", "how to print; text unless said" },
	{ 0, "map", OPTION_FLAG, &inspect.map, NULL, "every range of bytes: where it is, what it is, and the policy line it came from" },
	OPTIONS_END
};

static const struct note inspect_examples[] = {
	{ "tetra inspect policy.tpo", "what a policy object has, with the lines of the policy" },
	{ "tetra inspect host.img", "what the hooks of a host read, how they decide, and for which policy" },
	{ "tetra inspect --map host.img", "what each byte of it is" },
	{ "tetra compile --link -o - policies | tetra inspect -o json -", "the same of what was never a file, for programs" },
	NOTES_END
};

extern const struct verb verb_inspect;
const struct verb verb_inspect = {
	.name = "inspect", .operands = "FILE...", .takes = WORD_FILE,
	.summary = "say what is in a policy object, or in the image of a host",
	.details = "Reads what 'tetra compile' wrote: objects ('-o') and images ('--link'), which it tells apart. Of an image\n"
		   "that means each hook's values, its decision program record by record with the policy line that each came\n"
		   "from, what is done, and the tables with all their members.",
	.options = inspect_options, .examples = inspect_examples, .run = inspect_run,
};
