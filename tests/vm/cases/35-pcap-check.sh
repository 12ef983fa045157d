#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node --pcap: captures of all devices of a namespace give the live verdict,
# too; captures that prove nothing, or are swapped, are INCONCLUSIVE.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

points=(src-pod src-host dst-host dst-pod)
declare -A device=([src-pod]=eth0 [src-host]=lxc1 [dst-host]=lxc2 [dst-pod]=eth0)
declare -A pod=([src-pod]=pod1 [src-host]='' [dst-host]='' [dst-pod]=pod2)

hash tcpdump dumpcap
captures=()

# start NAME IFNAME [POD]: starts tcpdump, which writes $TMP/NAME.pcap
start() {
    local enter=()
    captures+=("$1")
    : >"$TMP/$1.err"
    # Without a shell in between, so that end_all kills tcpdump.
    [[ -z ${3-} ]] || enter=(busybox nsenter --net="/run/netns/$3")
    "${enter[@]}" "${BASH_CMDS[tcpdump]}" -n -p -U --immediate-mode -i "$2" -w "$TMP/$1.pcap" \
        'icmp or icmp6 or udp port 9' 2>"$TMP/$1.err" </dev/null &
}

# start_all [any]: starts the four captures, and with "any" one of all devices in each namespace; waits until all listen
start_all() {
    local point name
    captures=()
    for point in "${points[@]}"; do
        start "$point" "${device[$point]}" "${pod[$point]}"
    done
    if [[ ${1-} == any ]]; then
        start any-pod1 any pod1
        start any-host any
        start any-pod2 any pod2
    fi
    for name in "${captures[@]}"; do
        wait_for 20 grep -q 'listening on' "$TMP/$name.err" ||
            not_ok "$topology: tcpdump listens at $name" "$(cat "$TMP/$name.err")"
    done
}

# end_all: sends a marker and waits until each capture has it: then it also has all earlier packets
end_all() {
    local name
    in_pod1 bash -c 'echo marker >/dev/udp/ff02::1%eth0/9'
    in_pod2 bash -c 'echo marker >/dev/udp/ff02::1%eth0/9'
    for name in "${captures[@]}"; do
        wait_for 20 marked "$name" || not_ok "$topology: the marker arrives at $name"
    done
    # shellcheck disable=SC2046 # a list of numbers
    kill $(jobs -p)
    wait
}
# shellcheck disable=SC2317 # wait_for calls it
marked() { grep -q marker "$TMP/$1.pcap"; }

# pcap_check SRC DST [OPTION…]: checks the four captures in $files
files=()
# shellcheck disable=SC2317 # check_status calls it
pcap_check() {
    "$SKBTRAIL" check same-node --src-ip "$1" --dst-ip "$2" "${@:3}" "${files[@]}"
}
the_four() {
    local point
    files=()
    for point in "${points[@]}"; do
        files+=(--pcap "$point=$TMP/$point.pcap")
    done
}

# Captures of all devices of a namespace, for the three pings of a live check. The two host captures are copies.
# 10-check-verdicts has captures of one device each.
for topology in redirect-peer netkit; do
    topo_up "$topology" || continue
    start_all any
    live=0
    "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping=3 >"$TMP/live" 2>&1 </dev/null || live=$?
    end_all
    cp "$TMP/any-host.pcap" "$TMP/any-host2.pcap"
    files=(--pcap "src-pod=$TMP/any-pod1.pcap" --pcap "src-host=$TMP/any-host.pcap"
        --pcap "dst-host=$TMP/any-host2.pcap" --pcap "dst-pod=$TMP/any-pod2.pcap")
    check_status "$live" "$topology: captures of all devices" pcap_check "$POD1_V4" "$POD2_V4"
    has "$topology: captures of all devices name the addresses" "$TMP/out" "^same-node $POD1_V4 -> $POD2_V4 \("
    [[ $topology == netkit ]] || continue
    the_four
    check_status 1 'netkit: fails by default' pcap_check "$POD1_V4" "$POD2_V4"
    has 'netkit: the reason' "$TMP/out" '^netkit-datapath:'
    check 'netkit: --expect netkit passes' pcap_check "$POD1_V4" "$POD2_V4" --expect netkit
done

# swapped POINT POINT: gives the captures of these two points for each other
swapped() {
    local i
    the_four
    for i in 1 3 5 7; do
        case ${files[i]} in
        "$1="*) files[i]=$1=$TMP/$2.pcap ;;
        "$2="*) files[i]=$2=$TMP/$1.pcap ;;
        esac
    done
}

# A user confuses two files.
for topology in redirect-peer netkit host-stack; do
    topo_up "$topology" || continue
    start_all
    in_pod1 ping -n -c3 -i0.2 "$POD2_V4" >/dev/null 2>&1
    end_all
    for i in 0 1 2; do
        for ((j = i + 1; j < 4; j++)); do
            swapped "${points[i]}" "${points[j]}"
            check_status 3 "$topology: ${points[i]} and ${points[j]} swapped" pcap_check "$POD1_V4" "$POD2_V4"
            has "$topology: ${points[i]} and ${points[j]} swapped: the reason" "$TMP/out" '^captures-contradict:'
        done
    done
done

# filtered FILTER FILTER: captures three pings by dumpcap, which writes pcapng files that tell the filter; those at src-host
# and at dst-host
filtered() {
    local point enter
    local -A filter=([src-pod]=icmp [src-host]=$1 [dst-host]=$2 [dst-pod]=icmp)
    for point in "${points[@]}"; do
        enter=()
        [[ -z ${pod[$point]} ]] || enter=(busybox nsenter --net="/run/netns/${pod[$point]}")
        : >"$TMP/$point.err"
        rm -f "$TMP/$point.pcap" # of another user: dumpcap gives up the privilege to write it
        "${enter[@]}" "${BASH_CMDS[dumpcap]}" -q -i "${device[$point]}" -f "${filter[$point]}" -w "$TMP/$point.pcap" \
            2>"$TMP/$point.err" </dev/null &
    done
    for point in "${points[@]}"; do
        wait_for 20 grep -q '^File: ' "$TMP/$point.err" || not_ok "dumpcap listens at $point" "$(cat "$TMP/$point.err")"
    done
    in_pod1 ping -n -c3 -i0.5 "$POD2_V4" >/dev/null 2>&1
    pause 2 # dumpcap reads in blocks
    # shellcheck disable=SC2046 # a list of numbers
    kill -INT $(jobs -p)
    wait
    the_four
}
if topo_up host-stack; then
    filtered "icmp and src $POD1_V4" "icmp and src $POD2_V4"
    check_status 3 'a filter of one direction' pcap_check "$POD1_V4" "$POD2_V4"
    has 'a filter of one direction is quoted' "$TMP/out" "^capture-filtered: .*src-host .*'icmp and src $POD1_V4', which leaves out"
fi
if topo_up redirect-peer; then
    filtered icmp 'host 10.0.0.67'
    check 'a filter that takes the flow' pcap_check "$POD1_V4" "$POD2_V4"
    lacks 'nothing is said of it' "$TMP/out" '^capture-filtered'
fi

# echoes_only: drops all but the echoes from the four captures: neighbours and markers show when a capture was running, too
echoes_only() {
    local point
    for point in "${points[@]}"; do
        tcpdump -n -r "$TMP/$point.pcap" -w "$TMP/echoes" icmp 2>/dev/null
        mv "$TMP/echoes" "$TMP/$point.pcap"
    done
}

# Other files, on redirect-peer, and without root.
topology=redirect-peer
if topo_up redirect-peer; then
    start_all
    in_pod1 ping -n -c1 "$POD2_V4" >/dev/null 2>&1
    end_all
    echoes_only
    the_four
    check_status 3 'one ping alone is between no others' pcap_check "$POD1_V4" "$POD2_V4"
    has 'one ping alone: the reason' "$TMP/out" '^captures-do-not-overlap: request: 1 of 1'
    start_all
    in_pod1 ping -n -c3 -i0.2 "$POD2_V4" >/dev/null 2>&1
    end_all
    echoes_only
    the_four
    check 'three pings are enough' pcap_check "$POD1_V4" "$POD2_V4"
    has 'what was left out is said' "$TMP/out" '^note: +request: 1 packet is left out'
    has 'no mechanism is named' "$TMP/out" '^request: +unknown$'
    has 'what captures leave open is said' "$TMP/out" '^note: +captures show where packets were, not what carried them'
    has 'a capture cannot prove that nothing was lost' "$TMP/out" 'not provable'
    chmod -R a+rX "$TMP"
    check 'no privileges are needed' setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" "${files[@]}"
    check_status 3 'a flow that is not there' pcap_check "$POD1_V4" 10.0.0.68
    has 'a flow that is not there: the reason' "$TMP/out" '^no-traffic:'

    tcpdump -n -r "$TMP/dst-host.pcap" -w "$TMP/empty.pcap" 'tcp' 2>/dev/null
    files[5]=dst-host=$TMP/empty.pcap
    check_status 3 'an empty capture proves nothing' pcap_check "$POD1_V4" "$POD2_V4"
    has 'an empty capture proves nothing: the reason' "$TMP/out" '^no-positive-control:'

    head -c $(($(stat -c %s "$TMP/dst-host.pcap") - 3)) "$TMP/dst-host.pcap" >"$TMP/cut.pcap"
    files[5]=dst-host=$TMP/cut.pcap
    check_status 2 'a truncated capture' pcap_check "$POD1_V4" "$POD2_V4"
    has 'a truncated capture: the message names file and packet' "$TMP/err" 'cut.pcap: packet [0-9]+: '

    files[5]=dst-host=$TMP/src-host.pcap
    check_status 2 'one file for two points' pcap_check "$POD1_V4" "$POD2_V4"
    files[5]=dst-host=$TMP/none.pcap
    check_status 2 'no such file' pcap_check "$POD1_V4" "$POD2_V4"
    files=("${files[@]:0:6}")
    check_status 2 'a point is missing' pcap_check "$POD1_V4" "$POD2_V4"
    has 'a point is missing: the message names it' "$TMP/err" 'dst-pod'

    # The veth that must be skipped is captured at another time.
    start_all
    in_pod1 ping -n -c3 -i0.2 "$POD2_V4" >/dev/null 2>&1
    end_all
    mv "$TMP/dst-host.pcap" "$TMP/early.pcap"
    pause 2 # captures may lie CAPTURE_SLACK_NS apart (src/check/captures.h)
    start_all
    in_pod1 ping -n -c3 -i0.2 "$POD2_V4" >/dev/null 2>&1
    end_all
    the_four
    files[5]=dst-host=$TMP/early.pcap
    check_status 3 'a capture of another time' pcap_check "$POD1_V4" "$POD2_V4"
    has 'a capture of another time: the reason' "$TMP/out" '^captures-do-not-overlap:'
fi
finish
