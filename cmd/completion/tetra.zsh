#compdef tetra
# Completion of tetra for zsh.  'tetra __complete' knows the words; here they are put before zsh.
_tetra() {
	local tetra=${words[1]/#\~/$HOME} line
	local -a fields plain open

	(( $+commands[$tetra] )) || [[ -x $tetra ]] || tetra=tetra
	(( $+commands[$tetra] )) || [[ -x $tetra ]] || return 1
	for line in ${(f)"$($tetra __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)"}; do
		fields=("${(@ps:\t:)line}")
		case $fields[1] in
		(:files)
			_tetra_paths "$fields[2]" -g "*(-/) ${${=fields[3]}/#/*}"
			;;
		(:folders)
			_tetra_paths "$fields[2]" -/
			;;
		(*=)
			open+=("${fields[1]//:/\\:}:$fields[2]")
			;;
		(*)
			plain+=("${fields[1]//:/\\:}:$fields[2]")
			;;
		esac
	done
	_describe -t words word plain -- open -S ''
}

# Paths behind what stands before them in the word.
_tetra_paths() {
	local before=$1 PREFIX=$PREFIX IPREFIX=$IPREFIX
	shift
	PREFIX=${PREFIX#$before}
	IPREFIX=$IPREFIX$before
	_files "$@"
}

if [ "$funcstack[1]" = _tetra ]; then
	_tetra "$@"
else
	compdef _tetra tetra
fi
