#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# build.sh VERSION FOLDER BUILD-DEPENDS...: makes the Debian packages of this tree in FOLDER, the same bytes wherever
# and whenever the same commit is built. The tree itself stays as it is: a copy gets debian/.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$1
folder=$(realpath -m "$2")
shift 2
tree=$folder/contraclaved-$version

# A checkout has its last commit; a tarball the time of its newest file.
if git rev-parse --git-dir >/dev/null 2>&1; then
    epoch=$(git log -1 --format=%ct)
    maintainer=$(git log -1 --format='%an <%ae>')
    list() { git ls-files -z; }
else
    epoch=$(find . -path ./build -prune -o -type f -printf '%Ts\n' | sort -n | tail -n 1)
    maintainer='contraclaved <root@localhost>'
    list() { find . -path ./build -prune -o -type f -printf '%P\0'; }
fi
export SOURCE_DATE_EPOCH=$epoch

# Modes, owners and times of the copy are no matter of the one who builds.
copy_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    list | tar -c --null --no-recursion --files-from=- --mtime="@$epoch" --mode=u+rw,go=rX |
        tar -x -C "$tree" --no-same-owner
    cp -a "$tree/conf/debian" "$tree/debian"
}

# The text of the licence as a field of debian/copyright.
license() { sed 's/^[[:space:]]*$/./; s/^/ /' LICENSE; }

fill_in() {
    local depends
    depends=$(printf '%s, ' "$@")
    sed -i "s|@MAINTAINER@|$maintainer|; s|@BUILD_DEPENDS@|${depends%, }|" "$tree/debian/control"
    license >"$folder/license"
    sed -i -e "/@LICENSE@/{r $folder/license" -e 'd}' "$tree/debian/copyright"
    rm "$folder/license"
    printf 'contraclaved (%s) unstable; urgency=medium\n\n  * Versión %s.\n\n -- %s  %s\n' "$version" \
        "$version" "$maintainer" "$(LC_ALL=C date -u -R -d "@$epoch")" >"$tree/debian/changelog"
    touch -d "@$epoch" "$tree"/debian/{control,copyright,changelog}
}

copy_tree
fill_in "$@"
cd "$tree"
umask 022
# BUILD of the caller's make is its own; the copy builds in its own folder.
env -u BUILD -u MAKEFLAGS -u MAKELEVEL -u MFLAGS LC_ALL=C.UTF-8 TZ=UTC \
    dpkg-buildpackage --build=binary --no-sign --jobs="$(nproc)" >"$folder/log" 2>&1 || { tail -n 40 "$folder/log"; exit 1; }
rm -rf "$tree"
ls "$folder"/*.deb
