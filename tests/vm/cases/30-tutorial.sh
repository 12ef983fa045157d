#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# docs/tutorial.md on the kernel that it is about: every command, and what it prints.
# kernels: 6.12
set -u
# shellcheck source=tests/vm/tap.sh
. "${BASH_SOURCE%/*}/../tap.sh"

topo_up redirect-peer || finish
in_pod1 ping -n -c1 -W5 "$POD2_V4" >/dev/null # neighbours are known
exec tests/docs/page.sh --figures-differ docs/tutorial.md
