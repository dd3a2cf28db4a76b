#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/ci.md: what can be run of its examples is run: the commands, the hooks, the settings.  TAP.
. "$(dirname "$0")/lib.sh"

# The fenced examples as example-N.LANGUAGE.
awk '/^```[a-z]/ { name = "example-" ++n "." substr($0, 4); next } /^```/ { name = ""; next } name { print >name }' "$project/docs/ci.md"
mkdir bin policies; ln -s "$tetra" bin/tetra; PATH=$PWD/bin:$PATH
policy one >policies/one.yaml

for example in example-*.yaml; do
	expect "$example is YAML" 0 '.' "$tetra" compile --dump=parse "$example"
done

sed -n 's/^ *- run: *\(tetra .*\)/\1/p; s/^ *- \(tetra check .*\)/\1/p; s/^ *entry: *\(tetra .*\)/\1 policies/p' example-*.yaml >commands
[ "$(wc -l <commands)" -eq 4 ]; report $? 'there are four commands' "$(cat commands)"
while read -r line; do
	sh -c "$line" >out 2>err; code=$?
	[ $code -eq 0 ]; report $? "fine: $line" "$code $(cat err)"
done <commands
policy Bad >policies/bad.yaml
while read -r line; do
	case $line in *'$? -eq 1'*) want=0 ;; *) want=1 ;; esac
	sh -c "$line" >out 2>err; code=$?
	[ $code -eq $want ]; report $? "refused: $line" "$code $(cat err)"
done <commands
[ -s tetra.sarif ] && jq -e '.runs[0].results | length == 1' tetra.sarif >/dev/null; report $? 'the SARIF file has the finding'
grep -q '<failure type="TP201"' tetra.xml; report $? 'so has the JUnit file'

# ---- hooks ----
if command -v git >/dev/null; then
	mkdir repository; cd repository || exit 1
	export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
	git init -q . && cp ../example-*.sh .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
	mkdir policies; policy one >policies/one.yaml; git add .
	expect 'the hook lets a good policy pass' 0 '' git commit -m good
	policy Bad >policies/bad.yaml; git add .
	expect 'the hook stops a bad one' 1 'TP201' git commit -m bad
	cd ..
else
	skip 'the hook' 'no git'
fi

# ---- settings and comments ----
grep -l '^# .tetra.yaml' example-*.yaml >settings
mkdir s s/old; cp "$(cat settings)" s/.tetra.yaml; policy Bad >s/old/a.yaml; policy Bad >s/draft-a.yaml; policy fine >s/a.yaml
expect 'the settings are valid, and exclude' 0 '^1 policy in 1 file: fine; 2 excluded$' "$tetra" check s
{ printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\n'; grep -l tetra:ignore example-*.yaml | xargs cat; } >ignore.yaml
expect 'the comment ignores' 0 '^1 policy in 1 file: fine$' "$tetra" check ignore.yaml
expect 'what is found without it' 0 'TP307' sh -c "grep -v tetra:ignore ignore.yaml | $tetra check -"

# ---- tables ----
formats=$("$tetra" check -o none x 2>&1 | sed -n 's/.*one of \(.*\), not.*/\1/p' | tr '|' '\n')
for format in $formats; do
	grep -q "^| \`$format\` |" "$project/docs/ci.md"; report $? "the page has format $format"
done
finish
