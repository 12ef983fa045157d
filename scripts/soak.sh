#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests that a long trace does not grow:
#   ./run soak [--kernel K] [MINUTES]
# Boots a guest, traces all functions under a flood for MINUTES (default: 10), and
# prints the trace's memory and descriptors every 15 s. Exit status 1 if they grew.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

kernel=6.12 minutes=10
while [[ $# -gt 0 ]]; do
    case $1 in
    --kernel)
        [[ $# -ge 2 ]] || die "$1 needs a value"
        kernel=$2
        shift 2
        ;;
    --kernel=*)
        kernel=${1#*=}
        shift
        ;;
    -*) die "unknown option $1 (./run soak [--kernel K] [MINUTES])" ;;
    *)
        minutes=$1
        shift
        ;;
    esac
done
[[ $minutes =~ ^[1-9][0-9]{0,3}$ ]] || die "$minutes: not a number of minutes"

"$ROOT/scripts/build.sh" >&2
exec "$ROOT/scripts/vm.sh" --kernel "$kernel" --topology redirect-peer --timeout $((minutes * 60 + 300)) -- \
    tests/bench/soak.sh "$minutes"
