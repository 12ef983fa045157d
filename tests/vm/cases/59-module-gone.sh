#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A module is unloaded while its functions are probed. Links prevent that. Kprobes do not: the trace and its ledger say
# that its probes are gone, and that the module's functions are not traced when it is loaded again.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

MODULE=act_mirred
FUNC=tcf_mirred_act
TRACE=("$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-proto icmp --filter-func icmp_rcv --probe "$FUNC:1")

loaded() { [[ -e /sys/module/$MODULE ]]; }
ping_once() { in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null; }

# held BACKEND: the module cannot be unloaded as long as the trace runs
held() {
    launch held "${TRACE[@]}" --backend "$1"
    armed held || return
    modprobe -r "$MODULE" 2>"$TMP/err"
    is "$1: the module cannot be unloaded" "yes in use" \
        "$(loaded && echo yes) $(grep -o 'in use' "$TMP/err")"
    ping_once
    end_well held
    has "$1: the ledger" "$TMP/held.err" '^2 of 2 probes attached by '
    lacks "$1: no message about the module" "$TMP/held.err" "$MODULE"
    check "$1: afterwards it can be unloaded" modprobe -r "$MODULE"
    modprobe "$MODULE"
}

gone() {
    launch text "${TRACE[@]}" --backend kprobe
    launch json "${TRACE[@]}" --backend kprobe --json
    armed text json || return
    ping_once
    check "kprobe: the module is unloaded" modprobe -r "$MODULE"
    wait_for 10 grep -q 'was unloaded' "$TMP/text.err"
    has "kprobe: the message says so" "$TMP/text.err" \
        "^skbtrail: module $MODULE was unloaded, and its probes \\(1\\) with it\$"
    modprobe "$MODULE"
    wait_for 10 grep -q 'was loaded after the start' "$TMP/text.err"
    has "kprobe: loaded again it is not traced" "$TMP/text.err" "^skbtrail: module $MODULE was loaded after the start; "
    ping_once
    modprobe -r "$MODULE" # the module has no probes now
    modprobe "$MODULE"
    wait_for 10 eval '[[ $(grep -c "was loaded after the start" "$TMP/text.err") -eq 2 ]]'
    end_well text json
    is "kprobe: the module without probes is not reported" 1 "$(grep -c '^skbtrail: module .* was unloaded' "$TMP/text.err")"
    has "kprobe: the ledger" "$TMP/text.err" '^1 of 2 probes attached by kprobe, 1 failed; '
    has "kprobe: no loss is provable" "$TMP/text.err" '; not provable: a module was unloaded, and its probes with it$'
    is "kprobe: the ledger in JSON" '2 1 1' \
        "$(jq -r 'select(.type == "summary").probes | "\(.selected) \(.attached) \(.failed)"' "$TMP/json.out")"
    is "kprobe: the other probes still work" 2 "$(jq -r 'select(.type == "event" and .func == "icmp_rcv" and .tuple.icmp_type == 8).pkt' \
        "$TMP/json.out" | wc -l)"
    check "kprobe: it can be unloaded afterwards" modprobe -r "$MODULE"
}

# A forbidden call may have happened after the probes were gone.
check_of_absence() {
    printf '%s\n' "packet $POD1_V4 -> $POD2_V4 icmp" '  expect icmp_rcv' "  forbid $FUNC" >"$TMP/rules"
    launch absence "$SKBTRAIL" check path --rules "$TMP/rules" --filter-proto icmp --backend kprobe --timeout 20s
    armed absence || return
    modprobe -r "$MODULE"
    ping_once
    ended absence
    is "a check that forbids a function of the module" '3 INCONCLUSIVE' "$STATUS $(head -n1 "$TMP/absence.out")"
    has "a check that forbids a function of the module: the reason" "$TMP/absence.out" '^events-lost: .*: a module was unloaded, and its probes with it'
    modprobe "$MODULE"
}

topo_up redirect-peer || finish
modprobe "$MODULE"
if grep -q ' register_fprobe_ips$' /proc/kallsyms; then
    held kprobe-multi
fi
if kernel_at_least 6.7; then # an older kernel cannot prove an absence by a trace
    check_of_absence
fi
gone
nothing_left "at the end"
finish
