#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The selection of functions: modules by name, functions by name, wildcards, and modules
# that are loaded during a trace.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

names() { sort -u <"$TMP/out" | cut -d' ' -f1 | xargs; }
funcs() { "$SKBTRAIL" funcs --json "$@" | jq -r '"\(.func | sub("\\..*"; "")) \(.module)"' >"$TMP/out"; }

topo_up redirect-peer || finish
funcs --kmods veth
is "--kmods: only these modules and the kernel itself" 'null veth' "$(cut -d' ' -f2 "$TMP/out" | sort -u | xargs)"
funcs --kmods cls-bpf,veth 'veth_xm*'
is "--kmods with a wildcard" 'veth_xmit' "$(names)"
funcs --all-kmods 'ip_rcv'
has "a pattern without wildcards matches anywhere" "$TMP/out" '^ip_rcv_core '
funcs 'ip_rcv?cor?'
is "a wildcard matches the whole name" 'ip_rcv_core' "$(names)"

# Some functions are left out, with a reason, whatever expression matches them. --probe attaches to them anyway. The
# packet is the second argument of __copy_skb_header.
"$SKBTRAIL" funcs --all --json >"$TMP/all"
denied() { jq -r "select(.func == \"$1\") | \"\(.attachable) \(.reason)\"" "$TMP/all"; }
is "a function that sees a packet before it has headers is left out" 'false its packet is still blank: no header, or what the memory held before' \
    "$(denied __copy_skb_header)"
is "a function that runs a tracepoint's programs is left out" "false runs what is attached to a tracepoint, skbtrail's own program among it" \
    "$(denied __traceiter_kfree_skb)"
check_status 2 "--filter-func names one that is left out" "$SKBTRAIL" trace --filter-func 'ip_rcv|__copy_skb_header'
has "--filter-func names one: the message says why and what to do" "$TMP/err" \
    '^skbtrail: --filter-func=ip_rcv\|__copy_skb_header: __copy_skb_header is left out: its packet is still blank: .*--probe=__copy_skb_header:ARG$'
is "--filter-func names one that is left out: the message is one line" 1 "$(wc -l <"$TMP/err")"
funcs --filter-func '__copy_skb.*'
is "a pattern that matches only such a function finds nothing" '' "$(<"$TMP/out")"
funcs --filter-func 'ip_rcv_core' --probe __copy_skb_header:2
is "--probe attaches to it" '__copy_skb_header ip_rcv_core' "$(names)"

# Netlink messages have no addresses: with a filter on addresses, functions that only take such messages are left out.
probed() { "$SKBTRAIL" trace --duration 1ms "$@" 2>&1 >/dev/null | sed -n 's/.* of \([0-9]*\) probes\{0,1\} attached.*/\1/p'; }
rt=(--filter-func-not '[^r].*|r[^t].*')
every=$(probed "${rt[@]}")
is "without a filter on packets, functions of netlink messages are probed" "$("$SKBTRAIL" funcs --filter-func 'rt.*' --json | wc -l)" "$every"
packets=$(probed "${rt[@]}" --filter-src-ip "$POD1_V4")
is "with a filter on addresses, they are left out" yes \
    "$([[ $packets -gt 0 && $every -gt $((packets + 10)) ]] && echo yes || echo "$packets of $every")"
is "with an expression, they are left out" "$packets" "$(probed "${rt[@]}" icmp)"
is "with --filter-track-skb-by-stackid, they are probed" "$every" "$(probed "${rt[@]}" --filter-track-skb-by-stackid icmp)"
is "if the user names one, it is probed" 1 "$(probed --filter-func rtnetlink_rcv_msg --filter-src-ip "$POD1_V4")"

check_status 2 "--kmods: a module that is not loaded" "$SKBTRAIL" funcs --kmods veth,nosuch
has "--kmods: a module that is not loaded: the message" "$TMP/err" "^skbtrail: --kmods=veth,nosuch: no module 'nosuch' is loaded"
check_status 2 "--kmods and --all-kmods" "$SKBTRAIL" trace --kmods veth --all-kmods
has "--kmods and --all-kmods: the message" "$TMP/err" '^skbtrail: --kmods=veth and --all-kmods exclude each other$'
check_status 2 "--probe: a function that is not there" "$SKBTRAIL" trace --probe nosuch_func:1
has "--probe: a function that is not there: the message" "$TMP/err" '^skbtrail: --probe=nosuch_func:1: the kernel has no function of this name'
check_status 2 "--probe: no sixth argument" "$SKBTRAIL" trace --probe ip_rcv:6
has "--probe: no sixth argument: the message" "$TMP/err" '^skbtrail: --probe=ip_rcv:6: the argument must be a number from 1 to 5$'
check_status 2 "--filter-kprobe-batch 0" "$SKBTRAIL" trace --filter-kprobe-batch 0
has "--filter-kprobe-batch 0: the message" "$TMP/err" '^skbtrail: --filter-kprobe-batch=0: must be a number above 0$'

# Functions named by --probe are attached even if --filter-func and --kmods exclude them.
# If the argument is not a packet, nothing matches. Later modules are reported, but not
# those that --kmods excludes.
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
lacks "--kmods: other modules are not reported" "$TMP/named.err" 'was loaded after the start'
nothing_left 'at the end'

# Symbols come from the kernel's iterator if it has one. They must agree with /proc/kallsyms.
"$SKBTRAIL" funcs --json | jq -r 'select(.addr != null) | "\(.addr[2:]) \(.func)"' | sort >"$TMP/ours"
awk '$2 ~ /[tTwW]/ { print $1, $3 }' /proc/kallsyms | sort -u >"$TMP/kernel"
is "each address and name is one of /proc/kallsyms" '' "$(comm -23 "$TMP/ours" "$TMP/kernel" | head -n 3)"
is "there are more than a thousand of them" yes "$([[ $(wc -l <"$TMP/ours") -gt 1000 ]] && echo yes)"
finish
