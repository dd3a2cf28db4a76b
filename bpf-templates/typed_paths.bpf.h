/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * typed_paths.bpf.h - the file of argument 0, for programs that know the types of their arguments (trampolines, LSM hooks).
 *
 * The kernel lets them follow pointers from there by plain loads, where others ask a helper for each; and at some functions and LSM hooks
 * it tells them a path, by bpf_d_path(), in a third of what a walk through its memory takes (paths.bpf.h) and with renames held off. The
 * loader says by a knob what argument 0 is, and whether paths are told. Only programs themselves have their arguments with types, no
 * function of theirs: so the path is told as soon as there is working memory, before the decision.
 *
 * What is told is what a walk says, or else it is left to the walk: the roots of file systems, files that hang in no tree (memfd, pipes), of
 * which the kernel has names that are no paths, and paths that have no room.
 */
#ifndef BPF_TEMPLATES_TYPED_PATHS_BPF_H
#define BPF_TEMPLATES_TYPED_PATHS_BPF_H

#include "bpf-templates/scratch.bpf.h"

/* What argument 0 is: FILE, PATH or BINPRM; 0: something else. */
#define TYPED_LOAD	(KNOB(ABI_KNOB_FILE) & 0xff)
#define TYPED_IS_TOLD	(KNOB(ABI_KNOB_FILE) & ABI_FILE_TOLD)

/*
 * The verifier knows which arguments are pointers, and newer ones where a name's bytes are; it forbids shifts and masks on them, and to
 * hand them on as numbers.  What was negated is a number to it; negated twice it is the same number.
 */
static __always_inline __u64 typed_number(__u64 value)
{
	asm volatile("%0 = -%0\n\t%0 = -%0" : "+r"(value));
	return value;
}

/*
 * Whether there is anything at the end of a pointer. Of arguments that it trusts (Linux 6.2 on) the verifier believes that they are never NULL, leaves
 * out what asks, and lets loads go unguarded: but mmap_file has no file where memory is mapped without one. So the number is asked, which may be an
 * error (ERR_PTR(), include/linux/err.h), too.
 */
#define TYPED_IS_THERE(pointer)	(typed_number((__u64)(pointer)) - 1 < -4096ULL)

static __always_inline struct file *typed_file(__u64 *context, __u32 load)
{
	return load == ABI_LOAD_BINPRM ? ((struct linux_binprm *)*context)->file : (struct file *)*context;
}

/* ---- The path that is told ---- */

/* Nothing was told of anything yet. */
static __always_inline void told_begin(struct scratch *piece)
{
	piece->told.load = 0;
}

/* `told`: bytes with the NUL behind them, or an error. What has no inode has no mode: that is for the walk to say. */
static __always_inline void told_keep(struct scratch *piece, __u32 load, __u64 raw, __u16 mode, long told)
{
	struct match_state *match = &piece->match;
	__u64 length = told - 1;

	if (!mode || told < 2 || told > ABI_STRING_MAX || match->data[0] != '/')
		return;
	barrier_var(length);
	length &= ABI_STRING_MAX - 1;
	data_take(match, 0, length);
	piece->told = (struct told_path){ .load = load, .mode = mode, .length = length, .raw = raw };
}

static __always_inline void told_file(struct scratch *piece, struct file *file, __u32 load, __u64 raw)
{
	struct dentry *dentry;
	struct inode *inode;

	if (!TYPED_IS_THERE(file))
		return;
	dentry = file->f_path.dentry;
	inode = file->f_inode;
	if (!TYPED_IS_THERE(dentry) || !TYPED_IS_THERE(inode) || !inode || dentry->d_parent == dentry)
		return;
	told_keep(piece, load, raw, inode->i_mode, bpf_d_path(&file->f_path, (char *)piece->match.data, ABI_STRING_MAX));
}

static __always_inline void told_path(struct scratch *piece, struct path *path, __u64 raw)
{
	struct dentry *dentry = path->dentry;
	struct inode *inode;

	if (!TYPED_IS_THERE(dentry) || dentry->d_parent == dentry)
		return;
	inode = dentry->d_inode;
	if (!TYPED_IS_THERE(inode) || !inode)
		return;
	told_keep(piece, ABI_LOAD_PATH, raw, inode->i_mode, bpf_d_path(path, (char *)piece->match.data, ABI_STRING_MAX));
}

/*
 * Before anything else has bytes in match_state.data. A task that ends has no root any more, which the kernel would look for; what argument 0
 * points to may be nothing.
 */
static __always_inline void told_load(struct scratch *piece, __u64 *context)
{
	const __u64 raw = piece->arguments[0];
	const __u32 load = TYPED_LOAD;

	if (!TYPED_IS_TOLD || !raw || !bpf_get_current_task_btf()->fs)
		return;
	if (load == ABI_LOAD_PATH)
		told_path(piece, (struct path *)*context, raw);
	else
		told_file(piece, typed_file(context, load), load, raw);
}

/* Whether the path of what a slot is read from has been told; then it is the slot's. */
static __always_inline bool told_take(struct scratch *piece, __u32 slot, __u32 load, __u64 raw)
{
	if (piece->told.load != load || piece->told.raw != raw)
		return false;
	match_set_value(&piece->match, slot, piece->told.mode);
	match_set_bytes(&piece->match, slot, MATCH_DATA, piece->told.length, MATCH_WHOLE);
	return true;
}

/* ---- The last name ---- */

/* `root`: it is the root of its mount. What cannot be read is zero. */
struct typed_name {
	__u64 bytes;	/* address */
	__u32 length;
	bool root;
};

static __always_inline void typed_name_of(struct dentry *dentry, struct vfsmount *mount, struct typed_name *ret)
{
	if (!TYPED_IS_THERE(dentry) || !TYPED_IS_THERE(mount))
		return;
	ret->bytes = typed_number((__u64)dentry->d_name.name);
	ret->length = dentry->d_name.len;
	ret->root = mount->mnt_root == dentry;
}

/* Of the file of argument 0; zeros where there is none. */
static __always_inline void typed_name_load(__u64 *context, struct typed_name *ret)
{
	const __u32 load = TYPED_LOAD;

	*ret = (struct typed_name){ 0 };
	if (!TYPED_IS_THERE(*context))
		return;

	if (load == ABI_LOAD_PATH) {
		struct path *path = (struct path *)*context;

		typed_name_of(path->dentry, path->mnt, ret);
	} else {
		struct file *file = typed_file(context, load);

		if (!TYPED_IS_THERE(file))
			return;
		typed_name_of(file->f_path.dentry, file->f_path.mnt, ret);
	}
}

#endif
