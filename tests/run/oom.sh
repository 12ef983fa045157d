#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs commands again and again, with another allocation failing each time; ./run test
# calls it:
#   tests/run/oom.sh
# A command must print the same as with enough memory, or fail with a line on standard
# error and exit status 2. A check may also be INCONCLUSIVE. It must not crash, and must
# not print less and exit as if all were well. Commands that trace are left out: out of
# memory, libbpf 1.1 crashes while it loads programs. tests/vm/cases/82-out-of-memory.sh
# tests our own part of them.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"

cd "$ROOT"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
PRELOAD=$ROOT/build/tests/oom/fail_alloc.so
EXAMPLES=examples

# starved N COMMAND…: runs it so that the Nth allocation fails; leaves its output in $TMP/out and $TMP/err, its exit
# status in STATUS
starved() {
    STATUS=0
    timeout 20 env "LD_PRELOAD=$PRELOAD" "FAIL_AT=$1" "FAIL_COUNT=$TMP/count" "${@:2}" >"$TMP/out" 2>"$TMP/err" </dev/null || STATUS=$?
}

is_refusal() { [[ $STATUS -eq 2 ]] && tail -n 1 "$TMP/err" | grep -qE '^skbtrail: .*Cannot allocate memory'; }
is_doubt() { [[ $STATUS -eq 3 ]] && grep -q 'out of memory while judging' "$TMP/out"; }

# every NAME COMMAND…: one test
every() {
    local name=$1 n i wanted
    shift
    starved 0 "$@"
    wanted=$STATUS n=$(<"$TMP/count")
    cp "$TMP/out" "$TMP/wanted"
    if [[ $n -lt 10 || $wanted -gt 1 ]]; then
        not_ok "$name" "$n allocations, exit status $wanted: tests nothing"
        return
    fi
    for ((i = 1; i <= n; i++)); do
        starved "$i" "$@"
        if [[ $STATUS -eq $wanted ]] && cmp -s "$TMP/wanted" "$TMP/out"; then continue; fi
        if is_refusal || is_doubt; then continue; fi
        not_ok "$name" "allocation $i of $n: exit status $STATUS" "$(head -n 5 "$TMP/err" "$TMP/out")"
        return
    done
    ok "$name: each of $n allocations"
}

every report build/skbtrail report "$EXAMPLES/redirect-peer.skbt"
every report-json build/skbtrail report --json --output-caller "$EXAMPLES/redirect-peer.skbt"
every report-path build/skbtrail report --path "$EXAMPLES/redirect-peer.skbt"
every report-wide build/skbtrail report --wide "$EXAMPLES/redirect-peer.skbt"
every report-summary build/skbtrail report --summary "$EXAMPLES/redirect-peer.skbt"
every report-html build/skbtrail report --html - "$EXAMPLES/redirect-peer.skbt"
every report-svg build/skbtrail report --svg - "$EXAMPLES/redirect-peer.skbt"
every report-pcapng build/skbtrail report --pcapng "$TMP/pcapng" "$EXAMPLES/redirect-peer.skbt"
every report-filter build/skbtrail report --filter-src-ip 10.0.0.133 "$EXAMPLES/redirect-peer.skbt"
every report-func build/skbtrail report --filter-src-ip 10.0.0.133 --filter-func icmp_rcv "$EXAMPLES/redirect-peer.skbt"
every diff build/skbtrail diff "$EXAMPLES/redirect-peer.skbt" "$EXAMPLES/host-stack.skbt"
every check-pass build/skbtrail check same-node --read "$EXAMPLES/redirect-peer.skbt" --src-ip 10.0.0.133 --dst-ip 10.0.0.67
every check-fail build/skbtrail check same-node --read "$EXAMPLES/host-stack.skbt" --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --json
every endpoints build/skbtrail endpoints
every explain build/skbtrail explain
finish
