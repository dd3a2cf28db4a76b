#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra check`: comments that ignore a finding, severities, and .tetra.yaml.  TAP.
. "$(dirname "$0")/lib.sh"

is() { [ "$2" = "$3" ]; report $? "$1" "wanted '$2', got '$3'"; }
check() { "$tetra" check "$@"; }

policy good >good.yaml
empty() { printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: %s}%s\nspec: {}\n' "$1" "${2-}"; }
empty w >warning.yaml

# ---- ignore comments ----
expect 'a warning with a comment at its line is ignored' 0 '^1 policy in 1 file: fine$' check - <<END
$(empty a '  # tetra:ignore TP205 a template')
END
empty a '  # tetra:ignore TP205 a template' >i.yaml
"$tetra" compile -o a.object i.yaml >out 2>&1; code=$?
is 'in every verb' '0 0' "$code $(grep -c warning out)"
"$tetra" compile -o a.object warning.yaml >out 2>&1; is 'which warns otherwise' 1 "$(grep -c 'warning\[TP205' out)"
expect 'a comment that ignores nothing is not the business of an earlier pass' 0 '.' "$tetra" compile --dump=parse i.yaml
! grep -q TP016 err; report $? 'so it says nothing' "$(cat err)"
{ awk 'BEGIN { for (i = 0; i < 1001; i++) print "# tetra:ignore TP205 again" }'; empty a; } >many.yaml
expect 'more than 1000' 1 'error\[TP007\].*more than 1000 codes' check many.yaml
{ awk 'BEGIN { for (i = 0; i < 200000; i++) print "# tetra:ignore XX" }'; empty a; } >many.yaml
expect 'very many take no time' 0 'TP014' timeout 10 "$tetra" check many.yaml
expect 'of another file does not count' 0 'warning.yaml:3:18: warning\[TP205\]' check i.yaml warning.yaml
cp i.yaml other.yaml; sed -i 's/TP205/TP212/; s/$/\r/' other.yaml
expect 'TP212 can be ignored, across files too' 0 'TP205' check i.yaml other.yaml
! grep -q '\[TP212\|\[TP016' out; report $? 'and then is' "$(cat out)"

# ---- --strict, --disable, --enable ----
expect 'warnings pass' 0 'warning\[TP205\]' check warning.yaml
expect '--strict: they do not' 1 'warning\[TP205\]' check --strict warning.yaml
expect '--strict: nothing to warn of' 0 'fine' check --strict good.yaml
expect '--disable' 0 '^1 policy in 1 file: fine$' check --disable TP205 --strict warning.yaml
expect '--disable of several' 0 '^1 policy in 1 file: fine$' check --disable=TP416,TP205 warning.yaml
expect 'an unknown code' 2 "there is no code 'TP999'" check --disable TP999 warning.yaml
expect 'no code at all' 2 "there is no code ''" check --disable TP205, warning.yaml
expect 'an error cannot be turned off' 2 'TP101 stays an error' check --disable TP101 warning.yaml
expect 'two of one name can' 0 'fine' sh -c "cp good.yaml good2.yaml; $tetra check --disable TP212 good.yaml good2.yaml"
awk 'BEGIN { for (i = 0; i < 65; i++) printf " --disable TP205" }' >options
expect 'an option has its limit' 2 'more than 64 times' sh -c "$tetra check \$(cat options) good.yaml"

# ---- the configuration: what it sets ----
config() { printf '%s\n' "$@" >.tetra.yaml; }
config 'severity: {TP205: error}'
expect 'a warning becomes an error' 1 'error\[TP205\].*' check warning.yaml
is 'and counts as one' '1 policy in 1 file: 1 error, 0 warnings' "$(cat err)"
is 'in every format' 'error 1 0' "$(check -o json warning.yaml 2>err | jq -r '"\(.diagnostics[0].severity) \(.errors) \(.warnings)"')"
is 'SARIF keeps the level of the rule' 'error warning' "$(check -o sarif warning.yaml 2>err | jq -r '.runs[0] | "\(.results[0].level) \(.tool.driver.rules[.results[0].ruleIndex].defaultConfiguration.level)"')"
expect 'for check alone' 0 'warning\[TP205\]' "$tetra" compile -o a.object warning.yaml
expect '--no-config' 0 'warning\[TP205\]' check --no-config warning.yaml
expect '--disable has the last word' 0 'fine' check --disable TP205 warning.yaml
config 'severity:' '  TP205: off'
expect 'a warning is turned off' 0 'fine' check warning.yaml
expect '--enable has the last word' 0 'warning\[TP205\]' check --enable TP205 warning.yaml
config 'severity: {TP212: warning}'
expect 'an error that may become a warning' 0 'warning\[TP212\]' check good.yaml good2.yaml
config 'strict: true'; expect 'strict' 1 'TP205' check warning.yaml
config 'output: json'; expect 'output' 0 '^\{"diagnostics"' check warning.yaml
expect '-o has the last word' 0 '^::warning' check -o github warning.yaml
config 'exclude: [draft-*.yaml, sub/old/, "**/vendor/x.yaml"]'
mkdir -p sub/old sub/deep/vendor; policy s >sub/s.yaml
for name in sub/draft-a sub/old/b sub/deep/vendor/x; do policy Bad >$name.yaml; done
expect 'excluded files' 0 '^1 policy in 1 file: fine; 3 excluded$' check sub
mkdir .git; cd sub && expect 'from another folder' 0 '^1 policy in 1 file: fine; 3 excluded$' check . ; cd ..; rmdir .git
expect 'of a glob' 3 'no file matches|^tetra' check 'sub/nothing-*.yaml'
expect 'a file that is named is checked' 1 'TP201' check sub/draft-a.yaml
expect 'all are' 3 "all files in directory 'sub/old/..' are excluded|all files in directory 'sub/old' are excluded" sh -c "echo 'exclude: [\"*.yaml\"]' >c.yaml; $tetra check --config c.yaml sub/old"
rm .tetra.yaml
expect '--config' 1 'error\[TP205\]' sh -c "echo 'severity: {TP205: error}' >c.yaml; $tetra check --config c.yaml warning.yaml"
expect '--config and --no-config' 2 'either' check --config c.yaml --no-config warning.yaml
expect 'a configuration that is not there' 3 "cannot read 'none.yaml'" check --config none.yaml warning.yaml
expect 'a folder as configuration' 3 'not a regular file' check --config sub warning.yaml
expect 'an empty one says nothing' 0 'warning\[TP205\]' sh -c "echo '# nothing' >c.yaml; $tetra check --config c.yaml warning.yaml"

# ---- what is wrong with a configuration: each is refused, with its place ----
refused() { # name, pattern, text
	printf '%s\n' "$3" >c.yaml
	expect "$1" 2 "$2" "$tetra" check --config c.yaml good.yaml
}
refused 'a key that is misspelt' "c.yaml:1:1: error\[TP101\]: there is no key 'sverity' here" 'sverity: {}'
grep -q "did you mean 'severity'" err; report $? 'with the nearest' "$(cat err)"
refused 'a key that is not known' 'keys here: severity, strict' 'zzz: 1'
refused 'a severity that is not known' "c.yaml:1:19: error\[TP109\]: there is no severity 'of'" 'severity: {TP205: of}'
refused 'a code that is not known' "c.yaml:1:12: error\[TP101\]: there is no code 'TP999'" 'severity: {TP999: off}'
refused 'a code in lower case' "did you mean 'TP205'" 'severity: {tp205: off}'
refused 'an error that would be turned off' 'c.yaml:1:12: error\[TP017\]: TP101 stays an error' 'severity: {TP101: off}'
refused 'a list of severities' 'error\[TP104\].*mapping of codes' 'severity: [TP205]'
refused 'strict is a truth' "there is no value of strict 'yes'" 'strict: yes'
refused 'an output that is not known' "error\[TP109\]: there is no output 'jsn'" 'output: jsn'
refused 'one pattern where a list is wanted' 'c.yaml:1:10: error\[TP104\]' 'exclude: x'
refused 'a pattern that is none' 'error\[TP104\].*a pattern' 'exclude: [[x]]'
refused 'a key twice' 'c.yaml:2:1: error\[TP008\]' 'strict: true
strict: false'
refused 'a code twice' 'error\[TP008\]' 'severity: {TP205: off, TP205: error}'
refused 'kernel is reserved' 'error\[TP110\]' 'kernel: 5.10'
refused 'a list' 'error\[TP104\]' '- strict'
refused 'two documents' 'c.yaml:3:1: error\[TP104\]' 'strict: true
---
strict: false'
refused 'text that is not YAML' 'error\[TP002\]' 'strict: ['
refused 'is said at the end' "the configuration 'c.yaml' is not valid" 'x: y'
head -c 70000 /dev/zero | tr '\0' '#' >c.yaml; expect 'a large one' 2 'larger than 64 KiB' check --config c.yaml good.yaml
awk 'BEGIN { printf "exclude: ["; for (i = 0; i < 257; i++) printf "x, "; print "]" }' >c.yaml; expect 'too many patterns' 2 'at most 256' check --config c.yaml good.yaml
awk 'BEGIN { printf "exclude: ["; for (i = 0; i < 1025; i++) printf "x"; print "]" }' >c.yaml; expect 'a long pattern' 2 'at most 1024 bytes' check --config c.yaml good.yaml
awk 'BEGIN { printf "exclude: [\""; for (i = 0; i < 500; i++) printf "*a"; print "b\"]" }' >c.yaml
mkdir stars; policy s >stars/"$(awk 'BEGIN { for (i = 0; i < 240; i++) printf "a" }')".yaml
expect 'a pattern of stars takes no time' 0 'fine' timeout 10 "$tetra" check --config c.yaml stars

# ---- where it is looked for ----
mkdir -p repository/.git repository/a/b elsewhere/a; cp warning.yaml repository/a/b; cp warning.yaml elsewhere/a
echo 'severity: {TP205: error}' >repository/.tetra.yaml; echo 'severity: {TP205: error}' >.tetra.yaml
expect 'above the policy' 1 'error\[TP205\]' check repository/a/b/warning.yaml
expect 'in a folder that is given' 1 'error\[TP205\]' check repository/a
echo 'severity: {TP205: off}' >repository/a/.tetra.yaml
expect 'the nearest counts, alone' 0 'fine' check repository/a/b
rm repository/.tetra.yaml repository/a/.tetra.yaml
expect 'not above the root of the repository' 0 'warning\[TP205\]' check repository/a/b/warning.yaml
expect 'outside of a repository as far as the current folder' 1 'error\[TP205\]' check elsewhere/a/warning.yaml
cd elsewhere/a && expect 'and not further' 0 'warning\[TP205\]' check warning.yaml; cd ../..
cd repository && expect 'nor above the folder of a policy elsewhere' 0 'warning\[TP205\]' check ../elsewhere/a/warning.yaml; cd ..
expect 'for standard input in the current folder' 1 'error\[TP205\]' check - <warning.yaml
ln -s "$PWD/repository" away; echo 'severity: {TP205: off}' >repository/.tetra.yaml
expect 'behind a symbolic link' 0 'fine' check away/a/b/warning.yaml
echo 'x: y' >repository/.tetra.yaml
expect 'a bad one that was found refuses' 2 'repository/.tetra.yaml:1:1: error\[TP101\]' check repository/a
expect 'but not with --no-config' 0 'TP205' check --no-config repository/a
finish
