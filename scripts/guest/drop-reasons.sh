#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints which reason this kernel gives for each drop that tests/vm/drops.sh provokes; the table in docs/drops/README.md
# comes from it:
#   ./run vm --kernel 6.12 --topology host-stack --timeout 900 -- scripts/guest/drop-reasons.sh [REASON…]
# One line for each: its name, then the reasons that a trace shows, each with the function that dropped the packet. Before
# 5.17 the kernel gives none: "-", with the reason in brackets that skbtrail derives from the function.
set -u
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/vm/case.sh
. tests/vm/case.sh
# shellcheck source=tests/vm/live.sh
. tests/vm/live.sh
# shellcheck source=tests/vm/drops.sh
. tests/vm/drops.sh

LIMIT=2 # seconds until the trace shows the drop
[[ $# -eq 0 ]] || DROPS=("$@")

# told LINE: prints reason and function of the drops after this line of the trace
told() {
    tail -n "+$(($1 + 1))" "$TMP/all.out" | jq -r --slurpfile known "$TMP/known" 'select(.type == "path" and .drop != null) |
        .drop | .cause as $cause | (.reason // ($known[] | select(.kind == "drop" and .text == $cause) | "-(\(.name))") // "-")
            + " \(.symbol)"' | sort -u
}

"$SKBTRAIL" explain --json >"$TMP/known"
# A drop is shown whatever the functions; these show the events before it.
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
