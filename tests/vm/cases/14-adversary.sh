#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A few random ways, whose truth other witnesses know; ./run adversary runs as many as you like. And the adversary itself:
# it contradicts a check that is wrong, and does not pass when it saw nothing.
# kernels: 6.12
set -u
# shellcheck source=tests/vm/case.sh
. "${BASH_SOURCE%/*}/../case.sh"

ADVERSARY=build/tests/vm/adversary
cp "$SKBTRAIL" "$TMP/skbtrail"

# liar VERDICT: a check that always says this, after the traffic
liar() {
    cat >"$TMP/liar" <<END
#!/bin/bash
while [[ \$1 != --ready-file ]]; do shift; done
: >"\$2"
read -rt 0.3 <> <(:)
echo '{"type":"check","verdict":"$1","reasons":[],"legs":[]}'
END
    chmod +x "$TMP/liar"
}

check 'plain ways have their definite verdict' "$ADVERSARY" --skbtrail "$TMP/skbtrail" --honest 2 4
diag "$(tail -n 3 "$TMP/out")"
check 'no verdict contradicts the truth' "$ADVERSARY" --skbtrail "$TMP/skbtrail" 6 11 15
diag "$(tail -n 3 "$TMP/out")"

liar PASS
check_status 1 'a wrong PASS is contradicted' "$ADVERSARY" --skbtrail "$TMP/liar" --honest --source live 27
has 'a wrong PASS is contradicted: which' "$TMP/out" '^1 contradictions, seeds 27$'
liar FAIL
check_status 1 'a wrong FAIL is contradicted' "$ADVERSARY" --skbtrail "$TMP/liar" --honest --source live 26
has 'a wrong FAIL is contradicted: which' "$TMP/out" '^1 contradictions, seeds 26$'
check_status 1 'a run that saw no packets does not pass' "$ADVERSARY" --skbtrail /usr/bin/true --honest --source live 26
has 'a run that saw no packets does not pass: why' "$TMP/out" '^too little was seen$'
finish
