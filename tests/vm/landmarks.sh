# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The path of a same-node ping, leg by leg: the functions that a packet must pass
# through in this order, in which namespace and on which device, and those that it
# must not pass through. Sourced after case.sh. The tables follow the kernel's
# source and were observed on each kernel.
#
# A line of a table, and of a flattened trace, is "NETNS IFACE FUNC". For the
# request src is pod1 and near is lxc1; for the reply they are pod2 and lxc2. "-"
# means no device. In a table FUNC lists alternatives for kernels and families,
# without the suffixes that the compiler adds (.constprop.0).

MODES=(redirect_peer redirect_peer_tcx redirect host_stack bridge netkit dropped)
export TAP_FAILED

LANDMARKS_OUT='
src -    __ip_local_out|__ip6_local_out
src -    ip_output|ip6_output
src eth0 ip_finish_output2|ip6_finish_output2
src eth0 __dev_queue_xmit
src eth0 dev_hard_start_xmit'
LANDMARKS_VETH='
src eth0 veth_xmit
src eth0 __dev_forward_skb
src eth0 skb_scrub_packet
src eth0 eth_type_trans
host near netif_rx|__netif_rx
host near netif_rx_internal
host near enqueue_to_backlog
host near __netif_receive_skb
host near __netif_receive_skb_one_core
host near __netif_receive_skb_core'
LANDMARKS_TC='
host near tcf_classify|tcf_classify_ingress
host near cls_bpf_classify'
LANDMARKS_FAR_VETH='
host far __dev_queue_xmit
host far dev_hard_start_xmit
host far veth_xmit
dst eth0 netif_rx|__netif_rx
dst eth0 enqueue_to_backlog
dst eth0 __netif_receive_skb_core'
LANDMARKS_IN='
dst eth0 ip_rcv|ipv6_rcv
dst eth0 ip_rcv_core|ip6_rcv_core
dst eth0 icmp_rcv|icmpv6_rcv'

# landmarks MODE: prints the table of a leg
landmarks() {
    case $1 in
    redirect_peer) echo "$LANDMARKS_OUT$LANDMARKS_VETH$LANDMARKS_TC
            host near skb_do_redirect$LANDMARKS_IN" ;;
    redirect_peer_tcx) echo "$LANDMARKS_OUT$LANDMARKS_VETH
            host near skb_do_redirect$LANDMARKS_IN" ;;
    redirect) echo "$LANDMARKS_OUT$LANDMARKS_VETH$LANDMARKS_TC
            host near skb_do_redirect
            host near __bpf_redirect$LANDMARKS_FAR_VETH$LANDMARKS_IN" ;;
    host_stack) echo "$LANDMARKS_OUT$LANDMARKS_VETH
            host near ip_rcv|ipv6_rcv
            host near ip_forward|ip6_forward
            host near ip_output|ip6_output
            host far ip_finish_output2|ip6_finish_output2$LANDMARKS_FAR_VETH$LANDMARKS_IN" ;;
    bridge) echo "$LANDMARKS_OUT$LANDMARKS_VETH
            host near br_handle_frame
            host near __br_forward
            host far br_dev_queue_push_xmit$LANDMARKS_FAR_VETH$LANDMARKS_IN" ;;
    netkit) echo "$LANDMARKS_OUT
            src eth0 netkit_xmit
            src eth0 skb_scrub_packet
            host near skb_do_redirect
            host near __bpf_redirect
            host far __dev_queue_xmit
            host far netkit_xmit
            dst eth0 enqueue_to_backlog
            dst eth0 __netif_receive_skb_core$LANDMARKS_IN" ;;
    dropped) echo "$LANDMARKS_OUT$LANDMARKS_VETH$LANDMARKS_TC
            host near kfree_skb|sk_skb_reason_drop|kfree_skb_reason
            host near kfree_skbmem" ;;
    esac | sed -e 's/^ *//' -e '/^$/d'
}

# forbidden MODE: prints a regular expression for lines that must not occur in that leg
forbidden() {
    case $1 in
    redirect_peer) echo '^host far |^dst eth0 (__netif_receive_skb|netif_rx|__netif_rx|enqueue_to_backlog)|forward$|^host near ip_rcv' ;;
    redirect_peer_tcx) echo '^host far |^dst eth0 (__netif_receive_skb|netif_rx|__netif_rx|enqueue_to_backlog)|tcf_classify|cls_bpf' ;;
    redirect) echo 'ip6?_forward|br_forward' ;;
    host_stack) echo 'skb_do_redirect|br_forward|cls_bpf_classify' ;;
    bridge) echo 'skb_do_redirect|ip6?_forward|^host (near|far) ip(v6)?_rcv' ;;
    netkit) echo '^host near (__netif_receive_skb|enqueue_to_backlog)|^host far (__netif_receive_skb|enqueue_to_backlog)|ip6?_forward|veth_xmit' ;;
    dropped) echo '^host far |^dst |skb_do_redirect' ;;
    esac
}

# backlog_passes MODE: prints how often the packet waits in a CPU's backlog
backlog_passes() {
    case $1 in
    redirect_peer | redirect_peer_tcx | netkit | dropped) echo 1 ;;
    *) echo 2 ;;
    esac
}

# judge_legs LEGS FLAT: prints TAP for every leg (landmarks.awk describes these files)
judge_legs() {
    local mode
    for mode in "${MODES[@]}"; do
        landmarks "$mode" | sed "s/^/$mode want /"
        echo "$mode never $(forbidden "$mode")"
        echo "$mode passes $(backlog_passes "$mode")"
    done >"$TMP/tables"
    awk -f "${BASH_SOURCE%/*}/landmarks.awk" "$TMP/tables" "$1" "$2" || TAP_FAILED=1
}

# flatten TRACE: converts JSON lines to "MARK LEG PKT COMM NETNS IFACE FUNC" with the
# names of this file. MARK is the echo's identifier, which tells pings apart.
flatten() {
    jq -r --argjson host "$(stat -L -c %i /proc/self/ns/net)" --arg pod1 "$POD1_V4 $POD1_V6" '
        select(.type == "event" and .tuple.icmp_id != null)
        | (.tuple.src as $src | $pod1 | split(" ") | index($src) != null) as $request
        | (if $request then {pod1: "src", pod2: "dst", lxc1: "near", lxc2: "far"}
           else {pod2: "src", pod1: "dst", lxc2: "near", lxc1: "far"} end) as $names
        | [.tuple.icmp_id, (if $request then "request" else "reply" end), .pkt, .comm,
           (if .netns == $host then "host" else $names[.netns_name // "-"] // "\(.netns)" end),
           (.ifname // "-" | $names[.] // .), .func] | join(" ")' "$1"
}
