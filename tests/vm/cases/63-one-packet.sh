#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One packet has one number, whatever skb and head it is in, and another packet has
# another number: through IPsec, XDP on a veth, fragments and their reassembly, segments,
# copies for a tap, exchanges of the head, and with addresses that are used again at once.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up host-stack || finish
netns2=$(stat -Lc %i /run/netns/pod2)
modprobe -a esp4 xfrm_user authenc cbc sha256_generic nf_tables 2>/dev/null
INNER1=10.0.0.98 INNER2=10.0.0.99
in_pod1 ip addr add "$INNER1/32" dev lo
in_pod2 ip addr add "$INNER2/32" dev lo

# ipsec MODE SOURCE DESTINATION: from pod to pod, and back
# shellcheck disable=SC2317 # called by check
ipsec() {
    local pod key=0x00112233445566778899aabbccddeeff from to dir i inner
    for pod in pod1 pod2; do
        for i in 1 2; do
            from=$POD1_V4 to=$POD2_V4
            [[ $i == 1 ]] || from=$POD2_V4 to=$POD1_V4
            ip -n "$pod" xfrm state add src "$from" dst "$to" proto esp spi "0x10$i" reqid 1 mode "$1" \
                enc 'cbc(aes)' "$key" auth 'hmac(sha256)' "$key${key#0x}" || return 1
            dir=out
            [[ $pod$i == pod11 || $pod$i == pod22 ]] || dir=in
            inner=(src "$2" dst "$3")
            [[ $i == 1 ]] || inner=(src "$3" dst "$2")
            ip -n "$pod" xfrm policy add "${inner[@]}" dir "$dir" tmpl src "$from" dst "$to" proto esp reqid 1 mode "$1" || return 1
        done
    done
}
no_ipsec() {
    local pod
    for pod in pod1 pod2; do
        ip -n "$pod" xfrm policy flush && ip -n "$pod" xfrm state flush
    done
}
echoes() { in_pod1 ping -n -q -c2 -i0.2 -W5 "$@" >>"$TMP/traffic" 2>&1; } # OPTION… ADDRESS
stream() { # PORT BYTES
    rm -f "$TMP/server"
    in_pod2 build/tests/vm/talk sink tcp "$POD2_V4" "$1" >"$TMP/server" 2>&1 &
    wait_for 20 grep -q up "$TMP/server" || not_ok "port $1: the server is up"
    check "port $1: a stream is sent" in_pod1 build/tests/vm/talk pour tcp "$POD2_V4" "$1" "$2"
}
# rto_min TIME: how long TCP waits at least before it sends again what is not acknowledged
# shellcheck disable=SC2317 # called by check
rto_min() {
    local pod route
    for pod in pod1 pod2; do
        while read -ra route; do
            ip -n "$pod" route change "${route[@]}" rto_min "$1" || return 1
        done < <(ip -n "$pod" -4 route show | sed 's/ rto_min .*//')
    done
}
# shellcheck disable=SC2317 # called by check
xdp() { in_pod2 ip link set dev eth0 "$1" obj build/tests/vm/xdp.bpf.o sec xdp.pass 2>>"$TMP/xdp"; }

FUNCS='__ip_local_out|ip_output|ip_forward|veth_xmit|(__)?netif_rx|ip_rcv|ip_defrag|icmp_rcv|tcp_v4_rcv|skb_segment'
FUNCS+='|ip_do_fragment|pskb_expand_head|__pskb_pull_tail|esp_output|esp_input|consume_skb|kfree_skbmem|skb_release_data'
FUNCS+='|skb_release_head_state|__kfree_skb|skb_morph|xfrm_[a-z_]+|esp_[a-z_]+'
launch followed "$SKBTRAIL" record -w "$TMP/followed.skbt" --filter-ip 10.0.0.64/26 --filter-netns pod1 --filter-track-skb \
    --filter-func "$FUNCS"
launch alone "$SKBTRAIL" record -w "$TMP/alone.skbt" --filter-ip 10.0.0.64/26 --filter-func "$FUNCS"
armed followed alone || finish

# Only the segment that is dropped is sent again, however slow the machine.
for pod in pod1 pod2; do
    enter "$pod" busybox sysctl -qw net.ipv4.tcp_early_retrans=0 || not_ok "$pod: no loss probes"
done
check "TCP waits long" rto_min 20s

# The id of the echoes is the situation's.
declare -A WHAT=([101]="ESP in transport mode" [102]="ESP in tunnel mode" [103]="native XDP" [104]="generic XDP"
    [105]="XDP that redirects" [106]="fragments" [107]="a tap" [108]="nothing special")
check "ESP in transport mode can be set up" ipsec transport "$POD1_V4" "$POD2_V4"
echoes -e 101 "$POD2_V4"
stream 8101 20000
nft 'table ip t { chain forward { type filter hook forward priority 0; ip protocol esp drop; }; }' || not_ok "the host drops ESP"
in_pod1 ping -n -q -c1 -W1 -e 112 "$POD2_V4" >/dev/null 2>&1
nft delete table ip t
no_ipsec
check "ESP in tunnel mode can be set up" ipsec tunnel "$INNER1" "$INNER2"
echoes -e 102 -I "$INNER1" "$INNER2"
no_ipsec
check "native XDP can be attached" xdp xdpdrv
echoes -e 103 "$POD2_V4"
stream 8103 3000
check "XDP that redirects can be attached" ip link set dev lxc1 xdpdrv obj build/tests/vm/xdp.bpf.o sec xdp.redirect
echoes -e 105 "$POD2_V4"
ip link set dev lxc1 xdpdrv off
in_pod2 ip link set dev eth0 xdpdrv off
check "generic XDP can be attached" xdp xdpgeneric
echoes -e 104 "$POD2_V4"
in_pod2 ip link set dev eth0 xdpgeneric off
echoes -e 106 -s 4000 "$POD2_V4"
tcpdump -ni lxc1 -w "$TMP/tap" 2>"$TMP/tcpdump" &
tap=$!
wait_for 30 grep -q listening "$TMP/tcpdump" || not_ok "the tap is up"
echoes -e 107 "$POD2_V4"
kill "$tap"
echoes -e 108 "$POD2_V4"
check "TCP waits as usual" rto_min 200ms
# "1/day burst 1": the first one
nft 'table ip t { chain forward { type filter hook forward priority 0; tcp dport 8112 ip length > 200 limit rate 1/day burst 1 packets drop; }; }' ||
    not_ok "the host drops a segment"
stream 8112 600
nft delete table ip t
check "TCP waits long again" rto_min 20s
in_pod1 ethtool -K eth0 tso off >/dev/null || not_ok "the stack cuts segments"
stream 8109 60000
in_pod1 ethtool -K eth0 sg off >/dev/null || not_ok "the stack makes packets linear"
stream 8110 5000
in_pod1 ping -n -q -f -c 40 -W5 -e 111 "$POD2_V4" >>"$TMP/traffic" 2>&1
is "the pings are answered" 9 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
end_well followed alone

# facts NAME: prints what the recording shows, as NAME VALUE: how many numbers a packet has, which of both ends its number
# has, and how many skbs. jq would take a minute in emulation.
facts() {
    "$SKBTRAIL" report --json "$TMP/$1.skbt" 2>/dev/null | awk -v pod2="$netns2" '
        function field(name) { # the value in the JSON line, without quotes
            if (!match($0, "\"" name "\":\"?[^,}\"]*")) return ""
            value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
            sub(/^"/, "", value)
            return value
        }
        !/^\{"type":"event"/ { next }
        {
            pkt = field("pkt"); func_ = field("func"); skb = field("skb"); echo = ""; port = ""
            sub(/\..*/, "", func_)
            ran[func_]
            if (/"icmp_id":[0-9]/) echo = field("icmp_type") ":" field("icmp_id") ":" field("icmp_seq")
            else if (/"l4":"tcp"/) port = "tcp:" field("dport")
        }
        echo ~ /^[08]:1[0-9][0-9]:/ && !((echo, pkt) in pair) { pair[echo, pkt]; n_numbers[echo]++; n_echoes[pkt]++; number[echo] = pkt }
        !((pkt, skb) in known) { known[pkt, skb]; n_skbs[pkt]++ }
        func_ == "__ip_local_out" { begun[pkt] }
        func_ == "icmp_rcv" && field("netns") == pod2 { arrived[pkt] }
        port && func_ == "tcp_v4_rcv" { received[port, pkt] }
        port && func_ == "__ip_local_out" { sent[port, pkt]++ }
        END {
            for (f in ran) print f, "ran"
            for (e in number) {
                p = number[e]
                print "pkt:" e, p
                print e, n_numbers[e] ":" ((p in begun) ? "begins" : "-") ":" ((p in arrived) ? "arrives" : "-") ":" (n_skbs[p] > 1 ? "skbs" : "skb")
                if (e ~ /^8:111:/) recycled++
            }
            for (p in n_echoes) shared += n_echoes[p] > 1
            print "recycled", recycled + 0
            print "shared", shared + 0
            for (k in received) { split(k, a, SUBSEP); if (a[2] in begun) whole[a[1]]++; else headless[a[1]]++ }
            for (k in sent) { split(k, a, SUBSEP); if (sent[k] > 1) double[a[1]]++ }
            for (w in whole) print w, (headless[w] + 0) " without a beginning, " (double[w] + 0) " for two"
        }'
}
# like NAME PATTERN GOT
like() {
    # shellcheck disable=SC2053 # a pattern
    if [[ $3 == $2 ]]; then ok "$1"; else not_ok "$1" "wanted: $2, got: $3"; fi
}
declare -A FACT=()
for name in followed alone; do
    FACT=()
    while read -r key value; do
        FACT[$key]=$value
    done < <(facts "$name")
    for id in 101 102 103 104 105 106 107 108; do
        [[ $name$id != alone105 ]] || continue # only a packet that is followed is known again behind XDP's redirect
        skbs='*'
        [[ ! $id =~ 103|105|106 ]] || skbs=skbs # an skb takes the place of another
        for seq in 1 2; do
            like "$name, ${WHAT[$id]}: request $seq has one number from socket to socket" "1:begins:arrives:$skbs" "${FACT[8:$id:$seq]-}"
        done
    done
    like "$name, ESP that is dropped: it has one number from its beginning" "1:begins:-:*" "${FACT[8:112:1]-}"
    delivered=${FACT[pkt:8:101:1]-} dropped=${FACT[pkt:8:112:1]-}
    check_status 1 "$name, ESP: delivered and dropped are different ways" \
        "$SKBTRAIL" diff --packet "$delivered" --packet "$dropped" "$TMP/$name.skbt"
    "$SKBTRAIL" report --drops --json "$TMP/$name.skbt" >"$TMP/drops" 2>&1
    has "$name, ESP: the drop has its beginning" "$TMP/drops" "\"pkt\":$dropped,.*\"func\":\"__ip_local_out\""
    is "$name: a number stands for one echo" 0 "${FACT[shared]-}"
    is "$name, recycled addresses: every request is a packet" 40 "${FACT[recycled]-}"
    for port in 8101 8103 8109 8110; do
        is "$name, port $port: the numbers of the packets that arrive" '0 without a beginning, 0 for two' "${FACT[tcp:$port]-}"
    done
    twice=0
    [[ $name == alone ]] || twice='[1-9]' # TCP's original has no IP header, so the filter does not let it pass
    like "$name, port 8112: a segment is sent again under its number" "0 without a beginning, $twice for two" "${FACT[tcp:8112]-}"
    for func in ip_do_fragment ip_defrag skb_morph skb_segment pskb_expand_head __pskb_pull_tail; do
        is "$name: $func()" ran "${FACT[$func]-}"
    done
done
nothing_left "at the end"
finish
