#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs cases in a guest, one after the other, as scripts/test-vm.sh asks:
#   tests/vm/run-cases.sh LABEL SECONDS CASE…
# Leaves CASE.tap, CASE.err and CASE.status per case in /results; the status last,
# so that a result without one is a case that took the guest with it.
set -u -o pipefail

label=$1 limit=$2
shift 2
export PATH=$PATH:/usr/sbin:/sbin
touch /results/started

# Emulated, the start of a program with shared libraries takes 50 to 120 ms and that of jq 250, of a static one 20; the
# cases start thousands. They say /usr/bin/NAME where it must be the program itself.
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
    # A session of its own, so that what it leaves running can be found.
    timeout -k 5 "$limit" setsid -w env PATH="$quick:$PATH" bash "tests/vm/cases/$name.sh" \
        >"/results/$name.tap" 2>"/results/$name.err" </dev/null || status=$?
    [[ $status -ne 124 ]] || echo "# ended after $limit s" >>"/results/$name.err"
    # Everything but us, our parents and the kernel's own threads.
    for dir in /proc/[0-9]*; do
        pid=${dir#/proc/}
        [[ $pid -eq 1 || $pid -eq $$ || $pid -eq $PPID || ! -e $dir/exe ]] && continue
        # "cat" carries our output
        [[ $(cut -d' ' -f4 "$dir/stat" 2>/dev/null) == 1 && $(<"$dir/comm") == cat ]] && continue
        kill -KILL "$pid" 2>/dev/null
    done
    build/tests/vm/topo down >>"/results/$name.err" 2>&1
    # A warning of the kernel's is a failure of the case under which it came up.
    dmesg | tail -n "+$((last_dmesg + 1))" >"$TMP/dmesg"
    last_dmesg=$((last_dmesg + $(wc -l <"$TMP/dmesg")))
    if grep -qE 'WARNING:|BUG:|Oops|rcu.*(stall|detected)|refcount_t' "$TMP/dmesg"; then
        echo "not ok - the kernel logs no fault"
        sed 's/^/# /' "$TMP/dmesg" | head -n 40
    fi >>"/results/$name.tap"
    rm -rf "$TMP"
    echo "$((SECONDS - began))" >"/results/$name.seconds"
    echo "$status" >"/results/$name.status"
    printf '   %-7s %-28s %3d tests, %d not ok, %d s\n' "$label" "$name" \
        "$(grep -cE '^(not )?ok\b' "/results/$name.tap")" \
        "$(grep -cE '^not ok\b' "/results/$name.tap")" $((SECONDS - began)) >&2
done
