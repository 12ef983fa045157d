# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Recordings and captures that give a check's reasons, for docs/reasons; sourced by
# examples-inside.sh, whose functions it uses.

OUT=/results/reasons
# A ping in full is 3 kB; two are made of the functions that the check reads.
FUNCS='dev_hard_start_xmit|__netif_receive_skb|skb_do_redirect|ip_rcv'
RING_TOO_SMALL=4096

# capture NAME COUNT NETNS TCPDUMP-OPTION…: that many packets into NAME.pcap; NETNS is host or a pod
CAPTURES=()
capture() {
    local enter=()
    [[ $3 == host ]] || enter=(ip netns exec "$3")
    "${enter[@]}" tcpdump -n -p -U --immediate-mode -c "$2" -w "$1.pcap" "${@:4}" 2>"$1.err" </dev/null &
    CAPTURES+=($!)
    until_true "$1: tcpdump listens" grep -q 'listening on' "$1.err"
}

"$TOPO" up redirect-peer
one_ping

# Of another time than the four below: an early end of the capture that matters.
capture dst-host-early 1 host -i lxc2 icmp
one_ping
wait "${CAPTURES[@]}" && CAPTURES=()

begin one-direction --filter-src-ip "$DST"
one_ping
end one-direction "$OUT"

ip netns exec pod2 sysctl -qw net.ipv4.icmp_echo_ignore_all=1
begin no-answer --filter-ip "$DST"
one_ping || true
end no-answer "$OUT"
ip netns exec pod2 sysctl -qw net.ipv4.icmp_echo_ignore_all=0

begin without-redirect --filter-ip "$DST" --filter-func "${FUNCS/skb_do_redirect|/}"
one_ping
end without-redirect "$OUT"

begin without-receive --filter-ip "$DST" --filter-func "${FUNCS/__netif_receive_skb/enqueue_to_backlog}"
one_ping
end without-receive "$OUT"

# Nobody empties the ring while the ping passes.
begin ring-too-small --filter-ip "$DST" --buffer-size "$RING_TOO_SMALL"
kill -STOP "$TRACER"
one_ping
kill -CONT "$TRACER"
end ring-too-small "$OUT"

# Renamed between two pings.
begin renamed --filter-ip "$DST" --filter-func "$FUNCS"
one_ping
ip link set lxc2 name lxc2b
one_ping
end renamed "$OUT"
ip link set lxc2b name lxc2

# The four of the article, and what may be wrong with the one that matters: its filter, or all devices in one.
capture src-pod 4 pod1 -i eth0 icmp
capture src-host 2 host -i lxc1 icmp
capture dst-host 2 host -i lxc2 icmp
capture dst-host-any 4 host -i any -y LINUX_SLL icmp
capture dst-pod 4 pod2 -i eth0 icmp
capture dst-host-typo 1 host -i lxc2 icmp and host 10.0.0.6
one_ping
one_ping
kill -INT "${CAPTURES[-1]}"
wait "${CAPTURES[@]}"
for name in dst-host-early src-pod src-host dst-host dst-host-any dst-pod dst-host-typo; do
    cp "$name.pcap" "$OUT/"
done

# The host's stack forwards, but its route leads off the node.
"$TOPO" up host-stack
one_ping
ip link add elsewhere type dummy
ip link set elsewhere up
ip route replace "$DST" dev elsewhere
ip neigh replace "$DST" lladdr 02:00:00:00:00:01 dev elsewhere
begin wrong-route --filter-ip "$DST"
one_ping || true
end wrong-route "$OUT"
