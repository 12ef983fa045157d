#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel in lockdown: trace and check are refused in one line that says so. Only a
# reboot ends lockdown, so this case is the last of a guest.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

LOCKDOWN=/sys/kernel/security/lockdown

mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
if ! [[ -w $LOCKDOWN ]]; then
    skip "lockdown" "this kernel has none"
    finish
fi
topo_up redirect-peer || finish
echo confidentiality >"$LOCKDOWN"
has "the kernel is locked down" "$LOCKDOWN" '\[confidentiality\]'

# refused NAME COMMAND…: it is refused because of lockdown
refused() {
    check_status 2 "$@"
    is "$1: nothing on standard output" '' "$(<"$TMP/out")"
    is "$1: one line on standard error" 1 "$(wc -l <"$TMP/err")"
    has "$1: the message says why, and what to do" "$TMP/err" '^skbtrail: .*locked down.*(boot|lockdown=)'
}
refused trace "$SKBTRAIL" --filter-ip "$POD2_V4"
refused check "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
check_status 2 "doctor: exit status" "$SKBTRAIL" doctor
has "doctor: doctor says why" "$TMP/out" '^MISSING .*locked down'
finish
