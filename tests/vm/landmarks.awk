# SPDX-License-Identifier: GPL-2.0-only
# Tests the legs of many pings in one process, because starting processes takes most of
# the time in an emulated guest:
#   awk -f landmarks.awk TABLES LEGS FLAT
# TABLES: "MODE want NETNS IFACE FUNCS", "MODE never REGEX", "MODE passes N", from
# landmarks.sh. LEGS: "MARK LEG MODE NAME", the legs to test; MODE "-" means that there
# must be no such leg. FLAT: a flattened trace. Prints TAP; exit status 1 if a test failed.

function say(good, name, why) {
    print (good ? "ok - " : "not ok - ") name
    if (!good) {
        print "# " why
        failed = 1
    }
}

FILENAME == ARGV[1] && $2 == "want" { want[$1, wants[$1]++] = $3 " " $4 " " $5; next }
FILENAME == ARGV[1] && $2 == "never" { m = $1; sub(/^[^ ]* never /, ""); never[m] = $0; next }
FILENAME == ARGV[1] { passes[$1] = $3; next }
FILENAME == ARGV[2] {
    key = $1 " " $2
    order[legs++] = key
    mode[key] = $3
    $1 = $2 = $3 = ""
    sub(/^ */, "")
    name[key] = $0
    next
}
{
    key = $1 " " $2
    if (!(key in mode))
        next
    lines[key]++
    m = mode[key]
    place = $5 " " $6 " " $7
    if (never[m] != "" && place ~ never[m] && !(key in broken))
        broken[key] = place
    if ($7 == "enqueue_to_backlog")
        passed[key]++
    # Only until it has arrived: the receiver's socket takes a clone, and a trace of few
    # functions sees nothing of it but its end.
    if (!(key in arrived) && !((key, $3) in packet)) {
        packet[key, $3] = 1
        packets[key]++
    }
    if ($7 ~ /^icmp(v6)?_rcv$/)
        arrived[key] = 1
    if (found[key] < wants[m]) {
        split(want[m, found[key] + 0], w, " ")
        sub(/\.(constprop|isra|part)\.[0-9]+$/, "", $7)
        if ($5 == w[1] && $6 == w[2] && index("|" w[3] "|", "|" $7 "|"))
            found[key]++
    }
}
END {
    for (i = 0; i < legs; i++) {
        key = order[i]
        m = mode[key]
        if (m == "-") {
            say(!lines[key], name[key] ": does not exist", lines[key] " events")
            continue
        }
        say(found[key] == wants[m] && wants[m] > 0, name[key] ": all functions in their order",
            "missing: " want[m, found[key] + 0])
        say(!(key in broken), name[key] ": no function that it must not pass through", broken[key])
        say(passed[key] == passes[m], name[key] ": passes through a backlog",
            "wanted " passes[m] ", got " passed[key] + 0)
        say(packets[key] == 1, name[key] ": one packet all the way", packets[key] + 0 " packets")
    }
    exit failed
}
