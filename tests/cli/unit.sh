#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The systemd units, as `make install-unit` installs them, are ones that systemd takes.  TAP.
. "$(dirname "$0")/lib.sh"

prefix=$scratch/usr
mkdir -p "$prefix/bin" && cp "$tetra" "$prefix/bin/tetra"
make -s -C "$project" install-unit PREFIX="$prefix" >out 2>&1
report $? 'the units are installed' "$(cat out)"
for name in tetra tetra-workloads; do
	unit=$prefix/lib/systemd/system/$name.service
	! grep -q '@' "$unit"
	report $? "$name: every place in it is filled in" "$(cat "$unit")"
	sed -n 's/^Exec[A-Za-z]*=//p' "$unit" | while read -r program verb rest; do
		[ -x "$program" ] || echo "$program"
		for word in $rest; do
			case $word in --*) "$program" "$verb" --help | grep -q -e "$word" || echo "$verb $word" ;; esac
		done
	done >wrong
	[ ! -s wrong ] && grep -q '^ExecStart=' "$unit"
	report $? "$name: its commands are ones that tetra has" "$(cat wrong)"
	if command -v systemd-analyze >/dev/null; then
		systemd-analyze verify --man=no "$unit" >out 2>&1 && [ ! -s out ]
		report $? "$name: systemd-analyze verify" "$(cat out)"
	else
		skip "$name: systemd-analyze verify" 'no systemd-analyze here'
	fi
done
finish
