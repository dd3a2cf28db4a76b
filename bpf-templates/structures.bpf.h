/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * structures.bpf.h - structures of the kernel that events report: credentials, namespaces, modules, programs, maps, perf events.
 *
 * A part of arguments.bpf.h, which includes it.  All of a structure is read, or it is a fault.
 */
#ifndef BPF_TEMPLATES_STRUCTURES_BPF_H
#define BPF_TEMPLATES_STRUCTURES_BPF_H

/* The member of a kernel structure at `address`, which must not be larger than where it goes. */
#define PUT_FIELD(target, type, field)                                                   \
	bpf_probe_read_kernel(target, bpf_core_field_size(((struct type *)0)->field),    \
			      (void *)(address + bpf_core_field_offset(struct type, field)))
#define PUT_NAME(target, at)	bpf_probe_read_kernel_str(target, sizeof(target), (void *)(at))

static __always_inline long put_user_namespace(struct abi_user_namespace *target, __u64 address)
{
	__u32 host = *(volatile __u32 *)&area.control.host_namespaces[NAMESPACE_USER];
	long error = PUT_FIELD(&target->level, user_namespace, level);

	error |= PUT_FIELD(&target->owner, user_namespace, owner);
	error |= PUT_FIELD(&target->group, user_namespace, group);
	error |= PUT_FIELD(&target->inum, user_namespace, ns.inum);
	target->is_host = !host ? ABI_ANSWER_UNKNOWN : target->inum == host ? ABI_ANSWER_YES : ABI_ANSWER_NO;
	return error;
}

static __always_inline long put_ids(struct abi_cred *target, __u64 address)
{
	long error = PUT_FIELD(&target->uid, cred, uid);

	error |= PUT_FIELD(&target->gid, cred, gid);
	error |= PUT_FIELD(&target->euid, cred, euid);
	error |= PUT_FIELD(&target->egid, cred, egid);
	error |= PUT_FIELD(&target->suid, cred, suid);
	error |= PUT_FIELD(&target->sgid, cred, sgid);
	error |= PUT_FIELD(&target->fsuid, cred, fsuid);
	error |= PUT_FIELD(&target->fsgid, cred, fsgid);
	return error | PUT_FIELD(&target->securebits, cred, securebits);
}

#define PUT_SET(set, field)                                                              \
	bpf_probe_read_kernel(&target->capabilities[set], sizeof(__u64),                 \
			      (void *)(address + bpf_core_field_offset(struct cred, field)))

static __always_inline long put_cred(struct abi_cred *target, __u64 address)
{
	long error = put_ids(target, address);

	error |= PUT_SET(CAPABILITIES_EFFECTIVE, cap_effective);
	error |= PUT_SET(CAPABILITIES_INHERITABLE, cap_inheritable);
	error |= PUT_SET(CAPABILITIES_PERMITTED, cap_permitted);
	if (error)
		return error;
	return put_user_namespace(&target->user_namespace, task_read64(address + bpf_core_field_offset(struct cred, user_ns)));
}

/* Kernels without modules have no such types. */
#define MODULE_EXISTS		bpf_core_field_exists(((struct module *)0)->taints)
#define LOAD_INFO_EXISTS	bpf_core_field_exists(((struct load_info *)0)->mod)

static __always_inline long put_taints(struct abi_module *target, __u64 address)
{
	return PUT_FIELD(&target->taints, module, taints);
}

static __always_inline long put_module(struct abi_module *target, __u64 address)
{
	if (!MODULE_EXISTS)
		return -1;
	target->signature_ok = ABI_ANSWER_UNKNOWN;
	if (PUT_NAME(target->name, address + bpf_core_field_offset(struct module, name)) < 0)
		return -1;
	return put_taints(target, address);
}

/* The module itself may not be there yet: it has no taints then. */
static __always_inline long put_load_info(struct abi_module *target, __u64 address)
{
	__u64 module;

	if (!MODULE_EXISTS || !LOAD_INFO_EXISTS)
		return -1;
	module = task_read64(address + bpf_core_field_offset(struct load_info, mod));
	if (PUT_NAME(target->name, task_read64(address + bpf_core_field_offset(struct load_info, name))) < 0)
		return -1;
	if (module && put_taints(target, module))
		return -1;
	target->signature_ok = ABI_ANSWER_UNKNOWN;
	if (!bpf_core_field_exists(((struct load_info *)0)->sig_ok))
		return 0;
	target->signature_ok = 0;
	return PUT_FIELD(&target->signature_ok, load_info, sig_ok);
}

/* What bpf(2) was given, in user memory or already in the kernel's; its layout is for ever. */
static __always_inline long put_bpf_attr(struct scratch *piece, struct abi_bpf_prog *target, __u64 address)
{
	return read_memory(piece, &target->type, sizeof(target->type), address + __builtin_offsetof(union bpf_attr, prog_type)) ||
	       read_memory(piece, &target->instructions, sizeof(target->instructions),
			   address + __builtin_offsetof(union bpf_attr, insn_cnt)) ||
	       read_memory(piece, target->name, sizeof(target->name), address + __builtin_offsetof(union bpf_attr, prog_name));
}

static __always_inline long put_bpf_prog(struct abi_bpf_prog *target, __u64 address)
{
	long error = PUT_FIELD(&target->type, bpf_prog, type);
	__u64 more;

	error |= PUT_FIELD(&target->instructions, bpf_prog, len);
	more = task_read64(address + bpf_core_field_offset(struct bpf_prog, aux));
	return error || PUT_NAME(target->name, more + bpf_core_field_offset(struct bpf_prog_aux, name)) < 0;
}

static __always_inline long put_bpf_map(struct abi_bpf_map *target, __u64 address)
{
	long error = PUT_FIELD(&target->type, bpf_map, map_type);

	error |= PUT_FIELD(&target->key_size, bpf_map, key_size);
	error |= PUT_FIELD(&target->value_size, bpf_map, value_size);
	error |= PUT_FIELD(&target->max_entries, bpf_map, max_entries);
	return error || PUT_NAME(target->name, address + bpf_core_field_offset(struct bpf_map, name)) < 0;
}

#define FIRST_DYNAMIC_TYPE	6u	/* perf_event_attr.type: those below are no probes of functions */

/* The function's name is where who asked for the event has it: in user memory, which may be gone. */
static __always_inline long put_perf_event(struct abi_perf_event *target, __u64 address)
{
	long error = PUT_FIELD(&target->type, perf_event, attr.type);
	__u64 function = 0;

	error |= PUT_FIELD(&target->config, perf_event, attr.config);
	error |= PUT_FIELD(&target->probe_offset, perf_event, attr.config2);
	error |= PUT_FIELD(&function, perf_event, attr.config1);
	if (target->type >= FIRST_DYNAMIC_TYPE && function && !address_is_kernel(function))
		bpf_probe_read_user_str(target->function, sizeof(target->function), (void *)function);
	return error;
}

/* Room for any structure, all zeros; NULL when there is none. */
static __always_inline void *structure_room(struct match_state *match, __u32 slot)
{
	__u64 start = match->data_used;
	__u64 *words;
	__u32 n;

	match_set_state(match, slot, ABI_SLOT_NO_SPACE);
	barrier_var(start);
	if (start > ABI_DATA_SIZE - ABI_STRUCTURE_MAX)
		return NULL;
	words = (__u64 *)(match->data + start);
#pragma unroll
	for (n = 0; n < ABI_STRUCTURE_MAX / 8; n++)
		words[n] = 0;
	match_set_state(match, slot, ABI_SLOT_FAULT);
	return words;
}

static __always_inline void structure_take(struct match_state *match, __u32 slot, __u32 size)
{
	__u32 start = match->data_used;

	match->data_used = start + size;
	match_set_bytes(match, slot, MATCH_DATA + start, size, MATCH_WHOLE);
}

static __always_inline __u32 structure_size(__u32 load)
{
	switch (load) {
	case ABI_LOAD_CRED:
		return sizeof(struct abi_cred);
	case ABI_LOAD_USER_NAMESPACE:
		return sizeof(struct abi_user_namespace);
	case ABI_LOAD_MODULE:
	case ABI_LOAD_LOAD_INFO:
		return sizeof(struct abi_module);
	case ABI_LOAD_BPF_ATTR:
	case ABI_LOAD_BPF_PROG:
		return sizeof(struct abi_bpf_prog);
	case ABI_LOAD_BPF_MAP:
		return sizeof(struct abi_bpf_map);
	case ABI_LOAD_PERF_EVENT:
		return sizeof(struct abi_perf_event);
	default:
		return 0;
	}
}

static __always_inline long put_structure(struct scratch *piece, __u32 load, void *target, __u64 address)
{
	switch (load) {
	case ABI_LOAD_CRED:
		return put_cred(target, address);
	case ABI_LOAD_USER_NAMESPACE:
		return put_user_namespace(target, address);
	case ABI_LOAD_MODULE:
		return put_module(target, address);
	case ABI_LOAD_LOAD_INFO:
		return put_load_info(target, address);
	case ABI_LOAD_BPF_ATTR:
		return put_bpf_attr(piece, target, address);
	case ABI_LOAD_BPF_PROG:
		return put_bpf_prog(target, address);
	case ABI_LOAD_BPF_MAP:
		return put_bpf_map(target, address);
	case ABI_LOAD_PERF_EVENT:
		return put_perf_event(target, address);
	default:
		return -1;
	}
}

__noinline int load_structure(__u32 index, __u32 slot, __u32 load, __u64 address)
{
	struct scratch *piece = scratch_get(index);
	void *target = piece ? structure_room(&piece->match, slot) : NULL;

	if (target && !put_structure(piece, load, target, address))
		structure_take(&piece->match, slot, structure_size(load));
	return 0;
}

#endif
