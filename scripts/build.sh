#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian packages that are missing, then builds:
#   ./run build [--sanitize|--fuzz|--coverage|--release]
# into build/ (leaves build/skbtrail), with --sanitize into build-asan/ with the
# address and undefined-behaviour sanitizers, with --fuzz the fuzzers alone into
# build-fuzz/, with --coverage for ./run coverage, with --release as for a package into build-release/. When nothing is
# missing, nothing is contacted.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

dir=build options=() targets=() compiler=''
case ${1-} in
'') ;;
--sanitize)
    dir=build-asan
    # shellcheck disable=SC2054 # the comma is meson's
    options=(-Db_sanitize=address,undefined -Db_lundef=false)
    ;;
--fuzz)
    dir=build-fuzz targets=(fuzzers)
    # shellcheck disable=SC2054 # the comma is meson's
    options=(-Dfuzz=true -Dunit=disabled -Db_sanitize=address,undefined -Db_lundef=false)
    compiler=clang
    ;;
--coverage)
    dir=build-coverage
    options=(--buildtype=debug -Dwerror=false)
    compiler=clang
    export CFLAGS='-fprofile-instr-generate -fcoverage-mapping' LDFLAGS=-fprofile-instr-generate
    ;;
--release)
    dir=build-release
    # What Debian builds with; its hardening flags come from dpkg-dev.
    options=(--prefix=/usr --buildtype=plain -Dunit=disabled)
    if have dpkg-buildflags; then
        CFLAGS=$(dpkg-buildflags --get CFLAGS) CPPFLAGS=$(dpkg-buildflags --get CPPFLAGS)
        LDFLAGS="$(dpkg-buildflags --get LDFLAGS) -Wl,-z,now"
        export CFLAGS CPPFLAGS LDFLAGS
    fi
    ;;
*) die "usage: ./run build [--sanitize|--fuzz|--coverage|--release]" ;;
esac

install_missing() {
    local wanted missing
    have dpkg-query || die "this is no Debian: install what scripts/packages lists by hand"
    wanted=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$ROOT/scripts/packages")
    # shellcheck disable=SC2086 # a list of names
    missing=$(comm -23 <(sort -u <<<"$wanted") \
        <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
            sed -n 's/^installed //p' | sort -u))
    [[ -n $missing ]] || return 0
    say "installing: ${missing//$'\n'/ }"
    # The lists may be missing or too old for what the mirror has.
    # shellcheck disable=SC2086
    apt_install $missing >/dev/null 2>&1 && return 0
    as_root apt-get -qq update >&2 || warn "apt-get update failed; going on with the lists there are"
    # shellcheck disable=SC2086
    apt_install $missing >&2 || die "could not install: ${missing//$'\n'/ }"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" </dev/null
}

install_missing
# What was compiled before is not compiled again, in a fresh clone either. meson looks for ccache itself where it
# chooses the compiler.
export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-500M}
if [[ -n $compiler ]]; then
    CC=$compiler
    ! have ccache || CC="ccache $CC"
    export CC
fi
cd "$ROOT"
# One build of a directory at a time.
mkdir -p "$dir"
exec {lock}<"$dir"
flock "$lock"
log=$dir/configure.log
if [[ ! -e $dir/build.ninja ]]; then
    # A directory left half configured is started anew.
    if ! meson setup --wipe "$dir" "${options[@]}" >"$log" 2>&1 &&
        ! meson setup "$dir" "${options[@]}" >"$log" 2>&1; then
        cat "$log" >&2
        die "meson could not configure $dir"
    fi
fi
if ! ninja --quiet -C "$dir" "${targets[@]}" >"$dir/build.log" 2>&1; then
    cat "$dir/build.log" >&2
    die "the build failed"
fi
