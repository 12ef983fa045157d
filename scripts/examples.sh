#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the recordings below examples/ anew: one ping on each topology, traced on
# a Debian kernel that has all of them.
#   ./run examples
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNEL=6.12 # netkit and tcx are there
LIMIT=1200

[[ $# -eq 0 ]] || die "usage: ./run examples"
step "building"
"$ROOT/scripts/build.sh"
step "recording"
results=$(mktemp -d "${TMPDIR:-/tmp}/skbtrail-examples.XXXXXX")
trap 'rm -rf "$results"' EXIT
"$ROOT/scripts/vm.sh" --kernel "$KERNEL" --timeout "$LIMIT" --results "$results" -- scripts/examples-inside.sh
install -m 644 "$results"/*.skbt "$ROOT/examples/"
