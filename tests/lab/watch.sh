#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `watch` on the real thing, in one boot: what it costs, that its own exits are in no
# figure, that nothing is lost between two intervals, also of each vCPU by itself.
. "$(dirname "$0")/lib.sh"

# Exactly 5000 CPUIDs on CPU 1, and none to start with: no C library.
cat >storm.c <<'END'
static long call(long number, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return ret;
}

void _start(void)
{
	static const unsigned long cpu_1 = 2;
	long failed = call(203, 0, sizeof(cpu_1), (long)&cpu_1) != 0;

	for (int i = 0; !failed && i < 5000; i++)
		__asm__ volatile("cpuid" : : "a"(0), "c"(0) : "ebx", "edx");
	call(231, failed, 0, 0);
}
END
gcc -O2 -static -nostdlib -fno-stack-protector -o storm storm.c || fail 'no storm'

cat >job <<'END'
#!/bin/sh
# more: until two further intervals are in the file on 3; by the shell's own means, since every
# program that starts executes CPUIDs
more() {
	while read -r _ <&3; do :; done
	count=0
	while [ $count -lt 2 ]; do
		read -r line <&3 || continue
		case $line in *,vm,,total,*) count=$((count + 1)) ;; esac
	done
}
# around NAME OPTION...: a storm between two intervals
around() {
	name=$1
	shift
	: >$name.csv
	exec 3<$name.csv
	exitprof watch -i 200ms --csv "$@" >>$name.csv &
	watch=$!
	more
	storm || echo "no storm" >&2
	more
	kill -TERM $watch
	wait $watch || echo "watch: status $?" >&2
}
exitprof snapshot --csv >before.csv
exitprof watch -n 5 -i 200ms --csv >quiet.csv
exitprof snapshot --csv >after.csv
around storm
around vcpus --per-vcpu
exitprof watch -n 3 -i 200ms
END
chmod +x job
lab 0 exec --vcpus 2 --with job --with storm -o result -- job
is "stderr of the job" "$(grep -E '^(no storm|watch:)' err || true)" ""
cat out

# total NAME SCOPE COLUMN: of a file's rows of that name
cd result
total() { awk -F, -v name="$2" -v scope="$3" '$6 == name && $4 == scope { sum += $7 } END { print sum + 0 }' "$1.csv"; }

is "five intervals" "$(grep -c ,vm,,total, quiet.csv)" 5
is "no CPUID while nothing runs" "$(grep -c ',cpuid,' quiet.csv)" 0
# What has changed, at the most every reason; the latch, the bitmap, and the total.
most=$(($(wc -l <after.csv) - 1 + 3))
cost=$(awk -F, '$6 == "total" { print $13 }' quiet.csv | sort -n | head -n 1)
is "an interval costs at most the active reasons and three: $cost of $most" "$((cost >= 3 && cost <= most))" 1
is "within what snapshots around it say" "$(awk -F, '
	FNR == 1 { file++; next }
	file == 1 { before[$1] = $3; next }
	file == 2 { most[$1] = $3 - before[$1]; next }
	$5 != "" { sum[$5] += $7 }
	END { for (reason in sum) if (sum[reason] > most[reason]) print reason, sum[reason], most[reason] }' \
	before.csv after.csv quiet.csv)" ""
is "a storm's CPUIDs, all of them and no other" "$(total storm cpuid vm)" 5000
is "of the VM, with vCPUs" "$(total vcpus cpuid vm)" 5000
is "of vCPU 1" "$(total vcpus cpuid vcpu1)" 5000
is "of vCPU 0" "$(total vcpus cpuid vcpu0)" 0
for name in quiet storm vcpus; do
	is "$name: sums, rates and times" "$(awk -F, '
		NR == 1 { next }
		$5 != "" { sum[$1, $4] += $7; share[$1, $4] += $10; next }
		{
			exits[$1, $4] = $7
			rate = $7 * 1e9 / $2
			if ($8 < rate - 0.001 || $8 > rate + 0.001) print $1, $4, "rate", $8, rate
			if ($4 == "vm") { if (elapsed + $2 != $1) print $1, "elapsed"; elapsed = $1 }
		}
		END {
			for (at in exits) {
				if (sum[at] != exits[at]) print at, "sum", sum[at], exits[at]
				if (exits[at] && (share[at] < 0.999 || share[at] > 1.001)) print at, "shares", share[at]
			}
		}' $name.csv)" ""
done
is "vCPUs add up to the VM" "$(awk -F, '
	$6 == "total" { sum[$1, $4 == "vm"] += $7; own[$1, $4 == "vm"] += $13; at[$1] }
	END { for (t in at) if (sum[t, 0] != sum[t, 1] || own[t, 0] != own[t, 1]) print t }' vcpus.csv)" ""
