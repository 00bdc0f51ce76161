# SPDX-License-Identifier: EUPL-1.2
"""What comes in when something is wrong: with the modem, its memory, the database, or too much of everything."""

import sqlite3

from box import SLOW, eventually
from driven import DrivenBox
from mailbox import UCS2, Mailbox, box_with, deliver, inbox, report, texts
from town import messages

ANA = "+34611222333"
NO_LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 "
             "peticiones_nif_dia = 0 sms_movil_dia = 0 vivas_por_nif = 0")


def first_time(start, *lines):
    """A hook for Mailbox: the first command that starts so is answered with these."""
    done = []

    def more(modem, command):
        if done or not command.startswith(start):
            return None
        done.append(command)
        return list(lines)
    return more


def comes(box, *wanted, seconds=8):
    try:
        box.until(lambda: sorted(texts(box)) == sorted(wanted), seconds)
    except AssertionError:
        raise AssertionError((wanted, inbox(box))) from None


# ---- reading ------------------------------------------------------------------------------------

def test_a_modem_in_text_mode_loses_nothing():
    """Another program has set it."""
    state = {"text": False}

    def more(modem, command):
        if command == "AT+CMGF=0":
            state["text"] = False
        if state["text"] and command.startswith("AT+CMGR"):
            return ['+CMGR: "REC UNREAD","+34611222333",,"26/11/22,10:00:00+04"', "Hola", "OK"]
        return None
    mailbox = Mailbox(more)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        box.until(lambda: modem.count("AT+CMGL") >= 2)
        state["text"] = True
        mailbox.come(modem, "SM", 3, deliver(ANA, "no se pierde"))
        comes(box, "no se pierde")
        box.until(lambda: not mailbox.slots)
        assert box.program.log().count("en el formato que se le pide") == 1


def test_what_stays_in_another_format_stays_where_it_is():
    def more(modem, command):
        return ['+CMGR: "REC UNREAD","+34611222333"', "OK"] if command == "AT+CMGR=3" else None
    mailbox = Mailbox(more)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        box.until(lambda: modem.count("AT+CMGL") >= 2)
        mailbox.come(modem, "SM", 3, "")
        box.until(lambda: modem.count("AT+CMGL") >= 4, 15)
        box.until(lambda: modem.count("AT+CMGR=3") >= 6, 15)
        mailbox.come(modem, "SM", 4, deliver(ANA, "y los demás llegan", UCS2))
        comes(box, "y los demás llegan")
        assert ("SM", 3) in mailbox.slots and "AT+CMGD=3" not in modem.commands
        assert modem.commands.count("ATE0V1") <= 2, "set up anew once, not each time"


def test_a_restart_in_the_middle_of_a_read():
    """What the answer was for is forgotten by then."""
    mailbox = Mailbox(first_time("AT+CMGR", "RDY", "+CMGR: 2,,20", "00" * 21, "OK"))
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver(ANA, "sigue"))
        comes(box, "sigue")


# ---- lists --------------------------------------------------------------------------------------

def test_a_card_that_is_busy_is_asked_again_soon():
    mailbox = Mailbox(first_time("AT+CMGL", "+CMS ERROR: 314"))
    mailbox.put("ME", 2, deliver(ANA, "en ME"))
    mailbox.put("SM", 2, deliver(ANA, "en SM"))
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        comes(box, "en ME", "en SM")


def test_announced_during_a_switch():
    """The memory that answers is the one that was asked for, whatever has come meanwhile."""
    for answer in (["OK"], ["+CMS ERROR: 302"]):
        mailbox = Mailbox()

        def more(modem, command, answer=answer, mailbox=mailbox):
            if command != 'AT+CPMS="ME"' or mailbox.slots or mailbox.deleted:
                return None
            if answer == ["OK"]:
                mailbox.memory = "ME"
            mailbox.put("SM", 1, deliver(ANA, "justo entonces"))
            return ['+CMTI: "SM",1', *answer]
        mailbox.more = more
        with box_with(mailbox, kind=DrivenBox) as (box, modem):
            comes(box, "justo entonces")
            box.until(lambda mailbox=mailbox: mailbox.deleted == [("SM", 1)])


# ---- a modem that lies --------------------------------------------------------------------------

def test_a_memory_that_only_says_that_it_deletes():
    mailbox = Mailbox(lambda modem, command: ["OK"] if command.startswith("AT+CMGD") else None, total=40)
    for n in range(40):
        mailbox.put("SM", n, deliver(ANA, f"pegado {n}"))
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        box.until(lambda: len(set(texts(box))) >= 30, 20)
        box.until(lambda: modem.count("AT+CMGL") >= 3, 20)
        before = len(modem.commands)
        box.until(lambda: modem.count("AT+CMGR") >= 60)
        assert len(modem.commands) - before < 400, "it does not spin"
        assert modem.count("AT+CMGL") <= 5, modem.count("AT+CMGL")
        for _ in range(4):
            count = modem.count("AT+CMGD=0")
            modem.say('+CMTI: "SM",0')
            box.until(lambda count=count: modem.count("AT+CMGD=0") == count + 1)
        assert len(texts(box)) == len(set(texts(box)))


def test_a_flood_of_new_ones_is_paced():
    mailbox = Mailbox()
    number = [0]

    def more(modem, command):
        if command.startswith("AT+CMGD"):
            number[0] += 1
            mailbox.put("SM", 1, deliver(ANA, f"nuevo {number[0]}"))
            return ["OK", '+CMTI: "SM",1']
        return None
    mailbox.more = more
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        box.until(lambda: modem.count("AT+CMGL") >= 2)
        mailbox.come(modem, "SM", 1, deliver(ANA, "el primero"))
        box.until(lambda: modem.count("AT+CMGR") > 52, 15)
        before = modem.count("AT+CPIN?"), modem.count("AT+CMGR")
        box.until(lambda: modem.count("AT+CMGR") >= before[1] + 4, 15)
        assert modem.count("AT+CMGR") < 80
        assert box.program.log().count("SMS recibido") <= 25, "a few lines, not one each"


# ---- reports that the modem keeps ---------------------------------------------------------------

def test_a_kept_report_waits_until_it_is_written_down():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        box.ask_pin()

        def state():
            return messages(box)[0]["estado"]
        box.until(lambda: state() == "enviado")
        held = sqlite3.connect(box.database, isolation_level=None, timeout=20)
        held.execute("BEGIN IMMEDIATE")  # nothing can be written
        mailbox.come(modem, "SM", 7, report("+34600123123", 1), name="+CDSI")
        eventually(lambda: "database is locked" in box.program.log() or modem.count("AT+CMGD=7"), 20 * SLOW)
        held.execute("ROLLBACK")
        held.close()
        assert ("SM", 7) in mailbox.slots, "it is all that tells of the delivery"
        box.until(lambda: "vuelve a funcionar" in box.program.log())
        modem.say('+CDSI: "SM",7')
        box.until(lambda: state() == "entregado")
        box.until(lambda: not mailbox.slots)


# ---- what technicians see -----------------------------------------------------------------------

def test_one_long_message_does_not_hide_the_others():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver(ANA, "el aviso", at=1))
        comes(box, "el aviso")
        total = 150  # more than 50 come at a measured pace: these take half a minute
        for n in range(total):
            pdu = deliver(ANA, "\u0001" * 10 + "ñ" * 56, UCS2, (9, total, n + 1))
            modem.say(f"+CMT: ,{mailbox.tpdu(pdu)}\r\n{pdu}")
        box.until(lambda: len(inbox(box)) == 2, 20)
        long, notice = inbox(box)
        assert notice["texto"] == "el aviso" and long["partes"] == total
        assert long["texto"].endswith("…") and 1500 < len(long["texto"].encode()) <= 2003
        assert set(long["texto"]) == {"\u0001", "ñ", "…"}, "cut between two letters"
