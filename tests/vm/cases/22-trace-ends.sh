#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# How a trace ends: by SIGINT, SIGTERM and SIGHUP, also while it attaches; when its
# reader has ended, the disk is full, or a file is at its size limit. What a killed trace
# leaves behind, and that the next one removes it. Kprobe events are tested on kernels
# with kprobe.multi, too.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

TRACE=("$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func '(__)?ip_.*|icmp_.*|veth_xmit')
EVENTS=/sys/kernel/tracing/kprobe_events

by_signal() { # SIGNAL [OPTION…]
    launch signalled "${TRACE[@]}" "${@:2}"
    armed signalled
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end signalled "$1"
    is "SIG$1: exit status" 0 "$STATUS"
    has "SIG$1: earlier events are shown" "$TMP/signalled.out" ' icmp_rcv$'
    has "SIG$1: the ledger is shown" "$TMP/signalled.err" '^[0-9]+ events, '
}

# Under nohup the trace ignores SIGHUP and continues.
hangup_ignored() {
    launch nohup nohup "${TRACE[@]}"
    armed nohup || return
    kill -s HUP "${LIVE[nohup]}"
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end nohup
    has "nohup: the trace continues" "$TMP/nohup.out" ' icmp_rcv$'
}

# The limit is set only when the trace is ready, because attaching writes a file in memory.
at_limit() {
    launch limited "${TRACE[@]}" --output-file "$TMP/limited"
    armed limited || return
    prlimit --pid "${LIVE[limited]}" --fsize=500
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    wait_for 20 gone "${LIVE[limited]}" || not_ok "a file at its limit: ends by itself"
    ended limited
    is "a file at its limit: exit status" 2 "$STATUS"
    has "a file at its limit: says so" "$TMP/limited.err" "^skbtrail: writing to $TMP/limited failed: File too large$"
}

# The command runs once all is attached, and the trace ends with it.
with_command() {
    # shellcheck disable=SC2016 # expanded inside
    check_status 0 "-- COMMAND: the trace ends with it" "${TRACE[@]}" --ready-file "$TMP/ready" icmp -- \
        bash -c '[[ ! -e $1 ]] || echo ready; ip netns exec pod1 ping -n -c1 -W5 "$2"; exit 3' - "$TMP/ready" "$POD2_V4"
    has "-- COMMAND: its packets are shown" "$TMP/out" ' icmp_rcv$'
    has "-- COMMAND: it ran when all was attached" "$TMP/err" '^ready$'
    has "-- COMMAND: what it prints is beside the trace" "$TMP/err" ' 0% packet loss'
    has "-- COMMAND: its status" "$TMP/err" '^skbtrail: bash ended with status 3$'
    check_status 2 "-- without a command" "${TRACE[@]}" icmp --
    has "-- without a command: says so" "$TMP/err" '^skbtrail: --: which command\? it is missing$'
    check_status 0 "-- COMMAND: one that cannot be run" "${TRACE[@]}" -- "$TMP/none"
    has "-- COMMAND: says that it cannot be run" "$TMP/err" "^skbtrail: $TMP/none could not be run"
}

reader_gone() {
    local status
    "${TRACE[@]}" 2>"$TMP/err" | head -n1 >"$TMP/out"
    status=${PIPESTATUS[0]}
    is "closed pipe: exit status" 0 "$status"
    is "closed pipe: the reader got its line" SKB "$(cut -d' ' -f1 "$TMP/out")"
    lacks "closed pipe: no error message" "$TMP/err" '[Pp]ipe|failed'
}

# shellcheck disable=SC2317 # called by wait_for
gone() { ! kill -0 "$1" 2>/dev/null; }

disk_full() { # OPTION…
    rm -f "$TMP/full.ready"
    "${TRACE[@]}" --ready-file "$TMP/full.ready" "$@" >/dev/full 2>"$TMP/err" </dev/null &
    LIVE[full]=$!
    wait_for "$ARM_LIMIT" ready_or_gone full
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    wait_for 20 gone "${LIVE[full]}" || not_ok "full disk ${*}: ends by itself"
    ended full
    is "full disk ${*}: exit status" 2 "$STATUS"
    has "full disk ${*}: says so" "$TMP/err" '^skbtrail: writing to standard output failed: No space left on device$'
}

# full_at_once COMMAND: a command that prints and ends
full_at_once() {
    local status=0
    "$SKBTRAIL" "$1" >/dev/full 2>"$TMP/err" || status=$?
    is "full disk, $1: exit status" 2 "$status"
    is "full disk, $1: says so once" 'skbtrail: writing to standard output failed: No space left on device' "$(<"$TMP/err")"
}

killed() {
    local victim
    launch victim "${TRACE[@]}" --backend kprobe
    armed victim
    if grep -q skbtrail_ "$EVENTS"; then
        ok "--backend kprobe: its events are defined"
    else
        not_ok "--backend kprobe: its events are defined" "$(head -n 3 "$EVENTS")"
    fi
    victim=${LIVE[victim]}
    end victim KILL
    is "SIGKILL: exit status" 137 "$STATUS"
    launch next "${TRACE[@]}" --backend kprobe
    armed next
    lacks "SIGKILL: the next trace removes its events" "$EVENTS" "skbtrail_$victim/"
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end next
    has "--backend kprobe: works" "$TMP/next.out" ' icmp_rcv$'
    has "--backend kprobe: the ledger says so" "$TMP/next.err" ' attached by kprobe; '
}

# Some events are defined, but by far not all.
begun() { [[ $(grep -c skbtrail_ "$EVENTS") -ge 20 ]]; }
while_arming() {
    local defined attached all
    launch early "$SKBTRAIL" trace --backend kprobe
    wait_for "$ARM_LIMIT" begun
    kill -s STOP "${LIVE[early]}"
    defined=$(grep -c skbtrail_ "$EVENTS")
    kill -s INT "${LIVE[early]}"
    kill -s CONT "${LIVE[early]}"
    ended early
    is "SIGINT while attaching: exit status" 0 "$STATUS"
    read -r attached all < <(sed -nE 's/^([0-9]+) of ([0-9]+) probes attached by kprobe\b.*/\1 \2/p' "$TMP/early.err")
    # It finishes the page that it is writing, of lines of at least 40 bytes.
    if [[ ${all:-0} -gt 0 && $all -le $((defined + 200)) ]]; then
        skip "SIGINT while attaching" "all were attached at once here"
        return
    fi
    if [[ ${attached:-0} -gt 0 && $attached -le $((defined + 100)) ]]; then
        ok "SIGINT while attaching: it attaches no more"
    else
        not_ok "SIGINT while attaching: it attaches no more" "$attached of $all, when $defined were defined"
    fi
    has "SIGINT while attaching: says so" "$TMP/early.err" '^skbtrail: interrupted while attaching: [0-9]+ of [0-9]+ functions armed$'
    lacks "SIGINT while attaching: nothing failed" "$TMP/early.err" ' failed'
    is "SIGINT while attaching: it was never ready" no "$([[ -e $TMP/early.ready ]] && echo yes || echo no)"
}

which_backend() {
    local wanted='kprobe' got
    ! grep -q ' register_fprobe_ips$' /proc/kallsyms || wanted=kprobe.multi
    got=$(sed -n 's/.* attached by \([a-z.]*\).*/\1/p' "$TMP/signalled.err")
    is "the faster backend is chosen" "$wanted" "$got"
    [[ $wanted == kprobe ]] || return 0
    check_status 2 "--backend kprobe-multi where there is none" "${TRACE[@]}" --backend kprobe-multi
    has "--backend kprobe-multi where there is none: says so" "$TMP/err" '^skbtrail: --backend=kprobe-multi: '
}

topo_up redirect-peer || finish
by_signal INT
nothing_left SIGINT
by_signal TERM
which_backend
by_signal XCPU
by_signal HUP --backend kprobe
nothing_left SIGHUP
hangup_ignored
at_limit
nothing_left "a file at its limit"
with_command
reader_gone
nothing_left "closed pipe"
disk_full
disk_full --json
full_at_once explain
full_at_once endpoints
killed
while_arming
nothing_left "at the end"
finish
