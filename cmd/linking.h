/* SPDX-License-Identifier: Apache-2.0 */
/* linking.h - the policies of a command line as one host image; for the verbs that need no kernel. */
#ifndef CMD_LINKING_H
#define CMD_LINKING_H

#include "cmd/input.h"
#include "compiler/image/image.h"
#include "compiler/link/link.h"

struct linking {
	struct arena arena;
	struct link_options options;	/* plain when the units are */
	struct link_input *objects;
	size_t object_count;
	struct buffer image;
	struct image_view view;
};

/* Lists the objects of all units. */
void linking_collect(const struct inputs *inputs, struct linking *ret);

/* Links them and verifies the result.  EXIT_FINE, or EXIT_REFUSED with the reason on stderr. */
int linking_run(struct linking *linking);

/* Says all that no program of this version runs, and `so`; EXIT_REFUSED when there is anything. */
int linking_refuse_later(const struct linking *linking, const char *so);

void linking_release(struct linking *linking);

#endif
