/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * processes.bpf.h - fills struct abi_process_entry: paths, arguments, identity, and what matchBinaries wants to know.
 *
 * It is put together in scratch memory.  A new one is stored whole; one that is there is changed where it is: a store copies
 * 1,280 bytes, and what exec changes is a fifth of them.
 */
#ifndef BPF_TEMPLATES_PROCESSES_BPF_H
#define BPF_TEMPLATES_PROCESSES_BPF_H

#include "bpf-templates/engine.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct abi_readers);
} readers SEC(".maps");

/* No program looks: memory is taken as containers come. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ABI_WORKLOADS_MAX);
	__type(key, __u64);
	__type(value, __u8[ABI_WORKLOAD_BYTES]);
} workloads SEC(".maps");

/* Slots that hold the paths on the way; process programs have no hook that could use them. */
#define PROCESS_SLOT_BINARY	0
#define PROCESS_SLOT_CWD	1

static __always_inline struct scratch *process_claim(void)
{
	__u64 active = *(volatile __u64 *)&area.control.active;
	struct match_image image = { ABI_ACTIVE_HALF(active) * ABI_HALF_SIZE };
	__u32 index = scratch_first() + SCRATCH_PROCESSES;
	struct scratch *piece = scratch_try(index);

	if (!piece)
		piece = scratch_claim(&index);
	if (!piece)
		return NULL;
	piece->index = index;
	piece->generation = ABI_ACTIVE_GENERATION(active);
	piece->identity = bpf_get_current_pid_tgid();
	match_begin(&piece->match, image, 0, 0);
	return piece;
}

#define PROCESS_FACTS_SIZE	__builtin_offsetof(struct abi_process_entry, texts)
#define PROCESS_LINEAGE_SIZE	(2 * ABI_LINEAGE_MAX * sizeof(__u32))	/* both kinds of ancestors */

/* clang would call memset() and memcpy(), which there are none of. */
static __always_inline void process_clear_words(void *target, __u32 size)
{
	volatile __u64 *words = target;
	int i;

#pragma unroll
	for (i = 0; i < size / 8; i++)
		words[i] = 0;
}

static __always_inline void process_copy_words(void *target, const void *source, __u32 size)
{
	volatile __u64 *to = target;
	const __u64 *from = source;
	int i;

#pragma unroll
	for (i = 0; i < size / 8; i++)
		to[i] = from[i];
}

/* Nothing of an earlier process may remain in what is stored. */
static __always_inline void process_clear(struct abi_process_entry *entry)
{
	process_clear_words(entry, sizeof(*entry));
}

/* Of an entry of the table: nobody believes it from here on, until it has a start_time again. */
static __always_inline void process_open(struct abi_process_entry *entry)
{
	*(volatile __u64 *)&entry->start_time = 0;
	barrier();
}

static __always_inline void process_close(struct abi_process_entry *entry, __u64 start_time)
{
	barrier();
	*(volatile __u64 *)&entry->start_time = start_time;
}

/* The entry of a process.  One that is open is of a process that has ended: it could not be removed. */
static __always_inline struct abi_process_entry *process_get(__u32 pid)
{
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &pid);

	return entry && process_start_now(entry) ? entry : NULL;
}

/* Whether the live image has tables of binaries: what is kept by table is nothing without. */
static __always_inline bool process_has_tables(struct scratch *piece)
{
	return piece->generation && binary_table(piece->match.image, 0);
}

/* The address that a typed pointer holds, as a number, which is all that functions of their own take. */
static __always_inline __u64 process_address(struct scratch *piece, const void *pointer)
{
	*(const void *volatile *)&piece->followed = pointer;
	return *(volatile __u64 *)&piece->followed;
}

/* Which rows of the live image's tables the path of the binary satisfies; what is not known is found out when it is needed. */
__noinline int process_put_rows(__u32 index, __u32 pid)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *process = bpf_map_lookup_elem(&processes, &pid);
	__u32 n, table;
	__u64 key;

	if (!piece || !process || !match_has_bytes(&piece->match, PROCESS_SLOT_BINARY))
		return 0;
	key = ABI_PROCESS_KEY(piece->generation, pid, process_start_now(process));
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		table = binary_table(piece->match.image, n);
		if (!table)
			break;
		engine_string(index, table, PROCESS_SLOT_BINARY, 0);
		if (piece->match.unknown[0])
			continue;
		*(volatile __u64 *)&process->binary_rows[n] = piece->match.rows[0];
		*(volatile __u64 *)&process->binary_checks[n] = ABI_PROCESS_CHECK(key, piece->match.rows[0]);
	}
	return 0;
}

/* ---- Paths: begun with what typed pointers lead to ---- */

__noinline int process_walk(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);

	if (piece && !path_climb_all(piece, index, PATH_MORE))
		take_path(piece, slot);
	return 0;
}

/*
 * As path_begin() does, of a dentry that is below another one, or the root of its mount.  False of all others: whether those have a
 * path is a longer story.
 */
static __always_inline bool process_begin_path(struct scratch *piece, struct dentry *dentry, struct vfsmount *mnt, struct fs_struct *fs)
{
	struct path_walk *walk = &piece->walk;
	struct dentry *mount_root = mnt->mnt_root;

	if (dentry->d_parent == dentry ? dentry != mount_root : !dentry->d_hash.pprev)
		return false;
	walk->position = ABI_STRING_MAX;
	walk->cut = 0;
	walk->root_dentry = process_address(piece, fs->root.dentry);
	walk->root_mount = path_mount(process_address(piece, fs->root.mnt));
	walk->dentry = process_address(piece, dentry);
	walk->mount = path_mount(process_address(piece, mnt));
	walk->mount_root = process_address(piece, mount_root);
	return true;
}

/* Leaves the path in a slot of the piece's match.  `inode` is that of the file; 0: that of the dentry. */
static __always_inline void process_load_path(struct scratch *piece, __u32 slot, struct path *path, struct fs_struct *fs, __u64 inode)
{
	struct dentry *dentry = path->dentry;
	struct vfsmount *mnt = path->mnt;

	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (!dentry || !mnt || !fs)
		return;
	if (process_begin_path(piece, dentry, mnt, fs))
		process_walk(piece->index, slot);
	else
		load_path(piece->index, slot, process_address(piece, path), inode);
}

/* ---- Texts: one behind the other in piece->process, from where they are sent, and then in the table ---- */

/* Copies the start of a slot's bytes to where the texts end; returns their length, and sets `cut` in `flags` when there is more. */
static __always_inline __u64 process_put_slot(struct scratch *piece, __u32 slot, __u64 end, __u32 size, __u32 cut, __u32 *flags)
{
	struct match_state *match = &piece->match;
	struct abi_event_slot *entry = &match->slots[slot];
	__u64 offset = entry->offset, length = entry->length;

	if (entry->state == ABI_SLOT_CUT)
		*flags |= cut;
	if (entry->state != ABI_SLOT_READ && entry->state != ABI_SLOT_CUT)
		return 0;
	if (length >= size) {
		length = size - 1;
		*flags |= cut;
	}
	barrier_var(offset);
	if (offset > sizeof(*match) - ABI_STRING_MAX)
		return 0;
	barrier_var(end);
	end &= 2 * ABI_PROCESS_PATH - 1;
	barrier_var(length);
	length &= size - 1;
	if (bpf_probe_read_kernel(piece->process.process.texts + end, length, (__u8 *)match + offset))
		return 0;
	return length;
}

/* The path of the file that it runs. */
static __always_inline void process_put_file(struct scratch *piece, struct abi_process_entry *entry, struct file *file,
					     struct fs_struct *fs)
{
	if (!file)
		return;
	process_load_path(piece, PROCESS_SLOT_BINARY, &file->f_path, fs, process_address(piece, file->f_inode));
	entry->path_length = process_put_slot(piece, PROCESS_SLOT_BINARY, 0, ABI_PROCESS_PATH, ABI_PROCESS_PATH_CUT, &entry->flags);
}

/* argv[1..]: what follows the first NUL.  Only the current process's can be read. */
static __always_inline void process_put_arguments(struct scratch *piece, struct abi_process_entry *entry, struct mm_struct *mm)
{
	__u64 at = entry->path_length, length, start, end;
	long first;

	if (!mm)
		return;
	start = mm->arg_start;
	end = mm->arg_end;
	first = bpf_probe_read_user_str(piece->match.path, ABI_STRING_MAX, (void *)start);
	if (first < 0)
		return;
	start += first ? first : 1;	/* see load_string(): an empty one may count for nothing */
	if (start >= end)
		return;
	length = end - start;
	if (length > ABI_PROCESS_ARGUMENTS - 1) {
		length = ABI_PROCESS_ARGUMENTS - 1;
		entry->flags |= ABI_PROCESS_ARGUMENTS_CUT;
	}
	at &= ABI_PROCESS_PATH - 1;
	barrier_var(length);
	length &= ABI_PROCESS_ARGUMENTS - 1;
	if (!bpf_probe_read_user(piece->process.process.texts + at, length, (void *)start))
		entry->arguments_length = length;
}

static __always_inline void process_put_folder(struct scratch *piece, struct abi_process_entry *entry, struct fs_struct *fs)
{
	if (!fs)
		return;
	process_load_path(piece, PROCESS_SLOT_CWD, &fs->pwd, fs, 0);
	entry->cwd_length = process_put_slot(piece, PROCESS_SLOT_CWD, entry->path_length + entry->arguments_length,
					     ABI_PROCESS_CWD, ABI_PROCESS_CWD_CUT, &entry->flags);
}

static __always_inline __u64 process_texts_length(const struct abi_process_entry *entry)
{
	return entry->path_length + entry->arguments_length + entry->cwd_length;
}

/* Nothing remains of the process, also for who still looks at its entry. */
static __always_inline void process_drop(__u32 pid)
{
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &pid);

	if (entry)
		process_open(entry);
	bpf_map_delete_elem(&process_texts, &pid);
	bpf_map_delete_elem(&processes, &pid);
}

/*
 * The texts of an entry, which are in piece->process, to `target`, which are its own, or to the other table.  False when there
 * is no room.
 */
static __always_inline bool process_put_texts(struct scratch *piece, struct abi_process_entry *entry, char *target, __u32 pid)
{
	struct abi_process *process = &piece->process.process;
	__u64 length = process_texts_length(entry);

	if (length < ABI_PROCESS_NEAR) {
		barrier_var(length);
		return !bpf_probe_read_kernel(target, length & (ABI_PROCESS_NEAR - 1), process->texts);
	}
	entry->flags |= ABI_PROCESS_FAR;
	process->start_time = entry->start_time;
	return !bpf_map_update_elem(&process_texts, &pid, &process->start_time, BPF_ANY);
}

/* Stores an entry that is new, and its texts.  When there is no room nothing remains of it. */
static __always_inline void process_store(struct scratch *piece, struct abi_process_entry *entry, __u32 pid)
{
	if (!process_put_texts(piece, entry, entry->texts, pid) || bpf_map_update_elem(&processes, &pid, entry, BPF_ANY))
		process_drop(pid);
}
_Static_assert(__builtin_offsetof(struct abi_process, start_time) + sizeof(struct abi_process_texts) == sizeof(struct abi_process),
	       "the end of a struct abi_process is a struct abi_process_texts");

/* What an event tells of a process, but for its texts, to piece->process. */
static __always_inline void process_get_facts(struct scratch *piece, const struct abi_process_entry *entry)
{
	process_copy_words(&piece->process.process, entry, PROCESS_FACTS_SIZE);
	piece->process.process.flags &= ~ABI_PROCESS_FAR;
}

/* Those of an entry of the table, to piece->process.  False when they are not where they should be. */
static __always_inline bool process_get_texts(struct scratch *piece, const struct abi_process_entry *entry, __u32 pid)
{
	struct abi_process *process = &piece->process.process;
	__u64 length = process_texts_length(entry);
	struct abi_process_texts *far;

	if (!(entry->flags & ABI_PROCESS_FAR)) {
		barrier_var(length);
		return !bpf_probe_read_kernel(process->texts, length & (ABI_PROCESS_NEAR - 1), entry->texts);
	}
	far = process_far_texts(pid, entry->start_time);
	return far && !bpf_probe_read_kernel(process->texts, sizeof(process->texts), far->texts);
}

static __always_inline void process_forget_texts(struct abi_process_entry *entry)
{
	entry->path_length = 0;
	entry->arguments_length = 0;
	entry->cwd_length = 0;
	entry->flags &= ~ABI_PROCESS_FAR;
}

/* ---- What a task has: read through pointers whose types the verifier knows, without a helper's call for each ---- */

/* Its own namespace's number for it. */
static __always_inline __u32 process_namespace_pid(__u64 address, struct pid *pid)
{
	if (!pid->level)
		return pid->numbers[0].nr;
	return task_read32(address + bpf_core_field_offset(struct pid, numbers) +
			   pid->level * (__u64)bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, nr));
}

static __always_inline __u32 process_pid_namespace(__u64 address, struct pid *pid)
{
	struct pid_namespace *space;
	__u64 at;

	if (!pid->level) {
		space = pid->numbers[0].ns;
		return space ? space->ns.inum : 0;
	}
	at = task_read64(address + bpf_core_field_offset(struct pid, numbers) +
			 pid->level * (__u64)bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, ns));
	return at ? task_read32(at + bpf_core_field_offset(struct pid_namespace, ns.inum)) : 0;
}

static __always_inline void process_put_pid(struct scratch *piece, struct abi_process_entry *entry, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct pid *pid = leader ? leader->thread_pid : NULL;
	__u64 address;

	if (!pid)
		return;
	address = process_address(piece, pid);
	entry->namespace_pid = process_namespace_pid(address, pid);
	entry->namespaces[NAMESPACE_PID] = process_pid_namespace(address, pid);
}

#define PROCESS_PUT_NAMESPACE(which, field)                                              \
	do {                                                                             \
		if (bpf_core_field_exists(proxy->field)) {                               \
			__typeof__(proxy->field) space = proxy->field;                   \
                                                                                         \
			if (space)                                                       \
				entry->namespaces[which] = space->ns.inum;               \
		}                                                                        \
	} while (0)

static __always_inline void process_put_namespaces(struct abi_process_entry *entry, struct nsproxy *proxy)
{
	PROCESS_PUT_NAMESPACE(NAMESPACE_UTS, uts_ns);
	PROCESS_PUT_NAMESPACE(NAMESPACE_IPC, ipc_ns);
	PROCESS_PUT_NAMESPACE(NAMESPACE_MNT, mnt_ns);
	PROCESS_PUT_NAMESPACE(NAMESPACE_PID_FOR_CHILDREN, pid_ns_for_children);
	PROCESS_PUT_NAMESPACE(NAMESPACE_NET, net_ns);
	PROCESS_PUT_NAMESPACE(NAMESPACE_TIME, time_ns);
	PROCESS_PUT_NAMESPACE(NAMESPACE_TIME_FOR_CHILDREN, time_ns_for_children);
	PROCESS_PUT_NAMESPACE(NAMESPACE_CGROUP, cgroup_ns);
}

/* A set of capabilities has 64 bits, whatever its type is called. */
static __always_inline __u64 process_capabilities(const struct cred *cred, __u64 offset)
{
	barrier_var(offset);
	return *(__u64 *)((__u8 *)cred + offset);
}

static __always_inline void process_put_credentials(struct abi_process_entry *entry, const struct cred *cred)
{
	struct user_namespace *space = cred->user_ns;

	entry->namespaces[NAMESPACE_USER] = space ? space->ns.inum : 0;
	entry->capabilities[CAPABILITIES_EFFECTIVE] = process_capabilities(cred, bpf_core_field_offset(struct cred, cap_effective));
	entry->capabilities[CAPABILITIES_INHERITABLE] = process_capabilities(cred, bpf_core_field_offset(struct cred, cap_inheritable));
	entry->capabilities[CAPABILITIES_PERMITTED] = process_capabilities(cred, bpf_core_field_offset(struct cred, cap_permitted));
	entry->flags |= ABI_PROCESS_CAPABILITIES;
}

/* What the task has now is what it is compared with later. */
static __always_inline void process_put_facts(struct scratch *piece, struct abi_process_entry *entry, struct task_struct *task)
{
	struct nsproxy *proxy = task->nsproxy;
	const struct cred *cred = task->cred;
	__u32 n;

#pragma unroll
	for (n = 0; n < ABI_NAMESPACES; n++)
		*(volatile __u32 *)&entry->namespaces[n] = 0;
	entry->namespace_pid = 0;
	entry->flags &= ~ABI_PROCESS_CAPABILITIES;
	process_put_pid(piece, entry, task);
	if (proxy)
		process_put_namespaces(entry, proxy);
	if (cred)
		process_put_credentials(entry, cred);
}

static __always_inline void process_put_identity(struct abi_process_entry *entry, struct task_struct *task)
{
	const struct cred *cred = task->cred;

	entry->pid = task->tgid;
	if (cred)
		entry->uid = cred->uid.val;
	entry->auid = (__u32)-1;
	if (bpf_core_field_exists(task->loginuid))
		entry->auid = task->loginuid.val;
}

/* ---- Kin ---- */

#define LINEAGE_CUT	(ABI_PROCESS_LINEAGE_CUT | ABI_PROCESS_NAMESPACE_LINEAGE_CUT)

/* Those that its own namespace numbers: its parent is in the same one, or nobody is. */
static __always_inline void process_put_namespace_kin(struct abi_process_entry *process, const struct abi_process_entry *parent)
{
	__u32 own = process->namespaces[NAMESPACE_PID], other = parent->namespaces[NAMESPACE_PID];
	__u64 count = parent->namespace_ancestor_count;

	process->namespace_ancestor_count = 0;
	process->flags &= ~ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
	if (!own || !other || !parent->namespace_pid) {
		process->flags |= ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
		return;
	}
	if (own != other)
		return;
	process->namespace_ancestors[count & (ABI_LINEAGE_MAX - 1)] = parent->namespace_pid;
	process->namespace_ancestor_count = ABI_LINEAGE_MORE(count);
	process->flags |= parent->flags & ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
	if (count >= ABI_LINEAGE_MAX)
		process->flags |= ABI_PROCESS_NAMESPACE_LINEAGE_CUT;
}

/* The parent's ancestors, which the process has a copy of, and the parent. */
static __always_inline void process_add_ancestor(struct abi_process_entry *process, const struct abi_process_entry *parent)
{
	__u64 count = parent->ancestor_count;

	process->ancestors[count & (ABI_LINEAGE_MAX - 1)] = parent->pid;
	process->ancestor_count = ABI_LINEAGE_MORE(count);
	process->flags &= ~ABI_PROCESS_LINEAGE_CUT;
	process->flags |= parent->flags & ABI_PROCESS_LINEAGE_CUT;
	if (count >= ABI_LINEAGE_MAX)
		process->flags |= ABI_PROCESS_LINEAGE_CUT;
	process_put_namespace_kin(process, parent);
}

/* Of whose parent nothing is known but its process id. */
static __always_inline void process_put_lost(struct abi_process_entry *process, __u32 parent_pid)
{
	process->parent_pid = parent_pid;
	process->parent_start_time = 0;
	process->ancestor_count = 0;
	process->namespace_ancestor_count = 0;
	if (!parent_pid)
		return;
	process->ancestors[0] = parent_pid;
	process->ancestor_count = 1;
	process->flags |= LINEAGE_CUT;
}

/* The rows of one table that a process has from its parent, whose kin's are in kin.found and whose own are in register 0. */
__noinline int process_put_kin_rows(__u32 index, __u32 process, __u32 number)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);
	struct kin_rows found;

	if (!piece || !entry)
		return 0;
	found.parent_rows = piece->match.rows[0];
	found.parent_unknown = !!piece->match.unknown[0];
	found.rows = found.parent_rows | piece->kin.found.rows;
	found.unknown = found.parent_unknown | (piece->kin.found.unknown & 1);
	kin_keep(piece, entry, process, entry->start_time, number & (ABI_BINARY_TABLES_MAX - 1), &found);
	return 0;
}

/* The rows that a child has from its parent are the child's, whose program is the same. */
__noinline int process_put_own_rows(__u32 index, __u32 process, __u32 parent)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *entry = bpf_map_lookup_elem(&processes, &process);
	__u64 before, now, rows;
	__u32 n;

	if (!piece || !entry)
		return 0;
	before = ABI_PROCESS_KEY(piece->generation, parent, entry->parent_start_time);
	now = ABI_PROCESS_KEY(piece->generation, process, entry->start_time);
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		if (!binary_table(piece->match.image, n))
			break;	/* checks that are the parent's are none of the child's */
		rows = entry->binary_rows[n];
		entry->binary_checks[n] = entry->binary_checks[n] == ABI_PROCESS_CHECK(before, rows) ?
					  ABI_PROCESS_CHECK(now, rows) : 0;
		entry->kin_checks[n] = 0;
	}
	return 0;
}

/* Ancestors may be gone when somebody asks: what they answer is inherited at every fork. */
__noinline int process_put_kin(__u32 index, __u32 process, __u32 parent)
{
	struct scratch *piece = scratch_get(index);
	__u32 n;

	if (!piece || !piece->generation)
		return 0;
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		if (!binary_table(piece->match.image, n))
			break;
		if (!engine_kin_known(index, parent, n))
			engine_kin_find(index, parent, n, 0);
		engine_binary(index, parent, n, 0);
		process_put_kin_rows(index, process, n);
	}
	return 0;
}

/* What is kept of its kin, which began with the process's last exec, counts from this one on. */
__noinline int process_renew_kin(__u32 index, __u32 pid, __u64 start_before)
{
	struct scratch *piece = scratch_get(index);
	struct abi_process_entry *process = bpf_map_lookup_elem(&processes, &pid);
	struct kin_rows kept;
	__u32 n;

	if (!piece || !process)
		return 0;
	for (n = 0; n < ABI_BINARY_TABLES_MAX; n++) {
		if (!binary_table(piece->match.image, n))
			break;
		if (kin_recall(piece, process, pid, start_before, n, &kept))
			kin_keep(piece, process, pid, piece->entry.start_time, n, &kept);
	}
	return 0;
}

/* The process executes something else: its kin stays what it is. */
static __always_inline void process_keep_kin(struct abi_process_entry *process, const struct abi_process_entry *before)
{
	process->parent_pid = before->parent_pid;
	process->parent_start_time = before->parent_start_time;
	process->flags |= before->flags & LINEAGE_CUT;
}

#define PROCESS_OWN	__builtin_offsetof(struct abi_process_entry, uid)
#define PROCESS_OWN_END	__builtin_offsetof(struct abi_process_entry, start_time)
#define PROCESS_HAD	__builtin_offsetof(struct abi_process_entry, capabilities)
#define PROCESS_HAD_END	__builtin_offsetof(struct abi_process_entry, namespace_pid)
_Static_assert(!(PROCESS_OWN % 8 | PROCESS_OWN_END % 8 | PROCESS_HAD % 8 | PROCESS_HAD_END % 8), "words of struct abi_process_entry");

/* The process executes something else: its entry becomes what `now` is, but for the kin.  When there is no room for the texts nothing remains of it. */
static __always_inline void process_change(struct scratch *piece, struct abi_process_entry *entry, struct abi_process_entry *now, __u32 pid)
{
	__u64 start_before = process_start_now(entry);
	bool had_far_texts = entry->flags & ABI_PROCESS_FAR;

	process_open(entry);
	if (!process_put_texts(piece, now, entry->texts, pid)) {
		process_drop(pid);
		return;
	}
	process_copy_words((__u8 *)entry + PROCESS_OWN, (__u8 *)now + PROCESS_OWN, PROCESS_OWN_END - PROCESS_OWN);
	process_copy_words((__u8 *)entry + PROCESS_HAD, (__u8 *)now + PROCESS_HAD, PROCESS_HAD_END - PROCESS_HAD);
	*(volatile __u32 *)&entry->namespace_pid = now->namespace_pid;
	if (had_far_texts && !(now->flags & ABI_PROCESS_FAR))
		bpf_map_delete_elem(&process_texts, &pid);
	if (process_has_tables(piece))
		process_renew_kin(piece->index, pid, start_before);
	process_close(entry, now->start_time);
}

static __always_inline __u32 process_parent(struct task_struct *task)
{
	struct task_struct *parent = task->real_parent;

	return parent ? parent->tgid : 0;
}

static __always_inline void process_find_kin(struct abi_process_entry *process, __u32 parent_pid)
{
	struct abi_process_entry *parent = process_get(parent_pid);
	__u64 start;

	if (!parent) {
		process_put_lost(process, parent_pid);
		return;
	}
	start = process_start_now(parent);
	process->parent_pid = parent_pid;
	process->parent_start_time = start;
	bpf_probe_read_kernel(process->ancestors, PROCESS_LINEAGE_SIZE, parent->ancestors);
	process_add_ancestor(process, parent);
	barrier();
	if (process_start_now(parent) != start)
		process_put_lost(process, parent_pid);	/* it has ended, or executes something else, this very moment */
}

/* The processes' events have no hook that could count those that did not fit. */
static __always_inline void process_count_lost(void)
{
	__u32 key = 0;
	struct abi_readers *table = bpf_map_lookup_elem(&readers, &key);

	if (table)
		scratch_add(&table->process_lost, 1);
}

/* Sends what is in piece->process. */
static __always_inline void process_send(struct scratch *piece, __u32 kind, __u64 time)
{
	struct abi_process_event *event = &piece->process;
	const struct abi_process *process = &event->process;
	__u64 size = ABI_PROCESS_EVENT_HEAD + process->path_length + process->arguments_length + process->cwd_length;

	*(__u64 *)event = size | (__u64)kind << 32;
	event->time = time;
	event->tid = bpf_get_current_pid_tgid();
	barrier_var(size);
	if (size > sizeof(*event) || bpf_ringbuf_output(&events, event, size, 0))
		process_count_lost();
}
_Static_assert(__builtin_offsetof(struct abi_process_event, size) == 0 && __builtin_offsetof(struct abi_process_event, kind) == 4,
	       "word 0 of struct abi_process_event");

#endif
