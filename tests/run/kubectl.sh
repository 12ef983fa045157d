#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kubectl plugin, beside a kubectl that has a directory for a cluster: pods are files, and what is executed in one is
# executed here. ./run test calls it. No real cluster is tried.
set -u -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"
# shellcheck source=scripts/wait.sh
. "${BASH_SOURCE%/*}/../../scripts/wait.sh"

cd "$ROOT" || exit 1
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
mkdir "$TMP/tmp"
export TMPDIR=$TMP/tmp CLUSTER=$TMP/cluster SKBTRAIL=$ROOT/build/skbtrail EXAMPLES=$ROOT/examples TMP
PLUGIN=packaging/kubectl-skbtrail
mkdir -p "$CLUSTER/pods" "$CLUSTER/root/tmp" "$TMP/bin" "$TMP/there"
echo worker-1 >"$CLUSTER/pods/default.client"
echo worker-1 >"$CLUSTER/pods/default.server"
echo worker-2 >"$CLUSTER/pods/default.far"
: >"$CLUSTER/pods/default.pending"

# What was created is in "running"; every call is in "calls".
cat >"$TMP/bin/kubectl" <<'END'
#!/bin/bash
echo "$*" >>"$CLUSTER/calls"
while [[ $1 == --context || $1 == --namespace ]]; do shift 2; done
case $1 in
get)
    [[ $2 == pod && $3 == --namespace ]] || exit 0 # why a pod is not ready
    cat "$CLUSTER/pods/$4.$5" ;;
create)
    cat >"$CLUSTER/manifest"
    sed -n 's/^  name: //p' "$CLUSTER/manifest" >"$CLUSTER/running" ;;
wait) [[ ! -e $CLUSTER/never-ready ]] ;;
delete)
    [[ $3 == "$(cat "$CLUSTER/running")" ]] || exit 1
    rm "$CLUSTER/running" ;;
exec)
    shift
    [[ $1 != -i ]] || shift
    [[ $1 == "$(cat "$CLUSTER/running")" && $2 == -- ]] || exit 1
    shift 2
    PATH=$TMP/there:$PATH exec env --default-signal=INT "${@//\/tmp\/skbtrail/$CLUSTER/root/tmp/skbtrail}" ;;
*) exit 99 ;;
esac
END
# The skbtrail of the debug pod: judges a recording, or waits until it is told to end.
cat >"$TMP/there/skbtrail" <<'END'
#!/bin/bash
printf '%s\n' "$@" >"$CLUSTER/arguments"
if [[ $1 == trace ]]; then
    sleep infinity &
    trap 'kill $!; echo the last lines; exit 0' INT
    touch "$CLUSTER/began"
    wait
elif [[ "$1 $2" == 'check same-node' ]]; then
    junit=()
    for ((i = 1; i < $#; i++)); do [[ ${!i} != --junit ]] || { j=$((i + 1)) && junit=(--junit "${!j}"); }; done
    exec "$SKBTRAIL" check same-node --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --read "$EXAMPLES/$JUDGED.skbt" "${junit[@]}"
fi
exec "$SKBTRAIL" "$@"
END
chmod +x "$TMP/bin/kubectl" "$TMP/there/skbtrail"
export PATH=$TMP/bin:$PATH
nothing_runs() { is "$1: no debug pod is left" no "$([[ -e $CLUSTER/running ]] && echo yes || echo no)"; }

for example in redirect-peer:0:PASS host-stack:1:FAIL policy-drop:3:INCONCLUSIVE; do
    IFS=: read -r judged status verdict <<<"$example"
    rm -f "$TMP/here.xml"
    JUDGED=$judged check_status "$status" "check same-node, $verdict" \
        "$PLUGIN" --image registry/skbtrail:1 check same-node default/client default/server --ping=5 --junit "$TMP/here.xml"
    is "$verdict is shown" "$verdict" "$(head -n1 "$TMP/out")"
    has "the JUnit report is here, $verdict" "$TMP/here.xml" '<testsuite'
    nothing_runs "$verdict"
done
is "the words that skbtrail gets" "check same-node --src-ip default/client --dst-ip default/server --ping=5 --junit" \
    "$(head -n8 "$CLUSTER/arguments" | xargs)"
has "the pod is on the node of the two" "$CLUSTER/manifest" '^  nodeName: worker-1$'
has "the pod has the image" "$CLUSTER/manifest" '^      image: registry/skbtrail:1$'
has "it has a name of its own" "$CLUSTER/manifest" '^  name: skbtrail-[0-9a-f]{8}$'

printf 'packet 10.0.0.133 -> 10.0.0.67\n expect ip_rcv\n' >"$TMP/a.rules"
check "files are sent, a file is brought" "$PLUGIN" --node worker-3 check path --rules="$TMP/a.rules" --read examples/redirect-peer.skbt \
    --junit="$TMP/path.xml"
has "the report of check path" "$TMP/path.xml" '<testsuite'
has "--node is the node" "$CLUSTER/manifest" '^  nodeName: worker-3$'
nothing_runs "check path"

: >"$CLUSTER/calls"
check_status 2 "pods on two nodes" "$PLUGIN" check same-node --src-ip default/client --dst-ip default/far
has "are named with their nodes" "$TMP/err" 'default/client is on worker-1, default/far on worker-2'
check_status 2 "no such pod" "$PLUGIN" check same-node default/nosuch default/server
has "is named" "$TMP/err" '^kubectl-skbtrail: default/nosuch: no such pod$'
check_status 2 "a pod that is on no node yet" "$PLUGIN" trace --filter-pod=default/pending
check_status 2 "no node is named" "$PLUGIN" trace --filter-ip 10.0.0.0/24
has "says what to name" "$TMP/err" '^kubectl-skbtrail: which node\? '
check_status 2 "a file that is not there" "$PLUGIN" --node worker-1 check path --rules /nosuch
check_status 2 "an option of skbtrail before its command" "$PLUGIN" --filter-ip 10.0.0.1 trace
check_status 2 "no command" "$PLUGIN" --node worker-1
lacks "none of these creates a pod" "$CLUSTER/calls" create

touch "$CLUSTER/never-ready"
check_status 2 "a pod that does not get ready" "$PLUGIN" --node worker-1 --timeout=5s doctor
has "is said with the node and the time" "$TMP/err" 'the debug pod is not ready on worker-1 within 5s$'
nothing_runs "never ready"
rm "$CLUSTER/never-ready"

# Ctrl-C: the whole foreground group gets the signal. SIGTERM: the plugin alone. skbtrail gets what the plugin sends.
began() { [[ -e $CLUSTER/began ]]; }
for signal in INT TERM; do
    rm -f "$CLUSTER/began"
    setsid env --default-signal=INT "$PLUGIN" trace --filter-pod default/server --path >"$TMP/trace.out" 2>&1 </dev/null &
    child=$!
    wait_for 60 began || not_ok "SIG$signal: the trace began"
    target=$child
    [[ $signal == TERM ]] || target=-$child
    kill -s "$signal" -- "$target"
    gone() { ! kill -0 "$child" 2>/dev/null; }
    wait_for 60 gone || kill -s KILL -- "-$child"
    status=0
    wait "$child" || status=$?
    is "SIG$signal: the trace ends well, with its last lines" "0 the last lines" "$status $(cat "$TMP/trace.out")"
    nothing_runs "SIG$signal"
done
check "an option of kubectl is passed on" "$PLUGIN" --context other -n tools --node worker-1 explain no-traffic
has "to each call" "$CLUSTER/calls" '^--context other --namespace tools create '
is "no temporary directory is left" '' "$(ls "$TMP/tmp")"
exit "$TAP_FAILED"
