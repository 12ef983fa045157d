#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Only the owner can read a file that a live trace or check writes, whatever the umask and the file's earlier mode, and
# no file is written through a symlink. tests/unit/test-cmd-files.c has the list of these options, and tests the commands
# that need no kernel.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

TRACE=("$SKBTRAIL" trace --filter-ip "$POD2_V4" --filter-func icmp_rcv)
CHECK=("$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping)
FILES=(write pcapng output-file)

mode_of() { stat -c '%a %F' "$1"; }

# all_written WHEN: one trace writes all files, and keeps a rotated one
all_written() {
    local name args=()
    for name in "${FILES[@]}"; do
        args+=("--$name" "$TMP/$name")
    done
    launch trace "${TRACE[@]}" "${args[@]}" --output-file-size 300
    armed trace || return
    is "--ready-file, $1" '600 regular empty file' "$(mode_of "$TMP/trace.ready")"
    in_pod1 ping -n -c5 -i 0.1 -W5 "$POD2_V4" >/dev/null
    end_well trace
    for name in "${FILES[@]}" output-file.1; do
        is "--$name, $1" '600 regular file' "$(mode_of "$TMP/$name")"
    done
}

# refused OPTION COMMAND…: it does not write through a symlink
refused() {
    local name="$3 --$1"
    ln -sf "$TMP/target" "$TMP/link"
    check_status 2 "$name: a symlink to nowhere" "${@:2}" "--$1" "$TMP/link"
    is "$name: nothing is made there" no "$([[ -e $TMP/target ]] && echo yes || echo no)"
    echo precious >"$TMP/target"
    check_status 2 "$name: a symlink to a file" "${@:2}" "--$1" "$TMP/link"
    is "$name: it stays as it is" precious "$(<"$TMP/target")"
    is "$name: the link stays as it is" 'symbolic link' "$(stat -c %F "$TMP/link")"
    rm "$TMP/target"
}

topo_up redirect-peer || finish
umask 0
all_written "made anew"
chmod 666 "${FILES[@]/#/$TMP/}"
all_written "readable by all before"
for name in "${FILES[@]}" ready-file; do
    refused "$name" "${TRACE[@]}"
done
refused ready-file "${CHECK[@]}"
printf '%s\n' "packet $POD1_V4 -> $POD2_V4 icmp" 'expect ip_rcv' >"$TMP/rules"
refused ready-file "$SKBTRAIL" check path --rules "$TMP/rules"

# Written after the verdict, when seccomp allows few system calls.
refused junit "${CHECK[@]}"
check "check --junit: a file that was there" "${CHECK[@]}" --junit "$TMP/write"
has "check --junit: is replaced" "$TMP/write" '^<testsuite '
is "check --junit: only the owner can read it" '600 regular file' "$(mode_of "$TMP/write")"
check "check --junit: a device" "${CHECK[@]}" --junit /dev/null
is "check --junit: it stays a device" 'character special file' "$(stat -c %F /dev/null)"

# If standard error is closed, the first file that is opened must not get its descriptor.
check "standard error closed" bash -c 'exec "$@" 2>&-' bash "${TRACE[@]}" --write "$TMP/whole" --duration 1ms
check "standard error closed: the recording is whole" "$SKBTRAIL" report "$TMP/whole"
nothing_left "at the end"
finish
