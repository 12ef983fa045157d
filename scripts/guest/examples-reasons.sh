# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Makes the recordings and captures for docs/reasons, one for each reason of a check.
# Sourced by examples.sh in this directory, whose functions it uses.

OUT=/results/reasons
# A ping with all functions takes 3 kB. These are the functions that the check reads, for recordings of two pings.
FUNCS='dev_hard_start_xmit|__netif_receive_skb|skb_do_redirect|ip_rcv'
RING_TOO_SMALL=4096

# capture NAME COUNT NETNS TCPDUMP-OPTION…: captures COUNT packets into NAME.pcap; NETNS is host or a pod
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

# Ends before the four captures below begin.
capture dst-host-early 1 host -i lxc2 icmp
one_ping
wait "${CAPTURES[@]}" && CAPTURES=()

begin one-direction --filter-src-ip "$DST"
one_ping
end one-direction "$OUT"

# For rules that lean on an absence.
begin followed --filter-ip "$DST" --filter-track-skb
one_ping
end followed "$OUT"

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

# A device is renamed between two pings.
begin renamed --filter-ip "$DST" --filter-func "$FUNCS"
one_ping
ip link set lxc2 name lxc2b
one_ping
end renamed "$OUT"
ip link set lxc2b name lxc2

# The four captures for check same-node --pcap, and two wrong ones at dst-host: with a mistyped filter, and of all devices.
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

# The host's stack forwards the packet, but the route leads off the node.
"$TOPO" up host-stack
one_ping
ip link add elsewhere type dummy
ip link set elsewhere up
ip route replace "$DST" dev elsewhere
ip neigh replace "$DST" lladdr 02:00:00:00:00:01 dev elsewhere
begin wrong-route --filter-ip "$DST"
one_ping || true
end wrong-route "$OUT"
