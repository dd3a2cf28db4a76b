/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links.h - attaching one loaded program to one place.
 *
 * Each call returns a descriptor that keeps the program attached while it, or a pin of it, exists; or a
 * negative errno.  `cookie` is what bpf_get_attach_cookie() gives the program.
 */
#ifndef RUNTIME_LINKS_H
#define RUNTIME_LINKS_H

#include <stdint.h>

/* BPF_TRACE_UPROBE_MULTI, which not all headers know. */
#define LINK_UPROBE_MULTI 48

enum link_side { LINK_ENTRY, LINK_RETURN };

/*
 * How a perf event carries its program.  PINNABLE needs links to perf events; COOKIE those with cookies;
 * HELD works everywhere, but lasts only as long as the descriptor, and cannot be pinned.
 */
enum link_carrier { LINK_PINNABLE, LINK_COOKIE, LINK_HELD };

int link_kprobe(int program, const char *function, enum link_side side, enum link_carrier carrier,
		uint64_t cookie);
int link_kprobe_multi(int program, const char *function, enum link_side side, uint64_t cookie);
int link_tracepoint(int program, const char *subsystem, const char *event, enum link_carrier carrier,
		    uint64_t cookie);

/* A place in a file, which a descriptor of this process names; counter: offset of its reference counter, 0: none. */
struct link_place { int file; uint64_t offset, counter; };
int link_uprobe(int program, const struct link_place *place, enum link_side side, enum link_carrier carrier, uint64_t cookie);
int link_uprobe_multi(int program, const struct link_place *place, enum link_side side, uint64_t cookie);

int link_raw_tracepoint(int program, const char *event);

/* fentry, fexit, fmod_ret, LSM: the place was chosen when the program was loaded. */
int link_trampoline(int program);

#endif
