#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the unit tests, plain and with the sanitizers; ./run test calls it:
#   scripts/test-unit.sh REPORT-DIR [NAME]
# Each executable build/tests/unit/test-* and build-asan/tests/unit/test-* leaves
# its lines for scripts/tap.awk's reader in REPORT-DIR. They run in the checkout's
# root, several at a time.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# ./run arm64 says otherwise: another directory, and longer, for it is emulated.
LIMIT=${UNIT_LIMIT:-120} # seconds for one executable
read -ra builds <<<"${UNIT_BUILDS:-build build-asan}"

report=$1 only=${2-}
cd "$ROOT"

# run_one LABEL EXECUTABLE
run_one() {
    local label=$1 exe=$2 name status=0 out
    name=$label-$(basename "$exe")
    out=$report/$name
    # The sanitizers' reports count: an error ends the test, and so fails it.
    ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        timeout -k 5 "$LIMIT" "$exe" --tap="$out.tap" --jobs 1 >"$out.out" 2>"$out.err" </dev/null || status=$?
    touch "$out.tap"
    awk -f scripts/tap.awk -v prefix="$label/$(basename "$exe")" -v status="$status" "$out.tap" >"$out.lines"
    # Criterion lets a test pass that leaks or that only warned on its way out.
    if ! grep -q '^fail ' "$out.lines" && grep -qE '(Address|Leak|UndefinedBehavior)Sanitizer|: runtime error: ' "$out.err"; then
        echo "fail $label/$(basename "$exe"): a sanitizer's report" >>"$out.lines"
    fi
    if grep -q '^fail ' "$out.lines"; then
        # A sanitizer's report from its beginning, anything else up to its end.
        { grep -A 20 -m 1 -E 'ERROR: [A-Za-z]*Sanitizer|: runtime error: ' "$out.err" || tail -n 30 "$out.err"; } |
            sed 's/^/  | /' >>"$out.lines"
    fi
}

found=''
for dir in "${builds[@]}"; do
    label=unit${dir#build}
    for exe in "$dir"/tests/unit/test-*; do
        [[ -f $exe && -x $exe ]] || continue
        [[ -z $only || $(basename "$exe") == *"$only"* ]] || continue
        found=1
        while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do
            wait -n || true
        done
        run_one "$label" "$exe" &
    done
done
wait
if [[ -z $found && -z $only ]]; then
    echo "fail unit: no test executables in ${builds[0]}/tests/unit" >"$report/unit.lines"
fi
