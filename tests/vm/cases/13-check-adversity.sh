#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node on a busy node: other pods' traffic through the devices that it
# watches, a function that takes no more programs, a device that is renamed.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

OCCUPY=build/tests/vm/occupy
POD3_V4=10.0.0.99 GATEWAY=10.0.0.1
cp "$SKBTRAIL" "$TMP/skbtrail" # starts sooner from there
SKBTRAIL=$TMP/skbtrail
CHECK=("$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --json)

# outcome NAME: prints verdict, exit status and reason codes of a check that has ended
outcome() {
    echo "$(jq -r .verdict "$TMP/$1.out") $STATUS $(jq -r '[.reasons[].code] | unique | join(",")' "$TMP/$1.out")"
}

# Makes a third pod, which is reached through the host's stack.
# shellcheck disable=SC2317 # called by check
third_pod() {
    ip netns add pod3 && ip link add lxc3 type veth peer name eth0 netns pod3 && ip link set lxc3 up &&
        ip -n pod3 link set eth0 up && ip -n pod3 addr add "$POD3_V4/32" dev eth0 &&
        ip -n pod3 route add "$GATEWAY" dev eth0 && ip -n pod3 route add default via "$GATEWAY" &&
        ip route add "$POD3_V4/32" dev lxc3
}

# has_sent DEVICE PACKETS: it has sent more packets than that
# shellcheck disable=SC2317 # called by wait_for
has_sent() { [[ $(<"/sys/class/net/$1/statistics/tx_packets") -gt $2 ]]; }

# The third pod's packets leave by lxc1 and lxc2, the devices that the flow must skip.
beside_another_pod() {
    local talks=() i
    check 'a third pod comes up' third_pod
    check 'the third pod reaches the first' ip netns exec pod3 ping -n -c1 -W5 "$POD1_V4"
    for i in "$POD1_V4" "$POD2_V4"; do
        ip netns exec pod3 ping -q -i 0.01 "$i" >"$TMP/talk-$i" 2>&1 &
        talks+=($!)
    done
    check 'the third pod talks to the first' wait_for 20 has_sent lxc1 20
    check 'the third pod talks to the second' wait_for 20 has_sent lxc2 20
    launch beside "${CHECK[@]}" --ping=100
    ended beside
    # If another packet interrupts a program, the kernel skips the program for it and counts that.
    if [[ $(jq .ledger.lost.recursion "$TMP/beside.out") -gt 0 ]]; then
        is 'beside another pod: a miss is not ignored' 'INCONCLUSIVE 3 events-lost' "$(outcome beside)"
    else
        is 'beside another pod' 'PASS 0 ' "$(outcome beside)"
    fi
    is 'beside another pod: its packets are no part of the legs' '100 100 0 100 100 0' \
        "$(jq -r '[.legs[] | .packets, .arrived, ([.points[] | select(.events == 0)] | length - 1)] | join(" ")' "$TMP/beside.out")"
    is 'beside another pod: the probe saw them on both devices' 'yes yes' \
        "$(jq -r '[.counters[] | if .tx_packets > 0 and .tx_seen >= .tx_packets then "yes" else "no" end] | join(" ")' "$TMP/beside.out")"
    kill "${talks[@]}"
    wait "${talks[@]}" 2>/dev/null
    ip netns del pod3
}

# skb_do_redirect takes no more programs. Then the check cannot see what it returns,
# and must not conclude anything from its silence.
without_a_probe() {
    local holder
    coproc HOLDER { exec "$OCCUPY" skb_do_redirect 2>"$TMP/occupy.err"; }
    holder=$HOLDER_PID
    if ! read -r -t 60 -u "${HOLDER[0]}" taken; then
        not_ok 'skb_do_redirect takes no more programs' "$(<"$TMP/occupy.err")"
        return
    fi
    diag "$taken programs at skb_do_redirect"
    launch refused "${CHECK[@]}" --ping=2
    ended refused
    is 'a probe is refused' 'INCONCLUSIVE 3 no-positive-evidence,probe-not-armed' "$(outcome refused)"
    has 'a probe is refused: which' "$TMP/refused.out" 'the probe at skb_do_redirect \(return\) could not be armed'
    is 'a probe is refused: the ledger counts it, and its neighbour at entry' 2 \
        "$(jq -r .ledger.probes.failed "$TMP/refused.out")"
    kill "$holder"
    wait "$holder" 2>/dev/null
    launch again "${CHECK[@]}" --ping=2
    ended again
    is 'the probe is attached once there is room' 'PASS 0 ' "$(outcome again)"
}

# A call with flags that the kernel refuses, after one that it took, is not the packet's. From here on lxc1 has another
# program.
refused_calls() {
    local lxc2
    lxc2=$(</sys/class/net/lxc2/ifindex)
    tc filter del dev lxc1 ingress pref 1 &&
        tc filter add dev lxc1 ingress pref 1 matchall action skbedit mark "$lxc2" continue &&
        tc filter add dev lxc1 ingress pref 2 bpf da obj build/tests/vm/progs.bpf.o sec tc/peer_once ||
        not_ok 'a program that redirects once takes the place of the first'
    launch once "${CHECK[@]}" --ping=2
    ended once
    is 'refused calls of helpers do not count' 'PASS 0 ' "$(outcome once)"
    is 'the helper is the one that was not refused' "bpf_redirect_peer $lxc2" \
        "$(jq -r '.legs[0] | "\(.helper) \(.helper_ifindex)"' "$TMP/once.out")"
}

renamed() {
    launch renamed "${CHECK[@]}" --timeout 3
    armed renamed
    ip link set lxc2 down
    ip link set lxc2 name lxc2b
    ip link set lxc2b up
    ended renamed
    is 'a device is renamed meanwhile' 'INCONCLUSIVE 3 endpoint-changed,no-traffic' "$(outcome renamed)"
}

topo_up redirect-peer || finish
beside_another_pod
without_a_probe
refused_calls
renamed
nothing_left 'at the end'
finish
