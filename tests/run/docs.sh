#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the pages of docs/reasons and docs/drops and compares what their commands print; tests that each reason that is
# explained has its page. ./run test calls it:
#   tests/run/docs.sh REPORT-DIR
# Each page leaves its TAP in REPORT-DIR/docs.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"

LIMIT=120 # seconds for one page

report=$1/docs
cd "$ROOT"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
# kind of explanation → directory of its pages
declare -A pages_of=([check]=docs/reasons [drop]=docs/drops)

# run_one PAGE OUT
run_one() {
    local status=0
    timeout -k 5 "$LIMIT" tests/docs/page.sh "$1" >"$2.tap" 2>"$2.err" </dev/null || status=$?
    echo "$status" >"$2.status"
}

explained=$(build/skbtrail explain --json | sed -n 's/.*"name":"\([^"]*\)","kind":"\([^"]*\)".*/\2 \1/p')

# as_explained KIND: each name has its page, and each page its name
as_explained() {
    # "<" is a name without a page, ">" a page without a name.
    check "a page for each name of kind $1" diff <(sed -n "s/^$1 //p" <<<"$explained" | sort) \
        <(find "${pages_of[$1]}" -name '*.md' ! -name README.md -printf '%f\n' | sed 's/\.md$//' | sort)
}

mkdir -p "$report"
for kind in check drop; do
    as_explained "$kind" >"$report/$kind.tap"
    for page in "${pages_of[$kind]}"/*.md; do
        [[ ${page##*/} != README.md ]] || grep -q '^ *```console$' "$page" || continue
        while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do
            wait -n || true
        done
        out=$report/${page#docs/}
        mkdir -p "${out%/*}"
        run_one "$page" "${out%.md}" &
    done
done
wait
