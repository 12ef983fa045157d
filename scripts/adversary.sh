#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds random ways between two pods, and holds the verdict of a check on each against what independent witnesses saw:
#   ./run adversary [--kernel K] [--from SEED] [--honest|--single] [--source live|recording|captures] [--verbose] N
#   ./run adversary [--kernel K] [--honest|--single] [--source S] --seed SEED
# N ways, from SEED on (default: a random seed). The same seed is the same way. Prints each verdict that contradicts the
# truth, and at the end the sums and the seeds. Exit status 1 if there is one, or if too little was seen. See
# docs/adversary.md.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

WAYS_PER_GUEST=300
SECONDS_PER_WAY=15 # a check takes 2 to 5 s in emulation, more if the machine is busy

usage='usage: ./run adversary [--kernel K] [--from SEED] [--honest|--single] [--source S] [--verbose] N, or --seed SEED'
kernel=6.12 from='' seed='' options=() ways=''
while [[ $# -gt 0 ]]; do
    case $1 in
    --*=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        continue
        ;;
    --kernel | --from | --seed | --source)
        [[ $# -ge 2 ]] || die "$1 needs a value"
        case $1 in
        --kernel) kernel=$2 ;;
        --from) from=$2 ;;
        --seed) seed=$2 ;;
        --source)
            [[ $2 == live || $2 == recording || $2 == captures ]] || die "$2: must be live, recording or captures"
            options+=(--source "$2")
            ;;
        esac
        shift
        ;;
    --honest | --single | --verbose) options+=("$1") ;;
    -*) die "$usage" ;;
    *)
        [[ -z $ways ]] || die "$usage"
        ways=$1
        ;;
    esac
    shift
done
[[ -n $ways || -n $seed ]] || die "$usage"
[[ -z $ways || -z $seed ]] || die "give either N or --seed"
[[ -n $seed ]] || [[ $ways =~ ^[1-9][0-9]{0,5}$ ]] || die "$ways: not a number of ways"
[[ -n $from ]] || from=$((RANDOM << 15 | RANDOM))
for number in "$from" "${seed:-0}"; do
    [[ $number =~ ^[0-9]{1,18}$ ]] || die "$number: not a seed"
done

"$ROOT/scripts/build.sh" >&2
# guest COUNT ARGUMENT…: COUNT ways in one guest
guest() {
    "$ROOT/scripts/vm.sh" --kernel "$kernel" --timeout $(($1 * SECONDS_PER_WAY + 120)) -- scripts/guest/adversary.sh \
        "${options[@]}" "${@:2}"
}
if [[ -n $seed ]]; then
    options+=(--verbose)
    guest 1 "$seed"
    exit
fi
echo "ways $from to $((from + ways - 1))"
status=0
while [[ $ways -gt 0 ]]; do
    count=$((ways < WAYS_PER_GUEST ? ways : WAYS_PER_GUEST))
    got=0
    guest "$count" --from "$from" "$count" || got=$?
    [[ $status -ge $got ]] || status=$got
    from=$((from + count)) ways=$((ways - count))
done
exit "$status"
