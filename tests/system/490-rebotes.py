# SPDX-License-Identifier: EUPL-1.2
"""Mails that come back into a Maildir: what they do to an address, and what forged ones do not."""

import contextlib
import email
import email.message
import email.mime.message
import email.mime.multipart
import email.mime.text
import os
import pathlib
import sqlite3
import time

from altas import children, desk, proven
from box import NIF, eventually, folder
from mails import ANA, MINUTE, TOWN, found, mailing, settled, states, to, token_of, write

EVA = "eva@example.com"


@contextlib.contextmanager
def maildir_of():
    with folder() as where:
        maildir = pathlib.Path(where) / "rebotes"
        for name in ("tmp", "new", "cur"):
            (maildir / name).mkdir(parents=True)
        yield maildir


@contextlib.contextmanager
def returning():
    """A box with an address, the mail that it sent there, and a Maildir."""
    with maildir_of() as maildir, mailing(bounces=maildir) as (box, sim, server):
        box.enrol()
        assert write(box, ANA).status == 200
        mail, = eventually(lambda: to(server, ANA))
        eventually(lambda: states(box) == [2])
        yield box, server, mail, maildir


def report(mail, to=ANA, action="failed", status="5.1.1"):
    """As Postfix writes it."""
    text = email.mime.multipart.MIMEMultipart("report", **{"report-type": "delivery-status"})
    text["From"], text["To"], text["Subject"] = "MAILER-DAEMON@mx.example.net", "caja@example.org", "Undelivered Mail Returned to Sender"
    text.attach(email.mime.text.MIMEText("I'm sorry to have to inform you…"))
    per_message, per_recipient = email.message.Message(), email.message.Message()
    per_message["Reporting-MTA"] = "dns; mx.example.net"
    for name, value in (("Final-Recipient", f"rfc822; {to}"), ("Action", action), ("Status", status), ("Diagnostic-Code", f"smtp; 550 {status} no")):
        per_recipient[name] = value
    status = email.message.Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([per_message, per_recipient])
    text.attach(status)
    text.attach(email.mime.message.MIMEMessage(mail))
    return text.as_bytes()


def exim(mail, to=ANA):
    return f"X-Failed-Recipients: {to}\nAuto-Submitted: auto-replied\n\nNo.\n\n--- This is a copy of the message. ---\n\n".encode() + mail.as_bytes()


def deliver(maildir, name, text):
    (maildir / "tmp" / name).write_bytes(text)
    (maildir / "tmp" / name).rename(maildir / "new" / name)


def names(maildir, part):
    return sorted(os.listdir(maildir / part))


def is_dead(box):
    return found(box)["correo_estado"] == "no_llega"


def looked(box, times=2):
    """The passes of some minutes are over; a file that is ours is moved by then."""
    for _ in range(times):
        box.pass_time(MINUTE)
        box.status(), box.status()  # what is due has begun
        eventually(lambda: not children(box))
        box.status(), box.status()  # and its end was read


def within(box, minutes, check):
    """After so many of them, at most, whatever time the machine takes for that."""
    end = box.clocks["mono"] + minutes * MINUTE
    eventually(lambda: check() or box.clocks["mono"] < end and looked(box, 1))


def test_a_report_and_a_plain_bounce():
    for form in (report, exim):
        with returning() as (box, server, mail, maildir):
            deliver(maildir, "1700000000.M1P1.mx", form(mail))
            deliver(maildir, "1700000001.M1P1.mx", b"From: a@example.org\nSubject: Hola\n\nPara personas\n")
            box.pass_time(MINUTE)
            eventually(lambda: names(maildir, "cur") == ["1700000000.M1P1.mx:2,S"])
            assert names(maildir, "new") == ["1700000001.M1P1.mx"], "stays for people"
            assert is_dead(box) and states(box) == [5]
            dead = box.control_request("GET", "/v1/registro/correos").json["correos"]
            assert [(row["nif"], row["correo"]) for row in dead] == [(NIF, "a***@example.com")]
            assert "ha vuelto" in box.program.log() and ANA not in box.program.log()


def test_what_changes_nothing():
    """Delays, policy, others' mails, another recipient, a Message-ID that was guessed, what is no mail."""
    with returning() as (box, server, mail, maildir):
        forged = email.message_from_bytes(mail.as_bytes())
        forged.replace_header("Message-ID", "<" + "0" * 32 + "@example.org>")
        texts = [report(mail, action="delayed", status="4.4.1"), report(mail, status="4.2.2"), report(mail, status="5.7.1"),
                 report(forged), exim(forged), report(mail, to=EVA), exim(mail, to=EVA), report(mail)[:600], b"", b"\0" * 300000,
                 b"X-Failed-Recipients: " + b"x" * 1000000 + b"\n\n" + mail.as_bytes()]
        for n, text in enumerate(texts):
            deliver(maildir, f"17000000{n:02}.M1P1.mx", text)
        (maildir / "new" / "1800000000.link").symlink_to(maildir / "tmp" / "1800000000.link")
        (maildir / "tmp" / "1800000000.link").write_bytes(report(mail))
        os.mkfifo(maildir / "new" / "1800000001.fifo")
        (maildir / "new" / "1800000002.folder").mkdir()
        before = names(maildir, "new")
        looked(box)
        assert names(maildir, "new") == before and not names(maildir, "cur")
        assert not is_dead(box) and states(box) == [2]
        deliver(maildir, "1900000000.M1P1.mx", report(mail))
        box.pass_time(MINUTE)
        eventually(lambda: is_dead(box))


def test_the_address_of_another_time():
    """Who has had an address of the same person knows the Message-ID of a mail to that, and no more."""
    with returning() as (box, server, mail, maildir):
        assert box.post("/v1/correos/prueba", {"prueba": token_of(mail)}).status == 200
        deliver(maildir, "1.a", report(mail))
        looked(box)
        assert found(box)["correo_estado"] == "probado", "its link has come back since"
        box.pass_time(MINUTE)
        assert write(box, EVA).status == 200
        changed = eventually(lambda: to(server, ANA)[1:])[0]
        eventually(lambda: to(server, EVA))
        settled(box)
        for n, old in enumerate((mail, changed)):
            deliver(maildir, f"2.{n}", report(old, to=EVA))
        looked(box)
        assert not is_dead(box) and names(maildir, "new") == ["1.a", "2.0", "2.1"]


def test_many_files_and_a_kill():
    """More of others' than a pass reads, before ours; killed at any moment, ours is noted and moved."""
    with returning() as (box, server, mail, maildir):
        for n in range(600):
            deliver(maildir, f"16{n:08}.mx", b"From: a@example.org\n\nHola\n")
        ours = report(mail)
        for n in range(40):
            deliver(maildir, f"17{n:08}.mx", ours)
        box.pass_time(MINUTE)
        box.program.stop(9)
        box.start()
        within(box, 12, lambda: len(names(maildir, "cur")) == 40)
        assert len(names(maildir, "new")) == 600 and is_dead(box) and states(box) == [5]


def test_a_folder_that_is_not_there():
    """Told once and by the doctor; when it comes back all goes on."""
    with returning() as (box, server, mail, maildir):
        doctor = lambda: box.ctl("diagnostico", check=False).stdout
        said = lambda: box.program.log().count("no se pueden mirar los correos que vuelven")
        assert "los correos que vuelven no se miran" not in doctor()
        away = maildir.with_name("otra")
        maildir.rename(away)
        looked(box, 3)
        assert said() == 1 and "los correos que vuelven no se miran" in doctor()
        away.rename(maildir)
        deliver(maildir, "1.a", report(mail))
        box.pass_time(MINUTE)
        eventually(lambda: is_dead(box) and names(maildir, "cur") == ["1.a:2,S"])
        assert "se miran otra vez" in box.program.log() and said() == 1
        (maildir / "cur").rename(maildir / "otra")
        looked(box)
        assert said() == 2


def test_an_online_alta_and_the_town():
    """The address of who waits dies too; the town's own mail that comes back stays for people."""
    with maildir_of() as maildir, mailing(bounces=maildir) as (box, sim, server):
        proven(box, sim, correo=ANA)
        eventually(lambda: states(box) == [2, 2])
        deliver(maildir, "1.town", report(to(server, TOWN)[0], to=TOWN))
        deliver(maildir, "2.ana", report(to(server, ANA)[0]))
        box.pass_time(MINUTE)
        eventually(lambda: names(maildir, "cur") == ["2.ana:2,S"])
        assert names(maildir, "new") == ["1.town"] and sorted(states(box)) == [2, 5]
        dead = box.control_request("GET", "/v1/registro/correos").json["correos"]
        assert [(row["nif"], row["correo"], row["solicitud"]) for row in dead] == [(NIF, "a***@example.com", True)]


def test_what_went_to_the_address_of_an_alta_that_was_accepted_since():
    with maildir_of() as maildir, mailing(bounces=maildir) as (box, sim, server):
        alta = proven(box, sim, correo=ANA)
        eventually(lambda: states(box) == [2, 2])
        assert desk(box, alta, "validar").status == 200
        deliver(maildir, "1.ana", report(to(server, ANA)[0]))
        box.pass_time(MINUTE)
        eventually(lambda: names(maildir, "cur") == ["1.ana:2,S"] and is_dead(box))


def test_a_database_that_takes_nothing():
    """What cannot be written is not moved, and is noted later."""
    with returning() as (box, server, mail, maildir):
        with contextlib.closing(sqlite3.connect(box.database)) as db:
            db.execute("BEGIN IMMEDIATE")
            deliver(maildir, "1.a", report(mail))
            box.pass_time(MINUTE)
            time.sleep(0.5)
            assert names(maildir, "new") == ["1.a"] and not names(maildir, "cur")
            db.rollback()
        within(box, 3, lambda: names(maildir, "cur") == ["1.a:2,S"] and is_dead(box))
