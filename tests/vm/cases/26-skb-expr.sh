#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# C expressions over the sk_buff: what --filter-skb-expr accepts, alone and with other
# filters; that the values of --output-skb-metadata agree with the event's fields; which
# expressions are refused.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up host-stack || finish
netns1=$(stat -Lc %i /run/netns/pod1)
few=(--json --filter-func '__ip_local_out|ip_rcv|veth_xmit|icmp_rcv')
ip4='((struct iphdr *)(skb->head + skb->network_header))'

launch mark "$SKBTRAIL" "${few[@]}" --filter-skb-expr 'skb->dev->mtu > 1400 && skb->mark & 0xf00' --filter-proto icmp
launch header "$SKBTRAIL" "${few[@]}" --filter-skb-expr "$ip4->ttl == 63 && ntohl($ip4->daddr) == 0x0a000043" \
    --filter-src-ip "$POD1_V4" --filter-ifname eth0
launch never "$SKBTRAIL" "${few[@]}" --filter-skb-expr 'skb->dev->mtu == 0 || !skb->len' --filter-ip "$POD2_V4"
launch values "$SKBTRAIL" "${few[@]}" --filter-ip "$POD2_V4" --filter-netns pod1 --write "$TMP/recording" --print \
    --output-skb-metadata 'skb->dev->mtu' --output-skb-metadata 'skb->mark' --output-skb-metadata 'skb' \
    --output-skb-metadata "$ip4->ttl + 0" --output-skb-metadata 'skb->len - 1000' --output-skb-metadata 'skb->dev->ifindex'
launch text "$SKBTRAIL" --filter-func veth_xmit --filter-ip "$POD2_V4" --filter-netns pod1 \
    --output-skb-metadata 'skb->mark & 0xff' --output-skb-metadata 'skb->dev->nd_net.net->ns.inum' 'icmp[icmptype] = 8'
names=(mark header never values text)
armed "${names[@]}" || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >"$TMP/traffic" 2>&1
in_pod1 ping -n -c1 -W5 -m $((0x321)) "$POD2_V4" >>"$TMP/traffic" 2>&1
is "the pings are answered" 2 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
end_well "${names[@]}"

of() { jq -r "select(.type == \"event\" and .drop == null) | $2" "$TMP/$1.out" | sort -u | paste -sd' '; } # NAME JQ
# At __ip_local_out there is no device, so no value. The mark is cleared when the packet leaves the namespace.
is "mark: only where the device is known and the mark is set" "veth_xmit:$netns1:$((0x321))" \
    "$(of mark '"\(.func):\(.netns):\(.mark)"')"
is "header: the TTL after the host, on pod2's eth0" 'icmp_rcv:pod2 ip_rcv:pod2' "$(of header '"\(.func):\(.netns_name)"')"
is "never: nothing" '' "$(of never .func)"
agree='[.metadata["skb->dev->mtu"] == .mtu, .metadata["skb->mark"] == .mark, .metadata.skb == .skb,
    .metadata["skb->len - 1000"] == .len - 1000, .metadata["skb->dev->ifindex"] == .ifindex] | map(tostring) | join(",")'
is "values: equal to the event's fields, null without a device" 'true,true,true,true,true' "$(of values "$agree")"
is "values: the whole expression is the key" true "$(of values ".metadata | has(\"$ip4->ttl + 0\")")"
is "values: with and without a device" '1500 null' "$(of values .mtu)"
"$SKBTRAIL" report --json "$TMP/recording" >"$TMP/again.out" 2>"$TMP/again.err"
is "values: kept in a recording" "$(of values '[.func, .metadata] | tojson')" "$(of again '[.func, .metadata] | tojson')"
has "text: a column of its own" "$TMP/text.out" '^SKB.* METADATA +FUNC$'
has "text: the values" "$TMP/text.out" "skb->mark.*0xff=33 skb->dev->nd_net.net->ns.inum=$netns1 +veth_xmit"
is "text: together with a pcap-filter expression" 2 "$(grep -c 'veth_xmit *$' "$TMP/text.out")"

refused() { # OPTION VALUE REGEX COLUMN
    check_status 2 "--$1='$2' is refused" "$SKBTRAIL" trace "--$1=$2"
    has "--$1='$2': the message names option and value" "$TMP/err" "^skbtrail: --$1=.*: .*$3"
    is "--$1='$2': the message shows the position" "$((2 + $4))" "$(tail -n1 "$TMP/err" | awk '{ print index($0, "^") - 1 }')"
}
refused filter-skb-expr 'skb->dev->mttu > 1500' 'no member .mttu.' 10
refused filter-skb-expr 'skb->len > 5 &&' 'ends where' 15
refused output-skb-metadata '((struct nothing *)skb)->x' 'no type .nothing.' 1
nothing_left "at the end"
finish
