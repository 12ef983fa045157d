#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs missing Debian packages, then builds:
#   ./run build [--sanitize|--fuzz|--coverage|--release|--static]
# Without an option it builds build/, with build/skbtrail. Each option has a directory of its own:
#   --sanitize  build-asan/: with the address and undefined-behaviour sanitizers
#   --fuzz      build-fuzz/: the fuzzers only
#   --coverage  build-coverage/: for ./run coverage
#   --release   build-release/: the content of a package
#   --static    build-static/: a program that needs no libraries but libc and libmnl
# If no package is missing, the network is not used.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

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
    dir=build-release targets=(skbtrail packaging/{skbtrail,_skbtrail,skbtrail.fish})
    # As Debian builds; its hardening flags come from dpkg-dev. packaging/Containerfile does the same.
    options=(--prefix=/usr --buildtype=plain -Dunit=disabled)
    if have dpkg-buildflags; then
        eval "$(DEB_BUILD_MAINT_OPTIONS=hardening=+bindnow dpkg-buildflags --export=sh)"
    fi
    ;;
--static)
    dir=build-static targets=(skbtrail)
    options=(-Dstatic=true -Dunit=disabled)
    ;;
*) die "usage: ./run build [--sanitize|--fuzz|--coverage|--release|--static]" ;;
esac

# shellcheck disable=SC2046 # a list of names
install_missing $(sed 's/#.*//' "$ROOT/scripts/packages")
# With ccache a new clone compiles nothing again, either. meson finds ccache itself unless CC is set.
export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-500M}
if [[ -n $compiler ]]; then
    CC=$compiler
    ! have ccache || CC="ccache $CC"
    export CC
fi
cd "$ROOT"
# Only one build per directory at a time.
mkdir -p "$dir"
exec {lock}<"$dir"
flock "$lock"
log=$dir/configure.log
if [[ ! -e $dir/build.ninja ]]; then
    # Starts again if an earlier configuration was interrupted.
    if ! meson setup --wipe "$dir" "${options[@]}" >"$log" 2>&1 &&
        ! meson setup "$dir" "${options[@]}" >"$log" 2>&1; then
        cat "$log" >&2
        die "meson cannot configure $dir"
    fi
fi
if ! ninja --quiet -C "$dir" "${targets[@]}" >"$dir/build.log" 2>&1; then
    cat "$dir/build.log" >&2
    die "the build failed"
fi
