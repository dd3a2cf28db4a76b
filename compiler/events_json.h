/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events_json.h - recorded events, one JSON object a line as Tetragon exports them, as values to decide on.
 *
 * Arguments come in the order of the policy that recorded them; events written by hand may say which argument of
 * the function each one is ("index": 2), and what of it ("resolve": "f_flags").  What an event does not carry is not known.  docs/events.md has all keys that are
 * read, and what is taken for a default where one is left out.
 */
#ifndef COMPILER_EVENTS_JSON_H
#define COMPILER_EVENTS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf-templates/abi.h"
#include "compiler/base/arena.h"
#include "schema/schema.h"

enum { EVENT_LINE_MAX = 1 << 20, EVENT_ARGUMENTS_MAX = 16 };

enum event_state {
	EVENT_ABSENT,		/* the event does not say */
	EVENT_FAULT,		/* it could not be read when it happened */
	EVENT_NUMBER,
	EVENT_BYTES,		/* string or path */
	EVENT_SOCKET,		/* socket, packet or address */
};
enum event_cut { EVENT_WHOLE, EVENT_CUT_END, EVENT_CUT_FRONT };

struct event_value {
	enum event_state state;
	enum event_cut cut;
	bool has_number;	/* BYTES: of paths the mode of the file, of Unix sockets the family */
	uint64_t number;	/* sign-extended */
	const char *bytes;
	size_t length;
	struct abi_socket socket;	/* SOCKET only; with what the event does not say unknown */
};

/* A number of the process, if the event says it. */
struct event_fact { bool known; uint64_t number; };

/* The process (first), its parent, and so on. */
struct event_kin {
	struct event_value binary;	/* BYTES or ABSENT */
	struct event_fact pid, namespace_pid;
};

enum { EVENT_KIN_MAX = 64, EVENT_LABELS_MAX = 64 };

struct event_label { const char *key, *value; };

/* Where the process belongs; each known or not. */
struct event_workload {
	enum event_place { EVENT_PLACE_UNKNOWN, EVENT_PLACE_HOST, EVENT_PLACE_POD } place;
	const char *pod_namespace, *container_name, *container_repository;	/* NULL: not said */
	bool labels_known;
	struct event_label *labels;	/* of the pod */
	size_t label_count;
};

/* "registry:5000/a/b" of "registry:5000/a/b:tag@sha256:...", in the arena; NULL when the image has no name but its digest. */
const char *event_image_repository(struct arena *arena, const char *image);

struct event_argument {
	bool has_index;
	uint32_t index;
	const char *resolve;	/* with the index: what is read from it; "": itself; NULL: whatever is asked for */
	struct event_value value;
};

struct event_sample {
	enum hook_kind kind;	/* TRACEPOINT also for raw ones: events do not tell them apart */
	const char *name;	/* function, event or hook */
	const char *subsystem;	/* tracepoints; else NULL */
	const char *policy;	/* that recorded it; NULL when it does not say */
	const char *time;	/* NULL when it does not say */
	struct event_argument arguments[EVENT_ARGUMENTS_MAX];
	size_t argument_count;
	struct event_argument data[EVENT_ARGUMENTS_MAX];	/* of matchData */
	size_t data_count;
	struct event_value returned;
	struct event_kin kin[EVENT_KIN_MAX];	/* at least one: what is not known of it is absent */
	size_t kin_count;
	bool kin_complete;			/* there are no more ancestors */
	/* From here on all is cleared for each line. */
	struct event_fact namespaces[ABI_NAMESPACES];		/* inode numbers; by word of NAMESPACE */
	struct event_fact in_host_namespace[ABI_NAMESPACES];	/* 1 or 0 */
	struct event_fact namespace_changes;	/* bit per namespace that is another one than at exec */
	struct event_fact capabilities[3], capability_changes[3];	/* by word of CAPABILITY_SET */
	struct event_workload workload;
};

/*
 * Reads lines one after the other.  1: a hook's event is in `ret`; 0: another kind of event, nothing to decide; -EINVAL: not an
 * event, with *error.  Texts live until the next line is read.  Of `ret` only what its counts say is written.
 */
struct json_tokener;
struct event_reader {
	struct arena arena;
	struct json_tokener *tokener;
};
/* A zeroed reader is ready. */
int event_reader_read(struct event_reader *reader, const char *line, size_t length, struct event_sample *ret,
		      const char **error);
void event_reader_release(struct event_reader *reader);

/*
 * Reads one line.  1: a hook's event is in `ret`; 0: another kind of event, nothing to decide; -EINVAL: not an
 * event, with *error.  Texts live in the arena.
 */
int event_read_json(const char *line, size_t length, struct arena *arena, struct event_sample *ret,
		    const char **error);

#endif
