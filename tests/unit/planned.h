/* SPDX-License-Identifier: Apache-2.0 */
/* planned.h - policies as text to plans: of a kernel that has everything, but for what a test says that it lacks. */
#ifndef TESTS_UNIT_PLANNED_H
#define TESTS_UNIT_PLANNED_H

#include "runtime/plan.h"
#include "tests/unit/built.h"

#define SYSCALL(more)	POLICY("p") "  kprobes:\n  - call: sys_write\n    syscall: true\n" more
#define FUNCTION(name, more) KPROBE("p", name) more
#define FENTRY(more)	POLICY("p") "  fentries:\n  - call: sys_write\n" more
#define LSM(more)	POLICY("p") "  lsmhooks:\n  - hook: file_open\n" more
#define DIGESTS		"    args: [{index: 0, type: file}]\n    selectors: [{matchActions: [{action: Post, imaHash: true}]}]\n"
#define OVERRIDE	"    selectors: [{matchActions: [{action: Override, argError: -1}]}]\n"
#define REGISTERS	"    data: [{index: 0, type: uint64, source: pt_regs, resolve: rdi}]\n"
#define UPROBE(rest)	POLICY("p") "  uprobes:\n  - path: /bin/a\n    symbols: [f]\n" rest
#define WAITS(texts)	POLICY("p") "  options: [{name: sleepable-preload-size, value: '1'}]\n  uprobes:\n  - path: /bin/a\n    symbols: [f]\n" \
			"    args: [{index: 0, type: int}" texts "]\n"
#define TEXT		", {index: 1, type: string}"
#define USDT(rest)	POLICY("p") "  usdts:\n  - path: /bin/a\n    provider: p\n    name: go\n" rest
#define RETURNS		"    return: true\n    returnArg: {index: 0, type: int}\n"

enum { HOOKS_MAX = 8 };

/* A plan and all that it is made of. */
struct planned {
	struct built built;
	struct arena arena;
	struct features features;
	struct hook_facts facts[HOOKS_MAX];
	struct kernel_relocation fields[HOOKS_MAX];
	struct kernel_assignment assignments[HOOKS_MAX];
	struct plan_input input;
	struct plan plan;
};

/* Everything that a plan is made of; `lacking`: features as bits.  The test fails if the text is no policy. */
void planned_prepare(struct planned *planned, const char *text, uint32_t lacking);
void planned_make(struct planned *planned);
void planned_release(struct planned *planned);

/* The first of the kind; NULL: none. */
const struct plan_step *planned_step(const struct plan *plan, enum step_kind kind);

/* As if all hooks were attached in that way: `ret` has room for all of them. */
void planned_attach_all(struct planned *planned, enum attach_kind kind, struct plan_attached *ret);

#endif
