#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong usage: status 2, one sentence, one hint, nothing on stdout, nothing written.
. "$(dirname "$0")/lib.sh"

# misused MESSAGE HINT ARGUMENT...
misused() {
	local message=$1 hint=$2
	shift 2
	run svm 2 "$@"
	no_data
	same "$(<err)" "exitprof: $message"$'\n'"hint: $hint"
	same "$(ls)" $'all\nerr\nout'
}

see="see 'exitprof run --help'"
misused "run: which workload?" "$see" run
misused "run: one workload at a time, and 'busy' is more" "$see" run nap busy
misused "run: unknown option '-q'" "$see" run -q nap
misused "run: unknown option '--duratoin'" "did you mean '--duration'?" run --duratoin=5s nap
misused "run: unknown option '--xyzzy'" "$see" run --xyzzy nap
misused "run: unknown option '---json'" "did you mean '--json'?" run ---json nap
misused "run: option '-d' needs a value" "$see" run nap -d
misused "run: option '--set' needs a value" "$see" run nap --set
misused "run: option '--json' takes no value" "$see" run nap --json=yes
for duration in 5x -1s '' s; do
	misused "run: --duration takes a duration such as 10s, 500ms, 20us or 1m, not '$duration'" \
		"$see" run nap "--duration=$duration"
done
for number in 0 x -1 1.5 100001; do
	misused "run: --repeat takes 1 to 100k, not '$number'" "$see" run nap -n "$number"
done
misused "run: --warmup takes 0 to 100k, not 'x'" "$see" run nap -w x
misused "run: --output takes a folder" "$see" run nap -o ''
misused "run: --details and --dialect classic exclude each other" "$see" \
	run nap --details --dialect classic
misused "run: --dialect takes auto, exitprof, classic, combined or reversed, not 'german'" "$see" run nap --dialect german
misused "snapshot: --dialect takes auto, exitprof, classic, combined or reversed, not 'german'" "see 'exitprof snapshot --help'" snapshot --dialect german
misused "doctor: --dialect takes auto, exitprof, classic, combined or reversed, not 'german'" "see 'exitprof doctor --help'" doctor --dialect german
misused "verify: --dialect takes auto, exitprof, classic, combined or reversed, not 'german'" "see 'exitprof verify --help'" verify --dialect german
misused "verify: --patience takes a duration such as 10s, 500ms, 20us or 1m, not 'soon'" "see 'exitprof verify --help'" verify --patience soon
misused "verify: unexpected 'me'" "see 'exitprof verify --help'" verify me
misused "run: --output and --no-save exclude each other" "$see" run nap -o x --no-save
misused "'count' is not of the form NAME=VALUE" "see 'exitprof list nap'" run nap --set count
misused "workload 'nap' has no option 'cuont'" "did you mean 'count'?" run nap --set cuont=1
misused "workload 'nap' has no option 'zzzzzz'" "see 'exitprof list nap'" run nap --set zzzzzz=1
misused "option 'wrong' takes 0 to 100, not '101'" "see 'exitprof list nap'" run nap --set wrong=101
misused "option 'count' takes a count such as 1000, 10k or 1e6, not 'x'" \
	"see 'exitprof list nap'" run nap --set count=x

misused "list: one workload at a time" "see 'exitprof list --help'" list nap nap
misused "snapshot: unexpected 'x'" "see 'exitprof snapshot --help'" snapshot x
for interval in 9ms 61m; do
	misused "watch: --interval takes 10ms to 1h, not '$interval'" "see 'exitprof watch --help'" \
		watch -i "$interval"
done
misused "watch: --sort takes name, exits, min, mean, cycles, each or away, not 'size'" \
	"see 'exitprof watch --help'" watch --sort size
misused "watch: --count takes a count such as 1000, 10k or 1e6, not '0'" \
	"see 'exitprof watch --help'" watch -n 0
misused "watch: --dialect takes auto, exitprof, classic, combined or reversed, not 'german'" "see 'exitprof watch --help'" watch --dialect german
misused "watch: unexpected 'x'" "see 'exitprof watch --help'" watch x
misused "reasons: --vendor takes vmx or svm, not 'arm'" "see 'exitprof reasons --help'" \
	reasons --vendor arm
see="see 'exitprof compare --help'"
two="compare: give two result folders, or BEFORE... -- AFTER..."
misused "$two" "$see" compare
misused "$two" "$see" compare a
misused "$two" "$see" compare a b c
misused "compare: give result folders on both sides of '--'" "$see" compare a --
misused "compare: give result folders on both sides of '--'" "$see" compare -- b
misused "compare: 'a' is twice on the same side" "$see" compare a b a -- c
for threshold in x '' -1 5%% 0x5 inf 5e9; do
	misused "compare: --threshold takes a percentage such as 5%, not '$threshold'" "$see" \
		compare a b "--threshold=$threshold"
done
misused "compare: --metric takes cycles, exits or cost, not 'x'" "$see" compare a b -m x
misused "compare: --reason is for --threshold" "$see" compare a b --reason total
for file in x .svg a/.svg x.txt ''; do
	misused "compare: --chart takes a file that ends in .svg, .png or .pdf, not '$file'" "$see" \
		compare a b --chart "$file"
done
misused "compare: unknown option '--jsno'" "did you mean '--json'?" compare a -- b --jsno
misused "plot: give one result folder" "see 'exitprof plot --help'" plot
misused "plot: give one result folder" "see 'exitprof plot --help'" plot a b
misused "plot: no chart 'heatmap'" "see 'exitprof plot --list'" plot a --chart heatmap
misused "plot: no chart 'boot-rate'" "see 'exitprof plot --list'" plot a --chart boot-rate
misused "plot: no chart 'per-cpu'" "did you mean 'per-vcpu'?" plot a --chart per-cpu
misused "plot: --terminal draws bar charts only, and per-vcpu needs an image" "leave out --terminal" \
	plot a -t --chart per-vcpu
misused "doctor: unexpected 'x'" "see 'exitprof doctor --help'" doctor x

run nowhere 2 snapshot
no_data
says "exitprof: EXITPROF_TEST_HOST names no simulated host: 'nowhere'"
