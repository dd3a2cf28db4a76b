// SPDX-License-Identifier: Apache-2.0
/* counters.c - reads the counters of the programs; see counters.h. */
#include "runtime/counters.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

const char *const counters_error_names[ABI_ERROR_COUNT] = {
	[ABI_ERROR_SCRATCH_BUSY] = "scratch_busy", [ABI_ERROR_UNREADABLE] = "unreadable",
	[ABI_ERROR_CUT] = "cut", [ABI_ERROR_NO_SPACE] = "no_space",
	[ABI_ERROR_PROCESS_UNKNOWN] = "process_unknown", [ABI_ERROR_CALLS_FULL] = "calls_full",
	[ABI_ERROR_ACTION_FAILED] = "action_failed", [ABI_ERROR_STEPS] = "steps",
	[ABI_ERROR_WORKLOAD_UNKNOWN] = "workload_unknown",
};

const char *const counters_failure_names[ABI_FAILURE_COUNT] = {
	[ABI_FAILURE_OTHER] = "other",
#define X(name, number) [ABI_FAILURE_##name] = #name,
	ABI_FAILURES(X)
#undef X
};

int counters_map(int fd, struct counters *ret)
{
	struct counters counters = { 0 };
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return -errno;
	if (info.value_size < ABI_HOOKS_MAX * sizeof(struct abi_counter_row))
		return -EPROTO;
	counters.stride = (info.value_size + 7u) & ~7ul;
	counters.size = counters.stride * info.max_entries;
	counters.bytes = mmap(NULL, counters.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counters.bytes == MAP_FAILED)
		return -errno;
	*ret = counters;
	return 0;
}

void counters_unmap(struct counters *counters)
{
	if (counters->bytes)
		munmap(counters->bytes, counters->size);
	*counters = (struct counters){ 0 };
}

static struct abi_counter_row *counters_at(const struct counters *counters, size_t start, uint32_t n)
{
	return (struct abi_counter_row *)(counters->bytes + start) + n;
}

static void add(struct abi_counters *sum, const struct abi_counters *one)
{
	sum->seen += one->seen;
	sum->matched += one->matched;
	sum->posted += one->posted;
	sum->lost += one->lost;
	for (int i = 0; i < ABI_ERROR_COUNT; i++)
		sum->errors[i] += one->errors[i];
}

struct abi_counters counters_sum(const struct counters *counters, uint32_t hook)
{
	struct abi_counters sum = { 0 };

	for (size_t start = 0; start < counters->size; start += counters->stride)
		add(&sum, &counters_at(counters, start, hook)->hook);
	return sum;
}

uint64_t counters_lost(const struct counters *counters, uint32_t hook)
{
	uint64_t lost = 0;

	for (size_t start = 0; start < counters->size; start += counters->stride)
		lost += counters_at(counters, start, hook)->hook.lost;
	return lost;
}

static void add_policy(struct abi_policy_counters *sum, const struct abi_policy_counters *one)
{
	sum->matched += one->matched;
	sum->posted += one->posted;
	sum->lost += one->lost;
	sum->limited += one->limited;
	for (int i = 0; i < ABI_OUTCOME_COUNT; i++)
		sum->outcomes[i] += one->outcomes[i];
	for (int i = 0; i < ABI_FAILURE_COUNT; i++)
		sum->failures[i] += one->failures[i];
}

struct abi_policy_counters counters_sum_policy(const struct counters *counters, uint32_t policy)
{
	struct abi_policy_counters sum = { 0 };

	for (size_t start = 0; start < counters->size; start += counters->stride)
		add_policy(&sum, &counters_at(counters, start, policy)->policy);
	return sum;
}

void counters_clear_policy(const struct counters *counters, uint32_t policy)
{
	for (size_t start = 0; start < counters->size; start += counters->stride)
		counters_at(counters, start, policy)->policy = (struct abi_policy_counters){ 0 };
}

int counters_open(const struct pins *pins, struct counters *ret)
{
	int fd = pins_get(pins, PIN_MAPS, ABI_MAP_COUNTERS), error;

	if (fd < 0)
		return fd;
	error = counters_map(fd, ret);
	close(fd);
	return error;
}

int counters_clear(const struct pins *pins, uint32_t hook)
{
	struct counters counters = { 0 };
	int error = counters_open(pins, &counters);

	for (size_t start = 0; start < counters.size; start += counters.stride)
		counters_at(&counters, start, hook)->hook = (struct abi_counters){ 0 };
	counters_unmap(&counters);
	return error;
}
