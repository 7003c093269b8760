#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Counters for Prometheus: what is in them, a file that is whole or not there, and a
# server; metrics-clients.sh has what clients may do to it.
self=$(realpath "$0")
. "$(dirname "$0")/lib.sh"
# value NAME FILE: of that sample, labels included
value() { awk -v name="$1" '$1 == name { print $2 }' "$2"; }

if [[ ${1-} == inside ]]; then
	# A full disk and one that is read-only: the file of before stays.
	mkdir disk
	mount -t tmpfs -o size=32k none disk
	run svm-full 0 metrics -o disk/a.prom
	cp disk/a.prom before
	dd if=/dev/zero of=disk/ballast bs=4k count=100 2>/dev/null || true
	run svm-full 1 metrics -o disk/a.prom
	says "exitprof: cannot write 'disk/a.prom': No space left on device"
	cmp before disk/a.prom || die 'the file of before has changed'
	same "$(ls -A disk)" $'a.prom\nballast'
	mount -o remount,bind,ro disk
	run svm-full 1 metrics -o disk/a.prom
	grep -q '^hint: .*textfile.directory$' err || die 'no hint'
	cmp before disk/a.prom || die 'the file of before has changed'
	umount disk
	exit
fi

# Raw counters, and beside them what is exitprof's own.
run svm-full 0 metrics
quiet
same "$(value exitprof_up out)" 1
shows 'exitprof_info{version="'
shows 'vendor="svm",dialect="exitprof",level="full"} 1'
same "$(value 'exitprof_exits_total{reason="hlt"}' out)" 5000
own=$(value exitprof_own_exits_total out)
same "$(value 'exitprof_exits_total{reason="cpuid"}' out)" $((20000 + own))
same "$(value exitprof_tsc_hertz out)" 2600000000
same "$(value 'exitprof_handling_seconds_total{reason="io"}' out)" 0.015384615
same "$(value 'exitprof_exit_handling_cycles_count{reason="hlt"}' out)" 5000
same "$(value 'exitprof_exit_handling_cycles_sum{reason="hlt"}' out)" 20000000
# 4000 cycles each: none within 2047, all within 4095.
same "$(value 'exitprof_exit_handling_cycles_bucket{reason="hlt",le="2047"}' out)" 0
same "$(value 'exitprof_exit_handling_cycles_bucket{reason="hlt",le="4095"}' out)" 5000
same "$(value 'exitprof_exit_handling_cycles_bucket{reason="hlt",le="+Inf"}' out)" 5000
same "$(grep -c 'bucket{reason="hlt"' out)" 25
# No sample twice, and each metric with its help before it.
same "$(grep -v '^#' out | cut -d ' ' -f 1 | sort | uniq -d)" ''
same "$(awk '/^# TYPE/ { print $3 }' out)" "$(awk '/^# HELP/ { print $3 }' out)"

run svm-full 0 metrics --no-histogram
! grep -q bucket out || die 'histograms'
(($(value exitprof_pending_own_exits out) < 15)) || die 'as many exits as with histograms'

# What a host does not tell is not there; cycles where seconds cannot be.
run vmx-nodisc 0 metrics
same "$(value 'exitprof_handling_cycles_total{reason="HLT"}' out)" 20000000
! grep -Eq 'seconds|away|bucket|generation|hertz|vcpus|level' out || die 'knows too much'
run svm-combined 0 metrics
same "$(value 'exitprof_exits_total{reason="hlt"}' out)" 5000
! grep -q handling out || die 'times that the host does not tell'
run svm-full 0 metrics --dialect classic
shows 'dialect="classic",level="full"'
! grep -q away out || die 'away from the classic leaves'
run latch-full 0 metrics
shows 'dialect="classic"'

# Without a host: nothing on stdout; a file says so, also in place of an earlier one.
run stock-amd 4 metrics
no_data
grep -q '^hint: .*exitprof doctor' err || die 'no hint'
run svm-full 0 metrics -o a.prom
no_data
same "$(value exitprof_up a.prom)" 1
run stock-amd 4 metrics -o a.prom
no_data
same "$(grep -v '^#' a.prom)" 'exitprof_up 0'
run svm-full 4 metrics -o a.prom --dialect reversed
same "$(grep -v '^#' a.prom)" 'exitprof_up 0'
same "$(stat -c %a a.prom)" 644

# Own exits of the file's earlier readings are counted on, if the host is the same.
rm a.prom
run svm-full 0 metrics -o a.prom
before=$(($(value exitprof_own_exits_total a.prom) + $(value exitprof_pending_own_exits a.prom)))
first=$(value exitprof_own_exits_total a.prom)
run svm-full 0 metrics -o a.prom
same "$(value exitprof_own_exits_total a.prom)" $((before + first))
sed -i 's/^exitprof_counters_generation .*/exitprof_counters_generation 6/' a.prom
run svm-full 0 metrics -o a.prom
same "$(value exitprof_own_exits_total a.prom)" "$first"
head -c 5000 /dev/urandom >a.prom
run svm-full 0 metrics -o a.prom
same "$(value exitprof_own_exits_total a.prom)" "$first"

# Killed while it writes, by a limit here: the file of before stays, and the next one comes.
cp a.prom before
(
	ulimit -f 1
	EXITPROF_TEST_HOST=svm-full exec "$EXITPROF" metrics -o a.prom
) 2>/dev/null && die 'wrote more than it may'
cmp before a.prom || die 'half a file'
same "$(compgen -G '.a.prom*' || true)" ''
# Nobody may write there, unless root.
run svm-full 1 metrics -o no/such/a.prom
says "exitprof: cannot write 'no/such/a.prom': No such file or directory"
grep -q '^hint: .*textfile.directory$' err || die 'no hint'
if ((EUID)); then
	mkdir -m 555 closed
	run svm-full 1 metrics -o closed/a.prom
	says "exitprof: cannot write 'closed/a.prom': Permission denied"
fi
EXITPROF_TEST_HOST=svm-full "$EXITPROF" metrics >/dev/full 2>err && die 'wrote to a full disk'
grep -q '^exitprof: cannot write to standard output' err || die 'no reason'

run svm 2 metrics -o a.txt
run svm 2 metrics x
run svm 2 metrics --dialect german
run svm 2 metrics -o a.prom --listen 127.0.0.1:0
for address in '' 9746 127.0.0.1: 127.0.0.1:x 127.0.0.1:65536 ::1:9746 example.org:9746; do
	run svm 2 metrics --listen "$address"
	says "exitprof: metrics: --listen takes ADDRESS:PORT such as 127.0.0.1:9746, not '$address'"
done
for address in 0.0.0.0:0 '[::]:0' 192.0.2.1:0 '[::ffff:127.0.0.1]:0'; do
	run svm 2 metrics --listen "$address"
	says "exitprof: metrics: others could reach '$address', and there is no password"
done

need curl
. "$root/tests/cli/serve.sh"
get() { curl -sS --noproxy '*' --max-time 100 "$@"; }

serving svm-full --listen 127.0.0.1:0
get -D head "$url" >one
grep -q $'^Content-Type: text/plain; version=0.0.4; charset=utf-8\r$' head || die 'odd content type'
happen nap 5
get "$url" >two
# Counters of one process go on, and the difference is what the guest did.
same "$(($(value 'exitprof_exits_total{reason="io"}' two) - $(value 'exitprof_exits_total{reason="io"}' one)))" 10
for page in one two; do
	same "$(($(value 'exitprof_exits_total{reason="cpuid"}' $page) - $(value exitprof_own_exits_total $page)))" 20000
done
same "$(value exitprof_own_exits_total two)" \
	$(($(value exitprof_own_exits_total one) + $(value exitprof_pending_own_exits one)))
same "$(get -o page -w '%{http_code}' "${url%metrics}")" 404
same "$(get -o page -w '%{http_code}' -X POST -d x=1 "$url")" 405
same "$(get -I -o page -w '%{http_code}' "$url")" 200
# What is no HTTP, or more than there is room for, ends there.
head -c 100000 /dev/urandom >garbage
{ cat garbage >/dev/tcp/127.0.0.1/"$port"; } 2>/dev/null || true
same "$(get -o page -w '%{http_code}' -H "X: $(head -c 20000 /dev/zero | tr '\0' x)" "$url")" 431
# Some that are silent, and some that are slow, keep nobody from being answered.
fds=()
for i in {1..20}; do
	exec {fd}<>/dev/tcp/127.0.0.1/"$port"
	((i % 2)) || printf 'GET /metrics HTTP/1.1\r\nHo' >&"$fd"
	fds+=("$fd")
done
get "$url" >three
same "$(value exitprof_up three)" 1
# Memory is bounded: some hundred requests leave it where it was.
for _ in {1..3}; do get "${url}?[1-20]" >page; done
memory() { awk '/^Rss/ { print $2 }' /proc/$pid/smaps_rollup; }
before=$(memory)
get "${url}?[1-300]" >page
same "$(grep -c '^exitprof_up 1' page)" 300
# Sanitizers and valgrind keep what was freed.
grep -Eq 'libasan|valgrind' /proc/$pid/maps ||
	(($(memory) < before + 1024)) || die 'it grows'
# Its port is taken.
run svm-full 1 metrics --listen 127.0.0.1:"$port"
says "exitprof: cannot listen on 127.0.0.1:$port: Address already in use"
says 'hint: choose another port; 0 takes a free one'
stop -TERM
for fd in "${fds[@]}"; do exec {fd}>&-; done
# At once again, although connections of before are not forgotten yet; and by another name.
# Another process may have taken the port meanwhile, but not each time.
for tries in {1..5}; do
	serving svm-full --listen localhost:"$port" && break
	((tries < 5)) || die 'its port stays in use'
	serving svm-full --listen 127.0.0.1:0
	get "$url" >page
	stop -TERM
done
same "$url" "http://127.0.0.1:$port/metrics"
stop -INT
if [[ -e /proc/net/if_inet6 ]] && grep -q ' lo$' /proc/net/if_inet6; then
	serving svm --listen '[::1]:0'
	get "$url" >page
	stop -TERM
fi

# A VM that is restored: counters start anew, and own ones with them.
serving restored --listen 127.0.0.1:0
get "$url" >one
happen nap 1
get "$url" >two
get "$url" >three
same "$(value exitprof_counters_generation one) $(value exitprof_counters_generation two)" '7 8'
same "$(value 'exitprof_exits_total{reason="hlt"}' two)" 1
for page in two three; do
	same "$(($(value 'exitprof_exits_total{reason="cpuid"}' $page) - $(value exitprof_own_exits_total $page)))" 0
done
stop -TERM

# No host yet: it may be migrated to one.
serving stock-intel --listen 127.0.0.1:0
same "$(get "$url" | grep -v '^#')" 'exitprof_up 0'
grep -q '^exitprof: cannot read exit counters' err || die 'does not say so'
stop -TERM

unshare=(unshare -m)
((!EUID)) || unshare=(unshare -rm)
if "${unshare[@]}" mount -t tmpfs none "$tmp" 2>/dev/null; then
	"${unshare[@]}" "$self" inside
fi
