#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --output-bpfmap: what a tc program does with its maps for a packet that matches: map,
# key and value. Nothing is shown for other packets, or for the trace's own maps.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

check_status 2 "--output-bpfmap=yes" "$SKBTRAIL" trace --output-bpfmap=yes
has "--output-bpfmap=yes: the message" "$TMP/err" '^skbtrail: --output-bpfmap=yes: '

topo_up host-stack || finish
tc qdisc add dev lxc1 clsact && tc filter add dev lxc1 ingress prio 1 bpf da obj build/tests/vm/maps.bpf.o sec tc ||
    not_ok "the program can be attached"
few=(--filter-func 'tcf_classify|cls_bpf_classify|__netif.*|ip_rcv|ip_output|veth_xmit|tc_run|sch_handle.*')
launch json "$SKBTRAIL" --json "${few[@]}" --output-bpfmap --filter-src-ip "$POD1_V4" --output-caller -w "$TMP/json.skbt" --print \
    icmp and dst host "$POD2_V4"
launch text "$SKBTRAIL" --output-bpfmap --filter-track-skb --filter-skb-expr 'skb->len > 20' --columns tuple,func \
    --filter-src-ip "$POD1_V4" --filter-dst-ip "$POD2_V4" "${few[@]}"
launch nobody "$SKBTRAIL" --json "${few[@]}" --output-bpfmap --filter-src-ip 10.99.99.99
armed json text nobody || finish
in_pod1 bash -c "ping -n -c1 -W5 $POD2_V4; echo x >/dev/udp/10.0.0.77/9; echo x >/dev/udp/$POD2_V4/9" >"$TMP/traffic" 2>&1
is "the ping is answered" 1 "$(grep -c '1 received' "$TMP/traffic")"
end_well json text nobody

key=0a000043 # 10.0.0.67
uses() {
    jq -r 'select(.map != null) | "\(.func) \(.map.name) \(.map.key) \(.map.value) \(.map.found) \(.map.key_size) \(.map.value_size)"' \
        "$TMP/$1.out"
}
each_cpu=0100000000000000
each_cpu_text=$each_cpu
if kernel_at_least 6.10; then # the lookup does not show the value
    each_cpu=null each_cpu_text='\?'
fi
wide=07000000$(printf '0%.0s' {1..120})
wanted="bpf_map_lookup_elem seen $key null false 4 8
bpf_map_update_elem seen $key 0100000000000000 null 4 8
bpf_map_lookup_elem seen $key 0100000000000000 true 4 8
bpf_map_update_elem recent $key $wide null 4 100
bpf_map_lookup_elem each_cpu $key $each_cpu true 4 8
bpf_map_update_elem routes 20000000$key 3412 null 8 2
bpf_map_lookup_elem routes 20000000$key 3412 true 8 2
bpf_map_delete_elem recent $key null null 4 100"
# The trace names functions that the kernel does not let it attach to; these are not expected.
sed -n 's/^skbtrail: --output-bpfmap: not seen, .*: //p' "$TMP/json.err" | tr -d , >"$TMP/unseen"
unseen=$(<"$TMP/unseen")
[[ $unseen != *trie_lookup_elem* ]] || wanted=$(grep -v 'lookup_elem routes' <<<"$wanted")
[[ $unseen != *trie_update_elem* ]] || wanted=$(grep -v 'update_elem routes' <<<"$wanted")
is "all uses of hash maps are seen" '' "$(tr ' ' '\n' <"$TMP/unseen" | grep htab)"
is "each use, in order, by map, key and value" "$wanted" "$(uses json)"
is "all for one packet, in the host" '1 lxc1 10.0.0.133' \
    "$(jq -r 'select(.map != null) | "\(.pkt) \(.ifname) \(.tuple.src)"' "$TMP/json.out" | sort -u)"
is "the map's id is the kernel's" "$(bpftool -j map show name seen | jq .id)" \
    "$(jq 'select(.map.name == "seen").map.id' "$TMP/json.out" | sort -u)"
has "text: a value" "$TMP/text.out" "^10.0.0.133:0->10.0.0.67:0\(icmp\) +bpf_map_lookup_elem \(seen#[0-9]+ $key = 0100000000000000\) *$"
has "text: a long value is cut" "$TMP/text.out" " bpf_map_update_elem \(recent#[0-9]+ $key = 07[0-9]+\.\.\.\) *$"
has "text: a value for each CPU" "$TMP/text.out" " bpf_map_lookup_elem \(each_cpu#[0-9]+ $key = $each_cpu_text\) *$"
has "text: a removal" "$TMP/text.out" " bpf_map_delete_elem \(recent#[0-9]+ $key\) *$"
lacks "text: nothing for other packets" "$TMP/text.out" 0a00004d
lacks "nothing of the trace's own maps" <(cat "$TMP"/json.out "$TMP"/text.out) 'st_[a-z]+'
is "where no packet matches, nothing is shown" 0 "$(grep -c '"type":"event"' "$TMP/nobody.out")"
for name in json nobody; do
    nothing_lost "$name: nothing was lost" "$TMP/$name.out" recursion
done
"$SKBTRAIL" report --json "$TMP/json.skbt" >"$TMP/report.out" 2>"$TMP/report.err"
is "a recording has these uses" "$wanted" "$(uses report)"
nothing_left "at the end"
finish
