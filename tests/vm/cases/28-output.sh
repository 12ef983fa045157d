#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What trace shows on request: caller, stack, Ethernet header, VLAN, tunnel, route,
# connection, cb and structures; in text and JSON, sorted, in files that rotate. A
# recording must contain all of it.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

few='ip_rcv|ip_output|icmp_rcv|veth_xmit|dev_hard_start_xmit|tcp_v4_rcv|udp_rcv|ip_local_deliver'
TRACE=("$SKBTRAIL" trace --filter-func "$few")
ALL=(--output-caller --output-stack --output-mac --output-tunnel --output-conntrack --output-route --output-skb
    --output-skb-shared-info --output-skb-cb --output-netfilter)

events() { jq -r "select(.type == \"event\") | $2" "$TMP/$1.out"; }

# A VXLAN device in pod1 only: nothing needs to receive the packets.
vxlan_up() {
    in_pod1 ip link add vx0 type vxlan id 42 remote "$POD2_V4" dstport 4789 dev eth0 &&
        in_pod1 ip addr add 192.168.42.1/24 dev vx0 && in_pod1 ip link set vx0 up &&
        in_pod1 ip neigh add 192.168.42.2 lladdr 02:00:00:00:42:02 dev vx0
}

traffic() {
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c 'ping -n -c2 -i0.2 -W5 "$1"; echo x >"/dev/tcp/$1/8080"; echo x >"/dev/udp/$1/9999"; echo x >/dev/udp/192.168.42.2/53' \
        - "$POD2_V4" >"$TMP/traffic" 2>&1
    has "the pings are answered" "$TMP/traffic" ' 0% packet loss'
}

topo_up redirect-peer || finish
check "a tunnel comes up" vxlan_up
modprobe -a nf_tables nft_ct nft_chain_nat nft_nat nf_nat 2>/dev/null
check "connections are tracked and translated" in_pod1 nft "add table ip t
    add chain ip t nat { type nat hook output priority -100; }
    add rule ip t nat tcp dport 8080 dnat to $POD2_V4:8081
    add chain ip t filter { type filter hook output priority 0; }
    add rule ip t filter ct state invalid drop
    add rule ip t filter udp dport 9999 drop"
launch all "${TRACE[@]}" --json --filter-ip "$POD2_V4" "${ALL[@]}" -w "$TMP/all.skbt" --print
launch text "${TRACE[@]}" --filter-ip "$POD2_V4" --filter-proto tcp --output-tcp-flags --output-meta --output-caller --sort
launch limit "${TRACE[@]}" --output-limit-lines 3 --filter-ip "$POD2_V4" --columns func,caller
launch rotated "${TRACE[@]}" --json --filter-ip "$POD2_V4" --output-file "$TMP/r.json" --output-file-size 2k
armed all text limit rotated || finish
traffic
ended limit
is "--output-limit-lines: ends by itself" 0 "$STATUS"
is "--output-limit-lines: a header and three lines" 4 "$(wc -l <"$TMP/limit.out")"
end_well all text rotated

is "caller: of veth_xmit" dev_hard_start_xmit "$(events all 'select(.func == "veth_xmit").caller' | sort -u)"
is "stack: begins with the function, then its caller" 'veth_xmit dev_hard_start_xmit' \
    "$(events all 'select(.func == "veth_xmit").stack[0:2] | map(sub("\\+.*"; "")) | join(" ")' | sort -u)"
is "MAC addresses: out of pod1" '02:00:00:00:01:02 02:00:00:00:01:01 2048' \
    "$(events all 'select(.func == "veth_xmit" and .tuple.icmp_type == 8).mac | "\(.src) \(.dst) \(.type)"' | sort -u)"
is "MAC addresses: none before the header is pushed" null "$(events all 'select(.func == "ip_output").mac' | sort -u)"
is "VLAN: none" '[]' "$(events all 'select(.func == "veth_xmit").vlan | tojson' | sort -u)"
is "tunnel: kind, network and the packet within" 'vxlan 42 192.168.42.1 192.168.42.2 53' \
    "$(events all 'select(.tunnel != null and .func == "veth_xmit").tunnel | "\(.kind) \(.vni) \(.tuple.src) \(.tuple.dst) \(.tuple.dport)"' | sort -u)"
is "route: of the ping, out of pod1" 'unicast eth0' \
    "$(events all 'select(.func == "ip_output" and .tuple.icmp_type == 8).route | "\(.type) \(.ifname)"' | sort -u)"
is "route: of a delivered packet" local "$(events all 'select(.func == "icmp_rcv").route.type' | sort -u)"
is "connection: of the ping, in pod1" new \
    "$(events all 'select(.func == "ip_output" and .tuple.icmp_type == 8 and .tuple.icmp_seq == 1).conntrack.state' | sort -u)"
is "connection: both tuples after NAT" '8080 8081 true' \
    "$(events all 'select(.func == "ip_output" and .tuple.l4 == "tcp" and .netns_name == "pod1").conntrack | "\(.orig.dport) \(.reply.sport) \(.status | index("dnat") != null)"' | sort -u)"
if [[ -e /sys/kernel/btf/nf_tables ]]; then
    is "netfilter: hook, table, chain and verdict" 'ip output t filter accept' \
        "$(events all 'select(.func == "nft_do_chain" and .tuple.icmp_type == 8 and .netfilter.chain == "filter").netfilter | "\(.family) \(.hook) \(.table) \(.chain) \(.verdict)"' | sort -u)"
    is "netfilter: a verdict that ends it" 'output t/filter drop' \
        "$(events all 'select(.func == "nft_do_chain" and .tuple.dport == 9999 and .netfilter.chain == "filter").netfilter | "\(.hook) \(.table)/\(.chain) \(.verdict)"' | sort -u)"
else
    has "netfilter: says that no chain can be shown, and why" "$TMP/all.err" \
        '^skbtrail: --output-netfilter: no chain can be shown: .* BTF of modules \(5\.11\)$'
fi
# the chain has freed what it dropped
is "cb: 12 words, but of a packet that is gone" 12 "$(events all 'select(.func != "nft_do_chain" or .cb) | .cb | length' | sort -u)"
is "struct sk_buff: its length is the event's" '' \
    "$(events all 'select(.func != "nft_do_chain" or .skb_dump) | select((.skb_dump | capture("\\.len = \\(unsigned int\\)(?<n>[0-9]+)").n | tonumber) != .len) | .seq')"
has "struct skb_shared_info: has a member" <(events all .shared_info) 'dataref'

check "report shows the recording" "$SKBTRAIL" report --json "$TMP/all.skbt"
is "the recording keeps all of it" '' \
    "$(diff <(grep '^{"type":"event"' "$TMP/all.out") <(grep '^{"type":"event"' "$TMP/out") | head -n 4)"
check "report shows it as text" "$SKBTRAIL" report --output-caller --output-stack --output-skb --drops "$TMP/all.skbt"

has "text: the columns asked for" "$TMP/text.out" '^SKB .* MARK +PROTO +MTU +LEN +TUPLE +TCPFLAGS +CALLER +FUNC$'
has "text: flags by name" "$TMP/text.out" ' SYN +'
# The MTU is read only when a column shows it.
is "text: the MTU of the pod's device" 1500 \
    "$(awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["IFACE"] ~ /^eth0:/ { print $at["MTU"] }' "$TMP/text.out" | sort -u)"
is "--sort: by packet, then time" '' \
    "$(awk 'NR > 1 && !seen[$1]++ { n++ } END { if (!n) print "no packets" }' "$TMP/text.out")"

is "--output-file-size: no file is larger" '' "$(find "$TMP" -name 'r.json*' -size +2k)"
is "--output-file-size: older files are kept" 600 "$(stat -c %a "$TMP/r.json.1")"
is "--output-file-size: lines are whole" '' "$(cat "$TMP"/r.json* | jq -c . 2>&1 >/dev/null)"
ln -s "$TMP/victim" "$TMP/link"
check_status 2 "--output-file through a symlink" "${TRACE[@]}" --output-file "$TMP/link"
has "--output-file through a symlink: says so" "$TMP/err" 'link: cannot write it: it is a symbolic link$'
for wrong in --output-limit-lines=0 --stop-after=x --output-file-size=0 --timestamp=never; do
    check_status 2 "$wrong" "$SKBTRAIL" trace "$wrong"
    has "$wrong: names option and value" "$TMP/err" "^skbtrail: $wrong: "
done
nothing_left "at the end"
finish
