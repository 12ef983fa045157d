# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the cases in tests/vm/cases share: TAP lines, topologies, the pods.
# A case starts with   . "${BASH_SOURCE%/*}/../tap.sh"   and says one line per
# test; it runs as root in a guest, in the checkout's directory, with an empty
# directory of its own in $TMP, after which its processes are ended and the
# topology is removed.

SKBTRAIL=build/skbtrail
TOPO=build/tests/vm/topo
POD1_V4=10.0.0.133 POD2_V4=10.0.0.67
POD1_V6=fd00::133 POD2_V6=fd00::67
: "${TMP:=$(mktemp -d)}"
export SKBTRAIL TOPO POD1_V4 POD2_V4 POD1_V6 POD2_V6 TMP
TAP_FAILED=0

ok() { printf 'ok - %s\n' "$1"; }
not_ok() { # NAME [DIAGNOSTIC…]
    TAP_FAILED=1
    printf 'not ok - %s\n' "$1"
    shift
    [[ $# -eq 0 ]] || diag "$@"
}
skip() { printf 'ok - %s # SKIP %s\n' "$1" "$2"; } # NAME WHY
diag() { printf '%s\n' "$@" | sed 's/^/# /'; }

# is NAME WANTED GOT: equal strings
is() {
    if [[ $2 == "$3" ]]; then
        ok "$1"
    else
        not_ok "$1" "wanted: $2" "got:    $3"
    fi
}

# check NAME COMMAND…: succeeds, its output is shown when it does not
check() {
    check_status 0 "$@"
}

# check_status STATUS NAME COMMAND…: ends with that status; the output stays in
# $TMP/out and $TMP/err for the tests that follow
check_status() {
    local wanted=$1 name=$2 got=0
    shift 2
    "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || got=$?
    if [[ $got -eq $wanted ]]; then
        ok "$name"
    else
        not_ok "$name" "exit status $got, wanted $wanted, of: $*"
        diag_file "$TMP/out"
        diag_file "$TMP/err"
    fi
}

# has NAME FILE REGEX, lacks NAME FILE REGEX: a line matches (extended regex), none does
has() {
    if grep -qE -e "$3" "$2"; then
        ok "$1"
    else
        not_ok "$1" "no line matches: $3"
        diag_file "$2"
    fi
}
lacks() {
    if grep -qE -e "$3" "$2"; then
        not_ok "$1" "a line matches: $3" "$(grep -m3 -E -e "$3" "$2")"
    else
        ok "$1"
    fi
}

diag_file() { # FILE: its last lines as diagnostics
    [[ ! -s $1 ]] || diag "--- ${1##*/}, last lines" "$(tail -n 20 "$1")"
}

# topo_up NAME: 0 when it is up; else says so in a line of TAP and returns 1, so
# that a case can go on with   topo_up netkit || continue
topo_up() {
    local status=0
    "$TOPO" up "$1" >"$TMP/topo" 2>&1 || status=$?
    case $status in
    0) return 0 ;;
    # What this kernel cannot have is no test left out, if it says so and is that old.
    3)
        local needs
        needs=$(sed -n 's/^topo: .* needs kernel \([0-9.]*\) or newer$/\1/p' "$TMP/topo" | tail -n1)
        if [[ -n $needs ]] && ! kernel_at_least "$needs"; then
            ok "topology $1 says that it needs kernel $needs"
        else
            skip "topology $1" "$(tail -n1 "$TMP/topo" | sed 's/^topo: //')"
        fi
        ;;
    *) not_ok "topology $1 comes up" "$(cat "$TMP/topo")" ;;
    esac
    return 1
}

# enter NETNS COMMAND…: as ip netns exec does, but with the host's /sys, which saves half its time. busybox is told the
# program's path, because of a bare name it has one of its own.
enter() {
    local program=$2
    [[ $program == */* ]] || { hash "$program" && program=${BASH_CMDS[$program]}; }
    busybox nsenter --net="/run/netns/$1" "$program" "${@:3}"
}
in_pod1() { enter pod1 "$@"; }
in_pod2() { enter pod2 "$@"; }

# pause SECONDS: without a process of its own, which emulated costs more than most of what is waited for. Nobody writes
# to this pipe.
exec {PAUSE}<> <(:)
pause() { read -rt "$1" -u "$PAUSE" || true; }

# wait_for SECONDS COMMAND…: until it succeeds; for readiness that nothing announces
wait_for() {
    local limit=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [[ $SECONDS -lt $limit ]] || return 1
        pause 0.05
    done
}

# read_ids: those of the tc and XDP programs that are loaded now, from bpftool, which may cut a name where the kernel does
declare -A IDS=()
read_ids() {
    local line
    while read -r line; do
        [[ ! $line =~ ^([0-9]+):\ (sched_cls|xdp)\ \ name\ ([^ ]+) ]] || IDS[${BASH_REMATCH[3]:0:15}]=${BASH_REMATCH[1]}
    done < <(bpftool prog show)
}
id_of() { echo "${IDS[${1:0:15}]}"; } # NAME: as read_ids found it

# kernel_at_least MAJOR.MINOR
kernel_at_least() {
    local major minor
    IFS=. read -r major minor _ </proc/sys/kernel/osrelease
    minor=${minor%%[!0-9]*}
    ((major > ${1%.*} || (major == ${1%.*} && minor >= ${1#*.})))
}

# The last line of a case.
finish() { exit "$TAP_FAILED"; }
