// SPDX-License-Identifier: Apache-2.0
/* loads.c - the table of loads; see loads.h. */
#include "compiler/image/loads.h"

enum { SOCKET = sizeof(struct abi_socket), STRUCTURE = ABI_STRUCTURE_MAX, NAME = 16, UNIX_PATH = 112 };

const struct load_row load_rows[ABI_LOAD_END] = {
	[ABI_LOAD_U8] = { "u8", GIVES_NUMBER, 0, 0 }, [ABI_LOAD_U16] = { "u16", GIVES_NUMBER, 0, 0 },
	[ABI_LOAD_U32] = { "u32", GIVES_NUMBER, 0, 0 }, [ABI_LOAD_U64] = { "u64", GIVES_NUMBER, 0, 0 },
	[ABI_LOAD_S8] = { "s8", GIVES_NUMBER, 0, 0, true }, [ABI_LOAD_S16] = { "s16", GIVES_NUMBER, 0, 0, true },
	[ABI_LOAD_S32] = { "s32", GIVES_NUMBER, 0, 0, true }, [ABI_LOAD_S64] = { "s64", GIVES_NUMBER, 0, 0, true },
	[ABI_LOAD_STRING] = { "string", GIVES_BYTES, ABI_STRING_MAX, 40 },
	[ABI_LOAD_FILE] = { "file", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 90 },
	[ABI_LOAD_PATH] = { "path", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 90 },
	[ABI_LOAD_FILENAME] = { "filename", GIVES_BYTES, ABI_STRING_MAX, 50 },
	[ABI_LOAD_BINPRM] = { "binprm", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 90 },
	[ABI_LOAD_SOCKADDR] = { "sockaddr", GIVES_SOCKET, SOCKET, 25 },
	[ABI_LOAD_PID] = { "pid", GIVES_NUMBER, 0, 0 },
	[ABI_LOAD_SOCK] = { "sock", GIVES_SOCKET, SOCKET, 60 }, [ABI_LOAD_SOCKET] = { "socket", GIVES_SOCKET, SOCKET, 65 },
	[ABI_LOAD_SKB] = { "skb", GIVES_SOCKET, SOCKET, 80 },
	[ABI_LOAD_SOCKADDR_UN] = { "sockaddr_un", GIVES_BYTES | GIVES_NUMBER, UNIX_PATH, 30 },
	[ABI_LOAD_FD] = { "fd", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 100 },
	[ABI_LOAD_ENTRY] = { "entry", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 90 },
	[ABI_LOAD_DENTRY] = { "dentry", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 90 },
	[ABI_LOAD_DATA_LOC] = { "data_loc", GIVES_BYTES, ABI_STRING_MAX, 40 },
	[ABI_LOAD_NET_DEVICE] = { "net_device", GIVES_BYTES, NAME, 20 },
	[ABI_LOAD_CHAR_BUF] = { "char_buf", GIVES_BYTES, ABI_STRING_MAX, 40 },
	[ABI_LOAD_CHAR_IOVEC] = { "char_iovec", GIVES_BYTES, ABI_STRING_MAX, 60 },
	[ABI_LOAD_IOV_ITER] = { "iov_iter", GIVES_BYTES, ABI_STRING_MAX, 50 },
	[ABI_LOAD_CONST_BUF] = { "const_buf", GIVES_BYTES, 1024, 20 },
	[ABI_LOAD_KIOCB] = { "kiocb", GIVES_BYTES | GIVES_PATH | GIVES_NUMBER, ABI_STRING_MAX, 95 },
	[ABI_LOAD_SYSCALL64] = { "syscall64", GIVES_NUMBER, 0, 0, true },
	[ABI_LOAD_BPF_ATTR] = { "bpf_attr", GIVES_BYTES, STRUCTURE, 0 }, [ABI_LOAD_BPF_PROG] = { "bpf_prog", GIVES_BYTES, STRUCTURE, 0 },
	[ABI_LOAD_BPF_MAP] = { "bpf_map", GIVES_BYTES, STRUCTURE, 0 }, [ABI_LOAD_BPF_CMD] = { "bpf_cmd", GIVES_NUMBER, 0, 0 },
	[ABI_LOAD_PERF_EVENT] = { "perf_event", GIVES_BYTES, STRUCTURE, 0 },
	[ABI_LOAD_USER_NAMESPACE] = { "user_namespace", GIVES_BYTES, STRUCTURE, 0 },
	[ABI_LOAD_CAPABILITY] = { "capability", GIVES_NUMBER, 0, 0 },
	[ABI_LOAD_CAPABILITIES] = { "capabilities", GIVES_NUMBER, 0, 10 },
	[ABI_LOAD_CRED] = { "cred", GIVES_BYTES, STRUCTURE, 0 },
	[ABI_LOAD_LOAD_INFO] = { "load_info", GIVES_BYTES, STRUCTURE, 0 }, [ABI_LOAD_MODULE] = { "module", GIVES_BYTES, STRUCTURE, 0 },
	[ABI_LOAD_AUTO] = { "auto", GIVES_NUMBER, 0, 0 }, [ABI_LOAD_NOTHING] = { "nothing", 0, 0, 0 },
	[ABI_LOAD_NAMESPACE_PID] = { "namespace-pid", GIVES_NUMBER, 0, 20 },
	[ABI_LOAD_NAMESPACE] = { "namespace", GIVES_NUMBER, 0, 15 },
	[ABI_LOAD_IN_HOST_NAMESPACE] = { "in-host-namespace", GIVES_NUMBER, 0, 15 },
	[ABI_LOAD_NAMESPACE_CHANGES] = { "namespace-changes", GIVES_NUMBER, 0, 120 },
	[ABI_LOAD_CAPABILITY_SET] = { "capability-set", GIVES_NUMBER, 0, 15 },
	[ABI_LOAD_CAPABILITY_CHANGES] = { "capability-changes", GIVES_NUMBER, 0, 50 },
	[ABI_LOAD_KERNEL_STACK] = { "kernel-stack", GIVES_BYTES, ABI_STACK_BYTES, 0 },
	[ABI_LOAD_USER_STACK] = { "user-stack", GIVES_BYTES, ABI_STACK_BYTES, 0 },
	[ABI_LOAD_DIGEST] = { "digest", GIVES_BYTES, ABI_DIGEST_BYTES, 0 },
	[ABI_LOAD_PART] = { "part", GIVES_NUMBER, 0, 0 },
};

const uint32_t who_costs[] = {
	[ABI_WHO_PROCESS] = 20, [ABI_WHO_LINEAGE] = 60, [ABI_WHO_PARENT] = 40, [ABI_WHO_PARENT_LINEAGE] = 70,
};
