#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What --json prints on a kernel that is traced is as 'skbtrail schema' says: lines of every command, with all that an
# event can show. Of many lines the first of each shape is validated, because the validator is slow in a guest.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up redirect-peer || finish
ip netns exec pod2 nft -f - <<'END' || finish
table inet t {
    chain c {
        type filter hook input priority 0; policy accept
        udp dport 7777 drop
    }
}
END
parts=(--output-caller --output-stack --output-meta --output-mac --output-tunnel --output-conntrack --output-route --output-skb
    --output-skb-shared-info --output-skb-cb --output-netfilter --output-return --output-bpfmap --filter-trace-tc --filter-track-skb)
few='ip_rcv|icmp_rcv|udp_rcv|arp_rcv|veth_xmit|__dev_queue_xmit|kfree_skb.*|consume_skb|nf_hook_slow'
began=$(date +%s)
launch parts "$SKBTRAIL" trace --json "${parts[@]}" --filter-func "$few" --output-skb-metadata 'skb->len' --filter-src-ip "$POD1_V4"
launch all "$SKBTRAIL" trace --json --filter-func "$few"
launch path "$SKBTRAIL" trace --path --json --filter-src-ip "$POD1_V4"
launch why "$SKBTRAIL" why --json --filter-dst-ip "$POD2_V4"
armed parts all path why || finish
check "a ping" in_pod1 ping -n -c1 -W5 "$POD2_V4"
in_pod1 bash -c "echo x >/dev/udp/$POD2_V4/7777"
end_well parts all path why
check "a check" "$SKBTRAIL" check same-node --json --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping=1
cp "$TMP/out" "$TMP/check.out"
"$SKBTRAIL" funcs --json >"$TMP/funcs.out"
"$SKBTRAIL" endpoints --json >"$TMP/endpoints.out"
"$SKBTRAIL" doctor --json >"$TMP/doctor.out"

times=$(jq -r 'select(.type == "event").time[:19] + "Z" | fromdate' "$TMP/all.out" | sort -n | sed -n '1p;$p' | xargs)
check "an event has its time of day" test "$((${times% *} + 1))" -ge "$began" -a "${times#* }" -le "$(date +%s)"

# shapes: prints the first line of each set of members and of what is null
shapes() {
    jq -c '[.type, (paths(type == "null" or type == "boolean" or type == "number" or type == "string") as $p |
        [($p | map(if type == "number" then 0 else . end)), (getpath($p) | type)])] | unique | tojson' "$1" |
        paste -d '\t' - "$1" | awk -F '\t' '!seen[$1]++ { print $2 }' | head -n60
}
for name in parts all path why check funcs endpoints doctor; do shapes "$TMP/$name.out"; done >"$TMP/lines.jsonl"
check "the schema" "$SKBTRAIL" schema
cp "$TMP/out" "$TMP/schema.json"
check "every line is as the schema says" tests/schema/validate.py "$TMP/schema.json" "$TMP/lines.jsonl"
has "lines of every type were seen" "$TMP/out" '^check:1 endpoint:[1-9][0-9]* event:[1-9][0-9]* finding:[1-9][0-9]* func:[1-9][0-9]* path:[1-9][0-9]* summary:[1-9][0-9]* why:[1-9]'
check "a program was among them" jq -se 'any(.program)' "$TMP/lines.jsonl"
if [[ -e /sys/kernel/btf/nf_tables ]]; then
    check "a chain was among them" jq -se 'any(.netfilter)' "$TMP/lines.jsonl"
fi
nothing_left schema
finish
