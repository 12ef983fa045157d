#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs every guest test on every kernel, the real-time ones included, or on those named:
#   ./run kernels [KERNEL]...
# What came out on a kernel becomes docs/kernels/KERNEL.txt as soon as it is through. All take two hours on two cores, too
# long for ./run test, which runs a case on few kernels. Exit status 1 if a test failed.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

known=("${KERNELS[@]}" "${RT_KERNELS[@]}")
[[ " $* " != *' -h '* && " $* " != *' --help '* ]] || { echo 'usage: ./run kernels [KERNEL]...' && exit 0; }
for kernel in "$@"; do
    [[ " ${known[*]} " == *" $kernel "* ]] || die "unknown kernel '$kernel': must be one of ${known[*]}"
done
[[ $# -gt 0 ]] || set -- "${known[@]}"

report=$ROOT/build/test-report
cd "$ROOT"

# page: prints the page from the report
page() {
    printf 'Kernel: %s\n' "$(cat "$report"/vm-*/started | sort -u | paste -sd' ')"
    printf 'Tested: %s, commit %s\n\n' "$(date -u +%F)" "$(git describe --always --dirty)"
    local tap
    for tap in "$report"/vm-*/*.tap; do
        printf '%-24s %s\n' "$(basename "$tap" .tap)" "$(awk -v brief=1 -f tests/run/tap.awk "$tap")"
    done | LC_ALL=C sort
    echo
    tests/run/totals.sh "$report"
}

mkdir -p docs/kernels
result=0
for kernel in "$@"; do
    status=0
    scripts/test.sh --vm --kernel "$kernel" || status=$?
    # 1 is a test that failed; everything else, an interrupt for example, says nothing about the kernel
    [[ $status -le 1 ]] || exit "$status"
    if ! compgen -G "$report/vm-*/started" >/dev/null; then
        say "$kernel did not boot: docs/kernels/$kernel.txt stays as it was"
        result=1
        continue
    fi
    [[ $status -eq 0 ]] || result=1
    page >"$report/page" || true
    mv "$report/page" "docs/kernels/$kernel.txt"
done
exit "$result"
