# SPDX-License-Identifier: EUPL-1.2
"""A machine by qemu: its power, its USB port with the simulated modem behind it, and a shell in it."""

import http.client
import os
import pathlib
import signal
import socket
import subprocess
import time

from disk import BLOCK, Disk

ACCEL = os.environ.get("ACCEL", "tcg")  # kvm where it works: in a virtual machine it may be there and do nothing
SSH = ["-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "ConnectTimeout=60"]
START_S = 900  # until it can be logged in to for the first time, emulated on a busy machine
# Work of a shell; its time within the machine against its time here says how much slower the machine is.
WORK = "a=$(date +%s%N); i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $(($(date +%s%N) - a))"
# Without what takes time where the processor is emulated, and without a trial of the timer, which a busy machine fails.
KERNEL = "root=/dev/vda rw loglevel=4 console=ttyS0 panic=-1 no_timer_check nokaslr mitigations=off nowatchdog audit=0"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def eventually(look, seconds=60, every=0.05):
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, f"not in {seconds} s"
        time.sleep(every)
    return found


class Machine:
    """folder: of its disk, kernel and first files; run: what is of this run alone."""

    # by its number: no PIN is given to a device of a maker that is not known
    device, people = "usb:0403:6001", 5000 if ACCEL == "kvm" else 1000

    def __init__(self, folder, run):
        self.folder, self.run_folder, self.key, self.modem = folder, run, folder.parent / "key", run / "modem.sock"
        self.disk = Disk(folder / "disk", self.run_folder / "disk.sock")
        self.qemu = self.shell = None
        self.port = free_port()  # of its HTTP, while it runs
        self.work_ns = min(int(subprocess.check_output(["sh", "-c", WORK])) for _ in range(10))
        self.factor = 1          # by how much it is slower than this machine alone: waits are so much longer

    # ---- power ----

    def switch_on(self):
        shell_port = free_port()
        self.shell_words = [*SSH, "-i", self.key, "-p", str(shell_port), "root@127.0.0.1"]
        (self.run_folder / "console").touch()
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", f"q35,accel={ACCEL}", "-cpu", "max,arch-capabilities=off,svm=off", "-m", "512", "-smp", "2", "-nographic",
             "-nodefaults", "-no-user-config", "-kernel", self.folder / "vmlinux", "-initrd", self.folder / "initrd.img",
             "-append", KERNEL, "-serial", f"file:{self.run_folder}/console",
             "-drive", f"if=none,id=disk,format=raw,cache=writeback,file.driver=nbd,file.server.type=unix,"
                       f"file.server.path={self.disk.path}",
             "-device", f"virtio-blk-pci,drive=disk,logical_block_size={BLOCK},physical_block_size={BLOCK}",
             "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{shell_port}-:22", "-device",
             "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci", "-device", "qemu-xhci,id=usb",
             # in the port while the modem has power: taken away by device_del, it now and then ended qemu 7.2 itself
             "-chardev", f"socket,id=modem,path={self.modem},reconnect=1", "-device", "usb-serial,chardev=modem,bus=usb.0"],
            stdin=subprocess.DEVNULL, stdout=open(self.run_folder / "qemu.log", "ab"), stderr=subprocess.STDOUT)

    def wait(self):
        """Until its shell answers; its HTTP is then at self.port."""
        eventually(self.log_in, START_S, 0.2)
        self.measure()
        return self

    def measure(self):
        self.factor = max(1, int(self.run(WORK)) / self.work_ns)

    def log_in(self):
        self.end_shell()
        assert self.qemu.poll() is None, (self.run_folder / "qemu.log").read_text()
        control = self.run_folder / "shell"
        self.shell = subprocess.Popen(
            ["ssh", "-M", "-S", control, "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"127.0.0.1:{self.port}:127.0.0.1:8024",
             *self.shell_words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self.shell.poll() is None and not control.exists():
            time.sleep(0.02)
        return control.exists()

    def end_shell(self):
        if self.shell:
            self.shell.kill()
            self.shell.wait()
        (self.run_folder / "shell").unlink(missing_ok=True)

    def cut(self, chance):
        """The power goes, and what the disk had not flushed."""
        self.qemu.send_signal(signal.SIGKILL)
        self.qemu.wait()
        self.end_shell()
        self.disk.cut(chance)

    def close(self):
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait()
        self.end_shell()
        self.disk.close()

    # ---- what is done in it ----

    def run(self, command, code=0, stdin=None, seconds=300):
        """A line of its shell: what it says."""
        done = subprocess.run(["ssh", "-S", self.run_folder / "shell", *self.shell_words, command], input=stdin,
                              stdin=None if stdin is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds * self.factor)
        assert code is None or done.returncode == code, f"{command!r} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10 * self.factor)
