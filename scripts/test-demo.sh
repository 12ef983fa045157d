#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# That ./run demo shows what it promises; ./run test calls it:
#   scripts/test-demo.sh REPORT-DIR
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

LIMIT=180 # seconds: it has to be shown in that time

out=$1/demo.out lines=$1/demo.lines status=0
timeout -k 10 "$LIMIT" "$ROOT/scripts/demo.sh" >"$out" 2>"$1/demo.err" </dev/null || status=$?

# shown NAME REGEX: a line of the demo's output
shown() {
    if grep -qE -- "$2" "$out"; then
        echo "pass demo: shows $1"
    else
        echo "fail demo: shows $1"
        echo "  no line matches: $2"
    fi
}
{
    if [[ $status -eq 0 ]]; then
        echo "pass demo: ends with 0 within $LIMIT s"
    else
        echo "fail demo: ends with 0 within $LIMIT s"
        echo "  status $status"
        tail -n 10 "$1/demo.err" | sed 's/^/  | /'
    fi
    shown "the trace's header" '^SKB +CPU +PROCESS +NETNS +IFACE +LEN +TUPLE +FUNC$'
    shown "the request arriving in pod2" ' pod2 +eth0:[0-9]+ .* 10\.0\.0\.133:0->10\.0\.0\.67:0\(icmp\) +icmp_rcv$'
    shown "the verdict on redirect-peer" '^PASS$'
    shown "the verdict on host-stack" '^FAIL$'
    shown "the destination's host veth, which no request crossed" '^dst-host +lxc2.* not seen +seen 1 '
} >"$lines"
