/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * arguments.bpf.h - reads a hook's slots: the kernel's match_load().
 *
 * A slot is read when a record or an event first needs it.  What it says afterwards is in match.h; what
 * could not be read has state FAULT (or NO_SPACE) and makes the predicates that need it unknown.
 */
#ifndef BPF_TEMPLATES_ARGUMENTS_BPF_H
#define BPF_TEMPLATES_ARGUMENTS_BPF_H

#include "bpf-templates/paths.bpf.h"
#include "bpf-templates/tasks.bpf.h"
#include "bpf-templates/sources.bpf.h"

/* Zeros from the end of `length` bytes at `start` of data[] to the next multiple of 8, which is then in use. */
static __always_inline void data_take(struct match_state *match, __u64 start, __u64 length)
{
	__u64 last = start + (length & ~7ULL);
	__u64 *word;

	if (last > ABI_DATA_SIZE - 8)
		return;
	word = (__u64 *)(match->data + last);
	if (length & 7)
		*word = match_low_bytes(*word, length & 7);
	match->data_used = start + ((length + 7) & ~7ULL);
}

/* Where the next bytes go; false when a string of full length has no room. */
static __always_inline bool data_room(struct match_state *match, __u32 slot, __u64 *start)
{
	*start = match->data_used;
	if (*start <= ABI_DATA_SIZE - ABI_STRING_MAX)
		return true;
	match_set_state(match, slot, ABI_SLOT_NO_SPACE);
	return false;
}

/*
 * The room itself, once data_room() has said that there is some.  Checked again where it is used: clang may keep an
 * offset on the stack from before a check, and kernels before 6.3 would not know its bounds any more.
 */
static __always_inline __u8 *data_at(struct match_state *match, __u64 start)
{
	barrier_var(start);
	if (start > ABI_DATA_SIZE - ABI_STRING_MAX)
		return NULL;
	return match->data + start;
}

/* A string that filled its room: is there more of it? */
static __always_inline bool string_goes_on(struct scratch *piece, __u64 address)
{
	char next = 0;

	return read_memory(piece, &next, 1, address + ABI_STRING_MAX - 1) || next;
}

/* A string of `size` bytes, its NUL among them, that was read to `start` of data[], becomes the slot's. */
static __always_inline void string_take(struct scratch *piece, __u32 slot, __u64 address, __u64 start, __u64 size)
{
	struct match_state *match = &piece->match;
	enum match_cut cut = MATCH_WHOLE;

	if (!size)	/* of an empty user string, strncpy_from_user_nofault() does not count the NUL up to Linux 6.12 */
		size = 1;
	if (size == ABI_STRING_MAX && string_goes_on(piece, address))
		cut = MATCH_CUT_END;
	data_take(match, start, size - 1);
	match_set_bytes(match, slot, MATCH_DATA + start, size - 1, cut);
}

static __always_inline void load_string(struct scratch *piece, __u32 slot, __u64 address)
{
	struct match_state *match = &piece->match;
	__u8 *target;
	__u64 start;
	long size;

	if (!data_room(match, slot, &start))
		return;
	match_set_state(match, slot, ABI_SLOT_FAULT);
	target = data_at(match, start);
	if (!target)
		return;
	size = read_text(piece, target, ABI_STRING_MAX, address);
	if (size < 0 || size > ABI_STRING_MAX)
		return;
	string_take(piece, slot, address, start, size);
}

#include "bpf-templates/typed_paths.bpf.h"

/* The path that path_walk() left, to where a slot's bytes are. */
static __always_inline void take_path(struct scratch *piece, __u32 slot)
{
	struct match_state *match = &piece->match;
	__u64 position = piece->walk.position, start, length;
	__u8 *target;

	if (position > ABI_STRING_MAX || !data_room(match, slot, &start))
		return;
	target = data_at(match, start);
	if (!target)
		return;
	length = (ABI_STRING_MAX - position) & (ABI_STRING_MAX - 1);
	if (bpf_probe_read_kernel(target, length, match->path + position))
		return;
	data_take(match, start, length);
	match_set_bytes(match, slot, MATCH_DATA + start, length,
			piece->walk.cut ? MATCH_CUT_FRONT : MATCH_WHOLE);
}

/* `path` is the address of a struct path, inode that of the file's inode, or 0 to take it from the dentry. */
__noinline int load_path(__u32 index, __u32 slot, __u64 path_address, __u64 inode)
{
	struct scratch *piece = scratch_get(index);
	struct path *path;
	__u16 mode = 0;

	if (!piece)
		return 0;
	path = &piece->path;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (bpf_probe_read_kernel(path, sizeof(*path), (void *)path_address))
		return 0;
	if (!inode)
		inode = (__u64)BPF_CORE_READ(path->dentry, d_inode);
	if (bpf_core_read(&mode, sizeof(mode), &((struct inode *)inode)->i_mode))
		return 0;
	match_set_number(&piece->match, slot, mode);
	if (path->mnt && !path_walk(index, (__u64)path->mnt, (__u64)path->dentry, mode))
		take_path(piece, slot);
	return 0;
}

/*
 * Of a dentry alone: where it is inside its mount; with the struct path of its folder, where the process sees it.  What is about to be made
 * (mkdir) has no inode yet, and no mode: 0.  With a vfsmount, which comes without folder or dentry: of its root, the place that it is mounted on, also when
 * what is mounted there was removed where it comes from.
 */
__noinline int load_dentry(__u32 index, __u32 slot, __u64 dentry, __u64 folder, __u64 vfsmount)
{
	struct scratch *piece = scratch_get(index);
	struct inode *inode = NULL;
	__u16 mode = 0;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (folder) {
		vfsmount = path_read64(folder + bpf_core_field_offset(struct path, mnt));
		if (!vfsmount)
			return 0;
	} else if (vfsmount) {
		dentry = path_read64(vfsmount + bpf_core_field_offset(struct vfsmount, mnt_root));
	}
	if (bpf_core_read(&inode, sizeof(inode), &((struct dentry *)dentry)->d_inode) ||
	    (inode && bpf_core_read(&mode, sizeof(mode), &inode->i_mode)))
		return 0;
	match_set_number(&piece->match, slot, mode);
	if (!path_walk(index, vfsmount, dentry, vfsmount || !inode ? PATH_IS_ENTRY : mode))
		take_path(piece, slot);
	return 0;
}

/* ... which is argument `number` of the function; 0, and then there is no path, where that is none. */
static __always_inline void load_entry(__u32 index, struct scratch *piece, __u32 slot, __u64 dentry, __u32 number)
{
	__u64 folder = number < SCRATCH_ARGUMENTS ? piece->arguments[number] : 0;

	if (folder)
		load_dentry(index, slot, dentry, folder, 0);
	else
		match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
}

static __always_inline void load_file(__u32 index, __u32 slot, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	load_path(index, slot, (__u64)file + bpf_core_field_offset(struct file, f_path),
		  (__u64)inode);
}

#include "bpf-templates/sockets.bpf.h"
#include "bpf-templates/structures.bpf.h"

/* A size below ABI_STRING_MAX, masked right where it is used: kernels before 6.3 forget its bounds on the way over the stack. */
static __always_inline __u32 size_here(__u64 size)
{
	barrier_var(size);
	return size & (ABI_STRING_MAX - 1);
}

/* read_memory() and read_text() of a size that is not a constant. */
static __always_inline long read_bytes_of(struct scratch *piece, void *target, __u64 size, __u64 address)
{
	if (!address_is_kernel(address))
		return bpf_probe_read_user(target, size_here(size), (void *)address);
	return piece->user_only ? -1 : bpf_probe_read_kernel(target, size_here(size), (void *)address);
}

static __always_inline long read_text_of(struct scratch *piece, void *target, __u64 size, __u64 address)
{
	if (!address_is_kernel(address))
		return bpf_probe_read_user_str(target, size_here(size), (void *)address);
	return piece->user_only ? -1 : bpf_probe_read_kernel_str(target, size_here(size), (void *)address);
}

/* `size` bytes as they are, or as many as fit, and then how many there are is told; `size` is any number. */
static __always_inline int load_bytes_of(struct scratch *piece, __u32 slot, __u64 address, __u64 size)
{
	enum match_cut cut = MATCH_WHOLE;
	__u64 start, whole = 0;
	__u8 *target;

	if (!data_room(&piece->match, slot, &start))
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	target = data_at(&piece->match, start);
	if (!target)
		return 0;
	if (size > ABI_STRING_MAX - 1) {
		whole = size;
		size = ABI_STRING_MAX - 1;
		cut = MATCH_CUT_END;
	}
	if (size && read_bytes_of(piece, target, size, address))
		return 0;
	data_take(&piece->match, start, size);
	match_set_bytes(&piece->match, slot, MATCH_DATA + start, size, cut);
	match_slot(&piece->match, slot)->value = whole;
	return 0;
}

__noinline int load_bytes(__u32 index, __u32 slot, __u64 address, __u64 size)
{
	struct scratch *piece = scratch_get(index);

	return piece ? load_bytes_of(piece, slot, address, size) : 0;
}

/* A text of less than `size` bytes, less than ABI_STRING_MAX, which is in the kernel unless it is a path of a Unix socket. */
__noinline int load_text(__u32 index, __u32 slot, __u64 address, __u32 size)
{
	struct scratch *piece = scratch_get(index);
	__u64 start;
	__u8 *target;
	long got;

	if (!piece || !data_room(&piece->match, slot, &start))
		return 0;
	target = data_at(&piece->match, start);
	if (!target || !size)
		return 0;
	barrier_var(size);	/* one comparison for both bounds would be lost on the verifier of 5.10 */
	if (size > ABI_STRING_MAX - 1)
		return 0;
	got = read_text_of(piece, target, size, address);
	if (got < 0 || got > ABI_STRING_MAX)
		return 0;
	data_take(&piece->match, start, got ? got - 1 : 0);
	match_set_bytes(&piece->match, slot, MATCH_DATA + start, got ? got - 1 : 0, MATCH_WHOLE);
	return 0;
}

#include "bpf-templates/buffers.bpf.h"
#include "bpf-templates/command_line.bpf.h"

/* Of a Unix socket's address: the family, and its path when the family is that. */
__noinline int load_unix(__u32 index, __u32 slot, __u64 address)
{
	struct scratch *piece = scratch_get(index);
	__u16 family = 0;
	__u8 first = 0;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (read_memory(piece, &family, sizeof(family), address))
		return 0;
	if (family == AF_UNIX && !read_memory(piece, &first, 1, address + UNIX_PATH_OFFSET)) {
		if (first)
			load_text(index, slot, address + UNIX_PATH_OFFSET, UNIX_PATH_MAX + 1);
		else
			load_bytes(index, slot, address + UNIX_PATH_OFFSET, UNIX_PATH_MAX);
	}
	match_set_number(&piece->match, slot, family);
	return 0;
}

/* A field that says where its text lies in the record, and how long it is. */
__noinline int load_data_loc(__u32 index, __u32 slot, __u64 place)
{
	struct scratch *piece = scratch_get(index);
	__u32 length = place >> 16 & 0xffff;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	return load_text(index, slot, piece->context + (place & 0xffff), length < ABI_STRING_MAX ? length : ABI_STRING_MAX - 1);
}

__noinline int load_name(__u32 index, __u32 slot, __u64 device)
{
	struct scratch *piece = scratch_get(index);

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	return load_text(index, slot, device + bpf_core_field_offset(struct net_device, name),
			 sizeof(((struct net_device *)0)->name));
}

static __always_inline struct file *file_of_number(__u32 number)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (number >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + number);
	return file;
}

static __always_inline bool load_is_number(__u32 load)
{
	return load == ABI_LOAD_BPF_CMD || load == ABI_LOAD_CAPABILITY || load == ABI_LOAD_CAPABILITIES ||
	       load == ABI_LOAD_SYSCALL64;
}

/* Numbers that are not just widened. */
__noinline int load_number(__u32 index, __u32 slot, __u32 load, __u64 raw)
{
	struct scratch *piece = scratch_get(index);
	struct task_struct *task;

	if (!piece)
		return 0;
	match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	if (load == ABI_LOAD_CAPABILITIES) {
		if (bpf_probe_read_kernel(&raw, sizeof(raw), (void *)raw))
			return 0;
	} else if (load == ABI_LOAD_SYSCALL64) {
		task = (void *)bpf_get_current_task();
		raw |= (__u64)TASK_IS_COMPAT(task) << 31;
	} else {
		raw = match_extend(ABI_LOAD_S32, raw);
	}
	match_set_value(&piece->match, slot, raw);
	return 0;
}

/* The pointer to what is loaded, of what only leads there. */
__noinline __u64 load_pointer(__u32 load, __u64 raw)
{
	switch (load) {
	case ABI_LOAD_FILENAME:
		return (__u64)BPF_CORE_READ((struct filename *)raw, name);
	case ABI_LOAD_SOCKET:
		return (__u64)BPF_CORE_READ((struct socket *)raw, sk);
	case ABI_LOAD_BINPRM:
		return (__u64)BPF_CORE_READ((struct linux_binprm *)raw, file);
	case ABI_LOAD_KIOCB:
		return (__u64)BPF_CORE_READ((struct kiocb *)raw, ki_filp);
	case ABI_LOAD_FD:
		return (__u64)file_of_number(raw);
	default:
		return raw;
	}
}

/* What a slot's first number leads to. */
static __always_inline void load_from(__u32 index, struct scratch *piece, __u32 slot, __u32 load, __u64 raw)
{
	if (told_take(piece, slot, load, raw))
		return;
	raw = load_pointer(load, raw);
	switch (load) {
	case ABI_LOAD_STRING:
	case ABI_LOAD_FILENAME:
		load_string(piece, slot, raw);
		return;
	case ABI_LOAD_FILE:
	case ABI_LOAD_BINPRM:
	case ABI_LOAD_KIOCB:
	case ABI_LOAD_FD:
		load_file(index, slot, (struct file *)raw);
		return;
	case ABI_LOAD_PATH:
		load_path(index, slot, raw, 0);
		return;
	case ABI_LOAD_DENTRY:
		load_dentry(index, slot, raw, 0, 0);
		return;
	case ABI_LOAD_MOUNT:
		load_dentry(index, slot, 0, 0, raw);
		return;
	case ABI_LOAD_ENTRY:
		load_entry(index, piece, slot, raw, SLOT_OFFSET(slot_descriptor(piece->match.image, piece->match.hook, slot)));
		return;
	case ABI_LOAD_SOCKADDR:
		load_address(index, slot, raw);
		return;
	case ABI_LOAD_SOCK:
	case ABI_LOAD_SOCKET:
		load_sock(index, slot, raw);
		return;
	case ABI_LOAD_SKB:
		load_packet(index, slot, raw);
		return;
	case ABI_LOAD_SOCKADDR_UN:
		load_unix(index, slot, raw);
		return;
	case ABI_LOAD_DATA_LOC:
		load_data_loc(index, slot, raw);
		return;
	case ABI_LOAD_NET_DEVICE:
		load_name(index, slot, raw);
		return;
	case ABI_LOAD_CHAR_BUF:
		load_buffer(index, slot, raw);
		return;
	case ABI_LOAD_CONST_BUF:
		load_array(index, slot);
		return;
	case ABI_LOAD_CHAR_IOVEC:
		load_vector(index, slot, raw);
		return;
	case ABI_LOAD_IOV_ITER:
		load_iter(index, slot, raw);
		return;
	case ABI_LOAD_COMMAND_LINE:
		load_command_line(index, slot, raw);
		return;
	default:
		if (structure_size(load))
			load_structure(index, slot, load, raw);
		else
			match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	}
}

/*
 * What load_slot() does, in short, of the slots that most events have: an argument that is a number, or the address of a buffer, and that nothing
 * leads on from.  False, with nothing done, when it is anything else.
 */
static __always_inline bool load_argument(struct scratch *piece, __u32 slot)
{
	__u64 descriptor = slot_descriptor(piece->match.image, piece->match.hook, slot), second = slot_second_word(piece, slot);
	__u64 argument = SLOT_INDEX(descriptor);
	__u32 load = SLOT_LOAD(descriptor);

	if (SLOT_SOURCE(descriptor) != ABI_SOURCE_ARGUMENT || argument >= SCRATCH_ARGUMENTS || second >> 8)
		return false;
	barrier_var(argument);
	argument = piece->arguments[argument & 7];
	if (match_load_is_integer(load)) {
		match_set_value(&piece->match, slot, match_extend(load, argument));
		return true;
	}
	if (load != ABI_LOAD_CHAR_BUF)
		return false;
	piece->user_only = slot_is_of_user(piece, descriptor);
	load_buffer(piece->index, slot, argument);
	return true;
}

__noinline int load_slot(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	struct match_state *match;
	__u64 descriptor, second, raw;
	__u32 load;

	if (!piece)
		return 0;
	match = &piece->match;
	descriptor = slot_descriptor(match->image, match->hook, slot);
	load = SLOT_LOAD(descriptor);
	second = slot_second_word(piece, slot);
	if (load == ABI_LOAD_PID)
		match_set_value(match, slot, piece->identity >> 32);
	else if (SLOT_SOURCE(descriptor) == ABI_SOURCE_TASK)
		load_task(index, slot, load, SLOT_INDEX(descriptor));
	else if ((SLOT_FLAGS(second) & ABI_SLOT_RETURN_COPY && piece->event_kind != ABI_EVENT_RETURN) ||
		 read_slot(index, piece, slot, descriptor, second >> 32, &raw))
		match_set_state(match, slot, ABI_SLOT_FAULT);
	else if (match_load_is_integer(load))
		match_set_value(match, slot, match_extend(load, raw));
	else if (load_is_number(load))
		load_number(index, slot, load, raw);
	else
		load_from(index, piece, slot, load, raw);
	return 0;
}

/* A slot that is a number alone.  Apart from load_slot(), whose way to paths would be too deep for who calls this. */
__noinline int load_plain_number(__u32 index, __u32 slot)
{
	struct scratch *piece = scratch_get(index);
	__u64 descriptor, raw;

	if (!piece)
		return 0;
	descriptor = slot_descriptor(piece->match.image, piece->match.hook, slot);
	if (!match_load_is_integer(SLOT_LOAD(descriptor)) ||
	    read_slot(index, piece, slot, descriptor, slot_second_word(piece, slot) >> 32, &raw))
		match_set_state(&piece->match, slot, ABI_SLOT_FAULT);
	else
		match_set_value(&piece->match, slot, match_extend(SLOT_LOAD(descriptor), raw));
	return 0;
}

#endif
