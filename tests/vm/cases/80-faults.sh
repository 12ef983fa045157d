#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Faults on a node: a trace that is stopped under a flood, a reader that does not read,
# an endless flood, two traces at once, a clock that is set. The trace must report
# losses exactly and leave nothing behind. 88-killed.sh kills it.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

PINGS=600
TRACE=("$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func 'icmp_rcv|icmp_echo.*|ip_local_deliver' --json)

some_pings() { in_pod1 ping -q -n -f -c "$PINGS" -W5 "$POD2_V4" >"$TMP/ping" 2>&1; }
all_came() { has "$1: every ping was answered" "$TMP/ping" " $PINGS received, 0% packet loss"; }

# account FILE: prints the number of events shown, of events in the ledger, of lost events
account() {
    jq -rs '[(map(select(.type == "event")) | length)] +
        (map(select(.type == "summary")) | [.[0].events, (.[0].lost.ring + .[0].lost.recursion + .[0].lost.kprobe)])
        | join(" ")' "$1"
}

# Counts the events of the flood without a fault, into ALL.
undisturbed() {
    launch quiet "${TRACE[@]}"
    armed quiet || finish
    some_pings
    end quiet
    all_came undisturbed
    read -r shown known lost < <(account "$TMP/quiet.out")
    is "undisturbed: all are shown" "$known" "$shown"
    is "undisturbed: none is lost" 0 "$lost"
    ALL=$known
}

# whole NAME FILE: every lost event is counted
whole() {
    local shown known lost
    read -r shown known lost < <(account "$2")
    is "$1: all delivered events are shown" "$known" "$shown"
    if [[ $lost -gt 0 ]]; then
        ok "$1: some are lost"
    else
        not_ok "$1: some are lost" "the fault did no harm: $known events"
    fi
    # what was lost may also be the record of a copy, which is no event: of each echo, for the socket
    is "$1: events and losses add up" "yes, $known and $lost" \
        "$( ((known + lost >= ALL && known + lost <= ALL + 2 * PINGS)) && echo yes || echo "$ALL"), $known and $lost"
}

stopped() {
    launch stopped "${TRACE[@]}" --buffer-size 64k
    armed stopped || return
    kill -STOP "${LIVE[stopped]}"
    some_pings
    kill -CONT "${LIVE[stopped]}"
    end stopped
    is "stopped under a flood: exit status" 0 "$STATUS"
    all_came "stopped under a flood"
    whole "stopped under a flood" "$TMP/stopped.out"
}

# The reader opens the pipe and reads nothing until the flood is over.
slow_reader() {
    mkfifo "$TMP/fifo" "$TMP/go"
    (exec <"$TMP/fifo" && read -r _ <"$TMP/go" && cat) >"$TMP/slow.json" &
    local reader=$!
    rm -f "$TMP/slow.ready"
    "${TRACE[@]}" --buffer-size 64k --ready-file "$TMP/slow.ready" >"$TMP/fifo" 2>"$TMP/slow.err" </dev/null &
    LIVE[slow]=$!
    armed slow || return
    some_pings
    echo >"$TMP/go"
    end slow
    is "slow reader: exit status" 0 "$STATUS"
    wait "$reader"
    whole "slow reader" "$TMP/slow.json"
}

# The ring is never empty: showing an event takes longer than making the next one. Such a flood may keep this shell from
# the CPU for a long time, so the trace must end by itself, or it would fill the disk.
overrun() {
    flood -i 0
    launch overrun "$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func '(__)?ip_.*|icmp_.*|veth_xmit' --buffer-size 64k --json \
        --duration 2s
    ended overrun
    end_flood overrun
    is "overrun: exit status" 0 "$STATUS"
    has "overrun: the ledger" "$TMP/overrun.out" '"type":"summary"'
}

two_at_once() {
    launch one "${TRACE[@]}" --backend kprobe
    launch two "${TRACE[@]}" --backend kprobe
    armed one two || return
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end one
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end two
    is "two at once: the first ends well" 1 "$(grep -c '"func":"icmp_echo' "$TMP/one.out")"
    is "two at once: the second continues" 2 "$(grep -c '"func":"icmp_echo' "$TMP/two.out")"
    nothing_left "two at once"
}

clock_step() {
    launch clock "${TRACE[@]}"
    armed clock || return
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    date -s '+2 hours' >/dev/null
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    date -s '-5 hours' >/dev/null
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end clock
    date -s '+3 hours' >/dev/null
    is "a clock that is set: timestamps are not affected" true \
        "$(jq -s 'map(select(.type == "event") | .ts_ns) | (sort == .) and (.[-1] - .[0] < 600e9)' "$TMP/clock.out")"
    is "a clock that is set: the trace was short" true \
        "$(jq 'select(.type == "summary") | .duration_ns < 600e9' "$TMP/clock.out")"
}

# --duration ends a trace.
by_itself() {
    launch limited "${TRACE[@]}" --duration 1500ms
    armed limited || return
    ended limited
    is "--duration: exit status" 0 "$STATUS"
    is "--duration: the trace lasts that long" true \
        "$(jq 'select(.type == "summary") | .duration_ns >= 1500e6 and .duration_ns < 60e9' "$TMP/limited.out")"
}

topo_up redirect-peer || finish
by_itself
undisturbed
stopped
slow_reader
overrun
two_at_once
clock_step
nothing_left "after all faults"
finish
