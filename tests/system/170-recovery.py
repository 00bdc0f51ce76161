# SPDX-License-Identifier: EUPL-1.2
"""The rungs of the recovery ladder that need a USB port; the others are in tests/unit/test_house_recovery.c."""

import contextlib
import sqlite3

from box import SLOW, Sim, clock_env, code_of, eventually, folder, serving
from driven import DrivenBox
from town import NO_LIMITS, modem_of
from usb import Usb

BACK_S = 5
QUICK = f"plazo_envio_s = {SLOW} plazo_aviso_s = {SLOW}"


def history(box):
    """The rungs taken so far, oldest first: (token, ended, worked, evidence)."""
    with contextlib.closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as db:
        return db.execute("SELECT rung, ended_ms > 0, worked, evidence FROM recoveries ORDER BY id").fetchall()


def rungs(box):
    return [row[0] for row in history(box)]


def climbs(box, *wanted, seconds=15):
    """Waits for these rungs, in this order and no others."""
    try:
        box.until(lambda: len(rungs(box)) >= len(wanted), seconds, 0.05)
        assert rungs(box)[:len(wanted)] == list(wanted)
    except AssertionError:
        raise AssertionError((wanted, history(box), modem_of(box))) from None


def all_over(box):
    """Off the ladder, and every rung has its end in the history."""
    box.until(lambda: modem_of(box).get("peldano", "") == "" and all(ended for _, ended, *_ in history(box)))


# ---- over USB -----------------------------------------------------------------------------------


@contextlib.contextmanager
def stick(dispositivo="usb:2c7c:0125", **more):
    """A USB modem as (box, sim, device, usb)."""
    with folder() as path:
        sim, usb = Sim(path, env=clock_env(path / "clock", CC_CLOCK_TRUE="1")), Usb(path)
        device = usb.plug("2c7c", "0125", serial="A1", interfaces={2: path / "modem"})
        box = DrivenBox(path, dispositivo, limits=NO_LIMITS, modem=QUICK, **more)
        box.modems = [sim]
        box.env = usb.box_env(box.env)
        with serving(box, others=[sim]):
            yield box, sim, device, usb


def test_a_restart_that_comes_back_under_another_name():
    """One command stays mute, so that it climbs to the restart; the stick goes, and returns as another tty."""
    with stick() as (box, sim, device, usb):
        sim.ask(cmd="fault", fault=f"cfun-reenumerate:{8000 * SLOW}")
        sim.ask(cmd="fault", fault="mute:+CREG")
        sim.ask(cmd="fault", fault="creg:0")
        box.until(lambda: "reinicio" in rungs(box), 60)
        taken = rungs(box)
        climbed = [rung for i, rung in enumerate(taken) if i == 0 or rung != taken[i - 1]]
        assert climbed == ["escape", "inicializacion", "reinicio"], history(box)
        box.ask_pin()
        box.until(lambda: not (box.folder / "modem").exists())
        device.unplug()
        sim.ask(cmd="clear-faults")
        box.until((box.folder / "modem1").exists, 20 * SLOW)
        device.replug(first_tty=5, interfaces={2: box.folder / "modem1"})
        able_us = box.mono() * 1e6
        submit = eventually(lambda: sim.events("submit"), 15)[0]
        took = (submit["at_us"] - able_us) / 1e6
        assert took < BACK_S * SLOW, f"{took:.2f} s"
        all_over(box)
        assert rungs(box).count("reinicio") == 1 and len(sim.inbox()) == 1, history(box)
        assert modem_of(box)["perdidas"] == 0


def test_the_reset_of_its_usb_port():
    with stick() as (box, sim, device, usb):
        sim.ask(cmd="fault", fault="silent")
        box.ask_pin()
        climbs(box, "escape", "inicializacion", "reinicio", "reapertura", "puerto_usb", seconds=50)
        box.until(usb.resets)
        assert "USB" in modem_of(box)["detalle"], modem_of(box)
        device.unplug()
        sim.stop()
        box.pass_time(1000)
        sim.start()
        device.replug(first_tty=7)
        message = box.until(sim.inbox, BACK_S + 5)[0]
        assert box.verify(code_of(message))["resultado"] == "correcto"
        all_over(box)
        assert len(usb.resets()) == 1 and history(box)[-1][:3] == ("puerto_usb", 1, 1), history(box)
