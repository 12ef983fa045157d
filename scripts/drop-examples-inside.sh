#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What ./run examples does in its guests for examples/drops/: records each drop that tests/vm/drops.sh provokes and this
# kernel gives the reason for, all functions armed, into /results/REASON.skbt.
#   scripts/drop-examples-inside.sh old|new   what 6.12 has a reason for, or what only newer kernels have
#   scripts/drop-examples-inside.sh REASON…
set -eu -o pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tests/vm/tap.sh
. tests/vm/tap.sh
# shellcheck source=tests/vm/drops.sh
. tests/vm/drops.sh
set +e # the provocations fail in places, as they shall

READY_LIMIT=120 # seconds for the probes to be armed
ATTEMPTS=3      # an interrupt may come in between
SIZE_MAX=5000   # bytes

# shellcheck disable=SC2317 # for wait_for
ready_or_gone() { [[ -e $TMP/ready ]] || ! kill -0 "$tracer" 2>/dev/null; }

# record REASON: the command line in the recording is the one a user would type
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
    kill -INT "$tracer" 2>/dev/null # unless it has ended by itself
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
        echo "examples: $reason: no recording of at most $SIZE_MAX bytes with that reason: $(tail -n1 "$TMP/err" "$TMP/says")" >&2
        ls -l "$TMP/$reason.skbt" >&2
        continue
    fi
    cp "$TMP/$reason.skbt" /results/
    printf '%-26s %s, %d bytes\n' "$reason" "$(grep -m1 -oE '^[0-9]+ events' "$TMP/err")" "$(stat -c %s "$TMP/$reason.skbt")"
done
exit "$status"
