#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Owners of sockets: TrackSock, UntrackSock and returnArgAction. TAP.
. "$(dirname "$0")/lib.sh"

# Tracks what connects; what is done when it is shut down is for the caller to say.
connects() { # action
	head_of connects <<EOT
  kprobes:
  - call: tcp_connect
    syscall: false
    args: [{index: 0, type: sock}]
    selectors:
    - matchActions: [{action: TrackSock, argSock: 0}]
  - call: tcp_sendmsg
    syscall: false
    args: [{index: 0, type: sock}, {index: 2, type: size_t}]
  - call: tcp_shutdown
    syscall: false
    args: [{index: 0, type: sock}]
    selectors:
    - matchActions: [$1]
EOT
}

# Tracks what is made, as Tetragon's examples do; what it knows is nothing to the other.
makes() {
	head_of makes <<'EOT'
  kprobes:
  - call: sk_alloc
    syscall: false
    return: true
    args: [{index: 1, type: int}]
    returnArg: {index: 0, type: sock}
    returnArgAction: TrackSock
    selectors:
    - matchArgs: [{index: 1, operator: Equal, values: ["2"]}]
      matchActions: [{action: NoPost}]
  - call: __sk_free
    syscall: false
    args: [{index: 0, type: sock}]
    selectors:
    - matchActions: [{action: UntrackSock, argSock: 0}, {action: NoPost}]
  - call: inet_csk_listen_start
    syscall: false
    args: [{index: 0, type: sock}]
EOT
}

# The process of the line on standard input, and who called; "-" when nobody else did.
who() {
	line=$(cat)
	caller=$(echo "$line" | sed -n 's/.*"caller":{[^}]*"pid":\([0-9]*\).*/\1/p')
	echo "$(echo "$line" | sed -n 's/^{"[a-z_]*":{"process":{[^}]*"pid":\([0-9]*\).*/\1/p') ${caller:--}"
}

event_of() { grep -F "\"policy_name\":\"$1\"" "$work/events" | grep -F "\"$2\"" | grep -F "${3-}" | sed -n "${4:-1}p" | who; }

is() { [ "$2" = "$3" ] || { echo "$1: $2, not $3"; cat "$work/events"; return 1; }; }

owners() { "$tetra" metrics --root "$root" | sed -n 's/^tetra_map_entries{map="socks"} //p'; }

# Of the process that connected are what a child sends, and what ends that; not what it sends then.
handed_over() {
	{ connects '{action: UntrackSock, argSock: 0}' && echo --- && makes; } | apply || return 1
	"$tools/workload" handover 9 || return 1
	"$tools/workload" listener || return 1
	events || return 1
	parent=$(event_of connects tcp_connect | cut -d' ' -f1)
	child=$(event_of connects tcp_shutdown | cut -d' ' -f2)
	[ -n "$parent" ] && [ -n "$child" ] && [ "$parent" != "$child" ] || { cat "$work/events"; return 1; }
	is "who connects" "$(event_of connects tcp_connect)" "$parent -" &&
		is "who sends" "$(event_of connects tcp_sendmsg '"size_arg":"1"')" "$parent $child" &&
		is "who shuts down" "$(event_of connects tcp_shutdown)" "$parent $child" &&
		is "who sends then" "$(event_of connects tcp_sendmsg '"size_arg":"2"')" "$child -" || return 1
	listens=$(event_of makes inet_csk_listen_start)
	[ "${listens#* }" != "-" ] && [ "${listens#* }" != "${listens% *}" ] || { cat "$work/events"; return 1; }
	no_event '"function_name":"sk_alloc"' && no_event '"function_name":"__sk_free"'
}

# Nobody says that the socket is gone: those who get its address are not about its owner.
address_of_another() {
	connects '{action: Post}' | apply || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10; do "$tools/workload" handover 9 || return 1; done
	before=$(owners)
	[ "$before" -gt 0 ] || { echo "owners: $before"; return 1; }
	"$tools/workload" sockets 900 || return 1
	events || return 1
	! grep -F '"size_arg":"3"' "$work/events" | grep -F '"caller"' || return 1
	[ "$(grep -cF '"size_arg":"3"' "$work/events")" -ge 900 ] || { echo "too few events"; return 1; }
	[ "$(owners)" -lt "$before" ] || { echo "no socket had such an address: owners: $(owners)"; return 1; }
}

test_that "events are about who owns the socket, and say who called" handed_over
test_that "an address that another socket has got has no owner" address_of_another
finish
