# SPDX-License-Identifier: GPL-2.0-only
# What zsh offers for a command line that is being typed, one a line:
#   zsh -f offers.zsh COMPLETION-FILE 'skbtrail tra'
# Completion runs in zsh's line editor only: in an interactive zsh with a terminal of its own, whose .zshrc is zsh/.zshrc.
OFFERS=$(mktemp -d) || exit 1
trap 'rm -rf "$OFFERS"' EXIT
export OFFERS COMPLETIONS=${1:A:h} LINE_TYPED=$2 ZDOTDIR=${0:A:h}/zsh TERM=dumb
script -qec 'zsh -d -i' /dev/null </dev/null >$OFFERS/screen
[[ -e $OFFERS/done ]] || { cat $OFFERS/screen >&2; exit 1 }
[[ ! -e $OFFERS/words ]] || cat $OFFERS/words
