#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The columns and files that csv.md tells of are those of a result.
. "$(dirname "$0")/lib.sh"

host=svm-details exitprof run busy -d 100ms --interval 10ms --details --no-plot -o "$tmp/result" >/dev/null
# section FILE: of csv.md
section() { awk -v heading="## $1" '/^## / { inside = $0 == heading } inside' doc/csv.md; }
for file in "$tmp"/result/*.csv; do
	name=${file##*/}
	header=$(head -n 1 "$file")
	grep -q "^| \`$name\` |" doc/csv.md || fail "csv.md does not name $name"
	told=$(section "$name" | grep -E '^`?[a-z_]+(,[a-z_0-9]+)+`?$' | sed -n 1p | tr -d '`')
	[ "$told" = "$header" ] || fail "$name has the columns '$header', not '$told'"
	# Every column of the table of a section exists; each of summary.csv is in its table.
	for column in $(section "$name" | sed -n '/^| `/{s/^| \([^|]*\)|.*/\1/;s/[`,]/ /g;p}'); do
		[[ ,$header, = *",$column,"* ]] || fail "$name has no column '$column'"
	done
	[ "$name" = summary.csv ] || continue
	for column in ${header//,/ }; do
		section "$name" | grep -E "^\|.*\`$column\`.*\|" >/dev/null || fail "csv.md does not explain '$column'"
	done
done
while read -r name; do
	[ -e "$tmp/result/$name" ] || fail "a result has no $name"
done < <(sed -n 's/^| `\([a-z]*\.[a-z]*\)` |.*/\1/p' doc/csv.md)

# Members of run.json, of the first and the second level
awk '/^  "/ { print $1 } /^    "/ { print $1 }' "$tmp/result/run.json" | tr -d '":' | sort -u >"$tmp/members"
section run.json | grep -oE '`[a-z_]+`' | tr -d '`' | grep -vx null | sort -u >"$tmp/told"
# Each workload has options of its own.
sed -i -e '/^count$/d' -e '/^threads$/d' "$tmp/members"
diff "$tmp/members" "$tmp/told" >&2 || fail "csv.md tells of other members of run.json"

# Those that manual pages tell of
[ "$(exitprof list --csv | sed -n 1p)" = workload,summary,operation,unavailable_reason ] || fail "list --csv"
[ "$(exitprof reasons --csv | sed -n 1p)" = reason,name,handled,source,meaning ] || fail "reasons --csv"
header=$("$EXITPROF" compare tests/data/compare/page-fault-{npt,shadow} --csv | sed -n 1p)
for column in ${header//,/ }; do
	grep -qE "_${column}_(,|$| )" doc/exitprof-compare.1.scd || fail "exitprof-compare(1) does not tell of '$column'"
done
