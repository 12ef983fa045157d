#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Rewrites the golden files from what the code renders now, and lists which changed:
#   tests/golden/update.sh [BUILD-DIR]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
build=${1:-$here/../../build}

for name in test-render-golden test-render-check test-render-path test-render-picture test-render-examples test-record-writer test-cmd-trace; do
    meson compile -C "$build" "$name"
    UPDATE=1 "$build/tests/unit/$name"
done
# .gitattributes keeps these files out of diffs.
git -C "$here" --no-pager diff --text --stat -- .
git -C "$here" status --short -- .
echo 'Read what changed: git diff --text tests/golden'
