#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra check --fix` and `--diff`: what is put right, and how files are written.  TAP.
. "$(dirname "$0")/lib.sh"

is() { [ "$2" = "$3" ]; report $? "$1" "wanted '$2', got '$3'"; }
same() { cmp "$2" "$3" >why 2>&1; report $? "$1" "$(cat why; diff "$2" "$3")"; }

cat >wrong.yaml <<'END'
# a comment stays
apiVersion: cilium.io/v1alpha1
kind: tracingpolicy     # wrong case
metadata: {name: a}
spec:
  kprobes:
  - call: fd_install
    syscal: no          # a typo, and then a word
    args: [{index: "1", type: file}]
    selectors:
    - matchArgs:
      - index: 1
        operater: "equal"
        values: [1, '/x']
      matchBinaries:
      - {operator: Equal, values: ["/opt/ä日本"]}
END
cat >right.yaml <<'END'
# a comment stays
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy     # wrong case
metadata: {name: a}
spec:
  kprobes:
  - call: fd_install
    syscall: false          # a typo, and then a word
    args: [{index: 1, type: file}]
    selectors:
    - matchArgs:
      - index: 1
        operator: "Equal"
        values: ["1", '/x']
      matchBinaries:
      - {operator: In, values: ["/opt/ä日本"]}
END

# ---- what is fixed ----
cp wrong.yaml a.yaml
expect 'what was fixed is said, and counted' 0 '1 policy in 1 file: 0 errors, 1 warning; 8 problems fixed' "$tetra" check --fix a.yaml
grep -q '^a.yaml:13:9: fixed\[TP101\]: operater is now operator$' err; report $? 'each with its place' "$(cat err)"
same 'everything that is clear is fixed, in place, and nothing else changes' right.yaml a.yaml
expect 'a second time there is nothing to fix' 0 '0 errors, 1 warning$' "$tetra" check --fix a.yaml
same 'and nothing changes' right.yaml a.yaml
cp wrong.yaml a.yaml
"$tetra" check --fix -o json a.yaml 2>err | jq -c '[.fixed, (.diagnostics | length)]' >out
is 'other formats have what is left' '[8,1]' "$(cat out)"
sed 's/$/\r/' wrong.yaml >crlf.yaml; sed 's/$/\r/' right.yaml >crlf-right.yaml
"$tetra" check --fix crlf.yaml >out 2>err; same 'line ends stay' crlf-right.yaml crlf.yaml
head -c -1 wrong.yaml >end.yaml; head -c -1 right.yaml >end-right.yaml
"$tetra" check --fix end.yaml >out 2>err; same 'no line end is added to the last line' end-right.yaml end.yaml
printf '{"apiVersion": "cilium.io/v1alpha1", "kind": "tracingPolicy", "metadata": {"name": "a"}, "spec": {"lsmhook": [{"hook": "file_open"}]}}\n' >a.json
"$tetra" check --fix a.json >out 2>err
is 'JSON stays JSON' '{"apiVersion": "cilium.io/v1alpha1", "kind": "TracingPolicy", "metadata": {"name": "a"}, "spec": {"lsmhooks": [{"hook": "file_open"}]}}' "$(cat a.json)"

# ---- what is not ----
policy a | sed 's/file_open}/file_open, selectors: [{matchArgs: [{index: 0, operator: eq, values: ["1"]}]}]}/' >guess.yaml; cp guess.yaml before
expect 'a guess is not made' 1 'TP109' "$tetra" check --fix guess.yaml; same 'and the file is left alone' before guess.yaml
cat >worse.yaml <<'END'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: a}
spec: {kprobes: [{call: sys_x, message: 1}]}
END
cp worse.yaml before
expect 'a fix that leaves as many problems is not made' 1 'TP106' "$tetra" check --fix worse.yaml
same 'and the file is left alone, too' before worse.yaml
printf 'a: [' >syntax.yaml; expect 'text that is not YAML' 1 'TP002' "$tetra" check --fix syntax.yaml
mkdir pods; echo 'kind: Pod' >pods/pod.yaml; cp pods/pod.yaml before; "$tetra" check --fix pods >out 2>err; same 'files without a policy' before pods/pod.yaml

# Whatever the file: as many lines, no more errors, and nothing left to do the next time.
mkdir goldens; cp "$project"/tests/golden/check/*.yaml goldens; why=
for file in goldens/*.yaml; do
	"$tetra" check -o json "$file" >before 2>err
	lines=$(wc -l <"$file")
	"$tetra" check --fix -o json "$file" >first 2>err
	"$tetra" check --fix -o json "$file" >second 2>err
	[ "$lines" -eq "$(wc -l <"$file")" ] &&
		jq -es '(.[0] + {fixed: 0}) == (.[2] + {fixed: 0}) or .[1].fixed > 0 and [.[1].errors, .[1].warnings] < [.[0].errors, .[0].warnings] and .[2].fixed == 0' before first second >err ||
		why="$why $file"
done
[ -z "$why" ]; report $? 'every golden case gets better, or stays as it is' "$why"

# ---- --diff ----
cp wrong.yaml a.yaml
expect 'a diff is shown' 1 '^\+kind: TracingPolicy     # wrong case' "$tetra" check --diff a.yaml; same 'and nothing written' wrong.yaml a.yaml
"$tetra" check --diff a.yaml >a.patch 2>err
is 'names of a diff' '--- a/a.yaml,+++ b/a.yaml' "$(head -2 a.patch | tr '\n' ',' | sed 's/,$//')"
grep -q '8 problems can be fixed' err && grep -q 'warning\[TP416\]' err; report $? 'findings and summary go to standard error' "$(cat err)"
if command -v patch >/dev/null; then
	patch -s -p1 <a.patch >why 2>&1; same 'patch takes it' right.yaml a.yaml
	awk 'BEGIN { print "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: a\nspec:\n  lsmhooks:"
		for (i = 0; i < 40; i++) { print "  - hook: file_open" (i % 7 ? "" : "\n    tags: [\"aa\"]\n    mesage: ab\n") }; printf "    mesage: ab" }' >hunks.yaml
	cp hunks.yaml hunks-right.yaml; sed -i 's/mesage/message/' hunks-right.yaml
	"$tetra" check --diff hunks.yaml >hunks.patch 2>err
	patch -s -p1 <hunks.patch >why 2>&1; same 'several hunks, and a last line without an end' hunks-right.yaml hunks.yaml
	[ "$(grep -c '^@@' hunks.patch)" -gt 3 ]; report $? 'changes far apart are hunks of their own'
else
	skip 'patch takes it' 'no patch'
fi
expect 'no diff of what is right' 0 '^1 policy in 1 file: fine' sh -c "policy='$(policy x)'; echo \"\$policy\" >fine.yaml; $tetra check --diff fine.yaml"
expect 'a diff has no other output' 2 'does not apply' "$tetra" check --diff -o json a.yaml

# ---- standard input ----
"$tetra" check --fix - <wrong.yaml >out 2>err; same 'standard input comes out fixed' right.yaml out
grep -q '^<stdin>:14:18: warning' err; report $? 'and what is left goes to standard error' "$(cat err)"
"$tetra" check --fix - <right.yaml >out 2>err; same 'what is right comes out as it is' right.yaml out
expect 'with no other output' 2 'does not apply' "$tetra" check --fix -o sarif - <wrong.yaml

# ---- files ----
mkdir real; cp wrong.yaml real/a.yaml; chmod 640 real/a.yaml; ln -s real/a.yaml link.yaml
"$tetra" check --fix link.yaml >out 2>err
[ -L link.yaml ]; report $? 'a symbolic link stays one'
same 'and its file is fixed' right.yaml real/a.yaml
is 'permissions stay' 640 "$(stat -c %a real/a.yaml)"
is 'nothing else is left in the folder' 'a.yaml' "$(ls -A real)"
cp wrong.yaml real/a.yaml; chmod 444 real/a.yaml; chmod 777 real; chmod 755 .
expect 'a file that is read-only' 3 "cannot fix 'real/a.yaml': Permission denied" as_user "$user_tetra" check --fix real/a.yaml
same 'is left alone' wrong.yaml real/a.yaml
cp wrong.yaml real/a.yaml; chmod 666 real/a.yaml; chmod 555 real
expect 'a folder that is read-only' 3 "cannot fix 'real/a.yaml': Permission denied" as_user "$user_tetra" check --fix real/a.yaml
same 'has its file left alone' wrong.yaml real/a.yaml
chmod 755 real; mkfifo pipe; (cat wrong.yaml >pipe &)
expect 'a pipe is not fixed' 3 'it is not a regular file' "$tetra" check --fix pipe
if [ "$(id -u)" -eq 0 ]; then
	cp wrong.yaml owned.yaml; chown 65534:65534 owned.yaml; "$tetra" check --fix owned.yaml >out 2>err
	is 'the owner stays' 65534:65534 "$(stat -c %u:%g owned.yaml)"
else
	skip 'the owner stays' 'only root can give files away'
fi
finish
