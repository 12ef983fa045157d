#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs cases in a guest, one after the other, for tests/run/vm.sh:
#   tests/vm/run-cases.sh LABEL SECONDS CASE…
# Leaves CASE.tap, CASE.err and CASE.status for each case in /results. The status is
# written last: if it is missing, the guest died during the case.
set -u -o pipefail

label=$1 limit=$2
shift 2
export PATH=$PATH:/usr/sbin:/sbin
uname -r >/results/started

# In emulation a program with shared libraries takes 50 to 120 ms to start, jq 250 ms, a static program 20 ms, and the
# cases start thousands. A case that needs the original program calls /usr/bin/NAME.
quick=/run/quick
mkdir -p "$quick"
for name in cat chmod cp cut grep head ls mkdir mv paste rm sed seq sleep sort stat tail tee touch tr true wc xargs; do
    ln -sf "$(command -v busybox)" "$quick/$name"
done
ln -sf "$(command -v gojq)" "$quick/jq"

last_dmesg=$(dmesg | wc -l)

for name in "$@"; do
    TMP=$(mktemp -d)
    export TMP
    began=$SECONDS status=0
    # In a session of its own, so that signals to its process group do not reach us.
    timeout -k 5 "$limit" setsid -w env PATH="$quick:$PATH" bash "tests/vm/cases/$name.sh" \
        >"/results/$name.tap" 2>"/results/$name.err" </dev/null || status=$?
    [[ $status -ne 124 ]] || echo "# killed after $limit s" >>"/results/$name.err"
    # Kill all other processes but our parents and kernel threads.
    for dir in /proc/[0-9]*; do
        pid=${dir#/proc/}
        [[ $pid -eq 1 || $pid -eq $$ || $pid -eq $PPID || ! -e $dir/exe ]] && continue
        # "cat" passes our output on.
        [[ $(cut -d' ' -f4 "$dir/stat" 2>/dev/null) == 1 && $(<"$dir/comm") == cat ]] && continue
        kill -KILL "$pid" 2>/dev/null
    done
    build/tests/vm/topo down >>"/results/$name.err" 2>&1
    # A kernel warning fails the case during which it was logged.
    dmesg | tail -n "+$((last_dmesg + 1))" >"$TMP/dmesg"
    last_dmesg=$((last_dmesg + $(wc -l <"$TMP/dmesg")))
    if grep -qE 'WARNING:|BUG:|Oops|rcu.*(stall|detected)|refcount_t' "$TMP/dmesg"; then
        echo "not ok - the kernel logs no fault"
        sed 's/^/# /' "$TMP/dmesg" | head -n 40
    fi >>"/results/$name.tap"
    rm -rf "$TMP"
    echo "$((SECONDS - began))" >"/results/$name.seconds"
    echo "$status" >"/results/$name.status"
    printf '   %-7s %-28s %s, %d s\n' "$label" "$name" \
        "$(awk -v brief=1 -f tests/run/tap.awk "/results/$name.tap")" $((SECONDS - began)) >&2
done
