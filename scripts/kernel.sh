#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the directory of a Debian kernel for guests. Downloads it if the cache
# does not have it:
#   scripts/kernel.sh [--arch amd64|arm64] [--refresh] 5.10|6.1|6.12|newest|5.10-rt|6.1-rt|6.12-rt|newest-rt
# The default architecture is amd64; -rt is the real-time build. The directory has vmlinuz,
# version and lib/modules/VERSION.
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

# download RELEASE WORKDIR ARCHITECTURE FLAVOUR: downloads the kernel of linux-image-FLAVOUR and unpacks
# it into the new directory WORKDIR/kernel
download() {
    local release=$1 work=$2 arch=$3 flavour=$4 image packages deb series older found=''
    mkdir -p "$work"/{lists,cache,debs,unpacked,kernel}
    write_sources "$release" >"$work/sources.list"
    # One suite may fail, because old releases are moved: it is enough if another
    # one has the package.
    apt_private "$arch" "$work" apt-get update >"$work/log" 2>&1 || true
    image=$(apt_private "$arch" "$work" apt-cache depends "linux-image-$flavour" 2>>"$work/log" |
        awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }') || true
    [[ -n $image ]] || die -3 "this machine's mirror has no kernel of $release: $(grep -m1 -E '^(E|Err)' "$work/log" || echo "no linux-image-$flavour")"
    # A mirror may list a kernel that it no longer has; then an older one does.
    series=$(cut -d. -f1,2 <<<"$image") # linux-image-5.10
    mapfile -t older < <(apt_private "$arch" "$work" apt-cache pkgnames "$series." |
        grep -E "^[-+.a-z0-9]*-$flavour\$" | grep -vFx "$image" | sort -rV)
    [[ $flavour == rt-* ]] || mapfile -t older < <(printf '%s\n' "${older[@]}" | grep -vE -- '-(rt|cloud)-')
    for image in "$image" "${older[@]}"; do
        [[ -n $image ]] || continue
        # In sid the image package has no files, and depends on the packages that have them.
        packages=$(apt_private "$arch" "$work" apt-cache depends "$image" 2>>"$work/log" |
            awk '$1 == "Depends:" && $2 ~ /^linux-(binary|modules|base)-[0-9]/ { print $2 }')
        say "downloading $image from Debian $release"
        # shellcheck disable=SC2086 # a list of names
        if (cd "$work/debs" && apt_private "$arch" "$work" apt-get download $image $packages >>"$work/log" 2>&1); then
            found=1
            break
        fi
    done
    [[ -n $found ]] || die -3 "cannot download $image: $(grep -m1 '^E:' "$work/log" || echo 'no reason given')"
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
    local refresh='' arch=amd64 name release flavour dir work
    if [[ ${1-} == --fetch ]]; then
        download "${@:2}"
        return
    fi
    while [[ ${1-} == --* ]]; do
        case $1 in
        --refresh) refresh=1 ;;
        --arch) arch=${2-} && shift ;;
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
    *) die "unknown kernel '$name': must be one of ${KERNELS[*]} ${RT_KERNELS[*]}" ;;
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
        if "$0" --fetch "$release" "$work" "$arch" "$flavour" >&2; then
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
