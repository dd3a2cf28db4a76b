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
finish
