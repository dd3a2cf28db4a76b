#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The systemd unit, as `make install-unit` installs it, is one that systemd takes.  TAP.
. "$(dirname "$0")/lib.sh"

prefix=$scratch/usr
mkdir -p "$prefix/bin" && cp "$tetra" "$prefix/bin/tetra"
make -s -C "$project" install-unit PREFIX="$prefix" >out 2>&1
report $? 'the unit is installed' "$(cat out)"
unit=$prefix/lib/systemd/system/tetra.service
! grep -q '@' "$unit"
report $? 'every place in it is filled in' "$(cat "$unit")"
sed -n 's/^Exec[A-Za-z]*=//p' "$unit" | while read -r program verb rest; do
	[ -x "$program" ] || echo "$program"
	for word in $rest; do
		case $word in --*) "$program" "$verb" --help | grep -q -e "$word" || echo "$verb $word" ;; esac
	done
done >wrong
[ ! -s wrong ] && [ "$(grep -c '^Exec' "$unit")" -eq 3 ]
report $? 'its commands are ones that tetra has' "$(cat wrong)"
if command -v systemd-analyze >/dev/null; then
	systemd-analyze verify --man=no "$unit" >out 2>&1 && [ ! -s out ]
	report $? 'systemd-analyze verify' "$(cat out)"
else
	skip 'systemd-analyze verify' 'no systemd-analyze here'
fi
finish
