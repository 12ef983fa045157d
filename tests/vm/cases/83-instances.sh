#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Several instances on one machine, in namespaces of their own as in containers: none
# removes the kprobe events of a running one, and each finds what a killed one left. A
# trace says if somebody else deleted its events, or switched off kprobes or ftrace.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"
# shellcheck source=tests/vm/elsewhere.sh
. "${BASH_SOURCE%/*}/../elsewhere.sh"

EVENTS=/sys/kernel/tracing/kprobe_events
TRACE=("$SKBTRAIL" trace "${BY_EVENTS[@]}" --buffer-size "$SMALL_RING" --filter-ip "$POD2_V4" --json
    --filter-func 'icmp_rcv|icmp_echo.*|ip_local_deliver|ip_rcv')

ping_once() { in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null; }

# end_inside NAME SIGNAL: ends an instance in another namespace
end_inside() {
    kill -s "$2" "${INNER[$1]}"
    ended "$1"
}

points() { grep -cE "^[pr][0-9]*:skbtrail_$1/" "$EVENTS"; } # NUMBER, or a regex
probes() { jq -rc 'select(.type == "summary") | .probes | [.selected, .attached, .failed] | join(" ")' "$1"; }
provable() { jq -c 'select(.type == "summary") | .lost.provable' "$1"; }
echoes() { grep -c '"func":"icmp_rcv"' "$1"; }

elsewhere() {
    local all selected
    launch first "${TRACE[@]}"
    armed first || return
    all=$(points "${LIVE[first]}")
    check "another namespace: doctor --repair" "${ELSEWHERE[@]}" "$SKBTRAIL" doctor --repair
    lacks "another namespace: it finds nothing to remove" "$TMP/err" 'removed'
    launch one "${ELSEWHERE[@]}" "${TRACE[@]}"
    launch two "${ELSEWHERE[@]}" "${TRACE[@]}"
    armed one two || return
    inside one
    inside two
    is "another namespace: the first's events stay" "$all" "$(points "${LIVE[first]}")"
    is "two that are both pid 1: each has its own" $((2 * all)) "$(points '[12]')"
    ping_once
    end_inside one KILL
    is "one of them is killed: its events stay" $((3 * all)) "$(points '[0-9]+')"
    check "one of them is killed: doctor" "$SKBTRAIL" doctor
    has "one of them is killed: doctor says so" "$TMP/out" '^lacking +leftovers .*left [0-9]+ kprobe events; '
    check "one of them is killed: doctor --repair" "$SKBTRAIL" doctor --repair
    has "one of them is killed: doctor --repair says what it did" "$TMP/err" '^skbtrail: removed [0-9]+ kprobe events$'
    is "one of them is killed: the others' events stay" $((2 * all)) "$(points '[0-9]+')"
    ping_once
    end_inside two INT
    is "the other one: exit status" 0 "$STATUS"
    is "the other one: saw both pings" 4 "$(echoes "$TMP/two.out")"
    end first
    is "the first: exit status" 0 "$STATUS"
    is "the first: saw both pings" 4 "$(echoes "$TMP/first.out")"
    selected=$(jq 'select(.type == "summary") | .probes.selected' "$TMP/first.out")
    is "the first: nobody removed its probes" "$selected $selected 0" "$(probes "$TMP/first.out")"
    lacks "the first: no other message" "$TMP/first.err" 'deleted'
    nothing_left "in namespaces"
}

killed_elsewhere() {
    launch gone "${ELSEWHERE[@]}" "${TRACE[@]}"
    armed gone || return
    inside gone
    end_inside gone KILL
    # The pid in the name belongs to a running process, which does not own the event.
    echo "p:skbtrail_$$/s0 ip_rcv" >>"$EVENTS"
    launch next "${TRACE[@]}"
    armed next || return
    is "killed in another namespace: the next start removes all but its own" \
        "$(points "${LIVE[next]}")" "$(points '[0-9]+')"
    end next
    nothing_left "killed in another namespace"
}

# delete_points NAME EVENT…: deletes kprobe events of an instance; the kernel refuses to delete the last probe of one in
# use
delete_points() {
    local event
    for event in "${@:2}"; do
        echo "-:skbtrail_${LIVE[$1]}/s$event" >>"$EVENTS"
    done 2>/dev/null
}

deleted_by_hand() {
    local before after selected attached failed
    launch robbed "${TRACE[@]}"
    armed robbed || return
    before=$(points "${LIVE[robbed]}")
    delete_points robbed 0 1 2 3
    after=$(points "${LIVE[robbed]}")
    ping_once
    end robbed
    is "deleted by hand: exit status" 0 "$STATUS"
    read -r selected attached failed < <(probes "$TMP/robbed.out")
    is "deleted by hand: attached and failed probes" "$after $((before - after))" "$attached $failed"
    is "deleted by hand: some failed" true "$([[ $failed -gt 0 && $selected -eq $before ]] && echo true)"
    is "deleted by hand: no loss is provable" false "$(provable "$TMP/robbed.out")"
    nothing_left "deleted by hand"
}

# checked EVENT…: runs a check, and deletes these of its events before the ping
checked() {
    launch check "$SKBTRAIL" check path --rules "$TMP/rules" --filter-proto icmp "${BY_EVENTS[@]}" --buffer-size "$SMALL_RING"
    armed check || return
    delete_points check "$@"
    ping_once
    ended check
}

# The forbidden functions are not called. Their packet is the third argument, so their events are not the first ones.
checks() {
    local wanted='0 PASS' try
    kernel_at_least 6.7 || wanted='3 INCONCLUSIVE'
    cat >"$TMP/rules" <<END
packet $POD1_V4 -> $POD2_V4 icmp
  expect ip_rcv
  forbid ip_mc_output|ip6_output|ip6_fragment
END
    # An interrupt during a kprobe's program makes the kernel skip others: see nothing_lost.
    for try in 1 2 3 4 5; do
        checked || return
        grep -q '^events-lost: [0-9]* events were lost' "$TMP/check.out" || break
        diag "a check: try $try lost events"
    done
    is "a check: exit status and verdict" "$wanted" "$STATUS $(head -n1 "$TMP/check.out")"
    lacks "a check: nobody deleted its events" "$TMP/check.out" deleted
    checked 1 2 3 || return
    is "a check whose events are deleted: exit status and verdict" '3 INCONCLUSIVE' "$STATUS $(head -n1 "$TMP/check.out")"
    has "a check whose events are deleted: why" "$TMP/check.out" \
        '^events-lost: (.*: somebody else deleted kprobe events|[0-9]+ events were lost)'
    has "a check whose events are deleted: what it saw still counts" "$TMP/check.out" ' satisfied +expect ip_rcv'
    has "a check whose events are deleted: its ledger" "$TMP/check.out" \
        '; not provable: somebody else deleted kprobe events of this trace while it ran$'
    nothing_left "a check whose events are deleted"
}

FTRACE=/proc/sys/kernel/ftrace_enabled
KPROBES=/sys/kernel/debug/kprobes/enabled

# silent NAME SWITCH WHY COMMAND…: SWITCH is off during one ping of a trace, and on again before its end
silent() {
    local name=$1 switch=$2 why=$3
    launch silent "${@:4}"
    armed silent || return
    echo 0 >"$switch"
    ping_once
    # The trace reads the switch when events come, and ten times a second.
    pause 1
    echo 1 >"$switch"
    ping_once
    end silent
    is "$name: exit status" 0 "$STATUS"
    is "$name: half is seen" 2 "$(echoes "$TMP/silent.out")"
    is "$name: no loss is provable" false "$(provable "$TMP/silent.out")"
    check "$name: why" "$SKBTRAIL" report "$TMP/silent.skbt"
    has "$name: why" "$TMP/err" "; not provable: $why"
}

# refused_while NAME SWITCH REGEX COMMAND…: the command is refused while SWITCH is off
refused_while() {
    echo 0 >"$2"
    check_status 2 "$1: is refused" "${@:4}"
    echo 1 >"$2"
    has "$1: is refused for that" "$TMP/err" "^skbtrail: $3"
}

off_meanwhile() {
    launch idle "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --timeout 30 --json
    armed idle || return
    if ! echo 0 2>/dev/null >"$FTRACE"; then # 5.10 refuses it while fentry programs are attached
        end idle
        is "ftrace off, while a check waits: the kernel refuses it" 1 "$(<"$FTRACE")"
        return
    fi
    pause 1
    echo 1 >"$FTRACE"
    in_pod1 ping -n -c3 -i 0.2 -W5 "$POD2_V4" >/dev/null
    ended idle
    is "ftrace off, while a check waits" 'INCONCLUSIVE 3' "$(jq -r .verdict "$TMP/idle.out") $STATUS"
    has "ftrace off, while a check waits: why" "$TMP/idle.out" 'ftrace was switched off meanwhile'
}

switched_off() {
    local trace=("$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func icmp_rcv --json --write "$TMP/silent.skbt")
    silent "kprobes off" "$KPROBES" 'kprobes were switched off meanwhile' "${trace[@]}" "${BY_EVENTS[@]}"
    refused_while "kprobes off, a trace" "$KPROBES" 'all kprobes are switched off; ' \
        "${trace[@]}" "${BY_EVENTS[@]}" --duration 1ms
    echo 0 >"$KPROBES"
    check_status $((${#BY_EVENTS[@]} ? 0 : 2)) "kprobes off: doctor" "$SKBTRAIL" doctor
    echo 1 >"$KPROBES"
    has "kprobes off: doctor says so" "$TMP/out" '^lacking +kprobes +all kprobes are switched off; '
    # Detaching fentry programs while it is off breaks ftrace: see kern/attach/kill_switches.h.
    [[ ${#BY_EVENTS[@]} -eq 0 ]] ||
        silent "ftrace off" "$FTRACE" 'ftrace was switched off meanwhile' "${trace[@]}"
    # A check sleeps until a packet comes. On 6.12 its fentry programs would break ftrace, see there.
    [[ $(uname -r) == 6.12.* ]] || off_meanwhile
    refused_while "ftrace off, a trace" "$FTRACE" 'ftrace is switched off, ' "${trace[@]}" --duration 1ms
    refused_while "ftrace off, a check" "$FTRACE" 'ftrace is switched off, ' \
        "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    refused_while "ftrace off, a check of a path" "$FTRACE" 'ftrace is switched off, ' "$SKBTRAIL" check path --rules "$TMP/rules"
    echo 0 >"$FTRACE"
    check_status 2 "ftrace off: doctor" "$SKBTRAIL" doctor
    echo 1 >"$FTRACE"
    has "ftrace off: doctor says so" "$TMP/out" '^MISSING +programs +ftrace is switched off, '
    nothing_left "switched off"
}

topo_up redirect-peer || finish
elsewhere
killed_elsewhere
deleted_by_hand
checks
switched_off
finish
