#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Paths that the kernel tells programs are those that a walk through its memory finds, also of files that are in no ordinary place, and
# filters on them let the same through. Each is asked for twice, at one place: by a program that is told, and by a kprobe, which walks. TAP.
. "$(dirname "$0")/lib.sh"

# A policy on one hook; its filter on the path is on standard input.
watch() { # name of the policy, section, what hooks are called there, name of the hook, type of its first argument
	cat <<EOT
---
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: $1
spec:
  $2:
  - $3: $4
$([ "$2" = lsmhooks ] || echo '    syscall: false')
    args:
    - index: 0
      type: $5
    selectors:
    - matchBinaries:
      - operator: In
        values: ["$tools/opened"]
EOT
	cat
}

# The arguments of the events of a policy, in their order.
arguments_of() { # name of the policy
	grep -F "\"policy_name\":\"$1\"" "$work/events" | sed 's/.*"args":\(\[[^]]*\]\).*/\1/'
}

is_told() { "$tetra" probe -o json | grep -q '"told-paths":"works"' || kernel_is 6.1 || kernel_is 6.12 || kernel_is 7.x; }

# What both ways tell must be the same, and as many as that.
told_as_walked() { # section, name of hooks, hook, function, type, how many at least; the filter on standard input
	is_told || skip "this kernel tells programs no paths (bpf_d_path), or has no kprobes to hold them against"
	cat >"$work/filter"
	{
		watch told "$1" "$2" "$3" "$5" <"$work/filter"
		watch walked kprobes call "$4" "$5" <"$work/filter"
	} | apply --attach kprobe || return 1
	rm -rf "$work/below"
	"$tools/opened" "$work/below" >"$work/did" || { tail -n 1 "$work/did"; return 1; }
	wait=3 events || return 1
	arguments_of told >"$work/told"
	arguments_of walked >"$work/walked"
	echo "$(wc -l <"$work/told") were told, $(wc -l <"$work/walked") walked"
	cmp "$work/told" "$work/walked" || { diff "$work/told" "$work/walked" | cut -c 1-300; return 1; }
	[ "$(wc -l <"$work/told")" -ge "$6" ]
}

everything() { told_as_walked "$@" </dev/null; }
filtered() { # operator, values, then as told_as_walked
	operator=$1 values=$2
	shift 2
	cat <<EOT | told_as_walked "$@"
      matchArgs:
      - index: 0
        operator: $operator
        values: [$values]
EOT
}

# A file whose folders are renamed all the time, but which is never out of those that are forbidden.
renamed() {
	is_told || skip "this kernel tells programs no paths (bpf_d_path)"
	mkdir -p "$work/always/one/moved" "$work/always/two" && echo secret >"$work/always/one/moved/secret" && touch "$work/always/other" || return 1
	cat <<EOT | apply || return 1
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: always
spec:
  lsmhooks:
  - hook: file_open
    args:
    - index: 0
      type: file
    selectors:
    - matchArgs:
      - index: 0
        operator: Prefix
        values: ["$work/always/one/", "$work/always/two/"]
      matchActions:
      - action: Override
        argError: -1
      - action: NoPost
EOT
	"$tools/renames" "$root" "$work/always" "${TETRA_SECONDS:-6}"
}

resident
test_that "a file: fentry" everything fentries call security_file_open security_file_open file 60
test_that "a file: LSM hook" everything lsmhooks hook file_open security_file_open file 60
test_that "a path: fentry" everything fentries call security_path_truncate security_path_truncate path 3
test_that "a program: LSM hook" everything lsmhooks hook bprm_check_security security_bprm_check linux_binprm 3
test_that "a file, or none: LSM hook" everything lsmhooks hook mmap_file security_mmap_file file 3
test_that "a file, or none, by its end: LSM hook" filtered Postfix '"/plain"' lsmhooks hook mmap_file security_mmap_file file 2
test_that "a file, or none, by its beginning: LSM hook" filtered Prefix "\"$work/below/\"" lsmhooks hook mmap_file security_mmap_file file 2
test_that "a file by its end: LSM hook" filtered Postfix '"/file", "plain", "(deleted)"' lsmhooks hook file_open security_file_open file 8
test_that "a file by its end, which names alone tell: LSM hook" filtered Postfix '"/inside", "plain", "b"' lsmhooks hook file_open security_file_open file 4
test_that "a file by its beginning: LSM hook" filtered Prefix "\"$work/below/d/\", \"/proc/\"" lsmhooks hook file_open security_file_open file 2
test_that "a file by its beginning: fentry" filtered Prefix "\"$work/below/d/\", \"/proc/\"" fentries call security_file_open security_file_open file 2
for folder in d mount; do
	test_that "a file in one folder, below/$folder: LSM hook" filtered Prefix "\"$work/below/$folder/\"" lsmhooks hook file_open security_file_open file 0
done
test_that "files of a mount: LSM hook" filtered Prefix '"/proc/"' lsmhooks hook file_open security_file_open file 1
test_that "files of a mount, or of other folders: fentry" filtered Prefix '"/proc/", "/1/", "/2/", "/3/", "/4/", "/5/"' fentries call security_file_open security_file_open file 1
test_that "files of many folders: LSM hook" filtered Prefix "\"$work/below/d/\", \"/1/2/3/4/\", \"/1/2/3/5/\", \"/1/2/3/6/\", \"/1/2/3/7/\", \"/1/2/3/8/\"" \
	lsmhooks hook file_open security_file_open file 1
test_that "a program in a folder: LSM hook" filtered Prefix "\"$work/below/\"" lsmhooks hook bprm_check_security security_bprm_check linux_binprm 1
test_that "one file: fentry" filtered Equal "\"$work/below/plain\", \"/inside\"" fentries call security_file_open security_file_open file 2
test_that "not one file: LSM hook" filtered NotEqual "\"$work/below/plain\", \"/inside\"" lsmhooks hook file_open security_file_open file 40
test_that "a path by its beginning: fentry" filtered Prefix "\"$work/below/\"" fentries call security_path_truncate security_path_truncate path 3
test_that "nothing gets through while folders are renamed: LSM hook" renamed
finish
