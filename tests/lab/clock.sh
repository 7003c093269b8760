#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When L1 mistakes the frequency of its TSC, as under emulation on a busy machine, it is booted
# again, once; the second time the lab says so, and the result does, too. When it mistakes it by
# little, and knows better a second later, L2's timers keep time.
. "$(dirname "$0")/lib.sh"

lab 0 exec --host amd -o right -- sh -c 'dmesg | sed -n "s/.*tsc: Detected \(.*\) MHz.*/\1/p" >mhz'
khz=$(tr -d . <right/mhz)

# Boots are given a frequency instead of measuring it: those in the file's lines, then the right one.
mkdir bin
cat >bin/setpriv <<END
#!/bin/bash
given=\$(head -n 1 "$tmp/given")
sed -i 1d "$tmp/given"
exec $(type -P setpriv) "\${@/#console=ttyS0 /console=ttyS0 tsc_early_khz=\${given:-$khz} }"
END
chmod +x bin/setpriv

# clock DIR EXPECTED KHZ...: when the first boots are given these frequencies
clock() {
	local dir=$1 expected=$2
	shift 2
	printf '%s\n' "$@" >given
	PATH=$tmp/bin:$PATH lab 0 exec --fresh --host amd --timeout 60 --vcpus 2 -o "$dir" -- \
		sh -c 'for _ in 1 2 3 4 5; do sleep 0.2; done; echo >done'
	rm -rf "$(sed -n 's/^hint: the full logs are in //p' err)"
	told=$(grep -c "has mistaken the frequency of its clock: 1300.000 MHz$" err || true)
	again=$(grep -c "trying again" err || true)
	warned=$(grep -c "^exitprof-lab: warning: " err || true)
	is "$dir: told, tried again, warned, frequencies left, result" \
		"$told $again $warned $(wc -l <given) $(sed -n 's/.*"host_clock": "\(.*\)".*/\1/p' "$dir/lab.json")" "$expected"
}
clock wrong "1 1 0 0 agrees" 1300000
clock wrong-twice "2 1 1 0 mistaken" 1300000 1300000
clock not-quite-right "0 0 0 0 agrees" $((khz * 9994 / 10000))
