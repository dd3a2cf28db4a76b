# SPDX-License-Identifier: Apache-2.0
# Reads what a test program printed (TAP, or cmocka's dialect of it) and prints one row per finding, columns parted
# by tabs: "ok|not ok|skip NAME REASON" for a test, "#  TEXT" for a line printed after a test that failed, and
# "broken REASON" when the output as a whole proves nothing. -v status= is the program's exit status or what ended it.

function row(kind, a, b) {
	gsub(/\t/, " ", a)
	gsub(/\t/, " ", b)
	print kind "\t" a "\t" b
}

function broken(reason) {
	if (!complaint)
		complaint = reason
}

{ sub(/\r$/, "") }

/^TAP version / || /^[[:space:]]*$/ { next }

# Several plans add up: cmocka prints one for each group of a program.
/^1\.\.[0-9]+/ {
	planned += substr($1, 4)
	plans++
	if ($1 == "1..0" && match($0, /# *SKIP */)) {
		row("skip", "all", substr($0, RSTART + RLENGTH))
		skipped_all = 1
	}
	failing = 0
	next
}

/^(not )?ok( |$)/ {
	count++
	kind = /^ok/ ? "ok" : "not ok"
	failing = kind == "not ok"
	name = $0
	sub(/^(not )?ok */, "", name)
	sub(/^[0-9]+ */, "", name)
	sub(/^- */, "", name)
	reason = ""
	if (match(name, /(^| )# *[Ss][Kk][Ii][Pp][^ ]* */)) {
		kind = "skip"
		failing = 0
		reason = substr(name, RSTART + RLENGTH)
		name = substr(name, 1, RSTART - 1)
		if (name == "") {	# cmocka has no reasons, and the name in their place
			name = reason
			reason = "skip()"
		}
	}
	gsub(/\\#/, "#", name)
	if (kind == "not ok")
		failures++
	row(kind, name == "" ? "test " count : name, reason)
	next
}

/^Bail out!/ { broken($0) }

failing { row("#", $0) }

END {
	if (status !~ /^[0-9]+$/)
		broken(status)
	else if (status >= 128 && status <= 192)
		broken("killed by signal " status - 128)
	else if (status != 0 && !failures)
		broken("exit status " status " without a failing test")
	if (!plans)
		broken("no plan")
	else if (planned != count + 0)
		broken(planned " tests planned, " count + 0 " ran")
	else if (!count && !skipped_all)
		broken("no tests")
	if (complaint)
		row("broken", complaint)
}
