#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node under difficult conditions: no traffic, an interrupt, another
# process's ping, a concurrent flood, a ring that is too small, a device that is
# deleted. The text output is tested here, too.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

RING_TOO_SMALL=4096
PINGS=50
CHECK=("$SKBTRAIL" check same-node)
V4=(--src-ip "$POD1_V4" --dst-ip "$POD2_V4")
V6=(--src-ip "$POD1_V6" --dst-ip "$POD2_V6")

# outcome NAME: prints verdict, exit status and reason codes of a check that has ended
outcome() {
    echo "$(jq -r .verdict "$TMP/$1.out") $STATUS $(jq -r '[.reasons[].code] | unique | join(",")' "$TMP/$1.out")"
}

# counted NAME JQ-FILTER: prints a number from its JSON
counted() { jq -r "$2" "$TMP/$1.out"; }

without_traffic() {
    launch idle "${CHECK[@]}" "${V4[@]}" --json --timeout 1
    ended idle
    is "no traffic" 'INCONCLUSIVE 3 no-traffic' "$(outcome idle)"
}

interrupted_by() { # SIGNAL
    launch waiting "${CHECK[@]}" "${V4[@]}" --json --timeout 60
    armed waiting
    end waiting "$1"
    is "interrupted by SIG$1" 'INCONCLUSIVE 3 interrupted,no-traffic' "$(outcome waiting)"
    is "interrupted by SIG$1: no probe failed" 0 "$(counted waiting .ledger.probes.failed)"
}

# The ready file exists once the probes are attached, so a packet sent then is seen.
with_another_ping() { # FAMILY ADDRESS OPTIONS…
    launch passive "${CHECK[@]}" "${@:3}" --json --timeout 20
    armed passive
    is "$1, another's ping: the ready file is empty, and only the owner can read it" '0 600' "$(stat -c '%s %a' "$TMP/passive.ready")"
    in_pod1 ping -n -c1 -W5 "$2" >"$TMP/ping"
    ended passive
    is "$1, another's ping" 'PASS 0 ' "$(outcome passive)"
    is "$1, another's ping: packets of both legs" '1 1' "$(counted passive '.legs | map(.arrived) | join(" ")')"
}

# The check tells its own echoes from other ones between the same pods.
beside_a_flood() {
    local flood of_one
    of_one=$(counted passive .ledger.events)
    ip netns exec pod1 ping -q -f -c 10000000 "$POD2_V4" >"$TMP/flood" 2>&1 &
    flood=$!
    launch beside "${CHECK[@]}" "${V4[@]}" --json --ping="$PINGS"
    ended beside
    is "beside a flood ping" 'PASS 0 ' "$(outcome beside)"
    is "beside a flood ping: only our own $PINGS are counted" "$PINGS $PINGS $PINGS $PINGS" \
        "$(counted beside '.legs | map(.packets, .arrived) | join(" ")')"
    # The check's own pings make fewer events: the single ping before shows how many one makes.
    if [[ $(counted beside .ledger.events) -gt $((PINGS * of_one)) ]]; then
        ok "beside a flood ping: events of the flood were seen"
    else
        not_ok "beside a flood ping: events of the flood were seen" \
            "$(counted beside .ledger.events) events, $of_one of one ping"
    fi
    launch small "${CHECK[@]}" "${V4[@]}" --json --ping=20 --timeout 30 --buffer-size "$RING_TOO_SMALL"
    ended small
    if kill -0 "$flood" 2>/dev/null; then
        ok "the flood lasts until the end"
    else
        not_ok "the flood lasts until the end" "$(<"$TMP/flood")"
    fi
    kill "$flood"
    wait "$flood"
    # Whether it loses events depends on scheduling. The verdict must fit in both cases.
    if [[ $(counted small '.ledger.lost.ring') -gt 0 ]]; then
        is "a small ring in a flood: what is lost is not ignored" 'INCONCLUSIVE 3 yes' \
            "$(jq -r .verdict "$TMP/small.out") $STATUS $([[ $(outcome small) == *events-lost* ]] && echo yes)"
    else
        is "a small ring in a flood: nothing was lost" 'PASS 0 ' "$(outcome small)"
    fi
}

# Not all pings that were asked for can be sent.
out_of_time() {
    launch hurried "${CHECK[@]}" "${V4[@]}" --json --ping=10000 --timeout 50ms
    ended hurried
    is "no time for all pings" 'INCONCLUSIVE 3 true' "$(jq -r .verdict "$TMP/hurried.out") $STATUS $(jq \
        'any(.reasons[]; .code == "count-mismatch" and (.text | test("^[0-9]+ of 10000 pings were sent")))' "$TMP/hurried.out")"
}

# A reader is stopped during 200 pings: with a small ring it must lose events, with the
# default ring it must not.
with_a_sleeping_reader() {
    local size ring
    for size in "$RING_TOO_SMALL" default; do
        ring=()
        [[ $size == default ]] || ring=(--buffer-size "$size")
        launch sleeper "${CHECK[@]}" "${V4[@]}" --json --timeout 20 "${ring[@]}"
        armed sleeper
        kill -STOP "${LIVE[sleeper]}"
        in_pod1 ping -q -f -c 200 "$POD2_V4" >"$TMP/ping"
        kill -CONT "${LIVE[sleeper]}"
        ended sleeper
        if [[ $size == default ]]; then
            is "200 pings while the reader is stopped" 'PASS 0 ' "$(outcome sleeper)"
            is "200 pings while the reader is stopped: all are there" '200 200' \
                "$(counted sleeper '.legs | map(.arrived) | join(" ")')"
            continue
        fi
        is "the same with a ring of $size bytes" 'INCONCLUSIVE 3 yes' \
            "$(jq -r .verdict "$TMP/sleeper.out") $STATUS $([[ $(outcome sleeper) == *events-lost* ]] && echo yes)"
        is "the same with a ring of $size bytes: the ledger counts what the ring lost" true \
            "$(counted sleeper '.ledger.lost | .ring > 0 and .provable')"
    done
}

as_text() {
    local status=0
    "${CHECK[@]}" "${V4[@]}" --ping=3 >"$TMP/text" 2>"$TMP/text.err" || status=$?
    is "text: exit status, standard error" '0 ' "$status $(<"$TMP/text.err")"
    is "text: the verdict alone is the first line" PASS "$(head -n1 "$TMP/text")"
    has "text: request at the source's host veth, reply not" "$TMP/text" \
        '^src-host +lxc1:20 on \S+ +seen 3 +\+[0-9.]+ ms +not seen$'
    has "text: reply at the destination's host veth, request not" "$TMP/text" \
        '^dst-host +lxc2:22 on \S+ +not seen +seen 3 +\+[0-9.]+ ms$'
    has "text: what carried the request, and where to" "$TMP/text" \
        '^request: +redirect_peer, bpf_redirect_peer -> lxc2 \(ifindex 22\), by from_pod_peer \(.* on lxc1\)$'
    has "text: the ledger" "$TMP/text" '^[0-9]+ events, none lost$'
}

device_goes_away() {
    launch gone "${CHECK[@]}" "${V4[@]}" --json --timeout 2
    armed gone
    ip link del lxc2
    ended gone
    is "a device is deleted meanwhile" 'INCONCLUSIVE 3 endpoint-changed,no-traffic' "$(outcome gone)"
}

# An ICMP error comes back to the check: the echo was dropped, and the check continues.
rejected() {
    ip route replace prohibit "$POD2_V4"
    launch rejected "${CHECK[@]}" "${V4[@]}" --json --ping=3
    ended rejected
    is "pings that are rejected" 'INCONCLUSIVE 3 leg-dropped,no-reply' "$(outcome rejected | sed 's/count-mismatch,//')"
    is "pings that are rejected: each was sent" 3 "$(counted rejected '.legs[0].packets')"
    is "pings that are rejected: who says so" \
        "; our pings got 3 ICMP errors, the last 'administratively prohibited' (ICMP 3/13) from 10.0.0.1" \
        "$(jq -r '.reasons[] | select(.code == "leg-dropped").text | sub("^[^;]*"; "")' "$TMP/rejected.out")"
    ip route del prohibit "$POD2_V4"
}

topo_up redirect-peer || finish
without_traffic
interrupted_by INT
interrupted_by TERM
with_another_ping IPv4 "$POD2_V4" "${V4[@]}"
with_another_ping IPv6 "$POD2_V6" "${V6[@]}"
nothing_left "with another's ping"
beside_a_flood
out_of_time
with_a_sleeping_reader
as_text
device_goes_away
"$TOPO" down >/dev/null 2>&1
topo_up host-stack || finish
rejected
nothing_left "at the end"
finish
