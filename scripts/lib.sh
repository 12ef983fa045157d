# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every script here shares: where things are, and how errors are said.
# Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${SKBTRAIL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/skbtrail}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# shellcheck disable=SC2034 # for those who source this
KERNELS=(5.10 6.1 6.12 newest)
export ROOT CACHE PATH

say() { printf '%s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# die [-STATUS] MESSAGE: one line on stderr, then the end (status 2 unless given).
die() {
    local status=2
    if [[ ${1-} =~ ^-[0-9]+$ ]]; then
        status=${1#-}
        shift
    fi
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$status"
}

have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND…: run it as root, through sudo where we are not.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "needs root for: $* (run as root, or install sudo)"
    fi
}

# step MESSAGE: a heading of progress, on stderr, with the time since the start.
step() { printf '== [%4ds] %s\n' "$SECONDS" "$*" >&2; }

# outcome NAME COMMAND…: a line for ./run test, and below a failure what COMMAND said
outcome() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then
        echo "pass $name"
    else
        printf 'fail %s\n%s\n' "$name" "$said" | sed '2,$s/^/  | /'
    fi
}
