#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the directory of a Debian kernel for guests. Downloads it if the cache
# does not have it:
#   scripts/kernel.sh [--arch amd64|arm64] [--refresh] 5.10|6.1|6.12|newest|5.10-rt|6.1-rt|6.12-rt|newest-rt
#   scripts/kernel.sh [--arch amd64|arm64] NAME
#   scripts/kernel.sh [--arch amd64|arm64] --list
# The default architecture is amd64; -rt is the real-time build. NAME is any other kernel in the suites of Debian: a
# series, as 6.18 or 7.3-rt, of which the newest is taken, or what follows linux-image- in a package's name. --list
# prints all series. The directory has vmlinuz, version and lib/modules/VERSION.
#
# The packages come from the mirrors of this machine's apt sources, but with a
# separate apt state: no package of another suite is installed.
# SKBTRAIL_MIRROR and SKBTRAIL_SECURITY_MIRROR replace the mirrors.
#
# Exit status: 0, or 3 if the kernel cannot be downloaded (one line says why).
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

NEWEST_MAX_AGE_MIN=1440 # sid changes: look for a newer kernel after a day
SUITES=(bullseye bookworm bookworm-backports trixie trixie-backports sid experimental)

# lists WORKDIR ARCHITECTURE RELEASE…: downloads the package lists
lists() {
    local work=$1 arch=$2 release
    mkdir -p "$work"/{lists,cache}
    for release in "${@:3}"; do
        write_sources "$release"
    done >"$work/sources.list"
    # One suite may fail, because old releases are moved: it is enough if another
    # one has the package.
    apt_private "$arch" "$work" apt-get update >"$work/log" 2>&1 || true
}

# images WORKDIR ARCHITECTURE: prints what follows linux-image- in the names of the kernels that a guest can boot, the
# newest first. Cloud kernels have no 9p, which the guest's root needs.
images() {
    apt_private "$2" "$1" apt-cache pkgnames linux-image- |
        sed -nE "s/^linux-image-([0-9].*-$2)\$/\1/p" | grep -v -e '-cloud-' | sort -urV
}

# list ARCHITECTURE: prints all series, with -rt for real-time ones, the oldest first
list() {
    local work
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # the value at this point
    trap "rm -rf '$work'" EXIT
    lists "$work" "$1" "${SUITES[@]}"
    images "$work" "$1" | sed -nE 's/^([0-9]+\.[0-9]+)[-+.].*-(rt-).*/\1-rt/p; t; s/^([0-9]+\.[0-9]+)[-+.].*/\1/p' |
        awk '!seen[$0]++' | sort -V
}

# matching NAME WORKDIR ARCHITECTURE: prints the packages of a series or of one name, the newest first
matching() {
    local series=${1%-rt} image without_rt=()
    [[ $1 == *-rt* ]] || without_rt=(-v)
    images "$2" "$3" | grep "${without_rt[@]}" -e '-rt-' | while read -r image; do
        [[ $image != "$1" && $image != "$series"[-+.]* ]] || echo "linux-image-$image"
    done
}

# fetch_any WORKDIR ARCHITECTURE NAME: downloads a kernel by its series or name into the new directory WORKDIR/kernel
fetch_any() {
    local work=$1 arch=$2 name=$3 packages
    lists "$work" "$arch" "${SUITES[@]}"
    mapfile -t packages < <(matching "$name" "$work" "$arch")
    [[ ${#packages[@]} -gt 0 ]] || die -3 "this machine's mirror has no kernel '$name' that a guest can boot (scripts/kernel.sh --list)"
    unpack_first "$work" "$arch" "the suites of this machine's mirror" "${packages[@]}"
}

# download WORKDIR ARCHITECTURE RELEASE FLAVOUR: downloads the kernel of linux-image-FLAVOUR and unpacks
# it into the new directory WORKDIR/kernel
download() {
    local work=$1 arch=$2 release=$3 flavour=$4 image series older
    lists "$work" "$arch" "$release"
    image=$(apt_private "$arch" "$work" apt-cache depends "linux-image-$flavour" 2>>"$work/log" |
        awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }') || true
    [[ -n $image ]] || die -3 "this machine's mirror has no kernel of $release: $(grep -m1 -E '^(E|Err)' "$work/log" || echo "no linux-image-$flavour")"
    # A mirror may list a kernel that it no longer has; then an older one does.
    series=$(cut -d- -f3 <<<"$image" | cut -d. -f1,2) # of linux-image-5.10.0-46-amd64: 5.10
    [[ $flavour != rt-* ]] || series+=-rt
    mapfile -t older < <(matching "$series" "$work" "$arch" | grep -vFx "$image")
    unpack_first "$work" "$arch" "Debian $release" "$image" "${older[@]}"
}

# unpack_first WORKDIR ARCHITECTURE FROM PACKAGE…: downloads the first that can be had, and unpacks it into WORKDIR/kernel
unpack_first() {
    local work=$1 arch=$2 from=$3 image packages deb found=''
    mkdir -p "$work"/{debs,unpacked,kernel}
    for image in "${@:4}"; do
        [[ -n $image ]] || continue
        # In sid the image package has no files, and depends on the packages that have them.
        apt_private "$arch" "$work" apt-cache depends "$image" >"$work/depends" 2>>"$work/log"
        packages=$(awk '$1 == "Depends:" && $2 ~ /^linux-(binary|modules|base)-[0-9]/ { print $2 }' "$work/depends")
        # <NAME> is a package that the mirror does not have.
        ! grep -qE 'Depends: <linux-(binary|modules)-[0-9]' "$work/depends" || { echo "E: no files of $image" >>"$work/log" && continue; }
        say "downloading $image from $from"
        # shellcheck disable=SC2086 # a list of names
        if (cd "$work/debs" && apt_private "$arch" "$work" apt-get download $image $packages >>"$work/log" 2>&1); then
            found=1
            break
        fi
    done
    [[ -n $found ]] || die -3 "cannot download $image: $(grep '^E:' "$work/log" | tail -n1 | grep . || echo 'no reason given')"
    for deb in "$work"/debs/*.deb; do
        dpkg -x "$deb" "$work/unpacked"
    done
    install_tree "${image#linux-image-}" "$work/unpacked" "$work/kernel"
}

# install_tree VERSION FROM TO: copies what a guest needs out of an unpacked package
install_tree() {
    local version=$1 from=$2 to=$3 modules='' vmlinuz='' candidate keep
    for candidate in "$from/lib/modules/$version" "$from/usr/lib/modules/$version"; do
        [[ ! -d $candidate/kernel ]] || modules=$candidate
    done
    for candidate in "$from/boot/vmlinuz-$version" "$from/usr/lib/modules/$version/vmlinuz"; do
        [[ ! -f $candidate ]] || vmlinuz=$candidate
    done
    [[ -n $modules && -n $vmlinuz ]] || die -3 "linux-image-$version has no kernel in the expected places"
    mkdir -p "$to/lib/modules/$version/kernel/drivers"
    cp "$vmlinuz" "$to/vmlinuz"
    cp "$modules"/modules.{order,builtin,builtin.modinfo} "$to/lib/modules/$version/"
    rm -rf "$modules"/kernel/drivers/net/{ethernet,wireless,usb,can,fddi,hamradio,arcnet,wan}
    for keep in arch crypto fs/9p fs/netfs fs/fscache fs/overlayfs fs/fuse lib net security virt \
        drivers/{net,virtio,vhost,ptp,pps,crypto/virtio,char/virtio_console.ko*,char/hw_random}; do
        for candidate in "$modules"/kernel/$keep; do
            [[ -e $candidate ]] || continue
            mkdir -p "$to/lib/modules/$version/kernel/$(dirname "$keep")"
            mv "$candidate" "$to/lib/modules/$version/kernel/$(dirname "$keep")/"
        done
    done
    depmod -b "$to" "$version"
    echo "$version" >"$to/version"
}

main() {
    local refresh='' arch=amd64 name release='' flavour dir work how
    case ${1-} in # no "&&" behind these: set -e would not work in them
    --fetch)
        download "${@:2}"
        return
        ;;
    --fetch-any)
        fetch_any "${@:2}"
        return
        ;;
    esac
    while [[ ${1-} == --* ]]; do
        case $1 in
        --refresh) refresh=1 ;;
        --arch) arch=${2-} && shift ;;
        --list)
            list "$arch"
            return
            ;;
        *) die "unknown option $1" ;;
        esac
        shift
    done
    name=${1-}
    [[ $arch == amd64 || $arch == arm64 ]] || die "unknown architecture '$arch': must be amd64 or arm64"
    flavour=$arch
    [[ $name != *-rt ]] || flavour=rt-$arch
    case ${name%-rt} in
    5.10) release=bullseye ;;
    6.1) release=bookworm ;;
    6.12) release=trixie ;;
    newest) release=sid ;;
    [0-9]*.[0-9]*) [[ $name != *[!-+.~a-z0-9]* ]] || die "not the name of a kernel: '$name'" ;;
    *) die "unknown kernel '$name': must be one of ${KERNELS[*]} ${RT_KERNELS[*]}, or one of scripts/kernel.sh --list" ;;
    esac
    mkdir -p "$CACHE/kernels"
    dir=$CACHE/kernels/$name
    [[ $arch == amd64 ]] || dir=$CACHE/kernels/$arch-$name
    exec {lock}>"$dir.lock"
    flock "$lock"
    if [[ -e $dir/version && $name == newest* &&
        -n $(find "$dir/version" -mmin +$NEWEST_MAX_AGE_MIN) ]]; then
        refresh=1
    fi
    if [[ ! -e $dir/version || -n $refresh ]]; then
        work=$(mktemp -d "$CACHE/kernels/.$name.XXXXXX")
        # shellcheck disable=SC2064 # the value at this point
        trap "rm -rf '$work'" EXIT
        # In a process of its own, because set -e does not work in a function called by "if".
        how=(--fetch "$work" "$arch" "$release" "$flavour")
        [[ -n $release ]] || how=(--fetch-any "$work" "$arch" "$name")
        if "$0" "${how[@]}" >&2; then
            [[ ! -e $dir ]] || mv "$dir" "$work/old"
            mv "$work/kernel" "$dir"
        elif [[ -e $dir/version ]]; then
            warn "using the cached $name kernel $(cat "$dir/version")"
            touch "$dir/version"
        else
            exit 3
        fi
    fi
    echo "$dir"
}

main "$@"
