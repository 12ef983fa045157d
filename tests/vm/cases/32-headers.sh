#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest: --append init_on_alloc=0
# Headers that are not where they usually are: in pages, behind VLAN tags, of a packet that is gone. The kernel does not
# clear memory, so what is read elsewhere is of another packet.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

events() { jq -r "select(.type == \"event\") | $2" "$TMP/$1.out"; }
# tuples NAME: prints each pair of addresses, without ports
tuples() { events "$1" 'select(.tuple.src) | "\(.tuple.src) \(.tuple.dst)"' | sort -u; }

# --- the transmit ring of a packet socket ---
topo_up host-stack || finish
mac=$(</sys/class/net/lxc1/address)
check "the neighbours are known" in_pod1 ping -n -c3 -i0.2 -W5 "$POD2_V4"
launch all "$SKBTRAIL" trace --json
launch to "$SKBTRAIL" trace --filter-dst-ip "$POD2_V4" --filter-dst-port 9999
armed all to || finish
check "packets of which only 14 bytes are linear" in_pod1 build/tests/vm/txring eth0 "$mac" "$POD1_V4" "$POD2_V4" 7000 9999 3
check "an IPv6 packet" in_pod1 build/tests/vm/txring eth0 "$mac" "$POD1_V6" "$POD2_V6" 7100 9999 1
check "a tagged packet" in_pod1 build/tests/vm/txring eth0 "$mac" "$POD1_V4" "$POD2_V4" 7200 9999 1 100
end all
end to
ring='select(.comm == "txring" and .len >= 92 and .len <= 126)'
is "no function of the sender's device shows addresses" null \
    "$(events all "$ring | select(.func | test(\"^(packet_xmit|__dev_queue_xmit|veth_xmit)\$\")) |
        select(.ifname == \"eth0\" and .netns_name == \"pod1\") | .tuple.src" | sort -u)"
is "ports are unknown or right" $'7000 9999\n7001 9999\n7002 9999\nnull null' \
    "$(events all 'select(.tuple.l4 == "udp" and .tuple.dst == "'"$POD2_V4"'") | "\(.tuple.sport) \(.tuple.dport)"' | sort -u)"
for port in 7000 7001 7002; do
    pkt=$(events all "select(.tuple.sport == $port).pkt" | sort -u)
    is "port $port: one packet, from the sender on" "1 __dev_queue_xmit" \
        "$(wc -w <<<"$pkt") $(events all "select(.pkt == ${pkt:-0} and .func == \"__dev_queue_xmit\" and .ifname == \"eth0\").func")"
done
lacks "a text shows no port 0" "$TMP/to.out" ':0->'
has "a filter by address finds the packets once they can be read" "$TMP/to.out" '10\.0\.0\.133:7001->10\.0\.0\.67:9999\(udp\)'
has "the report says what it cannot find" "$TMP/to.err" \
    '^[1-9][0-9]* events of packets whose headers could not be read: filters by address'
check "so does its JSON" jq -se '.[-1] | .type == "summary" and .unreadable > 20' "$TMP/all.out"

# --- ARP, which is written last: where it will be, there may be an earlier one ---
launch arp "$SKBTRAIL" trace --json --filter-func 'eth_header|arp_.*|veth_xmit'
launch ip "$SKBTRAIL" trace --json --filter-ip "$POD1_V4" --filter-func 'arp_rcv|ip_rcv'
armed arp ip || finish
for n in 1 2 3; do
    ip neigh flush all
    ip -n pod1 neigh flush all
    ip -n pod2 neigh flush all
    check "neighbours are asked for, $n" in_pod1 ping -n -c1 -W5 "$POD2_V4"
done
end arp
end ip
is "who asks for whom, and who answers" \
    "$POD1_V4 10.0.0.1 1 $POD2_V4 10.0.0.1 2 10.0.0.1 $POD1_V4 2 10.0.0.1 $POD2_V4 1" \
    "$(events arp 'select(.func == "arp_rcv") | "\(.tuple.src) \(.tuple.dst) \(.tuple.arp_op)"' | sort -u |
        awk '{ print ($1 == "10.0.0.1"), $0 }' | sort -s -k1,1 | cut -d' ' -f2- | xargs)"
is "no addresses before the packet is written" null "$(events arp 'select(.func == "eth_header" and .proto == 2054).tuple.src' | sort -u)"
lacks "a filter by address lets no ARP packet pass" "$TMP/ip.out" arp_rcv
"$TOPO" down >/dev/null

# --- network_header at a VLAN tag ---
# v3: priority 3 and id 100 make the tag begin with the nibble of IPv6; v2: priority 2 and id 1280 with that of IPv4
ip netns add tag1
ip netns add tag2
ip link add t1 netns tag1 type veth peer name t2 netns tag2
for n in 1 2; do
    enter "tag$n" ethtool -K "t$n" rxvlan off txvlan off gro on >/dev/null 2>&1
    ip -n "tag$n" link set "t$n" up
    ip -n "tag$n" link add link "t$n" name v3 type vlan id 100 egress-qos-map 0:3
    ip -n "tag$n" link add link "t$n" name v2 type vlan id 1280 egress-qos-map 0:2
    ip -n "tag$n" link add link v3 name q3 type vlan id 100
    for dev in v3:3 v2:2 q3:4; do
        ip -n "tag$n" link set "${dev%:*}" up
        ip -n "tag$n" addr add "10.${dev#*:}.0.$n/24" dev "${dev%:*}"
    done
    ip -n "tag$n" addr add "fd03::$n/64" dev v3 nodad
done
# shellcheck disable=SC2317 # called by check
pings() { for to in "$@"; do enter tag1 ping -n -c1 -W5 "$to" >/dev/null || return 1; done; }
check "VLANs" pings 10.3.0.2 10.2.0.2 10.4.0.2 fd03::2
ip netns exec tag2 nft -f - <<'END' || finish
table inet t {
    chain c {
        type filter hook input priority 0; policy accept
        udp dport 7777 drop
    }
}
END
launch all "$SKBTRAIL" trace --json --output-mac --output-netfilter --snaplen 64 -w "$TMP/all.skbt" --print
launch ip "$SKBTRAIL" trace --json --filter-ip 10.3.0.2 --filter-proto icmp
armed all ip || finish
check "pings through them" pings 10.3.0.2 10.2.0.2 10.4.0.2 fd03::2
enter tag1 bash -c 'echo x >/dev/udp/10.3.0.2/7777'
end all
end ip
pairs='10.2.0.1 10.2.0.2|10.2.0.2 10.2.0.1|10.3.0.1 10.3.0.2|10.3.0.2 10.3.0.1|10.4.0.1 10.4.0.2|10.4.0.2 10.4.0.1'
is "every address is that of a packet" '' \
    "$(tuples all | grep -vxE "$pairs|(fd03|fe80|ff02):.* (fd03|fe80|ff02):.*|:: ff02:.*|127\.0\.0\.1 .*")"
is "a filter by address finds what was traced without" "$(events all \
    'select(.netfilter == null) | select(.tuple.l4 == "icmp" and (.tuple.dst == "10.3.0.2" or .tuple.src == "10.3.0.2")).func' | sort | uniq -c)" \
    "$(events ip .func | sort | uniq -c)"
is "a tag that is in two places is shown once" $'[100,100]\n[100]\n[1280]\n[]' \
    "$(events all '[.vlan // [] | .[].id] | tojson' | sort -u | grep -v '\[100,100,\|\[1280,')"
is "two tags are only those of q3" '' \
    "$(events all 'select((.vlan // []) | length > 1) | select(.tuple.dst) | "\(.tuple.dst) \(.func) \(.vlan | length)"' |
        grep -vE '^(10\.4\.0\.[12]|f[ef][08][02]::.*) .* 2$')"

# --- a packet that the chain has freed ---
drop='select(.tuple.dport == 7777)'
is "lengths are those of packets" '' "$(events all 'select(.len > 65535) | "\(.func) \(.len)"' | head -n3)"
if [[ -e /sys/kernel/btf/nf_tables ]]; then
    is "the chain that dropped it, and its length" "drop 30" \
        "$(events all "$drop | select(.netfilter and .netfilter.chain == \"c\") | \"\(.netfilter.verdict) \(.len)\"")"
fi
check "report as pcapng" "$SKBTRAIL" report --pcapng "$TMP/p.pcapng" "$TMP/all.skbt"
# __ip6_local_out() writes the length of the payload, so it is 0 before
is "Wireshark reads every frame" '' "$(tshark -r "$TMP/p.pcapng" -Y '_ws.malformed and not ipv6.plen == 0' 2>/dev/null | head -n3)"
check "all frames are there" test "$(tshark -r "$TMP/p.pcapng" 2>/dev/null | wc -l)" -gt 50
ip netns del tag1
ip netns del tag2
nothing_left headers
finish
