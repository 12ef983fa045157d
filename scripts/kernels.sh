#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tries skbtrail on Debian's kernels, on all that the machine's mirror has or on those named:
#   ./run kernels [--all-cases] [NAME]...
# NAME is what scripts/kernel.sh takes: a series, as 6.18 or 7.3-rt, or a package's name behind linux-image-. A kernel runs
# a short guest test (tests/vm/cases/01-short.sh) and becomes a row of the table in docs/kernels/README.md. With
# --all-cases it runs every guest test, half an hour for one kernel on two cores, and docs/kernels/NAME.txt becomes what
# came out. Exit status 1 if a test failed or a kernel did not boot.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

CASE_LIMIT=900 # seconds; for what hangs
GUEST_LIMIT=1200

usage='usage: ./run kernels [--all-cases] [NAME]...'
whole='' names=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --all-cases) whole=1 ;;
    -h | --help) echo "$usage" && exit 0 ;;
    -*) die "$usage" ;;
    *) names+=("$1") ;;
    esac
    shift
done
cd "$ROOT"
if [[ ${#names[@]} -eq 0 && $whole ]]; then
    names=("${KERNELS[@]}" "${RT_KERNELS[@]}")
elif [[ ${#names[@]} -eq 0 ]]; then
    mapfile -t names < <(scripts/kernel.sh --list)
fi
results=$ROOT/build/kernels
[[ ${#names[@]} -gt 0 ]] || die -1 "the mirror has no kernels, or cannot be reached"
mkdir -p docs/kernels "$results"

# tested RELEASE: prints what a page begins with
tested() { printf 'Kernel: %s\nTested: %s, commit %s\n\n' "$*" "$(date -u +%F)" "$(git describe --always --dirty)"; }

# all_cases NAME: runs every guest test, and writes the kernel's page
all_cases() {
    local status=0 tap report=$ROOT/build/test-report
    scripts/test.sh --vm --kernel "$1" || status=$?
    # 1 is a test that failed; everything else, an interrupt for example, says nothing about the kernel
    [[ $status -le 1 ]] || exit "$status"
    if ! compgen -G "$report/vm-*/started" >/dev/null; then
        say "$1 did not boot: docs/kernels/$1.txt stays as it was"
        return 1
    fi
    {
        tested "$(cat "$report"/vm-*/started | sort -u | paste -sd' ')"
        for tap in "$report"/vm-*/*.tap; do
            printf '%-24s %s\n' "$(basename "$tap" .tap)" "$(awk -v brief=1 -f tests/run/tap.awk "$tap")"
        done | LC_ALL=C sort
        echo
        tests/run/totals.sh "$report" || true
    } >"$report/page"
    mv "$report/page" "docs/kernels/$1.txt"
    return "$status"
}

# row NAME DIR STATUS: prints the kernel's row of the table; STATUS is that of scripts/vm.sh
row() {
    local -A fact=()
    local key value result column
    while IFS=: read -r key value; do
        fact[${key#\# }]=${value# }
    done < <(grep -E '^# [a-z-]+: ' "$2/01-short.tap" 2>/dev/null)
    if [[ -e $2/01-short.tap ]]; then
        result=$(awk -v brief=1 -f tests/run/tap.awk "$2/01-short.tap") || true
        if [[ $3 -ne 0 || ! -e $2/01-short.status ]]; then
            result="FAILED: the guest ended before its tests: $result"
        elif [[ $result == *' 0 not ok' ]]; then
            result='as it should be'
        else
            result="FAILED: $result"
        fi
    elif [[ $3 -eq 3 ]]; then
        result='the mirror lacks its files'
    else
        result='FAILED: did not boot'
    fi
    [[ ${fact[backend]-} != refused || $result == FAILED* ]] || result='refuses to trace, says why'
    printf '| %s | %s' "$1" "$(cat "$2/started" 2>/dev/null || echo unknown)"
    for column in functions attached backend check-provable trace-provable redirect-peer redirect host-stack drop; do
        printf ' | %s' "${fact[$column]-–}"
    done
    printf ' | %s |\n' "$result"
}

# table FILE: prints the page with the rows in the file, and the rows of other kernels that it has already
table() {
    cat <<'END'
# Which kernels were tried

`./run kernels` boots Debian's kernels, the newest package of each series in the suites of the machine's mirror, in QEMU
without KVM, and runs a short test in each (`tests/vm/cases/01-short.sh`): the functions, one traced ping, the check on
three datapaths of which only the first may pass, the drop of a datagram to a closed port, nothing left behind, and no
warning of the kernel's. Its table:

| name | kernel | functions | attached | by | loss provable: check | trace | redirect_peer | redirect | host stack | reason for the drop | all in all |
|---|---|---|---|---|---|---|---|---|---|---|---|
END
    {
        cat "$1"
        grep -E '^\| ([0-9]|newest)' docs/kernels/README.md 2>/dev/null || true
    } | awk -F ' *[|] *' '!seen[$2]++' | LC_ALL=C sort -t '|' -k 2V
    cat <<'END'

"By" is how functions are probed. Before 5.17 the kernel gives no reasons for drops. Where the ring buffer's lock may
sleep on a real-time kernel, nothing is attached.

`./run kernels --all-cases` runs every guest test, which takes half an hour for one kernel on two cores; `./run test`
runs each of them on one or more of 5.10, 6.1, 6.12 and the newest.
END
    ! compgen -G 'docs/kernels/*.txt' >/dev/null ||
        printf '\nWhat came out of all, with the day and the commit:\n'
    for page in docs/kernels/*.txt; do
        [[ ! -e $page ]] || echo "- [$(basename "$page" .txt)]($(basename "$page"))"
    done
}

status=0
if [[ $whole ]]; then
    for name in "${names[@]}"; do
        all_cases "$name" || status=1
    done
    exit "$status"
fi
step "building"
scripts/build.sh
rm -f "$results/rows.new"
for name in "${names[@]}"; do
    step "$name"
    rm -rf "${results:?}/$name"
    mkdir "$results/$name"
    booted=0
    scripts/vm.sh --kernel "$name" --timeout "$GUEST_LIMIT" --results "$results/$name" -- \
        tests/vm/run-cases.sh "$name" "$CASE_LIMIT" 01-short || booted=$?
    # 125: the guest failed, 3: there is no such kernel; more is an interrupt
    [[ $booted -le 125 ]] || exit "$booted"
    row "$name" "$results/$name" "$booted" | tee -a "$results/rows.new"
done
! grep -E '\| FAILED: [^|]*\|$' "$results/rows.new" >&2 || status=1
table "$results/rows.new" >"$results/page"
mv "$results/page" docs/kernels/README.md
rm "$results/rows.new"
exit "$status"
