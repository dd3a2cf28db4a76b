#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `tetra man`: the pages, what checks them, where they are installed; and that the examples of the verbs work.  TAP.
. "$(dirname "$0")/lib.sh"

mkdir bin policies pages
ln -s "$tetra" bin/tetra
PATH=$scratch/bin:$PATH
has() { command -v "$1" >/dev/null; }
verbs=$(tetra help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')

{ echo tetra.1; for verb in $verbs; do echo "tetra-$verb.1"; done; echo tetra-policy.5; } >want
tetra man --list >list; cmp -s want list; report $? 'a page for each verb, for all, and for the language' "$(diff want list)"
expect 'no page: tetra(1)' 0 '^\.TH TETRA 1 ' tetra man
expect 'a verb' 0 '^\.TH TETRA\\-CHECK 1 ' tetra man check
expect 'an alias' 0 '^\.TH TETRA\\-CHECK 1 ' tetra man lint
expect 'a name' 0 '^\.TH TETRA\\-POLICY 5 ' tetra man tetra-policy
expect 'a name with its section' 0 '^\.TH TETRA\\-POLICY 5 ' tetra man tetra-policy.5
expect 'a page that does not exist' 2 "no page 'nonsense'" tetra man nonsense
expect 'an empty name' 2 "no page ''" tetra man ''
expect 'half a name' 2 "no page 'tetra-che'" tetra man tetra-che
expect 'another section' 2 "no page 'tetra-check.5'" tetra man tetra-check.5
expect 'the hidden verb has none' 2 "no page '__complete'" tetra man __complete
expect 'two pages' 2 'takes one page' tetra man check list
expect 'a list of one' 2 'takes no page' tetra man --list check
expect 'a closed standard output' 3 'cannot write' sh -c 'tetra man >&-'
[ ! -w /dev/full ] || expect 'a full disk' 3 'cannot write' sh -c 'tetra man tetra-policy >/dev/full'

# plain PAGE: as text, without overstrikes and line breaks within words.
plain() { mandoc -T ascii -O width=1000 "pages/$1" | sed 's/.\x08//g'; }

for page in $(cat list); do
	tetra man $page >pages/$page
	tetra man $page | cmp -s - pages/$page; report $? "$page: twice the same"
	LC_ALL=C grep -n '[^ -~]' pages/$page >found; [ ! -s found ]; report $? "$page: ASCII alone" "$(cat found)"
	grep -v '^\.TH' pages/$page | grep -nE "(^|[^\\])-|['\`^~]" >found
	[ ! -s found ]; report $? "$page: what troff would change is escaped" "$(cat found)"
	if has mandoc; then
		mandoc -T lint pages/$page >found 2>&1; [ ! -s found ]; report $? "$page: mandoc has nothing to say" "$(cat found)"
	else
		skip "$page: mandoc has nothing to say" 'no mandoc: tests/install-packages test'
	fi
	if has groff; then
		groff -man -ww -z -T ascii pages/$page >found 2>&1; [ ! -s found ]
		report $? "$page: groff has nothing to say" "$(cat found)"
	else
		skip "$page: groff has nothing to say" 'no groff: tests/install-packages test'
	fi
done

if has mandoc; then
	plain tetra.1 >text
	for verb in $verbs; do
		grep -q "^     *$verb\b" text && grep -qF "tetra-$verb(1)" text; report $? "tetra(1) has $verb"
		plain tetra-$verb.1 >page
		tetra help $verb >help
		sed -n '/^Options:/,/^$/s/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' help | sort >want
		sed -n '/^OPTIONS/,/^[A-Z]* STATUS/s/^     *\(-., \)*\(--[a-z-]*\).*/\2/p' page | sort >got
		[ -s want ] && cmp -s want got; report $? "tetra-$verb(1) has its options" "$(diff want got)"
		sed -n '/^Examples:/,$s/^  \([^#].*\)/\1/p' help >examples
		while read -r line; do grep -qF -- "$line" page || echo "$line"; done <examples >lost
		[ ! -s lost ]; report $? "tetra-$verb(1) has its examples" "$(cat lost)"
	done
	for word in 'EXIT STATUS' ENVIRONMENT NO_COLOR NODE_NAME FILES .tetra.yaml /sys/fs/bpf/tetra EXAMPLES 'tetra-policy(5)'; do
		grep -qF -- "$word" text; report $? "tetra(1) has $word"
	done

	# The page of the language has every word of the tables: what the generated reference has in its first columns.
	plain tetra-policy.5 >text
	sed -n 's/^| `\([^`]*\)`.*/\1/p' "$project/schema/generated/fields.md" | sort -u >keys
	[ "$(wc -l <keys)" -gt 100 ]; report $? 'the reference has words'
	while read -r word; do grep -qF -- "$word" text || echo "$word"; done <keys >lost
	[ ! -s lost ]; report $? 'tetra-policy(5) has all of them' "$(cat lost)"
	sed -n '/^EXAMPLES/,/^SEE ALSO/s/^         //p' text >example.yaml
	expect 'its example is a policy' 0 '^1 policy in 1 file: fine' tetra check --strict example.yaml
	expect 'that can be compiled' 0 '^policy passwords' tetra compile example.yaml
else
	skip 'what is on the pages' 'no mandoc: tests/install-packages test'
fi

# ---- Installed ----

make -s -C "$project" -o "$tetra" O="$(dirname "$tetra")" DESTDIR="$scratch/root" PREFIX=/usr install >log 2>&1
report $? 'make install' "$(cat log)"
share=root/usr/share
cmp -s root/usr/bin/tetra "$tetra"; report $? 'the binary is in its folder'
for page in $(cat list); do
	cmp -s "pages/$page" "$share/man/man${page##*.}/$page"; report $? "$page is in its folder"
done
for file in bash-completion/completions/tetra zsh/site-functions/_tetra fish/vendor_completions.d/tetra.fish; do
	tetra completion "${file%%[-/]*}" | cmp -s - "$share/$file"; report $? "$file is there"
done
if has man; then
	for page in tetra tetra-check tetra-policy; do
		MANPATH=$PWD/$share/man MANROFFSEQ='' man $page >found 2>err; [ ! -s err ] && grep -q "^NAME" found
		report $? "man $page" "$(cat err)"
	done
	MANWIDTH=80 man -l --warnings=all pages/tetra.1 >found 2>err; [ ! -s err ]; report $? 'man -l has nothing to say' "$(cat err)"
else
	skip 'man shows the pages' 'no man: tests/install-packages test'
fi

# ---- The examples of `tetra help VERB`, as an ordinary user: those that need root say so, no other fails ----

cp "$project/policy-library/processes/exec-from-temporary.yaml" policy.yaml
cp "$project/tests/golden/rules/keep-logs.yaml" rules.yaml
cp "$project/policy-library/processes/exec-from-temporary.test.yaml" policy.test.yaml
head -3 "$project/policy-library/files/watch-secrets.events.jsonl" >events.jsonl
echo "- {cgroup: /machine.slice/web.scope, name: web}" >pods.yaml
cp /sys/kernel/btf/vmlinux host.btf 2>/dev/null ||	# else types of which there is none
	printf '\237\353\1\0\30\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0' >host.btf
policy other >policies/other.yaml
printf '4a2f0\n51200\n' >addresses
echo 'tests: [{name: any, event: {}, expect: {selector: 0}}]' >policies/other.test.yaml
mkdir -p .config/fish/completions zsh
chmod -R a+rwX "$scratch"
ln -sf "$user_tetra" bin/tetra
cat >examples.bash <<'EOT'
fpath=(_ zsh)
PATH=$PWD/bin:$PATH HOME=$PWD PAGER=cat
EOT
for verb in $verbs; do
	tetra help $verb | sed -n '/^Examples:/,$s/^  \([^#].*\)/\1/p' >examples
	[ -s examples ]; report $? "$verb has examples"
	while read -r line; do
		{ cat examples.bash; echo "$line"; } >run.bash
		as_user bash run.bash >out 2>err </dev/null
		code=$?
		[ $code -eq 0 ] || grep -qE 'needs root|run as root' err || { [ $code -eq 1 ] && [ "${line#* --diff}" != "$line" ]; }
		report $? "example: $line" "exit code $code: $(cat err)"
	done <examples
done
finish
