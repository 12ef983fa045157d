#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Which reason this kernel gives for each drop that tests/vm/drops.sh provokes; the table of docs/drops/README.md:
#   ./run vm --kernel 6.12 --topology host-stack --timeout 900 -- scripts/drop-reasons-inside.sh [REASON…]
# A line per provocation: its name, and what a trace then said: the reasons, each with the function that dropped. Before
# 5.17 the kernel gives none: "-", and in brackets the one that skbtrail takes the place for.
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
    tail -n "+$(($1 + 1))" "$TMP/all.out" | jq -r --slurpfile known "$TMP/known" 'select(.type == "path" and .drop != null) |
        .drop | .cause as $cause | (.reason // ($known[] | select(.kind == "drop" and .text == $cause) | "-(\(.name))") // "-")
            + " \(.symbol)"' | sort -u
}

"$SKBTRAIL" explain --json >"$TMP/known"
# drops are told whatever is probed; these say what was before one
launch all "$SKBTRAIL" trace --path --json --drops --filter-func 'ip_rcv|(cls|tcf)_.*|__dev_xmit_skb'
armed all || finish
for reason in "${DROPS[@]}"; do
    [[ $(type -t "$reason") == function ]] || { echo "no $reason in tests/vm/drops.sh" >&2 && exit 2; }
    before=$(wc -l <"$TMP/all.out")
    "$reason" >"$TMP/says" 2>&1
    wait_for "$LIMIT" eval "told $before | grep -qE '^(-\\()?$reason'"
    printf '%-24s %s\n' "$reason" "$(told "$before" | paste -sd';')"
    sed 's/^/    /' "$TMP/says"
done
end all
