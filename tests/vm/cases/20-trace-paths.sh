#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The traced path of one ping on every topology, in both families: the functions
# of tests/vm/landmarks.sh in their order, in the right namespace and on the right
# device, and nothing where nothing may be. Then the article's own command line,
# as typed.
#
# Arming takes seconds under emulation, so one trace of all functions (IPv4) and
# one of the landmarks (IPv6) go over all topologies; the identifier of each ping's
# echoes tells them apart.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"
# shellcheck source=tests/vm/landmarks.sh
. "${BASH_SOURCE%/*}/../landmarks.sh"

# topology → what carries the request, what the reply (-: there is none)
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

# All functions of all tables, as one regular expression of whole names.
landmark_functions() {
    local mode
    for mode in "${MODES[@]}"; do
        landmarks "$mode"
    done | awk '{ print $3 }' | tr '|' '\n' | sort -u | paste -sd'|' | sed 's/.*/(&)(\\..*)?/'
}

ping_topologies() {
    local topology next=1001
    for topology in $("$TOPO" list | cut -d' ' -f1); do
        topo_up "$topology" || continue
        mark[$topology]=$next
        in_pod1 ping -n -c1 -W1 -e "$next" "$POD2_V4" >/dev/null
        in_pod1 ping -n -c1 -W1 -e "$next" "$POD2_V6" >/dev/null
        next=$((next + 1))
    done
}

judge() { # FAMILY FLAT
    local topology request reply
    for topology in "${!mark[@]}"; do
        read -r request reply <<<"${modes[$topology]}"
        echo "${mark[$topology]} request $request $topology, $1 request"
        echo "${mark[$topology]} reply $reply $topology, $1 reply"
    done >"$TMP/legs"
    judge_legs "$TMP/legs" "$2"
}

# Of the whole run. What an interrupt's packet passes while another's probe runs is
# skipped by the kernel (recursion): that is counted, and of these pings' packets
# none is missing, as their landmarks show; but the ring must have held all.
judge_ledger() { # NAME
    local lost
    lost=$(tail -n1 "$TMP/$1.out" | jq -c '[.type, .events, (.lost | .ring + .map)]')
    is "$1: the last line is the ledger, counts the events and none lost in the ring" \
        "[\"summary\",$(($(wc -l <"$TMP/$1.out") - 1)),0]" "$lost"
    is "$1: sequence numbers have no gap" '' \
        "$(jq -r 'select(.type == "event").seq' "$TMP/$1.out" | awk '$1 != NR - 1 { print "line " NR " has " $1; exit }')"
}

# The drop of the policy: who, where, why.
judge_drop() {
    local drops why=null
    ! kernel_at_least 5.17 || why='"TC_INGRESS"'
    drops=$(jq -c --argjson id "${mark[policy-drop]}" 'select(.type == "event" and .tuple.icmp_id == $id and .drop != null)
        | [.ifname, (.drop.symbol | sub("\\..*"; "")), .drop.reason]' "$TMP/ipv4.out")
    is "policy-drop: one drop, with its place and reason" "[\"lxc1\",\"__netif_receive_skb_core\",$why]" "$drops"
}

# The article: pod1 pings pod2, and the replies of 10.0.0.67 are traced.
article_functions='__ip_local_out
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

article() {
    local header='SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC'
    topo_up redirect-peer || return
    launch article "$SKBTRAIL" --filter-src-ip "$POD2_V4" --output-tuple
    armed article || return
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end article
    is "the article's command: exit status" 0 "$STATUS"
    is "the article's command: the header" "$header" "$(head -n1 "$TMP/article.out" | tr -s ' ')"
    tail -n +2 "$TMP/article.out" >"$TMP/article.events"
    is "the article's command: every line has these columns" '' \
        "$(grep -vE '^0x[0-9a-f]{16} +[0-9]+ +\S+:[0-9]+ +\S+ +(-|(eth0|lxc[12]):[0-9]+) +[0-9]+ +10\.0\.0\.67:0->10\.0\.0\.133:0\(icmp\) +\S+( \(drop:.*\))?$' "$TMP/article.events")"
    is "the article's command: its functions in their order (the first that is missing)" '' \
        "$(awk 'NR == FNR { want[n++] = $1; next }
            { sub(/\.(constprop|isra|part)\.[0-9]+$/, "", $8) }
            i < n && index("|" want[i] "|", "|" $8 "|") { i++ }
            END { if (i < n) print want[i] }' <(echo "$article_functions") "$TMP/article.events")"
    has "the article's command: the ledger on standard error" "$TMP/article.err" \
        "^$(wc -l <"$TMP/article.events") events, (none (known to be )?lost|[0-9]+ lost \(recursion)"
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
    is "$family: the process is the ping, or who receives in its stead" ping \
        "$(awk '$4 !~ "^ksoftirqd/" { print $4 }' "$TMP/$family.flat" | sort -u)"
    judge "$family" "$TMP/$family.flat"
    judge_ledger "$family"
done
judge_drop
article
nothing_left "at the end"
finish
