#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest: --cpus 2
# Hundreds of namespaces and devices are made and removed, each with a packet of its own, during a trace, a recording and
# a check: every packet is seen, memory does not grow, and a module that is loaded meanwhile is named.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

ROUNDS=125      # twice
GROWTH_MAX=4096 # kB during the second half: the table of packet numbers, 3 MB, is touched as it fills

# Anonymous memory only: pages of the ring are mapped until it has been used once.
memory_kb() { awk '$1 == "RssAnon:" { print $2 }' "/proc/${LIVE[$1]}/status"; }
descriptors() {
    local fds=("/proc/${LIVE[$1]}/fd/"*)
    echo "${#fds[@]}"
}

# shellcheck disable=SC2317 # called by wait_for
no_more_descriptors() { [[ $(descriptors trace) -le $trace_fds && $(descriptors record) -le $record_fds ]]; }

# churn NAME: makes and removes ROUNDS namespaces and devices
churn() {
    check "$1: $ROUNDS namespaces are made and removed" build/tests/vm/churn "$ROUNDS" "$POD2_V4"
    has "$1: the kernel removed each" "$TMP/out" "^$ROUNDS namespaces and $ROUNDS pairs of devices made and removed, "
    diag "$1: $(<"$TMP/out")"
}

# accounted NAME SENT SHOWN LOST: what was sent is shown, or was counted as lost
accounted() {
    if (($3 <= $2 && $3 + $4 >= $2)); then ok "$1"; else not_ok "$1" "sent $2, shown $3, lost $4"; fi
}

# seen NAME FILE: the events have every echo request and every namespace's packet, and the ledger counts them. A loss is
# no fault on a busy machine if it is counted.
seen() {
    local lost
    lost=$(jq 'select(.type == "summary").lost.ring' "$2")
    accounted "$1: every echo request" "$PINGS" \
        "$(jq -r "select(.type == \"event\" and .func == \"icmp_rcv\" and .tuple.icmp_type == 8).pkt" "$2" | wc -l)" "${lost:-0}"
    accounted "$1: every namespace's packet" "$((2 * ROUNDS))" \
        "$(jq -r 'select(.type == "event" and .func == "udp_rcv" and .tuple.dport == 9).pkt' "$2" | wc -l)" "${lost:-0}"
    is "$1: the ledger has as many events as are shown" "$(grep -c '"type":"event"' "$2")" \
        "$(jq 'select(.type == "summary").events' "$2")"
    nothing_lost "$1: no map lost anything, and no program was skipped" "$2" map "$lost"
}

topo_up redirect-peer || finish
modprobe -r act_mirred act_gact 2>/dev/null
launch trace "$SKBTRAIL" trace --json --filter-ip "$POD2_V4" --filter-func '(icmp|udp|ip)_rcv' --buffer-size 32M
launch record "$SKBTRAIL" record -w "$TMP/churn.skbt" --filter-ip "$POD2_V4" --filter-func '(icmp|udp|ip)_rcv' --buffer-size 32M
armed trace record || finish

flood -i 0.02
churn "first half"
trace_fds=$(descriptors trace) record_fds=$(descriptors record)
trace_kb=$(memory_kb trace) record_kb=$(memory_kb record)
modprobe act_mirred 2>/dev/null || modprobe act_gact
churn "second half"
check "the number of descriptors does not grow" wait_for 10 no_more_descriptors # another one may be open for a moment
trace_kb=$(($(memory_kb trace) - trace_kb)) record_kb=$(($(memory_kb record) - record_kb))
diag "the second half added $trace_kb kB to the trace and $record_kb kB to the recording"
is "memory does not grow" yes "$([[ $trace_kb -le $GROWTH_MAX && $record_kb -le $GROWTH_MAX ]] && echo yes)"
has "a module that is loaded meanwhile is named" "$TMP/trace.err" 'module act_(mirred|gact) was loaded after the start'
check "a check meanwhile" "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping=3
end_flood "churn"
end_well trace record

PINGS=$((FLOODED + 3)) # and those of the check
seen trace "$TMP/trace.out"
"$SKBTRAIL" report --json "$TMP/churn.skbt" >"$TMP/record.json"
seen recording "$TMP/record.json"
nothing_left "at the end"
finish
