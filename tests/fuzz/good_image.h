/* SPDX-License-Identifier: Apache-2.0 */
/* good_image.h - for what tries damaged images: a good one, which has some of everything. */
#ifndef TESTS_FUZZ_GOOD_IMAGE_H
#define TESTS_FUZZ_GOOD_IMAGE_H

#include <stdlib.h>

#include "compiler/base/arena.h"
#include "compiler/base/buffer.h"
#include "compiler/compiler.h"
#include "compiler/link/link.h"

/* Every op, every kind of table, a pair, relocations, two policies on one hook; a plain event. */
static const char good_policies[] =
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec:\n  kprobes:\n"
	"  - call: f\n    syscall: false\n    return: true\n    message: \"two words\"\n    tags: [\"one\", \"two\"]\n"
	"    args: [{index: 0, type: int, label: x}, {index: 1, type: string}, {index: 2, type: sockaddr},\n"
	"           {index: 3, type: uint64}, {index: 4, type: file}]\n"
	"    returnArg: {index: 0, type: int}\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: GT, values: [\"5\"]}, {index: 1, operator: Prefix, values: [\"/tmp/\", \"x\"]},\n"
	"                  {index: 3, operator: Mask, values: [\"6\"]}]\n"
	"      matchReturnArgs: [{index: 0, operator: GT, values: [\"3\"]}, {index: 0, operator: NotEqual, values: [\"9\"]}]\n"
	"      matchPIDs: [{operator: NotIn, values: [1, 2, 3, 7]}]\n"
	"    - matchArgs: [{index: 2, operator: SAddr, values: [\"10.0.0.0/8\", \"fe80::/10\"]},\n"
	"                  {index: 2, operator: SPort, values: [\"80\", \"90:100\", \"443\"]}]\n"
	"      matchBinaries: [{operator: Prefix, values: [\"/usr/bin/\", \"/bin/\"]}]\n"
	"      matchActions: [{action: Signal, argSig: 10}, {action: NoPost}]\n"
	"    - matchArgs: [{index: 4, operator: Postfix, values: [\".so\", \"12345678\"]}, {index: 0, operator: LT, values: [\"-3\"]},\n"
	"                  {index: 4, operator: NotEqual, values: [\"/etc/passwd\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: b}\nspec:\n  kprobes:\n"
	"  - call: f\n    syscall: false\n"
	"    args: [{index: 1, type: string}, {index: 3, type: uint64}, {index: 0, type: int}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: Equal, values: [\"\", \"abc\"]}, {index: 3, operator: InRange, values: [\"1:5\", \"7:9\", \"11:12\"]},\n"
	"                  {index: 0, operator: InRange, values: [\"-2147483648:2147483647\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: c}\nspec:\n  tracepoints:\n"
	"  - subsystem: sched\n    event: sched_switch\n"
	"    args: [{index: 5, type: int32}, {index: 6, type: string}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 5, operator: NotInRange, values: [\"1:5\"]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: d}\nspec:\n"
	"  podSelector: {matchLabels: {app: web}}\n  kprobes:\n"
	"  - call: g\n    syscall: false\n"
	"    args: [{index: 0, type: sock}, {index: 1, type: string}, {index: 2, type: int, resolve: a.b.c},\n"
	"           {index: 3, type: char_buf, sizeArgIndex: 5}, {index: 4, type: uint64}]\n"
	"    data: [{index: 0, type: int, source: current_task, resolve: tgid}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: SubString, values: [\"abab\", \"babc\"]}, {index: 0, operator: DAddr, values: [\"10.0.0.0/8\"]}]\n"
	"      matchData: [{index: 0, operator: Equal, values: [\"7\"]}]\n"
	"      matchActions: [{action: Post, rateLimit: 5m}]\n"
	"    - matchArgs: [{index: 1, operator: SubStringIgnCase, values: [\"AbAb\", \"c\"]}, {index: 0, operator: DPortPriv}]\n"
	"      matchParentBinaries: [{operator: In, values: [\"/usr/bin/a\"]}]\n"
	"      matchPIDs: [{operator: In, followForks: true, isNamespacePID: true, values: [1, 9]}]\n"
	"    - matchArgs: [{index: 4, operator: CelExpr, values: [\"arg4 + 3u - arg4 > 17u && arg1.startsWith('x')\"]}]\n"
	"      matchNamespaces: [{namespace: Pid, operator: NotIn, values: [host_ns]}]\n"
	"      matchNamespaceChanges: [{operator: In, values: [Mnt]}]\n"
	"      matchCapabilityChanges: [{type: Effective, operator: In, values: [CAP_SYS_ADMIN]}]\n"
	"---\n"
	"apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: e}\nspec:\n  kprobes:\n"
	"  - call: h\n    syscall: false\n"
	"    args: [{index: 0, type: int}, {index: 1, type: uint64}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: Equal, values: [\"7\"]}]\n"
	"  - call: i\n    syscall: false\n"
	"    args: [{index: 0, type: int}, {index: 1, type: uint64}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: InRange, values: [\"1:5\"]}]\n"
	"    - matchArgs: [{index: 0, operator: Equal, values: [\"9\"]}, {index: 1, operator: Mask, values: [\"6\"]}]\n"
	"  - call: j\n    syscall: false\n"
	"    args: [{index: 0, type: int}, {index: 1, type: string}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 1, operator: Prefix, values: [\"/tmp/\", \"/usr/bin/\", \"abc\"]}]\n"
	"    - matchArgs: [{index: 1, operator: Equal, values: [\"12345678\", \"/etc/passwd\", \"x.so\"]}, {index: 0, operator: GT, values: [\"5\"]}]\n"
	"  - call: k\n    syscall: false\n"
	"    args: [{index: 0, type: int}, {index: 1, type: string}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: Equal, values: [\"7\"]}, {index: 1, operator: Equal, values: [\"abc\", \"/etc/passwd\"]}]\n"
	"  - call: l\n    syscall: false\n"
	"    args: [{index: 0, type: file}, {index: 1, type: path}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: Equal, values: [\"/etc/passwd\", \"/tmp/y\"]}]\n"
	"    - matchArgs: [{index: 0, operator: Postfix, values: [\"wd-\", \"x.so\"]}, {index: 1, operator: Postfix, values: [\"x\"]}]\n"
	"      matchBinaries: [{operator: In, values: [\"/usr/bin/a\", \"/usr/bin/y\"]}]\n"
	"  - call: m\n    syscall: false\n"
	"    args: [{index: 0, type: sock}, {index: 1, type: path}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: DAddr, values: [\"10.0.0.0/30\", \"fe80::/10\"]}, {index: 1, operator: Equal, values: [\"/usr/bin/x\", \"/tmp/x\"]}]\n"
	"      matchBinaries: [{operator: In, values: [\"/usr/bin/x\"]}]\n"
	"    - matchArgs: [{index: 0, operator: DAddr, values: [\"10.0.1.0/24\"]}, {index: 0, operator: DPort, values: [\"5\"]}]\n"
	"      matchBinaries: [{operator: In, values: [\"/usr/bin/y\", \"/sbin/init\"]}]\n"
	"  - call: p\n    syscall: false\n"
	"    args: [{index: 0, type: file}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: Prefix, values: [\"/usr/bin/\", \"/tmp/x/y/\"]}]\n"
	"  - call: q\n    syscall: false\n"
	"    args: [{index: 0, type: path}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: Prefix, values: [\"/usr/bin/\", \"/tmp/a/\", \"/b/c/\", \"/d/e/\", \"/f/g/\", \"/h/i/\"]}]\n"
	"  - call: o\n    syscall: false\n"
	"    args: [{index: 0, type: sock}]\n"
	"    selectors:\n"
	"    - matchArgs: [{index: 0, operator: SPort, values: [\"80\", \"90:100\"]}, {index: 0, operator: Protocol, values: [\"IPPROTO_TCP\"]}]\n"
	"    - matchArgs: [{index: 0, operator: SPort, values: [\"443\"]}]\n";

/* Their image, made once; for as long as the process lives. */
static inline const struct buffer *good_image(void)
{
	static struct buffer good;
	struct arena arena = { 0 };
	struct link_input inputs[8];
	const char *error;
	struct unit unit;

	if (good.length)
		return &good;
	unit_init(&unit, "fuzz", good_policies, sizeof(good_policies) - 1);
	if (unit_compile(&unit, NULL) || unit.object_count != 5)
		abort();
	for (size_t n = 0; n < unit.object_count; n++)
		inputs[n] = (struct link_input){ unit.objects[n].bytes, unit.objects[n].length, "fuzz" };
	if (link_image(inputs, unit.object_count, NULL, &arena, &good, &error))
		abort();
	unit_release(&unit);
	arena_release(&arena);
	return &good;
}

#endif
