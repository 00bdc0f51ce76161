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

build() {
    local triple units
    triple=$(inside dpkg-architecture "-a$arch" -qDEB_HOST_GNU_TYPE)
    mkdir -p "$root/src"
    git ls-files -z | tar -c --null -T - | tar -x -C "$root/src"
    mapfile -t units < <(printf '%s\n' tests/unit/test_*.c | sed -E 's|tests/unit/(.*)\.c|build/tests/\1|')
    inside make -s -C /src -j "$(nproc)" V=1 "CC=$triple-gcc" "PKG_CONFIG=$triple-pkg-config" all "${units[@]}"
}

# umockdev is preloaded, which the emulator cannot do: what stands on it is skipped, and counted.
run_units() {
    local source name passed=0 failed=0 skipped=0
    for source in tests/unit/test_*.c; do
        name=$(basename "$source" .c)
        if grep -qE 'umockdev|test_link_tree' "$source"; then
            skipped=$((skipped + 1))
            continue
        fi
        if inside sh -c "cd /src && timeout 3600 $emulator build/tests/$name" >"$root/said" 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "  FAIL  $name" && tail -n 15 "$root/said"
        fi
    done
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
}

if [ ! -e "$root/ready" ]; then make_root "$@"; fi
build
run_units
