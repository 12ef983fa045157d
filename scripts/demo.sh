#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds skbtrail and shows its main job on a real kernel:
#   ./run demo [--kernel 5.10|6.1|6.12|newest]
# Traces one ping between two pods of one node, and runs the same-node check on a
# topology where it passes and on one where it fails. If this kernel can be traced,
# it happens here, in private namespaces. Otherwise, or with --kernel, a Debian
# kernel is booted.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

GUEST_LIMIT=170
DEFAULT_KERNEL=6.12 # has kprobe.multi, so the trace is ready soonest
CANNOT_TRACE=4      # exit status of guest/demo.sh if this kernel cannot be traced

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

# Prints why this kernel cannot be traced, or nothing if it can.
obstacle() {
    local findings status=0 run=("$ROOT/build/skbtrail" doctor)
    if [[ $(id -u) -ne 0 ]] && have sudo; then
        run=(sudo "${run[@]}")
    fi
    findings=$("${run[@]}" 2>/dev/null) || status=$?
    [[ $status -ne 0 ]] || return 0
    # "MISSING  ID  PROBLEM; REMEDY": the first problem
    findings=$(sed -n 's/^MISSING *[^ ]* *//p' <<<"$findings" | head -n 1)
    echo "${findings%%; *}" | grep . || echo "skbtrail doctor ended with $status"
}

# Runs the demo in namespaces of its own: network, so that it changes no interface of
# this machine; processes, so that it looks at no namespace of this machine; mounts,
# so that whatever it mounts, names and pins disappears with it.
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

inside=("$ROOT/scripts/guest/demo.sh")
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
[[ -z $why ]] || step "cannot run here: $why"
step "booting Debian's $kernel kernel in QEMU"
exec "$ROOT/scripts/vm.sh" --kernel "$kernel" --timeout "$GUEST_LIMIT" -- "${inside[@]}"
