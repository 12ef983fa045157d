#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node --pcap: captures of all devices say what the live check says, too;
# and what captures cannot say is INCONCLUSIVE.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"

points=(src-pod src-host dst-host dst-pod)
declare -A device=([src-pod]=eth0 [src-host]=lxc1 [dst-host]=lxc2 [dst-pod]=eth0)
declare -A pod=([src-pod]=pod1 [src-host]='' [dst-host]='' [dst-pod]=pod2)

hash tcpdump
captures=()

# start NAME IFNAME [POD]: tcpdump into $TMP/NAME.pcap
start() {
    local enter=()
    captures+=("$1")
    : >"$TMP/$1.err"
    # no shell in between: it is tcpdump that end_all has to end
    [[ -z ${3-} ]] || enter=(busybox nsenter --net="/run/netns/$3")
    "${enter[@]}" "${BASH_CMDS[tcpdump]}" -n -p -U --immediate-mode -i "$2" -w "$TMP/$1.pcap" \
        'icmp or icmp6 or udp port 9' 2>"$TMP/$1.err" </dev/null &
}

# The four, and with "any" one of all devices in each namespace; until all say that they listen.
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

# A capture has all that went before once it has a marker that came after.
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

# pcap_check SRC DST [OPTION…]: of the four files in $files
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

# Captures of all devices of a namespace, where the two host captures are copies of one; of three pings that the live
# check judged (captures of one device each: 10-check-verdicts).
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
    has 'netkit: and says why' "$TMP/out" '^netkit-datapath:'
    check 'netkit: --expect netkit passes' pcap_check "$POD1_V4" "$POD2_V4" --expect netkit
done

# What else the files may be, on redirect-peer, without root's help.
topology=redirect-peer
if topo_up redirect-peer; then
    start_all
    in_pod1 ping -n -c1 "$POD2_V4" >/dev/null 2>&1
    end_all
    the_four
    check 'one ping is enough' pcap_check "$POD1_V4" "$POD2_V4"
    has 'what a capture cannot prove is said' "$TMP/out" 'not provable'
    chmod -R a+rX "$TMP"
    check 'nobody may do it' setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" "${files[@]}"
    check_status 3 'a flow that is not there' pcap_check "$POD1_V4" 10.0.0.68
    has 'no traffic' "$TMP/out" '^no-traffic:'

    tcpdump -n -r "$TMP/dst-host.pcap" -w "$TMP/empty.pcap" 'tcp' 2>/dev/null
    files[5]=dst-host=$TMP/empty.pcap
    check_status 3 'an empty capture proves nothing' pcap_check "$POD1_V4" "$POD2_V4"
    has 'and says so' "$TMP/out" '^no-positive-control:'

    head -c $(($(stat -c %s "$TMP/dst-host.pcap") - 3)) "$TMP/dst-host.pcap" >"$TMP/cut.pcap"
    files[5]=dst-host=$TMP/cut.pcap
    check_status 2 'a truncated capture' pcap_check "$POD1_V4" "$POD2_V4"
    has 'names file and packet' "$TMP/err" 'cut.pcap: packet [0-9]+: '

    files[5]=dst-host=$TMP/src-host.pcap
    check_status 2 'one file for two points' pcap_check "$POD1_V4" "$POD2_V4"
    files[5]=dst-host=$TMP/none.pcap
    check_status 2 'no such file' pcap_check "$POD1_V4" "$POD2_V4"
    files=("${files[@]:0:6}")
    check_status 2 'a point is missing' pcap_check "$POD1_V4" "$POD2_V4"
    has 'which one' "$TMP/err" 'dst-pod'

    # the veth that must be skipped, captured only later
    start_all
    in_pod1 ping -n -c1 "$POD2_V4" >/dev/null 2>&1
    end_all
    mv "$TMP/dst-host.pcap" "$TMP/early.pcap"
    sleep 2.5
    start_all
    in_pod1 ping -n -c1 "$POD2_V4" >/dev/null 2>&1
    end_all
    the_four
    files[5]=dst-host=$TMP/early.pcap
    check_status 3 'a capture of another time' pcap_check "$POD1_V4" "$POD2_V4"
    has 'another time: says so' "$TMP/out" '^captures-do-not-overlap:'
fi
finish
