#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's Prometheus has what exitprof says: through node_exporter's textfile collector
# and asked directly. Nothing listens but on the loopback, on ports that the kernel gives.
. "$(dirname "$0")/lib.sh"
need prometheus prometheus-node-exporter curl

pids=()
clean_up() {
	((!${#pids[@]})) || kill "${pids[@]}" 2>/dev/null
	wait
}

# start NAME COMMAND...: in the background, its output in NAME.log
start() {
	local name=$1
	shift
	"$@" >"$name.log" 2>&1 &
	pids+=($!)
}
# until_true WHAT COMMAND...: again and again, for minutes on a machine that is busy
until_true() {
	local what=$1 pid
	shift
	for _ in {1..3000}; do
		! "$@" || return 0
		for pid in "${pids[@]}"; do
			kill -0 "$pid" 2>/dev/null || break 2
		done
		sleep 0.1
	done
	tail -n 5 ./*.log >&2
	die "$what does not come"
}
# listens NAME PATTERN: once its log has a line that matches; the port, which the kernel has
# chosen, is then in ${address}
listens() {
	local line
	while read -r line; do
		[[ $line =~ $2 ]] || continue
		address=${BASH_REMATCH[1]}
		return 0
	done <"$1.log"
	return 1
} 2>/dev/null
get() { curl -sS --noproxy '*' --max-time 10 "$@" 2>/dev/null; }

# The tool's two ways: a file, and a server.
mkdir textfile
metrics svm-full -o textfile/exitprof.prom
mkfifo clock
exec {feed}<>clock
EXITPROF_TEST_CLOCK=$tmp/clock EXITPROF_TEST_HOST=vmx-full start serve env --default-signal=TERM \
	"$EXITPROF" metrics --listen 127.0.0.1:0
until_true 'the server' listens serve '^serving http://(127\.0\.0\.1:[0-9]+)/metrics$'
direct=$address

start node prometheus-node-exporter --web.listen-address=127.0.0.1:0 --collector.disable-defaults \
	--collector.textfile --collector.textfile.directory=textfile
listening='msg="Listening on" address=(127\.0\.0\.1:[0-9]+)$'
until_true 'node_exporter' listens node "$listening"
node=$address
until_true "node_exporter's page" get -f -o node "http://$node/metrics"
# What it passes on is the file, to the last line.
grep '^exitprof_' node | sort >passed
grep -v '^#' textfile/exitprof.prom | sort >written
[[ $(wc -l <written) -gt 100 ]] || die 'hardly anything written'
# It sorts labels, and writes numbers as it likes, but they are the same.
plain() {
	sed -E 's/\{version=([^,]*),vendor=([^,]*),(.*)\}/{\3,vendor=\2,version=\1}/' "$1" |
		awk '{ printf "%s %.17g\n", substr($0, 1, length($0) - length($NF) - 1), $NF }' | sort
}
diff <(plain passed) <(plain written) >differ || die "node_exporter: $(head -n 4 differ)"
grep -q '^node_textfile_scrape_error 0' node || die 'node_exporter has an error'

cp "$FLEET/rules.yml" .
sed -e "s#localhost:9100#$node#; s#localhost:9746#$direct#; s#scrape_interval: .*#scrape_interval: 1s\n  evaluation_interval: 1s#" \
	"$FLEET/prometheus.yml" >prometheus.yml
start prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:0
until_true 'prometheus' listens prometheus "$listening"
web=$address
until_true 'a ready prometheus' get -f -o ready "http://$web/-/ready"

# ask QUERY: the answer as JSON
ask() {
	get --data-urlencode "query=$1" "http://$web/api/v1/query" >answer || return
	[[ $("$JSON_GET" errorType <answer) != bad_data ]] || die "$1: $(<answer)"
}
# value: of the first sample of the answer
value() { "$JSON_GET" data result 0 value 1 <answer; }
answered() { ask "$1" && value >/dev/null; }
is() { answered "$1" && [[ $(value) == "$2" ]]; }
# told QUERY: with data. A scrape that takes longer than the second to the next one has failed:
# until another one, Prometheus then has no data, also of what it has told before.
told() { until_true "an answer to '$1'" answered "$1"; }
# tells QUERY VALUE: at once, if anything
tells() {
	told "$1"
	[[ $(value) == "$2" ]] || die "$1 is $(value), not $2"
}
# becomes QUERY VALUE: in the end
becomes() { until_true "'$1' = $2" is "$@"; }

# Each line of the file is what a query tells.
same_sample() {
	local sample=$1 expected=$2 labels=''
	[[ $sample != *'{'* ]] || labels=${sample#*\{} labels=${labels%\}}
	told "${sample%%\{*}{job=\"node\"${labels:+,$labels}}"
	awk -v a="$(value)" -v b="$expected" 'BEGIN { exit a + 0 != b + 0 }' ||
		die "$sample: $(value), written was $expected"
	same "$("$JSON_GET" data result 1 value <answer || true)" ''
}
asked=0
while read -r line; do
	same_sample "${line% *}" "${line##* }"
	asked=$((asked + 1))
done < <(grep -v '_bucket{' written; grep '_bucket{reason="hlt"' written)
((asked >= 40)) || die "only $asked samples compared"

# The direct way counts on: by what the guest does, and by its own reading, which is told.
hlt='exitprof_exits_total{job="exitprof",reason="HLT"}'
hlt_handled='exitprof_exit_handling_cycles_count{job="exitprof",reason="HLT"}'
raw='exitprof_exits_total{job="exitprof",reason="CPUID"} - on () exitprof_own_exits_total{job="exitprof"}'
tells "$raw" 20000
tells "$hlt" 5000
echo nap 7 >&"$feed"
becomes "$hlt" 5007
becomes "$hlt_handled" 5007

# All that the dashboard and the rules ask for is understood; with two scrapes there is data.
asked=0
while IFS= read -r query; do
	told "$query"
	asked=$((asked + 1))
done < <(queries)
((asked >= 10)) || die "only $asked queries"
# Exits per second of the dashboard, of the file's guest: none, as the file stays.
tells 'sum by (reason) (rate(exitprof_exits_total{job="node",reason="hlt"}[30s]))' 0
while read -r rule; do
	told "$rule{job=\"exitprof\"}"
done < <(sed -n 's/^ *- record: //p' rules.yml)
# All that was scraped so far belongs together.
for extreme in min max; do
	tells "${extreme}_over_time(($raw)[15m:100ms])" 20000
	tells "${extreme}_over_time(($hlt - on () $hlt_handled)[15m:100ms])" 0
done
# The guest moves to a host without counters: the file says so, and so does Prometheus.
EXITPROF_TEST_HOST=stock-amd "$EXITPROF" metrics -o textfile/exitprof.prom 2>err || same $? 4
becomes 'exitprof_up{job="node"}' 0
echo "$asked queries of the dashboard, $SECONDS s"
