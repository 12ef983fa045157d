#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the guest tests; ./run test calls it:
#   scripts/test-vm.sh REPORT-DIR KERNELS CASES
# KERNELS and CASES are lists of names, separated by spaces. A guest runs the cases
# (tests/vm/cases/NAME.sh) of one kernel, or a part of them when they are many, so
# that all cores have work up to the end; two guests more than there are cores run
# at a time. A case that says "# guest: OPTIONS" (of scripts/vm.sh) has one with
# others that say the same; one that says "# kernels: KERNELS" is run on those only.
# What they leave becomes lines for ./run test in REPORT-DIR.
# GUEST_ARCH=arm64 takes guests of that architecture, SKBTRAIL_GUESTS=N runs so many at a time.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

GUEST_LIMIT=${SKBTRAIL_GUEST_LIMIT:-3000} # seconds for one guest
CASE_LIMIT=${SKBTRAIL_CASE_LIMIT:-420}    # seconds for one case
MAX_GUESTS=4
PARTS=3      # guests that share the cases of a kernel
MANY_CASES=9 # from so many on

report=$1
read -ra kernels <<<"$2"
read -ra all_cases <<<"$3"
cd "$ROOT"

arch=${GUEST_ARCH:-amd64} shown=''
[[ $arch == amd64 ]] || shown=$arch-
guests=${SKBTRAIL_GUESTS:-$(($(nproc) + 2))} # a guest waits for a third of its time: for its own packets, and to detach
[[ $guests -le $MAX_GUESTS ]] || guests=$MAX_GUESTS

# boot KERNEL DIR: 0 when the cases have begun, whatever became of them
boot() {
    local status=0
    scripts/vm.sh --arch "$arch" "${options[@]}" --kernel "$1" --timeout "$GUEST_LIMIT" --results "$2" --console "$2/console" -- \
        tests/vm/run-cases.sh "$shown$1" "$CASE_LIMIT" "${cases[@]}" 2> >(tee "$2/vm.err" >&2) &
    guest=$!
    wait "$guest" || status=$?
    guest=''
    echo "$status" >"$2/vm.status"
    [[ -e $2/started ]]
}

# Why a guest was of no use.
reason() { # DIR
    grep -E '^(vm|kernel)\.sh: ' "$1/vm.err" | tail -n 1 | sed 's/^[a-z]*\.sh: //' | grep . || echo "no reason given"
}

# collect KERNEL DIR: results to lines
collect() {
    local kernel=$1 dir=$2 name prefix
    for name in "${cases[@]}"; do
        prefix=$shown$kernel/$name
        if [[ ! -e $dir/$name.status ]]; then
            echo "fail $prefix: no result"
            printf '  %s\n' "$(reason "$dir")"
            [[ ! -s $dir/$name.tap ]] || tail -n 5 "$dir/$name.tap" | sed 's/^/  | /'
            [[ ! -s $dir/$name.err ]] || tail -n 5 "$dir/$name.err" | sed 's/^/  | /'
            continue
        fi
        awk -f scripts/tap.awk -v prefix="$prefix" -v status="$(<"$dir/$name.status")" \
            "$dir/$name.tap" >"$dir/$name.lines"
        cat "$dir/$name.lines"
        if grep -q '^fail ' "$dir/$name.lines"; then
            tail -n 20 "$dir/$name.err" | sed 's/^/  | /'
        fi
    done
}

# test_kernel KERNEL LABEL CASE…: one guest, and once more when it did not get to its first case
test_kernel() {
    local kernel=$1 dir=$report/vm-$2 guest=''
    cases=("${@:3}")
    # Told to end, we end the guest, too; bash runs no trap while it waits in the foreground.
    trap '[[ -z $guest ]] || kill "$guest" 2>/dev/null; exit 143' TERM
    mkdir -p "$dir"
    if boot "$kernel" "$dir" || { [[ $(<"$dir/vm.status") -eq 125 ]] && boot "$kernel" "$dir"; }; then
        collect "$kernel" "$dir" >"$dir.lines"
    elif [[ $kernel == newest ]]; then
        # It moves from day to day, and may be out of reach or broken.
        echo "skip ${shown}newest: $(reason "$dir")" >"$dir.lines"
    else
        printf 'fail %s: %s\n' "$shown$kernel" "$(reason "$dir")" >"$dir.lines"
    fi
}

trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# start KERNEL LABEL CASE…: as soon as there is room
start() {
    while [[ $(jobs -rp | wc -l) -ge $guests ]]; do
        wait -n || true
    done
    test_kernel "$@" &
}

# guest_of CASE: what its guest needs; empty: nothing
guest_of() { sed -n 's/^# guest: //p' "tests/vm/cases/$1.sh"; }
# kernels_of CASE: those that it is about; empty: all
kernels_of() { sed -n 's/^# kernels: //p' "tests/vm/cases/$1.sh"; }
for name in "${all_cases[@]}"; do
    for kernel in $(kernels_of "$name"); do
        [[ " ${KERNELS[*]} " == *" $kernel "* ]] || die "$name is for kernel $kernel, which is none of ${KERNELS[*]}"
    done
done
declare -A special # what a guest needs → its cases
# sort_out KERNEL: its cases to special and plain, and how many guests share the plain ones to parts
sort_out() {
    local name needs only
    special=() plain=() parts=$PARTS
    for name in "${all_cases[@]}"; do
        only=$(kernels_of "$name")
        [[ -z $only || " $only " == *" $1 "* ]] || continue
        needs=$(guest_of "$name")
        if [[ -n $needs ]]; then
            special[$needs]+="$name "
        else
            plain+=("$name")
        fi
    done
    [[ ${#plain[@]} -ge $MANY_CASES ]] || parts=1
    [[ ${#plain[@]} -gt 0 || ${#special[@]} -gt 0 ]] || say "none of the cases is for $1"
}
# Every third case, so that the long ones, which are neighbours, are not in one guest. The older a kernel, the sooner
# are its guests done: the oldest, which is the list's first, comes last, so that all end together.
for ((k = ${#kernels[@]} - 1; k >= 0; k--)); do
    kernel=${kernels[k]}
    sort_out "$kernel"
    for needs in "${!special[@]}"; do
        read -ra options <<<"$needs"
        read -ra cases <<<"${special[$needs]}"
        start "$kernel" "$kernel${needs//[^a-z0-9]/}" "${cases[@]}"
    done
    options=()
    for ((part = 0; part < parts; part++)); do
        cases=()
        for ((i = part; i < ${#plain[@]}; i += parts)); do
            cases+=("${plain[i]}")
        done
        label=$kernel
        [[ $parts -eq 1 ]] || label+=-$((part + 1))
        [[ ${#cases[@]} -eq 0 ]] || start "$kernel" "$label" "${cases[@]}"
    done
done
wait
