# SPDX-License-Identifier: EUPL-1.2
"""The same Debian with its systemd in namespaces of this machine's own kernel, its disk an ext4 file system on a loop device:
starts in a second where an emulated processor takes minutes. No USB port: the modem is behind a socket in /modem."""

import contextlib
import ctypes
import fcntl
import http.client
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "package"))

from booted import BOOT, GROUP, Booted, children, eventually, remove  # noqa: E402
from root import Box  # noqa: E402

EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class InsideConnection(http.client.HTTPConnection):
    """From the loopback of other namespaces."""

    def __init__(self, pid, port):
        super().__init__("127.0.0.1", port, timeout=10)
        self.pid = pid

    def connect(self):
        with contextlib.ExitStack() as stack:
            mine, its = (stack.enter_context(open(path, "rb")) for path in ("/proc/thread-self/ns/net", f"/proc/{self.pid}/ns/net"))
            if libc.setns(its.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                self.sock = socket.socket()
            finally:
                libc.setns(mine.fileno(), CLONE_NEWNET)
        self.sock.settimeout(self.timeout)
        self.sock.connect((self.host, self.port))


def hide_mounts():
    """What this process mounts is for itself: namespaces that others make meanwhile would hold it after a cut."""
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rslave", "/"], check=True)


class Container:
    device, people, factor = "unix:/modem/modem.sock", 5000, 1

    def __init__(self, folder, run):
        hide_mounts()
        self.run_folder = pathlib.Path(run)
        self.image = self.run_folder / "disk"
        subprocess.run(["cp", "--sparse=always", folder / "disk", self.image], check=True)
        self.box = Box(self.run_folder / "root")
        self.box.root.mkdir()
        self.group = GROUP / f"contraclaved-appliance-{os.getpid()}"
        self.group.mkdir()
        self.starter = None

    # ---- power ----

    def switch_on(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.box.root], check=True)
        self.box.path("/modem").mkdir(exist_ok=True)
        boot = BOOT.replace('mount -t tmpfs tmpfs "$0/run"', f'mount -t tmpfs tmpfs "$0/run"\nmount --bind {self.run_folder} "$0/modem"')
        self.starter = subprocess.Popen(["bash", "-c", boot, self.box.root, self.group], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL)

    def wait(self):
        self.pid = eventually(lambda: children(self.starter.pid))[0]
        self.booted = Booted(self.pid)
        states = ("running", "degraded", "starting")
        eventually(lambda: self.booted.run("systemctl", "is-system-running", code=None).strip() in states, 120)
        return self

    def cut(self, _chance):
        """The power goes: every process at once, and what the file system had not yet written."""
        self.kill()
        root = os.open(self.box.root, os.O_RDONLY)
        fcntl.ioctl(root, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(root)
        self.unmount()

    def kill(self):
        self.starter.send_signal(signal.SIGKILL)
        self.starter.wait()
        eventually(lambda: all(remove(path) for path in self.group.iterdir() if path.is_dir()))

    def unmount(self):
        eventually(lambda: subprocess.run(["umount", self.box.root], stderr=subprocess.DEVNULL).returncode == 0)
        eventually(lambda: not subprocess.run(["losetup", "-j", self.image], capture_output=True, check=True).stdout)

    def close(self):
        if self.starter and self.starter.poll() is None:
            self.kill()
        if os.path.ismount(self.box.root):
            self.unmount()
        eventually(lambda: remove(self.group))
        shutil.rmtree(self.run_folder / "root", ignore_errors=True)

    # ---- what is done in it ----

    def run(self, command, code=0, stdin=None, seconds=300):
        if stdin is not None:
            self.box.path("/srv/stdin").write_text(stdin)
            command = f"({command}) </srv/stdin"
        return self.booted.run("timeout", seconds, "sh", "-c", command, code=code)

    def connection(self):
        return InsideConnection(self.pid, 8024)
