#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the command that starts QEMU for the guests, a word a line:
#   scripts/qemu.sh [amd64|arm64]
# A newer QEMU emulates the same guest with a fifth less of this machine's time (10.0 against 7.2). Where the one that
# is installed is older, that of the release's backports is unpacked below the cache; the installed package has brought
# what it needs. Nothing is installed; where it cannot be had, the installed one serves. For guests of arm64 none need be
# installed at all: what qemu-system-x86 needs is enough for that one, too.
# SKBTRAIL_QEMU=PROGRAM takes that one instead, for both.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

NEW_ENOUGH=10       # what is older is replaced
RETRY_AFTER_MIN=1440

major() { # COMMAND…: of its version; empty if it does not run
    "$@" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\)\..*/\1/p'
}

command_of() { # TREE: firmware that is not QEMU's own stays where the machine has it
    printf '%s\n' "$1/usr/bin/$PROGRAM" -L "$1/usr/share/qemu" -L /usr/share/seabios -L /usr/share/qemu
}

# choose ARCHITECTURE
choose() {
    case $1 in
    amd64) PROGRAM=qemu-system-x86_64 DIR=$CACHE/qemu PACKAGES=(qemu-system-x86 qemu-system-common qemu-system-data) ;;
    arm64) PROGRAM=qemu-system-aarch64 DIR=$CACHE/qemu-arm64 PACKAGES=(qemu-system-arm qemu-system-common qemu-system-data) ;;
    *) die "no architecture '$1': amd64 or arm64" ;;
    esac
}

fetch() { # WORKDIR: into WORKDIR/tree
    local work=$1 deb
    mkdir -p "$work"/{lists,cache,debs,tree}
    write_sources "$(codename)-backports" >"$work/sources.list"
    apt_private "$(dpkg --print-architecture)" "$work" apt-get update >"$work/log" 2>&1 || true
    (cd "$work/debs" && apt_private "$(dpkg --print-architecture)" "$work" apt-get download "${PACKAGES[@]}" >>"$work/log" 2>&1) ||
        die -3 "$(grep -m1 '^E:' "$work/log" || echo 'no reason given')"
    for deb in "$work"/debs/*.deb; do
        dpkg -x "$deb" "$work/tree"
    done
    [[ $(major "$work/tree/usr/bin/$PROGRAM") -ge $NEW_ENOUGH ]] || die -3 "it does not run here, or is no newer"
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
        # shellcheck disable=SC2064 # its value now
        trap "rm -rf '$work'" EXIT
        say "fetching a newer QEMU from Debian $(codename)-backports"
        # A process of its own: below "if" a function would go on after an error.
        if "$0" --fetch "$arch" "$work" >&2; then
            mv "$work/tree" "$tree"
        else
            [[ -z $installed ]] || warn "the guests run on QEMU $installed, which takes longer"
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
