#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that is full, and one that is read-only: the figures are shown all the
# same, the earlier result stays, and nothing else is left.
self=$(realpath "$0")
. "$(dirname "$0")/lib.sh"

unshare=(unshare -m)
((!EUID)) || unshare=(unshare -rm)
"${unshare[@]}" mount -t tmpfs none "$tmp" 2>/dev/null ||
	skip 'may not mount a tmpfs, not even in a namespace'
[[ ${1-} == inside ]] || {
	"${unshare[@]}" "$self" inside
	exit
}

mkdir disk
mount -t tmpfs -o size=32k none disk
run svm 0 run nap -o disk/result --no-plot
find disk -type f -exec cksum {} + >before
dd if=/dev/zero of=disk/ballast bs=4k count=100 2>/dev/null || true

for result in result new; do
	run svm 1 run nap -o disk/$result --no-plot
	grep -q "^exitprof: cannot write 'disk/$result/.*': No space left on device$" err ||
		die 'no reason'
	says 'hint: make room there, or choose another folder with -o DIR'
	shows 'io: expected 20, counted 20: exact'
	grep -q 'saved in' out && die 'claims to have saved it'
	rm disk/ballast
	find disk -type f -exec cksum {} + >after
	cmp before after || die 'the earlier result has changed'
	same "$(ls -A disk)" result
	dd if=/dev/zero of=disk/ballast bs=4k count=100 2>/dev/null || true
done

rm disk/ballast
mount -o remount,bind,ro disk
run svm 1 run nap -o disk/other --set say=told
no_data
says "exitprof: cannot make the result folder 'disk/other': Read-only file system"
[[ ! -e told ]] || die 'ran although the result cannot be written'
run svm 0 run nap --no-save
umount disk
