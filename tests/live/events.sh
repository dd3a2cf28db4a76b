#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Readers of events on the running kernel: several at once, killed, stopped, too slow; full rings, full disks. TAP.
. "$(dirname "$0")/lib.sh"

mark=$work/$(printf %0200d 0)-mark	# long, so that few fill a ring buffer

# Every mkdir of a mark is an event, and nothing else: their numbers are what readers must see.
watch_marks() {
	head_of marks <<EOT | apply_held
  tracepoints:
  - subsystem: syscalls
    event: sys_enter_mkdir
    args:
    - index: 5
      type: string
    selectors:
    - matchArgs:
      - index: 5
        operator: Prefix
        values: ["$mark"]
EOT
}

# marks FROM TO: folders, made by few processes.
marks() {
	seq "$1" "$2" | sed "s|^|$mark|" >"$work/marks" && xargs mkdir <"$work/marks" && xargs rmdir <"$work/marks"
}

# In the order of events: numbers of the marks that a file tells of.
marks_of() { grep -o "\"string_arg\":\"$mark[0-9]*" "$1" | sed 's/.*mark//'; }

# reader NAME OPTIONS...: reads into NAME.events, in the background.
reader() {
	name=$1
	shift
	"$tetra" getevents --root "$root" "$@" >"$work/$name.events" 2>"$work/$name.err" &
	eval "reader_$name=$!"
	begins "$name" || { echo "the reader does not begin"; cat "$work/$name.err"; return 1; }
}

# A reader says nothing when it begins, or goes on: marks with that number are made until it has seen one.
begins() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		marks "${2-0}" "${2-0}"
		sleep 0.1
		! grep -q "\"string_arg\":\"$mark${2-0}\"" "$work/$1.events" || return 0
	done
	return 1
}

# Waits until the reader has seen a mark.
sees() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		! grep -q "\"string_arg\":\"$mark$2\"" "$work/$1.events" || return 0
		sleep 0.1
	done
	echo "$1 does not see mark $2"
	tail -n 3 "$work/$1.events"
	return 1
}

# saw_all NAME FROM TO: each mark once and in order, and no word of a loss.
saw_all() {
	marks_of "$work/$1.events" | awk -v from="$2" -v to="$3" '$1 >= from && $1 <= to { if ($1 != from + n++) bad = 1 }
		END { exit bad || n != to - from + 1 }' || { echo "$1 did not see all of $2 to $3"; return 1; }
	! grep '"tetra":{"lost"' "$work/$1.events"
}

stop_readers() {
	for reader in "$@"; do
		eval "pid=\$reader_$reader"
		kill -INT "$pid" && wait "$pid" || { echo "$reader: exit code $?"; cat "$work/$reader.err"; return 1; }
	done
}

# Much more than the ring buffer holds; reader b keeps up.
many_marks() {
	for from in 101 5101 10101 15101; do
		marks "$from" $((from + 4999)) && sees b $((from + 4999)) || return 1
	done
}

# gaps_are_counted NAME OTHER: where NAME was told that it lost some, OTHER, which lost none, has as many events more. Both see
# all events, whose times tell which is which.
gaps_are_counted() {
	for name in "$1" "$2"; do
		sed 's/.*"number_of_dropped_process_events":"\([0-9]*\)".*/lost \1/; s/.*"time":"\([^"]*\)"}$/\1/' "$work/$name.events" >"$work/$name.times"
	done
	awk 'NR == FNR { place[$1] = NR; next }
		$1 == "lost" { lost += $2; next }
		lost { gaps++; if (place[$1] - place[last] - 1 != lost) { print "lost " lost ", but there were " place[$1] - place[last] - 1; bad = 1 } }
		{ last = $1; lost = 0 }
		END { if (!gaps) print "nothing was lost"; exit bad || !gaps }' "$work/$2.times" "$work/$1.times"
}

# What was written and what was said to be lost, of everything that happens on this machine, are at least all marks.
adds_up() {
	lost=$(sed -n 's/.*"number_of_dropped_process_events":"\([0-9]*\)".*/\1/p' "$work/$1.events" | awk '{ sum += $1 } END { print sum + 0 }')
	saw=$(marks_of "$work/$1.events" | awk '$1 > 0' | wc -l)
	echo "saw $saw of $2, lost $lost"
	[ $((saw + lost)) -ge "$2" ]
}

two_readers() {
	watch_marks && reader a && reader b || return 1
	marks 1 500
	sees a 500 && sees b 500 && stop_readers a b && saw_all a 1 500 && saw_all b 1 500
}

one_is_killed() {
	watch_marks && reader a && reader b || return 1
	marks 1 100
	sees b 100 || return 1
	kill -9 "$reader_a"
	wait "$reader_a" 2>/dev/null
	many_marks && stop_readers b && saw_all b 1 20100
}

one_is_stopped() {
	watch_marks && reader a && reader b || return 1
	marks 1 100
	sees a 100 && sees b 100 || return 1
	kill -STOP "$reader_a"
	many_marks
	kill -CONT "$reader_a"
	begins a 30000 || { echo "it does not go on"; return 1; }
	stop_readers a b && saw_all b 1 20100 || return 1
	grep -q '"tetra":{"lost":"passed_over","lost_bytes":"[0-9]*","lost_since":"20' "$work/a.events" || {
		echo "nothing is said of what was lost"; grep '"tetra":{"lost"' "$work/a.events"; return 1; }
	gaps_are_counted a b
}

# What is there, in NAME.events.
wait_reader() {
	"$tetra" getevents --root "$root" --event-types process_tracepoint --since-start --no-follow >"$work/$1.events"
}

# With nobody reading: what the ring buffer holds is there for who asks, and how much is not.
full_ring() {
	watch_marks || return 1
	marks 1 20000
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		/bin/true	# two events each, of no hook
	done
	wait_reader a || return 1
	last=$(marks_of "$work/a.events" | tail -n 1)
	[ "$last" -lt 20000 ] || { echo "the ring buffer holds all $last"; return 1; }
	marks_of "$work/a.events" | awk '$1 != ++n { exit 1 }' || { echo "not in order"; return 1; }
	grep -q '"tetra":{"lost":"ring_full"' "$work/a.events" && adds_up a 20020 || return 1
	wait_reader b && ! grep 'mark\|"tetra":{"lost"' "$work/b.events"
}

new_ones_only() {
	watch_marks || return 1
	marks 1 10
	reader a || return 1
	marks 11 20
	sees a 20 && stop_readers a && saw_all a 11 20 && ! grep 'string_arg":".*mark1"' "$work/a.events"
}

all_deleted() {
	watch_marks && reader a || return 1
	# What is held goes with who holds it.
	if [ -s "$work/holder" ]; then kill -INT "$(cat "$work/holder")"; else "$tetra" delete --root "$root" --all; fi || return 1
	! wait "$reader_a" || { echo "it ended as if all were well"; return 1; }
	grep "has been deleted" "$work/a.err"
}

output_closed() {
	watch_marks || return 1
	marks 1 100
	"$tetra" getevents --root "$root" --since-start 2>"$work/err" | head -n 1 >"$work/out"
	[ -s "$work/out" ] && [ ! -s "$work/err" ]
}

# Both see the very same lines, in the same order.
same_lines() {
	watch_marks && reader a && reader b || return 1
	marks 1 500
	sees a 500 && sees b 500 && stop_readers a b || return 1
	for name in a b; do
		grep '"string_arg":".*mark[1-9]' "$work/$name.events" >"$work/$name.marks"
	done
	cmp "$work/a.marks" "$work/b.marks"
}

# A small disk: what fits is whole, what does not is counted, and after there is room again it is said.
disk_full() {
	watch_marks && mkdir "$work/disk" && mount -t tmpfs -o size=256k none "$work/disk" || return 1
	reader_full
	status=$?
	cp "$work/disk/events" "$work/a.events"
	umount "$work/disk"
	[ $status -eq 0 ] || return 1
	grep -q "cannot write '$work/disk/events': No space left" "$work/full.err" && grep -q 'there is space again' "$work/full.err" ||
		{ cat "$work/full.err"; return 1; }
	! grep -v '^{.*}$' "$work/a.events" || { echo "a line is not whole"; return 1; }
	grep -q '"tetra":{"lost":"output_full"' "$work/a.events" && counts_exactly a 3001
}

reader_full() {
	dd if=/dev/zero of="$work/disk/filler" bs=1k count=128 2>/dev/null
	"$tetra" getevents --root "$root" --policy marks --output-file "$work/disk/events" --filter 'args.string_arg!=*-mark0' \
		--since-start 2>"$work/full.err" &
	full=$!
	marks 1 3000
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		sleep 0.1
		! grep -q 'No space' "$work/full.err" || break
	done
	sleep 1
	rm "$work/disk/filler"
	marks 3001 3001
	sleep 1.5
	kill -INT $full && wait $full || { cat "$work/full.err"; return 1; }
}

# What was written and what was said to be lost are all marks.
counts_exactly() {
	lost=$(sed -n 's/.*"number_of_dropped_process_events":"\([0-9]*\)".*/\1/p' "$work/$1.events" | awk '{ sum += $1 } END { print sum + 0 }')
	saw=$(marks_of "$work/$1.events" | wc -l)
	echo "saw $saw of $2, lost $lost"
	[ "$lost" -gt 0 ] && [ $((saw + lost)) -eq "$2" ]
}

# Of the process where Tetragon has it, of ids in values in what only tetra says.
names_of_ids() {
	head_of credentials <<EOT | apply || return 1
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    raw: true
    args:
    - index: 0
      type: cred
      resolve: cred
EOT
	"$tools/workload" open "$work/policy.yaml" && events --resolve-users || return 1
	has_event '"event":"sched_process_exec"' '"user":{"name":"root"}' '"users":{"0":"root"}' '"groups":{"0":"root"}' || return 1
	if setpriv --reuid 0 --regid 65534 --clear-groups true 2>/dev/null; then	# busybox cannot
		setpriv --reuid 0 --regid 65534 --clear-groups "$tools/workload" open "$work/policy.yaml" && events --resolve-users &&
			has_event '"event":"sched_process_exec"' '"gid":65534' "\"groups\":{\"65534\":\"$(sed -n 's/:.*:65534:.*//p' /etc/group | head -n 1)\"" || return 1
	fi
	events && no_event '"groups":{' && no_event '"users":{'
}

test_that "names of users and groups, when they are asked for" names_of_ids
test_that "two readers at once see all events" held_while two_readers
test_that "and they see the same lines" held_while same_lines
test_that "a disk that is full: lines are whole, the others are counted" held_while disk_full
test_that "a reader that was killed holds nobody up" held_while one_is_killed
test_that "a reader that is stopped is passed over and told what it lost" held_while one_is_stopped
test_that "a full ring buffer: what it holds comes, what it does not is counted" held_while full_ring
test_that "only new events, without --since-start" held_while new_ones_only
test_that "a reader says when everything was deleted" held_while all_deleted
test_that "an output that is closed ends it quietly" held_while output_closed
finish
