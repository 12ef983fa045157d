#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy and cppcheck over the sources, shellcheck over the scripts, and an
# SPDX line in every file that can hold one:
#   ./run lint [FILE.c...]
# What is off is said, with the reason, in .clang-tidy and .cppcheck. Exit status 1
# when something was found.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
missing=()
for tool in clang-tidy cppcheck shellcheck; do
    have "$tool" || missing+=("$tool")
done
[[ ${#missing[@]} -eq 0 ]] || die "not installed: ${missing[*]} (Debian packages of these names)"
scripts/build.sh

files=("$@")
if [[ ${#files[@]} -eq 0 ]]; then
    # The programs for the kernel are compiled for another machine, with warnings as errors.
    mapfile -t files < <(git ls-files 'src/*.c' 'kallsyms/*.c' 'tests/vm/topo/*.c' | grep -v '\.bpf\.c$')
fi
found=0
log=build/lint.log

step "clang-tidy: ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 6 clang-tidy -p build --quiet >"$log" 2>/dev/null || found=1
grep -E '(error|warning): ' "$log" | sort -u || true

step "cppcheck"
cppcheck --quiet --enable=warning,performance,portability --std=c11 -I. -Isrc -D__GNUC__ '-DLIBBPF_OPTS(type,name,...)=struct type name = {__VA_ARGS__}' \
    --inline-suppr --suppressions-list=<(grep -v '^#' .cppcheck) --suppress=missingIncludeSystem \
    --error-exitcode=1 src kallsyms || found=1

step "shellcheck"
mapfile -t scripts < <(git ls-files '*.sh' run '.ci/*' scripts/guest-init)
shellcheck --external-sources --severity=warning "${scripts[@]}" || found=1

step "SPDX"
# Examples, golden files, corpora and the like are data.
unmarked=$(git ls-files '*.c' '*.h' '*.sh' '*.awk' 'man/*' 'meson.build' '*/meson.build' meson_options.txt run .ci/run |
    xargs grep -L 'SPDX-License-Identifier: GPL-2.0-only' || true)
if [[ -n $unmarked ]]; then
    found=1
    # shellcheck disable=SC2086 # names without blanks
    printf '%s: no SPDX-License-Identifier: GPL-2.0-only\n' $unmarked
fi
step "done"
exit "$found"
