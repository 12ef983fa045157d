# SPDX-License-Identifier: GPL-2.0-only
# For ../offers.zsh: completes LINE_TYPED as if a user had typed it, writes what is offered to OFFERS/words, and ends.
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit && compinit -u -D
whence _skbtrail >/dev/null || exit 1

# All that is offered goes through this builtin; what is asked only for an array is not offered yet.
compadd() {
    local -a found
    if (( ! ${@[(I)-[OAD]]} )); then
        builtin compadd -O found "$@"
        (( ! $#found )) || print -rl -- $found >>$OFFERS/words
    fi
    builtin compadd "$@"
}

zle-line-init() {
    BUFFER=$LINE_TYPED CURSOR=$#LINE_TYPED
    zle complete-word
    : >$OFFERS/done
    exit
}
zle -N zle-line-init
