# SPDX-License-Identifier: GPL-3.0-or-later
# What a run of the tests came to, from the JSON that meson test leaves, one line a test:
# failures, skips and retries with their reasons, the slowest tests, and at last
# 'N passed, N failed'. The status is 1 if one failed.
#
#	expected	how many tests there should be; those that are missing have failed
#	slowest		how many durations to list
#	status		of meson test: not 0 is a failure, whatever the tests say
#	csv		a line for each test is appended to this file
#	date, commit, load	for those lines

# note KIND, TEXT: to be listed
function note(kind, text) {
	notes[kind] = notes[kind] sprintf("  %-32s ", test) text "\n"
}

BEGIN { passed = failed = skipped = 0 }

{
	# {"name": "exitprof:SUITE+MARK / TEST", "stdout": ...}: a quote within a string has a
	# backslash before it.
	test = $0
	sub(/^[{]"name": "[^:"]*:/, "", test)
	sub(/".*/, "", test)
	suite = test
	sub(/[+ ].*/, "", suite)
	sub(/^.* \/ /, suite "/", test)
	match($0, /, "result": "[A-Z]*"/)
	result = substr($0, RSTART + 13, RLENGTH - 14)
	said = substr($0, 1, RSTART)
	sub(/^.*"stdout": "?/, "", said)
	match($0, /, "duration": [0-9.e-]*/)
	seconds = substr($0, RSTART + 14, RLENGTH - 14) + 0

	gsub(/\\\\/, "\001", said)
	gsub(/\\t/, " ", said)
	gsub(/\\"/, "\"", said)
	lines = split(said, line, /\\n/)
	why = last = ""
	for (i = 1; i <= lines; i++) {
		gsub(/\001/, "\\", line[i])
		if (line[i] ~ /^ *retry: /)
			note("tried again", substr(line[i], index(line[i], "retry")))
		if (why == "" && line[i] ~ (result == "SKIP" ? "^skip(ped)?: " : "^FAIL: "))
			why = line[i]
		if (line[i] ~ /[^ ",]/)
			last = line[i]
	}
	if (why == "")
		why = last

	if (result == "OK" || result == "EXPECTEDFAIL") {
		passed++
	} else if (result == "SKIP") {
		skipped++
		note("skipped", why)
	} else {
		failed++
		note("failed", (result == "FAIL" ? "" : result ": ") why)
	}
	if (csv)
		printf "%s,%s,%s,%s,%.2f,%s\n", date, commit, load, test, seconds, result >>csv
	took[test] = seconds
}

END {
	for (; passed + failed + skipped < expected; failed++)
		missing++
	if (missing)
		notes["failed"] = notes["failed"] "  " missing " that did not run\n"
	if (!passed && !failed || status && !failed) {
		failed++
		why = skipped && !status ? "nothing was tested: all were skipped" : "meson test, with status " (status + 0)
		notes["failed"] = notes["failed"] "  " why "\n"
	}
	kinds = split("failed,skipped,tried again", kind, ",")
	for (i = 1; i <= kinds; i++)
		if (kind[i] in notes)
			printf "\n%s:\n%s", kind[i], notes[kind[i]]
	print "\nslowest:"
	for (n = 0; n < slowest; n++) {
		test = ""
		for (one in took)
			if (test == "" || took[one] > took[test])
				test = one
		if (test == "")
			break
		printf "%8.1f s  %s\n", took[test], test
		delete took[test]
	}
	printf "\ncommit %s, load %s before\n", commit, load
	printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
	exit failed > 0
}
