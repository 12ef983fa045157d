#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds, runs the unit tests (plain and with the sanitizers), the linters, the fuzzers
# for some seconds and the guest tests, and prints what failed:
#   ./run test [--unit|--vm] [--kernel K]… [--case NAME]…
# NAME is part of the name of a case or of a unit test's executable. The last line is
# "N passed, N failed" or "N passed, N failed, N skipped". Exit status 1 if a test failed
# or none ran. The tests' output stays in build/test-report, the time that each case took
# in build/test-report/durations. Without options, each guest case runs on at
# least one of the kernels, and what depends most on the kernel on all: that takes 40 minutes on two cores. ./run test
# --vm runs every case on all four and on a real-time one, ./run kernels --all-cases on the other real-time ones, too.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

FUZZ_SECONDS=26 # for all targets together

usage='usage: ./run test [--unit|--vm] [--kernel 5.10|6.1|6.12|newest]... [--case NAME]...'
unit=1 vm=1 kernels=() names=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --unit) vm='' ;;
    --vm) unit='' ;;
    --kernel | --case)
        [[ $# -ge 2 ]] || die "$1 needs a value"
        if [[ $1 == --kernel ]]; then
            [[ $2 =~ ^(newest|[0-9]+\.[0-9]) ]] ||
                die "unknown kernel '$2': must be one of ${KERNELS[*]} ${RT_KERNELS[*]}, or one of scripts/kernel.sh --list"
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
# --kernel implies --vm.
[[ ${#kernels[@]} -eq 0 ]] || unit=''
[[ ${#kernels[@]} -gt 0 ]] || kernels=("${RT_KERNELS[@]:0:1}" "${KERNELS[@]}") # the first in the list starts last
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
# run COMMAND…: in the background, because bash runs no trap while it waits for a foreground process
run() {
    "$@" &
    child=$!
    wait "$child" || die -1 "$1 failed"
    child=''
}
# tap NAME COMMAND…: keeps the TAP that the command prints, and its exit status, in the report
tap() {
    local name=$1 status=0
    shift
    "$@" >"$report/$name.tap" &
    child=$!
    wait "$child" || status=$?
    child=''
    echo "$status" >"$report/$name.status"
}

# durations: prints the seconds of each case on each kernel, the longest first, and in total
durations() {
    local file kernel
    for file in "$report"/vm-*/*.seconds; do
        [[ -e $file ]] || continue
        kernel=${file%/*}
        printf '%5d s  %-7s %s\n' "$(<"$file")" "${kernel##*/vm-}" "$(basename "$file" .seconds)"
    done | sort -rn
    printf '%5d s  in total\n' "$SECONDS"
}

if [[ -n $unit ]]; then
    step "unit tests"
    for name in "${names[@]}"; do
        run tests/run/unit.sh "$report" "$name"
    done
fi
if [[ -n $unit && $everything ]]; then
    tap install tests/run/install.sh
    tap packaging tests/run/packaging.sh
    run tests/run/docs.sh "$report"
    tap mistakes tests/run/mistakes.sh
    tap report tests/run/report.sh
    tap schema tests/run/schema.sh
    tap kubectl tests/run/kubectl.sh
    tap oom tests/run/oom.sh
fi
if [[ -n $unit && -n $vm && $everything ]]; then
    step "linters"
    tap lint scripts/lint.sh --tap
    step "fuzzers, for $FUZZ_SECONDS s"
    tap fuzz scripts/fuzz.sh --tap "$FUZZ_SECONDS"
fi
if [[ -n $vm && ${#cases[@]} -gt 0 ]]; then
    step "guest tests on ${kernels[*]}: ${#cases[@]} cases each"
    WHOLE_RUN=$everything run tests/run/vm.sh "$report" "${kernels[*]}" "${cases[*]}"
fi
if [[ -n $vm && $everything ]]; then
    step "the demo"
    tap demo tests/run/demo.sh
fi
step "done"
durations >"$report/durations"

exec tests/run/totals.sh "$report"
