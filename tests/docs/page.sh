#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the commands of a Markdown page and compares their output with the page:
#   tests/docs/page.sh [--figures-differ|--print] PAGE.md
# In a block that begins with ```console, "$ " begins a command, and its output follows. A line "…" stands for any number
# of lines (see console.awk); a command without output is not compared. All commands of a page run in one shell, in an
# empty directory with links to examples/, docs/ and build/, with this build's skbtrail. If a page starts a trace or check
# in the background, the next command runs when it is ready; its output is compared at the command that ends with "wait".
# Prints a TAP line for each command that is compared or started in the background. With --print prints the commands and
# their output, for whoever writes a page.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

ARM_LIMIT=180 # seconds
FIGURES=0 PRINT=''
[[ ${1-} != --figures-differ ]] || { FIGURES=1 && shift; }
[[ ${1-} != --print ]] || { PRINT=1 && shift; }
PAGE=$PWD/$1
CONSOLE=$PWD/tests/docs/console.awk
STEPS=$(mktemp -d) # the commands, the output in the page, and the real output
WORK=$(mktemp -d)
TMP=$STEPS
# shellcheck source=tests/run/tap.sh
. tests/run/tap.sh
# shellcheck source=scripts/wait.sh
. scripts/wait.sh
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$STEPS" "$WORK"' EXIT
mkdir "$STEPS/bin"
ln -s "$PWD/build/skbtrail" "$STEPS/bin/skbtrail"
ln -s "$PWD/examples" "$PWD/docs" "$PWD/build" "$WORK/"
export PATH=$STEPS/bin:$PATH NO_COLOR=1

# Writes N.command and N.wanted for each command.
awk -v dir="$STEPS" '
    /^ *```console$/ { within = 1; next }
    /^ *```$/ { within = 0; command = "" }
    !within { next }
    /^ *\$ / || continued {
        if (!continued) {
            command = dir "/" ++n ".command"
            printf "" >(dir "/" n ".wanted")
            sub(/^ *\$ /, "")
        }
        print >command
        continued = /\\$/
        next
    }
    !command { print "tests/docs/page.sh: output without a command: " $0 >"/dev/stderr"; exit 2 }
    { print >(dir "/" n ".wanted") }
' "$PAGE" || exit 2
[[ -e $STEPS/1.command ]] || { echo "not ok - $1: it has no command"; exit 1; }

ready_or_gone() { [[ -e $1 ]] || ! kill -0 "$2" 2>/dev/null; } # FILE PROCESS
# in_background N COMMAND: starts it; its output is compared at the command that waits for it
in_background() {
    local ready=$STEPS/$1.ready
    eval "${2% &} --ready-file $ready &" >>"$STEPS/background" 2>&1
    wait_for "$ARM_LIMIT" ready_or_gone "$ready" $!
    [[ -e $ready ]]
}

last=0
cd "$WORK" || exit 2
for ((i = 1; ; i++)); do
    [[ -e $STEPS/$i.command ]] || break
    command=$(<"$STEPS/$i.command")
    got=$STEPS/$i.got
    case $command in
    skbtrail*'&') in_background "$i" "$command" >"$got" 2>&1 && last=0 || last=$? ;;
    *wait)
        eval "$command" >>"$STEPS/background" 2>&1
        mv "$STEPS/background" "$got"
        ;;
    *)
        (exit "$last") # sets $?
        eval "$command" >"$got" 2>&1
        last=$?
        ;;
    esac
    if [[ $PRINT ]]; then
        printf '$ %s\n' "$command" && cat "$got"
        continue
    elif [[ $command == skbtrail*'&' ]]; then
        [[ $last -eq 0 ]] && why='' || why="not ready: $(cat "$STEPS/background")"
    elif [[ -s $STEPS/$i.wanted ]]; then
        why=$(awk -v figures="$FIGURES" -f "$CONSOLE" "$STEPS/$i.wanted" "$got")
    else
        continue
    fi
    if [[ -z $why ]]; then
        ok "${PAGE##*/}: $ ${command%%$'\n'*}"
    else
        not_ok "${PAGE##*/}: $ ${command%%$'\n'*}" "$why" '--- printed:' "$(tail -n 40 "$got")"
    fi
done
finish
