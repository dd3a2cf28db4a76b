#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions and static probes of user programs, from YAML to the event on the running kernel. TAP.
# What this kernel cannot attach is skipped with the reason.
. "$(dirname "$0")/lib.sh"

target=$tools/target
where=$("$target" where)
word_of() { echo "$where" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
is_x86() { [ "$(uname -m)" = x86_64 ] || skip "the probes are written for x86-64"; }

watch() { head_of "$1" | apply_held; }	# name

refused_with() { # text: what apply must say of the policy on standard input
	head_of refused >"$work/refused.yaml"
	if "$tetra" apply --root "$root" "$work/refused.yaml" >"$work/applied" 2>&1; then
		echo "it was applied"
		return 1
	fi
	grep -F -e "$1" "$work/applied" >/dev/null || { cat "$work/applied"; return 1; }
}

uprobe() { printf '  uprobes:\n  - path: %s\n' "$1"; shift; for line in "$@"; do echo "    $line"; done; }
usdt() { printf '  usdts:\n  - path: %s\n    provider: tetra_target\n    name: %s\n' "$target" "$1"; shift; for line in "$@"; do echo "    $line"; done; }
quiet() { "$@" >/dev/null; }

# ---- Functions ----

symbol() {
	uprobe "$target" 'symbols: [target_function]' 'return: true' 'returnArg: {index: 0, type: int}' 'message: "called"' 'tags: [one, two]' \
		'args: [{index: 0, type: string}, {index: 1, type: int64}]' \
		'selectors: [{matchArgs: [{index: 0, operator: Prefix, values: ["hel"]}, {index: 1, operator: GT, values: ["40"]}]}]' |
		watch symbol || return 1
	quiet "$target" function hello 42 && quiet "$target" function hello 40 && quiet "$target" function other 42 && events || return 1
	has_event '"process_uprobe"' "\"path\":\"$target\",\"symbol\":\"target_function\"" \
		'"args":[{"string_arg":"hello"},{"long_arg":"42"},{"int_arg":47}]' '"policy_name":"symbol","message":"called","tags":["one","two"]' &&
		no_event '{"long_arg":"40"}' && no_event '{"string_arg":"other"}' && no_event '"offset"'
}

returned() {
	uprobe "$target" 'symbols: [target_function]' 'return: true' 'returnArg: {index: 0, type: int}' 'args: [{index: 1, type: int64}]' \
		'selectors: [{matchReturnArgs: [{index: 0, operator: Equal, values: ["6"]}]}]' | watch returned || return 1
	quiet "$target" function hello 1 && quiet "$target" function hello 2 && events || return 1
	has_event '"args":[{"long_arg":"1"},{"int_arg":6}]' && no_event '{"long_arg":"2"}'
}

addressed() { # how
	uprobe "$target" "$1" 'args: [{index: 1, type: int64}]' | watch addressed || return 1
	quiet "$target" function hello 43 && events || return 1
	has_event '"process_uprobe"' "$2" '"args":[{"long_arg":"43"}]'
}
by_offset() { addressed "offsets: [$(word_of offset)]" "\"offset\":\"$(($(word_of offset)))\"" && no_event '"symbol"'; }
by_address() { addressed "addrs: [$(word_of address)]" "\"offset\":\"$(($(word_of offset)))\""; }
by_symbol_and_offset() { addressed 'symbols: [target_function+0]' '"symbol":"target_function+0"'; }

several() {
	uprobe "$target" 'symbols: [target_function, target_functions]' | watch several || return 1
	quiet "$target" function hello 1 && quiet "$target" functions 2 && events || return 1
	has_event '"symbol":"target_function"' && has_event '"symbol":"target_functions"'
}

counter() {
	uprobe "$target" 'symbols: [target_function]' "refCtrOffsets: [$(word_of counter)]" | watch counter || return 1
	quiet "$target" function hello 1 && "$target" counted 0 >"$work/count" && events || return 1
	has_event "\"ref_ctr_offset\":\"$(($(word_of counter)))\"" && [ "$(cat "$work/count")" = 1 ]
}

library() { # name of the function
	uprobe "$(word_of library)" "symbols: [\"$1\"]" 'selectors: [{matchBinaries: [{operator: In, values: ["'"$target"'"]}]}]' |
		watch library || return 1
	"$target" library && events || return 1
	has_event '"process_uprobe"' "\"path\":\"$(word_of library)\",\"symbol\":\"$1\"" '"arguments":"library"'
}

memory() {
	uprobe "$target" 'symbols: [target_buffer]' 'args: [{index: 0, type: char_buf, sizeArgIndex: 2}, {index: 1, type: size_t}]' |
		watch memory || return 1
	"$target" buffer secret && "$target" kernel && events || return 1
	has_event '{"bytes_arg":"c2VjcmV0"}' '{"size_arg":"6"}' && has_event '{"error_arg":{"message"' '{"size_arg":"8"}' '"arguments":"kernel"'
}

untouched() {
	uprobe "$target" 'symbols: [target_buffer]' 'args: [{index: 0, type: string}, {index: 1, type: size_t}]' \
		'selectors: [{matchArgs: [{index: 1, operator: Equal, values: ["9"]}]}]' | watch untouched || return 1
	"$target" untouched "$work/page" && events || return 1
	has_event '"arguments":"untouched' '{"error_arg":{"message"' '{"size_arg":"9"}'
}

# By the types in a file of its own, filters too; what no type is said of is as they say.
types_of_program() {
	"$target" types >"$work/types" || return 1
	uprobe "$target" 'symbols: [target_record]' "btfPath: $work/types" \
		'args: [{index: 0, type: string, btfType: record, resolve: name}, {index: 1, btfType: record, resolve: inner.level}]' \
		'selectors: [{matchArgs: [{index: 0, operator: Prefix, values: ["na"]}]}]' | watch types || return 1
	"$target" record name 17 && "$target" record other 18 && events || return 1
	has_event '"args":[{"string_arg":"name"},{"int_arg":17}]' && no_event '{"string_arg":"other"}'
}

types_of_probe() {
	is_x86
	"$target" types >"$work/types" || return 1
	usdt record "btfPath: $work/types" 'args: [{index: 0, type: int32, btfType: record, resolve: count}]' | watch types || return 1
	"$target" probe_record name 19 && events && has_event '"process_usdt"' '"args":[{"int_arg":19}]'
}

types_in_section() {
	command -v objcopy >/dev/null || skip "there is no objcopy"
	"$target" types >"$work/types" && objcopy --add-section ".BTF=$work/types" "$target" "$work/typed" || return 1
	uprobe "$target" 'symbols: [target_record]' "btfPath: $work/typed" 'args: [{index: 0, type: string, btfType: record, resolve: name}]' |
		watch types || return 1
	"$target" record name 17 && events && has_event '"args":[{"string_arg":"name"}]'
}

type_refusals() {
	"$target" types >"$work/types" && head -c 100 "$work/types" >"$work/short" && echo text >"$work/text" || return 1
	typed() { uprobe "$target" 'symbols: [target_record]' "btfPath: $1" "args: [{index: 0, type: int32, btfType: $2, resolve: $3}]"; }
	typed "$work/types" record cont | refused_with "path 'cont', column 1: struct record has no member 'cont'; did you mean 'count'?" &&
		typed "$work/types" recor count | refused_with "there is no struct recor; did you mean 'record'?" &&
		typed "$work/types" record name | refused_with "the kernel has char * there, the policy reads it as int32" &&
		typed "$work/short" record count | refused_with "the types in '$work/short' cannot be read" &&
		typed "$work/text" record count | refused_with "the types in '$work/text' cannot be read" &&
		typed "$target" record count | refused_with "'$target' has no section .BTF" &&
		typed "$work/none" record count | refused_with "the types in '$work/none' cannot be read: No such file or directory"
}

preloads() { # filter on the text
	printf '  options: [{name: sleepable-preload-size, value: "1024"}]\n'
	uprobe "$target" 'symbols: [target_buffer]' 'args: [{index: 0, type: string}, {index: 1, type: size_t}]' \
		"selectors: [{matchArgs: [{index: 0, operator: Equal, values: [$1]}]}]"
}

# Before 6.12 whoever waits in an uprobe would hold up all others there.
waited() {
	if kernel_is 5.10 || kernel_is 6.1; then
		preloads untouched | refused_with 'has no programs on uprobes that may sleep and hold up nobody else'
		return
	fi
	preloads '"untouched", "crossing"' | watch waited || return 1
	"$tetra" list --root "$root" >"$work/list" && grep -q uprobe_touch "$work/applied" "$work/list" && { echo "it is shown twice"; return 1; }
	"$target" untouched "$work/page" && "$target" crossing "$work/pages" && events &&
		has_event '{"string_arg":"untouched"}' '{"size_arg":"9"}' && has_event '{"string_arg":"crossing"}' '{"size_arg":"9"}' || return 1
	"$target" unserved &
	unserved=$!
	sleep 0.5
	"$tetra" mode --root "$root" >/dev/null && preloads '"untouched"' | watch waited && preloads '"untouched", "secret"' | watch waited || return 1
	kill -0 $unserved || { echo "it did not wait"; return 1; }
	"$target" buffer secret && events || return 1
	has_event '{"string_arg":"secret"}' && no_event error_arg || return 1
	"$tetra" delete --root "$root" --all || return 1
	kill -0 $unserved && kill -9 $unserved && ! wait $unserved
}

registers() {
	is_x86
	uprobe "$target" 'symbols: [target_function]' 'data: [{index: 0, type: uint64, source: pt_regs, resolve: rsi}, {index: 1, type: int32, source: current_task, resolve: tgid}]' |
		watch registers || return 1
	quiet "$target" function hello 44 && events || return 1
	has_event '"data":[{"size_arg":"44"},{"int_arg":'
}

# ---- Actions ----

killed() {
	uprobe "$target" 'symbols: [target_function]' 'args: [{index: 1, type: int64}]' \
		'selectors: [{matchArgs: [{index: 1, operator: Equal, values: ["66"]}], matchActions: [{action: Sigkill}]}]' | watch killed || return 1
	quiet "$target" function hello 65 || return 1
	quiet "$target" function hello 66
	[ $? -eq 137 ] && events && has_event '"action":"KPROBE_ACTION_SIGKILL"' '{"long_arg":"66"}'
}

signalled() {
	is_x86
	usdt counted 'args: [{index: 0, type: int}]' \
		'selectors: [{matchArgs: [{index: 0, operator: Equal, values: ["9"]}], matchActions: [{action: Signal, argSig: 15}, {action: NoPost}]}]' |
		watch signalled || return 1
	quiet "$target" counted 8 || return 1
	quiet "$target" counted 9
	[ $? -eq 143 ] && events && no_event '"process_usdt"'
}

overridden() {
	uprobe "$target" 'symbols: [target_function]' 'args: [{index: 1, type: int64}]' \
		'selectors: [{matchArgs: [{index: 1, operator: Equal, values: ["66"]}], matchActions: [{action: Override, argError: -7}]}]' |
		watch overridden
	if [ $? -ne 0 ]; then
		kernel_is 7.x && return 1
		grep -q 'has no way for BPF to change the registers of a program at a uprobe' "$work/applied" && skip "this kernel lets no program change registers"
		return 1
	fi
	[ "$("$target" function hello 66)" = -7 ] && [ "$("$target" function hello 65)" = 70 ] && events || return 1
	has_event '"action":"KPROBE_ACTION_OVERRIDE"' '{"long_arg":"66"}' '"enforcement":"enforced"' && no_event '{"long_arg":"65"}'
}

monitored() {
	printf '  options: [{name: policy-mode, value: monitor}]\n' >"$work/options"
	{
		uprobe "$target" 'symbols: [target_function]' 'selectors: [{matchActions: [{action: Sigkill}]}]'
		cat "$work/options"
	} | watch monitored || return 1
	quiet "$target" function hello 1 && events && has_event '"action":"KPROBE_ACTION_SIGKILL"' '"enforcement":"monitored"'
}

# ---- Static probes ----

places() {
	is_x86
	usdt places 'args:' '- {index: 0, type: string}' '- {index: 1, type: int}' '- {index: 2, type: uint32}' '- {index: 3, type: int64}' \
		'- {index: 4, type: int8}' '- {index: 5, type: int64}' '- {index: 6, type: int64}' '- {index: 7, type: uint32}' | watch places || return 1
	"$target" places hello 77 && events || return 1
	has_event '"process_usdt"' "\"path\":\"$target\",\"provider\":\"tetra_target\",\"name\":\"places\"" \
		'[{"string_arg":"hello"},{"int_arg":77},{"uint_arg":7},{"long_arg":"-77"},{"int_arg":-77},{"long_arg":"-40"},{"long_arg":"-9"},{"uint_arg":179}]'
}

two_places() {
	is_x86
	usdt twice 'args: [{index: 0, type: int}]' | watch two-places || return 1
	"$target" twice 6 && "$target" twice 9 && events || return 1
	has_event '"arguments":"twice 6"' '"args":[{"int_arg":7}]' && has_event '"arguments":"twice 9"' '"args":[{"int_arg":9}]'
}

filtered_probe() {
	is_x86
	usdt places 'args: [{index: 0, type: string}, {index: 3, type: int}]' \
		'selectors: [{matchArgs: [{index: 0, operator: Postfix, values: ["lo"]}, {index: 3, operator: LT, values: ["-100"]}]}]' |
		watch filtered || return 1
	"$target" places hello 101 && "$target" places hello 100 && "$target" places other 101 && events || return 1
	has_event '"args":[{"string_arg":"hello"},{"int_arg":-101}]' && no_event '{"int_arg":-100}' && no_event '{"string_arg":"other"}'
}

semaphore() {
	is_x86
	[ "$("$target" counted 1)" = 0 ] || return 1
	usdt counted 'args: [{index: 0, type: int}]' | watch semaphore || return 1
	[ "$("$target" counted 2)" = 1 ] && events && has_event '"name":"counted"' '"args":[{"int_arg":2}]'
}

set_memory() {
	is_x86
	usdt set 'args: [{index: 0, type: int}, {index: 1, type: int}]' \
		'selectors: [{matchArgs: [{index: 1, operator: Equal, values: ["5"]}], matchActions: [{action: Set, argIndex: 0, argValue: 4711}]}]' |
		watch set || return 1
	[ "$("$target" set 5)" = 4711 ] && [ "$("$target" set 6)" = 0 ] && events || return 1
	has_event '"name":"set"' '"args":[{"int_arg":0},{"int_arg":5}]' '"action":"KPROBE_ACTION_SET"' '"enforcement":"enforced"' && no_event '{"int_arg":6}'
}

set_monitored() {
	is_x86
	{
		usdt set 'args: [{index: 0, type: int}]' 'selectors: [{matchActions: [{action: Set, argValue: 4711}]}]'
		printf '  options: [{name: policy-mode, value: monitor}]\n'
	} | watch set-monitored || return 1
	[ "$("$target" set 5)" = 0 ] && events && has_event '"action":"KPROBE_ACTION_SET"' '"enforcement":"monitored"'
}

set_refused() {
	is_x86
	usdt set 'args: [{index: 0, type: int}, {index: 1, type: int}]' 'selectors: [{matchActions: [{action: Set, argIndex: 1, argValue: 1}]}]' |
		refused_with 'argument 1 cannot be set: it is no number of 4 bytes in memory'
}

# ---- What cannot be probed, and why ----

refusals() {
	mkfifo "$work/pipe"
	printf '\177ELF\001\001\001' >"$work/narrow" && head -c 100 /dev/zero >>"$work/narrow"
	echo text >"$work/text"
	uprobe "$target" 'symbols: [target_functio]' | refused_with "has no function 'target_functio'; did you mean 'target_function'?" &&
		uprobe "$target" 'symbols: [target_function+0x7000000]' | refused_with "has no code at 'target_function+0x7000000'" &&
		uprobe "$target" 'addrs: [1]' | refused_with "has no code at address 0x1" &&
		uprobe "$target" 'offsets: [1]' | refused_with "has no code at offset 0x1" &&
		uprobe "$target" 'symbols: [printf]' | refused_with "which is in a library" &&
		uprobe "$work/none" 'symbols: [main]' | refused_with "'$work/none' does not exist" &&
		uprobe "$work/pipe" 'symbols: [main]' | refused_with "'$work/pipe' is a named pipe" &&
		uprobe "$work" 'symbols: [main]' | refused_with "'$work' is a directory" &&
		uprobe "$work/text" 'symbols: [main]' | refused_with "'$work/text' is not an ELF file" &&
		uprobe "$work/narrow" 'symbols: [main]' | refused_with "is a program of 32 bits"
}

probe_refusals() {
	is_x86
	usdt twic | refused_with "has no static probe 'tetra_target:twic'; did you mean 'tetra_target:twice'?" &&
		usdt symbol 'args: [{index: 0, type: int}]' | refused_with "argument 0 is at '-4@at_symbol(%rip)': it is at the address of a symbol" &&
		usdt twice 'args: [{index: 1, type: int}]' | refused_with "the probe has 1 argument only"
}

argument_beside_a_bad_one() {
	is_x86
	usdt symbol 'args: [{index: 1, type: int}]' | watch beside || return 1
	"$target" symbol 12 && events && has_event '"name":"symbol"' '"args":[{"int_arg":12}]'
}

# ---- Which file ----

digest() {
	sum=$(sha256sum "$target" | cut -d ' ' -f 1)
	other=$(echo "$sum" | tr 0123456789abcdef 123456789abcdef0)
	uprobe "$target" 'symbols: [target_function]' "binaryDigests: [\"sha256:$other\"]" |
		refused_with "has none of the digests that 'binaryDigests' demands; it has sha256:$sum" || return 1
	uprobe "$target" 'symbols: [target_function]' "binaryDigests: [\"sha256:$other\", \" SHA256:$sum\"]" | watch digest || return 1
	quiet "$target" function hello 1 && events && has_event '"symbol":"target_function"'
}

digest_ignored() {
	uprobe "$target" 'symbols: [target_function]' "binaryDigests: [\"sha1:$(printf %040d 7)\"]" 'ignore: {digestVerificationFailure: true}' |
		watch ignored || return 1
	grep -q 'it is passed over (digestVerificationFailure)' "$work/applied" || { cat "$work/applied"; return 1; }
	quiet "$target" function hello 1 && events && no_event '"process_uprobe"'
}

replaced_file() {
	! kernel_is 5.10 || skip "uprobes are held here"
	cp "$target" "$work/program"
	uprobe "$work/program" 'symbols: [target_function]' 'args: [{index: 1, type: int64}]' | watch replaced || return 1
	"$tetra" list --root "$root" >"$work/before" && head_of replaced <"$work/policy.yaml" >/dev/null
	"$tetra" apply --root "$root" "$work/policy.yaml" >"$work/applied" 2>&1 && "$tetra" list --root "$root" >"$work/same" || return 1
	quiet "$work/program" function hello 1
	cp "$target" "$work/new" && mv "$work/new" "$work/program"
	quiet "$work/program" function hello 2
	"$tetra" apply --root "$root" "$work/policy.yaml" >"$work/applied" 2>&1 || { cat "$work/applied"; return 1; }
	quiet "$work/program" function hello 3 && events || return 1
	has_event '{"long_arg":"1"}' && no_event '{"long_arg":"2"}' && has_event '{"long_arg":"3"}' || return 1
	rm "$work/program"	# what is gone stays attached, and is no business of other policies
	"$tetra" apply --root "$root" "$work/policy.yaml" >"$work/applied" 2>&1 || { cat "$work/applied"; return 1; }
}

# Of one that has not what is probed any more, what is attached stays, whatever else comes and goes, and both say so.
replaced_without() {
	! kernel_is 5.10 || skip "uprobes are held here"
	is_x86
	cp "$target" "$work/program"
	{
		uprobe "$work/program" 'symbols: [target_function]' 'args: [{index: 1, type: int64}]'
		echo ---
		usdt places 'args: [{index: 1, type: int}]' | sed "s|$target|$work/program|" | head_of probe
	} | watch without || return 1
	cp "$tools/workload" "$work/new" && mv "$work/new" "$work/program" || return 1
	head_of other >"$work/other.yaml" <<EOT
$(on_system_call 83)
EOT
	"$tetra" apply --root "$root" "$work/other.yaml" >"$work/applied" 2>&1 || { cat "$work/applied"; return 1; }
	grep -F "uprobe '$work/program:target_function': '$work/program' has no function 'target_function'" "$work/applied" |
		grep -F 'it stays attached to the file that was there before' || { cat "$work/applied"; return 1; }
	grep -F "has no static probe" "$work/applied" >/dev/null || { cat "$work/applied"; return 1; }
	"$tetra" list --root "$root" >"$work/listed"
	[ "$(grep -cF "in the file that was there before: '$work/program' has no" "$work/listed")" = 2 ] || { cat "$work/listed"; return 1; }
	"$tetra" delete --root "$root" other && [ "$(policies)" = "without probe " ] && "$tetra" delete --root "$root" without &&
		[ "$(policies)" = "probe " ] && "$tetra" delete --root "$root" probe && [ "$(policies)" = "" ]
}

# A process that runs the old file goes on being watched.
replaced_while_running() {
	! kernel_is 5.10 || skip "uprobes are held here"
	is_x86
	cp "$target" "$work/program"
	usdt places 'args: [{index: 1, type: int}, {index: 0, type: string}]' | sed "s|$target|$work/program|" | watch running || return 1
	mkfifo "$work/go"
	"$work/program" after "$work/go" places hello 88 &
	running=$!
	sleep 1
	cp "$tools/workload" "$work/new" && mv "$work/new" "$work/program"
	head_of other >"$work/other.yaml" <<EOT
$(on_system_call 83)
EOT
	"$tetra" apply --root "$root" "$work/other.yaml" >"$work/applied" 2>&1 || { cat "$work/applied"; return 1; }
	echo go >"$work/go"
	wait $running && events || return 1
	has_event '"process_usdt"' '"args":[{"int_arg":88},{"string_arg":"hello"}]'
}

leave_something() {
	uprobe "$target" 'symbols: [target_function]' 'return: true' 'returnArg: {index: 0, type: int}' | watch left || return 1
	quiet "$target" function hello 1
	kernel_is 5.10 || "$tetra" delete --root "$root" left
}

nothing_left() {
	is_x86
	before=$(settled_state)
	held_while leave_something || return 1
	[ "$("$target" counted 0)" = 0 ] || return 1
	"$tetra" delete --root "$root" --all >/dev/null 2>&1
	becomes_state "$before"
}

planned() {
	head_of planned <<EOT >"$work/planned.yaml"
$(uprobe "$target" 'symbols: [target_function]')
EOT
	"$tetra" dry-run "$work/planned.yaml" >"$work/plan" 2>&1 || kernel_is 5.10 || { cat "$work/plan"; return 1; }
	grep -Eq "uprobe:$target:target_function: (by uprobe|cannot be attached: this kernel cannot keep it attached after tetra ends)" "$work/plan" ||
		{ cat "$work/plan"; return 1; }
}

read_again() {
	is_x86
	{
		usdt places 'args: [{index: 0, type: string}, {index: 3, type: int}]' \
			'selectors: [{matchArgs: [{index: 3, operator: Equal, values: ["-101"]}]}]'
	} | watch again || return 1
	"$target" places hello 101 && events || return 1
	"$tetra" dry-run --events "$work/events" "$work/policy.yaml" >"$work/said.again" 2>&1
	grep -q '1 events, 1 matches' "$work/said.again" || { cat "$work/said.again"; return 1; }
}

resident
test_that "a function by its name, with arguments, filters and its return" held_while symbol
test_that "a filter on what a function returns" held_while returned
test_that "a function by its offset in the file" held_while by_offset
test_that "a function by its address" held_while by_address
test_that "a function by its name and an offset" held_while by_symbol_and_offset
test_that "several functions of one file" held_while several
test_that "a reference counter is counted up" held_while counter
test_that "a function of a library" held_while library clearenv
test_that "a function of a library, with its version" held_while library clearenv@GLIBC_2.2.5
test_that "memory of the program is read, that of the kernel is not" held_while memory
test_that "memory that the program has not touched yet is unreadable" held_while untouched
test_that "unless the policy wants it to be waited for (sleepable-preload-size), which holds up nobody else" waited
test_that "paths within what a program has, by its types" held_while types_of_program
test_that "the same of a static probe" held_while types_of_probe
test_that "types in a section of a program" held_while types_in_section
test_that "what the types do not have is refused, with the reason" held_while type_refusals
test_that "registers, and what the task has" held_while registers
test_that "Sigkill kills in a function" held_while killed
test_that "Signal at a static probe, without an event" held_while signalled
test_that "Override makes a function return at once" held_while overridden
test_that "in monitor mode nobody is killed" held_while monitored
test_that "a static probe whose arguments are in every kind of place" held_while places
test_that "a static probe that is in two places, with its argument elsewhere in each" held_while two_places
test_that "filters on arguments of a static probe" held_while filtered_probe
test_that "a static probe counts who watches it" held_while semaphore
test_that "Set writes to where the argument of a static probe lies" held_while set_memory
test_that "in monitor mode nothing is written" held_while set_monitored
test_that "what lies in no memory cannot be set" set_refused
test_that "what is no place of a program is refused, with the reason" held_while refusals
test_that "what is no static probe is refused, with the reason" held_while probe_refusals
test_that "an argument that cannot be found is no matter to the others" held_while argument_beside_a_bad_one
test_that "a file must have the digest that is demanded" held_while digest
test_that "a file of another digest may be passed over" held_while digest_ignored
test_that "a file that was replaced is probed when the policy is applied again" held_while replaced_file
test_that "a file that was replaced by one without the place is no business of other policies" held_while replaced_without
test_that "who runs the old file is watched as before" held_while replaced_while_running
test_that "events of static probes are read again by dry-run" held_while read_again
test_that "dry-run says how it would be attached" held_while planned
alone
test_that "nothing is left" nothing_left
finish
