#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra explain`: policies and words of the language.  TAP.
. "$(dirname "$0")/lib.sh"
cp -R "$project/policy-library" library

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

finish
