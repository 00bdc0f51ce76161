# SPDX-License-Identifier: EUPL-1.2
"""Mails to citizens and to the town (seeds 003, 004): a durable queue, what each failing of a server does to it, addresses
proven by a link."""

import collections
import contextlib
import os
import random
import re
import sqlite3
import time

import imports
import town
from altas import apply, desk, form, proven, ready
from box import NIF, eventually, folder
from mails import ANA, HOUR, MINUTE, TOWN, by, found, mailing, pass_until, settled, states, to, token_of, body, LINK, write
from receivers import RealServer, make_certificate

# ---- seed 004: the messages of an alta ----

def test_seed_004_the_town_and_the_citizen_are_told_that_an_alta_waits():
    with mailing() as (box, sim, server):
        alta = proven(box, sim, correo="  Ana@EXAMPLE.com ", idioma="ca")
        eventually(lambda: len(server.mails) == 2)
        town, = to(server, TOWN)
        assert town["Subject"] == "Ayuntamiento de Alpedrete: Nueva alta a la espera de verificación"
        assert NIF not in town.as_string() and "Ana" not in body(town), "no personal data"
        ana, = to(server, "Ana@example.com")
        assert ana["Subject"].endswith("La seva alta està a l'espera de verificació"), ana["Subject"]
        assert ana["Auto-Submitted"] == "auto-generated" and ana["Content-Language"] == "ca"
        assert not [h for h in ana.keys() if h.startswith("List-")]
        assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", ana["Message-ID"]), ana["Message-ID"]
        assert "Alpedrete" in ana["From"] and ana["From"].endswith("<caja@example.org>"), ana["From"]
        token = token_of(ana)
        assert f'<a href="{LINK}{token}">' in body(ana, "html")
        dump = "".join(map(str, box.rows("SELECT * FROM mails"))) + "".join(map(str, box.rows("SELECT * FROM emails")))
        assert "xample.com" not in dump and token not in dump, "sealed"
        assert desk(box, alta, "validar").status == 200
        assert box.post("/v1/correos/prueba", {"prueba": token[:-1]}).json["type"] == "email_link"
        assert box.post("/v1/correos/prueba", {"prueba": token}).json == {"estado": "probado"}
        assert box.post("/v1/correos/prueba", {"prueba": token}).json["type"] == "email_link", "once"
        assert eventually(lambda: states(box) == [2, 2] and box.rows("SELECT count(*) FROM mails WHERE sealed IS NOT NULL") == [(0,)])
        assert token not in box.program.log() and "xample.com" not in box.program.log()


def test_a_link_is_good_for_a_day():
    with mailing() as (box, sim, server):
        proven(box, sim, correo=ANA)
        token = token_of(eventually(lambda: to(server, ANA))[0])
        box.pass_time(24 * HOUR - MINUTE)
        box.pass_time(MINUTE)
        late = box.post("/v1/correos/prueba", {"prueba": token})
        assert (late.status, late.json["type"], late.json["campo"]) == (404, "email_link", "prueba"), late.text


def test_bad_addresses_change_nothing():
    with mailing() as (box, _, server):
        for address, kind in [('"ana gil"@example.com', "email_alphabet"), ("año@example.com", "email_alphabet"),
                              ("ana@españa.es", "email_alphabet"), ("ana@localhost", "email_format"), ("ana", "email_format"),
                              ("a..b@example.com", "email_format"), ("ana@example.com,otro@example.com", "email_format"),
                              ("ana@example.com\r\nBcc: otro@example.com", "email_format"), ("<ana@example.com>", "email_format"),
                              ("ana@[127.0.0.1]", "email_format"), ("ana@10.0.0.1", "email_format"), ("a" * 65 + "@example.com", "email_format")]:
            answer = apply(box, correo=address)
            assert (answer.status, answer.json["type"], answer.json["campo"]) == (422, kind, "correo"), (address, answer.text)
        assert apply(box, correo="ana@xn--espaa-rta.example").status == 201
        assert box.rows("SELECT count(*) FROM emails") == [(1,)] and not server.mails


def test_an_address_where_citizens_get_no_mail():
    with form() as (box, sim):
        ready(box)
        answer = apply(box, correo=ANA)
        assert (answer.status, answer.json["type"], answer.json.get("campo")) == (409, "not_configured", "correo"), answer.text
        proven(box, sim)
        assert states(box) == []


def test_what_a_rejected_alta_leaves():
    with mailing() as (box, sim, server):
        alta = proven(box, sim, correo=ANA)
        token = token_of(eventually(lambda: to(server, ANA))[0])
        assert desk(box, alta, "rechazar", motivo="otro").status == 200
        assert box.rows("SELECT count(*) FROM emails") == [(0,)]
        assert box.post("/v1/correos/prueba", {"prueba": token}).json["type"] == "email_link"


# ---- what servers do ----

def test_greylisting():
    with mailing("grey") as (box, sim, server):
        proven(box, sim, correo=ANA)
        eventually(lambda: len(server.recipients) == 2), "the refusal of one holds up no other"
        settled(box)
        assert states(box) == [0, 0] and not server.mails
        pass_until(box, lambda: len(server.mails) == 2, limit=3)
        assert sorted(box.rows("SELECT attempts, refusals FROM mails")) == [(2, 1), (2, 1)]


def test_a_text_that_is_refused_for_now_and_for_good():
    with mailing("later") as (box, sim, server):
        proven(box, sim)
        eventually(lambda: box.rows("SELECT refusals, state FROM mails") == [(1, 0)])
        server.how = "spam"
        pass_until(box, lambda: states(box) == [4], limit=3)
        assert box.rows("SELECT reply, sealed FROM mails") == [(554, None)] and "no se acepta" in box.program.log()


def test_an_address_that_does_not_exist():
    with mailing("nobody") as (box, sim, server):
        proven(box, sim, correo=ANA)
        eventually(lambda: states(box) == [5, 5])
        assert box.rows("SELECT proven_ms, link_ms, dead_ms > 0 FROM emails") == [(0, 0, 1)]
        assert box.rows("SELECT count(*) FROM mails WHERE sealed IS NOT NULL") == [(0,)]


def test_a_server_that_takes_none_is_left_alone():
    """Down for a day, a wrong password, a relay that is refused: the mails wait, and one call asks for all of them."""
    with mailing("busy") as (box, sim, server):
        proven(box, sim, correo=ANA)
        eventually(lambda: server.calls == 1)
        settled(box)
        assert server.calls == 1 and states(box) == [0, 0], "the other did not ask too"
        assert box.program.log().count("no se pueden enviar correos") == 1
        for calls in range(2, 8):
            box.pass_time(HOUR)
            # on a server that hour may be one of waiting for it, and the look at the mails comes with the next minutes
            eventually(lambda: server.calls == calls or (box.is_moved and box.pass_time(MINUTE)), every=0.2)
            settled(box)
        assert states(box) == [0, 0] and box.rows("SELECT max(refusals) FROM mails") == [(0,)]
        server.how = "relay"
        pass_until(box, lambda: box.rows("SELECT count(*) FROM mails WHERE refusals = 1") == [(2,)], 30 * MINUTE, 4)
        assert states(box) == [0, 0], "no fault of the address"
        server.how = None
        pass_until(box, lambda: states(box) == [2, 2], 10 * MINUTE, 8)


def test_a_lost_reply_is_repeated_with_the_same_message_id():
    with mailing("lost") as (box, sim, server):
        proven(box, sim)
        eventually(lambda: states(box) == [3])
        assert "no se sabe si el correo" in box.program.log()
        server.how = None
        pass_until(box, lambda: states(box) == [2], limit=17)
        first, second = server.mails
        assert first["Message-ID"] == second["Message-ID"] and first.as_string() == second.as_string()


def test_cut_in_the_middle_of_the_text():
    with mailing("half") as (box, sim, server):
        proven(box, sim)
        eventually(lambda: server.calls == 1)
        server.how = None
        pass_until(box, lambda: len(server.mails) == 1, limit=17)
        settled(box)
        assert states(box) == [2]


def test_who_does_not_get_it_in_time():
    with mailing("busy") as (box, sim, server):
        proven(box, sim, correo=ANA)
        pass_until(box, lambda: states(box) == [6, 6], 6 * HOUR, 16)
        assert box.rows("SELECT count(*) FROM mails WHERE sealed IS NOT NULL") == [(0,)] and not server.mails
        for _ in range(3):
            box.pass_time(11 * 24 * HOUR)
        eventually(lambda: states(box) == [] or box.pass_time(HOUR), every=0.2)  # a sweep takes some at a time


# ---- crashes ----

def test_kill_while_a_mail_is_sent():
    with mailing("mute") as (box, sim, server):
        proven(box, sim)
        eventually(lambda: server.calls == 1)
        box.program.stop(9)
        assert states(box) == [1]
        server.how = None
        box.start()
        eventually(lambda: states(box) == [2])
        assert len(server.mails) == 1 and box.rows("SELECT attempts FROM mails") == [(2,)]


def test_a_restart_waits_for_the_mail_under_way():
    with mailing() as (box, sim, server):
        proven(box, sim)
        box.stop()
        box.start()
        eventually(lambda: states(box) == [2])
        assert len(server.mails) == 1


def test_none_is_lost_and_none_twice_but_where_the_reply_was_lost():
    """MAILS=500 KILLS=50: a long run. Each call of the daemon meets one failing of a server or none."""
    count, kills = int(os.environ.get("MAILS", "12")), int(os.environ.get("KILLS", "3"))
    seed = int(os.environ.get("SEED", "490"))
    print(f"SEED={seed}")
    with mailing("chaos") as (box, sim, server):
        dice, server.dice, doubtful = random.Random(seed), random.Random(seed), set()
        for n in range(count):
            box.enrol(town.nif(n), f"Persona {n}", town.phone(n))
            assert write(box, f"persona{n}@example.com", nif=town.nif(n)).status == 200
        for _ in range(kills):
            settled, target = len(server.mails), dice.randrange(1, 2 + count // kills)
            with contextlib.suppress(AssertionError):
                pass_until(box, lambda: len(server.mails) >= min(count, settled + target), limit=4)
            time.sleep(dice.random() * 0.02)
            box.program.stop(9)
            doubtful |= {f"<{row[0].hex()}@example.org>" for row in box.rows("SELECT message_id FROM mails WHERE state = 1")}
            box.start()
        server.how = None
        pass_until(box, lambda: set(states(box)) == {2}, 10 * MINUTE, 40)
        told = collections.Counter(m["Message-ID"] for m in server.mails)
        assert len(told) == count and {m.envelope[0] for m in server.mails} == {f"persona{n}@example.com" for n in range(count)}
        twice = {name for name, times in told.items() if times > 1}
        assert twice <= doubtful | set(server.lost), twice - doubtful - set(server.lost)


# ---- the desk ----

def test_a_clerk_writes_an_address_and_the_person_proves_it():
    with mailing() as (box, sim, server):
        box.enrol()
        assert write(box, "").json["correo"] == ""
        first = write(box, ANA).json
        assert (first["correo"], first["correo_estado"]) == ("a***@example.com", "sin_probar"), first
        token = token_of(eventually(lambda: to(server, ANA))[0])
        again = write(box, ANA)
        assert (again.status, again.json["type"]) == (429, "rate_limited") and int(again.headers["Retry-After"]) <= 60
        box.pass_time(MINUTE)
        assert write(box, ANA).status == 200
        second = token_of(eventually(lambda: to(server, ANA)[1:])[0])
        assert box.post("/v1/correos/prueba", {"prueba": token}).status == 404, "the one of before is dead"
        assert box.post("/v1/correos/prueba", {"prueba": second}).status == 200
        assert found(box)["correo_estado"] == "probado"
        whole = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/expediente", {"nif": NIF}).json["persona"]
        assert (whole["correo"], whole["correo_estado"]) == (ANA, "probado")
        assert write(box, "eva@example.com").json["correo_estado"] == "sin_probar"
        told, = eventually(lambda: [m for m in to(server, ANA) if "ha cambiado" in m["Subject"]])
        assert "eva" not in told.as_string()
        assert write(box, "").json["correo"] == "" and box.rows("SELECT count(*) FROM emails") == [(0,)]
        events = [row[0] for row in box.rows("SELECT event FROM audit WHERE event LIKE 'correo%' ORDER BY id")]
        assert events == ["correo", "correo", "correo", "correo_probado", "correo", "correo"], events


def dead(box):
    return [(row["nif"], row["correo"], row["solicitud"]) for row in box.control_request("GET", "/v1/registro/correos").json["correos"]]


def test_an_address_that_does_not_exist_is_told_at_the_desk():
    with mailing("nobody") as (box, sim, server):
        box.enrol()
        write(box, ANA)
        eventually(lambda: found(box)["correo_estado"] == "no_llega")
        assert dead(box) == [(NIF, "a***@example.com", False)]
        proven(box, sim, nif="X1234567L", movil="+34600777888", correo="luis@example.com")
        eventually(lambda: dead(box) == [(NIF, "a***@example.com", False), ("X1234567L", "l***@example.com", True)])
        server.how = None
        settled(box)
        box.pass_time(MINUTE)
        assert write(box, "eva@example.com").json["correo_estado"] == "sin_probar"
        pass_until(box, lambda: to(server, "eva@example.com"))
        assert not to(server, ANA)
        assert [nif for nif, *_ in dead(box)] == ["X1234567L"], "another address, another chance"
        box.is_edited = True
        box.stop()
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            db.execute("UPDATE emails SET dead_ms = 1")
        box.start()
        assert dead(box) == [], "a row that was changed without the key is nobody's"


def test_an_address_in_the_alta_of_the_desk():
    with mailing() as (box, sim, server):
        enrol = lambda correo, **more: box.control_request("POST", "/v1/registro/ciudadanos", {
            "nif": NIF, "nombre": "Ana", "movil": "+34600123123", "correo": correo, **more})
        bad = enrol("ana@@example.com")
        assert (bad.status, bad.json["type"], bad.json["campo"]) == (422, "email_format", "correo"), bad.text
        assert box.rows("SELECT count(*) FROM citizens") == [(0,)]
        assert enrol(ANA).status == 201 and found(box)["correo_estado"] == "sin_probar"
        assert box.post("/v1/correos/prueba", {"prueba": token_of(eventually(lambda: to(server, ANA))[0])}).status == 200
        assert found(box)["correo_estado"] == "probado"
        assert enrol("", nif="X1234567L", movil="+34600777888").status == 201
        box.ctl("ciudadano", "alta", "--nif", "87654321X", "--nombre", "Eva", "--movil", "+34600111333", "--correo", "eva@example.com")
        eventually(lambda: to(server, "eva@example.com"))
    with form() as (box, _):
        refused = enrol(ANA)
        assert (refused.status, refused.json["type"], refused.json["campo"]) == (409, "not_configured", "correo"), refused.text
        assert box.rows("SELECT count(*) FROM citizens") == [(0,)], "all of it or nothing"


def test_addresses_in_an_import():
    """Each gets its link, many more than wait at once; a file for a box without mail names the column."""
    people = [f"{imports.nif(30000000 + i)};Ana;6001{i:05};p{i}@example.com" for i in range(40)]
    file = lambda rows: "\n".join(["nif;nombre;movil;correo;correo_estado", *(row + ";probado" for row in rows)]).encode()
    with mailing("busy") as (box, sim, server):
        told = imports.read(box, file([people[0], people[1].replace("@", "@@"), people[2].replace("p2@", "ñ@")]))
        assert [(e["linea"], e["campo"], e["type"]) for e in told["errores"]] == [(3, "correo", "email_format"), (4, "correo", "email_alphabet")], told
        assert told["primeras"][0]["correo"] == "p***@example.com"
        assert imports.imported(box, file(people))["escritas"] == 40
        assert box.rows("SELECT count(*) FROM mails WHERE kind = 2 AND done_ms = 0") == [(40,)]
        server.how = None
        pass_until(box, lambda: len(server.mails) == 40)
        assert found(box, imports.nif(30000007))["correo_estado"] == "sin_probar", "whatever the file says"
        assert box.post("/v1/correos/prueba", {"prueba": token_of(to(server, "p7@example.com")[0])}).status == 200
        assert found(box, imports.nif(30000007))["correo_estado"] == "probado"
    with form() as (box, _):
        told = imports.read(box, file(people[:1]))
        assert [(e["linea"], e["campo"], e["type"]) for e in told["errores"]] == [(2, "correo", "not_configured")], told


def test_an_import_leaves_room_for_other_mails():
    """500 links wait, and the import with them, which says why; others' mails are taken, and it goes on as links leave."""
    people = [f"{imports.nif(30000000 + i)};Ana;6001{i:05};p{i}@example.com" for i in range(520)]
    with mailing("busy") as (box, sim, server):
        told = imports.read(box, "\n".join(["nif;nombre;movil;correo", *people]).encode())
        assert imports.order(box, told).status == 202
        told = eventually(lambda: "correos" in ((now := imports.shown(box))["problema"] or "") and now, 60)
        assert told["estado"] == "aplicando" and 480 < told["escritas"] <= 500, told
        box.enrol()
        assert write(box, ANA).status == 200
        server.how = None
        settled(box)
        pass_until(box, lambda: imports.shown(box)["estado"] == "hecha")
        assert box.rows("SELECT count(*) FROM emails") == [(521,)] and box.rows("SELECT count(*) FROM mails WHERE kind = 2") == [(521,)]


def test_the_address_ends_with_the_registration_and_goes_with_a_new_nif():
    with mailing("busy") as (box, sim, server):
        nie, dni = "X1234567L", NIF
        box.enrol(nif=nie)
        assert write(box, ANA, nif=nie).status == 200
        change = {"nif": nie, "nif_nuevo": dni, "motivo": "ya tiene DNI", "instancia": "2026/1"}
        answer = box.control_request("POST", "/v1/registro/ciudadanos/cambio_nif", change)
        assert answer.status == 200, answer.text
        assert found(box, dni)["correo"] == "a***@example.com" and found(box, nie)["correo"] == ""
        gone = box.control_request("POST", "/v1/registro/ciudadanos/renuncia", {"nif": dni, "motivo": "lo pide"})
        assert gone.status == 200, gone.text
        assert box.rows("SELECT count(*) FROM emails") == [(0,)]
        assert write(box, ANA).json["type"] == "life_state_forbids"


# ---- a real server: aiosmtpd of Debian, with STARTTLS and a password ----

def test_a_real_server_with_starttls_and_a_password():
    with folder() as where:
        certificate = make_certificate(where)
        server = RealServer(certificate, "caja", "clave-del-correo-9381")
        more = f'smtp_usuario = "caja" smtp_clave = "clave-del-correo-9381" autoridad = "{certificate[0]}"'
        text = by(server.port, "starttls", more).replace("127.0.0.1", "localhost")
        try:
            with form(extra=text, clock=True) as (box, sim):
                ready(box)
                proven(box, sim, correo=ANA, idioma="eu")
                eventually(lambda: len(server.mails) == 2 and states(box) == [2, 2])
                assert {m.envelope[0] for m in server.mails} == {TOWN, ANA} and all(m.was_tls and m.login and not m.defects for m in server.mails)
                assert "clave-del-correo" not in box.program.log()
        finally:
            server.stop()
