#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples of docs/expressions.md: each is taken by `tetra check`, and explained.  TAP.
. "$(dirname "$0")/lib.sh"

start='apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: expressions}
spec:
  kprobes:
  - call: do_something
    syscall: false'
awk '/^```yaml/ { on = 1; next } /^```/ { on = 0 } on' "$project/docs/expressions.md" >policy
awk '/^## / { part = $2 } /^```/ { on = !on; next } on && part == "Examples"' "$project/docs/expressions.md" >lines

{ echo "$start"; cat policy; } >policy.yaml
expect 'the policy' 0 'fine$' "$tetra" check policy.yaml

write() { # expression: example.yaml
	echo "$start"
	sed '/matchArgs/,$d' policy
	printf '    - matchArgs:\n      - operator: CelExpr\n        values:\n        - >-\n          %s\n' "$1"
} >example.yaml
count=0
while IFS= read -r line; do
	count=$((count + 1))
	write "$line"
	expect "$line" 0 '^1 policy in 1 file: (fine|0 errors, 1 warning)$' "$tetra" check example.yaml
	expect 'it is explained' 0 '^    When ".*" holds: report an event' "$tetra" explain example.yaml
done <lines
[ "$count" -ge 9 ]
report $? 'there are examples' "$count"

finish
