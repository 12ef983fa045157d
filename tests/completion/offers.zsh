# SPDX-License-Identifier: GPL-2.0-only
# Prints the words that zsh offers for an unfinished command line, one per line:
#   zsh -f offers.zsh COMPLETION-FILE 'skbtrail tra'
# Completion needs zsh's line editor, so this starts an interactive zsh on a terminal of its own, with zsh/.zshrc.
OFFERS=$(mktemp -d) || exit 1
trap 'rm -rf "$OFFERS"' EXIT
export OFFERS COMPLETIONS=${1:A:h} LINE_TYPED=$2 ZDOTDIR=${0:A:h}/zsh TERM=dumb
script -qec 'zsh -d -i' /dev/null </dev/null >$OFFERS/screen
[[ -e $OFFERS/done ]] || { cat $OFFERS/screen >&2; exit 1 }
[[ ! -e $OFFERS/words ]] || cat $OFFERS/words
