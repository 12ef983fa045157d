#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Who dropped it: `why` names the rule, route, setting, queue or program that decided. Beside each owner stands a
# neighbour that looks alike and must not be named. One trace sees all of them; a packet is known by its port.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

CRAFT=tests/vm/craft.pl
datagram() { in_pod1 bash -c 'echo x >"/dev/udp/$1/$2"' - "$1" "$2" 2>/dev/null; } # ADDRESS PORT: from pod1

# owners PORT: kind and text of the owners of the drops of packets to this port, one drop a line
owners() {
    jq -r "select(.type == \"why\" and .tuple.dport == $1) | [.owners[] | \"\\(.kind): \\(.text)\"] | join(\" | \")" \
        "$TMP/why.out" | sort -u
}
seen() { grep -q "\"dport\":$1[,}]" "$TMP/why.out"; }

# named WHAT PORT OWNER: exactly this owner was named for the drop; the rule or setting must still be there
named() {
    wait_for 20 seen "$2" || diag_file "$TMP/why.err"
    is "$1" "$3" "$(owners "$2")"
}

topo_up host-stack || finish
modprobe -a ip_tables ip6_tables iptable_filter ip6table_filter 2>/dev/null
LEGACY=0
if in_pod1 iptables-legacy -A OUTPUT -p udp --dport 7050 -j DROP 2>/dev/null; then
    LEGACY=1
    check "rules of the older iptables" in_pod1 sh -ec "
        iptables-legacy -A OUTPUT -p udp --dport 7051 -j DROP
        iptables-legacy -N ports
        iptables-legacy -A OUTPUT -d 10.0.0.0/24 -j ports
        iptables-legacy -A ports -p tcp --dport 7052 -j DROP
        iptables-legacy -A ports -o eth0 -p udp -m udp --dport 7052:7053 -m comment --comment x -j REJECT"
    check "a policy of the older iptables" in_pod2 sh -ec "
        iptables-legacy -A INPUT -p udp --dport 7000:7049 -j ACCEPT
        iptables-legacy -A INPUT -p tcp --dport 7080 -j ACCEPT
        iptables-legacy -P INPUT DROP"
fi
modprobe -a nf_tables nft_reject_inet nf_conntrack 2>/dev/null
sysctl -qw net.ipv4.conf.all.rp_filter=0
nft -f - <<'RULES'
table inet why {
    set bad { type ipv4_addr; elements = { 10.0.0.133 } }
    chain on_fwd {
        type filter hook forward priority 0; policy accept;
        udp dport 7001 drop
        udp dport { 7002, 7009 } drop
        ip saddr @bad udp dport 7003 jump sub
        ip saddr 10.0.0.99 udp dport 7003 drop
        meta l4proto udp ip daddr 10.0.0.0/24 udp dport { 7004, 7005 } counter reject
        iifname "lxc2" udp dport 7006 drop
        iifname "lxc1" oifname "lxc2" udp dport 7006 drop
        ct state new udp dport 7008 drop
    }
    chain sub {
        udp dport 7004 drop
        udp dport 7003 drop
    }
}
RULES
in_pod2 nft -f - <<'RULES'
table ip strict {
    chain in {
        type filter hook input priority 0; policy drop;
        ip saddr 10.0.0.133 udp dport 7010-7019 accept
        tcp dport 7007 drop
        tcp dport 7080 accept
        udp dport != 7007 accept
    }
}
RULES
launch why "$SKBTRAIL" why --json --filter-src-ip 10.0.0.0/24
armed why || finish

launch path "$SKBTRAIL" trace --path --filter-dst-port 7001 \
    --filter-func 'ip_rcv(_core)?|ip_forward|nf_hook_slow|nft_do_chain|kfree_skbmem|__kfree_skb'
armed path || finish
datagram "$POD2_V4" 7001
ended_path() { grep -q DROPPED "$TMP/path.out"; }
wait_for 20 ended_path
end_well path
has "--path: the owner below the drop" "$TMP/path.out" \
    '^    by: nft rule inet why on_fwd handle 4: udp dport 7001 drop$'
refused=$("$SKBTRAIL" why -- 2>&1)
is "why --: no command" '2 skbtrail: --: which command? it is missing' "$? $refused"
named "nft rule: of two alike, the one with the port" 7001 \
    'nft_rule: nft rule inet why on_fwd handle 4: udp dport 7001 drop'
datagram "$POD2_V4" 7003
named "nft rule: in a chain that is jumped to, by a set" 7003 \
    'nft_rule: nft rule inet why sub handle 15: udp dport 7003 drop'
datagram "$POD2_V4" 7005
named "nft rule: of a prefix and a set of ports, with reject" 7005 \
    'nft_rule: nft rule inet why on_fwd handle 10: meta l4proto udp ip daddr 10.0.0.0/24 udp dport { 7004, 7005 } counter reject'
datagram "$POD2_V4" 7006
named "nft rule: by both devices" 7006 \
    'nft_rule: nft rule inet why on_fwd handle 12: iifname "lxc1" oifname "lxc2" udp dport 7006 drop'
datagram "$POD2_V4" 7008
named "nft rule: by the connection's state" 7008 \
    'nft_rule: nft rule inet why on_fwd handle 13: ct state new udp dport 7008 drop'
datagram "$POD2_V4" 7007
named "nft policy: not the rule before it" 7007 'nft_policy: policy drop of nft chain ip strict in'
datagram "$POD2_V4" 7010
named "no socket" 7010 "no_socket: nothing listens on udp $POD2_V4:7010"

# a connection that answered is not thrown out for a new one
in_pod2 build/tests/vm/talk serve tcp "$POD2_V4" 7080 >"$TMP/served" &
wait_for 10 grep -q up "$TMP/served"
in_pod1 build/tests/vm/talk ask tcp "$POD2_V4" 7080 >"$TMP/asked"
sysctl -qw net.netfilter.nf_conntrack_max=1
datagram "$POD2_V4" 7009
wait_for 20 seen 7009
owners 7009 >"$TMP/full"
has "conntrack's table, not the rule for this port" "$TMP/full" \
    '^conntrack_table: conntrack table full: [0-9]+ of nf_conntrack_max 1$'
sysctl -qw net.netfilter.nf_conntrack_max=65536

ip route add blackhole 10.0.0.96/29
ip route add blackhole 10.0.0.0/25
datagram 10.0.0.99 7020
named "route: the longest prefix, not the shorter one" 7020 'route: route blackhole 10.0.0.96/29 table main'
ip route replace prohibit 10.0.0.98
datagram 10.0.0.98 7021
named "route: prohibit" 7021 'route: route prohibit 10.0.0.98 table main'
ip rule add pref 90 to 10.0.0.97 iif lxc2 blackhole
ip rule add pref 100 to 10.0.0.97 iif lxc1 unreachable
datagram 10.0.0.97 7022
named "ip rule: of two alike, the one with the device" 7022 \
    'ip_rule: ip rule 100: from all to 10.0.0.97 iif lxc1 unreachable'
ip route del blackhole 10.0.0.0/25
datagram 198.51.100.7 7023
named "no route" 7023 'no_route: no route to 198.51.100.7 in the tables that ip rule names'
sysctl -qw net.ipv4.conf.lxc1.forwarding=0
datagram 10.0.0.99 7024
named "forwarding of the device, not the blackhole route" 7024 'sysctl: net.ipv4.conf.lxc1.forwarding is 0'
sysctl -qw net.ipv4.conf.lxc1.forwarding=1

sysctl -qw net.ipv4.conf.lxc1.rp_filter=1 net.ipv4.conf.lxc2.rp_filter=1
in_pod1 perl "$CRAFT" frame src=10.0.0.99 dport=7030
named "rp_filter" 7030 'sysctl: net.ipv4.conf.lxc1.rp_filter is 1: the route back to the source is missing'
in_pod1 perl "$CRAFT" frame src=10.0.0.67 dport=7031 dst=10.0.0.1
named "rp_filter: where the route leads" 7031 \
    'sysctl: net.ipv4.conf.lxc1.rp_filter is 1: the route back to the source leads to lxc2'
sysctl -qw net.ipv4.conf.lxc1.rp_filter=0 net.ipv4.conf.lxc2.rp_filter=0
ip addr add 10.0.0.50/32 dev lo
in_pod1 perl "$CRAFT" frame src=10.0.0.50 dport=7032
named "accept_local" 7032 \
    'sysctl: net.ipv4.conf.lxc1.accept_local is 0: the source is an address of this namespace'
in_pod1 perl "$CRAFT" frame dst=127.0.0.1 dport=7033
named "route_localnet" 7033 'sysctl: net.ipv4.conf.lxc1.route_localnet is 0: 127.0.0.0/8 is for this host only'

in_pod1 sysctl -qw net.ipv4.ip_default_ttl=1
datagram "$POD2_V4" 7034
named "TTL" 7034 'ttl: its TTL of 1 ran out here'
in_pod1 sysctl -qw net.ipv4.ip_default_ttl=64

tc qdisc add dev lxc2 root handle 5: netem loss 100%
tc qdisc add dev lxc1 root handle 6: netem loss 100%
datagram "$POD2_V4" 7040
named "qdisc: of the right device" 7040 'qdisc: qdisc netem 0x5: of lxc2, limit 1000 packets, loss 100.0 %'
tc qdisc del dev lxc1 root
tc qdisc replace dev lxc2 root handle 7: tbf rate 8kbit burst 1600 limit 3000
# shellcheck disable=SC2016 # expanded inside
in_pod1 bash -c 'for _ in 1 2 3 4; do printf %01400d 0 >"/dev/udp/$1/7041"; done' - "$POD2_V4"
queued() { owners 7041 | grep '^qdisc'; }
wait_for 20 queued
is "qdisc: tbf that is full" 'qdisc: qdisc tbf 0x7: of lxc2, limit 3000 bytes' "$(queued)"
tc qdisc del dev lxc2 root

WHY_BPF=build/tests/vm/why.bpf.o
bpftool prog loadall "$WHY_BPF" /sys/fs/bpf/why
tc qdisc add dev lxc1 clsact
tc filter add dev lxc1 ingress pref 1 bpf da pinned /sys/fs/bpf/why/passes
tc filter add dev lxc1 ingress pref 2 bpf da pinned /sys/fs/bpf/why/drops
# a trace follows a new program after up to a tenth of a second
by_program() { datagram "$POD2_V4" 7060; owners 7060 | grep -q '^bpf_program: tc program drops (id '; }
wait_for 20 by_program
owners 7060 >"$TMP/program"
has "tc program: the one that dropped, not the one before it" "$TMP/program" \
    '^bpf_program: tc program drops \(id [0-9]+\), which returned TC_ACT_SHOT$'
lacks "tc program: not the one that passes" "$TMP/program" passes
tc filter del dev lxc1 ingress
tc filter add dev lxc1 ingress pref 3 protocol ip flower ip_proto udp dst_port 7062 action drop
tc filter add dev lxc1 ingress pref 4 protocol ip flower ip_proto udp dst_port 7063 action drop
tc filter add dev lxc1 egress pref 5 matchall action pass
datagram "$POD2_V4" 7063
named "tc filter: of two alike, the one that counted" 7063 \
    'tc_filter: tc filter flower pref 4 handle 0x1 on ingress of lxc1, action gact drop'
tc qdisc del dev lxc1 clsact
ip link set dev lxc1 xdpgeneric pinned /sys/fs/bpf/why/xdp_drops
by_xdp() { datagram "$POD2_V4" 7061; owners 7061 | grep -q '^bpf_program: XDP'; }
wait_for 20 by_xdp
owners 7061 >"$TMP/program"
has "XDP program" "$TMP/program" '^bpf_program: XDP program xdp_drops \(id [0-9]+\), which returned XDP_DROP$'
ip link set dev lxc1 xdpgeneric off
rm -r /sys/fs/bpf/why

if kernel_at_least 5.17; then # before, the kernel does not say that it was IPsec
    in_pod2 ip xfrm policy add dst 10.0.0.67 proto udp dport 7046 dir in priority 5 action block
    # newer kernels refuse two with the same selector
    in_pod2 ip xfrm policy add src 10.0.0.133 dst 10.0.0.67 proto udp dport 7045 dir in priority 9
    in_pod2 ip xfrm policy add dst 10.0.0.67 proto udp dport 7045 dir in priority 7 action block
    coproc HELD { in_pod2 perl "$CRAFT" hold udp dport=7045; }
    read -r -u "${HELD[0]}"
    datagram "$POD2_V4" 7045
    named "xfrm policy: of three, the first that matches" 7045 \
        'xfrm: xfrm policy dir in action block: src 0.0.0.0/0 dst 10.0.0.67/32 proto udp dport 7045'
    eval "exec ${HELD[1]}>&-"
    in_pod2 ip xfrm policy flush
fi

ip route add 10.0.0.77 dev lxc2
ip route add 10.0.0.78 dev lxc2
in_pod2 ip link set eth0 arp off
ip neigh replace 10.0.0.78 dev lxc2 nud failed
datagram 10.0.0.77 7070
named "neighbour: the one that does not answer" 7070 'neighbour: neighbour 10.0.0.77 on lxc2 does not answer'
in_pod2 ip link set eth0 arp on
in_pod2 ip link set eth0 down
datagram "$POD2_V4" 7071
named "device without a carrier" 7071 'device: device lxc2 has no carrier'
in_pod2 ip link set eth0 up

# shellcheck disable=SC2016 # expanded inside
"$SKBTRAIL" why --buffer-size "$SMALL_RING" --filter-dst-port 7001 -- busybox nsenter --net=/run/netns/pod1 \
    bash -c 'echo says; echo x >/dev/udp/10.0.0.67/7001; exit 3' >"$TMP/command.out" 2>"$TMP/command.err"
is "-- COMMAND: the trace ran" 0 $?
has "-- COMMAND: the drop" "$TMP/command.out" \
    '^10\.0\.0\.133:[0-9]+->10\.0\.0\.67:7001\(udp\), [0-9]+ bytes, dropped in host lxc1: '
has "-- COMMAND: the owner" "$TMP/command.out" '^    by: nft rule inet why on_fwd handle 4: udp dport 7001 drop$'
has "-- COMMAND: what it prints goes to standard error" "$TMP/command.err" '^says$'
has "-- COMMAND: its status" "$TMP/command.err" '^skbtrail: busybox ended with status 3$'

if ((LEGACY)); then
    datagram "$POD2_V4" 7051
    named "iptables rule: of two alike, the one with the port" 7051 \
        'iptables_rule: iptables rule filter OUTPUT 2: -p udp -m udp --dport 7051 -j DROP'
    datagram "$POD2_V4" 7053
    named "iptables rule: in a chain of its own" 7053 \
        'iptables_rule: iptables rule filter ports 2: -o eth0 -p udp -m udp --dport 7052:7053 -m comment -j REJECT'
    in_pod2 nft delete table ip strict
    datagram "$POD2_V4" 7054
    named "iptables policy" 7054 'iptables_policy: policy DROP of iptables chain filter INPUT'
fi

end_well why
# what stays in the host when the pods go
ip rule del pref 90
ip rule del pref 100
ip route del blackhole 10.0.0.96/29
finish
