#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Prints the path of the initramfs for a kernel directory (see scripts/kernel.sh).
# Builds it if its content has changed:
#   scripts/initramfs.sh KERNEL-DIR [BUSYBOX]
# BUSYBOX is a static busybox of the kernel's architecture (default: this machine's).
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# The modules that mount the root file system, and those that every topology uses.
MODULES=(virtio_pci virtio_console virtio_rng 9pnet_virtio 9p overlay
    veth sch_ingress cls_bpf act_gact bridge ipv6)

kernel=${1:?a kernel directory}
version=$(cat "$kernel/version")
busybox=${2-$(command -v busybox)} || die "no busybox (package busybox-static)"
key=$( (
    echo "${MODULES[*]} $version"
    cat "$ROOT/scripts/guest/init" "$ROOT/scripts/initramfs.sh" "$busybox"
) | sha256sum | cut -c1-16)
out=$kernel/initramfs-$key
if [[ -e $out ]]; then
    echo "$out"
    exit 0
fi

tree=$(mktemp -d)
trap 'rm -rf "$tree" "$out.$$"' EXIT
mkdir -p "$tree"/{bin,modules}
cp "$busybox" "$tree/bin/busybox"
for applet in sh mkdir mount umount insmod uname switch_root echo sync sleep; do
    ln -s busybox "$tree/bin/$applet"
done
install -m 755 "$ROOT/scripts/guest/init" "$tree/init"

# Prints "insmod PATH" for a module and its dependencies, dependencies first.
show_depends() { # MODULE
    # A name that is not found is built into this kernel, or not in it yet.
    modprobe -q -S "$version" -d "$kernel" --show-depends "$1" || true
}
for module in "${MODULES[@]}"; do
    show_depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
    name=$(basename "$path")
    case $name in
    *.xz) xz -dc "$path" >"$tree/modules/${name%.xz}" ;;
    *.zst) zstd -qdc "$path" >"$tree/modules/${name%.zst}" ;;
    *) cp "$path" "$tree/modules/" ;;
    esac
    echo "${name%%.ko*}.ko" >>"$tree/modules/order"
done

(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$out.$$"
mv "$out.$$" "$out"
for old in "$kernel"/initramfs-????????????????; do
    # Another guest may be about to open a younger one.
    [[ $old == "$out" ]] || find "$old" -mmin +60 -delete
done
echo "$out"
