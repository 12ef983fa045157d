#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds for arm64 with Debian's cross compiler and runs the unit tests under QEMU's
# user-mode emulation, or with --guest the guest tests in Debian's arm64 kernels:
#   ./run arm64 [--guest [--kernel 6.12|newest]... [--case NAME]...]
# NAME is a part of a case's name, as of ./run test. The libraries come from Debian's arm64 packages, unpacked below the cache; nothing
# of that architecture is installed. Leaves build-arm64/skbtrail. Closes with the
# totals line; exit status 1 if a test failed.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

LIBRARIES=(libc6-dev libbpf-dev libelf-dev zlib1g-dev libcapstone-dev libpcap0.8-dev libmnl-dev libjson-c-dev
    libseccomp-dev libpcre2-dev libcriterion-dev)
SYSROOT=$CACHE/arm64/sysroot
TRIPLET=aarch64-linux-gnu
NOT_HERE=(30-tutorial) # its pages show x86-64's functions

# Compiler and libraries of one release belong together: this machine's own.
fetch_sysroot() {
    local work why
    mkdir -p "$CACHE/arm64"
    work=$(mktemp -d "$CACHE/arm64/.work.XXXXXX")
    # shellcheck disable=SC2064 # its value now
    trap "rm -rf '$work'" EXIT
    say "fetching arm64's libraries from Debian $(codename)"
    why=$(unpack_all arm64 "$work" "$(codename)" "${LIBRARIES[@]}") || die "arm64's libraries cannot be had: $why"
    echo "${LIBRARIES[*]}" >"$work/tree/packages"
    rm -rf "$SYSROOT"
    mv "$work/tree" "$SYSROOT"
}

# What meson must know of the other machine.
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
        { cat build-arm64/configure.log >&2 && die "meson could not configure build-arm64"; }
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
    step "guest tests on arm64's ${kernels[*]}: ${#cases[@]} cases each"
    GUEST_ARCH=arm64 scripts/test-vm.sh "$report" "${kernels[*]}" "${cases[*]}"
    exec scripts/totals.sh "$report"
fi

# The tests start themselves anew, by the kernel: it must know what runs such a program.
BINFMT=/proc/sys/fs/binfmt_misc
export QEMU_LD_PREFIX=$SYSROOT
if ! build-arm64/skbtrail --version >/dev/null 2>&1; then
    [[ -e $BINFMT/register ]] || as_root mount -t binfmt_misc none "$BINFMT" ||
        die "this kernel has no binfmt_misc: arm64's programs cannot be run here"
    as_root tee "$BINFMT/register" </usr/lib/binfmt.d/qemu-aarch64.conf >/dev/null
    build-arm64/skbtrail --version >/dev/null || die "arm64's programs cannot be run here"
fi

step "unit tests"
UNIT_BUILDS=build-arm64 UNIT_LIMIT=600 scripts/test-unit.sh "$report"
exec scripts/totals.sh "$report"
