#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra explain`: policies, lines of them, and words of the language.  TAP.
. "$(dirname "$0")/lib.sh"
cp -R "$project/policy-library" library

# ---- Policies ----

expect 'a policy' 0 '^Policy watch-secrets observes' "$tetra" explain library/files/watch-secrets.yaml
expect 'from standard input' 0 '\(<stdin>\)$' "$tetra" explain - <library/files/watch-secrets.yaml
expect 'a folder' 0 '^Policy write-to-terminal observes' "$tetra" explain library
"$tetra" explain library/files/watch-secrets.yaml >out 2>err && [ ! -s err ]
report $? 'nothing goes to standard error' "$(cat err)"
printf 'kind: TracingPolicy\n' >bad.yaml
expect 'a bad policy is refused' 1 'error\[TP' "$tetra" explain bad.yaml
expect 'the others are explained all the same' 1 '^Policy watch-secrets' "$tetra" explain bad.yaml library/files/watch-secrets.yaml
expect 'a file that is not there' 3 "cannot open 'none.yaml'" "$tetra" explain none.yaml
expect 'a pattern that no file matches' 3 "no file matches 'none\*'" "$tetra" explain 'none*'
expect 'an empty file' 1 'TP004' "$tetra" explain /dev/null
"$tetra" explain -o json library >out 2>err
report $? 'policies as data' "$(cat err)"
[ -z "$(jq 'select(.kind != "policy" or (.name as $name | .text | startswith("Policy " + $name) | not))' <out)" ] && [ "$(wc -l <out)" -eq "$("$tetra" explain library 2>err | grep -c '^Policy ')" ]
report $? 'each is an object of its own' "$(head -c 500 out)"

# ---- Fields ----

field=spec.kprobes.selectors.matchArgs.operator
heading='^Field spec\.kprobes\[\]\.selectors\[\]\.matchArgs\[\]\.operator <string, required>$'
for path in tracingpolicy.$field TracingPolicy.$field "$field" kprobes.selectors.matchArgs.operator \
	'spec.kprobes[].selectors[0].matchArgs[*].operator' 'kprobes["selectors"][0].matchArgs.operator' \
	'$.spec.kprobes[0].selectors.0.matchArgs.operator' '.spec[kprobes].selectors.matchArgs.*.operator'; do
	expect "a field: $path" 0 "$heading" "$tetra" explain "$path"
done
expect 'of the other kind' 0 '^Field spec.lists' "$tetra" explain tracingpolicynamespaced.spec.lists
expect 'its words mean something' 0 '^  Equal +True when the argument equals any of the values\.$' "$tetra" explain "$field"
expect 'and go with types' 0 '^      Types: string, file, path' "$tetra" explain "$field"
expect 'keys below' 0 '^  matchBinaries +<\[\]object> +Filter on the path' "$tetra" explain 'spec.lsmhooks[].selectors'
expect 'the most entries' 0 '^  Entries, at most: 1000$' "$tetra" explain spec.kprobes.selectors
expect 'and what Tetragon takes of them' 0 '^  With Tetragon: 5$' "$tetra" explain spec.kprobes.selectors
expect 'bounds' 0 '^  At most: 2147483647$' "$tetra" explain kprobes.args.index
expect 'the form of a text' 0 '^  Length, at most: 253$' "$tetra" explain metadata.name
expect 'a default' 0 '^  Default: yes$' "$tetra" explain kprobes.syscall
expect 'the words of a kind' 0 '^  PidForChildren +The process ids that children' "$tetra" explain 'spec.*.selectors.matchNamespaces.namespace'
expect 'types of the hook' 0 '^  file ' "$tetra" explain lsmhooks.args.type
! "$tetra" explain lsmhooks.args.type | grep -q '^  syscall64 '
report $? 'and no others'
! "$tetra" explain tracepoints.selectors.matchActions.action | grep -q '^  Override '
report $? 'actions likewise'
expect 'of any hook' 0 '^  syscall64 ' "$tetra" explain 'spec.*.args.type'
expect 'apiVersion' 0 '^  cilium.io/v1alpha1$' "$tetra" explain apiVersion
expect 'kind' 0 '^  TracingPolicyNamespaced ' "$tetra" explain kind
expect 'metadata' 0 '^  annotations +<map\[string\]string>' "$tetra" explain metadata
expect 'a free key' 0 '^Field metadata.labels\[KEY\]' "$tetra" explain 'metadata.labels["app.kubernetes.io/name"]'
expect 'a kind of document' 0 '^Document TracingPolicy$' "$tetra" explain TracingPolicy
expect 'hooks of a section' 0 '^  raw_tracepoint ' "$tetra" explain tracepoints
expect 'a name of several fields' 0 '^  spec\.\*\[\]\.selectors\[\]\.matchPIDs\[\]\.operator' "$tetra" explain operator
expect 'all of them' 0 '^  spec\.podSelector\.matchExpressions\[\]\.operator$' "$tetra" explain operator
expect 'also of values' 0 '^  spec\.lists\[\]\.values$' "$tetra" explain values
expect 'a name of one' 0 '^Field spec\.uprobes\[\]\.refCtrOffsets' "$tetra" explain refCtrOffsets
expect 'the end of a path' 0 '^Field spec\.\*\[\]\.selectors\[\]\.matchBinaries\[\]\.values' "$tetra" explain matchBinaries.values
expect 'a word that is a field too' 0 'Fields of this name: spec.uprobes\[\].path' "$tetra" explain path

expect 'a misspelt part' 2 "there is no 'matchArg' under spec.kprobes\[\].selectors; did you mean 'matchArgs'\?" \
	"$tetra" explain kprobes.selectors.matchArg
expect 'what is there instead' 2 '^  matchPIDs +Filters on the process id' "$tetra" explain kprobes.selectors.matchArg
expect 'the wrong case' 2 "no 'Kprobes' under spec; did you mean 'kprobes'" "$tetra" explain spec.Kprobes.call
expect 'a misspelt beginning' 2 "did you mean 'TracingPolicy'" "$tetra" explain tracingpolcy.spec
expect 'a misspelt key of rules' 2 "there is no 'ruls' under spec; did you mean 'rules'\?" "$tetra" explain RuntimeSecurityPolicy.spec.ruls
expect 'where spec is left out' 2 "there is no 'ruls' under RuntimeSecurityPolicy; did you mean 'rules'\?" "$tetra" explain RuntimeSecurityPolicy.ruls
expect 'of no kind that was said' 2 "there is no 'ruls' under spec; did you mean 'rules'\?" "$tetra" explain spec.ruls
expect 'deeper in rules' 2 "there is no 'fil' under spec.rules; did you mean 'file'\?" "$tetra" explain spec.rules.fil
expect 'what is nearer to a TracingPolicy' 2 "there is no 'kprobs' under spec; did you mean 'kprobes'\?" "$tetra" explain spec.kprobs
expect 'a misspelt part behind a star' 2 "did you mean 'operator'" "$tetra" explain 'spec.*.selectors.matchArgs.operatr'
expect 'below a value' 2 'nothing is under spec.kprobes\[\].call' "$tetra" explain kprobes.call.x
expect 'no list' 2 'spec.kprobes\[\].call is no list' "$tetra" explain 'kprobes.call[0]'
expect 'an open bracket' 2 'a bracket is not closed' "$tetra" explain 'spec.kprobes['
expect 'two dots' 2 'nothing between two dots' "$tetra" explain spec..kprobes
expect 'an empty operand' 2 "nothing is called ''" "$tetra" explain ''
"$tetra" explain "$(printf 'spec.\033[31mx')" >out 2>err
[ $? -eq 2 ] && ! grep -q "$(printf '\033')" err
report $? 'control characters do not reach the terminal' "$(cat -v err)"
"$tetra" explain "spec.$(head -c 100000 /dev/zero | tr '\0' a)" >out 2>err
[ $? -eq 2 ] && [ "$(head -1 err | wc -c)" -lt 500 ]
report $? 'nor does a very long name'

# ---- Trees ----

expect 'a tree' 0 '^    resolve <string>$' "$tetra" explain --recursive spec.kprobes
expect 'it shows what is required' 0 '^  call <string, required>$' "$tetra" explain -r spec.kprobes
"$tetra" explain --recursive -o json TracingPolicy | jq -r '.. | objects | select(.path) | .path' >paths
xargs -d '\n' "$tetra" explain -o json <paths >out 2>err
report $? 'every path of the tree is explained' "$(cat err)"
jq -r 'select(.kind == "field") | .path' <out | cmp -s - paths && [ "$(wc -l <paths)" -gt 900 ]
report $? 'as what it is'

# ---- Words ----

expect 'an operator' 0 '^Operator InRange$' "$tetra" explain InRange
expect 'its types' 0 '^  Types: int, int8' "$tetra" explain InRange
expect 'its filters' 0 '^  In: matchArgs, matchData' "$tetra" explain InRange
expect 'its negation' 0 '^  Negation of: InRange$' "$tetra" explain NotInRange
expect 'by another spelling' 0 '^  Also spelt: GreaterThan$' "$tetra" explain GT
expect 'In' 0 '^  In: matchBinaries, matchPIDs' "$tetra" explain In
expect 'an expression takes some types' 0 '^  Types: int, int8, uint8, .* string, file, path,$' "$tetra" explain CelExpr
expect 'a type' 0 '^Type sockaddr$' "$tetra" explain sockaddr
expect 'its operators' 0 '^  Operators: SAddr, NotSAddr, SPort' "$tetra" explain sockaddr
expect 'its key in events' 0 '^  In events: sockaddr_arg$' "$tetra" explain sockaddr
expect 'its width' 0 '^  Bits: 16$' "$tetra" explain uint16
expect 'where it can be read' 0 '^  Hooks: tracepoint, raw_tracepoint$' "$tetra" explain data_loc
expect 'none that compares it' 0 '^  Operators: none$' "$tetra" explain cred
expect 'none but expressions' 0 '^  Operators: CelExpr$' "$tetra" explain filename
expect 'an action' 0 '^Action Override$' "$tetra" explain Override
expect 'its hooks' 0 '^  Hooks: kprobe, uprobe, lsm$' "$tetra" explain Override
expect 'its arguments' 0 '^  argError  ' "$tetra" explain Override
expect 'whether it enforces' 0 '^  Enforces: no$' "$tetra" explain Post
expect 'an option' 0 '^Option policy-mode$' "$tetra" explain policy-mode
expect 'its words' 0 '^  One of: enforce, monitor$' "$tetra" explain policy-mode
expect 'a kind of hook' 0 '^  Actions: Post, Sigkill, Override' "$tetra" explain lsm
expect 'a list' 0 '^  CAP_SYS_ADMIN +21$' "$tetra" explain capabilities
expect 'a name in a list' 0 '^  Number: 2$' "$tetra" explain AF_INET
expect 'another' 0 '^  See: namespaces$' "$tetra" explain Uts
expect 'the list of lists' 0 '^  tcp-states +States of a TCP connection' "$tetra" explain words
expect 'limits' 0 '^  1000 +selectors of a hook$' "$tetra" explain limits
expect 'and those of Tetragon' 0 '^  5 +selectors of a hook, with Tetragon$' "$tetra" explain limits
expect 'a misspelt word' 2 "nothing is called 'Equall'; did you mean 'Equal'\?" "$tetra" explain Equall
expect 'a word like none' 2 "nothing is called 'zzzzzzzzzzzz'" "$tetra" explain zzzzzzzzzzzz
expect 'nothing' 2 'explain what' "$tetra" explain
expect 'several at once' 0 '^Policy outbound-connect' "$tetra" explain TP101 library/network/outbound-connect.yaml Equal

expect 'a diagnostic' 0 '^TP101 \(error\): there is no such key$' "$tetra" explain TP101
expect 'what is wrong' 0 '^wrong:  - operater: Equal$' "$tetra" explain TP101
expect 'what is right' 0 '^right:  - operator: Equal$' "$tetra" explain TP101
expect 'of several lines' 0 '^            matchBinaries: \.\.\.$' "$tetra" explain TP102
expect 'a code that does not exist' 2 "nothing is called 'TP999'" "$tetra" explain TP999

# Examples stand under spec.  In a policy they are right.
"$tetra" explain -o json operators actions policy-options | jq -r '.values[].name' >words
xargs "$tetra" explain -o json <words | jq -r '"---",
	"apiVersion: cilium.io/v1alpha1", "kind: TracingPolicy", "metadata: {name: example-\(.name | ascii_downcase)}", "spec:",
	(.example | split("\n")[] | "  " + .), (select(.kind == "option") | "  lsmhooks: [{hook: file_open}]")' >examples.yaml
expect 'examples are right' 0 "^$(wc -l <words) policies in 1 file: " "$tetra" check examples.yaml

# ---- As data ----

"$tetra" explain -o json "$field" >out
jq -e '.kind == "field" and .type == "string" and .required and .supported and
	(.values[] | select(.name == "Equal") | .types | index("file"))' <out >err
report $? 'a field as JSON' "$(cat out)"
expect 'a default keeps its type' 0 '"default":true' "$tetra" explain -o json kprobes.syscall
"$tetra" explain -o json TP101 Equal file spec >out && [ "$(wc -l <out)" -eq 4 ] && jq -e .kind <out >err
report $? 'each page is an object on one line' "$(cat out)"
jq -rs '[.. | objects | keys[]] | unique[]' <out >keys
"$tetra" explain -o json page-keys | jq -r '.values[].name' | sort >documented
sort keys | comm -23 - documented | grep . >err
[ $? -ne 0 ]
report $? 'every key is documented' "$(cat err)"
expect 'a field as YAML' 0 '^path: "spec\.kprobes\[\]\.args"$' "$tetra" explain -o yaml kprobes.args
expect 'documents are parted' 0 '^---$' "$tetra" explain -o yaml TP101
if python3 -c 'import yaml' 2>err; then
	for words in 'TP101 TP437' 'TracingPolicy' 'operator Equal sock Override lsm limits' 'library/files/watch-secrets.yaml:20'; do
		"$tetra" explain -r -o yaml $words | python3 -c '
import json, sys, yaml
for page in yaml.safe_load_all(sys.stdin):
    print(json.dumps(page, sort_keys=True))' >yaml
		"$tetra" explain -r -o json $words | python3 -c '
import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line), sort_keys=True))' | cmp -s - yaml
		report $? "YAML says what JSON does: $words" "$(head -c 500 yaml)"
	done
else
	skip 'YAML says what JSON does' 'no Python with a YAML reader'
fi
expect 'another form' 2 "takes one of text\|json\|yaml" "$tetra" explain -o xml TP101

# ---- Lines ----

lines=library/files/watch-secrets.yaml
line() { grep -n "$1" "$lines" | sed -n "${2:-1}s/:.*//p"; }
at=$(line 'operator: Equal')
expect 'a line of a filter' 0 '^  Filter: secret \(argument 0, file\) is /etc/shadow' "$tetra" explain "$lines:$at"
expect 'where that is' 0 '^  Here: spec.lsmhooks\[0\].selectors\[0\].matchArgs\[0\].operator$' "$tetra" explain "$lines:$at"
expect 'the field to go on with' 0 '^  Field: spec.lsmhooks\[\].selectors\[\].matchArgs\[\].operator$' "$tetra" explain "$lines:$at"
expect 'its selector' 0 '^  Selector: 1 of 2: when the binary of the process is not .*: report an event$' "$tetra" explain "$lines:$at"
expect 'its hook' 0 '^  Hook: on LSM hook file_open$' "$tetra" explain "$lines:$at"
expect 'what the word means' 0 '^  It means: True when the argument equals any' "$tetra" explain "$lines:$at"
expect 'a value in a list' 0 '^  Value: /etc/gshadow$' "$tetra" explain "$lines:$(line '/etc/gshadow$')"
expect 'in the filter' 0 '^  Filter: the binary of the process is not /usr/sbin/sshd' "$tetra" explain "$lines:$(line ssh-keygen)"
expect 'the hook' 0 '^  2 of 2 +when the binary' "$tetra" explain "$lines:$(line 'hook: file_open')"
expect 'an argument' 0 '^  Argument: secret \(argument 0, file\)$' "$tetra" explain "$lines:$(line 'label: secret')"
expect 'metadata' 0 '^  Here: metadata.name$' "$tetra" explain "$lines:$(line 'name: watch')"
expect 'from standard input' 0 '^Line <stdin>:' "$tetra" explain "-:$at" <"$lines"
cat >shadowed.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: shadowed}
spec:
  uprobes:
  - path: /usr/bin/bash
    symbols: [readline]
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Prefix, values: [/etc]}]
    - matchArgs: [{index: 0, operator: Equal, values: [/etc/passwd]}]
EOT
expect 'where a probe is' 0 '^  Hook: on calls of readline in /usr/bin/bash$' "$tetra" explain shadowed.yaml:7
expect 'a selector that is never reached' 0 '^  Selector: 2 of 2: when ' "$tetra" explain shadowed.yaml:11
expect 'and that it is' 0 '^  TP603 +selector 2 is never reached' "$tetra" explain shadowed.yaml:11
expect 'as data' 0 "\"line\":$at,.*\"filter\":\"secret" "$tetra" explain -o json "$lines:$at"
expect 'a comment' 1 "watch-secrets.yaml:1: the line is a comment" "$tetra" explain "$lines:1"
expect 'beyond the end' 1 'the file has no such line' "$tetra" explain "$lines:9999"
expect 'far beyond' 1 'the file has no such line' "$tetra" explain "$lines:99999999999999999999"
expect 'line 0' 1 'lines count from 1' "$tetra" explain "$lines:0"
expect 'a file that is not there' 3 "cannot open 'none.yaml'" "$tetra" explain none.yaml:3
expect 'a directory' 2 "'library' is a directory" "$tetra" explain library:3
expect 'an empty file' 1 'the file is empty' "$tetra" explain /dev/null:1

cat >several.yaml <<'EOT'
apiVersion: v1
kind: ConfigMap
data: {a: b}
---
# a comment
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: several}

spec:
  kprobes:
  - call: sys_symlinkat
    message: |
      first
      # not a comment
    args:
    - {index: 0, type: string}
    selectors:
    - matchArgs: &same
      - {index: 0, operator: Equal, values: ["/etc/passwd",
          "/etc/shadow"]}
      matchActions: [{action: Override, argError: -1}]
    - matchPIDs: [{operator: In, values: [1]}]
      matchActions:
      - action: Signal
        argSig: 15
    - matchArgs: *same
      matchActions:
      - action: Post
        argRegs: ["rax=1"]
    - matchArgs: *same
---
apiVersion: v1
kind: List
items:
- apiVersion: cilium.io/v1alpha1
  kind: TracingPolicy
  metadata: {name: listed}
  spec: {lsmhooks: [{hook: file_open}]}
EOT
expect 'another kind of document' 1 'several.yaml:2: the document is of another kind' "$tetra" explain several.yaml:2
expect 'between documents' 1 'several.yaml:4: the line is between documents' "$tetra" explain several.yaml:4
expect 'an empty line' 1 'several.yaml:9: the line is empty' "$tetra" explain several.yaml:9
expect 'a text of several lines' 0 '^  Here: spec.kprobes\[0\].message$' "$tetra" explain several.yaml:15
expect 'its control characters are shown as such' 0 '^  Value: first\\n# not a comment\\n$' "$tetra" explain several.yaml:15
expect 'a filter on one line' 0 '^  Here: spec.kprobes\[0\].selectors\[0\].matchArgs\[0\]$' "$tetra" explain several.yaml:20
expect 'its second line' 0 '^  Value: /etc/shadow$' "$tetra" explain several.yaml:21
expect 'a column' 0 '^  Here: spec.kprobes\[0\].selectors\[0\].matchArgs\[0\].operator$' "$tetra" explain several.yaml:20:30
expect 'a column beyond the line' 1 'the line has no such column' "$tetra" explain several.yaml:20:3000
expect 'an action' 0 '^  Action: Signal: Send the signal argSig' "$tetra" explain several.yaml:26
expect 'the third selector' 0 '^  Selector: 3 of 4' "$tetra" explain several.yaml:30
expect 'a key that its action does not use' 0 '^  Here: spec.kprobes\[0\].selectors\[2\].matchActions\[0\].argRegs$' "$tetra" explain several.yaml:30
expect 'a value that an alias gives' 0 '^  Here: spec.kprobes\[0\].selectors\[2\].matchArgs$' "$tetra" explain several.yaml:27
expect 'at the end of all' 0 '^  Here: spec.kprobes\[0\].selectors\[3\].matchArgs$' "$tetra" explain several.yaml:31
expect 'a policy in a list' 0 '^  Policy: listed$' "$tetra" explain several.yaml:37
expect 'and its hooks' 0 '^  Hook: .*file_open$' "$tetra" explain several.yaml:39:35

policy wrong | sed 's/file_open/& , hok: x/' >wrong.yaml
expect 'a line with an error' 0 "^  TP101 +there is no key 'hok'" "$tetra" explain wrong.yaml:4
expect 'the error itself' 0 "^  There is no key 'hok' here\.$" "$tetra" explain wrong.yaml:4:39
printf 'a: [\n' >broken.yaml
expect 'no YAML' 1 'error\[TP002\]' "$tetra" explain broken.yaml:1
cp library/files/watch-secrets.yaml odd.yaml:12
expect 'a file that is called so' 0 '^Policy watch-secrets' "$tetra" explain odd.yaml:12
expect 'and a line of it' 0 '^Line odd.yaml:12:6$' "$tetra" explain odd.yaml:12:6
printf 'kind: TracingPolicy\r\nmetadata: {name: a}\r\n\r\n' >crlf.yaml
expect 'lines with a carriage return' 0 '^  Value: TracingPolicy$' "$tetra" explain crlf.yaml:1
expect 'an empty one' 1 'the line is empty' "$tetra" explain crlf.yaml:3
seq "$(wc -l <several.yaml)" | sed 's/^/several.yaml:/' | xargs "$tetra" explain -o json >out 2>err
[ $(($(wc -l <out) + $(grep -c '^tetra explain: several.yaml:' err))) -eq "$(wc -l <several.yaml)" ]
report $? 'every line gives a page or a reason' "$(cat err)"

# ---- Completion ----

expect 'keys of a place' 0 '^spec\.kprobes\.selectors	Filters and actions' "$tetra" explain --complete spec.kprobes.
expect 'words' 0 '^Equal	True when' "$tetra" explain --complete Eq
expect 'codes' 0 '^TP101	there is no such key$' "$tetra" explain --complete TP1
"$tetra" explain --complete zzz >out 2>err && [ ! -s out ] && [ ! -s err ]
report $? 'nothing begins so: nothing is printed'
expect 'with an operand' 2 'takes no other operand' "$tetra" explain --complete spec Equal

# ---- Output ----

if [ -e /dev/full ]; then
	expect 'a full disk' 3 'cannot write to standard output' sh -c '"$1" explain -r TracingPolicy >/dev/full' - "$tetra"
fi
expect 'a closed output' 3 'cannot write to standard output' sh -c '"$1" explain TP101 >&-' - "$tetra"

finish
