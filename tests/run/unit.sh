#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the unit tests, plain and with the sanitizers; ./run test calls it:
#   tests/run/unit.sh REPORT-DIR [NAME]
# Each executable build/tests/unit/test-* leaves its TAP in REPORT-DIR/unit, each of build-asan in
# REPORT-DIR/unit-asan. They run in the checkout's root, several at a time.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"

# ./run arm64 sets both: another directory, and more time, because its programs run under emulation.
LIMIT=${UNIT_LIMIT:-120} # seconds for one executable
read -ra builds <<<"${UNIT_BUILDS:-build build-asan}"

report=$1 only=${2-}
cd "$ROOT"

# run_one EXECUTABLE OUT
run_one() {
    local exe=$1 out=$2 status=0
    # A sanitizer's report ends the test, so that the test fails.
    ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        timeout -k 5 "$LIMIT" "$exe" --tap="$out.tap" --jobs 1 >"$out.out" 2>"$out.err" </dev/null || status=$?
    touch "$out.tap"
    echo "$status" >"$out.status"
    # Criterion lets a test pass that leaks or that only warns when it ends.
    if grep -qE '(Address|Leak|UndefinedBehavior)Sanitizer|: runtime error: ' "$out.err"; then
        echo "not ok - no sanitizer reports an error" >>"$out.tap"
    fi
}

found=''
for dir in "${builds[@]}"; do
    out=$report/unit${dir#build}
    mkdir -p "$out"
    for exe in "$dir"/tests/unit/test-*; do
        [[ -f $exe && -x $exe ]] || continue
        [[ -z $only || ${exe##*/} == *"$only"* ]] || continue
        found=1
        while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do
            wait -n || true
        done
        run_one "$exe" "$out/${exe##*/}" &
    done
done
wait
if [[ -z $only || rooms == *"$only"* ]]; then
    found=1
    tests/rooms.pl "${builds[0]}" >"$report/unit${builds[0]#build}/rooms.tap" || true
fi
if [[ -z $found && -z $only ]]; then
    echo "Bail out! no test executables in ${builds[0]}/tests/unit" >"$report/unit.tap"
fi
