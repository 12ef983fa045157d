#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy and cppcheck over the sources and tests, shellcheck over the scripts, and
# each file's licence:
#   ./run lint [--report REPORT-DIR] [FILE.c...]
# What is off is said, with the reason, in .clang-tidy, tests/unit/.clang-tidy and
# .cppcheck. What was clean
# is not read again before it, what it includes, or a setting changes: that is kept
# below the cache. With --report it leaves lines for ./run test
# in REPORT-DIR/lint.lines; otherwise exit status 1 says that something was found.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

report=''
if [[ ${1-} == --report ]]; then
    report=$(readlink -f "$2")
    shift 2
fi
cd "$ROOT"
install_missing clang-tidy cppcheck shellcheck
scripts/build.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=0

# check NAME COMMAND…: a line of the report, and what was found on standard output
check() {
    local name=$1
    shift
    [[ -n $report ]] || step "$name"
    if "$@" >"$work/said" 2>&1; then
        echo "pass lint/$name" >>"$work/lines"
        return
    fi
    found=1
    if [[ -z $report ]]; then cat "$work/said"; fi
    { echo "fail lint/$name" && sed 's/^/  | /' "$work/said"; } >>"$work/lines"
}

CLEAN=$CACHE/lint # an empty file for what was clean, by its key
mkdir -p "$CLEAN"
find "$CLEAN" -type f -mtime +60 -delete
# with_keys FILE…: "KEY FILE": of its text and all that it includes, as the compiler read them, and of what reads it
with_keys() {
    local settings headers file sums key
    settings=$(cat meson.build <(declare -f tidy) <(clang-tidy --version) | sha256sum)
    headers=$(git ls-files '*.h' | xargs cat | sha256sum) # for the fuzzers, which build/ has not
    ninja -C build -t deps | awk '/^[^ ]/ { source = ""; next }
        NF { if (!source) source = $1; print source "\t" $1 }' | sort -u >"$work/includes"
    (cd build && cut -f 2 "$work/includes" | sort -u | xargs sha256sum) >"$work/sums"
    awk 'NR == FNR { sum[$2] = $1; next }
        { of[$1] = of[$1] " " sum[$2] }
        END { for (source in of) { name = source; sub(/^\.\.\//, "", name); print name of[source] } }' \
        "$work/sums" "$work/includes" >"$work/of"
    declare -A sums_of=()
    while read -r file sums; do
        sums_of[$file]=$sums
    done <"$work/of"
    for file in "$@"; do
        key=$(cat .clang-tidy "${file%/*}/.clang-tidy" 2>/dev/null | sha256sum || true)
        key=$(sha256sum <<<"$file ${sums_of[$file]-$(sha256sum "$file") $headers} $settings $key")
        printf '%s %s\n' "${key%% *}" "$file"
    done
}

tidy() {
    local key file
    with_keys "$@" | while read -r key file; do
        [[ -e $CLEAN/$key ]] || printf '%s\0%s\0' "$key" "$file"
    done >"$work/changed"
    # shellcheck disable=SC2016 # expanded inside
    xargs -0 -r -P "$(nproc)" -n 2 sh -c \
        'clang-tidy -p build --quiet "$2" 2>/dev/null || exit 1; : >"$0/$1"' "$CLEAN" <"$work/changed" |
        { grep -E '(error|warning): ' || true; } | sort -u
}

# The headers of the system, libbpf and Criterion are not read: what they declare is told by -D, or not needed.
analyse() {
    mkdir -p "$CACHE/cppcheck"
    cppcheck --quiet --cppcheck-build-dir="$CACHE/cppcheck" -j "$(nproc)" --enable=warning,performance,portability \
        --std=c11 -I. -Isrc -D__GNUC__ '-DLIBBPF_OPTS(type,name,...)=struct type name = {__VA_ARGS__}' '-DSEC(name)=' \
        '-DTest(suite,name,...)=void suite##_##name(void)' '-DTestSuite(suite,...)=extern int suite##_suite' \
        '-Dcr_assert(condition,...)=if (!(condition)) exit(1)' \
        --inline-suppr --suppressions-list=<(grep -v '^#' .cppcheck) --suppress=missingIncludeSystem \
        --error-exitcode=1 src kallsyms tests
}

shells() {
    local scripts key
    mapfile -t scripts < <(git ls-files '*.sh' '*.bash' run '.ci/*' scripts/guest-init)
    key=$(cat "${scripts[@]}" <(shellcheck --version) | sha256sum)
    key=$CLEAN/shellcheck-${key%% *}
    [[ ! -e $key ]] || return 0
    printf '%s\0' "${scripts[@]}" | xargs -0 -P "$(nproc)" -n 25 shellcheck --external-sources --severity=warning &&
        : >"$key"
}

# Each file has its line, but for those whose licence REUSE.toml tells, and the licence itself.
marked() {
    local pattern others=(':(exclude)COPYING') unmarked failed=0
    while read -r pattern; do
        others+=(":(exclude,glob)$pattern")
        [[ -n $(git ls-files ":(glob)$pattern") ]] || { echo "REUSE.toml: $pattern: no such file" && failed=1; }
    done < <(sed -n 's/^    "\(.*\)",$/\1/p' REUSE.toml)
    unmarked=$(git ls-files . "${others[@]}" | xargs grep -L 'SPDX-License-Identifier: GPL-2.0-only' || true)
    [[ -z $unmarked ]] || { echo "$unmarked" && failed=1; }
    return "$failed"
}

files=("$@")
if [[ ${#files[@]} -eq 0 ]]; then
    # The programs for the kernel are compiled for another machine, with warnings as errors; tests/unit/data is data.
    mapfile -t files < <(git ls-files 'src/*.c' 'kallsyms/*.c' 'tests/*.c' | grep -vE '\.bpf\.c$|^tests/unit/data/')
fi
check clang-tidy tidy "${files[@]}"
check cppcheck analyse
check shellcheck shells
check licences marked
if [[ -n $report ]]; then
    mv "$work/lines" "$report/lint.lines"
    exit 0
fi
exit "$found"
