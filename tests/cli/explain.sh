#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra explain`: policies and words of the language.  TAP.
cd "$(dirname "$0")/../.." || exit 1
tetra=$(realpath "${TETRA:-build/tetra}")
scratch=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
cp -R policy-library "$scratch/library"
cd "$scratch" || exit 1
number=0 failed=0

report() { # 0 or 1, name, [why]
	number=$((number + 1))
	[ "$1" -eq 0 ] && { echo "ok $number - $2"; return; }
	failed=1
	echo "not ok $number - $2"
	[ -z "${3-}" ] || echo "$3" | head -20 | sed 's/^/# /'
}

# expect NAME CODE PATTERN COMMAND...: the exit code, and a line of the output (both streams) that matches.
expect() {
	name=$1 want=$2 pattern=$3
	shift 3
	"$@" >out 2>err
	code=$?
	if [ "$code" -ne "$want" ]; then
		report 1 "$name" "exit code $code, not $want: $(cat out err)"
	else
		cat out err | grep -qE -- "$pattern"
		report $? "$name" "nothing like '$pattern' in: $(cat out err)"
	fi
}

expect 'a policy' 0 '^Policy watch-secrets observes' "$tetra" explain library/files/watch-secrets.yaml
expect 'from standard input' 0 '\(<stdin>\)$' "$tetra" explain - <library/files/watch-secrets.yaml
expect 'a folder' 0 '^Policy write-to-terminal observes' "$tetra" explain library
"$tetra" explain library/files/watch-secrets.yaml >out 2>err && [ ! -s err ]
report $? 'nothing goes to standard error' "$(cat err)"
printf 'kind: TracingPolicy\n' >bad.yaml
expect 'a bad policy is refused' 1 'error\[TP' "$tetra" explain bad.yaml
expect 'the others are explained all the same' 1 '^Policy watch-secrets' "$tetra" explain bad.yaml library/files/watch-secrets.yaml
expect 'a file that is not there' 3 "cannot open 'none.yaml'" "$tetra" explain none.yaml
expect 'a diagnostic' 0 '^TP101 \(error\): there is no such key$' "$tetra" explain TP101
expect 'a field' 0 '^kprobes.selectors.matchArgs.operator: the name of an operator, required$' "$tetra" explain kprobes.selectors.matchArgs.operator
expect 'a field from the top' 0 '^  matchBinaries ' "$tetra" explain 'spec.lsmhooks[].selectors'
expect 'an operator' 0 '^Operator InRange$' "$tetra" explain InRange
expect 'a type' 0 '^Type sockaddr$' "$tetra" explain sockaddr
expect 'an action' 0 '^Action Override$' "$tetra" explain Override
expect 'an option' 0 '^Option policy-mode$' "$tetra" explain policy-mode
expect 'what is not supported yet says so' 0 'SubString \(not supported yet\)' "$tetra" explain SubString
expect 'several at once' 0 '^Policy outbound-connect' "$tetra" explain TP101 library/network/outbound-connect.yaml Equal
expect 'a misspelt name' 2 "nothing is called 'kprobes.selectors.matchArg'; did you mean 'matchArgs'\?" "$tetra" explain kprobes.selectors.matchArg
expect 'a name like none' 2 "nothing is called 'zzzzzzzzzzzz'" "$tetra" explain zzzzzzzzzzzz
expect 'nothing' 2 'explain what' "$tetra" explain

echo "1..$number"
exit $failed
