#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The BPF programs on the pods' devices: their attach points, full names and ids, and
# which redirect helpers they call, directly or by a tail call.
# in a whole run: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

# topology → --expect of the check, its exit status, the attach point, the programs on
# lxc1 and on lxc2
table='redirect-peer      redirect_peer 0 clsact/ingress from_pod_peer     from_pod_peer
redirect-peer-tcx  redirect_peer 0 tcx/ingress    from_pod_peer     from_pod_peer
redirect-peer-tail redirect_peer 0 clsact/ingress from_pod_tail     from_pod_tail
redirect           redirect      0 clsact/ingress from_pod_redirect from_pod_redirect
netkit             netkit        0 netkit/peer    from_pod_netkit   from_pod_netkit
policy-drop        redirect_peer 3 clsact/ingress from_pod_policy   from_pod_peer
host-stack         host_stack    0 -              -                 -'

program_json() { # ATTACH NAME: prints the program as an object
    [[ $2 != - ]] || { echo null && return; }
    echo "{\"attach\":\"$1\",\"name\":\"$2\",\"id\":$(id_of "$2")}"
}

step_json() { echo "{\"name\":\"$1\",\"id\":$(id_of "$1"),\"via\":\"$2\",\"helpers\":[$3]}"; }

static_json() { # NAME: prints what its code shows
    case $1 in
    -) echo '[]' ;;
    from_pod_tail)
        echo "[$(step_json "$1" attached ''),$(step_json tail_deliver 'tail call' '"bpf_redirect_peer"')]"
        ;;
    from_pod_redirect | from_pod_netkit) echo "[$(step_json "$1" attached '"bpf_redirect"')]" ;;
    *) echo "[$(step_json "$1" attached '"bpf_redirect_peer"')]" ;;
    esac
}

# shellcheck disable=SC2317 # called by check_status
same_node() { "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --timeout 5 "$@"; }

# legs: prints program and static evidence of each leg in $TMP/out, one line each
legs() { grep -oE '"program":(null|\{[^}]*\}),"static":\[([^]]*(\[[^]]*\])?)*\]' "$TMP/out"; }

list_json() { # ATTACH NAME: prints an endpoint's programs
    [[ $2 != - ]] || { echo '"programs":[]' && return; }
    echo "\"programs\":[$(program_json "$@")]"
}

one_topology() { # EXPECT STATUS ATTACH NAME1 NAME2
    local expect=$1 status=$2 attach=$3
    shift 3
    is "$topology: endpoints --json" "$(list_json "$attach" "$1" && list_json "$attach" "$2")" \
        "$("$SKBTRAIL" endpoints --json "$POD1_V4" "$POD2_V4" | grep -oE '"programs":\[[^]]*\]')"
    check_status "$status" "$topology: check --json" same_node --expect "$expect" --ping --json
    is "$topology: program and static evidence of both legs" \
        "$(printf '"program":%s,"static":%s\n' "$(program_json "$attach" "$1")" "$(static_json "$1")" \
            "$(program_json "$attach" "$2")" "$(static_json "$2")")" "$(legs)"
    is "$topology: the endpoints of the check have programs" \
        "$(list_json "$attach" "$1" && list_json "$attach" "$2")" "$(grep -oE '"programs":\[[^]]*\]' "$TMP/out")"
}

# A program drops at the egress of the far host device: it is named, and none of the near one's.
egress_drop() {
    local by=' dropped at [^,]+'
    ! kernel_at_least 6.1 || by="dropped: TC_EGRESS at .*, by from_pod_policy \\(id $(id_of from_pod_policy), clsact/egress on lxc2\\)"
    bpftool prog pin id "$(id_of from_pod_policy)" /sys/fs/bpf/policy
    tc filter del dev lxc1 ingress
    tc filter add dev lxc1 ingress bpf da obj build/tests/vm/progs.bpf.o sec tc/pass
    tc filter add dev lxc2 egress prio 1 bpf da pinned /sys/fs/bpf/policy
    as_text
    has "$topology: a drop at egress names the program there" "$TMP/out" "^request: +unknown, .*$by\$"
    tc filter add dev lxc2 egress prio 2 bpf bytecode '1,6 0 0 0'
    as_text
    lacks "$topology: with another filter beside it, none is named" "$TMP/out" '^request: .*from_pod_policy'
    rm /sys/fs/bpf/policy
}

as_text() { check_status "$status" "$topology: check" same_node --expect "$expect" --ping; }

while read -r topology expect status attach name1 name2; do
    topo_up "$topology" || continue
    read_ids
    one_topology "$expect" "$status" "$attach" "$name1" "$name2"
    case $topology in
    redirect-peer-tail)
        is "$topology: endpoints, last column" "PROGRAMS clsact/ingress:from_pod_tail#$(id_of from_pod_tail)" \
            "$("$SKBTRAIL" endpoints "$POD1_V4" | awk '{ print $NF }' | xargs)"
        as_text
        has "$topology: the leg's line names the program" "$TMP/out" \
            "^request: +redirect_peer, bpf_redirect_peer -> lxc2 \(ifindex 22\), by from_pod_tail \(id $(id_of from_pod_tail), clsact/ingress on lxc1\)$"
        is "$topology: the static lines name the tail call" 2 \
            "$(grep -cE "^static: +from_pod_tail \(id $(id_of from_pod_tail)\) -> tail call tail_deliver \(id $(id_of tail_deliver)\) calls bpf_redirect_peer$" "$TMP/out")"
        ;;
    host-stack)
        as_text
        lacks "$topology: no program is named" "$TMP/out" '^static:|, (by|with) '
        ;;
    policy-drop)
        by=with # before 5.18 the kernel does not say that tc dropped the packet
        ! kernel_at_least 6.1 || by='dropped: TC_INGRESS at .*, by'
        as_text
        has "$topology: the program at the place of the drop" "$TMP/out" \
            "^request: .*, $by from_pod_policy \(id $(id_of from_pod_policy), clsact/ingress on lxc1\)"
        egress_drop
        ;;
    esac
done <<<"$table"

# If several programs call the helper that was seen, none of them is named: neither of those that the attached one may
# tail-call nor, if there are several, of the attached ones.
if topo_up redirect-peer-tail; then
    read_ids
    tail=$(id_of from_pod_tail) more=/sys/fs/bpf/more
    bpftool prog loadall build/tests/vm/topo.bpf.o "$more" type classifier
    n=1
    for name in from_pod_peer from_pod_policy from_pod_redirect; do
        bpftool map update pinned /sys/fs/bpf/skbtrail-topo/tail_calls key "$n" 0 0 0 value pinned "$more/$name"
        n=$((n + 1))
    done
    check_status 0 'three candidates: check passes' same_node --ping
    is 'three candidates: they are counted' 2 \
        "$(grep -cE "^static: +3 programs reachable from from_pod_tail \(id $tail\) call bpf_redirect_peer$" "$TMP/out")"
    check_status 0 'three candidates: check --json passes' same_node --ping --json
    is 'three candidates: JSON names none' '{"complete":true,"only":null,"programs":3}' \
        "$(jq -c '.legs[].candidates' "$TMP/out" | sort -u)"
    tc filter add dev lxc1 ingress prio 2 bpf da pinned "$more/from_pod_peer"
    check_status 0 'two attached programs: check passes' same_node --ping
    has 'two attached programs: none is named' "$TMP/out" \
        '^request: +redirect_peer, bpf_redirect_peer -> lxc2 \(ifindex 22\), by one of 2 programs and filters on lxc1$'
    rm -r "$more"
fi

# What the kernel hides is unknown, not absent, and does not change the verdict.
if topo_up redirect-peer; then
    read_ids
    before=$(</proc/sys/kernel/kptr_restrict)
    echo 2 >/proc/sys/kernel/kptr_restrict
    check_status 0 'kptr_restrict=2: check passes' same_node --ping
    is 'kptr_restrict=2: static evidence is unknown' 2 \
        "$(grep -cE "^static: +from_pod_peer \(id [0-9]+\): unknown, the kernel hides its code" "$TMP/out")"
    check_status 0 'kptr_restrict=2: check --json passes' same_node --ping --json
    is 'kptr_restrict=2: helpers are null' 2 "$(grep -oE '"helpers":null' "$TMP/out" | wc -l)"
    echo "$before" >/proc/sys/kernel/kptr_restrict

    # Several programs at several attach points, in the order in which packets reach them; the old ingress qdisc.
    tail=$(id_of tail_deliver) peer=$(id_of from_pod_peer)
    bpftool prog pin id "$tail" /sys/fs/bpf/tail
    tc filter add dev lxc1 egress prio 1 bpf da pinned /sys/fs/bpf/tail
    tc filter add dev lxc1 ingress prio 2 bpf da pinned /sys/fs/bpf/tail
    is 'two at ingress, one at egress' \
        "clsact/ingress:from_pod_peer#$peer,clsact/ingress:tail_deliver#$tail,clsact/egress:tail_deliver#$tail" \
        "$("$SKBTRAIL" endpoints "$POD1_V4" | awk 'END { print $NF }')"
    tc qdisc del dev lxc1 clsact
    tc qdisc add dev lxc1 ingress
    tc filter add dev lxc1 parent ffff: bpf da pinned /sys/fs/bpf/tail
    is 'on an ingress qdisc, once' "ingress:tail_deliver#$tail" \
        "$("$SKBTRAIL" endpoints "$POD1_V4" | awk 'END { print $NF }')"
    rm /sys/fs/bpf/tail
fi
finish
