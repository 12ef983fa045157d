# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For cases that run skbtrail in the background: starts it, waits until it is ready,
# ends it by a signal, and tests that nothing of it is left. Sourced after case.sh.

ARM_LIMIT=400 # seconds: attaching without kprobe.multi is slow in emulation, and when many traces do it at once
declare -A LIVE=() # name → process
STATUS=0 # exit status of the last one that ended
export STATUS

# launch NAME COMMAND…: starts it in the background; its output goes to $TMP/NAME.out and $TMP/NAME.err. A trace gets a
# small ring unless the case sets the size: in emulation, clearing the pages of the default ring takes a fifth of the start.
SMALL_RING=4M
launch() {
    local name=$1
    shift
    case "$1 ${2-} $*" in
    *\ --buffer-size*) ;;
    "$SKBTRAIL trace "* | "$SKBTRAIL record "*) set -- "$1" "$2" --buffer-size "$SMALL_RING" "${@:3}" ;;
    "$SKBTRAIL -"*) set -- "$1" --buffer-size "$SMALL_RING" "${@:2}" ;;
    esac
    rm -f "$TMP/$name.ready"
    "$@" --ready-file "$TMP/$name.ready" >"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null &
    LIVE[$name]=$!
}

# ready_or_gone NAME: it is ready, or has ended
ready_or_gone() { [[ -e $TMP/$1.ready ]] || ! kill -0 "${LIVE[$1]}" 2>/dev/null; }

# armed NAME…: waits until each is ready; otherwise prints "not ok" and returns 1
armed() {
    local name
    for name in "$@"; do
        wait_for "$ARM_LIMIT" ready_or_gone "$name"
        [[ ! -e $TMP/$name.ready ]] || continue
        not_ok "$name: is ready within $ARM_LIMIT s"
        diag_file "$TMP/$name.err"
        return 1
    done
}

# ended NAME: waits until it ends, leaves its exit status in STATUS
ended() {
    STATUS=0
    wait "${LIVE[$1]}" || STATUS=$?
    unset "LIVE[$1]"
}

# end NAME [SIGNAL]: ends it, leaves its exit status in STATUS
end() {
    kill -s "${2:-INT}" "${LIVE[$1]}"
    ended "$1"
}

# end_well NAME…: ends all of them at once, because each takes time to detach; tests each one's exit status
end_well() {
    local name
    for name in "$@"; do
        kill -s INT "${LIVE[$name]}"
    done
    for name in "$@"; do
        ended "$name"
        is "$name: exit status" 0 "$STATUS"
    done
}

# flood OPTION…: starts pings from pod1 to pod2 that last until end_flood
flood() {
    (exec busybox nsenter --net=/run/netns/pod1 "$(command -v ping)" -q -n -f "$@" "$POD2_V4" >"$TMP/flood") &
    FLOOD=$!
}
# end_flood NAME: tests that all pings but the last were answered; leaves the number of pings in FLOODED
export FLOODED=0
end_flood() {
    local received=-1
    kill -INT "$FLOOD"
    wait "$FLOOD"
    [[ ! $(<"$TMP/flood") =~ ([0-9]+)\ packets\ transmitted,\ ([0-9]+)\ received ]] ||
        FLOODED=${BASH_REMATCH[1]} received=${BASH_REMATCH[2]}
    if [[ $FLOODED -gt 0 && $((FLOODED - received)) -le 1 ]]; then
        ok "$1: the flood was answered"
    else
        not_ok "$1: the flood was answered" "$(<"$TMP/flood")"
    fi
}

# nothing_lost NAME FILE [PLACE [RING]]: tests that by its summary neither ring, maps, probes nor PLACE lost anything, but
# for RING records of the ring. If an interrupt comes while the program of a kprobe runs, the kernel skips the kprobes in the interrupt and counts them: a few
# are not an error. Nor are a few changes of a map that Linux 5.11 to 6.6 refuse with EBUSY, because an interrupt came
# just before the lock of the same bucket was taken (mended in 6.7, d35381aa73f7).
SKIPPED_MAX=10
nothing_lost() {
    local ring map other skipped backend
    read -r ring map other skipped backend < <(jq -r --arg place "${3:-ring}" 'select(.type == "summary")
        | "\(.lost.ring) \(.lost.map) \(.lost[$place]) \(.lost.kprobe) \(.probes.backend)"' "$2")
    if [[ $backend == kprobe && $skipped -gt 0 && $skipped -le $SKIPPED_MAX ]]; then
        diag "$1: $skipped skipped"
        skipped=0
    fi
    if kernel_at_least 5.11 && ! kernel_at_least 6.7 && [[ $map -gt 0 && $map -le $SKIPPED_MAX ]]; then
        diag "$1: $map changes of a map were refused"
        map=0
    fi
    [[ ${3-} != map ]] || other=$map
    is "$1" "ring ${4:-0}, map 0, other 0, skipped 0" "ring $ring, map $map, other $other, skipped $skipped"
}

# Lists programs, maps and links with a single process. Leaves out the topologies' programs, which are sched_cls, their
# maps and links, and their pinned map.
bpf_residue() {
    local line id type='' theirs=' '
    while read -r line; do
        case $line in
        [0-9]*': sched_cls '*)
            type=theirs
            theirs+="prog-${line%%:*} "
            ;;
        [0-9]*' tag '*)
            type=ours
            echo "program $line"
            ;;
        *' map_ids '*)
            [[ $type == theirs ]] || continue
            line=${line##* map_ids }
            for id in ${line//,/ }; do
                theirs+="map-$id "
            done
            ;;
        [0-9]*' prog '[0-9]*)
            id=${line##* prog }
            [[ $theirs == *" prog-${id%% *} "* ]] || echo "link $line"
            ;;
        [0-9]*': '*' name tail_calls '*) ;;
        [0-9]*': '*) [[ $theirs == *" map-${line%%:*} "* ]] || echo "map $line" ;;
        esac
    done < <(printf '%s show\n' prog map link | bpftool batch file -)
}

# Lists what a trace could leave behind: probes, programs, maps, links, a changed setting, files.
residue() {
    cat /sys/kernel/tracing/kprobe_events /sys/kernel/tracing/enabled_functions /sys/kernel/debug/kprobes/list
    bpf_residue
    echo "rcu_expedited $(</sys/kernel/rcu_expedited)"
    ls /run/skbtrail.* 2>/dev/null
}
RESIDUE_BEFORE=$(residue)

as_before() { [[ $(residue) == "$RESIDUE_BEFORE" ]]; }

# nothing_left NAME: waits, because the kernel frees programs after a grace period
nothing_left() {
    if wait_for 10 as_before; then
        ok "$1: nothing is left in the kernel"
    else
        not_ok "$1: nothing is left in the kernel" \
            "$(diff <(echo "$RESIDUE_BEFORE") <(residue) | head -n 20)"
    fi
}
