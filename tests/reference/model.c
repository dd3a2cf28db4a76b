// SPDX-License-Identifier: Apache-2.0
/* model.c - memory and lists of the model, and the rows of the reference's tables; see model.h. */
#include "tests/reference/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Memory ---- */

struct piece { struct piece *next; size_t used, size; char bytes[]; };
static struct piece *pieces;

static struct piece *new_piece(size_t size)
{
	struct piece *piece = calloc(1, sizeof(*piece) + size);

	if (!piece) {
		fputs("out of memory\n", stderr);
		exit(3);
	}
	piece->size = size;
	piece->next = pieces;
	return piece;
}

void *model_allocate(size_t size)
{
	enum { PIECE = 1 << 18 };
	void *ret;

	size = (size + 15) & ~(size_t)15;
	if (!pieces || pieces->size - pieces->used < size)
		pieces = new_piece(size > PIECE ? size : PIECE);
	ret = pieces->bytes + pieces->used;
	pieces->used += size;
	return ret;
}

void model_release(void)
{
	while (pieces) {
		struct piece *next = pieces->next;

		free(pieces);
		pieces = next;
	}
}

/* ---- Texts and lists ---- */

struct model_text model_text(const char *bytes)
{
	return (struct model_text){ bytes, strlen(bytes) };
}

struct model_text model_copy(const void *bytes, size_t length)
{
	char *copy = model_allocate(length + 1);

	if (length)
		memcpy(copy, bytes, length);
	return (struct model_text){ copy, length };
}

struct model_text model_format(const char *format, ...)
{
	char text[256];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return model_copy(text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1);
}

bool model_text_equal(struct model_text a, struct model_text b)
{
	return a.length == b.length && !memcmp(a.bytes, b.bytes, a.length);
}

/* A list with room for one more than `count` elements of `size`. */
static void *grown(const void *items, size_t count, size_t size)
{
	char *ret = model_allocate((count + 1) * size);

	if (count)
		memcpy(ret, items, count * size);
	return ret;
}

void model_texts_add(struct model_texts *texts, struct model_text text)
{
	texts->items = grown(texts->items, texts->count, sizeof(text));
	texts->items[texts->count++] = text;
}

bool model_texts_have(const struct model_texts *texts, struct model_text text)
{
	for (size_t n = 0; n < texts->count; n++)
		if (model_text_equal(texts->items[n], text))
			return true;
	return false;
}

void model_filters_add(struct model_filters *filters, struct model_filter filter)
{
	filters->items = grown(filters->items, filters->count, sizeof(filter));
	filters->items[filters->count++] = filter;
}

void model_selectors_add(struct model_selectors *selectors, struct model_selector selector)
{
	selectors->items = grown(selectors->items, selectors->count, sizeof(selector));
	selectors->items[selectors->count++] = selector;
}

struct model_filters model_selector_filters(const struct model_policy *policy, const struct model_selector *selector)
{
	struct model_filters ret = { NULL, 0 };

	for (size_t n = 0; n < selector->filters.count; n++)
		model_filters_add(&ret, selector->filters.items[n]);
	for (size_t m = 0; m < policy->macros.count; m++)
		if (model_texts_have(&selector->macros, policy->macros.items[m].name))
			for (size_t n = 0; n < policy->macros.items[m].filters.count; n++)
				model_filters_add(&ret, policy->macros.items[m].filters.items[n]);
	return ret;
}

int model_filter_type(const struct model_hook *hook, const struct model_filter *filter)
{
	if (filter->kind == MATCH_RETURN_ARGS)
		return hook->return_type;
	if (filter->kind == MATCH_DATA)
		return hook->data.items[filter->index].type;
	if (filter->kind != MATCH_ARGS || filter->expression)
		return -1;
	if (filter->position_count)
		return hook->arguments.items[filter->positions[0]].type;
	for (size_t n = 0; n < hook->arguments.count; n++)
		if (hook->arguments.items[n].index == filter->index)
			return hook->arguments.items[n].type;
	return -1;
}

/* ---- Section 3 ---- */

const struct model_hook_row model_hooks[MODEL_HOOK_KINDS] = {
	[MODEL_KPROBE] = { "kprobes", "process_kprobe" }, [MODEL_FENTRY] = { "fentries", "process_kprobe" },
	[MODEL_TRACEPOINT] = { "tracepoints", "process_tracepoint" },
	[MODEL_RAW_TRACEPOINT] = { "tracepoints", "process_tracepoint" },
	[MODEL_UPROBE] = { "uprobes", "process_uprobe" }, [MODEL_USDT] = { "usdts", "process_usdt" },
	[MODEL_LSM] = { "lsmhooks", "process_lsm" },
};

/* ---- Section 4.1, in its order.  Pointers into the kernel are read on kernel hooks only: its second note ---- */

const struct model_type_row model_types[MODEL_TYPES] = {
	{ "auto", MODEL_OTHER, 0, "", "" },
	{ "int", MODEL_SIGNED, 32, "KFTRUSL", "int_arg" },
	{ "sint8", MODEL_SIGNED, 8, "KFTRUSL", "int_arg" }, { "int8", MODEL_SIGNED, 8, "KFTRUSL", "int_arg" },
	{ "uint8", MODEL_UNSIGNED, 8, "KFTRUSL", "uint_arg" },
	{ "sint16", MODEL_SIGNED, 16, "KFTRUSL", "int_arg" }, { "int16", MODEL_SIGNED, 16, "KFTRUSL", "int_arg" },
	{ "uint16", MODEL_UNSIGNED, 16, "KFTRUSL", "uint_arg" },
	{ "uint32", MODEL_UNSIGNED, 32, "KFTRUSL", "uint_arg" },
	{ "sint32", MODEL_SIGNED, 32, "KFTRUSL", "int_arg" }, { "int32", MODEL_SIGNED, 32, "KFTRUSL", "int_arg" },
	{ "ulong", MODEL_UNSIGNED, 64, "KFTRUSL", "size_arg" }, { "uint64", MODEL_UNSIGNED, 64, "KFTRUSL", "size_arg" },
	{ "size_t", MODEL_UNSIGNED, 64, "KFTRUSL", "size_arg" },
	{ "long", MODEL_SIGNED, 64, "KFTRUSL", "long_arg" }, { "sint64", MODEL_SIGNED, 64, "KFTRUSL", "long_arg" },
	{ "int64", MODEL_SIGNED, 64, "KFTRUSL", "long_arg" },
	{ "char_buf", MODEL_STRING, 0, "KFTRUSL", "bytes_arg" },
	{ "char_iovec", MODEL_OTHER, 0, "KFTRUSL", "bytes_arg" },
	{ "skb", MODEL_SOCKET, 0, "KFTRL", "skb_arg" },
	{ "sock", MODEL_SOCKET, 0, "KFTRL", "sock_arg" },
	{ "sockaddr", MODEL_SOCKADDR, 0, "KFTRUSL", "sockaddr_arg" },
	{ "socket", MODEL_SOCKET, 0, "KFTRL", "sock_arg" },
	{ "sockaddr_un", MODEL_UNIX, 0, "KFTRUSL", "sockaddrun_arg" },
	{ "string", MODEL_STRING, 0, "KFTRUSL", "string_arg" },
	{ "fd", MODEL_STRING, 0, "KFTRUSL", "file_arg" },
	{ "file", MODEL_PATH, 0, "KFTRL", "file_arg" },
	{ "filename", MODEL_OTHER, 0, "KFL", "string_arg" },
	{ "path", MODEL_PATH, 0, "KFL", "path_arg" },
	{ "nop", MODEL_OTHER, 0, "KFTRUSL", "" },
	{ "bpf_attr", MODEL_OTHER, 0, "KFL", "bpf_attr_arg" },
	{ "perf_event", MODEL_OTHER, 0, "KFL", "perf_event_arg" },
	{ "bpf_map", MODEL_OTHER, 0, "KFL", "bpf_map_arg" },
	{ "user_namespace", MODEL_OTHER, 0, "KFL", "user_ns_arg" },
	{ "capability", MODEL_OTHER, 0, "KFUSL", "capability_arg" },
	{ "kiocb", MODEL_OTHER, 0, "KFTRL", "file_arg" },
	{ "iov_iter", MODEL_OTHER, 0, "KFL", "bytes_arg" },
	{ "cred", MODEL_OTHER, 0, "KFL", "process_credentials_arg" },
	{ "const_buf", MODEL_OTHER, 0, "", "size_arg" },
	{ "load_info", MODEL_OTHER, 0, "KFL", "module_arg" },
	{ "module", MODEL_OTHER, 0, "KFL", "module_arg" },
	{ "syscall64", MODEL_SIGNED, 64, "TR", "syscall_id" },
	{ "kernel_cap_t", MODEL_SET, 64, "KFL", "kernel_cap_t_arg" },
	{ "cap_inheritable", MODEL_SET, 64, "KFL", "cap_inheritable_arg" },
	{ "cap_permitted", MODEL_SET, 64, "KFL", "cap_permitted_arg" },
	{ "cap_effective", MODEL_SET, 64, "KFL", "cap_effective_arg" },
	{ "linux_binprm", MODEL_STRING, 0, "KFTRL", "linux_binprm_arg" },
	{ "data_loc", MODEL_STRING, 0, "TR", "string_arg" },
	{ "net_device", MODEL_STRING, 0, "KFL", "string_arg" },
	{ "bpf_cmd", MODEL_OTHER, 0, "KF", "bpf_cmd_arg" },
	{ "dentry", MODEL_STRING, 0, "KFL", "path_arg" },
	{ "bpf_prog", MODEL_OTHER, 0, "KFL", "bpf_prog_arg" },
};

int model_type_find(const char *name)
{
	for (int n = 0; n < MODEL_TYPES; n++)
		if (!strcmp(model_types[n].name, name))
			return n;
	return -1;
}

/* ---- Section 5.4, and the cells of 5.5 that say "ok" ---- */

#define A (1u << MODEL_SIGNED | 1u << MODEL_UNSIGNED)
#define B (1u << MODEL_SET)
#define C (1u << MODEL_STRING | 1u << MODEL_PATH)
#define D (1u << MODEL_SOCKET | 1u << MODEL_SOCKADDR)
#define SOCKETS (1u << MODEL_SOCKET)
#define UN (1u << MODEL_UNIX)

const struct model_operator_row model_operators[MODEL_OPERATORS] = {
	{ "GT", TEST_GREATER, false, false, A | B }, { "GreaterThan", TEST_GREATER, false, false, A | B },
	{ "LT", TEST_LESS, false, false, A | B }, { "LessThan", TEST_LESS, false, false, A | B },
	{ "Equal", TEST_EQUAL, false, false, A | B | C | UN }, { "NotEqual", TEST_EQUAL, true, false, A | B | C | UN },
	{ "Prefix", TEST_PREFIX, false, false, C | UN }, { "NotPrefix", TEST_PREFIX, true, false, C | UN },
	{ "Postfix", TEST_POSTFIX, false, false, C }, { "NotPostfix", TEST_POSTFIX, true, false, C },
	{ "InMap", TEST_IN_MAP, false, false, A }, { "NotInMap", TEST_IN_MAP, true, false, A },
	{ "Mask", TEST_MASK, false, false, A | B },
	{ "SAddr", TEST_ADDRESS, false, false, D }, { "NotSAddr", TEST_ADDRESS, true, false, D },
	{ "DAddr", TEST_ADDRESS, false, true, SOCKETS }, { "NotDAddr", TEST_ADDRESS, true, true, SOCKETS },
	{ "SPort", TEST_PORT, false, false, D }, { "NotSPort", TEST_PORT, true, false, D },
	{ "DPort", TEST_PORT, false, true, SOCKETS }, { "NotDPort", TEST_PORT, true, true, SOCKETS },
	{ "Protocol", TEST_PROTOCOL, false, false, SOCKETS },
	{ "SPortPriv", TEST_PRIVILEGED, false, false, D }, { "NotSportPriv", TEST_PRIVILEGED, true, false, D },
	{ "DPortPriv", TEST_PRIVILEGED, false, true, SOCKETS }, { "NotDPortPriv", TEST_PRIVILEGED, true, true, SOCKETS },
	{ "Family", TEST_FAMILY, false, false, D | UN }, { "State", TEST_STATE, false, false, SOCKETS },
	{ "CapabilitiesGained", TEST_GAINED, false, false, B },
	{ "InRange", TEST_RANGE, false, false, A }, { "NotInRange", TEST_RANGE, true, false, A },
	{ "SubString", TEST_SUBSTRING, false, false, C | UN },
	{ "SubStringIgnCase", TEST_SUBSTRING_ANY_CASE, false, false, C | UN },
	{ "CelExpr", TEST_EXPRESSION, false, false, 0 },
	{ "FileType", TEST_FILE_TYPE, false, false, 1u << MODEL_PATH },
	{ "NotFileType", TEST_FILE_TYPE, true, false, 1u << MODEL_PATH },
	{ "In", TEST_IN, false, false, 0 }, { "NotIn", TEST_IN, true, false, 0 },
};

int model_operator_find(const char *name)
{
	for (int n = 0; n < MODEL_OPERATORS; n++)
		if (!strcmp(model_operators[n].name, name))
			return n;
	return -1;
}

const char *const model_filter_names[MODEL_FILTER_KINDS] = {
	"matchArgs", "matchData", "matchReturnArgs", "matchPIDs", "matchBinaries", "matchParentBinaries", "matchNamespaces",
	"matchNamespaceChanges", "matchCapabilities", "matchCapabilityChanges", "matchWorkloads",
};

/* ---- Section 5.3 ---- */

const char *const model_namespaces[MODEL_NAMESPACES] = {
	"Uts", "Ipc", "Mnt", "Pid", "PidForChildren", "Net", "Time", "TimeForChildren", "Cgroup", "User",
};
const char *const model_namespace_keys[MODEL_NAMESPACES] = {
	"uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children", "cgroup", "user",
};
const char *const model_capability_sets[MODEL_CAPABILITY_SETS] = { "Permitted", "Effective", "Inheritable" };
const char *const model_capabilities[MODEL_CAPABILITIES] = {
	"CAP_CHOWN", "DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
	"CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
	"CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};

/* ---- Sections 5.7 and 5.8 ---- */

const struct model_name model_protocols[] = {
	{ "IPPROTO_IP", 0 }, { "IPPROTO_ICMP", 1 }, { "IPPROTO_IGMP", 2 }, { "IPPROTO_IPIP", 4 }, { "IPPROTO_TCP", 6 },
	{ "IPPROTO_EGP", 8 }, { "IPPROTO_PUP", 12 }, { "IPPROTO_UDP", 17 }, { "IPPROTO_IDP", 22 }, { "IPPROTO_TP", 29 },
	{ "IPPROTO_DCCP", 33 }, { "IPPROTO_IPV6", 41 }, { "IPPROTO_RSVP", 46 }, { "IPPROTO_GRE", 47 }, { "IPPROTO_ESP", 50 },
	{ "IPPROTO_AH", 51 }, { "IPPROTO_MTP", 92 }, { "IPPROTO_BEETPH", 94 }, { "IPPROTO_ENCAP", 98 }, { "IPPROTO_PIM", 103 },
	{ "IPPROTO_COMP", 108 }, { "IPPROTO_SCTP", 132 }, { "IPPROTO_UDPLITE", 136 }, { "IPPROTO_MPLS", 137 },
	{ "IPPROTO_ETHERNET", 143 }, { "IPPROTO_RAW", 255 }, { "IPPROTO_MPTCP", 262 }, { NULL, 0 },
};
const struct model_name model_states[] = {
	{ "TCP_ESTABLISHED", 1 }, { "TCP_SYN_SENT", 2 }, { "TCP_SYN_RECV", 3 }, { "TCP_FIN_WAIT1", 4 }, { "TCP_FIN_WAIT2", 5 },
	{ "TCP_TIME_WAIT", 6 }, { "TCP_CLOSE", 7 }, { "TCP_CLOSE_WAIT", 8 }, { "TCP_LAST_ACK", 9 }, { "TCP_LISTEN", 10 },
	{ "TCP_CLOSING", 11 }, { "TCP_NEW_SYN_RECV", 12 }, { NULL, 0 },
};
/* Their numbers are those of <linux/socket.h>. */
const struct model_name model_families[] = {
	{ "AF_UNSPEC", 0 }, { "AF_UNIX", 1 }, { "AF_INET", 2 }, { "AF_AX25", 3 }, { "AF_IPX", 4 }, { "AF_APPLETALK", 5 },
	{ "AF_NETROM", 6 }, { "AF_BRIDGE", 7 }, { "AF_ATMPVC", 8 }, { "AF_X25", 9 }, { "AF_INET6", 10 }, { "AF_ROSE", 11 },
	{ "AF_DECnet", 12 }, { "AF_NETBEUI", 13 }, { "AF_SECURITY", 14 }, { "AF_KEY", 15 }, { "AF_NETLINK", 16 },
	{ "AF_PACKET", 17 }, { "AF_ASH", 18 }, { "AF_ECONET", 19 }, { "AF_ATMSVC", 20 }, { "AF_RDS", 21 }, { "AF_IRDA", 23 },
	{ "AF_PPPOX", 24 }, { "AF_WANPIPE", 25 }, { "AF_LLC", 26 }, { "AF_IB", 27 }, { "AF_MPLS", 28 }, { "AF_CAN", 29 },
	{ "AF_TIPC", 30 }, { "AF_BLUETOOTH", 31 }, { "AF_IUCV", 32 }, { "AF_RXRPC", 33 }, { "AF_ISDN", 34 }, { "AF_PHONET", 35 },
	{ "AF_IEEE802154", 36 }, { "AF_CAIF", 37 }, { "AF_ALG", 38 }, { "AF_NFC", 39 }, { "AF_VSOCK", 40 }, { "AF_KCM", 41 },
	{ "AF_QIPCRTR", 42 }, { "AF_SMC", 43 }, { "AF_XDP", 44 }, { "AF_MCTP", 45 }, { NULL, 0 },
};
const struct model_name model_file_types[] = {
	{ "sock", 0140000 }, { "socket", 0140000 }, { "lnk", 0120000 }, { "link", 0120000 }, { "reg", 0100000 },
	{ "regular", 0100000 }, { "blk", 0060000 }, { "block", 0060000 }, { "dir", 0040000 }, { "chr", 0020000 },
	{ "char", 0020000 }, { "fifo", 0010000 }, { "pipe", 0010000 }, { NULL, 0 },
};
