// SPDX-License-Identifier: Apache-2.0
/* misses.c - asks the kernel about the program of a link; see misses.h. */
#include "runtime/misses.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include <bpf/bpf.h>

static int program_of(int link)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);
	int error = bpf_obj_get_info_by_fd(link, &info, &length);

	return error ? error : bpf_prog_get_fd_by_id(info.prog_id);
}

static int misses_of(int program, uint64_t *ret)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);
	int error = bpf_obj_get_info_by_fd(program, &info, &length);

	if (error)
		return error;
	if (length < offsetof(struct bpf_prog_info, recursion_misses) + sizeof(info.recursion_misses))
		return -ENODATA;
	*ret = info.recursion_misses;
	return 0;
}

int misses_read(const struct pins *pins, const char *link, uint64_t *ret)
{
	int fd = pins_get(pins, PIN_LINKS, link), program, error;

	if (fd < 0)
		return fd;
	program = program_of(fd);
	close(fd);
	if (program < 0)
		return program == -EPERM ? -ENODATA : program;
	error = misses_of(program, ret);
	close(program);
	return error;
}
