#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# How packets end: ordinary traffic is not called dropped, what waits in a queue is called
# waiting, and a drop in one namespace shows although another one got a copy.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

CRAFT=tests/vm/craft.pl
TALK=build/tests/vm/talk
datagram() { echo x >"/dev/udp/$1/$2"; } # ADDRESS PORT: from the host
# from_pod1 ADDRESS PORT
# shellcheck disable=SC2016 # expanded inside
from_pod1() { in_pod1 bash -c 'echo x >"/dev/udp/$1/$2"' - "$@"; }
up() { wait_for 10 grep -q . "$TMP/$1.up"; }
# background NAME COMMAND…: it prints a line when it is ready, and ends with the case
background() {
    "${@:2}" <&"$PAUSE" >"$TMP/$1.up" 2>&1 &
    up "$1" || not_ok "$1 is up" "$(<"$TMP/$1.up")"
}

# A download, an upload, a question over UDP, another over TCP and IPv6, pings after ARP and neighbour discovery, a
# group that nobody has joined.
healthy() {
    mkdir "$TMP/www"
    head -c 200000 /dev/zero >"$TMP/www/file"
    in_pod2 busybox httpd -f -p 8080 -h "$TMP/www" &
    wait_for 10 in_pod2 grep -q ':1F90 .* 0A ' /proc/net/tcp6 /proc/net/tcp
    check "healthy: a download" in_pod1 busybox wget -q -O /dev/null "http://$POD2_V4:8080/file"
    background sink in_pod2 "$TALK" sink tcp "$POD2_V4" 8081
    in_pod1 "$TALK" pour tcp "$POD2_V4" 8081 100000 >/dev/null
    background udp in_pod2 "$TALK" serve udp "$POD2_V4" 8053
    in_pod1 "$TALK" ask udp "$POD2_V4" 8053 >/dev/null
    background tcp6 in_pod2 "$TALK" serve tcp "$POD2_V6" 8083
    in_pod1 "$TALK" ask tcp "$POD2_V6" 8083 >/dev/null
    in_pod1 ip neigh flush dev eth0
    in_pod2 ip neigh flush dev eth0
    ip neigh flush dev lxc1
    ip neigh flush dev lxc2
    in_pod1 ping -n -c2 -i0.2 -W5 "$POD2_V4" >"$TMP/ping"
    in_pod1 ping -n -c2 -i0.2 -W5 "$POD2_V6" >>"$TMP/ping"
    is "healthy: pings are answered" 2 "$(grep -c ' 0% packet loss' "$TMP/ping")"
    from_pod1 224.0.0.251 5353
}

# Each packet that waits goes to a port of its own, the last ones to come are those that would not wait for long.
waits() {
    ip link add d0 type dummy
    ip addr add 10.7.1.1/24 dev d0
    ip link set d0 up
    datagram 10.7.1.2 7006
    nft 'add table inet ends; add chain inet ends on_output { type filter hook output priority 0; }
        add rule inet ends on_output udp dport 7001 queue num 7'
    background nfqueue perl "$CRAFT" hold nfqueue queue=7
    datagram "$POD2_V4" 7001
    tc qdisc add dev lxc1 clsact
    in_pod2 sysctl -qw net.ipv4.ipfrag_time=300 # on a busy machine it would be over before the end
    tc filter add dev lxc1 ingress protocol ip flower ip_flags nofirstfrag action drop
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c 'printf %2000s x >"/dev/udp/$1/7002"' - "$POD2_V4"
    tc qdisc del dev lxc1 clsact
    background tcp in_pod2 perl "$CRAFT" hold tcp dport=7003
    ip route add 10.0.0.134 dev lxc1
    ip neigh replace 10.0.0.134 lladdr 02:00:00:00:01:02 dev lxc1 nud permanent
    in_pod1 sysctl -qw net.ipv4.ip_forward=0
    in_pod1 perl "$CRAFT" dial src=10.0.0.134 dport=7003 -- seq=100,data=10
    ip tuntap add mode tap name tap0
    background tap perl "$CRAFT" hold tap dev=tap0
    ip link set tap0 up
    ip addr add 10.7.7.1/24 dev tap0
    ip neigh replace 10.7.7.2 lladdr 02:00:00:00:07:02 dev tap0
    datagram 10.7.7.2 7004
    sysctl -qw net.core.xfrm_larval_drop=0
    background acquire bash -c 'echo up; exec ip xfrm monitor acquire'
    ip xfrm policy add dst 10.7.1.9/32 dir out tmpl dst 10.7.1.9 proto esp mode transport
    datagram 10.7.1.9 7007
    tc qdisc add dev lxc2 root tbf rate 8kbit burst 1600 limit 30000
    ping -n -c3 -i0.002 -s1400 -W0.2 "$POD2_V4" >/dev/null
    sysctl -qw net.ipv4.neigh.lxc1.retrans_time_ms=60000
    ip route add 10.0.0.99 dev lxc1
    datagram 10.0.0.99 7005
}

# flood_once PORT: pod1 sends a datagram for pod2 in a broadcast frame. pod2 takes it, pod3 has a rule, pod4 does not
# forward. PORT becomes the bridge's newest port, and so the first to be served.
flood_once() {
    ip link set "$1" nomaster
    ip link set "$1" master br0
    in_pod1 perl "$CRAFT" frame dmac=ff:ff:ff:ff:ff:ff dport="$2"
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null # what was sent before has arrived
}
bridged() {
    local n
    for n in 3 4; do
        ip netns add "pod$n"
        ip link add "lxc$n" type veth peer name eth0 netns "pod$n"
        ip link set "lxc$n" up master br0
        ip -n "pod$n" link set eth0 up
        ip -n "pod$n" addr add "10.0.0.7$n/24" dev eth0
    done
    enter pod3 nft 'add table ip ends; add chain ip ends pre { type filter hook prerouting priority 0; }
        add rule ip ends pre udp dport 7010-7019 drop' || not_ok "pod3 drops"
    background flooded in_pod2 perl "$CRAFT" hold udp dport=7011
    background flooded2 in_pod2 perl "$CRAFT" hold udp dport=7012
    launch bridge "$SKBTRAIL" record -w "$TMP/bridge.skbt" --filter-proto udp
    armed bridge || return
    flood_once lxc2 7011
    flood_once lxc3 7012
    end_well bridge
    ip netns del pod3
    ip netns del pod4
}

report() { "$SKBTRAIL" report --color never "${@:2}" "$TMP/$1.skbt" 2>/dev/null; }
# packets NAME FILTER: applies the jq filter to its packets
packets() { jq -r "$2" "$TMP/$1.paths"; }
read_paths() { report "$1" --path --json | grep '"type":"path"' >"$TMP/$1.paths"; }
# waiting PORT QUEUE: the packet to this port is in the queue
waiting() {
    is "to port $1: in queue $2" "alive $2" \
        "$(packets waits "select(.tuple.dport == $1 and .queue != null) | \"\(.end) \(.queue)\"" | sort -u)"
}

topo_up host-stack || finish
modprobe -a tun dummy xfrm_user xfrm_algo esp4 nfnetlink_queue nft_queue sch_tbf sch_ingress cls_flower act_gact 2>/dev/null
launch healthy "$SKBTRAIL" record -w "$TMP/healthy.skbt"
armed healthy || finish
healthy
from_pod1 "$POD2_V4" 9
in_pod1 "$TALK" ask tcp "$POD2_V4" 99 2>/dev/null
end_well healthy
read_paths healthy
is "healthy: only what nobody listens for is dropped" '9 udp,99 tcp' \
    "$(packets healthy 'select(.end == "dropped") | "\(.tuple.dport) \(.tuple.l4)"' | sort -u | paste -sd,)"
is "healthy: --summary counts the same" 2 \
    "$(report healthy --summary --json | jq -s 'map(select(.type == "flow").ends.dropped) | add')"
is "healthy: --drops shows the same" '9,99' \
    "$(report healthy --drops --json | jq -r 'select(.drop != null).tuple.dport' | sort -un | paste -sd,)"
is "healthy: what is freed and what was lost are told apart" true \
    "$(jq -s 'map(select(.end == "freed")) | length > 0 and all(.drops[].lost == false)' "$TMP/healthy.paths")"
is "healthy: no acknowledgement is delivered to a socket" '' \
    "$(packets healthy 'select(.tuple.tcp_flags == 16 and .len < 70 and .end == "delivered") | .pkt' | head -n3)"
is "healthy: the ARP requests do not wait" '' "$(packets healthy 'select(.queue == "neighbour") | .pkt')"

launch waits "$SKBTRAIL" record -w "$TMP/waits.skbt"
armed waits || finish
waits
end_well waits
read_paths waits
waiting 7001 nfqueue
waiting 7003 tcp_out_of_order
waiting 7004 "$(kernel_at_least 5.11 && echo tun || echo driver)" # 5.10 has no types of modules' functions
waiting 7005 neighbour
waiting 7007 xfrm_state
is "fragments: the loss of the second is the datagram's end" dropped \
    "$(packets waits 'select(.tuple.l4 == "udp" and .tuple.dport == 7002).end')"
is "qdisc: the last ping waits" qdisc \
    "$(packets waits 'select(.tuple.icmp_type == 8 and .tuple.icmp_seq == 3) | .queue' | sort -u)"
is "qdisc: the first ping went on" consumed \
    "$(packets waits 'select(.tuple.icmp_type == 8 and .tuple.icmp_seq == 1) | .end' | sort -u)"
report waits --path >"$TMP/waits.txt"
has "neighbour: last seen where it waits" "$TMP/waits.txt" \
    '^  last seen after .*, in __neigh_event_send, host lxc1: waiting for a neighbour'
if kernel_at_least 5.11; then
    is "a dummy device: dropped, though the kernel calls it used" dropped "$(packets waits 'select(.tuple.dport == 7006).end')"
    is "a dummy device: --drops shows it" 7006 \
        "$(report waits --drops --json | jq -r 'select(.drop.lost != null).tuple.dport' | sort -u)"
fi

topo_up bridge || finish
bridged
read_paths bridge
for port in 7011 7012; do
    is "bridge, $port: delivered in pod2" delivered "$(packets bridge "select(.tuple.dport == $port).end" | sort -u)"
    is "bridge, $port: a copy was lost in pod3" pod3 \
        "$(packets bridge "select(.tuple.dport == $port) | .drops[] | select(.lost and .netns_name == \"pod3\").netns_name")"
    is "bridge, $port: --drops shows the drop in pod3" pod3 \
        "$(report bridge --drops --json | jq -r "select(.tuple.dport == $port and .drop != null and .netns_name == \"pod3\").netns_name")"
done
report bridge --path >"$TMP/bridge.txt"
has "bridge: --path says where the copy died" "$TMP/bridge.txt" '^    a copy was dropped: .* at n.*, in pod3 eth0, last seen in n'
nothing_left "at the end"
finish
