#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The paths of packets in a live trace: stages, devices and crossings by --path on each
# kernel; where the paths on two topologies part, by diff; the packets' bytes, by
# --pcapng.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

# Few functions, so that every kernel attaches them quickly, but at least one of each stage.
FUNCS='ip_(output|rcv|forward|local_deliver|finish_output2)|(__)?dev_queue_xmit|dev_hard_start_xmit|veth_xmit'
FUNCS+='|enqueue_to_backlog|(__)?netif_receive_skb(_core)?|tcf_classify|cls_bpf_classify|skb_do_redirect|nf_hook_slow'
FUNCS+='|br_handle_frame|(__)?br_forward|icmp_rcv|icmp_reply|kfree_skb(_reason)?|sk_skb_reason_drop|consume_skb'
REPORT=("$SKBTRAIL" report)
PATTERN=736b6274 # payload of the echo

WAYS=(redirect-peer host-stack bridge)

# One trace of all topologies: two echoes on the first, one on each other. Their
# identifiers tell them apart.
record() {
    local way
    launch ways "$SKBTRAIL" record -w "$TMP/ways.skbt" --pcapng "$TMP/ways.pcapng" --snaplen 256 \
        --filter-ip "$POD2_V4" --filter-func "$FUNCS"
    armed ways || return
    for way in "${WAYS[@]}"; do
        topo_up "$way" || continue
        in_pod1 ping -n -c "$([[ $way == redirect-peer ]] && echo 2 || echo 1)" -i 0.2 -W2 -p "$PATTERN" "$POD2_V4" >/dev/null
    done
    end ways
    is "exit status" 0 "$STATUS"
    "${REPORT[@]}" --path --json "$TMP/ways.skbt" 2>/dev/null | grep '"type":"path"' >"$TMP/paths"
}

# packet WAY DIRECTION [SEQ]: prints the packet's number
packet() {
    local i
    for i in "${!WAYS[@]}"; do
        [[ ${WAYS[i]} != "$1" ]] || break
    done
    jq -s -r --argjson way "$i" --argjson seq "${3:-1}" --argjson type "$([[ $2 == request ]] && echo 8 || echo 0)" '
        (map(select(.tuple.icmp_type == 8)) | reduce .[].tuple.icmp_id as $id ([]; if index($id) then . else . + [$id] end)) as $ids
        | [.[] | select(.tuple.icmp_id == $ids[$way] and .tuple.icmp_type == $type and .tuple.icmp_seq == $seq)]
        | max_by(.hops | length) | .pkt' "$TMP/paths"
}

# way NAME DIRECTION: prints its path as "pod1/eth0: driver veth host/lxc1[veth]: …"
way() {
    jq -r --argjson pkt "$(packet "$@")" 'select(.pkt == $pkt)
        | [.hops[] | (.netns_name // "-") + "/" + (.ifname // "-") + (if .into then "[\(.into)]" else "" end) + ":",
           (.runs[].stage // "?")] | join(" ")' "$TMP/paths"
}

# goes NAME DIRECTION PART…: the path has these parts, in this order
goes() {
    local name=$1 direction=$2 rest part
    shift 2
    rest=$(way "$name" "$direction")
    diag "$name, $direction: $rest"
    for part; do
        if [[ $rest != *"$part"* ]]; then
            not_ok "$name, $direction: passes through $part in order" "what is left: $rest"
            return
        fi
        rest=${rest#*"$part"}
    done
    ok "$name, $direction: $*"
}

ways() {
    goes redirect-peer request pod1/eth0 ip_output driver veth 'host/lxc1[veth]:' backlog tc_ingress \
        'pod2/eth0[bpf_redirect_peer]:' ip_input local
    goes redirect-peer reply pod2/eth0 ip_output driver veth 'host/lxc2[veth]:' tc_ingress \
        'pod1/eth0[bpf_redirect_peer]:' ip_input local
    goes host-stack request pod1/eth0 ip_output driver veth 'host/lxc1[veth]:' backlog ip_input forward \
        'host/lxc2[forwarded]:' driver veth 'pod2/eth0[veth]:' ip_input local
    goes bridge request pod1/eth0 ip_output driver veth 'host/lxc1[veth]:' bridge driver veth 'pod2/eth0[veth]:' local
    is "no function is without a stage" '' \
        "$(jq -r '.hops[].runs[] | select(.stage == null) | .funcs[]' "$TMP/paths" | sort -u | paste -sd' ')"
}

diffs() {
    local first
    first=$(packet redirect-peer request)
    check "diff: the same way twice" "$SKBTRAIL" diff --packet "$first" --packet "$(packet redirect-peer request 2)" "$TMP/ways.skbt"
    check_status 1 "diff: another way" "$SKBTRAIL" diff --packet "$first" --packet "$(packet host-stack request)" "$TMP/ways.skbt"
    has "diff: names the function where they part" "$TMP/out" '^ +\+ .*ip_forward'
}

# The capture has the packet's bytes, and report writes the same capture from the recording.
bytes() {
    tcpdump -n -r "$TMP/ways.pcapng" -x icmp >"$TMP/dump" 2>/dev/null
    is "capture: every event is a frame" "$("${REPORT[@]}" "$TMP/ways.skbt" 2>/dev/null | grep -vc '^SKB')" \
        "$(tcpdump -n -r "$TMP/ways.pcapng" 2>/dev/null | grep -c .)"
    has "capture: the payload" "$TMP/dump" "${PATTERN::4} ${PATTERN:4}"
    has "capture: the length" "$TMP/dump" 'ICMP echo request.* length 64$'
    check "report --pcapng" "${REPORT[@]}" "$TMP/ways.skbt" --pcapng "$TMP/later.pcapng"
    tcpdump -n -r "$TMP/later.pcapng" -x icmp >"$TMP/later" 2>/dev/null
    check "report --pcapng: the same frames" cmp "$TMP/dump" "$TMP/later"
    check_status 2 "bytes of packets need a file" "$SKBTRAIL" trace --snaplen 64
}

# Pictures and pages. Only one of them can go to standard output.
files() {
    check "report --svg and --html" "${REPORT[@]}" --svg - --html "$TMP/page.html" "$TMP/ways.skbt"
    is "the picture is on standard output, and nothing else" '<svg </svg>' "$(head -c 5 "$TMP/out")$(tail -n1 "$TMP/out")"
    has "the page shows how the packet crossed" "$TMP/page.html" '>bpf_redirect_peer<'
    is "only the owner can read the page" 600 "$(stat -c %a "$TMP/page.html")"
    check_status 2 "two pictures on standard output" "${REPORT[@]}" --svg - --html - "$TMP/ways.skbt"
    check_status 2 "a picture and text on standard output" "${REPORT[@]}" --svg - --path "$TMP/ways.skbt"
    check "report --profile same-node --expression" env LC_ALL=C "${REPORT[@]}" --profile same-node --expression 'icmp[icmptype] = 0' \
        "$TMP/ways.skbt"
    has "only answers, as a diagram" "$TMP/out" '^[+].*-[+]$'
    lacks "no requests" "$TMP/out" 'echo request'
}

# A live trace with a profile: options on the command line replace the profile's.
dropped() {
    topo_up policy-drop || return
    launch drop "$SKBTRAIL" --profile drops --filter-ip "$POD2_V4" --filter-func "$FUNCS" --color never
    armed drop || return
    in_pod1 ping -n -c1 -W1 "$POD2_V4" >/dev/null
    end drop
    has "drop: the block ends with the drop" "$TMP/drop.out" '^  DROPPED after .* at .*netif_receive_skb.*, in host lxc1'
    has "drop: the likely cause" "$TMP/drop.out" 'likely cause: '
}

# A packet whose ports are written after it was first seen is one packet. Fragments that were reassembled are not
# dropped, although the kernel frees them like dropped packets.
whole() {
    local parts='ip_defrag|inet_frag_queue_insert|skb_release_.*|kfree_skbmem'
    topo_up redirect-peer || return
    launch whole "$SKBTRAIL" --path --json --filter-src-ip "$POD1_V4" --filter-func "$FUNCS|udp4_hwcsum|ip_send_skb|$parts"
    armed whole || return
    in_pod1 ping -n -c1 -W5 -s 4000 "$POD2_V4" >"$TMP/ping"
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c 'echo x >"/dev/udp/$1/9"' - "$POD2_V4"
    end_well whole
    jq -c 'select(.type == "path")' "$TMP/whole.out" >"$TMP/whole"
    has "whole: a ping in fragments is answered" "$TMP/ping" ' 0% packet loss'
    is "whole: a datagram is one packet, with its port" '9 dropped' \
        "$(jq -r 'select(.tuple.l4 == "udp") | "\(.tuple.dport) \(.end)"' "$TMP/whole")"
    is "whole: fragments are their packet's, and have no fields of another header" 8 \
        "$(jq -r 'select(.tuple.l4 == "icmp").tuple.icmp_type' "$TMP/whole" | paste -sd' ')"
    is "whole: none of them was dropped" '' \
        "$(jq -c 'select(.tuple.l4 == "icmp" and .end == "dropped") | [.pkt, .drop]' "$TMP/whole")"
}

record
ways
diffs
bytes
files
dropped
whole
nothing_left path
finish
