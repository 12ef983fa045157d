#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The BPF programs on the pods' devices: where they sit, their full names and ids,
# and which redirect helpers they and those they tail-call call.
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"

# topology → what check expects, its exit status, the attach point, and the
# program on lxc1 and on lxc2
table='redirect-peer      redirect_peer 0 clsact/ingress from_pod_peer     from_pod_peer
redirect-peer-tcx  redirect_peer 0 tcx/ingress    from_pod_peer     from_pod_peer
redirect-peer-tail redirect_peer 0 clsact/ingress from_pod_tail     from_pod_tail
redirect           redirect      0 clsact/ingress from_pod_redirect from_pod_redirect
netkit             netkit        0 netkit/peer    from_pod_netkit   from_pod_netkit
policy-drop        redirect_peer 3 clsact/ingress from_pod_policy   from_pod_peer
host-stack         host_stack    0 -              -                 -'

program_json() { # ATTACH NAME: as an object
    [[ $2 != - ]] || { echo null && return; }
    echo "{\"attach\":\"$1\",\"name\":\"$2\",\"id\":$(id_of "$2")}"
}

step_json() { echo "{\"name\":\"$1\",\"id\":$(id_of "$1"),\"via\":\"$2\",\"helpers\":[$3]}"; }

static_json() { # NAME: what is known of its code
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

# legs of the JSON in $TMP/out: one line each, program and static
legs() { grep -oE '"program":(null|\{[^}]*\}),"static":\[([^]]*(\[[^]]*\])?)*\]' "$TMP/out"; }

list_json() { # ATTACH NAME: an endpoint's programs
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
        lacks "$topology: no word of programs" "$TMP/out" '^static:|, (by|with) '
        ;;
    policy-drop)
        as_text
        has "$topology: the program at the place of the drop" "$TMP/out" \
            "^request: .*, with from_pod_policy \(id $(id_of from_pod_policy), clsact/ingress on lxc1\)"
        ;;
    esac
done <<<"$table"

# What the kernel hides is unknown, never none; and it changes no verdict.
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

    # Several programs at several places, in the order in which packets meet them; the old qdisc without egress.
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
