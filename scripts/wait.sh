# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Waits for conditions without a notification. Sourced, never run.

# pause SECONDS: waits without starting a process: in an emulated guest, starting sleep(1) often takes longer than the
# wait. Nobody writes to this pipe.
exec {PAUSE}<> <(:)
pause() { read -rt "$1" -u "$PAUSE" || true; }

# wait_for SECONDS COMMAND…: tries the command until it succeeds; status 1 after that time
wait_for() {
    local limit=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [[ $SECONDS -lt $limit ]] || return 1
        pause 0.05
    done
}
