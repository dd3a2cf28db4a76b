#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every kind of hook with every action, and with the types of arguments that its place has: what comes of it on this kernel, and whether
# dry-run, which knows only a profile and the types of the kernel, says the same. TAP.
# matrix.tsv has what must come of it on the kernels of tests/vm, docs/kernels.md shows it (matrix-table); on another kernel a cell
# only must not fail. Each cell is printed, too: sed -n '/^# matrix | /{s///; s/ | /\t/g; p}' makes rows of matrix.tsv.
. "$(dirname "$0")/lib.sh"

table=${TETRA_MATRIX:-$here/matrix.tsv}
kernel=${TETRA_VM_KERNEL:-this}
target=$tools/target
"$tetra" probe -o json --functions >"$work/kernel.json" 2>/dev/null || skip_all "this kernel cannot be probed"

# ---- Cells ----

cell() { # kind, what, verdict
	number=$((number + 1))
	printf '# matrix | %s | %s | %s | %s\n' "$1" "$2" "$kernel" "$3"
	must=$(awk -F '\t' -v kind="$1" -v what="$2" -v kernel="$kernel" '$1 == kind && $2 == what && $3 == kernel { print $4 }' "$table")
	[ "$kernel" != this ] || case $3 in fails*) ;; *) must=$3 ;; esac
	if [ "$3" = "$must" ]; then
		echo "ok $number - matrix: $1, $2"
	else
		failed=1
		echo "not ok $number - matrix: $1, $2"
		echo "# it is: $3; it must be: ${must:-in matrix.tsv}"
		explain "$work/said"
	fi
}

# Why the policy was refused, without the advice: "TP502" of check, or what the kernel lacks.
reason() { # what apply or dry-run said
	sed -n 's/.*error\[\(TP[0-9]*\)\].*/\1/p; s/.*error: .*\(this kernel[ ,].*\)/\1/p; s/.*error: .*'"'"': \(.*\)/\1/p; s/.*error: .* with Override: \(.*\)/\1/p' "$1" |
		head -n 1 | sed 's/[;(] *.*//; s/ *$//'
}

# The verdict of a policy that was refused; or "" when it runs, instead of the one before. Dry-run must have said the same.
tried() {
	cat >"$work/policy.yaml"
	said=0 run=0
	"$tetra" dry-run --kernel "$work/kernel.json" --types /sys/kernel/btf/vmlinux "$work/policy.yaml" >"$work/foreseen" 2>&1 || said=$?
	"$tetra" apply --root "$root" "$work/policy.yaml" >"$work/said" 2>&1 || run=$?
	why=$(reason "$work/said")
	if [ $run -ne 0 ] && [ -z "$why" ]; then
		echo "fails: apply says nothing that can be understood"
	elif [ $run -eq 0 ] && grep -q 'not known of this kernel' "$work/foreseen"; then
		:	# a profile without the functions and tracepoints of the kernel, which it did not tell
	elif [ $run -ne $said ] || { [ $run -ne 0 ] && ! grep -qF -e "$why" "$work/foreseen"; }; then
		sed 's/^/foreseen: /' "$work/foreseen" >>"$work/said"
		echo "fails: dry-run foresees something else"
	elif [ $run -ne 0 ]; then
		echo "refused: $why"
	fi
}

# ---- Policies ----

hook() { # kind
	case $1 in
	'kprobe, system call') printf '  kprobes:\n  - call: sys_mkdir\n    syscall: true\n    args: [{index: 0, type: string}, {index: 1, type: uint32}]\n' ;;
	'kprobe, security_') printf '  kprobes:\n  - call: security_inode_mkdir\n    syscall: false\n    args: [{index: 1, type: dentry}, {index: 2, type: uint32}]\n' ;;
	'kprobe, other') printf '  kprobes:\n  - call: vfs_mkdir\n    syscall: false\n    args: []\n' ;;
	fentry) printf '  fentries:\n  - call: security_inode_mkdir\n    syscall: false\n    args: [{index: 1, type: dentry}, {index: 2, type: uint32}]\n' ;;
	tracepoint) printf '  tracepoints:\n  - subsystem: syscalls\n    event: sys_enter_mkdir\n    args: [{index: 5, type: string}, {index: 6, type: uint64}]\n' ;;
	'raw tracepoint') printf '  tracepoints:\n  - subsystem: raw_syscalls\n    event: sys_enter\n    raw: true\n    args: [{index: 1, type: syscall64}]\n' ;;
	'LSM hook') printf '  lsmhooks:\n  - hook: inode_mkdir\n    args: [{index: 1, type: dentry}, {index: 2, type: uint32}]\n' ;;
	uprobe) printf '  uprobes:\n  - path: %s\n    symbols: [target_function]\n    args: [{index: 1, type: int64}, {index: 0, type: string}]\n' "$target" ;;
	'static probe') printf '  usdts:\n  - path: %s\n    provider: tetra_target\n    name: set\n    args: [{index: 0, type: int}, {index: 1, type: int}]\n' "$target" ;;
	esac
}
of_program() { case $1 in uprobe | 'static probe') true ;; *) false ;; esac }
number_of() { case $1 in Post) echo 51 ;; NoPost) echo 52 ;; Signal) echo 53 ;; Sigkill) echo 54 ;; *argRegs) echo 56 ;; *argNewSymbol) echo 57 ;; *) echo 55 ;; esac }

selector() { # kind, action
	if ! of_program "$1"; then
		printf '    - matchBinaries: [{operator: In, values: ["%s/%s"]}]\n' "$work" "$2"
		[ "$1" != 'raw tracepoint' ] || printf '      matchArgs: [{index: 1, operator: Equal, values: ["83"]}]\n'
	else
		printf '    - matchArgs: [{index: 1, operator: Equal, values: ["%s"]}]\n' "$(number_of "$2")"
	fi
	case $2 in
	Signal) printf '      matchActions: [{action: Signal, argSig: 10}]\n' ;;
	Override | NotifyEnforcer) printf '      matchActions: [{action: %s, argError: -13}]\n' "$2" ;;
	*argRegs) printf '      matchActions: [{action: Override, argRegs: ["rsi=100"]}]\n' ;;
	*argNewSymbol) printf '      matchActions: [{action: Override, argRegs: ["rdi=1"], argNewSymbol: target_safe}]\n' ;;
	Set) printf '      matchActions: [{action: Set, argIndex: 0, argValue: 4711}]\n' ;;
	*) printf '      matchActions: [{action: %s}]\n' "$2" ;;
	esac
}

policy() { # kind, action...
	kind=$1
	shift
	head_of matrix <<EOT
$(case $* in *NotifyEnforcer*) printf '  enforcers:\n  - calls: [security_inode_mkdir]\n' ;; esac)
$(hook "$kind")
    selectors:
$(for action in "$@"; do selector "$kind" "$action"; done)
EOT
}

# ---- What is done, and what must come of it ----

act() { # kind, action; the status of what was done is in $status, what it printed in $work/out
	status=0
	case $1 in
	uprobe) "$target" function hello "$(number_of "$2")" ;;
	'static probe') "$target" set "$(number_of "$2")" ;;
	*) "$work/$2" mkdir "$work/made-$2" ;;
	esac >"$work/out" 2>&1 || status=$?
	rm -rf "$work/made-$2"
}

event_of() { case $1 in kprobe* | fentry) echo process_kprobe ;; *tracepoint) echo process_tracepoint ;; LSM*) echo process_lsm ;; uprobe) echo process_uprobe ;; *) echo process_usdt ;; esac }
named() { # kind, action: text that only the events of this action have
	case $1 in
	uprobe) echo "\"arguments\":\"function hello $(number_of "$2")\"" ;;
	'static probe') echo "\"arguments\":\"set $(number_of "$2")\"" ;;
	*) echo "\"arguments\":\"mkdir $work/made-$2\"" ;;
	esac
}

told() { # kind, action: the event is there
	grep -F -e "{\"$(event_of "$1")\"" "$work/events" | grep -F -e "$(named "$1" "$2")" |
		grep -F -e "\"action\":\"KPROBE_ACTION_$(echo "${2%% *}" | tr '[:lower:]' '[:upper:]')\"" >"$work/found"
}

came() { # kind, action, status
	case $2 in
	Post) [ "$3" -eq 0 ] && told "$1" Post ;;
	NoPost) [ "$3" -eq 0 ] && ! grep "^{\"$(event_of "$1")\"" "$work/events" | grep -qF -e "$(named "$1" NoPost)" ;;
	Signal) [ "$3" -eq 138 ] && told "$1" Signal ;;
	Sigkill) [ "$3" -eq 137 ] && told "$1" Sigkill ;;
	Override) told "$1" Override && grep -q '"enforcement":"enforced"' "$work/found" && { [ "$1" = uprobe ] || grep -q 'Permission denied' "$work/out"; } ;;
	*argRegs) told "$1" "$2" && grep -q '"enforcement":"enforced"' "$work/found" && grep -q '^105$' "$work/out" ;;
	*argNewSymbol) told "$1" "$2" && grep -q '"enforcement":"enforced"' "$work/found" && grep -q '^1001$' "$work/out" ;;
	NotifyEnforcer) told "$1" NotifyEnforcer && grep -q 'Permission denied' "$work/out" ;;
	Set) told "$1" Set && grep -q 4711 "$work/out" ;;
	esac
}

values() { # kind: "type value" of each argument, as the event of Post has it
	case $1 in
	'kprobe, system call') echo "string {\"string_arg\":\"$work/made-Post\"}" && echo 'uint32 {"uint_arg":' ;;
	'kprobe, security_' | fentry | 'LSM hook') echo 'dentry {"path_arg":{"path":"' && echo 'uint32 {"uint_arg":' ;;
	tracepoint) echo "string {\"string_arg\":\"$work/made-Post\"}" && echo 'uint64 {"size_arg":"' ;;
	'raw tracepoint') echo 'syscall64 {"syscall_id":{"id":83,"abi":"x64"}}' ;;
	uprobe) echo 'int64 {"long_arg":"51"}' && echo 'string {"string_arg":"hello"}' ;;
	'static probe') echo 'int {"int_arg":51}' ;;
	esac
}

read_as() { # type, value: of the event of Post
	if grep -qF -e "$2" "$work/said"; then
		echo works
	else
		echo 'fails: another value'
	fi
}

# One policy with what changes nothing of the call; the types of its arguments by the event of Post.
watched() { # kind
	actions='Post NoPost Signal Sigkill'
	[ "$1" != fentry ] || actions='Post NoPost'	# its other actions do nothing: see enforced
	# shellcheck disable=SC2086
	verdict=$(policy "$1" $actions | tried)
	[ -n "$verdict" ] || for action in $actions; do
		act "$1" "$action"
		eval "status_$action=$status"
	done
	[ -n "$verdict" ] || events || verdict='fails: no events'
	for action in $actions; do
		eval "status=\${status_$action-}"
		cell "$1" "$action" "${verdict:-$(came "$1" "$action" "$status" && echo works || echo "fails: status $status")}"
	done
	values "$1" >"$work/values"
	while read -r type value; do
		[ -n "$verdict" ] || { told "$1" Post && cp "$work/found" "$work/said"; }
		cell "$1" "$type" "${verdict:-$(read_as "$type" "$value")}"
	done <"$work/values"
}

enforced() { # kind, action
	verdict=$(policy "$1" "$2" | tried)
	if [ -z "$verdict" ]; then
		act "$1" "$2"
		events
		verdict=$(came "$1" "$2" "$status" && echo works || echo "fails: status $status")
		! grep -q 'may pass a program over here' "$work/said" || verdict=$(echo "$verdict" | sed 's/^works$/weakened: calls may be passed over when tasks compete for a CPU/')
	fi
	cell "$1" "$2" "$verdict"
}

for action in Post NoPost Signal Sigkill Override NotifyEnforcer; do
	cp "$tools/workload" "$work/$action"
done
for kind in 'kprobe, system call' 'kprobe, security_' fentry tracepoint 'raw tracepoint' 'LSM hook' uprobe 'static probe'; do
	watched "$kind"
done
for kind in 'kprobe, system call' 'kprobe, security_' 'kprobe, other' fentry tracepoint 'raw tracepoint' 'LSM hook' uprobe; do
	enforced "$kind" Override
done
for action in 'Override argRegs' 'Override argNewSymbol'; do
	[ "$(uname -m)" != x86_64 ] || enforced uprobe "$action"
done
for action in Signal Sigkill; do
	enforced fentry $action
done
for kind in 'kprobe, system call' tracepoint 'LSM hook'; do
	enforced "$kind" NotifyEnforcer
done
enforced 'static probe' Set
finish
