# SPDX-License-Identifier: GPL-2.0-only
# The one reader of TAP. Prints what failed with its diagnostics, what was skipped, and as the last line
# "N passed, N failed" or "N passed, N failed, N skipped":
#   awk -v dir=REPORT-DIR/ -f tests/run/tap.awk FILE.tap…
# A test's name begins with its file's path below DIR. Two files beside NAME.tap are read where they exist:
# NAME.status is the exit status of what wrote the TAP, NAME.err its standard error, which is shown below a failure. A
# file without a result is a failure, and so is an exit status that no "not ok" explains. Exit status 1 when a test
# failed or none passed. With -v brief=1 it only prints "N tests, N not ok".

function say(line) {
    if (!brief)
        print line
}

function fail(what) {
    say("FAILED: " what)
    failed++
    failed_here++
}

function read_line(line) {
    if (line ~ /^(not )?ok/) {
        results++
        in_failure = line ~ /^not/
        sub(/^(not )?ok *[0-9]* *-? */, "", line)
        sub(/ *\([0-9.]+s\) *$/, "", line)
        last = line
        sub(/ *# .*/, "", last)
        if (in_failure) {
            fail(name "/" line)
        } else if (match(line, / *# *[Ss][Kk][Ii][Pp]:? */)) {
            skips[skipped++] = name "/" substr(line, 1, RSTART - 1) ": " substr(line, RSTART + RLENGTH)
        } else {
            passed++
        }
    } else if (line ~ /^Bail out!/) {
        results++
        sub(/^Bail out! */, "", line)
        fail(name ": " line (last == "" ? "" : " (after: " last ")"))
    } else if (in_failure && line ~ /^(#|[ \t])/) {
        # Criterion writes YAML below a failure, shell scripts write "# " lines.
        sub(/^# ?/, "", line)
        if (line !~ /^ *(---|\.\.\.|assertions: .*|failures:)$/)
            say("  " line)
    }
}

# A sanitizer's report from its first line, anything else up to its last.
function show_errors(file,    n, i, from, lines) {
    while ((getline lines[n + 1] < file) > 0) {
        n++
        if (!from && lines[n] ~ /ERROR: [A-Za-z]*Sanitizer|: runtime error: /)
            from = n
    }
    close(file)
    if (!from)
        from = n > 30 ? n - 29 : 1
    for (i = from; i <= n && i < from + 30; i++)
        say("  | " lines[i])
}

function read_file(file,    base, line, status) {
    base = file
    sub(/\.tap$/, "", base)
    name = substr(base, length(dir) + 1)
    last = ""
    results = failed_here = in_failure = 0
    while ((getline line < file) > 0)
        read_line(line)
    close(file)
    status = 0
    if ((getline line < (base ".status")) > 0)
        status = line
    close(base ".status")
    if (!results)
        fail(name ": gave no result, exit status " status)
    else if (status != 0 && !failed_here)
        fail(name ": ended with exit status " status " and no failed test")
    if (failed_here && !brief)
        show_errors(base ".err")
}

BEGIN {
    for (i = 1; i < ARGC; i++)
        read_file(ARGV[i])
    if (brief) {
        printf "%d tests, %d not ok\n", passed + failed + skipped, failed
    } else {
        for (i = 0; i < skipped; i++)
            print "skipped: " skips[i]
        printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
    }
    exit failed || !passed
}
