// SPDX-License-Identifier: Apache-2.0
/*
 * file.c - what is done to files, and programs that are started, as LSM hooks; see rule.h.
 *
 * LSM hooks are asked after links were followed and descriptors resolved, in every way that leads there: system calls of both word sizes,
 * io_uring, the kernel's own use.  Numbers are the kernel's: flags of open (asm-generic/fcntl.h), bits of protection (mman-common.h).
 */
#include "compiler/intent/rule.h"

#define NOTHING_TESTED	{ 0 }
#define NO_ENTRY	0
#define IN(argument)	((argument) + 1)

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
	bool where_known;		/* only where all kernels of the target are known to have the hook */
} rows[] = {
	{ INTENT_READ, "read", "file_open", 0, TYPE_FILE, NO_ENTRY, { 0, TYPE_UINT32, "f_mode", "0x1" } },	/* FMODE_READ */
	{ INTENT_WRITE, "write", "file_open", 0, TYPE_FILE, NO_ENTRY, { 0, TYPE_UINT32, "f_flags", "0x203" } },	/* O_WRONLY | O_RDWR | O_TRUNC */
	{ INTENT_EXEC, "exec", "bprm_check_security", 0, TYPE_LINUX_BINPRM, NO_ENTRY, NOTHING_TESTED },
	{ INTENT_MMAP_EXEC, "mmapExec", "mmap_file", 0, TYPE_FILE, NO_ENTRY, { 2, TYPE_UINT64, NULL, "0x4" } },	/* PROT_EXEC */
	{ INTENT_CREATE, "create", "path_mknod", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED },
	{ INTENT_CREATE, "create", "path_mkdir", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED },
	{ INTENT_CREATE, "create", "path_symlink", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED },
	{ INTENT_CREATE, "create", "path_link", 2, TYPE_DENTRY, IN(1), NOTHING_TESTED },
	{ INTENT_DELETE, "delete", "path_unlink", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED },
	{ INTENT_DELETE, "delete", "path_rmdir", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED },
	{ INTENT_RENAME, "rename", "path_rename", 1, TYPE_DENTRY, IN(0), NOTHING_TESTED },
	{ INTENT_RENAME, "rename", "path_rename", 3, TYPE_DENTRY, IN(2), NOTHING_TESTED },
	{ INTENT_LINK, "link", "path_link", 0, TYPE_DENTRY, IN(1), NOTHING_TESTED },	/* do_linkat() refuses two mounts (EXDEV) before it asks */
	{ INTENT_LINK, "link", "path_link", 2, TYPE_DENTRY, IN(1), NOTHING_TESTED },
	{ INTENT_CHMOD, "chmod", "path_chmod", 0, TYPE_PATH, NO_ENTRY, NOTHING_TESTED },
	{ INTENT_CHOWN, "chown", "path_chown", 0, TYPE_PATH, NO_ENTRY, NOTHING_TESTED },
	{ INTENT_TRUNCATE, "truncate", "path_truncate", 0, TYPE_PATH, NO_ENTRY, NOTHING_TESTED },
	{ INTENT_TRUNCATE, "truncate", "file_open", 0, TYPE_FILE, NO_ENTRY, { 0, TYPE_UINT32, "f_flags", "0x200" } },	/* O_TRUNC */
	/* Of files that are open: until 6.2 path_truncate was asked, so it is nothing that an older kernel lacks. */
	{ INTENT_TRUNCATE, "truncate", "file_truncate", 0, TYPE_FILE, NO_ENTRY, NOTHING_TESTED, .where_known = true },
};
static const size_t row_count = sizeof(rows) / sizeof(*rows);

static void add_test(struct rule *rule, struct probe *probe, const struct file_row *row)
{
	size_t place;

	if (!row->test.mask)
		return;
	place = probe_add_argument(probe, row->test.index, row->test.type, row->test.resolve, NULL);
	alternative_add(rule, &probe->condition, place, OPERATOR_MASK, value_made(rule, probe->at, row->test.mask), probe->at);
}

static void add_probe(struct rule *rule, const struct file_row *row, struct span at)
{
	struct probe *probe = rule_add_probe(rule, HOOK_LSM, row->hook, row->word, at);

	probe->number = row->op;
	if (row->folder)
		probe->path = probe_add_entry(rule, probe, row->index, row->folder - 1);
	else
		probe->path.path = probe_add_argument(probe, row->index, row->type, NULL, NULL);
	add_test(rule, probe, row);
	paths_match(rule, rule->written->match.file->paths, probe->path, row->word, &probe->matches, &probe->exceptions);
}

void file_lower(struct rule *rule)
{
	const struct intent_file *file = rule->written->match.file;

	refuse_empty(rule, file->ops_at, file->ops.count);
	for (size_t n = 0; n < file->ops.count; n++)
		for (size_t row = 0; row < row_count; row++)
			if (rows[row].op == file->ops.items[n].number && (!rows[row].where_known || target_knows(rule, rows[row].hook)))
				add_probe(rule, &rows[row], file->ops.items[n].at);
}

bool file_excepts(struct rule *rule, const struct probe *probe, const struct intent_match *match, struct alternatives *ret)
{
	const struct intent_file *file = match->file;
	const bool is_meant = words_have(&file->ops, probe->number);

	if (is_meant)
		paths_except(rule, file->paths, probe->path, ret);
	return is_meant;
}
