#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the command that starts QEMU for the guests, a word a line:
#   scripts/qemu.sh
# A newer QEMU emulates the same guest with a fifth less of this machine's time (10.0 against 7.2). Where the one that
# is installed is older, that of the release's backports is unpacked below the cache; the installed package has brought
# what it needs. Nothing is installed; where it cannot be had, the installed one serves.
# SKBTRAIL_QEMU=PROGRAM takes that one instead.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

PROGRAM=qemu-system-x86_64
NEW_ENOUGH=10       # what is older is replaced
PACKAGES=(qemu-system-x86 qemu-system-common qemu-system-data)
RETRY_AFTER_MIN=1440

major() { # COMMAND…: of its version; empty if it does not run
    "$@" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\)\..*/\1/p'
}

command_of() { # TREE: firmware that is not QEMU's own stays where the machine has it
    printf '%s\n' "$1/usr/bin/$PROGRAM" -L "$1/usr/share/qemu" -L /usr/share/seabios -L /usr/share/qemu
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
    local tree=$CACHE/qemu/tree failed=$CACHE/qemu/failed work installed
    if [[ ${1-} == --fetch ]]; then
        fetch "$2"
        return
    fi
    if [[ -n ${SKBTRAIL_QEMU-} ]]; then
        echo "$SKBTRAIL_QEMU"
        return
    fi
    installed=$(major "$PROGRAM")
    [[ -n $installed ]] || die "no $PROGRAM (./run build installs it)"
    if [[ $installed -ge $NEW_ENOUGH ]]; then
        echo "$PROGRAM"
        return
    fi
    mkdir -p "$CACHE/qemu"
    exec {lock}>"$CACHE/qemu/lock"
    flock "$lock"
    if [[ ! -d $tree && -z $(find "$failed" -mmin -$RETRY_AFTER_MIN 2>/dev/null) ]]; then
        work=$(mktemp -d "$CACHE/qemu/.work.XXXXXX")
        # shellcheck disable=SC2064 # its value now
        trap "rm -rf '$work'" EXIT
        say "fetching a newer QEMU from Debian $(codename)-backports"
        # A process of its own: below "if" a function would go on after an error.
        if "$0" --fetch "$work" >&2; then
            mv "$work/tree" "$tree"
        else
            warn "the guests run on QEMU $installed, which takes longer"
            touch "$failed"
        fi
    fi
    if [[ -d $tree ]]; then
        command_of "$tree"
    else
        echo "$PROGRAM"
    fi
}

main "$@"
