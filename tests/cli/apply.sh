#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra apply`, `list` and `delete`: what they say and how they exit where no policy gets into a kernel.  TAP.
. "$(dirname "$0")/lib.sh"

printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: one}\n' >policy.yaml
printf 'spec: {tracepoints: [{subsystem: sched, event: sched_process_fork, raw: true}]}\n' >>policy.yaml
sed 's/sched_process_fork/[/' policy.yaml >broken.yaml
mkdir empty

expect 'apply without operands' 2 'tetra apply: ' "$tetra" apply
expect 'apply with an unknown option' 2 'nosuch' "$tetra" apply --nosuch policy.yaml
expect 'apply of a file that is not there' 3 "'nowhere.yaml'" "$tetra" apply nowhere.yaml
expect 'apply of a folder without policies' 3 'empty' "$tetra" apply --root "$root" empty
expect 'apply of a broken policy' 1 '^broken.yaml:' "$tetra" apply --root "$root" broken.yaml
expect 'two policies of one name' 1 "'one'" "$tetra" apply --root "$root" policy.yaml ./policy.yaml

# What this version cannot run is refused whoever asks, before the kernel is.
sed 's/^spec:.*/spec: {lists: [{name: all, type: syscalls, values: [arm32\/sys_open]}], tracepoints: [{subsystem: raw_syscalls, event: sys_enter,/; s/name: one/name: later/' policy.yaml >later.yaml
echo '  args: [{index: 4, type: syscall64}], selectors: [{matchArgs: [{index: 4, operator: InMap, values: ["list:all"]}]}]}]}' >>later.yaml
expect 'apply of what cannot be run yet' 1 "^later.yaml:[0-9]+:[0-9]+: error: the number of 'arm32/sys_open', which x86-64 does not have cannot be applied yet by this version of tetra$" \
	"$tetra" apply --root "$root" policy.yaml later.yaml
expect 'then nothing is applied' 1 '^tetra apply: nothing was applied$' "$tetra" apply --root "$root" policy.yaml later.yaml
expect 'nor are its steps told' 1 "which x86-64 does not have cannot be applied yet" "$tetra" apply --dry-run --root "$root" later.yaml
[ ! -e "$root" ]; report $? 'and no pin is made'
expect 'check takes it' 0 '1 policy' "$tetra" check later.yaml

# What is for some nodes only, where nobody knows which one this is.
sed 's/raw: true}\]/raw: true}], nodeSelector: {matchLabels: {zone: a}}/; s/name: one/name: zoned/' policy.yaml >zoned.yaml
expect 'labels of the node that nobody has said' 1 "^zoned.yaml:4:[0-9]+: error: policy 'zoned' is for some nodes only, .*: say them with --node-labels" \
	"$tetra" apply --root "$root" policy.yaml zoned.yaml
expect 'then nothing is applied, either' 1 '^tetra apply: nothing was applied$' "$tetra" apply --root "$root" policy.yaml zoned.yaml
expect 'diff asks for them, too' 1 "error: policy 'zoned' is for some nodes only" "$tetra" diff --root "$root" zoned.yaml
expect 'what is no label' 2 "'zone' is no label of a node: --node-labels takes KEY=VALUE" "$tetra" apply --root "$root" --node-labels=a=b,zone zoned.yaml
expect 'nor is this' 2 "'=a' is no label of a node" "$tetra" diff --root "$root" --node-labels==a zoned.yaml
echo '[zone]' >labels.yaml
expect 'a file of labels that has none' 1 '^labels.yaml:1:1: error\[TP104\]: this must be a mapping of labels' "$tetra" apply --root "$root" --node-labels-file labels.yaml zoned.yaml
expect 'a file of labels that is not there' 3 "cannot read 'nowhere.yaml'" "$tetra" apply --root "$root" --node-labels-file nowhere.yaml zoned.yaml

expect 'delete without operands' 2 'names of policies, or --all' "$tetra" delete
expect 'delete --all with a name' 2 'takes no names' "$tetra" delete --all one
expect 'list with an operand' 2 "not 'one'" "$tetra" list one
expect 'list in an unknown format' 2 'text' "$tetra" list -o yaml

for verb in "apply policy.yaml" "delete --all" "list" "getevents"; do
	want=3 says='needs root|Permission denied|Operation not permitted'
	# Where nobody has mounted bpffs nothing is pinned, and everybody may know.
	case $verb,$(stat -f -c %T /sys/fs/bpf) in
	*,bpf_fs) ;;
	list,*) want=0 says='no policies are applied' ;;
	getevents,*) says='nothing is applied here' ;;
	esac
	# shellcheck disable=SC2086
	expect "$verb without root" $want "$says" as_user "$user_tetra" $verb
done

if [ "$(id -u)" = 0 ]; then
	expect 'a root that is a relative path' 3 'not an absolute path' "$tetra" apply --root here policy.yaml
	expect 'a root outside bpffs' 3 'would not be on a bpf file system' "$tetra" apply --root "$scratch/pins" policy.yaml
	[ ! -e pins ]
	report $? 'and it is not made'
	expect 'delete where nothing is' 0 '^$' sh -c '"$1" delete --all --root "$2"; echo' - "$tetra" "$root"
	expect 'delete of a policy that is not there' 1 "no policy 'one' is applied" "$tetra" delete --root "$root" one
	[ ! -e "$root" ]
	report $? 'and no folder is left'
	expect 'list where nothing is: text' 0 '^no policies are applied$' "$tetra" list --root "$root"
	expect 'list where nothing is: JSON' 0 '^\{"generation":0,"policies":\[\],"hooks":\[\],"image":\{"bytes":0,.*\},"memory":\[\]\}$' "$tetra" list --root "$root" -o json
else
	skip 'pin folders' 'needs root'
fi

if [ "$(id -u)" = 0 ] && [ -r /sys/kernel/btf/vmlinux ]; then
	expect 'dry run prints the steps' 0 "attach 'raw_tracepoint:sched_process_fork' as hook 0" \
		"$tetra" apply --dry-run --root "$root" policy.yaml
	grep -q 'undo: detach it' out
	report $? 'each with what undoes it' "$(cat out)"
	[ ! -e "$root" ]
	report $? 'and changes nothing'
else
	skip 'dry run' 'needs root and the kernel'"'"'s type information'
fi

finish
