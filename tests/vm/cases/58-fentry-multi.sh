#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One fentry program at many functions: the same ping seen by it and by kprobe.multi,
# what it cannot give, and that nothing of it is left. Kernels without it say so.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

FENTRY=("$SKBTRAIL" trace --backend fentry-multi)

# refused NAME REGEX OPTION…
refused() {
    local name=$1 regex=$2
    shift 2
    check_status 2 "$name" "${FENTRY[@]}" "$@" --duration 1ms
    is "$name: in one line" 1 "$(wc -l <"$TMP/err")"
    has "$name: says why, and what to use" "$TMP/err" "^skbtrail: --backend=fentry-multi: $regex; use --backend=[a-z-]*\$"
}

if ! grep -q ' bpf_trampoline_multi_attach$' /proc/kallsyms; then
    refused "where the kernel has no such links" '.*seen in 7\.2\)'
    finish
fi

refused "the caller" '--output-caller .*' --output-caller
refused "the stack" '--output-stack .*' --output-stack
refused "functions without a packet" 'functions without a packet .*' --filter-non-skb-funcs fib_table_lookup
refused "types from a file" '--kernel-btf .*' --kernel-btf /sys/kernel/btf/vmlinux

topo_up redirect-peer || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null # addresses of neighbours
modprobe -q cls_bpf || true                   # functions of modules: kprobe.multi has to help

options=(--json --filter-ip "$POD1_V4" --filter-proto icmp --output-meta --output-tcp-flags)
launch fentry "${FENTRY[@]}" "${options[@]}"
launch kprobe "$SKBTRAIL" trace --backend kprobe-multi "${options[@]}"
armed fentry kprobe || finish
in_pod1 ping -n -c3 -i0.2 -W5 "$POD2_V4" >/dev/null
end_well fentry kprobe

shown() { # NAME: what an event is, but for what differs from run to run
    jq -c 'select(.type == "event") | [.func, .cpu, .comm, .netns, .ifname, .len, .tuple, .drop]' "$TMP/$1.out"
}
summary() { jq -r "select(.type == \"summary\") | $2" "$TMP/$1.out"; } # NAME FILTER
shown fentry >"$TMP/a"
shown kprobe >"$TMP/b"
if [[ $(wc -l <"$TMP/a") -gt 100 ]] && cmp -s "$TMP/a" "$TMP/b"; then
    ok "three pings are the same to both: $(wc -l <"$TMP/a") events"
else
    not_ok "three pings are the same to both" "$(wc -l "$TMP/a" "$TMP/b")" "$(diff "$TMP/a" "$TMP/b" | head -n 10)"
fi
for name in fentry kprobe; do
    is "$name: none lost, for certain" '0 0 0 true' \
        "$(summary $name '.lost | "\(.ring) \(.recursion) \(.kprobe) \(.provable)"')"
done
is "both arm every function" "$(summary kprobe '.probes | "\(.selected) \(.attached) \(.failed)"')" \
    "$(summary fentry '.probes | "\(.selected) \(.attached) \(.failed)"')"
is "the ledger names both ways" 'fentry.multi and kprobe.multi' "$(summary fentry .probes.backend)"

launch narrow "${FENTRY[@]}" --filter-func 'ip_rcv|icmp_rcv' --filter-ip "$POD1_V4" icmp
armed narrow || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
end narrow
has "functions of vmlinux alone" "$TMP/narrow.err" '^2 of 2 probes attached by fentry\.multi; '
is "with a pcap-filter expression" 4 "$(grep -cE ' (ip|icmp)_rcv$' "$TMP/narrow.out")"
nothing_left "at the end"

# With what functions return: the links of fexit programs come on top.
options=(--json --filter-src-ip "$POD1_V4" --filter-proto icmp --output-return)
launch fentry "${FENTRY[@]}" "${options[@]}"
launch kprobe "$SKBTRAIL" trace --backend kprobe-multi "${options[@]}"
armed fentry kprobe || finish
in_pod1 ping -n -c3 -i0.2 -W5 "$POD2_V4" >/dev/null
end_well fentry kprobe
# Values of pointers are those of one packet: of another run they would differ, but here both saw the same.
returned() { # NAME
    jq -c 'select(.type == "event" and .return != null) | [.func, .skb, .pkt, .return]' "$TMP/$1.out"
}
returned fentry | sort >"$TMP/a"
returned kprobe | sort >"$TMP/b"
if [[ $(wc -l <"$TMP/a") -gt 60 ]] && cmp -s "$TMP/a" "$TMP/b"; then
    ok "both see the same returns: $(wc -l <"$TMP/a")"
else
    not_ok "both see the same returns" "$(wc -l "$TMP/a" "$TMP/b")" "$(diff "$TMP/a" "$TMP/b" | head -n 10)"
fi
calls() { jq -r "select(.type == \"event\" and .drop == null and .return $1 null) | \"\(.skb) \(.func)\"" "$TMP/fentry.out" | sort | uniq -c; } # ==|!=
calls '!=' >"$TMP/ends"
is "each call that returns something returns once" '' \
    "$(diff <(calls '==' | grep -wFf <(awk '{ print $3 }' "$TMP/ends" | sort -u)) "$TMP/ends")"
for name in fentry kprobe; do
    is "$name with returns: none lost, for certain" '0 0 0 true' \
        "$(summary $name '.lost | "\(.ring) \(.recursion) \(.kprobe) \(.provable)"')"
done
nothing_left "at the end of a trace of returns"

launch victim "${FENTRY[@]}" --output-return --filter-func 'ip_.*'
armed victim || finish
end victim KILL
nothing_left SIGKILL
finish
