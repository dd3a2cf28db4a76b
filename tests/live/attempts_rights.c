// SPDX-License-Identifier: Apache-2.0
/* attempts_rights.c - steps that only those do who may do much: capabilities, namespaces, modules, BPF and other filters.  A part of attempts.c. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/live/attempts.h"

static int set_name(char **words) { (void)words; return sethostname("tetra-vm", 8); }

/* Whether a capability is effective; permitted it stays. */
static int set_capability(int capability, bool effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];
	__u32 *word = &sets[capability / 32].effective;

	if (syscall(SYS_capget, &head, sets))
		return -1;
	*word = effective ? *word | 1u << capability % 32 : *word & ~(1u << capability % 32);
	return (int)syscall(SYS_capset, &head, sets);
}

static int lower_capability(char **words) { return set_capability(atoi(words[0]), false); }
static int raise_capability(char **words) { return set_capability(atoi(words[0]), true); }

static int enter_namespace(char **words)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", words[0]);
	return setns(open(path, O_RDONLY), 0);
}

static int make_ipc(char **words) { (void)words; return unshare(CLONE_NEWIPC); }
static int unload_module(char **words) { return (int)syscall(SYS_delete_module, words[0], 0); }

static int load_module(char **words)
{
	static char bytes[PAGE];

	(void)words;
	return (int)syscall(SYS_init_module, bytes, sizeof(bytes), "");
}

static int load_module_file(char **words) { (void)words; return (int)syscall(SYS_finit_module, last, "", 0); }

static int bpf(int command, union bpf_attr *attributes) { return last = (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes)), last < 0 ? -1 : 0; }

/* A program for packets that returns 0. */
static int bpf_load(char **words)
{
	static const struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = pointer(code), .insn_cnt = 2, .license = pointer("GPL") };

	(void)words;
	return bpf(BPF_PROG_LOAD, &attributes);
}

static int bpf_map(char **words)
{
	union bpf_attr attributes = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	(void)words;
	return bpf(BPF_MAP_CREATE, &attributes);
}

static int bpf_do(char **words) { union bpf_attr attributes = { .link_create.prog_fd = (unsigned)-1 }; return bpf(atoi(words[0]), &attributes); }

static int bpf_pin(char **words)
{
	union bpf_attr attributes = { .pathname = pointer(words[0]), .bpf_fd = (unsigned)last };

	return (int)syscall(SYS_bpf, BPF_OBJ_PIN, &attributes, sizeof(attributes));
}

static int bpf_get(char **words) { union bpf_attr attributes = { .pathname = pointer(words[0]) }; return bpf(BPF_OBJ_GET, &attributes); }

static int filter_by_last(char **words)
{
	(void)words;
	return setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_BPF, &last, sizeof(last));
}

static struct sock_filter classic[] = { { .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW } };
static struct sock_fprog classic_program = { 1, classic };

static int filter_classic(char **words)
{
	(void)words;
	return setsockopt(socket(AF_INET, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_FILTER, &classic_program, sizeof(classic_program));
}

static int filter_calls(char **words)
{
	(void)words;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &classic_program) ? -1 : 0;
}

const struct step right_steps[] = {
	{ "lower", 1, lower_capability }, { "raise", 1, raise_capability }, { "enter", 1, enter_namespace }, { "make-ipc", 0, make_ipc },
	{ "unload", 1, unload_module }, { "set-name", 0, set_name }, { "load-module", 0, load_module },
	{ "load-module-file", 0, load_module_file }, { "bpf-load", 0, bpf_load }, { "bpf-map", 0, bpf_map }, { "bpf", 1, bpf_do },
	{ "bpf-pin", 1, bpf_pin }, { "bpf-get", 1, bpf_get }, { "filter", 0, filter_by_last }, { "filter-classic", 0, filter_classic },
	{ "filter-calls", 0, filter_calls },
	{ NULL, 0, NULL },
};
