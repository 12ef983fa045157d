# SPDX-License-Identifier: GPL-2.0-only
# Reads one TAP file and writes what ./run test counts and shows:
#   awk -f scripts/tap.awk -v prefix=P -v status=N FILE
# "pass NAME", "fail NAME" with its diagnostics below it ("  …" lines), or
# "skip NAME: WHY". A file without a result, and an exit status that no "not ok"
# explains, are failures themselves.

function emit_name(line) {
    sub(/^(not )?ok *[0-9]* *-? */, "", line)
    sub(/ *\([0-9.]+s\) *$/, "", line)
    return prefix ": " line
}

/^not ok/ {
    print "fail " emit_name($0)
    failed++
    results++
    in_failure = 1
    next
}
/^ok/ {
    results++
    in_failure = 0
    if (match($0, / *# *[Ss][Kk][Ii][Pp]:? */)) {
        name = emit_name(substr($0, 1, RSTART - 1))
        print "skip " name ": " substr($0, RSTART + RLENGTH)
    } else {
        print "pass " emit_name($0)
    }
    next
}
/^Bail out!/ {
    print "fail " prefix ": " $0
    failed++
    results++
    next
}
# Criterion writes YAML below a failure, our cases write "# " lines.
in_failure && /^(#|[ \t])/ {
    sub(/^# ?/, "")
    if ($0 !~ /^ *(---|\.\.\.|assertions: .*|failures:)$/)
        print "  " $0
}
END {
    if (!results)
        print "fail " prefix ": gave no result, exit status " status
    else if (status != 0 && !failed)
        print "fail " prefix ": ended with exit status " status " and no failed test"
}
