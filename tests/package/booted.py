# SPDX-License-Identifier: EUPL-1.2
"""A Debian of root.py with its systemd as the first process of namespaces of its own: the unit as it really runs."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

GROUP = pathlib.Path("/sys/fs/cgroup/unified" if os.path.ismount("/sys/fs/cgroup/unified") else "/sys/fs/cgroup")

# What its systemd could change for the whole machine is read-only, and of the devices it has the harmless ones.
BOOT = """
echo $$ >"$1/cgroup.procs"
exec unshare --mount --pid --fork --cgroup --uts --ipc --net --kill-child sh -ec '
mount --bind "$0" "$0"
mount -t proc proc "$0/proc"
mount --bind "$0/proc/sys" "$0/proc/sys" && mount -o remount,ro,bind "$0/proc/sys"
mount -t sysfs -o ro sysfs "$0/sys"
mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"
mount -t tmpfs tmpfs "$0/run"
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
mkdir "$0/dev/pts" "$0/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$0/dev/pts"
for name in null zero full random urandom; do touch "$0/dev/$name"; mount --bind "/dev/$name" "$0/dev/$name"; done
mount --make-rshared "$0" # as systemd itself makes it on a machine: the credentials of a service come by it
exec chroot "$0" env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 /lib/systemd/systemd' "$0"
"""


class Booted:
    def __init__(self, pid):
        self.pid = pid

    def run(self, *words, code=0):
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "-m", "-p", "-C", "-u", "-i", "-n", "-r", "-w", *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"})
        assert code is None or done.returncode == code, f"{words} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def unit(self, name):
        return self.run("systemctl", "show", "-p", name, "--value", "contraclaved").strip()


@contextlib.contextmanager
def booted(box):
    group = GROUP / f"contraclaved-package-{os.getpid()}"
    group.mkdir()
    starter = subprocess.Popen(["bash", "-c", BOOT, box.root, group], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        first = eventually(lambda: children(starter.pid))[0]
        machine = Booted(first)
        eventually(lambda: machine.run("systemctl", "is-system-running", code=None).strip() in ("running", "degraded"))
        yield machine
    finally:
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        eventually(lambda: remove(group))


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def remove(group):
    """The groups that its systemd made in it go first."""
    try:
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)
        return True
    except OSError:
        return False


def eventually(look, seconds=60):
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, "not in time"
        time.sleep(0.1)
    return found
