# Completion of tetra for bash.  'tetra __complete' knows the words; here they are put before bash.
_tetra() {
	local tetra rest=${COMP_LINE:0:COMP_POINT} piece before kept word breaks='' line name second third
	local -a words=() suffixes

	# Bash parts words at = and : as well: what no blank stands before goes with the word before it.
	for ((piece = 0; piece <= COMP_CWORD; piece++)); do
		before=$rest
		rest=${rest#"${rest%%[![:space:]]*}"}
		word=${COMP_WORDS[piece]}
		((piece < COMP_CWORD)) || word=$rest
		if [[ $rest == "$before" && ${#words[@]} -gt 0 ]]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
		rest=${rest#"$word"}
	done
	word=${words[${#words[@]} - 1]}
	tetra=${words[0]/#\~/$HOME}
	type -P "$tetra" >/dev/null || tetra=tetra

	# And it replaces only what stands behind the last of these.
	[[ $COMP_WORDBREAKS != *=* ]] || breaks+='='
	[[ $COMP_WORDBREAKS != *:* ]] || breaks+=':'
	kept=''
	[[ -z $breaks ]] || kept=${word%"${word##*[$breaks]}"}

	COMPREPLY=()
	while IFS=$'\t' read -r name second third; do
		case $name in
		:files)
			compopt -o filenames
			piece=${word#"$second"}
			before=${second#"$kept"}
			while IFS= read -r line; do
				COMPREPLY+=("$before$line")
			done < <(compgen -d -- "$piece"; _tetra_files "$piece" $third)
			;;
		:folders)
			compopt -o filenames
			piece=${word#"$second"}
			before=${second#"$kept"}
			while IFS= read -r line; do
				COMPREPLY+=("$before$line")
			done < <(compgen -d -- "$piece")
			;;
		*)
			COMPREPLY+=("${name#"$kept"}")
			;;
		esac
	done < <("$tetra" __complete "${words[@]:1}" 2>/dev/null)
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

# Files that begin so and end with one of the suffixes, or all.
_tetra_files() {
	local path=$1 suffix
	shift
	(($#)) || set -- ''
	for suffix; do
		compgen -f -X "!*$suffix" -- "$path" | while IFS= read -r path; do
			[[ -d $path ]] || printf '%s\n' "$path"
		done
	done
}

complete -F _tetra tetra
