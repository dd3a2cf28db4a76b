// SPDX-License-Identifier: Apache-2.0
/*
 * walk.c - lets one system call of a program fail, or kills the program at it:
 *
 *   walk count|all COMMAND...       prints a line for each call that can be chosen: its number and name
 *   walk fail N ERROR COMMAND...    the call of that number is not made and gives -ERROR
 *   walk kill N COMMAND...          killed when it is about to make that call
 *   walk killed N COMMAND...        killed when the call was made
 *
 * `count` numbers the calls that change something outside of the program (of bpf(), those that make, pin, attach or write; of writes
 * to maps that follow each other, the first); `all`, and the others with "all-" before their name, number all of those, every bpf(),
 * and the first OTHERS of each other call.
 * Exits as the command does, 128 + SIGKILL when it was killed, 4 when it made no such call.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>

enum deed { COUNT, FAIL, KILL_BEFORE, KILL_AFTER };
enum { NONE = 4, WRONG_USE = 2, OTHERS = 8, CALLS_MAX = 64 };

static const struct call {
	long number;
	const char *name;
	int changes;
} calls[] = {
	{ SYS_bpf, "bpf", 0 }, { SYS_perf_event_open, "perf_event_open", 1 }, { SYS_ioctl, "ioctl", 1 },
	{ SYS_mkdir, "mkdir", 1 }, { SYS_rmdir, "rmdir", 1 }, { SYS_unlink, "unlink", 1 }, { SYS_rename, "rename", 1 },
	{ SYS_flock, "flock", 1 }, { SYS_membarrier, "membarrier", 1 }, { SYS_write, "write", 1 }, { SYS_mmap, "mmap", 0 },
	{ SYS_mount, "mount", 1 }, { SYS_fsopen, "fsopen", 1 }, { SYS_fsmount, "fsmount", 1 }, { SYS_munmap, "munmap", 0 },
	{ SYS_openat, "openat", 0 }, { SYS_read, "read", 0 }, { SYS_close, "close", 0 }, { SYS_statfs, "statfs", 0 },
	{ SYS_newfstatat, "newfstatat", 0 }, { SYS_getdents64, "getdents64", 0 }, { SYS_brk, "brk", 0 }, { SYS_dup, "dup", 0 },
	{ SYS_dup3, "dup3", 0 }, { SYS_mremap, "mremap", 0 }, { SYS_mprotect, "mprotect", 0 }, { SYS_lseek, "lseek", 0 },
	{ SYS_readlink, "readlink", 0 }, { SYS_faccessat2, "faccessat2", 0 }, { SYS_uname, "uname", 0 },
};

static const struct {
	int number;
	const char *name;
} changing_commands[] = {
	{ BPF_MAP_CREATE, "bpf MAP_CREATE" }, { BPF_MAP_UPDATE_ELEM, "bpf MAP_UPDATE_ELEM" }, { BPF_PROG_LOAD, "bpf PROG_LOAD" },
	{ BPF_OBJ_PIN, "bpf OBJ_PIN" }, { BPF_RAW_TRACEPOINT_OPEN, "bpf RAW_TRACEPOINT_OPEN" },
	{ BPF_LINK_CREATE, "bpf LINK_CREATE" }, { BPF_BTF_LOAD, "bpf BTF_LOAD" },
};

static const struct call *find_call(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

/* Its name when it changes something, else NULL. */
static const char *change_name(const struct user_regs_struct *registers)
{
	const struct call *call = find_call((long)registers->orig_rax);

	if (call && call->number == SYS_mmap)
		return registers->r10 & MAP_SHARED ? "mmap" : NULL;
	if (!call || call->number != SYS_bpf)
		return call && call->changes ? call->name : NULL;
	for (size_t i = 0; i < sizeof(changing_commands) / sizeof(changing_commands[0]); i++)
		if (changing_commands[i].number == (int)registers->rdi)
			return changing_commands[i].name;
	return NULL;
}

struct walking {
	enum deed deed;
	int all, at, error, count;
	const char *before;	/* name of the one that changed something before */
	int others[CALLS_MAX];	/* by number in calls[]: how many there were */
	int in_call, chosen;
};

/* Of one that changes nothing. */
static const char *other_name(struct walking *walking, long number)
{
	const struct call *call = find_call(number);

	if (!call)
		return NULL;
	return number == SYS_bpf || walking->others[call - calls]++ < OTHERS ? call->name : NULL;
}

/* libbpf asks whether this kernel's programs have names. When it is told no, what it loads has none, and `state` cannot tell whose it is. */
static int asks_for_names(pid_t child, const struct user_regs_struct *registers)
{
	const unsigned long long at = registers->rsi + offsetof(union bpf_attr, prog_name);
	union { long words[2]; char text[BPF_OBJ_NAME_LEN]; } name;

	if (registers->orig_rax != SYS_bpf || (int)registers->rdi != BPF_PROG_LOAD)
		return 0;
	name.words[0] = ptrace(PTRACE_PEEKDATA, child, at, 0);
	name.words[1] = ptrace(PTRACE_PEEKDATA, child, at + 8, 0);
	return !strncmp(name.text, "libbpf_nametest", sizeof(name.text));
}

/* At its entry; whether it is the one. */
static int is_chosen(struct walking *walking, pid_t child, const struct user_regs_struct *registers)
{
	const long number = (long)registers->orig_rax;
	const char *name = asks_for_names(child, registers) ? NULL : change_name(registers);
	const int again = name && name == walking->before && number == SYS_bpf && registers->rdi == BPF_MAP_UPDATE_ELEM;

	walking->before = name ? name : walking->before;
	if (!name && walking->all)
		name = other_name(walking, number);
	if (!name || (again && !walking->all))
		return 0;
	walking->count++;
	if (walking->deed == COUNT)
		fprintf(stderr, "walk %d %s\n", walking->count, name);
	return walking->count == walking->at;
}

static void enter(struct walking *walking, pid_t child)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, child, 0, &registers))
		return;
	walking->chosen = is_chosen(walking, child, &registers);
	if (!walking->chosen || walking->deed == KILL_AFTER)
		return;
	if (walking->deed == KILL_BEFORE)
		kill(child, SIGKILL);
	registers.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, child, 0, &registers);
}

static void leave(const struct walking *walking, pid_t child)
{
	struct user_regs_struct registers;

	if (!walking->chosen)
		return;
	if (walking->deed == KILL_AFTER)
		kill(child, SIGKILL);
	if (walking->deed != FAIL || ptrace(PTRACE_GETREGS, child, 0, &registers))
		return;
	registers.rax = (unsigned long long)-walking->error;
	ptrace(PTRACE_SETREGS, child, 0, &registers);
}

/* One stop of the child: a call's entry or end, or a signal, which is passed on. */
static int handle_stop(struct walking *walking, pid_t child, int signal_number)
{
	if (signal_number != (SIGTRAP | 0x80))
		return signal_number == SIGTRAP ? 0 : signal_number;
	walking->in_call = !walking->in_call;
	if (walking->in_call)
		enter(walking, child);
	else
		leave(walking, child);
	return 0;
}

static int follow(struct walking *walking, pid_t child)
{
	int status, pass = 0;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return WRONG_USE;
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		ptrace(PTRACE_SYSCALL, child, 0, pass);
		if (waitpid(child, &status, 0) != child)
			return WRONG_USE;
		if (WIFEXITED(status))
			return walking->at > walking->count ? NONE : WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		pass = handle_stop(walking, child, WSTOPSIG(status));
	}
}

static int read_deed(const char *text, struct walking *ret)
{
	static const char *const names[] = { "count", "fail", "kill", "killed" };

	if (!strcmp(text, "all"))
		text = "all-count";
	ret->all = !strncmp(text, "all-", 4);
	text += ret->all ? 4 : 0;
	for (int i = 0; i < 4; i++)
		if (!strcmp(text, names[i])) {
			ret->deed = (enum deed)i;
			return i == COUNT ? 2 : i == FAIL ? 4 : 3;
		}
	return 0;
}

int main(int argc, char **argv)
{
	struct walking walking = { 0 };
	int first = argc > 1 ? read_deed(argv[1], &walking) : 0;
	pid_t child;

	if (!first || first >= argc)
		return WRONG_USE;
	walking.at = first > 2 ? atoi(argv[2]) : 0;
	walking.error = first > 3 ? atoi(argv[3]) : 0;
	child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execv(argv[first], argv + first);
		_exit(127);
	}
	return child < 0 ? WRONG_USE : follow(&walking, child);
}
