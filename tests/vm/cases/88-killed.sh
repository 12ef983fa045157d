#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# SIGKILL again and again under a flood of pings, at different moments: while a trace or check starts, when it is ready,
# while it shows events, while it ends. Each time the next start works and leaves nothing behind.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

MANY='(__)?ip_.*|icmp_.*|veth_xmit'
TRACE=("$SKBTRAIL" trace --filter-ip "$POD2_V4" --buffer-size 64k --filter-func)
CHECK=("$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4")
EVENTS=/sys/kernel/tracing/kprobe_events
NEXT=() # the command that is started afterwards

# shellcheck disable=SC2317 # called by wait_for
defines_or_gone() { grep -q "skbtrail_${LIVE[victim]}/" "$EVENTS" || ready_or_gone victim; }
# shellcheck disable=SC2317 # called by wait_for
shows_or_gone() { [[ $(wc -l <"$TMP/victim.out") -gt 100 ]] || ! kill -0 "${LIVE[victim]}"; }

# reach MOMENT NUMBER: waits for the moment; the number is a part of a second
reach() {
    case $1 in
    starting) pause "0.$2" ;;
    defining) wait_for "$ARM_LIMIT" defines_or_gone ;;
    *) armed victim || return ;;
    esac
    case $1 in
    showing) wait_for "$ARM_LIMIT" shows_or_gone ;;
    running) pause "0.$2" ;;
    ending) kill -INT "${LIVE[victim]}" && pause "0.0$2" ;;
    esac
}

# killed NAME MOMENT NUMBER COMMAND…: kills the command at that moment; the next command works
killed() {
    local name="$1, $2 $3" was='not armed'
    launch victim "${@:4}"
    reach "$2" "$3"
    [[ ! -e $TMP/victim.ready ]] || was=armed
    kill -KILL "${LIVE[victim]}" 2>/dev/null
    ended victim 2>/dev/null
    diag "$name: exit status $STATUS, $was, $(grep -c "skbtrail_" "$EVENTS") probes left"
    check "$name: the next command works" "${NEXT[@]}"
    nothing_left "$name"
}

# traces BACKEND MOMENT-NUMBER…: kills traces at these moments
traces() {
    local few=("${TRACE[@]}" 'icmp_rcv|ip_rcv' --backend "$1") moment
    NEXT=("${few[@]}" --output-limit-lines 1)
    for moment in "${@:2}"; do
        killed "$1" "${moment%-*}" "${moment#*-}" "${few[@]}"
    done
}

checks() {
    NEXT=("${CHECK[@]}" --ping)
    killed check starting 3 "${CHECK[@]}" --ping=10000 --timeout 600
    killed check running 2 "${CHECK[@]}" --ping=10000 --timeout 600
    killed check ending 3 "${CHECK[@]}" --ping=10000 --timeout 600
}

topo_up redirect-peer || finish
flood -i 0.01 # slow enough for other processes to start
NEXT=("${TRACE[@]}" icmp_rcv --backend kprobe --output-limit-lines 1)
killed kprobe defining 0 "${TRACE[@]}" "$MANY" --backend kprobe
traces kprobe showing-0 ending-0 ending-8
if grep -q ' register_fprobe_ips$' /proc/kallsyms; then
    traces kprobe-multi starting-2 ready-0 ending-2
else
    traces kprobe starting-2 ready-0
fi
checks
end_flood "killed again and again"
finish
