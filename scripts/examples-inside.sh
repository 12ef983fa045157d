#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What ./run examples does in its guest: records one ping on each topology, all
# functions armed, into /results/TOPOLOGY.skbt.
#   scripts/examples-inside.sh [PROGRAM]
set -eu -o pipefail
cd "$(dirname "$0")/.."

PROGRAM=$(readlink -f "${1:-build/skbtrail}")
TOPO=$PWD/build/tests/vm/topo
DST=10.0.0.67
READY_LIMIT=120 # seconds for the probes to be armed
cd "$(mktemp -d)"

# record TOPOLOGY: the command line in the recording is the one a user would type
record() {
    local deadline=$((SECONDS + READY_LIMIT)) tracer
    rm -f /tmp/ready
    (exec -a skbtrail "$PROGRAM" record -w "$1.skbt" --filter-ip "$DST" --ready-file /tmp/ready) 2>err &
    tracer=$!
    until [[ -e /tmp/ready ]]; do
        if ! kill -0 "$tracer" 2>/dev/null || [[ $SECONDS -ge $deadline ]]; then
            cat err >&2
            echo "examples: $1: the tracer was not ready within $READY_LIMIT s" >&2
            exit 1
        fi
        sleep 0.1
    done
    ip netns exec pod1 ping -n -c1 -W2 "$DST" >/dev/null || [[ $1 == policy-drop ]]
    kill -INT "$tracer"
    wait "$tracer"
    cp "$1.skbt" /results/
    printf '%-20s %s, %d bytes\n' "$1" "$(head -n2 err | tail -n1 | cut -d, -f1)" "$(stat -c %s "$1.skbt")"
}

for topology in $("$TOPO" list | cut -d' ' -f1); do
    "$TOPO" up "$topology"
    # Neighbours are known, so that a ping is two packets.
    ip netns exec pod1 ping -n -c1 -W2 "$DST" >/dev/null || [[ $topology == policy-drop ]]
    record "$topology"
done
"$TOPO" down
