# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2004,SC2034,SC2154,SC2317 # drops.sh sources this and has the arrays
# The part of drops.sh for TCP.

TCP_CSUM() { in_pod1 perl "$CRAFT" frame proto=tcp flags=S dport=80 data=0 sum=bad; }

TCP_RESET() {
    held tcp dport=80
    by_hand dial dport=80 -- flags=R,seq=100
    release
}

TCP_FLAGS() {
    held tcp dport=80
    in_pod1 perl "$CRAFT" frame proto=tcp flags=SF dport=80 data=0
    release
}

TCP_INVALID_SYN() {
    held tcp dport=80
    by_hand dial dport=80 -- flags=S,seq=5000
    release
}

TCP_TOO_OLD_ACK() {
    held tcp dport=80
    by_hand dial dport=80 -- ack=-100000
    release
}

TCP_ACK_UNSENT_DATA() {
    held tcp dport=80
    by_hand dial dport=80 -- ack=1000
    release
}

TCP_OLD_SEQUENCE() {
    held tcp dport=80
    by_hand dial dport=80 -- seq=-1 # as a keepalive has it
    release
}

TCP_OLD_DATA() {
    held tcp dport=80
    by_hand dial dport=80 -- data=10,again=1 data=10
    release
}

TCP_INVALID_SEQUENCE() {
    held tcp dport=80
    by_hand dial dport=80 -- seq=1000000,data=10
    release
}

TCP_OVERWINDOW() {
    held tcp dport=80
    by_hand dial dport=80 -- seq=window,data=10
    release
}

TCP_INVALID_END_SEQUENCE() {
    held tcp dport=80
    by_hand dial dport=80 -- data=10 seq=window-5,data=100
    release
}

TCP_ZEROWINDOW() {
    held tcp dport=80 rcvbuf=30000
    by_hand dial dport=80 -- fill=1,data=10
    release
}

TCP_OFO_QUEUE_PRUNE() {
    held tcp dport=80 rcvbuf=4096
    by_hand dial dport=80 -- holes=60
    release
}

TCP_RFC7323_PAWS() {
    held tcp dport=80
    by_hand dial dport=80 ts=1000000 -- ts=1,data=10
    release
}

TCP_ABORT_ON_DATA() {
    in_pod2 sysctl -qw net.ipv4.tcp_fin_timeout=120 # longer than TIME_WAIT, else that takes over
    held tcp dport=80 close=1
    in_pod1 bash -c 'exec 3<>/dev/tcp/10.0.0.67/80; read -r <&3; echo x >&3'
    release
    in_pod2 sysctl -qw net.ipv4.tcp_fin_timeout=60
}

TCP_INVALID_ACK_SEQUENCE() {
    coproc HELD { by_hand answer sport=80 -- flags=SA,ack=1000; }
    local answering=$HELD_PID
    read -r -u "${HELD[0]}"
    in_pod2 timeout 1 bash -c ': </dev/tcp/10.0.0.134/80'
    wait "$answering"
}

TCP_OFOMERGE() {
    held tcp dport=80
    by_hand dial dport=80 -- seq=100,data=10 seq=100,data=10
    release
}

TCP_OFO_DROP() {
    held tcp dport=80
    by_hand dial dport=80 -- seq=100,data=10 data=200
    release
}
DROP_FILTER[TCP_OFO_DROP]='dst host 10.0.0.67 and ip[2:2] = 50' # the one with ten bytes

TCP_RFC7323_PAWS_ACK() {
    held tcp dport=80
    by_hand dial dport=80 ts=1000000 -- ts=1,seq=-1
    release
}

TCP_MINTTL() {
    held tcp dport=80 minttl=255
    in_pod1 perl "$CRAFT" frame proto=tcp flags=S dport=80 data=0
    release
}

TCP_MD5NOTFOUND() {
    held tcp dport=80 password=10.0.0.133
    in_pod1 perl "$CRAFT" frame proto=tcp flags=S dport=80 data=0
    release
}

TCP_MD5FAILURE() {
    held tcp dport=80 password=10.0.0.133
    in_pod1 perl "$CRAFT" frame proto=tcp flags=S dport=80 data=0 md5=1
    release
}

TCP_MD5UNEXPECTED() {
    held tcp dport=80
    in_pod1 perl "$CRAFT" frame proto=tcp flags=S dport=80 data=0 md5=1
    release
}

TCP_AUTH_HDR() {
    held tcp dport=80
    in_pod1 perl "$CRAFT" frame proto=tcp flags=S dport=80 data=0 md5=2 # twice
    release
}

for reason in TCP_{RESET,INVALID_SYN,TOO_OLD_ACK,ACK_UNSENT_DATA,OLD_SEQUENCE,OLD_DATA,INVALID_SEQUENCE} \
    TCP_{INVALID_END_SEQUENCE,OVERWINDOW,ZEROWINDOW,OFO_QUEUE_PRUNE,RFC7323_PAWS,INVALID_ACK_SEQUENCE} \
    TCP_{OFOMERGE,RFC7323_PAWS_ACK}; do
    DROP_FILTER[$reason]='dst host 10.0.0.67 and ip[4:2] = 2' # craft.pl's last packet
done
DROP_FILTER[TCP_ABORT_ON_DATA]='dst host 10.0.0.67 and tcp[tcpflags] & tcp-push != 0'
