#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --filter-track-skb: a packet that matched once, in pod1 and by an address that NAT
# replaces at once, is followed through the host into pod2: past NAT, as a clone, as
# fragments, as segments, in a tunnel, as an XDP frame. A second trace with the same
# filters but without tracking must not show these packets.
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up host-stack || finish
netns1=$(stat -Lc %i /run/netns/pod1)
netns2=$(stat -Lc %i /run/netns/pod2)
modprobe -a nf_tables nft_chain_nat nft_nat nf_nat ipip 2>/dev/null
in_pod1 nft 'table ip t { chain out { type nat hook output priority -100; ip daddr 10.0.0.99 dnat to '"$POD2_V4"'; }; }' ||
    not_ok "NAT can be set up"
in_pod1 ip link add tun1 type ipip local "$POD1_V4" remote "$POD2_V4" && in_pod1 ip link set tun1 up
in_pod1 ip route add 10.0.0.98/32 dev tun1 src "$POD1_V4"
in_pod1 ethtool -K eth0 tso off >/dev/null || not_ok "the stack cuts segments"

filters=(--filter-dst-ip 10.0.0.98/31 --filter-netns pod1 --filter-src-ip "$POD1_V4"
    --filter-func '__ip_local_out|ip_forward|veth_xmit|ip_rcv|icmp_rcv|tcp_v4_rcv|consume_skb|kfree_skbmem')
launch followed "$SKBTRAIL" --json "${filters[@]}" --filter-track-skb
launch unfollowed "$SKBTRAIL" --json "${filters[@]}"

send_stream() { in_pod1 build/tests/vm/talk pour tcp 10.0.0.99 8080 60000 >/dev/null; }
in_pod2 build/tests/vm/talk sink tcp "$POD2_V4" 8080 >"$TMP/server" 2>&1 &
wait_for 20 grep -q up "$TMP/server" || not_ok "the server is up"
armed followed unfollowed || finish

in_pod1 ping -n -c1 -W5 10.0.0.99 >"$TMP/traffic" 2>&1
in_pod1 ping -n -c1 -W5 -s 4000 10.0.0.99 >>"$TMP/traffic" 2>&1
is "the pings are answered" 2 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
in_pod1 ping -n -c1 -W1 10.0.0.98 >/dev/null 2>&1
send_stream || not_ok "a stream is sent"
# Without the host's stack: XDP redirects lxc1's frames to pod2's device.
xdp=1
in_pod2 ip link set dev eth0 xdpdrv obj build/tests/vm/xdp.bpf.o sec xdp.pass 2>"$TMP/xdp.err" &&
    ip link set dev lxc1 xdpdrv obj build/tests/vm/xdp.bpf.o sec xdp.redirect 2>>"$TMP/xdp.err" || xdp=0
is "XDP programs can be attached" 1 "$xdp"
in_pod1 ping -n -c1 -W5 -s 99 10.0.0.99 >"$TMP/traffic" 2>&1
is "the ping over XDP is answered" 1 "$(grep -c ' 0% packet loss' "$TMP/traffic")"

living() { bpftool -j map dump name st_tracked | jq 'map(select(.formatted.value.dead_ns == 0)) | length'; }
# shellcheck disable=SC2317 # called by wait_for
all_dead() { [[ $(living) == 0 ]]; }
wait_for 5 all_dead
is "no packet is followed beyond its end" 0 "$(living)"
end_well followed unfollowed

# seen NAME JQ-CONDITION: prints for how many events the condition holds
seen() { jq -n --argjson n1 "$netns1" --argjson n2 "$netns2" --arg pod2 "$POD2_V4" \
    "[inputs | select(.type == \"event\" and ($2))] | length" "$TMP/$1.out"; }
followed() { # NAME JQ-CONDITION: there are such events, but not without tracking
    local got
    got=$(seen followed "$2")
    if [[ $got -gt 0 ]]; then ok "followed $1"; else not_ok "followed $1"; fi
    is "followed $1: not without tracking" 0 "$(seen unfollowed "$2")"
}
# shellcheck disable=SC2016 # jq expands
{
    followed "past NAT" '.netns == $n1 and .func == "veth_xmit" and .tuple.dst == $pod2 and .tuple.l4 == "icmp"'
    followed "into the host" '.func == "ip_forward" and .netns != $n1'
    followed "into the other pod" '.func == "icmp_rcv" and .netns == $n2 and .tuple.icmp_type == 8'
    followed "as fragments" '.func == "veth_xmit" and .netns == $n1 and .len < 1515 and .len > 500 and .tuple.icmp_type == null and .tuple.l4 == "icmp"'
    followed "into a tunnel" '.func == "veth_xmit" and .tuple.dst == $pod2 and (.tuple.l4 == "ipip" or .tuple.l4 == "4" or .tuple.l4 == "ipv4")'
    followed "as segments" '.func == "veth_xmit" and .netns == $n1 and .tuple.l4 == "tcp" and .len == 1514'
    followed "over XDP" '.func == "icmp_rcv" and .netns == $n2 and .len == 107'
    followed "to its end" '.func == "kfree_skbmem" and .netns == $n2'
    is "the answers are not followed" 0 "$(seen followed '.tuple.src == $pod2')"
    is "without tracking: only packets that match" 0 "$(seen unfollowed '.netns != $n1 or (.tuple.dst | startswith("10.0.0.9") | not)')"
}
is "nothing was lost" '0 0' "$(tail -n1 "$TMP/followed.out" | jq -r '"\(.lost.map) \(.lost.ring)"')"
check_status 2 "--filter-track-skb=yes is refused" "$SKBTRAIL" trace --filter-track-skb=yes
has "--filter-track-skb=yes: the message names option and value" "$TMP/err" '^skbtrail: --filter-track-skb=yes: --filter-track-skb takes no value'
ip link set dev lxc1 xdpdrv off
in_pod2 ip link set dev eth0 xdpdrv off
nothing_left "at the end"
finish
