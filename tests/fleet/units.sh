#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# systemd understands the units, and finds the service closed off.
. "$(dirname "$0")/lib.sh"
need systemd-analyze

sed "s#^ExecStart=[^ ]*#ExecStart=$EXITPROF#" "$UNITS/exitprof-metrics.service" >exitprof-metrics.service
cp "$UNITS/exitprof-metrics.timer" .
# No manual page is installed here.
systemd-analyze verify --man=no ./exitprof-metrics.{service,timer} >told 2>&1 || die "$(cat told)"
[[ ! -s told ]] || die "$(cat told)"
systemd-analyze security --offline=true --threshold=15 ./exitprof-metrics.service >told 2>&1 ||
	die "$(tail -n 1 told)"
tail -n 1 told
# What it runs is what the file says, and understood by exitprof but for the folder.
line=$(sed -n 's/^ExecStart=[^ ]* metrics //p' exitprof-metrics.service)
file=${line##* }
folder=$(sed -n 's/^ReadWritePaths=//p' exitprof-metrics.service)
same "$folder" "${file%/*}"
same "$folder" "$(sed -n 's/^ConditionPathIsDirectory=//p' exitprof-metrics.service)"
# shellcheck disable=SC2086
metrics svm ${line//"$folder"/.}
grep -qx 'exitprof_up 1' "${file##*/}" || die 'not written'
