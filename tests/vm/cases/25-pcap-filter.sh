#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pcap-filter expressions: what the programs in the kernel let through is what
# tcpdump lets through of the same packets; with and without Ethernet header, alone
# and together with other filters.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"

# A neighbour in use is asked for again after some seconds, by either side of a veth: a
# packet that tcpdump may see and a trace that has just ended not. Devices take the
# default of the host when they are made, in every namespace.
delays=(/proc/sys/net/ipv{4,6}/neigh/default/delay_first_probe_time)
delay=$(cat "${delays[0]}")
tee "${delays[@]}" >/dev/null <<<3600
topo_up host-stack || finish
tee "${delays[@]}" >/dev/null <<<"$delay"
is 'neighbours in use are left alone' 3600 \
    "$(in_pod1 cat "/proc/sys/net/ipv4/neigh/eth0/delay_first_probe_time")"
in_pod1 sysctl -q -w net.ipv6.conf.eth0.router_solicitations=0
netns1=$(stat -Lc %i /run/netns/pod1)

# forget: the neighbours, so that none is probed at a time of the kernel's choosing
forget() {
    in_pod1 ip neigh flush all
    in_pod2 ip neigh flush all
} 2>/dev/null

# arm FUNCTIONS ARGUMENT…: traces in the background into $TMP/events; 0 once armed
arm() {
    rm -f "$TMP/ready"
    "$SKBTRAIL" trace --json --ready-file "$TMP/ready" --filter-func "$@" \
        >"$TMP/events" 2>"$TMP/events.err" </dev/null &
    tracer=$!
    wait_for 90 test -e "$TMP/ready" && return 0
    not_ok "armed: $*" "$(cat "$TMP/events.err")"
    kill -KILL "$tracer"
    return 1
}
disarm() {
    kill -INT "$tracer"
    wait "$tracer"
}

# events REGEX: how many lines of the trace match
events() { grep -cE "$1" "$TMP/events"; }

# A little of everything that two pods say to each other.
traffic() {
    in_pod1 ping -n -c2 -i0.2 -W2 "$POD2_V4"
    in_pod1 ping -n -c1 -W2 -s 500 "$POD2_V4"
    in_pod1 ping -n -c2 -i0.2 -W2 "$POD2_V6"
    in_pod1 bash -c "echo x >/dev/udp/$POD2_V4/53; echo y >/dev/udp/$POD2_V4/5353; echo z >/dev/udp/$POD2_V6/53"
    in_pod1 bash -c "echo x >/dev/tcp/$POD2_V4/80; echo x >/dev/tcp/$POD2_V6/8080"
} >"$TMP/traffic" 2>&1

# What the kernel sends when it likes, and one of two observers that do not begin and end together sees, is left out:
# only what is between two packets that both see is compared.
FIRST=9998 LAST=9999
marked() { in_pod1 bash -c "echo mark >/dev/udp/$POD2_V4/$1"; } # PORT

# between REGEX-BEFORE-PORT REGEX-AFTER-PORT: how many of the lines on standard input
between() {
    awk -v first="$1$FIRST$2" -v last="$1$LAST$2" '$0 ~ first { on = 1; n = 0; next }
        $0 ~ last { ended = on; on = 0 }
        on { n++ }
        END { print ended ? n : "unmarked" }'
}

# agrees EXPRESSION: on what pod1 sends
agrees() {
    local capture expr="($1) or udp dst portrange $FIRST-$LAST" dumped traced
    ip netns exec pod1 tcpdump -n -p -Q out -U --immediate-mode -i eth0 -w "$TMP/pcap" >"$TMP/tcpdump" 2>&1 </dev/null &
    capture=$!
    wait_for 20 grep -q 'listening on' "$TMP/tcpdump"
    if arm veth_xmit "$expr"; then
        marked $FIRST
        forget
        traffic
        marked $LAST
        disarm
        kill "$capture"
        wait "$capture"
        dumped=$(tcpdump -n -r "$TMP/pcap" "$expr" 2>/dev/null | between '[.]' ': ')
        traced=$(grep "\"func\":\"veth_xmit\".*\"netns\":$netns1," "$TMP/events" | between '"dport":' ,)
        is "'$1': as many packets as for tcpdump" "$dumped" "$traced"
        [[ $dumped -gt 0 ]] || not_ok "'$1' is seen to match"
    fi
}
# Hop-by-hop options in front are left out: reports of multicast groups, sent when they like.
for expr in \
    arp \
    'not ip6' \
    'icmp[icmptype] = icmp-echo and greater 200' \
    "ip6 host $POD2_V6 and (tcp port 8080 or udp)" \
    'ip6 protochain 17 or ip protochain 6' \
    'ether multicast and not ip6 proto 0' \
    'ip[2:2] > 500 or ip6[4:2] < 20'; do
    agrees "$expr"
done

# Functions above the device layer see no Ethernet header, others below do.
functions='ip_output|veth_xmit|ip_rcv'
for expr in "icmp and src $POD1_V4" "ether[12:2] = 0x800 and ip[9] = 1 and src $POD1_V4"; do
    forget
    arm "$functions" "$expr" || continue
    traffic
    disarm
    # three requests, each of which crosses two veth pairs
    wanted="3 6"
    [[ $expr != ether* ]] || wanted="0 6"
    above=$(events "\"func\":\"ip_output\".*\"netns\":$netns1,")
    below=$(events '"func":"veth_xmit"')
    is "'$expr' at ip_output and at veth_xmit" "$wanted" "$above $below"
done

# All that is given has to hold.
arm "$functions" --filter-src-ip "$POD2_V4" --filter-proto icmp len '<' 200 and 'icmp[icmptype]' = icmp-echoreply
traffic
disarm
is "with --filter-src-ip: replies at veth_xmit" 4 "$(events '"func":"veth_xmit"')"
is "with --filter-src-ip: nothing else" 0 "$(events "\"src\":\"($POD1_V4|[^\"]*:[^\"]*)\"")"
arm "$functions" --filter-src-ip "$POD2_V4" "src host $POD1_V4"
traffic
disarm
is "contradicting --filter-src-ip: nothing" 0 "$(events '"type":"event"')"

check_status 2 'a syntax error is refused' "$SKBTRAIL" trace tcp and port
has 'and named, with what libpcap says' "$TMP/err" "^skbtrail: 'tcp and port': .*syntax error$"
check_status 2 'what no packet says is refused' "$SKBTRAIL" trace inbound
has 'with the reason' "$TMP/err" "^skbtrail: 'inbound': .*not in a packet's bytes"
long='ip[1] = 1'
for ((i = 0; i < 400; i++)); do
    long+=" or ether[$i:4] + ip[$i] = $i"
done
check_status 2 'what is too long is refused' "$SKBTRAIL" trace --filter-func ip_rcv "$long"
has 'with the reason' "$TMP/err" 'there is room for'
is 'in one line' 1 "$(wc -l <"$TMP/err")"
finish
