#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In a guest: runs the adversary with these arguments, and with a copy of skbtrail that starts sooner than one from the
# host's file system.
set -eu
cp build/skbtrail build/tests/vm/adversary /run/
exec /run/adversary --skbtrail /run/skbtrail "$@"
