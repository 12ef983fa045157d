#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# An allocation fails at each place that allocates memory during the start: the program says so and ends with status 2,
# or continues as usual; a check may also be INCONCLUSIVE. It must not crash or leave anything behind. See
# tests/oom/fail_sites.c. Each kernel tests one command, because each place takes a run.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

PRELOAD=$PWD/build/tests/oom/fail_sites.so

# each_place NAME PLACES COMMAND…: there are at least so many places, and the command ends well for each
each_place() {
    local name=$1 least=$2 dir=$TMP/$1 status=0 n=0 refused=0 file place ended first last
    shift 2
    mkdir "$dir"
    LD_PRELOAD=$PRELOAD FAIL_SITES=$dir "$@" >"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null || status=$?
    is "$name: succeeds with enough memory" 0 "$status"
    for file in "$dir"/*.status; do
        ended=$(<"$file")
        place=${file%.status}
        n=$((n + 1))
        read -r first <"$place.out" || true
        last=$(tail -n1 "$place.out")
        case $ended in
        'exit 2')
            refused=$((refused + 1))
            [[ ${last,,} =~ ^skbtrail:\ .*(cannot\ allocate|out\ of)\ memory ]] && continue
            ;;
        'exit 3') [[ $name == check && $first == INCONCLUSIVE ]] && continue ;;
        'exit 0') [[ $last =~ ^[0-9]+\ of\ [0-9]+\ probes\ attached && ($name != check || $first == PASS) ]] && continue ;;
        esac
        not_ok "$name: no memory at $(<"$place.site")" "$ended" "$(tail -n3 "$place.out")"
    done
    if [[ $n -ge $least && $refused -gt 0 ]]; then
        ok "$name: each of $n places, $refused of them refusals"
    else
        not_ok "$name: at least $least places, and refusals among them" "$n places, $refused refusals"
    fi
}

topo_up redirect-peer || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null # resolves the neighbours
# 5.10 and the newest test the check, the others the trace: 6.1 by kprobe events, 6.12 by kprobe.multi.
if kernel_at_least 6.1 && ! kernel_at_least 6.13; then
    each_place trace 20 "$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func 'ip_rcv|icmp_.*' --duration 50ms --buffer-size 4M
else
    each_place check 20 "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
fi
nothing_left "at the end"
finish
