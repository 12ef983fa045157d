# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by all scripts: directories, messages, root privileges. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${SKBTRAIL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/skbtrail}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# shellcheck disable=SC2034 # used by the scripts that source this
KERNELS=(5.10 6.1 6.12 newest)
# shellcheck disable=SC2034
RT_KERNELS=(5.10-rt 6.1-rt 6.12-rt newest-rt) # real-time builds, for few tests
export ROOT CACHE PATH

say() { printf '%s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# die [-STATUS] MESSAGE: prints one line on stderr and exits (default: status 2)
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

# as_root COMMAND…: runs it as root, through sudo if necessary
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "needs root for: $* (run as root, or install sudo)"
    fi
}

# step MESSAGE: prints progress on stderr, with the time since the start
step() { printf '== [%4ds] %s\n' "$SECONDS" "$*" >&2; }
