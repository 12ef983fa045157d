#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests that ./run demo shows what it promises; ./run test calls it:
#   tests/run/demo.sh
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"

LIMIT=180 # seconds for the whole demo

TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

check "ends with 0 within $LIMIT s" timeout -k 10 "$LIMIT" "$ROOT/scripts/demo.sh"
shown() { has "shows $1" "$TMP/out" "$2"; } # WHAT REGEX
shown "the trace's header" '^SKB +CPU +PROCESS +NETNS +IFACE +LEN +TUPLE +FUNC$'
shown "the request arriving in pod2" ' pod2 +eth0:[0-9]+ .* 10\.0\.0\.133:0->10\.0\.0\.67:0\(icmp\) +icmp_rcv$'
shown "the verdict on redirect-peer" '^PASS$'
shown "the verdict on host-stack" '^FAIL$'
shown "the destination's host veth, which no request crossed" '^dst-host +lxc2.* not seen +seen 1 '
finish
