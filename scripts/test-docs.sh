#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the pages of docs/reasons and docs/drops and compares what they print; and
# each reason that is explained has its page. ./run test calls it:
#   scripts/test-docs.sh REPORT-DIR
# leaves lines for ./run test in REPORT-DIR/docs.lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

LIMIT=120 # seconds for one page

report=$1
cd "$ROOT"
# kind of explanation → directory of its pages
declare -A pages_of=([check]=docs/reasons [drop]=docs/drops)

# run_one PAGE
run_one() {
    local name=${1#docs/} out status=0
    name=${name%.md}
    out=$report/docs-${name//\//-}
    timeout -k 5 "$LIMIT" tests/docs/page.sh "$1" >"$out.out" 2>&1 </dev/null || status=$?
    if [[ $status -eq 0 ]]; then
        echo "pass docs/$name"
    else
        echo "fail docs/$name"
        sed -n '/^ok /!s/^/  | /p' "$out.out"
    fi >"$out.line"
}

explained=$(build/skbtrail explain --json | sed -n 's/.*"name":"\([^"]*\)","kind":"\([^"]*\)".*/\2 \1/p')

# as_explained KIND: the pages, and no others
as_explained() {
    local dir=${pages_of[$1]} differences
    differences=$(diff <(sed -n "s/^$1 //p" <<<"$explained" | sort) \
        <(find "$dir" -name '*.md' ! -name README.md -printf '%f\n' | sed 's/\.md$//' | sort) |
        sed -n 's/^< /no page of /p; s/^> /a page of an unknown name: /p') || true
    if [[ -z $differences ]]; then
        echo "pass docs/a page for each name of kind $1"
    else
        printf '%s\n' "fail docs/a page for each name of kind $1" "$differences" | sed '2,$s/^/  | /'
    fi
}

rm -f "$report"/docs-*.line
for kind in check drop; do
    # kind drop once there are such pages
    [[ -d ${pages_of[$kind]} || $kind == check ]] || continue
    as_explained "$kind" >"$report/docs-0-$kind.line"
    for page in "${pages_of[$kind]}"/*.md; do
        [[ ${page##*/} != README.md ]] || grep -q '^ *```console$' "$page" || continue
        while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do
            wait -n || true
        done
        run_one "$page" &
    done
done
wait
cat "$report"/docs-*.line >"$report/docs.lines"
