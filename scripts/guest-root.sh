#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the root directory for guests of another architecture. If the cache does not have it, makes it from Debian
# packages:
#   scripts/guest-root.sh arm64
# The packages are unpacked but not configured. They are the programs that the cases in tests/vm call, and the libraries
# that the programs in build-arm64/ need; these are of this machine's release.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

TOOLS=(bash dash coreutils diffutils findutils grep sed gawk gzip perl-base hostname mount util-linux procps kmod
    busybox-static iproute2 iputils-ping ethtool nftables iptables tcpdump jq gojq bpftool)
# Development packages: each depends on its library, whose package name changes from release to release.
LIBRARIES=(libbpf-dev libelf-dev libcapstone-dev libpcap0.8-dev libmnl-dev libjson-c-dev libseccomp-dev libpcre2-dev)

# Makes /bin, /sbin and /lib links to /usr, as on an installed system: cases call /usr/bin/NAME.
merge_usr() { # TREE
    local dir
    for dir in bin sbin lib; do
        if [[ -d $1/$dir && ! -L $1/$dir ]]; then
            mkdir -p "$1/usr/$dir"
            cp -a "$1/$dir/." "$1/usr/$dir/"
            rm -r "${1:?}/$dir"
        fi
        ln -sfn "usr/$dir" "$1/$dir"
    done
}

# Does what the packages' own scripts would have done, and makes the mount points.
configure() { # TREE
    mkdir -p "$1"/{proc,sys,dev,run,tmp,root,etc}
    ln -sf gawk "$1/usr/bin/awk"
    ln -sf iptables-nft "$1/usr/sbin/iptables"
    ln -sf ip6tables-nft "$1/usr/sbin/ip6tables"
    [[ -e $1/usr/bin/sh ]] || ln -sf dash "$1/usr/bin/sh"
    printf '%s\n' root:x:0:0::/root:/bin/bash tcpdump:x:100:100::/:/bin/false \
        nobody:x:65534:65534::/:/bin/false >"$1/etc/passwd"
    printf '%s\n' root:x:0: tcpdump:x:100: nogroup:x:65534: >"$1/etc/group"
}

arch=${1-}
[[ $arch == arm64 ]] || die "no architecture '$arch': arm64"
root=$CACHE/$arch/guest-root
wanted="$(codename) ${TOOLS[*]} ${LIBRARIES[*]}"
mkdir -p "$CACHE/$arch"
exec {lock}>"$CACHE/$arch/guest-root.lock"
flock "$lock"
if [[ ! -e $root/packages || $(<"$root/packages") != "$wanted" ]]; then
    work=$(mktemp -d "$CACHE/$arch/.work.XXXXXX")
    # shellcheck disable=SC2064 # the value at this point
    trap "rm -rf '$work'" EXIT
    say "downloading $arch programs for guests from Debian $(codename)"
    why=$(unpack_all "$arch" "$work" "$(codename)" "${TOOLS[@]}" "${LIBRARIES[@]}") ||
        die -3 "cannot download $arch programs: $why"
    merge_usr "$work/tree"
    configure "$work/tree"
    echo "$wanted" >"$work/tree/packages"
    rm -rf "$root"
    mv "$work/tree" "$root"
fi
echo "$root"
