# SPDX-License-Identifier: EUPL-1.2
"""
What the work depends on was left otherwise by another program, or lost: it is asked for, set, and told where that is
refused. Case numbers are those of the public reports (kind 1: settings).
"""

import time

from box import SLOW, eventually, on_modem
from scripted import PDU, Modem
from town import NO_LIMITS, at_once, modem_of, reach, states



def box_on(modem, keys="", ready=True, **more):
    return on_modem(modem, keys, ready, limits=NO_LIMITS, **more)


def says(box, *words, seconds=15):
    try:
        eventually(lambda: all(w in modem_of(box)["detalle"] for w in words), seconds)
    except AssertionError:
        raise AssertionError((words, modem_of(box))) from None


def is_ready(box):
    return box.get("/readyz").status == 200


class Radio(Modem):
    """Its radio is in some +CFUN, and only AT+CFUN=1 switches it on: a restart brings it back as it was."""

    def __init__(self, cfun, dead_card=False, refuses=False):
        super().__init__(self.radio)
        self.cfun, self.dead_card, self.refuses = cfun, dead_card, refuses

    def radio(self, modem, command):
        if command == "AT+CFUN?":
            return [f"+CFUN: {self.cfun}", "OK"]
        if command == "AT+CFUN=1,1":
            return ["OK"]
        if command.startswith("AT+CFUN=1"):
            self.cfun = self.cfun if self.refuses else 1
            return ["+CME ERROR: 3"] if self.refuses else ["OK"]
        if self.cfun != 1 and command == "AT+CPIN?" and self.dead_card:
            return ["+CME ERROR: 13"]
        if self.cfun != 1 and command in ("AT+CREG?", "AT+CGREG?", "AT+CEREG?"):
            return [f"{command[2:-1]}: 2,0", "OK"]
        return ["+CSQ: 99,99", "OK"] if self.cfun != 1 and command == "AT+CSQ" else None


def radio_off(cfun, dead_card):
    modem = Radio(cfun, dead_card)
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        assert modem.count("AT+CFUN=1") == 1 and modem.count("AT+CFUN=1,1") == 0, modem.commands


def test_1a_1b_a_radio_that_is_off_at_power_on():
    at_once((radio_off, 4, False), (radio_off, 0, True), (radio_off, 7, False))


def radio_goes_off(dead_card):
    """Another program switches it off while the modem works."""
    modem = Radio(1, dead_card)
    with box_on(modem) as box:
        modem.cfun = 4
        modem.say("+CREG: 0")
        eventually(lambda: modem.count("AT+CFUN=1") == 1)
        box.wait("/readyz")
        assert "antena" not in box.program.log(), box.program.log()


def radio_is_refused(dead_card):
    modem = Radio(4, dead_card, refuses=True)
    with box_on(modem, ready=False) as box:
        says(box, "radio apagada", "se niega")
        assert "antena" not in box.program.log() and "Límpiela" not in box.program.log(), box.program.log()
        modem.refuses = False
        eventually(lambda: is_ready(box), 45)


def test_a_radio_that_goes_off_or_stays_off():
    at_once((radio_goes_off, False), (radio_goes_off, True), (radio_is_refused, False), (radio_is_refused, True))


def test_a_modem_taken_off_the_network_by_another_program():
    def hook(modem, command):
        if command == "AT+COPS?":
            return [f"+COPS: {modem.cops}", "OK"]
        if command == "AT+COPS=0":
            modem.cops = 0
        if modem.cops == 2 and command in ("AT+CREG?", "AT+CGREG?", "AT+CEREG?"):
            return [f"{command[2:-1]}: 2,0", "OK"]
        return None
    modem = Modem(hook, cops=2)
    with box_on(modem) as box:
        assert modem.count("AT+COPS=0") == 1
        assert "antena" not in box.program.log(), box.program.log()


class Characters(Modem):
    """Speaks UCS2 as long as another program's +CSCS holds (27.007 5.5)."""

    def __init__(self, cscs="UCS2"):
        super().__init__(self.characters, cscs=cscs)

    def coded(self, text):
        return text.encode("utf-16-be").hex().upper() if self.cscs == "UCS2" else text

    def characters(self, modem, command):
        if command == "AT+CSCS?":
            return [f'+CSCS: "{self.cscs}"', "OK"]
        if command.startswith("AT+CSCS="):
            self.cscs = command.split('"')[1]
        if command == "AT+CSCA?":
            return [f'+CSCA: "{self.coded("+34609090909")}",145', "OK"]
        if command == "AT+COPS?":
            return [f'+COPS: 0,0,"{self.coded("Movistar")}",7', "OK"]
        if command.startswith("AT+CSCA=") and self.cscs == "UCS2":
            return ["+CMS ERROR: 304"]
        if command.startswith("AT+CUSD=1"):
            return ["+CUSD: 4", "OK"] if self.cscs == "UCS2" else ["OK", '+CUSD: 0,"Saldo: 7,20 EUR",15']
        return None


BALANCE = 'ussd_saldo = "*134#" centro_mensajes = "+34609090909"'


def balance(box):
    return box.ctl("modem", "saldo", "principal", check=False).stdout


def ucs2_at_the_start():
    modem = Characters()
    with box_on(modem, BALANCE) as box:
        eventually(lambda: modem_of(box)["operador"] == "Movistar")
        assert modem.count("AT+CSCA=") == 0, modem.commands
        assert "7,20" in balance(box)


def ucs2_later():
    """Another program sets it while the modem works, and the refused question goes again."""
    modem = Characters("IRA")
    with box_on(modem, BALANCE) as box:
        modem.cscs = "UCS2"
        assert "7,20" in balance(box)
        assert modem.count("AT+CUSD=1") == 2, modem.commands


def session_left_open():
    """By another program: the next question is an ERROR until AT+CUSD=2."""
    def hook(modem, command):
        if command == "AT+CUSD=2":
            modem.is_open = False
        if command.startswith("AT+CUSD=1"):
            return ["ERROR"] if modem.is_open else ["OK", '+CUSD: 0,"Saldo: 7,20 EUR",15']
        return None
    modem = Modem(hook, is_open=True)
    with box_on(modem, 'ussd_saldo = "*134#"') as box:
        assert "7,20" in balance(box)


def test_1c_characters_left_at_ucs2():
    at_once((ucs2_at_the_start,), (ucs2_later,), (session_left_open,))


# ---- lost in the middle of the work -------------------------------------------------------------


def format_lost(cause):
    """Text mode: the modem calls the PDU wrong; the message is not to blame, and goes again."""
    def hook(modem, command):
        if command == "AT+CMGF?":
            return [f"+CMGF: {modem.cmgf}", "OK"]
        if command.startswith("AT+CMGF="):
            modem.cmgf = int(command[-1])
        return [cause] if command.startswith("AT+CMGS=") and modem.cmgf == 1 else None
    modem = Modem(hook, cmgf=0)
    with box_on(modem) as box:
        modem.cmgf = 1
        box.ask_pin()
        reach(box, "enviado")
        assert len(modem.pdus) == 1


def test_text_mode_that_another_program_left():
    at_once((format_lost, "+CMS ERROR: 304"), (format_lost, "+CMS ERROR: 305"), (format_lost, "ERROR"))


def lost_line_while_a_refusal_is_explained():
    """The outcome is told all the same, and the message goes when the modem is back."""
    def hook(modem, command):
        if command == PDU and len(modem.pdus) == 1:
            return ["+CMS ERROR: 310"]
        if command == "AT+CFUN?" and len(modem.pdus) == 1 and not modem.has_dropped:
            modem.has_dropped = True
            modem.drop()
            return []
        return None
    modem = Modem(hook, has_dropped=False)
    with box_on(modem) as box:
        box.ask_pin()
        eventually(lambda: modem.has_dropped)
        eventually(lambda: states(box) == ["en_cola"])
        reach(box, "enviado", seconds=25)


def test_a_line_lost_while_a_refusal_is_explained():
    lost_line_while_a_refusal_is_explained()


def echo_again():
    """Echo that comes back says that the settings are gone: without AT+CNMI there are no reports."""
    def hook(modem, command):
        if command == "ATE0V1":
            modem.echo = False
        return [command, *modem.good_answer(command)] if modem.echo and command != PDU else None
    modem = Modem(hook, echo=True)
    with box_on(modem) as box:
        assert modem.count("AT+CNMI=") == 1
        modem.echo = True
        box.ask_pin()
        reach(box, "enviado")
        eventually(lambda: modem.count("AT+CNMI=") == 2)
        time.sleep(0.5 * SLOW)
        assert modem.count("AT+CNMI=") == 2, modem.commands


def echo_for_ever():
    modem = Modem(lambda modem, command: [command, *modem.good_answer(command)] if command != PDU else None)
    with box_on(modem) as box:
        box.ask_pin()
        reach(box, "enviado")
        assert modem.count("AT+CNMI=") == 1


def test_echo_that_comes_back():
    at_once((echo_again,), (echo_for_ever,))


def restarts_while_searching(word):
    """Without a network, the restart forgets the PIN and the reports: both are given again."""
    modem = Modem(creg=2, sim="SIM PIN", pin="7391")
    with box_on(modem, 'pin_sim = "7391"', ready=False) as box:
        says(box, "Buscando red")
        modem.sim = "SIM PIN"
        modem.say(word)
        eventually(lambda: modem.count("AT+CPIN=") == 2)
        modem.creg = 1
        box.wait("/readyz")
        assert modem.count("AT+CNMI=") == 2, modem.commands


def test_a_restart_while_it_searches_a_network():
    at_once(*((restarts_while_searching, word) for word in ("RDY", "^SYSSTART", "SMS DONE")))
