# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by every test here. Meson sets EXITPROF, JSON_GET, FLEET (the folder of files
# for those who look at many guests) and UNITS (the folder with systemd's units).
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
: "${EXITPROF:?}" "${JSON_GET:?}" "${FLEET:?}" "${UNITS:?}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export here

cd "$tmp"

# metrics HOST ARGUMENT...: of that simulated host
metrics() {
	local host=$1
	shift
	EXITPROF_TEST_HOST=$host "$EXITPROF" metrics "$@" 2>err || die "metrics $*: $(cat err)"
}

# dashboard KEY...: that value of the dashboard; false if it has none
dashboard() { "$JSON_GET" "$@" <"$FLEET/dashboard.json"; }

# dashboard_queries: MIN_STEP|QUERY of every query of the dashboard, one a line; without its own, MIN_STEP
# is empty
dashboard_queries() {
	local panel target expr
	for ((panel = 0; ; panel++)); do
		dashboard panels $panel id >/dev/null || break
		for ((target = 0; ; target++)); do
			expr=$(dashboard panels $panel targets $target expr) || break
			echo "$(dashboard panels $panel targets $target interval || true)|$expr"
		done
	done
}

# queries: the queries alone, for all guests and a range of 30 s
queries() {
	# shellcheck disable=SC2016
	dashboard_queries | sed 's/^[^|]*|//; s/\$__rate_interval/30s/g; s/\$__range/30s/g; s/\$\(job\|instance\)/.*/g'
}
