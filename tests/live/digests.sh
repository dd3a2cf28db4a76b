#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Digests of IMA in events of LSM hooks. TAP.
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
	binprm forbidden "$refuse
$post"
}

# Kernels of before 5.11 have no such helpers; the others have all of it.
digests() { # name, options of apply; spec on standard input
	head_of "$1" >"$work/digests.yaml"
	shift
	kernel_is 5.10 || { apply "$@" <"$work/digests.yaml"; return; }
	apply "$@" <"$work/digests.yaml" && { echo "applied on a kernel without the helpers"; return 1; }
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

# Nobody must be able to keep the kernel busy with a file that has no end for the likes of us.
holes() {
	mkdir "$work/holes" && mount -t tmpfs holes "$work/holes" || return 1
	printf '#!/bin/true\n' >"$work/holes/large" && cp "$work/holes/large" "$work/holes/small" &&
		truncate -s 1000G "$work/holes/large" && truncate -s 32M "$work/holes/small" && chmod 755 "$work"/holes/* || return 1
	{
		echo '  lsmhooks:'
		hook bprm_check_security linux_binprm
		binprm holes/large "$post"
		binprm holes/small "$post"
	} | digests digests || return 1
	is_refused && return
	"$work/holes/large" && "$work/holes/small" && events || return 1
	has_event "\"path\":\"$work/holes/large\"" '"ima_hash_unknown":"too_large"' && no_event "\"path\":\"$work/holes/large\"" '"ima_hash":' &&
		has_event "\"path\":\"$work/holes/small\"" "\"ima_hash\":\"sha256:$(sha256sum "$work/holes/small" | cut -d ' ' -f 1)\""
}
with_holes() {
	holes
	status=$?
	umount "$work/holes" 2>/dev/null
	return $status
}
test_that "digests: a file that is too large to be read is not, and the event says so" with_holes

# The program for kernels that have no helper but the one that computes nothing. Newer ones have that helper, too, so that the program
# can be chosen. What IMA measures cannot be taken back before the next boot: only files of a user who has no others, and in a machine
# of the tests' own.
measured() {
	[ -n "${TETRA_VM_KERNEL-}" ] || skip "would change what IMA measures until this machine is booted again"
	for name in measured unmeasured; do
		cp "$tools/target" "$work/$name"
		# Not of the same contents as the other: a digest must be this file's.
		echo $name >>"$work/$name"
	done
	chown 4242 "$work/measured"
	{
		echo '  lsmhooks:'
		for place in bprm_check_security bprm_committed_creds; do
			hook $place linux_binprm
			binprm measured "$post"
			binprm unmeasured "$post"
		done
	} | digests digests --attach=lsm_measured || return 1
	is_refused && return
	"$tetra" list --root "$root" >"$work/list"
	grep -q 'bprm_check_security.* lsm_measured ' "$work/list" || { cat "$work/list"; return 1; }
	"$work/measured" >/dev/null 2>&1
	events || return 1
	has_event "\"path\":\"$work/measured\"" '"ima_hash_unknown":"unavailable"' && no_event '"ima_hash":' || return 1

	echo 'measure func=BPRM_CHECK mask=MAY_EXEC fowner=4242' >/sys/kernel/security/ima/policy || return 1
	"$tetra" getevents --root "$root" --no-follow >/dev/null
	for name in measured measured unmeasured; do "$work/$name" >/dev/null 2>&1; done
	events || return 1
	sum=$(sha256sum "$work/measured" | cut -d ' ' -f 1)
	# IMA measures behind the first of the two hooks: that has the digest as soon as the file was executed before.
	for place in bprm_check_security bprm_committed_creds; do
		has_event "\"function_name\":\"$place\"" "\"path\":\"$work/measured\"" "\"ima_hash\":\"sha256:$sum\"" &&
			has_event "\"function_name\":\"$place\"" "\"path\":\"$work/unmeasured\"" '"ima_hash_unknown":"unavailable"' || return 1
	done
	no_event "\"path\":\"$work/unmeasured\"" '"ima_hash":' || return 1
	[ "$(grep -c '"ima_hash":' "$work/events")" = 3 ] || { grep '"ima_hash' "$work/events"; return 1; }
}
test_that "digests: what the policy of IMA has measured, by the program for kernels that compute none (lsm_measured)" measured
finish
