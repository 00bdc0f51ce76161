# SPDX-License-Identifier: EUPL-1.2
"""
USB modems to plug in and out, for the real daemon: a folder laid out as the kernel and udev lay out /sys and /dev, shown
to the daemon by umockdev and preload_serial.so, with a pty behind each tty; and the uevents that tell of it.

    with folder() as path:
        sim = Sim(path)                                      # its pty: path / "modem"
        usb = Usb(path)
        stick = usb.plug("2c7c", "0125", interfaces={0: usb.silent(), 2: path / "modem", 4: None})
        box = Box(path, stick.by_id(2))                      # or "auto", "usb:2c7c:0125", stick.tty(2)
        box.env = usb.box_env(box.env)
        box.start()
        stick.unplug()                                       # the tree only: end the line too, as in sim.stop()
        stick.replug(first_tty=3)                            # it comes back as ttyUSB3

A stick in storage mode: usb.plug("12d1", "1f01", classes={0: "08/06/50"}). HiLink: classes={0: "02/06/00", 1: "0a/06/00"}.
The same stick after the switch: stick.replug(pid="1506", interfaces={…}, classes={}).
"""

import contextlib
import os
import pathlib
import pty
import shutil
import socket
import threading
import tty as terminal

from box import BUILD

HOST = "devices/pci0000:00/0000:00:14.0"
DRIVERS = {"option": "option1", "cdc_acm": "cdc_acm"}  # a usb-serial driver's name on its own bus
CLASSES = {"option": "ff/ff/ff", "cdc_acm": "02/02/01"}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def link(path, target):
    """A link as sysfs and udev have them: relative."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


class Device:
    """One device in its socket. What it is (vid, pid, interfaces…) may be changed by replug()."""

    def __init__(self, usb, bus, **what):
        self.usb, self.bus, self.plugged = usb, bus, False
        self.what = {"serial": None, "manufacturer": "Prueba", "product": "Modem", "interfaces": {}, "classes": {},
                     "first_tty": None, "driver": "option", **what}

    @property
    def home(self):
        """sys/devices/…/usb1/1-1/1-1.2"""
        number, _, ports = self.bus.partition("-")
        ports = ports.split(".")
        chain = [f"{number}-{'.'.join(ports[:n + 1])}" for n in range(len(ports))]
        return self.usb.sys.joinpath(HOST, f"usb{number}", *chain)

    def tty(self, interface):
        """What the kernel calls it at the moment: "/dev/ttyUSB2"."""
        return f"/dev/{self.names[interface]}"

    def by_id(self, interface):
        """The name that stays, as udev makes it."""
        words = [self.what["manufacturer"], self.what["product"], self.what["serial"]]
        name = "_".join(w.replace(" ", "_") for w in words if w)
        port = "-port0" if self.what["driver"] == "option" else ""
        return f"/dev/serial/by-id/usb-{name}-if{interface:02x}{port}"

    def plug(self):
        what, usb = self.what, self.usb
        usb.add_hubs(self.bus)
        self.address = usb.next_address()
        prefix = "ttyUSB" if what["driver"] == "option" else "ttyACM"
        first = usb.free_tty(prefix) if what["first_tty"] is None else what["first_tty"]
        with_tty = [n for n in sorted(what["interfaces"]) if what["interfaces"][n] is not None]
        self.names = {n: f"{prefix}{first + i}" for i, n in enumerate(with_tty)}
        usb.describe(self.home, self.bus, self.address, what, "00")
        for interface in sorted({*what["interfaces"], *what["classes"]}):
            self.add_interface(interface)
        self.plugged = True
        return self

    def add_interface(self, number):
        place = self.home / f"{self.bus}:1.{number}"
        words = self.what["classes"].get(number, CLASSES[self.what["driver"]]).split("/")
        write(place / "bInterfaceNumber", f"{number:02x}")
        for name, value in zip(("Class", "SubClass", "Protocol"), words):
            write(place / f"bInterface{name}", value)
        self.usb.on_bus(place, "usb", DEVTYPE="usb_interface")
        if number in self.names:
            self.add_tty(place, number)

    def add_tty(self, place, number):
        name, driver, sys = self.names[number], self.what["driver"], self.usb.sys
        link(place / "driver", sys / "bus/usb/drivers" / driver)
        if driver == "option":  # one more level: the port on the bus usb-serial
            place = place / name
            write(place / "port_number", "0")
            self.usb.on_bus(place, "usb-serial")
            link(place / "driver", sys / "bus/usb-serial/drivers" / DRIVERS[driver])
        self.usb.add_tty(name, place, self.what["interfaces"][number])
        link(self.usb.inside(self.by_id(number)), self.usb.dev / name)
        self.usb.number_node(self.by_id(number).removeprefix("/dev/"), self.what["interfaces"][number])
        self.usb.announce(place / "tty" / name, "add", "tty", DEVNAME=name)

    def unplug(self):
        """As udev and the kernel take it away: names first."""
        usb, own = self.usb, {self.bus, *self.names.values()}
        for number, name in self.names.items():
            usb.inside(self.by_id(number)).unlink()
            usb.remove_tty(name)
        for seen in usb.sys.glob("bus/usb*/devices/*"):
            if seen.name.partition(":")[0] in own:
                seen.unlink()
        usb.node(self.bus, self.address).unlink()
        shutil.rmtree(self.home)
        usb.announce(self.home, "remove", "usb", DEVTYPE="usb_device")
        self.plugged = False

    def replug(self, bus=None, **what):
        """Back in the same socket or in another, as what it was but for what is named here."""
        if self.plugged:
            self.unplug()
        self.bus = bus or self.bus
        self.what.update(what)
        return self.plug()


class Usb:
    """An empty box: one host controller, no device."""

    def __init__(self, folder):
        self.address, self.silent_ptys, self.agreeing_ends = 1, [], []
        self.root = pathlib.Path(folder).resolve() / "serial"
        self.sys, self.dev = self.root / "sys", self.root / "dev"
        for place in ("class/tty", "bus/usb/devices", "bus/usb/drivers", "bus/usb-serial/devices"):
            (self.sys / place).mkdir(parents=True)
        (self.dev / "serial/by-id").mkdir(parents=True)
        (self.dev / ".node").mkdir()
        self.events, self.is_heard = 0, True

    def __del__(self):
        for fd in self.silent_ptys:
            os.close(fd)

    def plug(self, vid, pid, serial=None, interfaces=None, bus="1-1.2", **what):
        """
        interfaces: number → the pty behind its tty, or None for an interface without one. classes: number →
        "class/subclass/protocol" where it is not the driver's usual. driver: "option" (ttyUSBn) or "cdc_acm" (ttyACMn).
        first_tty: the number of the first tty, else the lowest free one. Also manufacturer and product.
        """
        return Device(self, bus, vid=vid, pid=pid, serial=serial, interfaces=interfaces or {}, **what).plug()

    def add_uart(self, name, device=None, where="pnp0/00:04", kind=4):
        """A port that is not USB; kind 0 with where="platform/serial8250" is one that the kernel only reserves."""
        place = self.sys / "devices" / where
        self.add_tty(name, place, device or self.silent())
        write(place / "tty" / name / "type", kind)
        self.announce(place / "tty" / name, "add", "tty", DEVNAME=name)

    def silent(self):
        """A port at which nobody answers: a pty's path."""
        master, slave = pty.openpty()
        terminal.setraw(slave)
        self.silent_ptys += [master, slave]
        return os.ttyname(slave)

    def agreeing(self):
        """A port that says OK to every line, and nothing else: a pty's path."""
        path, master = self.silent(), self.silent_ptys[-2]

        def agree():
            with contextlib.suppress(OSError):
                while data := os.read(master, 4096):
                    os.write(master, b"\r\nOK\r\n" * data.count(b"\r"))
        threading.Thread(target=agree, daemon=True).start()
        self.agreeing_ends.append(master)
        return path

    def forbid(self, tty):
        """The node is there, but may not be opened; allow() undoes it."""
        node = self.inside(tty)
        if not node.is_symlink():
            return
        node.rename(self.root / f"{node.name}.allowed")
        node.touch()
        node.chmod(0)

    def allow(self, tty):
        (self.root / f"{pathlib.Path(tty).name}.allowed").replace(self.inside(tty))

    def run_service(self, name="ModemManager"):
        """As if systemd had this service running."""
        write(self.sys / f"fs/cgroup/system.slice/{name}.service/cgroup.procs", 1)

    def resets(self):
        """The USB resets so far: bus and device numbers, ["001/005"]."""
        return [line.split()[1] for line in self.log("usb.log")]

    def lines(self):
        """What was done to the modem lines, [("dtr=1", "rts=1")]."""
        return [tuple(line.split()) for line in self.log("lines.log")]

    def box_env(self, env=None):
        """An environment (box.env, which may have the clock's preload in it) with this folder shown as /sys and /dev."""
        env = dict(env or {})
        preloads = [env.get("LD_PRELOAD", ""), str(BUILD / "tests/preload_serial.so"), "libumockdev-preload.so.0"]
        env["LD_PRELOAD"] = ":".join(filter(None, preloads))
        env["UMOCKDEV_DIR"] = str(self.root)
        env.setdefault("ASAN_OPTIONS", "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))
        return env

    # ---- what Device is made with ----

    def log(self, name):
        path = self.root / name
        return path.read_text().splitlines() if path.exists() else []

    def inside(self, path):
        return self.root / str(path).lstrip("/")

    def next_address(self):
        self.address += 1
        return self.address

    def free_tty(self, prefix):
        return next(n for n in range(256) if not (self.sys / f"class/tty/{prefix}{n}").is_symlink())

    def node(self, bus, address):
        return self.dev / f"bus/usb/{int(bus.partition('-')[0]):03}/{address:03}"

    def on_bus(self, place, bus, **properties):
        """Makes the place a device of that bus, and tells of it."""
        link(self.sys / "bus" / bus / "devices" / place.name, place)
        link(place / "subsystem", self.sys / "bus" / bus)
        self.announce(place, "add", bus, **properties)

    def announce(self, place, action, subsystem, **properties):
        """The device's own uevent file, and the event to each program that listens by umockdev."""
        if action == "add":
            write(place / "uevent", "\n".join(f"{k}={v}" for k, v in properties.items()))
        path = f"/{place.relative_to(self.sys)}"
        self.events += 1
        said = {"ACTION": action, "DEVPATH": path, "SUBSYSTEM": subsystem, "SEQNUM": self.events, **properties}
        text = "\0".join([f"{action}@{path}", *(f"{k}={v}" for k, v in said.items()), ""])
        for listener in self.root.glob("event*") if self.is_heard else ():
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s, contextlib.suppress(OSError):
                s.connect(str(listener))  # a listener that has ended leaves its name behind
                s.send(text.encode())

    def describe(self, home, bus, address, what, device_class):
        """The files of a device that anybody reads, then its name on the bus."""
        files = {"idVendor": what["vid"], "idProduct": what["pid"], "serial": what.get("serial"),
                 "manufacturer": what["manufacturer"], "product": what["product"], "busnum": int(bus.partition("-")[0]),
                 "devnum": address, "bDeviceClass": device_class, "bConfigurationValue": 1}
        for name, value in files.items():
            if value is not None:
                write(home / name, value)
        node = self.node(bus, address)
        node.parent.mkdir(parents=True, exist_ok=True)
        node.touch()
        self.on_bus(home, "usb", DEVTYPE="usb_device")

    def add_hubs(self, bus):
        """The root hub and each hub on the way."""
        number, _, ports = bus.partition("-")
        home = self.sys / HOST / f"usb{number}"
        hub = {"vid": "1d6b", "pid": "0002", "manufacturer": "Linux", "product": "Host Controller"}
        if not home.exists():
            self.describe(home, number, 1, hub, "09")
        ports = ports.split(".")
        for n in range(1, len(ports)):
            name = f"{number}-{'.'.join(ports[:n])}"
            home = home / name
            if not home.exists():
                self.describe(home, name, self.next_address(), {**hub, "vid": "05e3", "pid": "0608"}, "09")

    def add_tty(self, name, place, target):
        """The tty of a port, its name in the class, its node in /dev."""
        home = place / "tty" / name
        write(home / "dev", "188:0")
        link(home / "device", place)
        link(home / "subsystem", self.sys / "class/tty")
        link(self.sys / "class/tty" / name, home)
        (self.dev / name).symlink_to(target)
        self.number_node(name, target)

    def number_node(self, name, target):
        """umockdev's note of the number that stat() tells of a node, for each name of it."""
        number, note = os.stat(target).st_rdev, self.dev / ".node" / name.replace("/", "_")
        note.unlink(missing_ok=True)
        note.symlink_to(f"{os.major(number)}:{os.minor(number)}")

    def remove_tty(self, name):
        (self.dev / name).unlink()
        (self.sys / "class/tty" / name).unlink()
