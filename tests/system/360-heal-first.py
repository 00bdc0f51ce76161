# SPDX-License-Identifier: EUPL-1.2
"""
A fault that follows work that went well gets one healing rung before a person is asked for; and a restart that the
maker's way refuses is done another way. Case numbers are those of the public reports (kinds 2 and 3).
"""

import contextlib
import sqlite3
import time

from box import SLOW, eventually, on_modem
from scripted import PDU, Modem
from town import NO_LIMITS, at_once, modem_of, reach

CARD_FAULTS = (["+CME ERROR: 10"], ["+CME ERROR: 13"], ["+CPIN: SIM CRASH", "OK"], ["+CPIN: SIM REMOVED", "OK"])


def box_on(modem, keys="", ready=True, **more):
    return on_modem(modem, keys, ready, limits=NO_LIMITS, **more)


def says(box, *words, seconds=20):
    try:
        eventually(lambda: all(w in modem_of(box)["detalle"] for w in words), seconds)
    except AssertionError:
        raise AssertionError((words, modem_of(box))) from None


def rungs(box):
    """Those taken so far, the first apart, with the evidence."""
    with contextlib.closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as db:
        return [row for row in db.execute("SELECT rung, evidence FROM recoveries ORDER BY id") if row[0] != "escape"]


# ---- 2b: it restarts by itself, again and again -------------------------------------------------


def restarts_again_and_again(creg):
    modem = Modem(creg=creg)
    with box_on(modem, ready=creg == 1) as box:
        for n in range(4):
            for word in ("RDY", "+CPIN: READY", "SMS DONE"):
                modem.say(word)
                time.sleep(0.2)
        says(box, "alimenta")
        for _ in range(20):
            assert "antena" not in modem_of(box)["detalle"]
            time.sleep(0.1)
        assert box.program.log().count("se reinicia solo") == 1, box.program.log()


def test_2b_one_that_restarts_time_and_again_lacks_supply():
    at_once((restarts_again_and_again, 2), (restarts_again_and_again, 1))


# ---- 2c and its kind: the card, after it had worked ---------------------------------------------


def card_falls_out(event, answer):
    """One restart is tried; then the card fell out, and no operator is sent for."""
    modem = Modem()
    modem.hook = lambda m, c: answer if c == "AT+CPIN?" and m.sim == "gone" else None
    with box_on(modem) as box:
        modem.sim = "gone"
        modem.say(event)
        says(box, "se ha soltado")
        told = modem_of(box)
        assert told["estado"] == "sim_falta" and "operador" not in told["detalle"], told
        assert [rung for rung, _ in rungs(box)] == ["reinicio"], rungs(box)
        modem.sim = "READY"
        modem.say("+CPIN: READY")
        box.wait("/readyz")


def card_that_a_restart_heals(answer):
    modem = Modem()

    def hook(modem, command):
        if command == "AT+CFUN=1,1":
            modem.sim = "READY"
        return answer if command == "AT+CPIN?" and modem.sim == "gone" else None
    modem.hook = hook
    with box_on(modem) as box:
        modem.sim = "gone"
        modem.say("+CPIN: NOT READY")
        eventually(lambda: modem.count("AT+CFUN=1,1") == 1)
        box.wait("/readyz")
        assert "antes funcionaba" in rungs(box)[0][1] and "SIM falla" not in box.program.log(), rungs(box)


def card_that_never_worked(answer):
    modem = Modem(lambda m, c: answer if c == "AT+CPIN?" else None)
    with box_on(modem, ready=False) as box:
        says(box, "SIM")
        time.sleep(3 * SLOW)
        assert modem.count("AT+CFUN=1,1") == 0 and rungs(box) == [], rungs(box)


def test_2c_a_card_that_falls_out():
    at_once((card_falls_out, "+CPIN: SIM CRASH", CARD_FAULTS[2]), (card_falls_out, "+CPIN: SIM REMOVED", CARD_FAULTS[3]),
            (card_falls_out, "+CPIN: NOT INSERTED", CARD_FAULTS[0]))


def test_a_card_that_fails_after_work_gets_one_restart():
    at_once(*((card_that_a_restart_heals, answer) for answer in CARD_FAULTS),
            *((card_that_never_worked, answer) for answer in CARD_FAULTS))


# ---- the network and the sending, after they had worked -----------------------------------------


def test_a_network_that_refuses_a_card_that_it_took():
    def hook(modem, command):
        if command == "AT+CFUN=1,1":
            modem.creg = 1
    modem = Modem(hook)
    with box_on(modem) as box:
        modem.creg = 3
        modem.say("+CREG: 3")
        eventually(lambda: modem.count("AT+CFUN=1,1") == 1)
        box.wait("/readyz")
        assert "antes la admitía" in rungs(box)[0][1], rungs(box)


def test_a_modem_that_cannot_send_any_more():
    def hook(modem, command):
        if command == "AT+CFUN=1,1":
            modem.is_sick = False
        return ["+CMS ERROR: 310"] if command == PDU and modem.is_sick else None
    modem = Modem(hook, is_sick=False)
    with box_on(modem, clock=True) as box:
        box.ask_pin()
        reach(box, "enviado")
        modem.is_sick = True
        box.ask_pin()
        eventually(lambda: modem.count("AT+CFUN=1,1") == 1)
        box.wait("/readyz")
        box.set_clock(30 * 1000)
        reach(box, "enviado", "enviado")
        assert "antes enviaba" in rungs(box)[0][1] and "Revise la SIM" not in box.program.log(), rungs(box)


# ---- 3a: the way that the maker documents is refused --------------------------------------------


def restart_refused(maker, model, refused, taken):
    def hook(modem, command):
        told = {"AT+CGMI": maker, "AT+CGMM": model}
        if command in told:
            return [told[command], "OK"]
        return ["ERROR"] if command in refused else None
    modem = Modem(hook)
    with box_on(modem) as box:
        started = time.monotonic()
        box.ctl("modem", "reinicia", "principal")
        eventually(lambda: modem.count(taken) == 1)
        assert time.monotonic() - started < (2 + 2 * len(refused)) * SLOW
        box.wait("/readyz")
        assert [rung for rung, _ in rungs(box)] == ["reinicio"], rungs(box)
        assert [c for c in modem.commands if c in (*refused, taken)] == [*refused, taken], modem.commands
        box.ask_pin()
        reach(box, "enviado")


def test_3a_a_restart_that_is_refused_is_done_another_way():
    at_once((restart_refused, "u-blox", "SARA-R412M-02B", ["AT+CFUN=16"], "AT+CFUN=15"),
            (restart_refused, "u-blox", "SARA-R410M-02B", ["AT+CFUN=16", "AT+CFUN=15"], "AT+CFUN=1,1"),
            (restart_refused, "huawei", "E3372", ["AT^RESET", "AT+CFUN=16"], "AT+CFUN=1,1"),
            (restart_refused, "Telit", "LE910C1-EU", ["AT#REBOOT"], "AT+CFUN=1,1"),
            (restart_refused, "Sierra Wireless, Incorporated", "MC7455", ["AT!RESET"], "AT+CFUN=1,1"))


def every_way_is_refused():
    """The rung fails only then, and the next one is taken."""
    def hook(modem, command):
        if command == "AT+CGMI":
            return ["u-blox", "OK"]
        return ["ERROR"] if command.startswith("AT+CFUN=1") else None
    modem = Modem(hook)
    with box_on(modem) as box:
        box.ctl("modem", "reinicia", "principal")
        eventually(lambda: [rung for rung, _ in rungs(box)] == ["reinicio", "reapertura"])
        box.wait("/readyz")
        asked = [c for c in modem.commands if c.startswith("AT+CFUN=")]
        assert asked == ["AT+CFUN=16", "AT+CFUN=15", "AT+CFUN=1,1"], asked


def test_a_modem_that_refuses_every_restart():
    every_way_is_refused()
