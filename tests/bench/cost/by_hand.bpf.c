// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * by_hand.bpf.c - the policies of lines.def, each written out as the program that does just that.
 *
 * A filter looks at as little as it can: of a path that shall be equal, at the length of the last name first; at its bytes only
 * then.  What the files are called is in the code.  The kprobes read memory as kprobes must, by a helper.
 */
#include "tests/bench/by_hand.bpf.h"
#include "tests/bench/cost/watched.h"

/* ---- Programs that do nothing ---- */

SEC("kprobe/__x64_sys_dup")
int nothing_kprobe(void *context)
{
	return 0;
}

SEC("fentry/__x64_sys_dup")
int nothing_fentry(void *context)
{
	return 0;
}

SEC("lsm/file_open")
int nothing_lsm(void *context)
{
	return 0;
}

SEC("tp/syscalls/sys_enter_dup")
int nothing_tracepoint(void *context)
{
	return 0;
}

SEC("uprobe//proc/self/exe:bench_probed")
int nothing_uprobe(void *context)
{
	return 0;
}

/* ---- Messages ---- */

#define BYTES_MAX	512
#define SLOTS_MAX	3

/* The bytes stand behind the most slots that a message has. */
struct message {
	__u8 head[EVENT_SIZE(SLOTS_MAX)];
	char bytes[BYTES_MAX];
	__u8 slack[256];	/* the verifier adds the longest name to the last place for one */
};
#define BYTES_AT	__builtin_offsetof(struct message, bytes)

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct message);
} messages SEC(".maps");

static __always_inline struct message *message_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&messages, &zero);
}

static __always_inline struct abi_event_slot *slot_of(struct message *message, __u32 n)
{
	return &((struct abi_event *)message->head)->slots[n];
}

static __always_inline void send(struct message *message, __u32 slots, __u64 length)
{
	__u64 size;

	length &= BYTES_MAX - 1;
	size = BYTES_AT + ((length + 7) & ~7ULL);
	put_head((struct abi_event *)message->head, size, slots);
	bpf_ringbuf_output(&events, message, size, 0);
}

static __always_inline void send_one_number(__u64 value)
{
	struct abi_event *event = bpf_ringbuf_reserve(&events, EVENT_SIZE(1), 0);

	if (!event)
		return;
	put_head(event, EVENT_SIZE(1), 1);
	put_slot(&event->slots[0], value, 0, 0);
	bpf_ringbuf_submit(event, 0);
}

/* ---- sys_write ---- */

/* Descriptor, bytes, how many bytes. */
static __always_inline void send_write(struct pt_regs *registers, __u64 fd)
{
	struct message *message = message_get();
	struct pt_regs copy;
	__u64 length;

	if (!message || bpf_probe_read_kernel(&copy, sizeof(copy), registers))
		return;
	length = copy.dx < BYTES_MAX - 1 ? copy.dx : BYTES_MAX - 1;
	length &= BYTES_MAX - 1;
	if (bpf_probe_read_user(message->bytes, length, (void *)copy.si))
		return;
	put_slot(slot_of(message, 0), fd, 0, 0);
	put_slot(slot_of(message, 1), 0, BYTES_AT, length);
	put_slot(slot_of(message, 2), copy.dx, 0, 0);
	send(message, 3, length);
}

static __always_inline int run_write(struct pt_regs *registers)
{
	__u64 fd = 0;

	bpf_probe_read_kernel(&fd, sizeof(fd), &registers->di);
	if ((__s32)fd == WATCHED_FD)
		send_write(registers, fd);
	return 0;
}

SEC("kprobe/__x64_sys_write")
int write_kprobe(struct pt_regs *context)
{
	return run_write((void *)context->di);
}

SEC("fentry/__x64_sys_write")
int write_fentry(__u64 *context)
{
	return run_write((void *)context[0]);
}

/* Whether the process is one of the list is a bit that its exec found out. */
static __always_inline bool process_is_listed(__u32 list)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct abi_process *process = bpf_map_lookup_elem(&processes, &pid);

	return process && process->flags & list;
}

SEC("kprobe/__x64_sys_write")
int write_binary(struct pt_regs *context)
{
	__u64 fd = 0;

	if (!process_is_listed(UNWATCHED_PROCESS))
		return 0;
	bpf_probe_read_kernel(&fd, sizeof(fd), &((struct pt_regs *)context->di)->di);
	send_write((void *)context->di, fd);
	return 0;
}

/* ---- Paths of files ---- */

#define COMPONENTS_MAX	24

static __always_inline __u64 read64(const void *address)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), address);
	return value;
}

/* Writes the path so that it ends at BYTES_MAX - 1; returns where it begins, or 0. */
static __always_inline __u64 walk(struct message *message, struct path *path)
{
	struct dentry *dentry = path->dentry, *parent;
	struct vfsmount *mount = path->mnt;
	struct dentry *root = (void *)read64(&mount->mnt_root);
	__u64 at = BYTES_MAX - 1, length;
	struct qstr name;

	for (int i = 0; i < COMPONENTS_MAX; i++) {
		if (dentry == root) {
			struct mount *of = (void *)mount - bpf_core_field_offset(struct mount, mnt);
			struct mount *above = (void *)read64(&of->mnt_parent);

			if (above == of)
				return at;
			dentry = (void *)read64(&of->mnt_mountpoint);
			mount = (void *)above + bpf_core_field_offset(struct mount, mnt);
			root = (void *)read64(&mount->mnt_root);
			continue;
		}
		parent = (void *)read64(&dentry->d_parent);
		if (parent == dentry)
			return at;
		if (bpf_probe_read_kernel(&name, sizeof(name), &dentry->d_name))
			return 0;
		length = name.hash_len >> 32 & 255;
		if (at < length + 1)
			return 0;
		at -= length + 1;
		barrier_var(at);
		at &= BYTES_MAX - 1;
		if (bpf_probe_read_kernel(message->bytes + at + 1, length, name.name))
			return 0;
		message->bytes[at] = '/';
		dentry = parent;
	}
	return 0;
}

static __always_inline void send_path(struct message *message, __u64 at, __u64 mask, __u32 slots)
{
	put_slot(slot_of(message, 0), 0, BYTES_AT + at, BYTES_MAX - 1 - at);
	if (slots > 1)
		put_slot(slot_of(message, 1), mask, 0, 0);
	send(message, slots, BYTES_MAX - 1);
}

static __always_inline bool words_are(const char *bytes, const char *text, __u32 length)
{
	for (__u32 n = 0; n < length; n++)
		if (bytes[n] != text[n])
			return false;
	return true;
}

static __always_inline bool last_name_is_watched(struct dentry *dentry)
{
	struct qstr name;

	if (bpf_probe_read_kernel(&name, sizeof(name), &dentry->d_name))
		return false;
	return name.hash_len >> 32 == sizeof(WATCHED_NAME) - 1;
}

/* What has a name of that length gets its whole path compared. */
static __always_inline int run_equal(struct file *file, __u64 mask, __u32 slots)
{
	struct message *message;
	struct path path;
	__u64 at;

	if (bpf_probe_read_kernel(&path, sizeof(path), &file->f_path) || !last_name_is_watched(path.dentry))
		return 0;
	message = message_get();
	at = message ? walk(message, &path) : 0;
	if (at == BYTES_MAX - sizeof(WATCHED_FILE) &&
	    words_are(message->bytes + BYTES_MAX - sizeof(WATCHED_FILE), WATCHED_FILE, sizeof(WATCHED_FILE) - 1))
		send_path(message, at, mask, slots);
	return 0;
}

SEC("kprobe/security_file_permission")
int file_equal(struct pt_regs *context)
{
	if ((__u32)context->si != WATCHED_MASK)
		return 0;
	return run_equal((void *)context->di, context->si, 2);
}

/* Whether it sent an event. */
static __always_inline bool run_prefix(struct file *file, __u64 mask)
{
	struct message *message = message_get();
	struct path path;
	__u64 at;

	if (!message || bpf_probe_read_kernel(&path, sizeof(path), &file->f_path))
		return false;
	at = walk(message, &path) & (BYTES_MAX - 1);
	if (!at || at >= BYTES_MAX - sizeof(WATCHED_FOLDER))
		return false;
	if (!words_are(message->bytes + at, WATCHED_FOLDER, sizeof(WATCHED_FOLDER) - 1))
		return false;
	send_path(message, at, mask, 2);
	return true;
}

SEC("kprobe/security_file_permission")
int file_prefix(struct pt_regs *context)
{
	if ((__u32)context->si == WATCHED_MASK)
		run_prefix((void *)context->di, context->si);
	return 0;
}

/* Threads that are in a call whose return shall be told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ABI_CALLS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} waiting SEC(".maps");

SEC("kprobe/security_file_permission")
int file_monitoring(struct pt_regs *context)
{
	__u32 thread = bpf_get_current_pid_tgid(), one = 1;

	if (run_prefix((void *)context->di, context->si))
		bpf_map_update_elem(&waiting, &thread, &one, BPF_ANY);
	return 0;
}

SEC("kretprobe/security_file_permission")
int file_monitoring_return(struct pt_regs *context)
{
	__u32 thread = bpf_get_current_pid_tgid();

	if (!bpf_map_lookup_elem(&waiting, &thread))
		return 0;
	bpf_map_delete_elem(&waiting, &thread);
	send_one_number(context->ax);
	return 0;
}

SEC("lsm/file_open")
int file_open(__u64 *context)
{
	if (!process_is_listed(WATCHED_PROCESS))
		return 0;
	return run_equal((void *)context[0], 0, 1);
}

/* ---- openat ---- */

SEC("kprobe/__x64_sys_openat")
int openat_path(struct pt_regs *context)
{
	struct message *message = message_get();
	struct pt_regs registers;
	long length;

	if (!message || bpf_probe_read_kernel(&registers, sizeof(registers), (void *)context->di))
		return 0;
	length = bpf_probe_read_user_str(message->bytes, BYTES_MAX, (void *)registers.si);
	if (length != sizeof(WATCHED_FILE) || !words_are(message->bytes, WATCHED_FILE, sizeof(WATCHED_FILE) - 1))
		return 0;
	put_slot(slot_of(message, 0), registers.di, 0, 0);
	put_slot(slot_of(message, 1), 0, BYTES_AT, length - 1);
	put_slot(slot_of(message, 2), registers.dx, 0, 0);
	send(message, 3, length);
	return 0;
}

/* ---- tcp_connect ---- */

/* What an event says of a socket. */
struct connection {
	__u16 family, destination_port, source_port, type, protocol, pad;
	__u32 mark, priority, source, destination;
	__u64 cookie;
};

SEC("kprobe/tcp_connect")
int connect_address(struct pt_regs *context)
{
	struct sock *sock = (void *)context->di;
	struct message *message;
	struct connection *connection;
	__u32 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &sock->__sk_common.skc_daddr);
	if (address != __builtin_bswap32(WATCHED_ADDRESS))
		return 0;
	message = message_get();
	if (!message)
		return 0;
	connection = (void *)message->bytes;
	connection->pad = 0;
	connection->destination = address;
	bpf_probe_read_kernel(&connection->source, 4, &sock->__sk_common.skc_rcv_saddr);
	bpf_probe_read_kernel(&connection->family, 2, &sock->__sk_common.skc_family);
	bpf_probe_read_kernel(&connection->destination_port, 2, &sock->__sk_common.skc_dport);
	bpf_probe_read_kernel(&connection->source_port, 2, &sock->__sk_common.skc_num);
	bpf_probe_read_kernel(&connection->type, 2, &sock->sk_type);
	bpf_probe_read_kernel(&connection->protocol, 2, &sock->sk_protocol);
	bpf_probe_read_kernel(&connection->mark, 4, &sock->sk_mark);
	bpf_probe_read_kernel(&connection->priority, 4, &sock->sk_priority);
	bpf_probe_read_kernel(&connection->cookie, 8, &sock->__sk_common.skc_cookie);
	put_slot(slot_of(message, 0), 0, BYTES_AT, sizeof(*connection));
	send(message, 1, sizeof(*connection));
	return 0;
}

/* ---- dup, and a function of a program ---- */

struct dup_record {
	__u64 common;
	__s64 number;
	__u64 fd;
};

SEC("tp/syscalls/sys_enter_dup")
int dup_tracepoint(struct dup_record *record)
{
	if (record->fd == WATCHED_FD)
		send_one_number(record->fd);
	return 0;
}

SEC("uprobe//proc/self/exe:bench_probed")
int probed(struct pt_regs *context)
{
	if ((__s32)context->di == WATCHED_FD)
		send_one_number(context->di);
	return 0;
}

/* ---- fork, exec and exit ---- */

#define ARGUMENTS_MAX	256

/* What is kept of a process, and sent when it executes something and when it ends. */
struct program {
	__u32 kind, pid, parent, exit_code;
	__u64 start, parent_start;
	__u32 user, at;
	char path[BYTES_MAX], arguments[ARGUMENTS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ABI_PROCESSES_MAX);
	__type(key, __u32);
	__type(value, struct program);
} programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct program);
} new_programs SEC(".maps");

SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *child = (void *)context->args[1];
	__u32 parent = bpf_get_current_pid_tgid() >> 32, pid = BPF_CORE_READ(child, tgid);
	struct program *program;

	if (BPF_CORE_READ(child, pid) != pid)
		return 0;
	program = bpf_map_lookup_elem(&programs, &parent);
	if (!program || bpf_map_update_elem(&programs, &pid, program, BPF_ANY))
		return 0;
	program = bpf_map_lookup_elem(&programs, &pid);
	if (!program)
		return 0;
	program->parent_start = program->start;
	program->start = bpf_ktime_get_boot_ns();
	program->pid = pid;
	program->parent = parent;
	return 0;
}

SEC("raw_tp/sched_process_exec")
int process_exec(struct bpf_raw_tracepoint_args *context)
{
	struct linux_binprm *binprm = (void *)context->args[2];
	struct task_struct *task = (void *)context->args[0];
	__u32 zero = 0, pid = bpf_get_current_pid_tgid() >> 32;
	struct program *program = bpf_map_lookup_elem(&new_programs, &zero), *before = bpf_map_lookup_elem(&programs, &pid);
	struct message *message = message_get();
	struct mm_struct *memory = BPF_CORE_READ(task, mm);
	__u64 first = BPF_CORE_READ(memory, arg_start), length = BPF_CORE_READ(memory, arg_end) - first;
	struct file *file = BPF_CORE_READ(binprm, file);
	struct path path;

	if (!program || !message || bpf_probe_read_kernel(&path, sizeof(path), &file->f_path))
		return 0;
	program->kind = ABI_EVENT_EXEC;
	program->pid = pid;
	program->parent = before ? before->parent : 0;
	program->parent_start = before ? before->parent_start : 0;
	program->start = bpf_ktime_get_boot_ns();
	program->user = bpf_get_current_uid_gid();
	program->at = walk(message, &path);
	bpf_probe_read_kernel(program->path, sizeof(program->path), message->bytes);
	if (length > ARGUMENTS_MAX - 1)
		length = ARGUMENTS_MAX - 1;
	bpf_probe_read_user(program->arguments, length & (ARGUMENTS_MAX - 1), (void *)first);
	bpf_map_update_elem(&programs, &pid, program, BPF_ANY);
	bpf_ringbuf_output(&events, program, sizeof(*program), 0);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args *context)
{
	struct task_struct *task = (void *)context->args[0];
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct program *program;

	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	program = bpf_map_lookup_elem(&programs, &pid);
	if (!program)
		return 0;
	program->kind = ABI_EVENT_EXIT;
	program->exit_code = BPF_CORE_READ(task, exit_code);
	bpf_ringbuf_output(&events, program, sizeof(*program), 0);
	bpf_map_delete_elem(&programs, &pid);
	return 0;
}

const char program_license[] SEC("license") = "Dual BSD/GPL";
