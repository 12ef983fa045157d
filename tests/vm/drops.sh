# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2317,SC2016 # used by scripts that source this; quoted commands expand where they run
# One function per drop reason of the kernel. It sets up the condition between the two pods of the topology host-stack,
# sends a packet that is dropped, and undoes the condition. Sourced after case.sh. docs/drops/ shows these functions and
# those of the files sourced below, so they contain only commands that a reader can repeat.

CRAFT=tests/vm/craft.pl
DROPS_BPF=build/tests/vm/drops.bpf.o

# The filter for the recording of a reason: options, or a pcap-filter expression. Default: packets to pod2.
declare -A DROP_FILTER=()
DROP_FILTER_DEFAULT='--filter-dst-ip 10.0.0.67'

datagram() { in_pod1 bash -c 'echo x >"/dev/udp/$1/$2"' - "$1" "$2"; } # ADDRESS PORT: from pod1
ping_once() { in_pod1 ping -n -c1 -W0.3 "$@" >/dev/null; } # from pod1

# held KIND [KEY=VALUE…]: opens a socket in pod2 until release (see craft.pl hold); held_here: in the host
held() { held_by in_pod2 "$@"; }
held_here() { held_by env "$@"; }
held_by() {
    coproc HELD { "$1" perl "$CRAFT" hold "${@:2}"; }
    read -r -u "${HELD[0]}"
}
release() {
    local process=$HELD_PID
    eval "exec ${HELD[1]}>&-"
    wait "$process"
}

# by_hand COMMAND…: lets craft.pl send from an address of pod1 that pod1's kernel does not know, so that the kernel does
# not answer in its place
by_hand() {
    ip route add 10.0.0.134 dev lxc1
    ip neigh replace 10.0.0.134 lladdr 02:00:00:00:01:02 dev lxc1 nud permanent
    in_pod1 sysctl -qw net.ipv4.ip_forward=0
    in_pod1 perl "$CRAFT" "$1" src=10.0.0.134 "${@:2}"
    in_pod1 sysctl -qw net.ipv4.ip_forward=1
    ip route del 10.0.0.134
    ip neigh del 10.0.0.134 dev lxc1
}

# --- on the way in: the frame and the IP header

OTHERHOST() {
    in_pod1 ip neigh replace 10.0.0.1 lladdr 02:00:00:00:ff:ff dev eth0
    datagram 10.0.0.67 9
    in_pod1 ip neigh replace 10.0.0.1 lladdr 02:00:00:00:01:01 dev eth0
}

UNHANDLED_PROTO() { in_pod1 perl "$CRAFT" frame type=0x88b5 data=46; }
DROP_FILTER[UNHANDLED_PROTO]='--filter-skb-expr skb->protocol==0xb588'

UNICAST_IN_L2_MULTICAST() {
    sysctl -qw net.ipv4.conf.lxc1.drop_unicast_in_l2_multicast=1
    in_pod1 ip neigh replace 10.0.0.1 lladdr ff:ff:ff:ff:ff:ff dev eth0
    datagram 10.0.0.67 9
    in_pod1 ip neigh replace 10.0.0.1 lladdr 02:00:00:00:01:01 dev eth0
    sysctl -qw net.ipv4.conf.lxc1.drop_unicast_in_l2_multicast=0
}

XDP() {
    ip link set dev lxc1 xdpgeneric object "$DROPS_BPF" section xdp
    datagram 10.0.0.67 9
    ip link set dev lxc1 xdpgeneric off
}

TC_INGRESS() {
    tc qdisc add dev lxc1 clsact
    tc filter add dev lxc1 ingress protocol ip flower ip_proto udp dst_port 9 action drop
    datagram 10.0.0.67 9
    tc qdisc del dev lxc1 clsact
}

CPU_BACKLOG() {
    sysctl -qw net.core.netdev_max_backlog=0
    ip link set lxc2 mtu 1280
    ping_once -M dont -s 1400 10.0.0.67 # the host sends it in two fragments, both at once
    ip link set lxc2 mtu 1500
    sysctl -qw net.core.netdev_max_backlog=1000
}

PKT_TOO_SMALL() { in_pod1 perl "$CRAFT" frame longer=100; }
IP_CSUM() { in_pod1 perl "$CRAFT" frame ipsum=bad; }

IP_INHDR() { ping_once -t 1 10.0.0.67; }

IPV6DISABLED() {
    sysctl -qw net.ipv6.conf.lxc1.disable_ipv6=1
    ping_once fd00::67
    build/tests/vm/topo up host-stack # lxc1 has lost its IPv6 addresses
}
DROP_FILTER[IPV6DISABLED]='--filter-dst-ip fd00::67'

FRAG_REASM_TIMEOUT() {
    in_pod2 sysctl -qw net.ipv4.ipfrag_time=1
    tc qdisc add dev lxc1 clsact
    tc filter add dev lxc1 ingress protocol ip flower ip_flags nofirstfrag action drop
    ping_once -s 2000 10.0.0.67
    wait_for 5 in_pod2 grep -q 'FRAG: inuse 0' /proc/net/sockstat
    tc qdisc del dev lxc1 clsact
    in_pod2 sysctl -qw net.ipv4.ipfrag_time=30
}

DUP_FRAG() {
    in_pod2 sysctl -qw net.ipv4.ipfrag_time=1
    in_pod1 tc qdisc add dev eth0 root netem duplicate 100%
    ping_once -s 2000 10.0.0.67
    in_pod1 tc qdisc del dev eth0 root
    wait_for 5 in_pod2 grep -q 'FRAG: inuse 0' /proc/net/sockstat
    in_pod2 sysctl -qw net.ipv4.ipfrag_time=30
}

# --- routing

IP_RPFILTER() {
    sysctl -qw net.ipv4.conf.lxc1.rp_filter=1
    in_pod1 ip addr add 192.0.2.9/32 dev eth0
    ping_once -I 192.0.2.9 10.0.0.67
    in_pod1 ip addr del 192.0.2.9/32 dev eth0
    sysctl -qw net.ipv4.conf.lxc1.rp_filter=0
}

IP_INNOROUTES() { datagram 198.51.100.7 9; }
DROP_FILTER[IP_INNOROUTES]='--filter-dst-ip 198.51.100.7'

IP_INADDRERRORS() {
    ip route add 10.0.0.99 dev lxc2
    ip neigh replace 10.0.0.99 lladdr 02:00:00:00:02:02 dev lxc2
    in_pod2 sysctl -qw net.ipv4.ip_forward=0
    datagram 10.0.0.99 9
    in_pod2 sysctl -qw net.ipv4.ip_forward=1
    ip neigh del 10.0.0.99 dev lxc2
    ip route del 10.0.0.99
}

NOT_SPECIFIED() {
    ip route add blackhole 10.0.0.99
    datagram 10.0.0.99 9
    ip route del blackhole 10.0.0.99
}

IP_OUTNOROUTES() {
    held tcp dport=80
    in_pod1 bash -c 'exec 3<>/dev/tcp/10.0.0.67/80; ip route del default; echo x >&3
        ip route add default via 10.0.0.1 dev eth0'
    release
}
DROP_FILTER[IP_OUTNOROUTES]='--filter-netns pod1 --filter-skb-expr skb->len==34' # it has no addresses yet

IP_INVALID_SOURCE() { in_pod1 perl "$CRAFT" frame src=224.0.0.9; }

IP_LOCALNET() { in_pod1 perl "$CRAFT" frame src=127.0.0.1; }
IP_INVALID_DEST() { in_pod1 perl "$CRAFT" frame dst=0.0.0.0; }
DROP_FILTER[IP_INVALID_DEST]='--filter-dst-ip 0.0.0.0'

IP_LOCAL_SOURCE() {
    ip addr add 10.0.0.50/32 dev lo
    in_pod1 ip addr add 10.0.0.50/32 dev eth0
    ping_once -I 10.0.0.50 10.0.0.67
    in_pod1 ip addr del 10.0.0.50/32 dev eth0
    ip addr del 10.0.0.50/32 dev lo
}

PKT_TOO_BIG() {
    ip link set lxc2 mtu 1280 # with less it would lose its IPv6 addresses
    ping_once -Mdo -s 1400 10.0.0.67
    ip link set lxc2 mtu 1500
    in_pod1 ip route flush cache
}

# --- rules

NETFILTER_DROP() {
    nft 'add table inet drops; add chain inet drops on_forward { type filter hook forward priority 0; }'
    nft 'add rule inet drops on_forward ip daddr 10.0.0.67 udp dport 9 drop'
    datagram 10.0.0.67 9
    nft 'delete table inet drops'
}

XFRM_POLICY() {
    held udp dport=9
    in_pod2 ip xfrm policy add src 10.0.0.133 dst 10.0.0.67 dir in action block
    datagram 10.0.0.67 9
    in_pod2 ip xfrm policy flush
    release
}

BPF_CGROUP_EGRESS() {
    bpftool prog loadall "$DROPS_BPF" /sys/fs/bpf/drops
    mkdir /sys/fs/cgroup/drops
    bpftool cgroup attach /sys/fs/cgroup/drops egress pinned /sys/fs/bpf/drops/refuses
    in_pod1 bash -c 'echo $$ >/sys/fs/cgroup/drops/cgroup.procs; echo x >/dev/udp/10.0.0.67/9' 2>/dev/null
    rmdir /sys/fs/cgroup/drops
    rm -r /sys/fs/bpf/drops
}

# --- on the way out

NEIGH_FAILED() {
    ip route add 10.0.0.99 dev lxc2
    datagram 10.0.0.99 9
    wait_for 8 eval '[[ $(ip neigh show 10.0.0.99) == *FAILED* ]]'
    ip neigh del 10.0.0.99 dev lxc2
    ip route del 10.0.0.99
}

NEIGH_QUEUEFULL() {
    sysctl -qw net.ipv4.neigh.lxc2.unres_qlen_bytes=1
    ip route add 10.0.0.99 dev lxc2
    datagram 10.0.0.99 9
    datagram 10.0.0.99 9
    ip neigh del 10.0.0.99 dev lxc2
    ip route del 10.0.0.99
    sysctl -qw net.ipv4.neigh.lxc2.unres_qlen_bytes=212992
}

NEIGH_CREATEFAIL() {
    ip route add 10.0.0.99 dev lxc2
    sysctl -qw net.ipv4.neigh.default.gc_thresh3=0
    datagram 10.0.0.99 9
    sysctl -qw net.ipv4.neigh.default.gc_thresh3=1024
    ip route del 10.0.0.99
}

TC_EGRESS() {
    tc qdisc add dev lxc2 clsact
    tc filter add dev lxc2 egress protocol ip flower ip_proto udp dst_port 9 action drop
    datagram 10.0.0.67 9
    tc qdisc del dev lxc2 clsact
}

QDISC_DROP() {
    tc qdisc add dev lxc2 root tbf rate 8kbit burst 1600 limit 3000
    # four of 1442 bytes: one goes, two wait, the last is too many
    ping_once -c4 -i0.002 -s1400 10.0.0.67
    tc qdisc del dev lxc2 root
}

# Of four packets the first is sent, the second waits, the others exceed the limit.
FQ_FLOW_LIMIT() {
    tc qdisc add dev lxc2 root fq maxrate 8kbit flow_limit 1
    ping_once -c4 -i0.002 -s1400 10.0.0.67
    tc qdisc del dev lxc2 root
}

FQ_BAND_LIMIT() {
    tc qdisc add dev lxc2 root fq maxrate 8kbit limit 1
    ping_once -c4 -i0.002 -s1400 10.0.0.67
    tc qdisc del dev lxc2 root
}

DEV_READY() {
    ip tuntap add mode tap name tap0 # and never set up
    held_here tap dev=tap0 write=1
    release
    ip link del tap0
}

FULL_RING() {
    ip tuntap add mode tap name tap0
    held_here tap dev=tap0
    ip link set tap0 up txqueuelen 1
    ip addr add 10.7.7.1/24 dev tap0
    ip neigh replace 10.7.7.2 lladdr 02:00:00:00:07:02 dev tap0
    for _ in 1 2 3; do datagram 10.7.7.2 9; done
    release
    ip link del tap0
}
DROP_FILTER[FULL_RING]='--filter-dst-ip 10.7.7.2'

# --- UDP, ICMP, raw and Unix sockets

NO_SOCKET() { datagram 10.0.0.67 9; }
IP_NOPROTO() { in_pod1 perl "$CRAFT" frame proto=253; }
UDP_CSUM() { in_pod1 perl "$CRAFT" frame sum=bad; }
ICMP_CSUM() { in_pod1 perl "$CRAFT" frame proto=icmp sum=bad; }

INVALID_PROTO() { in_pod1 perl "$CRAFT" frame proto=icmp dst=255.255.255.255; }
DROP_FILTER[INVALID_PROTO]='--filter-dst-ip 255.255.255.255'

SKB_CSUM() {
    held icmp6
    ping_once fd00::67 # so that no neighbour is asked for, and nothing waits
    in_pod1 perl "$CRAFT" frame type=0x86dd proto=icmp6 src=fd00::133 dst=fd00::67 sum=bad
    release
}
DROP_FILTER[SKB_CSUM]='dst host fd00::67 and ip6[44:2] = 1' # without the ping

SOCKET_RCVBUFF() {
    held udp dport=9 rcvbuf=1 # the kernel makes it 2304 bytes
    in_pod1 bash -c 'for text in x x x x x y; do echo $text >/dev/udp/10.0.0.67/9; done'
    release
}
DROP_FILTER[SOCKET_RCVBUFF]='udp[8] = 0x79' # the last

PROTO_MEM() {
    sysctl -qw net.core.rmem_max=8000000 net.ipv4.udp_mem='0 0 0'
    held udp dport=9 also=10 rcvbuf=8000000
    # the kernel counts in steps of a megabyte
    in_pod1 bash -c 'printf "%2000000s" x >/dev/udp/10.0.0.67/9'
    datagram 10.0.0.67 10
    release
    sysctl -qw net.core.rmem_max=212992 net.ipv4.udp_mem="$UDP_MEM"
}
DROP_FILTER[PROTO_MEM]='--filter-dst-ip 10.0.0.67 --filter-dst-port 10'

SOCKET_FILTER() {
    held udp dport=9 filter=1 # the filter takes nothing
    datagram 10.0.0.67 9
    release
}

QUEUE_PURGE() { ping_once -t 1 10.0.0.67; } # ping reads of it in the error queue of its socket alone
DROP_FILTER[QUEUE_PURGE]='--filter-dst-ip 10.0.0.133'

SOCKET_CLOSE() { held unix && release; }
UNIX_DISCONNECT() { held unix disconnect=1 && release; }
UNIX_SKIP_OOB() { held unix urgent=1 data=1 && release; }
for reason in SOCKET_CLOSE UNIX_{DISCONNECT,SKIP_OOB}; do DROP_FILTER[$reason]='--filter-comm perl'; done

# shellcheck source=tests/vm/drops-link.sh
. "${BASH_SOURCE[0]%.sh}-link.sh"
# shellcheck source=tests/vm/drops-tcp.sh
. "${BASH_SOURCE[0]%.sh}-tcp.sh"

# Loaded now, because a trace attaches only to modules that are loaded when it starts.
modprobe -a tun nf_tables cls_flower act_gact sch_ingress sch_tbf sch_netem sch_fq xfrm_user bridge vxlan
for r in IP_INADDRERRORS NOT_SPECIFIED NEIGH_{FAILED,QUEUEFULL,CREATEFAIL}; do DROP_FILTER[$r]='--filter-ip 10.0.0.99'; done

UDP_MEM=$(</proc/sys/net/ipv4/udp_mem)
mapfile -t DROPS < <(sed -n 's/^\([A-Z][A-Z0-9_]*\)() {.*/\1/p' "${BASH_SOURCE[0]%.sh}"{,-link,-tcp}.sh)
# Reasons that 6.12 does not have.
DROPS_NEWER=(IP_{INVALID_SOURCE,INVALID_DEST,LOCAL_SOURCE,LOCALNET} TCP_{INVALID_END_SEQUENCE,RFC7323_PAWS_ACK}
    UNIX_DISCONNECT BRIDGE_INGRESS_STP_STATE MAC_{INVALID_SOURCE,IEEE_MAC_CONTROL})
