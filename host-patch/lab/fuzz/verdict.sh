# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the console of a host under test says.

# Reports of the kernel about itself. A report of KCSAN counts only if its stack
# names the accounting: races in the rest of the kernel are not ours to judge.
verdict_reports='BUG: (KASAN|unable|kernel NULL|sleeping|using|scheduling|spinlock|soft lockup|workqueue)|UBSAN:|Oops|general protection|WARNING:|possible (recursive|circular)|suspicious RCU|inconsistent lock|kernel BUG|Kernel panic|list_(add|del) corruption|INFO: task .* blocked|rcu: INFO'

# At most this much less free memory after than before, in kB. KASAN keeps freed
# memory aside, up to a 32nd of all of it.
verdict_memory_kasan=65536
verdict_memory_kcsan=16384
verdict_memory_quick=16384

# kcsan_ours LOG: the reports of KCSAN that name the accounting
kcsan_ours() {
	tr -d '\r' <"$1" | awk '
		/^(\[[^]]*\] )?=+$/ { if (hit && report) printf "%s", report; report = ""; hit = inside = 0; next }
		/BUG: KCSAN/ { inside = 1 }
		inside { report = report $0 "\n"; if (/exitprof/) hit = 1 }
		END { if (hit && report) printf "%s", report }'
}

# verdict_final LOG: whether the host came to an end, good or bad
verdict_final() {
	grep -q -a -E "safety: (done|failed)|^fuzz: |$verdict_reports" "$1"
}

# verdict_emulator LOG: whether a CPU fell into a breakpoint that was no longer there
verdict_emulator() {
	grep -q -a -E '\] int3: ' "$1"
}

# verdict KIND LOG: says what went wrong; returns 1 if anything did
verdict() {
	local kind=$1 log=$2 bad=0 reports before after leaks limit=verdict_memory_$1
	reports=$(tr -d '\r' <"$log" | grep -a -E "$verdict_reports" | grep -v -F 'BUG: KCSAN' || true)
	if [ -n "$reports" ]; then
		message "$kind: the kernel reports:"
		head -n 10 <<<"$reports" >&2
		bad=1
	fi
	reports=$(kcsan_ours "$log")
	if [ -n "$reports" ]; then
		message "$kind: data races in the accounting:"
		head -n 60 <<<"$reports" >&2
		bad=1
	fi
	tr -d '\r' <"$log" | grep -a -E '^(fuzz|safety:) ' | grep -v -F 'safety: kcsan:' || true
	tr -d '\r' <"$log" | grep -a '^fuzz: ' >&2 && bad=1
	if ! grep -q -a 'safety: done' "$log"; then
		message "$kind: the test did not come to its end; the console's last lines:"
		tail -n 12 "$log" >&2
		bad=1
	fi
	read -r before after < <(sed -n 's/^safety: memory \([0-9]*\) \([0-9]*\) .*/\1 \2/p' "$log") || true
	if [ -n "${after-}" ] && [ $((before - after)) -gt "${!limit}" ]; then
		message "$kind: $((before - after)) kB of memory are gone"
		bad=1
	fi
	leaks=$(sed -n 's/^safety: leaks \([0-9]*\).*/\1/p' "$log")
	if [ "${leaks:-0}" -ne 0 ]; then
		message "$kind: $leaks leaks"
		bad=1
	fi
	[ $bad -eq 0 ] && message "$kind: passed" || message "$kind: FAILED"
	return $bad
}
