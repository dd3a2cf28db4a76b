# SPDX-License-Identifier: Apache-2.0
# Turns what tap.awk found in one kernel's job.log into TAP for that kernel, every name with the kernel in front, and
# ends with the test "job completes". -v kernel= names it, -v release= and -v seconds= say more, -v tail= is a file with
# the lines to show when the job did not complete. Numbers and plan are the caller's: the lines are without them.

BEGIN {
	FS = "\t"
	print "# " kernel ": " (release == "" ? "no kernel" : release) (seconds == "" ? "" : ", " seconds " s")
}

$1 == "ok" { print "ok - " kernel ": " $2 }
$1 == "skip" { print "ok - " kernel ": " $2 " # SKIP " $3 }
$1 == "not ok" { print "not ok - " kernel ": " $2 }
$1 == "#" { print ($2 ~ /^#/ ? "" : "# ") $2 }
$1 == "broken" { complaint = $2 }

END {
	if (complaint == "") {
		print "ok - " kernel ": job completes"
		exit
	}
	print "not ok - " kernel ": job completes"
	print "# " complaint
	while ((getline line < tail) > 0)
		print "# " line
}
