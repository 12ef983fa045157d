#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pcap-filter expressions: the programs in the kernel accept the same packets as
# tcpdump; with and without Ethernet header, alone and together with other filters.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

# The kernel probes a neighbour in use again after some seconds: tcpdump might see that
# packet, and a trace that has just ended not. New devices take the host's default, in
# every namespace.
delays=(/proc/sys/net/ipv{4,6}/neigh/default/delay_first_probe_time)
delay=$(cat "${delays[0]}")
tee "${delays[@]}" >/dev/null <<<3600
topo_up host-stack || finish
tee "${delays[@]}" >/dev/null <<<"$delay"
is 'the kernel does not probe neighbours in use' 3600 \
    "$(in_pod1 cat "/proc/sys/net/ipv4/neigh/eth0/delay_first_probe_time")"
in_pod1 sysctl -q -w net.ipv6.conf.eth0.router_solicitations=0
netns1=$(stat -Lc %i /run/netns/pod1)

# forget: forgets the neighbours, so that the kernel does not probe them later
forget() {
    in_pod1 ip neigh flush all
    in_pod2 ip neigh flush all
} 2>/dev/null

# Some packets of each kind.
traffic() {
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c '
        ping -n -c2 -i0.2 -W2 "$1"; ping -n -c1 -W2 -s 500 "$1"; ping -n -c2 -i0.2 -W2 "$2"
        for to in "$1/53" "$1/5353" "$2/53"; do echo x >"/dev/udp/$to"; done
        echo x >"/dev/tcp/$1/80"; echo x >"/dev/tcp/$2/8080"' - "$POD2_V4" "$POD2_V6"
} >"$TMP/traffic" 2>&1

# tcpdump and the trace do not begin and end at the same time, and the kernel may send packets then. So only the packets
# between two marks are compared, which both see.
FIRST=9998 LAST=9999
marked() { in_pod1 bash -c "echo mark >/dev/udp/$POD2_V4/$1"; } # PORT

# between REGEX-BEFORE-PORT REGEX-AFTER-PORT: prints how many lines of standard input are between the marks
between() {
    awk -v first="$1$FIRST$2" -v last="$1$LAST$2" '$0 ~ first { on = 1; n = 0; next }
        $0 ~ last { ended = on; on = 0 }
        on { n++ }
        END { print ended ? n : "unmarked" }'
}

# Expressions for what pod1 sends, with one capture and a trace for each. Packets with hop-by-hop options are left out:
# they are reports of multicast groups, which the kernel sends at any time.
exprs=(
    arp
    'not ip6'
    'icmp[icmptype] = icmp-echo and greater 200'
    "ip6 host $POD2_V6 and (tcp port 8080 or udp)"
    'ip6 protochain 17 or ip protochain 6'
    'ether multicast and not ip6 proto 0'
    'ip[2:2] > 500 or ip6[4:2] < 20'
)
with_marks() { echo "($1) or udp dst portrange $FIRST-$LAST"; }
ip netns exec pod1 tcpdump -n -p -Q out -U --immediate-mode -i eth0 -w "$TMP/pcap" >"$TMP/tcpdump" 2>&1 </dev/null &
capture=$!
names=()
for i in "${!exprs[@]}"; do
    launch "expr$i" "$SKBTRAIL" trace --json --filter-func veth_xmit "$(with_marks "${exprs[i]}")"
    names+=("expr$i")
done
armed "${names[@]}" || finish
wait_for 20 grep -q 'listening on' "$TMP/tcpdump" || not_ok "tcpdump listens"
marked $FIRST
forget
traffic
marked $LAST
end_well "${names[@]}"
kill "$capture"
wait "$capture"
for i in "${!exprs[@]}"; do
    dumped=$(tcpdump -n -r "$TMP/pcap" "$(with_marks "${exprs[i]}")" 2>/dev/null | between '[.]' ': ')
    traced=$(grep "\"func\":\"veth_xmit\".*\"netns\":$netns1," "$TMP/expr$i.out" | between '"dport":' ,)
    is "'${exprs[i]}': as many packets as tcpdump" "$dumped" "$traced"
    [[ $dumped -gt 0 ]] || not_ok "'${exprs[i]}' matches some packets"
done

# Functions above the device layer see no Ethernet header, those below see one. All filters must hold.
functions='ip_output|veth_xmit|ip_rcv'
l3="icmp and src $POD1_V4" l2="ether[12:2] = 0x800 and ip[9] = 1 and src $POD1_V4"
names=(l3 l2 both none)
launch l3 "$SKBTRAIL" trace --json --filter-func "$functions" "$l3"
launch l2 "$SKBTRAIL" trace --json --filter-func "$functions" "$l2"
launch both "$SKBTRAIL" trace --json --filter-func "$functions" --filter-src-ip "$POD2_V4" --filter-proto icmp \
    len '<' 200 and 'icmp[icmptype]' = icmp-echoreply
launch none "$SKBTRAIL" trace --json --filter-func "$functions" --filter-src-ip "$POD2_V4" "src host $POD1_V4"
armed "${names[@]}" || finish
forget
traffic
end_well "${names[@]}"

# events NAME REGEX: prints how many lines of the trace match
events() { grep -cE "$2" "$TMP/$1.out"; }
# at_both NAME: prints the number of events at ip_output in pod1, and at veth_xmit
at_both() { echo "$(events "$1" "\"func\":\"ip_output\".*\"netns\":$netns1,") $(events "$1" '"func":"veth_xmit"')"; }
# There are three requests, and each crosses two veth pairs.
is "'$l3' at ip_output and at veth_xmit" '3 6' "$(at_both l3)"
is "'$l2' at ip_output and at veth_xmit" '0 6' "$(at_both l2)"
is "with --filter-src-ip: replies at veth_xmit" 4 "$(events both '"func":"veth_xmit"')"
is "with --filter-src-ip: nothing else" 0 "$(events both "\"src\":\"($POD1_V4|[^\"]*:[^\"]*)\"")"
is "contradicting --filter-src-ip: nothing" 0 "$(events none '"type":"event"')"

check_status 2 'a syntax error is refused' "$SKBTRAIL" trace tcp and port
has 'a syntax error: the message has the reason of libpcap' "$TMP/err" "^skbtrail: 'tcp and port': .*syntax error$"
check_status 2 'a primitive that does not look at the packet is refused' "$SKBTRAIL" trace inbound
has 'a primitive that does not look at the packet: the message has the reason' "$TMP/err" "^skbtrail: 'inbound': .*not in a packet's bytes"
long='ip[1] = 1'
for ((i = 0; i < 400; i++)); do
    long+=" or ether[$i:4] + ip[$i] = $i"
done
check_status 2 'an expression that is too long is refused' "$SKBTRAIL" trace --filter-func ip_rcv "$long"
has 'an expression that is too long: the message has the reason' "$TMP/err" 'at most [0-9]* fit'
is 'an expression that is too long: the message is one line' 1 "$(wc -l <"$TMP/err")"
finish
