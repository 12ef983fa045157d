#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the directory with the root file system of guests that are not of this machine's architecture, made of
# Debian's packages when the cache does not have it:
#   scripts/guest-root.sh arm64
# The packages are unpacked, none is configured: it holds what the cases of tests/vm call, and the libraries of
# build-arm64's programs, which are those of this machine's release.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

TOOLS=(bash dash coreutils diffutils findutils grep sed gawk gzip perl-base hostname mount util-linux procps kmod
    busybox-static iproute2 iputils-ping ethtool nftables iptables tcpdump jq gojq bpftool)
# The packages that bring the libraries have other names from release to release; those for building do not.
LIBRARIES=(libbpf-dev libelf-dev libcapstone-dev libpcap0.8-dev libmnl-dev libjson-c-dev libseccomp-dev libpcre2-dev)

# One directory for programs and one for libraries, as on an installed system: cases say /usr/bin/NAME.
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

# What the packages' own scripts would have done, and the places where things get mounted.
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
    # shellcheck disable=SC2064 # its value now
    trap "rm -rf '$work'" EXIT
    say "fetching the guests' $arch programs from Debian $(codename)"
    why=$(unpack_all "$arch" "$work" "$(codename)" "${TOOLS[@]}" "${LIBRARIES[@]}") ||
        die -3 "$arch's programs cannot be had: $why"
    merge_usr "$work/tree"
    configure "$work/tree"
    echo "$wanted" >"$work/tree/packages"
    rm -rf "$root"
    mv "$work/tree" "$root"
fi
echo "$root"
