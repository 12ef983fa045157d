#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Out of memory at each place of the program that takes some while it starts: it says so and ends with status 2, or does
# without and says the same as ever; a check may also be INCONCLUSIVE. Never a crash, and nothing is left of it. See
# tests/oom/fail_sites.c. The commands take turns with the kernels, for each place costs a run.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

PRELOAD=$PWD/build/tests/oom/fail_sites.so

# each_place NAME PLACES COMMAND…: there are at least so many, and each ends well
each_place() {
    local name=$1 least=$2 dir=$TMP/$1 status=0 n=0 refused=0 file place ended first last
    shift 2
    mkdir "$dir"
    LD_PRELOAD=$PRELOAD FAIL_SITES=$dir "$@" >"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null || status=$?
    is "$name: with memory all is well" 0 "$status"
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
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null # neighbours are known
# 5.10 and the newest: the check, by all that it arms there; those between: the trace, by kprobe events and by kprobe.multi
if kernel_at_least 6.1 && ! kernel_at_least 6.13; then
    each_place trace 40 "$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func 'ip_rcv|icmp_.*' --duration 50ms --buffer-size 4M
else
    each_place check 40 "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
fi
nothing_left "at the end"
finish
