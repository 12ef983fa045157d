#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Missing permissions: doctor and the refused command name each cause and a remedy that
# helps. doctor's exit status tells whether a trace would start.
# in a whole run: 5.10 newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

# doctor NAME STATUS COMMAND…: leaves its findings in $TMP/out
doctor() { check_status "$2" "$1: doctor's exit status" "${@:3}" "$SKBTRAIL" doctor; }
# trace_fails NAME REGEX COMMAND…: it is refused in one line that matches
trace_fails() {
    check_status 2 "$1: trace is refused" "${@:3}" "$SKBTRAIL" trace --filter-func ip_rcv --duration 1ms
    is "$1: in one line" 1 "$(wc -l <"$TMP/err")"
    has "$1: the message says why" "$TMP/err" "^skbtrail: $2"
}

# tracefs is not mounted, and without CAP_SYS_ADMIN skbtrail cannot mount it.
no_tracefs() {
    local line='tracefs is not mounted, and to mount it for itself this process lacks CAP_SYS_ADMIN; mount -t tracefs tracefs /sys/kernel/tracing'
    # shellcheck disable=SC2016 # expanded inside
    local without=(unshare --mount bash -c 'umount -l /sys/kernel/debug /sys/kernel/tracing 2>"$TMP/umount"
        exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@"' bash)
    doctor "no tracefs" 2 "${without[@]}"
    has "no tracefs: doctor names the remedy" "$TMP/out" "^MISSING +tracefs +$line$"
    trace_fails "no tracefs" "$line$" "${without[@]}"
    # shellcheck disable=SC2016 # expanded inside
    check "no tracefs, but all capabilities: it mounts tracefs itself" unshare --mount bash -c \
        'umount -l /sys/kernel/debug /sys/kernel/tracing 2>"$TMP/umount"; exec "$@"' bash \
        "$SKBTRAIL" trace --filter-func ip_rcv --duration 1ms
}

# kprobe_events is read-only: what remains possible depends on the kernel.
no_kprobes() {
    # shellcheck disable=SC2016 # expanded inside
    local without=(unshare --mount bash -c '>"$TMP/events"; mount --bind "$TMP/events" /sys/kernel/tracing/kprobe_events &&
        mount -o remount,ro,bind /sys/kernel/tracing/kprobe_events && exec "$@"' bash)
    if grep -q ' register_fprobe_ips$' /proc/kallsyms; then
        doctor "no kprobe events, but kprobe.multi" 0 "${without[@]}"
        has "no kprobe events, but kprobe.multi: doctor says what is left" "$TMP/out" \
            '^lacking +kprobes +kprobe_events: Read-only .*\(without it: only kprobe.multi is left for trace\)$'
        has "no kprobe events, but kprobe.multi: doctor finds a backend" "$TMP/out" '^ok +backend '
        check "no kprobe events, but kprobe.multi: trace" "${without[@]}" "$SKBTRAIL" trace --filter-func ip_rcv --duration 1ms
    else
        doctor "no kprobe events" 2 "${without[@]}"
        has "no kprobe events: doctor finds no backend" "$TMP/out" '^MISSING +backend +neither kprobe events nor kprobe.multi'
        has "no kprobe events: doctor names no alternative" "$TMP/out" '^lacking +kprobes .*\(without it: see backend\)$'
        trace_fails "no kprobe events" 'cannot open kprobe_events ' "${without[@]}"
    fi
    check_status 0 "all there: doctor" "$SKBTRAIL" doctor
    has "all there: kprobes" "$TMP/out" '^ok +kprobes '
    has "all there: a backend" "$TMP/out" '^ok +backend '
}

# programs NAME CAUSE COMMAND…: doctor says why no program can be loaded
programs() {
    doctor "$1" 2 "${@:3}"
    has "$1: doctor says so" "$TMP/out" "^MISSING +programs +cannot [a-z ]+: $2"
    lacks "$1: doctor does not refer to doctor" "$TMP/out" "skbtrail doctor'"
}

# A container's seccomp filter, which refuses bpf(2) with EPERM; struct sock_filter of linux/filter.h.
# shellcheck disable=SC2016 # perl's
by_seccomp='my ($nr, $prctl) = $^X && `uname -m` =~ /aarch64/ ? (280, 167) : (321, 157);
    my $code = pack("SCCL" x 4, 0x20, 0, 0, 0, 0x15, 0, 1, $nr, 0x06, 0, 0, 0x00050001, 0x06, 0, 0, 0x7fff0000);
    my $prog = pack("S x6 P", 4, $code);
    syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $prog) == 0 or die "no filter: $!";
    exec @ARGV;'

no_tracefs
no_kprobes
programs "root without CAP_PERFMON" 'this process has no CAP_PERFMON; run as root' \
    setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin
programs "root without either" 'this process has no CAP_BPF and CAP_PERFMON; run as root' \
    setpriv --bounding-set=-perfmon,-bpf,-sys_admin --inh-caps=-perfmon,-bpf,-sys_admin
programs "root of a user namespace" 'this is a user namespace of its own .*; run as root of the machine' unshare --user --map-root-user
programs "a container's seccomp profile" 'a filter of system calls .* refuses bpf\(2\); start it with a profile' perl -e "$by_seccomp"
if ! grep -q ' register_fprobe_ips$' /proc/kallsyms; then
    cp "$SKBTRAIL" "$TMP/skbtrail"
    chmod 777 "$TMP"
    caps=-all,+bpf,+perfmon,+syslog,+dac_read_search
    kernel_at_least 5.11 || caps+=,+sys_resource
    SKBTRAIL=$TMP/skbtrail
    user() { trace_fails "$1" "$2" setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps "$3" --ambient-caps "$3"; }
    user "a user without CAP_DAC_OVERRIDE" "cannot open kprobe_events .*: it is root's; run as root, or with CAP_DAC_OVERRIDE" $caps
    user "a user without CAP_SYS_ADMIN" 'cannot .*: perf events take CAP_SYS_ADMIN here' $caps,+dac_override
    SKBTRAIL=build/skbtrail
fi
if ! kernel_at_least 5.11; then
    programs "root with little locked memory" 'this kernel counts maps as locked memory, .*CAP_SYS_RESOURCE' \
        setpriv --bounding-set=-sys_resource prlimit --memlock=65536
fi
trace_fails "a container's seccomp profile" 'cannot [a-z ]+: a filter of system calls ' perl -e "$by_seccomp"
finish
