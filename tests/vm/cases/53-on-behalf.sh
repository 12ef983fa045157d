#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Calls without a packet of their own, for a packet that matched: functions that the
# user names, helpers of BPF programs, and other packets handled on the same stack. A
# packet that does not match passes through the same functions at the same time; nothing
# is shown for it.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up redirect-peer || finish
netns2=$(stat -Lc %i /run/netns/pod2)
calls=(--filter-non-skb-funcs 'fib_table_lookup,skb_push' --filter-track-bpf-helpers)
request=(--filter-src-ip "$POD1_V4" --filter-proto icmp)
# Without kprobe.multi each function takes time to attach: then only those that matter here.
which=()
"$SKBTRAIL" funcs ip_rcv | grep -q 'kprobe[.]multi' ||
    which=(--filter-func 'ip_.*|__netif.*|tc[fx_].*|cls.*|sch_handle.*|skb_do_redirect|skb_push|neigh_resolve_output|eth_header')
launch behalf "$SKBTRAIL" --json "${which[@]}" "${request[@]}" "${calls[@]}" --output-caller --output-stack -w "$TMP/behalf.skbt" --print
launch kprobe "$SKBTRAIL" --json "${request[@]}" "${calls[@]}" --backend kprobe --filter-track-skb \
    --filter-func 'ip_rcv|ip_route_input_slow|tcf_classify|cls_bpf_classify|sch_handle_ingress|tc_run' \
    --filter-skb-expr 'skb->len > 20' 'icmp and not host 10.99.99.99'
launch nobody "$SKBTRAIL" --json --filter-src-ip 10.99.99.99 "${calls[@]}" --filter-func 'ip_.*|__netif.*|tcf.*|cls.*'
launch stack "$SKBTRAIL" --json "${request[@]}" --filter-track-skb-by-stackid --filter-func 'icmp_.*|__ip_local_out|ip_output'
launch alone "$SKBTRAIL" --json "${request[@]}" --filter-func 'icmp_.*|__ip_local_out|ip_output'
armed behalf kprobe nobody stack alone || finish
in_pod1 ping -n -c2 -i0.2 -W5 "$POD2_V4" >"$TMP/traffic" 2>&1
is "the pings are answered" 1 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
end_well behalf kprobe nobody stack alone

# of NAME JQ: applies the filter to its events, prints a sorted list without repetition
of() { jq -r "select(.type == \"event\") | $2" "$TMP/$1.out" | sort -u | paste -sd' '; }
for name in behalf kprobe; do
    is "$name: the helper that redirects, in the host, for the request" "bpf_redirect_peer $POD1_V4 $POD2_V4 lxc1" \
        "$(of $name 'select(.func == "bpf_redirect_peer") | "\(.func) \(.tuple.src) \(.tuple.dst) \(.ifname)"')"
    is "$name: its route is looked up in the other pod" 1 \
        "$(jq -n "[inputs | select(.func == \"fib_table_lookup\" and .netns == $netns2 and .without_packet)] | length | if . > 0 then 1 else 0 end" "$TMP/$name.out")"
    is "$name: each belongs to one of the requests" "$(of $name "select(.tuple.src == \"$POD1_V4\").pkt")" \
        "$(of $name 'select(.without_packet).pkt')"
    nothing_lost "$name: nothing was lost" "$TMP/$name.out"
done
is "in the order of the calls: the helper runs within the classifier" 1 \
    "$(jq -n '[inputs | select(.func == "bpf_redirect_peer") | .stack | map(select(test("classify|tc_run|handle_ingress|netif_receive"))) | length > 0] | all | if . then 1 else 0 end' "$TMP/behalf.out")"
lacks "the caller of each is known" <(jq -c 'select(.without_packet) | [.func, .caller]' "$TMP/behalf.out") 'null'
is "a function that takes a packet is shown with its packet" 'null' "$(of behalf 'select(.func == "skb_push").without_packet')"
is "where no packet matches, nothing is shown" 0 "$(of nobody '.func' | wc -w)"
"$SKBTRAIL" report --json "$TMP/behalf.skbt" >"$TMP/report.out" 2>"$TMP/report.err"
is "a recording has these calls" "$(of behalf 'select(.without_packet).func')" "$(of report 'select(.without_packet).func')"
check "report --path leaves these calls out" "$SKBTRAIL" report --path "$TMP/behalf.skbt"
has "the path is drawn" "$TMP/out" 'redirect'

is "by the stack: the reply, while the request is handled" "$POD2_V4>$POD1_V4" \
    "$(of stack "select(.func == \"ip_output\" and .netns == $netns2) | \"\\(.tuple.src)>\\(.tuple.dst)\"")"
is "without --filter-track-skb-by-stackid, the reply is not shown" '' "$(of alone "select(.func == \"ip_output\" and .netns == $netns2) | \"\\(.tuple.src)>\\(.tuple.dst)\"")"
lacks "by the stack: not once the request is handled" <(jq -c 'select(.type == "event") | [.func, .tuple.src, .netns]' "$TMP/stack.out") \
    "icmp_rcv\",\"$POD2_V4"

check_status 2 "--filter-non-skb-funcs: a function that is not there" "$SKBTRAIL" trace --filter-non-skb-funcs nosuch_func
has "--filter-non-skb-funcs: a function that is not there: the message" "$TMP/err" '^skbtrail: --filter-non-skb-funcs=nosuch_func: the kernel has no function of this name'
check_status 2 "--filter-non-skb-funcs a,,b" "$SKBTRAIL" trace --filter-non-skb-funcs a,,b
has "--filter-non-skb-funcs a,,b: the message" "$TMP/err" '^skbtrail: --filter-non-skb-funcs=a,,b: must be names of functions, separated by commas$'
check_status 2 "--filter-track-bpf-helpers=yes" "$SKBTRAIL" trace --filter-track-bpf-helpers=yes
has "--filter-track-bpf-helpers=yes: the message" "$TMP/err" '^skbtrail: --filter-track-bpf-helpers=yes: '
check_status 2 "--filter-track-skb-by-stackid=yes" "$SKBTRAIL" trace --filter-track-skb-by-stackid=yes
has "--filter-track-skb-by-stackid=yes: the message" "$TMP/err" '^skbtrail: --filter-track-skb-by-stackid=yes: '
"$SKBTRAIL" funcs --filter-track-bpf-helpers --all --json >"$TMP/funcs" 2>&1
is "funcs: helpers have no argument that is a packet" 'null' "$(jq -r 'select(.func == "bpf_redirect_peer").slot' "$TMP/funcs")"
is "funcs: those that skbtrail calls itself are left out" "called by skbtrail's own programs" \
    "$(jq -r 'select(.func | test("^bpf_map_(lookup|update|delete)_elem$")).reason' "$TMP/funcs" | sort -u)"
is "funcs: other helpers are not left out" 'true' "$(jq -r 'select(.func == "bpf_map_push_elem").attachable' "$TMP/funcs")"
nothing_left "at the end"
finish
