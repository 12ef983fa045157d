#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check path: the user's rules, applied to a ping that is redirected to the peer and to
# one that goes through the host's stack.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

cp "$SKBTRAIL" "$TMP/skbtrail"
TOPO=$PWD/$TOPO
cd "$TMP" || exit 1

# An absence can be proven only if the kernel counts every loss.
if kernel_at_least 6.7; then
    proven=0 proven_word=PASS
else
    proven=3 proven_word=INCONCLUSIVE
fi

cat >path.rules <<END
# the request of a same-node ping, redirected to the peer
let src = iface eth0 netns pod1
let dst = iface eth0 netns pod2
packet request $POD1_V4 -> $POD2_V4 icmp
  expect dev_hard_start_xmit on \$src
  expect skb_do_redirect on iface lxc1 netns host as in
  expect ip_rcv on \$dst within 2s of \$in
  forbid dev_hard_start_xmit|ip_forward on iface lxc*
  count ip_rcv == 1
END
cat >seen.rules <<END
packet request $POD1_V4 -> $POD2_V4 icmp
  expect dev_hard_start_xmit on iface eth0 netns pod1
  expect ip_rcv on iface eth0 netns pod2
packet reply $POD2_V4 -> $POD1_V4 icmp
  expect dev_hard_start_xmit on iface eth0 netns pod2
  expect ip_rcv on iface eth0 netns pod1
END
cat >netlink.rules <<END
packet request $POD1_V4 -> $POD2_V4 icmp
  expect ip_rcv on iface eth0 netns pod2
  forbid rtnetlink_rcv_msg
END
cat >flow.rules <<END
flow both $POD1_V4 <-> $POD2_V4 icmp
  count ip_rcv on netns pod2 forward >= 3
  count ip_rcv on netns pod1 reverse >= 3
END
cat >capture.rules <<END
packet $POD1_V4 -> any icmp
  expect ip_forward on netns host as in
  expect dev_hard_start_xmit on netns \$in as out
  expect ip_rcv on netns pod2
  forbid ip_forward on \$out
END
sed 's/  expect ip_rcv.*/  expect ip_rcv on pod2/' seen.rules >broken.rules
sed '/expect dev/s/dev_hard_start_xmit/no_such_function/' seen.rules >unarmed.rules

# path_check STATUS NAME RULES PINGS|interrupt [OPTION…]: sends so many pings, or SIGINT, once the check is ready; leaves
# its output in out and err
path_check() {
    local wanted=$1 name=$2 rules=$3 pings=$4 pid status=0
    shift 4
    rm -f ready
    ./skbtrail check path --rules "$rules" --filter-ip "$POD1_V4" --filter-proto icmp --ready-file ready \
        "$@" >out 2>err </dev/null &
    pid=$!
    if ! wait_for 60 test -e ready; then
        not_ok "$name: ready within a minute" "$(cat err)"
    elif [[ $pings == interrupt ]]; then
        kill -INT "$pid"
    elif [[ $pings -gt 0 ]]; then
        in_pod1 ping -n -q -i 0.2 -c "$pings" -W2 "$POD2_V4" >ping 2>&1 || not_ok "$name: a ping passes" "$(cat ping)"
    fi
    wait "$pid" || status=$?
    if [[ $status -eq $wanted ]]; then
        ok "$name: exit status $wanted"
    else
        not_ok "$name: exit status $wanted" "got $status"
        diag_file out
        diag_file err
    fi
}

if topo_up redirect-peer; then
    path_check "$proven" "a function that takes netlink messages is attached if a rule names it" netlink.rules 1
    is "a function that takes netlink messages is attached if a rule names it: the verdict" "$proven_word" "$(head -n1 out)"
    lacks "a function that takes netlink messages: it was attached" out 'could be armed'
    path_check "$proven" "redirect-peer, with a forbid" path.rules 1
    is "redirect-peer, with a forbid: the verdict" "$proven_word" "$(head -n1 out)"
    has "redirect-peer, with a forbid: its expects hold" out '^ +7  satisfied +expect ip_rcv on \$dst'
    if [[ $proven -ne 0 ]]; then
        has "redirect-peer, with a forbid: the reason why it is inconclusive" out '^events-lost: line 8 leans on an absence'
    fi

    path_check 0 "redirect-peer, presence alone" seen.rules 1 --json
    is "redirect-peer, presence alone: one line of JSON" 1 "$(wc -l <out)"
    has "redirect-peer, presence alone: the verdict" out '^\{"type":"check","v":1,"check":"path","verdict":"PASS"'
    has "redirect-peer, presence alone: the step" out '"func":"ip_rcv",[^}]*"netns_name":"pod2"'

    path_check 0 "redirect-peer, a flow" flow.rules 3
    path_check 3 "no traffic" seen.rules 0 --timeout 1
    has "no traffic: the reason" out '^no-traffic: line 1:'
    path_check 3 "a function that is not there" unarmed.rules 1 --timeout 3
    has "a function that is not there: the reason" out "^probe-not-armed: line 2: no function 'no_such_function'"
    path_check 3 "interrupted" seen.rules interrupt --timeout 60
    has "interrupted: the reason" out '^interrupted:'
fi

if topo_up host-stack; then
    path_check 1 "host-stack, with a forbid" path.rules 1
    is "host-stack, with a forbid: the verdict" FAIL "$(head -n1 out)"
    has "host-stack, with a forbid: the reason" out \
        '^forbidden-step: line 8: 1 of 1 packets broke the rule, first: ip_forward on lxc1 \(ifindex [0-9]+\) in host$'
    path_check "$proven" "host-stack, captures" capture.rules 1
    has "host-stack, captures: bound" out '^ +3  satisfied +expect dev_hard_start_xmit on netns \$in as out'
    path_check 0 "host-stack, presence alone" seen.rules 1
fi

check_status 2 "a broken file" ./skbtrail check path --rules broken.rules
is "a broken file: where" \
    "skbtrail: broken.rules:3:20: expected a place: iface NAME, netns NAME, pod NAME or \$ALIAS" "$(cat err)"
check_status 2 "no file" ./skbtrail check path --rules none.rules
check_status 2 "no rules" ./skbtrail check path
finish
