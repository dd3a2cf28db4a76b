/* SPDX-License-Identifier: Apache-2.0 */
/* attached.h - programs that are attached, with a line of TAP for each: for files that include tap.h. */
#ifndef TESTS_BPF_ATTACHED_H
#define TESTS_BPF_ATTACHED_H

#include <errno.h>
#include <string.h>

#include "tests/bpf/programs.h"
#include "tests/bpf/tap.h"

static inline struct bpf_program *program_of(struct bpf_object *object, const char *name)
{
	return bpf_object__find_program_by_name(object, name);
}

/* A link, or NULL after a skip that says why. */
static inline struct bpf_link *attached(struct bpf_link *link, const char *name)
{
	char what[128];

	snprintf(what, sizeof(what), "%s attaches", name);
	if (link)
		tap_ok(true, "%s", what);
	else
		tap_skip(what, "%s", strerror(errno));
	return link;
}

#endif
