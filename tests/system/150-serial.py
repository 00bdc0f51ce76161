# SPDX-License-Identifier: EUPL-1.2
"""A real serial port as far as the daemon can tell: libserialport, /sys and /dev, links by-id, and what goes wrong there."""

import contextlib
import fcntl
import os
import time

from box import SLOW, Box, Sim, clock_env, code_of, eventually, folder, serving
from driven import DrivenBox
from town import NO_LIMITS
from usb import Usb

BACK_S = 5  # from the return of the device to the SMS
TIMES = 10


@contextlib.contextmanager
def scene(device, ready=True, kind=DrivenBox):
    """A module whose AT port is interface 2, as (box, sim, stick, usb); device(stick) is what the configuration says."""
    with folder() as path:
        sim, usb = Sim(path, env=clock_env(path / "clock", CC_CLOCK_TRUE="1")), Usb(path)
        mute = usb.silent()
        stick = usb.plug("2c7c", "0125", serial="A B/1", manufacturer="Quectel", product="EC25-EU",
                         interfaces={0: mute, 1: mute, 2: path / "modem", 3: mute, 4: None})
        box = kind(path, device(stick), limits=NO_LIMITS)
        box.modems = [sim]
        box.env = usb.box_env(box.env)
        with serving(box, ready, others=[sim]):
            yield box, sim, stick, usb


def says(box, *words):
    """The state and the sentence, by HTTP and by the command line, while the daemon serves on."""
    def told():
        modem = box.status()["modems"][0]
        return modem["estado"] == "sin_dispositivo" and all(w in modem["detalle"] for w in words)
    try:
        box.until(told)
    except AssertionError:
        raise AssertionError((words, box.status()["modems"])) from None
    assert box.get("/readyz").status == 503
    seen = box.ctl("estado").stdout
    assert all(w in seen for w in words), seen


def one_contraclave(box, sim):
    asked = box.ask_pin()
    message = box.until(sim.inbox)[-1]
    assert box.verify(code_of(message))["resultado"] == "correcto", asked


def test_a_contraclave_by_the_name_of_the_port():
    with scene(lambda stick: stick.tty(2), kind=Box) as (box, sim, stick, usb):
        assert stick.tty(2) == "/dev/ttyUSB2"
        one_contraclave(box, sim)
        assert set(usb.lines()) == {("dtr=1", "rts=1")}, usb.lines()


def test_a_contraclave_by_id_and_with_a_clock_of_its_own():
    with scene(lambda stick: stick.by_id(2)) as (box, sim, *_):
        one_contraclave(box, sim)


def test_out_and_in_again_under_other_names():
    with scene(lambda stick: stick.by_id(2)) as (box, sim, stick, _):
        for n in range(TIMES):
            sim.stop()
            stick.unplug()
            box.until(lambda: box.get("/readyz").status == 503)
            box.ask_pin()
            sim.start()
            stick.replug(first_tty=10 - n, bus=f"1-1.{n + 1}")
            back = time.monotonic()
            eventually(sim.inbox, BACK_S + 5)
            took = time.monotonic() - back
            assert took < BACK_S * SLOW, f"return {n + 1}: {took:.2f} s"
            box.until(lambda: box.status()["cola"]["entregado"] == n + 1)
            assert len(sim.inbox()) == 1


def test_no_device_then_one():
    with scene(lambda stick: stick.unplug() or stick.by_id(2), ready=False) as (box, sim, stick, _):
        says(box, "no está", "enchufado")
        stick.replug()
        one_contraclave(box, sim)


def test_no_permission():
    def forbidden(stick):
        stick.usb.forbid(stick.tty(2))
        return stick.tty(2)
    with scene(forbidden, ready=False) as (box, sim, stick, usb):
        says(box, "dialout")
        usb.allow(stick.tty(2))
        one_contraclave(box, sim)


def test_a_port_in_other_hands():
    held = []

    def taken(stick):
        held.append(os.open(stick.what["interfaces"][2], os.O_RDWR | os.O_NOCTTY))
        fcntl.flock(held[0], fcntl.LOCK_EX)
        return stick.by_id(2)
    with scene(taken, ready=False) as (box, sim, *_):
        says(box, "usa")
        os.close(held.pop())
        one_contraclave(box, sim)


def test_no_serial_port():
    with scene(lambda stick: "/dev/null", ready=False) as (box, *_):
        says(box, "puerto serie")


def test_the_wrong_port_of_the_right_modem():
    with scene(lambda stick: stick.tty(1), ready=False) as (box, *_):
        says(box, "no responde como un módem", "puerto de órdenes AT")
