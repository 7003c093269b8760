# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The disks of one run: an empty ext4 file system for the job to work on, and a
# raw disk that carries the job to L2 and what came of it back, each as a tar. The job's
# comes after a block that says that it is there: see guest/lab-wait.c.

disk_size=${EXITPROF_LAB_DISK:-2G}
job_offset=512

# sh_quote WORD...: as words for a shell in L2
sh_quote() {
	local word
	for word; do
		printf "'%s' " "${word//\'/\'\\\'\'}"
	done
	echo
}

# job_work: makes the empty file system, $job_work, for each job to copy: there is next to nothing in it
job_work() {
	job_work=$cache/parts/work-$disk_size.img
	cache_lock work
	[ ! -f "$job_work" ] || return 0
	rm -f "$job_work.new"
	truncate -s "$disk_size" "$job_work.new"
	# Nothing of the file system may be left for its kernel thread to do later:
	# that would be I/O beside the job's.
	PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F -m 0 \
		-E lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0 "$job_work.new" ||
		die "cannot make a file system image"
	mv "$job_work.new" "$job_work"
}

# job_tool: makes $job_tool, a tar without an end of exitprof and its workloads, for each job to begin with
job_tool() {
	local key top=$tmp/tool-root
	key=$(declare -f job_tool | cat - <(stat -L -c '%n %s %y' "$tool/src/exitprof" "$tool"/workloads/*.so) | sha256sum)
	job_tool=$cache/parts/${tool##*/}.tar
	[ ! -f "$job_tool" ] || [ "$(cat "$job_tool.key" 2>/dev/null)" != "$key" ] || return 0
	mkdir -p "$top/usr/bin" "$top/usr/lib/exitprof/workloads"
	cp -L "$tool/src/exitprof" "$top/usr/bin/"
	cp -L "$tool"/workloads/*.so "$top/usr/lib/exitprof/workloads/"
	# The example is not installed anywhere else either.
	rm -f "$top/usr/lib/exitprof/workloads/skeleton.so"
	# L2 takes as long to read their symbols as all the rest.
	strip "$top/usr/bin/exitprof" "$top"/usr/lib/exitprof/workloads/*.so
	rm -f "$job_tool.key"
	tar -c -b 1 -C "$top" --owner=0 --group=0 usr | head -c -1024 >"$job_tool.new"
	mv "$job_tool.new" "$job_tool"
	rm -rf "$top"
	echo "$key" >"$job_tool.key"
}

# job_disks DIR WORD...: the disks of a job that runs the command WORD... in L2
job_disks() {
	local dir=$1 top=$1/job-root rows cols binary library names
	shift
	if [ "$guest" = debian ]; then
		cp --sparse=always "$guest_img" "$dir/root.img"
	else
		cp --sparse=always "$job_work" "$dir/work.img"
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
	{
		head -c "$job_offset" /dev/zero
		[ "$guest" = debian ] || cat "$job_tool"
		tar -c -C "$top" --owner=0 --group=0 "${names[@]}"
	} >"$dir/job.img"
	rm -rf "$top"
	job_bytes=$(($(stat -c %s "$dir/job.img") - job_offset))
	job_fits
	truncate -s 2G "$dir/job.img"
	! $trace || truncate -s 16G "$dir/trace.img"
}

# job_fits: L2 unpacks the job into a file system in its memory, which may take half of what its kernel
# leaves: 84 MB come up in 256 MiB, and not in 192
job_fits() {
	local mib=$((job_bytes / 1048576 + 1)) kernel=72
	[ "$guest" != debian ] || return 0
	[ $((2 * mib + kernel)) -le "$l2_memory" ] ||
		die "what --with brings has $mib MiB with its libraries, and L2, with $l2_memory MiB, has no room for it" \
			"--memory $(((2 * mib + kernel + 63) / 64 * 64))"
}

# job_put TIME: the job is there, at that time in microseconds since 1970 (0 is any time)
job_put() {
	# It is complete when its first line is.
	head -c 256 /dev/urandom | dd of="$work/job.img" bs=256 seek=1 conv=notrunc status=none
	printf 'exitprof-lab job %s %s\n' "$job_bytes" "$1" | dd of="$work/job.img" conv=notrunc status=none
}
