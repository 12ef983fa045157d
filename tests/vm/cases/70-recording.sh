#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Recordings of real traces: report shows the same lines as the trace, also without
# root. Recordings are small, can be read after SIGKILL, and a full disk is reported.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

FUNCS='(__)?(ip|icmp|netif|veth)_.*|(consume|kfree)_skb.*|skb_release_.*'
FILTER=(--filter-ip "$POD2_V4" --filter-func "$FUNCS")
REPORT=("$SKBTRAIL" report)

# as_nobody COMMAND…: runs it without privileges
# shellcheck disable=SC2317 # called by check
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# taken NAME PINGS OPTION…: traces some pings
taken() {
    local name=$1 count=$2
    shift 2
    launch "$name" "$@" "${FILTER[@]}"
    armed "$name" || return
    in_pod1 ping -n -c "$count" -i 0.2 -W5 "$POD2_V4" >/dev/null
    end "$name"
    is "$name: exit status" 0 "$STATUS"
}

same() { # NAME WANTED-FILE GOT-FILE
    if [[ -s $2 ]] && cmp -s "$2" "$3"; then
        ok "$1"
    else
        not_ok "$1" "$(diff "$2" "$3" | head -n 6)" "$(wc -l "$2" "$3")"
    fi
}

events_of() { grep -c '"type":"event"' "$1"; }

small_enough() { # FILE EVENTS
    local bytes
    bytes=$(stat -c %s "$1")
    diag "$2 events in $bytes bytes: $((bytes / $2)) bytes per event"
    is "below 40 bytes per event" yes "$([[ $bytes -lt $((40 * $2)) ]] && echo yes || echo "$bytes bytes")"
}

json() {
    taken json 20 "$SKBTRAIL" trace -w "$TMP/json.skbt" --json
    is "only the owner can read a recording" 600 "$(stat -c %a "$TMP/json.skbt")"
    chmod 755 "$TMP" && chmod 644 "$TMP/json.skbt"
    check "report --json, as nobody" as_nobody "${REPORT[@]}" --json "$TMP/json.skbt"
    same "report --json prints what trace --json printed" "$TMP/json.out" "$TMP/out"
    has "the ledger is its last line" <(tail -n1 "$TMP/out") '"type":"summary"'
    small_enough "$TMP/json.skbt" "$(events_of "$TMP/out")"
    "${REPORT[@]}" --json - <"$TMP/json.skbt" >"$TMP/piped"
    same "the same from a pipe" "$TMP/json.out" "$TMP/piped"
    check "report --info" "${REPORT[@]}" --info "$TMP/json.skbt"
    is "report --info names the kernel" "kernel $(uname -r)" "$(awk '$1 == "kernel" { print $1, $2 }' "$TMP/out")"
    has "report --info names the command line" "$TMP/out" '^command .* trace .*-w '
}

filters() {
    "${REPORT[@]}" --json --filter-func 'ip_rcv' --filter-netns pod2 --filter-src-ip "$POD1_V4" --filter-proto icmp \
        "$TMP/json.skbt" | grep '"type":"event"' >"$TMP/filtered"
    grep '"func":"ip_rcv"' "$TMP/json.out" | grep '"netns_name":"pod2"' | grep "\"src\":\"$POD1_V4\"" >"$TMP/wanted"
    same "filters pick the lines" "$TMP/wanted" "$TMP/filtered"
}

text() {
    taken text 2 "$SKBTRAIL" record --print --timestamp=absolute --write="$TMP/text.skbt"
    "${REPORT[@]}" --timestamp=absolute "$TMP/text.skbt" >"$TMP/out" 2>"$TMP/err"
    same "report prints what trace printed" "$TMP/text.out" "$TMP/out"
    tail -n2 "$TMP/text.err" >"$TMP/ledger"
    same "the ledger on stderr is the same" "$TMP/ledger" "$TMP/err"
    cat "$TMP/json.skbt" "$TMP/text.skbt" | "${REPORT[@]}" --json - >"$TMP/joined"
    is "joined: all events, numbered without a gap" "$(($(events_of "$TMP/json.out") + $(wc -l <"$TMP/text.out") - 1))" \
        "$(sed -n 's/.*"type":"event".*"seq":\([0-9]*\),.*/\1/p' "$TMP/joined" | sort -u | wc -l)"
    is "joined: one ledger" 1 "$(grep -c '"type":"summary"' "$TMP/joined")"
}

to_pipe() {
    taken pipe 1 "$SKBTRAIL" trace -w -
    check "report of a recording written to a pipe" "${REPORT[@]}" "$TMP/pipe.out"
    has "report of a recording written to a pipe: it has the ping" "$TMP/out" "$POD1_V4:0->$POD2_V4:0\\(icmp\\)"
    lacks "a recording written to a pipe: nothing else is written there" "$TMP/pipe.err" 'SKB'
}

# shellcheck disable=SC2317 # called by wait_for
both_pings_written() { [[ $("${REPORT[@]}" "$TMP/killed.skbt" 2>/dev/null | grep -c ' icmp_rcv$') -ge 4 ]]; }

killed() {
    launch killed "$SKBTRAIL" record -w "$TMP/killed.skbt" "${FILTER[@]}"
    armed killed || return
    in_pod1 ping -n -c2 -i 0.3 -W5 "$POD2_V4" >/dev/null
    check "killed: events are written while it records" wait_for 20 both_pings_written
    end killed KILL
    is "killed: nothing is shown while recording" '' "$(<"$TMP/killed.out")"
    check_status 2 "killed: report says that it is incomplete" "${REPORT[@]}" "$TMP/killed.skbt"
    has "killed: the message" "$TMP/err" 'killed.skbt: cut off at offset [0-9]+'
    has "killed: report shows what was written" "$TMP/out" ' icmp_rcv$'
    head -c -100 "$TMP/json.skbt" >"$TMP/cut.skbt"
    check_status 2 "cut: report says that it is incomplete" "${REPORT[@]}" "$TMP/cut.skbt"
    has "cut: report shows what is there" "$TMP/out" ' icmp_rcv$'
}

# The trace still prints its ledger on stderr, and fails.
disk_full() {
    mkdir "$TMP/disk"
    mount -t tmpfs -o size=8k none "$TMP/disk"
    launch full "$SKBTRAIL" record -w "$TMP/disk/full.skbt" "${FILTER[@]}"
    armed full || return
    in_pod1 ping -n -c 30 -i 0.02 -W5 "$POD2_V4" >/dev/null
    ended full
    is "full disk: exit status" 2 "$STATUS"
    has "full disk: the ledger" "$TMP/full.err" '^[0-9]+ events?, '
    has "full disk: the reason" "$TMP/full.err" 'full.skbt is not complete: No space left on device'
    check_status 2 "full disk: the written part can be read" "${REPORT[@]}" "$TMP/disk/full.skbt"
    umount "$TMP/disk"
}

refused() {
    ln -s "$TMP/elsewhere" "$TMP/link"
    check_status 2 "a symbolic link is not followed" "$SKBTRAIL" record -w "$TMP/link"
    is "a symbolic link: no file is made" no "$([[ -e $TMP/elsewhere ]] && echo yes || echo no)"
    check_status 2 "record without a file" "$SKBTRAIL" record
    check_status 2 "recording and events on standard output" "$SKBTRAIL" trace -w - --json
}

if topo_up redirect-peer; then
    json
    filters
    text
    to_pipe
    killed
    disk_full
    refused
    nothing_left recordings
fi
finish
