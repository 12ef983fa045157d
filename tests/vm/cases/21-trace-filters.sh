#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The filters of trace: which packets each accepts and rejects, with ICMP, TCP and UDP
# between the pods in both families. One trace per filter, all attached to a few
# functions at the same time, see the same traffic. Text and JSON lines must agree.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

# Options, and what they accept: sender, receiver and protocol of every packet between
# the pods. There is no listener: TCP is answered by a reset, UDP by an ICMP error.
ALL4='1>2:icmp 1>2:tcp 1>2:udp 2>1:icmp 2>1:tcp'
ALL6='1>2:icmp6 1>2:tcp6 1>2:udp6 2>1:icmp6 2>1:tcp6'
filters=(
    "--filter-ip 10.0.0.0/24|$ALL4"
    "--filter-ip 10.9.0.0/16 --filter-ip fd00::/64|$ALL6"
    "--filter-src-ip $POD1_V4|1>2:icmp 1>2:tcp 1>2:udp"
    "--filter-dst-ip $POD1_V4|2>1:icmp 2>1:tcp"
    "--filter-src-ip 10.0.0.132/31 --filter-proto icmp|1>2:icmp"
    "--filter-dst-ip $POD2_V6|1>2:icmp6 1>2:tcp6 1>2:udp6"
    "--filter-src-ip 10.9.9.9 --filter-src-ip $POD1_V4 --filter-src-ip $POD2_V6/128|1>2:icmp 1>2:tcp 1>2:udp 2>1:icmp6 2>1:tcp6"
    "--filter-proto udp|1>2:udp 1>2:udp6"
    "--filter-proto icmp6 --filter-ip $POD1_V6|1>2:icmp6 2>1:icmp6"
    "--filter-port 8080|1>2:tcp 1>2:tcp6 2>1:tcp 2>1:tcp6"
    "--filter-src-port 8080 --filter-ip 0.0.0.0/0|2>1:tcp"
    "--filter-dst-port 53 --filter-dst-port 5353|1>2:udp 1>2:udp6"
    "--filter-port 53|"
)

traffic() {
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c '
        ping -n -c1 -W5 "$1"; ping -n -c1 -W5 "$2"
        echo x >"/dev/tcp/$1/8080"; echo x >"/dev/tcp/$2/8080"
        echo x >"/dev/udp/$1/5353"; echo x >"/dev/udp/$2/5353"' \
        - "$POD2_V4" "$POD2_V6" >"$TMP/traffic" 2>&1
    is "the pings are answered, the connections are not" '2 2' \
        "$(grep -c ' 0% packet loss' "$TMP/traffic") $(grep -c 'connect: Connection refused' "$TMP/traffic")"
}

# seen NAME: prints what its JSON lines show, in the same form
seen() {
    jq -r --arg pod1 "$POD1_V4 $POD1_V6" --arg pod2 "$POD2_V4 $POD2_V6" '
        def pod: . as $a | if ($pod1 | split(" ") | index($a)) then "1"
            elif ($pod2 | split(" ") | index($a)) then "2" else "other" end;
        select(.type == "event") | .tuple | select(.src != null)
        | (.src | pod) + ">" + (.dst | pod) + ":" + (.l4 // "?") +
            (if (.src | contains(":")) and (.l4 != "icmp6") then "6" else "" end)
        | select(contains("other") | not)' "$TMP/$1.out" | sort -u | paste -sd' '
}

# outsiders NAME: prints packets between other addresses, which a filter on addresses must reject
outsiders() {
    jq -r 'select(.type == "event").tuple | select(.src != null) | "\(.src) \(.dst)"' "$TMP/$1.out" |
        grep -vE '(^| )(10\.0\.0\.|fd00::)'
}

json_is_as_promised() {
    local fields
    fields='["type","v","time","seq","ts_ns","cpu","pkt","skb","func","module","netns","netns_name","ifindex","ifname","mark","proto","mtu","len","pid","comm","tuple","drop","caller","stack","mac","vlan","tunnel","conntrack","route","netfilter","cb","skb_dump","shared_info","program","call","metadata","without_packet","return","map"] ["src","dst","sport","dport","l4","tcp_flags","icmp_type","icmp_code","icmp_id","icmp_seq","arp_op"]'
    is "JSON: every event has these fields in this order" "$fields" \
        "$(/usr/bin/jq -c 'select(.type == "event") | keys_unsorted' "$TMP/f0.out" | sort -u) $(/usr/bin/jq -c 'select(.type == "event").tuple | keys_unsorted' "$TMP/f0.out" | sort -u)"
    is "JSON: a drop has these fields" '["reason","symbol","offset","via","copy_delivered","part","harmless","lost"]' \
        "$(/usr/bin/jq -c 'select(.type == "event" and .drop != null).drop | keys_unsorted' "$TMP/drops.out" | sort -u)"
    is "JSON: the ledger's fields in this order" \
        '["type","v","events","lost","probes","duration_ns","limited","unreadable"] ["ring","recursion","kprobe","map","provable"] ["selected","attached","failed","backend"]' \
        "$(tail -n1 "$TMP/f0.out" | /usr/bin/jq -r '[., .lost, .probes] | map(keys_unsorted | tojson) | join(" ")')"
    is "JSON: --filter-func matches whole names" 'dev_hard_start_xmit ip_rcv ipv6_rcv' \
        "$(cat "$TMP"/f[0-9]*.out | jq -r 'select(.type == "event" and .drop == null).func' | sort -u | paste -sd' ')"
}

# Two traces with the same filter see the same traffic.
text_agrees_with_json() {
    local in_text in_json
    tail -n +2 "$TMP/text.out" | awk '{ print $1, $3, $7, $9 }' | sort >"$TMP/of_text"
    jq -r 'select(.type == "event") | "\(.skb) \(.comm):\(.pid) \(.len) \(.func)"' "$TMP/f0.out" | sort >"$TMP/of_json"
    is "text and JSON: the same events" '' "$(diff "$TMP/of_text" "$TMP/of_json" | head -n 5)"
    in_text=$(sed -n 's/^\([0-9]*\) events.*/\1/p' "$TMP/text.err")
    in_json=$(tail -n1 "$TMP/f0.out" | jq .events)
    is "text and JSON: both ledgers count them" "$(wc -l <"$TMP/of_text") $(wc -l <"$TMP/of_text")" "$in_text $in_json"
    has "text: --timestamp adds a column" "$TMP/text.out" '^SKB +CPU +PROCESS +TIMESTAMP +NETNS +IFACE +LEN +TUPLE +FUNC$'
}

topo_up redirect-peer || finish
few=(--filter-func 'ip_rcv|ipv6_rcv|dev_hard_start_xmit')
names=()
for i in "${!filters[@]}"; do
    read -ra options <<<"${filters[i]%|*}"
    launch "f$i" "$SKBTRAIL" --json "${few[@]}" "${options[@]}"
    names+=("f$i")
done
read -ra options <<<"${filters[0]%|*}"
# shellcheck disable=SC2086 # the first filter's options
launch text "$SKBTRAIL" "${few[@]}" --timestamp "${options[@]}"
launch columns "$SKBTRAIL" "${few[@]}" --columns func,iface,len --filter-proto tcp
launch drops "$SKBTRAIL" --json --filter-proto tcp --filter-func 'kfree_skb|kfree_skb_reason|sk_skb_reason_drop'
armed "${names[@]}" text columns drops || finish
traffic
end_well "${names[@]}" text columns drops
for i in "${!filters[@]}"; do
    is "${filters[i]%|*}: accepts" "${filters[i]#*|}" "$(seen "f$i")"
    [[ ${filters[i]} != *-ip* ]] || is "${filters[i]%|*}: no packet of others" '' "$(outsiders "f$i")"
done

# Without a filter, the connection that carries the output is left out.
own() { # PORT: connects from it
    # shellcheck disable=SC2016 # expanded inside
    in_pod1 bash -c 'echo "$1 $1" >/proc/sys/net/ipv4/ip_local_port_range; echo x >"/dev/tcp/$2/8080"' - "$1" "$POD2_V4" 2>/dev/null
}
# shellcheck disable=SC2016 # expanded inside
launch own env "SSH_CONNECTION=$POD1_V4 5555 $POD2_V4 8080" \
    bash -c 'exec "$0" --json --filter-func tcp_v4_rcv "${@:2}" > >(cat >"$1")' "$SKBTRAIL" "$TMP/own.piped"
armed own || finish
own 5555
own 5556
end_well own
wait_for 10 grep -q '"type":"summary"' "$TMP/own.piped" || not_ok "own connection: the output is complete"
has "own connection: it is said" "$TMP/own.err" "the ssh connection $POD1_V4 5555 $POD2_V4 8080, which carries this output"
is "own connection: is left out, others are not" 5556 \
    "$(jq -r 'select(.type == "event") | .tuple | select(.l4 == "tcp") | [.sport, .dport] - [8080] | .[]' "$TMP/own.piped" | sort -u)"
json_is_as_promised
text_agrees_with_json
is "--columns" 'FUNC IFACE LEN' "$(head -n1 "$TMP/columns.out" | tr -s ' ')"
has "--columns: a line" "$TMP/columns.out" '^ip_rcv +eth0:12 +[0-9]+$'
nothing_left "at the end"
finish
