#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Breaks each rule that tests/mutations lists, one at a time, in a copy of the
# checkout. A unit test must notice each.
#   ./run mutate [PATTERN]   only the rules whose line contains PATTERN
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

PATTERN=${1-}
TEST_LIMIT=60 # seconds for one test program: a broken rule may cause an endless loop
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy" 2>/dev/null || true
say "building a copy"
meson setup -Dwerror=false "$copy/build" "$copy" >"$copy/log" 2>&1 || { tail -n 20 "$copy/log" >&2 && exit 1; }
# targets_of ROOM: prints the targets of its tests, which are named test-ROOM-FILE
targets_of() { sed -n "s/^  '\($1-[a-z-]*\)' :.*/tests\/unit\/test-\1/p" tests/unit/meson.build; }

# build_room ROOM: builds its tests in the copy
build_room() {
    # shellcheck disable=SC2046 # a list of targets
    ninja -C "$copy/build" $(targets_of "$1") >"$copy/log" 2>&1
}

# noticed ROOM: prints the first test that fails; status 1 if none does
noticed() {
    local exe
    for exe in $(targets_of "$1"); do
        timeout -k 5 "$TEST_LIMIT" "$copy/build/$exe" --jobs 1 >/dev/null 2>&1 || { basename "$exe" && return 0; }
    done
    return 1
}

broken=0 survived=0
for table in tests/mutations/*; do
    room=$(basename "$table")
    build_room "$room" || { tail -n 20 "$copy/log" >&2 && exit 1; }
    if who=$(noticed "$room"); then
        echo "mutate: $who fails even without a change" >&2
        exit 1
    fi
    while IFS='|' read -r file rule change; do
        [[ -n $file && $file != '#'* ]] || continue
        [[ -z $PATTERN || "$file|$rule" == *"$PATTERN"* ]] || continue
        cp "$file" "$copy/original"
        perl -0pi -e "$change" "$copy/$file"
        broken=$((broken + 1))
        if cmp -s "$copy/original" "$copy/$file"; then
            echo "STALE     $rule ($file): the pattern matches nothing"
            survived=$((survived + 1))
        elif ! build_room "$room"; then
            echo "STALE     $rule ($file): the changed file does not compile"
            survived=$((survived + 1))
        elif who=$(noticed "$room"); then
            echo "noticed   $rule: by $who"
        else
            echo "SURVIVED  $rule ($file)"
            survived=$((survived + 1))
        fi
        cp "$copy/original" "$copy/$file"
    done <"$table"
done
echo "$broken rules broken, $survived not noticed"
[[ $survived -eq 0 ]]
