# SPDX-License-Identifier: Apache-2.0
# What is wrong with metrics in Prometheus' text format, by the rules of the format and of `promtool check metrics`; node_exporter's textfile
# collector wants no times of samples. Says each fault; the status is 1 when there is one.
function fault(text) { print FILENAME ":" NR ": " text; bad = 1 }
function is_name(text) { return text ~ /^[a-zA-Z_:][a-zA-Z0-9_:]*$/ }

# The labels of a sample are taken off the front of `rest`; it stays what is behind them.
function read_labels(   label, value) {
	rest = substr(rest, 2)
	while (rest !~ /^[}]/) {
		if (!match(rest, /^[a-zA-Z_][a-zA-Z0-9_]*="/)) { fault("no label: " rest); return }
		label = substr(rest, 1, RLENGTH - 2)
		if (label ~ /^__/) fault("label '" label "' is reserved")
		if ((NR, label) in labels) fault("label '" label "' is there twice")
		labels[NR, label] = 1
		rest = substr(rest, RLENGTH + 1)
		if (!match(rest, /^([^"\\]|\\\\|\\"|\\n)*"/)) { fault("no value of a label: " rest); return }
		rest = substr(rest, RLENGTH + 1)
		if (rest ~ /^,/) rest = substr(rest, 2)
		else if (rest !~ /^[}]/) { fault("neither , nor } behind a label: " rest); return }
	}
	rest = substr(rest, 2)
}

/^# HELP / {
	family = $3
	if (family in help) fault("family '" family "' is there twice")
	if (NF < 4) fault("no help of '" family "'")
	help[family] = 1
	next
}
/^# TYPE / {
	if ($3 != family) fault("the type of '" $3 "' is not behind its help")
	if ($3 in type) fault("the type of '" $3 "' is there twice")
	type[$3] = $4
	if (!is_name($3) || $3 !~ /^tetra_/) fault("'" $3 "' is no name of a metric of ours")
	if ($4 == "counter" && $3 !~ /_total$/) fault("counter '" $3 "' does not end in _total")
	if ($4 == "gauge" && $3 ~ /_(total|count|sum|bucket)$/) fault("gauge '" $3 "' has the name of another type")
	if ($4 != "counter" && $4 != "gauge") fault("type '" $4 "'")
	if ($3 ~ /(_ms|_milliseconds|_minutes|_hours|_kb|_kilobytes|_kib|_megabytes|_percent)(_total)?$/) fault("'" $3 "' is not in base units")
	if ($3 ~ /(counter|gauge|histogram|summary)/) fault("'" $3 "' says its type")
	next
}
/^#/ { fault("a comment that is neither HELP nor TYPE"); next }
/^$/ { fault("an empty line"); next }
{
	name = $0
	sub(/[{ ].*/, "", name)
	rest = substr($0, length(name) + 1)
	if (name != family) fault("a sample of '" name "' among those of '" family "'")
	if (!(name in type)) fault("a sample of '" name "', which has no type")
	if (rest ~ /^[{]/) read_labels()
	if (rest !~ /^ [0-9]+$/) fault("not one whole number: '" rest "'")
	key = $0
	sub(/ [^ ]*$/, "", key)
	if (key in samples) fault("a sample is there twice: " key)
	samples[key] = 1
}
END {
	for (name in help) if (!(name in type)) fault("'" name "' has no type")
	if (!NR) fault("nothing is there")
	exit bad
}
