#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra getevents`: options, how it ends, and what becomes of its output.  TAP.
. "$(dirname "$0")/lib.sh"

expect 'an operand' 2 "not 'policy'" "$tetra" getevents policy
expect 'an unknown format' 2 'compact' "$tetra" getevents -o yaml
expect 'a count that is no number' 2 'count' "$tetra" getevents --count many
expect 'an unknown option' 2 'nosuch' "$tetra" getevents --nosuch

if [ "$(id -u)" != 0 ]; then
	skip 'reading events' 'needs root'
	finish
fi
expect 'nothing is applied' 3 'nothing is applied' "$tetra" getevents --root "$root"
[ ! -e "$root" ]
report $? 'and nothing is made'

printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: forks}\n' >policy.yaml
printf 'spec: {tracepoints: [{subsystem: sched, event: sched_process_fork, raw: true}]}\n' >>policy.yaml
if ! "$tetra" apply --root "$root" policy.yaml >out 2>err; then
	number=$((number + 1))
	echo "ok $number - reading events # SKIP $(head -n 1 err)"
	finish
fi

# Forks, until the test is over.
while sleep 0.1; do :; done &
forks=$!

expect '--timeout ends it' 0 '"process_tracepoint"' "$tetra" getevents --root "$root" --timeout 1
expect '--count ends it' 0 '"policy_name":"forks"' "$tetra" getevents --root "$root" --policy forks --count 3
[ "$(wc -l <out)" -eq 3 ]
report $? 'after so many lines' "$(cat out)"
expect '--event-types' 0 '^\{"process_exec":' "$tetra" getevents --root "$root" --event-types process_exec --count 2
! grep -vq '^{"process_exec":' out
report $? 'and no others' "$(cat out)"
expect 'lines for people' 0 'sched sched_process_fork' "$tetra" getevents --root "$root" --policy forks -o compact --count 1
! "$tetra" getevents --root "$root" --policy nosuch --timeout 1 | grep -q .
report $? 'a policy that is not there has no events'

timeout 10 "$tetra" getevents --root "$root" 2>err | head -n 1 >out
grep -q . out && [ ! -s err ]
report $? 'a reader that goes away ends it quietly' "$(cat err)"
expect 'a full disk' 3 'No space left' timeout 10 sh -c '"$1" getevents --root "$2" >/dev/full' - "$tetra" "$root"

"$tetra" getevents --root "$root" >first 2>&1 &
reader=$!
sleep 0.5
expect 'a second reader is told who the first is' 3 "process $reader \(tetra\) is already reading" "$tetra" getevents --root "$root"
kill -INT $reader
wait $reader
report $? 'Ctrl-C ends it with 0'
kill $forks
wait $forks 2>/dev/null
finish
