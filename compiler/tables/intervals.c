// SPDX-License-Identifier: Apache-2.0
/* intervals.c - tables of numbers and of addresses; see tables.h. */
#include "compiler/tables/tables.h"

#include <errno.h>

#include "bpf-templates/abi.h"
#include "compiler/tables/sweep.h"

static int too_many(struct table_output *output, size_t count)
{
	output->reason = arena_format(output->arena, "%zu intervals in one table, at most %u fit", count,
				      ABI_INTERVALS_MAX);
	return -E2BIG;
}

static int add_table64(struct table_output *output, const struct sweep *sweep, uint32_t flags, uint32_t *ret)
{
	const struct abi_interval_table table = { (uint32_t)sweep->count, flags };

	if (sweep->count > ABI_INTERVALS_MAX)
		return too_many(output, sweep->count);
	*ret = (uint32_t)output->image->length;
	buffer_add(output->image, &table, sizeof(table));
	for (size_t n = 0; n < sweep->count; n++) {
		const struct sweep_interval *one = &sweep->items[n];
		const struct abi_interval interval = { (uint64_t)one->low, (uint64_t)one->high, one->rows };

		buffer_add(output->image, &interval, sizeof(interval));
	}
	return 0;
}

static int add_table128(struct table_output *output, const struct sweep *sweep, uint32_t *ret)
{
	const struct abi_interval128_table table = { (uint32_t)sweep->count, 0 };

	if (sweep->count > ABI_INTERVALS_MAX)
		return too_many(output, sweep->count);
	*ret = (uint32_t)output->image->length;
	buffer_add(output->image, &table, sizeof(table));
	for (size_t n = 0; n < sweep->count; n++) {
		const struct sweep_interval *one = &sweep->items[n];
		const struct abi_interval128 interval = {
			(uint64_t)(one->low >> 64), (uint64_t)one->low,
			(uint64_t)(one->high >> 64), (uint64_t)one->high, one->rows,
		};

		buffer_add(output->image, &interval, sizeof(interval));
	}
	return 0;
}

int table_add_intervals(struct table_output *output, const struct abi_interval *intervals, size_t count,
			uint32_t flags, uint32_t *ret)
{
	struct sweep sweep = { .arena = output->arena };

	for (size_t n = 0; n < count; n++)
		sweep_add(&sweep, intervals[n].low, intervals[n].high, intervals[n].rows);
	sweep_run(&sweep);
	return add_table64(output, &sweep, flags, ret);
}

static void add_network(struct sweep *v4, struct sweep *v6, const struct table_network *network)
{
	const unsigned int bytes = network->family == 4 ? 4 : 16, free_bits = bytes * 8 - network->prefix;
	const sweep_key mapped = network->family == 4 ? (sweep_key)0xffff << 32 : 0;
	const sweep_key host = free_bits == 128 ? ~(sweep_key)0 : ((sweep_key)1 << free_bits) - 1;
	sweep_key low = 0;

	for (unsigned int n = 0; n < bytes; n++)
		low = low << 8 | network->address[n];
	low &= ~host;
	if (network->family == 4)
		sweep_add(v4, low, low | host, network->rows);
	sweep_add(v6, mapped | low, mapped | low | host, network->rows);
}

int table_add_addresses(struct table_output *output, const struct table_network *networks, size_t count,
			uint32_t *ret)
{
	struct sweep v4 = { .arena = output->arena }, v6 = { .arena = output->arena };
	struct abi_address_table table = { 0, 0 };
	int error = 0;

	for (size_t n = 0; n < count; n++)
		add_network(&v4, &v6, &networks[n]);
	sweep_run(&v4);
	sweep_run(&v6);
	if (v4.count)
		error = add_table64(output, &v4, 0, &table.v4);
	if (!error && v6.count)
		error = add_table128(output, &v6, &table.v6);
	if (error)
		return error;
	*ret = (uint32_t)output->image->length;
	buffer_add(output->image, &table, sizeof(table));
	return 0;
}
