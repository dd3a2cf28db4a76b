/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * components.bpf.h - one component of the path of argument 0, for programs that know the types of their arguments: a part of the first test.
 *
 * To be told a path takes long, and most lie in folders that no pattern is about. The way up through the folders is plain loads; once it is at the
 * root, the component at a depth from there is known, and no other byte of the path is needed to refuse it, see struct abi_first.
 *
 * That all folders were where they were seen at one moment says rename_lock, a sequence that the kernel adds to around each rename (fs/dcache.c): nothing is refused
 * when it is not what it was before the way was begun. It is read once, at the end: what it was before, an earlier event has left. Of mounts one is
 * followed, to that of the process's root: a single step, so that there is a moment for it. More mounts, files outside of the root,
 * and deleted ones, whose last name is another one in their path, pass.
 */
#ifndef BPF_TEMPLATES_COMPONENTS_BPF_H
#define BPF_TEMPLATES_COMPONENTS_BPF_H

#include "bpf-templates/typed_paths.bpf.h"
#include "bpf-templates/first.bpf.h"

#define COMPONENT_LEVELS	32	/* folders up to the root of the file's mount */
#define COMPONENT_ABOVE		3	/* ... and from there to the process's root */

/* Where short names lie in a dentry. */
static __always_inline __u64 component_inside(void)
{
	if (bpf_core_field_exists(((struct dentry___inside *)0)->d_iname))
		return bpf_core_field_offset(struct dentry___inside, d_iname);
	return bpf_core_field_offset(struct dentry___short, d_shortname);
}

/* A folder or file. Of another mount than the file's, to which there is no way with types, `dentry` is NULL, and all of the name is here; else its length alone. */
struct component {
	struct dentry *dentry;
	struct qstr name;
};

static __always_inline bool component_begin(struct component *ret, struct dentry *dentry, __u64 address)
{
	ret->dentry = dentry;
	if (!dentry)
		return !bpf_probe_read_kernel(&ret->name, sizeof(ret->name), (void *)address + bpf_core_field_offset(struct dentry, d_name));
	ret->name.len = dentry->d_name.len;
	return true;
}

/* The first 8 bytes of its name, zeros behind it. */
static __always_inline bool component_word(struct component *of, __u64 *ret)
{
	const __u64 inside = component_inside();
	__u64 name = (__u64)of->name.name;

	if (of->dentry)
		name = typed_number((__u64)of->dentry->d_name.name);
	if (of->dentry && name == typed_number((__u64)of->dentry) + inside)
		*ret = typed_number(*(__u64 *)((__u8 *)of->dentry + inside));	/* here, not where it is used: no load has two kinds of pointers */
	else if (bpf_probe_read_kernel(ret, sizeof(*ret), (void *)name))
		return false;
	*ret &= match_mask(of->name.len);
	return true;
}

/* Whether its name is what no pattern has there, of many. */
static __always_inline bool component_has_no_bits(struct abi_first *first, struct component *of)
{
	__u64 word, hash, at, bits;

	if (!component_word(of, &word))
		return false;
	hash = match_component_hash(of->name.len, word);
	bits = match_component_bits(hash);
	at = MATCH_COMPONENT_WORD(hash);
	barrier_var(at);
	return (*(volatile __u64 *)&first->component_words[at & (ABI_FIRST_PATTERNS - 1)] & bits) != bits;
}

/* The same of a few; most names have another length already. */
static __always_inline bool component_is_other(struct abi_first *first, struct component *of)
{
	const __u32 count = *(volatile __u8 *)&first->component_count;
	__u64 word;
	__u32 n;

	if (!count)
		return component_has_no_bits(first, of);
	for (n = 0; n < ABI_FIRST_PATTERNS; n++) {
		if (n >= count)
			return true;
		if (of->name.len == *(volatile __u8 *)&first->component_lengths[n])
			break;
	}
	if (!component_word(of, &word))
		return false;
	for (; n < ABI_FIRST_PATTERNS; n++) {
		if (n >= count)
			return true;
		if (of->name.len == *(volatile __u8 *)&first->component_lengths[n] && word == *(volatile __u64 *)&first->component_words[n])
			return false;
	}
	return true;
}

static __always_inline bool component_parent(__u64 *dentry)
{
	return !bpf_probe_read_kernel(dentry, sizeof(*dentry), (void *)*dentry + bpf_core_field_offset(struct dentry, d_parent));
}

/* Where a mount is mounted, and how many components there are from the process's root to there; more than COMPONENT_ABOVE: not known. */
static __always_inline __u32 component_above(__u64 mount, __u64 root_mount, __u64 root, __u64 *place)
{
	const __u64 field = bpf_core_field_offset(struct mount, mnt);
	struct path up;		/* mnt_parent, mnt_mountpoint */
	__u64 dentry;
	__u32 above;

	mount -= field;
	if (bpf_core_field_offset(struct mount, mnt_mountpoint) - bpf_core_field_offset(struct mount, mnt_parent) != 8 ||
	    bpf_probe_read_kernel(&up, sizeof(up), (void *)mount + bpf_core_field_offset(struct mount, mnt_parent)) ||
	    (__u64)up.mnt == mount || (__u64)up.mnt + field != root_mount)
		return COMPONENT_ABOVE + 1;
	dentry = *place = (__u64)up.dentry;
	for (above = 0; above <= COMPONENT_ABOVE; above++) {
		if (dentry == root)
			return above;
		if (!component_parent(&dentry))
			break;
	}
	return COMPONENT_ABOVE + 1;
}

/* Of the place of a mount, the component that is so many folders up. */
static __always_inline bool component_above_refuses(struct abi_first *first, __u64 dentry, __u32 up)
{
	struct component component;
	__u32 n;

	for (n = 0; n < COMPONENT_ABOVE; n++)
		if (n < up && !component_parent(&dentry))
			return false;
	return component_begin(&component, NULL, dentry) && component_is_other(first, &component);
}

/* Whether component first->component of the path is one that no pattern has, or the path has fewer. False when that is not known. */
static __always_inline bool component_refuses(struct abi_first *first, struct dentry *dentry, struct vfsmount *mnt)
{
	struct fs_struct *fs = bpf_get_current_task_btf()->fs;
	struct dentry *up = dentry;
	struct component component;
	__u64 end, mount, place;
	__u32 depth = *(volatile __u8 *)&first->component, above;
	int i;

	if (!TYPED_IS_THERE(dentry) || !TYPED_IS_THERE(mnt) || !TYPED_IS_THERE(fs) || !dentry->d_hash.pprev)
		return false;
	end = typed_number((__u64)fs->root.dentry);
	mount = typed_number((__u64)mnt);
	if (mount != typed_number((__u64)fs->root.mnt)) {
		above = component_above(mount, typed_number((__u64)fs->root.mnt), end, &place);
		if (above > COMPONENT_ABOVE)
			return false;
		if (above >= depth)
			return component_above_refuses(first, place, above - depth);
		depth -= above;
		end = typed_number((__u64)mnt->mnt_root);
	}
	for (i = 0; i < COMPONENT_LEVELS; i++) {
		if (typed_number((__u64)up) == end) {
			if (i < depth)
				return true;
			component_begin(&component, dentry, 0);
			return component_is_other(first, &component);
		}
		up = up->d_parent;
		if (i >= depth)
			dentry = dentry->d_parent;
	}
	return false;
}

static __always_inline bool component_of_file_refuses(__u64 *context, __u32 load, struct abi_first *first)
{
	if (load == ABI_LOAD_PATH) {
		struct path *path = (struct path *)*context;

		return component_refuses(first, path->dentry, path->mnt);
	} else {
		struct file *file = typed_file(context, load);

		return TYPED_IS_THERE(file) && component_refuses(first, file->f_path.dentry, file->f_path.mnt);
	}
}

/* Whether there was no rename since an event before this one looked, before which `seen` was read; while there is one, the number is odd. */
static __always_inline bool component_is_certain(__u64 address, __u32 seen)
{
	__u32 now;

	if (bpf_probe_read_kernel(&now, sizeof(now), (void *)address) || now & 1)
		return false;
	if (now == seen)
		return true;
	*(volatile __u32 *)&area.control.renames_seen = now;
	return false;
}

/* An event was refused by its whole path. Where components are not asked for any more, one may have refused it: of some, it is tried again. */
static __always_inline void component_missed(struct abi_first *first)
{
	if (*(volatile __u8 *)&first->passed >= ABI_FIRST_PASSED && !(bpf_get_prandom_u32() & 63))
		*(volatile __u8 *)&first->passed = 0;
}

/*
 * Whether an event may be accepted. `load` says what argument 0 is. Not of the functions that take numbers alone: it is handed the program's
 * context, from which types come.
 */
static __noinline int component_passes(__u64 *context, __u32 load, __u32 which)
{
	const __u64 address = *(volatile __u64 *)&area.control.rename_lock;
	const __u32 seen = *(volatile __u32 *)&area.control.renames_seen;
	struct abi_first *first = first_at(which);
	const __u8 passed = *(volatile __u8 *)&first->passed;

	if (!address || !component_of_file_refuses(context, load, first)) {
		if (passed < ABI_FIRST_PASSED)
			*(volatile __u8 *)&first->passed = passed + 1;
		return 1;
	}
	if (passed)
		*(volatile __u8 *)&first->passed = 0;
	return !component_is_certain(address, seen);
}

#endif
