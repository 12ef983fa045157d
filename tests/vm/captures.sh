# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# tcpdump at the four capture points of a same-node flow: both pods and both host-side
# veths. Has what each topology shows there, and functions that begin and end captures
# without missing a packet. Sourced after case.sh.

# All digits and counts below are in this order.
POINTS=(pod1 lxc1 lxc2 pod2)
# topology → request at the four points, reply at the four points; 1 means seen
declare -A SEEN=(
    [redirect-peer]='1101 1011'
    [redirect-peer-tcx]='1101 1011'
    [redirect-peer-tail]='1101 1011'
    [redirect]='1111 1111'
    [host-stack]='1111 1111'
    [bridge]='1111 1111'
    [request-only]='1101 1111'
    [reply-only]='1111 1011'
    [netkit]='1011 1101'
    [policy-drop]='1100 0000'
)
export POINTS SEEN

CAPTURE_FILTER='icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)) or udp port 9'
CAPTURES=()

# begin_captures: starts tcpdump at the four points and waits until all listen. Leaves
# $TMP/POINT.pcap and, as text, $TMP/POINT.txt.
begin_captures() {
    local point
    for point in "${POINTS[@]}"; do
        capture_at "$point"
    done
    for point in "${POINTS[@]}"; do
        wait_for 20 grep -q 'listening on' "$TMP/$point.err" ||
            not_ok "tcpdump listens at $point" "$(cat "$TMP/$point.err")"
    done
}

capture_at() { # POINT
    local enter=() ifname=$1
    case $1 in
    pod*) enter=(busybox nsenter --net="/run/netns/$1") ifname=eth0 ;;
    esac
    : >"$TMP/$1.err"
    hash tcpdump
    # Without a shell in between, so that end_captures kills tcpdump. Short snapshots make room for more packets in
    # tcpdump's ring.
    "${enter[@]}" "${BASH_CMDS[tcpdump]}" -n -p -l -U -s 256 --immediate-mode -i "$ifname" -w "$TMP/$1.pcap" --print \
        "$CAPTURE_FILTER" >"$TMP/$1.txt" 2>"$TMP/$1.err" </dev/null &
    CAPTURES+=($!)
}

# end_captures: sends a marker and waits until each capture has it: then it also has all earlier packets.
end_captures() {
    local point
    in_pod1 bash -c 'echo marker >/dev/udp/ff02::1%eth0/9'
    in_pod2 bash -c 'echo marker >/dev/udp/ff02::1%eth0/9'
    for point in "${POINTS[@]}"; do
        wait_for 20 grep -q 'ff02::1' "$TMP/$point.txt" ||
            not_ok "the marker arrives at $point" "$(cat "$TMP/$point.txt")"
    done
    kill "${CAPTURES[@]}"
    wait "${CAPTURES[@]}"
    CAPTURES=()
}

# counts_of FAMILY LEG: prints how many echoes tcpdump saw at the four points: "3,3,0,3";
# FAMILY is ICMP or ICMP6, LEG is request or reply
counts_of() {
    local point counts=() echo=$1' echo '$2
    [[ $1 != ICMP6 ]] || echo="ICMP6, echo $2"
    for point in "${POINTS[@]}"; do
        counts+=("$(grep -c -- "$echo" "$TMP/$point.txt")")
    done
    local IFS=,
    echo "${counts[*]}"
}

# times N DIGITS: prints the expected counts for N echoes: times 3 1101 → "3,3,0,3"
times() {
    local i counts=()
    for ((i = 0; i < ${#2}; i++)); do
        counts+=($(($1 * ${2:i:1})))
    done
    local IFS=,
    echo "${counts[*]}"
}
