#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The older iptables: which chains a packet passed through, and their verdicts, for IPv4
# and IPv6; alone, with other filters and columns, and from a recording.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

events() { jq -r "select(.type == \"event\") | $2" "$TMP/$1.out"; }
# chains NAME SELECTOR: prints FUNC FAMILY HOOK TABLE CHAIN VERDICT, each once, in order of time
chains() {
    events "$1" "select(.func | test(\"^ip6?t_do_table\$\")) | select($2) |
        \"\(.func) \" + (.netfilter | \"\(.family) \(.hook) \(.table) \(.chain) \(.verdict)\")" | awk '!seen[$0]++'
}

topo_up host-stack || finish
modprobe -a ip_tables ip6_tables iptable_filter ip6table_filter iptable_mangle 2>/dev/null
if ! in_pod1 iptables-legacy -t filter -S >/dev/null 2>"$TMP/legacy"; then
    # The kernel package does not contain these modules.
    has "no older iptables in this kernel" "$TMP/legacy" 'does not exist|not exist|Table does'
    finish
fi
check "rules of iptables and ip6tables" in_pod1 sh -ec "
    iptables-legacy -A OUTPUT -p udp --dport 9998 -j DROP
    iptables-legacy -t mangle -A OUTPUT -p icmp -j MARK --set-mark 7
    ip6tables-legacy -A OUTPUT -p udp --dport 9998 -j DROP
    ip6tables-legacy -P INPUT ACCEPT"

launch all "$SKBTRAIL" trace --json --filter-func 'ip6?_output|ip_rcv' --output-netfilter --output-meta \
    -w "$TMP/all.skbt" --print
launch port "$SKBTRAIL" trace --json --filter-func 'ip_output' --filter-dst-port 9998 --filter-proto udp --output-netfilter \
    --output-caller
armed all port || finish
# shellcheck disable=SC2016 # expanded inside
in_pod1 bash -c 'ping -n -c1 -W2 "$1"; ping -n -c1 -W2 "$2"
    echo x >"/dev/udp/$1/9998"; echo x >"/dev/udp/$2/9998"' - "$POD2_V4" "$POD2_V6" >"$TMP/traffic" 2>&1
end all
is "ends well" 0 "$STATUS"
end port

if [[ -e /sys/kernel/btf/ip_tables ]]; then
    is "an echo's way out: table, chain and verdict" \
        $'ipt_do_table ip output mangle OUTPUT accept\nipt_do_table ip output filter OUTPUT accept' \
        "$(chains all '.tuple.icmp_type == 8 and .netns_name == "pod1" and .netfilter.hook == "output"')"
    is "the mark that mangle set is shown at the next table" 7 \
        "$(events all 'select(.func == "ipt_do_table" and .tuple.icmp_type == 8 and .netfilter.table == "filter" and .netfilter.hook == "output").mark')"
    is "a verdict of iptables that ends it" 'ipt_do_table ip output filter OUTPUT drop' \
        "$(chains all '.tuple.dport == 9998 and .tuple.l4 == "udp" and .netfilter.table == "filter" and .netfilter.family == "ip"')"
    is "a verdict of ip6tables that ends it" 'ip6t_do_table ip6 output filter OUTPUT drop' \
        "$(chains all '.tuple.dport == 9998 and .netfilter.family == "ip6"')"
    has "an IPv6 echo passes" <(chains all '.tuple.icmp_type == 128') '^ip6t_do_table ip6 output filter OUTPUT accept$'
    is "with filters: only packets that match" 9998 "$(events port .tuple.dport | sort -u)"
    has "with filters: a chain" <(chains port true) '^ipt_do_table ip output filter OUTPUT drop$'
    is "the caller of a chain is not known" null \
        "$(events port 'select(.func == "ipt_do_table").caller' | sort -u)"
    is "its module is named" 'ip_tables' "$(events all 'select(.func == "ipt_do_table").module' | sort -u)"
    check "report shows the recording" "$SKBTRAIL" report --json "$TMP/all.skbt"
    is "the recording keeps all of it" '' \
        "$(diff <(grep '^{"type":"event"' "$TMP/all.out") <(grep '^{"type":"event"' "$TMP/out") | head -n 4)"
    nothing_lost "nothing is lost" "$TMP/all.out" recursion
else
    has "without BTF of modules: the message says why" "$TMP/all.err" \
        '^skbtrail: --output-netfilter: no chain can be shown: .* BTF of modules \(5\.11\)$'
    is "without BTF of modules: no chain is shown" '' "$(chains all true)"
fi
nothing_left iptables
in_pod1 iptables-legacy -F
in_pod1 ip6tables-legacy -F
finish
