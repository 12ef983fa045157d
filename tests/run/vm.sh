#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the guest tests; ./run test calls it:
#   tests/run/vm.sh REPORT-DIR KERNELS CASES
# KERNELS and CASES are lists of names, separated by spaces. A guest runs the cases
# (tests/vm/cases/NAME.sh) of one kernel. If there are many cases, several guests of a
# kernel share them, so that all cores have work until the end. The number of guests at
# a time is the number of cores plus two. Cases with the same line "# guest: OPTIONS"
# (of scripts/vm.sh) share a guest with these options; a case with "# kernels: KERNELS"
# runs on these only, one with "# in a whole run: KERNELS" does so if WHOLE_RUN is set. A guest leaves the TAP of its
# cases in REPORT-DIR/vm-LABEL. In a whole run the few cases that failed beside others run a second time with nothing
# beside them, and the second result counts; REPORT-DIR/again, which the totals begin with, says what failed at first.
# GUEST_ARCH=arm64 boots arm64 guests, SKBTRAIL_GUESTS=N sets how many run at a time.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"

GUEST_LIMIT=${SKBTRAIL_GUEST_LIMIT:-7200} # seconds for one guest; both are for what hangs, and spare a busy machine
CASE_LIMIT=${SKBTRAIL_CASE_LIMIT:-900}    # seconds for one case
MAX_GUESTS=4
PARTS=3      # guests that share the cases of a kernel
MANY_CASES=9 # from this number on
MANY_FAILED=6 # so many cases do not fail by chance: none runs again

report=$1
read -ra kernels <<<"$2"
read -ra all_cases <<<"$3"
cd "$ROOT"

arch=${GUEST_ARCH:-amd64} shown=''
[[ $arch == amd64 ]] || shown=$arch-
guests=${SKBTRAIL_GUESTS:-$(($(nproc) + 2))} # a guest is idle a third of its time: it waits for packets, and to detach
[[ $guests -le $MAX_GUESTS ]] || guests=$MAX_GUESTS

# boot KERNEL DIR: status 0 if the first case was started, whatever the result
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

# reason DIR: prints why a guest failed
reason() {
    grep -E '^(vm|kernel)\.sh: ' "$1/vm.err" | tail -n 1 | sed 's/^[a-z]*\.sh: //' | grep . || echo "no reason given"
}

# complete DIR: adds the reason to the TAP of cases that have not ended, which have no exit status
complete() {
    local name
    for name in "${cases[@]}"; do
        [[ -e $1/$name.status ]] || printf '\nBail out! no result: %s\n' "$(reason "$1")" >>"$1/$name.tap"
    done
}

# test_kernel KERNEL LABEL CASE…: runs the cases in a guest; boots it again once if it did not reach its first case
test_kernel() {
    local kernel=$1 dir=$report/vm-$2 guest=''
    cases=("${@:3}")
    # SIGTERM ends the guest, too. It runs in the background, because bash runs no trap while it waits in the foreground.
    trap '[[ -z $guest ]] || kill "$guest" 2>/dev/null; exit 143' TERM
    mkdir -p "$dir"
    printf '%s\n' "$kernel" "${options[*]}" >"$dir/guest"
    if boot "$kernel" "$dir" || { [[ $(<"$dir/vm.status") -eq 125 ]] && boot "$kernel" "$dir"; }; then
        complete "$dir"
    elif [[ $kernel == newest || $kernel == *-rt ]]; then
        # These kernels may be missing or broken: the newest changes from day to day.
        echo "ok - boots # SKIP $(reason "$dir")" >"$dir.tap"
    else
        echo "Bail out! $(reason "$dir")" >"$dir.tap"
    fi
}

trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# start KERNEL LABEL CASE…: starts a guest as soon as fewer than the maximum run
start() {
    while [[ $(jobs -rp | wc -l) -ge $guests ]]; do
        wait -n || true
    done
    test_kernel "$@" &
}

# guest_of CASE: prints the options that its guest needs
guest_of() { sed -n 's/^# guest: //p' "tests/vm/cases/$1.sh"; }
# kernels_of CASE: prints the kernels that it runs on; nothing means all
kernels_of() { sed -nE "s/^# (kernels${WHOLE_RUN:+|in a whole run}): //p" "tests/vm/cases/$1.sh"; }
for name in "${all_cases[@]}"; do
    for kernel in $(kernels_of "$name"); do
        [[ " ${KERNELS[*]} ${RT_KERNELS[*]} " == *" $kernel "* ]] || die "$name: unknown kernel $kernel"
    done
done
declare -A special # options of a guest → its cases
# sort_out KERNEL: sorts its cases into special and plain; sets parts to the number of guests that share the plain ones
sort_out() {
    local name needs only
    special=() plain=() parts=$PARTS
    for name in "${all_cases[@]}"; do
        only=$(kernels_of "$name")
        [[ " $only " == *" $1 "* || (-z $only && $1 != *-rt) ]] || continue
        needs=$(guest_of "$name")
        if [[ -n $needs ]]; then
            special[$needs]+="$name "
        else
            plain+=("$name")
        fi
    done
    [[ ${#plain[@]} -ge $MANY_CASES ]] || parts=1
    [[ ${#plain[@]} -gt 0 || ${#special[@]} -gt 0 ]] || say "none of the cases is for kernel $1"
}
# A guest takes every third case, because long cases are neighbours in the list. Guests of older kernels take less time,
# so the oldest kernel, the first in the list, starts last.
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

# has_failed TAP
has_failed() { ! awk -v brief=1 -v dir="$report/" -f tests/run/tap.awk "$1" | grep -q ' 0 not ok$'; }
failed=()
for tap in "$report"/vm-*/*.tap; do
    [[ ! -e $tap ]] || ! has_failed "$tap" || failed+=("$tap")
done
[[ ${WHOLE_RUN-} && ${#failed[@]} -gt 0 && ${#failed[@]} -lt $MANY_FAILED ]] || exit 0
step "once more, alone: what failed"
for tap in "${failed[@]}"; do
    ! grep -q '^not ok - the kernel logs no fault' "$tap" || continue # never by chance
    name=$(basename "$tap" .tap) dir=${tap%/*}
    { read -r kernel && read -ra options; } <"$dir/guest"
    again=${dir##*/vm-}-again-$name
    test_kernel "$kernel" "$again" "$name"
    again=$report/vm-$again
    if [[ -e $again/$name.tap ]] && ! has_failed "$again/$name.tap"; then
        printf 'failed beside other cases, passed alone: %s\n' "${dir##*/}/$name"
        grep -A4 '^not ok' "$tap" | sed 's/^/  /' | head -n 20
        rm -f "$dir/$name".{tap,status,err,seconds}
    else
        rm -rf "$again" "$again.tap"
    fi
done >"$report/again"
