#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages are built without a complaint of lintian's, hold everything in
# the right place, and depend on what the list of the lab names.
. "$(dirname "$0")/lib.sh"
cd "$root"

[ "$(dpkg-parsechangelog -S Version)" = "$version" ] ||
	die "meson.build is version $version, debian/changelog is $(dpkg-parsechangelog -S Version)"

# field FILE PARAGRAPH FIELD: its packages, one a line, without versions
field() {
	awk -v p="$2" -v f="$3:" '
		/^[^ #]/ { on = 0 }
		/^(Source|Package): / { here = $2 == p && $1 == (f == "Build-Depends:" ? "Source:" : "Package:") }
		here && $1 == f { on = 1; sub(/^[^:]*:/, "") }
		on' "$1" | tr ',|' '\n\n' | awk 'NF { print $1 }' | sort
}
while read -r package _ group; do
	case $group in
	build) paragraph=exitprof fields="Build-Depends" ;;
	kernel) paragraph=exitprof-host fields="Depends" ;;
	lab | plot) paragraph=exitprof-host fields="Depends Recommends" ;;
	bochs | guest | newer | cost) paragraph=exitprof-host fields="Suggests" ;;
	*) continue ;;
	esac
	# These are essential for any build, or come with meson.
	case $package in gcc | libc6-dev | ninja-build) continue ;; esac
	for field in $fields; do field debian/control $paragraph "$field"; done | grep -x "$package" >/dev/null ||
		die "${fields##* } of $paragraph lacks $package ($group)"
done < <(grep -v '^#' host-patch/lab/packages)

# Who reads debian/copyright must find what the files themselves say.
mapfile -t kernels < <(sed -n '/^Files: host-patch/,/^Copyright/s/^\(Files:\)\? *\([a-z].*\)/\2/p' debian/copyright)
[ ${#kernels[@]} -gt 2 ] || die "debian/copyright names no files of the kernel's"
sources | while IFS= read -r -d '' file; do
	stated=GPL-3.0-or-later
	for pattern in "${kernels[@]}"; do
		# shellcheck disable=SC2053
		[[ $file != $pattern ]] || stated=GPL-2.0
	done
	found=$(head -n 5 "$file" | sed -n 's/.*SPDX-License-Identifier: \([A-Za-z0-9.-]*\).*/\1/p' | sed -n 1p)
	case $found in '' | "$stated"*) ;; *) die "debian/copyright: $file is $found" ;; esac
done

build_debs
TMPDIR=$tmp lintian --fail-on error,warning "$debs"/*.changes >"$tmp/lintian" 2>&1 || die "lintian: $(cat "$tmp/lintian")"

for deb in "$debs"/exitprof{,-dev,-host}_*.deb; do
	dpkg-deb -x "$deb" "$tmp/all"
	dpkg-deb --fsys-tarfile "$deb" | tar -t | grep -v '/$' | grep -v '/share/doc/[^/]*/\(changelog\|copyright\)' |
		sed "s#^\./#$(dpkg-deb -f "$deb" Package) #" >>"$tmp/files"
done
in_package() { grep -qxE "$1 $2" "$tmp/files" || die "$1 lacks $2"; }
in_package exitprof usr/bin/exitprof
in_package exitprof usr/libexec/exitprof/boot-sampler
in_package exitprof '(usr/)?lib/systemd/system/exitprof-boot.service'
in_package exitprof usr/share/bash-completion/completions/exitprof
in_package exitprof usr/share/zsh/site-functions/_exitprof
in_package exitprof usr/share/fish/vendor_completions.d/exitprof.fish
in_package exitprof usr/share/man/man7/exitprof-workload.7.gz
in_package exitprof-dev usr/include/exitprof/workload.h
in_package exitprof-dev usr/lib/x86_64-linux-gnu/pkgconfig/exitprof.pc
in_package exitprof-dev usr/share/doc/exitprof/examples/skeleton.c
in_package exitprof-host usr/bin/exitprof-lab
# A new kernel's installation runs these, and an operator may edit them.
for hook in etc/kernel/postinst.d/exitprof-host etc/kernel/postrm.d/exitprof-host; do
	in_package exitprof-host $hook
	[ -x "$tmp/all/$hook" ] || die "$hook cannot be run"
	dpkg-deb -I "$debs"/exitprof-host_*.deb conffiles | grep -x "/$hook" >/dev/null || die "$hook is no conffile"
done
[ "$(run-parts --list "$tmp/all/etc/kernel/postinst.d" | wc -l)" -eq 1 ] || die "run-parts does not take the hook"
for script in plots/*.gp; do in_package exitprof "usr/share/exitprof/$script"; done
diff -r -x meson.build -x man host-patch "$tmp/all/usr/share/exitprof/host-patch" >&2 || die "exitprof-host lacks some of host-patch"
readelf -d "$tmp/all/usr/bin/exitprof" | grep 'FLAGS_1.*NOW.*PIE' >/dev/null || die "the tool is not hardened"
readelf -W --dyn-syms "$tmp/all/usr/bin/exitprof" | grep '__.*_chk@' >/dev/null || die "the tool is not fortified"
