#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Drops: each reason of the kernel is explained; where a packet was dropped; that the
# drop of a packet whose copy was delivered is marked; --drops, which shows only dropped
# packets; --stop-after; output in files and blocks. All traces see the same ping and
# the same datagram to a closed port.
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

few='ip_rcv|udp_rcv|icmp_rcv|raw_local_deliver|(__)?sock_queue_rcv_skb(_reason)?|veth_xmit|consume_skb|__kfree_skb|kfree_skbmem'
TRACE=("$SKBTRAIL" trace --filter-func "$few")

traffic() {
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c 'ping -n -c1 -W5 "$1"; echo x >"/dev/udp/$1/5353"' - "$POD2_V4" >"$TMP/traffic" 2>&1
    has "the ping is answered" "$TMP/traffic" ' 0% packet loss'
}

# events NAME FILTER: applies the jq filter to its events
events() { jq -r "select(.type == \"event\") | $2" "$TMP/$1.out"; }

# The kernel's list of reasons ends with MAX.
FORMAT=/sys/kernel/tracing/events/skb/kfree_skb/format
if kernel_at_least 5.17; then
    sed -n 's/^print fmt:.*__print_symbolic//p' "$FORMAT" | grep -oE '"[^"]+"' | tr -d '"' | grep -vx MAX >"$TMP/listed"
    "$SKBTRAIL" explain --json | jq -r 'select(.kind == "drop").name' >"$TMP/explained"
    has "the kernel lists its reasons for drops" "$TMP/listed" '^NO_SOCKET$'
    is "explain knows each reason that the kernel lists" '' "$(grep -vxFf "$TMP/explained" "$TMP/listed" | paste -sd' ')"
else
    lacks "before 5.17 the kernel lists no reasons that explain could know" "$FORMAT" __print_symbolic
fi

topo_up redirect-peer || finish
launch all "${TRACE[@]}" --json --filter-ip "$POD2_V4"
launch drops "${TRACE[@]}" --json --drops --filter-ip "$POD2_V4" --output-stack
launch one "${TRACE[@]}" --drops --stop-after 1 --group --timestamp relative --output-file "$TMP/one.txt" --filter-ip "$POD2_V4"
launch packets "${TRACE[@]}" --json --stop-after 1 --filter-ip "$POD2_V4"
armed all drops one packets || finish
traffic
ended one
is "--drops --stop-after 1: ends by itself" 0 "$STATUS"
ended packets
is "--stop-after 1: ends by itself" 0 "$STATUS"
end_well all drops

is "the ping's reply: its original is dropped, a copy was delivered" '0 true' \
    "$(events all 'select(.drop != null and .tuple.icmp_type == 0) | "\(.tuple.icmp_type) \(.drop.copy_delivered)"' | sort -u)"
# In 7.2 __udp4_lib_rcv() is part of udp_rcv().
is "the datagram: dropped, and nobody has a copy" '5353 false udp_rcv' \
    "$(events all 'select(.drop != null and .tuple.dport == 5353) | "\(.tuple.dport) \(.drop.copy_delivered) \(.drop.symbol)"' |
        sed 's/\.[a-z]*\.[0-9]*$//; s/__udp4_lib_rcv/udp_rcv/')"
is "--drops: only the dropped packet" 'udp 5353' \
    "$(events drops '"\(.tuple.l4) \(.tuple.dport)"' | sort -u)"
is "--drops: the path that led there" 'veth_xmit ip_rcv udp_rcv' \
    "$(events drops 'select(.drop == null).func' | grep -xE 'veth_xmit|ip_rcv|udp_rcv' | paste -sd' ')"
is "--drops: the drop is the last event" true "$(events drops '.drop != null' | tail -n1)"
is "--drops: as many drops as packets" 1 "$(events drops 'select(.drop != null).pkt' | wc -l)"
if kernel_at_least 5.17; then
    is "--drops: the reason" NO_SOCKET "$(events drops 'select(.drop != null).drop.reason')"
else
    is "--drops: before 5.17 there is no reason" null "$(events drops 'select(.drop != null).drop.reason')"
fi
is "--drops --output-stack: the stack begins where the packet was dropped" \
    "$(events drops 'select(.drop != null).drop.symbol')" \
    "$(events drops 'select(.drop != null).stack[0]' | sed 's/+.*//')"

has "--group: a block begins with its packet" "$TMP/one.txt" \
    "^packet [0-9]+ 10\.0\.0\.133:[0-9]+->10\.0\.0\.67:5353\(udp\)$"
has "--output-file: the header, with the time" "$TMP/one.txt" '^SKB +CPU +PROCESS +TIMESTAMP +NETNS'
has "--timestamp relative: starts at the first event that is shown" "$TMP/one.txt" '^0x[0-9a-f]+ +[0-9]+ +\S+ +0\.000000000 '
is "--drops --stop-after 1: one drop" 1 "$(grep -c '(drop:' "$TMP/one.txt")"
is "--output-file: nothing on standard output" '' "$(cat "$TMP/one.out")"
is "--output-file: only the owner can read it" 600 "$(stat -c %a "$TMP/one.txt")"
is "--stop-after 1: the first packet, whole" '1 kfree_skbmem' \
    "$(events packets '.pkt' | sort -u | paste -sd' ') $(events packets '.func' | tail -n1)"
nothing_left "at the end"
finish
