#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The traced path of one ping on every topology, in both families: it passes through
# the functions of tests/vm/landmarks.sh in their order, in the right namespace and on
# the right device, and not through those that it must not reach. Then a command line
# with pwru's options.
#
# Attaching takes seconds in emulation, so one trace of all functions (IPv4) and one of
# the landmarks (IPv6) cover all topologies. The identifier of its echoes tells each
# ping apart.
# in a whole run: 5.10 newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"
# shellcheck source=tests/vm/landmarks.sh
. "${BASH_SOURCE%/*}/../landmarks.sh"

# topology → mode of the request, of the reply (-: there is none)
declare -A modes=(
    [redirect-peer]='redirect_peer redirect_peer'
    [redirect-peer-tcx]='redirect_peer_tcx redirect_peer_tcx'
    [redirect-peer-tail]='redirect_peer redirect_peer'
    [redirect]='redirect redirect'
    [host-stack]='host_stack host_stack'
    [bridge]='bridge bridge'
    [request-only]='redirect_peer host_stack'
    [reply-only]='host_stack redirect_peer'
    [netkit]='netkit netkit'
    [policy-drop]='dropped -'
)
declare -A mark=() # topology → identifier of its pings

# Prints all functions of all tables as one regular expression for whole names.
landmark_functions() {
    local mode
    for mode in "${MODES[@]}"; do
        landmarks "$mode"
    done | awk '{ print $3 }' | tr '|' '\n' | sort -u | paste -sd'|' | sed 's/.*/(&)(\\..*)?/'
}

ping_topologies() {
    local topology again next=1001
    for topology in $("$TOPO" list | cut -d' ' -f1); do
        topo_up "$topology" || continue
        mark[$topology]=$next
        for again in "${AGAIN[@]}"; do
            in_pod1 ping -n -c1 -W1 -e "$((next + again))" "$POD2_V4" >/dev/null
            in_pod1 ping -n -c1 -W1 -e "$((next + again))" "$POD2_V6" >/dev/null
        done
        next=$((next + 1))
    done
}

# Three pings for each topology and family. A busy machine interrupts probes more often, and what an interrupt handles
# is skipped: see judge_ledger. One ping without a gap shows the path.
AGAIN=(0 100 200)

judge() { # FAMILY FLAT
    local topology again request reply before=0
    for topology in "${!mark[@]}"; do
        read -r request reply <<<"${modes[$topology]}"
        before=$TAP_FAILED
        for again in "${AGAIN[@]}"; do
            TAP_FAILED=$before
            echo "$((mark[$topology] + again)) request $request $topology, $1 request" >"$TMP/legs"
            echo "$((mark[$topology] + again)) reply $reply $topology, $1 reply" >>"$TMP/legs"
            judge_legs "$TMP/legs" "$2" >"$TMP/judged"
            grep -q '^not ok' "$TMP/judged" || break
        done
        cat "$TMP/judged"
    done
}

# judge_ledger NAME: the ring must not have lost anything. If an interrupt comes during a
# probe, the kernel skips the probes in the interrupt and counts them (recursion). That is
# allowed, because the landmarks show a ping without a gap.
judge_ledger() {
    local lost
    lost=$(tail -n1 "$TMP/$1.out" | jq -c '[.type, .events, (.lost | .ring + .map)]')
    is "$1: the last line is the ledger, it counts the events, and the ring lost none" \
        "[\"summary\",$(($(wc -l <"$TMP/$1.out") - 1)),0]" "$lost"
    is "$1: sequence numbers have no gap" '' \
        "$(jq -r 'select(.type == "event").seq' "$TMP/$1.out" | awk '$1 != NR - 1 { print "line " NR " has " $1; exit }')"
}

# The policy's drop: device, function, reason.
judge_drop() {
    local drops why=null
    ! kernel_at_least 5.17 || why='"TC_INGRESS"'
    drops=$(jq -c --argjson id "${mark[policy-drop]}" 'select(.type == "event" and .tuple.icmp_id == $id and .drop != null)
        | [.ifname, (.drop.symbol | sub("\\..*"; "")), .drop.reason]' "$TMP/ipv4.out")
    is "policy-drop: one drop, with its place and reason" "[\"lxc1\",\"__netif_receive_skb_core\",$why]" "$drops"
}

# The replies of pod2 pass through these functions in this order.
reply_functions='__ip_local_out
ip_output
nf_hook_slow
apparmor_ipv4_postroute|apparmor_ip_postroute
ip_finish_output
__ip_finish_output
ip_finish_output2
neigh_resolve_output
__neigh_event_send
eth_header
skb_push
__dev_queue_xmit
netdev_core_pick_tx
validate_xmit_skb
netif_skb_features
passthru_features_check
skb_network_protocol
validate_xmit_xfrm
dev_hard_start_xmit
__dev_forward_skb
skb_scrub_packet
eth_type_trans
netif_rx|__netif_rx
netif_rx_internal
enqueue_to_backlog
__netif_receive_skb
__netif_receive_skb_one_core
__netif_receive_skb_core
skb_ensure_writable
skb_do_redirect
ip_rcv
icmp_rcv'

replies() {
    local header='SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC'
    topo_up redirect-peer || return
    launch replies "$SKBTRAIL" --filter-src-ip "$POD2_V4" --output-tuple
    armed replies || return
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end replies
    is "pwru's options: exit status" 0 "$STATUS"
    is "pwru's options: the header" "$header" "$(head -n1 "$TMP/replies.out" | tr -s ' ')"
    tail -n +2 "$TMP/replies.out" >"$TMP/replies.events"
    is "pwru's options: every line has these columns" '' \
        "$(grep -vE '^0x[0-9a-f]{16} +[0-9]+ +\S+:[0-9]+ +\S+ +(-|(eth0|lxc[12]):[0-9]+) +[0-9]+ +10\.0\.0\.67:0->10\.0\.0\.133:0\(icmp\) +\S+( \(drop:.*\))?$' "$TMP/replies.events")"
    is "pwru's options: its functions in their order (the first that is missing)" '' \
        "$(awk 'NR == FNR { want[n++] = $1; next }
            { sub(/\.(constprop|isra|part)\.[0-9]+$/, "", $8) }
            i < n && index("|" want[i] "|", "|" $8 "|") { i++ }
            END { if (i < n) print want[i] }' <(echo "$reply_functions") "$TMP/replies.events")"
    has "pwru's options: the ledger on standard error" "$TMP/replies.err" \
        "^$(wc -l <"$TMP/replies.events") events, (none (known to be )?lost|[0-9]+ lost \(recursion)"
}

topo_up redirect-peer || finish
launch ipv4 "$SKBTRAIL" --json --filter-ip "$POD1_V4"
launch ipv6 "$SKBTRAIL" --json --filter-ip "$POD1_V6" --filter-func "$(landmark_functions)"
armed ipv4 ipv6 || finish
ping_topologies
for family in ipv4 ipv6; do
    end "$family"
    is "$family: exit status after SIGINT" 0 "$STATUS"
    flatten "$TMP/$family.out" >"$TMP/$family.flat"
    is "$family: the process is ping or ksoftirqd" ping \
        "$(awk '$4 !~ "^ksoftirqd/" { print $4 }' "$TMP/$family.flat" | sort -u)"
    judge "$family" "$TMP/$family.flat"
    judge_ledger "$family"
done
judge_drop
replies
nothing_left "at the end"
finish
