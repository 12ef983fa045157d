#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the recordings below examples/ anew, traced on a Debian kernel that has all
# of it: one ping on each topology, what shows a check's reasons, and one packet for
# each reason to drop one.
#   ./run examples [pings|reasons|drops]
# With a word only these; pings come with the reasons. The pages of docs/reasons and
# docs/drops show their output: see tests/docs/page.sh --print.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNEL=6.12   # netkit and tcx are there
NEWEST=newest # for reasons that 6.12 does not know yet
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
        guest "$KERNEL" "$results/pings" -- scripts/examples-inside.sh
        install -m 644 "$results"/pings/*.skbt "$ROOT/examples/"
        install -D -m 644 -t "$ROOT/examples/reasons" "$results"/pings/reasons/*
        ;;
    reasons)
        guest "$KERNEL" "$results/pings" -- scripts/examples-inside.sh build/skbtrail reasons
        install -D -m 644 -t "$ROOT/examples/reasons" "$results"/pings/reasons/*
        ;;
    drops)
        # Those that could be made are kept: one that failed can be made alone.
        guest "$KERNEL" "$results/drops" --topology host-stack -- scripts/drop-examples-inside.sh old || failed=1
        guest "$NEWEST" "$results/drops" --topology host-stack -- scripts/drop-examples-inside.sh new || failed=1
        install -D -m 644 -t "$ROOT/examples/drops" "$results"/drops/*.skbt
        ;;
    esac
done
exit "$failed"
