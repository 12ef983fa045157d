#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Options that other cases test alone, each together with at least two others: the
# output must satisfy all of them. All traces see one ping and one datagram, at the same
# time.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up redirect-peer || finish
netns1=$(stat -Lc %i /run/netns/pod1)
mkdir "$TMP/cgroup2" && mount -t cgroup2 none "$TMP/cgroup2" && mkdir "$TMP/cgroup2/sender" ||
    not_ok "a cgroup can be made"
ways=(--filter-func '__ip_local_out|ip_output|nf_hook_slow|__dev_queue_xmit|dev_hard_start_xmit|veth_xmit|eth_type_trans|__netif.*|netif_rx.*|tcf_classify|cls_bpf_classify|skb_do_redirect|ip_rcv.*|ip_local_deliver.*|icmp_rcv|consume_skb|skb_release_data|kfree_skb.*')
few=(--filter-func 'ip_rcv|icmp_rcv|veth_xmit|__ip_local_out|udp_rcv|consume_skb|kfree_skb.*|skb_release_data')

# A process whose pid is known before it sends.
mkfifo "$TMP/go"
# shellcheck disable=SC2016 # expanded inside
busybox nsenter --net=/run/netns/pod1 /bin/bash -c 'read -r _ <"$1"; echo x >"/dev/udp/$2/5353"' - "$TMP/go" "$POD2_V4" &
sender=$!

launch port "$SKBTRAIL" --output-json --verbose --kernel-btf /sys/kernel/btf/vmlinux --filter-port 5353 --filter-ifname eth0 \
    --filter-ip 10.0.0.0/24 --output-tuple "${few[@]}"
launch sport "$SKBTRAIL" --json --filter-src-port 5353 --filter-src-ip "$POD1_V4" --filter-proto udp "${few[@]}"
launch pid "$SKBTRAIL" --json --filter-pid "$sender" --filter-netns pod1 --filter-dst-port 5353 "${few[@]}"
launch cgroup "$SKBTRAIL" --json --filter-cgroup "$TMP/cgroup2/sender" --filter-proto icmp --filter-dst-ip "$POD2_V4" \
    --all-kmods "${few[@]}"
launch path "$SKBTRAIL" "${ways[@]}" --path --json --filter-track-skb --filter-src-ip "$POD1_V4" --filter-proto icmp --output-caller
launch wide "$SKBTRAIL" "${ways[@]}" --wide --color never --filter-src-ip "$POD1_V4" --filter-proto icmp --filter-trace-tc
launch summary "$SKBTRAIL" --summary --json --filter-ip "$POD1_V4" --filter-trace-tc --sample 1 'icmp[0] != 3'
launch budget "$SKBTRAIL" --json --budget 100 --max-rate 100000 --filter-src-ip "$POD1_V4" --filter-proto icmp "${few[@]}"
launch kept "$SKBTRAIL" --duration 600s --snaplen 64 -w "$TMP/kept.skbt" --pcapng "$TMP/kept.pcapng" \
    --filter-src-ip "$POD1_V4" --filter-proto icmp "${few[@]}"
names=(port sport pid cgroup path wide summary budget kept)
armed "${names[@]}" || finish
echo go >"$TMP/go"
wait "$sender"
# shellcheck disable=SC2016 # expanded inside
in_pod1 bash -c 'echo $$ >"$1/sender/cgroup.procs"; exec ping -n -c1 -W5 "$2"' - "$TMP/cgroup2" "$POD2_V4" >"$TMP/traffic" 2>&1
is "the ping is answered" 1 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
end_well "${names[@]}"

of() { jq -r "select(.type == \"event\") | $2" "$TMP/$1.out" | sort -u | paste -sd' '; } # NAME JQ
is "--filter-port, -ifname, -ip, --kernel-btf, --output-json: the datagram, on devices of that name" \
    "eth0 $POD1_V4 5353" "$(of port '"\(.ifname) \(.tuple.src) \(.tuple.dport)"')"
has "--verbose: no other message if no function is refused" "$TMP/port.err" 'functions armed; waiting for packets$'
is "--filter-src-port with the port at the other side: nothing" '' "$(of sport .func)"
is "--filter-pid, -netns, -dst-port: what the process sends, in its namespace" "$netns1 $sender 5353" \
    "$(of pid '"\(.netns) \(.pid) \(.tuple.dport)"')"
is "--filter-cgroup, -proto, -dst-ip, --all-kmods: the ping, while it runs" "icmp 8 $POD2_V4" \
    "$(of cgroup '"\(.tuple.l4) \(.tuple.icmp_type) \(.tuple.dst)"')"
is "--path, --json, --filter-track-skb: one packet, through three namespaces" '1 pod1 host pod2' \
    "$(jq -r 'select(.type == "path").pkt' "$TMP/path.out" | xargs) $(jq -r 'select(.type == "path").hops[].netns_name' "$TMP/path.out" |
        awk '!seen[$0]++' | xargs)"
has "--wide, --filter-trace-tc: the same as a diagram" "$TMP/wide.out" 'pod1 eth0.*host lxc1'
is "--summary, --json, --filter-trace-tc, --sample 1: one flow of two packets" '1 2' \
    "$(jq -r 'select(.type == "flow") | .packets' "$TMP/summary.out" | awk '{ n++; sum += $1 } END { print n, sum }')"
is "--budget, --max-rate: within both nothing is held back" 0 "$(tail -n1 "$TMP/budget.out" | jq .limited)"
is "--write with --pcapng and --snaplen: the same packets in both" \
    "$("$SKBTRAIL" report --json "$TMP/kept.skbt" 2>/dev/null | grep -c '"type":"event"')" \
    "$(tcpdump -n -r "$TMP/kept.pcapng" 2>/dev/null | wc -l)"

# The verifier adds the stack of a program and of the functions that it calls. The user's expression is such a function.
all_parts=(--output-tuple --output-caller --output-stack --output-tcp-flags --output-meta --output-mac --output-tunnel
    --output-conntrack --output-route --output-skb --output-skb-shared-info --output-skb-cb --filter-port 80)
with_expression() { # NAME OPTION…
    check_status 0 "an expression with $1 can be loaded" "$SKBTRAIL" trace --duration 1ms --filter-func ip_rcv "${@:2}" \
        'icmp or tcp or udp'
}
with_expression --output-tunnel --output-tunnel --json
with_expression --filter-trace-xdp --filter-trace-xdp
with_expression "all that is shown" "${all_parts[@]}" --filter-track-skb --output-return
with_expression "all that is followed" --filter-track-skb --filter-track-skb-by-stackid --output-return --output-bpfmap \
    --filter-trace-tc --filter-trace-xdp --filter-tunnel-pcap-l3 tcp

# A file that cannot be written is refused before anything is attached; the message names the option.
for option in write output-file pcapng; do
    check_status 2 "--$option: a directory that is not there" "$SKBTRAIL" trace "--$option=/nosuch/file"
    has "--$option: is named with its value" "$TMP/err" "^skbtrail: --$option=/nosuch/file: cannot write it: No such file"
done
check_status 2 "--kernel-btf: a file that is not there" "$SKBTRAIL" trace --kernel-btf /nosuch/file
has "--kernel-btf: is named with its value" "$TMP/err" '^skbtrail: --kernel-btf=/nosuch/file: No such file'
umount "$TMP/cgroup2" 2>/dev/null || true
nothing_left "at the end"
finish
