#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The portable tarball runs where there is nothing but a kernel and busybox; what is in it comes
# with its licence, and needs no newer processor.
. "$(dirname "$0")/lib.sh"
need busybox tmux
clean_up() { tmux -S "$tmp/server" kill-server 2>/dev/null || true; }
build_portable

# One folder of anybody's
tar -tvzf "$tarball" --numeric-owner >"$tmp/list"
! grep -vE "^[d-]rw[x-]r-[x-]r-[x-] 0/0 .* exitprof-$version-x86_64/" "$tmp/list" || die "odd entries"
tar -xzf "$tarball" -C "$tmp"
top=$tmp/exitprof-$version-x86_64
for script in "$root"/plots/*.gp; do [ -s "$top/share/exitprof/plots/${script##*/}" ] || die "no ${script##*/}"; done
[ -s "$top/share/man/man1/exitprof-run.1" ] || die "no manual pages"

# What is not exitprof's own is listed with its source, and has its licence there.
licences=$top/share/exitprof/licences
while read -r package _ source _; do
	[ -s "$licences/$package" ] || die "no licence of $package"
	echo "$source" >>"$tmp/sources"
done < <(grep -v '^#' "$licences/SOURCES")
for source in glibc gsl json-c libcsv libmicrohttpd liburing ncurses util-linux; do
	grep -qx "$source" "$tmp/sources" || die "SOURCES lacks $source"
done
for text in GPL-2 GPL-3 LGPL-2.1 LGPL-3; do [ -s "$licences/texts/$text" ] || die "no text of the $text"; done

# Whatever is loaded is in the folder, says nothing of this machine, and is for any processor.
mapfile -t files < <(find "$top/lib" "$top/libexec" -type f)
for file in "${files[@]}"; do
	case ${file##*/} in ld-linux*) continue ;; esac
	"$top/lib/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$top/lib" --list "$file" >"$tmp/needed"
	! grep '=>' "$tmp/needed" | grep -vF " => $top/lib/" || die "${file#"$top"} needs what is elsewhere"
	! readelf -n "$file" 2>/dev/null | grep 'ISA needed:.*v[2-9]' || die "${file#"$top"} needs a newer processor"
done
for file in "$top/libexec/exitprof/exitprof" "$top"/lib/exitprof/workloads/*.so; do
	! objdump -d "$file" | grep -E '[[:space:]]v[a-z0-9]+ .*%[xyz]mm' >"$tmp/avx" || die "${file#"$top"} needs AVX"
done
! grep -laE "$root|exitprof-build-" "${files[@]}" || die "has a path of where it was built"

# The smallest guest
mkdir -p "$tmp/root/bin"
cp "$(type -P busybox)" "$tmp/root/bin/"
for applet in $(busybox --list); do ln -s busybox "$tmp/root/bin/$applet" 2>/dev/null || [ "$applet" = busybox ]; done
try_portable "$tmp/root"

# Its terminal, which the guest does not know, in UTF-8
mkfifo "$tmp/changes"
exec {changes}<>"$tmp/changes"
tmux -S "$tmp/server" -f /dev/null -u new-session -d -x 80 -y 24 env -i TERM=tmux-256color LC_ALL=en_GB.UTF-8 \
	PATH=/bin EXITPROF_TEST_HOST=svm-full \
	"${as_root[@]}" "$(type -P unshare)" --mount "$(type -P chroot)" "$tmp/root" "/tmp/a folder/exitprof-$version-x86_64/exitprof" watch -i 100ms -n 100
tmux -S "$tmp/server" pipe-pane -O "exec cat >'$tmp/changes'"
until tmux -S "$tmp/server" capture-pane -p >"$tmp/screen" && grep -q '[▁▂▃▄▅▆▇█]' "$tmp/screen"; do
	! grep 'is not known here' "$tmp/screen" || die "watch does not know the terminal"
	read -r -t 100 -n 1 -u "$changes" || die "watch draws nothing: $(cat "$tmp/screen")"
done
