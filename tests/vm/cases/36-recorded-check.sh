#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node --read and check path --read: a recording of a live check's pings
# gets the same verdict, also without root. If the kernel cannot prove that nothing was
# lost, there is no PASS.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

FUNCS='dev_hard_start_xmit|enqueue_to_backlog|__netif_receive_skb.*|skb_do_redirect|(ip|ipv6)_rcv|ip6?_forward|kfree_skbmem|skb_release_head_state'
cp "$SKBTRAIL" "$TMP/skbtrail" # starts sooner from there
chmod 755 "$TMP"
SKBTRAIL=$TMP/skbtrail
if kernel_at_least 6.7; then
    proven='PASS 0 '
else
    proven='INCONCLUSIVE 3 events-lost'
fi

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# outcome FILE: prints verdict, exit status, reasons and mechanisms
outcome() {
    echo "$(jq -r .verdict "$1") $STATUS $(jq -r '[.reasons[].code] | unique | join(",")' "$1")" \
        "$(jq -r '[.legs[].mechanism] | join(",")' "$1")"
}

# counts FILE: prints the counts at the points of both legs
counts() { jq -r '[.legs[].points | map(.events) | join(",")] | join(" ")' "$1"; }

# read_back SRC DST FILE: checks the recording; leaves the result in $TMP/read and STATUS
read_back() {
    STATUS=0
    as_nobody "$SKBTRAIL" check same-node --src-ip "$1" --dst-ip "$2" --read "$3" --json \
        >"$TMP/read" 2>"$TMP/read.err" || STATUS=$?
}

# recorded TOPOLOGY WANTED MECHANISMS FAMILY: records during a live check, compares both results
recorded() {
    local name="$1, IPv$4" file="$TMP/$1-$4.skbt"
    local -n src="POD1_V$4" dst="POD2_V$4"
    launch trace "$SKBTRAIL" record -w "$file" --filter-ip "$src" --filter-func "$FUNCS"
    armed trace || return
    launch live "$SKBTRAIL" check same-node --src-ip "$src" --dst-ip "$dst" --ping=3 --json
    ended live
    end trace
    chmod 644 "$file"
    read_back "$src" "$dst" "$file"
    is "$name: the recording's verdict" "$2 $3" "$(outcome "$TMP/read")"
    is "$name: counted at the points as live" "$(counts "$TMP/live.out")" "$(counts "$TMP/read")"
    is "$name: the devices as live" \
        "$(jq -c '[.endpoints[] | .netns, .ifindex, .ifname, .host_netns, .host_ifindex, .host_ifname]' "$TMP/live.out")" \
        "$(jq -c '[.endpoints[] | .netns, .ifindex, .ifname, .host_netns, .host_ifindex, .host_ifname]' "$TMP/read")"
}

by_rules() {
    cat >"$TMP/rules" <<END
packet $POD1_V4 -> $POD2_V4 icmp
  expect dev_hard_start_xmit on iface eth0 netns pod1
  expect skb_do_redirect on iface lxc1
  expect ip_rcv on iface eth0 netns pod2
END
    check 'by rules' as_nobody "$SKBTRAIL" check path --rules "$TMP/rules" --read "$TMP/redirect-peer-4.skbt"
    has 'by rules: every packet is judged' "$TMP/out" '^ +1  packet .*: 3 packets$'
    echo '  forbid ip_mc_output' >>"$TMP/rules"
    check_status 3 'by rules: a function that may not have been probed' \
        as_nobody "$SKBTRAIL" check path --rules "$TMP/rules" --read "$TMP/redirect-peer-4.skbt"
}

# cut_off TOPOLOGY WANTED: a truncated recording never gives a PASS, but may give a FAIL
cut_off() {
    head -c "$(($(stat -c %s "$TMP/$1-4.skbt") - 20))" "$TMP/$1-4.skbt" >"$TMP/cut.skbt"
    read_back "$POD1_V4" "$POD2_V4" "$TMP/cut.skbt"
    is "$1, cut off" "$2" "$(outcome "$TMP/read")"
}

if topo_up redirect-peer; then
    recorded redirect-peer "$proven" redirect_peer,redirect_peer 4
    # Attaching is slow on older kernels, and IPv6 is no different there.
    ! kernel_at_least 6.7 || recorded redirect-peer "$proven" redirect_peer,redirect_peer 6
    by_rules
    cut_off redirect-peer 'INCONCLUSIVE 3 events-lost redirect_peer,redirect_peer'
    check_status 2 'no such recording' "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --read "$TMP/none"
fi
if topo_up host-stack; then
    unproven='events-lost,'
    kernel_at_least 6.7 && unproven=''
    recorded host-stack "FAIL 1 ${unproven}host-veth-traversed" host_stack,host_stack 4
    cut_off host-stack 'FAIL 1 events-lost,host-veth-traversed host_stack,host_stack'
fi
nothing_left 'recorded'
finish
