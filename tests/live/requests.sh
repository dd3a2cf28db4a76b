#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# GetUrl and DnsLookup, as the reader of events does them: a server of our own answers, or never does. TAP.
. "$(dirname "$0")/lib.sh"

port=$((20000 + $$ % 20000)) silent=$((port + 1)) closed=$((port + 2))
resolver=127.0.0.$((53 + $$ % 200))

# A server of these tests alone; it answers names, too, for readers whose /etc/resolv.conf says so.
"$tools/server" $port $silent $resolver >"$work/asked" 2>"$work/server.err" &
server=$!
trap 'kill $server; cleanup' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do
	grep -qs ready "$work/asked" && break
	sleep 0.2
done
grep -q ready "$work/asked" || skip_all "no server: $(head -n 1 "$work/server.err")"

# On getppid of our workload.
policy() { # actions
	head_of canary <<EOT
$(on_system_call 110)
      matchBinaries: [{operator: In, values: ["$tools/workload"]}]
      matchActions: [$1]
EOT
}

# A reader with these options, and what the events of so many calls ask for, until it has written all and waited.
read_events() { # calls, options of the reader...
	calls=$1
	shift
	: >"$work/events"
	${resolved-} "$tetra" getevents --root "$root" --event-types process_tracepoint "$@" >"$work/events" 2>"$work/events.err" &
	reader=$!
	sleep 1
	"$tools/workload" parents "$calls" || return 1
}

end_reader() {
	started=$(date +%s)
	kill -INT $reader
	wait $reader || { cat "$work/events.err"; return 1; }
	[ $(($(date +%s) - started)) -le 4 ] || { echo "the reader took its time"; return 1; }
}

# Waits until the server was asked so often.
becomes_asked() { # times, text
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(grep -c -e "$2" "$work/asked")" -lt "$1" ] || return 0
		sleep 0.3
	done
	echo "asked $(grep -c -e "$2" "$work/asked") times for $2:"
	cat "$work/asked" "$work/events"
	return 1
}

with_resolver() {
	echo "nameserver $resolver" >"$work/resolv.conf"
	exec unshare -m sh -c 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"' sh "$work/resolv.conf" "$@"
}

answered() {
	policy "{action: GetUrl, argUrl: \"http://localhost:$port/a b?c=1#d\"}, {action: DnsLookup, argFqdn: dns.canary.example}, {action: GetUrl, argUrl: \"http://127.0.0.1:$closed/\"}" |
		apply || return 1
	# Nobody asks who was not allowed to.
	read_events 1 && sleep 1 && end_reader || return 1
	[ "$(wc -l <"$work/asked")" = 1 ] || { cat "$work/asked"; return 1; }
	(with_resolver true) 2>"$work/unshare" || skip "$(head -n 1 "$work/unshare")"
	resolved=with_resolver
	read_events 1 --allow-requests 'LOCAL*,*.canary.example' || return 1
	resolved=
	becomes_asked 1 "^GET /a%20b?c=1 HTTP/1.1 Host: localhost:$port\$" && becomes_asked 1 '^DNS dns.canary.example$' || return 1
	sleep 1.2
	end_reader || return 1
	has_event '"failed":"1"' '"last":{"action":"GetUrl"' "\"url\":\"http://127.0.0.1:$closed/\"" '"error":"not_allowed"' &&
		no_event '"dropped"' && no_event '"unfinished"'
}

failures() {
	policy "{action: GetUrl, argUrl: \"http://127.0.0.1:$closed/\"}" | apply || return 1
	read_events 3 --allow-requests 127.0.0.1 && sleep 1.5 && end_reader || return 1
	has_event '"failed":"' '"error":"no_connection"'
}

# A flood, and a server that never answers: events are written, requests dropped and counted, and the reader ends at once.
flood() {
	policy "{action: GetUrl, argUrl: \"http://127.0.0.1:$silent/\"}" | apply || return 1
	read_events 2000 --allow-requests '*' && sleep 2 && end_reader || return 1
	[ "$(grep -c '"process_tracepoint"' "$work/events")" = 2000 ] || { tail -n 3 "$work/events"; return 1; }
	[ "$(grep -c '^silent' "$work/asked")" = 8 ] || { grep -c '^silent' "$work/asked"; return 1; }
	dropped=$(sed -n 's/.*"requests":{.*"dropped":"\([0-9]*\)".*/\1/p' "$work/events" | awk '{ sum += $1 } END { print sum + 0 }')
	unfinished=$(sed -n 's/.*"unfinished":"\([0-9]*\)".*/\1/p' "$work/events")
	[ "$dropped" = 1936 ] && [ "$unfinished" = 64 ] || { echo "dropped $dropped, unfinished $unfinished"; return 1; }
}

# What waits is asked although the reader is gone.
stopped() {
	policy "{action: GetUrl, argUrl: \"http://127.0.0.1:$port/last\"}" | apply || return 1
	read_events 40 --allow-requests '*' || return 1
	sleep 0.3
	kill -KILL $reader
	wait $reader 2>/dev/null
	becomes_asked 40 '^GET /last '
}

test_that "requests are made by a reader that may, of hosts that may be asked" answered
test_that "requests that fail are told" failures
test_that "a flood of requests is dropped, counted and told, and nobody waits for it" flood
test_that "what a killed reader has asked for is done" stopped
finish
