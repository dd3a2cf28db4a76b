#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Overrides of functions of user programs that assign registers, or let calls go on elsewhere: from YAML to what the program then does.
# Kernels that let no program change registers refuse them, and say so. TAP.
. "$(dirname "$0")/lib.sh"

target=$tools/target
where=$("$target" where)
word_of() { echo "$where" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
[ "$(uname -m)" = x86_64 ] || skip_all "the registers are those of x86-64"

hook() { # symbols; "MORE"; then selectors as "NUMBER: ACTION, ACTION"
	printf '  - path: %s\n    symbols: [%s]\n    args: [{index: 0, type: int64}]\n%s    selectors:\n' "$target" "$1" "$2"
	shift 2
	for selector in "$@"; do
		printf '    - matchArgs: [{index: 0, operator: Equal, values: ["%s"]}]\n      matchActions: [%s]\n' "${selector%%: *}" "${selector#*: }"
	done
}
assign() { printf '{action: Override, argRegs: [%s]%s}' "$1" "${2-}"; }
monitor='  options: [{name: policy-mode, value: monitor}]'

can_override() { # name, policy on standard input; skips where no kernel could, never on 7.x
	head_of "$1" | apply && return
	! kernel_is 7.x && grep -q 'has no way for BPF to change the registers of a program at a uprobe' "$work/applied" &&
		skip "this kernel lets no program change registers"
	return 1
}

gives() { # word and number, what each of its three calls gives
	said=$("$target" $1)
	[ "$said" = "$2 $2 $2" ] || { echo "$1: $said, not three times $2"; return 1; }
}
told() { # number, enforcement, action that the event names, of the policy $policy
	grep -F '"process_uprobe"' "$work/events" | grep -F "\"policy_name\":\"$policy\"" | grep -F "{\"long_arg\":\"$1\"}" |
		grep -F "\"action\":\"KPROBE_ACTION_${3:-OVERRIDE}\"" | grep -F "\"enforcement\":\"$2\"" >"$work/found" ||
		{ echo "no event of $policy says $2 of $1"; return 1; }
}
failed_with() { # number, error
	told "$1" failed POST && grep -qF "\"failure\":{\"action\":\"Override\",\"error\":\"$2\"" "$work/found" || { echo "nor that it was $2"; return 1; }
}

# ---- What is assigned ----

assigned() {
	policy=assigned
	{
		printf '  uprobes:\n'
		hook target_guarded '' "1: $(assign '"rdi=5"')" \
			"2: $(assign '"rdi=7", "rdi=1%rdi"')" \
			"3: $(assign '"rax = 8 ( %rsi )", "rip=(%rsp)", "rsp=8%rsp"')" \
			"4: $(assign '"rdi=6", "rdx=0x10(%rdi)"')" \
			"21474836486: $(assign '"edi=1"')" \
			"5: $(assign '"rdi=8"' ', argNewSymbol: target_safe')" \
			"6: {action: Override, argNewSymbol: target_safe}" \
			"7: {action: Override, argNewAddr: $(($(word_of safe_address)))}" \
			"8: {action: Override, argNewOffset: $(($(word_of safe_offset)))}" \
			"9: {action: Override, argError: -9, argNewAddr: 0}" \
			"10: $(assign '"dil=-1", "rsi=%rdi", "rdi=%sil"')" \
			"11: $(assign '"rdi=0"'), {action: Sigkill}"
		hook target_padded '' "1: $(assign '"rdi=5"')" "6: {action: Override, argNewSymbol: target_safe}" "9: {action: Override, argError: -9}"
	} | can_override assigned || return 1
	gives 'guarded 1' 50 && gives 'guarded 2' 80 && gives 'guarded 3' 4711 && gives 'guarded 4' 60 && gives 'guarded 21474836486' 214748364810 &&
		gives 'guarded 5' 1008 && gives 'guarded 6' 1006 && gives 'guarded 7' 1007 && gives 'guarded 8' 1008 && gives 'guarded 9' -9 &&
		gives 'guarded 10' 2550 && gives 'guarded 12' 120 && gives 'padded 1' 50 && gives 'padded 6' 1006 && gives 'padded 9' -9 &&
		gives 'padded 2' 20 || return 1
	"$target" guarded 11 >/dev/null
	[ $? -eq 137 ] && events || return 1
	for number in 1 2 3 21474836486 5 6 7 8 9 10; do
		told $number enforced || return 1
	done
	told 11 enforced SIGKILL && failed_with 4 EFAULT && no_event '{"long_arg":"12"}'
}

# Other values, and another mode, are written to memory: what is attached stays, and so do its programs.
changed() {
	policy=changed
	{ printf '  uprobes:\n'; hook target_guarded '' "1: $(assign '"rdi=5"')"; } | can_override changed || return 1
	gives 'guarded 1' 50 || return 1
	find "$root" -type f -printf '%i %p\n' | sort >"$work/pins"
	{ printf '  uprobes:\n'; hook target_guarded '' "1: $(assign '"rdi=6", "rdi=1%rdi"')" "2: {action: Override, argNewSymbol: target_safe}"; } |
		can_override changed || return 1
	gives 'guarded 1' 70 && gives 'guarded 2' 1002 || return 1
	"$tetra" mode --root "$root" --set=monitor changed >/dev/null && gives 'guarded 1' 10 && gives 'guarded 2' 20 || return 1
	"$tetra" mode --root "$root" --set=enforce changed >/dev/null && gives 'guarded 1' 70 || return 1
	find "$root" -type f -printf '%i %p\n' | sort | diff "$work/pins" - || return 1
	events && told 1 enforced && told 1 monitored && told 2 monitored
}

# Of several Overrides of one call the first is done where registers are assigned; the others fail, and their events say so.
several() {
	{ printf '  uprobes:\n'; hook target_guarded '' "1: $(assign '"rdi=5"')" "2: {action: Override, argError: -2}"; } | can_override first || return 1
	for other in second third; do
		{
			printf '  uprobes:\n'
			hook target_guarded '' "1: {action: Override, argError: -1}" "2: $(assign '"rdi=6"')" "3: $(assign '"rdi=7"')"
			[ $other = second ] || echo "$monitor"
		} | head_of $other | apply || return 1
	done
	gives 'guarded 1' 50 && gives 'guarded 2' -2 && gives 'guarded 3' 70 && events || return 1
	policy=first && told 1 enforced && told 2 enforced && policy=second && failed_with 1 EBUSY && failed_with 2 EBUSY && told 3 enforced &&
		policy=third && told 1 monitored && told 2 monitored && told 3 monitored
}

# The return can be watched as long as the stack stays as it is.
returned() {
	policy=returned
	{
		printf '  uprobes:\n'
		hook target_guarded '    return: true
    returnArg: {index: 0, type: int64}
' "1: $(assign '"rdi=5"')" "2: {action: Override, argNewSymbol: target_safe}"
	} | can_override returned || return 1
	gives 'guarded 1' 50 && gives 'guarded 2' 1002 && events || return 1
	has_event '{"long_arg":"1"},{"long_arg":"50"}' && has_event '{"long_arg":"2"},{"long_arg":"1002"}' || return 1
	{
		printf '  uprobes:\n'
		hook target_guarded '    return: true
    returnArg: {index: 0, type: int64}
' "1: $(assign '"rsp=8%rsp"')"
	} | head_of returned >"$work/watched.yaml"
	"$tetra" apply --root "$root" "$work/watched.yaml" >"$work/applied" 2>&1 && return 1
	grep -q 'its return is watched, too' "$work/applied" && gives 'guarded 1' 50
}

# ---- What is refused, on every kernel ----

refused() { # what is said of the policy on standard input, with its place
	{ printf '  uprobes:\n'; cat; } | head_of refused >"$work/refused.yaml"
	"$tetra" dry-run "$work/refused.yaml" >"$work/applied" 2>&1 && { echo "it would be applied"; return 1; }
	grep -F -e "$1" "$work/applied" | grep -q '(.*refused.yaml:[0-9]*:[0-9]*)$' || { cat "$work/applied"; return 1; }
}

refusals() {
	hook target_guarded '' '1: {action: Override, argNewSymbol: target_saf}' |
		refused "the call cannot go on there: '$target' has no function 'target_saf'; did you mean 'target_safe'?" &&
		hook target_guarded '' '1: {action: Override, argNewAddr: 1}' | refused "has no code at address 0x1" &&
		hook target_guarded '' '1: {action: Override, argNewOffset: -1}' | refused "has no code at offset 0xffffffffffffffff" &&
		hook target_guarded '' '1: {action: Override, argRegs: ["x0=1"]}' | refused "'x0=1': this machine has no register 'x0'" &&
		hook 'target_guarded, target_padded' '' '1: {action: Override, argNewSymbol: target_safe}' |
		refused "a hook with several functions has one distance for all; write a hook for each"
}

older() {
	{ printf '  uprobes:\n'; hook target_guarded '' "1: $(assign '"rdi=5"')"; } | head_of older >"$work/older.yaml"
	"$tetra" apply --root "$root" "$work/older.yaml" >"$work/applied" 2>&1 && skip "this kernel lets programs change registers"
	! kernel_is 7.x && grep -q "older.yaml:.*with Override: this kernel, or this process, has no way for BPF to change the registers" "$work/applied" ||
		{ cat "$work/applied"; return 1; }
	gives 'guarded 1' 10
}

resident
test_that "registers are assigned one after the other, calls go on elsewhere, and events say what was done" assigned
test_that "other assignments and another mode are written to memory" changed
test_that "of several Overrides of one call the first is done, and the others say that they were not" several
test_that "the return of a function whose registers are assigned is watched, unless its stack is another one" returned
test_that "places that are not there, registers of another machine, and several distances are refused" refusals
test_that "a kernel that lets no program change registers refuses the policy, and says so" older
finish
