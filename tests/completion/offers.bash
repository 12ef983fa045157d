# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Prints the words that bash offers for an unfinished command line, one per line:
#   bash offers.bash COMPLETION-FILE 'skbtrail tra'
# shellcheck source=/dev/null
. "$1" || exit 1
# For readline each = is a word, and a blank at the end begins an empty word.
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
# The function that was registered with "complete".
name=$(complete -p skbtrail | sed 's/.*-F \([^ ]*\).*/\1/')
"$name" skbtrail "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
