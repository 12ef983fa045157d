#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Holds what --json prints without a guest against the schema, and the schema against nonsense. ./run test calls it; what
# only a traced kernel prints is held against it by tests/vm/cases/74-schema.sh.
set -u -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"

cd "$ROOT" || exit 1
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
skbtrail=build/skbtrail
valid() { tests/schema/validate.py "$TMP/schema.json" "$@"; }

check "the schema of every line" "$skbtrail" schema
cp "$TMP/out" "$TMP/schema.json"
check "is the file that is installed" cmp src/render/schema/schema.json "$TMP/schema.json"
check "the list of types" "$skbtrail" schema --list
mapfile -t types <"$TMP/out"
is "is that of the schema" "$(jq -r '."$defs".line.oneOf[]."$ref" | split("/")[-1]' "$TMP/schema.json" | xargs)" "${types[*]}"
for type in "${types[@]}"; do
    check "the schema of $type" "$skbtrail" schema "$type"
    is "differs only in what it is of" "#/\$defs/$type" \
        "$(jq -r --slurpfile whole "$TMP/schema.json" 'if del(."$ref") == ($whole[0] | del(."$ref")) then ."$ref" else "more" end' "$TMP/out")"
done
check_status 2 "no such type" "$skbtrail" schema nosuch
has "says which there are" "$TMP/err" '^skbtrail: nosuch: no type of a JSON line; there are event, .*, program$'

# shellcheck disable=SC2329 # called by check
lines() {
    cat tests/golden/*.jsonl
    for recording in examples/*.skbt; do
        "$skbtrail" report --json "$recording"
        "$skbtrail" report --json --path "$recording"
        "$skbtrail" report --json --summary "$recording"
        "$skbtrail" report --json --info "$recording"
    done 2>/dev/null
    "$skbtrail" diff --json examples/redirect-peer.skbt examples/policy-drop.skbt
    "$skbtrail" explain --json
    "$skbtrail" endpoints --json
    "$skbtrail" check same-node --json
    "$skbtrail" check same-node --json --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --read examples/redirect-peer.skbt
    "$skbtrail" check path --json --rules /nosuch
    printf 'packet 10.0.0.133 -> 10.0.0.67\n expect ip_rcv\n forbid ip_forward\n count icmp_rcv == 1\n' >"$TMP/path.rules"
    for recording in host-stack policy-drop; do
        "$skbtrail" check path --json --rules "$TMP/path.rules" --read "examples/$recording.skbt"
    done
} 2>>"$TMP/lines.err"
lines >"$TMP/lines.jsonl"
check "every line that is printed is as the schema says" valid "$TMP/lines.jsonl"
has "lines of most types were seen" "$TMP/out" \
    '^check:[0-9]+ diff:[0-9]+ (endpoint:[0-9]+ )?event:[0-9]+ explanation:[0-9]+ flow:[0-9]+ path:[0-9]+ recording:[0-9]+ summary:[0-9]+$'
is "a verdict of check path was among them" true "$(jq -s 'any(.rules and .verdict)' "$TMP/lines.jsonl")"

# Each line, broken in one way: a member taken away, one too many, a value of another type.
jq -c 'first(inputs | select(.type == "event" and .pkt))' "$TMP/lines.jsonl" >"$TMP/event"
for change in 'del(.tuple.arp_op)' 'del(.seq)' '.nosuch = 1' '.tuple.nosuch = 1' '.skb = 7' '.len = -1' '.type = "nosuch"' '.v = 2'; do
    jq -c "$change" "$TMP/event" >"$TMP/broken"
    check_status 1 "refused: $change" valid "$TMP/broken"
done
exit "$TAP_FAILED"
