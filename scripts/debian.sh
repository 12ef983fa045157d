# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Debian packages: installs missing ones, and downloads those of other suites and architectures with an apt state of
# its own. Uses the mirrors of this machine's apt sources. Sourced after lib.sh.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# install_missing PACKAGE…: installs those that are missing. If none is, the network is not used.
install_missing() {
    local missing
    have dpkg-query || die "this is not Debian: install these packages yourself: $*"
    missing=$(comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
            sed -n 's/^installed //p' | sort -u))
    [[ -n $missing ]] || return 0
    say "installing: ${missing//$'\n'/ }"
    # The package lists may be missing or older than the mirror.
    # shellcheck disable=SC2086 # a list of names
    apt_install $missing >/dev/null 2>&1 && return 0
    as_root apt-get -qq update >&2 || warn "apt-get update failed; using the existing package lists"
    # shellcheck disable=SC2086 # a list of names
    apt_install $missing >&2 || die "cannot install: ${missing//$'\n'/ }"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" </dev/null
}

# Prints this machine's release, such as "bookworm".
codename() {
    # shellcheck disable=SC1091 # not part of the sources
    (. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
}

# Prints "CLASS URI" for each Debian mirror of this machine; CLASS is main or security.
mirrors() {
    if [[ -n ${SKBTRAIL_MIRROR-} ]]; then
        echo "main $SKBTRAIL_MIRROR"
        [[ -z ${SKBTRAIL_SECURITY_MIRROR-} ]] || echo "security $SKBTRAIL_SECURITY_MIRROR"
        return
    fi
    local files=()
    shopt -s nullglob
    files=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
    for file in "${files[@]}"; do
        [[ -r $file ]] || continue
        if [[ $file == *.sources ]]; then
            sources_deb822 <"$file"
        else
            sources_oneline <"$file"
        fi
    done | awk -v codename="$(codename)" '
        # in: URI SUITE; out: CLASS URI, each once
        {
            suite = $2
            sub(/\/updates$/, "-security", suite)
            base = suite
            sub(/-(security|updates|backports|proposed-updates)$/, "", base)
            if (base != codename && base !~ /^(oldoldstable|oldstable|stable|testing|unstable|sid)$/)
                next
            if ($1 ~ /^cdrom:/)
                next
            class = suite ~ /-security$/ ? "security" : "main"
            if (!seen[class, $1]++)
                print class, $1
        }'
}

# "deb [options] URI SUITE COMPONENT…" lines → "URI SUITE" lines
sources_oneline() {
    sed -e 's/#.*//' -e 's/\[[^]]*\]//' |
        awk '$1 == "deb" && / main( |$)/ { print $2, $3 }'
}

# deb822 stanzas → "URI SUITE" lines
sources_deb822() {
    awk '
        function flush(   i, j, nu, ns, u, s) {
            if (v["enabled"] !~ /^ *(no|false|0|off)/ && v["types"] ~ /(^| )deb( |$)/ &&
                v["components"] ~ /(^| )main( |$)/) {
                nu = split(v["uris"], u, " ")
                ns = split(v["suites"], s, " ")
                for (i = 1; i <= nu; i++)
                    for (j = 1; j <= ns; j++)
                        print u[i], s[j]
            }
            delete v
            key = ""
        }
        /^#/ { next }
        /^[ \t]*$/ { flush(); next }
        /^[ \t]/ { v[key] = v[key] " " $0; next }
        {
            key = tolower($0)
            sub(/:.*/, "", key)
            sub(/^[^:]*:[ \t]*/, "")
            v[key] = $0
        }
        END { flush() }'
}

# write_sources RELEASE: prints a sources.list. "bookworm" includes updates, "bookworm-backports" is only that suite.
write_sources() {
    local release=$1 class uri found=
    [[ -r $KEYRING ]] || die -3 "no $KEYRING (install debian-archive-keyring)"
    while read -r class uri; do
        found=1
        if [[ $class == security ]]; then
            [[ $release =~ ^(sid|experimental)$ || $release == *-* ]] || echo "deb [signed-by=$KEYRING] $uri $release-security main"
            continue
        fi
        echo "deb [signed-by=$KEYRING] $uri $release main"
        if [[ ! $release =~ ^(sid|experimental)$ && $release != *-* ]]; then
            echo "deb [signed-by=$KEYRING] $uri $release-updates main"
        fi
    done < <(mirrors)
    [[ -n $found ]] || die -3 "no Debian mirror in this machine's apt sources: set SKBTRAIL_MIRROR"
}

# apt_private ARCHITECTURE DIR COMMAND…: runs apt with all its state below DIR
apt_private() {
    local arch=$1 dir=$2 tool=$3
    shift 3
    LC_ALL=C "$tool" -q -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=- \
        -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o Dir::State::status=/dev/null \
        -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false -o Acquire::Retries=3 \
        -o APT::Sandbox::User=root -o APT::Architecture="$arch" -o APT::Architectures="$arch" "$@"
}

# unpack_all ARCHITECTURE DIR RELEASE PACKAGE…: unpacks these packages and their dependencies into DIR/tree. apt's output
# goes to DIR/log. On failure prints apt's error.
unpack_all() {
    local arch=$1 dir=$2 release=$3 deb
    shift 3
    mkdir -p "$dir"/{lists/partial,cache/archives/partial,tree}
    write_sources "$release" >"$dir/sources.list"
    apt_private "$arch" "$dir" apt-get update >"$dir/log" 2>&1 || true
    if ! apt_private "$arch" "$dir" apt-get -y --no-install-recommends --download-only install "$@" >>"$dir/log" 2>&1; then
        grep -m1 '^E:' "$dir/log" || echo 'no reason given'
        return 1
    fi
    for deb in "$dir"/cache/archives/*.deb; do
        dpkg -x "$deb" "$dir/tree" || return 1
    done
}
