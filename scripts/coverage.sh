#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Shows which lines the unit tests run, in the rooms that need no kernel:
#   ./run coverage [ROOM]
# Builds with clang's coverage into build-coverage/, runs the unit tests and prints a line
# for each file and each room. build-coverage/html/ has the sources with counts. Exit
# status 1 if the tests run less than 90 % of the lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

WANTED=90
# All rooms but guard, kern, net's sockets and cmd (see HACKING.md). guard asks the kernel what this process may do, or
# gives that up for good: its tests are child processes that cannot write their counts (test-cli-confine), and guests.
PURE='^(kallsyms|src/(base|select|event|filter|net|path|record|rules|check|capture|render|btf|insn|names|sink|cli))/'
SOCKETS='^src/net/(rtnl|netns|ping|snapshot)\.c$'

only=${1-}
[[ $# -le 1 ]] || die "usage: ./run coverage [ROOM]"
cd "$ROOT"
scripts/build.sh --coverage
dir=build-coverage
rm -rf "$dir/profiles" && mkdir -p "$dir/profiles"

step "unit tests"
objects=()
for exe in "$dir"/tests/unit/test-*; do
    [[ -f $exe && -x $exe ]] || continue
    objects+=(-object "$exe")
    while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do
        wait -n || true
    done
    { LLVM_PROFILE_FILE=$dir/profiles/${exe##*/}-%p.profraw timeout 120 "$exe" --jobs 1 >/dev/null 2>&1 ||
        warn "${exe##*/} failed"; } &
done
wait
find "$dir/profiles" -name '*.profraw' >"$dir/profiles.list"
llvm-profdata merge -sparse -f "$dir/profiles.list" -o "$dir/all.profdata"

step "report"
llvm-cov export -format=lcov -instr-profile="$dir/all.profdata" "${objects[@]}" \
    -ignore-filename-regex='/tests/' >"$dir/all.lcov" 2>/dev/null
llvm-cov show -format=html -output-dir="$dir/html" -instr-profile="$dir/all.profdata" "${objects[@]}" \
    -ignore-filename-regex='/tests/' >/dev/null 2>&1 || true
# A line counts once per file. It is covered if any test program runs it.
awk -v root="$ROOT/" -v pure="$PURE" -v sockets="$SOCKETS" -v only="$only" -v wanted="$WANTED" '
    /^SF:/ { file = substr($0, 4); sub(root, "", file); sub(/^build-coverage\/\.\.\//, "", file); skip = file !~ pure || file ~ sockets || file !~ /\.c$/ }
    !skip && /^DA:/ {
        split(substr($0, 4), a, ",")
        key = file SUBSEP a[1]
        if (!(key in hit)) { hit[key] = 0; lines[file]++ }
        if (a[2] > 0 && !hit[key]) { hit[key] = 1; covered[file]++ }
    }
    END {
        for (f in lines) {
            room = f; sub(/\/[^\/]*$/, "", room)
            room_lines[room] += lines[f]; room_covered[room] += covered[f]
            all += lines[f]; all_covered += covered[f]
            if (only == "" || room ~ only "$")
                printf "%6.1f %%  %5d of %5d  %s\n", 100 * covered[f] / lines[f], covered[f], lines[f], f | "sort -n"
        }
        close("sort -n")
        print ""
        for (r in room_lines)
            printf "%6.1f %%  %5d of %5d  %s\n", 100 * room_covered[r] / room_lines[r], room_covered[r], room_lines[r], r | "sort -n"
        close("sort -n")
        printf "%6.1f %%  %5d of %5d  all of these rooms; required: %d %%\n", 100 * all_covered / all, all_covered, all, wanted
        exit 100 * all_covered < wanted * all
    }' "$dir/all.lcov"
