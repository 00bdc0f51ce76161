# SPDX-License-Identifier: EUPL-1.2
"""What goes wrong for hours: said once, and with what to do; nothing floods the log, nothing is given up."""

import concurrent.futures
import contextlib
import signal
import sqlite3
import time

from box import SLOW, Box, eventually, folder
from scripted import PDU, PROMPT, Modem
from town import modem_of

NO_LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
             "sms_movil_dia = 0 vivas_por_nif = 0")


def at_once(*works):
    """Side by side: they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def history(box):
    """The rungs taken so far, oldest first: (token, ended, worked, evidence)."""
    with contextlib.closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as db:
        return db.execute("SELECT rung, ended_ms > 0, worked, evidence FROM recoveries ORDER BY id").fetchall()


def rungs(box):
    return [row[0] for row in history(box)]


@contextlib.contextmanager
def box_on(modem, ready=True, keys="", **more):
    with folder() as path:
        box = Box(path, modem.device, limits=NO_LIMITS, modem=keys, **more)
        try:
            box.start(ready).client()
            box.enrol()
            yield box
            assert box.stop() == 0
        except BaseException:
            print(box.program.log()[-3000:], modem.commands[-40:], sep="\n")
            raise
        finally:
            if box.program.running():
                box.stop(signal.SIGKILL)
            modem.leave()


def never_a_prompt():
    """Every rung that there is, one after the other; then it is said, and it goes on trying."""
    modem = Modem(lambda m, c: [] if c.startswith("AT+CMGS=") and not m.mended else None, mended=False)
    with box_on(modem, keys=f"plazo_envio_s = {SLOW} plazo_aviso_s = {SLOW}") as box:
        for _ in range(20):
            box.ask_pin()
        eventually(lambda: "no ha servido" in modem_of(box)["detalle"], 150)
        assert [rung for rung in rungs(box) if rung != "escape"] == ["inicializacion", "reinicio", "reapertura"], history(box)
        tried = modem.count("AT+CMGS=")
        told = len(history(box))
        eventually(lambda: modem.count("AT+CMGS=") >= tried + 3, 60)
        eventually(lambda: modem_of(box)["estado"] == "listo")
        assert "desenchúfelo" in modem_of(box)["detalle"], modem_of(box)
        assert len(history(box)) <= told + 1, history(box)
        assert box.program.log().count("no ha servido") == 1
        modem.mended = True
        eventually(lambda: modem.pdus, 60)
        eventually(lambda: modem_of(box)["detalle"] == "")


def answers_and_does_nothing_else():
    """One alarm, however often it answers AT in between; and one end of it."""
    modem = Modem(lambda m, c: [] if c == "AT+CMGF=0" and m.is_mute else None, is_mute=False)
    with box_on(modem) as box:
        modem.is_mute = True
        modem.drop()
        eventually(lambda: "alarma" in rungs(box), 120)
        tried = modem.count("AT+CMGF=0")
        eventually(lambda: modem.count("AT+CMGF=0") >= tried + 2, 90)
        assert modem_of(box)["peldano"] == "alarma" and "corriente" in modem_of(box)["detalle"], modem_of(box)
        assert rungs(box).count("alarma") == 1 and history(box)[-1][1] == 0, history(box)
        assert box.program.log().count("No se ha podido recuperar") == 1
        modem.is_mute = False
        eventually(lambda: modem_of(box)["estado"] == "listo", 60)
        eventually(lambda: history(box)[-1][:3] == ("alarma", 1, 1))
        assert modem_of(box).get("peldano", "") == "" and modem_of(box)["detalle"] == "", modem_of(box)


def restarts_in_the_middle_of_a_message():
    """It has forgotten the message: nobody waits 150 s for its word."""
    modem = Modem(lambda m, c: ["RDY"] if c == PDU and len(m.pdus) == 1 else None)
    with box_on(modem) as box:
        box.ask_pin()
        eventually(lambda: modem_of(box)["inciertos"] == 1, 6 * SLOW)
        box.ask_pin()
        eventually(lambda: len(modem.pdus) >= 2)


def comes_and_goes():
    """From the fifth time on it is the cable, said once."""
    modem = Modem()
    with box_on(modem) as box:
        for lost in range(1, 9):
            modem.drop()
            eventually(lambda lost=lost: modem_of(box)["perdidas"] == lost)
            eventually(lambda: modem_of(box)["estado"] == "listo")
        assert "una y otra vez" in modem_of(box)["detalle"], modem_of(box)
        log = box.program.log()
        assert log.count("aviso: módem principal: El módem se desconecta una y otra vez") == 1, log
        assert log.count("Se ha perdido la conexión") == 4, log
        assert log.count("nota: módem principal: listo") <= 5, log
        box.ask_pin()
        eventually(lambda: modem.pdus)


def menu_of_the_operator():
    """Lines of its text that look like a prompt and like a result are neither."""
    seen = []

    def hook(modem, command):
        if command.startswith("AT+CMGS="):
            modem.say('+CUSD: 1,"Elija:\r\n> 1 Saldo\r\nERROR\r\n> 2 Bonos",15')
            time.sleep(0.2)
            seen.append(len(modem.commands))
            return [PROMPT]
        return None
    modem = Modem(hook)
    with box_on(modem) as box:
        box.ask_pin()
        eventually(lambda: modem.pdus)
        eventually(lambda: modem_of(box)["enviados"] == 1)
        assert len(seen) == 1 and modem.count("00") == 0, modem.commands[-5:]


def test_what_goes_on_and_on():
    at_once(never_a_prompt, answers_and_does_nothing_else, restarts_in_the_middle_of_a_message, comes_and_goes,
            menu_of_the_operator)


def test_a_blocked_card_does_not_flicker():
    """It is looked at after a moment and then every half minute; only what comes of it is shown."""
    modem = Modem(sim="SIM PUK")
    with box_on(modem, ready=False) as box:
        eventually(lambda: modem_of(box)["estado"] == "sim_puk")
        looks, tokens = modem.count("AT+CPIN?"), set()
        modem.delay_s = 0.3

        def looked():
            tokens.add(modem_of(box)["estado"])
            return modem.count("AT+CPIN?") > looks
        eventually(looked, 40, 0.05)
        eventually(lambda: tokens.add(modem_of(box)["estado"]) or modem_of(box)["segundos_en_estado"] > 5, 10, 0.05)
        assert tokens == {"sim_puk"}, tokens
        modem.sim, modem.delay_s = "READY", 0
        eventually(lambda: modem_of(box)["estado"] == "listo", 40)
        assert modem_of(box)["segundos_en_estado"] < 20
