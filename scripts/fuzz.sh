#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Feeds broken input to the parsers, for SECONDS in all, or that long to one target:
#   ./run fuzz SECONDS [TARGET]
# Builds libFuzzer's targets (tests/fuzz/fuzz-TARGET.c) into build-fuzz/. They start
# from the seeds below tests/fuzz/corpus, those that build-fuzz/tests/fuzz/seeds
# writes, the examples, and what earlier runs found; what fails stays in
# build-fuzz/failures. Exit status 1 when something failed. SEED in the environment
# makes a run start like another one.
#   scripts/fuzz.sh --report DIR SECONDS
# is what ./run test calls: fixed seed, one line per target in DIR/fuzz.lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

report=''
if [[ ${1-} == --report && $# -ge 3 ]]; then
    report=$2
    shift 2
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

# What every run starts from. "0" steers a recording's reader: see the targets' first comments.
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

# fuzz TARGET: its log in build-fuzz/TARGET.log, its exit status in TARGET.status
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

failed=0
for target in "${targets[@]}"; do
    log=$dir/$target.log
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
    if [[ $(<"$dir/$target.status") -eq 0 && -n $runs ]]; then
        echo "pass fuzz/$target"
        printf '%-10s %9d inputs in %d s, nothing failed\n' "$target" "$runs" "$each" >&2
    else
        failed=1
        echo "fail fuzz/$target"
        { grep -A 25 -m 1 -E 'ERROR: |runtime error: |does not hold' "$log" || tail -n 20 "$log"; } | sed 's/^/  | /'
        sed -n 's/.*Test unit written to /  | the input: /p' "$log"
    fi
done >"$dir/lines"
if [[ -n $report ]]; then
    mv "$dir/lines" "$report/fuzz.lines"
    exit 0
fi
grep -v '^pass ' "$dir/lines" || true
exit "$failed"
