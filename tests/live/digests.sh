#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Digests of IMA in events of LSM hooks, and that the program that sleeps for them holds up nobody. TAP.
. "$(dirname "$0")/lib.sh"

# Copies of a program: by their contents all the same, by their paths not.
for name in allowed forbidden; do
	cp "$tools/target" "$work/$name"
done
sum=$(sha256sum "$work/allowed" | cut -d ' ' -f 1)

binprm() { # name of the file, actions
	cat <<EOT
    - matchArgs:
      - index: 0
        operator: Equal
        values: ["$work/$1"]
      matchActions:
$2
EOT
}
post='      - action: Post
        imaHash: true'
refuse='      - action: Override
        argError: -1'

hook() { # name, type
	cat <<EOT
  - hook: $1
    args:
    - index: 0
      type: $2
    selectors:
EOT
}

programs() {
	echo '  lsmhooks:'
	hook bprm_check_security linux_binprm
	binprm allowed "$post"
	binprm sparse "$post"
	binprm forbidden "$refuse
$post"
}

# Kernels of before 5.11 have no such helpers; the others have all of it.
digests() { # name; spec on standard input
	kernel_is 5.10 || { head_of "$1" | apply; return; }
	head_of "$1" | apply && { echo "applied on a kernel without the helpers"; return 1; }
	cat "$work/applied"
	grep -q 'has no integrity measurement\|has no helper that' "$work/applied" || return 1
	echo refused >"$work/refused"
}

is_refused() { [ -e "$work/refused" ] && rm "$work/refused"; }

all_hooks() {
	{
		programs
		hook bprm_committed_creds linux_binprm
		binprm allowed "$post"
		hook mmap_file file
		binprm allowed "$post"
		hook file_open file
		binprm allowed "$post"
	} | digests digests || return 1
	is_refused && return
	"$work/allowed" >/dev/null 2>&1
	"$work/forbidden" >/dev/null 2>&1 && { echo "it was not refused"; return 1; }
	cat "$work/allowed" >/dev/null
	events || return 1
	for place in bprm_check_security bprm_committed_creds mmap_file; do
		has_event "\"function_name\":\"$place\"" "\"path\":\"$work/allowed\"" "\"ima_hash\":\"sha256:$sum\"" || return 1
	done
	has_event '"function_name":"bprm_check_security"' "\"path\":\"$work/forbidden\"" "\"ima_hash\":\"sha256:$sum\"" \
		'"action":"KPROBE_ACTION_' '"enforcement":"enforced"' || return 1
	# IMA cannot read a file that is still being opened.
	has_event '"function_name":"file_open"' '"ima_hash_unknown":"unavailable"' && no_event '"function_name":"file_open"' '"ima_hash":' &&
		no_event '"function_name":"bprm_check_security"' '"ima_hash_unknown"'
}
test_that "digests: of programs, of one that was refused, of what is mapped; of what IMA cannot read the event says so" all_hooks

# More than there is working memory for, all reading a file of zeros that has no end for the likes of us. Nothing can stop them, they go
# with the machine. Who has not got through the hook is still this shell.
sleepers=20
still_in_it() {
	count=0
	for process in $processes; do
		[ "$(readlink "/proc/$process/exe")" != "$(readlink /proc/$$/exe)" ] || count=$((count + 1))
	done
	echo $count
}
sleeping() {
	[ -n "${TETRA_VM_KERNEL-}" ] || skip "leaves processes behind that cannot be stopped: only for a test machine"
	printf '#!/bin/true\n' >"$work/sparse"
	truncate -s 1T "$work/sparse"
	chmod 755 "$work/sparse"
	programs | digests digests || return 1
	is_refused && return
	processes=''
	for _ in $(seq $sleepers); do
		"$work/sparse" &
		processes="$processes $!"
		renice 19 $! >/dev/null
	done
	for mode in monitor enforce monitor enforce; do
		"$tetra" mode --root "$root" --set $mode digests || return 1
		[ $mode = monitor ] && continue
		for _ in $(seq 30); do
			"$work/forbidden" >/dev/null 2>&1 && { echo "it was not refused"; return 1; }
		done
	done
	still=$(still_in_it)
	echo "in IMA after four swaps: $still"
	[ "$still" = $sleepers ] || { echo "some got through: they show nothing"; return 1; }
	"$tetra" list -o json --root "$root" >"$work/list"
	grep -q '"scratch_busy":[^0]' "$work/list" && { cat "$work/list"; return 1; }
	return 0
}
test_that "digests: $sleepers programs that sleep in IMA hold up neither swaps nor enforcement" sleeping
sed 's/^/# /' "$work/said" | grep 'in IMA'
finish
