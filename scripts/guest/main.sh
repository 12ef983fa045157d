#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Process 1 of a guest, once its root file system is mounted: sets the guest up,
# runs the command of scripts/vm.sh with its output on two virtio ports, writes
# the exit status to a file and powers off. Its own output goes to the console.
set -u -o pipefail

CTL=/run/skbtrail-ctl
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 TERM=dumb USER=root LOGNAME=root SHELL=/bin/bash
# shellcheck disable=SC1091 # written by vm.sh
. "$CTL/env" # GUEST_ROOT GUEST_TOPOLOGY GUEST_RESULTS

power_off() {
    sync
    echo o >/proc/sysrq-trigger
    exec sleep infinity # process 1 must not end before the kernel has powered off
}

fail() { # MESSAGE: the guest cannot be used
    echo "guest: $*"
    echo "$*" >"$CTL/broken"
    power_off
}

mount_all() {
    mount --make-rshared /
    ln -s /proc/self/fd /dev/fd
    ln -s fd/0 /dev/stdin
    ln -s fd/1 /dev/stdout
    ln -s fd/2 /dev/stderr
    mkdir -p /dev/pts /dev/shm /run/lock /run/netns /results
    mount -t devpts devpts /dev/pts
    mount -t tmpfs tmpfs /dev/shm
    mount -t tracefs tracefs /sys/kernel/tracing
    mount -t debugfs debugfs /sys/kernel/debug
    mount -t bpf bpffs /sys/fs/bpf
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    if [[ -n $GUEST_RESULTS ]]; then
        mount -t 9p -o trans=virtio,version=9p2000.L,msize=507904,access=any results /results || return 1
    fi
}

settings() {
    hostname skbtrail
    ip link set lo up
    ulimit -l unlimited
    ulimit -c 0
    echo 1 >/proc/sys/kernel/sysrq
    echo 0 >/proc/sys/kernel/printk_ratelimit
    echo 0 >/proc/sys/kernel/kptr_restrict
}

# Kills all processes but this shell and the two that carry its output.
end_leftovers() { # PID PID
    local dir pid
    for dir in /proc/[0-9]*; do
        pid=${dir#/proc/}
        case $pid in
        1 | "$1" | "$2") continue ;;
        esac
        # Kernel threads have no executable.
        [[ -e $dir/exe ]] && kill -KILL "$pid" 2>/dev/null
    done
    return 0
}

port_of() { # NAME: prints the device of the virtio port with that name
    local name
    for name in /sys/class/virtio-ports/*/name; do
        if [[ $(<"$name") == "$1" ]]; then
            name=${name%/name}
            echo "/dev/${name##*/}"
            return
        fi
    done
    return 1
}

cd / || fail "no /"
mount_all || fail "mounting failed"
settings || fail "settings failed"
out_port=$(port_of out) || fail "no virtio port for stdout"
err_port=$(port_of err) || fail "no virtio port for stderr"

# The command gets pipes: a port can be opened only once, but a pipe any number of
# times as /dev/stdout.
exec 8> >(exec cat >"$out_port") && out_pid=$!
exec 9> >(exec cat >"$err_port") && err_pid=$!

cd "$GUEST_ROOT" || fail "no $GUEST_ROOT in the guest"
status=0
if [[ -n $GUEST_TOPOLOGY ]]; then
    build/tests/vm/topo up "$GUEST_TOPOLOGY" </dev/null 1>&9 2>&9 8>&- 9>&- || status=$?
    [[ $status -eq 0 ]] || echo "topology $GUEST_TOPOLOGY: exit status $status" >"$CTL/topology-failed"
fi
echo ready >"$CTL/booted"
if [[ $status -eq 0 ]]; then
    # In a session of its own, so that signals to its process group do not reach us.
    setsid -w /bin/bash "$CTL/command" </dev/null 1>&8 2>&9 8>&- 9>&-
    status=$?
fi
exec 8>&- 9>&-
end_leftovers "$out_pid" "$err_pid"
wait "$out_pid" "$err_pid"
echo "$status" >"$CTL/status.new" && mv "$CTL/status.new" "$CTL/status"
power_off
