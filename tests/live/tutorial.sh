#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pages of the tutorial on the running kernel, with their commands for root: tests/tutorial/run, which elsewhere skips these. TAP.
. "$(dirname "$0")/lib.sh"

grep -qw bpf /sys/kernel/security/lsm 2>/dev/null || skip_all 'the kernel has no BPF LSM: no "bpf" in /sys/kernel/security/lsm'
[ ! -e /opt/tetra-tutorial ] || skip_all "/opt/tetra-tutorial is there already"

# Test machines have busybox alone, and the pages' programs beside it.
pages=$project
if [ -d "$here/tutorial" ]; then
	pages=$here/tutorial
	for program in "$here"/root/usr/bin/* "$pages"/bin/*; do rm -f "/usr/bin/${program##*/}" && cp -P "$program" /usr/bin/ || exit 1; done
	[ -e /etc/hostname ] || hostname >/etc/hostname
fi

before=$(settled_state)
TETRA=$tetra "$pages/tests/tutorial/run" docs/tutorial/egress.md docs/tutorial/secrets.md docs/tutorial/web-shell.md >"$work/tap" 2>&1 || failed=1
grep -v '^1\.\.' "$work/tap"
number=$(grep -cE '^(not )?ok ' "$work/tap")
test_that "the pages' commands for root were run" sh -c "! grep '# SKIP' '$work/tap'"
test_that "nothing of the pages is left" becomes_state "$before"
finish
