#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which capabilities tetra needs, and what those without them cannot do to it: the claims of docs/threat-model.md. TAP.
. "$(dirname "$0")/lib.sh"
command -v setpriv >/dev/null || skip_all "needs setpriv"
command -v unshare >/dev/null || skip_all "needs unshare"

head_of raw <<EOT >"$work/raw.yaml"
$(on_system_call 999)
      matchActions:
      - action: Signal
        argSig: 10
EOT
cp "$tetra" "$tools/workload" "$work" && chmod 755 "$work" "$work/tetra" "$work/workload" && chmod 644 "$work/raw.yaml"

with_only() { # capabilities, "+bpf,+perfmon", command...
	only=$1
	shift
	setpriv --bounding-set="-all${only:+,$only}" --inh-caps=-all "$@"
}
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all "$@"; }
# Root of a container as such programs start it by default: user 0, but few capabilities.
contained='+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap'

applied() { "$tetra" apply --root "$root" "$work/raw.yaml" >/dev/null; }
in_force() {
	got=$("$work/workload" signalled 998 999)
	[ "$got" = 999 ] || { echo "signalled by '$got'"; return 1; }
}
refused() { # text, command...
	text=$1
	shift
	status=0
	"$@" >"$work/out" 2>&1 || status=$?
	cat "$work/out"
	[ $status -ne 0 ] && grep -q -e "$text" "$work/out"
}

two_are_enough() {
	with_only +bpf,+perfmon "$tetra" apply --root "$root" "$work/raw.yaml" && in_force &&
		with_only +bpf,+perfmon "$tetra" list --root "$root" | grep -q '^  raw ' &&
		with_only +bpf,+perfmon "$tetra" getevents --root "$root" --since-start --timeout 1 >"$work/events" &&
		grep -q '"policy_name":"raw"' "$work/events" &&
		with_only "" "$tetra" delete --root "$root" --all && [ ! -e "$root" ]
}
test_that "CAP_BPF and CAP_PERFMON are enough to apply, list, read and delete" two_are_enough
test_that "without CAP_PERFMON: refused, and says what is needed" refused 'with CAP_BPF and CAP_PERFMON' \
	with_only +bpf "$tetra" apply --root "$root" "$work/raw.yaml"
test_that "without CAP_BPF: refused, and says what is needed" refused 'with CAP_BPF and CAP_PERFMON' \
	with_only +perfmon "$tetra" apply --root "$root" "$work/raw.yaml"

# Tracepoints are looked up in tracefs, which somebody with CAP_SYS_ADMIN must have mounted.
head_of tracepoint <<EOT >"$work/tracepoint.yaml"
  tracepoints:
  - subsystem: sched
    event: sched_process_exit
EOT
tracepoints() {
	with_two="setpriv --bounding-set=-all,+bpf,+perfmon --inh-caps=-all"
	unshare -m sh -c 'mount -t tracefs none /sys/kernel/tracing && shift && exec "$@"' - - $with_two \
		"$tetra" apply --root "$root" "$work/tracepoint.yaml" >"$work/out" 2>&1 && return
	cat "$work/out"
	[ -n "${TETRA_VM_KERNEL-}" ] && ! kernel_is 5.10 || skip "$(tail -n 1 "$work/out")"
	return 1
}
test_that "tracepoints with CAP_BPF and CAP_PERFMON, where tracefs is mounted" tracepoints
no_tracefs() {
	unshare -m sh -c 'umount -a -t tracefs 2>/dev/null; umount -a -t debugfs 2>/dev/null; exec "$@"' - \
		setpriv --bounding-set=-all,+bpf,+perfmon --inh-caps=-all "$tetra" apply --root "$root" "$work/tracepoint.yaml" >"$work/out" 2>&1 &&
		{ echo "applied"; return 1; }
	cat "$work/out"
	grep -q "tracefs.*CAP_SYS_ADMIN" "$work/out"
}
test_that "tracepoints without tracefs and CAP_SYS_ADMIN: refused, and says so" no_tracefs

# A process of somebody else that ran before: its program cannot be read from /proc without CAP_SYS_PTRACE; the kernel finds out.
others_program() {
	sed "s|      matchActions:|      matchBinaries:\n      - operator: In\n        values: [\"$work/workload\"]\n      matchActions:|" \
		"$work/raw.yaml" >"$work/binary.yaml"
	mkfifo "$work/fifo" && chmod 666 "$work/fifo" || return 1
	nobody "$work/workload" wait "$work/fifo" signalled 998 999 >"$work/got" &
	pid=$!
	sleep 0.5
	with_only +bpf,+perfmon "$tetra" apply --root "$root" "$work/binary.yaml" || return 1
	: >"$work/fifo"
	wait $pid
	[ "$(cat "$work/got")" = 999 ] || { echo "signalled by '$(cat "$work/got")'"; return 1; }
}
test_that "matchBinaries of another user's process that ran before, without CAP_SYS_PTRACE" others_program

# ---- Without root ----

private() {
	applied || return 1
	find "$root" -type d \( ! -user 0 -o -perm /077 \) | grep . && return 1
	find "$root" -type f \( ! -user 0 -o -perm /077 \) | grep . && return 1
	! nobody ls "$root" 2>/dev/null && ! nobody cat "$root/maps/image_area" 2>/dev/null
}
test_that "pins and their folders are root's alone" private

user_cannot() { # verb...
	applied || return 1
	refused 'needs root\|Permission denied' nobody "$work/tetra" "$@" && in_force
}
test_that "a user cannot list" user_cannot list --root "$root"
test_that "a user cannot read events" user_cannot getevents --root "$root" --timeout 1
test_that "a user cannot delete" user_cannot delete --root "$root" --all
test_that "a user cannot apply" user_cannot apply --root "$root" "$work/raw.yaml"

user_namespace() {
	applied || return 1
	nobody unshare -Urm true 2>/dev/null || skip "users have no user namespaces here"
	for verb in "delete --root $root --all" "apply --root $root $work/raw.yaml" "list --root $root"; do
		# shellcheck disable=SC2086
		! nobody unshare -Urm "$work/tetra" $verb >"$work/out" 2>&1 || { echo "could: $verb"; return 1; }
		cat "$work/out"
	done
	! nobody unshare -Urm rm -rf "$root/links" 2>/dev/null && in_force
}
test_that "nor as root of a user namespace of theirs" user_namespace

bound() {
	applied || return 1
	got=$(nobody "$work/workload" signalled 998 999)
	[ "$got" = 999 ] || { echo "signalled by '$got'"; return 1; }
	! nobody unshare -Ur true 2>/dev/null && return
	got=$(nobody unshare -Urmpf "$work/workload" signalled 998 999)
	[ "$got" = 999 ] || { echo "in namespaces of their own: signalled by '$got'"; return 1; }
}
test_that "policies bind users, in namespaces of their own, too" bound

# Whoever made the folder before root did is not trusted with it.
squatted() {
	mkdir "$root" && chown 65534 "$root" || return 1
	refused 'can be written by others than root' "$tetra" apply --root "$root" "$work/raw.yaml"
	status=$?
	rmdir "$root"
	return $status
}
test_that "a pin folder that somebody made in advance is refused" squatted

# ---- Root in a container ----

container() { # command...
	unshare -mpf sh -c 'umount -l /sys/fs/bpf; shift; exec "$@"' - - \
		setpriv --bounding-set="-all,$contained" --inh-caps=-all "$@"
}
container_cannot() {
	applied || return 1
	container mount -t bpf bpf /sys/fs/bpf 2>/dev/null && { echo "mounted a bpf file system"; return 1; }
	container "$work/tetra" apply "$work/raw.yaml" >"$work/out" 2>&1 && { echo "applied"; return 1; }
	container "$work/tetra" delete --root "$root" --all >"$work/out" 2>&1
	in_force
}
test_that "root in a container cannot load programs, mount bpffs or remove policies" container_cannot

container_bound() {
	applied || return 1
	got=$(container "$work/workload" signalled 998 999)
	[ "$got" = 999 ] || { echo "signalled by '$got'"; return 1; }
}
test_that "policies bind root in a container" container_bound

# Why docs/threat-model.md says that /sys/fs/bpf is not to be mounted into containers.
given_bpffs() {
	applied || return 1
	setpriv --bounding-set="-all,$contained" --inh-caps=-all rm -r "$root/links" || return 1
	got=$("$work/workload" signalled 998 999)
	[ -z "$got" ] || { echo "still in force: '$got'"; return 1; }
}
test_that "root in a container that was given /sys/fs/bpf can remove the pins" given_bpffs
finish
