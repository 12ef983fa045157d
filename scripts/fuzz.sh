#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Feeds broken input to the parsers for SECONDS in total, or to one target for that time:
#   ./run fuzz SECONDS [TARGET]
# Builds libFuzzer's targets (tests/fuzz/fuzz-TARGET.c) into build-fuzz/. They start
# from the seeds in tests/fuzz/corpus, the seeds that build-fuzz/tests/fuzz/seeds
# writes, the examples, and the inputs that earlier runs found. Inputs that fail are
# kept in build-fuzz/failures. Exit status 1 if one failed. A run with the same SEED
# in the environment starts in the same way.
#   scripts/fuzz.sh --tap SECONDS
# is for ./run test: it uses a fixed seed and prints TAP with a test per target.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/run/tap.sh
. "$(dirname "$0")/../tests/run/tap.sh"

tap=''
if [[ ${1-} == --tap ]]; then
    tap=1
    shift
    export SEED=${SEED:-1}
fi
seconds=${1-} only=${2-}
[[ $seconds =~ ^[1-9][0-9]*$ && $# -le 2 ]] || die "usage: ./run fuzz SECONDS [TARGET]"
cd "$ROOT"
dir=build-fuzz
scripts/build.sh --fuzz
targets=()
for exe in "$dir"/tests/fuzz/fuzz-*; do
    [[ ! -f $exe || ! -x $exe ]] || targets+=("${exe##*/fuzz-}")
done
if [[ -n $only ]]; then
    [[ " ${targets[*]} " == *" $only "* ]] || die "no target '$only': one of ${targets[*]}"
    targets=("$only")
fi

# The seeds. The first byte, "0", selects how a recording is read: see the targets' first comments.
seeds=$dir/seeds
rm -rf "$seeds"
for target in "${targets[@]}" btf capture cbpf code expr netlink packet pods recording ring; do
    mkdir -p "$seeds/$target" "$dir/corpus/$target" "$dir/failures"
done
"$dir/tests/fuzz/seeds" "$seeds"
cp tests/unit/data/btf/packets.btf "$seeds/btf/"
for file in examples/*.skbt; do
    { printf 0 && cat "$file"; } >"$seeds/recording/${file##*/}"
done

jobs=$(nproc)
[[ $jobs -le ${#targets[@]} ]] || jobs=${#targets[@]}
each=$((seconds * jobs / ${#targets[@]}))
[[ $each -ge 1 ]] || each=1

# fuzz TARGET: leaves its log in build-fuzz/TARGET.log and its exit status in TARGET.status
fuzz() {
    local status=0 given=("$seeds/$1")
    [[ ! -d tests/fuzz/corpus/$1 ]] || given+=("tests/fuzz/corpus/$1")
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 timeout -k 5 $((each + 60)) \
        "$dir/tests/fuzz/fuzz-$1" -max_total_time="$each" -timeout=20 -rss_limit_mb=2048 -max_len=65536 \
        ${SEED:+-seed="$SEED"} -artifact_prefix="$dir/failures/$1-" \
        "$dir/corpus/$1" "${given[@]}" >"$dir/$1.log" 2>&1 </dev/null || status=$?
    echo "$status" >"$dir/$1.status"
}

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for target in "${targets[@]}"; do
    while [[ $(jobs -rp | wc -l) -ge $jobs ]]; do
        wait -n || true
    done
    fuzz "$target" &
done
wait

# failure LOG: prints the report and the path of the input
failure() {
    grep -A 25 -m 1 -E 'ERROR: |runtime error: |does not hold' "$1" || tail -n 20 "$1"
    sed -n 's/.*Test unit written to /the input: /p' "$1"
}

failed=0
for target in "${targets[@]}"; do
    log=$dir/$target.log
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
    if [[ $(<"$dir/$target.status") -eq 0 && -n $runs ]]; then
        [[ -z $tap ]] || ok "$target"
        printf '%-10s %9d inputs in %d s, none failed\n' "$target" "$runs" "$each" >&2
        continue
    fi
    failed=1
    if [[ -n $tap ]]; then
        not_ok "$target" "$(failure "$log")"
    else
        printf '%-10s failed\n' "$target" && failure "$log"
    fi
done
exit "$failed"
