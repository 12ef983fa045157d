#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --filter-tunnel-pcap-l2 and -l3: which packets they accept in VXLAN, Geneve, GRE and
# IP in IP between the pods, and in VXLAN on another port, by inner addresses that no
# outer header has; together with filters on the outer headers.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up host-stack || finish
modprobe -a vxlan geneve ip_gre ipip 2>/dev/null
# Tunnel N has the inner network 10.N.0.0/24 in both pods. vxlan4 does not use VXLAN's port.
tunnels() {
    local at1="local $POD1_V4 remote $POD2_V4" at2="local $POD2_V4 remote $POD1_V4" n name type
    while read -r n name type; do
        # shellcheck disable=SC2086 # several words
        in_pod1 ip link add "$name" mtu 1300 type ${type//AT/$at1} && in_pod2 ip link add "$name" mtu 1300 type ${type//AT/$at2} || return 1
        in_pod1 ip addr add "10.$n.0.1/24" dev "$name" && in_pod1 ip link set "$name" up || return 1
        in_pod2 ip addr add "10.$n.0.2/24" dev "$name" && in_pod2 ip link set "$name" up || return 1
    done <<END
1 vxlan1 vxlan id 42 dstport 4789 AT
2 gre2 gre AT
3 ipip3 ipip AT
4 vxlan4 vxlan id 44 dstport 9999 AT
END
    in_pod1 ip link add geneve5 mtu 1300 type geneve id 45 remote "$POD2_V4" &&
        in_pod2 ip link add geneve5 mtu 1300 type geneve id 45 remote "$POD1_V4" || return 1
    in_pod1 ip addr add 10.5.0.1/24 dev geneve5 && in_pod1 ip link set geneve5 up
    in_pod2 ip addr add 10.5.0.2/24 dev geneve5 && in_pod2 ip link set geneve5 up
}
tunnels 2>"$TMP/tunnels" || not_ok "the tunnels can be set up" "$(<"$TMP/tunnels")"

few=(--json --filter-func 'veth_xmit|ip_forward|icmp_rcv')
inner='icmp[icmptype] = icmp-echo and dst net 10.0.0.0/8 and not dst net 10.0.0.0/24'
launch l3 "$SKBTRAIL" "${few[@]}" --filter-tunnel-pcap-l3 "$inner"
launch l2 "$SKBTRAIL" "${few[@]}" --filter-tunnel-pcap-l2 "ether proto 0x800 and $inner" --filter-netns pod1
launch both "$SKBTRAIL" "${few[@]}" --filter-tunnel-pcap-l3 "$inner" --filter-dst-ip "$POD2_V4" --filter-proto udp \
    --filter-ifname lxc1 'udp port 4789'
launch followed "$SKBTRAIL" "${few[@]}" --filter-tunnel-pcap-l3 "$inner and host 10.1.0.2" --filter-netns pod1 --filter-track-skb
names=(l3 l2 both followed)
armed "${names[@]}" || finish
for n in 1 2 3 4 5; do
    in_pod1 ping -n -c1 -W5 "10.$n.0.2"
done >"$TMP/traffic" 2>&1
in_pod1 ping -n -c1 -W5 "$POD2_V4" >>"$TMP/traffic" 2>&1
is "the pings are answered" 6 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
end_well "${names[@]}"

of() { jq -r "select(.type == \"event\" and .drop == null) | $2" "$TMP/$1.out" | sort -u | paste -sd' '; } # NAME JQ
count() { jq -n "[inputs | select(.type == \"event\" and .func == \"ip_forward\")] | length" "$TMP/$1.out"; }
is "l3: the outer headers of all tunnels" '4 gre udp:4789 udp:6081 udp:9999' \
    "$(of l3 'select(.func == "ip_forward").tuple | if .l4 == "udp" then "udp:\(.dport)" elif .l4 == "ipip" or .l4 == "ipv4" then "4" else .l4 end')"
is "l3: only requests" "$POD2_V4" "$(of l3 'select(.func == "ip_forward").tuple.dst')"
is "l3: each once in the host" 5 "$(count l3)"
is "l2: only tunnels that carry Ethernet, also on another port while the skb has the inner offsets" 'udp:4789 udp:6081 udp:9999' \
    "$(of l2 'select(.func == "veth_xmit").tuple | "\(.l4):\(.dport)"')"
is "both: outer and inner filters hold together" "ip_forward:4789:lxc1" "$(of both '"\(.func):\(.tuple.dport):\(.ifname)"')"
is "followed: out of its tunnel" '10.1.0.2' "$(of followed 'select(.func == "icmp_rcv").tuple.dst')"
is "followed: no other packet" 1 "$(count followed)"
check_status 2 "a syntax error is refused" "$SKBTRAIL" trace '--filter-tunnel-pcap-l2=tcp and'
has "a syntax error: the message names option and value" "$TMP/err" '^skbtrail: --filter-tunnel-pcap-l2=tcp and: .*syntax error'
check_status 2 "Ethernet within IP is refused" "$SKBTRAIL" trace '--filter-tunnel-pcap-l3=ether host 02:00:00:00:00:01'
has "Ethernet within IP: the message names option and value" "$TMP/err" '^skbtrail: --filter-tunnel-pcap-l3=ether host'
nothing_left "at the end"
finish
