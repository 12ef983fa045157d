#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds and shows the main job on a real kernel:
#   ./run demo [--kernel 5.10|6.1|6.12|newest]
# One ping between two pods of one node, traced; and the same-node check on a
# topology where it passes and on one where it does not. Where this kernel can be
# traced it happens here, in private namespaces; else, or with --kernel, a Debian
# kernel is booted for it.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

GUEST_LIMIT=170
DEFAULT_KERNEL=6.12 # has kprobe.multi: ready soonest
CANNOT_TRACE=4      # demo-inside.sh's status when it was refused before it began

kernel=''
while [[ $# -gt 0 ]]; do
    case $1 in
    --kernel)
        [[ $# -ge 2 ]] || die "--kernel needs a value"
        kernel=$2
        shift
        ;;
    -h | --help) echo 'usage: ./run demo [--kernel 5.10|6.1|6.12|newest]' && exit 0 ;;
    *) die "usage: ./run demo [--kernel 5.10|6.1|6.12|newest]" ;;
    esac
    shift
done

step "building"
"$ROOT/scripts/build.sh"
if [[ -t 1 && -z ${NO_COLOR-} ]]; then
    export SKBTRAIL_DEMO_COLOR=1
fi

# Why this kernel cannot be traced; nothing when it can.
obstacle() {
    local findings status=0 run=("$ROOT/build/skbtrail" doctor)
    if [[ $(id -u) -ne 0 ]] && have sudo; then
        run=(sudo "${run[@]}")
    fi
    findings=$("${run[@]}" 2>/dev/null) || status=$?
    [[ $status -ne 0 ]] || return 0
    # "MISSING  ID  WHAT; REMEDY": the first one, without the remedy
    findings=$(sed -n 's/^MISSING *[^ ]* *//p' <<<"$findings" | head -n 1)
    echo "${findings%%; *}" | grep . || echo "skbtrail doctor ended with $status"
}

# The demo in namespaces of its own: network, so that no interface of this machine
# is touched; processes, so that no namespace of this machine is looked at; mounts,
# so that what it mounts, names and pins is gone with it.
run_here() {
    # shellcheck disable=SC2016 # expanded inside
    as_root unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
        bash -c '
            mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns &&
                mount -t bpf bpf /sys/fs/bpf || exit 4
            mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing || exit 4
            mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
            if ! [[ -e /sys/kernel/tracing/kprobe_events ]]; then
                echo "demo: this kernel has no kprobes" >&2
                exit 4
            fi
            exec "$@"' bash "$@"
}

inside=("$ROOT/scripts/demo-inside.sh")
why=''
if [[ -z $kernel ]]; then
    why=$(obstacle)
    if [[ -z $why ]]; then
        step "tracing this kernel, in private namespaces"
        status=0
        run_here "${inside[@]}" || status=$?
        [[ $status -eq $CANNOT_TRACE ]] || exit "$status"
        why="this kernel cannot be traced"
    fi
fi
kernel=${kernel:-$DEFAULT_KERNEL}
[[ -z $why ]] || step "not here: $why"
step "booting Debian's $kernel kernel in QEMU"
exec "$ROOT/scripts/vm.sh" --kernel "$kernel" --timeout "$GUEST_LIMIT" -- "${inside[@]}"
