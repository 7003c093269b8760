#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing wrong by the address and undefined-behaviour sanitizers.
. "$(dirname "$0")/lib.sh"
make_build sanitizers
export ASAN_OPTIONS=abort_on_error=0:exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
run_suites unit accounting cli workloads
