#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Which functions: modules by name, functions that the user names, wildcards, and
# modules that are loaded while a trace runs.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

names() { sort -u <"$TMP/out" | cut -d' ' -f1 | xargs; }
funcs() { "$SKBTRAIL" funcs --json "$@" | jq -r '"\(.func | sub("\\..*"; "")) \(.module)"' >"$TMP/out"; }

topo_up redirect-peer || finish
funcs --kmods veth
is "--kmods: of modules, those named, and the kernel's own" 'null veth' "$(cut -d' ' -f2 "$TMP/out" | sort -u | xargs)"
funcs --kmods cls-bpf,veth 'veth_xm*'
is "--kmods with a wildcard" 'veth_xmit' "$(names)"
funcs --all-kmods 'ip_rcv'
has "a pattern without wildcards matches anywhere" "$TMP/out" '^ip_rcv_core '
funcs 'ip_rcv?cor?'
is "a wildcard matches the whole name" 'ip_rcv_core' "$(names)"

# Left out with the reason, by whatever expression; named outright they are probed: the second argument of the function
# that makes a copy is the packet.
"$SKBTRAIL" funcs --all --json >"$TMP/all"
denied() { jq -r "select(.func == \"$1\") | \"\(.attachable) \(.reason)\"" "$TMP/all"; }
is "a function that sees a packet before it has headers" 'false its packet is still blank: no header, or what the memory held before' \
    "$(denied __copy_skb_header)"
is "one that runs a tracepoint's programs" "false runs what is attached to a tracepoint, skbtrail's own program among it" \
    "$(denied __traceiter_kfree_skb)"
check_status 2 "--filter-func names one: refused" "$SKBTRAIL" trace --filter-func 'ip_rcv|__copy_skb_header'
has "in a line that says why, and what to do" "$TMP/err" \
    '^skbtrail: --filter-func=ip_rcv\|__copy_skb_header: __copy_skb_header is left out: its packet is still blank: .*--probe=__copy_skb_header:ARG$'
is "and nothing else" 1 "$(wc -l <"$TMP/err")"
funcs --filter-func '__copy_skb.*'
is "one that matches it finds nothing" '' "$(<"$TMP/out")"
funcs --filter-func 'ip_rcv_core' --probe __copy_skb_header:2
is "--probe has it" '__copy_skb_header ip_rcv_core' "$(names)"

# Netlink messages have no addresses: where these are filtered, what takes such messages only is not probed.
probed() { "$SKBTRAIL" trace --duration 1ms "$@" 2>&1 >/dev/null | sed -n 's/.* of \([0-9]*\) probes\{0,1\} attached.*/\1/p'; }
rt=(--filter-func-not '[^r].*|r[^t].*')
every=$(probed "${rt[@]}")
is "without a filter of packets all are probed" "$("$SKBTRAIL" funcs --filter-func 'rt.*' --json | wc -l)" "$every"
packets=$(probed "${rt[@]}" --filter-src-ip "$POD1_V4")
is "with addresses those of netlink messages are left out" yes \
    "$([[ $packets -gt 0 && $every -gt $((packets + 10)) ]] && echo yes || echo "$packets of $every")"
is "and with an expression" "$packets" "$(probed "${rt[@]}" icmp)"
is "not where other packets count, too" "$every" "$(probed "${rt[@]}" --filter-track-skb-by-stackid icmp)"
is "nor where the user says which" 1 "$(probed --filter-func rtnetlink_rcv_msg --filter-src-ip "$POD1_V4")"

check_status 2 "--kmods: a module that is not loaded" "$SKBTRAIL" funcs --kmods veth,nosuch
has "is named" "$TMP/err" "^skbtrail: --kmods=veth,nosuch: no module 'nosuch' is loaded"
check_status 2 "--kmods and --all-kmods" "$SKBTRAIL" trace --kmods veth --all-kmods
has "exclude each other" "$TMP/err" '^skbtrail: --kmods=veth and --all-kmods exclude each other$'
check_status 2 "--probe: a function that is not there" "$SKBTRAIL" trace --probe nosuch_func:1
has "is named" "$TMP/err" '^skbtrail: --probe=nosuch_func:1: the kernel has no function of this name'
check_status 2 "--probe: no sixth argument" "$SKBTRAIL" trace --probe ip_rcv:6
has "and what there is" "$TMP/err" '^skbtrail: --probe=ip_rcv:6: the argument must be a number from 1 to 5$'
check_status 2 "--filter-kprobe-batch 0" "$SKBTRAIL" trace --filter-kprobe-batch 0
has "is refused" "$TMP/err" '^skbtrail: --filter-kprobe-batch=0: must be a number above 0$'

# Functions that are named stay, though --filter-func and --kmods leave them out; with
# an argument that is no packet nothing matches. Of modules that --kmods leaves out
# nothing is said, of others it is.
modprobe -r act_mirred act_gact 2>/dev/null
launch named "$SKBTRAIL" --json --filter-func ip_rcv --kmods cls_bpf --filter-kprobe-batch 10 \
    --probe veth_xmit:1 --probe skb_do_redirect:2 --filter-src-ip "$POD1_V4" icmp
launch any "$SKBTRAIL" --filter-func ip_rcv
armed named any || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
modprobe act_mirred 2>/dev/null || modprobe act_gact
wait_for 10 grep -q 'was loaded after the start' "$TMP/any.err"
end any
end named
is "--probe with --filter-func, --kmods and two filters" 'ip_rcv veth_xmit' \
    "$(jq -r 'select(.type == "event" and .drop == null).func' "$TMP/named.out" | sort -u | xargs)"
if kernel_at_least 5.11; then
    not_traced='its functions that take packets \([1-9][0-9]*\) are not traced: start again to trace them'
else
    not_traced='its functions are not traced: start again to trace them'
fi
has "a module loaded later is named" "$TMP/any.err" "^skbtrail: module act_(mirred|gact) was loaded after the start; $not_traced$"
lacks "--kmods: of other modules nothing is said" "$TMP/named.err" 'was loaded after the start'
nothing_left 'at the end'

# Symbols come by the kernel's iterator where it has one; they are those of its text.
"$SKBTRAIL" funcs --json | jq -r 'select(.addr != null) | "\(.addr[2:]) \(.func)"' | sort >"$TMP/ours"
awk '$2 ~ /[tTwW]/ { print $1, $3 }' /proc/kallsyms | sort -u >"$TMP/kernel"
is "each address and name is one of /proc/kallsyms" '' "$(comm -23 "$TMP/ours" "$TMP/kernel" | head -n 3)"
is "and there are many" yes "$([[ $(wc -l <"$TMP/ours") -gt 1000 ]] && echo yes)"
finish
