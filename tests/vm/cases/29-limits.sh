#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The options that limit a trace's cost: --sample, --max-rate and --budget, under a
# flood of pings and with many short UDP flows.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

TRACE=("$SKBTRAIL" trace --filter-func 'veth_xmit|ip_rcv')
FLOWS=200
SAMPLE=4
RATE=100

udp_flows() { # each has a port of its own
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c 'for ((i = 0; i < $2; i++)); do echo x >"/dev/udp/$1/$((20000 + i))"; done' - "$POD2_V4" "$FLOWS" 2>/dev/null
}

# of NAME FILTER: applies the jq filter to its JSON lines
of() { jq -r "$2" "$TMP/$1.out"; }

topo_up redirect-peer || finish
launch all "${TRACE[@]}" --json --filter-dst-ip "$POD2_V4" --filter-proto udp
launch some "${TRACE[@]}" --json --filter-dst-ip "$POD2_V4" --filter-proto udp --sample "$SAMPLE"
launch rate "${TRACE[@]}" --json --filter-dst-ip "$POD2_V4" --filter-proto icmp --max-rate "$RATE"
launch thrift "${TRACE[@]}" --filter-dst-ip "$POD2_V4" --budget 0.1
launch wealth "${TRACE[@]}" --filter-dst-ip "$POD2_V4" --budget 100
armed all some rate thrift wealth || finish
udp_flows
in_pod1 ping -q -f -w 3 "$POD2_V4" >"$TMP/flood"
ended thrift
is "--budget: the trace ends by itself, with status 0" 0 "$STATUS"
has "--budget: the message says why" "$TMP/thrift.err" 'ended by --budget: the programs took [0-9.]+ %'
is "--budget 100: the trace continues" 0 "$(kill -0 "${LIVE[wealth]}" 2>/dev/null; echo $?)"
end_well all some rate wealth

is "without --sample: every flow" "$FLOWS" "$(of all 'select(.type == "event").tuple.dport' | sort -u | wc -l)"
sampled=$(of some 'select(.type == "event").tuple.dport' | sort -u | wc -l)
# Flows are sampled by a hash, so their number varies: 4 of 10000 such samples would be outside these limits.
if [[ $sampled -ge $((FLOWS / SAMPLE / 2)) && $sampled -le $((FLOWS / SAMPLE * 2)) ]]; then
    ok "--sample $SAMPLE: about one flow in $SAMPLE"
else
    not_ok "--sample $SAMPLE: about one flow in $SAMPLE" "$sampled of $FLOWS"
fi
is "--sample: packets are whole" "$(of all 'select(.type == "event") | "\(.tuple.dport) \(.func)"' | sort |
    grep -wFf <(of some 'select(.type == "event").tuple.dport' | sort -u))" \
    "$(of some 'select(.type == "event") | "\(.tuple.dport) \(.func)"' | sort)"

events=$(of rate 'select(.type == "summary").events')
limited=$(of rate 'select(.type == "summary").limited')
pings=$(sed -n 's/^\([0-9]*\) packets transmitted.*/\1/p' "$TMP/flood")
is "--max-rate: each event that it holds back is counted" "$((pings * 2))" "$((events + limited))"
# 3 s of flood are in at most 4 windows of a second.
if [[ $events -ge $RATE && $events -le $((RATE * 4)) ]]; then
    ok "--max-rate $RATE: no more events per second"
else
    not_ok "--max-rate $RATE: no more events per second" "$events events"
fi
is "--max-rate: no loss is provable then" false "$(of rate 'select(.type == "summary").lost.provable')"
nothing_left "at the end"
finish
