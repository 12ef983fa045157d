#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each of our BPF programs loads on this kernel, with all options at once, and stays far
# below the verifier's limit.
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

check "doctor --programs --json" "$SKBTRAIL" doctor --programs --json
jq -r 'select(.type == "program") | "\(.verified) \(.instructions) \(.limit) \(.name)"' "$TMP/out" | sort -rn >"$TMP/programs"
diag "verified, instructions, limit, program:" "$(head -n 5 "$TMP/programs")" "$(wc -l <"$TMP/programs") programs"
is "none takes more than a quarter of the kernel's limit" '' "$(awk '$1 * 4 > $3 { print $4 }' "$TMP/programs" | xargs)"
is "none is empty" '' "$(awk '$1 < 1 || $2 < 2 { print $4 }' "$TMP/programs" | xargs)"
for program in evidence/peer trace/skb1 trace/kfree trace/tc_entry trace/dead_skb_release_head_state; do
    is "$program is among them" "$program" "$(awk -v p="$program" '$4 == p { print $4 }' "$TMP/programs" | head -n 1)"
done
if grep -q ' register_fprobe_ips$' /proc/kallsyms; then
    has "the programs of kprobe.multi are among them" "$TMP/programs" ' trace/multi1$'
fi
if kernel_at_least 6.2; then
    has "the iterator of symbols is among them" "$TMP/programs" ' symbols/symbols$'
fi
finish
