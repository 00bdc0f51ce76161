# SPDX-License-Identifier: EUPL-1.2
"""The modem found by what it is: by itself, by vendor and serial number, by IMEI; and why it is not found, said plainly."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import time

from box import ROOT, SLOW, Sim, clock_env, code_of, eventually, folder
from driven import DrivenBox
from usb import Usb

SLOW_PACE = ("test_looking_costs_next_to_nothing",)

IMEI, OTHER_IMEI = "490154203237518", "356938035643809"
BACK_S = 5
NO_LIMITS = "cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 vivas_por_nif = 0"
EC25 = {"vid": "2c7c", "pid": "0125"}


class Scene:
    """A box with USB sockets, and simulated modems to put into them."""

    def __init__(self, path):
        self.path, self.usb, self.sims, self.box = path, Usb(path), [], None

    def sim(self, *options):
        place = self.path / f"sim{len(self.sims)}"
        place.mkdir()
        self.sims.append(Sim(place, "pty", *options, env=clock_env(self.path / "clock", CC_CLOCK_TRUE="1")))
        return self.sims[-1]

    def ec25(self, sim=None, at=2, bus="1-1", **more):
        """An EC25 whose ports are mute but for the one behind which sim is."""
        ports = {n: self.usb.silent() for n in range(4)}
        if sim:
            ports[at] = sim.folder / "modem"
        return self.usb.plug(**{**EC25, "interfaces": ports, "bus": bus, "serial": f"S{bus}", **more})

    def start(self, device="auto", ready=True, **more):
        self.box = DrivenBox(self.path, device, limits=NO_LIMITS, **more)
        self.box.modems = [*self.sims, *self.usb.agreeing_ends]
        self.box.env = self.usb.box_env(self.box.env)
        self.box.start(ready).client()
        self.box.enrol()
        return self.box


@contextlib.contextmanager
def scene():
    with folder() as path:
        it = Scene(path)
        try:
            yield it
            assert it.box is None or it.box.stop() == 0
        except BaseException:
            print(it.box.program.log()[-3000:] if it.box else "")
            raise
        finally:
            for program in [it.box and it.box.program] + [s.program for s in it.sims]:
                if program and program.running():
                    program.stop(signal.SIGKILL)


def modems(box):
    return box.status()["modems"]


def says(box, *words, which=0, seconds=10):
    def told():
        return all(w in modems(box)[which]["detalle"] for w in words)
    try:
        box.until(told, seconds)
    except AssertionError:
        raise AssertionError((words, modems(box))) from None


def is_at(box, port, which=0):
    try:
        box.until(lambda: modems(box)[which]["listo"] and modems(box)[which]["puerto"] == port)
    except AssertionError:
        raise AssertionError((port, modems(box))) from None


def one_contraclave(box, sim):
    before = len(sim.inbox())
    box.ask_pin()
    box.until(lambda: len(sim.inbox()) > before)
    assert box.verify(code_of(sim.inbox()[-1]))["resultado"] == "correcto"


# ---- found --------------------------------------------------------------------------------------

def test_by_itself_without_a_word_in_the_configuration():
    with scene() as it:
        sim = it.sim()
        stick = it.ec25(sim, first_tty=5)
        box = it.start()
        box.stop()
        box.conf.write_text(box.conf.read_text().replace('dispositivo = "auto"', ""))
        box.start()
        is_at(box, stick.tty(2))
        one_contraclave(box, sim)


def test_by_vendor_model_and_serial_number():
    with scene() as it:
        sim = it.sim()
        it.ec25(it.sim(), serial="A1", bus="1-1")
        stick = it.ec25(sim, serial="B1", bus="1-2")
        box = it.start("usb:2C7C:0125#B1")
        is_at(box, stick.tty(2))
        one_contraclave(box, sim)


def test_under_other_names_and_in_other_sockets():
    """Out and in again, with something else in the way: an adapter that is no modem takes the first name."""
    with scene() as it:
        sim = it.sim()
        stick = it.ec25(sim, serial="A1")
        box = it.start()
        for n in range(1, 6):
            sim.stop()
            stick.unplug()
            box.until(lambda: box.get("/readyz").status == 503)
            if n == 1:
                it.usb.plug("0403", "6001", serial="F1", interfaces={0: it.usb.silent()}, bus="1-9", first_tty=0)
            box.ask_pin()
            sim.start()
            stick.replug(first_tty=10 - n, bus=f"1-1.{n + 1}")
            back = time.monotonic()
            eventually(sim.inbox)
            assert time.monotonic() - back < BACK_S * SLOW, (n, time.monotonic() - back)
            is_at(box, stick.tty(2))
            box.until(lambda: box.status()["cola"]["entregado"] == n)
            assert len(sim.inbox()) == 1


def test_where_no_udev_tells_of_it():
    """As in a container: it is looked for, less often."""
    with scene() as it:
        it.usb.is_heard = False
        sim = it.sim()
        box = it.start(ready=False)
        says(box, "No se encuentra ningún módem USB")
        stick = it.ec25(sim)
        is_at(box, stick.tty(2))
        one_contraclave(box, sim)


def test_its_second_port_when_the_first_is_mute():
    with scene() as it:
        sim = it.sim()
        stick = it.ec25(sim, at=3)
        box = it.start()
        is_at(box, stick.tty(3))
        one_contraclave(box, sim)


def test_an_unknown_modem_port_by_port():
    with scene() as it:
        sim = it.sim()
        stick = it.usb.plug("1234", "5678", bus="1-1",
                            interfaces={0: it.usb.silent(), 1: it.usb.silent(), 2: sim.folder / "modem"})
        box = it.start(ready=False)
        box.until(lambda: box.get("/readyz").status == 200, 20)
        is_at(box, stick.tty(2))
        stick.replug(first_tty=4)  # the tree only: the line goes on
        sim.ask(cmd="vanish", ms=50)
        is_at(box, stick.tty(2))
        one_contraclave(box, sim)


def test_past_ports_that_only_say_ok():
    """Such a port, of a debugger or of the echo of a line, is no modem's while there is another to try."""
    with scene() as it:
        sim = it.sim()
        stick = it.usb.plug("1234", "5678", bus="1-1", interfaces={
            0: it.usb.agreeing(), 1: it.usb.silent(), 2: it.usb.agreeing(), 3: sim.folder / "modem"})
        box = it.start(ready=False)
        box.until(lambda: box.get("/readyz").status == 200, 40)
        is_at(box, stick.tty(3))
        one_contraclave(box, sim)


def test_a_port_that_only_says_ok_and_no_other():
    with scene() as it:
        it.usb.plug("1234", "5678", bus="1-1", interfaces={0: it.usb.agreeing(), 1: it.usb.agreeing()})
        box = it.start(ready=False)
        says(box, "Ninguno de los 2 puertos", seconds=30)


def test_the_pin_is_for_a_modem_that_is_known_or_named():
    """Not for any gadget that asks for it."""
    for device, more, is_told in (("auto", "", False), ("usb:1234:5678", "", True), (f"imei:{IMEI}", "", True),
                                  ("auto", 'iccid_sim = "8934001234567890127"', True)):
        with scene() as it:
            sim = it.sim("--pin", "7391")
            it.usb.plug("1234", "5678", bus="1-1", interfaces={0: sim.folder / "modem"})
            tape = it.path / "cinta"
            box = it.start(device, ready=is_told, modem=f'pin_sim = "7391" cinta = "{tape}" {more}')
            if not is_told:
                says(box, "1234:5678", 'dispositivo = "usb:1234:5678"')
                assert modems(box)[0]["estado"] == "sim_pin"
            assert ("> AT+CPIN=" in tape.read_text()) == is_told, device


def test_a_device_with_a_hundred_ports_hides_no_modem():
    with scene() as it:
        sim = it.sim()
        it.usb.plug("1234", "5678", bus="1-1", interfaces={n: it.usb.silent() for n in range(100)})
        stick = it.ec25(sim, bus="1-2")
        box = it.start()
        is_at(box, stick.tty(2))
        one_contraclave(box, sim)


def test_a_huawei_stick_by_its_protocol():
    with scene() as it:
        sim = it.sim("--personality", "huawei")
        stick = it.usb.plug("12d1", "1001", interfaces={0: it.usb.silent(), 1: it.usb.silent(), 2: sim.folder / "modem"},
                            classes={0: "ff/01/01", 1: "ff/01/03", 2: "ff/01/02"})
        box = it.start()
        is_at(box, stick.tty(2))
        assert box.status()["modems"][0]["perdidas"] == 0


def test_by_imei():
    """The first that is asked is another: it is let go, and not asked again."""
    with scene() as it:
        other, sim = it.sim("--imei", OTHER_IMEI), it.sim("--imei", IMEI)
        it.ec25(other, bus="1-1")
        box = it.start(f"imei:{IMEI}", ready=False)
        assert IMEI not in box.get("/v1/estado").text + box.ctl("modem", "lista").stdout
        says(box, "IMEI de dispositivo", "corrija dispositivo")
        stick = it.ec25(sim, bus="1-2")
        is_at(box, stick.tty(2))
        assert other.ask(cmd="state")["by_command"]["+CGSN"] == 1
        one_contraclave(box, sim)


def two_sections(first, second):
    return f'ritmo_por_minuto = 0 }} modem segundo {{ dispositivo = "{second}" ritmo_por_minuto = 0', first


def test_two_sections_never_share_a_modem():
    with scene() as it:
        a, b = it.sim(), it.sim()
        more, first = two_sections("auto", "auto")
        one = it.ec25(a, bus="1-1")
        box = it.start(first, modem=more, ready=False)
        box.until(lambda: any(m["listo"] for m in modems(box)))
        idle = next(n for n, m in enumerate(modems(box)) if not m["listo"])
        says(box, "otras secciones modem", which=idle)
        two = it.ec25(b, bus="1-2")
        is_at(box, two.tty(2), which=idle)
        assert {m["puerto"] for m in modems(box)} == {one.tty(2), two.tty(2)}


def test_a_section_that_takes_any_leaves_the_others_theirs():
    """By path, and by an IMEI that only the modem can tell."""
    with scene() as it:
        named, by_imei, free = it.sim("--imei", OTHER_IMEI), it.sim("--imei", IMEI), it.sim("--imei", "356938035643817")
        stick = it.ec25(named, bus="1-1", serial="A1")
        second = it.ec25(by_imei, bus="1-2", serial="B1")
        third = it.ec25(free, bus="1-3", serial="C1")
        tail = "ritmo_por_minuto = 0"
        box = it.start("auto", modem=f'{tail} }} modem fijo {{ dispositivo = "{stick.by_id(2)}" {tail} }} '
                                     f'modem imei {{ dispositivo = "imei:{IMEI}" {tail}')
        is_at(box, stick.tty(2), which=1)
        is_at(box, second.tty(2), which=2)
        is_at(box, third.tty(2), which=0)


def test_one_section_and_two_modems():
    with scene() as it:
        it.ec25(it.sim(), bus="1-1", serial="A1")
        it.ec25(it.sim(), bus="1-2", serial="B1")
        box = it.start()
        box.until(lambda: modems(box)[0]["listo"])
        assert "Hay más de un módem" in modems(box)[0]["aviso"], modems(box)
        assert box.program.log().count("Hay más de un módem") == 1


# ---- not found ----------------------------------------------------------------------------------

def test_nothing_there_then_something_that_is_no_modem_then_a_modem():
    with scene() as it:
        sim = it.sim()
        it.usb.add_uart("ttyS0")
        box = it.start(ready=False)
        says(box, "No se encuentra ningún módem USB", "Enchúfelo")
        box.ctl("estado")
        adapter = it.usb.plug("0403", "6001", serial="F1", interfaces={0: it.usb.silent()}, bus="1-9")
        says(box, adapter.tty(0), "no responde a órdenes AT")
        stick = it.ec25(sim)
        is_at(box, stick.tty(2))
        one_contraclave(box, sim)


def test_all_its_ports_are_mute():
    with scene() as it:
        it.ec25()
        says(it.start(ready=False), "Ninguno de los 2 puertos", "vuelva a enchufarlo", seconds=20)


def test_a_wish_that_nothing_fits():
    with scene() as it:
        it.ec25(it.sim(), serial="A1")
        says(it.start("usb:2c7c:0125#Z9", ready=False), "usb:2c7c:0125#Z9", "no está")


def test_a_stick_that_is_still_a_disk():
    with scene() as it:
        sim = it.sim("--personality", "huawei")
        stick = it.usb.plug("12d1", "1f01", classes={0: "08/06/50"})
        box = it.start(ready=False)
        says(box, "12d1:1f01", "todavía es un disco", "usb_modeswitch")
        stick.replug(pid="1506", classes={0: "ff/02/12"}, interfaces={0: sim.folder / "modem"})
        is_at(box, stick.tty(0))
        one_contraclave(box, sim)


def test_a_stick_that_stays_a_disk():
    with scene() as it:
        it.usb.plug("12d1", "1f01", classes={0: "08/06/50"})
        says(it.start(ready=False), "sigue como un disco", "apt install usb-modeswitch", seconds=45)


def test_devices_without_a_port_for_commands():
    for vid, pid, classes, words in (("12d1", "14dc", {0: "02/06/00", 1: "0a/06/00"}, ("12d1:14dc", "HiLink", "modo módem")),
                                     ("2c7c", "0125", {0: "ff/ff/ff"}, ("2c7c:0125", "puertos serie", "option"))):
        with scene() as it:
            it.usb.plug(vid, pid, classes=classes)
            says(it.start(ready=False), *words)


def test_no_permission():
    with scene() as it:
        sim = it.sim()
        stick = it.ec25(sim, interfaces={2: sim.folder / "modem"})
        it.usb.forbid(stick.tty(2))
        box = it.start(ready=False)
        says(box, "Sin permiso", stick.tty(2), "grupo dialout")
        it.usb.allow(stick.tty(2))
        is_at(box, stick.tty(2))


@contextlib.contextmanager
def rival(it, pty, name):
    """A process of that name that holds the port, as ModemManager does."""
    fd = os.open(pty, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    # by another process: a test that forks just now must not hold the copy open (ETXTBSY)
    subprocess.run(["cp", shutil.which("sleep"), it.path / name], check=True)
    holder = subprocess.Popen([it.path / name, "600"], stdin=fd)
    os.close(fd)
    try:
        yield holder.pid
    finally:
        holder.kill()
        holder.wait()


def test_a_port_in_the_hands_of_another_program():
    for name, words in (("ModemManager", ("ModemManager", "systemctl disable --now ModemManager", "78-contraclaved.rules")),
                        ("minicom", ("minicom", "Ciérrelo"))):
        with scene() as it:
            sim = it.sim()
            stick = it.ec25(sim, interfaces={2: sim.folder / "modem"})
            with rival(it, sim.folder / "modem", name) as pid:
                box = it.start(ready=False)
                says(box, stick.tty(2), *words)
                assert name == "ModemManager" or str(pid) in modems(box)[0]["detalle"]
            is_at(box, stick.tty(2))


def test_two_paths_to_one_modem():
    with scene() as it:
        stick = it.ec25(it.sim())
        more, first = two_sections(stick.tty(2), stick.tty(3))
        box = it.start(first, modem=more)
        says(box, "Otra sección modem usa ya este módem", which=1)
        assert modems(box)[0]["listo"]


# ---- around it ----------------------------------------------------------------------------------

def test_looking_costs_next_to_nothing():
    with scene() as it:
        for n in range(8):
            it.usb.plug("0951", "1666", classes={0: "08/06/50"}, bus=f"1-{n + 1}")
            it.usb.add_uart(f"ttyS{n}", where=f"pnp0/00:0{n}")
        box = it.start(ready=False)
        says(box, "No se encuentra ningún módem USB")

        def looks_s():
            def cpu_s():  # in ns; the ticks of stat are as long as two looks
                with open(f"/proc/{box.program.process.pid}/schedstat") as f:
                    return int(f.read().split()[0]) / 1e9
            before = cpu_s()
            end = box.mono() + 3
            box.until(lambda: box.mono() >= end)
            return (cpu_s() - before) / 6
        spent = [looks_s() for _ in range(2)]
        assert min(spent) < 0.005 * SLOW, f"a look takes more than 5 ms: {spent}"


def test_the_udev_rule_names_every_vendor_that_the_drivers_know():
    rules = (ROOT / "conf/78-contraclaved.rules").read_text()
    known = {v for d in (ROOT / "drivers").glob("*.c") for v in re.findall(r"\.vid = 0x([0-9a-f]{4})", d.read_text())}
    assert len(known) > 5
    assert known == set(re.findall(r'(?m)^ATTRS{idVendor}=="([0-9a-f]{4})"', rules))
    whole = re.findall(r'(?m)^ATTR{idVendor}=="([0-9a-f|]+)".* GROUP="(\w+)"', rules)
    assert known == {v for vendors, _ in whole for v in vendors.split("|")}
    assert {group for _, group in whole} == {"contraclaved"} and "dialout\"" not in rules
