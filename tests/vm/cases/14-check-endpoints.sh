#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The endpoints of check same-node: pairs without a host side, ambiguous names, what
# changes meanwhile, a watch across a pod's end.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

CHECK=("$SKBTRAIL" check same-node)

# outcome NAME: prints verdict, exit status and reason codes of a check that has ended
outcome() {
    echo "$(jq -r .verdict "$TMP/$1.out") $STATUS $(jq -r '[.reasons[].code] | unique | join(",")' "$TMP/$1.out")"
}

# refused NAME REGEX SRC DST: exit status 2, nothing on standard output, one line on standard error
refused() {
    local status=0
    "${CHECK[@]}" --src-ip "$3" --dst-ip "$4" --ping >"$TMP/refused.out" 2>"$TMP/refused.err" || status=$?
    is "$1: status, lines" '2 0 1' "$status $(wc -l <"$TMP/refused.out") $(wc -l <"$TMP/refused.err")"
    has "$1: the message" "$TMP/refused.err" "^skbtrail: $2\$"
}

without_a_host_side() {
    ip link add p2p1 netns pod1 type veth peer name p2p2 netns pod2
    ip -n pod1 addr add 10.9.0.1/24 dev p2p1
    ip -n pod2 addr add 10.9.0.2/24 dev p2p2
    refused "one pair between two pods" 'p2p2 of 10\.9\.0\.2 and p2p1 of 10\.9\.0\.1 are the two ends of one veth pair, .*' \
        10.9.0.1 10.9.0.2
    ip -n pod1 link del p2p1
    ip addr add 10.9.0.3/32 dev lxc1
    refused "an address of the host" "10\\.9\\.0\\.3 is an address on lxc1 .* so it is the host's and has no host side; .*" \
        10.9.0.3 "$POD2_V4"
    refused "an address of the host, the other way" "10\\.9\\.0\\.3 is an address on lxc1 .*" "$POD2_V4" 10.9.0.3
    refused "both ends of one pair" 'eth0 of .* and lxc1 of 10\.9\.0\.3 are the two ends of one veth pair, .*' \
        10.9.0.3 "$POD1_V4"
    ip addr del 10.9.0.3/32 dev lxc1
    ip -n pod1 link add link eth0 name eth0.5 type vlan id 5
    ip -n pod1 addr add 10.9.0.4/32 dev eth0.5
    refused "a VLAN device" 'eth0\.5 of 10\.9\.0\.4 \(kind vlan\) is not one end of a veth or netkit pair, .*' \
        10.9.0.4 "$POD2_V4"
    ip -n pod1 link del eth0.5
    refused "one pod" '.* are in the same namespace: there is no veth between them' "$POD1_V4" "$POD1_V4"
}

cni_pod() { # FILE POD NAMESPACE NETNS ADDRESS
    echo "{\"kind\":\"cniCacheV1\",\"netns\":\"/run/netns/$4\",\"cniArgs\":[[\"K8S_POD_NAME\",\"$2\"],[\"K8S_POD_NAMESPACE\",\"$3\"]],
        \"result\":{\"ips\":[{\"address\":\"$5/32\"}]}}" >"/var/lib/cni/results/$1"
}

ambiguous() {
    mkdir -p /var/lib/cni/results
    cni_pod one web a pod1 "$POD1_V4"
    cni_pod two web b pod2 "$POD2_V4"
    refused "two pods of one name" '2 pods are named web, say which .*: netns:pod1,eth0,10\.0\.0\.133 \(a/web\) or netns:pod2,eth0,10\.0\.0\.67 \(b/web\)' \
        web "$POD2_V4"
    check_status 0 "two pods of one name, in full" "${CHECK[@]}" --src-ip a/web --dst-ip b/web --ping
    rm -r /var/lib/cni/results
    ip link add lxc3 type veth peer name eth1 netns pod2
    ip -n pod2 addr add "$POD2_V4/32" dev eth1
    refused "one address on two interfaces" \
        '10\.0\.0\.67 is configured on 2 interfaces, say which: netns:pod2,eth[01],10\.0\.0\.67 or netns:pod2,eth[01],10\.0\.0\.67' \
        "$POD1_V4" "$POD2_V4"
    check_status 0 "one address on two interfaces, in full" \
        "${CHECK[@]}" --src-ip "$POD1_V4" --dst-ip "netns:pod2,eth0,$POD2_V4" --ping
    ip link del lxc3
}

# meanwhile NAME COMMAND…: runs the command during a check, then a ping; leaves the outcome in MEANWHILE
meanwhile() {
    launch meanwhile "${CHECK[@]}" --src-ip netns:pod1 --dst-ip "$POD2_V4" --json --timeout 3s
    armed meanwhile || return
    "$@"
    in_pod1 ping -n -c1 -W1 "$POD2_V4" >/dev/null
    ended meanwhile
    MEANWHILE=$(outcome meanwhile)
}

changes() {
    meanwhile ip -n pod1 addr add 10.9.0.5/32 dev eth0
    is "an address is added to the pod's device" 'PASS 0 ' "$MEANWHILE"
    ip -n pod1 addr del 10.9.0.5/32 dev eth0
    meanwhile ip addr add "$POD1_V4/32" dev lo
    is "the address appears elsewhere" 'PASS 0 ' "$MEANWHILE"
    ip addr del "$POD1_V4/32" dev lo
    meanwhile ip -n pod2 addr del "$POD2_V4/32" dev eth0
    is "the address is taken away" 'INCONCLUSIVE 3 endpoint-changed' "$(sed 's/,no-[a-z]*//; s/,leg-[a-z]*//' <<<"$MEANWHILE")"
    "$TOPO" down >/dev/null 2>&1 # its routes went with the address
}

# shellcheck disable=SC2317 # called by wait_for
turned() { grep -q "verdict changed from $1 to $2\$" "$TMP/watch.err"; }
# shellcheck disable=SC2317 # called by wait_for
passed() { grep -q '^PASS$' "$TMP/watch.out"; }

# A pod is deleted and comes back; the watch goes on.
watch_a_pod() { # SRC DST
    launch watch "${CHECK[@]}" --src-ip "$1" --dst-ip "$2" --ping --watch 0.2s --timeout 3s
    armed watch || return
    if ! wait_for "$ARM_LIMIT" passed; then
        not_ok "watch $2: passes" "$(tail -n 20 "$TMP/watch.out" "$TMP/watch.err")"
        return
    fi
    ip netns del pod2
    if ! wait_for "$ARM_LIMIT" turned PASS INCONCLUSIVE; then
        not_ok "watch $2: the pod is gone" "$(cat "$TMP/watch.err")"
        return
    fi
    "$TOPO" down >/dev/null 2>&1
    topo_up redirect-peer || return
    if wait_for "$ARM_LIMIT" turned INCONCLUSIVE PASS; then
        ok "watch $2: the pod is found again"
    else
        not_ok "watch $2: the pod is found again" "$(tail -n 20 "$TMP/watch.out" "$TMP/watch.err")"
    fi
    end watch INT
    is "watch $2: status of the last round" 0 "$STATUS"
    has "watch $2: why" "$TMP/watch.out" '^endpoint-changed: '
}

topo_up redirect-peer || finish
without_a_host_side
ambiguous
changes
topo_up redirect-peer || finish
watch_a_pod "netns:pod1,$POD1_V4" netns:pod2
nothing_left "at the end"
finish
