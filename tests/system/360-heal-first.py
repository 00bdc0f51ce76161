# SPDX-License-Identifier: EUPL-1.2
"""
A fault that follows work that went well gets one healing rung before a person is asked for; and a restart that the
maker's way refuses is done another way. Case numbers are those of the public reports (kinds 2 and 3).
"""

import contextlib
import sqlite3
import time

from box import CLAVE, SLOW, eventually, on_modem
from scripted import PDU, Modem
from town import NO_LIMITS, ask, at_once, enrol, messages, modem_of, nif, pool, queue, reach, states

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


# ---- 2a: every number "does not exist" ------------------------------------------------------------


def sick_from(first, cause="+CMS ERROR: 1"):
    """From that PDU on it refuses everybody, until it is restarted."""
    def hook(modem, command):
        if command == "AT+CFUN=1,1":
            modem.is_healed = True
        return [cause] if command == PDU and not modem.is_healed and len(modem.pdus) >= first else None
    return Modem(hook, is_healed=False)


def nothing_is_thrown_away(first, count, cause):
    modem = sick_from(first, cause)
    with box_on(modem, enrolled=False) as box:
        enrol(box, range(count))
        for n in range(count):
            ask(box, [n])
            eventually(lambda n=n: modem_of(box)["enviados"] + modem_of(box)["rechazados"] > n or rungs(box))
        reach(box, *["enviado"] * count, seconds=30)
        assert modem.count("AT+CFUN=1,1") == 1 and "puede ser el módem" in rungs(box)[0][1], rungs(box)


def number_that_was_good():
    """One refusal of it is enough."""
    modem = sick_from(2, "+CMS ERROR: 28")
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        box.ask_pin()
        eventually(lambda: modem_of(box)["rechazados"] == 1)
        assert states(box) == ["enviado", "en_cola"], messages(box)
        reach(box, "enviado", "enviado", seconds=30)
        assert len(rungs(box)) == 1


def believed_after_the_restart():
    """The numbers are dead indeed: refused after the restart too, and no second restart."""
    modem = Modem(lambda modem, command: ["+CMS ERROR: 1"] if command == PDU else None)
    with box_on(modem, enrolled=False) as box:
        enrol(box, range(5))
        ask(box, range(5))
        reach(box, *["rechazado"] * 5, seconds=30)
        assert modem.count("AT+CFUN=1,1") == 1, modem.commands
        assert len(modem.pdus) <= 10, modem.pdus


def test_2a_every_number_does_not_exist():
    at_once((nothing_is_thrown_away, 4, 12, "+CMS ERROR: 1"), (nothing_is_thrown_away, 1, 4, "+CMS ERROR: 21"),
            (number_that_was_good,), (believed_after_the_restart,))


def test_another_modem_takes_what_a_sick_one_refuses():
    with pool(2, citizens=6) as (box, sims):
        eventually(lambda: all(m["listo"] for m in box.status()["modems"]))
        for n in range(6):  # all the numbers are known to be good
            box.ask_pin(nif(n), CLAVE)
        eventually(lambda: queue(box)["entregado"] == 6)
        sims[0].ask(cmd="fault", fault="cms:1*")
        ask(box, range(6))
        eventually(lambda: queue(box)["entregado"] == 12, 20)
        assert queue(box)["rechazado"] == 0


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
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        modem.is_sick = True
        box.ask_pin()
        eventually(lambda: modem.count("AT+CFUN=1,1") == 1)
        box.wait("/readyz")
        reach(box, "enviado", "enviado", seconds=25)
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
