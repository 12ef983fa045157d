#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The article's own method beside ours, in the same run: tcpdump at the four points
# while check same-node pings three times; its counts per point and leg are the
# check's.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"
# shellcheck source=tests/vm/captures.sh
. "${BASH_SOURCE%/*}/../captures.sh"

PINGS=3

# our_counts FILE LEG-NUMBER
our_counts() { jq -r ".legs[$2].points | map(.events) | join(\",\")" "$1"; }

# compare FAMILY FILE
compare() {
    local leg=0 name
    for name in request reply; do
        is "$topology, $1 $name: tcpdump and the check count the same at ${POINTS[*]}" \
            "$(counts_of "$1" "$name")" "$(our_counts "$2" "$leg")"
        leg=$((leg + 1))
    done
}

for topology in redirect-peer host-stack request-only netkit policy-drop; do
    topo_up "$topology" || continue
    n=$PINGS
    [[ $topology != policy-drop ]] || n=1
    begin_captures
    "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping="$n" --json >"$TMP/v4" 2>&1
    "$SKBTRAIL" check same-node --src-ip "$POD1_V6" --dst-ip "$POD2_V6" --ping="$n" --json >"$TMP/v6" 2>&1
    end_captures
    read -r request _ <<<"${SEEN[$topology]}"
    is "$topology: tcpdump saw all requests where the table says so" "$(times "$n" "$request")" "$(counts_of ICMP request)"
    compare ICMP "$TMP/v4"
    compare ICMP6 "$TMP/v6"
done
finish
