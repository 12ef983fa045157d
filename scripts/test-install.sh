#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs build/ below a directory of its own, builds the static program and the Debian
# package, and looks at what came; ./run test calls it:
#   scripts/test-install.sh REPORT-DIR
# leaves lines for ./run test in REPORT-DIR/install.lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

report=$1
cd "$ROOT"
install_missing zsh fish
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
exec >"$report/install.lines"

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
    said=$(find "$tree" -path '*/man/*' -type f -exec env LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l {} + 2>&1 >/dev/null </dev/null)
    [[ -z $said ]] || { echo "$said" && return 1; }
}

# It needs what every node with iproute2 has, and links libpcap all the same.
is_static() {
    scripts/build.sh --static && ldd build-static/skbtrail >"$work/ldd" || return 1
    ! grep -vE 'linux-vdso|ld-linux|/lib(c|mnl)\.so' "$work/ldd" || return 1
    build-static/skbtrail report --expression 'icmp[0] == 0' examples/bridge.skbt 2>&1 | grep -E '^[1-9][0-9]* events, none lost'
}

# libraries PROGRAM: the packages of those that it links itself, one a line
libraries() {
    local triple
    triple=$(dpkg-architecture -q DEB_HOST_MULTIARCH) || return 1
    readelf -d "$1" | sed -n "s|.*(NEEDED).*\\[\\(.*\\)\\]|*/$triple/\\1|p" | xargs dpkg -S | sed 's/:.*//' | sort -u
}

packages() { rm -f build-release/*.deb && scripts/package.sh; }

# dpkg installs the package below a directory, with what is installed on this machine as what it may depend on, finds all
# its files as they should be, and leaves nothing when it is to go.
dpkg_takes_it() {
    local root=$work/root said
    mkdir -p "$root/var/lib/dpkg"/{info,updates} && cp /var/lib/dpkg/status "$root/var/lib/dpkg/" || return 1
    # small machines tell dpkg to leave out pages and such
    dpkg_below() {
        dpkg --force-not-root --path-include='*' --root="$root" --log="$work/dpkg.log" "$@" 2> >(grep -v 'warning: files list file' >&2)
    }
    dpkg_below --install build-release/*.deb && said=$(dpkg_below --verify skbtrail) && [[ -z $said ]] || return 1
    "$root/usr/sbin/skbtrail" --version | grep '^skbtrail ' || return 1
    dpkg_below --purge skbtrail && [[ -z $(find "$root" -type f ! -path '*/var/lib/dpkg/*') ]]
}

# same WANTED GOT: the same lines
same() { diff <(echo "$1") <(echo "$2") | sed -n 's/^< /missing: /p; s/^> /too much: /p' | { ! grep .; }; }

depends_on_its_libraries() {
    local names
    names=$(dpkg-deb -f build-release/*.deb Depends | sed 's/([^)]*)//g' | tr -d ' ' | tr ',' '\n' | sort) || return 1
    same "$(libraries build-release/skbtrail)" "$names"
}

# The base image has libc6, and nothing else of it.
image_has_its_libraries() {
    local names
    names=$(sed -n '/^FROM/h; H; ${x; s/\\\n//g; p}' packaging/Containerfile |
        sed -n 's/.*apt-get install -y --no-install-recommends \([^&]*\).*/\1/p' | xargs -n 1 | sort)
    same "$(libraries build-release/skbtrail | grep -v '^libc6$')" "$names"
}

declare -A completions=([bash]=bash-completion/completions/skbtrail [zsh]=zsh/vendor-completions/_skbtrail
    [fish]=fish/vendor_completions.d/skbtrail.fish)
declare -A alone=([bash]='--norc' [zsh]='-f' [fish]='--no-config') # without what the user has set up

# offers SHELL: to each command line of the table the shell itself offers what stands there
offers() {
    local file line words wanted got failed=0
    file=$(find_one "${completions[$1]}") || return 1
    while IFS= read -r line; do
        [[ $line == '['* ]] || continue
        words=${line#[} wanted=${line##*]}
        words=${words%]*} wanted=${wanted# }
        got=$("$1" "${alone[$1]}" "tests/completion/offers.$1" "$file" "$words" </dev/null | LC_ALL=C sort -u | paste -sd ' ') &&
            [[ $got == "$wanted" ]] || { echo "$words: $got, wanted: $wanted" && failed=1; }
    done <tests/completion/table
    return "$failed"
}

outcome "install/meson install" installs
outcome "install/the static build" is_static
outcome "install/the program runs" runs
outcome "install/a page per command" has_pages
! have man || outcome "install/pages without warnings" pages_are_clean
for shell in bash zsh fish; do
    outcome "install/$shell completes" offers "$shell"
done
outcome "install/the Debian package, and lintian" packages
outcome "install/dpkg takes the package" dpkg_takes_it
outcome "install/the package depends on what the program links" depends_on_its_libraries
outcome "install/the image has what the program links" image_has_its_libraries
