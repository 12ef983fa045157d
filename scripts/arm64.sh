#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds build-arm64/skbtrail with Debian's cross compiler and runs the unit tests under
# QEMU's user-mode emulation, or with --guest the guest tests on Debian's arm64 kernels:
#   ./run arm64 [--guest [--kernel 6.12|newest]... [--case NAME]...]
# NAME is part of a case's name, as in ./run test. The libraries are Debian's arm64 packages,
# unpacked in the cache; no arm64 package is installed. The last line counts the tests; exit
# status 1 if one failed.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

LIBRARIES=(libc6-dev libbpf-dev libelf-dev zlib1g-dev libcapstone-dev libpcap0.8-dev libmnl-dev libjson-c-dev
    libseccomp-dev libpcre2-dev libcriterion-dev)
SYSROOT=$CACHE/arm64/sysroot
TRIPLET=aarch64-linux-gnu
NOT_HERE=(30-tutorial) # the tutorial shows functions of x86-64

# The libraries must be of the same release as the compiler: this machine's.
fetch_sysroot() {
    local work why
    mkdir -p "$CACHE/arm64"
    work=$(mktemp -d "$CACHE/arm64/.work.XXXXXX")
    # shellcheck disable=SC2064 # the value at this point
    trap "rm -rf '$work'" EXIT
    say "downloading arm64 libraries from Debian $(codename)"
    why=$(unpack_all arm64 "$work" "$(codename)" "${LIBRARIES[@]}") || die "cannot download arm64 libraries: $why"
    echo "${LIBRARIES[*]}" >"$work/tree/packages"
    rm -rf "$SYSROOT"
    mv "$work/tree" "$SYSROOT"
}

# Describes the arm64 machine to meson.
cross_file() {
    cat <<END
[binaries]
c = '$TRIPLET-gcc'
ar = '$TRIPLET-ar'
strip = '$TRIPLET-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-aarch64-static', '-L', '$SYSROOT']
[properties]
sys_root = '$SYSROOT'
pkg_config_libdir = '$SYSROOT/usr/lib/$TRIPLET/pkgconfig:$SYSROOT/usr/share/pkgconfig'
[built-in options]
c_args = ['--sysroot=$SYSROOT']
c_link_args = ['--sysroot=$SYSROOT']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
}

guest='' kernels=() names=()
usage='usage: ./run arm64 [--guest [--kernel 6.12|newest]... [--case NAME]...]'
while [[ $# -gt 0 ]]; do
    case $1 in
    --guest) guest=1 ;;
    --kernel | --case)
        [[ $# -ge 2 ]] || die "$1 needs a value"
        if [[ $1 == --kernel ]]; then kernels+=("$2"); else names+=("$2"); fi
        shift
        ;;
    -h | --help) echo "$usage" && exit 0 ;;
    *) die "$usage" ;;
    esac
    shift
done
[[ -n $guest || ${#kernels[@]} -eq 0 && ${#names[@]} -eq 0 ]] || die "$usage"
[[ ${#kernels[@]} -gt 0 ]] || kernels=(6.12)

step "installing"
# shellcheck disable=SC2046 # a list of names
install_missing $(sed 's/#.*//' "$ROOT/scripts/packages") "gcc-$TRIPLET" qemu-user-static
[[ -e $SYSROOT/packages && $(<"$SYSROOT/packages") == "${LIBRARIES[*]}" ]] || fetch_sysroot

step "building"
cd "$ROOT"
export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache}
if [[ ! -e build-arm64/build.ninja ]]; then
    mkdir -p build-arm64
    cross_file >build-arm64/cross.ini
    meson setup --cross-file build-arm64/cross.ini build-arm64 >build-arm64/configure.log 2>&1 ||
        { cat build-arm64/configure.log >&2 && die "meson cannot configure build-arm64"; }
fi
ninja --quiet -C build-arm64 >build-arm64/build.log 2>&1 || { cat build-arm64/build.log >&2 && die "the build failed"; }

report=$ROOT/build-arm64/test-report
rm -rf "$report"
mkdir -p "$report"
if [[ -n $guest ]]; then
    cases=()
    for file in tests/vm/cases/*.sh; do
        name=$(basename "$file" .sh)
        [[ " ${NOT_HERE[*]} " != *" $name "* ]] || continue
        for part in "${names[@]-}"; do
            [[ $name != *"$part"* ]] || { cases+=("$name") && break; }
        done
    done
    [[ ${#cases[@]} -gt 0 ]] || die "no such case: ${names[*]}"
    step "guest tests on arm64 kernels ${kernels[*]}: ${#cases[@]} cases each"
    GUEST_ARCH=arm64 tests/run/vm.sh "$report" "${kernels[*]}" "${cases[*]}"
    exec tests/run/totals.sh "$report"
fi

# The tests execute themselves again, so the kernel must know how to run an arm64 program.
BINFMT=/proc/sys/fs/binfmt_misc
export QEMU_LD_PREFIX=$SYSROOT
if ! build-arm64/skbtrail --version >/dev/null 2>&1; then
    [[ -e $BINFMT/register ]] || as_root mount -t binfmt_misc none "$BINFMT" ||
        die "cannot run arm64 programs: this kernel has no binfmt_misc"
    as_root tee "$BINFMT/register" </usr/lib/binfmt.d/qemu-aarch64.conf >/dev/null
    build-arm64/skbtrail --version >/dev/null || die "cannot run arm64 programs here"
fi

step "unit tests"
UNIT_BUILDS=build-arm64 UNIT_LIMIT=600 tests/run/unit.sh "$report"
exec tests/run/totals.sh "$report"
