#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job: counts and cycles of a disk workload as CSV and charts; and the
# same without nested paging.
. "$(dirname "$0")/lib.sh"

lab 0 run io-heavy --set count=200
folder=$(echo results/io-heavy-*)
for file in exits.csv runs.csv summary.csv run.json {exits,cycles}-by-reason.{svg,png}; do
	is "$file is there" "$(test -s "$folder/$file" && echo yes)" yes
done
has "the table" out '^total '
has "the progress" err '^\[ *[0-9.]+ s\] (L2 boots|L1 and L2 resume): '
has "the folder's name, not that in L2" out "^saved in $folder\$"
has "the folder" err "result in $folder"
is "operations" "$(column "$folder/runs.csv" operations_count)" 200
has "exits by nested page faults" "$folder/summary.csv" '^1024,npf,'
is "nothing else is left" "$(ls -A; ls -A "$TMPDIR")" "$(printf '%s\n' err out results temporary)"

if ! shadow_works --host amd; then
	lab 1 run io-heavy --shadow-paging
	has "what does" err '^hint: use --host intel'
	exit
fi
lab 0 run io-heavy --set size=16M --set count=200 --shadow-paging --keep-logs -o shadow
is "no nested page faults" "$(grep -c ',npf,' shadow/summary.csv || true)" 0
has "but page faults" shadow/summary.csv '^78,'
has "the logs are kept" shadow/logs/l1.log 'exitprof-lab: l1-ready'
