/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * paths.bpf.h - the path of a file, as d_path() in fs/d_path.c tells it.
 *
 * From the last component up, across mounts, to the task's root; written from the end of match_state.path
 * towards its start, then moved to where it is wanted.
 */
#ifndef BPF_TEMPLATES_PATHS_BPF_H
#define BPF_TEMPLATES_PATHS_BPF_H

#include "bpf-templates/scratch.bpf.h"

#define PATH_MAX_LENGTH		(ABI_STRING_MAX - 1)
#define PATH_STEPS		8	/* components and mounts that one call of path_climb() does */
#define PATH_CLIMBS		288	/* more than PATH_MAX_LENGTH / 2 components, and a few mounts */

#define PATH_IS_ENTRY		0x10000u	/* beside a mode: in no table of names is where it has not been made yet, not where it was removed */

enum path_result { PATH_DONE = 0, PATH_MORE = 1, PATH_FAULT = 2 };

static __always_inline __u64 path_read64(__u64 address)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
	return value;
}

static __always_inline int path_read_component(struct path_component *ret, __u64 dentry)
{
	__u32 parent = bpf_core_field_offset(struct dentry, d_parent);
	__u32 name = bpf_core_field_offset(struct dentry, d_name);

	if (name == parent + 8)
		return bpf_probe_read_kernel(ret, sizeof(*ret), (void *)dentry + parent);
	if (bpf_probe_read_kernel(&ret->parent, 8, (void *)dentry + parent))
		return -1;
	return bpf_probe_read_kernel(&ret->hash_len, 16, (void *)dentry + name);
}

static __always_inline __u64 path_vfsmount(__u64 mount)
{
	return mount + bpf_core_field_offset(struct mount, mnt);
}

static __always_inline __u64 path_mount(__u64 vfsmount)
{
	return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline __u64 path_mount_root(__u64 mount)
{
	return path_read64(path_vfsmount(mount) + bpf_core_field_offset(struct vfsmount, mnt_root));
}

/* Puts "/name" before what is there. */
static __always_inline int path_prepend(struct scratch *piece, __u64 name, __u64 length)
{
	struct path_walk *walk = &piece->walk;
	__u64 position = walk->position;

	length &= 255;
	if (position < length + 2) {
		walk->cut = 1;
		return PATH_DONE;
	}
	position -= length + 1;
	barrier_var(position);
	if (position > ABI_STRING_MAX)
		return PATH_FAULT;
	barrier_var(length);
	length &= 255;
	if (bpf_probe_read_kernel(piece->match.path + position + 1, length, (void *)name))
		return PATH_FAULT;
	piece->match.path[position] = '/';
	walk->position = position;
	return PATH_MORE;
}

static __always_inline int path_step(struct scratch *piece)
{
	struct path_walk *walk = &piece->walk;
	struct path_component *component = &walk->component;
	__u64 parent;

	if (walk->dentry == walk->root_dentry && walk->mount == walk->root_mount)
		return PATH_DONE;
	if (walk->dentry == walk->mount_root) {
		parent = path_read64(walk->mount + bpf_core_field_offset(struct mount, mnt_parent));
		if (parent == walk->mount)
			return PATH_DONE;
		if (!parent)
			return PATH_FAULT;
		walk->dentry = path_read64(
			walk->mount + bpf_core_field_offset(struct mount, mnt_mountpoint));
		walk->mount = parent;
		walk->mount_root = path_mount_root(parent);
		return PATH_MORE;
	}
	if (path_read_component(component, walk->dentry))
		return PATH_FAULT;
	if (component->parent == walk->dentry)
		return PATH_DONE;
	walk->dentry = component->parent;
	return path_prepend(piece, component->name, component->hash_len >> 32);
}

__noinline int path_climb(__u32 index)
{
	struct scratch *piece = scratch_get(index);
	int result = PATH_MORE, i;

	if (!piece)
		return PATH_FAULT;
	for (i = 0; i < PATH_STEPS; i++) {
		result = path_step(piece);
		if (result != PATH_MORE)
			break;
	}
	return result;
}

/*
 * The bytes that d_path() puts after a file that has no name any more, as numbers: a string would be
 * a global of its own.
 */
static __always_inline void path_put_deleted(struct scratch *piece)
{
	__u8 *end = piece->match.path + ABI_STRING_MAX;

	*(__u16 *)(end - 10) = 0x2820;			/* " (" */
	*(__u64 *)(end - 8) = 0x29646574656c6564ULL;	/* "deleted)" */
	piece->walk.position = ABI_STRING_MAX - 10;
}

/* A name that no look-up finds any more. */
static __always_inline void path_begin_name(struct scratch *piece, __u64 dentry, __u32 mode)
{
	if (!(mode & PATH_IS_ENTRY) && !path_read64(dentry + bpf_core_field_offset(struct dentry, d_hash.pprev)))
		path_put_deleted(piece);
}

/*
 * A dentry that is its own parent but not the root of its mount hangs in no tree.  Files in memory have a name all
 * the same, "/memfd:x (deleted)"; pipes, sockets and the kernel's own inodes have no path.
 */
static __always_inline int path_detached(struct scratch *piece, struct path_component *component,
					 __u32 mode)
{
	char first = 0;

	bpf_probe_read_kernel(&first, 1, (void *)component->name);
	if ((mode & S_IFMT) != S_IFREG || !first || first == '[' || first == '/')
		return PATH_FAULT;
	path_put_deleted(piece);
	return path_prepend(piece, component->name, component->hash_len >> 32) == PATH_MORE
		       ? PATH_DONE : PATH_FAULT;
}

/* Inside its own mount, whichever that is: up to the root of the file system. */
static __always_inline int path_begin_inside(struct scratch *piece, __u64 dentry, __u32 mode)
{
	struct path_walk *walk = &piece->walk;
	struct dentry *root = BPF_CORE_READ((struct dentry *)dentry, d_sb, s_root);

	walk->root_dentry = 0;
	walk->root_mount = 0;
	walk->mount = 0;
	walk->mount_root = 0;
	walk->dentry = dentry;
	if (walk->component.parent == dentry && (__u64)root != dentry)
		return path_detached(piece, &walk->component, mode);
	if (walk->component.parent != dentry)
		path_begin_name(piece, dentry, mode);
	return PATH_MORE;
}

static __always_inline int path_begin(struct scratch *piece, __u64 vfsmount, __u64 dentry, __u32 mode)
{
	struct path_walk *walk = &piece->walk;
	struct path_component *component = &walk->component;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct path *root = &piece->path;

	walk->position = ABI_STRING_MAX;
	walk->cut = 0;
	if (!dentry || path_read_component(component, dentry))
		return PATH_FAULT;
	if (!vfsmount)
		return path_begin_inside(piece, dentry, mode);
	if (bpf_core_read(root, sizeof(*root), &fs->root))
		return PATH_FAULT;
	walk->root_dentry = (__u64)root->dentry;
	walk->root_mount = path_mount((__u64)root->mnt);
	walk->dentry = dentry;
	walk->mount = path_mount(vfsmount);
	walk->mount_root = path_mount_root(walk->mount);
	if (component->parent == dentry)
		return dentry == walk->mount_root ? PATH_MORE
						  : path_detached(piece, component, mode);
	path_begin_name(piece, dentry, mode);
	return PATH_MORE;
}

/* From where piece->walk is up to the root; 0 when there is a path. */
static __always_inline int path_climb_all(struct scratch *piece, __u32 index, int result)
{
	int i;

	for (i = 0; i < PATH_CLIMBS; i++) {
		if (result != PATH_MORE)
			break;
		result = path_climb(index);
	}
	if (result == PATH_DONE && piece->walk.position == ABI_STRING_MAX) {
		piece->match.path[ABI_STRING_MAX - 1] = '/';
		piece->walk.position = ABI_STRING_MAX - 1;
	}
	return result == PATH_DONE ? 0 : -1;
}

/*
 * Writes the path of (vfsmount, dentry) so that it ends at ABI_STRING_MAX in match_state.path and starts at
 * walk.position; walk.cut when the front is missing.  Nothing but 0 means that there is a path.  vfsmount 0: the path of the
 * dentry inside its own mount.  mode: of its inode, or PATH_IS_ENTRY.
 */
__noinline int path_walk(__u32 index, __u64 vfsmount, __u64 dentry, __u32 mode)
{
	struct scratch *piece = scratch_get(index);

	return piece ? path_climb_all(piece, index, path_begin(piece, vfsmount, dentry, mode)) : PATH_FAULT;
}

#endif
