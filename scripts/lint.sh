#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs clang-tidy, clang-format and cppcheck over the C sources, shellcheck over the scripts, and looks for each file's
# licence:
#   ./run lint [--tap] [FILE...]
# With FILEs only what judges them is run. .clang-tidy, tests/unit/.clang-tidy and .cppcheck say which checks are off and
# why. A clean file is read again only when it, what it includes, or a setting has changed: the cache has a mark for it.
# Prints what was found, with --tap as the TAP that ./run test reads. Exit status 1 when something was found.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"
# shellcheck source=tests/run/tap.sh
. "$(dirname "$0")/../tests/run/tap.sh"

tap=''
[[ ${1-} != --tap ]] || { tap=1 && shift; }
cd "$ROOT"
install_missing clang-tidy clang-format cppcheck shellcheck
scripts/build.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=0

# check_all NAME COMMAND…: what the command finds is printed
check_all() {
    local name=$1
    shift
    [[ -n $tap ]] || step "$name"
    if "$@" >"$work/said" 2>&1; then
        [[ -z $tap ]] || ok "$name"
        return
    fi
    found=1
    if [[ -n $tap ]]; then
        not_ok "$name" "$(<"$work/said")"
    else
        cat "$work/said"
    fi
}

CLEAN=$CACHE/lint # has an empty file for each key of a clean file
mkdir -p "$CLEAN"
find "$CLEAN" -type f -mtime +60 -delete
# with_keys FILE…: prints "KEY FILE" for each. The key changes with the file, with what it includes (by the compiler's
# own list), with clang-tidy and with its settings.
with_keys() {
    local settings headers file sums key
    settings=$(cat meson.build <(declare -f tidy) <(clang-tidy --version) | sha256sum)
    headers=$(git ls-files '*.h' | xargs cat | sha256sum) # for the fuzzers: build/ has no list of what they include
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

# Prints the files that clang-format would change. Each version formats a little differently, so only this one judges.
FORMAT_VERSION=14
formatted() {
    local format=clang-format-$FORMAT_VERSION settings sum file key
    have "$format" || { echo "no $format: not checked" && return 0; }
    settings=$(sha256sum <.clang-format)
    sha256sum "$@" | while read -r sum file; do
        key=$CLEAN/format-$FORMAT_VERSION-${settings:0:16}-$sum
        [[ -e $key ]] || printf '%s\0%s\0' "$key" "$file"
    done | xargs -0 -r -P "$(nproc)" -n 2 sh -c \
        "$format"' --dry-run --Werror "$1" 2>/dev/null && : >"$0" || echo "$1"' | sort | { ! grep .; }
}

# cppcheck does not read the headers of the system, libbpf and Criterion: -D defines what it needs of them.
analyse() {
    mkdir -p "$CACHE/cppcheck"
    cppcheck --quiet --cppcheck-build-dir="$CACHE/cppcheck" -j "$(nproc)" --enable=warning,performance,portability \
        --std=c11 -I. -Isrc -D__GNUC__ '-DLIBBPF_OPTS(type,name,...)=struct type name = {__VA_ARGS__}' '-DSEC(name)=' \
        '-DTest(suite,name,...)=void suite##_##name(void)' '-DTestSuite(suite,...)=extern int suite##_suite' \
        '-Dcr_assert(condition,...)=if (!(condition)) exit(1)' \
        --inline-suppr --suppressions-list=<(grep -v '^#' .cppcheck) --suppress=missingIncludeSystem \
        --error-exitcode=1 src kallsyms tests
}

shellcheck_all() {
    local key
    key=$(cat "$@" <(shellcheck --version) | sha256sum)
    key=$CLEAN/shellcheck-${key%% *}
    [[ ! -e $key ]] || return 0
    printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -n 25 shellcheck --external-sources --severity=warning &&
        : >"$key"
}

# Lists files without a licence line, except those that REUSE.toml names and the licence itself.
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

# Lists the mutations of ./run mutate that change nothing any more.
mutations() {
    local file rule change failed=0
    while IFS='|' read -r file rule change; do
        ! cmp -s "$file" <(perl -0pe "$change" "$file") || { echo "$file: '$rule' matches nothing" && failed=1; }
    done < <(cat tests/mutations/* | grep -v '^#' | grep .)
    return "$failed"
}

# Only C sources, only scripts, or everything when no file is named.
sources=() shells=()
for file in "$@"; do
    [[ -f $file ]] || die "$file: no such file"
    case $file in
    *.[ch]) sources+=("$file") ;;
    *) shells+=("$file") ;;
    esac
done
if [[ $# -eq 0 ]]; then
    mapfile -t sources < <(git ls-files '*.c' '*.h' | grep -v '^tests/unit/data/')
    mapfile -t shells < <(git ls-files '*.sh' '*.bash' run '.ci/*' scripts/guest/init)
fi
if [[ ${#sources[@]} -gt 0 ]]; then
    # clang-tidy reads headers where sources include them. The BPF programs are compiled for another machine.
    mapfile -t files < <(printf '%s\n' "${sources[@]}" | grep '\.c$' | grep -vE '\.bpf\.c$' || true)
    check_all clang-tidy tidy "${files[@]}"
    check_all clang-format formatted "${sources[@]}"
    check_all cppcheck analyse
fi
[[ ${#shells[@]} -eq 0 ]] || check_all shellcheck shellcheck_all "${shells[@]}"
[[ $# -gt 0 ]] || check_all licences marked
[[ $# -gt 0 ]] || check_all mutations mutations
exit "$found"
