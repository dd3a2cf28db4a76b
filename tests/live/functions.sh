#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rules that go by the functions behind LSM hooks: because they say so (bpfLSM: avoid), or, where bpf is not among the kernel's security modules, because they
# leave it to the kernel (auto).  The latter takes a machine of its own: tests/live/vm-without-lsm.  TAP.
. "$(dirname "$0")/lib.sh"

attempts=$tools/attempts
# Where nobody has mounted it, it is not left behind: other tests go by it.
[ -r /sys/kernel/security/lsm ] || ! mount -t securityfs none /sys/kernel/security 2>/dev/null || is_mounted=yes
grep -qw bpf /sys/kernel/security/lsm 2>/dev/null && has_lsm=yes || has_lsm=no
[ -z "${is_mounted-}" ] || umount /sys/kernel/security
echo content >"$work/file"
cp "$attempts" "$work/program"

# Rules of an enforced policy: TARGET, then the rules on standard input.
apply_rules() {
	{
		printf 'apiVersion: tetra.dev/v1alpha1\nkind: RuntimeSecurityPolicy\nmetadata: {name: rules}\nspec:\n  mode: enforce\n  target: {%s}\n  rules:\n' "$1"
		cat
	} | apply
}

# What an attempt says: a label, the steps, what must come of them.
attempt() { # LABEL WANTED STEPS...
	label=$1 wanted=$2
	shift 2
	status=0
	said=$("$attempts" "@$label" "$@" 2>/dev/null </dev/null) || status=$?
	case $said in
	E[A-Z]*) said=${said%% *} ;;
	*) [ $status -eq 0 ] && said=works || said=$status ;;
	esac
	case $said in "$wanted"*) return ;; esac
	echo "'$*' should have said $wanted, and says: $said"
	return 1
}

# The event of an attempt, by its label: the function, and the rule.
told() { # LABEL FUNCTION RULE
	has_event "\"arguments\":\"@$1 " "\"function_name\":\"$2\"" "\"rule:$3\""
}

mapped() {
	apply_rules 'bpfLSM: avoid' <<EOT || return 1
  - {id: maps, effect: deny, file: {ops: [mmapExec], paths: {exact: [$work/file]}}}
EOT
	attempt 1a EPERM open r "$work/file" map rx && attempt 2a works open r "$work/file" map r && attempt 3a works open r "$work/program" map rx || return 1
	wait=1 events && told 1a security_mmap_file maps && no_event '"arguments":"@2a ' '"process_kprobe"' && no_event '"arguments":"@3a ' '"process_kprobe"'
}

# Before 6.1 nothing that is kept can be attached to a function with structures for arguments: said by age, and by the kernel itself.
owners() { # EFFECT WANTED
	if kernel_is 5.10; then
		for target in 'bpfLSM: avoid, minKernel: "5.10"' 'bpfLSM: avoid'; do
			! owners_apply "$target" "$1" || return 1
			cat "$work/applied"
			grep -q 'policy.yaml:8:.*path_chown' "$work/applied" || return 1
		done
		return
	fi
	owners_apply 'bpfLSM: avoid' "$1" && attempt 1a "$2" chown 1000 "$work/file" && attempt 2a works chown 1000 "$work/program" || return 1
	wait=1 events && told 1a security_path_chown owners && no_event '"arguments":"@2a ' '"process_kprobe"'
}

owners_apply() { # TARGET EFFECT
	apply_rules "$1" <<EOT
  - {id: owners, effect: $2, file: {ops: [chown], paths: {exact: [$work/file]}}}
EOT
}

excepted() {
	ip link set lo up 2>/dev/null
	apply_rules 'bpfLSM: avoid' <<EOT || return 1
  - id: talks
    effect: deny
    network: {ops: [connect], loopback: match, to: [{cidr: [127.0.0.2]}]}
    except: [{reason: queries, network: {ops: [connect], protocols: [udp], to: [{ports: ["53"]}]}}]
EOT
	attempt 1a EPERM connect tcp 127.0.0.2 53 && attempt 2a works connect udp 127.0.0.2 53 && attempt 3a EPERM connect udp 127.0.0.2 54 || return 1
	wait=1 events && told 1a security_socket_connect talks && told 3a security_socket_connect talks && no_event '"arguments":"@2a ' '"process_kprobe"'
}

chosen() {
	apply_rules 'bpfLSM: auto' <<EOT || return 1
  - {id: reads, effect: deny, file: {ops: [read], paths: {exact: [$work/file]}}}
EOT
	cat "$work/applied"
	attempt 1a EPERM open r "$work/file" && attempt 2a works open r "$work/program" || return 1
	wait=1 events || return 1
	if [ $has_lsm = yes ]; then
		! grep -q 'TP711' "$work/applied" && told 1a file_open reads
		return
	fi
	grep -q "policy.yaml:8:.*TP711.*'security_file_open' is probed.*\"bpf\" among its active security modules" "$work/applied" &&
		told 1a security_file_open reads && "$tetra" dry-run "$work/policy.yaml" >"$work/plan" 2>&1 && cat "$work/plan" &&
		grep -q '^  kprobe:security_file_open' "$work/plan"
}

tested_live() {
	cat >"$work/tested.yaml" <<EOT
apiVersion: tetra.dev/v1alpha1
kind: RuntimeSecurityPolicy
metadata: {name: tested}
spec:
  mode: enforce
  target: {bpfLSM: auto}
  rules:
  - {id: reads, effect: deny, file: {ops: [read], paths: {exact: [$work/file]}}}
  tests:
  - {name: it is read, event: {hook: file_open, args: {0: $work/file, f_mode: 1}}, expect: {rule: reads, effect: deny}}
  - {name: it is read here, run: "$attempts @77a open r $work/file", expect: {exit: 1, prints: EPERM, rules: {reads: 1}}}
EOT
	"$tetra" test --live "$work/tested.yaml" >"$work/tested" 2>&1
	status=$?
	cat "$work/tested"
	[ $status -eq 0 ] || skip_lack "$work/tested"
	return $status
}

required() {
	[ $has_lsm = no ] || skip "bpf is among the security modules: tests/live/vm-without-lsm"
	for target in 'bpfLSM: require' 'minKernel: "5.10"'; do
		! apply_rules "$target" <<EOT || return 1
  - {id: reads, effect: deny, file: {ops: [read], paths: {exact: [$work/file]}}}
EOT
		cat "$work/applied"
		grep -q 'policy.yaml:8:.*has no "bpf" among its active security modules.*target: {bpfLSM: auto}' "$work/applied" || return 1
	done
}

resident
test_that "by functions: files that are mapped to be executed" mapped
test_that "by functions: owners, told of, or refused with the line" owners audit works
test_that "by functions: owners, denied, or refused with the line" owners deny EPERM
test_that "by functions: an exception by protocol" excepted
test_that "auto: the hook, or the function where the kernel runs no programs on hooks" chosen
test_that "auto: tetra test --live runs what this kernel has" tested_live
test_that "require: a kernel that runs none refuses, with the way out" required
finish
