// SPDX-License-Identifier: Apache-2.0
/*
 * file.c - what is done to files, and programs that are started, as LSM hooks; see rule.h.
 *
 * LSM hooks are asked after links were followed and descriptors resolved, in every way that leads there: system calls of both word sizes,
 * io_uring, the kernel's own use.  Numbers are the kernel's: flags of open (asm-generic/fcntl.h), bits of protection (mman-common.h).
 */
#include <string.h>

#include "compiler/intent/rule.h"

#define NOTHING_TESTED	{ 0 }
#define NO_ENTRY	0
#define IN(argument)	((argument) + 1)

/* Types of files, a bit each. */
#define REG	(1u << INTENT_REGULAR)
#define DIR	(1u << INTENT_FOLDER)
#define LNK	(1u << INTENT_SYMLINK)
#define SOCK	(1u << INTENT_SOCKET)
#define DEVICES	(1u << INTENT_CHARACTERS | 1u << INTENT_BLOCKS)
#define OPENED	(REG | 1u << INTENT_PIPE | DEVICES)	/* of links it is what they lead to, and sockets cannot be (ENXIO) */
#define ANY	((1u << INTENT_FILE_TYPE_COUNT) - 1)

/* Where the mode is that has the type. */
#define BY_HOOK			{ 0, NULL, false }	/* no need: the hook is for this type alone */
#define AT_OPEN			{ 0, "f_inode.i_mode", true }
#define AT_PATH			{ 0, "dentry.d_inode.i_mode", true }
#define AT_ENTRY(index)		{ index, "d_inode.i_mode", true }
#define AS_ARGUMENT(index)	{ index, NULL, true }

/* One hook that an operation goes through. */
static const struct file_row {
	enum intent_file_op op;
	const char *word, *hook;
	uint32_t index;			/* of the file, path or dentry */
	enum type_id type;
	uint32_t folder;		/* of a dentry: the argument that is the path of its folder, plus 1, or of one on the same mount */
	struct {			/* bits of which one must be set; resolve NULL: of the argument itself; mask NULL: nothing */
		uint32_t index;
		enum type_id type;
		const char *resolve, *mask;
	} test;
	unsigned types;			/* that it can be done to, or that can be made */
	struct { uint32_t index; const char *resolve; bool is_there; } mode;
	bool where_known;		/* only where all kernels of the target are known to have the hook */
	bool replaced;			/* only with `types`: what lay where something is renamed to, if that is of the types and what comes there is not */
} rows[] = {
	{ INTENT_READ, "read", "file_open", 0, TYPE_FILE, NO_ENTRY, { 0, TYPE_UINT32, "f_mode", "0x1" }, OPENED | DIR, AT_OPEN },	/* FMODE_READ */
	/* O_WRONLY | O_RDWR | O_TRUNC */
	{ INTENT_WRITE, "write", "file_open", 0, TYPE_FILE, NO_ENTRY, { 0, TYPE_UINT32, "f_flags", "0x203" }, OPENED, AT_OPEN },
	{ INTENT_EXEC, "exec", "bprm_check_security", 0, TYPE_LINUX_BINPRM, NO_ENTRY, NOTHING_TESTED, REG, BY_HOOK },
	{ INTENT_MMAP_EXEC, "mmapExec", "mmap_file", 0, TYPE_FILE, NO_ENTRY, { 2, TYPE_UINT64, NULL, "0x4" }, REG | DEVICES, AT_OPEN },	/* PROT_EXEC */
	{ INTENT_CREATE, "create", "path_mknod", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED, OPENED | SOCK, AS_ARGUMENT(2) },
	{ INTENT_CREATE, "create", "path_mkdir", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED, DIR, BY_HOOK },
	{ INTENT_CREATE, "create", "path_symlink", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED, LNK, BY_HOOK },
	{ INTENT_CREATE, "create", "path_link", 2, TYPE_DENTRY, IN(1), NOTHING_TESTED, ANY & ~DIR, AT_ENTRY(0) },
	{ INTENT_DELETE, "delete", "path_unlink", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED, ANY & ~DIR, AT_ENTRY(1) },
	{ INTENT_DELETE, "delete", "path_rmdir", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED, DIR, AT_ENTRY(1) },	/* asked before it is known to be one */
	{ INTENT_RENAME, "rename", "path_rename", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED, ANY, AT_ENTRY(1) },
	{ INTENT_RENAME, "rename", "path_rename", 3, TYPE_DENTRY, IN(2), NOTHING_TESTED, ANY, AT_ENTRY(1) },
	{ INTENT_RENAME, "rename", "path_rename", 3, TYPE_DENTRY, IN(2), NOTHING_TESTED, ANY, AT_ENTRY(3), .replaced = true },
	{ INTENT_LINK, "link", "path_link", 0, TYPE_DENTRY, IN(1), NOTHING_TESTED, ANY & ~DIR, AT_ENTRY(0) },	/* do_linkat() refuses two mounts (EXDEV) before it asks */
	{ INTENT_LINK, "link", "path_link", 2, TYPE_DENTRY, IN(1), NOTHING_TESTED, ANY & ~DIR, AT_ENTRY(0) },
	{ INTENT_CHMOD, "chmod", "path_chmod", 0, TYPE_PATH, NO_ENTRY, NOTHING_TESTED, ANY, AT_PATH },
	{ INTENT_CHOWN, "chown", "path_chown", 0, TYPE_PATH, NO_ENTRY, NOTHING_TESTED, ANY, AT_PATH },
	{ INTENT_TRUNCATE, "truncate", "path_truncate", 0, TYPE_PATH, NO_ENTRY, NOTHING_TESTED, REG, AT_PATH },
	{ INTENT_TRUNCATE, "truncate", "file_open", 0, TYPE_FILE, NO_ENTRY, { 0, TYPE_UINT32, "f_flags", "0x200" }, REG, AT_OPEN },	/* O_TRUNC */
	/* Of files that are open: until 6.2 path_truncate was asked, so it is nothing that an older kernel lacks. */
	{ INTENT_TRUNCATE, "truncate", "file_truncate", 0, TYPE_FILE, NO_ENTRY, NOTHING_TESTED, REG, AT_OPEN, .where_known = true },
};
static const size_t row_count = sizeof(rows) / sizeof(*rows);
enum { RENAMED = 1 };			/* the argument of path_rename that is renamed */

/* ---- Types, as ranges of modes ---- */

enum { FORMAT_BITS = 12, FORMATS = 16 };	/* S_IFMT */

static unsigned bits_of(const struct word_list *types)
{
	unsigned bits = 0;

	for (size_t n = 0; n < types->count; n++)
		bits |= 1u << types->items[n].number;
	return bits;
}

static const char *type_name(struct rule *rule, unsigned type)
{
	const char *word;
	const size_t length = words_at(kind_rows[KIND_INTENT_FILE_TYPES].words, type, &word);

	return arena_copy(rule->arena, word, length);
}

static unsigned format_of(struct rule *rule, unsigned type)
{
	const char *name = type_name(rule, type);

	return name_find(NAMES_FILE_TYPES, name, strlen(name))->number >> FORMAT_BITS;
}

/*
 * Between two formats that follow each other nothing else can be, and one range has both: so there are never more than four, which is what Tetragon
 * takes.  Without a format nothing has a name, but mknod() makes a regular file of such a mode.
 */
static struct policy_value_list ranges_of(struct rule *rule, const struct word_list *types, bool is_made, struct span at)
{
	struct policy_value_list values = { arena_array(rule->arena, struct policy_value, FORMATS), 0 };
	enum { NONE, OTHER, WANTED } formats[FORMATS] = { OTHER };
	const unsigned bits = bits_of(types);
	unsigned first = FORMATS, last = 0;

	for (unsigned type = 0; type < INTENT_FILE_TYPE_COUNT; type++)
		formats[format_of(rule, type)] = bits & 1u << type ? WANTED : OTHER;
	if (is_made && bits & REG)
		formats[0] = WANTED;
	for (unsigned n = 0; n <= FORMATS; n++) {
		if (n < FORMATS && formats[n] == WANTED) {
			first = first == FORMATS ? n : first;
			last = n;
		} else if (first != FORMATS && (n == FORMATS || formats[n] == OTHER)) {
			values.items[values.count++].text = text_made(rule, at, "%u:%u", first << FORMAT_BITS, ((last + 1) << FORMAT_BITS) - 1);
			first = FORMATS;
		}
	}
	return values;
}

static struct policy_value_list ranges_at(struct rule *rule, const struct file_row *row, const struct intent_file *file)
{
	return ranges_of(rule, &file->types, !row->mode.resolve, file->types_at);
}

static void add_test(struct rule *rule, struct probe *probe, const struct file_row *row)
{
	size_t place;

	if (!row->test.mask)
		return;
	place = probe_add_argument(probe, row->test.index, row->test.type, row->test.resolve, NULL);
	alternative_add(rule, &probe->condition, place, OPERATOR_MASK, value_made(rule, probe->at, row->test.mask), probe->at);
}

/* What is renamed onto something else is told of once. */
static void add_types(struct rule *rule, struct probe *probe, const struct file_row *row, const struct intent_file *file)
{
	if (!file->types.count || !row->mode.is_there)
		return;
	alternative_add(rule, &probe->condition, probe_add_argument(probe, row->mode.index, TYPE_UINT16, row->mode.resolve, NULL), OPERATOR_IN_RANGE,
		ranges_at(rule, row, file), file->types_at);
	if (row->replaced && rule->written->effect != INTENT_ALLOW_ONLY)
		alternative_add(rule, alternatives_add(rule, &probe->exceptions, row->word, file->types_at),
			probe_add_argument(probe, RENAMED, TYPE_UINT16, row->mode.resolve, NULL), OPERATOR_IN_RANGE, ranges_at(rule, row, file), file->types_at);
}

static void add_probe(struct rule *rule, const struct file_row *row, struct span at)
{
	const struct intent_file *file = rule->written->match.file;
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, row->hook, row->word, at);

	probe->number = row->op;
	probe->row = (unsigned)(row - rows);
	if (row->folder)
		probe->path = probe_add_entry(rule, probe, row->index, row->folder - 1);
	else
		probe->path.path = probe_add_argument(probe, row->index, row->type, NULL, NULL);
	add_test(rule, probe, row);
	add_types(rule, probe, row, file);
	paths_match(rule, file->paths, probe->path, row->word, &probe->matches, &probe->exceptions);
}

/* ---- Operations and types that cannot go together ---- */

static unsigned types_of(unsigned op)
{
	unsigned types = 0;

	for (size_t n = 0; n < row_count; n++)
		types |= rows[n].op == op ? rows[n].types : 0;
	return types;
}

static bool check_types(struct rule *rule, const struct intent_file *file)
{
	const size_t errors = rule->diagnostics->errors;
	unsigned possible = 0;

	for (size_t n = 0; n < file->ops.count; n++)
		possible |= types_of(file->ops.items[n].number);
	for (size_t n = 0; n < file->types.count && file->ops.count; n++) {
		const struct word *type = &file->types.items[n];

		if (possible & 1u << type->number)
			continue;
		diag(rule->diagnostics, DIAG_INTENT_NEVER, type->at, "none of these operations can be done to what is a '%s'", type_name(rule, type->number));
		diag_related(rule->diagnostics, file->ops_at, "they are named here");
		diag_help(rule->diagnostics, "leave the type out, or say what is done to it");
	}
	for (size_t n = 0; n < file->ops.count && file->types.count && rule->diagnostics->errors == errors; n++) {
		const struct word *op = &file->ops.items[n];

		if (types_of(op->number) & bits_of(&file->types))
			continue;
		diag(rule->diagnostics, DIAG_INTENT_NEVER, op->at, "this can be done to nothing of these types");
		diag_related(rule->diagnostics, file->types_at, "they are named here");
		diag_help(rule->diagnostics, "leave the operation out, or write another rule for it");
	}
	return rule->diagnostics->errors == errors;
}

/* Whether anything that is meant can be done there. */
static bool is_meant_at(const struct rule *rule, const struct file_row *row, const struct intent_file *file)
{
	if (row->where_known && !target_knows(rule, row->hook))
		return false;
	return file->types.count ? row->types & bits_of(&file->types) : !row->replaced;
}

void file_lower(struct rule *rule)
{
	const struct intent_file *file = rule->written->match.file;

	refuse_empty(rule, file->ops_at, file->ops.count);
	if (!span_is_empty(file->types_at))
		refuse_empty(rule, file->types_at, file->types.count);
	if (!check_types(rule, file))
		return;
	for (size_t n = 0; n < file->ops.count; n++)
		for (size_t row = 0; row < row_count; row++)
			if (rows[row].op == file->ops.items[n].number && is_meant_at(rule, &rows[row], file))
				add_probe(rule, &rows[row], file->ops.items[n].at);
}

/* The type is that of what is renamed, wherever to and onto what. */
static void except_types(struct rule *rule, const struct probe *probe, const struct file_row *row, const struct intent_file *file,
			 struct alternatives *ret)
{
	if (row->mode.is_there)
		alternatives_add_all(rule, ret, rule_place(rule, probe, row->replaced ? RENAMED : row->mode.index, TYPE_UINT16, row->mode.resolve),
			OPERATOR_IN_RANGE, ranges_at(rule, row, file), file->types_at);
}

bool file_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_file *file = match->file;
	const struct file_row *row = &rows[probe->row];

	if (!span_is_empty(file->types_at))
		refuse_empty(rule, file->types_at, file->types.count);
	if (!words_have(&file->ops, probe->number) || (file->types.count && !(row->types & bits_of(&file->types))))
		return false;
	paths_except(rule, file->paths, probe->path, ret);
	if (file->types.count)
		except_types(rule, probe, row, file, ret);
	return true;
}
