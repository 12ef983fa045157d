#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Walks tests/mistakes: slips of a command line, and the line that each is answered with; ./run test calls it:
#   tests/run/mistakes.sh
# A slip ends with exit status 2, nothing on standard output and exactly that line on standard error.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "$ROOT/tests/run/tap.sh"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

walked=0
cd "$ROOT"
while IFS= read -r line; do
    [[ -n $line && $line != \#* ]] || continue
    typed=${line%% => *} status=0 words=()
    eval "words=($typed)"
    build/skbtrail "${words[@]}" >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
    is "$typed" "2, nothing, skbtrail: ${line#* => }" "$status, $(head -c 60 "$TMP/out" | grep . || echo nothing), $(<"$TMP/err")"
    walked=$((walked + 1))
done <tests/mistakes
is "the table was walked" "$(grep -c '^[^#].* => ' tests/mistakes)" "$walked"
finish
