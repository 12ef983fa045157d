# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For cases that run skbtrail in the background: start, wait until every probe is
# armed, end it by a signal; and that nothing of it is left afterwards. Sourced
# after tap.sh.

ARM_LIMIT=180 # seconds; arming without kprobe.multi is slow under emulation, and where many traces do it at once
declare -A LIVE=() # name → process
STATUS=0 # how the last one ended
export STATUS

# launch NAME COMMAND…: in the background; output in $TMP/NAME.out and NAME.err. A trace has a small ring unless the case
# says otherwise: clearing the pages of the usual one is a fifth of a trace's start where it is emulated.
SMALL_RING=4M
launch() {
    local name=$1
    shift
    case "$1 ${2-}" in
    "$SKBTRAIL trace" | "$SKBTRAIL record") set -- "$1" "$2" --buffer-size "$SMALL_RING" "${@:3}" ;;
    "$SKBTRAIL -"*) set -- "$1" --buffer-size "$SMALL_RING" "${@:2}" ;;
    esac
    rm -f "$TMP/$name.ready"
    "$@" --ready-file "$TMP/$name.ready" >"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null &
    LIVE[$name]=$!
}

# ready_or_gone NAME
ready_or_gone() { [[ -e $TMP/$1.ready ]] || ! kill -0 "${LIVE[$1]}" 2>/dev/null; }

# armed NAME…: waits until each is; says "not ok" of one that is not
armed() {
    local name
    for name in "$@"; do
        wait_for "$ARM_LIMIT" ready_or_gone "$name"
        [[ ! -e $TMP/$name.ready ]] || continue
        not_ok "$name: is armed within $ARM_LIMIT s"
        diag_file "$TMP/$name.err"
        return 1
    done
}

# ended NAME: waits for its end by itself, leaves its exit status in STATUS
ended() {
    STATUS=0
    wait "${LIVE[$1]}" || STATUS=$?
    unset "LIVE[$1]"
}

# end NAME [SIGNAL]
end() {
    kill -s "${2:-INT}" "${LIVE[$1]}"
    ended "$1"
}

# end_well NAME…: told all at once, for each takes its time to detach; a test of each one's exit status
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

# flood OPTION…: pings from pod1, until end_flood
flood() {
    (exec busybox nsenter --net=/run/netns/pod1 "$(command -v ping)" -q -n -f "$@" "$POD2_V4" >"$TMP/flood") &
    FLOOD=$!
}
# end_flood NAME: a test that all were answered, but for one under way; leaves in FLOODED how many were sent
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

# nothing_lost NAME FILE [PLACE]: says its summary, of ring, maps and probes, and of PLACE. An interrupt may come while a
# single kprobe's program runs, and those that it then passes are skipped and counted: a few are no fault.
SKIPPED_MAX=10
nothing_lost() {
    local dropped skipped backend
    read -r dropped skipped backend < <(jq -r --arg place "${3:-map}" 'select(.type == "summary")
        | "\(.lost.ring + .lost.map + .lost[$place]) \(.lost.kprobe) \(.probes.backend)"' "$2")
    if [[ $backend == kprobe && $skipped -gt 0 && $skipped -le $SKIPPED_MAX ]]; then
        diag "$1: $skipped skipped"
        skipped=0
    fi
    is "$1" '0 0' "$dropped $skipped"
}

# Programs, maps and links, in one process; but those of the topologies, whose programs are sched_cls, what these hold, and
# the map that is kept by its name.
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

# What could be left of a tracer in the kernel and on disk: our probes, programs with their maps and links, a borrowed
# setting.
residue() {
    cat /sys/kernel/tracing/kprobe_events /sys/kernel/tracing/enabled_functions /sys/kernel/debug/kprobes/list
    bpf_residue
    echo "rcu_expedited $(</sys/kernel/rcu_expedited)"
    ls /run/skbtrail.* 2>/dev/null
}
RESIDUE_BEFORE=$(residue)

as_before() { [[ $(residue) == "$RESIDUE_BEFORE" ]]; }

# nothing_left NAME: programs are freed a grace period after their end
nothing_left() {
    if wait_for 10 as_before; then
        ok "$1: nothing is left in the kernel"
    else
        not_ok "$1: nothing is left in the kernel" \
            "$(diff <(echo "$RESIDUE_BEFORE") <(residue) | head -n 20)"
    fi
}
