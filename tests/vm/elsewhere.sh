# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For cases with instances that run in other namespaces, and that attach by kprobe
# events. Sourced after live.sh.

# Selects kprobe events where they are not the default.
BY_EVENTS=()
! grep -q ' register_fprobe_ips$' /proc/kallsyms || BY_EVENTS=(--backend kprobe)
export BY_EVENTS

# As in a container: sees no other processes, has a /run of its own, and tracefs is not mounted.
ELSEWHERE=(unshare --pid --fork --mount-proc --mount sh -c 'umount /sys/kernel/tracing && mount -t tmpfs none /run &&
    exec "$@"' sh)
export ELSEWHERE

# shellcheck disable=SC2317 # called by wait_for
has_child() { read -r CHILD _ <"/proc/$1/task/$1/children"; }

# inside NAME: sets INNER[NAME] to the process in the other namespace. LIVE[NAME] is its parent, unshare.
declare -A INNER=()
export INNER
inside() {
    wait_for 10 has_child "${LIVE[$1]}"
    INNER[$1]=$CHILD
}
