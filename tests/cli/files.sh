#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nobody loses a file, or gets a command executed, by what exitprof writes and reads.
self=$(realpath "$0")
. "$(dirname "$0")/lib.sh"
source=$(realpath "$(dirname "$self")/../..")
data=$source/tests/data

# tree: all files below here with what is in them, but those of the test itself
tree() { find . -type f ! -path './out' ! -path './err' ! -path './all' ! -path './before' -exec cksum {} + | sort -k 3; }

if [[ ${1-} == inside ]]; then
	# In this PID namespace nobody has the number of the one that records outside.
	run svm-full 0 snapshot -o "$2/other"
	exit
fi

# Files of the user's in an earlier result, and a folder of another program's.
run svm 0 run nap -o r --no-plot
touch r/{notes.txt,paper.pdf,a.csv,exits.csv~}
run svm 1 run nap -o r --no-plot --set say=told
grep -q "^exitprof: 'r' is an earlier result, but exitprof did not write '.*', '.*', '.*' and 1 more in it$" err ||
	die 'does not name them'
says 'hint: choose another folder with -o DIR, or keep those elsewhere'
same "$(cd r && echo *)" 'a.csv exits.csv exits.csv~ notes.txt paper.pdf run.json runs.csv summary.csv'
[[ ! -e told ]] || die 'ran although the result cannot be written'
rm r/{notes.txt,paper.pdf,a.csv,exits.csv~}
ln -s /etc/hostname r/series.csv
run svm 1 run nap -o r --no-plot
rm r/series.csv
run svm 0 run nap -o r --no-plot
mkdir f
echo '{"lr": 0.1}' >f/run.json
touch f/exits.csv
for command in 'run nap --no-plot' snapshot 'record -d 1ms --no-plot'; do
	# shellcheck disable=SC2086
	run svm 1 $command -o f
	says "exitprof: 'f' exists and is not an earlier result"
done
same "$(cd f && echo *)" 'exits.csv run.json'
# All that exitprof writes, charts too, makes room for the next.
if type -P gnuplot >/dev/null; then
	export EXITPROF_PLOT_PATH=$source/plots
	run svm-full 0 run nap --interval 5ms --per-vcpu -o whole --no-plot
	run - 0 plot whole --chart all
	(($(find whole -name '*.svg' | wc -l) > 5)) || die 'few charts'
	run svm 0 run nap -o whole --no-plot
	same "$(ls whole)" $'exits.csv\nrun.json\nruns.csv\nsummary.csv'
fi

# A link of a name that exitprof could give, beside a result and for a file.
mkdir share victim
touch victim/data.csv
echo mine >victim/thesis.pdf
for name in "$(scratch any)" .any.tmp-3999999; do ln -s "$tmp/victim" "share/$name"; done
touch share/.bashrc.exitprof-backup
run svm 0 run nap -o share/mine --no-plot
ln -s "$tmp/victim/thesis.pdf" s.csv.partial
run svm 1 record -d 1ms -o s.csv
says "exitprof: 's.csv.partial' exists and is not a file of yours"
says 'hint: remove it, or choose another file with -o FILE'
rm s.csv.partial
mkfifo s.csv.partial
run svm 1 record -d 1ms -o s.csv
rm s.csv.partial
ln -s "$tmp/victim/thesis.pdf" x.prom
run svm 0 metrics -o x.prom
[[ -f x.prom && ! -L x.prom ]] || die 'x.prom is a link'
same "$(cd victim && echo *) $(cat victim/*)" 'data.csv thesis.pdf mine'
[[ -e share/.bashrc.exitprof-backup ]] || die 'a file of the user is gone'

# Two runs that begin with the same new name: the one that ends last has another one.
mkfifo begun go
exec {begun}<>begun {go}<>go
EXITPROF_TEST_HOST=svm "$EXITPROF" exec -o both/a --no-plot -- sh -c 'echo >begun; read -r word <go' 2>late &
pid=$!
read -r -t 100 -u "$begun" || die 'the command does not begin'
run svm 0 snapshot -o both/a
echo >&"$go"
wait $pid || die 'the one that ends last'
grep -q "^warning: another run has saved its result there meanwhile; this one is in 'both/a-2'$" late ||
	die 'does not say where it is'
same "$(ls -A both)" $'a\na-2'
same "$("$JSON_GET" workload name <both/a/run.json) $("$JSON_GET" command 0 <both/a-2/run.json)" 'life-of-vm sh'

# One that records in another PID namespace, or beside, lives as long as it holds its lock.
new_feed
happen hold
EXITPROF_TEST_HOST=svm-full env --default-signal=INT "$EXITPROF" record -i 1ms -o share/rec --no-plot \
	>/dev/null 2>&1 &
pid=$!
settled
hidden=$(compgen -G 'share/.rec.exitprof-*') || die 'it does not record'
EXITPROF_TEST_CLOCK='' run svm-full 0 snapshot -o share/third
if unshare -rpf true 2>/dev/null; then
	TMPDIR=$tmp unshare -rpf "$self" inside "$tmp/share"
else
	mkdir share/other
	echo 'not checked: may not make a PID namespace' >&2
fi
[[ -d $hidden ]] || die 'took the folder of one that records'
happen pass 50ms
settled
kill -INT $pid
wait $pid || die 'what was recorded is lost'
(($(wc -l <share/rec/series.csv) > 40)) || die 'what was recorded is lost'
same "$(cd share && echo *)" 'mine other rec third'

# Names that are commands to gnuplot and options to others.
rm -rf charts bin
make_gnuplot <<'END'
for argument in "$3" "$4"; do
	case $argument in
	/* | ./*) ;;
	*) touch "$HOME/PWNED" ;;
	esac
done
picture chart
END
PATH=$tmp/bin:$PATH
export EXITPROF_PLOT_PATH=$source/plots HOME=$tmp
# shellcheck disable=SC2016
for name in '< touch PWNED; #' '|touch PWNED; #' '-o' '$(touch PWNED)' "'; touch PWNED; '" '`touch PWNED`'; do
	run svm 0 run nap "-o$name"
	run - 0 plot -- "$name"
	run - 0 plot --terminal -- "$name"
	run - 0 report "-o$name.html" -- "$name"
	run - 0 compare --chart "$name/x.svg" "./$name" r
	rm -- "$name/x.svg"
	[[ -s $name/exits-by-reason.svg && -s $name.html ]] || die "no charts in $name"
	rm -rf -- "$name" "$name.html"
done
[[ ! -e PWNED ]] || die 'a name was executed'

# Signals leave nothing, neither here nor in TMPDIR, and the charts of before.
rm -rf share
mkdir scratch
export TMPDIR=$tmp/scratch
run svm 0 run nap -o s
mkfifo drawing
exec {drawing}<>drawing
make_gnuplot <<'END'
[[ ${GNUPLOT_MODE-} != hangs ]] || { echo half >"$4"; echo $$ >"$HOME/drawing"; sleep 1000; }
picture chart
END
for command in 'plot s' 'report s -o s.html' 'report s -o s.md' \
	'compare s r --chart s.svg' 'run nap -o s'; do
	tree >before
	signals=(INT TERM HUP QUIT PIPE USR1 KILL)
	# A run has its figures by then, and saves them; the charts it goes on with.
	[[ $command != run* ]] || signals=(KILL)
	for signal in "${signals[@]}"; do
		# shellcheck disable=SC2086
		GNUPLOT_MODE=hangs EXITPROF_TEST_HOST=svm env --default-signal=INT,TERM,HUP,QUIT,PIPE,USR1 \
			"$EXITPROF" $command >/dev/null 2>&1 &
		pid=$!
		read -r -t 100 -u "$drawing" child || die "$command draws nothing"
		kill -s "$signal" $pid
		status=0
		wait $pid 2>/dev/null || status=$?
		same "$status" $((128 + $(kill -l "$signal")))
		if [[ $signal == KILL ]]; then
			kill -KILL -- "-$child"
			# The next ones in those places sweep.
			run - 0 plot s
			EXITPROF_TEST_CLOCK='' run svm 0 metrics -o x.prom
		fi
		same "$(find . -name '.*exitprof-*')" ''
		[[ $command == run* || $signal == KILL ]] || { tree | cmp - before || die "$command leaves something"; }
	done
	rm -f s.html s.md s.svg
done
same "$(ls -A scratch)" ''

# What a terminal would obey, of files that anybody may have written.
cp -r "$data/compare/page-fault-npt" evil
sed -i 's/"name": "[^"]*", *"path"/"name": "\\u001b]0;x\\u0007\\u009b31m\\u202ex", "path"/; s/"name": "page-fault"/"name": "\\u001b]0;x\\u0007\\u009b31m\\u202ex"/' evil/run.json
obeyed() { LC_ALL=C grep -qP '\x1b|\x07|\xc2\x9b|\xe2\x80\xae' "$@"; }
obeyed evil/run.json && die 'the test is wrong'
"$JSON_GET" workload name <evil/run.json | obeyed || die 'the test has no such characters'
EXITPROF_TEST_HOST='' "$EXITPROF" compare evil "$data/compare/page-fault-shadow" --force >out 2>err || true
! obeyed out err || die 'a terminal is made to do something'
cp -r r names
printf '9,\033]0;x\007\302\233m,1,1,1,1,1,1,1,1,1,,,,,,\n' >>names/summary.csv
# shellcheck disable=SC2016
make_gnuplot <<<'picture "$(<"$3")"'
run - 1 plot names --terminal
grep -q "^exitprof: 'names/summary.csv':[0-9]*: a field has control characters, or is not UTF-8$" err || die 'another reason'
! obeyed out err || die 'a terminal is made to do something'
run - 0 plot names
! obeyed names/exits-by-reason.svg || die 'the SVG has control characters'
make_gnuplot <<'END'
echo "cannot read $3" >&2
exit 1
END
cp -r r $'esc\033]0;x\007'
run - 1 plot $'esc\033]0;x\007'
grep -q '^cannot read' err || die 'gnuplot is not heard'
! obeyed err || die 'a terminal is made to do something'
rm bin/gnuplot
EXITPROF_TEST_HOST='' "$EXITPROF" compare $'esc\033]0;x\007' r >out
! obeyed out || die 'a terminal is made to do something'
EXITPROF_TEST_HOST='' "$EXITPROF" compare $'no\033]0;x\007such' r 2>err && die 'there is no such folder'
! obeyed err || die 'a terminal is made to do something'
printf '1,vm,99,\033[31mx,1,1\n' >>evil/exits.csv
EXITPROF_TEST_HOST='' "$EXITPROF" compare evil r 2>err && die 'takes any name'
says "exitprof: 'evil/exits.csv':$(wc -l <evil/exits.csv): a field has control characters, or is not UTF-8"

# Bytes that are no UTF-8: JSON is, and so is the report.
run svm 0 exec -o bytes --no-plot -- true $'\xff'
iconv -f utf-8 -t utf-8 bytes/run.json >/dev/null || die 'run.json is no UTF-8'
same "$("$JSON_GET" command 1 <bytes/run.json)" $'\xef\xbf\xbd'
run - 0 report bytes -o bytes.html --title $'\xff'
iconv -f utf-8 -t utf-8 bytes.html >/dev/null || die 'the report is no UTF-8'
