// SPDX-License-Identifier: Apache-2.0
/*
 * test_structures.c - what the engine reads of the kernel's structures, as events tell them: credentials, BPF programs and maps, perf events, modules.
 *
 * See loads.h.  TAP; needs root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bpf/loads.h"
#include "tests/bpf/tap.h"

/* What the slot holds, or all zeros. */
static void take_structure(const struct abi_event_slot *slot, void *ret, size_t size)
{
	memset(ret, 0, size);
	if (slot && slot->state == ABI_SLOT_READ && slot->length == size)
		memcpy(ret, (const char *)rig.events[0].event + slot->offset, size);
	else if (slot)
		tap_say("state %u, %u bytes instead of %zu", slot->state, slot->length, size);
}

/* A number of /proc/self/NAME behind a word. */
static unsigned long long proc_number(const char *name, const char *word, int base)
{
	char path[64], line[512];
	unsigned long long number = ~0ULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, word, strlen(word)))
			number = strtoull(line + strlen(word), NULL, base);
	if (file)
		fclose(file);
	return number;
}

static void test_credentials(void)
{
	struct abi_user_namespace namespace;
	struct abi_cred cred;
	char link[64] = "";
	ssize_t length;

	prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_KEEP_CAPS);
	if (setresgid(11, 12, 13) || setfsgid(14) != 12 || setresuid(0, 0, 17) || setfsuid(18))
		tap_say("ids cannot be set");
	find_pointers();
	take_structure(read_load(ABI_LOAD_CRED, pointers[0].cred), &cred, sizeof(cred));
	tap_ok(!cred.uid && !cred.euid && cred.suid == 17 && cred.fsuid == 18 && cred.gid == 11 && cred.egid == 12 && cred.sgid == 13 &&
		       cred.fsgid == 14,
	       "credentials: users and groups");
	tap_ok(cred.capabilities[0] == proc_number("status", "CapEff:", 16) && cred.capabilities[1] == proc_number("status", "CapInh:", 16) &&
		       cred.capabilities[2] == proc_number("status", "CapPrm:", 16),
	       "credentials: capabilities");
	tap_ok(cred.securebits == (SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_KEEP_CAPS), "credentials: secure bits");
	length = readlink("/proc/self/ns/user", link, sizeof(link) - 1);
	take_structure(read_load(ABI_LOAD_USER_NAMESPACE, pointers[0].user_namespace), &namespace, sizeof(namespace));
	tap_ok(length > 6 && namespace.inum == strtoul(link + 6, NULL, 10) && !namespace.owner && !namespace.group && namespace.level >= 0 &&
		       !memcmp(&namespace, &cred.user_namespace, sizeof(namespace)),
	       "a user namespace, and that of credentials");
	tap_ok(namespace.is_host == ABI_ANSWER_UNKNOWN, "whether it is that of the host is not known before tetra has said so");
	tap_ok(is_fault(read_load(ABI_LOAD_CRED, 0)) && is_fault(read_load(ABI_LOAD_USER_NAMESPACE, 0)) &&
		       is_fault(read_load(ABI_LOAD_CRED, (uint64_t)&cred)),
	       "none at all, and one that is not in the kernel");
	setresuid(0, 0, 0);
	setresgid(0, 0, 0);
}

static void test_bpf_objects(void)
{
	const struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 }, { .code = BPF_JMP | BPF_EXIT } };
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "tetra_test_map", 4, 24, 77, &options);
	int program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "tetra_test_prog", "GPL", code, 2, NULL);
	struct abi_bpf_prog of_program, of_attr;
	struct abi_bpf_map of_map;
	union bpf_attr attr;

	if (map < 0 || program < 0 || find_pointers()) {
		tap_ok(false, "BPF programs and maps cannot be made");
		return;
	}
	take_structure(read_load(ABI_LOAD_BPF_MAP, pointers[map].private_data), &of_map, sizeof(of_map));
	tap_ok(of_map.type == BPF_MAP_TYPE_HASH && of_map.key_size == 4 && of_map.value_size == 24 && of_map.max_entries == 77 &&
		       !strcmp(of_map.name, "tetra_test_map"),
	       "a BPF map");
	take_structure(read_load(ABI_LOAD_BPF_PROG, pointers[program].private_data), &of_program, sizeof(of_program));
	tap_ok(of_program.type == BPF_PROG_TYPE_SOCKET_FILTER && of_program.instructions == 2 && !strcmp(of_program.name, "tetra_test_prog"),
	       "a BPF program");
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.insn_cnt = 99;
	strcpy(attr.prog_name, "by_attr");
	take_structure(read_load(ABI_LOAD_BPF_ATTR, (uint64_t)&attr), &of_attr, sizeof(of_attr));
	tap_ok(of_attr.type == BPF_PROG_TYPE_KPROBE && of_attr.instructions == 99 && !strcmp(of_attr.name, "by_attr"),
	       "what bpf(2) is given");
	tap_ok(is_fault(read_load(ABI_LOAD_BPF_MAP, 0)) && is_fault(read_load(ABI_LOAD_BPF_PROG, 0)) &&
		       is_fault(read_load(ABI_LOAD_BPF_ATTR, 16)) &&
		       is_fault(read_slot((struct abi_slot){ .load = ABI_LOAD_BPF_ATTR, .source = ABI_SOURCE_ARGUMENT }, ABI_HOOK_USER_MEMORY,
					  pointers[0].file, 0)),
	       "none at all, and what a system call cannot be given");
	close(map);
	close(program);
}

static void test_perf_events(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_PAGE_FAULTS,
					.config1 = (uint64_t)"not a function" };
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	struct abi_perf_event event;

	if (fd < 0) {
		tap_skip("a perf event", "%s", strerror(errno));
		return;
	}
	find_pointers();
	take_structure(read_load(ABI_LOAD_PERF_EVENT, pointers[fd].private_data), &event, sizeof(event));
	tap_ok(event.type == PERF_TYPE_SOFTWARE && event.config == PERF_COUNT_SW_PAGE_FAULTS && !event.function[0], "a perf event");
	tap_ok(is_fault(read_load(ABI_LOAD_PERF_EVENT, 0)), "and none");
	close(fd);
}

/* Of a uprobe, which has its file's name where a kprobe has the function's. */
static void test_probes(void)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config1 = (uint64_t)"/proc/self/exe", .config2 = 64 };
	FILE *type = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
	struct abi_perf_event event;
	int fd = -1;

	if (type && fscanf(type, "%u", &attr.type) == 1)
		fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	if (type)
		fclose(type);
	if (fd < 0) {
		tap_skip("a perf event that is a probe", "%s", strerror(errno));
		return;
	}
	find_pointers();
	take_structure(read_load(ABI_LOAD_PERF_EVENT, pointers[fd].private_data), &event, sizeof(event));
	tap_ok(event.type == attr.type && event.probe_offset == 64 && !strcmp(event.function, "/proc/self/exe"), "a perf event that is a probe");
	close(fd);
}

/* Where the kernel has some module, and its name. */
static uint64_t find_module(char name[64])
{
	int fd = open("/dummy.ko", O_RDONLY);
	FILE *symbols;
	uint64_t found = 0, address;
	char line[512];

	if (fd >= 0) {	/* a test machine has one */
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
	symbols = fopen("/proc/kallsyms", "r");
	while (symbols && !found && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%lx %*c __this_module [%63[^]]]", &address, name) == 2)
			found = address;
	if (symbols)
		fclose(symbols);
	return found;
}

static void test_modules(void)
{
	struct abi_module module;
	char name[64] = "", path[128], taint[16] = "";
	uint64_t address = find_module(name);
	FILE *file;

	if (!address) {
		tap_skip("a module", "there is none");
	} else {
		take_structure(read_load(ABI_LOAD_MODULE, address), &module, sizeof(module));
		tap_ok(!strcmp(module.name, name) && module.signature_ok == ABI_ANSWER_UNKNOWN, "the name of a module");
		snprintf(path, sizeof(path), "/sys/module/%s/taint", name);
		file = fopen(path, "r");
		if (file) {
			if (!fgets(taint, sizeof(taint), file))
				taint[0] = '\0';
			fclose(file);
		}
		tap_ok(!module.taints == (taint[0] == '\n' || !taint[0]), "whether it taints the kernel");
	}
	tap_ok(is_fault(read_load(ABI_LOAD_MODULE, 0)) && is_fault(read_load(ABI_LOAD_LOAD_INFO, 0)), "none at all");
}

/* None is to be had at a time when it has a name.  The module that it names is in there, too. */
static void test_load_info(void)
{
	struct lookalike info;
	const bool is_made = lookalike_make(&info);
	const long name = member_offset(info.types, "load_info", "name"), module = member_offset(info.types, "load_info", "mod"),
		   good = member_offset(info.types, "load_info", "sig_ok"), taints = member_offset(info.types, "module", "taints");
	struct abi_module got;

	if (!is_made || name < 0 || module < 0 || taints < 0) {
		tap_skip("a load_info", "this kernel has no modules");
		lookalike_release(&info);
		return;
	}
	memcpy(info.bytes + name, &(uint64_t){ info.at + 1024 }, 8);
	memcpy(info.bytes + module, &(uint64_t){ info.at + 2048 }, 8);
	if (good >= 0)
		info.bytes[good] = 1;
	strcpy((char *)info.bytes + 1024, "a_module");
	info.bytes[2048 + taints + 1] = 0x30;
	lookalike_write(&info);
	take_structure(read_load(ABI_LOAD_LOAD_INFO, info.at), &got, sizeof(got));
	tap_ok(!strcmp(got.name, "a_module") && got.taints == 0x3000 && got.signature_ok == (good >= 0 ? ABI_ANSWER_YES : ABI_ANSWER_UNKNOWN),
	       "a load_info");
	if (good >= 0)
		info.bytes[good] = 0;
	memset(info.bytes + module, 0, 8);
	lookalike_write(&info);
	take_structure(read_load(ABI_LOAD_LOAD_INFO, info.at), &got, sizeof(got));
	tap_ok(!strcmp(got.name, "a_module") && !got.taints && got.signature_ok == (good >= 0 ? ABI_ANSWER_NO : ABI_ANSWER_UNKNOWN),
	       "one without a module yet");
	memset(info.bytes + name, 0, 8);
	lookalike_write(&info);
	tap_ok(is_fault(read_load(ABI_LOAD_LOAD_INFO, info.at)), "one without a name yet");
	lookalike_release(&info);
}

static void test_all(void)
{
	test_credentials();
	test_bpf_objects();
	test_perf_events();
	test_probes();
	test_modules();
	test_load_info();
}

int main(void)
{
	return loads_main(test_all);
}
