#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Measures against real kernels:
#   ./run bench [--icount] [--kernel K]… [--peer NAME=BINARY]… [--pings N]
#   ./run bench --rates [--kernel K]…
#   ./run bench --micro
# Boots each kernel once and prints a table: time until ready and time to stop,
# memory, how much a flood of pings slows down, events delivered, user CPU time
# per line, runs of the BPF programs and the time of one run. All tools run in
# the same boot: compare them by ratio, because an emulated clock is not exact.
# A peer is a binary of yours that takes pwru's options. bpftrace is measured,
# too, if it is installed. With --icount the guest's clock counts instructions,
# a nanosecond each: the result no longer depends on this machine's load, but
# everything takes longer. --rates finds the rate at which a trace loses its
# first event, for ring buffers of 4 to 256 MB; it takes some minutes for each
# kernel. --micro boots nothing and times the hot paths of user space here.
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
            [[ $2 == *=* && -x ${2#*=} ]] || die "--peer $2: must be NAME=BINARY with an existing binary"
            peers+=("${2%%=*}=$(realpath "${2#*=}")")
            ;;
        --pings) pings=$2 ;;
        esac
        shift 2
        ;;
    *) die "unknown option $1 (./run bench [--icount|--rates] [--kernel K] [--peer NAME=BINARY] [--pings N], or --micro)" ;;
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
