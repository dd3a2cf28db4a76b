# SPDX-License-Identifier: Apache-2.0
# TAP for the scripts that run in the machine. Each says how many tests it had: the plans add up.
count=0 failed=0
test_that() { # name command...
	name=$1
	shift
	count=$((count + 1))
	if ("$@") >/run/said 2>&1; then
		echo "ok - $name"
	else
		failed=1
		echo "not ok - $name"
		head -n 40 /run/said | sed 's/^/# /'
	fi
}
plan() { echo "1..$count"; }

# /etc/secret is what the policies refuse.
refused() {
	! cat /etc/secret >/run/cat 2>&1 && grep -q 'Operation not permitted' /run/cat || { echo "not refused:"; cat /run/cat; return 1; }
}
allowed() { cat /etc/secret || return 1; }
