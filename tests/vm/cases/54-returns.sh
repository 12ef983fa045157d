#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --output-return: each call that is shown returns once, and the value has the function's
# type. The return value shows why a packet was dropped. By kprobe.multi on all functions
# if the kernel has it, and by kretprobes on some.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

check_status 2 "--output-return=yes" "$SKBTRAIL" trace --output-return=yes
has "--output-return=yes: the message" "$TMP/err" '^skbtrail: --output-return=yes: '

topo_up redirect-peer || finish
netns2=$(stat -Lc %i /run/netns/pod2)
in_pod2 iptables -A INPUT -p udp --dport 9 -j DROP || not_ok "a rule that drops can be set"
some='ip_(rcv|local_deliver|route_input_slow)|consume_skb|skb_push|nf_hook_slow|veth_xmit|dev_hard_start_xmit'
some+='|tcf_classify|cls_bpf_classify|tc_run|sch_handle_ingress|kfree_skb.*|icmp_rcv'
which=()
"$SKBTRAIL" funcs ip_rcv | grep -q 'kprobe[.]multi' || which=(--filter-func "$some")
launch all "$SKBTRAIL" --json "${which[@]}" --filter-src-ip "$POD1_V4" --output-return --output-caller --output-stack \
    --filter-non-skb-funcs fib_table_lookup --filter-track-bpf-helpers -w "$TMP/all.skbt" --print
launch text "$SKBTRAIL" --filter-func 'ip_rcv|ip_local_deliver|veth_xmit|consume_skb|nf_hook_slow|eth_type_trans|skb_push' \
    --output-return --filter-proto icmp --columns func "src host $POD1_V4"
launch others "$SKBTRAIL" --json "${which[@]}" --filter-src-ip 10.99.99.99 --output-return
launch kprobe "$SKBTRAIL" --json --backend kprobe --filter-func "$some" --filter-src-ip "$POD1_V4" --output-return \
    --filter-track-skb icmp
armed all text others kprobe || finish
# shellcheck disable=SC2016 # expanded inside
in_pod1 bash -c 'ping -n -c2 -i0.2 -W5 "$1"; echo x >"/dev/udp/$1/9"' - "$POD2_V4" >"$TMP/traffic" 2>&1
is "the pings are answered" 1 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
dropped() { grep -q '"source":null,.*"dport":9,' "$TMP/all.out" || grep -q '"drop":{' "$TMP/all.out"; }
wait_for 5 dropped
end_well all text others kprobe

calls='select(.type == "event" and .drop == null and .return == null)'
returns='select(.return != null)'
count() { jq -r "$2 | \"\(.skb) \(.func)\"" "$TMP/$1.out" | sort | uniq -c; } # NAME JQ
for name in all kprobe; do
    # Functions of type void have no such line.
    jq -r "$returns.func" "$TMP/$name.out" | sort -u >"$TMP/returning"
    is "$name: each call returns once" '' \
        "$(diff <(count $name "$calls" | grep -wFf "$TMP/returning") <(count $name "$returns" | grep -wFf "$TMP/returning"))"
    [[ -n $(count $name "$returns") ]] || not_ok "$name: there are returns"
done
# If returns are traced, as the other traces here do, the return address is replaced: then the caller is unknown.
lacks "no trampoline is shown as caller" <(jq -r "$calls.caller" "$TMP/all.out") 'kretprobe_trampoline|arch_rethook_trampoline|return_to_handler'
is "a return belongs to the packet of its call" '' \
    "$(jq -r "$returns | select(.pkt == null) | .func" "$TMP/all.out" | sort -u)"
of() { jq -r "$returns | select($1) | \"\\(.return.type) \\(.return.value)\"" "$TMP/all.out" | sort -u | paste -sd' '; }
is "an int" 'int 0' "$(of '.func == "ip_local_deliver" and .tuple.l4 == "icmp"')"
is "functions of type void have no line" '' "$(of '.func | test("^(consume_skb|kfree_skb|kfree_skb_reason|kfree_skbmem)$")')"
is "the place of a drop is still known" true \
    "$(jq -r 'select(.drop != null and .tuple.dport == 9).drop.symbol | . != null and (test("trampoline|return_to_handler") | not)' "$TMP/all.out" | sort -u)"
[[ $(of '.func == "skb_push"') =~ ^pointer\ 0xfff[0-9a-f]{13}( |$) ]] || not_ok "a pointer" "$(of '.func == "skb_push"')"
is "a helper returns TC_ACT_REDIRECT" 'int 7' "$(of '.func == "bpf_redirect_peer"')"
is "a function without a packet" 'int 0' "$(of ".func == \"fib_table_lookup\" and .netns == $netns2")"
is "a hook that drops: -EPERM" 'int -1' "$(of ".func == \"nf_hook_slow\" and .netns == $netns2 and .tuple.dport == 9")"
is "the returns of nested calls come first" 'veth_xmit dev_hard_start_xmit' \
    "$(jq -r "$returns | select(.pkt == 1 and (.func == \"veth_xmit\" or .func == \"dev_hard_start_xmit\")).func" "$TMP/all.out" | head -n2 | paste -sd' ')"
has "text: the value is behind the function" "$TMP/text.out" '^ip_local_deliver \(returned 0\) *$'
lacks "text: no value for a function of type void" "$TMP/text.out" '^consume_skb .*returned'
is "where no packet matches, nothing returns" 0 "$(grep -c '"type":"event"' "$TMP/others.out")"
nothing_lost "nothing was lost" "$TMP/all.out"
"$SKBTRAIL" report --json "$TMP/all.skbt" >"$TMP/report.out" 2>"$TMP/report.err"
is "a recording has the return values" "$(jq -c "$returns | [.func, .return]" "$TMP/all.out" | sort | uniq -c)" \
    "$(jq -c "$returns | [.func, .return]" "$TMP/report.out" | sort | uniq -c)"
is "report --path leaves returns out" "$("$SKBTRAIL" report --path --json "$TMP/all.skbt" 2>/dev/null | grep -c returned)" 0

# The next start removes the kretprobes of a killed trace.
launch victim "$SKBTRAIL" --backend kprobe --output-return --filter-func ip_rcv
armed victim
end victim KILL
has "killed: its kretprobes stay" /sys/kernel/tracing/kprobe_events '^r[0-9]*:skbtrail_'
launch next "$SKBTRAIL" --backend kprobe --filter-func ip_rcv
armed next
lacks "killed: the next start removes its kretprobes" /sys/kernel/tracing/kprobe_events '^r[0-9]*:skbtrail_'
end_well next
nothing_left "at the end"
finish
