#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# With the intervals as they are shipped, the dashboard and the rules tell of a guest whose file
# is written once a minute what they tell of one that is asked at each scrape.
. "$(dirname "$0")/lib.sh"
need promtool

# seconds TEXT: of a duration such as 64s, 1m or 5m15s
seconds() {
	[[ $1 =~ ^(([0-9]+)m)?(([0-9]+)s)?$ ]] || die "no duration: '$1'"
	echo $((${BASH_REMATCH[2]:-0} * 60 + ${BASH_REMATCH[4]:-0}))
}
scrape=$(seconds "$(sed -n 's/^  scrape_interval: //p' "$FLEET/prometheus.yml")")
grep -qx 'OnCalendar=minutely' "$UNITS/exitprof-metrics.timer" || die 'the timer has another period'
period=60
minutes=30
# Of no common measure with scrapes, as if each had its own clock.
evaluation=7
((scrape > 0 && period % scrape == 0)) || die 'the series below are made for a fraction of a minute'

# rate_interval MIN_STEP: what Grafana puts for $__rate_interval, for a range of an hour: four times
# the query's Min step (its "interval"), else the data source's scrape interval
rate_interval() { echo "$((4 * ${1:-$scrape}))s"; }

# series NAME{LABELS} RATE: of the guest "written", which steps once a period, and of "asked". At
# the first scrape in which a file is there, it may be a period old.
series() {
	local name=$1 rate=$2 i values=''
	name=${name%\}}
	[[ $name == *'{'* ]] && name+=', ' || name+='{'
	for ((i = 0; i < minutes; i++)); do
		values+=" $((i * period * rate))x$((period / scrape - 1))"
	done
	printf "      - series: '%sjob=\"node\", instance=\"written\"}'\n        values: '%s'\n" "$name" "${values# }"
	printf "      - series: '%sjob=\"exitprof\", instance=\"asked\"}'\n        values: '0+%dx%d'\n" \
		"$name" $((rate * scrape)) $((minutes * period / scrape))
}
# constant NAME VALUE
constant() {
	local guest
	for guest in 'job="node", instance="written"' 'job="exitprof", instance="asked"'; do
		printf "      - series: '%s{%s}'\n        values: '%sx%d'\n" "$1" "$guest" "$2" $((minutes * period / scrape))
	done
}

# one EXPR [SECONDS]: a test: at that moment there is one such answer
one() {
	printf "      - expr: |\n          count(%s)\n" "$1"
	printf "        eval_time: %ds\n        exp_samples: [{labels: '{}', value: 1}]\n" "${2-1204}"
}

# agree EXPR: a test at many moments, with GUEST for the guest's name: there is an answer, and
# that of the one guest is the other's. Within a second of a scrape, the range may have one
# sample more, and there may be a step in that.
agree() {
	local expr=$1 at slack
	for ((at = 172 * evaluation; at < 172 * evaluation + 2 * period; at += evaluation)); do
		((at % scrape > 1)) && slack=0.01 || slack=0.2
		one "count(${expr//GUEST/written}) > 0" $at
		printf "      - expr: |\n          abs((%s) / ignoring (job, instance) (%s) - 1) > %s\n" \
			"${expr//GUEST/written}" "${expr//GUEST/asked}" $slack
		printf "        eval_time: %ds\n        exp_samples: []\n" $at
	done
}

# rate_queries: those of dashboard_queries with a rate
rate_queries() {
	# shellcheck disable=SC2016
	dashboard_queries | grep -F '$__rate_interval'
}

# write_test [MIN_STEP]: a promtool test of the queries, with another Min step than theirs if it is
# given, and of the rules
write_test() {
	local forced=${1-} step expr rule
	cat <<-END
		rule_files:
		  - rules.yml
		evaluation_interval: ${evaluation}s
		tests:
		  - interval: ${scrape}s
		    input_series:
	END
	series 'exitprof_exits_total{reason="hlt"}' 10
	series 'exitprof_exits_total{reason="cpuid"}' 2
	series exitprof_own_exits_total 1
	for reason in hlt cpuid; do
		series "exitprof_handling_seconds_total{reason=\"$reason\"}" 1
		series "exitprof_away_seconds_total{reason=\"$reason\"}" 1
		series "exitprof_exit_handling_cycles_bucket{reason=\"$reason\", le=\"1023\"}" 1
		series "exitprof_exit_handling_cycles_bucket{reason=\"$reason\", le=\"+Inf\"}" 2
	done
	constant exitprof_vcpus 2
	constant exitprof_tsc_hertz 2000000000
	echo '    promql_expr_test:'
	while IFS='|' read -r step expr; do
		expr=${expr//\$__rate_interval/$(rate_interval "$([[ ! ${forced:-$step} ]] || seconds "${forced:-$step}")")}
		expr=${expr//\$job/.*}
		agree "${expr//\$instance/GUEST}"
		# Of all reasons: 12 a second, of which one is exitprof's own.
		[[ $expr != *exitprof_exits_total* || $expr == *reason* ]] || one "abs((${expr//\$instance/asked}) - 11) < 0.001"
	done < <(rate_queries)
	[[ ! $forced ]] || return 0
	while read -r rule; do
		agree "$rule{instance=\"GUEST\"}"
	done < <(sed -n 's/^ *- record: //p' rules.yml)
}

cp "$FLEET/rules.yml" .
(($(rate_queries | wc -l) >= 9)) || die 'hardly any rates'
write_test >shipped.yml
promtool test rules shipped.yml >told 2>&1 || die "$(grep -c 'exp:' told) answers differ, such as: $(head -n 6 told)"

# Without a Min step, four scrapes are one writing or none.
write_test "${scrape}s" >without.yml
! promtool test rules without.yml >told 2>&1 || die 'any interval passes'
echo "$(grep -c eval_time shipped.yml) answers"
