/* SPDX-License-Identifier: Apache-2.0 */
/* init.h - the topics of `tetra init`, also for completion. */
#ifndef CMD_INIT_H
#define CMD_INIT_H

/* The last one has no name. */
struct topic { const char *name, *also, *about; };
extern const struct topic topics[];

#endif
