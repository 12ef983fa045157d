#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The privileges of a check that is ready: they are few, and enough for its verdict and
# its whole output, again and again with --watch. The capabilities that the manual names
# are enough to start it.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

# linux/capability.h
declare -A BIT=([dac_override]=1 [dac_read_search]=2 [net_admin]=12 [net_raw]=13 [sys_ptrace]=19 [sys_admin]=21
    [sys_rawio]=17 [syslog]=34 [perfmon]=38 [bpf]=39)
CHECK=("$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --timeout 120s)

# mask CAPABILITY…: prints the set as /proc does
mask() {
    local sum=0 name
    for name in "$@"; do sum=$((sum | 1 << BIT[$name])); done
    printf '%016x\n' "$sum"
}

# of NAME FIELD: prints a field of the process's status
of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/${LIVE[$1]}/status"; }

# confined NAME CAPABILITY…: it has these capabilities and no others
confined() {
    local name=$1
    shift
    # The system call filter is set a moment after the ready file.
    wait_for 10 grep -q '^Seccomp:.*2' "/proc/${LIVE[$name]}/status"
    is "$name: no new privileges" 1 "$(of "$name" NoNewPrivs)"
    is "$name: a system call filter" 2 "$(of "$name" Seccomp)"
    is "$name: effective capabilities: $*" "$(mask "$@")" "$(of "$name" CapEff)"
    is "$name: permitted capabilities" "$(mask "$@")" "$(of "$name" CapPrm)"
}

# verdict NAME: pings, which ends the check, and tests its verdict
verdict() {
    in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null
    ended "$1"
    is "$1: exit status" 0 "$STATUS"
    is "$1: verdict" PASS "$(head -n1 "$TMP/$1.out")"
    lacks "$1: nothing was refused" "$TMP/$1.err" 'not permitted|denied|refused'
}

same_node() {
    launch same-node "${CHECK[@]}"
    armed same-node || return
    confined same-node bpf sys_admin sys_ptrace syslog net_admin dac_read_search
    verdict same-node
    has "same-node: the devices' counters were read" "$TMP/same-node.out" '^lxc1: +[0-9]+ packets sent by its own counter'
    has "same-node: the programs were read" "$TMP/same-node.out" '^static: .*from_pod_peer \(id [0-9]+\) calls bpf_redirect_peer$'

    launch junit "${CHECK[@]}" --junit "$TMP/junit.xml" --trace
    armed junit || return
    confined junit bpf sys_admin sys_ptrace syslog net_admin dac_read_search dac_override
    verdict junit
    has "junit: is written" "$TMP/junit.xml" '<testsuite '
    has "junit: with its trace" "$TMP/junit.out" ' icmp_rcv$'
}

# shellcheck disable=SC2317 # called by wait_for
rounds() { [[ $(grep -c '^skbtrail: armed, watching' "$TMP/watch.err") -ge $1 ]]; }
# shellcheck disable=SC2317 # called by wait_for
changed() { grep -q 'verdict changed from PASS to INCONCLUSIVE' "$TMP/watch.err"; }

# watch [--trace CAPABILITY…]: tests a check with --watch
watch() {
    launch watch "${CHECK[@]/120s/2s}" --watch 0.1s --verbose --ping ${1:+"$1"}
    armed watch || return
    confined watch bpf perfmon sys_admin sys_ptrace syslog net_admin dac_read_search net_raw "${@:2}"
    if wait_for "$ARM_LIMIT" rounds 2; then
        ok "watch${1:+ $1}: attaches again and again"
    else
        not_ok "watch${1:+ $1}: attaches again and again" "$(cat "$TMP/watch.err")"
    fi
    ip -n pod2 link set eth0 down
    if wait_for "$ARM_LIMIT" changed; then
        ok "watch${1:+ $1}: sees that the pod is gone"
    else
        not_ok "watch${1:+ $1}: sees that the pod is gone" "$(cat "$TMP/watch.err")"
    fi
    end watch
    lacks "watch${1:+ $1}: nothing was refused" "$TMP/watch.err" 'not permitted|denied|refused'
    "$TOPO" down >/dev/null 2>&1
    topo_up redirect-peer
}

# path NAME RULES: tests check path
path() {
    echo "$2" >"$TMP/$1.rules"
    launch "$1" "$SKBTRAIL" check path --rules "$TMP/$1.rules" --timeout 120s --verbose
    armed "$1" || return
    confined "$1" bpf
    verdict "$1"
}

# A user other than root, with the capabilities that the manual names.
unprivileged() {
    local caps='-all,+bpf,+perfmon,+syslog,+dac_read_search,+sys_admin,+sys_ptrace,+net_admin,+net_raw'
    local user=(setpriv --reuid 1000 --regid 1000 --clear-groups)
    kernel_at_least 5.11 || caps+=,+sys_resource
    cp "$SKBTRAIL" "$TMP/skbtrail"
    chmod 777 "$TMP"
    check "capabilities alone" "${user[@]}" --inh-caps "$caps" --ambient-caps "$caps" "$TMP/skbtrail" "${CHECK[@]:1}" --ping
    is "capabilities alone: verdict" PASS "$(head -n1 "$TMP/out")"
    has "capabilities alone: the programs are named" "$TMP/out" 'calls bpf_redirect_peer$'
    caps=${caps/,+net_raw/}
    check_status 2 "without CAP_NET_RAW: --ping" "${user[@]}" --inh-caps "$caps" --ambient-caps "$caps" \
        "$TMP/skbtrail" "${CHECK[@]:1}" --ping
    has "without CAP_NET_RAW: is refused for that" "$TMP/err" '^skbtrail: --ping: .*needs CAP_NET_RAW and CAP_SYS_ADMIN'
}

topo_up redirect-peer || finish
same_node
check "the built-in check's rules" "${CHECK[@]}" --print-rules
path hooks "$(<"$TMP/out")"
has "hooks: uses the evidence programs" "$TMP/hooks.err" 'the evidence programs are armed'
path wide "packet $POD1_V4 -> $POD2_V4 icmp
  expect icmp_rcv on iface eth0 netns pod2"
has "wide: uses the trace" "$TMP/wide.err" 'functions armed, watching'
unprivileged
watch
# By kprobe events 6.1 needs half a minute to attach all functions, each time.
if grep -q ' register_fprobe_ips$' /proc/kallsyms || ! kernel_at_least 6.0; then
    watch --trace sys_rawio
fi
nothing_left "at the end"
finish
