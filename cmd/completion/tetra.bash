# Completion of tetra for bash.  'tetra __complete' knows the words; here they are put before bash.
_tetra() {
	local tetra rest=${COMP_LINE:0:COMP_POINT} piece before kept='' word breaks='' line name
	local -a words=()

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
	type -P "$tetra" >/dev/null || tetra=$(type -P tetra) || return 0

	# And it replaces only what stands behind the last of these.
	[[ $COMP_WORDBREAKS != *=* ]] || breaks+='='
	[[ $COMP_WORDBREAKS != *:* ]] || breaks+=':'
	[[ -z $breaks ]] || kept=${word%"${word##*["$breaks"]}"}

	COMPREPLY=()
	while IFS= read -r line; do
		name=${line%%$'\t'*}
		line=${line#*$'\t'}
		case $name in
		:files)
			_tetra_paths "$word" "$kept" "${line%%$'\t'*}" ${line#*$'\t'}
			;;
		:folders)
			_tetra_paths "$word" "$kept" "${line%%$'\t'*}" /
			;;
		*)
			COMPREPLY+=("${name#"$kept"}")
			;;
		esac
	done < <("$tetra" __complete "${words[@]:1}" 2>/dev/null)
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

# Paths behind what stands before them in the word; with suffixes, only folders and what ends so.
_tetra_paths() {
	local path=${1#"$3"} before=${3#"$2"} suffix found
	shift 3
	compopt -o filenames
	(($#)) || set -- ''
	while IFS= read -r found; do
		for suffix; do
			[[ ! -d ${found/#\~/$HOME} && $found != *"$suffix" ]] || { COMPREPLY+=("$before$found"); break; }
		done
	done < <(compgen -f -- "$path")
}

complete -F _tetra tetra
