#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra test`: files of tests and how they are found, what is expected, formats, coverage, and what is wrong with a test.  TAP.
. "$(dirname "$0")/lib.sh"
cp -R "$project/policy-library" library

cat >two.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: two}
spec:
  kprobes:
  - call: some_function
    syscall: false
    return: true
    returnArg: {index: 0, type: int}
    args: [{index: 0, type: int, label: first}, {index: 3, type: sockaddr}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["1"]}]
      matchActions: [{action: Sigkill}]
    - matchArgs: [{index: 3, operator: SPort, values: ["443"]}, {index: 0, operator: GT, values: ["10"]}]
EOT
tests() { # stdin: the list
	{ echo 'tests:'; cat; } >two.test.yaml
}
one() { # event, expectation
	tests <<EOT
- name: one
  event: $1
  expect: $2
EOT
}

# ---- finding ----
expect 'the tests of a folder' 0 '^[0-9]+ passed, 0 failed, [0-9]+ skipped$' "$tetra" test library
expect 'of a policy, beside it' 0 '^13 passed, 0 failed, 2 skipped$' "$tetra" test library/network/outbound-connect.yaml
expect 'of a file of tests' 0 '^13 passed, 0 failed, 2 skipped$' "$tetra" test library/network/outbound-connect.test.yaml
(cd library/syscalls && "$tetra" test) >out 2>&1; grep -q '^8 passed, 0 failed' out; report $? 'of the current folder' "$(cat out)"
expect 'a policy without tests' 3 "cannot open 'alone.test.yaml'" sh -c "cp two.yaml alone.yaml; $tetra test alone.yaml"
mkdir bare; cp two.yaml bare
expect 'a folder without tests' 3 "no file in directory 'bare' has tests" "$tetra" test bare
expect 'a file of another kind' 2 'is neither a policy' "$tetra" test "$project/README.md"
expect 'names' 0 '^library/network/outbound-connect.test.yaml: the metadata service$' "$tetra" test --list library
expect 'a filter by a part of the name' 0 '^2 passed, 0 failed, 0 skipped$' "$tetra" test library/network/outbound-connect.yaml -k metadata
expect 'a filter by a pattern' 0 '^5 passed, 0 failed, 0 skipped$' "$tetra" test library/network/outbound-connect.yaml -k 'a p*e*'
expect 'a filter that no test passes' 1 "^tetra test: no test has a name like 'nowhere'; " "$tetra" test library/network/outbound-connect.yaml -k nowhere

# ---- deciding ----
passes() { one "$2" "$3"; expect "$1" 0 '^1 passed, 0 failed' "$tetra" test two.yaml; }
fails() { one "$2" "$3"; expect "$1" 1 "$4" "$tetra" test two.yaml; }
passes 'arguments in the order of the policy' '{args: [1]}' '{selector: 0, action: Sigkill}'
passes 'arguments by label' '{args: {first: 1}}' '{selector: 0}'
passes 'arguments by index' '{args: {0: 11, 3: {address: "10.0.0.1", port: 443}}}' '{selector: 1, action: Post}'
passes 'where it happens may be said' '{function: some_function, args: [1]}' '{match: some}'
passes 'no match' '{args: [2, {address: "::1", port: 443}]}' '{match: none}'
passes 'what is not said is not known' '{args: [2]}' '{match: none}'
passes 'and then it may be unknown' '{args: [11]}' '{match: unknown}'
passes 'a part that is not said' '{args: [11, {address: 10.0.0.1}]}' '{match: unknown}'
passes 'nothing is not known' '{args: [null, {port: 443}]}' '{match: unknown}'
passes 'what could not be read fails for good' '{args: [{unreadable: true}, {port: 443}]}' '{match: none}'
fails 'another selector' '{args: [1]}' '{selector: 1}' '^         expected: selector 1 decides$'
fails 'what happened is said' '{args: [1]}' '{selector: 1}' '^           two: matches selector 1: kill the process.*two.yaml:12:7.$'
fails 'and why' '{args: [3, {port: 443}]}' '{selector: 1}' 'selector 2 fails: first .argument 0, int. is greater than 10: it is 3  .two.yaml:14:'
fails 'another action' '{args: [1]}' '{selector: 0, action: Post}' 'expected: selector 0 decides, and does Post'
fails 'a match that is only unknown' '{args: [11]}' '{match: some}' 'unknown: whether selector 1 matches|unknown: whether selector 2 matches'
fails 'no match where there is one' '{args: [1]}' '{match: none}' 'expected: no match'

cat >return.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: return}
spec:
  kprobes:
  - call: f
    syscall: false
    return: true
    returnArg: {index: 0, type: int}
    selectors:
    - matchReturnArgs: [{index: 0, operator: LT, values: ["0"]}]
EOT
cat >return.test.yaml <<'EOT'
tests:
- {name: fails, event: {return: -1}, expect: {selector: 0, return: some}}
- {name: does not, event: {return: 1}, expect: {selector: 0, return: none}}
- {name: may be, event: {}, expect: {selector: 0, return: unknown}}
- {name: wrong, event: {return: 1}, expect: {selector: 0, return: some}}
EOT
expect 'filters on the return' 1 '^3 passed, 1 failed, 0 skipped$' "$tetra" test return.yaml

# ---- events in other forms ----
tests <<'EOT'
- name: JSON
  json: '{"process_kprobe":{"function_name":"some_function","policy_name":"two","args":[{"int_arg":1}]}}'
  expect: {selector: 0}
- name: a recording
  events: two.jsonl
  expect: {events: 3, matches: 1, unmatched: 1, unknown: 1, selectors: {0: 1, 1: 0}}
- name: a command
  run: "true"
  expect: {matches: 0}
EOT
for value in 1 2 11; do echo '{"process_kprobe":{"function_name":"some_function","args":[{"int_arg":'$value'}]}}'; done >two.jsonl
expect 'JSON, recordings and commands' 0 '^2 passed, 0 failed, 1 skipped$' "$tetra" test two.yaml
expect 'a command needs --live' 0 'it runs a command under the policy: give --live' "$tetra" test two.yaml
echo '{' >>two.jsonl
expect 'a recording with a broken line' 1 'two.jsonl:4: unexpected end of data' "$tetra" test two.yaml
printf '{"process_kprobe":{"function_name":"some_function","args":[{"int_arg":1}]}}\n' >two.jsonl
expect 'counts' 1 'expected 3 events, happened: 1' "$tetra" test two.yaml
rm two.jsonl
expect 'a recording that is not there' 3 "cannot read 'two.jsonl'" "$tetra" test two.yaml
cp two.yaml elsewhere.yaml; mkdir sub; printf 'policy: ../elsewhere.yaml\ntests:\n- {name: a, event: {args: [1]}, expect: {selector: 0}}\n' >sub/any.test.yaml
expect 'a policy elsewhere' 0 '^1 passed' "$tetra" test sub

# ---- tests in the policy, and what they say of rules ----
mkdir rules
cat >rules/accounts.yaml <<'EOT'
apiVersion: tetra.dev/v1alpha1
kind: RuntimeSecurityPolicy
metadata: {name: accounts}
spec:
  rules:
  - id: shadow
    effect: deny
    file: {ops: [read, write, rename], paths: {exact: [/etc/shadow]}}
    except:
    - {reason: who changes a password, scope: {binaries: {in: [/usr/bin/passwd]}}}
  - {id: any, effect: kill, file: {ops: [write], paths: {dir: [/srv]}}}
EOT
cp rules/accounts.yaml rules.plain
with_tests() { { cat rules.plain; echo '  tests:'; sed 's/^/  /'; } >rules/accounts.yaml; }
with_tests <<'EOT'
- {name: written, event: {hook: file_open, args: {0: /etc/shadow, f_flags: 1, f_mode: 2}, process: {binary: /usr/bin/vi}}, expect: {rule: shadow, effect: deny}}
- {name: excepted, event: {hook: file_open, args: {0: /etc/shadow, f_flags: 1, f_mode: 3}, process: {binary: /usr/bin/passwd}}, expect: {rule: none, effect: none}}
- {name: depends, event: {hook: file_open, args: {0: /etc/shadow}, process: {binary: /usr/bin/vi}}, expect: {match: unknown}}
- {name: renamed from, event: {hook: path_rename, args: [/etc/shadow, /tmp/x], process: {binary: /usr/bin/mv}}, expect: {rule: shadow}}
- {name: renamed to, event: {hook: path_rename, args: {3: /etc/shadow}, process: {binary: /usr/bin/mv}}, expect: {rule: shadow, effect: deny}}
- {name: neither, event: {hook: path_rename, args: {1: /tmp/y, 3: /tmp/x}, process: {binary: /usr/bin/mv}}, expect: {effect: none}}
- {name: the strongest, event: {hook: file_open, args: {0: /srv/a, f_flags: 1, f_mode: 2}, process: {binary: /usr/bin/mv}}, expect: {effect: kill}}
- {name: a recording, events: accounts.jsonl, expect: {events: 2, rules: {shadow: 1, any: 0}}}
EOT
for path in /etc/shadow /etc/hosts; do
	printf '{"process_lsm":{"process":{"binary":"/bin/cat"},"function_name":"file_open","args":[{"index":0,"resolve":"","file_arg":{"path":"%s"}},{"index":0,"resolve":"f_mode","uint_arg":1},{"index":0,"resolve":"f_flags","uint_arg":0}]}}\n' $path
done >rules/accounts.jsonl
expect 'tests that stand in a policy' 0 '^8 passed, 0 failed, 0 skipped$' "$tetra" test rules/accounts.yaml
expect 'and in those of a folder' 0 '^8 passed, 0 failed, 0 skipped$' "$tetra" test rules
expect 'check finds them fine' 0 '^1 policy in 1 file: fine$' "$tetra" check --strict rules/accounts.yaml
echo 'tests: [{name: beside, event: {hook: file_open, args: {0: /a, f_flags: 1, f_mode: 2}}, expect: {rule: none}}]' >rules/accounts.test.yaml
expect 'and others beside it' 0 '^9 passed, 0 failed, 0 skipped$' "$tetra" test rules/accounts.yaml
expect 'each once in a folder' 0 '^9 passed, 0 failed, 0 skipped$' "$tetra" test rules
rm rules/accounts.test.yaml
"$tetra" compile --dump=simplify rules/accounts.yaml >with; cp rules.plain rules/accounts.yaml; "$tetra" compile --dump=simplify rules/accounts.yaml >without
cmp -s with without; report $? 'they are no part of what is compiled' "$(diff with without)"
inside() { echo "$3" | with_tests; expect "$1" 1 "$2" "$tetra" test rules/accounts.yaml; expect "check: $1" 1 "$2" "$tetra" check rules/accounts.yaml; }
event='event: {hook: file_open, args: {0: /etc/shadow, f_flags: 1, f_mode: 2}, process: {binary: /usr/bin/vi}}'
inside 'a rule that is not there' "accounts.yaml:13:.*error.TP109.: there is no rule 'shadw'" "- {name: a, $event, expect: {rule: shadw}}"
inside 'an argument that the hook does not have' 'there are: 0, f_mode, f_flags' "- {name: a, event: {hook: file_open, args: {0: /a, f_mod: 1}}, expect: {rule: none}}"
inside 'a hook that nothing watches' "the policy does not watch 'bpf'" "- {name: a, event: {hook: bpf}, expect: {rule: none}}"
inside 'an effect that is none' 'TP104.: this must be none, audit, deny or kill' "- {name: a, $event, expect: {effect: allowOnly}}"
inside 'an effect of no rule' 'without a rule there is no effect' "- {name: a, $event, expect: {rule: none, effect: deny}}"
inside 'a key that is none' "there is no key 'evnt' here" "- {name: a, evnt: {}, expect: {rule: none}}"
{ cat rules.plain; echo '  tests: {name: a}'; } >rules/accounts.yaml
expect 'no list' 1 'TP104.: this must be a list of tests' "$tetra" test rules/accounts.yaml
expect 'check: no list' 1 "TP104.: 'tests' must be a list of tests" "$tetra" check rules/accounts.yaml
echo "- {name: a, $event, expect: {rule: any}}" | with_tests
expect 'the rule of another path' 1 "expected: rule 'any' means it" "$tetra" test rules/accounts.yaml
echo "- {name: a, $event, expect: {rule: none}}" | with_tests
expect 'none, where one means it' 1 "expected: no rule means it" "$tetra" test rules/accounts.yaml
echo "- {name: a, $event, expect: {rule: shadow, effect: kill}}" | with_tests
expect 'another effect' 1 "expected: rule 'shadow' means it, of effect kill" "$tetra" test rules/accounts.yaml
echo "- {name: a, event: {hook: file_open, args: {0: /etc/shadow}}, expect: {rule: none}}" | with_tests
expect 'what is not known is not none' 1 "expected: no rule means it" "$tetra" test rules/accounts.yaml
one '{args: [1]}' '{rule: none}'
expect 'no rules in a TracingPolicy' 1 'the policy is not made of rules' "$tetra" test two.yaml

# ---- what is wrong with a test ----
wrong() { echo "$3" | tests; expect "$1" 1 "$2" "$tetra" test two.yaml; }	# name, message, list
wrong 'a mode that is none' 'two.test.yaml:2:29: error.TP104.: this must be monitor or enforce' \
	'- {name: a, run: ":", mode: deny, expect: {matches: 0}}'
wrong 'what only a command has' "'private' is for tests that 'run' a command" \
	'- {name: a, event: {}, private: [/etc], expect: {selector: 0}}'
wrong 'a folder that is not said whole' 'this must be the whole path of a folder' \
	'- {name: a, run: ":", private: [etc], expect: {matches: 0}}'
wrong 'a pod of something else' "there is no key 'label' here" \
	'- {name: a, run: ":", pod: {label: {}}, expect: {matches: 0}}'
wrong 'an exit status that is none' 'this must be an exit status, 0 to 255' \
	'- {name: a, run: ":", expect: {exit: 256}}'
wrong 'an exit status of an event' "there is no key 'exit' here" \
	'- {name: a, event: {}, expect: {exit: 1}}'
wrong 'an unknown key' "two.test.yaml:2:13: error.TP101.: there is no key 'evnt' here" \
	'- {name: a, evnt: {}, expect: {selector: 0}}'
wrong 'nothing that is decided on' "a test has one of 'event', 'json', 'events' and 'run'" \
	'- {name: a, expect: {selector: 0}}'
wrong 'nothing expected' "a test needs 'expect'" \
	'- {name: a, event: {}}'
wrong 'an expectation that cannot fail' 'nothing is expected here' \
	'- {name: a, event: {}, expect: {}}'
wrong 'a contradiction' 'without a match there is neither' \
	'- {name: a, event: {}, expect: {match: none, selector: 0}}'
wrong 'counts of one event' "there is no key 'matches' here" \
	'- {name: a, event: {}, expect: {matches: 1}}'
wrong 'an action that is none' "there is no action 'Sigkil'" \
	'- {name: a, event: {}, expect: {action: Sigkil}}'
wrong 'a key twice' "key 'name' is there twice" \
	'- {name: a, name: b, event: {}, expect: {selector: 0}}'
wrong 'a value of another type' 'two.test.yaml:2:28: error.TP[0-9]+.: this must be a whole number' \
	'- {name: a, event: {args: [x]}, expect: {selector: 0}}'
wrong 'too many arguments' 'the policy has 2 of them, not 3' \
	'- {name: a, event: {args: [1, {port: 1}, 2]}, expect: {selector: 0}}'
wrong 'an argument that the policy does not have' 'no argument of that index or label' \
	'- {name: a, event: {args: {7: 1}}, expect: {selector: 0}}'
wrong 'an address that is none' "the value of 'sockaddr_arg' is not valid" \
	'- {name: a, event: {args: {3: {address: 10.0.0}}}, expect: {selector: 0}}'
wrong 'a port that is none' 'this must be a port' \
	'- {name: a, event: {args: {3: {port: 65536}}}, expect: {selector: 0}}'
wrong 'a function that the policy does not watch' "the policy does not watch 'other'" \
	'- {name: a, event: {function: other}, expect: {selector: 0}}'
wrong 'a capability that is none' 'this must be the name of a capability' \
	'- {name: a, event: {process: {capabilities: {Effective: [CAP_X]}}}, expect: {selector: 0}}'
wrong 'other tests run all the same' '^1 passed, 1 failed, 0 skipped$' \
	'- {name: a, event: {args: [x]}, expect: {selector: 0}}
- {name: b, event: {args: [1]}, expect: {selector: 0}}'
printf 'tests: [\n' >two.test.yaml; expect 'no YAML' 1 'two.test.yaml:.*error.TP00' "$tetra" test two.yaml
: >two.test.yaml; expect 'an empty file' 1 'error.TP004' "$tetra" test two.yaml
one '{args: [1]}' '{selector: 0}'; sed 's/Equal/Equall/' two.yaml >bad.yaml; cp two.test.yaml bad.test.yaml
expect 'a policy that is refused' 1 "error.TP.*'Equall'" "$tetra" test bad.yaml
expect 'counts as a test that failed' 1 '^0 passed, 1 failed, 0 skipped$' "$tetra" test bad.yaml

# ---- processes ----
cat >process.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: process}
spec:
  kprobes:
  - call: f
    syscall: false
    selectors:
    - matchBinaries: [{operator: In, values: [/bin/a], followChildren: true}]
      matchCapabilities: [{type: Effective, operator: In, values: [CAP_SYS_ADMIN]}]
      matchNamespaces: [{namespace: Net, operator: In, values: [host_ns]}]
    - matchWorkloads: {podSelector: {matchLabels: {app: x}}}
EOT
cat >process.test.yaml <<'EOT'
tests:
- name: itself
  event: {process: {binary: /bin/a, capabilities: {Effective: [CAP_SYS_ADMIN]}, namespaces: {Net: host}}}
  expect: {selector: 0}
- name: a grandparent
  event: {process: {binary: /b, parent: /c, ancestors: [{binary: /bin/a, pid: 1}], capabilities: {Effective: [CAP_SYS_ADMIN]}, namespaces: {Net: host}}}
  expect: {selector: 0}
- name: some ancestor may be
  event: {process: {binary: /b, capabilities: {Effective: [CAP_SYS_ADMIN]}, namespaces: {Net: host}, host: true}}
  expect: {match: unknown}
- name: none is
  event: {process: {binary: /b, ancestors_complete: true, host: true}}
  expect: {match: none}
- name: in another namespace
  event: {process: {binary: /bin/a, namespaces: {Net: 4026532000}, host: true}}
  expect: {match: none}
- name: a pod
  event: {process: {binary: /bin/a, capabilities: {Effective: []}, pod: {namespace: d, labels: {app: x}}}}
  expect: {selector: 1}
EOT
expect 'all of a process' 0 '^6 passed, 0 failed, 0 skipped$' "$tetra" test process.yaml

# ---- formats and coverage ----
expect 'TAP' 0 '^ok 1 - two.test.yaml: one$' "$tetra" test two.yaml -o tap
expect 'TAP ends with its plan' 0 '^1\.\.1$' "$tetra" test two.yaml -o tap
expect 'JUnit' 0 '<testcase name="one" classname="two.test.yaml" file="two.test.yaml" line="2"></testcase>' "$tetra" test two.yaml -o junit
expect 'JSON' 0 '^.."file":"two.test.yaml","line":2,"test":"one","outcome":"passed".$' sh -c "$tetra test two.yaml -o json | sed 's/^/./'"
expect 'coverage: a selector' 0 "^two.yaml:14:7: selector 1 of policy 'two' never decided$" "$tetra" test two.yaml --coverage
expect 'coverage: a filter' 0 '^two.yaml:12:[0-9]+: never false: first .argument 0, int. is 1$' "$tetra" test two.yaml --coverage
expect 'coverage: a filter that no test asked' 0 '^two.yaml:14:[0-9]+: never asked, or never known: ' "$tetra" test two.yaml --coverage
# ---- What only rules read: the place of a mount, and both ends of a connection that is taken ----
cp "$project/tests/golden/rules/keep-mounts.yaml" "$project/tests/golden/rules/visitors.yaml" rules
cat >rules/keep-mounts.test.yaml <<'EOT'
tests:
- {name: listed, event: {hook: sb_umount, args: [/srv/keep], process: {binary: /a, pod: {labels: {app: web}}}}, expect: {rule: mounts, effect: deny}}
- {name: below it, event: {hook: sb_umount, args: [/srv/keep/a], process: {binary: /a, pod: {labels: {app: web}}}}, expect: {rule: none}}
- {name: pattern, event: {hook: sb_umount, args: [/srv/data/a/b], process: {binary: /a, pod: {labels: {app: web}}}}, expect: {rule: mounts}}
- {name: excepted, event: {hook: sb_umount, args: [/srv/data/a/cache], process: {binary: /a, pod: {labels: {app: web}}}}, expect: {rule: none}}
- {name: other pods, event: {hook: sb_umount, args: [/srv/keep], process: {binary: /a, pod: {labels: {app: api}}}}, expect: {rule: none}}
EOT
taken() { echo "- {name: $1, event: {function: security_sock_graft, args: [{source: $2, source_port: $3, destination: $4, destination_port: 50000, family: $5, protocol: IPPROTO_TCP}], process: {binary: /a, pod: {labels: {app: web}}}}, expect: {$6}}"; }
{
	echo 'tests:'
	taken listed 127.0.0.1 8460 127.0.0.2 AF_INET 'rule: strangers, effect: kill'
	taken mapped '"::ffff:127.0.0.1"' 8460 '"::ffff:127.0.0.2"' AF_INET6 'rule: strangers, effect: kill'
	taken 'not the own end' 127.0.0.2 8460 127.0.0.1 AF_INET 'rule: none'
	taken 'another port' 127.0.0.1 9000 127.0.0.2 AF_INET 'rule: none'
	taken excepted 10.20.1.1 8460 10.96.0.10 AF_INET 'rule: none'
	taken 'from elsewhere' 10.20.1.1 8460 192.0.2.1 AF_INET 'rule: strangers'
	taken 'to be told' 10.20.1.1 80 192.0.2.1 AF_INET 'rule: outsiders, effect: audit'
} >rules/visitors.test.yaml
expect 'where something is mounted' 0 '^5 passed, 0 failed, 0 skipped$' "$tetra" test rules/keep-mounts.yaml
expect 'who connects' 0 '^7 passed, 0 failed, 0 skipped$' "$tetra" test rules/visitors.yaml
rm rules/keep-mounts.* rules/visitors.*
expect 'coverage: in numbers' 0 '^coverage: 1 of 2 selectors decided, 0 of 3 filters were true and false$' "$tetra" test two.yaml --coverage
as_user "$user_tetra" test --live two.yaml >out 2>&1; code=$?
[ $code -eq 3 ] && grep -q 'needs root' out; report $? '--live needs root' "exit code $code: $(cat out)"
expect 'check passes over files of tests' 0 'other kinds passed over' "$tetra" check two.yaml two.test.yaml
finish
