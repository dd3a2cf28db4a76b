#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra init`: every topic makes a policy that is right and tested; nothing is written over.  TAP.
. "$(dirname "$0")/lib.sh"

"$tetra" init --list >topics; report $? 'the topics are listed' "$(cat topics)"
[ "$(wc -l <topics)" -ge 25 ]; report $? 'many of them' "$(wc -l <topics)"

for topic in $(cut -d' ' -f1 topics); do
	expect "$topic: is written" 0 "^$topic.yaml: a policy about " "$tetra" init "$topic"
	expect "$topic: is right, strictly" 0 '^1 policy in 1 file: fine$' "$tetra" check --strict "$topic.yaml"
	expect "$topic: passes its tests" 0 '^[2-9] passed, 0 failed, 0 skipped$' "$tetra" test "$topic.yaml"
	for rule in $(sed -n 's/^  - id: //p' "$topic.yaml"); do
		grep -q "rule: $rule[,}]" "$topic.yaml"; report $? "$topic: rule $rule has a test" "$(grep expect "$topic.yaml")"
	done
	grep -q 'rule: none' "$topic.yaml"; report $? "$topic: a test shows what it does not mean" "$(grep expect "$topic.yaml")"
done
for folder in "$project"/policy-library/*/; do
	topic=$(basename "$folder")
	"$tetra" init -o - "$topic" >out 2>&1; report $? "the library's $topic is a topic" "$(cat out)"
done

echo mine >files.yaml
expect 'what is there stays' 3 "'files.yaml' is there already: nothing was written" "$tetra" init files
[ "$(cat files.yaml)" = mine ]; report $? 'as it was' "$(cat files.yaml)"
mkdir below; ln -s nowhere below/files.yaml
expect 'also a link to nothing' 3 "'below/files.yaml' is there already" "$tetra" init files -o below
expect 'a folder' 0 '^below/egress.yaml: ' "$tetra" init egress -o below/
expect 'no folder' 3 "cannot write 'none/egress.yaml': No such file or directory" "$tetra" init egress -o none
expect 'standard output' 0 '^kind: RuntimeSecurityPolicy$' "$tetra" init egress -o -
expect 'another word for it' 0 '^below/ptrace.yaml: ' "$tetra" init injection -o below
expect 'a misspelt topic' 2 "there is no topic 'shels'; did you mean 'shells'\?" "$tetra" init shels
expect 'another word' 2 "there is no topic 'xyzzy'; 'tetra init --list' says which there are" "$tetra" init xyzzy
expect 'no topic' 2 'which topic\?' "$tetra" init
expect 'two topics' 2 'one topic at a time' "$tetra" init shells files
expect 'a list of one' 2 '--list takes no topic' "$tetra" init --list shells
expect 'completion' 0 '^shells	a server starts a shell$' "$tetra" __complete init sh
expect 'the page of the manual' 0 'write a policy to begin with' "$tetra" man init
finish
