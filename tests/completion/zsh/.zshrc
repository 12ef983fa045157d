# SPDX-License-Identifier: GPL-2.0-only
# For ../offers.zsh: completes LINE_TYPED as if a user had typed it, writes the offered words to OFFERS/words, and exits.
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit && compinit -u -D
whence _skbtrail >/dev/null || exit 1

# zsh calls this builtin with all words that it offers. A call that only fills an array offers nothing.
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
