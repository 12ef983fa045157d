#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds, runs the unit tests (plain and with the sanitizers), the linters, the fuzzers
# for a moment and the guest tests on four kernels, and says what failed:
#   ./run test [--unit|--vm] [--kernel K]… [--case NAME]…
# NAME is a part of the name of a case or of a unit test's executable. The last
# line is "N passed, N failed" or "N passed, N failed, N skipped"; exit status 1
# when a test failed or none ran. What the tests wrote stays in build/test-report,
# how long each case took in build/test-report/durations.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

FUZZ_SECONDS=26 # all targets together; ./run fuzz goes on for longer

usage='usage: ./run test [--unit|--vm] [--kernel 5.10|6.1|6.12|newest]... [--case NAME]...'
unit=1 vm=1 kernels=() names=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --unit) vm='' ;;
    --vm) unit='' ;;
    --kernel | --case)
        [[ $# -ge 2 ]] || die "$1 needs a value"
        if [[ $1 == --kernel ]]; then
            [[ " ${KERNELS[*]} " == *" $2 "* ]] || die "no kernel '$2': one of ${KERNELS[*]}"
            kernels+=("$2")
        else
            names+=("$2")
        fi
        shift
        ;;
    -h | --help) echo "$usage" && exit 0 ;;
    *) die "$usage" ;;
    esac
    shift
done
everything=1
[[ ${#names[@]} -eq 0 && ${#kernels[@]} -eq 0 && -n $unit ]] || everything=''
# Asked for a kernel, asked for guests.
[[ ${#kernels[@]} -eq 0 ]] || unit=''
[[ ${#kernels[@]} -gt 0 ]] || kernels=("${KERNELS[@]}")
[[ ${#names[@]} -gt 0 ]] || names=('')

report=$ROOT/build/test-report
cd "$ROOT"

cases=()
for name in "${names[@]}"; do
    for file in tests/vm/cases/*"$name"*.sh; do
        [[ ! -e $file ]] || cases+=("$(basename "$file" .sh)")
    done
done
mapfile -t cases < <(printf '%s\n' "${cases[@]}" | sort -u | sed '/^$/d')

step "building"
scripts/build.sh
if [[ -n $unit ]]; then
    step "building with the sanitizers"
    scripts/build.sh --sanitize
fi
rm -rf "$report"
mkdir -p "$report"

child=''
trap '[[ -z $child ]] || kill "$child" 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# In the background, because bash runs no trap while it waits in the foreground.
run() {
    "$@" &
    child=$!
    wait "$child" || die -1 "$(basename "$1") failed"
    child=''
}

# durations: seconds of each case on each kernel, the longest first, and the whole
durations() {
    local file kernel
    for file in "$report"/vm-*/*.seconds; do
        [[ -e $file ]] || continue
        kernel=${file%/*}
        printf '%5d s  %-7s %s\n' "$(<"$file")" "${kernel##*/vm-}" "$(basename "$file" .seconds)"
    done | sort -rn
    printf '%5d s  in all\n' "$SECONDS"
}

if [[ -n $unit ]]; then
    step "unit tests"
    for name in "${names[@]}"; do
        run scripts/test-unit.sh "$report" "$name"
    done
fi
if [[ -n $unit && $everything ]]; then
    run scripts/test-install.sh "$report"
    run scripts/test-packaging.sh "$report"
    run scripts/test-docs.sh "$report"
    run scripts/test-oom.sh "$report"
fi
if [[ -n $unit && -n $vm && $everything ]]; then
    step "linters"
    run scripts/lint.sh --report "$report"
    step "fuzzing for $FUZZ_SECONDS s"
    run scripts/fuzz.sh --report "$report" "$FUZZ_SECONDS"
fi
if [[ -n $vm && ${#cases[@]} -gt 0 ]]; then
    step "guest tests on ${kernels[*]}: ${#cases[@]} cases each"
    run scripts/test-vm.sh "$report" "${kernels[*]}" "${cases[*]}"
fi
if [[ -n $vm && $everything ]]; then
    step "the demo"
    run scripts/test-demo.sh "$report"
fi
step "done"
durations >"$report/durations"

exec scripts/totals.sh "$report"
