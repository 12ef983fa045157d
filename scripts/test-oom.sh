#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lets each allocation in turn find no memory; ./run test calls it:
#   scripts/test-oom.sh REPORT-DIR
# Whatever fails, a command says the same as ever, or refuses with a line on standard
# error and exit status 2; a check may also be INCONCLUSIVE. It never crashes, and
# never says less than all with a good status. Commands that trace are not among
# these: out of memory, libbpf 1.1 itself dies while it loads programs; our own part of
# them is tests/vm/cases/82-out-of-memory.sh's. Leaves lines for ./run test in
# REPORT-DIR/oom.lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

report=$1
cd "$ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PRELOAD=$ROOT/build/tests/oom/fail_alloc.so
EXAMPLES=examples

# starved N COMMAND…: the Nth allocation fails; output in $work/out and err, the status in STATUS
starved() {
    STATUS=0
    timeout 20 env "LD_PRELOAD=$PRELOAD" "FAIL_AT=$1" "FAIL_COUNT=$work/count" "${@:2}" >"$work/out" 2>"$work/err" </dev/null || STATUS=$?
}

is_refusal() { [[ $STATUS -eq 2 ]] && tail -n 1 "$work/err" | grep -qE '^skbtrail: .*Cannot allocate memory'; }
is_doubt() { [[ $STATUS -eq 3 ]] && grep -q 'out of memory while judging' "$work/out"; }

# every NAME COMMAND…: one line of the report
every() {
    local name=$1 n i wanted
    shift
    starved 0 "$@"
    wanted=$STATUS n=$(<"$work/count")
    cp "$work/out" "$work/wanted"
    if [[ $n -lt 10 || $wanted -gt 1 ]]; then
        echo "fail oom/$name: $n allocations, exit status $wanted: no test"
        return
    fi
    for ((i = 1; i <= n; i++)); do
        starved "$i" "$@"
        if [[ $STATUS -eq $wanted ]] && cmp -s "$work/wanted" "$work/out"; then continue; fi
        if is_refusal || is_doubt; then continue; fi
        printf 'fail oom/%s: allocation %d of %d: exit status %d\n' "$name" "$i" "$n" "$STATUS"
        head -n 5 "$work/err" "$work/out" | sed 's/^/  | /'
        return
    done
    echo "pass oom/$name: each of $n allocations"
}

{
    every report build/skbtrail report "$EXAMPLES/redirect-peer.skbt"
    every report-json build/skbtrail report --json --output-caller "$EXAMPLES/redirect-peer.skbt"
    every report-path build/skbtrail report --path "$EXAMPLES/redirect-peer.skbt"
    every report-wide build/skbtrail report --wide "$EXAMPLES/redirect-peer.skbt"
    every report-summary build/skbtrail report --summary "$EXAMPLES/redirect-peer.skbt"
    every report-html build/skbtrail report --html - "$EXAMPLES/redirect-peer.skbt"
    every report-svg build/skbtrail report --svg - "$EXAMPLES/redirect-peer.skbt"
    every report-pcapng build/skbtrail report --pcapng "$work/pcapng" "$EXAMPLES/redirect-peer.skbt"
    every report-filter build/skbtrail report --filter-src-ip 10.0.0.133 "$EXAMPLES/redirect-peer.skbt"
    every report-func build/skbtrail report --filter-src-ip 10.0.0.133 --filter-func icmp_rcv "$EXAMPLES/redirect-peer.skbt"
    every diff build/skbtrail diff "$EXAMPLES/redirect-peer.skbt" "$EXAMPLES/host-stack.skbt"
    every check-pass build/skbtrail check same-node --read "$EXAMPLES/redirect-peer.skbt" --src-ip 10.0.0.133 --dst-ip 10.0.0.67
    every check-fail build/skbtrail check same-node --read "$EXAMPLES/host-stack.skbt" --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --json
    every endpoints build/skbtrail endpoints
    every explain build/skbtrail explain
} >"$report/oom.lines"
