# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by the cases in tests/vm/cases: TAP (tests/run/tap.sh), topologies, pods.
# A case starts with   . "${BASH_SOURCE%/*}/../case.sh"   and prints one line per
# test. It runs as root in a guest, in the checkout's directory, with an empty
# directory of its own in $TMP. Afterwards its processes are ended and the
# topology is removed.

SKBTRAIL=build/skbtrail
TOPO=build/tests/vm/topo
POD1_V4=10.0.0.133 POD2_V4=10.0.0.67
POD1_V6=fd00::133 POD2_V6=fd00::67
: "${TMP:=$(mktemp -d)}"
export SKBTRAIL TOPO POD1_V4 POD2_V4 POD1_V6 POD2_V6 TMP
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/../run/tap.sh"
# shellcheck source=scripts/wait.sh
. "${BASH_SOURCE%/*}/../../scripts/wait.sh"

# topo_up NAME: sets the topology up. If that is not possible, prints a TAP line and
# returns 1, so that a case can say   topo_up netkit || continue
topo_up() {
    local status=0
    "$TOPO" up "$1" >"$TMP/topo" 2>&1 || status=$?
    case $status in
    0) return 0 ;;
    # If the kernel is too old, the right message is the test. Otherwise the test is skipped.
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

# enter NETNS COMMAND…: like ip netns exec, but keeps the host's /sys, which saves half the time. busybox gets the path of
# the program: by its name, it would run its own applet.
enter() {
    local program=$2
    [[ $program == */* ]] || { hash "$program" && program=${BASH_CMDS[$program]}; }
    busybox nsenter --net="/run/netns/$1" "$program" "${@:3}"
}
in_pod1() { enter pod1 "$@"; }
in_pod2() { enter pod2 "$@"; }

# read_ids: reads the ids of the loaded tc and XDP programs. bpftool may cut names to 15 characters, as the kernel does.
declare -A IDS=()
read_ids() {
    local line
    while read -r line; do
        [[ ! $line =~ ^([0-9]+):\ (sched_cls|xdp)\ \ name\ ([^ ]+) ]] || IDS[${BASH_REMATCH[3]:0:15}]=${BASH_REMATCH[1]}
    done < <(bpftool prog show)
}
id_of() { echo "${IDS[${1:0:15}]}"; } # NAME: prints the id that read_ids found

# kernel_at_least MAJOR.MINOR
kernel_at_least() {
    local major minor
    IFS=. read -r major minor _ </proc/sys/kernel/osrelease
    minor=${minor%%[!0-9]*}
    ((major > ${1%.*} || (major == ${1%.*} && minor >= ${1#*.})))
}
