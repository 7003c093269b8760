# SPDX-License-Identifier: GPL-3.0-or-later
# Fish asks exitprof itself what may follow: see src/cli/complete.h for the answers.
function __exitprof_complete
	set -l words (commandline -opc)[2..-1]
	set -l current (commandline -ct)
	for answer in ($argv[1] --complete $words "$current" 2>/dev/null)
		switch $answer
			case :files
				__fish_complete_path "$current"
			case :folders
				__fish_complete_directories "$current"
			case ':program*'
				set -l first (string replace ':program ' '' -- $answer)
				complete -C (string join ' ' -- (string escape -- $words[(math $first + 1)..-1]) "$current")
			case '*'
				echo $answer
		end
	end
end
complete -c exitprof -f -a '(__exitprof_complete exitprof)'
