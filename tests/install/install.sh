#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `meson install` puts everything where a distribution expects it, what is
# installed works there, and a workload builds against nothing else.
. "$(dirname "$0")/../lib.sh"
. "$root/tests/builds.sh"

build_kind release || die "no build"
usr=$kept/usr
rm -rf "$usr"
DESTDIR=$tmp/root meson install -C "$build" --no-rebuild >"$tmp/log" 2>&1 || die "$(tail "$tmp/log")"
[ ! -e "$usr" ] || die "installed past DESTDIR"
# As a package does: from where it was packed to where it belongs.
mv "$tmp/root$usr" "$usr"
(cd "$usr" && find . -type f -printf '%P\n' | sort) >"$tmp/files"

for file in bin/exitprof include/exitprof/abi.h include/exitprof/workload.h \
	share/exitprof/plots/common.gp share/exitprof/plots/exits-by-reason.gp \
	share/exitprof/plots/cycles-by-reason.gp share/man/man1/exitprof.1 \
	share/man/man1/exitprof-run.1 share/man/man7/exitprof-workload.7 \
	share/doc/exitprof/examples/skeleton.c share/doc/exitprof/workloads.md \
	share/bash-completion/completions/exitprof share/zsh/site-functions/_exitprof \
	share/fish/vendor_completions.d/exitprof.fish \
	lib/systemd/system/exitprof-boot.service lib/systemd/system/exitprof-boot-sampler.service \
	lib/systemd/catalog/exitprof.catalog libexec/exitprof/boot-sampler \
	share/initramfs-tools/hooks/exitprof share/initramfs-tools/scripts/init-top/exitprof \
	lib/dracut/modules.d/90exitprof/module-setup.sh lib/dracut/modules.d/90exitprof/exitprof-boot.sh \
	lib/dracut/modules.d/90exitprof/exitprof-boot-sampler.service \
	share/exitprof/fleet/dashboard.json share/exitprof/fleet/prometheus.yml \
	share/exitprof/fleet/rules.yml share/doc/exitprof/fleet.md \
	lib/systemd/system/exitprof-metrics.service lib/systemd/system/exitprof-metrics.timer; do
	grep -qxE "$file(\.gz)?" "$tmp/files" || die "not installed: $file"
done
# What a chart loads, and every chart that the tool can be asked for
for script in $(grep -ohE '"[a-z-]+\.gp"' "$usr"/share/exitprof/plots/*.gp | tr -d '"' | sort -u) \
	$("$usr/bin/exitprof" plot --list | awk 'NR > 1 { print $1 ".gp" }'); do
	[ -s "$usr/share/exitprof/plots/$script" ] || die "not installed: $script"
done
sed 's/\\//g' "$usr/share/man/man7/exitprof-workload.7" >"$tmp/page"
for workload in "$root"/workloads/*.c; do
	workload=$(basename "$workload" .c)
	[ "$workload" != skeleton ] || continue
	grep -qE "^lib(/x86_64-linux-gnu)?/exitprof/workloads/$workload\.so$" "$tmp/files" ||
		die "not installed: $workload"
	# The table of workloads and the manual page tell of all.
	grep -qF "| \`$workload\` |" "$usr/share/doc/exitprof/workloads.md" ||
		die "workloads.md does not tell of $workload"
	grep -q "$workload" "$tmp/page" ||
		die "exitprof-workload.7 does not tell of $workload"
done
! grep -vE '^(bin|include/exitprof|lib(/x86_64-linux-gnu)?/exitprof/workloads|share/(exitprof|doc/exitprof|man/man[17]|pkgconfig|bash-completion/completions|zsh/site-functions|fish/vendor_completions.d)|share/initramfs-tools|lib/systemd/(system|catalog)|lib/dracut/modules.d/90exitprof|libexec/exitprof|lib(/x86_64-linux-gnu)?/pkgconfig)/' "$tmp/files" ||
	die "installed in an odd place"

# The scripts that go into an initrd can be run, name no unfilled path and no other shell.
for script in share/initramfs-tools/hooks/exitprof share/initramfs-tools/scripts/init-top/exitprof; do
	[ -z "$("$usr/$script" prereqs)" ] || die "$script has prerequisites"
done
for script in share/initramfs-tools/hooks/exitprof share/initramfs-tools/scripts/init-top/exitprof \
	lib/dracut/modules.d/90exitprof/module-setup.sh lib/dracut/modules.d/90exitprof/exitprof-boot.sh; do
	grep -qF "$usr/libexec/exitprof/boot-sampler" "$usr/$script" || die "$script does not name the sampler"
	if type -P shellcheck >/dev/null; then
		shellcheck "$usr/$script" || die "shellcheck of $script"
	fi
done
[ -x "$usr/libexec/exitprof/boot-sampler" ] || die "the sampler cannot be run"

# A command without a manual page, or a manual page without a command, is a fault.
"$usr/bin/exitprof" --help >"$tmp/help"
for page in "$usr"/share/man/man1/exitprof-*.1*; do
	command=$(basename "$page" | sed 's/^exitprof-//; s/\.1.*//')
	grep -qw "$command" "$tmp/help" || die "--help does not name '$command'"
	"$usr/bin/exitprof" "$command" --help >"$tmp/command-help" || die "$command --help"
	{
		man -l --ascii "$page" 2>/dev/null || true
		sed 's/\\-/-/g; s/\\//g' "$page"
	} >"$tmp/page"
	# Every long option of the help stands in the page.
	for option in $(grep -oE -- '--[a-z][a-z-]+' "$tmp/command-help" | sort -u); do
		case $option in --help | --usage | --version) continue ;; esac
		grep -q -- "$option" "$tmp/page" ||
			die "exitprof-$command.1 does not tell of $option"
	done
done

# Somebody else's workload, with nothing but what is installed.
unset EXITPROF_WORKLOAD_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$usr" -name exitprof.pc)")
export PKG_CONFIG_PATH
folder=$(pkg-config --variable=workloaddir exitprof)
[ "$(dirname "$(find "$usr" -name io-heavy.so)")" = "$folder" ] || die "workloaddir is '$folder'"
[ "$(pkg-config --variable=includedir exitprof)" = "$usr/include" ] || die "includedir is wrong"
pkg-config --define-variable=prefix=/moved --cflags exitprof >"$tmp/flags"
grep -qx -- '-I/moved/include *' "$tmp/flags" ||
	die "the folders do not follow the prefix"
cd "$tmp"
sed 's/skeleton/mine/g' "$usr/share/doc/exitprof/examples/skeleton.c" >mine.c
# The line that the skeleton and the guide give, and with warnings.
# shellcheck disable=SC2046
cc -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers \
	-O2 -shared -fPIC $(pkg-config --cflags exitprof) -o mine.so mine.c
[ "$(nm -D --defined-only mine.so | awk '{ print $3 }')" = exitprof_workload ] ||
	die "exports more than its symbol: $(nm -D --defined-only mine.so)"
"$usr/bin/exitprof" list ./mine.so >out || die "cannot be explained"
! "$usr/bin/exitprof" list mine >/dev/null 2>&1 || die "found before it is installed"
install -m 644 mine.so "$folder/"
"$usr/bin/exitprof" list >out
grep -q '^mine ' out || die "list lacks it"
EXITPROF_TEST_HOST=svm "$usr/bin/exitprof" run mine --set count=3 --no-plot -o result >out 2>err ||
	die "cannot be run: $(cat err)"
grep -q '^mine: 3 x batch of system calls' out err || die "does something else: $(cat out err)"
sed 's/\\//g' result/run.json >out
grep -qF "$folder/mine.so" out || die "is not the one that was installed"
