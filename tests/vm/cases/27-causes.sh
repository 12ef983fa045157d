#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The likely cause of a drop agrees with what the packet and the node tell: each packet below is dropped for a reason that
# another cause looks like. All conditions are set up before, and stay, so that one trace sees all of them.
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"
# shellcheck source=tests/vm/drops.sh
. "${BASH_SOURCE%/*}/../drops.sh"

from_pod2() { in_pod2 bash -c 'echo x >"/dev/udp/$1/$2"' - "$1" "$2"; } # ADDRESS PORT

# to_pod NUMBER ADDRESS: the host sends it there, whoever has it
to_pod() {
    ip route add "$2" dev "lxc$1"
    ip neigh replace "$2" lladdr "02:00:00:00:0$1:02" dev "lxc$1"
}

topo_up host-stack || finish
modprobe -a 8021q nf_conntrack

# from pod1: another MAC address; a VLAN id that nobody has, with the right MAC address
in_pod1 ip route add 10.9.0.1 via 10.0.0.2 dev eth0 onlink
in_pod1 ip neigh replace 10.0.0.2 lladdr 02:00:00:00:ff:ff dev eth0
in_pod1 ip link add link eth0 name v7 type vlan id 7
in_pod1 ip link set v7 up
in_pod1 ip addr add 10.7.0.1/24 dev v7
in_pod1 ip neigh replace 10.7.0.2 lladdr 02:00:00:00:01:01 dev v7
# in the host: routes of the types that drop, IPv6 forwarding off, a rule
ip route add blackhole 10.0.0.97
ip route add unreachable 10.0.0.96
ip route add prohibit 10.0.0.95
sysctl -qw net.ipv6.conf.all.forwarding=0
nft 'add table inet drops; add chain inet drops on_forward { type filter hook forward priority 0; }'
nft 'add rule inet drops on_forward udp dport 7 drop'
# pod1 receives what is not for it, and forwards on no interface but lo; pod2 nowhere
to_pod 1 10.0.0.98
to_pod 2 10.0.0.99
in_pod1 sysctl -qw net.ipv4.conf.eth0.forwarding=0
in_pod2 sysctl -qw net.ipv4.ip_forward=0
# the host's way to 10.0.0.94 is a veth whose other end takes less
to_pod 2 10.0.0.94
in_pod2 ip link set eth0 mtu 1280

all='ip_rcv|ip_rcv_core|ip6_rcv_core|ipv6_rcv|ip_forward|ip6_forward|ip_local_deliver|ip_output|__ip_local_out|nf_hook_slow|nf_conntrack_in|nft_do_chain.*|ip_error|__netif_receive_skb_core|veth_xmit|ip_rcv_finish_core|ip_handle_martian_source|kfree_skbmem|__udp4_lib_rcv|udp_rcv|nf_confirm|ipv4_conntrack_in'
launch path "$SKBTRAIL" trace --path --json --kmods nf_conntrack,nf_tables,veth --filter-func "$all" \
    "dst net 10.0.0.0/8 or dst host 198.51.100.7 or dst host $POD2_V6"
armed path || finish

datagram 10.9.0.1 9
datagram 10.7.0.2 9
for last in 97 96 95 99; do datagram "10.0.0.$last" 9; done
datagram 198.51.100.7 9
from_pod2 10.0.0.98 9
datagram "$POD2_V4" 7
ping_once "$POD2_V6"
ping_once -s 1400 10.0.0.94
in_pod1 perl "$CRAFT" frame sum=bad dport=11

# pod2's conntrack table: its only entry is a connection that cannot be thrown out
in_pod2 nft 'add table ip drops; add chain ip drops on_input { type filter hook input priority 0; }'
in_pod2 nft 'add rule ip drops on_input ct state established accept'
held tcp dport=80
in_pod1 bash -c 'exec 3<>"/dev/tcp/$1/80"; read -r -u 3' - "$POD2_V4" 2>/dev/null &
client=$!
counted() { [[ $(in_pod2 cat /proc/sys/net/netfilter/nf_conntrack_count) == 1 ]]; }
wait_for 10 counted
max=$(</proc/sys/net/netfilter/nf_conntrack_max)
sysctl -qw net.netfilter.nf_conntrack_max=1
datagram "$POD2_V4" 8
# shown when nothing happened to it for a second
shown() { [[ $(jq -r 'select(.tuple.dport == 8 and .drop != null).pkt' "$TMP/path.out") ]]; }
wait_for 20 shown
end_well path
release
wait "$client"
sysctl -qw net.netfilter.nf_conntrack_max="$max" net.ipv6.conf.all.forwarding=1
nft 'delete table inet drops'

# cause FILTER: of the packets that the jq filter chooses
cause() { jq -r "select(.drop != null and ($1)).drop.cause" "$TMP/path.out" | sort -u; }
dst() { cause ".tuple.dst == \"$1\""; }
# begins NAME GOT WANTED
begins() { [[ $2 == "$3"* ]] && ok "$1" || not_ok "$1" "got: $2"; }

begins "another MAC address" "$(dst 10.9.0.1)" "its destination MAC address is not lxc1's"
begins "the MAC address is right, the VLAN id has no interface" "$(dst 10.7.0.2)" "its VLAN id has no interface on lxc1"
begins "a blackhole" "$(dst 10.0.0.97)" "a route of type blackhole takes it: ip route get 10.0.0.97 from $POD1_V4 iif lxc1"
begins "an unreachable route" "$(dst 10.0.0.96)" "a route of type unreachable takes it"
begins "a route that prohibits" "$(dst 10.0.0.95)" "a route or rule of type prohibit takes it"
begins "no route" "$(dst 198.51.100.7)" "no route to its destination"
begins "forwarding is off in the namespace" "$(dst 10.0.0.99)" \
    "its destination is no address of this host, and forwarding is off in this namespace: net.ipv4.ip_forward"
begins "forwarding is off on one interface" "$(dst 10.0.0.98)" \
    "its destination is no address of this host, and forwarding is off for eth0 alone: net.ipv4.conf.eth0.forwarding"
begins "IPv6 forwarding is off" "$(dst "$POD2_V6")" "IPv6 forwarding is off in this namespace"
begins "a rule" "$(cause '.tuple.dport == 7')" "a netfilter rule"
begins "the other end of a veth takes less" "$(dst 10.0.0.94)" "the device it was sent on to is down or has a smaller MTU"
begins "a bad checksum" "$(cause '.tuple.dport == 11')" "the UDP checksum is wrong"
if kernel_at_least 5.11; then
    begins "a full conntrack table" "$(cause '.tuple.dport == 8')" "the conntrack table is full: 1 of 1 entries"
else # functions of modules are not known
    begins "a full conntrack table" "$(cause '.tuple.dport == 8')" "one of: the conntrack table is full"
fi
nothing_left "at the end"
finish
