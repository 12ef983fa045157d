#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rcu_expedited, which an instance sets for a moment while it removes its kprobe events:
# two instances that want to set it at the same time, one that is killed meanwhile, here
# and in a container, and a setting made by somebody else.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"
# shellcheck source=tests/vm/elsewhere.sh
. "${BASH_SOURCE%/*}/../elsewhere.sh"

KNOB=/sys/kernel/rcu_expedited
MARK=7564130 # the value that skbtrail writes: see kern/tracefs/rcu_expedited.h
TRACE=("$SKBTRAIL" trace "${BY_EVENTS[@]}" --filter-ip "$POD2_V4" --filter-func 'icmp_rcv|icmp_echo.*|ip_local_deliver|ip_rcv')

# borrowing NAME PROCESS SIGNAL: ends the process, and sends the signal in the moment in which it has set the knob
borrowing() { check "$1: has the knob" build/tests/vm/caught "$2" "$KNOB" "$MARK" "$(kill -l "$3")"; }

knob_held() {
    launch holder "${TRACE[@]}"
    launch other "${TRACE[@]}"
    armed holder other || return
    borrowing "two want the knob" "${LIVE[holder]}" STOP
    check "two want the knob: doctor --repair" "$SKBTRAIL" doctor --repair
    is "two want the knob: doctor does not reset it while the first runs" "$MARK" "$(<"$KNOB")"
    end other
    is "two want the knob: the other ends without it" 0 "$STATUS"
    is "two want the knob: the other does not change it" "$MARK" "$(<"$KNOB")"
    kill -s CONT "${LIVE[holder]}"
    ended holder
    is "two want the knob: exit status" 0 "$STATUS"
    is "two want the knob: it is restored at the end" 0 "$(<"$KNOB")"
    nothing_left "two want the knob"
}

# killed_with_knob NAME: kills an instance in the moment in which it has set the knob
killed_with_knob() {
    launch "$1" "${TRACE[@]}"
    armed "$1" || return
    borrowing "$1" "${LIVE[$1]}" KILL
    ended "$1"
    is "$1: killed with the knob" 137 "$STATUS"
    is "$1: the knob stays" "$MARK" "$(<"$KNOB")"
}

knob_left() {
    killed_with_knob repaired
    check "repaired: doctor" "${ELSEWHERE[@]}" "$SKBTRAIL" doctor
    has "repaired: doctor finds it in another namespace" "$TMP/out" '^lacking +leftovers .*rcu_expedited set; '
    check "repaired: doctor --repair" "${ELSEWHERE[@]}" "$SKBTRAIL" doctor --repair
    has "repaired: it says what it did" "$TMP/err" '^skbtrail: put back /sys/kernel/rcu_expedited$'
    is "repaired: the knob is restored" 0 "$(<"$KNOB")"
    nothing_left repaired

    killed_with_knob followed
    launch next "$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func icmp_rcv # by the default backend
    armed next || return
    is "followed: the next start restores the knob" 0 "$(<"$KNOB")"
    end next
    nothing_left followed

    killed_with_knob checked
    check "followed by a check: it passes" "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    nothing_left "followed by a check"
}

# An instance is killed in a container. The host's doctor finds what it left.
knob_left_elsewhere() {
    launch contained "${ELSEWHERE[@]}" "${TRACE[@]}" --buffer-size "$SMALL_RING"
    armed contained || return
    inside contained
    borrowing "killed in a container" "${INNER[contained]}" KILL
    ended contained
    is "killed in a container: the knob stays" "$MARK" "$(<"$KNOB")"
    check "killed in a container: doctor" "$SKBTRAIL" doctor
    has "killed in a container: the host's doctor says so" "$TMP/out" '^lacking +leftovers .*rcu_expedited set; '
    check "killed in a container: doctor --repair" "$SKBTRAIL" doctor --repair
    is "killed in a container: the knob is restored" 0 "$(<"$KNOB")"
    nothing_left "killed in a container"
}

# A setting made by somebody else stays.
knob_of_others() {
    echo 1 >"$KNOB"
    launch polite "${TRACE[@]}"
    armed polite || return
    end polite
    check "set by somebody else: doctor --repair" "$SKBTRAIL" doctor --repair
    lacks "set by somebody else: doctor restores nothing" "$TMP/err" 'put back'
    is "set by somebody else: it stays" 1 "$(<"$KNOB")"
    echo 0 >"$KNOB"
    nothing_left "set by somebody else"
}

topo_up redirect-peer || finish
knob_held
knob_left
knob_left_elsewhere
knob_of_others
finish
