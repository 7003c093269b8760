#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Containerfile, line by line, in a root file system of the release that it names; then the lab in
# it has no network.
. "$(dirname "$0")/roots.sh"

release=$(sed -n 's/^FROM debian:\([a-z]*\)-slim$/\1/p' "$root/Containerfile")
[ -n "$release" ] || die "the Containerfile is from something else"
root_copy "$release"
entry=
while read -r word rest; do
	case $word in
	FROM | '#'* | '') ;;
	COPY) checkout "$top/${rest#. /}" ;;
	RUN) step "$rest" root_enter "$top" -- bash -c "cd / && $rest" ;;
	WORKDIR) same "$rest" / ;;
	ENTRYPOINT) entry=$(tr -d '["]' <<<"$rest") ;;
	*) die "the test does not know the line $word" ;;
	esac
done <"$root/Containerfile"
# shellcheck disable=SC2034
root_options=(--net)
step "the lab without a network" root_enter "$top" -- "$entry" run cpuid-storm --set count=1000
grep -q '^cpuid: expected 1,000, counted 1,000: exact$' "$tmp/log" || die "not exact: $(tail "$tmp/log")"
step "its Intel host" root_enter "$top" -- "$entry" run cpuid-storm --set count=1000 --host intel
ls "$top"/results/*/report.html >/dev/null || die "no result in /results"
