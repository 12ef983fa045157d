# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For cases with instances in namespaces of their own, and by kprobe events.
# Sourced after live.sh.

# The slower way to attach, where it is not the default anyway.
BY_EVENTS=()
! grep -q ' register_fprobe_ips$' /proc/kallsyms || BY_EVENTS=(--backend kprobe)
export BY_EVENTS

# As in a container: the processes of others are not to be seen, /run is another, tracefs is not mounted.
ELSEWHERE=(unshare --pid --fork --mount-proc --mount sh -c 'umount /sys/kernel/tracing && mount -t tmpfs none /run &&
    exec "$@"' sh)
export ELSEWHERE

# shellcheck disable=SC2317 # called by wait_for
has_child() { read -r CHILD _ <"/proc/$1/task/$1/children"; }

# inside NAME: of an instance elsewhere LIVE has its parent, unshare, which stays outside; this finds itself
declare -A INNER=()
export INNER
inside() {
    wait_for 10 has_child "${LIVE[$1]}"
    INNER[$1]=$CHILD
}
