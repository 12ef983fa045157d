#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# BPF programs on the path in a trace: those that were loaded before it and those loaded
# later, on clsact, tcx and netkit, behind a tail call, with functions of their own, and
# XDP. One trace of pings covers all of them, with filters, as JSON lines and as a
# recording. The identifier of each ping tells them apart.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

progs=build/tests/vm/progs.bpf.o
nobtf=build/tests/vm/nobtf.bpf.o

ping_once() { in_pod1 ping -n -c1 -W2 -e "$1" "$POD2_V4" >/dev/null; } # IDENTIFIER

# shown PROGRAM: pings, and tests whether the program's entry is shown, which is attached
# last. A trace follows a new program after up to a tenth of a second.
shown() {
    ping_once 2999
    grep -qE "\"program\":\{\"id\":$(id_of "$1"),[^}]*\"at\":\"entry\"" "$TMP/json.out"
}
seen() { grep "\"icmp_id\":$1," "$TMP/json.out" | grep -qE "$2"; } # IDENTIFIER REGEX

# ping_shown PROGRAM IDENTIFIER EVENT: waits until the program is followed, pings once, waits for EVENT of this ping
ping_shown() {
    wait_for 60 shown "$1" || not_ok "$1, loaded later, is followed"
    ping_once "$2"
    wait_for 10 seen "$2" "$3" || not_ok "a ping through $1 is shown"
}
reply_in='"func":"ip_rcv",.*"ifname":"eth0",.*"icmp_type":0,'

# what IDENTIFIER ICMP-TYPE [TYPE]: prints what programs, or those of that type, did with the last echo request (8) or
# reply (0), in order, on one line
what() {
    jq -rc --argjson id "$1" --argjson type "$2" --arg of "${3-}" 'select(.type == "event" and .program != null
            and ($of == "" or .program.type == $of) and .tuple.icmp_id == $id and .tuple.icmp_type == $type)
        | "\(.pkt) \(.func)#\(.program.id)@\(.ifname) \(.program.at) \(.program.verdict // .program.value // .call.ifname)"' \
        "$TMP/json.out" | awk '$1 != pkt { pkt = $1; n = 0 } { sub(/^[0-9]+ /, ""); line[n++] = $0 }
            END { for (i = 0; i < n; i++) printf "%s%s", i ? "; " : "", line[i]; print "" }'
}

# redirected IDENTIFIER PROGRAM HELPER TARGET ICMP-TYPE NEAR
redirected() {
    local id
    id=$(id_of "$2")
    is "$topology: $2 on $6 redirects to $4" \
        "$2#$id@$6 entry null; $3#$id@$6 call $4; $2#$id@$6 exit TC_ACT_REDIRECT" "$(what "$1" "$5")"
}

both_ways() { # IDENTIFIER PROGRAM HELPER
    redirected "$1" "$2" "$3" lxc2 8 lxc1
    redirected "$1" "$2" "$3" lxc1 0 lxc2
}

topology=redirect-peer
topo_up redirect-peer || finish
read_ids
launch json "$SKBTRAIL" --filter-trace-tc --filter-trace-xdp --filter-ip "$POD1_V4" --filter-proto icmp \
    --filter-func 'veth_xmit|skb_do_redirect|ip_rcv' --json --print -w "$TMP/recording"
launch text "$SKBTRAIL" --filter-trace-tc --filter-src-ip "$POD2_V4" --filter-func skb_do_redirect icmp
armed json text || finish

ping_once 3001
in_pod1 bash -c "echo x >/dev/udp/$POD2_V4/5353"
wait_for 10 seen 3001 "$reply_in"
both_ways 3001 from_pod_peer bpf_redirect_peer
is "$topology: in their order among the functions" \
    'veth_xmit from_pod_peer bpf_redirect_peer from_pod_peer skb_do_redirect ip_rcv' \
    "$(jq -r 'select(.type == "event" and .tuple.icmp_id == 3001 and .tuple.icmp_type == 8 and .drop == null).func' \
        "$TMP/json.out" | xargs)"
is "$topology: all events have the same packet number" 1 \
    "$(jq -r 'select(.type == "event" and .tuple.icmp_id == 3001 and .tuple.icmp_type == 8).pkt' "$TMP/json.out" | sort -u | wc -l)"
is "the filters hold for programs, too" 0 "$(grep -cE '"l4":"udp".*"program":\{' "$TMP/json.out")"
end text
is "text: the lines of the reply" "from_pod_peer#$(id_of from_pod_peer) (tc entry)
bpf_redirect_peer (to lxc1:20, by from_pod_peer#$(id_of from_pod_peer))
from_pod_peer#$(id_of from_pod_peer) (tc exit: TC_ACT_REDIRECT)
skb_do_redirect" "$(grep -oE '(bpf_redirect|from_pod|skb_do).*' "$TMP/text.out" | head -n 4)"
has 'the message says how many programs are followed' "$TMP/text.err" '; 1 BPF programs followed \(1 functions\), later ones will be; '

for topology in redirect-peer-tail redirect-peer-tcx netkit; do
    topo_up "$topology" || continue
    read_ids
    case $topology in
    redirect-peer-tail)
        ping_shown from_pod_tail 3002 "$reply_in"
        both_ways 3002 from_pod_tail bpf_redirect_peer
        ;;
    redirect-peer-tcx)
        ping_shown from_pod_peer 3003 "$reply_in"
        both_ways 3003 from_pod_peer bpf_redirect_peer
        ;;
    netkit)
        ping_shown from_pod_netkit 3004 "$reply_in"
        both_ways 3004 from_pod_netkit bpf_redirect
        ;;
    esac
done

# Functions of a program, one of which takes the packet as second argument; a name that
# the kernel cuts; a clone; XDP, which runs first; a program that drops.
topology=host-stack
topo_up host-stack || finish
tc qdisc add dev lxc1 clsact
tc filter add dev lxc1 ingress prio 1 bpf da obj "$progs" sec tc/pass
tc filter add dev lxc1 egress prio 1 bpf da obj "$progs" sec tc/clone
read_ids
pass=$(id_of passes_with_a_long_name) clone=$(id_of clones_to_loopback)
ip link set dev lxc2 xdp obj "$progs" sec xdp
tc qdisc add dev lxc2 clsact
tc filter add dev lxc2 ingress prio 1 bpf da obj "$nobtf" sec tc/pass
read_ids
ping_shown xdp_passes 3005 "$reply_in"
xdp=$(id_of xdp_passes)
is "functions of a tc program" "passes_with_a_long_name#$pass@lxc1 entry null; protocol_of_packet#$pass@lxc1 entry null; protocol_of_packet#$pass@lxc1 exit 1; passes_with_a_long_name#$pass@lxc1 exit TC_ACT_OK" \
    "$(what 3005 8)"
is "XDP" "xdp_passes#$xdp@lxc2 entry null; frame_bytes#$xdp@lxc2 entry null; frame_bytes#$xdp@lxc2 exit 98; xdp_passes#$xdp@lxc2 exit XDP_PASS" \
    "$(what 3005 0 xdp)"
has "a clone's target is named" "$TMP/json.out" "\"func\":\"bpf_clone_redirect\",.*\"id\":$clone,\"name\":\"clones_to_loopback\",.*\"call\":\{\"helper\":\"bpf_clone_redirect\",\"ifindex\":1,\"ifname\":\"lo\",\"flags\":0\}"
is "a frame has no skb" 0x0 \
    "$(jq -r 'select(.program.type? == "xdp").skb' "$TMP/json.out" | sort -u)"
tc filter replace dev lxc1 ingress prio 1 handle 1 bpf da obj "$progs" sec tc/drop
read_ids
ping_shown drops_echo 3006 '"verdict":"TC_ACT_SHOT"'
is "a program that drops" "drops_echo exit TC_ACT_SHOT" "$(what 3006 8 | grep -oE '[^ ;#]+#[^;]*$' | sed 's/#[^ ]*//')"

end json
is "exit status" 0 "$STATUS"
has "a program without BTF is named" "$TMP/json.err" "^skbtrail: not followed: tc program passes_with_a_l#[0-9]+: it was loaded without BTF"
is "the ledger counts all events, and the ring lost none" "[\"summary\",$(($(wc -l <"$TMP/json.out") - 1)),0]" \
    "$(tail -n1 "$TMP/json.out" | jq -c '[.type, .events, (.lost | .ring + .map)]')"
"$SKBTRAIL" report --json "$TMP/recording" >"$TMP/report"
is "a recording says the same" '' "$(diff <(jq -c 'select(.program != null)' "$TMP/json.out") \
    <(jq -c 'select(.program != null)' "$TMP/report") | head -n 6)"
ip link set dev lxc2 xdp off
nothing_left 'at the end'
finish
