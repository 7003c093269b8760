# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The disks of one run: an empty ext4 file system for the job to work on, and a
# raw disk that carries the job to L2 and what came of it back, each as a tar.

disk_size=${EXITPROF_LAB_DISK:-2G}

# sh_quote WORD...: as words for a shell in L2
sh_quote() {
	local word
	for word; do
		printf "'%s' " "${word//\'/\'\\\'\'}"
	done
	echo
}

# job_work FILE: the empty file system
job_work() {
	# Nothing of the file system may be left for its kernel thread to do later:
	# that would be I/O beside the job's.
	truncate -s "$disk_size" "$1"
	PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F -m 0 \
		-E lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0 "$1" ||
		die "cannot make a file system image"
}

# job_disks DIR WORD...: the disks of a job that runs the command WORD... in L2
job_disks() {
	local dir=$1 top=$1/job-root rows cols binary library names
	shift
	if [ "$guest" = debian ]; then
		cp --sparse=always "$guest_img" "$dir/root.img"
	else
		job_work "$dir/work.img"
	fi
	mkdir -p "$top/job"
	terminal_size
	{
		echo "mode=$mode rows=$rows cols=$cols term=$(sh_quote "${TERM-linux}") charmap=$(locale charmap) details=$details"
	} >"$top/job/settings"
	sh_quote "$@" >"$top/job/command"
	for binary in "${with[@]}"; do
		install -D -m 755 "$binary" "$top/usr/local/bin/${binary##*/}"
		while read -r library; do
			[ -e "$top$library" ] || install -D -m 755 "$library" "$top$library"
		done < <(libraries "$binary")
	done
	mapfile -t names < <(cd "$top" && find . -type f -printf '%P\n')
	tar -c -f "$dir/job.img" -C "$top" --owner=0 --group=0 "${names[@]}"
	rm -rf "$top"
	job_bytes=$(stat -c %s "$dir/job.img")
	truncate -s 2G "$dir/job.img"
	! $trace || truncate -s 16G "$dir/trace.img"
}
