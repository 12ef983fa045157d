# SPDX-License-Identifier: GPL-2.0-only
# What fish offers for a command line that is being typed, one a line:
#   fish --no-config offers.fish COMPLETION-FILE 'skbtrail tra'
source $argv[1]; or exit 1
complete -C $argv[2] | string replace -r '\t.*' '' | string replace -r '^[^ =]+=(?=.)' ''
exit 0
