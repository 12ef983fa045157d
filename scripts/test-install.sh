#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs build/ below a directory of its own and looks at what came; ./run test
# calls it:
#   scripts/test-install.sh REPORT-DIR
# leaves lines for ./run test in REPORT-DIR/install.lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

report=$1
cd "$ROOT"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
exec 3>&1 >"$report/install.lines"

# check NAME COMMAND…
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then
        echo "pass install/$name"
    else
        printf 'fail install/%s\n%s\n' "$name" "$said" | sed '2,$s/^/  | /'
    fi
}

installs() { DESTDIR=$tree meson install -C build --no-rebuild --quiet; }
find_one() { find "$tree" -path "*/$1" -type f | grep .; }
runs() { "$(find_one sbin/skbtrail)" --version | grep -q '^skbtrail '; }

# Each command of --help has a page that was installed.
has_pages() {
    local name missing=''
    while read -r name; do
        name=${name//check same-node/check}
        find_one "man8/skbtrail-${name// /-}.8*" >/dev/null || missing+=" $name"
    done < <(build/skbtrail --help | sed -n 's/^  \([a-z]\{1,\}\( [a-z-]\{1,\}\)\{0,1\}\)  .*/\1/p')
    find_one "man8/skbtrail.8*" >/dev/null || missing+=" skbtrail"
    [[ -z $missing ]] || { echo "no page of:$missing" && return 1; }
}

# No page makes man(1) complain.
pages_are_clean() {
    local said
    said=$(find "$tree" -path '*/man/*' -type f -exec man --warnings -l {} + 2>&1 >/dev/null </dev/null)
    [[ -z $said ]] || { echo "$said" && return 1; }
}

completes() { bash -n "$(find_one bash-completion/completions/skbtrail)"; }
zsh_and_fish() { find_one vendor-completions/_skbtrail && find_one vendor_completions.d/skbtrail.fish; }

# It needs what every node with iproute2 has, and links libpcap all the same.
is_static() {
    scripts/build.sh --static
    ldd build-static/skbtrail >"$tree/ldd"
    ! grep -vE 'linux-vdso|ld-linux|/lib(c|mnl)\.so' "$tree/ldd" || return 1
    build-static/skbtrail report --expression 'icmp[0] == 0' examples/bridge.skbt 2>&1 | grep -E '^[1-9][0-9]* events, none lost'
}

check "meson install" installs
check "the static build" is_static
check "the program runs" runs
check "a page per command" has_pages
! have man || check "pages without warnings" pages_are_clean
check "bash completion" completes
check "zsh and fish completion" zsh_and_fish
