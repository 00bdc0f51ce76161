#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# cross.sh FOLDER ARCH PACKAGES...: builds the programs and the unit tests for another processor (arm64, armhf) in a
# Debian of its own, FOLDER, kept for the next run, and runs the unit tests by qemu-user. As root.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$(realpath -m "$1")
arch=$2
shift 2
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
declare -A emulators=([arm64]=qemu-aarch64 [armhf]=qemu-arm)
emulator=${emulators[$arch]:?arm64 or armhf}
LIMIT_S=3600 # of a program: twelve times what run.sh gives a processor of its own

inside() {
    # shellcheck disable=SC2016 # its own shell expands them
    unshare --mount --pid --fork --kill-child sh -ec \
        'mount --bind "$0" "$0"; mount -t proc proc "$0/proc"; mount -t devpts -o newinstance,ptmxmode=666 devpts "$0/dev/pts"
        exec chroot "$0" "$@"' "$root" \
        env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

# Libraries for the other processor, tools for this one.
make_root() {
    local package libraries=() tools=()
    for package in "$@"; do
        case "$package" in
        gcc | libc6-dev) ;;
        pkg-config | *-dev) libraries+=("$package:$arch") ;;
        *) tools+=("$package") ;;
        esac
    done
    rm -rf "$root"
    # shellcheck source=/dev/null
    debootstrap --variant=minbase "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" "$mirror" >/dev/null
    inside dpkg --add-architecture "$arch"
    inside apt-get update -qq
    inside apt-get install -y -qq --no-install-recommends make "crossbuild-essential-$arch" qemu-user \
        "${tools[@]}" "${libraries[@]}" >/dev/null
    inside apt-get clean
    touch "$root/ready"
}

# What was built before stays where its sources have not changed.
build() {
    local triple made
    triple=$(inside dpkg-architecture "-a$arch" -qDEB_HOST_GNU_TYPE)
    mkdir -p "$root/src"
    find "$root/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    git ls-files -z | tar -c --null -T - | tar -x -C "$root/src"
    # preload_hour.c is for tests of this machine (at.sh); stat() has other names on armhf.
    mapfile -t made < <(printf '%s\n' tests/unit/test_*.c tests/lib/preload_*.c | grep -v preload_hour |
        sed -E 's|tests/unit/(.*)\.c|build/tests/\1|; s|tests/lib/(.*)\.c|build/tests/\1.so|')
    inside make -s -C /src -j "$(nproc)" V=1 "CC=$triple-gcc" "PKG_CONFIG=$triple-pkg-config" all "${made[@]}"
}

# why_skipped NAME: why it cannot run here; nothing where it can.
why_skipped() {
    if grep -qE 'umockdev|test_link_tree' "$root/src/tests/unit/$1.c"; then
        echo "umockdev is preloaded, which the emulator does not do"
    elif grep -qF 'test_pg_fixture.h' "$root/src/tests/unit/$1.c"; then
        echo "no PostgreSQL server is in that Debian"
    fi
}

# run_unit NAME: says how it went, in $root/told too; what the program says is in $root/said.
run_unit() {
    local name=$1 started=$EPOCHSECONDS status=0 word=ok why
    why=$(why_skipped "$name")
    if [ -n "$why" ]; then
        echo "  skip  $name: $why" | tee "$root/told/$name"
        return
    fi
    inside sh -c "cd /src && timeout $LIMIT_S $emulator build/tests/$name" >"$root/said/$name" 2>&1 </dev/null || status=$?
    if [ "$status" = 124 ]; then echo "timed out after $LIMIT_S s" >>"$root/said/$name"; fi
    if [ "$status" != 0 ]; then word=FAIL; fi
    printf '  %-4s  %-36s %6d s\n' "$word" "$name" "$((EPOCHSECONDS - started))" | tee "$root/told/$name"
}

# As many at once as there are processors: those that were copied and built, whatever has become of the tree since.
run_units() {
    local source name passed=0 failed=0 skipped=0
    rm -rf "$root/told" "$root/said" && mkdir "$root/told" "$root/said"
    for source in "$root"/src/tests/unit/test_*.c; do
        while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
        run_unit "$(basename "$source" .c)" &
    done
    wait
    for source in "$root"/src/tests/unit/test_*.c; do
        name=$(basename "$source" .c)
        case $(<"$root/told/$name") in
        '  ok'*) passed=$((passed + 1)) ;;
        '  skip'*) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)) && echo "what $name says:" && tail -n 15 "$root/said/$name" ;;
        esac
    done
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}

if [ ! -e "$root/ready" ]; then make_root "$@"; fi
build
run_units
