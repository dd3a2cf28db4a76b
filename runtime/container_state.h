/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_state.h - what container runtimes leave on disk of the containers that they run.
 *
 * Labels and names are chosen by who starts a container: everything is bounded, and nothing but text.
 */
#ifndef RUNTIME_CONTAINER_STATE_H
#define RUNTIME_CONTAINER_STATE_H

#include "compiler/workload_list.h"

/* 0, -ENOENT when no runtime that is known has left anything, or -EINVAL when what is there cannot be understood.  Texts live in the arena. */
int container_state_read(const char *container, struct arena *arena, struct workload *ret);

#endif
