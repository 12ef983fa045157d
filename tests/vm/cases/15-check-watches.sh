#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What check same-node watches: for a time, a service's address that tc translates, and
# as many pings as take more than half of its table.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

MANY=8193 # pings: their requests and replies are more than 16384 packets
CHECK=("$SKBTRAIL" check same-node)
V4=(--src-ip "$POD1_V4" --dst-ip "$POD2_V4")

# outcome NAME: prints verdict, exit status and reason codes of a check that has ended
outcome() {
    echo "$(jq -r .verdict "$TMP/$1.out") $STATUS $(jq -r '[.reasons[].code] | unique | join(",")' "$TMP/$1.out")"
}

ping_quietly() { in_pod1 ping -n -q -i 0.05 -W1 "$@" "$POD2_V4" >/dev/null; }

# Nineteen echoes go one way, the twentieth another.
for_a_time() {
    launch short "${CHECK[@]}" "${V4[@]}"
    armed short || return
    ping_quietly -c 3
    ended short
    is "without --for the first packets pass" 0 "$STATUS"
    has "without --for: what the verdict stands on" "$TMP/short.out" \
        '^watched [0-9]+\.[0-9]{3} s, until both directions were seen: [1-3] packets? of the request, [1-3] of the reply; --for TIME watches on$'
    launch long "${CHECK[@]}" "${V4[@]}" --for 8s
    armed long || return
    ping_quietly -c 19
    tc filter del dev lxc1 ingress
    ping_quietly -c 1
    ended long
    is "--for: FAIL" 1 "$STATUS"
    has "--for: the late packet" "$TMP/long.out" \
        '^host-veth-traversed: request: 1 of 20 packets crossed the host-side veth lxc2, '
    has "--for: what the verdict stands on" "$TMP/long.out" '^watched 8\.[0-9]{3} s: 20 packets of the request, 20 of the reply$'
    launch stopped "${CHECK[@]}" "${V4[@]}" --for 60s --json
    armed stopped
    end stopped INT
    is "--for: interrupted" 'INCONCLUSIVE 3 interrupted,no-traffic' "$(outcome stopped)"
}

# The request leaves the pod for the service's address, and the reply comes from it.
a_service() {
    local vip=10.96.0.1
    tc filter add dev lxc1 ingress prio 1 bpf da obj build/tests/vm/progs.bpf.o sec tc/to_backend
    tc filter add dev lxc2 ingress prio 1 bpf da obj build/tests/vm/progs.bpf.o sec tc/from_backend
    launch service "${CHECK[@]}" "${V4[@]}" --json --for 4s
    armed service || return
    pause 0.5
    in_pod1 ping -n -c3 -i 0.2 -W1 "$vip" >"$TMP/ping" || diag_file "$TMP/ping"
    ended service
    is "a service's address" 'INCONCLUSIVE 3 address-translated' "$(outcome service)"
    is "a service's address: both tuples" \
        'request: 3 packets left src-pod as 10.0.0.133 -> 10.96.0.1 and went on as 10.0.0.133 -> 10.0.0.67
reply: 3 packets left dst-pod as 10.0.0.67 -> 10.0.0.133 and went on as 10.96.0.1 -> 10.0.0.133' \
        "$(jq -r '.reasons[] | select(.code == "address-translated").text | gsub(":[0-9]+"; "")' "$TMP/service.out")"
}

many_pings() {
    launch many "${CHECK[@]}" "${V4[@]}" --json --ping="$MANY" --timeout 500s
    ended many
    is "$MANY pings" 'PASS 0 ' "$(outcome many)"
    is "$MANY pings: all were counted" "$MANY $MANY" "$(jq -r '.legs | map(.arrived) | join(" ")' "$TMP/many.out")"
}

topo_up redirect-peer || finish
a_service
"$TOPO" down >/dev/null 2>&1
topo_up redirect-peer || finish
for_a_time
"$TOPO" down >/dev/null 2>&1
topo_up redirect-peer || finish
many_pings
nothing_left "at the end"
finish
