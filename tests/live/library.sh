#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The policy library on the running kernel: each policy's commands, forbidden and allowed, by `tetra test --live`. TAP.
# TETRA_LIBRARY: only those below this folder of the library; the others are then not asked for.
. "$(dirname "$0")/lib.sh"

library=$here/policy-library
[ -d "$library" ] || library=$project/policy-library
part=${TETRA_LIBRARY-}

grep -qw bpf /sys/kernel/security/lsm 2>/dev/null || skip_all 'the kernel has no BPF LSM: no "bpf" in /sys/kernel/security/lsm'

# Test machines have busybox alone: what is essential to Debian beside that, and is asked for by name.
[ ! -d "$here/root" ] || { rm -f /usr/bin/su /usr/bin/sh && cp -a "$here/root/." / && cp /usr/bin/busybox /usr/bin/su; } || exit 1

# What a kernel cannot run, by the names of the tests. Nothing else may be skipped.
may_skip() {
	case ${TETRA_VM_KERNEL-} in
	5.10) echo 'containers/user-namespaces\|files/accounts\|files/system-programs\|persistence/authorized-keys' ;;
	'') echo . ;;
	*) echo 'nothing' ;;
	esac
}

# The tests of `tetra test` are the first ones of this script.
commands() {
	"$tetra" test --live "$library/$part" -k 'live - *' -o tap 2>&1 | tee "$work/tap" | awk '/^(not )?ok |^#|^tetra/ { print; fflush() }'
	number=$(grep -cE '^(not )?ok ' "$work/tap")
	! grep -q '^not ok' "$work/tap" || failed=1
}

# Of each policy, a command that is counted and one that is not.
all_have_pairs() {
	for tests in $(cd "$library" && find "./$part" -name '*.test.yaml' | sed 's|//*|/|g; s|^\./||' | sort); do
		[ "$(grep -cE "^(not )?ok .*$tests: live - " "$work/tap")" -ge 2 ] || { echo "$tests: fewer than two commands were run"; pairs=no; }
	done
	[ -z "${pairs-}" ]
}

only_these_are_skipped() {
	! grep '# SKIP' "$work/tap" | grep -v "$(may_skip)"
}

# Whatever ends a run, nothing stays: no pins, no folders, no cgroups.
left_by() { ls -d /sys/fs/bpf/tetra-test-* /tmp/tetra-test-* "$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)"/tetra-test-* 2>/dev/null; }

# A pod that sleeps under a policy, ended by the signal.
ended_by() { # signal
	mkdir "$work/sleepy"
	cp "$library/secrets/service-account-token.yaml" "$work/sleepy/policy.yaml"
	cat >"$work/sleepy/policy.test.yaml" <<EOT
tests:
- name: sleeps
  pod: {}
  private: [/run]
  run: touch $work/sleeps; sleep 50
  expect: {matches: 0}
EOT
	"$tetra" test --live "$work/sleepy" >"$work/slept" 2>&1 &
	sleeper=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		[ ! -e "$work/sleeps" ] || break
		sleep 1
	done
	[ -e "$work/sleeps" ] && left_by >/dev/null || { echo "it did not begin"; cat "$work/slept"; return 1; }
	kill "-$1" $sleeper
	wait $sleeper && { echo "it ended well"; return 1; }
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -n "$(left_by | grep -v '^/tmp')" ] || break
		sleep 0.5
	done
	left=$(left_by)
	[ "$1" != KILL ] || left=$(echo "$left" | grep -v '^/tmp')	# a folder may stay where nobody was left to remove it
	rm -rf "$work/sleepy" "$work/sleeps"
	[ -z "$left" ] || { echo "left: $left"; return 1; }
	! grep -al "touch $work/[s]leeps" /proc/[0-9]*/cmdline 2>/dev/null || { echo "the command goes on"; return 1; }
}

commands
test_that "each policy's commands were run" all_have_pairs
test_that "what was skipped cannot run on this kernel" only_these_are_skipped
test_that "nothing is left" sh -c "! ls -d /sys/fs/bpf/tetra-test-* /tmp/tetra-test-* 2>/dev/null"
test_that "nothing is left after Ctrl-C" ended_by INT
rm -rf /tmp/tetra-test-*
test_that "nothing is in force after a kill" ended_by KILL
rm -rf /tmp/tetra-test-*
finish
