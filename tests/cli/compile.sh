#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra compile`: objects and images, all of them or nothing; what it says they hold; dumps.  TAP.
. "$(dirname "$0")/lib.sh"
cp -R "$project/policy-library" library

policy one >one.yaml
policy two >two.yaml
policy One >bad.yaml
{ policy a; echo ---; policy b; } >both.yaml

# ---- what it writes ----
expect 'an object is written' 0 '^policy one: object of [0-9]+ bytes, 1 hook, 0 selectors$' "$tetra" compile one.yaml -o one.object
[ "$(head -c 8 one.object)" = 'etra-obj' ]; report $? 'it begins like an object' "$(head -c 8 one.object)"
expect 'an image is written' 0 '^  hook 0 lsm:file_open$' "$tetra" compile --link one.yaml two.yaml -o host.image
[ "$(head -c 8 host.image)" = 'etra-img' ]; report $? 'it begins like an image' "$(head -c 8 host.image)"
"$tetra" compile one.yaml -o again.object >/dev/null && cmp one.object again.object
report $? 'the same policy gives the same object'
"$tetra" compile --link one.yaml two.yaml -o again.image >/dev/null && cmp host.image again.image
report $? 'the same policies give the same image'
expect 'without -o nothing is written' 0 '^image: [0-9]+ bytes; programs read [0-9]+ of 1048576$' "$tetra" compile one.yaml
[ "$(ls)" = "$(printf '%s\n' again.image again.object bad.yaml both.yaml err host.image library one.object one.yaml out two.yaml)" ]
report $? 'no other file is left' "$(ls)"
"$tetra" compile one.yaml -o - 2>err | cmp - one.object && grep -q '^policy one' err
report $? 'standard output takes the bytes, standard error what they hold' "$(cat err)"
expect 'a terminal does not' 2 'will not write bytes to a terminal' script -qec "$tetra compile one.yaml -o -" /dev/null
expect 'sizes of tables are told' 0 '^    table of value 0: 21 addresses, [0-9]+ bytes$' "$tetra" compile library/network/outbound-connect.yaml
expect 'the whole library fits one image' 0 '^policy exec-from-temporary: ' "$tetra" compile --link library

# ---- what it refuses ----
expect 'two policies are no object' 2 'there are 2 policies: --link makes one image of them' "$tetra" compile both.yaml -o both.object
[ ! -e both.object ]; report $? 'and nothing was written'
expect 'a bad policy is refused' 1 '^bad.yaml:3:18: error' "$tetra" compile bad.yaml -o bad.object
[ ! -e bad.object ]; report $? 'and nothing was written then'
expect 'a folder that is not there' 3 "cannot write 'none/x.object': No such file" "$tetra" compile one.yaml -o none/x.object
mkdir locked
expect 'a full disk' 3 "cannot write '/dev/full': No space left" "$tetra" compile one.yaml -o /dev/full
expect 'a full standard output' 3 'No space left' sh -c "$tetra compile one.yaml -o - >/dev/full"
expect 'an output that is a folder' 3 "cannot write 'locked': Is a directory" "$tetra" compile one.yaml -o locked
cp one.object kept.object
expect 'a refused policy leaves the old output alone' 1 '.' "$tetra" compile bad.yaml -o kept.object
cmp one.object kept.object; report $? 'byte for byte'
printf x >old.object; chmod 600 old.object
expect 'an old output is replaced' 0 '.' "$tetra" compile one.yaml -o old.object
cmp one.object old.object; report $? 'as a whole'
mkfifo pipe; cat pipe >piped & "$tetra" compile one.yaml -o pipe >/dev/null; wait; cmp one.object piped && [ -p pipe ]
report $? 'a pipe is written to, not replaced'
expect 'two policies of one name' 1 'TP212' sh -c "cp one.yaml copy.yaml; $tetra compile --link one.yaml copy.yaml"
i=0; while [ $i -lt 129 ]; do policy "p$i"; echo ---; i=$((i + 1)); done >many.yaml
expect 'more policies on one hook than an event can satisfy' 1 'lsm:file_open: 129 policies watch this hook, at most 128 can' "$tetra" compile --link many.yaml -o many.image
[ ! -e many.image ]; report $? 'and no image is left'

# ---- dumps ----
for pass in parse decode check lower simplify object link image; do
	expect "--dump=$pass prints something" 0 'file_open' "$tetra" compile --dump=$pass one.yaml
done
expect 'an unknown pass names those there are' 2 '^  simplify ' "$tetra" compile --dump=nothing one.yaml

# ---- levels ----
cat >folds.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: folds}
spec:
  kprobes:
  - call: f
    syscall: false
    args: [{index: 0, type: int}]
    selectors:
    - matchArgs:
      - {index: 0, operator: GT, values: ["1"]}
      - {index: 0, operator: LT, values: ["9"]}
    - matchArgs:
      - {index: 0, operator: Equal, values: ["5"]}
EOT
filters() { "$tetra" compile "$@" --dump=simplify folds.yaml 2>/dev/null | grep -c '^      argument 0'; }
[ "$(filters)" -eq 1 ] && [ "$(filters -O1)" -eq 1 ]; report $? 'filters are folded, and what is never reached is left out'
[ "$(filters -O0)" -eq 3 ] && [ "$(filters --optimize=0)" -eq 3 ]; report $? 'but not at -O0'
expect 'which warns all the same' 0 'warning\[TP603\]: selector 2 is never reached' "$tetra" compile -O0 folds.yaml
expect 'no other level' 2 "option '--optimize' takes one of 0.1, not '2'" "$tetra" compile -O2 folds.yaml

finish
