#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Which reason this kernel gives for each drop that tests/vm/drops.sh provokes; the table of docs/drops/README.md:
#   ./run vm --kernel 6.12 --topology host-stack --timeout 900 -- scripts/drop-reasons-inside.sh [REASON…]
# A line per provocation: its name, and what a trace then said: the reasons, each with the function that dropped. Where
# the kernel gives none, "-", and the likely cause.
set -u
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=tests/vm/tap.sh
. tests/vm/tap.sh
# shellcheck source=tests/vm/live.sh
. tests/vm/live.sh
# shellcheck source=tests/vm/drops.sh
. tests/vm/drops.sh

LIMIT=2 # seconds for the drop to be told
[[ $# -eq 0 ]] || DROPS=("$@")

# of the drops after line $1 of the trace
told() {
    tail -n "+$(($1 + 1))" "$TMP/all.out" | jq -r 'select(.type == "event" and .drop != null) | .drop |
        "\(.reason // "-") \(.symbol // .location) \(if .reason then "" else .cause // "" end)"' | sort -u
}

launch all "$SKBTRAIL" trace --json --drops --filter-func ip_rcv # drops are told whatever is probed
armed all || finish
for reason in "${DROPS[@]}"; do
    [[ $(type -t "$reason") == function ]] || { echo "no $reason in tests/vm/drops.sh" >&2 && exit 2; }
    before=$(wc -l <"$TMP/all.out")
    "$reason" >"$TMP/says" 2>&1
    wait_for "$LIMIT" eval "told $before | grep -q '^$reason '"
    printf '%-24s %s\n' "$reason" "$(told "$before" | paste -sd';')"
    sed 's/^/    /' "$TMP/says"
done
end all
