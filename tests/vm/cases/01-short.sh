#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A little of everything, for kernels that no other case runs on: the functions, one traced ping, three verdicts, one
# drop. What ./run kernels has in its table stands in lines "# NAME: VALUE".
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

ping=(busybox nsenter --net=/run/netns/pod1 ping -n -q -c1 -W5 "$POD2_V4")
fact() { printf '# %s: %s\n' "$1" "$2"; }
refused='^skbtrail: on this real-time kernel a probe that writes into a BPF ring buffer may sleep, '

check "funcs" "$SKBTRAIL" funcs --json
fact functions "$(jq -r '.func' "$TMP/out" | wc -l)"
has "funcs lists ip_rcv" "$TMP/out" '"func":"ip_rcv"'

topo_up redirect-peer || finish
if [[ $(uname -r) == 5.10.*-rt-* ]]; then
    check_status 2 "a trace is refused" "$SKBTRAIL" trace --filter-ip "$POD2_V4" -- "${ping[@]}"
    has "it says why" "$TMP/err" "$refused"
    fact backend refused
    fact result refused
    nothing_left "short"
    finish
fi

check "trace of a ping" "$SKBTRAIL" trace --json --filter-ip "$POD2_V4" -- "${ping[@]}"
for func in ip_output veth_xmit icmp_rcv; do
    has "the trace shows $func" "$TMP/out" "\"func\":\"$func\""
done
tail -n1 "$TMP/out" >"$TMP/last"
has "the trace ends with its report" "$TMP/last" '"type":"summary"'
nothing_lost "the trace lost nothing" "$TMP/out"
fact backend "$(jq -r .probes.backend "$TMP/last")"
fact attached "$(jq -r '"\(.probes.attached) of \(.probes.selected)"' "$TMP/last")"
fact trace-provable "$(jq -r 'if .lost.provable then "yes" else "no" end' "$TMP/last")"

# verdict TOPOLOGY VERDICT STATUS MECHANISM: of the topology that is set up
verdict() {
    check_status "$3" "$1: exit status" "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping --json
    is "$1: verdict and mechanisms" "$2 $4 $4" "$(jq -r '[.verdict, .legs[].mechanism] | join(" ")' "$TMP/out")"
    fact "$1" "$(jq -r .verdict "$TMP/out")"
}
verdict redirect-peer PASS 0 redirect_peer
fact check-provable "$(jq -r 'if .ledger.lost.provable then "yes" else "no" end' "$TMP/out")"

# Nobody listens at this port.
check "trace of a datagram to a closed port" "$SKBTRAIL" trace --drops --json --filter-ip "$POD2_V4" \
    -- busybox nsenter --net=/run/netns/pod1 bash -c "echo x >/dev/udp/$POD2_V4/5353"
jq -r 'select(.drop and .tuple.dport == 5353).drop | "\(.symbol) \(.reason // "none")"' "$TMP/out" >"$TMP/dropped"
has "where it was dropped" "$TMP/dropped" '^(__udp4_lib_rcv|udp_rcv) ' # from 7.2 on the one is part of the other
fact drop "$(sed -nE 's/^(__)?udp.* //p' "$TMP/dropped" | head -n1)"
"$TOPO" down

topo_up redirect || finish
verdict redirect FAIL 1 redirect
"$TOPO" down
topo_up host-stack || finish
verdict host-stack FAIL 1 host_stack
nothing_left "short"
finish
