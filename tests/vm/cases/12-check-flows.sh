#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check same-node on flows other than a plain echo: TCP, UDP, fragments, an echo whose
# id NAT rewrites, a firewall in the pod. Tests the TAP and JUnit reports, too.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

PORT=8080
CHECK=("$SKBTRAIL" check same-node)
V4=(--src-ip "$POD1_V4" --dst-ip "$POD2_V4")
# shellcheck disable=SC2034 # used by name below
V6=(--src-ip "$POD1_V6" --dst-ip "$POD2_V6")

# outcome NAME: prints verdict, exit status, reason codes and mechanisms
outcome() {
    echo "$(jq -r .verdict "$TMP/$1.out") $STATUS $(jq -r '[.reasons[].code] | unique | join(",")' "$TMP/$1.out")" \
        "$(jq -r '[.legs[].mechanism] | join(",")' "$TMP/$1.out")"
}

# serve PROTO ADDRESS: prints "up", then answers each message of one client in capital letters
serve() { in_pod2 build/tests/vm/talk serve "$@" "$PORT"; }
ask() { in_pod1 build/tests/vm/talk ask "$@" "$PORT"; }

# conversation PROTO ADDRESS OPTIONS…: checks a message and its answer; leaves the result in $TMP/PROTO.out and STATUS
conversation() {
    local server
    serve "$1" "$2" >"$TMP/server" 2>"$TMP/server.err" &
    server=$!
    wait_for 20 grep -q up "$TMP/server" || not_ok "$1 to $2: the server is up" "$(<"$TMP/server.err")"
    launch "$1" "${CHECK[@]}" "${@:3}" --json --proto "$1" --port "$PORT" --timeout 20
    armed "$1"
    is "$1 to $2: is answered" HELLO "$(ask "$1" "$2" 2>&1)"
    ended "$1"
    wait "$server"
}

# rules NAMESPACE LINE…: applies rules with nft; fails if the guest lacks modules
rules() {
    local ns=$1
    shift
    ip netns exec "$ns" nft "$(printf '%s; ' "$@")" 2>"$TMP/nft.err"
}

firewall_in_pod() {
    modprobe -a nf_tables nft_compat 2>/dev/null
    rules pod2 'add table inet t' 'add chain inet t c { type filter hook input priority 0; }' \
        'add rule inet t c meta l4proto icmp drop' ||
        { skip 'a firewall in the pod' "$(head -n1 "$TMP/nft.err")" && return; }
    launch wall "${CHECK[@]}" "${V4[@]}" --json --ping --timeout 2
    ended wall
    is 'a firewall in the pod' 'INCONCLUSIVE 3 leg-dropped,no-reply redirect_peer,unknown' "$(outcome wall)"
    is 'a firewall in the pod: the place' yes \
        "$(jq -r '.legs[0].drop.symbol // ""' "$TMP/wall.out" | grep -qE '^n(f|ft)_' && echo yes)"
    ip netns exec pod2 nft flush ruleset
}

rewritten_id() {
    modprobe -a nft_chain_nat nft_nat nf_nat 2>/dev/null
    rules pod1 'add table ip n' 'add chain ip n p { type nat hook postrouting priority 100; }' \
        "add rule ip n p ip saddr $POD1_V4 meta l4proto icmp snat to $POD1_V4 fully-random" ||
        { skip 'an echo whose id is rewritten' "$(head -n1 "$TMP/nft.err")" && return; }
    launch nat "${CHECK[@]}" "${V4[@]}" --json --ping=3
    ended nat
    is 'an echo whose id is rewritten in its pod' 'PASS 0  redirect_peer,redirect_peer' "$(outcome nat)"
    is 'an echo whose id is rewritten: all are counted' '3 3' \
        "$(jq -r '.legs | map(.arrived) | join(" ")' "$TMP/nat.out")"
    ip netns exec pod1 nft flush ruleset
}

fragments() {
    launch frag "${CHECK[@]}" "${V4[@]}" --json --timeout 20
    armed frag
    in_pod1 ping -n -c1 -W5 -s 4000 "$POD2_V4" >"$TMP/ping"
    ended frag
    is 'an echo in fragments' 'PASS 0  redirect_peer,redirect_peer' "$(outcome frag)"
    is 'an echo in fragments: three each way' '3 3' "$(jq -r '.legs | map(.arrived) | join(" ")' "$TMP/frag.out")"
}

# bulk NAME: checks a stream of large segments; leaves the result in $TMP/NAME.out and STATUS
bulk() {
    local server
    in_pod2 build/tests/vm/talk sink tcp "$POD2_V4" "$PORT" >"$TMP/server" 2>"$TMP/server.err" &
    server=$!
    wait_for 20 grep -q up "$TMP/server" || not_ok "$1: the server is up" "$(<"$TMP/server.err")"
    launch "$1" "${CHECK[@]}" "${V4[@]}" --json --proto tcp --port "$PORT" --timeout 10
    armed "$1"
    is "$1: arrives" 180000 "$(in_pod1 build/tests/vm/talk pour tcp "$POD2_V4" "$PORT" 60000 60000 60000 2>&1)"
    ended "$1"
    wait "$server"
}

large_segments() {
    bulk whole
    is 'large segments, whole' 'PASS 0  redirect_peer,redirect_peer' "$(outcome whole)"
    check 'the stack cuts segments' in_pod1 ethtool -K eth0 tso off
    check 'the stack cuts those of the other pod' in_pod2 ethtool -K eth0 tso off
    bulk cut
    is 'large segments, cut before they are sent' 'PASS 0  redirect_peer,redirect_peer' "$(outcome cut)"
    # The receiving device merges the cut segments again; a veth without XDP does so since 5.13.
    check 'the host merges segments' ethtool -K lxc1 gro on
    check 'the host merges those of the other pod' ethtool -K lxc2 gro on
    tcpdump -n -p -i lxc1 --immediate-mode -U -w "$TMP/merged.pcap" "src $POD1_V4 and tcp and greater 2000" 2>"$TMP/tcpdump" &
    wait_for 20 grep -q 'listening on' "$TMP/tcpdump"
    bulk merged
    kill $!
    is 'large segments, merged on their way' 'PASS 0  redirect_peer,redirect_peer' "$(outcome merged)"
    ! kernel_at_least 5.13 || [[ -n $(tcpdump -n -r "$TMP/merged.pcap" 2>/dev/null) ]] || not_ok 'segments were merged'
    # With GRO, ip_list_rcv receives packets as a list.
    ethtool -K lxc1 gro off
    ethtool -K lxc2 gro off
}

# The topology's program redirects packets to the known address. The host's stack forwards those to the second one.
second_address() {
    local second=10.0.0.134
    check 'a pod has a second address' in_pod1 ip addr add "$second/32" dev eth0
    ip route add "$second/32" dev lxc1
    launch second "${CHECK[@]}" --src-ip "$second" --dst-ip "$POD2_V4" --json --ping=2
    ended second
    is 'a second address of a pod' 'FAIL 1 host-veth-traversed redirect_peer,host_stack' "$(outcome second)"
    launch first "${CHECK[@]}" "${V4[@]}" --json --ping=2
    ended first
    is 'the first one beside it' 'PASS 0  redirect_peer,redirect_peer' "$(outcome first)"
}

reports() {
    check_status 0 'TAP and JUnit of a PASS' "${CHECK[@]}" "${V4[@]}" --ping --tap --junit "$TMP/junit.xml"
    is 'TAP of a PASS' "ok 1 - same-node $POD1_V4 -> $POD2_V4 (icmp) PASS" "$(tail -n1 "$TMP/out")"
    has 'JUnit of a PASS' "$TMP/junit.xml" '<testsuite .*tests="1" failures="0" errors="0"'
    is "only the owner can read the JUnit file" 600 "$(stat -c %a "$TMP/junit.xml")"
    check_status 3 'TAP and JUnit without traffic' "${CHECK[@]}" "${V4[@]}" --timeout 1 --tap --junit "$TMP/junit.xml"
    has 'TAP: not ok, with the reason' "$TMP/out" '^# no-traffic: '
    has 'JUnit: an error' "$TMP/junit.xml" '<error type="no-traffic"'
}

# The command behind -- makes the traffic; the check ends with it, and passes only if it did.
with_command() {
    check_status 0 '-- COMMAND: is judged' "${CHECK[@]}" "${V4[@]}" --json -- \
        ip netns exec pod1 ping -n -c3 -i0.2 -W5 "$POD2_V4"
    is '-- COMMAND: to its last packet' '3 3' "$(jq -r '[.legs[].packets] | join(" ")' "$TMP/out")"
    has '-- COMMAND: what it prints is beside the verdict' "$TMP/err" '^3 packets transmitted, 3 received'
    # shellcheck disable=SC2016 # expanded inside
    check_status 3 '-- COMMAND: one that fails proves nothing' "${CHECK[@]}" "${V4[@]}" --json -- \
        bash -c 'ip netns exec pod1 ping -n -c2 -i0.2 -W5 "$1"; exit 3' - "$POD2_V4"
    is '-- COMMAND: that is the one reason' 'command-failed: the command ended with status 3' \
        "$(jq -r '.reasons[] | "\(.code): \(.text)"' "$TMP/out")"
    check_status 3 '-- COMMAND: one that does not end' "${CHECK[@]}" "${V4[@]}" --timeout 1 -- sleep 61.25
    has '-- COMMAND: says so' "$TMP/out" '^command-failed: the command had not ended when the check did$'
    check '-- COMMAND: it is told to end' wait_for 10 no_sleeper
    check_status 2 '-- COMMAND: not with pings of the check' "${CHECK[@]}" "${V4[@]}" --ping -- true
}
# shellcheck disable=SC2317 # called by wait_for
no_sleeper() { ! pgrep -f 'sleep 61[.]25' >/dev/null; }

with_trace() {
    check_status 0 'the trace below the verdict' "${CHECK[@]}" "${V4[@]}" --ping --trace
    is 'the trace: the verdict is the first line' PASS "$(head -n1 "$TMP/out")"
    has 'the trace: the request in its pod' "$TMP/out" "pod1 +eth0:12 .*$POD1_V4:0->$POD2_V4:0\(icmp\) +dev_hard_start_xmit"
    has 'the trace: the reply on its way' "$TMP/out" "$POD2_V4:0->$POD1_V4:0\(icmp\) +ip_rcv$"
    nothing_left 'the trace'
}

# The verdict changes when the redirect is removed. The change is reported once; the last verdict counts.
watched() {
    launch watched "${CHECK[@]}" "${V4[@]}" --json --ping --watch 100ms
    wait_for 60 grep -q '"verdict":"PASS"' "$TMP/watched.out"
    tc filter del dev lxc1 ingress
    wait_for 60 grep -q '"verdict":"[FI]' "$TMP/watched.out"
    end watched
    is 'watched: each change is shown once' 'PASS FAIL' "$(jq -r .verdict "$TMP/watched.out" | head -n2 | xargs)"
    is 'watched: the last verdict is the exit status' 1 "$STATUS"
    has 'watched: the change is reported' "$TMP/watched.err" 'changed from PASS to FAIL'
}

topo_up redirect-peer || finish
for family in 4 6; do
    declare -n options="V$family" address="POD2_V$family"
    for proto in tcp udp; do
        conversation "$proto" "$address" "${options[@]}"
        is "$proto over IPv$family" 'PASS 0  redirect_peer,redirect_peer' "$(outcome "$proto")"
    done
done
is 'tcp is judged with its first data' yes \
    "$(jq -r 'if (.legs[0].arrived >= 3) then "yes" else "no" end' "$TMP/tcp.out")"
fragments
large_segments
rewritten_id
firewall_in_pod
second_address
reports
with_command
with_trace
watched
nothing_left 'all flows'
finish
