#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# promtool has nothing to say against the metrics, the rules do what they should, and the
# dashboard is one.
. "$(dirname "$0")/lib.sh"
need promtool

for host in svm-full vmx-full svm vmx-nodisc svm-combined latch-full; do
	metrics $host >page
	promtool check metrics <page >told 2>&1 || die "$host: $(cat told)"
	[[ ! -s told ]] || die "$host: $(cat told)"
done
# It does find faults: here, a counter without its ending.
sed 's/exitprof_exits_total/exitprof_exits/' page >bad
! promtool check metrics <bad >told 2>&1 || die 'promtool is content with anything'

cp "$FLEET"/*.yml "$here/rules-test.yml" .
promtool check config prometheus.yml >told 2>&1 || die "$(cat told)"
promtool check rules rules.yml >told 2>&1 || die "$(cat told)"
promtool test rules rules-test.yml >told 2>&1 || die "$(cat told)"

# The dashboard, as Grafana wants one.
(($(dashboard schemaVersion) >= 36)) || die 'an old schema'
same "$(dashboard id)" null
[[ $(dashboard uid) =~ ^[a-zA-Z0-9_-]{1,40}$ ]] || die 'an odd uid'
same "$(dashboard templating list 0 type)" datasource
seen=' '
declare -A taken=()
for ((panel = 0; ; panel++)); do
	id=$(dashboard panels $panel id) || break
	title=$(dashboard panels $panel title)
	[[ $seen != *" $id "* ]] || die "$title: id $id comes twice"
	seen+="$id "
	case $(dashboard panels $panel type) in
	stat | timeseries | bargauge | table) ;;
	*) die "$title: an unknown type of panel" ;;
	esac
	# Where data comes from is a variable, in the panel and in each of its queries.
	# shellcheck disable=SC2016
	same "$(dashboard panels $panel datasource uid)" '${datasource}'
	dashboard panels $panel fieldConfig defaults unit >/dev/null || die "$title: no unit"
	dashboard panels $panel options >/dev/null || die "$title: no options"
	for ((target = 0; ; target++)); do
		ref=$(dashboard panels $panel targets $target refId) || break
		[[ $ref =~ ^[A-Z]$ ]] || die "$title: refId '$ref'"
		# shellcheck disable=SC2016
		same "$(dashboard panels $panel targets $target datasource uid)" '${datasource}'
	done
	((target > 0)) || die "$title: no query"
	# On a grid of 24 columns, no two panels on the same place.
	x=$(dashboard panels $panel gridPos x) y=$(dashboard panels $panel gridPos y)
	w=$(dashboard panels $panel gridPos w) h=$(dashboard panels $panel gridPos h)
	((w > 0 && h > 0 && x >= 0 && x + w <= 24)) || die "$title: beyond the grid"
	for ((i = x; i < x + w; i++)); do
		for ((j = y; j < y + h; j++)); do
			[[ ! ${taken[$i,$j]-} ]] || die "$title: on top of ${taken[$i,$j]}"
			taken[$i,$j]=$title
		done
	done
done
((panel >= 8)) || die "only $panel panels"
# A variable that nobody has defined would stay in the query.
variables=$(for ((i = 0; ; i++)); do dashboard templating list $i name || break; done | sort)
used=$(grep -oE '[$][{]?[a-z_]+' "$FLEET/dashboard.json" | tr -d '{$' | grep -v ^__ | sort -u)
same "$used" "$variables"
# All that it and the rules ask for is written by somebody.
metrics svm-full >page
names=$(grep -v '^#' page | sed 's/[{ ].*//' | sort -u)
cat "$FLEET/rules.yml" <(queries) | grep -oE '\bexitprof_[a-z_]+\b' | sort -u >asked
(($(wc -l <asked) >= 8)) || die 'hardly anything is asked for'
while read -r name; do
	grep -qx "$name" <<<"$names" || [[ $name == exitprof_@(exits|handling) ]] ||
		grep -qE "record: .*:$name:" "$FLEET/rules.yml" || die "nobody writes $name"
done <asked
