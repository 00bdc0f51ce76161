# SPDX-License-Identifier: EUPL-1.2
"""What comes in: short, long, hostile, unreadable, twice; stored before it is deleted, and shown to technicians only."""

import signal

from box import SLOW, running
from driven import DrivenBox
from mailbox import EIGHT, SEVEN, UCS2, Mailbox, box_with, control, deliver, inbox, texts

ANA = "+34611222333"
HOUR_MS = 3600 * 1000


def asked(sim, command):
    return sim.ask(cmd="state")["by_command"].get(command, 0)


def comes(box, *wanted, seconds=10):
    """Waits until these are the texts, oldest first."""
    try:
        box.until(lambda: texts(box) == list(wanted), seconds)
    except AssertionError:
        raise AssertionError((wanted, inbox(box))) from None


def is_empty(box, mailbox):
    box.until(lambda: not mailbox.slots)


# ---- whole ones ---------------------------------------------------------------------------------

def test_a_message_is_stored_shown_and_deleted():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        sim.ask(cmd="deliver", **{"from": ANA, "text": "Hola, ¿hay alguien?"})
        comes(box, "Hola, ¿hay alguien?")
        message = inbox(box)[0]
        assert (message["de"], message["clase"], message["modem"]) == (ANA, "mensaje", "principal"), message
        assert message["leido"] is None and message["enviado"], message
        box.until(lambda: asked(sim, "+CMGD") == 1)
        assert box.status()["buzon"] == {"sin_leer": 1, "saldo_bajo": []}
        status, answer = control(box, "POST", "/v1/buzon/lectura", {"id": message["id"]})
        assert (status, answer) == (200, {"sin_leer": 0}), answer
        assert inbox(box)[0]["leido"]
        for bad in ({"id": "x"}, {"id": 0}, {"id": 999}, {"id": "1"}, {"id": 1.0}, {"id": -1}):
            assert control(box, "POST", "/v1/buzon/lectura", bad)[0] in (400, 404, 422), bad


def test_a_scope_of_its_own_shows_it():
    """Senders and texts are personal data: a technician's token does not read them."""
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        sim.ask(cmd="deliver", **{"from": ANA, "text": "para el ayuntamiento"})
        comes(box, "para el ayuntamiento")
        box.client("buzon", "registro")
        assert [m["de"] for m in box.get("/v1/buzon").json["mensajes"]] == [ANA]
        assert box.get("/v1/estado").status == 403
        box.client("solicitar,verificar,alta,registro,tecnico,auditoria", "otra")
        assert box.get("/v1/buzon").status == 403
        for answer in (box.get("/v1/estado"), box.get("/v1/modems/principal/historia")):
            assert answer.status == 200 and ANA[-9:] not in answer.text and "ayuntamiento" not in answer.text, answer.text
        assert box.get("/v1/buzon", token=None).status == 401
        assert control(box, "GET", "/v1/buzon")[0] == 200


def test_long_ones_are_one():
    text = "Una frase larga con ñ y con € que no cabe en un solo mensaje. " * 5
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        sim.ask(cmd="deliver", **{"from": ANA, "text": text})
        comes(box, text)
        assert inbox(box)[0]["partes"] > 1
        box.until(lambda: asked(sim, "+CMGD") == inbox(box)[0]["partes"])
        emoji = "áéíóú 😀 " * 20  # UCS-2, with pairs that fall on the border of parts
        sim.ask(cmd="deliver", **{"from": ANA, "text": emoji})
        comes(box, text, emoji)


def test_parts_in_any_order_twice_and_with_reused_references():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        def part(index, text, reference=7, total=3, sender=ANA, dcs=SEVEN):
            mailbox.come(modem, "SM", 1, deliver(sender, text, dcs, (reference, total, index)))
            is_empty(box, mailbox)
        part(3, "tres")
        part(1, "uno ")
        part(1, "uno ")  # twice
        part(1, "otro", total=2)  # the same reference, another total: another message
        part(2, "dos ", sender="+34699999999")  # another sender
        part(2, "dos ", reference=263)  # 16 bits, whose lower eight are the same
        assert texts(box) == [], inbox(box)
        part(2, "dós ", dcs=UCS2)
        comes(box, "uno dós tres")
        assert inbox(box)[0]["partes"] == 3
        part(1, "UNO ")  # the reference is used again
        part(2, "DOS ")
        part(3, "TRES")
        comes(box, "uno dós tres", "UNO DOS TRES")


def test_a_part_that_never_comes():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver(ANA, "principio ", concat=(9, 3, 1)))
        is_empty(box, mailbox)
        mailbox.come(modem, "SM", 1, deliver(ANA, "fin", concat=(9, 3, 3)))
        is_empty(box, mailbox)
        box.set_clock(23 * HOUR_MS)
        mailbox.come(modem, "SM", 1, deliver(ANA, "otro"))
        comes(box, "otro")
        is_empty(box, mailbox)
        box.set_clock(25 * HOUR_MS)
        mailbox.come(modem, "SM", 1, deliver(ANA, "y otro"))
        box.until(lambda: len(inbox(box)) == 3)
        unfinished = [m for m in inbox(box) if m["clase"] == "incompleto"]
        assert [(m["texto"], m["partes"]) for m in unfinished] == [("principio […]fin", 2)], inbox(box)


# ---- hostile ones -------------------------------------------------------------------------------

HOSTILE = ["$(touch /tmp/x); `id` && rm -rf / | cat", '"},{"texto":"', "<script>alert(1)</script> &amp;", "%s%n%x",
           "'; DROP TABLE inbox; --", "\x1b[2J\x1b]0;título\x07", "\u202egnp.exe\u2069", "línea\r\nlínea\x01\x7f", "𝕬 \ufeff\u0000"]


def test_hostile_texts_come_back_as_they_were():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        for number, text in enumerate(HOSTILE):
            mailbox.come(modem, "SM", 1, deliver(ANA, text, UCS2))
            is_empty(box, mailbox)
            assert len(inbox(box)) == number + 1
        assert texts(box) == [t.replace("\0", "\ufffd") for t in HOSTILE]
        log = box.program.log()
        for text in HOSTILE:
            assert text not in log and ANA[3:] not in log
        box.stop()
        data = b"".join(p.read_bytes() for p in box.folder.glob("contraclaved.db*"))
        assert b"rm -rf" not in data and ANA.encode() not in data, "sealed at rest"


def test_a_hostile_sender():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver("<b>;`id`", "hola"))
        comes(box, "hola")
        assert inbox(box)[0]["de"].startswith("<b>;"), inbox(box)


def test_what_cannot_be_read_is_kept_and_blocks_nothing():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        cut = deliver(ANA, "Esto llega cortado")[:-8]
        for bad in (cut, "00FF", "0001020304", "07"):
            mailbox.come(modem, "SM", 3, bad)
            is_empty(box, mailbox)
        mailbox.come(modem, "SM", 3, deliver(ANA, "bien"))
        box.until(lambda: texts(box)[-1:] == ["bien"])
        told = {m["texto"]: m["clase"] for m in inbox(box)}
        assert told["00FF"] == "ilegible" and told["Esto llega co"] == "incompleto", told


def test_bytes_that_are_no_text():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver(ANA, b"\x00\x01\xfe", EIGHT))
        comes(box, "0001FE")


# ---- where they are -----------------------------------------------------------------------------

def test_they_are_found_at_start_in_both_memories_and_drafts_are_left():
    mailbox = Mailbox()
    mailbox.put("SM", 4, deliver(ANA, "en la SIM"))
    mailbox.put("ME", 2, deliver(ANA, "en el aparato", at=1000))
    mailbox.put("SM", 5, deliver(ANA, "borrador"), stat=2)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        box.until(lambda: sorted(texts(box)) == ["en el aparato", "en la SIM"])
        box.until(lambda: list(mailbox.slots) == [("SM", 5)])


def test_the_memory_that_is_named_is_read():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        sim.ask(cmd="fault", fault="cmti-memory:ME")
        sim.ask(cmd="deliver", **{"from": ANA, "text": "en ME"})
        comes(box, "en ME")
        sim.ask(cmd="clear-faults")
        sim.ask(cmd="deliver", **{"from": ANA, "text": "en SM"})
        comes(box, "en ME", "en SM")


def test_announced_before_it_is_there():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        sim.ask(cmd="fault", fault="cmti-early:800")
        sim.ask(cmd="deliver", **{"from": ANA, "text": "un poco después"})
        comes(box, "un poco después")


def test_what_was_not_kept_is_said_once():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        sim.ask(cmd="fault", fault="cmti-minus-one*2")
        for _ in range(2):
            sim.ask(cmd="deliver", **{"from": ANA, "text": "perdido"})
        sim.ask(cmd="urc", line="+CMTI: ,-1")
        sim.ask(cmd="deliver", **{"from": ANA, "text": "este sí"})
        comes(box, "este sí")
        assert box.program.log().count("no guarda") == 1


def test_a_full_memory_is_emptied():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        box.until(lambda: asked(sim, "+CMGL") >= 2)
        sim.ask(cmd="fault", fault="storage-fill")
        sim.ask(cmd="urc", line='^SMMEMFULL: "SM"')
        box.until(lambda: asked(sim, "+CMGD") >= 30)
        sim.ask(cmd="deliver", **{"from": ANA, "text": "cabe"})
        box.until(lambda: "cabe" in texts(box))


def test_given_directly():
    mailbox = Mailbox()
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        pdu = deliver(ANA, "directo")
        modem.say(f"+CMT: ,{mailbox.tpdu(pdu)}\r\n{pdu}")
        comes(box, "directo")
        assert not any(c.startswith(("AT+CNMA", "AT+CMGD")) for c in modem.commands), modem.commands


def test_a_modem_that_will_not_delete():
    def more(modem, command):
        return ["+CMS ERROR: 500"] if command.startswith("AT+CMGD") else None
    mailbox = Mailbox(more)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver(ANA, "pegado"))
        comes(box, "pegado")
        box.until(lambda: "no deja borrar" in box.program.log())
        modem.say('+CMTI: "SM",1')  # shown again
        box.until(lambda: mailbox.read.count(("SM", 1)) >= 2)
        box.until(lambda: modem.count("AT+CMGD") >= 2)
        assert texts(box) == ["pegado"] and box.program.log().count("no deja borrar") == 1


def test_a_slot_that_is_filled_again_before_its_ok():
    def more(modem, command):
        if command != "AT+CMGD=1" or mailbox.deleted:
            return None
        mailbox.deleted.append(("SM", 1))
        mailbox.put("SM", 1, deliver(ANA, "segundo"))
        return ['+CMTI: "SM",1', "OK"]
    mailbox = Mailbox(more)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        mailbox.come(modem, "SM", 1, deliver(ANA, "primero"))
        comes(box, "primero", "segundo")
        is_empty(box, mailbox)


# ---- crashes ------------------------------------------------------------------------------------

def test_killed_between_the_commit_and_the_deletion():
    died = []

    def more(modem, command):
        if command.startswith("AT+CMGD") and not died:
            died.append(command)
            the_box[0].program.process.send_signal(signal.SIGKILL)
            return []
        return None
    the_box = []
    mailbox = Mailbox(more)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        the_box.append(box)
        mailbox.come(modem, "SM", 1, deliver(ANA, "una vez"))
        box.program.process.wait(20 * SLOW)
        box.program.stop()
        assert ("SM", 1) in mailbox.slots
        box.start()
        is_empty(box, mailbox)
        assert texts(box) == ["una vez"], inbox(box)


def test_killed_before_the_commit():
    died = []

    def more(modem, command):
        if command.startswith("AT+CMGR") and not died:
            died.append(command)
            the_box[0].program.process.send_signal(signal.SIGKILL)
        return None
    the_box = []
    mailbox = Mailbox(more)
    with box_with(mailbox, kind=DrivenBox) as (box, modem):
        the_box.append(box)
        mailbox.come(modem, "SM", 1, deliver(ANA, "no se pierde"))
        box.program.process.wait(20 * SLOW)
        box.program.stop()
        box.start()
        comes(box, "no se pierde")
        is_empty(box, mailbox)


# ---- beside the messages that go out ------------------------------------------------------------

# ---- the balance --------------------------------------------------------------------------------

SALDO = "/v1/modems/principal/saldo"


def balance(box):
    status, answer = control(box, "GET", SALDO)
    assert status == 200, answer
    return answer


def ask_balance(box, *states):
    """Asks, and waits for the end."""
    status, answer = control(box, "POST", SALDO, {})
    assert status == 202 and answer["estado"] == "preguntando", answer
    return box.until(lambda: (b := balance(box))["estado"] in states and b)


def test_low_balance_is_an_alarm_until_it_is_read_or_asked_anew():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True, modem='ussd_saldo = "*134#" remitente_saldo = "Operador"') as (box, sim):
        notice = "Su saldo es inferior a 2 EUR. Recargue en cualquier cajero."
        for sender, kind in ((ANA, "mensaje"), ("Movistar", "mensaje"), ("12345678", "mensaje"), ("22133", "aviso_saldo"), ("Operador", "aviso_saldo")):
            sim.ask(cmd="deliver", **{"from": sender, "text": notice + sender})
            box.until(lambda: [m["clase"] for m in inbox(box) if m["texto"] == notice + sender] == [kind])
        assert box.status()["buzon"]["saldo_bajo"] == ["principal"]
        assert box.program.log().count("según un SMS de 22133 queda poco saldo") == 1
        assert box.program.log().count("queda poco saldo") == 1
        control(box, "POST", "/v1/buzon/lectura", {})
        assert box.status()["buzon"] == {"sin_leer": 0, "saldo_bajo": []}
        sim.ask(cmd="deliver", **{"from": "22133", "text": "Sin saldo"})
        box.until(lambda: box.status()["buzon"]["saldo_bajo"] == ["principal"])
        assert ask_balance(box, "respondido")["saldo"].startswith("Su saldo es 12,34")
        assert box.status()["buzon"]["saldo_bajo"] == []


def test_the_balance_survives_a_restart():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True, modem='ussd_saldo = "*134#"') as (box, sim):
        assert balance(box)["estado"] == "sin_preguntar"
        told = ask_balance(box, "respondido")
        box.stop()
        assert b"12,34" not in box.database.read_bytes()
        box.start()
        assert balance(box)["saldo"] == told["saldo"]


def test_a_network_that_refuses():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True, modem='ussd_saldo = "*134#"') as (box, sim):
        for code in (2, 4, 5):
            sim.ask(cmd="fault", fault=f"ussd:{code}")
            assert ask_balance(box, "fallido")["error"] == "network_refused"
        assert ask_balance(box, "respondido")["error"] == ""


def test_without_a_code_or_a_modem():
    with running("unix", enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        status, answer = control(box, "POST", SALDO, {})
        assert (status, answer["type"]) == (409, "not_configured"), answer
        assert control(box, "POST", SALDO.replace("principal", "otro"), {})[0] == 404


def ussd_modem(*lines, refuses=""):
    def more(modem, command):
        if not command.startswith("AT+CUSD=1"):
            return None
        if refuses and refuses in command:
            return ["ERROR"]
        return ["OK", *lines]
    return Mailbox(more)


def test_answers_of_all_kinds():
    for lines, saldo in ((['+CUSD: 0,"D33A681E6693DFA0F21C5463C960A062550A",15'], "Su saldo es 5,20 EUR"),
                         (['+CUSD: 0,"00530061006C0064006F0020003500A0002020AC",72'], "Saldo 5\xa0 €"),
                         (['+CUSD: 0,"Saldo: 5', 'Caduca: nunca', 'Adios",15'], "Saldo: 5\nCaduca: nunca\nAdios"),
                         (['+CUSD: 0,"\x1b[2J;`id`",15'], "?[2J;`id`")):
        mailbox = ussd_modem(*lines)
        with box_with(mailbox, kind=DrivenBox, keys='ussd_saldo = "*134#"') as (box, modem):
            assert ask_balance(box, "respondido")["saldo"] == saldo


def test_a_session_that_stays_open_is_ended():
    mailbox = ussd_modem('+CUSD: 1,"1. Saldo 2. Recarga",15')
    with box_with(mailbox, kind=DrivenBox, keys='ussd_saldo = "*134#"') as (box, modem):
        ask_balance(box, "respondido")
        box.until(lambda: modem.count("AT+CUSD=2") == 1)


def test_a_modem_that_wants_the_code_packed():
    mailbox = ussd_modem('+CUSD: 0,"Bien",15', refuses="*134#")
    with box_with(mailbox, kind=DrivenBox, keys='ussd_saldo = "*134#"') as (box, modem):
        assert ask_balance(box, "respondido")["saldo"] == "Bien"
        assert 'AT+CUSD=1,"AAD88C3602",15' in modem.commands


def test_a_line_lost_while_the_network_thinks():
    mailbox = ussd_modem()
    with box_with(mailbox, kind=DrivenBox, keys='ussd_saldo = "*134#"') as (box, modem):
        control(box, "POST", SALDO, {})
        box.until(lambda: modem.count("AT+CUSD=1") == 1)
        assert control(box, "POST", SALDO, {})[0] == 503, "one at a time"
        modem.drop()
        box.until(lambda: balance(box)["estado"] == "fallido")
        assert balance(box)["error"] == "connection_lost"
