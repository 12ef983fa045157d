#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What ./run examples does in its guest: records one ping on each topology, all
# functions armed, into /results/TOPOLOGY.skbt; then, into /results/reasons, what
# docs/reasons shows the check's reasons on.
#   scripts/examples-inside.sh [PROGRAM [reasons]]
# With "reasons" only these.
set -eu -o pipefail
cd "$(dirname "$0")/.."

PROGRAM=$(readlink -f "${1:-build/skbtrail}")
TOPO=$PWD/build/tests/vm/topo
REASONS=$PWD/scripts/examples-reasons.sh
DST=10.0.0.67
READY_LIMIT=120 # seconds for the probes to be armed
cd "$(mktemp -d)"
TRACER='' # process of the recorder that begin() started

exec {PAUSE}<> <(:)
# until_true WHAT COMMAND…: waits for what nothing announces, in pauses that start no process
until_true() {
    local what=$1 deadline=$((SECONDS + READY_LIMIT))
    shift
    until "$@" >/dev/null 2>&1; do
        if [[ $SECONDS -ge $deadline ]]; then
            cat err >&2
            echo "examples: $what: not within $READY_LIMIT s" >&2
            exit 1
        fi
        read -rt 0.05 -u "$PAUSE" || true
    done
}

is_ready() { [[ -e ready ]] || ! kill -0 "$TRACER" 2>/dev/null; }

# begin NAME OPTION…: a recorder, armed; the command line in the recording is the one a user would type
begin() {
    rm -f ready
    (exec -a skbtrail "$PROGRAM" record -w "$1.skbt" "${@:2}" --ready-file ready) 2>err &
    TRACER=$!
    until_true "$1: the tracer is ready" is_ready
    [[ -e ready ]] || { cat err >&2 && exit 1; }
}

# end NAME DIRECTORY: the recorder, and into the directory with what it wrote
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
        # Neighbours are known, so that a ping is two packets.
        one_ping || [[ $topology == policy-drop ]]
        begin "$topology" --filter-ip "$DST"
        one_ping || [[ $topology == policy-drop ]]
        end "$topology" /results
    done
fi
mkdir -p /results/reasons
# shellcheck source=scripts/examples-reasons.sh
. "$REASONS"
"$TOPO" down
