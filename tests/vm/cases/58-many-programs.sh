#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A datapath with hundreds of programs of which few are attached: a trace follows the attached ones, however many others
# are loaded, before it starts or later. What is reached by a tail call has no events of its own, but its functions do.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

many=60 # programs in an array; what would grow with them is counted, not timed

# arrays NAME IFNAME: loads $many programs, of which one is attached to the device; they live until this shell ends
arrays() {
    local fd
    exec {fd}> >(exec build/tests/vm/arrays "$2" "$many" >"$TMP/$1.arrays") # never closed
    diag "$1: fd $fd"
    wait_for 60 test -s "$TMP/$1.arrays" || not_ok "$1: the programs are loaded"
}

# followed NAME: prints how many programs its message says
followed() { sed -nE 's/.*; ([0-9]+) BPF programs followed.*/\1/p' "$TMP/$1.err"; }
events() { # NAME FUNC: prints how many events the trace has of this program or function
    jq -r --arg func "$2" 'select(.type == "event" and .program != null and .func == $func).func' "$TMP/$1.out" | wc -l
}
shown() { [[ $(events "$1" "$2") -gt 0 ]]; }

topo_up host-stack || finish
arrays one lxc1
launch attached "$SKBTRAIL" --filter-trace-tc --filter-proto icmp --filter-func icmp_rcv --json
launch all "$SKBTRAIL" --filter-trace-tc=all --filter-proto icmp --filter-func icmp_rcv --json
armed attached all || finish
is 'only the attached program is followed, once' 1 "$(followed attached)"
is 'all: every loaded program is followed' yes "$([[ $(followed all) -ge $many ]] && echo yes)"

# The second program, which is attached later, takes two links of fentry and fexit, whatever else is loaded with it.
links() { bpftool -j link show | jq '[.[] | select(.type == "tracing")] | length'; }
in_pod1 ping -n -c2 -i0.2 -W2 "$POD2_V4" >/dev/null
wait_for 10 shown all is_attached || not_ok 'all: the program is shown'
end_well all
links=$(links)
arrays two lxc2
two=$(bpftool -j prog show | jq '[.[] | select(.name == "is_attached").id] | max')
shows_two() { in_pod1 ping -n -c1 -W2 "$POD2_V4" >/dev/null && grep -q "\"program\":{\"id\":$two," "$TMP/attached.out"; }
if wait_for 20 shows_two; then
    ok 'a program that is attached later is followed'
else
    not_ok 'a program that is attached later is followed'
fi
is 'nothing else that was loaded with it is' 2 "$(($(links) - links))"
end_well attached

is 'a tail call has no events of its own: attached' 0 "$(events attached is_reached)"
is 'a tail call has no events of its own: all' 0 "$(events all is_reached)"
is 'a function of what is reached has none unless all programs are followed' 0 "$(events attached looks_at)"
is 'a function of what is reached has events if all are' yes "$([[ $(events all looks_at) -gt 0 ]] && echo yes)"
is 'entry and exit of the attached program' 0 "$(($(events attached is_attached) % 2))"
finish
