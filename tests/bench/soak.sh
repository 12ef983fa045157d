#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs in a guest on the redirect-peer topology: traces all functions under a flood for
#   tests/bench/soak.sh MINUTES
# while processes, namespaces and flows come and go. Prints the memory and descriptors
# of the trace every 15 s, and at the end whether they grew: then exit status 1.
set -eu -o pipefail
# shellcheck source=scripts/wait.sh
. scripts/wait.sh

MINUTES=$1
POD2=10.0.0.67
WORK=$(mktemp -d)
READY_LIMIT=180 # seconds until the trace is ready
EVERY=15        # seconds between two lines
GROWTH_MAX=1024 # kB from the middle to the end: a fragmented heap may grow by some pages

memory_kb() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status"; }
descriptors() { find "/proc/$pid/fd" -mindepth 1 | wc -l; }

# Fills tables with new processes, ports and namespaces. The packets in the new namespaces do not match.
churn() {
    local i=0
    while :; do
        i=$((i + 1))
        # shellcheck disable=SC2016 # expanded inside
        ip netns exec pod1 bash -c 'for i in {1..20}; do echo x >"/dev/udp/$0/$((RANDOM + 1024))"; done' "$POD2" 2>/dev/null || true
        ip netns add "soak$i"
        ip -n "soak$i" link set lo up
        ip netns exec "soak$i" ping -q -c1 -W1 127.0.0.1 >/dev/null || true
        ip netns del "soak$i"
        echo "$i" >"$WORK/churned"
    done
}

flood() {
    while :; do
        ip netns exec pod1 ping -q -n -f -c 500 "$POD2" >/dev/null
    done
}

ready_or_gone() { [[ -e $WORK/ready ]] || ! kill -0 "$pid" 2>/dev/null; }

build/skbtrail trace --json --filter-ip "$POD2" --ready-file "$WORK/ready" 2>"$WORK/err" > >(tail -n 1 >"$WORK/summary") &
pid=$!
wait_for "$READY_LIMIT" ready_or_gone && [[ -e $WORK/ready ]] || { cat "$WORK/err" >&2; exit 1; }
churn &
churn_pid=$!
flood &
flood_pid=$!
trap 'kill $churn_pid $flood_pid 2>/dev/null || true' EXIT

printf 'Linux %s, %s CPU: %s minutes of flood\n%8s %10s %12s\n' "$(uname -r)" "$(nproc)" "$MINUTES" seconds 'RSS kB' descriptors
began=$SECONDS middle=''
while [[ $((SECONDS - began)) -lt $((MINUTES * 60)) ]]; do
    pause "$EVERY"
    now="$(memory_kb) $(descriptors)"
    # shellcheck disable=SC2086 # two words
    printf '%8d %10d %12d\n' $((SECONDS - began)) $now
    [[ -n $middle || $((SECONDS - began)) -lt $((MINUTES * 30)) ]] || middle=$now
done
kill "$churn_pid" "$flood_pid" 2>/dev/null || true
kill -INT "$pid"
status=0
wait "$pid" || status=$?
wait # for the process that writes the summary

jq -r '"\(.events) events, \(.lost.ring + .lost.recursion + .lost.kprobe + .lost.map) counted as lost"' "$WORK/summary"
echo "$(<"$WORK/churned") namespaces were made and removed"
read -r rss_then fds_then <<<"$middle"
read -r rss_now fds_now <<<"$now"
echo "from the middle to the end: $((rss_now - rss_then)) kB, $((fds_now - fds_then)) descriptors; exit status $status"
[[ $status -eq 0 && $((rss_now - rss_then)) -le $GROWTH_MAX && $fds_now -eq $fds_then ]]
