# Completion of tetra for fish.  'tetra __complete' knows the words; here they are put before fish.
function __tetra_complete
	set -l words (commandline -opc)
	set -l word (commandline -ct)
	set -l tetra $words[1]
	command -q $tetra; or set tetra tetra
	command -q $tetra; or return

	for line in (command $tetra __complete $words[2..-1] $word 2>/dev/null)
		set -l fields (string split \t -- $line)
		switch $fields[1]
			case :files
				__tetra_paths $word $fields[2] (string split -n ' ' -- $fields[3])
			case :folders
				__tetra_paths $word $fields[2] /
			case '*'
				echo $line
		end
	end
end

# Paths behind what stands before them in the word; with suffixes, only folders and what ends so.
function __tetra_paths --argument-names word before
	set -l endings (string escape --style=regex -- $argv[3..-1])
	set -l wanted (string join '|' -- / $endings)
	set -q argv[3]; or set wanted ''

	for path in (complete -C "__tetra_no_command "(string sub -s (math (string length -- $before) + 1) -- $word))
		string match -qr -- "($wanted)(\t|\$)" $path; and echo $before$path
	end
end

complete -c tetra -f -a '(__tetra_complete)'
