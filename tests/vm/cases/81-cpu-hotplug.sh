#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest: --cpus 2
# A CPU goes offline and comes back during a trace and a check, and one that was offline
# at the start comes online: events of both CPUs are seen, and nothing is lost.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

CPU=/sys/devices/system/cpu/cpu1
ROUNDS=5
TRACE=("$SKBTRAIL" trace --json --filter-ip "$POD2_V4" --filter-proto icmp --filter-func 'ip_rcv|icmp_rcv')

is "there are two CPUs" 2 "$(nproc)"
online() { # 0|1: takes the CPU offline or online, returns when that is done
    echo "$1" >"$CPU/online" && [[ $(<"$CPU/online") == "$1" ]]
}
on_cpu() { # CPU: sends and receives a ping there
    in_pod1 taskset -c "$1" ping -n -c1 -W5 "$POD2_V4" >/dev/null
}
requests() { # NAME CPU: prints how many echo requests arrived on that CPU
    jq -r "select(.type == \"event\" and .func == \"icmp_rcv\" and .tuple.dst == \"$POD2_V4\" and .cpu == $2).pkt" "$TMP/$1.out" | wc -l
}

topo_up redirect-peer || finish
launch both "${TRACE[@]}"
armed both || finish
for ((i = 0; i < ROUNDS; i++)); do
    on_cpu 1
    online 0 || not_ok "the CPU goes offline"
    on_cpu 0
    online 1 || not_ok "the CPU comes back"
done
end_well both
is "packets of the CPU that went and came back" "$ROUNDS" "$(requests both 1)"
is "packets of the other CPU" "$ROUNDS" "$(requests both 0)"
nothing_lost "a trace while a CPU goes and comes" "$TMP/both.out"

launch check "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --json --ping=200 --timeout 60
armed check || finish
turns=0
while kill -0 "${LIVE[check]}" 2>/dev/null; do
    online 0 && online 1 && turns=$((turns + 1))
done
ended check
if [[ $turns -gt 0 ]]; then
    ok "a check while a CPU goes and comes: it really did, $turns times"
else
    not_ok "a check while a CPU goes and comes: it really did"
fi
is "a check while a CPU goes and comes" 'PASS 0 200 200' \
    "$(jq -r .verdict "$TMP/check.out") $STATUS $(jq -r '.legs | map(.arrived) | join(" ")' "$TMP/check.out")"
is "a check while a CPU goes and comes: nothing is lost" 0 \
    "$(jq '.ledger.lost | .ring + .recursion + .kprobe + .map' "$TMP/check.out")"

online 0 || not_ok "the CPU goes offline"
launch late "${TRACE[@]}"
armed late || finish
on_cpu 0
online 1 || not_ok "the CPU comes back"
on_cpu 1
end_well late
is "packets of a CPU that was away at the start" 1 "$(requests late 1)"
nothing_lost "a trace that starts while a CPU is away" "$TMP/late.out"
nothing_left "at the end"
finish
