#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra inspect`: objects, images and what is neither; the map has every byte.  TAP.
. "$(dirname "$0")/lib.sh"

cat >p.yaml <<'EOT'
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: watch}
spec:
  kprobes:
  - call: do_sys_openat2
    syscall: false
    args: [{index: 0, type: int}, {index: 1, type: string, label: path}]
    selectors:
    - matchArgs:
      - {index: 1, operator: Prefix, values: ["/etc/", "/root/"]}
      matchActions: [{action: Signal, argSig: 10}, {action: NoPost}]
    - matchArgs:
      - {index: 0, operator: Equal, values: ["-1"]}
EOT
sed 's/watch/other/; s/"\/etc\/", "\/root\/"/"\/srv\/"/' p.yaml >q.yaml
"$tetra" compile -o p.tpo p.yaml >/dev/null && "$tetra" compile --link -o host.img p.yaml q.yaml >/dev/null
report $? 'there are an object and an image'

# ---- what they hold ----
expect 'an object has its policy' 0 "^  policy 'watch' from p.yaml, enforces  \(p.yaml:1:1\)$" "$tetra" inspect p.tpo
expect 'a filter in English, with its place' 0 '^ *path \(argument 1, string\) starts with /etc/ or /root/  \(p.yaml:11:9\)$' "$tetra" inspect p.tpo
expect 'what is done' 0 '^ *selector 0: send signal 10 \(SIGUSR1\) and report nothing  \(p.yaml:10:7\)$' "$tetra" inspect p.tpo
expect 'an image has its policies' 0 "^  policy 1: 'other' from q.yaml, enforces, 1 hook, 2 selectors; " "$tetra" inspect host.img
expect 'a record has its words, its exits and its line' 0 '^ +0  argument 1 \(string\) starts with "/etc/" or starts with "/root/" \[row 0 of the table at [0-9]+\]; if not or if not known -> 2  \(p.yaml:11:9\)$' "$tetra" inspect host.img
expect 'numbers have their sign' 0 'argument 0 \(int\) is -1; if not or if not known -> 4  \(p.yaml:14:9\)$' "$tetra" inspect host.img
expect 'an accept has its actions' 0 "selector 0 of policy 'watch': Signal 10 \(SIGUSR1\), then NoPost; reports " "$tetra" inspect host.img
expect 'a table has its members' 0 '^ *starts with "/srv/": row 1$' "$tetra" inspect host.img
expect 'several files' 0 'image of a host' "$tetra" inspect p.tpo host.img
expect 'standard input' 0 '^<stdin>: object of a policy' "$tetra" inspect - <p.tpo
expect 'standard input once' 2 "'-' can be given once" "$tetra" inspect - - <p.tpo

# ---- JSON and maps ----
python3 - "$tetra" >out 2>&1 <<'EOT'
import json, os, subprocess, sys

def run(*words):
    return json.loads(subprocess.run([sys.argv[1], "inspect", "-o", "json", *words], check=True, capture_output=True).stdout)

object, image = run("p.tpo"), run("host.img")
assert (object["kind"], image["kind"]) == ("object", "image")
assert object["policies"][0]["hooks"][0]["selectors"][0]["when"][0]["place"] == "p.yaml:11:9"
assert object["policies"][0]["hooks"][0]["selectors"][0]["when"][0]["set"] == ['starts with "/etc/"', 'starts with "/root/"']
hook = image["hooks"][0]
assert hook["key"] == "kprobe:do_sys_openat2" and len(hook["values"]) == 2
record = hook["records"][0]
assert (record["op"], record["policy"], record["selector"], record["yes"], record["no"]) == ("string", "watch", 0, 1, 2)
assert record["filter"] == "path (argument 1, string) starts with /etc/ or /root/"
for name in "p.tpo", "host.img":
    map, at = run("--map", name), 0
    for range in map["ranges"]:
        assert range["offset"] == at and range["bytes"] > 0, range
        assert "nothing leads here" not in range["text"], range
        at += range["bytes"]
    assert at == map["bytes"] == os.path.getsize(name)
    assert any(range.get("place") == "p.yaml:11:9" for range in map["ranges"])
EOT
report $? 'JSON has all of it, and maps have every byte once' "$(cat out)"
expect 'a map for people' 0 '^ +[0-9]+ +16  record 0 of hook 0  \(p.yaml:11:9\)$' "$tetra" inspect --map host.img

# ---- what cannot be told ----
: >empty; head -c 100 host.img >short.img; printf '\177ELF\002\001\001\000' >program
head -c 8 host.img >later.img; printf '\377\000\000\000' >>later.img; tail -c +13 host.img >>later.img
cp host.img bent.img; printf 'X' | dd of=bent.img bs=1 seek=5000 conv=notrunc 2>/dev/null
cp p.tpo bent.tpo; printf 'XYZ' | dd of=bent.tpo bs=1 seek=200 conv=notrunc 2>/dev/null
head -c 17000000 /dev/zero >large
mkdir folder
expect 'an empty file' 1 "'empty' is empty" "$tetra" inspect empty
expect 'a policy' 1 "'p.yaml' is text: 'tetra compile -o FILE' makes an object.*'tetra explain'" "$tetra" inspect p.yaml
expect 'another file' 1 "'program' is neither" "$tetra" inspect program
expect 'an image that was cut' 1 "'short.img' is a damaged image: truncated" "$tetra" inspect short.img
expect 'an image that was changed' 1 "'bent.img' is a damaged image: wrong checksum" "$tetra" inspect bent.img
expect 'an object that was changed' 1 "'bent.tpo' is a damaged object: " "$tetra" inspect bent.tpo
expect 'an image of another version' 1 "'later.img' is an image of another version: it was made for version 255.*compile the policy again" "$tetra" inspect later.img
expect 'a file that is too large' 1 "'large' is larger than 16777216 bytes" "$tetra" inspect large
expect 'a directory' 3 "'folder' is a directory" "$tetra" inspect folder
expect 'no such file' 3 "cannot open 'none': No such file" "$tetra" inspect none
expect 'the other files are still told of' 3 'object of a policy' "$tetra" inspect none p.tpo
expect 'no operand' 2 'no file given' "$tetra" inspect

finish
