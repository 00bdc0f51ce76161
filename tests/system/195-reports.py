# SPDX-License-Identifier: EUPL-1.2
"""Whose report it is: early, late, twice, kept in the modem, and references that wrap, stick or lie."""

import sqlite3

from box import PHONE, eventually, running
from driven import DrivenBox
from mailbox import Mailbox, box_with, report
from scripted import PDU
from town import NO_LIMITS, messages, reach

OTHER_NIF, OTHER_PHONE = "00000000T", "+34600999888"


def driven():
    return running("unix", kind=DrivenBox, true_network=True, limits=NO_LIMITS)


def send(box, *before):
    """One more, accepted by the modem; returns when the centre took it, in whole seconds of a second of its own."""
    box.ask_pin()
    reach(box, *before, "enviado")
    at = box.now()
    box.until(lambda: box.now() > at + 2)
    return at


# ---- when it comes ------------------------------------------------------------------------------


def test_early_late_and_twice():
    with driven() as (box, sim):
        states = []
        for fault in ("report-early", "report-late:1500", "report-twice", "report-early"):
            sim.ask(cmd="fault", fault=fault)
            box.ask_pin()
            states.append("entregado")
            reach(box, *states)


def test_twice_is_not_the_next_ones():
    with driven() as (box, sim):
        sim.ask(cmd="fault", fault="report-twice")
        sim.ask(cmd="set", report_latency_s=5)  # both are with the centre by then
        box.ask_pin()
        box.until(lambda: len(sim.inbox()) == 1)
        sim.ask(cmd="fault", fault="no-report")
        box.ask_pin()
        reach(box, "entregado", "enviado", seconds=30)
        box.until(lambda: box.status()["modems"][0]["informes"] == 2)
        reach(box, "entregado", "enviado")


def test_how_long_it_took_is_shown():
    with driven() as (box, sim):
        sim.ask(cmd="set", report_latency_s=5)
        box.ask_pin()
        message, = box.until(lambda: [m for m in messages(box) if m["estado"] == "enviado"])
        assert message["entrega_s"] is None
        reach(box, "entregado", seconds=30)
        done, = sim.events("report")
        late_s = (done["at_us"] - sim.events("submit")[0]["at_us"]) / 1e6  # as the centre stamps it, in whole seconds
        assert abs(messages(box)[0]["entrega_s"] - late_s) <= 1.1, (messages(box), late_s)
        assert "ENTREGA" in box.ctl("cola").stdout


# ---- references ---------------------------------------------------------------------------------


def test_the_reference_wraps():
    with driven() as (box, sim):
        sim.ask(cmd="fault", fault="reference:254")
        for count in range(1, 5):
            box.ask_pin()
            reach(box, *["entregado"] * count)


def test_a_reference_that_never_changes():
    with driven() as (box, sim):
        sim.ask(cmd="fault", fault="mr-stuck")
        sim.ask(cmd="set", report_latency_s=1)
        for _ in range(4):
            box.ask_pin()
        reach(box, *["entregado"] * 4, seconds=20)


def says_five(modem, command):
    return ["+CMGS: 5", "OK"] if command == PDU else None


def test_the_same_reference_and_number_are_told_by_the_stamp():
    with box_with(Mailbox(says_five), kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        first = send(box)
        second = send(box, "enviado")
        third = send(box, "enviado", "enviado")
        for at, states in ((second, ("enviado", "entregado", "enviado")), (first, ("entregado", "entregado", "enviado")),
                           (second, ("entregado", "entregado", "enviado")),  # twice
                           (third, ("entregado", "entregado", "entregado"))):
            comes(modem, report(PHONE, 5, submitted=at, done=box.now()))
            reach(box, *states)


def comes(modem, pdu):
    modem.say(f"+CDS: {Mailbox.tpdu(pdu)}\r\n{pdu}")


def test_a_modem_that_tells_another_reference_than_it_sends():
    with box_with(Mailbox(says_five), kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        first = send(box)
        second = send(box, "enviado")
        comes(modem, report(PHONE, 78, submitted=second, done=box.now()))
        reach(box, "enviado", "entregado")
        comes(modem, report(PHONE, 77, submitted=first, done=box.now()))
        reach(box, "entregado", "entregado")


def test_a_centre_whose_clock_is_wrong():
    def counts(modem, command):
        return [f"+CMGS: {len(modem.pdus)}", "OK"] if command == PDU else None
    with box_with(Mailbox(counts), kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        at = send(box)
        send(box, "enviado")
        comes(modem, report(PHONE, 1, submitted=at - 7200, done=box.now()))
        reach(box, "entregado", "enviado")
        comes(modem, report("600123123", 2, submitted=0, done=box.now()))  # without its country, and without a date
        reach(box, "entregado", "entregado")


def test_nobodys_report_changes_nothing():
    with box_with(Mailbox(says_five), kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        at = send(box)
        comes(modem, report(OTHER_PHONE, 5, submitted=at, done=box.now()))  # another number
        comes(modem, report(PHONE, 99, submitted=at - 3600, done=box.now()))  # another reference, another time
        comes(modem, report(PHONE, 5, submitted=at, done=box.now())[:-10])  # cut
        modem.say("+CDS: 25\r\n\x07ZZZZ")
        box.until(lambda: box.status()["modems"][0]["informes"] == 2)
        reach(box, "enviado")


def test_one_that_cannot_be_written_waits_for_the_database():
    with box_with(Mailbox(says_five), kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        at = send(box)
        held = sqlite3.connect(box.database, isolation_level=None, timeout=20)
        held.execute("BEGIN IMMEDIATE")  # nothing can be written
        comes(modem, report(PHONE, 5, submitted=at, done=box.now()))  # told once
        eventually(lambda: "database is locked" in box.program.log())
        held.execute("ROLLBACK")
        held.close()
        reach(box, "entregado", seconds=30)


# ---- kept in the modem --------------------------------------------------------------------------


def test_kept_and_announced():
    mailbox = Mailbox(says_five)
    with box_with(mailbox, kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        at = send(box)
        mailbox.come(modem, "SR", 8, report(PHONE, 5, submitted=at, done=box.now()), "+CDSI")
        reach(box, "entregado")
        box.until(lambda: mailbox.deleted == [("SR", 8)])
        assert mailbox.read == [("SR", 8)], "read before it was deleted"
        assert box.get("/v1/buzon").json["mensajes"] == []


def test_found_by_a_list():
    mailbox = Mailbox(says_five)
    with box_with(mailbox, kind=DrivenBox, limits=NO_LIMITS) as (box, modem):
        box.enrol()
        at = send(box)
        mailbox.put("SM", 3, report(PHONE, 5, submitted=at, done=box.now()))
        modem.say('^SMMEMFULL: "SM"')
        reach(box, "entregado")
        box.until(lambda: mailbox.deleted == [("SM", 3)])
        assert box.get("/v1/buzon").json["mensajes"] == []
