#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Records the files in examples/ again on Debian kernels: one ping on each topology, traffic
# for each reason of a check, and one packet for each drop reason.
#   ./run examples [pings|reasons|drops]
# With a word only these; "pings" includes the reasons. The pages in docs/reasons and
# docs/drops show their output: see tests/docs/page.sh --print.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNEL=6.12   # has netkit and tcx
NEWEST=newest # for drop reasons that 6.12 does not have
LIMIT=2400

case ${1-} in
'') what=(pings drops) ;;
pings | reasons | drops) what=("$1") ;;
*) die "usage: ./run examples [pings|reasons|drops]" ;;
esac
step "building"
"$ROOT/scripts/build.sh"
results=$(mktemp -d "${TMPDIR:-/tmp}/skbtrail-examples.XXXXXX")
trap 'rm -rf "$results"' EXIT

# guest KERNEL RESULTS COMMAND…
guest() {
    mkdir -p "$2"
    "$ROOT/scripts/vm.sh" --kernel "$1" --timeout "$LIMIT" --results "$2" "${@:3}"
}

failed=0
for kind in "${what[@]}"; do
    step "recording $kind"
    case $kind in
    pings)
        guest "$KERNEL" "$results/pings" -- scripts/guest/examples.sh
        install -m 644 "$results"/pings/*.skbt "$ROOT/examples/"
        install -D -m 644 -t "$ROOT/examples/reasons" "$results"/pings/reasons/*
        ;;
    reasons)
        guest "$KERNEL" "$results/pings" -- scripts/guest/examples.sh build/skbtrail reasons
        install -D -m 644 -t "$ROOT/examples/reasons" "$results"/pings/reasons/*
        ;;
    drops)
        # Recordings that succeed are kept: a failed one can be repeated alone.
        guest "$KERNEL" "$results/drops" --topology host-stack -- scripts/guest/drop-examples.sh old || failed=1
        guest "$NEWEST" "$results/drops" --topology host-stack -- scripts/guest/drop-examples.sh new || failed=1
        install -D -m 644 -t "$ROOT/examples/drops" "$results"/drops/*.skbt
        ;;
    esac
done
exit "$failed"
