#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's Prometheus has what exitprof says: through node_exporter's textfile collector
# and asked directly. Nothing listens but on the loopback, on ports that are free.
. "$(dirname "$0")/lib.sh"
need prometheus prometheus-node-exporter curl

pids=()
finish() {
	((!${#pids[@]})) || kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$tmp"
}
trap finish EXIT

# start NAME COMMAND...: in the background, its output in NAME.log
start() {
	local name=$1
	shift
	"$@" >"$name.log" 2>&1 &
	pids+=($!)
}
# until_true WHAT COMMAND...: again and again
until_true() {
	local what=$1
	shift
	for _ in {1..300}; do
		! "$@" || return 0
		sleep 0.1
	done
	tail -n 5 ./*.log >&2
	fail "$what does not come"
}
get() { curl -sS --noproxy '*' --max-time 10 "$@" 2>/dev/null; }
# free_port: one that was free a moment ago; there is none that they would tell
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); do
		(: <>/dev/tcp/127.0.0.1/$port) 2>/dev/null || break
	done
	echo $port
}

# The tool's two ways: a file, and a server.
mkdir textfile
metrics svm-full -o textfile/exitprof.prom
: >naps
EXITPROF_TEST_NAPS=@$tmp/naps EXITPROF_TEST_HOST=vmx-full start serve env --default-signal=TERM \
	"$EXITPROF" metrics --listen 127.0.0.1:0
direct() { port=$(sed -n 's#^serving http://\(127.0.0.1:[0-9]*\)/metrics$#\1#p' serve.log) && [[ $port ]]; }
until_true 'the server' direct

# exporter: one that listens; another process may have taken the port meanwhile
for try in 1 2 3; do
	node=127.0.0.1:$(free_port)
	start node prometheus-node-exporter --web.listen-address="$node" --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory=textfile --log.level=warn
	for _ in {1..100}; do
		sleep 0.1
		! get -o node "http://$node/metrics" || break 2
		kill -0 "${pids[-1]}" 2>/dev/null || break
	done
	((try < 3)) || fail "node_exporter does not start: $(cat node.log)"
done
# What it passes on is the file, to the last line.
grep '^exitprof_' node | sort >passed
grep -v '^#' textfile/exitprof.prom | sort >written
[[ $(wc -l <written) -gt 100 ]] || fail 'hardly anything written'
# It sorts labels, and writes numbers as it likes, but they are the same.
plain() {
	sed -E 's/\{version=([^,]*),vendor=([^,]*),(.*)\}/{\3,vendor=\2,version=\1}/' "$1" |
		awk '{ printf "%s %.17g\n", substr($0, 1, length($0) - length($NF) - 1), $NF }' | sort
}
diff <(plain passed) <(plain written) >differ || fail "node_exporter: $(head -n 4 differ)"
grep -q '^node_textfile_scrape_error 0' node || fail 'node_exporter has an error'

cp "$FLEET/rules.yml" .
sed -e "s#localhost:9100#$node#; s#localhost:9746#$port#; s#scrape_interval: .*#scrape_interval: 1s\n  evaluation_interval: 1s#" \
	"$FLEET/prometheus.yml" >prometheus.yml
for try in 1 2 3; do
	web=127.0.0.1:$(free_port)
	start prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=data \
		--web.listen-address="$web" --log.level=warn
	for _ in {1..200}; do
		sleep 0.1
		! get -f -o ready "http://$web/-/ready" || break 2
		kill -0 "${pids[-1]}" 2>/dev/null || break
	done
	((try < 3)) || fail "prometheus does not start: $(cat prometheus.log)"
done

# ask QUERY: the answer as JSON
ask() { get --data-urlencode "query=$1" "http://$web/api/v1/query" >answer; }
# value: of the first sample of the answer
value() { "$JSON_GET" data result 0 value 1 <answer; }
answered() {
	ask "$1"
	value >/dev/null
}
until_true 'the file' answered 'exitprof_exits_total{job="node"}'
until_true 'the direct scrape' answered 'exitprof_exits_total{job="exitprof"}'

# Each line of the file is what a query tells.
same_sample() {
	local sample=$1 expected=$2 labels=''
	[[ $sample != *'{'* ]] || labels=${sample#*\{} labels=${labels%\}}
	ask "${sample%%\{*}{job=\"node\"${labels:+,$labels}}"
	awk -v a="$(value)" -v b="$expected" 'BEGIN { exit a + 0 != b + 0 }' ||
		fail "$sample: $(value), written was $expected"
	same "$("$JSON_GET" data result 1 value <answer || true)" ''
}
asked=0
while read -r line; do
	same_sample "${line% *}" "${line##* }"
	asked=$((asked + 1))
done < <(grep -v '_bucket{' written; grep '_bucket{reason="hlt"' written)
((asked >= 40)) || fail "only $asked samples compared"

# The direct way counts on: by what the guest does, and by its own reading, which is told.
raw='exitprof_exits_total{job="exitprof",reason="CPUID"} - on () exitprof_own_exits_total{job="exitprof"}'
ask "$raw"
same "$(value)" 20000
ask 'exitprof_exits_total{job="exitprof",reason="HLT"}'
same "$(value)" 5000
printf 1234567 >naps
grew() {
	ask 'exitprof_exits_total{job="exitprof",reason="HLT"}'
	[[ $(value) == 5007 ]]
}
until_true 'what the guest has done' grew
ask "$raw"
same "$(value)" 20000
ask 'exitprof_exit_handling_cycles_count{job="exitprof",reason="HLT"}'
same "$(value)" 5007

# All that the dashboard and the rules ask for is understood; with two scrapes there is data.
# Both: Prometheus asks each in its turn, and a rate needs two answers of the same.
for rate in 'rate(exitprof_exits_total{job="exitprof",reason="HLT"}[30s])' \
	'rate(exitprof_exits_total{job="node",reason="hlt"}[30s])'; do
	until_true "$rate" answered "$rate"
done
asked=0
while IFS= read -r query; do
	ask "$query"
	same "$("$JSON_GET" status <answer)" success
	value >/dev/null || fail "no data: $query"
	asked=$((asked + 1))
done < <(queries)
((asked >= 10)) || fail "only $asked queries"
# Exits per second of the dashboard, of the file's guest: none, as the file stays.
ask 'sum by (reason) (rate(exitprof_exits_total{job="node",reason="hlt"}[30s]))'
same "$(value)" 0
while read -r rule; do
	until_true "rule $rule" answered "$rule{job=\"exitprof\"}"
done < <(sed -n 's/^ *- record: //p' rules.yml)
# The guest moves to a host without counters: the file says so, and so does Prometheus.
EXITPROF_TEST_HOST=stock-amd "$EXITPROF" metrics -o textfile/exitprof.prom 2>err || same $? 4
down() {
	ask 'exitprof_up{job="node"}'
	[[ $(value) == 0 ]]
}
until_true 'exitprof_up 0' down
echo "$asked queries of the dashboard, $SECONDS s"
