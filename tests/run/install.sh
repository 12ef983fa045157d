#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs build/ into a temporary directory, builds the static program and the Debian
# package, and tests the results; ./run test calls it:
#   tests/run/install.sh
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=scripts/debian.sh
. "${BASH_SOURCE%/*}/../../scripts/debian.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"

cd "$ROOT"
install_missing zsh fish
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
tree=$TMP/tree

installs() { DESTDIR=$tree meson install -C build --no-rebuild --quiet; }
find_one() { find "$tree" -path "*/$1" -type f | grep .; }
runs() { "$(find_one sbin/skbtrail)" --version | grep -q '^skbtrail '; }

# Each command in --help has an installed manual page.
has_pages() {
    local name missing=''
    while read -r name; do
        name=${name//check same-node/check}
        find_one "man8/skbtrail-${name// /-}.8*" >/dev/null || missing+=" $name"
    done < <(build/skbtrail --help | sed -n 's/^  \([a-z]\{1,\}\( [a-z-]\{1,\}\)\{0,1\}\)  .*/\1/p')
    find_one "man8/skbtrail.8*" >/dev/null || missing+=" skbtrail"
    [[ -z $missing ]] || { echo "no page for:$missing" && return 1; }
}

# man(1) prints no warning for any page.
pages_are_clean() {
    local said
    said=$(find "$tree" -path '*/man/*' -type f -exec env LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l {} + 2>&1 >/dev/null </dev/null)
    [[ -z $said ]] || { echo "$said" && return 1; }
}

# It needs only libraries that every node with iproute2 has. It contains libpcap.
is_static() {
    scripts/build.sh --static && ldd build-static/skbtrail >"$TMP/ldd" || return 1
    ! grep -vE 'linux-vdso|ld-linux|/lib(c|mnl)\.so' "$TMP/ldd" || return 1
    build-static/skbtrail report --expression 'icmp[0] == 0' examples/bridge.skbt 2>&1 | grep -E '^[1-9][0-9]* events, none lost'
}

# libraries PROGRAM: prints the packages of the libraries that it links directly, one per line
libraries() {
    local triple
    triple=$(dpkg-architecture -q DEB_HOST_MULTIARCH) || return 1
    readelf -d "$1" | sed -n "s|.*(NEEDED).*\\[\\(.*\\)\\]|*/$triple/\\1|p" | xargs dpkg -S | sed 's/:.*//' | sort -u
}

packages() { rm -f build-release/*.deb && scripts/package.sh; }

# dpkg installs the package into a directory, where it finds this machine's packages as dependencies. It verifies all
# files, and removes them again.
dpkg_takes_it() {
    local root=$TMP/root said
    mkdir -p "$root/var/lib/dpkg"/{info,updates} && cp /var/lib/dpkg/status "$root/var/lib/dpkg/" || return 1
    # Containers often configure dpkg to leave out manual pages.
    dpkg_below() {
        dpkg --force-not-root --path-include='*' --root="$root" --log="$TMP/dpkg.log" "$@" 2> >(grep -v 'warning: files list file' >&2)
    }
    dpkg_below --install build-release/*.deb && said=$(dpkg_below --verify skbtrail) && [[ -z $said ]] || return 1
    "$root/usr/sbin/skbtrail" --version | grep '^skbtrail ' || return 1
    dpkg_below --purge skbtrail && [[ -z $(find "$root" -type f ! -path '*/var/lib/dpkg/*') ]]
}

# same WANTED GOT: both have the same lines
same() { diff <(echo "$1") <(echo "$2") | sed -n 's/^< /missing: /p; s/^> /not needed: /p' | { ! grep .; }; }

depends_on_its_libraries() {
    local names
    names=$(dpkg-deb -f build-release/*.deb Depends | sed 's/([^)]*)//g' | tr -d ' ' | tr ',' '\n' | sort) || return 1
    same "$(libraries build-release/skbtrail)" "$names"
}

# The base image has only libc6 of these libraries.
image_has_its_libraries() {
    local names
    names=$(sed -n '/^FROM/h; H; ${x; s/\\\n//g; p}' packaging/Containerfile |
        sed -n 's/.*apt-get install -y --no-install-recommends \([^&]*\).*/\1/p' | xargs -n 1 | sort)
    same "$(libraries build-release/skbtrail | grep -v '^libc6$')" "$names"
}

declare -A completions=([bash]=bash-completion/completions/skbtrail [zsh]=zsh/vendor-completions/_skbtrail
    [fish]=fish/vendor_completions.d/skbtrail.fish)
declare -A alone=([bash]='--norc' [zsh]='-f' [fish]='--no-config') # without the user's configuration

# offers SHELL: for each command line in tests/completion/table the shell offers the words listed there
offers() {
    local file line words wanted got failed=0 PATH=$PATH
    file=$(find_one "${completions[$1]}") || return 1
    PATH=$(dirname "$(find_one sbin/skbtrail)"):$PATH # the shells ask the program
    while IFS= read -r line; do
        [[ $line == '['* ]] || continue
        words=${line#[} wanted=${line##*]}
        words=${words%]*} wanted=${wanted# }
        got=$("$1" "${alone[$1]}" "tests/completion/offers.$1" "$file" "$words" </dev/null | LC_ALL=C sort -u | paste -sd ' ') &&
            [[ $got == "$wanted" ]] || { echo "$words: $got, wanted: $wanted" && failed=1; }
    done <tests/completion/table
    return "$failed"
}

check "meson install" installs
check "the static build" is_static
check "the program runs" runs
check "a page per command" has_pages
! have man || check "pages without warnings" pages_are_clean
for shell in bash zsh fish; do
    check "$shell completes" offers "$shell"
done
check "the Debian package, and lintian" packages
check "dpkg takes the package" dpkg_takes_it
check "the package depends on what the program links" depends_on_its_libraries
check "the image has what the program links" image_has_its_libraries
finish
