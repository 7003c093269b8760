# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What came of the job: its output, its status, and the files it left.

# result_list DIR: what is in it and no folder, one a line
result_list() {
	(cd "$1" && find . ! -type d -printf '%P\n' | LC_ALL=C sort)
}

# result_check_folder DIR: may a result be written there? Only in the place of nothing, or of what the
# lab has written, by the list that it left.
result_check_folder() {
	local parent foreign
	parent=$(dirname "$1")
	if [ -L "$1" ] || { [ -e "$1" ] && { [ ! -d "$1" ] || { [ -n "$(ls -A "$1")" ] && [ ! -f "$1/.exitprof-lab" ]; }; }; }; then
		usage_error "'$1' exists and is no result of the lab"
	fi
	if [ -f "$1/.exitprof-lab" ]; then
		[ -s "$1/.exitprof-lab" ] ||
			usage_error "'$1' is of an earlier version, which left no list of what it wrote; remove it yourself"
		foreign=$(result_list "$1" | LC_ALL=C comm -23 - "$1/.exitprof-lab" | sed -n 1,3p)
		[ -z "$foreign" ] ||
			usage_error "'$1' holds files that the lab did not write, such as ${foreign//$'\n'/, }"
	fi
	if [ -d "$parent" ]; then
		[ -w "$parent" ] || usage_error "cannot write to '$parent'"
	fi
}

# json_text TEXT: as a string of JSON
json_text() {
	local text=${1//\\/\\\\}
	text=${text//\"/\\\"}
	printf '"%s"' "${text//[[:cntrl:]]/?}"
}

# result_line: the call of the lab, for others to repeat: RESULT stands for the folder of -o. What the
# last $guest_words words say is the guest's command's.
result_line() {
	local line="./host-patch/lab/exitprof-lab" ours=$((${#words[@]} - guest_words)) i
	for ((i = 0; i < ${#words[@]}; i++)); do
		case $((i < ours)):${words[i]} in
		1:-o | 1:--output) line+=" -o RESULT"; i=$((i + 1)) ;;
		1:--output=*) line+=" -o RESULT" ;;
		*) line+=" $(printf %q "${words[i]}")" ;;
		esac
	done
	echo "$line"
}

# result_about FILE: how the lab was called and what it made, for 'exitprof report'
result_about() {
	local paging=nested kernel=$KREL
	[ "$npt" -eq 1 ] || paging=shadow
	! $stock || kernel+=", stock"
	cat >"$1" <<-END
		{
		  "command": $(json_text "$(result_line)"),
		  "host": $(json_text "$host_name"),
		  "host_kernel": $(json_text "$kernel"),
		  "host_clock": "$boot_clock",
		  "resumed": $boot_resumed,
		  "paging": "$paging",
		  "vcpus_count": $vcpus,
		  "memory_mib": $l2_memory
		}
	END
}

# result_publish FROM: the folder FROM becomes $outdir, whole or not at all; or, if by now somebody else's
# is there, a folder beside that, and $outdir names it
result_publish() {
	local new wanted=$outdir number=1
	mkdir -p "$(dirname "$outdir")"
	publishing=$(new_folder "$(dirname "$outdir")/.${outdir##*/}.tmp")
	new=$publishing
	cp -r "$1/." "$new/"
	chmod 755 "$new"
	result_about "$new/lab.json"
	: >"$new/.exitprof-lab"
	{ result_list "$new"; result_drawn; } | LC_ALL=C sort -u >"$tmp/own"
	cat "$tmp/own" >"$new/.exitprof-lab"
	until result_put "$new" "$outdir"; do
		number=$((number + 1))
		if [ $number -gt 99 ]; then
			publishing=
			die "cannot put the result in the place of '$wanted'" "it is in '$new'"
		fi
		outdir=$wanted-$number
	done
	[ $number -eq 1 ] || message "'$wanted' is not the lab's alone by now; the result is in '$outdir'"
}

# result_put NEW DIR: NEW gets the name DIR, if nothing is there, or what the lab has written
result_put() {
	(result_check_folder "$2") 2>/dev/null || return 1
	if [ -d "$2" ]; then
		replaced=$(new_folder "$(dirname "$2")/.${2##*/}.old")
		mv -T "$2" "$replaced" 2>/dev/null || { rmdir "$replaced"; replaced=; return 1; }
	fi
	if mv -T "$1" "$2" 2>/dev/null; then
		publishing=
		result_settle "$2"
		return
	fi
	result_settle "$2"
	return 1
}

# result_settle DIR: the earlier result is removed when the new one is in its place, else it comes back
result_settle() {
	[ -n "$replaced" ] || return 0
	if [ -z "$publishing" ]; then
		rm -rf "$replaced"
	elif [ -e "$1" ] || ! mv -T "$replaced" "$1"; then
		message "the earlier result is in '$replaced'"
	fi
	replaced=
}

# result_drawn: what the lab may add to a result
result_drawn() {
	local script
	for script in "$root"/plots/*.gp; do
		script=${script##*/}
		printf '%s\n' "${script%.gp}".{svg,png}
	done
	printf '%s\n' report.html boot-timeline.csv boot-compare.csv
}

# result_fetch: takes $work/job.img apart; sets $job_status
result_fetch() {
	local out=$work/out
	mkdir "$out"
	tar -x -f "$work/job.img" -C "$out" --no-same-owner 2>"$work/tar.log" ||
		die "the result that came back cannot be read: $(head -n 1 "$work/tar.log")"
	[ -f "$out/job/status" ] || { machine_failed "L2 ended without a result" l2; exit 1; }
	read -r job_status <"$out/job/status"
	result_files=$out/mnt
	! $trace || result_trace "$result_files/trace"
	if $keep_logs; then
		mkdir -p "$result_files/logs"
		tr -d '\r' <"$work/l1.log" >"$result_files/logs/l1.log"
		tr -d '\r' <"$work/l2.log" >"$result_files/logs/l2.log"
	fi
}

# result_output: what the job wrote, where it wrote it
result_output() {
	stage_done
	# The folder has another name here.
	local rename
	rename="s#/mnt/results#$(sed 's/[\\#&]/\\&/g' <<<"$outdir")#"
	sed "$rename" "$work/out/job/stderr" >&2
	# What a command of the user's prints is not ours to change.
	if [ "$command" = run ]; then
		sed "$rename" "$work/out/job/stdout"
	else
		cat "$work/out/job/stdout"
	fi
}

# result_trace DIR: the parts that L1 wrote one after the other, as files
result_trace() {
	stage "trace"
	mkdir -p "$1"
	sed '/^=== end$/q' "$work/trace.img" | awk -v dir="$1" '
		/^=== / {
			file = dir "/" $2
			if ($2 != "events" && $2 != "end")
				printf "" >file
			next
		}
		file ~ /events$/ {
			# Only what is compared: much of a line is registers. What comes before
			# the event names the thread.
			if (!(at = index($0, ": kvm_")))
				next
			match($0, /-[0-9]+ +\[/)
			thread = substr($0, RSTART + 1, RLENGTH - 2) + 0
			$0 = substr($0, at + 2)
			if ($1 == "kvm_exit:") {
				vcpu[thread] = $3
				# "... reason PF excp rip ..."
				reason = $5
				for (i = 6; i <= NF && $i != "rip"; i++)
					reason = reason "_" $i
				print "exit", $3, reason
			} else if ($1 == "kvm_cpuid:") {
				print "cpuid", vcpu[thread], $3, $5, $7, $9, $11, $13
			}
			next
		}
		file { print >file }
	' >"$1/events"
	gzip -1 "$1/events"
}
