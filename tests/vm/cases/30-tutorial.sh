#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every command in docs/tutorial.md prints what the page shows, on the kernel that it is written for.
# kernels: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

topo_up redirect-peer || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null # resolves the neighbours
exec tests/docs/page.sh --figures-differ docs/tutorial.md
