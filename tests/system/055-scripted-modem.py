# SPDX-License-Identifier: EUPL-1.2
"""What a modem may do that no strict simulator does: stale answers, silence, slowness, restarts, and stray reports."""

import concurrent.futures
import signal
import sqlite3
import threading
import time

from box import SLOW, eventually, on_modem
from scripted import PDU, PROMPT, Modem
from town import NO_LIMITS, at_once, messages, modem_of, reach, states

WINDOW_S = 1
SHORT_WINDOW = {"extra": f"espera_informe_s = {WINDOW_S * SLOW}"}
MOST_SENDS = 4
TRYING = 0x30
PIN, WRONG = "7391", "1234"


def box_on(modem, ready=True, keys="", **more):
    keys = f"plazo_envio_s = {0.5 * SLOW} plazo_aviso_s = {0.5 * SLOW} {keys}"
    return on_modem(modem, keys, ready, limits=NO_LIMITS, **more)


def is_ready(box):
    return box.get("/readyz").status == 200


def says(box, *words):
    def told():
        return all(w in modem_of(box)["detalle"] for w in words)
    try:
        eventually(told, 15)
    except AssertionError:
        raise AssertionError((words, modem_of(box))) from None


def once(command, *lines):
    """Answers so the first time; then as a good modem."""
    seen = []

    def hook(modem, asked):
        if not asked.startswith(command) or seen:
            return None
        seen.append(asked)
        return lines
    return hook


def stays(box, modem, pdus, *wanted, seconds=2 * WINDOW_S):
    """Nothing more leaves in that time."""
    time.sleep(seconds * SLOW)
    assert len(modem.pdus) == pdus and states(box) == list(wanted), (modem.pdus, messages(box))


# ---- answers that are not what they seem --------------------------------------------------------


def stale_ok_before_the_prompt(*lines):
    modem = Modem(once("AT+CMGS=", *lines))
    with box_on(modem) as box:
        box.ask_pin()
        eventually(lambda: modem.count("AT+CMGS=") == 1)

        def has_left():
            assert states(box) != ["enviado"] or modem.pdus, messages(box)
            return modem.pdus
        eventually(has_left)
        reach(box, "enviado")
        box.ask_pin()  # and the line is in step again
        reach(box, "enviado", "enviado")
        assert len(modem.pdus) == 2 and [m["intentos"] for m in messages(box)] == [1, 1], messages(box)


def test_a_stale_ok_before_the_prompt():
    at_once((stale_ok_before_the_prompt, "OK"), (stale_ok_before_the_prompt, "OK", PROMPT))


def test_an_ok_without_its_reference():
    modem = Modem(once(PDU, "OK"))
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "incierto")
        modem.report(1)
        reach(box, "entregado")
        assert len(modem.pdus) == 1


def a_line_that_was_slow_to_tell(box, modem):
    """In step: each fact is where it belongs, and nothing was asked twice."""
    told = modem_of(box)
    assert [told[k] for k in ("fabricante", "modelo", "firmware")] == ["Fabricante", "Modelo", "1.0"], told
    asked = [c for c in modem.commands if c not in ("AT", "ATE0V1")]
    assert len(asked) == len(set(asked)), asked


def slow():
    modem = Modem(delay_s=1.2)
    with box_on(modem, ready=False) as box:
        eventually(lambda: is_ready(box), 40, 0.1)
        a_line_that_was_slow_to_tell(box, modem)
        modem.delay_s = 0
        box.ask_pin()
        reach(box, "enviado")


def mute_optional():
    modem = Modem(lambda modem, command: [] if command == "AT+CGMR" else None)
    with box_on(modem, ready=False) as box:
        eventually(lambda: is_ready(box), 15)
        assert modem_of(box)["modelo"] == "Modelo" and modem_of(box)["firmware"] == "", modem_of(box)


def mute_mandatory():
    modem = Modem(lambda modem, command: [] if command == "AT+CMGF=0" else None)
    with box_on(modem, ready=False) as box:
        says(box, "no responde a AT+CMGF=0", "vuelva a conectarlo")


def test_a_slow_modem_and_two_that_never_answer_one_command():
    at_once((slow,), (mute_optional,), (mute_mandatory,))


def test_a_late_answer_is_no_registration():
    modem = Modem(creg=2)
    with box_on(modem, ready=False) as box:
        says(box, "Buscando red")
        for _ in range(3):
            modem.say("+CREG: 1,2")
            time.sleep(0.25 * SLOW)
            assert not is_ready(box)
        modem.creg = 1
        modem.say("+CREG: 1")
        box.wait("/readyz")


def test_a_prompt_that_somebody_left_open():
    modem = Modem(prompt=True)
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        assert len(modem.pdus) == 1 and modem.connections == 1, (modem.pdus, modem.connections)


# ---- outcomes and reports -----------------------------------------------------------------------


def locked_store(lines, pdus):
    """Another program holds the database for longer than the daemon waits, just when the outcome comes."""
    def hook(modem, command):
        if command != PDU or len(modem.pdus) > 1:
            return None
        other = sqlite3.connect(database[0], isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(1.0 * SLOW, other.close).start()
        return lines
    modem, database = Modem(hook), []
    with box_on(modem) as box:
        database.append(box.database)
        box.ask_pin()
        eventually(lambda: "la tiene ocupada" in box.program.log())
        assert states(box) == ["enviando"]
        reach(box, "enviado")
        assert len(modem.pdus) == pdus and messages(box)[0]["intentos"] == 1, (modem.pdus, messages(box))


def test_an_outcome_that_cannot_be_stored_at_once():
    at_once((locked_store, ["+CMGS: 1", "OK"], 1), (locked_store, ["+CMS ERROR: 314"], 2))


def test_a_report_said_twice_is_no_other_messages():
    modem = Modem(lambda modem, command: [] if command == PDU and len(modem.pdus) == 2 else None)
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        modem.report(1)
        reach(box, "entregado")
        box.ask_pin()
        reach(box, "entregado", "incierto")
        before = modem_of(box)["informes"]
        modem.report(1)
        eventually(lambda: modem_of(box)["informes"] == before + 1)
        assert states(box) == ["entregado", "incierto"]
        modem.report(2)
        reach(box, "entregado", "entregado")


def test_a_report_that_the_centre_is_still_trying():
    modem = Modem(once(PDU))
    with box_on(modem, **SHORT_WINDOW) as box:
        box.ask_pin()
        reach(box, "incierto")
        modem.report(1, TRYING)
        reach(box, "enviado")
        stays(box, modem, 1, "enviado")
        modem.report(1)
        reach(box, "entregado")


def test_a_report_for_a_message_that_waits_to_be_repeated():
    """The line is lost in the middle of a message, for longer than its window; its report is there first."""
    def hook(modem, command):
        if command == PDU:
            modem.leave()
        elif command == "AT+CREG?" and modem.pdus:
            modem.report(1)
        return None
    modem = Modem(hook)
    with box_on(modem, **SHORT_WINDOW) as box:
        box.ask_pin()
        reach(box, "en_cola")
        modem.listen()
        box.wait("/readyz")
        reach(box, "entregado")
        stays(box, modem, 1, "entregado", seconds=WINDOW_S)


def test_a_report_with_its_number_written_otherwise():
    table = (("34600123123", 0x81), ("600123123", 0x81), ("600123123", 0xA1), ("0034600123123", 0x81))
    modem = Modem(lambda modem, command: [] if command == PDU else None)
    with box_on(modem) as box:
        for n, (number, kind) in enumerate(table, 1):
            box.ask_pin()
            eventually(lambda n=n: len(modem.pdus) == n)
            modem.report(n, number=number, kind=kind)
            try:
                reach(box, *["entregado"] * n)
            except AssertionError as error:
                raise AssertionError((number, hex(kind), error)) from None
        assert len(modem.pdus) == len(table)


def test_a_report_whose_recipient_has_octets_too_many():
    """ZTE: two octets in front of the number; and one that ends as nobody's number does."""
    def spoilt(modem, reference, digits):
        stamp = "".join(t[1] + t[0] for t in time.strftime("%y %m %d %H %M %S", time.gmtime()).split()) + "00"
        tpdu = f"06{reference:02X}0F910B48{digits}{stamp * 2}00"
        modem.say(f"+CDS: {len(tpdu) // 2}\r\n0297F1{tpdu}")
    modem = Modem()
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        before = modem_of(box)["informes"]
        spoilt(modem, 1, "4306103221F4")
        spoilt(modem, 2, "4306103221F3")  # another reference
        eventually(lambda: modem_of(box)["informes"] == before + 2)
        assert states(box) == ["enviado"]
        spoilt(modem, 1, "4306103221F3")
        reach(box, "entregado")


def test_a_window_closes_on_time_under_traffic():
    def hook(modem, command):
        if command == PDU:
            modem.leave()
    modem = Modem(hook)
    with box_on(modem, extra=f"espera_informe_s = {2 * SLOW}") as box:
        box.ask_pin()
        reach(box, "incierto")
        started = time.monotonic()
        box.ask_pin()  # due, and nobody to send it
        while states(box)[0] == "incierto":
            assert time.monotonic() - started < 4 * SLOW, messages(box)
            box.verify("0000")
            time.sleep(0.2)
        assert states(box) == ["en_cola", "en_cola"]


def cut_short(kills):
    modem = Modem(lambda modem, command: [] if command == PDU else None)
    with box_on(modem, extra=f"espera_informe_s = {0.3 * SLOW}") as box:
        box.ask_pin()
        for n in range(1, MOST_SENDS + 1):
            eventually(lambda n=n: len(modem.pdus) == n)
            if n <= kills:
                assert box.stop(signal.SIGKILL) == -signal.SIGKILL
                box.start()
        reach(box, "incierto")
        stays(box, modem, MOST_SENDS, "incierto", seconds=1)


def test_a_message_cut_short_by_kills_is_not_sent_for_ever():
    """The last one may end by a kill, or without a word."""
    at_once((cut_short, MOST_SENDS), (cut_short, MOST_SENDS - 1))


# ---- the SIM's PIN ------------------------------------------------------------------------------


def pin_given(modem):
    return modem.count("AT+CPIN=")


def with_pin(pin):
    return {"ready": False, "keys": f'pin_sim = "{pin}"'}


def right_pin_and_the_line_drops():
    def hook(modem, command):
        if command.startswith("AT+CPIN=") and pin_given(modem) == 1:
            modem.good_answer(command)
            modem.drop()
            return []
    modem = Modem(hook, sim="SIM PIN", pin=PIN)
    with box_on(modem, **with_pin(PIN)) as box:
        box.wait("/readyz")
        modem.sim = "SIM PIN"  # without current for a moment: it asks again
        modem.drop()
        eventually(lambda: pin_given(modem) == 2)
        box.wait("/readyz")


def sim_that_is_busy():
    modem = Modem(once("AT+CPIN=", "+CME ERROR: 14"), sim="SIM PIN", pin=PIN)
    with box_on(modem, **with_pin(PIN)) as box:
        box.wait("/readyz")
        assert pin_given(modem) == 2 and modem.pin_left == 3


def wrong_pin_behind_a_busy_card():
    modem = Modem(once("AT+CRSM", "+CME ERROR: 14"), sim="SIM PIN", pin=PIN)
    with box_on(modem, **with_pin(WRONG)) as box:
        says(box, "no acepta el PIN")
        modem.drop()
        says(box, "ya se probó")
        modem.hook = lambda modem, command: ["ERROR"] if command.startswith("AT+CRSM") else None
        assert box.stop() == 0
        box.start(ready=False)
        says(box, "ya se probó")
        assert pin_given(modem) == 1 and modem.pin_left == 2


def test_a_pin_counts_as_refused_only_when_the_card_says_so():
    at_once((right_pin_and_the_line_drops,), (sim_that_is_busy,), (wrong_pin_behind_a_busy_card,))


# ---- a modem with a will of its own -------------------------------------------------------------


def test_a_modem_that_restarts_by_itself():
    """Its settings are gone, and without AT+CNMI there are no reports: idle, or in the middle of a message."""
    modem = Modem()
    with box_on(modem) as box:
        modem.say("RDY", "+CPIN: READY", "SMS DONE")
        box.ask_pin()
        reach(box, "enviado")
        modem.hook = once(PDU, "RDY", "+CMGS: 2", "OK")
        box.ask_pin()
        reach(box, "enviado", "enviado")
        box.ask_pin()
        reach(box, "enviado", "enviado", "enviado")
        milestones = [c[:7] for c in modem.commands if c.startswith(("AT+CNMI", "AT+CMGS"))]
        assert milestones == ["AT+CNMI", "AT+CNMI", "AT+CMGS", "AT+CMGS", "AT+CNMI", "AT+CMGS"], milestones


def test_a_service_centre_that_is_not_known():
    def hook(modem, command):
        return ["+CMS ERROR: 330"] if command == PDU and len(modem.pdus) <= 2 else None
    modem = Modem(hook)
    with box_on(modem, clock=True) as box:
        box.ask_pin()
        for n in (1, 2):
            eventually(lambda n=n: len(modem.pdus) == n)
            says(box, "CMS 330", "centro de mensajes")
            before = len(modem.commands)
            time.sleep(1.5 * SLOW)
            assert len(modem.commands) <= before + 2 and len(modem.pdus) == n, modem.commands[before:]
            assert "centro de mensajes" in box.ctl("estado").stdout and states(box) == ["en_cola"]
            box.set_clock(n * 11 * 1000)
            modem.drop()  # somebody takes it out and puts it back
        reach(box, "enviado")
        assert len(modem.pdus) == 3 and modem_of(box)["detalle"] == "", modem_of(box)


def network_that_repeats_itself():
    modem = Modem(creg=2)
    with box_on(modem, ready=False) as box:
        says(box, "Buscando red")
        modem.creg = 1
        end = time.monotonic() + 2 * SLOW
        while time.monotonic() < end:
            modem.say("+CREG: 1")
            time.sleep(0.02)
        assert is_ready(box) and modem.connections == 1 and modem_of(box)["perdidas"] == 0, modem_of(box)


def network_that_wavers():
    """Registered when asked, and gone at once: that must not drive the daemon."""
    modem = Modem(lambda modem, command: [*modem.good_answer(command), "+CREG: 0"])
    with box_on(modem, ready=False) as box:
        eventually(lambda: modem.count("AT+CSQ") > 0)
        commands, lines = len(modem.commands), box.program.log().count("\n")
        time.sleep(2 * SLOW)
        commands, lines = len(modem.commands) - commands, box.program.log().count("\n") - lines
        assert commands <= 2 * 20 * SLOW and lines <= 2 * 20 * SLOW, (commands, lines)
        modem.hook = None
        box.wait("/readyz")
        box.ask_pin()
        reach(box, "enviado")


def test_a_network_that_talks_too_much():
    at_once((network_that_repeats_itself,), (network_that_wavers,))
