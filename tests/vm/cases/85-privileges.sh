#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The privileges of a trace that is ready: they are few, and enough to work and to end,
# with each backend. A set-user-ID copy refuses to run.
# in a whole run: 6.1
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

CAP_BPF=0000008000000000 # bit 39
TRACE=("$SKBTRAIL" trace --filter-proto icmp --filter-func 'ip_rcv|icmp_rcv|icmp_echo.*' --json)

# of NAME FIELD: prints a field of the process's status
of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/${LIVE[$1]}/status"; }

# shellcheck disable=SC2317 # called by wait_for
seen() { grep -q "$1" "$TMP/late.out"; }

confined() { # NAME
    is "$1: no new privileges" 1 "$(of "$1" NoNewPrivs)"
    is "$1: a system call filter" 2 "$(of "$1" Seccomp)"
    is "$1: effective capabilities" "$CAP_BPF" "$(of "$1" CapEff)"
    is "$1: permitted capabilities" "$CAP_BPF" "$(of "$1" CapPrm)"
    is "$1: inheritable capabilities" 0000000000000000 "$(of "$1" CapInh)"
}

works() { # NAME OPTION…
    local name=$1
    shift
    launch late "${TRACE[@]}" "$@"
    armed late || return
    # The system call filter is set a moment after the ready file.
    wait_for 10 grep -q '^Seccomp:.*2' "/proc/${LIVE[late]}/status"
    confined late
    # A namespace that is made afterwards is still named.
    ip netns add afterwards
    ip -n afterwards link set lo up
    ip netns exec afterwards ping -n -c1 -W5 127.0.0.1 >/dev/null
    if wait_for 10 seen '"netns_name":"afterwards"'; then
        ok "$name: names a namespace that came later"
    else
        not_ok "$name: names a namespace that came later" "$(tail -n 3 "$TMP/late.out")"
    fi
    ip netns del afterwards
    in_pod1 ping -n -c2 -i0.2 -W5 "$POD2_V4" >/dev/null
    end late "$SIGNAL"
    is "$name, SIG$SIGNAL: exit status" "$WANTED" "$STATUS"
}

full_ledger() { # NAME
    is "$1: the ledger is whole" 'summary number number boolean' \
        "$(jq -r 'select(.type == "summary") | [.type, (.lost.ring|type), (.lost.recursion|type),
            (.lost.provable|type)] | join(" ")' "$TMP/late.out")"
    is "$1: events after the drop" true \
        "$(jq -s 'map(select(.type == "event" and .func == "icmp_rcv")) | length >= 3' "$TMP/late.out")"
    lacks "$1: nothing was refused" "$TMP/late.err" 'not permitted|denied'
    nothing_left "$1"
}

killed() {
    SIGNAL=KILL WANTED=137
    works killed --backend kprobe
    launch next "${TRACE[@]}" --backend kprobe
    armed next
    end next
    nothing_left "the one after a killed one"
}

# A user other than root, with the capabilities that the manual names.
unprivileged() {
    local caps='-all,+bpf,+perfmon,+syslog,+dac_read_search'
    # Only root may write kprobe_events, and on Debian perf events need CAP_SYS_ADMIN.
    grep -q ' register_fprobe_ips$' /proc/kallsyms || caps+=,+dac_override,+sys_admin
    kernel_at_least 5.11 || caps+=,+sys_resource
    cp "$SKBTRAIL" "$TMP/skbtrail"
    chmod 777 "$TMP"
    launch user setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps "$caps" --ambient-caps "$caps" \
        "$TMP/skbtrail" "${TRACE[@]:1}"
    armed user || return
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    end user
    is "capabilities alone: exit status" 0 "$STATUS"
    has "capabilities alone: events" "$TMP/user.out" '"func":"icmp_rcv"'
    nothing_left "capabilities alone"
    check_status 2 "no capabilities: doctor" setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps -all \
        "$TMP/skbtrail" doctor
    has "no capabilities: doctor says which" "$TMP/out" '^MISSING +cap-perfmon +no CAP_PERFMON, which lets programs'
    has "no capabilities: doctor says what is refused" "$TMP/out" '^lacking +cap-net-raw .*without it: --ping is refused'
}

repaired() {
    echo 7564130 >/sys/kernel/rcu_expedited # as a killed trace leaves it: see kern/tracefs/rcu_expedited.h and 84-grace-periods
    echo 'p:skbtrail_4999999/s0 ip_rcv' >>/sys/kernel/tracing/kprobe_events
    check "doctor: leftovers do not stop it" "$SKBTRAIL" doctor
    has "doctor: names leftovers" "$TMP/out" '^lacking +leftovers .*left 1 kprobe events and /sys/kernel/rcu_expedited set'
    is "doctor: leaves them" 7564130 "$(</sys/kernel/rcu_expedited)"
    check "doctor --repair" "$SKBTRAIL" doctor --repair
    has "doctor --repair: says what it did" "$TMP/err" '^skbtrail: removed 1 kprobe events$'
    nothing_left "doctor --repair"
    has "doctor: has all capabilities" "$TMP/out" '^ok +cap-bpf +CAP_BPF: loads programs'
}

set_user_id() {
    cp "$SKBTRAIL" "$TMP/setuid"
    chmod 4755 "$TMP/setuid"
    chmod 755 "$TMP"
    check_status 2 "set-user-ID: exit status" setpriv --reuid 65534 --regid 65534 --clear-groups "$TMP/setuid" trace
    has "set-user-ID: says so" "$TMP/err" '^skbtrail: the program is set-user-ID or set-group-ID'
}

topo_up redirect-peer || finish
SIGNAL=INT WANTED=0
works "default backend"
full_ledger "default backend"
SIGNAL=TERM
works kprobe --backend kprobe
full_ledger kprobe
killed
repaired
unprivileged
set_user_id
finish
