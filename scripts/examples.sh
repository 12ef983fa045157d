#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the recordings below examples/ anew: one ping on each topology, traced on
# a Debian kernel that has all of them; and those that show a check's reasons.
#   ./run examples [reasons]
# With "reasons" only the latter. The pages of docs/reasons show their output: see
# tests/docs/page.sh --print.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNEL=6.12 # netkit and tcx are there
LIMIT=1200

[[ $# -eq 0 || "$*" == reasons ]] || die "usage: ./run examples [reasons]"
step "building"
"$ROOT/scripts/build.sh"
step "recording"
results=$(mktemp -d "${TMPDIR:-/tmp}/skbtrail-examples.XXXXXX")
trap 'rm -rf "$results"' EXIT
"$ROOT/scripts/vm.sh" --kernel "$KERNEL" --timeout "$LIMIT" --results "$results" -- \
    scripts/examples-inside.sh build/skbtrail "$@"
[[ $# -gt 0 ]] || install -m 644 "$results"/*.skbt "$ROOT/examples/"
install -m 644 -D -t "$ROOT/examples/reasons" "$results"/reasons/*
