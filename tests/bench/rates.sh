#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs in a guest on the redirect-peer topology: measures for several ring sizes how
# many events per second a trace of all functions delivers without a loss. Datagrams
# are sent at a fixed rate, which is raised by half each time, until a trace of
# SECONDS_EACH loses an event.
set -eu -o pipefail
# shellcheck source=scripts/wait.sh
. scripts/wait.sh

POD2=10.0.0.67 PORT=9
READY_LIMIT=180 # seconds until the trace is ready
SECONDS_EACH=10
FIRST_RATE=100 # datagrams a second
LAST_RATE=200000
RINGS=(4M 16M 64M 256M)
WORK=$(mktemp -d)

# shellcheck disable=SC2317 # called by wait_for
ready_or_gone() { [[ -e $WORK/ready ]] || ! kill -0 "$pid" 2>/dev/null; }

# traced RING RATE: prints "SENT EVENTS LOST" of one trace. LOST counts only events without room in the ring: those that
# the kernel skips when an interrupt comes during another program do not depend on the rate.
traced() {
    local pid sent
    rm -f "$WORK/ready"
    build/skbtrail trace --filter-ip "$POD2" --filter-proto udp --buffer-size "$1" --ready-file "$WORK/ready" \
        >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    wait_for "$READY_LIMIT" ready_or_gone && [[ -e $WORK/ready ]] || { cat "$WORK/err" >&2; exit 1; }
    sent=$(ip netns exec pod1 build/tests/bench/udp-rate "$POD2" "$PORT" "$2" "$SECONDS_EACH")
    kill -INT "$pid"
    wait "$pid" || true
    # "N events, none lost", "N events, M lost (ring M, …)"
    awk -v sent="${sent% *}" '/^[0-9]+ events?, / {
        lost = match($0, /ring [0-9]+/) ? substr($0, RSTART + 5, RLENGTH - 5) : 0
        print sent, $1, lost }' "$WORK/err"
}

printf 'Linux %s, %s CPU: %d s at each rate\n%8s %12s %12s %18s %12s\n' "$(uname -r)" "$(nproc)" "$SECONDS_EACH" ring \
    'datagrams/s' 'events/s' 'then datagrams/s' 'lost of'
for ring in "${RINGS[@]}"; do
    best='- -' first=''
    for ((rate = FIRST_RATE; rate <= LAST_RATE; rate = rate * 3 / 2)); do
        read -r sent events lost < <(traced "$ring" "$rate")
        if [[ $lost -gt 0 ]]; then
            first="$((sent / SECONDS_EACH)) $lost/$((events + lost))"
            break
        fi
        # The sender cannot send faster than this.
        [[ $((sent * 10)) -ge $((rate * SECONDS_EACH * 9)) ]] || { first="$((sent / SECONDS_EACH)) none" && break; }
        best="$((sent / SECONDS_EACH)) $((events / SECONDS_EACH))"
    done
    # shellcheck disable=SC2086 # two words each
    printf '%8s %12s %12s %18s %12s\n' "$ring" $best $first
done
