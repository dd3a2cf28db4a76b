/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - verdict tables: rows of policy x event -> verdict that every matcher has to agree with.
 *
 * A table is a file of lines with 7 columns parted by tabs; lines that begin with # are comments.
 *
 *   case      what the row shows
 *   policies  FILE:NAME,NAME...: these documents of tests/verdicts/FILE, linked in this order
 *   hook      number of the hook in the first of them; its host hook is what is decided
 *   binary    path of the caller's executable; - stands for /usr/bin/verdict; ? for a process that is not known
 *   pid       thread-group id of the caller; - stands for 1000
 *   values    INDEX=VALUE, parted by spaces: what the arguments of the function hold; - when there are none.  VALUE is
 *               int:NUMBER           decimal or 0x, with sign
 *               string:TEXT          file:TEXT path:TEXT binprm:TEXT filename:TEXT: a string, the path of a struct of
 *                                    that kind; TEXT may hold \xNN for a byte, {TEXT*N} for N times TEXT
 *               dir:TEXT fifo:TEXT link:TEXT  like file:, of a folder, a named pipe and a symbolic link; pipe: one without a path
 *               sockaddr:1.2.3.4:80  sockaddr:[::1]:80, or sockaddr:unix for a family without addresses
 *               fault                a pointer that cannot be read
 *   expected  none, or POLICY/SELECTOR/ACTION+ACTION..., parted by commas, in the order of the policies; SELECTOR
 *             counts from 0, as events do
 */
#ifndef TESTS_VERDICTS_ROWS_H
#define TESTS_VERDICTS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/compiler.h"
#include "compiler/image/image.h"

enum { VERDICT_POLICIES_MAX = 8, VERDICT_VALUES_MAX = 8 };

/* Which member of the union-like struct below is set: number, bytes, or address. */
enum verdict_kind {
	VERDICT_FAULT, VERDICT_INT, VERDICT_STRING, VERDICT_FILE, VERDICT_PATH, VERDICT_BINPRM, VERDICT_FILENAME,
	VERDICT_SOCKADDR,
};

struct verdict_value {
	uint32_t index;			/* argument of the function */
	enum verdict_kind kind;
	uint64_t number;
	const char *bytes;		/* NUL-terminated past length; NULL: a file without a path */
	size_t length;
	uint32_t mode;			/* S_IFMT of a file, else 0 */
	uint16_t family, port;		/* AF_INET, AF_INET6 or AF_UNIX; host order */
	uint8_t address[16];		/* network order */
};

struct verdict_row {
	size_t line;
	const char *name;
	const char *policy_file;
	const char *policies[VERDICT_POLICIES_MAX];
	size_t policy_count;
	uint32_t hook;
	const char *binary;		/* NULL: not known */
	uint32_t pid;
	struct verdict_value values[VERDICT_VALUES_MAX];
	size_t value_count;
	const char *expected;		/* as written */
};

struct verdict_rows {
	const char *path;
	struct verdict_row *items;
	size_t count;
};

/* Everything lives in the arena.  0, or -1 with what is wrong, and where, in `message`. */
int verdict_rows_read(const char *path, struct arena *arena, struct verdict_rows *ret, char message[256]);

/* The file that was compiled last: rows of one table mostly share it.  Start with zeros. */
struct verdict_cache { char *path, *text; struct unit unit; };
void verdict_cache_release(struct verdict_cache *cache);

/*
 * Compiles and links the policies of a row; `directory` is that of the tables.  *ret is an image buffer of the
 * caller's, *view its verified view, *hook the host hook that the row decides.
 */
int verdict_row_image(struct verdict_cache *cache, const struct verdict_row *row, const char *directory,
		      struct buffer *ret, struct image_view *view, struct image_hook *hook, char message[256]);

/* The value of an argument; NULL when the row does not give it. */
const struct verdict_value *verdict_row_value(const struct verdict_row *row, uint32_t index);

/* Accepts (offsets of struct abi_accept in the image) in the words of the column `expected`. */
void verdict_describe(const struct image_view *view, const uint32_t *accepts, size_t count, struct buffer *ret);

#endif
