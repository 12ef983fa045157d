#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The guest's part of ./run examples: records one ping on each topology, with all
# functions attached, into /results/TOPOLOGY.skbt, then the examples of docs/reasons
# into /results/reasons.
#   scripts/guest/examples.sh [PROGRAM [reasons]]
# With "reasons" only the latter.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/wait.sh
. scripts/wait.sh

PROGRAM=$(readlink -f "${1:-build/skbtrail}")
TOPO=$PWD/build/tests/vm/topo
REASONS=$PWD/scripts/guest/examples-reasons.sh
DST=10.0.0.67
READY_LIMIT=120 # seconds until the trace is ready
cd "$(mktemp -d)"
TRACER='' # process of the recorder that begin() started

# until_true WHAT COMMAND…: waits until the command succeeds, exits if it does not
until_true() {
    wait_for "$READY_LIMIT" "${@:2}" && return
    cat err >&2
    echo "examples: $1: not within $READY_LIMIT s" >&2
    exit 1
}

is_ready() { [[ -e ready ]] || ! kill -0 "$TRACER" 2>/dev/null; }

# begin NAME OPTION…: starts a recording and waits until it is ready. It has the command line that a user would type,
# because the recording contains it.
begin() {
    rm -f ready
    (exec -a skbtrail "$PROGRAM" record -w "$1.skbt" "${@:2}" --ready-file ready) 2>err &
    TRACER=$!
    until_true "$1: the trace is ready" is_ready
    [[ -e ready ]] || { cat err >&2 && exit 1; }
}

# end NAME DIRECTORY: ends the recording and copies it to the directory
end() {
    kill -INT "$TRACER"
    wait "$TRACER"
    cp "$1.skbt" "$2/"
    printf '%-20s %s, %d bytes\n' "$1" "$(sed -n 's/^\([0-9]* events\).*/\1/p' err | tail -n1)" "$(stat -c %s "$1.skbt")"
}

one_ping() { ip netns exec pod1 ping -n -c1 -W2 "$DST" >/dev/null; }

if [[ ${2-} != reasons ]]; then
    for topology in $("$TOPO" list | cut -d' ' -f1); do
        "$TOPO" up "$topology"
        # A first ping resolves the neighbours, so that the next one is two packets.
        one_ping || [[ $topology == policy-drop ]]
        begin "$topology" --filter-ip "$DST"
        one_ping || [[ $topology == policy-drop ]]
        end "$topology" /results
    done
fi
mkdir -p /results/reasons
# shellcheck source=scripts/guest/examples-reasons.sh
. "$REASONS"
"$TOPO" down
