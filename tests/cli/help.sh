#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra help`, `tetra version`, and what every verb says of itself.  TAP.
. "$(dirname "$0")/lib.sh"

all=$("$tetra" help)
report $? 'help' "$all"
verbs=$(echo "$all" | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
for verb in check version help; do
	echo "$verbs" | grep -qx "$verb"; report $? "help lists $verb" "$verbs"
done
for verb in $verbs; do
	one=$("$tetra" help "$verb") && two=$("$tetra" "$verb" --help) && three=$("$tetra" "$verb" -h)
	code=$?
	[ $code -eq 0 ] && [ "$one" = "$two" ] && [ "$one" = "$three" ] && echo "$one" | grep -q "^tetra $verb"
	report $? "help $verb, $verb --help and $verb -h say the same" "$one
$two"
done
[ "$("$tetra")" = "$all" ]; report $? 'no verb: help'
[ "$("$tetra" --help)" = "$all" ]; report $? '--help'
"$tetra" version | grep -qE '^tetra [0-9]+\.[0-9]+\.[0-9]+'; report $? 'version'
[ "$("$tetra" --version)" = "$("$tetra" version)" ]; report $? '--version'
said=$("$tetra" nonsense 2>&1); [ $? -eq 2 ] && ! "$tetra" nonsense 2>/dev/null | grep -q .
report $? 'an unknown verb is a usage error, on standard error only' "$said"
said=$("$tetra" help nonsense 2>&1); [ $? -eq 2 ]; report $? 'help of an unknown verb' "$said"
said=$("$tetra" chec 2>&1); [ $? -eq 2 ]; report $? 'verbs have no short forms' "$said"
said=$("$tetra" version extra 2>&1); [ $? -eq 2 ]; report $? 'version takes no operand' "$said"
[ ! -w /dev/full ] || { "$tetra" help >/dev/full 2>/dev/null; [ $? -eq 3 ]; report $? 'a full disk is noticed'; }
finish
