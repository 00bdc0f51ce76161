# SPDX-License-Identifier: EUPL-1.2
"""What comes in, told as makers tell it: headers that are no header of the book, lists that are refused, PDUs that are cut."""

from box import on_modem
from driven import DrivenBox
from mailbox import Mailbox, box_with, control, deliver
from scripted import PDU, Modem
from town import at_once, messages

ANA = "+34600999888"
SALDO = "/v1/modems/principal/saldo"


def inbox(box):
    return control(box, "GET", "/v1/buzon")[1]["mensajes"]


def told(box):
    return [(m["clase"], m["texto"]) for m in inbox(box)]


def read_as(text, kind, wanted, *lines):
    """One message at place 4, answered so; it is shown and taken out of the modem."""
    pdu = text if isinstance(text, str) else text()

    def more(modem, command):
        if command == "AT+CMGR=4" and ("SM", 4) in mailbox.slots and mailbox.memory == "SM":
            return [line.replace("PDU", pdu).replace("LEN", str(len(pdu) // 2 - 1)) for line in lines] + ["OK"]
        return None
    mailbox = Mailbox(more)
    mailbox.put("SM", 4, pdu)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        try:
            box.until(lambda: told(box) == [(kind, wanted or pdu)], 15)
            box.until(lambda: ("SM", 4) in mailbox.deleted, 5)
        except AssertionError:
            raise AssertionError((lines, told(box), mailbox.deleted)) from None


def test_headers_are_witnesses():
    good = deliver(ANA, "hola")
    at_once(*((read_as, good, "mensaje", "hola", header, "PDU") for header in (
        "+CMGR: 4,1,,151", "+CMGR: 1,LEN", '+cmgr : "1" , "" ,LEN', "+CMGR: 1,,,LEN", "+CMGR: 0,,999", "+CMGR:")),
            (read_as, good, "mensaje", "hola", "+CMGR: 1,,LEN", '"PDU"'),
            (read_as, good.lower(), "mensaje", "hola", "+CMGR: 4,1,,12", "PDU"))


def test_pdus_that_do_not_fit():
    at_once((read_as, deliver(ANA, "hola") + "0", "incompleto", "hola", "+CMGR: 1,,LEN", "PDU"),
            (read_as, deliver(ANA, "hola")[:-1], "incompleto", "hol", "+CMGR: 1,,LEN", "PDU"),
            (read_as, "0693050056F9F6040B914316212233F300006211828015940004E8373B0C", "mensaje", "hola", "+CMGR: 1,,LEN", "PDU"),
            (read_as, "00440B914316212233F30000621182801594001603240102186FDEED37A83CA76FC273D026B12903", "mensaje",
             "cómo estás ç€", "+CMGR: 1,,LEN", "PDU"),
            (read_as, "00060B914306103221F3AABBCC", "ilegible", None, "+CMGR: 4,1,,151", "PDU"))


def test_direct_ones_that_cannot_be_read():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        modem.say("+cmt : ,151", deliver(ANA, "directo") + "0")
        box.until(lambda: told(box) == [("incompleto", "directo")])
        modem.say('+CMT: "",30', "00060B914306103221F3AABBCC")
        box.until(lambda: ("ilegible", "00060B914306103221F3AABBCC") in told(box))


def refused_list(answer):
    mailbox = Mailbox(lambda modem, command: [answer] if command == "AT+CMGL=4" else None)
    for n in range(1, 10):
        mailbox.put("SM", n, deliver(ANA, f"de anoche {n}"))
    mailbox.put("SM", 10, "0011000B914306103221F300008F04E8373B0C", stat=2)  # a draft stays
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 7, deliver(ANA, "anunciado"))
        box.until(lambda: len(told(box)) >= 9)
        box.until(lambda: list(mailbox.slots) == [("SM", 10)])
        assert modem.count("AT+CMGR") < 60, modem.commands


def test_a_list_that_is_refused():
    at_once((refused_list, "+CMS ERROR: 303"), (refused_list, "ERROR"))


def balance_as(saldo, *lines):
    mailbox = Mailbox(lambda modem, command: ["OK", *lines] if command.startswith("AT+CUSD=1") else None)
    with box_with(mailbox, 'ussd_saldo = "*134#"', kind=DrivenBox) as (box, modem):
        assert control(box, "POST", SALDO, {})[0] == 202
        ask = lambda: control(box, "GET", SALDO)[1]
        answer = box.until(lambda: (b := ask())["estado"] == "respondido" and b, 15)
        assert answer["saldo"] == saldo


def test_balances():
    at_once((balance_as, "Saldo 5", '+CUSD: 0,"Saldo 5', "OK"),
            (balance_as, "Saldo: 5\nCaduca: nunca", '+CUSD: 0,"Saldo: 5', "Caduca: nunca", "OK"),
            (balance_as, "Elija:\nOK", '+CUSD: 0,"Elija:', 'OK",15'),
            (balance_as, "Saldo", '+CUSD: 0,"00530061006C0064006F00000041FFFF00420043",72'))


def test_a_refusal_in_the_commands_own_words():
    modem = Modem(lambda modem, command: ["+CMGS ERROR: 38"] if command == PDU and len(modem.pdus) == 1 else None)
    with on_modem(modem, kind=DrivenBox) as box:
        box.ask_pin()
        box.until(lambda: messages(box) and messages(box)[0]["causa"] == "CMS 38", 15)
