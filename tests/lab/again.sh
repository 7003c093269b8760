#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which boots are tried again, how often, and with which status it ends: with machines that only say
# what they are told to.
# shellcheck disable=SC1091,SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
. "$(dirname "$0")/lib.sh"

# What one kind of machine says before it goes off
declare -A says=(
	[good]="l1-ready l2-start l2-ready l2-job l1-done"
	[mistaken]="clock-mistaken l1-ready l2-start l2-ready l2-job l1-done"
	[off]="l1-ready"
	[late]="l1-ready l2-start l2-ready l2-job"
	[still]="l1-ready l2-start l2-ready l2-job still"
)

# boots KIND...: what becomes of a job whose boots are of these kinds
boots() (
	set +e
	lab=$root/host-patch/lab
	. "$lab/ui.sh"
	. "$lab/cache.sh"
	. "$lab/machine.sh"
	. "$lab/state.sh"
	. "$lab/boot.sh"
	mode=job guest=busybox host=amd host_name=none host_vendor=amd host_slow=1 host_append='' host_restless=1 host_resume='' fresh=false boot_patience=10 vcpus=1 l2_memory=1 npt=1
	trace=false details=false stock=false level='' variant='' title='' timeout=9 KREL='' cache=$tmp work=$tmp
	kinds=("$@")
	job_disks() { :; }
	job_put() { :; }
	host_prepare() {
		local words
		read -ra words <<<"${says[${kinds[0]}]}"
		kinds=("${kinds[@]:1}")
		# One that stands still does not end, and takes no time.
		emulator=(sh -c 'file=$1; shift; printf "exitprof-lab: %s\n" "$@" >"$file"; case $* in *still*) exec sleep 1000 ;; esac' \
			sh "$work/l1.log" "${words[@]}")
	}
	trap 'echo "status $?, $(grep -c "trying again" said) again, clock $boot_clock, warned $(grep -c "warning: " said), ${#kinds[@]} left" >became' EXIT
	boot job 2>said
)

# becomes STATUS AGAIN CLOCK WARNED LEFT KIND...
becomes() {
	local expected="status $1, $2 again, clock $3, warned $4, $5 left"
	shift 5
	boots "$@" || true
	is "$*" "$(<became)" "$expected"
}
becomes 0 0 agrees 0 0 good
becomes 0 1 agrees 0 0 off good
becomes 125 1 agrees 0 1 off off good
becomes 1 0 agrees 0 1 late good
becomes 0 1 agrees 0 0 still good
becomes 125 1 agrees 0 1 still still good
becomes 1 1 agrees 0 1 still late good
# A clock has a boot of its own, whatever else happens, and does not fail.
becomes 0 1 agrees 0 0 mistaken good
becomes 0 1 mistaken 1 0 mistaken mistaken
becomes 0 2 agrees 0 0 mistaken off good
becomes 0 2 agrees 0 0 off mistaken good
becomes 0 2 mistaken 1 0 mistaken off mistaken
becomes 125 2 agrees 0 1 mistaken off off good

# Time limits grow with the time that L1 has taken to boot.
limits() (
	. "$root/host-patch/lab/ui.sh"
	. "$root/host-patch/lab/machine.sh"
	. "$root/host-patch/lab/boot.sh"
	mode=job host_slow=$1
	boot_entered=$SECONDS
	SECONDS=$((SECONDS + $2))
	boot_measure
	boot_enter step 100
	echo $((machine_limit - SECONDS))
) 2>/dev/null
is "usual" "$(limits 1 6)" 100
is "a fast machine" "$(limits 1 1)" 100
is "a slow one" "$(limits 1 60)" 1000
is "a host that takes four times as long" "$(limits 4 24)" 400
is "the same, slow" "$(limits 4 240)" 4000
