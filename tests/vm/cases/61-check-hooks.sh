#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The built-in check as rules: check path accepts the output of check same-node
# --print-rules and gives the same verdict, on every kernel.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

cp "$SKBTRAIL" "$TMP/skbtrail" # starts sooner from there
SKBTRAIL=$TMP/skbtrail
CHECK=("$SKBTRAIL" check same-node)
BY_RULES=("$SKBTRAIL" check path --rules "$TMP/rules")

# by_rules NAME FAMILY PINGS OPTION…: pings once the check is ready; leaves the result in STATUS and $TMP/rules.out
by_rules() {
    local -n dst="POD2_V$2"
    launch rules "${BY_RULES[@]}" "${@:4}"
    armed rules || return
    [[ $3 -eq 0 ]] || in_pod1 ping -n -q -i 0.2 -c "$3" -W5 "$dst" >"$TMP/ping" || not_ok "$1: a ping passes"
    ended rules
}

# same_verdict TOPOLOGY VERDICT STATUS REASONS FAMILY [EXPECT…]
same_verdict() {
    local name="$1, IPv$5 ${*:6}"
    local -n src="POD1_V$5" dst="POD2_V$5"
    check "$name: the rules are printed" "${CHECK[@]}" --src-ip "$src" --dst-ip "$dst" --print-rules "${@:6}"
    cp "$TMP/out" "$TMP/rules"
    check_status "$3" "$name: the built-in check" "${CHECK[@]}" --src-ip "$src" --dst-ip "$dst" --ping "${@:6}"
    is "$name: its verdict" "$2" "$(head -n1 "$TMP/out")"
    by_rules "$name" "$5" 1 --json
    is "$name: by rules, verdict, exit status, reasons" "$2 $3 $4" \
        "$(jq -r '[.verdict, env.STATUS, ([.reasons[].code] | unique | join(","))] | join(" ")' "$TMP/rules.out")"
    is "$name: by rules, nothing lost, provably" '0 true' \
        "$(jq -r '.ledger.lost | [(.ring + .recursion + .kprobe + .map), .provable] | join(" ")' "$TMP/rules.out")"
}

if topo_up redirect-peer; then
    same_verdict redirect-peer PASS 0 '' 4
    same_verdict redirect-peer PASS 0 '' 6
    same_verdict redirect-peer FAIL 1 count-mismatch,step-missing 4 --expect redirect

    # The rules can be changed.
    "${CHECK[@]}" --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --print-rules >"$TMP/rules"
    # shellcheck disable=SC2016 # an alias of the rules
    echo '  forbid netif_receive_skb on $dst-host' >>"$TMP/rules"
    by_rules 'with a rule of our own' 4 1
    has 'with a rule of our own: broken by the reply, which is received there' "$TMP/rules.out" \
        '^forbidden-step: line [0-9]+: 1 of 1 packets broke the rule, first: netif_receive_skb on lxc2 \(ifindex 22\) in host$'
    is 'with a rule of our own: exit status' 1 "$STATUS"
    sed -i '$d' "$TMP/rules"
    by_rules 'without traffic' 4 0 --timeout 1 --tap --junit "$TMP/junit.xml"
    is 'without traffic: exit status' 3 "$STATUS"
    has 'without traffic: TAP' "$TMP/rules.out" '^# no-traffic: '
    has 'without traffic: JUnit' "$TMP/junit.xml" '<error type="no-traffic"'
    check_status 0 'with a command' "${BY_RULES[@]}" --json -- ip netns exec pod1 ping -n -c2 -i0.2 -W5 "$POD2_V4"
    is 'with a command: to its last packet' 2,2 "$(jq -r '[.scopes[].packets] | join(",")' "$TMP/out")"
    check_status 3 'with a command that fails' "${BY_RULES[@]}" --json -- \
        sh -c "ip netns exec pod1 ping -n -c1 -W5 $POD2_V4 && exit 3"
    is 'with a command that fails: the reason' command-failed "$(jq -r '[.reasons[].code] | join(",")' "$TMP/out")"
    by_rules 'another protocol is filtered' 4 1 --timeout 2 --filter-proto tcp
    is 'another protocol is filtered: exit status' 3 "$STATUS"
fi
# fragments RULE…: sends a datagram of three fragments, which the rule is about; leaves the result in STATUS and
# $TMP/rules.out
fragments() {
    printf '%s\n' "packet $POD1_V4 -> $POD2_V4 udp dport 53" "$@" >"$TMP/rules"
    launch rules "${BY_RULES[@]}" --packets 3 --json -- \
        ip netns exec pod1 bash -c "head -c 3000 /dev/zero >/dev/udp/$POD2_V4/53"
    ended rules
}
if topo_up redirect-peer; then
    fragments '  expect skb_do_redirect' '  count ip_forward == 0'
    is 'fragments: the later ones have the ports of the first' 'PASS 0 3' \
        "$(jq -r '[.verdict, env.STATUS, .scopes[0].packets] | join(" ")' "$TMP/rules.out")"
    # A device's name is looked for by a function trace, in which the later ones show no ports.
    fragments '  expect skb_do_redirect on iface lxc1'
    is 'fragments, by a trace: it is not known whose the later ones are' 'INCONCLUSIVE 3' \
        "$(jq -r '[.verdict, env.STATUS] | join(" ")' "$TMP/rules.out")"
    has 'fragments, by a trace: it says so' "$TMP/rules.out" 'packets that may be of a scope showed no ports'
fi
if topo_up host-stack; then
    same_verdict host-stack FAIL 1 count-mismatch,forbidden-step,step-missing 4
    same_verdict host-stack PASS 0 '' 6 --expect host_stack
fi
nothing_left 'by rules'
finish
