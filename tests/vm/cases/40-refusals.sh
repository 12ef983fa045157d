#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Errors of usage and environment: exit status 2, nothing on standard output, exactly
# one line on standard error that names the option and its value, or what is missing
# and what to do. Nothing stays attached.
# in a whole run: newest
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"
# shellcheck source=tests/vm/live.sh
. "${BASH_SOURCE%/*}/../live.sh"

# For wrapped commands in_environment uses the real timeout: busybox' would run its own applets.
limited=(busybox timeout 60)

# refused NAME REGEX COMMAND…
refused() {
    local name=$1 regex=$2 status=0 wrong=() lines=()
    shift 2
    "${limited[@]}" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
    mapfile -t lines <"$TMP/err"
    [[ $status -eq 2 ]] || wrong+=("exit status $status, wanted 2")
    [[ ! -s $TMP/out ]] || wrong+=("on standard output: $(head -n 3 "$TMP/out")")
    [[ ${#lines[@]} -eq 1 ]] || wrong+=("${#lines[@]} lines on standard error")
    [[ ${lines[0]-} =~ ^"skbtrail: "$regex ]] || wrong+=("the line does not match: ^skbtrail: $regex")
    if [[ ${#wrong[@]} -eq 0 ]]; then
        ok "refused: $name"
    else
        not_ok "refused: $name" "${wrong[@]}" "$(head -n 5 "$TMP/err")" "of: $*"
    fi
}

# arm64 before 6.4 attaches no fentry programs.
if ! grep -q ' register_ftrace_direct$' /proc/kallsyms && topo_up redirect-peer; then
    refused "a check where no fentry program can be attached" "this kernel attaches no fentry programs.*'skbtrail trace'\$" \
        "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    has "doctor says so, too" <("$SKBTRAIL" doctor) '^MISSING +programs +this kernel attaches no fentry programs'
fi

# Options with invalid values; the message must name both.
bad_values='
trace --filter-src-ip 10.0.0.300
trace --filter-src-ip 10.0.0.0/33
trace --filter-src-ip fd00::67/129
trace --filter-dst-ip 10.0.0
trace --filter-dst-ip fd00:::67
trace --filter-ip localhost
trace --filter-ip 10.0.0.67/
trace --filter-src-port 0
trace --filter-dst-port 65536
trace --filter-port -1
trace --filter-port http
trace --filter-proto 256
trace --filter-proto nonesuch
trace --filter-func (
trace --backend fentry
trace --timestamp=soon
trace --columns skb,,func
trace --columns nonesuch
trace --columns skb,skb
trace --buffer-size 0
trace --buffer-size 4Q
trace --buffer-size -4096
trace --color sometimes
check --ping=0
check --ping=-1
check --ping=10001
check --ping=65537
check --ping=3x
check --timeout never
check --timeout -1
check --expect teleport
check --buffer-size x
check --color 1'
missing_values='
trace --filter-src-ip
trace --filter-port
trace --filter-func
trace --columns
trace --ready-file
check --src-ip
check --dst-ip
check --timeout
check --expect'
unknown='
trace --filter-source-ip=10.0.0.1
trace -Z
trace --json=yes
check --filter-src-ip
check --verbose=1'

# command_words KIND: sets $words
command_words() {
    case $1 in
    trace) words=("$SKBTRAIL" trace) ;;
    check) words=("$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4") ;;
    esac
}

# quoted TEXT: sets $quoted to a regular expression for this text
quoted() { quoted=${1//[][().*+?^$|\\\{\}]/\\&}; }

bad_options() {
    local kind option value words quoted
    while read -r kind option value; do
        [[ -n $kind ]] || continue
        [[ $option != *=* ]] || value=${option#*=} option=${option%%=*}
        command_words "$kind"
        quoted "$option=$value"
        refused "$kind $option $value" "$quoted: ." "${words[@]}" "$option=$value"
    done <<<"$bad_values"
    while read -r kind option; do
        [[ -n $kind ]] || continue
        command_words "$kind"
        quoted "$option"
        refused "$kind $option without a value" "$quoted: a value is missing" "${words[@]}" "$option"
    done <<<"$missing_values"
    while read -r kind option; do
        [[ -n $kind ]] || continue
        command_words "$kind"
        quoted "$option"
        refused "$kind $option" "$quoted: " "${words[@]}" "$option"
    done <<<"$unknown"
}

check_between() { # NAME REGEX SRC DST [OPTION…]
    refused "$1" "$2" "$SKBTRAIL" check same-node --src-ip "$3" --dst-ip "$4" "${@:5}"
}

endpoints() {
    check_between "an address on no namespace" '.*10\.0\.0\.99' "$POD1_V4" 10.0.0.99
    check_between "another" '.*10\.9\.9\.9' 10.9.9.9 "$POD2_V4" --ping
    check_between "no address" '.*10\.0\.0\.300' "$POD1_V4" 10.0.0.300
    check_between "two families" ".*families" "$POD1_V4" "$POD2_V6"
    check_between "the same pod twice" ".*same namespace" "$POD1_V4" "$POD1_V4"
    check_between "an address of the host" '.*10\.0\.0\.1 .*no host side' "$POD1_V4" 10.0.0.1
    ip netns add twin
    ip -n twin link add eth0 type veth peer name twin0
    ip -n twin addr add "$POD2_V4/32" dev eth0
    check_between "an address on two namespaces" '10\.0\.0\.67 .*say which: .*(pod2.*twin|twin.*pod2)' "$POD1_V4" "$POD2_V4" --ping
    ip netns del twin
    refused "no --dst-ip" 'check same-node needs --src-ip and --dst-ip' "$SKBTRAIL" check same-node --src-ip "$POD1_V4"
    refused "no --src-ip" 'check same-node needs --src-ip and --dst-ip' "$SKBTRAIL" check same-node --dst-ip "$POD2_V4"
    refused "no such check" 'check other-node: ' "$SKBTRAIL" check other-node
    refused "an argument too many" 'now: ' "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" now
    touch "$TMP/there"
    check_between "a ready file that is there" "--ready-file=$TMP/there: " "$POD1_V4" "$POD2_V4" --ready-file "$TMP/there"
    check_between "a ready file that cannot be" '--ready-file=/nonesuch/file: ' "$POD1_V4" "$POD2_V4" \
        --ready-file /nonesuch/file
    refused "rules without an end" '--rules=/dev/zero: more than [0-9]+ bytes' prlimit --as=1000000000 \
        "$SKBTRAIL" check path --rules /dev/zero
    refused "too few descriptors for a check" 'too many open files: no more than 16 are allowed; ulimit -n ' prlimit --nofile=16 \
        "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    refused "too few descriptors for a trace" 'too many open files: no more than 16 are allowed; ulimit -n ' prlimit --nofile=16 \
        "$SKBTRAIL" --filter-func ip_rcv
    refused "no function with that name" 'no function to probe' "$SKBTRAIL" --filter-func no_such_function
    # The file is created only when the probes are attached, after a message that says so.
    check_status 2 "the same of trace: exit status" "$SKBTRAIL" --filter-func ip_rcv --ready-file /nonesuch/file
    has "the same of trace: says so" "$TMP/err" '^skbtrail: --ready-file=/nonesuch/file: '
}

# in_environment NAME REGEX REGEX-OF-CHECK WRAPPER…: trace and check are refused, and doctor names the cause
in_environment() {
    local check limited=(timeout 60)
    check=$3
    set -- "$1" "$2" "${@:4}"
    refused "$1, trace" "$2" "${@:3}" "$SKBTRAIL" --filter-func ip_rcv
    refused "$1, check" "$check" "${@:3}" "$SKBTRAIL" check same-node --src-ip "$POD1_V4" --dst-ip "$POD2_V4" --ping
    check_status 2 "$1, doctor: exit status" "${@:3}" "$SKBTRAIL" doctor
    has "$1, doctor: says what is missing" "$TMP/out" '^MISSING '
}

environment() {
    in_environment "not root" 'tracing needs root: run as root or with sudo' 'tracing needs root: run' \
        setpriv --reuid=65534 --regid=65534 --clear-groups
    # shellcheck disable=SC2016 # expanded inside
    in_environment "no BTF" '/sys/kernel/btf/vmlinux is missing: ' '/sys/kernel/btf/vmlinux is missing: ' \
        unshare --mount bash -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' bash
    in_environment "root without capabilities" '.*run as root' '.*CAP_' \
        setpriv --bounding-set=-all --inh-caps=-all
}

topo_up host-stack || finish
bad_options
endpoints
environment
nothing_left "at the end"
finish
