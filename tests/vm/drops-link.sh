# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2004,SC2034,SC2154,SC2317 # drops.sh sources this and has the arrays
# The part of drops.sh for bridges, tunnels, traffic control, taps and neighbour discovery.

# bridged OPTIONS COMMAND…: runs the command while lxc1 is the only port of a bridge with these options
bridged() {
    # shellcheck disable=SC2086 # a list of words
    ip link add br0 type bridge $1
    ip link set br0 up
    ip link set lxc1 master br0
    "${@:2}"
    ip link set lxc1 nomaster
    ip link del br0
}

BRIDGE_INGRESS_STP_STATE() { bridged 'stp_state 1' datagram 10.0.0.67 9; } # it listens for 15 seconds
MAC_INVALID_SOURCE() { bridged '' in_pod1 perl "$CRAFT" frame smac=03:00:00:00:00:01; }
MAC_IEEE_MAC_CONTROL() { bridged '' in_pod1 perl "$CRAFT" frame dmac=01:80:c2:00:00:01; }

# by_vxlan OPTION…: a datagram of pod1 to 10.7.7.2, which the host routes to vxlan0
by_vxlan() {
    ip link add vxlan0 type vxlan "$@" dstport 4789
    ip link set vxlan0 up
    ip addr add 10.7.7.1/24 dev vxlan0
    ip neigh replace 10.7.7.2 lladdr 02:00:00:00:07:02 dev vxlan0
    datagram 10.7.7.2 9
    ip link del vxlan0
}
NO_TX_TARGET() { by_vxlan id 7; }
TUNNEL_TXINFO() { by_vxlan external; }
for reason in NO_TX_TARGET TUNNEL_TXINFO; do DROP_FILTER[$reason]='--filter-dst-ip 10.7.7.2'; done

VXLAN_VNI_NOT_FOUND() {
    in_pod2 ip link add vxlan0 type vxlan id 7 dstport 4789
    in_pod2 ip link set vxlan0 up
    in_pod1 perl "$CRAFT" frame dport=4789 # what it has is VNI 0x787878
    in_pod2 ip link del vxlan0
}

VXLAN_INVALID_HDR() {
    in_pod2 ip link add vxlan0 type vxlan id $((0x787878)) dstport 4789
    in_pod2 ip link set vxlan0 up
    in_pod1 perl "$CRAFT" frame dport=4789 data=40
    in_pod2 ip link del vxlan0
}
DROP_FILTER[VXLAN_INVALID_HDR]='--filter-dst-ip 10.0.0.67 --filter-track-skb' # its headers are gone by then

TC_RECLASSIFY_LOOP() {
    tc qdisc add dev lxc1 clsact
    tc filter add dev lxc1 ingress protocol ip flower ip_proto udp dst_port 9 action reclassify
    datagram 10.0.0.67 9
    tc qdisc del dev lxc1 clsact
}

TAP_TXFILTER() {
    ip tuntap add mode tap name tap0
    held_here tap dev=tap0 takes=02:00:00:00:07:01
    ip link set tap0 up
    ip addr add 10.7.7.1/24 dev tap0
    ip neigh replace 10.7.7.2 lladdr 02:00:00:00:07:02 dev tap0
    datagram 10.7.7.2 9
    release
    ip link del tap0
}
DROP_FILTER[TAP_TXFILTER]='--filter-dst-ip 10.7.7.2'

# discovery [KEY=VALUE…]: pod1 asks the host for an address that the host does not have
discovery() { in_pod1 perl "$CRAFT" frame type=0x86dd proto=icmp6 icmp=135 src=fd00::133 dst=fe80::1 "$@"; }
IPV6_NDISC_HOP_LIMIT() { discovery hlim=64 data=16; }
IPV6_NDISC_BAD_CODE() { discovery hlim=255 code=1 data=16; }
IPV6_NDISC_BAD_OPTIONS() { discovery hlim=255 data=24; } # an option of 960 bytes
IPV6_NDISC_NS_OTHERHOST() { discovery hlim=255 data=16; }
for reason in IPV6_NDISC_{HOP_LIMIT,BAD_CODE,BAD_OPTIONS,NS_OTHERHOST}; do
    DROP_FILTER[$reason]='--filter-dst-ip fe80::1'
done
