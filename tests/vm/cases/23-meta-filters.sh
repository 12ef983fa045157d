#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The filters on a packet's context: namespace, device, mark, process, cgroup, pod,
# excluded functions; each alone and together with others. One trace per filter, all
# attached to a few functions at the same time, see the same traffic.
# in a whole run: 5.10
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

topo_up host-stack || finish
netns1=$(stat -Lc %i /run/netns/pod1)
netns2=$(stat -Lc %i /run/netns/pod2)
mkdir -p "$TMP/cgroup2"
mount -t cgroup2 none "$TMP/cgroup2" || not_ok "cgroup2 can be mounted"
trap 'umount -l "$TMP/cgroup2"' EXIT
mkdir -p "$TMP/cgroup2/outer/inner"
# A pod's name, as a CNI plugin stores it.
mkdir -p /var/lib/cni/results
cat >/var/lib/cni/results/test-pod2-eth0 <<END
{"kind":"cniCacheV1","containerId":"x","ifName":"eth0","networkName":"net",
 "cniArgs":[["K8S_POD_NAMESPACE","shop"],["K8S_POD_NAME","cart"]],
 "netns":"/run/netns/pod2",
 "result":{"cniVersion":"1.0.0","ips":[{"address":"$POD2_V4/32"}]}}
END

# Another one, in a namespace that talks to itself.
ip netns add third
ip -n third link set lo up
ip link add lxc3 type veth peer name eth0 netns third
ip -n third addr add 10.0.0.9/32 dev eth0
ip -n third link set eth0 up
netns3=$(stat -Lc %i /run/netns/third)
sed 's/cart/basket/; s/pod2/third/; s/"address":"[^"]*"/"address":"10.0.0.9\/32"/' /var/lib/cni/results/test-pod2-eth0 \
    >/var/lib/cni/results/test-third-eth0

start() { # NAME OPTION…
    local name=$1
    shift
    launch "$name" "$SKBTRAIL" --json --filter-func '(__)?ip_local_out|ip_rcv|dev_hard_start_xmit|veth_xmit' "$@"
    names+=("$name")
}
# count NAME JQ-CONDITION: prints for how many events the condition holds, and how many events there are
count() {
    jq -nr --arg pod1 "$POD1_V4" --arg pod2 "$POD2_V4" \
        "[inputs | select(.type == \"event\")] | \"\(map(select($2)) | length) \(length)\"" "$TMP/$1.out"
}
# only NAME JQ-CONDITION: there are events, and the condition holds for all
only() {
    local good all
    read -r good all < <(count "$1" "$2")
    if [[ $all -gt 0 && $all -eq $good ]]; then
        ok "$1: only $2"
    else
        not_ok "$1: only $2" "$good of $all" "$(head -n 3 "$TMP/$1.out")"
    fi
}
sees() { # NAME JQ-CONDITION
    local good all
    read -r good all < <(count "$1" "$2")
    if [[ $good -gt 0 ]]; then ok "$1: sees $2"; else not_ok "$1: sees $2" "none of $all"; fi
}

names=()
start name --filter-netns pod1 --filter-ip "$POD2_V4" --filter-func-not '.*ip_.*|veth_x..t'
start ifname --filter-ifname later0
start mark --filter-mark 0x120/0xff0 --filter-ip "$POD2_V4" --filter-comm ping --filter-netns /run/netns/pod1
start pid --filter-pid $$
start cgroup --filter-cgroup "$TMP/cgroup2/outer" --filter-proto udp
start pod --filter-pod cart --filter-proto icmp
start pods --filter-pod cart --filter-pod basket --filter-proto icmp
start devices --filter-ifname lo --filter-ifname lxc2 --filter-ip 10.0.0.9 --filter-ip "$POD2_V4"
start none --filter-netns "inode:$netns1" --filter-ifname lxc2 --filter-pod shop/cart
start write --filter-ip "$POD2_V4" --write "$TMP/recording" --print
armed "${names[@]}" || finish

in_pod1 ping -n -c2 -i0.2 -W5 "$POD2_V4" >"$TMP/traffic" 2>&1
in_pod1 ping -n -m $((0x5123)) -c1 -W5 "$POD2_V4" >>"$TMP/traffic" 2>&1
is "the pings are answered" 2 "$(grep -c ' 0% packet loss' "$TMP/traffic")"
check "the third pod answers itself" enter third ping -n -c1 -W5 10.0.0.9
# A device that is made after the trace has started, and then takes the name.
ip netns add later
ip link add lxc9 type veth peer name eth9 netns later
ip link set lxc9 up
ip -n later addr add 10.9.9.9/24 dev eth9
ip -n later link set eth9 name later0
ip -n later link set later0 up
ip netns exec later bash -c 'echo x >/dev/udp/10.9.9.10/99' >/dev/null 2>&1
# This process sends, then one in the inner cgroup.
echo x >"/dev/udp/$POD2_V4/5353"
# shellcheck disable=SC2016 # expanded inside
ip netns exec pod1 bash -c 'echo $$ >"$1/outer/inner/cgroup.procs" && echo x >"/dev/udp/$2/5454"' - "$TMP/cgroup2" "$POD2_V4"
end_well "${names[@]}"

only name ".netns == $netns1 and .netns_name == \"pod1\" and (.func == \"dev_hard_start_xmit\" or .drop != null)"
only ifname '.ifname == "later0" and .netns_name == "later"'
only mark ".mark == $((0x5123)) and .tuple.dst == \$pod2 and .netns == $netns1 and .comm == \"ping\""
only pid ".pid == $$"
sees pid '.tuple.l4 == "udp" and .tuple.dport == 5353'
only cgroup '.tuple.dport == 5454'
# shellcheck disable=SC2016 # jq expands
only pod '.tuple.src == $pod2 or .tuple.dst == $pod2'
sees pod ".netns == $netns1"
sees pod ".netns == $netns2"
sees pods ".netns == $netns2"
sees pods ".netns == $netns3"
# shellcheck disable=SC2016 # jq expands
only pods '.tuple.src == $pod2 or .tuple.dst == $pod2 or .tuple.dst == "10.0.0.9"'
only devices '.ifname == "lo" or .ifname == "lxc2"'
sees devices ".netns == $netns3 and .ifname == \"lo\""
sees devices '.ifname == "lxc2"'
is "none: the filters hold together" '0 0' "$(count none true)"

is "a recording by namespace and device: the same as live" "$(jq -c "select(.netns == $netns2 and .ifname == \"eth0\").seq" "$TMP/write.out")" \
    "$("$SKBTRAIL" report --json --filter-netns "inode:$netns2" --filter-ifname eth0 "$TMP/recording" 2>/dev/null | jq -c 'select(.type == "event").seq')"
# offline NAME OPTION…: filters a recording of everything afterwards, with the same result
offline() {
    local name=$1
    shift
    "$SKBTRAIL" report --json "$@" "$TMP/recording" >"$TMP/of.out" 2>"$TMP/of.err"
    is "report $*: the same as live" \
        "$(jq -c 'select(.type == "event") | [.func,.cpu,.skb,.netns,.ifname,.mark]' "$TMP/$name.out" | sort)" \
        "$(jq -c 'select(.type == "event") | [.func,.cpu,.skb,.netns,.ifname,.mark]' "$TMP/of.out" | sort)"
}
offline name --filter-netns pod1 --filter-func-not '.*ip_.*|veth_x..t'
offline mark --filter-mark 0x120/0xff0 --filter-netns pod1 --filter-comm ping

refused() { # OPTION VALUE REGEX
    check_status 2 "--$1=$2 is refused" "$SKBTRAIL" trace "--$1=$2"
    has "--$1=$2: the message names option and value" "$TMP/err" "^skbtrail: --$1=$2: .*$3"
    is "--$1=$2: the message is one line" 1 "$(wc -l <"$TMP/err")"
}
refused filter-netns nowhere 'nowhere'
refused filter-ifname a-name-of-16-byt '15'
refused filter-cgroup /proc 'not in the cgroup2'
refused filter-pod nobody 'endpoints'
rm -f /var/lib/cni/results/test-pod2-eth0
ip netns del later
nothing_left "at the end"
finish
