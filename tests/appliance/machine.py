# SPDX-License-Identifier: EUPL-1.2
"""A machine by qemu: its power, its USB port with the simulated modem behind it, and a shell in it."""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import time

from disk import BLOCK, Disk

ACCEL = os.environ.get("ACCEL", "tcg")  # kvm where it works: in a virtual machine it may be there and do nothing
SSH = ["-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "ConnectTimeout=60"]
MODEM = {"driver": "usb-serial", "chardev": "modem", "bus": "usb.0"}
START_S = 900  # until it can be logged in to for the first time, emulated on a busy machine
# Work of a shell; its time within the machine against its time here says how much slower the machine is.
WORK = "a=$(date +%s%N); i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $(($(date +%s%N) - a))"
# Without what takes time where the processor is emulated, and without a trial of the timer, which a busy machine fails.
KERNEL = "root=/dev/vda rw loglevel=4 console=ttyS0 panic=-1 no_timer_check nokaslr mitigations=off nowatchdog audit=0 cryptomgr.notests"


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
    device, people = "usb:0403:6001", 5000 if ACCEL == "kvm" else 2000

    def __init__(self, folder, run):
        self.folder, self.run_folder, self.key, self.modem = folder, run, folder.parent / "key", run / "modem.sock"
        self.disk = Disk(folder / "disk", self.run_folder / "disk.sock")
        self.console, self.monitor = run / "console", run / "monitor"
        self.qemu = self.shell = None
        self.port = free_port()  # of its HTTP, while it runs
        self.work_ns = min(int(subprocess.check_output(["sh", "-c", WORK])) for _ in range(10))
        self.factor = 1          # by how much it is slower than this machine alone: waits are so much longer

    # ---- power ----

    def switch_on(self):
        shell_port = free_port()
        self.shell_words = [*SSH, "-i", self.key, "-p", str(shell_port), "root@127.0.0.1"]
        # in the port while the modem has power: taken away by device_del, it now and then ended qemu 7.2 itself
        self.start(f"{shell_port}-:22", KERNEL, "-device", json.dumps(MODEM))

    def start_quick(self):
        """After a cut: until the service listens, without systemd and without a shell. The kernel wakes where it had not yet
        seen its disk, which is read anew as it was left."""
        asleep = self.run_folder / "asleep"
        if not asleep.exists():
            self.start(f"{self.port}-127.0.0.1:8024", f"{KERNEL} rdinit=/quick")
            eventually(lambda: self.has_said(b"asleep"), START_S)
            self.tell("migrate", uri=f"exec:cat >{asleep}.new")
            eventually(lambda: self.tell("query-migrate")["status"] == "completed", START_S)
            self.end_power()
            pathlib.Path(f"{asleep}.new").rename(asleep)
        self.start(f"{self.port}-127.0.0.1:8024", f"{KERNEL} rdinit=/quick", "-incoming", f"exec:cat {asleep}")
        eventually(lambda: self.tell("query-status")["status"] == "running", START_S)
        self.tell("device_add", **MODEM)
        eventually(lambda: self.has_said(b" escucha en "), START_S)

    def start(self, forward, kernel, *words):
        self.console.write_bytes(b"")
        self.monitor.unlink(missing_ok=True)
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", f"q35,accel={ACCEL}", "-cpu", "max,arch-capabilities=off,svm=off", "-m", "512",
             "-smp", "2" if ACCEL == "kvm" else "1", "-nographic", "-nodefaults", "-no-user-config",
             "-kernel", self.folder / "vmlinux", "-initrd", self.folder / "initrd.img", "-append", kernel,
             "-serial", f"file:{self.console}", "-qmp", f"unix:{self.monitor},server=on,wait=off",
             "-drive", f"if=none,id=disk,format=raw,cache=writeback,file.driver=nbd,file.server.type=unix,"
                       f"file.server.path={self.disk.path}",
             "-device", f"virtio-blk-pci,drive=disk,logical_block_size={BLOCK},physical_block_size={BLOCK}",
             "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{forward}", "-device",
             "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci", "-device", "qemu-xhci,id=usb",
             "-chardev", f"socket,id=modem,path={self.modem},reconnect=1", *words],
            stdin=subprocess.DEVNULL, stdout=open(self.run_folder / "qemu.log", "ab"), stderr=subprocess.STDOUT)

    def tell(self, command, **arguments):
        """What qemu answers at its monitor."""
        with socket.socket(socket.AF_UNIX) as s:
            eventually(self.monitor.exists)
            s.connect(str(self.monitor))
            with s.makefile("rw") as file:
                for order in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                    file.write(json.dumps(order))
                    file.flush()
                    while not (said := json.loads(file.readline())).keys() & {"return", "error"}:
                        pass
                    assert "return" in said, (command, said)
                return said["return"]

    def has_said(self, words):
        assert self.qemu.poll() is None, self.console.read_text(errors="replace")[-2000:]
        return words in self.console.read_bytes()

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
        self.end_power()
        self.end_shell()
        self.disk.cut(chance)

    def end_power(self):
        self.qemu.kill()
        self.qemu.wait()

    def close(self):
        if self.qemu:
            self.end_power()
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
