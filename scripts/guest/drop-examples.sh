#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The guests' part of ./run examples drops: records each drop that tests/vm/drops.sh provokes, with all functions
# attached, into /results/REASON.skbt.
#   scripts/guest/drop-examples.sh old|new   the reasons that 6.12 has, or those that only newer kernels have
#   scripts/guest/drop-examples.sh REASON…
set -eu -o pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/vm/case.sh
. tests/vm/case.sh
# shellcheck source=tests/vm/drops.sh
. tests/vm/drops.sh
set +e # commands that provoke a drop are expected to fail

READY_LIMIT=120 # seconds until the trace is ready
ATTEMPTS=3      # an interrupt may add events of other packets
SIZE_MAX=5000   # bytes

# shellcheck disable=SC2317 # for wait_for
ready_or_gone() { [[ -e $TMP/ready ]] || ! kill -0 "$tracer" 2>/dev/null; }

# record REASON: records with the command line that a user would type, because the recording contains it
record() {
    local file=$TMP/$1.skbt filter
    filter=("${DROP_FILTER[$1]-$DROP_FILTER_DEFAULT}") # a pcap-filter expression is one word
    [[ ${filter[0]} != --* ]] || read -ra filter <<<"${filter[0]}"
    rm -f "$TMP/ready" "$file"
    (cd "$TMP" && exec -a skbtrail "$OLDPWD/$SKBTRAIL" record -w "$1.skbt" --drops "${filter[@]}" --ready-file ready) 2>"$TMP/err" &
    tracer=$!
    wait_for "$READY_LIMIT" ready_or_gone
    [[ -e $TMP/ready ]] || return 1
    "$1" >"$TMP/says" 2>&1
    kill -INT "$tracer" 2>/dev/null # it may have ended by itself
    wait "$tracer"
    "$SKBTRAIL" report --json "$file" | grep -q "\"reason\":\"$1\"" &&
        [[ $(stat -c %s "$file") -le $SIZE_MAX ]]
}

case ${1-} in
old) mapfile -t wanted < <(printf '%s\n' "${DROPS[@]}" | grep -vxF "$(printf '%s\n' "${DROPS_NEWER[@]}")") ;;
new) wanted=("${DROPS_NEWER[@]}") ;;
*) wanted=("$@") ;;
esac
status=0
for reason in "${wanted[@]}"; do
    for ((i = 0; i < ATTEMPTS; i++)); do
        ! record "$reason" || break
    done
    if [[ $i -eq $ATTEMPTS ]]; then
        status=1
        echo "examples: $reason: no recording with this reason and at most $SIZE_MAX bytes: $(tail -n1 "$TMP/err" "$TMP/says")" >&2
        ls -l "$TMP/$reason.skbt" >&2
        continue
    fi
    cp "$TMP/$reason.skbt" /results/
    printf '%-26s %s, %d bytes\n' "$reason" "$(grep -m1 -oE '^[0-9]+ events' "$TMP/err")" "$(stat -c %s "$TMP/$reason.skbt")"
done
exit "$status"
