# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Bash asks exitprof itself what may follow: see src/cli/complete.h for the answers.
_exitprof()
{
	local current=${COMP_WORDS[COMP_CWORD]} answer
	COMPREPLY=()
	[ "$current" != = ] || current=
	while IFS= read -r answer; do
		case $answer in
		:files) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
		:folders) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
		:program*)
			# Of bash-completion; exitprof is not among the words it counts.
			if declare -F _command_offset >/dev/null; then
				_command_offset $((${answer#:program } + 1))
			else
				mapfile -t COMPREPLY < <(compgen -c -- "$current")
			fi
			return
			;;
		*)
			answer=${answer%%$'\t'*}
			[ "${answer%=}" = "$answer" ] || compopt -o nospace
			COMPREPLY+=("$answer")
			;;
		esac
	done < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	case $answer in :*) compopt -o filenames ;; esac
}
complete -F _exitprof exitprof
