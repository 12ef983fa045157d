# SPDX-License-Identifier: GPL-2.0-only
# Prints the words that fish offers for an unfinished command line, one per line:
#   fish --no-config offers.fish COMPLETION-FILE 'skbtrail tra'
source $argv[1]; or exit 1
complete -C $argv[2] | string replace -r '\t.*' '' | string replace -r '^[^ =]+=(?=.)' ''
exit 0
