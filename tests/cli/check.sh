#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra check`: exit codes, what goes where, and input that is not a policy at all.  TAP.
. "$(dirname "$0")/lib.sh"

policy one >good.yaml
policy One >bad.yaml

# ---- exit codes and streams ----
expect 'a good policy is fine' 0 '^1 policy in 1 file: fine$' "$tetra" check good.yaml
"$tetra" check good.yaml 2>/dev/null >out
[ ! -s out ]; report $? 'nothing on standard output when there is nothing to say'
expect 'a bad policy is refused with its place' 1 '^bad.yaml:3:18: error\[TP201\]: ' "$tetra" check bad.yaml
"$tetra" check bad.yaml 2>err >out; grep -q TP201 out && ! grep -q TP201 err
report $? 'findings go to standard output, the summary to standard error' "$(cat out err)"
expect 'warnings do not refuse' 0 'warning\[TP205\]' "$tetra" check - <<'END'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: a}
spec: {}
END
expect 'lint is another name' 0 'fine' "$tetra" lint good.yaml
expect 'standard input has a name' 1 '^<stdin>:3:18: error' "$tetra" check - <bad.yaml
expect 'no operand is a usage error' 2 'no policy given' "$tetra" check
expect 'an unknown option is a usage error' 2 "unknown option '--ouput=json', did you mean '--output'" "$tetra" check --ouput=json good.yaml
expect 'a choice is checked' 2 'one of text\|json' "$tetra" check -o xml good.yaml
expect 'a missing file is a system error' 3 "cannot open 'none.yaml'" "$tetra" check none.yaml
expect 'the other files are still checked' 3 'bad.yaml:3:18' "$tetra" check none.yaml bad.yaml
expect 'a verb is suggested' 2 "did you mean 'check'" "$tetra" chekc good.yaml

# ---- names across files ----
expect 'two policies of one name in two files' 1 'good2.yaml:3:18: error\[TP212\].*good.yaml:3' sh -c "cp good.yaml good2.yaml; $tetra check good.yaml good2.yaml"

# ---- what policies of several files do on the same events ----
acting() { # name, prefix, action, [options]
	policy "$1" | sed "s|^spec: .*|spec: {${4-} lsmhooks: [{hook: file_open, args: [{index: 0, type: file}], selectors: [{matchArgs: [{index: 0, operator: Prefix, values: [$2]}], matchActions: [{$3}]}]}]}|"
}
monitor='options: [{name: policy-mode, value: monitor}],'
acting blocks /etc/ 'action: Override, argError: -1' >blocks.yaml
acting tries /etc/ssl/ 'action: Override, argError: -1' "$monitor" >tries.yaml
acting quiet /etc/ssl/ 'action: NoPost' >quiet.yaml
acting apart /var/ 'action: NoPost' >apart.yaml
"$tetra" check blocks.yaml tries.yaml >out 2>&1
grep -q '^tries.yaml:4:.*warning\[TP235\]' out && grep -q '^blocks.yaml:4:.*note: the other policy' out && grep -q '| .*values: \[/etc/\]' out
report $? 'a policy that is tried out where another file enforces, with both places' "$(cat out)"
expect 'in the other order, too' 0 "blocks.yaml:4:.*\[TP235\].*policy 'tries' only tries out" "$tetra" check tries.yaml blocks.yaml
expect 'NoPost in another file' 0 "quiet.yaml:4:.*\[TP235\].*policy 'blocks' has Override with -1" "$tetra" check blocks.yaml quiet.yaml
expect 'no event comes to both' 0 '^2 policies in 2 files: fine' "$tetra" check blocks.yaml apart.yaml
expect 'nothing is enforced' 0 '^2 policies in 2 files: fine' "$tetra" check tries.yaml quiet.yaml
expect 'the same file twice is one policy of one name' 1 '1 error, 0 warnings' sh -c "cp blocks.yaml copy.yaml; $tetra check blocks.yaml copy.yaml"
expect 'it can be turned off' 0 'fine' "$tetra" check --disable TP235 blocks.yaml quiet.yaml
expect 'and is refused with --strict' 1 'TP235' "$tetra" check --strict blocks.yaml quiet.yaml
expect 'JSON has the other file' 0 '"file":"blocks.yaml"' "$tetra" check -o json blocks.yaml quiet.yaml

# ---- directories ----
mkdir -p tree/sub tree/.hidden void others
policy two >tree/b.yml; policy three >tree/a.yaml; policy four >tree/sub/c.json; policy Bad >tree/.hidden/d.yaml
echo 'not a policy: [' >tree/notes.txt
echo 'kind: Pod' >tree/pod.yaml; echo 'kind: Pod' >others/pod.yaml
expect 'directories are searched, hidden ones and other files are not' 0 '^3 policies in 4 files: fine; 1 document of other kinds passed over$' "$tetra" check tree
expect 'a directory without files' 3 "has no \*.yaml" "$tetra" check void
expect 'a directory without policies' 3 'no file in directory .* has a policy' "$tetra" check others
expect 'a file without a policy that was named' 1 'TP005.*no TracingPolicy' "$tetra" check others/pod.yaml
expect 'a glob that the shell left alone' 0 '^1 policy in 1 file' "$tetra" check 'tree/*.yml'
expect 'a glob that matches nothing' 3 'no file matches' "$tetra" check 'tree/*.nothing'

# ---- JSON ----
expect 'JSON has code, place and fix' 1 '"line":2,"column":7.*"code":"TP112".*"replacement":"TracingPolicy"' \
	sh -c "printf 'x: y\nkind: tracingpolicy\n' | $tetra check -o json -"
expect 'JSON of nothing' 0 '^\{"diagnostics":\[\],"files":1,"policies":1,' "$tetra" check -o json good.yaml
if command -v python3 >/dev/null; then
	"$tetra" check -o json bad.yaml good.yaml 2>/dev/null | python3 -m json.tool >/dev/null
	report $? 'JSON is JSON'
else
	report 0 'JSON is JSON # SKIP no python3 to read it with'
fi

# ---- names across files ----
in_namespace() { policy one | sed "s/^kind: .*/kind: TracingPolicyNamespaced/; s/{name: one}/{name: one, namespace: $1}/"; }
in_namespace a >a.yaml; in_namespace b >b.yaml; cp a.yaml again.yaml
expect 'one name in two namespaces' 0 '^2 policies in 2 files: fine$' "$tetra" check a.yaml b.yaml
expect 'one name in one namespace' 1 'again.yaml:3:18: error\[TP212\]' "$tetra" check a.yaml again.yaml
expect 'one name, with and without a namespace' 0 'fine' "$tetra" check a.yaml good.yaml

# ---- bad input ----
: >empty.yaml
expect 'an empty file' 1 'empty.yaml:1:1: error\[TP004\]' "$tetra" check empty.yaml
head -c 4096 /dev/zero >binary.yaml
expect 'a binary file' 1 'binary.yaml:1:1: error\[TP001\]' "$tetra" check binary.yaml
head -c 65536 "$tetra" >program.yaml
expect 'a program' 1 'program.yaml:1:[0-9]*: error\[TP001\]' "$tetra" check program.yaml
head -c 104857600 /dev/zero | tr '\0' '#' >large.yaml
expect 'a file of 100 MiB' 1 "'large.yaml' is larger than 8 MiB" "$tetra" check large.yaml
expect 'an endless file' 1 'larger than 8 MiB' "$tetra" check /dev/zero
expect 'a directory as a file name' 3 'void' "$tetra" check void/
awk 'BEGIN { print "a: &a [1,2,3,4,5,6,7,8,9]"; for (i = 98; i < 110; i++) {
	printf "%c: &%c [", i, i; for (j = 0; j < 9; j++) printf "%s*%c", j ? "," : "", i - 1; print "]" } }' >bomb.yaml
expect 'an alias bomb' 1 'error\[TP010\]' "$tetra" check bomb.yaml
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "["; print "" }' >deep.yaml
expect '10,000 levels of nesting' 1 'deep.yaml:1:65: error\[TP006\]' "$tetra" check deep.yaml
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "{a: "; print "" }' >deep.yaml
expect '10,000 levels of braces' 1 'error\[TP006\]' timeout 10 "$tetra" check deep.yaml
printf 'kind: TracingPolicy\nmetadata: {name: "\\e[31mred"}\napiVersion: x\nspec: {}\n' >terminal.yaml
"$tetra" check terminal.yaml >out 2>&1; ! grep -q "$(printf '\033')" out
report $? 'text of a policy does not reach the terminal as control bytes'
cp good.yaml secret.yaml; chmod 0 secret.yaml
expect 'an unreadable file' 3 "cannot open 'secret.yaml': Permission denied" as_user "$user_tetra" check secret.yaml
mkdir loop; ln -s . loop/again
policy five >loop/p.yaml
expect 'a directory that holds itself ends' 3 'nested too deeply|Too many levels' "$tetra" check loop

# ---- output that fails ----
if [ -w /dev/full ]; then
	expect 'a full disk' 3 'cannot write to standard output: No space left' sh -c "$tetra check bad.yaml >/dev/full"
	expect 'a full disk, JSON' 3 'cannot write to standard output' sh -c "$tetra check -o json good.yaml >/dev/full"
else
	report 0 'a full disk # SKIP no /dev/full'
fi
expect 'standard output is closed' 3 'cannot write to standard output' sh -c "$tetra check bad.yaml >&-"
"$tetra" check bad.yaml 2>/dev/null | true
report 0 'a reader that goes away'
grep -q '^metadata: {name: One}$' bad.yaml; report $? 'input is never written to'

finish
