#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra check`: what is printed, for people and for programs.  TAP.
# SARIF_MODULES: a node_modules folder as tests/sarif/validate.js wants it; made below build/ where npm can.
. "$(dirname "$0")/lib.sh"

modules=${SARIF_MODULES:-$project/build/sarif/node_modules}

policy one >good.yaml
cat >bad.yaml <<'END'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: a}
spec:
  kprobes:
  - {call: sys_open, message: "日本 	🙂é", oops: 1, tags: ["10%, a:b"], "oo\nps": 2}
END
cat >warning.yaml <<'END'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: w}
spec: {}
END

# is NAME WANT GOT
is() { [ "$2" = "$3" ]; report $? "$1" "wanted '$2', got '$3'"; }

# ---- text ----
"$tetra" check bad.yaml >out 2>err
# 8 of the margin, 31 to the quote, 2 of each wide character, a blank, the tab up to 40, 2 of the emoji, 1, and '", '.
is 'a caret stands under wide characters and behind tabs' 54 "$(sed -n '3s/\^.*//p' out | tr -d '\n' | wc -c)"
LC_ALL=C "$tetra" check bad.yaml >out2 2>err
cmp -s out out2; report $? 'the locale changes nothing'
printf 'kind: TracingPolicy\napiVersion: x\nmetadata: {name: "a\342\200\256b"}\n' | "$tetra" check - >out 2>err
grep -q "$(printf '\342\200\256')" out; [ $? -eq 1 ]; report $? 'characters that turn text around are not shown'
printf 'kind: TracingPolicy\napiVersion: cilium.io/v1alpha1\nmetadata: {name: a}\nspec: {kprobes: [{call: "sys\n  x\n  y", args: []}]}\n' |
	"$tetra" check - >out 2>err
is 'a span of several lines shows its first and its last' '    4 | spec: {kprobes: [{call: "sys,      |                         ^~~~,  ... |,    6 |   y", args: []}]},      |   ~~' \
	"$(sed -n 2,6p out | tr '\n' ',' | sed 's/,$//')"
awk 'BEGIN { printf "{kind: TracingPolicy, apiVersion: cilium.io/v1alpha1, metadata: {name: a}, spec: {kprobes: [{call: sys_x, tags: ["
	for (i = 0; i < 5; i++) printf "\"%0200d\", ", 0; print "\"xx\"], oops: 1}]}}" }' >long.yaml
"$tetra" check long.yaml >out 2>err
grep -q '^    1 | \.\.\..*oops: 1}\]}}$' out && [ "$(awk '{ if (length($0) > most) most = length($0) } END { print most }' out)" -lt 150 ]
report $? 'a long line is cut around the span' "$(cat out)"

escape=$(printf '\033')
has_colour() { grep -q "$escape\[1;31merror" "$1"; }
"$tetra" check bad.yaml >out 2>err; ! has_colour out; report $? 'no colour when the output is no terminal'
"$tetra" check --color=always bad.yaml >out 2>err; has_colour out; report $? '--color=always'
"$tetra" check --color always -o json bad.yaml 2>err | jq -e . >/dev/null; report $? 'colour is for text only'
if command -v script >/dev/null; then
	terminal() { script -qec "$1" /dev/null </dev/null >out 2>&1; }
	terminal "$tetra check bad.yaml"; has_colour out; report $? 'colour on a terminal'
	NO_COLOR=1 terminal "$tetra check bad.yaml"; ! has_colour out; report $? 'none under NO_COLOR'
	NO_COLOR= terminal "$tetra check bad.yaml"; has_colour out; report $? 'an empty NO_COLOR says nothing'
	terminal "$tetra check --color=never bad.yaml"; ! has_colour out; report $? '--color=never'
	NO_COLOR=1 terminal "$tetra check --color=always bad.yaml"; has_colour out; report $? '--color has the last word'
else
	skip 'colour on a terminal' 'no script(1) to make one'
fi

# ---- quiet ----
"$tetra" check -o quiet bad.yaml >out 2>&1; code=$?
is 'quiet says nothing and exits as ever' '1 0' "$code $(wc -c <out | tr -d ' ')"

# ---- JSON ----
"$tetra" check -o json bad.yaml warning.yaml good.yaml >out 2>err
is 'keys of JSON' 'diagnostics,errors,excluded,files,fixed,passed_over,policies,warnings' "$(jq -r 'keys | join(",")' out)"
is 'columns of JSON count code points' '6:41-45' "$(jq -r '.diagnostics[] | select(.message | test("oops")) | "\(.line):\(.column)-\(.end_column)"' out)"

# ---- SARIF ----
cp bad.yaml 'a b,%:ä.yaml'
mkdir sub; "$tetra" check -o json "$project"/tests/golden/check/*.yaml >golden.json 2>err
"$tetra" check -o sarif "$project"/tests/golden/check/*.yaml './a b,%:ä.yaml' >out 2>err
jq -f "$project/tests/sarif/structure.jq" out >err 2>&1; report $? 'SARIF has the structure of SARIF' "$(cat err)"
is 'each finding is a result' "$(($(jq '.diagnostics | length' golden.json) + 3))" "$(jq '.runs[0].results | length' out)"
is 'as many rules as rows' "$(grep -c '^DIAG(' "$project/schema/diagnostics.def")" "$(jq '.runs[0].tool.driver.rules | length' out)"
is 'names become URIs' 'a%20b%2C%25%3A%C3%A4.yaml' "$(jq -r '.runs[0].results[-1].locations[0].physicalLocation.artifactLocation.uri' out)"
is 'columns of SARIF count UTF-16 units' '6 42 46' "$(jq -r '.runs[0].results[-2].locations[0].physicalLocation.region | "\(.startLine) \(.startColumn) \(.endColumn)"' out)"
[ "$(jq '[.runs[0].results[] | select(.relatedLocations)] | length' out)" -gt 3 ]; report $? 'second places are related locations'
[ "$(jq '[.runs[0].results[] | select(.fixes)] | length' out)" -gt 5 ]; report $? 'replacements are fixes'
"$tetra" check -o sarif none.yaml bad.yaml >out 2>err
is 'a file that is not there makes a run that failed' 'false 3' "$(jq -r '.runs[0].invocations[0] | "\(.executionSuccessful) \(.exitCode)"' out)"
"$tetra" check -o sarif good.yaml >out 2>err; is 'SARIF of nothing' '[]' "$(jq -c '.runs[0].results' out)"
jq '.runs[0].results = [{}]' out | jq -f "$project/tests/sarif/structure.jq" >err 2>&1; [ $? -ne 0 ]; report $? 'the test of the structure can fail'
if [ ! -d "$modules" ] && command -v npm >/dev/null; then
	timeout 120 npm install --silent --no-audit --no-fund --prefix "${modules%/node_modules}" $(sed -n \
		's/^\/\/ npm: //p' "$project/tests/sarif/validate.js") >npm.log 2>&1 || rm -rf "$modules"
fi
if command -v node >/dev/null && [ -d "$modules/@microsoft/jest-sarif" ]; then
	"$tetra" check -o sarif "$project"/tests/golden/check/*.yaml './a b,%:ä.yaml' bad.yaml >out 2>err
	node "$project/tests/sarif/validate.js" "$modules" out >err 2>&1; report $? 'SARIF is valid by its JSON Schema' "$(cat err)"
	jq '.version = "2"' out >wrong
	node "$project/tests/sarif/validate.js" "$modules" wrong >err 2>&1; [ $? -eq 1 ]; report $? 'the schema refuses what is not'
else
	skip 'SARIF is valid by its JSON Schema' 'no node, or npm cannot fetch the schema'
fi

# ---- GitHub ----
cp bad.yaml 'c,d:e%f.yaml'
"$tetra" check -o github './c,d:e%f.yaml' warning.yaml >out 2>err
is 'a workflow command' '::error file=c%2Cd%3Ae%25f.yaml,line=6,endLine=6,col=41,endColumn=45,title=TP101%3A there is no such key::there is no key '\''oops'\'' here%0Akeys here: call, syscall, args, return, returnArg, message, tags, selectors, data, returnArgAction, ignore' "$(head -1 out)"
grep -q '^::error .*::there is no key .oo%0Aps. here' out; report $? 'a line end in a message is escaped' "$(cat out)"
is 'warnings are warnings' '::warning file=warning.yaml' "$(sed -n 's/,.*//; /warning/p' out)"
printf 'kind: TracingPolicy\napiVersion: "100%%,\\r\\n::error::\\e[1mx"\nmetadata: {name: a}\nspec: {lsmhooks: [{hook: file_open}]}\n' | "$tetra" check -o github - >out 2>err
is 'a policy cannot give commands' "there is no apiVersion '100%25,%0D%0A::error::?[1mx'" "$(sed 's/%0ATracing.*//; s/^::error [^:]*:://' out)"
is 'on one line' 1 "$(wc -l <out | tr -d ' ')"

# ---- JUnit ----
"$tetra" check -o junit bad.yaml warning.yaml good.yaml >out 2>err
is 'counts of JUnit' '<testsuites name="tetra check" tests="4" failures="2" errors="0">' "$(sed -n 2p out)"
is 'failures are counted right' 2 "$(grep -c '<failure ' out)"
is 'a file without findings is a test that passes' 1 "$(grep -c '<testcase name="good.yaml" classname="good.yaml" file="good.yaml"/>' out)"
"$tetra" check -o junit --strict warning.yaml >out 2>err; grep -q '<failure type="TP205"' out; report $? 'a warning fails under --strict'
printf 'kind: TracingPolicy\napiVersion: "<&>\\x01\\uFFFE\\x7f]]>\\""\nmetadata: {name: a}\nspec: {lsmhooks: [{hook: file_open}]}\n' >xml.yaml
cp xml.yaml 'q"<&.yaml'
"$tetra" check -o junit 'q"<&.yaml' "$project"/tests/golden/check/*.yaml >out 2>err
grep -q 'message="there is no apiVersion &apos;\|message="there is no apiVersion '\''&lt;&amp;&gt;' out; report $? 'markup is escaped' "$(head -5 out)"
is 'no control characters' 0 "$(tr -d '\12\40-\377' <out | wc -c | tr -d ' ')"
if command -v xmllint >/dev/null; then
	xmllint --noout out >err 2>&1; report $? 'JUnit is XML' "$(cat err)"
elif command -v python3 >/dev/null; then
	python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' out >err 2>&1; report $? 'JUnit is XML' "$(cat err)"
else
	skip 'JUnit is XML' 'neither xmllint nor python3'
fi

# ---- of everything ----
awk 'BEGIN { print "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec: {"
	for (i = 0; i < 150; i++) printf "  zzz%d: 1,\n", i; print "}" }' >many.yaml
for format in text github junit sarif; do
	"$tetra" check -o $format many.yaml >out 2>err; grep -q '50 more problems' out; report $? "$format says that there are more problems than are shown"
done
for format in json sarif github junit; do
	if [ -w /dev/full ]; then
		expect "a full disk, $format" 3 'cannot write to standard output' sh -c "$tetra check -o $format bad.yaml >/dev/full"
	else
		skip "a full disk, $format" 'no /dev/full'
	fi
done
expect 'no policy, no output' 2 'no policy given' "$tetra" check -o json
finish
