#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# update.sh [BUILD-DIR]: rewrites the golden files from what the code renders now, and shows what changed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
build=${1:-$here/../../build}

for name in test-render-golden test-render-check test-render-path test-render-picture test-render-examples test-record-writer; do
    meson compile -C "$build" "$name"
    UPDATE=1 "$build/tests/unit/$name"
done
git -C "$here" --no-pager diff --stat -- .
git -C "$here" status --short -- .
