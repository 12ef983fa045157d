#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs in a guest on the redirect-peer topology: gives every tool the same work in one
# boot, so that the tools can be compared although an emulated clock is not exact.
#   tests/bench/guest.sh [NAME=BINARY…]   measures these peers, too
#
# A tool is three functions: TOOL_start FILTER (prints nothing and becomes the tool by
# exec), TOOL_ready (true once it is ready) and TOOL_events (prints how many events it
# delivered).
set -eu -o pipefail
# shellcheck source=scripts/wait.sh
. scripts/wait.sh

POD1=10.0.0.133 POD2=10.0.0.67
PINGS=${BENCH_PINGS:-1000}
NO_SUCH=192.0.2.1 # TEST-NET-1: matches no packet here
WORK=$(mktemp -d)
OUT=$WORK/out ERR=$WORK/err READY=$WORK/ready

skbtrail_start() { exec build/skbtrail --filter-ip "$1" --ready-file "$READY" >"$OUT" 2>"$ERR"; }
skbtrail_ready() { [[ -e $READY ]]; }
skbtrail_events() { grep -c icmp "$OUT" || true; }

json_start() { exec build/skbtrail --filter-ip "$1" --json --ready-file "$READY" >"$OUT" 2>"$ERR"; }
json_ready() { skbtrail_ready; }
json_events() { grep -c '"type":"event"' "$OUT" || true; }

# The same functions as skbtrail's, each with a kprobe that compares the source address.
bpftrace_script() {
    build/skbtrail funcs --json | sed -n 's/.*"func":"\([a-z0-9_]*\)".*"slot":1.*"attachable":true.*/\1/p' | sort -u |
        awk 'BEGIN { printf "BEGIN { printf(\"ready\\n\"); }\n" }
             { printf "%skprobe:%s", NR > 1 ? ",\n" : "", $1 }
             END { printf "\n{ $s = (struct sk_buff *)arg0; $i = (struct iphdr *)($s->head + $s->network_header);\n" \
                          "if ($i->saddr == 0x8500000a) { printf(\"%%s %%d icmp\\n\", func, nsecs); } }\n" }'
}
bpftrace_start() {
    bpftrace_script >"$WORK/script.bt"
    BPFTRACE_MAX_PROBES=4096 BPFTRACE_MAX_BPF_PROGS=4096 exec bpftrace "$WORK/script.bt" >"$OUT" 2>"$ERR"
}
bpftrace_ready() { grep -q '^ready' "$OUT"; }
bpftrace_events() { grep -c icmp "$OUT" || true; }

# Peers that take pwru's command line.
peer_start() { exec "$PEER" --output-tuple --filter-track-skb=false "host $1" >"$OUT" 2>"$ERR"; }
peer_ready() { grep -qi 'listening for events' "$OUT" "$ERR"; }
peer_events() { grep -c icmp "$OUT" || true; }

now_ms() { echo $((${EPOCHREALTIME/[^0-9]/} / 1000)); }
TICKS=$(getconf CLK_TCK)
# user_ms PID FIELD: sets REPLY to a field of /proc/PID/stat, in milliseconds. It starts no process, because the time of
# child processes is part of the measurement.
user_ms() {
    local stat
    read -ra stat <"/proc/$1/stat"
    REPLY=$((stat[$2 - 1] * 1000 / TICKS))
}
memory_kb() { awk -v f="$2:" '$1 == f { print $2 }' "/proc/$1/status"; }

# flood: prints how many milliseconds PINGS pings take, each sent when the previous one is answered
flood() {
    local from
    from=$(now_ms)
    ip netns exec pod1 ping -q -f -c "$PINGS" "$POD2" >/dev/null
    echo $(($(now_ms) - from))
}

wait_ready() { # TOOL PID
    local until=$(($(now_ms) + 180000))
    while ! "$1_ready" 2>/dev/null; do
        kill -0 "$2" 2>/dev/null || return 1
        [[ $(now_ms) -lt $until ]] || return 1
        pause 0.02
    done
}

# bpf_cost: prints how often the tool's programs ran, and the average nanoseconds of a run, as the kernel counts them
bpf_cost() {
    bpftool -j prog show | jq -r '[.[] | select(.type == "kprobe" or .type == "tracing")]
        | (map(.run_cnt // 0) | add) as $n | (map(.run_time_ns // 0) | add) as $t
        | if ($n // 0) > 0 then "\($n) \($t / $n | floor)" else "- -" end'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }'; }

# measure NAME TOOL FILTER: prints one row
measure() {
    local name=$1 tool=$2 filter=$3 pid from ready took cpu children stop rss peak events runs ns
    rm -f "$OUT" "$ERR" "$READY"
    : >"$OUT"
    from=$(now_ms)
    "${tool}_start" "$filter" &
    pid=$!
    if ! wait_ready "$tool" "$pid"; then
        printf '%-21s did not get ready: %s\n' "$name" "$(tail -n 1 "$ERR")"
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        return
    fi
    ready=$(($(now_ms) - from))
    user_ms "$pid" 14
    cpu=$REPLY
    took=$(flood)
    read -r runs ns < <(bpf_cost)
    rss=$(memory_kb "$pid" VmRSS) peak=$(memory_kb "$pid" VmHWM)
    from=$(now_ms)
    user_ms $$ 16
    children=$REPLY
    kill -INT "$pid"
    wait "$pid" || true
    stop=$(($(now_ms) - from))
    # The user time since it was ready, until its last line is written.
    user_ms $$ 16
    cpu=$((REPLY - children - cpu))
    events=$("${tool}_events")
    printf '%-21s %9d %8d %9d %9d %8s %9d %10s %9s %7s\n' "$name" "$ready" "$stop" "$rss" "$peak" \
        "$(ratio "$took" "$BASE")" "$events" "$(awk -v c="$cpu" -v n="$events" 'BEGIN { if (n) printf "%.1f", c * 1000 / n; else printf "-" }')" "$runs" "$ns"
    if [[ $tool == skbtrail ]]; then sed -n 's/^/  # /p' "$ERR" | grep -v waiting || true; fi
}

flood >/dev/null # fills caches and resolves neighbours
BASE=$(flood)
printf 'Linux %s, %s CPU, %d pings; untraced flood %d ms\n' "$(uname -r)" "$(nproc)" "$PINGS" "$BASE"
sysctl -q -w kernel.bpf_stats_enabled=1
printf '%-21s %9s %8s %9s %9s %8s %9s %10s %9s %7s\n' tool 'ready ms' 'stop ms' 'RSS kB' 'peak kB' 'flood x' events 'us/line' \
    'BPF runs' 'BPF ns'
measure skbtrail skbtrail "$POD1"
measure 'skbtrail --json' json "$POD1"
measure 'skbtrail no match' skbtrail "$NO_SUCH"
for peer in "$@"; do
    PEER=${peer#*=}
    measure "${peer%%=*}" peer "$POD1"
    measure "${peer%%=*} no match" peer "$NO_SUCH"
done
if command -v bpftrace >/dev/null; then
    measure bpftrace bpftrace "$POD1"
fi
