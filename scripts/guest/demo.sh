#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The demo of ./run demo, run as root in a guest or in namespaces of its own. Exit
# status: 0 if the trace has events and both verdicts are as expected; 1 if not; 4 if
# the environment refuses the first trace.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/wait.sh
. scripts/wait.sh

SRC=10.0.0.133 DST=10.0.0.67
READY_LIMIT=120 # seconds until the trace is ready
tmp=$(mktemp -d)
tracer=''
# shellcheck disable=SC2317 # called by the trap
cleanup() {
    [[ -z $tracer ]] || kill "$tracer" 2>/dev/null || true
    build/tests/vm/topo down >/dev/null 2>&1 || true
    rm -rf "$tmp"
}
trap cleanup EXIT

bold='' plain=''
if [[ -n ${SKBTRAIL_DEMO_COLOR-} ]]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
command_line() { printf '\n$ %s\n' "$*"; }

topology() { # NAME
    build/tests/vm/topo up "$1"
}

show_topology() {
    cat <<END

  namespace pod1              the host's namespace              namespace pod2
  $SRC                                                    $DST
  eth0 ==================== lxc1              lxc2 ==================== eth0
                             |                                           ^
                             +------------ bpf_redirect_peer ------------+
END
}

# shellcheck disable=SC2317 # for wait_for
ready_or_gone() { [[ -e $tmp/ready ]] || ! kill -0 "$tracer" 2>/dev/null; }

# trace_one_ping: leaves the events in $tmp/trace, the closing lines in $tmp/trace.err
trace_one_ping() {
    local status=0
    local trace=(build/skbtrail trace --filter-ip "$DST")
    command_line "${trace[@]}"
    "${trace[@]}" --ready-file "$tmp/ready" >"$tmp/trace" 2>"$tmp/trace.err" </dev/null &
    tracer=$!
    if ! wait_for "$READY_LIMIT" ready_or_gone; then
        echo "demo: the trace was not ready within $READY_LIMIT s" >&2
        exit 1
    fi
    if [[ ! -e $tmp/ready ]]; then
        wait "$tracer" || status=$?
        tracer=''
        cat "$tmp/trace.err" >&2
        [[ $status -ne 2 ]] || exit 4
        exit 1
    fi
    ip netns exec pod1 ping -n -c 1 -W 2 "$DST" >"$tmp/ping"
    kill -INT "$tracer"
    wait "$tracer" || status=$?
    tracer=''
    cat "$tmp/trace"
    cat "$tmp/trace.err"
    [[ $status -eq 0 ]]
}

# check_on TOPOLOGY WANTED-STATUS WANTED-VERDICT
check_on() {
    local status=0
    local check=(build/skbtrail check same-node --src-ip "$SRC" --dst-ip "$DST" --ping)
    topology "$1"
    command_line "${check[@]}"
    "${check[@]}" >"$tmp/verdict" 2>"$tmp/verdict.err" </dev/null || status=$?
    cat "$tmp/verdict" "$tmp/verdict.err"
    echo "exit status $status"
    if [[ $status -ne $2 || $(head -n 1 "$tmp/verdict") != "$3" ]]; then
        echo "demo: expected $3 and exit status $2 on $1" >&2
        return 1
    fi
}

title "Two pods on one node, joined by bpf_redirect_peer (Linux $(uname -r))"
show_topology
topology redirect-peer
title "1. One ping from pod1 to pod2: every kernel function that its packets pass through"
good=1
trace_one_ping || good=''
events=$(tail -n +2 "$tmp/trace" | wc -l)
if [[ $events -eq 0 ]]; then
    echo "demo: the trace has no events" >&2
    good=''
fi
title "2. Did the packets skip the destination's host-side veth? With redirect_peer they do"
check_on redirect-peer 0 PASS || good=''
title "3. The same check where the host's stack forwards the packets: they do not"
check_on host-stack 1 FAIL || good=''
if [[ -n $good ]]; then
    title "Done: $events events of one ping, PASS on redirect-peer, FAIL on host-stack."
else
    title "Something above is not as expected: see the lines that begin with demo:"
    exit 1
fi
