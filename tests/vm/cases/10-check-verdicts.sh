#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node on every topology, in both families: verdict, exit status, reasons
# with their legs, the mechanism of each leg, and the packets counted at each of the
# four points. tcpdump at the four points must count the same, and as many as the
# topology should show there. check same-node --pcap must give the live verdict for
# these captures.
# in a whole run: 5.10 newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/captures.sh
. "${BASH_SOURCE%/*}/../captures.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

PINGS=20
# topology → verdict, exit status, mechanism of the request, of the reply
declare -A wanted=(
    [redirect-peer]='PASS 0 redirect_peer redirect_peer'
    [redirect-peer-tcx]='PASS 0 redirect_peer redirect_peer'
    [redirect-peer-tail]='PASS 0 redirect_peer redirect_peer'
    [redirect]='FAIL 1 redirect redirect'
    [host-stack]='FAIL 1 host_stack host_stack'
    [bridge]='FAIL 1 bridge bridge'
    [request-only]='FAIL 1 redirect_peer host_stack'
    [reply-only]='FAIL 1 host_stack redirect_peer'
    [netkit]='FAIL 1 netkit netkit'
    [policy-drop]='INCONCLUSIVE 3 unknown unknown'
)
# reasons_of MECHANISM LEG: prints the reason for a leg with this mechanism, by default
reasons_of() {
    case $1 in
    redirect_peer) ;;
    netkit) echo "netkit-datapath@$2" ;;
    *) echo "host-veth-traversed@$2" ;;
    esac
}

# Prints the JSON object in $TMP/check as one line: verdict, reasons with their legs,
# mechanisms, counts at the points of both legs, lost events.
summary() {
    jq -r '[.verdict,
        ([.reasons[] | .code + "@" + ((.text | capture("^(?<leg>request|reply):").leg) // "-")] | unique | join(",")),
        (.legs | map(.mechanism) | join(",")),
        (.legs[] | .points | map(.events) | join(",")),
        (.ledger.lost | .ring + .recursion + .kprobe + .map), .ledger.lost.provable] | join(" ")' "$TMP/check"
}

# check_flow SRC DST OPTION…: leaves the check's JSON in $TMP/check, its exit status in $status
check_flow() {
    status=0
    "$SKBTRAIL" check same-node --src-ip "$1" --dst-ip "$2" --json "${@:3}" \
        >"$TMP/check" 2>"$TMP/check.err" </dev/null || status=$?
}

# table FILE: prints for each leg whether it was seen at each point, and whether its mechanism is netkit: captures name no
# other
table() {
    jq -r '.legs[] | .leg, (.points[] | "\(.point) \(.events > 0)"), .mechanism == "netkit"' "$1" | paste -sd' '
}

# captures_agree FAMILY SRC DST: captures of the live check in $TMP/check give the same result
captures_agree() {
    local request reply file files=() i=0 echo=ICMP
    read -r request reply <<<"${SEEN[$topology]}"
    [[ $1 == IPv4 ]] || echo=ICMP6
    is "$topology, $1: tcpdump counts request and reply at ${POINTS[*]}" \
        "$(times "$n" "$request") $(times "$n" "$reply")" "$(counts_of $echo request) $(counts_of $echo reply)"
    for file in src-pod src-host dst-host dst-pod; do
        files+=(--pcap "$file=$TMP/${POINTS[i++]}.pcap")
    done
    check_status "$status" "$topology, $1: captured as live, exit status" \
        "$SKBTRAIL" check same-node --src-ip "$2" --dst-ip "$3" --json "${files[@]}"
    is "$topology, $1: captured as live, the table" "$(table "$TMP/check")" "$(table "$TMP/out")"
    has "$topology, $1: captured, only the addresses of the endpoints are known" "$TMP/out" \
        "\"src\":\{\"type\":\"endpoint\",\"addr\":\"$2\",\"pod\":null,\"netns\":null,.*\"dst\":\{\"type\":\"endpoint\",\"addr\":\"$3\","
}

# live FAMILY SRC DST: runs a live check, leaves its result in $TMP/FAMILY and $live_status
declare -A live_status
live() {
    check_flow "$2" "$3" --ping="$n"
    live_status[$1]=$status
    mv "$TMP/check" "$TMP/$1"
    mv "$TMP/check.err" "$TMP/$1.err"
}

# verdict_on FAMILY SRC DST: tests the result of live()
verdict_on() {
    local verdict wanted_status request reply request_seen reply_seen reasons
    read -r verdict wanted_status request reply <<<"${wanted[$topology]}"
    read -r request_seen reply_seen <<<"${SEEN[$topology]}"
    cp "$TMP/$1" "$TMP/check"
    status=${live_status[$1]}
    reasons=$({ reasons_of "$request" request && reasons_of "$reply" reply; } | sort | paste -sd,)
    if [[ $topology == policy-drop ]]; then
        reasons='count-mismatch@request,leg-dropped@request,no-reply@-'
    fi
    is "$topology, $1: exit status" "$wanted_status" "$status"
    is "$topology, $1: verdict, reasons, mechanisms, packets at ${POINTS[*]}, losses" \
        "$verdict $reasons $request,$reply $(times "$n" "$request_seen") $(times "$n" "$reply_seen") 0 true" \
        "$(summary)"
    is "$topology, $1: nothing on standard error" '' "$(<"$TMP/$1.err")"
    captures_agree "$@"
}

# expecting MECHANISM VERDICT STATUS REASONS: checks the same flow with --expect
expecting() {
    check_flow "$POD1_V4" "$POD2_V4" --ping=3 --expect "$1"
    is "$topology, --expect $1: verdict, exit status, reasons" "$2 $3 $4" \
        "$(jq -r .verdict "$TMP/check") $status $(jq -r '[.reasons[].code] | unique | join(",")' "$TMP/check")"
}

# The arguments of the redirect helpers, and where a policy dropped the request.
evidence_on() {
    case $topology in
    redirect-peer*)
        is "$topology: the helper and its arguments, both legs" 'bpf_redirect_peer 22, bpf_redirect_peer 20' \
            "$(jq -r '[.legs[] | "\(.helper) \(.helper_ifindex)"] | join(", ")' "$TMP/check")"
        expecting host_stack FAIL 1 other-mechanism
        ;;
    redirect | host-stack | bridge | netkit)
        expecting "${topology/-/_}" PASS 0 ''
        ;;
    policy-drop)
        is "$topology: where the packet was dropped" 'at src-host, __netif_receive_skb_core, from_pod_policy' \
            "$(jq -r '[(.reasons[] | select(.code == "leg-dropped").text | capture("(?<where>at [a-z-]+)$").where),
                (.legs[0].drop.symbol | sub("\\..*"; "")), .legs[0].program.name] | join(", ")' "$TMP/check")"
        ;;
    esac
}

for topology in $("$TOPO" list | cut -d' ' -f1); do
    topo_up "$topology" || continue
    is "$topology: both pods' eth0 have one ifindex" \
        "$(ip netns exec pod1 cat /sys/class/net/eth0/ifindex)" "$(ip netns exec pod2 cat /sys/class/net/eth0/ifindex)"
    n=$PINGS
    [[ $topology != policy-drop ]] || n=1
    begin_captures
    live IPv6 "$POD1_V6" "$POD2_V6"
    live IPv4 "$POD1_V4" "$POD2_V4"
    end_captures
    verdict_on IPv6 "$POD1_V6" "$POD2_V6"
    verdict_on IPv4 "$POD1_V4" "$POD2_V4"
    evidence_on
    nothing_left "$topology"
done
finish
