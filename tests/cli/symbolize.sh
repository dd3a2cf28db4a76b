#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra symbolize`: sources, forms of output, streams, and what becomes of what is wrong.  TAP.
. "$(dirname "$0")/lib.sh"
unset DEBUGINFOD_URLS NODE_NAME
XDG_CACHE_HOME=$base/cache
export XDG_CACHE_HOME

cat >small.c <<'EOT'
#include <unistd.h>
static inline __attribute__((always_inline)) int square(volatile int *x) { return *x * *x; }
__attribute__((noinline)) int twice(volatile int *x) { return square(x) + square(x); }
int main(int count, char **words) { (void)words; if (count > 1) pause(); return twice(&count); }
EOT
gcc -g -O2 -o small small.c && cp small stripped && strip stripped && gcc -O2 -o plain small.c || exit 1
at() { nm "${2-small}" | awk -v name="$1" '$3 == name { print $1 }'; }
id_of() { readelf -n "${1-small}" | sed -n 's/.*Build ID: //p'; }
twice=$(at twice) main=$(at main) id=$(id_of)
same() { cmp -s "$1" "$2"; report $? "$3" "$(diff "$1" "$2" | head -n 10)"; }

# ---- What does not go together ----

while IFS='|' read -r name code pattern words; do
	# shellcheck disable=SC2086
	expect "$name" "$code" "$pattern" "$tetra" symbolize $words
done <<'EOT'
nothing to do|2|needs files of events|
a source without addresses|2|needs addresses|--kernel
two sources|2|exclude each other|--kernel --elf small 1
an address that is none|2|'12x' is no address|--elf small 12x
an address that is too long|2|is no address|--elf small 11111111111111111
an address with a sign|2|is no address|--elf small -- -1
an offset that is none|2|'ff' is no offset|--build-id abcd ff
a build id that is none|3|abcd: the file is not there|--build-id abcd 12
digits that are none|2|'xyz' is none|--build-id xyz 12
an odd number of digits|2|'abc' is none|--build-id abc 12
a process number that is none|2|pid|--pid x 12
the process of number 0|2|no process 0|--pid 0 12
a program in place of events|2|small. is a program, not a file of events: name it with --elf|small
an address of nothing|3|if .401136. is an address, say of what|401136
a process number that is too large|2|no process 99999999999|--pid 99999999999 12
a process that is not there|3|process 2147483647: the process is gone|--pid 2147483647 12
a file that is not there|3|nosuch: the file is not there|--elf nosuch 12
a folder|3|/tmp: the file is no ELF file|--elf /tmp 12
a file that is no program|3|small.c: the file is no ELF file|--elf small.c 12
an empty file|3|/dev/null: the file is|--elf /dev/null 12
events that are not there|3|cannot read 'nosuch'|nosuch
a folder of events|3|cannot read '/tmp'|/tmp
events as addr2line|2|for addresses, not for events|-o addr2line -
events explained|2|go with --pid|--explain -
offsets of a process|2|--offsets goes with --elf|--offsets --pid 1 12
pretty JSON|2|go with -o addr2line|-o json -p --elf small 1
an explanation as JSON|2|does not go with -o|--explain -o json --elf small 1
a slide of nothing|2|goes with --kallsyms|--kaslr 0 --kernel 1
a slide that is none|2|is no hexadecimal number|--kaslr x --kallsyms small.c --kernel 1
a list of symbols that is none|3|the kernel: |--kallsyms small.c --kernel 1
an unknown format|2|folded|-o yaml --elf small 1
EOT
mkfifo pipe
expect 'a pipe, which nobody writes to' 3 'pipe: ' timeout 10 "$tetra" symbolize --elf pipe 1
expect 'an empty program' 3 'no ELF file' sh -c ': >empty; "$1" symbolize --elf empty 1' - "$tetra"

# ---- Forms ----

expect 'a function and its line' 0 "^0x0*$(echo "$twice" | sed 's/^0*//') .*(twice|square)" "$tetra" symbolize --elf small "0x$twice"
expect 'inlined functions' 0 'square \(inlined\) at .*small.c:2' "$tetra" symbolize --elf small "$twice"
expect 'with what they are inlined into' 0 '^ +twice\+0x[0-9a-f]+ at .*small.c:3' "$tetra" symbolize --elf small "$twice"
expect 'without lines' 0 "^0x[0-9a-f]+ main\+0x0$" "$tetra" symbolize --elf small --no-lines "$main"
expect 'where nothing is' 0 '^0x1 \?\? \(no function lies there\)$' "$tetra" symbolize --elf small 1
expect 'a program without symbols' 0 '\?\? \((the file has no symbols|no function)' "$tetra" symbolize --elf stripped "$main"
expect 'basenames' 0 ' at small.c:' "$tetra" symbolize --elf small -s "$main"
expect 'JSON' 0 "^\{\"file_address\":\"$(printf %d "0x$main")\",.*\"build_id\":\"$id\",\"symbol\":\"main\",\"symbol_offset\":\"0\",\"file\":\".*small.c\",\"line\":4" \
	"$tetra" symbolize --elf small -o json "$main"
jq -e . out >/dev/null
report $? 'it is JSON' "$(cat out)"
expect 'offsets' 0 'main\+0x0 at' "$tetra" symbolize --elf small --offsets "$(printf %d "0x$main")"
expect 'offsets in hexadecimal' 0 'main\+0x0 at' "$tetra" symbolize --elf small --offsets "0x$main"
expect 'an offset behind the file' 0 'nothing is mapped there' "$tetra" symbolize --elf small --offsets 0xfffffff
expect 'an explanation' 0 'build id: '"$id" "$tetra" symbolize --elf small --explain "$main"
expect 'a stack: returns are looked up one byte earlier' 0 '^0x0*'"$(echo "$main" | sed 's/^0*//')"' ([^m]|m[^a])' "$tetra" symbolize --elf small --no-lines --stack "$twice" "$main"
expect 'folded: the outermost first' 0 '^main;twice(;square_\[i\])? 1$' "$tetra" symbolize --elf small -o folded "$twice" "$(printf %x $((0x$main + 4)))"

# ---- Packed files ----

gcc -g -O2 -c -o object.o small.c
there=$(nm object.o | awk '$3 == "twice" { print $1 }')
"$tetra" symbolize --elf object.o "$there" >wanted
for packer in xz zstd gzip; do
	$packer -q -c object.o >"object.$packer"
	"$tetra" symbolize --elf "object.$packer" "$there" >got 2>&1
	same wanted got "a file that $packer packed"
done
head -c 100 object.xz >cut.xz
expect 'a packed file that is cut' 3 'cut.xz: the file is no ELF file, or a damaged one' "$tetra" symbolize --elf cut.xz "$there"

# ---- As addr2line ----

{ echo "$twice"; echo "0x$main"; printf '%x\n' $((0x$twice + 2)); echo 1; echo zz; echo; } >addresses
for options in '' -a -p '-a -p' -s; do
	# shellcheck disable=SC2086
	addr2line -f -i -C $options -e small <addresses | sed 's/ (discriminator [0-9]*)//' >wanted
	# shellcheck disable=SC2086
	"$tetra" symbolize -e small -o addr2line $options - <addresses >got 2>err
	same wanted got "as addr2line -f -i -C $options"
done
grep -q '2 lines are no numbers' err
report $? 'lines that are no numbers are counted' "$(cat err)"
addr2line -f -i -C -e plain <addresses | sed 's/^plain.c:?$\|^small.c:?$/??:?/' >wanted
"$tetra" symbolize -e plain -o addr2line - <addresses >got 2>err
same wanted got 'the same without debug information'
expect 'a line that is no number has an answer' 0 '^\?\? \(this is no number\)' sh -c 'echo zz | "$1" symbolize --elf small -' - "$tetra"
expect 'and in JSON' 0 '"symbol_unknown":"no_number"' sh -c 'echo zz | "$1" symbolize --elf small -o json -' - "$tetra"
head -c 1000000 /dev/zero | tr '\0' 1 >long
expect 'a very long line is one line' 0 'no number' sh -c '"$1" symbolize --elf small - <long; echo; echo' - "$tetra"

# Each line is answered when it comes: whoever asks waits for the answer.
mkfifo ask answer
"$tetra" symbolize -e small --no-lines - <ask >answer &
exec 8>ask 9<answer
echo "$main" >&8
timeout 10 head -n 1 <&9 >out
grep -q 'main+0x0' out
report $? 'a filter answers line by line' "$(cat out)"
exec 8>&- 9<&-
wait

# ---- Build ids ----

mkdir -p "debug/.build-id/$(echo "$id" | cut -c 1-2)"
place=debug/.build-id/$(echo "$id" | cut -c 1-2)/$(echo "$id" | cut -c 3-)
cp small "$place"
expect 'a build id' 0 'main\+0x0 at' "$tetra" symbolize --build-id "$id" --debug-dir debug "$(printf %d "0x$main")"
objcopy --only-keep-debug small "$place.debug"
rm "$place"
expect 'a stripped program and its debug file' 0 'main\+0x0 at' "$tetra" symbolize --elf stripped --debug-dir debug "$main"
rm "$place.debug"
served=$scratch/served/buildid/$id
mkdir -p "$served" && objcopy --only-keep-debug small "$served/debuginfo"
DEBUGINFOD_URLS=file://$scratch/served DEBUGINFOD_CACHE_PATH=$base/downloads
if command -v debuginfod-find >/dev/null; then
	export DEBUGINFOD_CACHE_PATH
	expect 'a server that was not named' 0 '^0x[0-9a-f]+ \?\? \(' "$tetra" symbolize --no-cache --debuginfod --elf stripped "$main"
	export DEBUGINFOD_URLS
	expect 'a server that may not be asked' 0 '^0x[0-9a-f]+ \?\? \(' "$tetra" symbolize --no-cache --elf stripped "$main"
	expect 'debug information of a server' 0 ' main\+0x0 at .*small.c:4' "$tetra" symbolize --no-cache --debuginfod --elf stripped "$main"
	unset DEBUGINFOD_URLS
else
	skip 'debug information of a server' 'there is no debuginfod-find'
fi
mkdir -p "$(dirname "$place")" && objcopy --only-keep-debug small "$place.debug"
cp plain "$place"
expect 'a file that has another build id is not taken' 0 '.' "$tetra" symbolize --no-cache --elf stripped --debug-dir debug "$main"
rm -f "$place"

# ---- Events ----

event() { # frames
	printf '{"process_kprobe":{"process":{"pid":1,"binary":"/bin/x y"}, "args":[ 1.50 ,"\\u00e4"],"user_stack_trace":[%s]},"node_name":"elsewhere","time":"2026-11-26T12:00:00Z"}\n' "$1"
}
offset=$(printf %d "0x$main")
known="{\"address\":\"1\",\"offset\":\"$offset\",\"module\":\"$scratch/small\",\"build_id\":\"$id\"}"
event "$known" >events
expect 'a frame by its build id' 0 "\"build_id\":\"$id\",\"symbol\":\"main\",\"symbol_offset\":\"0\",\"file\":\"[^\"]*small.c\",\"line\":4" "$tetra" symbolize events
sed 's/,"symbol":"main".*}\]}/}]}/' out >left
sed 's/}\]}/}]}/' events >wanted
same wanted left 'and nothing else is changed'
"$tetra" symbolize events | "$tetra" symbolize - >again
"$tetra" symbolize events >once
same once again 'what was told is not told again'
event "{\"address\":\"1\",\"offset\":\"$offset\",\"module\":\"$scratch/small\",\"build_id\":\"abcdef\"}" >events
expect 'a file that has another build id' 0 '"build_id":"abcdef","symbol_unknown":"build_id_differs"' "$tetra" symbolize events
event "{\"offset\":\"$offset\",\"module\":\"$scratch/small\"}" >events
expect 'a file that is younger than the event' 0 '"symbol_unknown":"file_changed"' "$tetra" symbolize events
sed 's/2026-11-26/2226-11-26/' events >later
expect 'a file that is older' 0 '"symbol":"main"' "$tetra" symbolize later
sed 's/"binary"/"docker":"abc","binary"/' later >contained
expect 'a path in a container is none of this host' 0 '"symbol_unknown":"no_file"' "$tetra" symbolize contained
event '{"address":"1"},{},{"symbol":"own"},{"address":"1","symbol_unknown":"process_gone"}' >events
expect 'frames without a file' 0 '\[\{"address":"1","symbol_unknown":"not_said"\},\{"symbol_unknown":"not_said"\},\{"symbol":"own","line_unknown":"not_said"\},\{"address":"1","symbol_unknown":"process_gone"\}\]' \
	"$tetra" symbolize events
event "$(echo "$known" | sed 's/}$/,"symbol_unknown":"timeout", "line_unknown" : "no_lines"}/')" >events
expect 'what was unknown and is known now' 0 "\"build_id\":\"$id\",\"symbol\":\"main\"" "$tetra" symbolize events
! grep -q unknown out
report $? 'is not unknown any more' "$(cat out)"
printf '{"process_kprobe":{"kernel_stack_trace":[{"address":"18446744071578845184","offset":"0","symbol":"f"}]},"node_name":"elsewhere","time":"2026-11-26T12:00:00Z"}\n' >kernel
expect 'a kernel that is another one' 0 '"symbol":"f","line_unknown":"other_kernel"' "$tetra" symbolize kernel
printf 'ffffffff80000000 T _stext\nffffffff80000040 t g\nffffffff80000080 T _etext\n' >System.map
sed 's/,"offset":"0","symbol":"f"//' kernel >unnamed
expect 'with its symbols, and where it was loaded' 0 '"symbol":"_stext","offset":"0"' "$tetra" symbolize --kallsyms System.map --kaslr 1000000 unnamed
expect 'whose names must agree' 0 '"symbol":"f","offset":"7","line_unknown":"other_kernel"' \
	sh -c 'sed "s/\"offset\":\"0\",\"symbol\":\"f\"/\"symbol\":\"f\",\"offset\":\"7\"/" kernel | "$1" symbolize --kallsyms System.map --kaslr 1000000 -' - "$tetra"
expect 'an address of that kernel' 0 '^0xffffffff81000041 g\+0x1$' "$tetra" symbolize --kernel --no-lines --kallsyms System.map --kaslr 0x1000000 ffffffff81000041
expect 'behind its end' 0 'no function lies there' "$tetra" symbolize --kernel --kallsyms System.map --kaslr 1000000 ffffffff81000080

# A program as another kernel's image: alone, with a list that knows where it begins, with one that does not.
there=$(printf %x $((0x$main + 0x1000000)))
expect 'an image of another kernel, and its lines' 0 ' main\+0x0 at .*small.c:4' "$tetra" symbolize --kernel --vmlinux small --kaslr 1000000 "$there"
{ nm small | grep -v ' U '; printf '%016x T _stext\n%016x T _etext\n' 4096 16777216; } >symbols
expect 'a list of symbols, and lines of an image' 0 ' main\+0x0 at .*small.c:4' "$tetra" symbolize --kernel --kallsyms symbols --vmlinux small --kaslr 1000000 "$there"
expect 'an image that was loaded nobody knows where' 0 'where it was loaded is not known' "$tetra" symbolize --kernel --explain --kallsyms symbols --vmlinux small "$main"
expect 'an image that is not there' 3 'the kernel: the file is not there' "$tetra" symbolize --kernel --vmlinux nosuch "$main"

# Lines that are none, or are no events, pass as they are; the last one has no end.
event "$known" >events
printf '%s\n' '' '  ' '{"a":1' 'text' '[1]' '{"process_exec":{"process":{"pid":1}}}' '{"x":{"user_stack_trace":[]}}' '{"user_stack_trace":[{"address":"1"}]}' >others
printf '\000\377\n{"a":"b\r' >>others
: >none
expect 'no events are nothing' 0 '^0$' sh -c '"$1" symbolize none | wc -c' - "$tetra"
"$tetra" symbolize others >out 2>err
same others out 'what is no event passes, byte for byte'
grep -q '5 lines are no JSON objects' err
report $? 'and is counted' "$(cat err)"
{ head -c 5000000 /dev/zero | tr '\0' x; echo; cat events; } >longer
"$tetra" symbolize longer >out 2>err
head -n 1 longer >wanted && head -n 1 out >got
same wanted got 'a line beyond the limit passes'
grep -q '1 lines are longer than' err && grep -q '"symbol":"main"' out
report $? 'it is counted, and the next one is read' "$(cat err)"
expect 'several files' 0 '"symbol":"main"' "$tetra" symbolize others events
expect 'backtraces' 0 '^    0x1 main\+0x0 at .*small.c:4.* in .*/small\+0x[0-9a-f]+ \(build id '"$id"'\)$' "$tetra" symbolize -o text events
expect 'of whom they are' 0 '^/bin/x y \(pid 1\) "2026-11-26T12:00:00Z"$' "$tetra" symbolize -o text events
event "{\"address\":\"1\",\"symbol\":\"x;y\"},$known" >events
expect 'for flame graphs' 0 '^x y;.*;x:y 1$' "$tetra" symbolize -o folded events

# A long stream of different stacks takes no more memory in the end.
FILES=40 DIFFERENT=1000 "$project/tests/bench/stream" "$(dirname "$tetra")" 10000 >out 2>&1
report $? 'memory does not grow with the events' "$(cat out)"

# ---- Names ----

printf 'namespace space { int __attribute__((noinline)) f(int x) { return x * 3; } }\nint main(int n, char **) { return space::f(n); }\n' >names.cc
if command -v g++ >/dev/null && g++ -g -O1 -o names names.cc; then
	expect 'C++' 0 ' space::f\(int\)\+0x0' "$tetra" symbolize --elf names "$(nm names | awk '/_ZN5space1f/ { print $1; exit }')"
	expect 'as the file has it' 0 ' _ZN5space1fEi\+0x0' "$tetra" symbolize --no-demangle --elf names "$(nm names | awk '/_ZN5space1f/ { print $1; exit }')"
else
	skip 'C++' 'there is no g++'
fi

# ---- Processes ----

./small stay &
process=$!
sleep 0.3
base_of() { awk -v path="$scratch/small" '$6 == path { sub(/-.*/, "", $1); print $1; exit }' /proc/$process/maps; }
there=$(printf %x $((0x$(base_of) + 0x$main)))
expect 'a process' 0 "main\+0x0 at .* in $scratch/small\+0x[0-9a-f]+ \(build id $id\)" "$tetra" symbolize --pid $process "$there"
expect 'how it was found' 0 '    mapping: 0x' "$tetra" symbolize --explain --pid $process "$there"
expect 'where nothing is mapped' 0 'nothing is mapped there' "$tetra" symbolize --pid $process 1
expect 'memory of no file' 0 'memory of no file' "$tetra" symbolize --pid $process "$(awk '/\[stack\]/ { sub(/-.*/, "", $1); print $1 }' /proc/$process/maps)"
expect 'the vdso' 0 '__vdso_[a-z_]+\+0x[0-9a-f]+ .*in \[vdso\]|in \[vdso\]' "$tetra" symbolize --pid $process "$(printf %x $((0x$(awk '/\[vdso\]/ { sub(/-.*/, "", $1); print $1 }' /proc/$process/maps) + 0xc00)))"
printf '%s 40 compiled by hand\n' "$(awk '/\[stack\]/ { sub(/-.*/, "", $1); print $1 }' /proc/$process/maps)" >/tmp/perf-$process.map
expect 'what it compiled itself' 0 'compiled by hand\+0x0' "$tetra" symbolize --pid $process "$(awk '/\[stack\]/ { sub(/-.*/, "", $1); print $1 }' /proc/$process/maps)"
chmod o+w /tmp/perf-$process.map
expect 'a list that anybody may write is not believed' 0 'memory of no file' "$tetra" symbolize --pid $process "$(awk '/\[stack\]/ { sub(/-.*/, "", $1); print $1 }' /proc/$process/maps)"
rm -f /tmp/perf-$process.map
mkfifo /tmp/perf-$process.map
expect 'a list that is a pipe is not waited for' 0 'memory of no file' timeout 10 "$tetra" symbolize --pid $process "$(awk '/\[stack\]/ { sub(/-.*/, "", $1); print $1 }' /proc/$process/maps)"
rm -f /tmp/perf-$process.map
# One that ends while it is asked: what was seen of it holds.
./small stay &
ending=$!
sleep 0.3
ending_at=$(awk -v path="$scratch/small" '$6 == path { sub(/-.*/, "", $1); print $1; exit }' /proc/$ending/maps)
mkfifo ask-ending answer-ending
"$tetra" symbolize --no-cache --pid $ending - <ask-ending >answer-ending &
exec 8>ask-ending 9<answer-ending
printf '%x\n' $((0x$ending_at + 0x$main)) >&8
timeout 10 head -n 1 <&9 >seen
kill $ending
wait $ending 2>/dev/null
printf '%x\n' $((0x$ending_at + 0x$main + 1)) >&8
timeout 10 head -n 1 <&9 >out
exec 8>&- 9<&-
grep -q 'main+0x0 at' seen && grep -q 'main+0x1 at' out
report $? 'a process that ended, and was seen before' "$(cat seen out)"

# Its file is in a mount namespace of its own, where it is another number, too, and has a list of what it compiled.
cat >inside.sh <<'EOT'
mount --make-rprivate / 2>/dev/null
mkdir -p box && mount -t tmpfs none box && cp small box/inside && mkdir box/tmp && cd box || exit 1
printf '0 ffffffffffffffff compiled inside\n' >tmp/perf-1.map
mount --bind tmp /tmp && exec ./inside stay
EOT
if [ "$(id -u)" -eq 0 ] && unshare -m -p true 2>/dev/null; then
	unshare -m -p -f sh inside.sh 2>/dev/null &
	starter=$!
	sleep 0.5
	inside=$(pgrep -P $starter)
	inside_at=$(awk '$6 ~ /\/inside$/ { sub(/-.*/, "", $1); print $1; exit }' "/proc/$inside/maps")
	expect 'a process in another mount namespace' 0 'main\+0x0 at .*inside\+0x' "$tetra" symbolize --no-cache --pid "$inside" "$(printf %x $((0x$inside_at + 0x$main)))"
	expect 'and what it compiled' 0 'compiled inside\+0x' "$tetra" symbolize --no-cache --pid "$inside" "$(awk '/\[stack\]/ { sub(/-.*/, "", $1); print $1 }' "/proc/$inside/maps")"
	kill -KILL "$inside"	# the first process of a namespace has no need to heed anything else
	wait $starter 2>/dev/null
else
	skip 'a process in another mount namespace' 'needs root, and namespaces'
fi
cp small other && mv other small.new && mv small.new small
if [ "$(id -u)" -eq 0 ]; then
	cp plain another && mv another small
	expect 'a program that another one replaced' 0 'main\+0x0 at .*small \(deleted\)\+0x' "$tetra" symbolize --no-cache --pid $process "$there"
	rm small
	expect 'a program that is deleted' 0 'main\+0x0 at .*small \(deleted\)\+0x' "$tetra" symbolize --no-cache --pid $process "$there"
	expect 'a process of somebody else' 3 'this user may not read that' as_user "$user_tetra" symbolize --no-cache --pid $process "$there"
fi
kill $process
wait $process 2>/dev/null

# ---- The kernel ----

if [ "$(id -u)" -eq 0 ] && grep -q '^[1-9a-f]' /proc/kallsyms; then
	function=$(awk '$3 == "do_syscall_64" || $3 == "el0_svc" { print $1, $3; exit }' /proc/kallsyms)
	expect 'a function of the kernel' 0 "^0x${function% *} ${function#* }\+0x0" "$tetra" symbolize --kernel "${function% *}"
	expect 'once more, kept' 0 "^0x${function% *} ${function#* }\+0x0" "$tetra" symbolize --kernel "${function% *}"
	expect 'that it was kept' 0 'kept on disk' "$tetra" symbolize --kernel --explain "${function% *}"
	expect 'and not' 0 'symbols: /proc/kallsyms,' "$tetra" symbolize --kernel --explain --no-cache "${function% *}"
else
	skip 'the kernel' 'needs a kernel that shows its addresses'
fi
if [ "$(id -u)" -eq 0 ] && as_user grep -q '[1-9a-f]' /proc/kallsyms && ! as_user grep -q '^[0-9a-f]*[1-9a-f]' /proc/kallsyms; then
	expect 'a user who may not see the kernel' 3 'the kernel does not show its addresses' as_user "$user_tetra" symbolize --no-cache --kernel 1
else
	skip 'a user who may not see the kernel' 'needs root, and a kernel that hides its addresses from users'
fi

# ---- Ends ----

cp "$base/scratch/stripped" small 2>/dev/null
event "$known" >events
expect 'a full disk' 3 'No space left' sh -c '"$1" symbolize events >/dev/full' - "$tetra"
expect 'a full disk, of addresses' 3 'No space left' sh -c '"$1" symbolize --elf names.cc 1 >/dev/full || "$1" symbolize --elf stripped 1 >/dev/full' - "$tetra"
expect 'no input at all' 3 "cannot read" sh -c '"$1" symbolize - <&-' - "$tetra"
expect 'no addresses at all' 3 "cannot read" sh -c '"$1" symbolize --elf stripped - <&-' - "$tetra"
yes "$(cat events)" 2>/dev/null | timeout 20 "$tetra" symbolize - 2>err | head -n 1 >out
grep -q . out && [ ! -s err ]
report $? 'a reader that goes away ends it quietly' "$(cat err)"
yes "$(cat events)" 2>/dev/null | timeout -s INT 1 "$tetra" symbolize - >out 2>err
[ ! -s err ] && tail -n 2 out | head -n 1 | jq -e . >/dev/null
report $? 'Ctrl-C ends it' "$(cat err)"

finish
