#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Enforcement holds while policies are swapped: several threads and processes try what both sets forbid, without pause, and not
# one attempt may get through. TAP.
# TETRA_SWAPS: how many swaps each test makes (500; `make hammer` and `make hammer-vm` make 10,000).
. "$(dirname "$0")/lib.sh"

swaps=${TETRA_SWAPS:-500}
crowd=${TETRA_CROWD:-4}
secret=$work/secret
echo content >"$secret"

object() { # name; the policy's spec on standard input
	head_of "$1" >"$work/$1.yaml" && "$tetra" compile "$work/$1.yaml" -o "$work/$1.object" >"$work/compiled" 2>&1 ||
		{ cat "$work/compiled"; return 1; }
}

# A selector for others, in front of the one that is meant and behind it; values that differ from set to set.
selector() { # operand: index of the argument, operator, values, binaries, actions
	cat <<EOT
    - matchBinaries:
      - operator: In
        values: [$4]
      matchArgs:
      - index: $1
        operator: $2
        values: [$3]
      matchActions:
$5
EOT
}

hook() { # set: old or new, hook lines, index, operator, value, other values, actions
	echo "$2"
	echo "    selectors:"
	if [ "$1" = new ]; then
		selector "$3" "$4" "$6" '"/usr/bin/other", "/usr/bin/another"' "$7"
		selector "$3" "$4" "$5" '"/usr/bin/third"' "$7"
	fi
	selector "$3" "$4" "$5" "\"$tools/hammer\"" "$7"
}

# Two sets. The new one has a policy before and selectors in front of the one that counts, so that its rows are others.
sets() { # hook lines, index, operator, value, other values, actions
	hook old "$1" "$2" "$3" "$4" "$5" "$6" | object counts &&
		mv "$work/counts.object" "$work/old.object" &&
		hook new "$1" "$2" "$3" "$4" "$5" "$6" | object counts &&
		mv "$work/counts.object" "$work/new.object" &&
		{ echo "$1"; echo "    selectors:"
		selector "$2" "$3" "$5" '"/usr/bin/filler", "/usr/sbin/filler"' '      - action: Post'; } | object a-filler
}

hammer() { # what, target
	status=0
	"$tools/hammer" "$root" "$1" "$2" "$swaps" "$crowd" "$work/old.object" -- "$work/a-filler.object" "$work/new.object" \
		>"$work/tally" 2>&1 || status=$?
	cat "$work/tally"
	[ $status -eq 0 ] && return
	"$tetra" list --root "$root"
	grep -q 'this kernel, or this process, has no' "$work/tally" && [ -z "${TETRA_VM_KERNEL-}" ] &&
		skip "$(sed -n 's/.*: \(this kernel, or this process, has no .*\)/\1/p' "$work/tally" | head -n 1)"
	return 1
}

tally() { sed 's/^/# /' "$work/said" | grep 'attempts\|known' | sort -u; }

lsm_open() {
	sets '  lsmhooks:
  - hook: file_open
    args:
    - index: 0
      type: file' 0 Equal "\"$secret\"" '"/etc/other", "/etc/another", "/var/lib/third"' '      - action: Override
        argError: -1
      - action: NoPost' || return 1
	hammer open "$secret"
}
test_that "LSM hook file_open: Override refuses every open during $swaps swaps" lsm_open
tally

raw_signal() {
	sets '  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    raw: true
    args:
    - index: 1
      type: int64' 1 Equal '"999"' '"1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008", "1009", "1010"' \
		'      - action: Signal
        argSig: 10
      - action: NoPost' || return 1
	hammer signal 999 && return
	kernel_is 7.x || return 1
	"$tetra" list --root "$root" >"$work/list"
	missed=$(sed -n 's/.*missed \([0-9]*\).*/\1/p' "$work/list") through=$(sed -n 's/.* \([0-9]*\) got through.*/\1/p' "$work/tally")
	echo "known of this kernel: $through got through, the kernel passed the program over $missed times"
	[ "${missed:-0}" -ge "$through" ]
}
test_that "raw tracepoint of all system calls: Signal comes with every call during $swaps swaps" raw_signal
tally

security_open() {
	sets '  kprobes:
  - call: security_file_open
    syscall: false
    args:
    - index: 0
      type: file' 0 Equal "\"$secret\"" '"/etc/other", "/etc/another", "/var/lib/third"' '      - action: Override
        argError: -1
      - action: NoPost' || return 1
	hammer open "$secret"
}
test_that "kprobe on a security_ function: Override refuses every open during $swaps swaps" security_open
tally

kprobe_kill() {
	sets '  kprobes:
  - call: sys_mkdir
    syscall: true
    args:
    - index: 0
      type: string' 0 Equal "\"$work/forbidden\"" '"/etc/other", "/etc/another", "/var/lib/third"' \
		'      - action: Sigkill
      - action: NoPost' || return 1
	hammer kill "$work/forbidden"
}
test_that "kprobe on a system call: Sigkill kills every caller during $swaps swaps" kprobe_kill
tally
finish
