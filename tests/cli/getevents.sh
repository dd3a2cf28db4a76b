#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra getevents`: options, how it ends, and what becomes of its output.  TAP.
. "$(dirname "$0")/lib.sh"

expect 'an operand' 2 "not 'policy'" "$tetra" getevents policy
expect 'an unknown format' 2 'compact' "$tetra" getevents -o yaml
expect 'a count that is no number' 2 'count' "$tetra" getevents --count many
expect 'an unknown option' 2 'nosuch' "$tetra" getevents --nosuch
expect 'a type of events that there is none of' 2 "did you mean 'process_lsm'" "$tetra" getevents --event-types process_exec,process_lms
expect 'a field that there is none of' 2 "no 'process.binry' .*did you mean 'binary'" "$tetra" getevents --filter process.binry=x
expect 'a filter without a value' 2 'neither FIELD=GLOB' "$tetra" getevents --filter process.binary
expect 'a field that is an object' 2 'is an object' "$tetra" getevents --filter process=x
expect 'a process id that is none' 2 "'x' is no process id" "$tetra" getevents --pid 1,x
expect 'debug files for nothing' 2 'go with --symbolize' "$tetra" getevents --debug-dir /tmp
expect 'a size without a file' 2 'is for --output-file' "$tetra" getevents --rotate-size 1000
expect 'a file that cannot be' 3 'No such file or directory' "$tetra" getevents --output-file nosuch/file
expect 'a file that is none' 3 'no regular file' "$tetra" getevents --output-file /dev/full

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

! "$tetra" getevents --root "$root" --policy nosuch,forks --filter 'policy_name!=forks' --timeout 1 | grep -q .
report $? 'filters of fields'
expect 'processes by their names' 0 '"binary":"[^"]*/sleep"' "$tetra" getevents --root "$root" --process sleep --count 2
! grep '^{"process' out | grep -vq '^{"process_[a-z]*":{"process":{[^}]*"binary":"[^"]*/sleep"'
report $? 'and no others' "$(cat out)"

"$tetra" getevents --root "$root" >first 2>first.err &
reader=$!
sleep 0.5
# Of one process, whose entry stays as it is: what becomes of others between two looks is in one of them.
expect 'a second reader' 0 '"policy_name":"forks"' "$tetra" getevents --root "$root" --policy forks --pid "$forks" --count 3
sleep 0.5
kill -INT $reader
wait $reader
report $? 'Ctrl-C ends it with 0'
! grep '"policy_name"' out | grep -vFxf first
report $? 'both see the same' "$(cat first out)"
[ -z "$(tail -c 1 first)" ] && [ ! -s first.err ]
report $? 'and the last line is whole' "$(cat first.err)"

"$tetra" getevents --root "$root" --output-file lines --rotate-size 3000 --rotate-count 2 --count 20 >out 2>err
[ ! -s out ] && [ ! -s err ]
report $? 'into files' "$(cat out err)"
[ -s lines.2 ] && [ ! -e lines.3 ] && [ "$(stat -c %a lines lines.1)" = "600
600" ]
report $? 'that give way to each other' "$(ls -l lines*)"
! cat lines lines.1 lines.2 | grep -v '^{.*}$'
report $? 'with whole lines'
kill $forks
wait $forks 2>/dev/null
finish
