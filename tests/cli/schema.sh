#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra schema`: formats, kinds, and where it prints.  What the schemas say is tried by tests/schema/run.  TAP.
. "$(dirname "$0")/lib.sh"
generated=$project/schema/generated

same() { # name, file, option...
	name=$1 file=$2
	shift 2
	"$tetra" schema "$@" >out 2>err && cmp out "$file" >>err 2>&1 && [ ! -s err ]
	report $? "$name" "$(cat err)"
}
same 'jsonschema is what is committed' "$generated/tracingpolicy.schema.json" --format=jsonschema
same 'and what is printed unless said' "$generated/tracingpolicy.schema.json"
same 'crd is what is committed' "$generated/tracingpolicy.crd.yaml" --format crd
same 'markdown is what is committed' "$generated/fields.md" -o markdown
same 'it needs no file' "$generated/tracingpolicy.schema.json" --
"$tetra" schema >one; "$tetra" schema >two; cmp -s one two; report $? 'twice the same'

kinds=$("$tetra" schema | jq -r '.properties.kind.enum[]')
[ "$(echo "$kinds" | paste -sd '|')" = "$("$tetra" help schema | sed -n 's/^ *--kind=//p')" ]
report $? 'help names the kinds that there are' "$kinds"
for kind in $kinds; do
	[ "$("$tetra" schema --kind=$kind | jq -c '[.properties.kind.enum, [."x-kubernetes-group-version-kind"[] | .kind]]')" = "[[\"$kind\"],[\"$kind\"]]" ]
	report $? "the schema of $kind alone"
	[ "$("$tetra" schema --format=crd --kind=$kind | grep -c '^kind: CustomResourceDefinition')" = 1 ]
	report $? "the CRD of $kind alone"
	"$tetra" schema -o crd --kind=$kind | grep -q "^    kind: $kind\$"; report $? 'which is of that kind'
done

expect 'a format that does not exist' 2 "option '--format' takes one of jsonschema\|crd\|markdown, not 'xml'" "$tetra" schema --format=xml
expect 'a kind that does not exist' 2 "option '--kind' takes one of .*, not 'Pod'" "$tetra" schema --kind=Pod
expect 'no format' 2 "option '--format' needs" "$tetra" schema --format
expect 'kinds on a page' 2 "'--kind' does not go with '--format=markdown'" "$tetra" schema -o markdown --kind=TracingPolicy
expect 'an operand' 2 "takes no operand, not 'policy.yaml'" "$tetra" schema policy.yaml
expect 'a misspelt option' 2 "did you mean '--format'\?" "$tetra" schema --formt=crd
expect 'help' 0 '^tetra schema \[OPTION\]\.\.\.: ' "$tetra" schema --help
"$tetra" schema --format=xml 2>/dev/null >out; [ ! -s out ]; report $? 'complaints go to standard error only'

for format in jsonschema crd markdown; do
	if [ -w /dev/full ]; then
		expect "a full disk, $format" 3 'cannot write to standard output' sh -c "$tetra schema -o $format >/dev/full"
	else
		skip "a full disk, $format" 'no /dev/full'
	fi
	expect "a closed standard output, $format" 3 'cannot write to standard output' sh -c "$tetra schema -o $format >&-"
	"$tetra" schema -o $format 2>err | head -1 >/dev/null; [ ! -s err ]
	report $? "a reader that goes away, $format" "$(cat err)"
done
if command -v setpriv >/dev/null || [ "$(id -u)" -ne 0 ]; then
	expect 'an ordinary user' 0 '"\$schema"' as_user "$user_tetra" schema
else
	skip 'an ordinary user' 'no setpriv'
fi
finish
