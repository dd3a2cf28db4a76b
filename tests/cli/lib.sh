# SPDX-License-Identifier: Apache-2.0
# For the tests of the verbs: a scratch folder to be in, TAP, and commands with the exit code and text they must give.
# TETRA: the binary.  A test that must not run as root uses as_user.

cd "$(dirname "$0")/../.." || exit 1
project=$PWD
tetra=$(realpath "${TETRA:-build/tetra}")
base=$(mktemp -d) || exit 1
scratch=$base/scratch
root=/sys/fs/bpf/tetra-cli-$$
number=0 failed=0

# Pins are removed where any were made; only root could.
cleanup() {
	[ ! -e "$root" ] || "$tetra" delete --all --root "$root"
	chmod -R u+rwx "$base"
	rm -rf "$base"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
mkdir "$scratch"
cd "$scratch" || exit 1

report() { # 0 or 1, name, [why]
	number=$((number + 1))
	[ "$1" -eq 0 ] && { echo "ok $number - $2"; return; }
	failed=1
	echo "not ok $number - $2"
	[ -z "${3-}" ] || echo "$3" | head -20 | sed 's/^/# /'
}

skip() { # name, reason
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# expect NAME CODE PATTERN COMMAND...: the exit code, and a line of the output (both streams) that matches.
expect() {
	name=$1 want=$2 pattern=$3
	shift 3
	"$@" >out 2>err
	code=$?
	if [ "$code" -ne "$want" ]; then
		report 1 "$name" "exit code $code, not $want: $(cat out err)"
	else
		cat out err | grep -qE -- "$pattern"
		report $? "$name" "nothing like '$pattern' in: $(cat out err)"
	fi
}

# A policy on standard output that is fine wherever the kernel is not asked.
policy() { # name
	printf 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: %s}\n' "$1"
	printf 'spec: {lsmhooks: [{hook: file_open}]}\n'
}

# The command as an ordinary user, who may read the scratch folder and has a copy of the binary: $user_tetra.
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$base"
	user_tetra=$base/tetra
	cp "$tetra" "$user_tetra"
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
else
	user_tetra=$tetra
	as_user() { "$@"; }
fi

finish() {
	echo "1..$number"
	exit $failed
}
