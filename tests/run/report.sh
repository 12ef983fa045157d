#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What commands say and keep that need no kernel: reports with filters, losses, files of a refused command, a pipe that
# stays open. ./run test calls it.
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
SKBTRAIL=build/skbtrail
WHOLE=examples/redirect-peer.skbt LOSSY=examples/reasons/ring-too-small.skbt
PAIR=(--src-ip 10.0.0.133 --dst-ip 10.0.0.67)

# Events that a filter leaves out still tell what became of a packet.
check "report of frees only" "$SKBTRAIL" report --drops --filter-func kfree_skb "$WHOLE"
has "a filter makes no drop of a packet that was delivered" "$TMP/err" 'no packet died'
check "report --path of frees only" "$SKBTRAIL" report --profile drops "$WHOLE"
lacks "nor a path that ends so" "$TMP/out" DROPPED
has "it says that steps are hidden" "$TMP/err" '^skbtrail: --filter-func hides steps of packets'
check "report --path without a filter" "$SKBTRAIL" report --path "$WHOLE"
lacks "without a filter none are" "$TMP/err" hides
check "report --info --drops" "$SKBTRAIL" report --info --drops examples/policy-drop.skbt
lacks "of what is not shown nothing is said" "$TMP/err" 'no packet died'

# Losses.
check_status 1 "diff" "$SKBTRAIL" diff "$WHOLE" "$LOSSY"
has "diff says what was lost" "$TMP/err" "^skbtrail: $LOSSY: [0-9]+ events were lost"
lacks "of that recording only" "$TMP/err" "$WHOLE:"
{ cat "$WHOLE" && head -c 100 "$WHOLE"; } >"$TMP/cut.skbt"
check_status 2 "report of a recording behind which another one is cut off" "$SKBTRAIL" report --json "$TMP/cut.skbt"
lacks "no sum of losses is given" "$TMP/out" '"type":"summary"'

# A command that is refused leaves older files as they are.
echo old >"$TMP/old"
for option in --html --svg --pcapng --output-file; do
    check_status 2 "report $option of no recording" "$SKBTRAIL" report "$option" "$TMP/old" "$TMP/none"
    is "the file of $option is as it was" old "$(<"$TMP/old")"
done
check_status 2 "record with a wrong filter" "$SKBTRAIL" record -w "$TMP/old" --filter-netns "no such"
is "the file of --write is as it was" old "$(<"$TMP/old")"
check "report --html" "$SKBTRAIL" report --html "$TMP/old" "$WHOLE"
has "a file is replaced as a whole" "$TMP/old" '^<!doctype html>|^<!DOCTYPE html>'
lacks "nothing of the older one is left" "$TMP/old" '^old'
check "report --pcapng of no event" "$SKBTRAIL" report --pcapng "$TMP/none.pcapng" --filter-ip 9.9.9.9 "$WHOLE"
check "tshark reads a capture without packets" tshark -r "$TMP/none.pcapng"

# A check's report is that of its own end.
check "a check with a report" "$SKBTRAIL" check same-node "${PAIR[@]}" --read "$WHOLE" --junit "$TMP/junit"
lacks "it passes" "$TMP/junit" '<(error|failure)'
check_status 2 "a mistake before --junit" "$SKBTRAIL" check same-node "${PAIR[@]}" --expct x --json --junit "$TMP/junit"
has "the report has an error" "$TMP/junit" '<error'
has "the output has no verdict" "$TMP/out" '"verdict":null'
check_status 2 "a report that cannot be written" \
    "$SKBTRAIL" check same-node "${PAIR[@]}" --read "$WHOLE" --json --junit "$TMP/none/junit"
is "one object, without a verdict" '1 null' "$(wc -l <"$TMP/out") $(gojq .verdict "$TMP/out")"
printf 'packet 10.0.0.133 -> 10.0.0.67 icmp\n  expect ip_rcv\n' >"$TMP/rules"
check "a rule holds" "$SKBTRAIL" check path --rules "$TMP/rules" --read "$WHOLE"
check_status 3 "fewer packets than were asked for" "$SKBTRAIL" check path --rules "$TMP/rules" --read "$WHOLE" --packets 2
has "it says so" "$TMP/out" '^not-judged: .*--packets asks for 2'

# What a pipe has brought is shown although more may come.
mkfifo "$TMP/pipe"
"$SKBTRAIL" report - <"$TMP/pipe" >"$TMP/shown" 2>/dev/null &
reader=$!
exec 9>"$TMP/pipe"
cat "$WHOLE" >&9
shown_all() { [[ $(wc -l <"$TMP/shown") -ge 133 ]]; }
check "events are shown while the pipe is open" wait_for 60 shown_all
exec 9>&-
wait "$reader"
finish
