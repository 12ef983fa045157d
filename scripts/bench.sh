#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Measures against real kernels:
#   ./run bench [--icount] [--kernel K]… [--peer NAME=BINARY]… [--pings N]
#   ./run bench --rates [--kernel K]…
#   ./run bench --micro
# Boots each kernel once and prints a table: time to be armed and to stop,
# memory, how much a flood of pings slows down, events delivered, user CPU per
# line, runs of the BPF programs and the time of one. All tools run in the same
# boot: compare them by ratio, for an emulated clock is no stopwatch. A peer is a
# binary of yours that takes pwru's options; bpftrace is measured too where it is
# installed. --icount has the guest's clock count instructions, a nanosecond each: then what else this machine does
# changes nothing, but all of it takes longer. --rates finds, for rings of 4 to 256 MB, the rate at which a trace loses its first event; a kernel takes
# some minutes. --micro boots nothing: it times the hot paths of user space here.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

kernels=() peers=() pings=1000 rates='' icount=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --micro)
        "$ROOT/scripts/build.sh" >&2
        exec "$ROOT/build/tests/bench/micro"
        ;;
    --rates)
        rates=1
        shift
        ;;
    --icount)
        icount=(--icount)
        shift
        ;;
    --*=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        ;;
    --kernel | --peer | --pings)
        [[ $# -ge 2 ]] || die "$1 needs a value"
        case $1 in
        --kernel) kernels+=("$2") ;;
        --peer)
            [[ $2 == *=* && -x ${2#*=} ]] || die "--peer $2: must be NAME=BINARY, and the binary must exist"
            peers+=("${2%%=*}=$(realpath "${2#*=}")")
            ;;
        --pings) pings=$2 ;;
        esac
        shift 2
        ;;
    *) die "no option $1 (./run bench [--icount|--rates] [--kernel K] [--peer NAME=BINARY] [--pings N], or --micro)" ;;
    esac
done
[[ ${#kernels[@]} -gt 0 ]] || kernels=("${KERNELS[@]}")
[[ $pings =~ ^[1-9][0-9]*$ ]] || die "--pings $pings: not a number"

command=(env BENCH_PINGS="$pings" tests/bench/guest.sh "${peers[@]}")
[[ -z $rates ]] || command=(tests/bench/rates.sh)
"$ROOT/scripts/build.sh" >&2
for kernel in "${kernels[@]}"; do
    "$ROOT/scripts/vm.sh" --kernel "$kernel" --topology redirect-peer "${icount[@]}" --timeout 1800 -- "${command[@]}"
    echo
done
