#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `tetra __complete` answers, and what bash, zsh and fish make of it.  TAP.
. "$(dirname "$0")/lib.sh"

mkdir bin policies
ln -s "$tetra" bin/tetra
PATH=$scratch/bin:$PATH
policy one >one.yaml
policy two >'two words.yml'
policy three >policies/three.yaml
echo nothing >notes.txt
tab=$(printf '\t')

# answers NAME PATTERN WORD...: a whole line of the answer that matches, and nothing on standard error.
answers() {
	name=$1 pattern=$2
	shift 2
	tetra __complete "$@" >out 2>err
	[ $? -eq 0 ] && [ ! -s err ] && grep -qxE -- "$pattern" out
	report $? "$name" "$(cat out err)"
}

# words NAME LIST WORD...: the first words of the lines of the answer are the list.
words() {
	name=$1 want=$2
	shift 2
	got=$(tetra __complete "$@" 2>err | cut -f 1 | paste -sd ' ')
	[ "$got" = "$want" ] && [ ! -s err ]
	report $? "$name" "'$got', not '$want' $(cat err)"
}

verbs=$(tetra help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
[ "$(tetra __complete '' | cut -f 1 | grep -vx lint)" = "$verbs" ]; report $? 'every verb, in the order of help' "$verbs"
answers 'with its summary' "check${tab}say what is wrong with policies" ch
answers 'an alias' "lint${tab}say what is wrong with policies" l
words 'nothing begins so' '' nonsense
words 'no word at all: as an empty one' "$(tetra __complete '' | cut -f 1 | paste -sd ' ')"
words 'options in place of a verb' '-h --help -V --version' -
words 'the hidden verb stays so' '' __
words 'behind a verb that does not exist' '' nonsense ''
words 'behind the hidden verb' '' __complete ''

for verb in $verbs; do
	tetra help "$verb" | sed -n '/^Options:/,/^$/s/^ *\(-., \)\{0,1\}\(--[a-z-]*=\{0,1\}\).*/\2/p' >want
	tetra __complete "$verb" -- | cut -f 1 >got
	[ -s want ] && cmp -s want got; report $? "every option of $verb" "$(diff want got)"
done
answers 'an option has its words' "--strict${tab}warnings refuse too: exit code 1" check --st
answers 'a letter too' "-o${tab}how to print what was found \(text\)" check -
words 'a value is wanted: =' '--output=' check --outp
words 'choices, behind =' '--output=sarif' check --output=s
words 'choices, as a word of their own' 'sarif' check --output s
words 'choices, behind a letter' 'sarif' check -o s
words 'choices, joined to the letter' '-osarif' check -os
words 'all choices' 'text json sarif github junit quiet' check one.yaml -o ''
words 'a flag has no value' '' check --strict=
words 'an option that does not exist' '' check --nonsense=
words 'letters behind a flag' 'text json yaml' explain -ro ''
words 'options of a verb without operands' '-o --output= --root= -h --help' list ''
words '-- ends options' ':files' check -- --out
words 'the value of an option is not --' ':files' check --config -- one
words 'shells' 'bash zsh fish' completion ''
words 'verbs for help' 'check' help ch
words 'pages' 'tetra-policy.5' man tetra-po

answers 'codes that may be turned off' "TP416${tab}.+" check --disable TP41
words 'not those of errors' '' check --disable TP10
words 'several, parted by commas' 'TP205,TP416 TP205,TP416,' check --disable TP205,TP416
words 'passes' 'parse decode intend check lower simplify object link image' compile --dump ''
words 'types of events' 'process_exec process_exit process_loader process_kprobe process_tracepoint process_uprobe process_usdt process_lsm' getevents --event-types ''
words 'the only type behind two' 'process_exec,process_exit,process_lsm process_exec,process_exit,process_lsm,' \
	getevents --event-types process_exec,process_exit,process_ls
words 'types behind a comma' '--event-types=process_exec,process_lsm --event-types=process_exec,process_lsm,' \
	getevents --event-types=process_exec,process_ls
answers 'files of policies' ":files$tab$tab.yaml .yml .json" check ''
answers 'any file' ":files$tab$tab" check --config ''
answers 'a file behind =' ":files$tab--config=$tab" check --config=one
answers 'folders' ":folders$tab--root=$tab" list --root=x
answers 'codes of explain' "TP101${tab}.+" explain TP10
answers 'fields of explain' "spec.kprobes${tab}Kernel functions and system calls." explain spec.kp
answers 'a field that goes on' "spec.kprobes.${tab}the keys below it" explain spec.kp
answers 'one level at a time' "spec.kprobes.selectors${tab}.+" explain spec.kprobes.
answers 'words of explain' "Equal${tab}.+" explain Eq
answers 'policies of explain' ":files$tab$tab.yaml .yml .json" explain one
for words in "delete ''" "getevents --policy ''" "delete --root $scratch/none ''" "delete --root $scratch/notes.txt ''"; do
	eval "words 'no policies, no complaint: $words' '' $words"
done
if command -v setpriv >/dev/null || [ "$(id -u)" -ne 0 ]; then
	said=$(as_user "$user_tetra" __complete delete '' 2>&1); [ $? -eq 0 ] && [ -z "$said" ]
	report $? 'nor for an ordinary user' "$said"
else
	skip 'nor for an ordinary user' 'no setpriv'
fi

# ---- The scripts ----

for shell in bash zsh fish; do
	tetra completion $shell >script.$shell; report $? "completion $shell"
done
expect 'a shell without a script' 2 "no script for 'tcsh', only for bash\|zsh\|fish" tetra completion tcsh
expect 'no shell' 2 'takes the name of a shell' tetra completion
expect 'a closed standard output' 3 'cannot write' sh -c 'tetra completion bash >&-'
[ ! -w /dev/full ] || expect 'a full disk' 3 'cannot write' sh -c 'tetra completion bash >/dev/full'

has() { command -v "$1" >/dev/null; }
no_shell() { skip "$1" "no $1: tests/install-packages test"; }

bash -n script.bash; report $? 'bash: syntax'

# bash_gives NAME WANT LINE: COMP_WORDS parted as bash does, at blanks and at = and : too.
cat >ask.bash <<'EOT'
compopt() { :; }
. ./script.bash
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
read -ra pieces <<<"$(sed 's/\([=:]\)/ \1 /g' <<<"$1")"
COMP_WORDS=("${pieces[@]}")
[[ $1 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tetra tetra "${COMP_WORDS[COMP_CWORD]}" ''
printf '%s\n' "${COMPREPLY[@]}" | paste -sd '|'
EOT
bash_gives() {
	got=$(bash ask.bash "$3" 2>&1)
	[ "$got" = "$2" ]; report $? "bash: $1" "'$got', not '$2'"
}
bash_gives 'a verb' 'check' 'tetra ch'
bash_gives 'an option' '--output=' 'tetra check --outp'
bash_gives 'a value, of which bash has only what stands behind =' 'sarif' 'tetra check --output=sa'
bash_gives 'behind = itself' 'text|json|sarif|github|junit|quiet' 'tetra check --output='
bash_gives 'a word with : before' 'sarif' 'tetra check one.yaml:3 -o sa'
bash_gives 'a file' 'one.yaml' 'tetra check o'
bash_gives 'only policies' '' 'tetra check no'
bash_gives 'a folder' 'policies' 'tetra check pol'
bash_gives 'a path behind =' 'notes.txt' 'tetra check --config=no'
bash_gives 'a field' 'spec.kprobes|spec.kprobes.' 'tetra explain spec.kp'
bash_gives 'what nothing is known of' '' 'tetra nonsense '
(unset tetra; PATH=/usr/bin:/bin bash ask.bash 'tetra ch' >out 2>&1); [ -z "$(cat out)" ]
report $? 'bash: tetra is gone' "$(cat out)"

# typed SHELL TEXT WANT: what stands on the command line after the keys.
typed() {
	got=$(TETRA_SCRIPT=./script.$1 timeout 60 "$project/tests/cli/type-in-shell" "$1" "$2" 2>&1)
	[ "$got" = "$3" ]; report $? "$1: $2" "'$got', not '$3'"
}
if has zsh; then
	zsh -n script.zsh; report $? 'zsh: syntax'
	for shell in bash zsh; do
		typed $shell 'tetra ch<TAB>' 'tetra check '
		typed $shell 'tetra check --outp<TAB>sa<TAB>' 'tetra check --output=sarif '
		typed $shell 'tetra check -o sa<TAB>' 'tetra check -o sarif '
		typed $shell 'tetra check t<TAB>' 'tetra check two\ words.yml '
		typed $shell 'tetra check pol<TAB>th<TAB>' 'tetra check policies/three.yaml '
		typed $shell 'tetra check --config=no<TAB>' 'tetra check --config=notes.txt '
		typed $shell 'tetra list --root=pol<TAB>' 'tetra list --root=policies/'
		typed $shell 'tetra explain spec.kp<TAB>.sel<TAB>' 'tetra explain spec.kprobes.selectors'
		typed $shell 'bin/tetra compi<TAB>--du<TAB>pa<TAB>' 'bin/tetra compile --dump=parse '
		typed $shell 'tetra nonsense <TAB>' 'tetra nonsense '
		typed $shell 'tetra check -- --o<TAB>' 'tetra check -- --o'
		PATH=/usr/bin:/bin typed $shell 'tetra ch<TAB>' 'tetra ch'
	done
else
	no_shell zsh
fi

fish_gives() {
	got=$(HOME=$scratch fish --no-config -c 'source script.fish; complete -C $argv' "$3" 2>&1 | cut -f 1 | paste -sd '|')
	[ "$got" = "$2" ]; report $? "fish: $1" "'$got', not '$2'"
}
if has fish; then
	fish --no-execute script.fish; report $? 'fish: syntax'
	fish_gives 'a verb' 'check' 'tetra ch'
	fish_gives 'an option' '--output=' 'tetra check --outp'
	fish_gives 'a value' 'sarif' 'tetra check -o sa'
	fish_gives 'a value behind =' '--output=sarif' 'tetra check --output=sa'
	fish_gives 'files and folders' 'one.yaml' 'tetra check on'
	fish_gives 'only policies' '' 'tetra check no'
	fish_gives 'a path behind =' '--config=notes.txt' 'tetra check --config=no'
	fish_gives 'folders' 'policies/' 'tetra list --root pol'
	fish_gives 'a field' 'spec.kprobes|spec.kprobes.' 'tetra explain spec.kp'
	fish_gives 'what nothing is known of' '' 'tetra nonsense '
	PATH=/usr/bin:/bin fish_gives 'tetra is gone' '' 'tetra ch'
	HOME=$scratch fish --no-config -c 'source script.fish; complete -C "tetra ch"' | grep -qx "check${tab}say what is wrong with policies"
	report $? 'fish: with its meaning'
else
	no_shell fish
fi
finish
