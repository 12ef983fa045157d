#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Says what the lines that tests left come to; ./run test and ./run arm64 end with it:
#   scripts/totals.sh REPORT-DIR
# What failed with what it said, what was skipped and why, and as the last line
# "N passed, N failed" or "N passed, N failed, N skipped". Exit status 1 when a test
# failed or none ran.
set -eu -o pipefail

report=$1
shopt -s nullglob
lines=("$report"/*.lines)
[[ ${#lines[@]} -gt 0 ]] || lines=(/dev/null)
cat "${lines[@]}" >"$report/all"
# Failures with what they said; then what was skipped, each reason once per kernel.
awk '/^(pass|skip) / { show = 0; next }
     /^fail / { show = 1; sub(/^fail /, "FAILED: "); print; next }
     show' "$report/all"
sed -n 's/^skip /skipped: /p' "$report/all"
count() { grep -c "^$1 " "$report/all" || true; }
passed=$(count pass) failed=$(count fail) skipped=$(count skip)
summary="$passed passed, $failed failed"
[[ $skipped -eq 0 ]] || summary+=", $skipped skipped"
echo "$summary"
[[ $failed -eq 0 && $passed -gt 0 ]]
