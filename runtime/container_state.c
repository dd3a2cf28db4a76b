// SPDX-License-Identifier: Apache-2.0
#include "runtime/container_state.h"
#include <errno.h>
int container_state_read(const char *container, struct arena *arena, struct workload *ret)
{
	(void)container, (void)arena, (void)ret;
	return -ENOENT;
}
