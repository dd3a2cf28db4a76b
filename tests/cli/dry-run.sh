#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra dry-run`: verdicts on recorded events with their reasons, and what is wrong with a file of events.  TAP.
. "$(dirname "$0")/lib.sh"
cp -R "$project/policy-library" library

files=library/files/watch-secrets
line() { sed -n "$1p" "$files.events.jsonl"; }

# ---- verdicts ----
expect 'a match names selector and place' 0 '^  watch-secrets: matches selector 1: report an event  \(library/files/watch-secrets.yaml:[0-9]+:7\)$' \
	"$tetra" dry-run $files.yaml --events $files.events.jsonl
expect 'a failure names the filter, the value and the place' 0 \
	'^    selector 1 fails: secret .argument 0, file. is /etc/shadow.*: it is /etc/passwd  \(library/files/watch-secrets.yaml:[0-9]+:9\)$' \
	"$tetra" dry-run $files.yaml --events $files.events.jsonl
expect 'what the event does not carry is not known' 0 ': not known, it is not in the event' "$tetra" dry-run $files.yaml --events $files.events.jsonl
expect 'events are counted' 0 '^11 events, 4 matches, 2 unknown, 0 lines of other kinds passed over$' "$tetra" dry-run $files.yaml --events $files.events.jsonl
expect 'a verdict that depends on it is unknown, and is no match' 0 '^  watch-secrets: unknown: whether selector 1 matches depends on what the event does not say$' \
	"$tetra" dry-run $files.yaml --events $files.events.jsonl
line 1 | "$tetra" dry-run $files.yaml --events - >out 2>err; grep -q '^<stdin>:1: lsm file_open by /usr/bin/cat$' out
report $? 'events from standard input' "$(cat out err)"
line 1 | "$tetra" dry-run library --events - >out 2>err; grep -q '^  watch-secrets: ' out && ! grep -qE '^  (outbound-connect|setuid-root|exec-from-temporary|write-to-terminal): ' out
report $? 'only policies that watch the hook are asked' "$(cat out err)"
line 1 | "$tetra" dry-run library/network --events - >out 2>err; grep -q '^  no policy watches this$' out
report $? 'an event that nobody watches' "$(cat out err)"
expect 'JSON: a match' 0 '"policy":"watch-secrets","hook":0,"verdict":"matched","match":true,"selector":0,"actions":"report an event","file":"library/files/watch-secrets.yaml","line":[0-9]+' \
	"$tetra" dry-run $files.yaml --events $files.events.jsonl -o json
expect 'JSON: a reason' 0 '"selector":0,"answer":"unknown","decided":false,"filter":"secret .argument 0, file. is [^"]*","value":"not in the event"' \
	"$tetra" dry-run $files.yaml --events $files.events.jsonl -o json
"$tetra" dry-run $files.yaml --events $files.events.jsonl -o json 2>/dev/null >out; [ "$(wc -l <out)" -eq 11 ]
report $? 'JSON: a line per event'

# ---- policies for some nodes only ----
sed 's/^spec:/spec:\n  nodeSelector: {matchLabels: {zone: a}}/' $files.yaml >zoned.yaml
line 1 >first.jsonl
expect 'verdicts where the node is not known' 0 "^zoned.yaml:[0-9]+:17: note: policy 'watch-secrets' is for some nodes only: what follows holds on those" \
	"$tetra" dry-run zoned.yaml --events first.jsonl
expect 'are those on a node that it is for' 0 'matches selector 1' "$tetra" dry-run zoned.yaml --events first.jsonl
expect 'on another it decides nothing' 0 '^  no policy watches this$' "$tetra" dry-run zoned.yaml --events first.jsonl --node-labels zone=b
expect 'which is said' 0 "note: policy 'watch-secrets' is not for this node" "$tetra" dry-run zoned.yaml --events first.jsonl --node-labels zone=b

# ---- rules for some nodes only ----
cat >rules.yaml <<'EOT'
apiVersion: tetra.dev/v1alpha1
kind: RuntimeSecurityPolicy
metadata: {name: rules}
spec:
  mode: enforce
  rules:
  - {id: everywhere, effect: deny, file: {ops: [write], paths: {exact: [/etc/shadow]}}}
  - {id: edge, effect: deny, scope: {nodes: {matchLabels: {zone: edge}}}, file: {ops: [read], paths: {exact: [/etc/shadow]}}}
  - id: not-there
    effect: deny
    file: {ops: [read], paths: {exact: [/etc/keys]}}
    except: [{reason: they may, scope: {nodes: {matchLabels: {zone: edge}}}}]
EOT
read_of() { # PATH, options...
	path=$1; shift
	printf '{"process_lsm":{"function_name":"file_open","process":{"binary":"/usr/bin/cat","pid":7},"args":[{"index":0,"resolve":"","file_arg":{"path":"%s"}},{"index":0,"resolve":"f_mode","uint_arg":1},{"index":0,"resolve":"f_flags","uint_arg":0}]}}\n' \
		"$path" | "$tetra" dry-run rules.yaml --events - "$@" >out 2>err
}
by_rule() { grep -q "^  rules: matches .*(rules.yaml:$1:" out; }
read_of /etc/shadow --node-labels zone=edge && by_rule 8 && ! by_rule 11
report $? 'a rule for this node' "$(cat out err)"
read_of /etc/keys --node-labels zone=edge && ! grep -q ': matches' out && grep -q "rules.yaml:12:.*note: policy 'rules' has rules that are for other nodes, and decide nothing" err
report $? 'a rule that is not for it, by an exception' "$(cat out err)"
read_of /etc/shadow --node-labels zone=core && ! grep -q ': matches' out && read_of /etc/keys --node-labels zone=core && by_rule 11
report $? 'and both on another one' "$(cat out err)"
read_of /etc/shadow && by_rule 8 && grep -q "rules.yaml:8:.*note: policy 'rules' is for some nodes only" err
report $? 'a node that is not known' "$(cat out err)"

# ---- the files of events ----
echo '{"process_exec":{"process":{}}}' >others.jsonl; line 1 >>others.jsonl; echo >>others.jsonl
expect 'other events and empty lines are passed over' 0 '^1 events, 1 matches, 0 unknown, 1 lines of other kinds' "$tetra" dry-run $files.yaml --events others.jsonl
{ line 1; echo '{'; line 2; } >broken.jsonl
expect 'a broken line is named' 1 'broken.jsonl:2: unexpected end of data' "$tetra" dry-run $files.yaml --events broken.jsonl
grep -q 'broken.jsonl:3: lsm' out; report $? 'the lines behind it are still decided' "$(cat out)"
head -c 100000 /dev/urandom >noise
expect 'noise' 1 'noise:1: ' "$tetra" dry-run $files.yaml --events noise
{ printf '{"a":"'; head -c 2000000 /dev/zero | tr '\0' x; echo '"}'; line 1; } >long.jsonl
expect 'a very long line' 1 'long.jsonl:1: the line is longer than 1048576 bytes' "$tetra" dry-run $files.yaml --events long.jsonl
grep -q 'matches selector 1' out; report $? 'the line behind it is decided' "$(cat out)"
line 1 | tr -d '\n' >unended.jsonl
expect 'a last line without end' 0 '^1 events, 1 matches' "$tetra" dry-run $files.yaml --events unended.jsonl
line 1 | sed 's/$/\r/' >crlf.jsonl
expect 'lines from elsewhere' 0 '^1 events, 1 matches' "$tetra" dry-run $files.yaml --events crlf.jsonl
: >empty
expect 'no events at all' 0 '^0 events' "$tetra" dry-run $files.yaml --events empty
expect 'a file that is not there' 3 "cannot read 'none'" "$tetra" dry-run $files.yaml --events none
expect 'a folder' 3 "cannot read 'library'" "$tetra" dry-run $files.yaml --events library
expect 'a bad policy' 1 'error\[TP' sh -c "echo 'kind: TracingPolicy' | $tetra dry-run - --events empty"

# ---- without events ----
echo '{"kind": "kernel"}' >any.json
expect 'hooks, and what an event there takes' 0 '^    for each event: 3 to 7 records, at most 1 value read' "$tetra" dry-run --kernel any.json $files.yaml
expect 'policies and their modes' 0 "^  policy 'setuid-root' .*, monitor mode$" "$tetra" dry-run --kernel any.json library
expect 'as JSON' 0 '"key":"lsm:file_open","stays":false,"attach":"lsm".*"records_most":7' "$tetra" dry-run --kernel any.json $files.yaml -o json

finish
