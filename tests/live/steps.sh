#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Applying that fails, or is killed, at each of its steps: the old policies or the new ones are in force, never half of
# either, and applying again puts everything right. TAP.
. "$(dirname "$0")/lib.sh"

policy() { # name, event, postfix
	cat >"$work/$1.yaml" <<EOT
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: $1
spec:
  tracepoints:
  - subsystem: sched
    event: $2
    raw: true
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args:
    - index: 2
      type: linux_binprm
    selectors:
    - matchArgs:
      - index: 2
        operator: Postfix
        values: ["$3"]
EOT
	"$tetra" compile "$work/$1.yaml" -o "$work/$1.object" >/dev/null
}

policy old sched_process_fork /old && policy new sched_process_exit /new || { echo "Bail out! cannot compile"; exit 1; }

set_up() { # from: the state before; to: what is applied
	"$tetra" delete --root "$root" --all
	[ "$1" = nothing ] || "$tetra" apply --root "$root" "$work/old.yaml" >/dev/null
}

# What a clean run leads to, and how many steps it has.
measure() { # from
	set_up "$1"
	steps=$("$tools/crash" "$root" none 0 "$work/new.object" | sed 's/ .*//')
	clean_pins=$(pins)
	clean_state=$(settled_state)
	clean_policies=$(policies)
	set_up "$1"
	old_pins=$(pins)
	old_state=$(settled_state)
	old_policies=$(policies)
}

same() { [ "$2" = "$3" ] || { echo "$1 differs:"; echo "$3"; echo "instead of:"; echo "$2"; return 1; }; }

killed_at() { # from, step
	set_up "$1"
	"$tools/crash" "$root" kill "$2" "$work/new.object" >/dev/null 2>&1
	status=$?
	[ $status -eq 137 ] || { echo "status $status, not killed"; return 1; }
	now=$(policies)
	[ "$now" = "$old_policies" ] || [ "$now" = "$clean_policies" ] || { echo "half of it: $now"; return 1; }
	"$tetra" apply --root "$root" "$work/new.yaml" || return 1
	same "policies" "$clean_policies" "$(policies)" && same "pins" "$clean_pins" "$(pins)" &&
		becomes_state "$clean_state"
}

failed_at() { # from, step
	set_up "$1"
	"$tools/crash" "$root" fail "$2" "$work/new.object" >/dev/null 2>&1
	status=$?
	now=$(policies)
	if [ $status -eq 0 ]; then	# the new policies were in force already: the rest is done
		same "policies" "$clean_policies" "$now"
		return
	fi
	[ $status -eq 3 ] || { echo "status $status"; return 1; }
	same "policies" "$old_policies" "$now" && same "pins" "$old_pins" "$(pins)" &&
		becomes_state "$old_state"
}

deleted_after_kill() { # from, step
	set_up "$1"
	"$tools/crash" "$root" kill "$2" "$work/new.object" >/dev/null 2>&1
	"$tetra" delete --root "$root" --all && [ ! -e "$root" ] && becomes_state "$nothing_state"
}

nothing_state=$(settled_state)
for from in nothing another; do
	measure $from
	test_that "applying to $from has steps" [ "${steps:-0}" -gt 3 ]
	step=0
	while [ $step -lt "${steps:-0}" ]; do
		step=$((step + 1))
		test_that "$from, killed before step $step of $steps: apply again repairs" killed_at $from $step
		test_that "$from, failing at step $step of $steps: undone" failed_at $from $step
	done
	test_that "$from, killed half way: delete --all removes the rest" deleted_after_kill $from $((steps / 2))
done

interrupted() {
	set_up nothing
	"$tetra" apply -v --root "$root" "$work/new.yaml" >"$work/out" 2>&1 &
	pid=$!
	until grep -q 'follow processes' "$work/out"; do sleep 0.02; done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	cat "$work/out"
	[ $status -eq 3 ] && grep -q 'interrupted' "$work/out" || return 1
	grep -q 'nothing was changed' "$work/out" || return 0	# it came too late
	[ ! -e "$root" ] && becomes_state "$nothing_state"
}
test_that "Ctrl-C while applying: undone, exit 3" interrupted

# ---- What is refused, and leaves the kernel as it was ----

refused() { # exit code, text, apply's operands...
	code=$1 text=$2
	shift 2
	status=0
	"$tetra" apply --root "$root" "$@" >"$work/out" 2>&1 || status=$?
	cat "$work/out"
	[ $status -eq "$code" ] || { echo "exit $status, not $code"; return 1; }
	grep -q -e "$text" "$work/out" && [ ! -e "$root" ] && becomes_state "$nothing_state"
}

bad() { # section text
	printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: bad\nspec:\n%s\n' "$1" >"$work/bad.yaml"
}

bad '  tracepoints:
  - subsystem: sched
    event: sched_process_exek
    raw: true'
test_that "raw tracepoint that is not there: nearest name" refused 1 "bad.yaml:7:.*did you mean 'sched_process_exec'" "$work/bad.yaml"
bad '  tracepoints:
  - subsystem: syscalls
    event: sys_enter_opnat'
test_that "tracepoint that is not there: nearest name" refused 1 "bad.yaml:7:.*did you mean 'syscalls/sys_enter_openat'" "$work/bad.yaml"
bad '  tracepoints:
  - subsystem: nosuch
    event: event'
test_that "subsystem that is not there" refused 1 "bad.yaml:7:.*no such tracepoint" "$work/bad.yaml"
bad '  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args:
    - index: 4
      type: int'
test_that "argument that a raw tracepoint does not have" refused 1 "bad.yaml:7:.*argument 4 is read, but it has only 3" "$work/bad.yaml"
bad '  tracepoints:
  - subsystem: syscalls
    event: sys_enter_openat
    args:
    - index: 20
      type: int'
test_that "field that a tracepoint does not have" refused 1 "bad.yaml:.*field 20 is read, but its record has only 9" "$work/bad.yaml"
bad '  tracepoints:
  - subsystem: syscalls
    event: sys_enter_openat
    args:
    - index: 4
      type: string'
test_that "field that is no pointer" refused 1 "bad.yaml:.*field 4 .*is not a pointer, so it cannot be of type string" "$work/bad.yaml"
bad '  kprobes:
  - call: sys_opnat
    syscall: true'
test_that "kprobe that is not there: nearest name" refused 1 "bad.yaml:7:.*did you mean 'sys_openat'" "$work/bad.yaml"
bad '  lsmhooks:
  - hook: file_opem'
test_that "LSM hook that is not there: nearest name" refused 1 "bad.yaml:7:.*did you mean 'file_open'" "$work/bad.yaml"
test_that "two policies of one name" refused 1 "old" "$work/old.yaml" "$(cp "$work/old.yaml" "$work/again.yaml"; echo "$work/again.yaml")"

not_root() {
	command -v setpriv >/dev/null || skip "needs setpriv"
	status=0
	cp "$tetra" "$work/tetra" && chmod 755 "$work" "$work/tetra" "$work/old.yaml"
	setpriv --reuid 65534 --clear-groups "$work/tetra" apply "$work/old.yaml" >"$work/out" 2>&1 || status=$?
	cat "$work/out"
	[ $status -eq 3 ] && grep -q 'needs root' "$work/out"
}
test_that "without root" not_root

busy() {
	set_up another
	flock "$root" sleep 8 &
	holder=$!
	sleep 0.3
	status=0
	"$tetra" apply --root "$root" "$work/new.yaml" >"$work/out" 2>&1 || status=$?
	kill $holder
	cat "$work/out"
	[ $status -eq 3 ] && grep -q "process [0-9]* (.*) is changing" "$work/out" && same "policies" "$old_policies" "$(policies)"
}
test_that "another writer at work: says who" busy

writable_root() {
	mkdir -m 0777 "$root"
	status=0
	"$tetra" apply --root "$root" "$work/new.yaml" >"$work/out" 2>&1 || status=$?
	rmdir "$root"
	cat "$work/out"
	[ $status -eq 3 ] && grep -q 'can be written by others' "$work/out"
}
test_that "a pin folder that others can write" writable_root

# Others could put a folder of theirs in its place.
above() { # mode of the folder above, owner, exit code
	mkdir "$root" && chmod "$1" "$root" && chown "$2" "$root"
	status=0
	"$tetra" apply --root "$root/deep/inner" "$work/new.yaml" >"$work/out" 2>&1 || status=$?
	mkdir -p "$root/deep"
	[ $status -eq 3 ] || return 1
	status=0
	"$tetra" apply --root "$root/deep/inner" "$work/new.yaml" >"$work/out" 2>&1 || status=$?
	"$tetra" delete --root "$root/deep/inner" --all 2>/dev/null
	rmdir "$root/deep" "$root"
	cat "$work/out"
	[ $status -eq "$3" ] && { [ "$3" -eq 0 ] || grep -q "'$root', in which .* lies, can be written by others" "$work/out"; }
}
test_that "a pin folder below one that others can write" above 0777 0 3
test_that "a pin folder below another user's" above 0755 65534 3
test_that "a pin folder below a sticky one, where nobody can move it" above 1777 0 0

linked() {
	mkdir "$root" "$root-real" && ln -s "$root-real" "$root/link"
	"$tetra" apply --root "$root/link/inner" "$work/new.yaml" >"$work/out" 2>&1 || { cat "$work/out"; return 1; }
	[ -e "$root-real/inner/maps/image_area" ] && "$tetra" list --root "$root/link/inner" | grep -q "^  new" || return 1
	"$tetra" delete --root "$root/link/inner" --all
	rm "$root/link" && rmdir "$root" "$root-real"
}
test_that "a pin folder behind a link is where the link leads" linked
test_that "a pin folder outside bpffs" sh -c '! "$1" apply --root /tmp/tetra-nowhere "$2" 2>"$3" && grep -q "not be on a bpf file system" "$3"' \
	- "$tetra" "$work/new.yaml" "$work/out"
test_that "a pin folder with a dot" sh -c '! "$1" apply --root "$4.new" "$2" 2>"$3" && grep -q "takes no names with a dot" "$3"' \
	- "$tetra" "$work/new.yaml" "$work/out" "$root"

# Every verb says what is wrong, and delete --all is the way out.
spoilt() { # what is spoilt, text
	set_up another
	"$tools/spoil" "$root" "$1" || return 1
	for verb in "apply --root $root $work/new.yaml" "list --root $root"; do
		status=0
		# shellcheck disable=SC2086
		"$tetra" $verb >"$work/out" 2>&1 || status=$?
		cat "$work/out"
		[ $status -eq 3 ] && grep -q "$2" "$work/out" || return 1
	done
	"$tetra" delete --root "$root" --all && [ ! -e "$root" ] && becomes_state "$nothing_state"
}
test_that "pins of another version are refused, and can be deleted" spoilt version "another version of tetra.*tetra delete --all"
test_that "a damaged image is refused, and can be deleted" spoilt image "the live image is damaged .*tetra delete --all"

incomplete() {
	set_up another
	rm "$root/maps/events"
	status=0
	"$tetra" apply --root "$root" "$work/new.yaml" >"$work/out" 2>&1 || status=$?
	cat "$work/out"
	[ $status -eq 3 ] && grep -q "a map is missing; .*tetra delete --all" "$work/out" || return 1
	"$tetra" delete --root "$root" --all && [ ! -e "$root" ]
}
test_that "pins without one of their maps are refused, and can be deleted" incomplete

# A kernel built without type information looks like this.
without_types() {
	unshare -m true 2>/dev/null || skip "needs mount namespaces"
	set_up nothing
	unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && "$1" apply --root "$2" "$3"' \
		- "$tetra" "$root" "$work/new.yaml" >"$work/out" 2>&1 && return 1
	cat "$work/out"
	grep -q 'no type information of the kernel .*CONFIG_DEBUG_INFO_BTF' "$work/out" && [ ! -e "$root" ] &&
		becomes_state "$nothing_state"
}
test_that "a kernel without type information" without_types

# In a mount namespace of its own: nobody else loses anything.
without_bpffs() {
	unshare -m true 2>/dev/null || skip "needs mount namespaces"
	unshare -m sh -c 'while umount /sys/fs/bpf 2>/dev/null; do :; done
		"$1" apply --root /sys/fs/bpf/tetra-new "$2" && ls /sys/fs/bpf/tetra-new/maps/image_area &&
		"$1" delete --root /sys/fs/bpf/tetra-new --all' - "$tetra" "$work/new.yaml" && becomes_state "$nothing_state"
}
test_that "bpffs is mounted where it is missing" without_bpffs
finish
