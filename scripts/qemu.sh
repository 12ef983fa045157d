#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the command that starts QEMU for guests, one word per line:
#   scripts/qemu.sh [amd64|arm64]
# QEMU 10.0 needs a fifth less CPU time than 7.2 for the same guest. If the installed QEMU is older, this unpacks the
# newer one of the release's backports into the cache. That one needs the libraries of the installed package; they are
# enough for qemu-system-aarch64, too, which need not be installed. If the download fails, the installed QEMU is used.
# SKBTRAIL_QEMU=PROGRAM uses that program instead, for both architectures.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

NEW_ENOUGH=10 # major version; an older one is replaced
RETRY_AFTER_MIN=1440

major() { # COMMAND…: prints its major version, nothing if it does not run
    "$@" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\)\..*/\1/p'
}

command_of() { # TREE: prints the command; firmware that other packages provide is taken from this machine
    printf '%s\n' "$1/usr/bin/$PROGRAM" -L "$1/usr/share/qemu" -L /usr/share/seabios -L /usr/share/qemu
}

# choose ARCHITECTURE
choose() {
    case $1 in
    amd64) PROGRAM=qemu-system-x86_64 DIR=$CACHE/qemu PACKAGES=(qemu-system-x86 qemu-system-common qemu-system-data) ;;
    arm64) PROGRAM=qemu-system-aarch64 DIR=$CACHE/qemu-arm64 PACKAGES=(qemu-system-arm qemu-system-common qemu-system-data) ;;
    *) die "unknown architecture '$1': must be amd64 or arm64" ;;
    esac
}

fetch() { # WORKDIR: downloads and unpacks into WORKDIR/tree
    local work=$1 deb
    mkdir -p "$work"/{lists,cache,debs,tree}
    write_sources "$(codename)-backports" >"$work/sources.list"
    apt_private "$(dpkg --print-architecture)" "$work" apt-get update >"$work/log" 2>&1 || true
    (cd "$work/debs" && apt_private "$(dpkg --print-architecture)" "$work" apt-get download "${PACKAGES[@]}" >>"$work/log" 2>&1) ||
        die -3 "$(grep -m1 '^E:' "$work/log" || echo 'no reason given')"
    for deb in "$work"/debs/*.deb; do
        dpkg -x "$deb" "$work/tree"
    done
    [[ $(major "$work/tree/usr/bin/$PROGRAM") -ge $NEW_ENOUGH ]] || die -3 "the QEMU of the backports does not run here, or is not newer"
}

main() {
    local tree failed work installed arch=${1-amd64}
    if [[ $arch == --fetch ]]; then
        choose "$2"
        fetch "$3"
        return
    fi
    choose "$arch"
    tree=$DIR/tree failed=$DIR/failed
    if [[ -n ${SKBTRAIL_QEMU-} ]]; then
        echo "$SKBTRAIL_QEMU"
        return
    fi
    installed=$(major "$PROGRAM") || true
    [[ -n $installed || $arch == arm64 ]] || die "no $PROGRAM (./run build installs it)"
    if [[ ${installed:-0} -ge $NEW_ENOUGH ]]; then
        echo "$PROGRAM"
        return
    fi
    mkdir -p "$DIR"
    exec {lock}>"$DIR/lock"
    flock "$lock"
    if [[ ! -d $tree && -z $(find "$failed" -mmin -$RETRY_AFTER_MIN 2>/dev/null) ]]; then
        work=$(mktemp -d "$DIR/.work.XXXXXX")
        # shellcheck disable=SC2064 # the value at this point
        trap "rm -rf '$work'" EXIT
        say "downloading a newer QEMU from Debian $(codename)-backports"
        # In a process of its own, because set -e does not work in a function called by "if".
        if "$0" --fetch "$arch" "$work" >&2; then
            mv "$work/tree" "$tree"
        else
            [[ -z $installed ]] || warn "guests use QEMU $installed, which is slower"
            touch "$failed"
        fi
    fi
    if [[ -d $tree ]]; then
        command_of "$tree"
    else
        [[ -n $installed ]] || die -3 "no $PROGRAM (Debian: qemu-system-arm)"
        echo "$PROGRAM"
    fi
}

main "$@"
