#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds a Debian package of what "meson install" installs:
#   ./run package
# Leaves build-release/skbtrail_VERSION_ARCH.deb and checks it with lintian. Exit
# status 1 if lintian finds an error or a warning.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/debian.sh
. "$(dirname "$0")/debian.sh"

[[ $# -eq 0 ]] || die "usage: ./run package"
install_missing dpkg-dev lintian
cd "$ROOT"
scripts/build.sh --release
dir=build-release
version=$(head -n 1 packaging/changelog | sed 's/.*(\(.*\)).*/\1/')
arch=$(dpkg --print-architecture)
tree=$ROOT/$dir/package
rm -rf "$tree"
umask 022
DESTDIR=$tree meson install -C "$dir" --quiet --no-rebuild --strip

doc=$tree/usr/share/doc/skbtrail
install -d "$doc" "$tree/DEBIAN"
install -m 644 packaging/copyright "$doc/copyright"
gzip -9n <packaging/changelog >"$doc/changelog.Debian.gz"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
install -m 644 README.md "$doc/"
install -D -m 644 packaging/lintian-overrides "$tree/usr/share/lintian/overrides/skbtrail"
find "$tree/usr/share/man" -type f ! -name '*.gz' -exec gzip -9n {} +
mkdir -p "$dir/shlibs/debian" && touch "$dir/shlibs/debian/control"
depends=$(cd "$dir/shlibs" && dpkg-shlibdeps -O "$tree/usr/sbin/skbtrail" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
size=$(du -sk --exclude=DEBIAN "$tree" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" \
    packaging/control.in >"$tree/DEBIAN/control"
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
deb=$dir/skbtrail_${version}_$arch.deb
dpkg-deb --root-owner-group --build "$tree" "$deb" >/dev/null
say "$deb: $(stat -c %s "$deb") bytes, depends on $depends"
lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$deb" || die -1 "lintian found errors or warnings"
