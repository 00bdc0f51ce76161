# SPDX-License-Identifier: EUPL-1.2
"""The recovery ladder: each rung with its evidence, in order, and back at work within 5 s of the modem being able to."""

import concurrent.futures
import contextlib
import sqlite3
import time

from box import SLOW, Box, Sim, code_of, eventually, folder, on_modem, running, serving
from scripted import PDU, Modem
from town import NO_LIMITS, at_once, modem_of
from usb import Usb

BACK_S = 5
DEAD_MS = 60000
QUICK = f"plazo_envio_s = {SLOW} plazo_aviso_s = {SLOW}"


def box_on(modem, ready=True, keys=QUICK, **more):
    return on_modem(modem, keys, ready, limits=NO_LIMITS, **more)


def history(box):
    """The rungs taken so far, oldest first: (token, ended, worked, evidence)."""
    with contextlib.closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as db:
        return db.execute("SELECT rung, ended_ms > 0, worked, evidence FROM recoveries ORDER BY id").fetchall()


def rungs(box):
    return [row[0] for row in history(box)]


def climbs(box, *wanted, seconds=15):
    """Waits for these rungs, in this order and no others."""
    try:
        eventually(lambda: len(rungs(box)) >= len(wanted), seconds, 0.05)
        assert rungs(box)[:len(wanted)] == list(wanted)
    except AssertionError:
        raise AssertionError((wanted, history(box), modem_of(box))) from None


def all_over(box):
    """Off the ladder, and every rung has its end in the history."""
    eventually(lambda: modem_of(box).get("peldano", "") == "" and all(ended for _, ended, *_ in history(box)))


# ---- dead for a minute --------------------------------------------------------------------------


def dead_for_a_minute(fault):
    with running("pty", modem=QUICK, limits=NO_LIMITS) as (box, sim):
        sim.ask(cmd="fault", fault=f"{fault}:{DEAD_MS}")
        able_us = eventually(lambda: sim.events("fault"))[-1]["at_us"] + DEAD_MS * 1000
        box.ask_pin()
        climbs(box, "escape", "inicializacion", "reinicio", "reapertura", "alarma", seconds=DEAD_MS / 1000 - 5)
        eventually(lambda: modem_of(box)["peldano"] == "alarma")
        assert "corriente" in modem_of(box)["detalle"], modem_of(box)
        submit = eventually(lambda: sim.events("submit"), DEAD_MS / 1000 + 10)[0]
        took = (submit["at_us"] - able_us) / 1e6
        assert 0 < took < BACK_S * SLOW, f"{fault}: {took:.2f} s"
        eventually(lambda: modem_of(box)["estado"] == "listo")
        all_over(box)
        assert rungs(box).count("reinicio") == 1 and history(box)[-1][2] == 1, history(box)
        assert len(sim.inbox()) == 1
        assert box.program.log().count("Se reinicia el módem.") == 1


def test_dead_for_a_minute():
    at_once((dead_for_a_minute, "silent"), (dead_for_a_minute, "boot-flood"))


# ---- over USB -----------------------------------------------------------------------------------


@contextlib.contextmanager
def stick(dispositivo="usb:2c7c:0125", **more):
    """A USB modem as (box, sim, device, usb)."""
    with folder() as path:
        sim, usb = Sim(path), Usb(path)
        device = usb.plug("2c7c", "0125", serial="A1", interfaces={2: path / "modem"})
        box = Box(path, dispositivo, limits=NO_LIMITS, modem=QUICK, **more)
        box.env = usb.box_env(box.env)
        with serving(box, others=[sim]):
            yield box, sim, device, usb


def test_a_restart_that_comes_back_under_another_name():
    """One command stays mute, so that it climbs to the restart; the stick goes, and returns as another tty."""
    with stick() as (box, sim, device, usb):
        sim.ask(cmd="fault", fault=f"cfun-reenumerate:{8000 * SLOW}")
        sim.ask(cmd="fault", fault="mute:+CREG")
        sim.ask(cmd="fault", fault="creg:0")
        eventually(lambda: "reinicio" in rungs(box), 60)
        taken = rungs(box)
        climbed = [rung for i, rung in enumerate(taken) if i == 0 or rung != taken[i - 1]]
        assert climbed == ["escape", "inicializacion", "reinicio"], history(box)
        box.ask_pin()
        eventually(lambda: not (box.folder / "modem").exists())
        device.unplug()
        sim.ask(cmd="clear-faults")
        eventually((box.folder / "modem1").exists, 20)
        device.replug(first_tty=5, interfaces={2: box.folder / "modem1"})
        able_us = time.monotonic_ns() / 1000
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
        eventually(usb.resets)
        assert "USB" in modem_of(box)["detalle"], modem_of(box)
        device.unplug()
        sim.stop()
        time.sleep(1)
        sim.start()
        device.replug(first_tty=7)
        message = eventually(sim.inbox, BACK_S + 5)[0]
        assert box.verify(code_of(message))["resultado"] == "correcto"
        all_over(box)
        assert len(usb.resets()) == 1 and history(box)[-1][:3] == ("puerto_usb", 1, 1), history(box)


# ---- one that answers AT but does not do its work -----------------------------------------------


def no_prompt_until_it_is_restarted():
    modem = Modem()
    modem.hook = lambda m, c: [] if c.startswith("AT+CMGS=") and not m.count("AT+CFUN=1,1") else None
    with box_on(modem) as box:
        box.ask_pin()
        climbs(box, "escape", "inicializacion", seconds=30)
        eventually(lambda: modem.count("ATZ") == 1)
        assert "no los ha pedido" in history(box)[1][3], history(box)
        eventually(lambda: modem.pdus, 40)
        all_over(box)
        assert rungs(box) == ["escape", "inicializacion", "escape", "reinicio"], history(box)
        assert modem.count("AT+CFUN=1,1") == 1 and len(modem.pdus) == 1


def no_outcome_three_times():
    modem = Modem(lambda modem, command: [] if command == PDU and len(modem.pdus) <= 3 else None)
    with box_on(modem) as box:
        for _ in range(3):
            box.ask_pin()
        eventually(lambda: modem.count("ATZ") == 1, 20)
        climbs(box, "escape", "inicializacion")  # the same again is told once
        assert "tres últimos" in history(box)[1][3], history(box)
        box.ask_pin()
        eventually(lambda: len(modem.pdus) >= 4)
        all_over(box)
        assert modem.count("AT+CFUN=") == 0


def a_prompt_that_escape_does_not_leave():
    with running("pty", modem=QUICK, limits=NO_LIMITS) as (box, sim):
        sim.ask(cmd="fault", fault="esc-ignored")
        sim.ask(cmd="fault", fault=f"prompt-late:{1500 * SLOW}")
        box.ask_pin()
        message = eventually(sim.inbox, 30)[0]
        assert box.verify(code_of(message))["resultado"] == "correcto"
        all_over(box)
        assert "reinicio" not in rungs(box), history(box)
        assert len(sim.inbox()) == 1


def test_one_that_answers_but_does_not_send():
    at_once((no_prompt_until_it_is_restarted,), (no_outcome_three_times,), (a_prompt_that_escape_does_not_leave,))


def test_a_prompt_slower_than_its_deadline_is_left():
    """The prompt comes when nobody waits for it any more; the message goes once all the same."""
    with running("pty", modem=QUICK, limits=NO_LIMITS) as (box, sim):
        sim.ask(cmd="fault", fault=f"prompt-late:{1500 * SLOW}")
        box.ask_pin()
        eventually(sim.inbox, 20)
        all_over(box)
        assert len(sim.inbox()) == 1 and set(rungs(box)) == {"escape"}, history(box)


# ---- what is no reason to climb -----------------------------------------------------------------


def test_faults_of_the_card_never_climb():
    def no_card():
        with running("pty", ("--fault", "no-sim"), ready=False) as (box, sim):
            eventually(lambda: "SIM" in modem_of(box)["detalle"])
            time.sleep(3 * SLOW)
            assert history(box) == [] and sim.ask(cmd="state")["by_command"].get("+CFUN", 0) == 0

    def refused_by_the_network():
        with running("pty", ("--fault", "creg:3"), ready=False) as (box, sim):
            eventually(lambda: "rechaza" in modem_of(box)["detalle"])
            time.sleep(3 * SLOW)
            assert history(box) == [] and sim.ask(cmd="state")["by_command"].get("+CFUN", 0) == 0
    at_once((no_card,), (refused_by_the_network,))


def test_noise_neither_helps_nor_hinders():
    """A modem that never stops talking, but answers, gets to work and stays there."""
    modem = Modem()
    with box_on(modem, ready=False) as box:
        end = time.monotonic() + 8 * SLOW
        while time.monotonic() < end:
            modem.say("^RSSI:25", "^BOOT:26510952,0,0,0,6")
            time.sleep(0.05)
        assert modem_of(box)["estado"] == "listo" and history(box) == [], (modem_of(box), history(box))
        box.ask_pin()
        eventually(lambda: modem.pdus)


# ---- how a modem wants to be started ------------------------------------------------------------


def test_one_that_is_not_ready_yet():
    """As a SIM800: refuses what it knows well until it says "SMS Ready"."""
    modem = Modem()
    modem.ready = False
    modem.hook = lambda m, c: ["ERROR"] if c == "AT+CMGF=0" and not m.ready else None
    with box_on(modem, ready=False) as box:
        eventually(lambda: modem.count("AT+CMGF=0") >= 3)
        modem.ready = True
        modem.say("SMS Ready")
        eventually(lambda: box.get("/readyz").status == 200, 0.7)
        assert history(box) == []


def test_a_pause_between_commands():
    """Telit wants 20 ms between a result and the next command."""
    times = []

    def hook(modem, command):
        times.append((command, time.monotonic()))
        return ["Telit", "OK"] if command == "AT+CGMI" else ["LE910C1-EU", "OK"] if command == "AT+CGMM" else None
    modem = Modem(hook)
    with box_on(modem) as box:
        assert modem_of(box)["controlador"] == "telit", modem_of(box)
        known = next(i for i, (command, _) in enumerate(times) if command == "AT+CPIN?")
        gaps = [b - a for (_, a), (_, b) in zip(times[known:], times[known + 1:])]
        assert gaps and min(gaps) >= 0.0195, gaps


def test_a_message_is_not_lost_over_a_lost_prompt():
    """The line breaks between the prompt and the PDU; nothing left, so it goes once."""
    seen = []

    def hook(modem, command):
        if command.startswith("AT+CMGS=") and not seen:
            seen.append(command)
            modem.drop()
            return []
        return None
    modem = Modem(hook)
    with box_on(modem) as box:
        box.ask_pin()
        eventually(lambda: modem.pdus)
        assert len(modem.pdus) == 1
