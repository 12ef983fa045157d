#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What check path's own filters, and those of a recording, must not hide: a service
# whose packets are translated before they cross what a rule forbids.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

cp "$SKBTRAIL" "$TMP/skbtrail" # starts sooner from there
SKBTRAIL=$TMP/skbtrail
VIP=10.96.0.1
cat >"$TMP/crossing.rules" <<END
packet $POD1_V4 -> $VIP icmp
  expect ip_rcv on iface lxc1
  forbid dev_hard_start_xmit on iface lxc2
END
# by_trace NAME STATUS SECONDS OPTION…: a ping of the service within SECONDS; the exit status, and the reason for FAIL
by_trace() {
    launch path "$SKBTRAIL" check path --rules "$TMP/crossing.rules" --timeout "$3" "${@:4}"
    armed path || return
    in_pod1 ping -n -q -c 2 -i 0.2 -W 5 "$VIP" >"$TMP/ping" || not_ok "$1: a ping passes"
    ended path
    is "$1: exit status" "$2" "$STATUS"
    [[ $STATUS -eq $2 ]] || diag_file "$TMP/path.out"
}

# by_hooks NAME OPTION…: the same rules for the evidence programs, which see headers only: there is no verdict
by_hooks() {
    cat >"$TMP/numbers.rules" <<END
packet $POD1_V4 -> $VIP icmp
  expect ip_rcv on iface index:$(<"/sys/class/net/lxc1/ifindex")
  forbid net_dev_start_xmit on iface index:$(<"/sys/class/net/lxc2/ifindex")
END
    launch hooks "$SKBTRAIL" check path --rules "$TMP/numbers.rules" --timeout 4 "${@:2}"
    armed hooks || return
    in_pod1 ping -n -q -c 2 -i 0.2 -W 5 "$VIP" >"$TMP/ping" || not_ok "$1: a ping passes"
    ended hooks
    is "$1: exit status" 3 "$STATUS"
    has "$1: the packets were lost sight of" "$TMP/hooks.out" '^not-judged: line 1: [0-9]+ packets were lost sight of'
}

# recorded NAME STATUS REASON OPTION…: a recording of the ping, judged by the same rules
recorded() {
    launch record "$SKBTRAIL" record -w "$TMP/$1.skbt" "${@:4}"
    armed record || return
    in_pod1 ping -n -q -c 1 -W 5 "$VIP" >"$TMP/ping" || not_ok "$1: a ping passes"
    end record
    check_status "$2" "recorded with ${*:4}: exit status" "$SKBTRAIL" check path --rules "$TMP/crossing.rules" --read "$TMP/$1.skbt"
    has "recorded with ${*:4}: the reason" "$TMP/out" "^$3: "
}

if topo_up host-stack; then
    modprobe -a nf_tables nft_chain_nat nft_nat nf_nat 2>/dev/null
    if nft "add table ip s; add chain ip s p { type nat hook prerouting priority -100; }; add rule ip s p ip daddr $VIP dnat to $POD2_V4" \
        2>"$TMP/nft.err"; then
        in_pod1 ping -n -q -c 1 -W 5 "$VIP" >/dev/null # resolves the neighbours
        by_trace 'no filter' 1 20
        by_trace 'filtered by the service' 1 20 --filter-dst-ip "$VIP"
        by_trace 'filtered by protocol and source' 1 20 --filter-proto icmp --filter-src-ip "$POD1_V4"
        by_trace 'filtered by what it becomes' 3 4 --filter-dst-ip "$POD2_V4"
        by_hooks 'by number'
        by_hooks 'by number, filtered' --filter-dst-ip "$VIP"
        FUNCS='dev_hard_start_xmit|ip_rcv|kfree_skbmem|skb_release_head_state'
        recorded by-address 3 'not-(recorded|judged)' --filter-ip "$VIP" --filter-func "$FUNCS"
        recorded followed 1 forbidden-step --filter-ip "$VIP" --filter-track-skb --filter-func "$FUNCS"
        recorded by-device 3 not-recorded --filter-ifname lxc1 --filter-func "$FUNCS"
        recorded whole 1 forbidden-step --filter-func "$FUNCS"
        nft delete table ip s
    else
        skip 'a service' "$(head -n1 "$TMP/nft.err")"
    fi
fi
nothing_left 'hidden steps'
finish
