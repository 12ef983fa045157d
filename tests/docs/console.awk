# SPDX-License-Identifier: GPL-2.0-only
# Compares a command's output with its page:
#   awk -v figures=0 -f console.awk WANTED GOT
# A wanted line "…" stands for any number of lines. Any number of blanks equals one blank. With figures=1 numbers, times
# and memory addresses may differ; words, names and IP addresses may not. Prints nothing if both agree. Otherwise prints
# the first missing line and what is there instead; exit status 1.

# Replaces numbers by N, except in names (lxc1) and IPv4 addresses.
function without_figures(s,    out, t, before, i, after) {
    while (match(s, /(0x[0-9a-f]+|[0-9]+(\.[0-9]+)*)/)) {
        before = RSTART > 1 ? substr(s, RSTART - 1, 1) : substr(out, length(out))
        t = substr(s, RSTART, RLENGTH)
        if (before !~ /[A-Za-z_]/ && t !~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/)
            t = "N"
        out = out substr(s, 1, RSTART - 1) t
        s = substr(s, RSTART + RLENGTH)
    }
    out = out s " "
    for (i = 1; i <= 4; i++) {
        after = substr(" ,;)", i, 1)
        gsub("N (ns|µs|ms|s)[" after "]", "N time" after, out)
    }
    return out
}

function plain(s) {
    gsub(/[ \t]+/, " ", s)
    sub(/ $/, "", s)
    return figures ? without_figures(s) : s
}

NR == FNR { wanted[++n_wanted] = $0; next }
{ got[++n_got] = $0 }

END {
    at = 1
    for (i = 1; i <= n_wanted; i++) {
        if (wanted[i] == "…") {
            skips = 1
            continue
        }
        first = at
        while (skips && at <= n_got && plain(got[at]) != plain(wanted[i]))
            at++
        if (at > n_got || plain(got[at]) != plain(wanted[i])) {
            print "wanted: " wanted[i]
            print skips ? "not found after line " first - 1 " of the output" : "got:    " (at > n_got ? "(the end)" : got[at])
            exit 1
        }
        at++
        skips = 0
    }
    if (!skips && n_wanted && at <= n_got) {
        print "the page ends here, but the output continues: " got[at]
        exit 1
    }
}
