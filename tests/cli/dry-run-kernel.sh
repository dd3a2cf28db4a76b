#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra dry-run --kernel` and `tetra probe`: what a kernel would load, what it cannot, and what is not known.  No kernel is asked
# but by an ordinary user, who may not.  TAP.
. "$(dirname "$0")/lib.sh"

cat >calls.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: calls}
spec:
  kprobes:
  - call: sys_write
    syscall: true
    args: [{index: 0, type: int}]
    selectors: [{matchArgs: [{index: 0, operator: Equal, values: ["1"]}]}]
  - call: do_sys_openat2
    syscall: false
    args: [{index: 1, type: string}]
    selectors: [{matchArgs: [{index: 1, operator: Prefix, values: ["/etc/", "/root/"]}, {index: 1, operator: NotPostfix, values: [".so"]}]}]
EOT
policy files >files.yaml
sed 's/spec: {/spec: {nodeSelector: {matchLabels: {app: web}}, /; s/files/scoped/' files.yaml >scoped.yaml
cat >new.json <<'EOT'
{"kind": "kernel", "release": "6.8.0", "machine": "x86_64", "processors": 4,
 "features": {"privilege": "works", "btf": "works", "ring-buffer": "works", "raw-tracepoint": "works", "kprobe": "works",
  "kprobe-multi": "works", "lsm": "works", "lsm-enabled": "EOPNOTSUPP"},
 "functions": ["do_sys_openat2", "__x64_sys_write"], "traceable": ["do_sys_openat2"]}
EOT
sed 's/"kprobe-multi": "works"/"kprobe-multi": "EINVAL", "perf-link": "EINVAL", "cookie": "EINVAL", "fentry": "EINVAL"/' new.json >old.json
echo '{"kind": "kernel"}' >empty.json

# ---- what would be loaded ----
expect 'the kernel and where that is from' 0 '^kernel 6.8.0, as new.json says$' "$tetra" dry-run --kernel new.json calls.yaml
expect 'the way to attach' 0 '^  kprobe:do_sys_openat2: by kprobe_multi, .*  \(calls.yaml:10:5\)$' "$tetra" dry-run --kernel new.json calls.yaml
expect 'another way where the function cannot be traced' 0 '^  kprobe:sys_write#syscall: by kprobe, ' "$tetra" dry-run --kernel new.json calls.yaml
expect 'what of that is not known' 0 '^ +not known of this kernel: whether it has feature perf-link, whether it has feature cookie$' "$tetra" dry-run --kernel new.json calls.yaml
expect 'what an event takes' 0 '^ +for each event: 2 to 4 records, at most 1 value read, at most 1 look-up with 14 bytes hashed, about 70 ns' "$tetra" dry-run --kernel new.json calls.yaml
expect 'programs' 0 '^    kprobe_multi_entry$' "$tetra" dry-run --kernel new.json calls.yaml
expect 'memory' 0 '^    events: about 4096 KiB$' "$tetra" dry-run --kernel new.json calls.yaml

# ---- what generated lists stand for there ----
listed() { # type, the rest of the list
	printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: listed}\nspec:\n  lists: [{name: some, type: %s%s}]\n  kprobes: [{call: "list:some"}]\n' "$1" "${2-}"
}
cat >functions.json <<'EOT'
{"kind": "kernel", "machine": "x86_64",
 "functions": ["__x64_sys_read", "__x64_sys_write", "vfs_read", "vfs_write", "vfs_writev", "vfs_writex"],
 "traceable": ["__ftrace_invalid_address___vfs_write", "__x64_sys_read", "vfs_read", "vfs_read", "vfs_write", "vfs_writex"], "in_modules": ["vfs_writex"]}
EOT
sed 's/, "in_modules".*/}/' functions.json >no-modules.json
listed generated_ftrace ', pattern: "vfs_(?:read|WRITE)(?i)|_WRITE"' >pattern.yaml
listed generated_ftrace ', pattern: "^vfs_writev"' >none.yaml
listed generated_syscalls >calls-all.yaml
expect 'a pattern: a function that it matches' 0 '^  kprobe:vfs_read: by ' "$tetra" dry-run --kernel functions.json pattern.yaml
expect 'a pattern: another, and no more' 0 "^  policy 'listed' \(pattern.yaml\): 2 hooks" "$tetra" dry-run --kernel functions.json pattern.yaml
expect 'a pattern that matches nothing that can be traced' 1 "kprobe '\^vfs_writev': it matches no function of this kernel that can be traced" "$tetra" dry-run --kernel functions.json none.yaml
expect 'a pattern where it is not known what is in modules' 0 "not known of this kernel: whether it has '\^vfs_writev'" "$tetra" dry-run --kernel no-modules.json none.yaml
expect 'system calls: those that can be traced' 0 "^  policy 'listed' \(calls-all.yaml\): 1 hook," "$tetra" dry-run --kernel functions.json calls-all.yaml
expect 'system calls: by name' 0 '^  kprobe:sys_read#syscall: by ' "$tetra" dry-run --kernel functions.json calls-all.yaml

# ---- what cannot run there ----
expect 'a security module that is not enabled' 1 'lsm .file_open.: .*add bpf to the boot parameter.*\(files.yaml:4:19\)$' "$tetra" dry-run --kernel new.json files.yaml
cat >rules.yaml <<'EOT'
apiVersion: tetra.dev/v1alpha1
kind: RuntimeSecurityPolicy
metadata: {name: rules}
spec:
  target: {bpfLSM: auto}
  rules:
  - {id: keys, effect: deny, file: {ops: [read], paths: {dir: [/etc/keys]}}}
EOT
sed 's/auto/require/' rules.yaml >required.yaml
sed 's/"lsm": "works"/"fentry": "works", "fmod-ret": "works", "lsm": "works"/; s/"functions": .*\]/"functions": ["security_file_open", "bpf_lsm_file_open"]/; s/, "traceable": .*\]//' \
	new.json >no-lsm.json
sed 's/"lsm-enabled": "[A-Z]*"/"lsm-enabled": "works"/' no-lsm.json >with-lsm.json
expect 'rules that leave it to the kernel go by functions there' 0 "^rules.yaml:7:43: warning.TP711.: 'security_file_open' is probed" "$tetra" dry-run --kernel no-lsm.json rules.yaml
expect 'and by functions it is' 0 '^  kprobe:security_file_open: by fmod_ret' "$tetra" dry-run --kernel no-lsm.json rules.yaml
expect 'by the hook, where programs run on it' 0 '^  lsm:file_open: by lsm' "$tetra" dry-run --kernel with-lsm.json rules.yaml
expect 'rules that want the hook are refused, with the way out' 1 "lsm .file_open. with Override: .*target: .bpfLSM: auto.*\(required.yaml:7:43\)$" "$tetra" dry-run --kernel no-lsm.json required.yaml
echo '{"kind": "kernel", "release": "6.6.1"}' >silent.json
expect 'what a profile does not say is said' 0 '^rules.yaml:5:20: warning.TP715.: it is not known whether' "$tetra" dry-run --kernel silent.json rules.yaml

expect 'what would not outlive tetra' 1 "kprobe 'do_sys_openat2': this kernel cannot keep it attached" "$tetra" dry-run --kernel old.json calls.yaml
cat >more.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: more}
spec:
  lists: [{name: calls, type: syscalls, values: [sys_write, i386/sys_write]}]
  kprobes:
  - call: "list:calls"
    ignore: {callNotFound: true}
    data: [{index: 0, type: uint32, source: pt_regs, resolve: edi}]
---
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: trampolines}
spec:
  fentries:
  - {call: do_sys_openat2, syscall: false}
EOT
expect 'a function of a list that is missing and may be' 0 '^  kprobe:__ia32_sys_write#syscall: is not there, and is passed over' "$tetra" dry-run --kernel new.json more.yaml
expect 'registers need a kprobe' 0 '^  kprobe:sys_write#syscall: by kprobe, ' "$tetra" dry-run --kernel new.json more.yaml
expect 'a fentry' 0 '^  fentry:do_sys_openat2: by fentry, ' "$tetra" dry-run --kernel new.json more.yaml
sed -i 's/callNotFound: true/callNotFound: false/' more.yaml
expect 'without leave it is refused' 1 "kprobe '__ia32_sys_write': this kernel has no such kprobe; .*\(more.yaml:7:5\)" "$tetra" dry-run --kernel new.json more.yaml
sed -i 's/do_sys_openat2/do_sys_openat3/' calls.yaml
expect 'a function that is not there' 1 "has no such kprobe; did you mean 'do_sys_openat2'\?  \(calls.yaml:10:5\)" "$tetra" dry-run --kernel new.json calls.yaml
expect 'of which nothing is known without a list' 0 "not known of this kernel: whether it has 'do_sys_openat3'" "$tetra" dry-run --kernel empty.json calls.yaml
expect 'of which nobody knows whether it is for this node' 1 "policy 'scoped' is for some nodes only, .*: say them with --node-labels, .*\(scoped.yaml:4:22\)" \
	"$tetra" dry-run --kernel empty.json scoped.yaml
expect 'for this node' 0 "^  policy 'scoped' \(scoped.yaml\): 1 hook," "$tetra" dry-run --kernel empty.json --node-labels app=web scoped.yaml
expect 'not for this node' 0 "^  policy 'scoped' \(scoped.yaml\): not for this node$" "$tetra" dry-run --kernel empty.json --node-labels app=db scoped.yaml
! grep -q 'lsm:file_open' out; report $? 'and it has no hook here' "$(cat out)"

cat >rules.yaml <<'EOT'
apiVersion: tetra.dev/v1alpha1
kind: RuntimeSecurityPolicy
metadata: {name: rules}
spec:
  rules:
  - {id: everywhere, exec: {}}
  - {id: edge, scope: {nodes: {matchLabels: {zone: edge}}}, module: {ops: [autoload]}}
EOT
expect 'a rule for other nodes is left out' 0 "^  policy 'rules' .*: 1 hook, 1 selector; 1 more hook for other nodes$" "$tetra" dry-run --kernel empty.json --node-labels zone=a rules.yaml
! grep -q 'lsm:kernel_module_request' out; report $? 'and has no hook here' "$(cat out)"
expect 'one for this node is not' 0 "^  policy 'rules' .*: 2 hooks, 2 selectors$" "$tetra" dry-run --kernel empty.json --node-labels zone=edge rules.yaml
expect 'of which nobody knows whether a rule is for this node' 1 "policy 'rules' is for some nodes only, .*\(rules.yaml:7:[0-9]+\)" "$tetra" dry-run --kernel empty.json rules.yaml
sed -i '/everywhere/d' rules.yaml
expect 'a policy of which no rule is' 0 "^  policy 'rules' \(rules.yaml\): not for this node$" "$tetra" dry-run --kernel empty.json --node-labels zone=a rules.yaml

# selector, labels, whether it selects such a node
while read -r selector labels want; do
	sed "s/{matchLabels: {app: web}}/{$(echo "$selector" | tr _ ' ')}/" scoped.yaml >selected.yaml
	[ "$labels" = - ] && labels= || labels=--node-labels=$labels
	# shellcheck disable=SC2086
	"$tetra" dry-run --kernel empty.json $labels selected.yaml >out 2>err
	case $want in
	yes) grep -q ': 1 hook,' out && ! grep -q 'some nodes only' out ;;
	no) grep -q ': not for this node$' out ;;
	unknown) grep -q 'some nodes only' out ;;
	esac
	report $? "nodes with {$selector}: $labels is $want" "$(cat out err)"
done <<'EOT'
matchLabels:_{app:_web,_zone:_a} app=web,zone=a yes
matchLabels:_{app:_web,_zone:_a} app=web no
matchLabels:_{app:_""} app= yes
matchLabels:_{app:_""} zone=a no
matchLabels:_{app:_web} - unknown
matchLabels:_{} - yes
matchExpressions:_[{key:_app,_operator:_In,_values:_[db,_web]}] app=web yes
matchExpressions:_[{key:_app,_operator:_In,_values:_[db,_web]}] zone=a no
matchExpressions:_[{key:_app,_operator:_NotIn,_values:_[web]}] zone=a yes
matchExpressions:_[{key:_app,_operator:_NotIn,_values:_[web]}] app=web no
matchExpressions:_[{key:_app,_operator:_Exists}] app= yes
matchExpressions:_[{key:_app,_operator:_DoesNotExist}] app= no
matchExpressions:_[{key:_app,_operator:_DoesNotExist}] - unknown
matchLabels:_{zone:_a},_matchExpressions:_[{key:_app,_operator:_Exists}] zone=a no
matchLabels:_{zone:_a} zone=b,zone=a yes
EOT
# ---- for which containers ----
cat >limited.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: web}
spec:
  containerSelector: {matchLabels: {name: web}}
  tracepoints: [{subsystem: sched, event: sched_process_fork, raw: true}]
---
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: shop, namespace: shop}
spec: {tracepoints: [{subsystem: sched, event: sched_process_fork, raw: true}]}
---
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: outside}
spec:
  hostSelector: {}
  tracepoints: [{subsystem: sched, event: sched_process_fork, raw: true}]
EOT
cat >pods.yaml <<'EOT'
- {cgroup: /a/web, name: web, image: "nginx:1", namespace: shop, pod: web-0}
- {container: abcdef, name: db, namespace: shop}
- {cgroup: /b}
- {cgroup: /c, host: true}
EOT
"$tetra" dry-run --kernel empty.json --workloads pods.yaml limited.yaml >out 2>err
sed -n '/^  for some workloads only/,/^  programs/p' out >listed
cat >wanted <<'EOT'
  for some workloads only
    policy 'web': for 1 of 3 containers; of 1 it is not known  (limited.yaml:5:22)
      web, nginx:1, pod shop/web-0, /a/web  (pods.yaml:1:3)
      not known: /b  (pods.yaml:3:3)
    policy 'shop': for 2 of 3 containers; of 1 it is not known  (limited.yaml:9:7)
      web, nginx:1, pod shop/web-0, /a/web  (pods.yaml:1:3)
      db, abcdef  (pods.yaml:2:3)
      not known: /b  (pods.yaml:3:3)
    policy 'outside': for 0 of 3 containers, and processes of the host  (limited.yaml:17:17)
  programs to load
EOT
cmp -s listed wanted; report $? 'the containers of a host of which a file tells' "$(diff wanted listed; cat err)"
expect 'a host of which none tells' 0 "^    policy 'web': which containers there are is not known; --workloads tells  \(limited.yaml:5:22\)$" \
	"$tetra" dry-run --kernel empty.json limited.yaml
"$tetra" dry-run --kernel empty.json --workloads pods.yaml -o json limited.yaml >out 2>err
python3 -c 'import json
d = json.load(open("out"))["workloads"]
assert [[w["host"], [(c["cgroup"] if "cgroup" in c else c["container"], c["known"]) for c in w["containers"]]] for w in d] == [
    [False, [("/a/web", True), ("/b", False)]], [False, [("/a/web", True), ("abcdef", True), ("/b", False)]], [True, []]]' 2>>err
report $? 'the same as JSON' "$(cat out err)"
expect 'a broken file of workloads' 1 '^pods2.yaml:1:1: error' sh -c 'echo "a: b" >pods2.yaml; exec "$1" dry-run --kernel empty.json --workloads pods.yaml,pods2.yaml limited.yaml' - "$tetra"

expect 'a profile that says nothing' 0 '^kernel of unknown release' "$tetra" dry-run --kernel empty.json files.yaml
expect 'memory that depends on it' 0 'counters: not known' "$tetra" dry-run --kernel empty.json files.yaml
"$tetra" dry-run --kernel new.json -o json files.yaml >out 2>err
python3 -c 'import json, sys
d = json.load(open("out"))
assert d["hooks"][0]["key"] == "lsm:file_open" and "attach" not in d["hooks"][0]
assert d["cannot_run"][0]["place"] == "files.yaml:4:19"
assert d["hooks"][0]["cost"]["records_most"] == 2 and d["new_map_bytes"] > 4 << 20' 2>err
report $? 'JSON has all of it' "$(cat err)"

# ---- profiles ----
refused() { # name, text, pattern
	printf '%s' "$2" >bad.json
	expect "$1" 2 "'bad.json' is no profile of a kernel: $3" "$tetra" dry-run --kernel bad.json files.yaml
}
refused 'an empty file' '' 'it is empty'
refused 'no JSON' 'release: 6' 'it is no JSON'
refused 'half of one' '{"kind": "ker' 'it ends too early'
refused 'another JSON' '[]' 'it is no JSON object'
refused 'another kind' '{"kind": "image"}' '.kind. is not "kernel"'
refused 'no kind' '{"release": "6"}' 'it has no "kind"'
refused 'an unknown feature' '{"kind": "kernel", "features": {"kprobes": "works"}}' "there is no feature 'kprobes'"
refused 'an unknown answer' '{"kind": "kernel", "features": {"kprobe": "yes"}}' "feature 'kprobe' is neither"
refused 'an unknown key' '{"kind": "kernel", "cpus": 4}' "a profile has no 'cpus'"
refused 'a wrong type' '{"kind": "kernel", "release": 6}' "'release' has a value of the wrong type"
refused 'a number out of range' '{"kind": "kernel", "processors": 0}' "'processors' is a number from"
refused 'two' '{"kind": "kernel"} {}' 'more follows'
expect 'no such file' 3 "cannot read 'none'" "$tetra" dry-run --kernel none files.yaml
expect 'a directory' 3 "cannot read '.'" "$tetra" dry-run --kernel . files.yaml

# ---- this kernel, without root ----
as_user "$user_tetra" probe -o json >probed.json 2>err
expect 'what probe writes can be read' 0 "^kernel $(uname -r), as probed.json says" "$tetra" dry-run --kernel probed.json files.yaml
expect 'what cannot be tried is not known' 0 'privilege +not known' as_user "$user_tetra" probe
expect 'nor when planning' 0 "^kernel $(uname -r), this one, of which little is known without root" as_user "$user_tetra" dry-run files.yaml
if [ -r /sys/kernel/btf/vmlinux ]; then
	cat >paths.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: paths}
spec:
  lsmhooks:
  - hook: file_open
    args: [{index: 0, type: string, resolve: f_path.dentri.d_name.name}]
  - hook: bprm_check_security
    args: [{index: 0, type: int, resolve: file.f_flags}]
  - hook: file_permission
    args: [{index: 0, type: path}]
EOT
	expect 'a path that this kernel has not' 1 \
		"lsm 'file_open': path 'f_path.dentri.d_name.name', column 8: struct path has no member 'dentri'; did you mean 'dentry'\?  \(paths.yaml:7:12\)" \
		as_user "$user_tetra" dry-run paths.yaml
	expect 'a value of another type' 1 \
		"path 'file.f_flags': the kernel has unsigned int \(32 bits, unsigned\) there, the policy reads it as int \(32 bits, signed\); say 'type: uint32'" \
		as_user "$user_tetra" dry-run paths.yaml
	expect 'an argument of another type' 1 \
		"argument 0 of file_permission: the kernel has struct file \* there, the policy reads it as path; say 'type: file'  \(paths.yaml:10:5\)" \
		as_user "$user_tetra" dry-run paths.yaml
	cp /sys/kernel/btf/vmlinux types.btf
	expect 'a path that another kernel has not' 1 "struct path has no member 'dentri'" "$tetra" dry-run --kernel new.json --types types.btf paths.yaml
	! "$tetra" dry-run --kernel new.json paths.yaml 2>err | grep -q "path '"
	report $? 'of a kernel without types nothing is said' "$(cat err)"
	head -c 100000 types.btf >cut.btf
	expect 'types that are damaged' 3 "cannot read the types of a kernel from 'cut.btf': a section lies outside" \
		"$tetra" dry-run --kernel new.json --types cut.btf paths.yaml
	sed -i 's/dentri/dentry/; s/type: int,/type: uint32,/' paths.yaml
	as_user "$user_tetra" dry-run paths.yaml >out 2>err
	! grep -q "path '" out
	report $? 'paths that are right' "$(cat out)"
else
	skip 'paths on this kernel' 'it has no BTF'
fi
expect 'types that are not there' 3 "from 'none': No such file" "$tetra" dry-run --kernel new.json --types none files.yaml
expect 'types that are no file' 3 "from '.': Invalid argument" "$tetra" dry-run --kernel new.json --types . files.yaml
expect 'types that are no types' 3 'wrong magic number' "$tetra" dry-run --kernel new.json --types files.yaml files.yaml
expect 'types of no kernel' 2 '[-]-types goes with --kernel' "$tetra" dry-run --types none files.yaml
expect 'probe takes no operands' 2 'takes no operands' "$tetra" probe files.yaml

finish
