# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Writes TAP: one line per test, with "# " lines below a failure. Sourced by every test that is a shell script; tap.awk
# reads what they write. The script that sources this sets $TMP to an empty directory of its own.

TAP_FAILED=0

ok() { printf 'ok - %s\n' "$1"; }
not_ok() { # NAME [DIAGNOSTIC…]
    TAP_FAILED=1
    printf 'not ok - %s\n' "$1"
    shift
    [[ $# -eq 0 ]] || diag "$@"
}
skip() { printf 'ok - %s # SKIP %s\n' "$1" "$2"; } # NAME WHY
diag() { printf '%s\n' "$@" | sed 's/^/# /'; }

# is NAME WANTED GOT: the two strings are equal
is() {
    if [[ $2 == "$3" ]]; then
        ok "$1"
    else
        not_ok "$1" "wanted: $2" "got:    $3"
    fi
}

# check NAME COMMAND…: the command succeeds; its output is shown when it does not
check() {
    check_status 0 "$@"
}

# check_status STATUS NAME COMMAND…: the command ends with that status; its output stays in $TMP/out and $TMP/err for the
# tests that follow
check_status() {
    local wanted=$1 name=$2 got=0
    shift 2
    "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || got=$?
    if [[ $got -eq $wanted ]]; then
        ok "$name"
    else
        not_ok "$name" "exit status $got, wanted $wanted, of: $*"
        diag_file "$TMP/out"
        diag_file "$TMP/err"
    fi
}

# has NAME FILE REGEX, lacks NAME FILE REGEX: a line matches the extended regular expression, or none does
has() {
    if grep -qE -e "$3" "$2"; then
        ok "$1"
    else
        not_ok "$1" "no line matches: $3"
        diag_file "$2"
    fi
}
lacks() {
    if grep -qE -e "$3" "$2"; then
        not_ok "$1" "a line matches: $3" "$(grep -m3 -E -e "$3" "$2")"
    else
        ok "$1"
    fi
}

diag_file() { # FILE: its last lines as diagnostics
    [[ ! -s $1 ]] || diag "--- ${1##*/}, last lines" "$(tail -n 20 "$1")"
}

# The last line of a script that tests.
finish() { exit "$TAP_FAILED"; }
