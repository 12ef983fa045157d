# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What bash offers for a command line that is being typed, one a line:
#   bash offers.bash COMPLETION-FILE 'skbtrail tra'
# shellcheck source=/dev/null
. "$1" || exit 1
# readline makes a word of each = and of a blank at the end an empty one.
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
# the function that "complete" was told of
name=$(complete -p skbtrail | sed 's/.*-F \([^ ]*\).*/\1/')
"$name" skbtrail "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
