#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Real-time kernels: where the lock of a BPF ring buffer may sleep, nothing is attached, and
# the reason is said; elsewhere all is as on other kernels. In both the kernel stays silent.
# kernels: 5.10-rt 6.1-rt 6.12-rt newest-rt
# in a whole run: 5.10-rt
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

uname -v >"$TMP/uname"
has "the kernel is a real-time one" "$TMP/uname" PREEMPT_RT
topo_up redirect-peer || finish
ping=(busybox nsenter --net=/run/netns/pod1 ping -n -q -c1 -W5 "$POD2_V4")
if [[ $(uname -r) == 5.10.* ]]; then
    why='^skbtrail: on this real-time kernel a probe that writes into a BPF ring buffer may sleep, .*; boot one from 6\.12 on'
    check_status 2 "trace is refused" "$SKBTRAIL" trace --filter-ip "$POD2_V4" -- "${ping[@]}"
    has "trace: the reason" "$TMP/err" "$why"
    check_status 2 "record is refused" "$SKBTRAIL" record -w "$TMP/x.skbt" --filter-ip "$POD2_V4" -- "${ping[@]}"
    check_status 2 "check same-node is refused" "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    has "check same-node: the reason" "$TMP/err" "$why"
    printf 'packet %s -> %s icmp\n  expect ip_rcv\n' "$POD1_V4" "$POD2_V4" >"$TMP/rules"
    check_status 2 "check path is refused" "$SKBTRAIL" check path --rules "$TMP/rules" -- "${ping[@]}"
    check_status 2 "why is refused" "$SKBTRAIL" why -- "${ping[@]}"
    "$SKBTRAIL" doctor >"$TMP/doctor"
    has "doctor says so" "$TMP/doctor" '^MISSING +programs +on this real-time kernel'
    check "funcs works" "$SKBTRAIL" funcs ip_rcv
else
    check "check same-node" "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    is "it passes" PASS "$(head -n1 "$TMP/out")"
    check "trace" "$SKBTRAIL" trace --json --filter-ip "$POD2_V4" -- "${ping[@]}"
    has "trace: the packet arrives" "$TMP/out" '"func":"icmp_rcv"'
    has "trace: the report is the last line" <(tail -n1 "$TMP/out") '"type":"summary"'
fi
nothing_left "real-time"
finish
