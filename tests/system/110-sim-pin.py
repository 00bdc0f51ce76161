# SPDX-License-Identifier: EUPL-1.2
"""The PIN of the SIM card: given once, and a wrong one never twice (MODEMS 1 #10)."""

import contextlib
import signal

from box import Box, Sim, eventually, folder, running
from scripted import Modem
from town import modem_of

PIN, WRONG = "7391", "1234"


def tape_of(box):
    return box.folder / "cinta"


def pin_key(box_folder, pin):
    return f'pin_sim = "{pin}" cinta = "{box_folder}/cinta"'


def tries(box):
    """How often a PIN was given to the card: the byte tape shows the command, never the digits."""
    tape = tape_of(box).read_text()
    assert PIN not in tape.split('"') and WRONG not in tape.split('"'), tape
    return tape.count("> AT+CPIN=")


def blocked(box, *words, state="sim_pin"):
    eventually(lambda: modem_of(box)["estado"] == state)
    detail = modem_of(box)["detalle"]
    assert all(w in detail for w in words), detail
    assert box.get("/healthz").status == 200 and box.get("/readyz").status == 503


@contextlib.contextmanager
def locked_card(pin):
    """A card that asks for PIN, and a daemon that was told `pin`."""
    with folder() as path:
        sim = Sim(path, "pty", "--pin", PIN)
        box = Box(path, sim.device, modem=pin_key(path, pin))
        try:
            box.start(ready=False).client()
            yield box, sim
            assert box.stop() == 0
        except BaseException:
            print(box.program.log()[-3000:])
            raise
        finally:
            if box.program.running():
                box.stop()
            sim.stop()


def replug(sim):
    sim.ask(cmd="vanish", ms=50)


def test_the_right_pin():
    with locked_card(PIN) as (box, sim):
        box.wait("/readyz")
        assert tries(box) == 1
        replug(sim)  # the card asks anew, and gets it anew
        eventually(lambda: tries(box) == 2)
        box.wait("/readyz")


def test_a_wrong_pin_is_tried_once_ever():
    with locked_card(WRONG) as (box, sim):
        blocked(box, "no acepta el PIN", "cambie pin_sim")
        assert tries(box) == 1
        replug(sim)
        blocked(box, "no se repetirá", "pin_sim")
        assert box.stop() == 0
        box.start(ready=False)
        blocked(box, "ya se probó", "pin_sim")
        assert tries(box) == 1
        assert sim.ask(cmd="state")["pin_left"] == 2


def test_the_pin_corrected_in_the_configuration():
    with locked_card(WRONG) as (box, sim):
        blocked(box, "pin_sim")
        assert box.stop() == 0
        box.write_conf(sim.device, modem=pin_key(box.folder, PIN))
        box.start()
        assert tries(box) == 2
        assert sim.ask(cmd="state")["pin_left"] == 3, "a right one restores the counter"


def test_the_last_try_is_left_to_a_person():
    with locked_card(WRONG) as (box, sim):
        blocked(box, "pin_sim")
        sim.ask(cmd="fault", fault="pin-counter:1")
        replug(sim)
        blocked(box, "un solo intento", "teléfono")
        assert sim.ask(cmd="state")["pin_left"] == 1 and sim.ask(cmd="state")["pin"] == "SIM PIN"


def test_no_pin_in_the_configuration():
    with locked_card("") as (box, sim):
        blocked(box, "pide PIN", "Escríbalo en pin_sim")
        assert tries(box) == 0


def test_a_blocked_card():
    with locked_card(PIN) as (box, sim):
        box.wait("/readyz")
        sim.ask(cmd="fault", fault="pin-counter:0")
        replug(sim)
        blocked(box, "PUK", "Desbloquéela", state="sim_puk")
        assert tries(box) == 1


# ---- cards and modems with a mind of their own --------------------------------------------------

ICCID = "8934001234567890127"
READ = "AT+CRSM=176,12258,0,0,10"
# How each family tells the tries that are left: the command, and its line with another number in each other place.
COUNTERS = (("AT+CPINR", "+CPINR: SIM PIN,{}"), ("AT+CPINR", '+CPINR: "SIM PIN",{},3'), ("AT+QPINC?", '+QPINC: "SC",{},10'),
            ("AT^CPIN?", "^CPIN: SIM PIN,9,10,{},8,7"), ("AT+SPIC", "+SPIC: {},10,9,8"), ("AT+ZPINPUK=?", "+ZPINPUK: {},10"),
            ("AT#PCT", "#PCT: {}"), ("AT+UPINCNT", "+UPINCNT: {},9,10,8"), ("AT+CPINC?", "+CPINC: {},9,10,8"),
            ("AT^SPIC", "^SPIC: {}"), ("AT+XPINCNT", "+XPINCNT: {},9,10,8"), ("AT+CPNNUM", "PIN1={}; PUK1=10; PIN2=9; PUK2=8"))
ALL = {command for command, _ in COUNTERS}
CARD = '+CRSM: 144,0,"984300214365870921F7"'
NUMBERS = ("AT+CCID", "AT+QCCID", "AT+CICCID", "AT^ICCID?")


@contextlib.contextmanager
def scripted(keys="", **modem):
    modem = Modem(**modem)
    with folder() as path:
        box = Box(path, modem.device, modem=keys)
        try:
            box.start(ready=False).client()
            yield box, modem
            assert box.stop() == 0
        except BaseException:
            print(box.program.log()[-3000:], modem.commands)
            raise
        finally:
            if box.program.running():
                box.stop(signal.SIGKILL)
            modem.leave()


def answers(table, *refused):
    """A good modem but for these: command → its lines; what is refused says ERROR."""
    def hook(modem, command):
        if command in table:
            return table[command]
        return ["ERROR"] if command in refused else None
    return hook


def counts(command, line, left):
    return {"hook": answers({command: [line.format(left), "OK"]}, *ALL), "sim": "SIM PIN", "pin": PIN}


def test_the_counter_in_every_family_s_words():
    for n, (command, line) in enumerate(COUNTERS):
        with scripted(f'pin_sim = "{PIN}"', **counts(command, line, 3)) as (box, modem):
            box.wait("/readyz")
            assert modem.count("AT+CPIN=") == 1, command
        with scripted(f'pin_sim = "{PIN}" pin_sim_forzar = si', **counts(command, line, n % 2)) as (box, modem):
            blocked(box, "un solo intento")
            assert modem.count("AT+CPIN=") == 0, command


def test_no_counter_no_pin():
    for lines in (["ERROR"], ["OK"], ["+CPINR: SIM PIN,", "+CPINR: SIM PIN2,3,3", "OK"], ["+CPINR: SIM PIN,-1", "OK"],
                  ["+CPINR: SIM PIN,99999999999", "OK"], ["+CME ERROR: 100"]):
        hook = answers({"AT+CPINR": lines}, *ALL)
        with scripted(f'pin_sim = "{PIN}"', hook=hook, sim="SIM PIN", pin=PIN) as (box, modem):
            blocked(box, "no dice cuántos intentos", "pin_sim_forzar = si")
            assert modem.count("AT+CPIN=") == 0, lines
        with scripted(f'pin_sim = "{PIN}" pin_sim_forzar = si', hook=hook, sim="SIM PIN", pin=PIN) as (box, modem):
            box.wait("/readyz")
            assert modem.count("AT+CPIN=") == 1, lines


def test_a_forced_pin_is_tried_once_all_the_same():
    with scripted(f'pin_sim = "{WRONG}" pin_sim_forzar = si', hook=answers({}, *ALL), sim="SIM PIN", pin=PIN) as (box, modem):
        blocked(box, "no acepta el PIN")
        modem.drop()
        blocked(box, "ya se probó")
        assert modem.count("AT+CPIN=") == 1


def test_a_counter_that_is_never_answered():
    hook = answers({"AT+CPINR": [], "AT+QPINC?": ['+QPINC: "SC",3,10', "OK"]}, *ALL)
    with scripted(f'pin_sim = "{PIN}"', hook=hook, sim="SIM PIN", pin=PIN) as (box, modem):
        box.wait("/readyz")
        assert modem.count("AT+CPIN=") == 1 and modem.count("AT+CPINR") == 1


def test_the_number_of_the_card_in_every_family_s_words():
    rows = ((READ, '+CRSM: 144,0,"984300214365870921F7"'), (READ, "+CRSM: 144,0,984300214365870921F7"),
            ("AT+CCID", f'+CCID: "{ICCID}"'), ("AT+CCID", f"{ICCID}F"), ("AT+QCCID", f"+QCCID: {ICCID}F"),
            ("AT+CICCID", f"+ICCID: {ICCID}"), ("AT^ICCID?", f"^ICCID: {ICCID}"))
    for command, line in rows:
        with scripted(f'iccid_sim = "{ICCID}"', hook=answers({command: [line, "OK"]}, READ, *NUMBERS)) as (box, modem):
            box.wait("/readyz")
            assert ICCID not in box.get("/v1/estado").text and modem_of(box)["iccid"].endswith(ICCID[-3:]), modem_of(box)


def test_one_card_only():
    """With or without its check digit, as cards are printed."""
    for iccid, is_mine in ((ICCID[:-1], True), (ICCID + "5", True), (ICCID[:-1] + "8", False), (ICCID + "55", False)):
        with scripted(f'iccid_sim = "{iccid}"', hook=answers({READ: [CARD, "OK"]})) as (box, _):
            if is_mine:
                box.wait("/readyz")
            else:
                blocked(box, "no es la de iccid_sim", state="sim_otra")
                assert ICCID not in modem_of(box)["detalle"]


def test_another_card_gets_no_pin():
    with scripted(f'iccid_sim = "{ICCID}" pin_sim = "{PIN}"', sim="SIM PIN", pin=PIN) as (box, modem):
        blocked(box, "Ponga la suya", state="sim_otra")
        assert modem.count("AT+CPIN=") == 0
        modem.hook = answers({READ: [CARD, "OK"]})
        modem.drop()
        box.wait("/readyz")


def test_a_card_without_a_number_is_not_taken_for_the_right_one():
    with scripted(f'iccid_sim = "{ICCID}"', hook=answers({READ: ["+CRSM: 106,130", "OK"]}, *NUMBERS)) as (box, _):
        blocked(box, "no dice el número de la SIM", state="sim_otra")
    with scripted(hook=answers({READ: ["+CRSM: 106,130", "OK"]}, *NUMBERS)) as (box, _):
        box.wait("/readyz")


def test_a_number_that_is_told_only_after_the_pin():
    def hook(modem, command):
        return ["+CME ERROR: 11"] if command in (READ, *NUMBERS) and modem.sim != "READY" else None
    with scripted(f'pin_sim = "{PIN}"', hook=hook, sim="SIM PIN", pin=PIN) as (box, modem):
        for n in (1, 2):
            box.wait("/readyz")
            assert modem.count("AT+CPIN=") == n and modem_of(box)["iccid"], modem_of(box)
            modem.sim = "SIM PIN"
            modem.drop()
            eventually(lambda n=n: modem.count("AT+CPIN=") == n + 1)
        box.wait("/readyz")


def test_a_mute_question_for_the_number_does_not_hold_up_the_start():
    with scripted(hook=answers({READ: []})) as (box, modem):
        box.wait("/readyz")
        assert modem.count(READ) == 1


def test_every_state_of_the_card_in_a_plain_sentence():
    rows = ((["+CME ERROR: 10"], "sim_falta", "Ponga una SIM"), (["+CMS ERROR: 310"], "sim_falta", "Ponga una SIM"),
            (["+CPIN: NOT INSERTED", "OK"], "sim_falta", "Ponga una SIM"), (["+CME ERROR: 13"], "sim_averiada", "cámbiela"),
            (["+CME ERROR: 15"], "sim_averiada", "Pruebe con otra"), (["+CPIN: SIM PUK", "OK"], "sim_puk", "Desbloquéela"),
            (["+CME ERROR: 12"], "sim_puk", "Desbloquéela"), (["+CME ERROR: 11"], "sim_pin", "Escríbalo en pin_sim"),
            (["+CPIN: PH-NET PIN", "OK"], "sim_bloqueada", "su operador"),
            (["+CME ERROR: 14"], "comprobando_sim", "ocupada"), (["+CPIN: NOT READY", "OK"], "comprobando_sim", "Espere"),
            (["ERROR"], "comprobando_sim", "Espere"))
    for lines, state, words in rows:
        with scripted(hook=answers({"AT+CPIN?": lines})) as (box, modem):
            blocked(box, words, state=state)
            modem.hook = None
            modem.drop()
            box.wait("/readyz")
            assert modem_of(box)["detalle"] == ""


def test_a_card_that_was_busy_or_asks_only_for_its_second_pin():
    for lines in (["+CPIN: SIM PIN2", "OK"], ["+CPIN: SIM PUK2", "OK"]):
        with scripted(hook=answers({"AT+CPIN?": lines})) as (box, _):
            box.wait("/readyz")
    seen = []

    def busy(modem, command):
        if command == "AT+CPIN?":
            seen.append(command)
        return ["+CME ERROR: 14"] if command == "AT+CPIN?" and len(seen) < 3 else None
    with scripted(hook=busy) as (box, _):
        box.wait("/readyz")


def test_a_card_that_cannot_send_is_not_called_what_it_was_before():
    with running(options=("--fault", "no-sim"), ready=False) as (box, sim):
        blocked(box, "Ponga una SIM", state="sim_falta")
        sim.ask(cmd="clear-faults")
        replug(sim)
        box.wait("/readyz")
        sim.ask(cmd="fault", fault="cms:330")
        box.ask_pin()
        blocked(box, "CMS 330", "centro de mensajes", state="sim_bloqueada")
