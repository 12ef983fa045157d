#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs inside a guest, on the redirect-peer topology: how many events a second a
# trace of all functions delivers before its ring has no room for the first, by the
# size of the ring. Datagrams are sent at a rate that does not depend on who keeps up, each
# time half as fast again, until a trace of SECONDS_EACH loses something.
set -eu -o pipefail

POD2=10.0.0.67 PORT=9
SECONDS_EACH=10
FIRST_RATE=100 # datagrams a second
LAST_RATE=200000
RINGS=(4M 16M 64M 256M)
WORK=$(mktemp -d)
mkfifo "$WORK/pipe"
exec {PIPE}<>"$WORK/pipe"

# traced RING RATE: "SENT EVENTS LOST" of one trace; LOST is what its ring had no room for, for a program that is skipped
# because an interrupt came within another is lost at any rate
traced() {
    local pid sent
    rm -f "$WORK/armed"
    build/skbtrail trace --filter-ip "$POD2" --filter-proto udp --buffer-size "$1" --ready-file "$WORK/armed" \
        >"$WORK/out" 2>"$WORK/err" &
    pid=$!
    until [[ -e $WORK/armed ]]; do
        kill -0 "$pid" 2>/dev/null || { cat "$WORK/err" >&2; exit 1; }
        read -rt 0.05 -u "$PIPE" || true
    done
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
        # A sender that gets no further than before has reached its own end.
        [[ $((sent * 10)) -ge $((rate * SECONDS_EACH * 9)) ]] || { first="$((sent / SECONDS_EACH)) none" && break; }
        best="$((sent / SECONDS_EACH)) $((events / SECONDS_EACH))"
    done
    # shellcheck disable=SC2086 # two words each
    printf '%8s %12s %12s %18s %12s\n' "$ring" $best $first
done
