# SPDX-License-Identifier: EUPL-1.2
"""The disk of a Debian as a technician has it before contraclaved, and the packages that are built on that Debian."""

import pathlib
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "package"))

from root import BUILD, ROOT, Box  # noqa: E402

MIRROR = "http://deb.debian.org/debian"
DISK_MIB = 2048
TOOLS = "build-essential debhelper po-debconf".split()
SYSTEM = "linux-image-amd64 initramfs-tools systemd-sysv systemd-timesyncd udev dbus openssh-server debconf-utils sudo curl iproute2".split()
# They would begin to work after some minutes, in the middle of what is measured; the others take time where the processor is
# emulated, and do nothing here.
NOT_WANTED = ("systemd-logind.service systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-pstore.service "
              "modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service "
              "modprobe@fuse.service modprobe@loop.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount "
              "sys-kernel-tracing.mount fstrim.timer "
              "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service "
              "getty@tty1.service serial-getty@ttyS0.service").split()
# The first of a quick start, which machine.py asks the kernel for. It waits for the modem before it looks for the disk.
QUICK_FIRST = """#!/bin/sh
[ "$1" = prereqs ] && exit
cat >"$DESTDIR/quick" <<'EOF'
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p /sys /proc /disk
mount -t sysfs sysfs /sys
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for name in virtio_pci ext4 virtio_net xhci_pci; do modprobe $name; done
echo asleep >/dev/console
until [ -e /sys/bus/usb/devices/1-1 ]; do sleep 0.1; done
modprobe virtio_blk
until mount -t ext4 /dev/vda /disk; do sleep 0.1; done
mount -t devtmpfs dev /disk/dev
exec run-init /disk /usr/sbin/quick </disk/dev/console >/disk/dev/console 2>&1
EOF
chmod 755 "$DESTDIR/quick"
"""
# What the service needs of a machine, as its unit gives it, and nothing else. From outside it is reached at its loopback.
QUICK = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t sysfs sysfs /sys
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
# it has slept, and each time from the same moment: the clock, and what it gives as chance
date -s @$(cat /sys/class/rtc/rtc0/since_epoch)
perl -e 'open R, ">", "/dev/random"; syswrite R, time; ioctl R, 0x5207, 0 or die $!' # RNDRESEEDCRNG
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
install -d -o contraclaved -g contraclaved -m 750 /run/contraclaved
modprobe ftdi_sio
until chgrp dialout /dev/ttyUSB0; do sleep 0.1; done 2>/dev/null
chmod 660 /dev/ttyUSB0
while :; do
    setpriv --reuid contraclaved --regid contraclaved --groups contraclaved,dialout contraclaved -c /etc/contraclaved/contraclaved.conf
    sleep 2
done
"""
FILES = {
    "/etc/hostname": "alpedrete\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 alpedrete\n",
    "/etc/fstab": "/dev/vda / ext4 errors=remount-ro 0 1\n",
    "/etc/systemd/network/80-cable.network": "[Match]\nName=e*\n[Network]\nAddress=10.0.2.15/24\n",
    # an emulated processor on a busy machine is slow beyond what systemd waits for
    "/etc/systemd/system.conf.d/appliance.conf": "[Manager]\nDefaultTimeoutStartSec=15min\nDefaultDeviceTimeoutSec=15min\n",
    "/etc/initramfs-tools/conf.d/appliance": "MODULES=list\n",
    "/usr/share/initramfs-tools/modules.d/appliance": "virtio_pci\nvirtio_blk\next4\nvirtio_net\nxhci_pci\n",
    "/etc/initramfs-tools/hooks/quick": QUICK_FIRST,
    "/usr/sbin/quick": QUICK,
}


def bootstrap(path, suite):
    if not path.exists():
        new = path.with_name(path.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, new, MIRROR], check=True, stdout=subprocess.DEVNULL)
        new.rename(path)
    return path


def make_root(path, suite, packages, files):
    """A minimal Debian of that suite with these files and packages, kept in the build folder for the next run."""
    ready, wanted = path.with_name(path.name + ".ready"), repr((packages, files))
    if not ready.exists() or ready.read_text() != wanted:
        shutil.rmtree(path, ignore_errors=True)
        subprocess.run(["cp", "-a", bootstrap(path.with_name("base"), suite), path], check=True)
        box = Box(path)
        for name, text in files.items():
            box.path(name).parent.mkdir(parents=True, exist_ok=True)
            box.path(name).write_text(text)
            box.path(name).chmod(0o755 if text.startswith("#!") else 0o644)
        box.run("apt-get", "update", "-qq")
        box.apt("install", *packages)
        ready.write_text(wanted)
    return Box(path)


def build_packages(folder, suite, version, depends):
    """As `make deb` does on that Debian."""
    box = make_root(folder / "builder", suite, [*TOOLS, *depends], {})
    shutil.rmtree(box.path("/src"), ignore_errors=True)
    box.path("/src").mkdir()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    tar = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=listed, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "--no-same-owner", "-C", box.path("/src")], input=tar, check=True)
    box.run("/src/conf/debian/build.sh", version, "/deb", *depends)
    return sorted(p for p in box.path("/deb").glob("*.deb") if "dbgsym" not in p.name)


def make_image(folder, suite, debs, key):
    """Its disk, kernel and first files. The packages wait in /srv, what they depend on in apt's own cache: the machine
    has no network. key: the public key that may log in."""
    box = make_root(folder / "system", suite, SYSTEM, FILES)
    box.run("systemctl", "enable", "systemd-networkd")
    box.run("systemctl", "mask", *NOT_WANTED)
    (box.path("/root") / ".ssh").mkdir(mode=0o700, exist_ok=True)
    (box.path("/root") / ".ssh" / "authorized_keys").write_text(key)
    for old in box.path("/srv").glob("*.deb"):
        old.unlink()
    for deb in debs:
        shutil.copy(deb, box.path("/srv"))
    names = [f"/srv/{deb.name}" for deb in debs]
    box.run("apt-get", "-y", "-q", "install", "--download-only", *names)
    image = folder / "disk"
    image.unlink(missing_ok=True)
    with open(image, "wb") as file:
        file.truncate(DISK_MIB << 20)
    subprocess.run(["mkfs.ext4", "-q", "-b", "4096", "-d", box.root, image], check=True)
    shutil.copy(next(box.path("/boot").glob("initrd.img-*")), folder / "initrd.img")
    (folder / "vmlinux").write_bytes(unpack_kernel(next(box.path("/boot").glob("vmlinuz-*")).read_bytes()))
    return image


def unpack_kernel(packed):
    """The kernel within a vmlinuz, which an emulated processor would be long about. Source: Linux, x86/boot.rst."""
    start, length = struct.unpack_from("<II", packed, 0x248)
    start += (packed[0x1F1] + 1) * 512
    payload = packed[start:start + length - 4]  # the last four are its size
    tool = {b"\xfd7zX": "xz", b"\x28\xb5\x2f\xfd": "zstd"}[payload[:4]]
    return subprocess.run([tool, "-dc"], input=payload, check=True, capture_output=True).stdout
