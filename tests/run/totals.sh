#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints what failed at first (see tests/run/vm.sh), what failed, what was skipped, and the totals line, from the TAP
# files below REPORT-DIR:
#   tests/run/totals.sh REPORT-DIR
# ./run test and ./run arm64 end with it. Exit status 1 when a test failed or none ran.
set -eu -o pipefail

[[ ! -e $1/again ]] || cat "$1/again"
mapfile -t files < <(find "$1" -name '*.tap' | LC_ALL=C sort)
exec awk -v dir="$1/" -f "${BASH_SOURCE%/*}/tap.awk" "${files[@]}"
