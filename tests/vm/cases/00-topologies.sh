#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The topologies themselves: that a ping passes on each, in both families, and
# that tcpdump sees it where it should: the four-capture table of the article.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"
# shellcheck source=tests/vm/captures.sh
. "${BASH_SOURCE%/*}/../captures.sh"

# ping_pod2 ADDRESS: one ping, which a policy keeps from its answer
ping_pod2() {
    local status=0 wanted=0
    [[ $topology != policy-drop ]] || wanted=1
    in_pod1 ping -n -c1 -W1 "$1" >"$TMP/ping" 2>&1 || status=$?
    is "$topology: exit status of ping $1" "$wanted" "$status"
}

for topology in $("$TOPO" list | cut -d' ' -f1); do
    topo_up "$topology" || continue
    is "$topology: both pods' eth0 have one ifindex" \
        "$(ip netns exec pod1 cat /sys/class/net/eth0/ifindex)" "$(ip netns exec pod2 cat /sys/class/net/eth0/ifindex)"
    begin_captures
    ping_pod2 "$POD2_V4"
    ping_pod2 "$POD2_V6"
    end_captures
    read -r request reply <<<"${SEEN[$topology]}"
    for family in ICMP ICMP6; do
        is "$topology: four captures of $family, request and reply at ${POINTS[*]}" \
            "$(times 1 "$request") $(times 1 "$reply")" \
            "$(counts_of "$family" request) $(counts_of "$family" reply)"
    done
done
finish
