# SPDX-License-Identifier: EUPL-1.2
"""The ways in to a registration: each open or closed by the town, and the online form with a copy of the document (seeds
001a, 003, 004)."""

import http.client
import os
import signal
import socket

from altas import (BOUNDARY, FORM, JPEG, MIB, PDF, PNG, applied, apply, body_of, codes, copy, desk, fields, files, form, look, part, prove, proven,
                   raw_get, ready, send, sms, validation_code)
from box import NIF, PHONE, code_of, eventually, running


def enrol(box, **fields):
    return box.control_request("POST", "/v1/registro/ciudadanos", {"nif": NIF, "nombre": "Ana Gil", "movil": PHONE, **fields})


def test_a_way_that_the_town_has_closed():
    with running(enrolled=False, extra='altas { presencial = no formulario = "desde 2026-01-01" }') as (box, _):
        answer = enrol(box)
        assert (answer.status, answer.json["type"]) == (403, "way_closed"), answer.text
        assert answer.json["detail"] == "Esta vía de alta está cerrada. Puede hacerse con el formulario de la sede.", answer.text
        assert box.rows("SELECT count(*) FROM citizens") == [(0,)]
        text = box.conf.read_text()
        box.conf.write_text(text.replace("presencial = no", "presencial = si"))
        box.program.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: enrol(box).status in (201, 409)), "open without a restart"


# ---- the form, with a copy of the document ----

def test_online_form_with_a_document():
    """Seeds 001a, 004: the form with a copy, the code to the mobile, a clerk who compares, an SMS; then a PIN."""
    with form() as (box, sim):
        ready(box)
        big = PDF + os.urandom(5 * MIB - len(PDF))
        answer = apply(box, copy(big), copy(JPEG, "reverso.pdf"), apellido2="Íñiguez", idioma="es", contraste="31/12/2031")
        assert answer.status == 201 and answer.json["estado"] == "solicitada" and answer.json["reenvio_desde"], answer.text
        alta = answer.json["id"]
        assert len(files(box)) == 2
        stored = b"".join(p.read_bytes() for p in (box.folder / "documentos").iterdir())
        assert big[100:200] not in stored and b"PDF" not in stored[:64] and len(stored) > 5 * MIB, "sealed"
        code = validation_code(sms(sim, 1))
        wrong = prove(box, alta, f"{(int(code) + 1) % 10**6:06}")
        assert (wrong.status, wrong.json["type"], wrong.json["campo"]) == (422, "code_wrong", "codigo"), wrong.text
        assert box.control_request("GET", "/v1/registro/altas?estado=pendiente").json["altas"] == []
        assert desk(box, alta, "validar").json["type"] == "application_state", "its mobile is not proven"
        assert prove(box, alta, code).json == {"id": alta, "estado": "pendiente"}
        assert prove(box, alta, code).json["type"] == "application_state"
        row, = box.control_request("GET", "/v1/registro/altas?estado=pendiente").json["altas"]
        assert row["id"] == alta and row["nombre"] == "Ana" and NIF not in str(row) and PHONE not in str(row), row
        whole = look(box, alta).json
        assert (whole["nif"], whole["movil"], whole["apellido2"], whole["contraste"]) == (NIF, PHONE, "Íñiguez", "2031-12-31"), whole
        assert [(c["tipo"], c["bytes"]) for c in whole["copias"]] == [("application/pdf", len(big)), ("image/jpeg", len(JPEG))]
        for n, (content, kind, name) in enumerate([(big, "application/pdf", "documento-1.pdf"), (JPEG, "image/jpeg", "documento-2.jpg")], 1):
            document = raw_get(box, f"/v1/registro/altas/{alta}/documentos/{n}")
            assert document[0] == 200 and document[2] == content
            assert document[1]["Content-Type"] == kind and document[1]["X-Content-Type-Options"] == "nosniff"
            assert document[1]["Content-Disposition"] == f'attachment; filename="{name}"'
            assert document[1]["Cache-Control"] == "no-store"
        assert raw_get(box, f"/v1/registro/altas/{alta}/documentos/3")[0] == 404
        assert desk(box, alta, "validar", motivo="a\tb").json["type"] == "words_format"
        done = desk(box, alta, "validar", motivo="Preguntas de control acertadas: Fecha de nacimiento")
        assert (done.status, done.json["estado"], done.json["documentos"]) == (200, "activa", 0), done.text
        assert "queda activo" in sms(sim, 2)
        assert eventually(lambda: files(box) == []), "compared, then destroyed"
        assert raw_get(box, f"/v1/registro/altas/{alta}/documentos/1")[0] == 404
        assert desk(box, alta, "validar").json["type"] == "application_state", "another clerk was faster"
        ficha = box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": NIF}).json
        assert (ficha["estado"], ficha["via_alta"], ficha["registro"], ficha["contraste"]) == ("activa", "en_linea", "basico", True), ficha
        kept, = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF}).json["historia"]
        assert (kept["acto"], kept["via"], kept["motivo"]) == ("alta", "en_linea", "Preguntas de control acertadas: Fecha de nacimiento"), kept
        box.ask_pin()
        assert box.verify(code_of(eventually(lambda: len(sim.inbox()) >= 3 and sim.inbox())[2]))["resultado"] == "correcto"
        events = [e for e, in box.rows("SELECT event FROM audit ORDER BY id")]
        assert [e for e in events if e.startswith("alta")] == [
            "alta_solicitada", "alta_movil", "alta_movil", "alta_consulta", "alta_documento", "alta_documento", "alta"], events


def test_a_clerk_rejects_with_a_reason():
    with form() as (box, sim):
        ready(box)
        alta = proven(box, sim, idioma="en")
        for motivo in ("porque no", "registrado", ""):
            bad = desk(box, alta, "rechazar", motivo=motivo)
            assert (bad.status, bad.json["type"], bad.json["campo"]) == (422, "reason", "motivo"), bad.text
        previews = {row["motivo"]: row["sms"] for row in look(box, alta).json["avisos"]}
        assert list(previews) == ["documento_ilegible", "documento_caducado", "documento_incompleto", "datos_distintos", "otro"]
        done = desk(box, alta, "rechazar", motivo="documento_ilegible")
        assert (done.status, done.json["estado"], done.json["motivo"]) == (200, "rechazada", "documento_ilegible"), done.text
        assert "the document cannot be read" in sms(sim, 2) and sms(sim, 2) == previews["documento_ilegible"]
        assert eventually(lambda: files(box) == [])
        assert box.rows("SELECT count(*) FROM citizens") == [(0,)]
        assert desk(box, alta, "rechazar", motivo="otro").status == 409
        assert look(box, alta).json["nombre"] == "", "only the fact is kept"
        second = proven(box, sim)
        assert box.ctl("alta", "lista").stdout.count(second) == 1
        assert "rechazada" in box.ctl("alta", "rechaza", second, "--motivo", "otro").stdout
        third = proven(box, sim)
        assert "activa" in box.ctl("alta", "valida", third, "--motivo", "Documento visto: DNI").stdout


def test_registered_is_told_only_to_who_has_the_mobile():
    """Seed 003: «DNI/NIF registrado» with the town's telephone, once the mobile is proven; before, nothing differs."""
    extra = 'telefono_ayuntamiento = "918 57 15 40" ' + FORM
    with form(extra=extra) as (box, sim):
        box.enrol()
        ready(box)
        answers = [apply(box, nif=nif, movil="+34600777888") for nif in (NIF, "X1234567L")]
        assert [(a.status, sorted(a.json), sorted(a.headers.keys())) for a in answers][0] == \
            [(a.status, sorted(a.json), sorted(a.headers.keys())) for a in answers][1]
        codes = [validation_code(sms(sim, n)) for n in (1, 2)]
        told = prove(box, answers[0].json["id"], codes[0])
        assert (told.status, told.json["type"], told.json["detail"]) == (
            409, "already_registered", "DNI/NIF registrado. Si no recuerda su alta, llame al 918 57 15 40."), told.text
        assert prove(box, answers[1].json["id"], codes[1]).json["estado"] == "pendiente"
        assert eventually(lambda: len(files(box)) == 1), "its document is destroyed"
        box.conf.write_text(box.conf.read_text().replace("formulario = si", "formulario = si registrado_neutro = si"))
        box.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: "configuración releída" in box.program.log())
        alta = proven(box, sim)
        assert desk(box, alta, "validar").json["type"] == "already_registered"
        assert desk(box, alta, "rechazar", motivo="otro").status == 200


def test_after_a_renuncia_only_in_person_or_by_certificate():
    """Seed 001: who has renounced does not come back by the form."""
    with form() as (box, sim):
        box.enrol()
        ready(box)
        act = box.control_request("POST", "/v1/registro/ciudadanos/renuncia", {"nif": NIF, "motivo": "no lo quiere"})
        assert act.status == 200
        sms(sim, 1)
        alta = proven(box, sim)
        assert desk(box, alta, "validar").json["type"] == "in_person"
        assert len(files(box)) == 1, "a refusal changes nothing"


def test_the_code_of_the_mobile():
    with form(clock=True) as (box, sim):
        ready(box)
        alta = applied(box)
        first_code = validation_code(sms(sim, 1))
        early = box.post(f"/v1/altas/{alta}/telefono/reenvio", {})
        assert (early.status, early.json["type"]) == (429, "rate_limited") and int(early.headers["Retry-After"]) <= 60, early.text
        for bad in ("12345", "1234567", "12345a", "１２３４５６", ""):
            answer = prove(box, alta, bad)
            assert (answer.status, answer.json["campo"]) == (422, "codigo"), answer.text
        wrong = f"{(int(first_code) + 1) % 10**6:06}"
        for _ in range(5):
            assert prove(box, alta, wrong).json["type"] == "code_wrong"
        assert prove(box, alta, first_code).json["type"] == "code_expired", "five tries"
        box.set_clock(61_000)
        again = box.post(f"/v1/altas/{alta}/telefono/reenvio", {})
        assert again.status == 202 and again.json["id"] == alta, again.text
        second_code = validation_code(sms(sim, 2))
        if first_code != second_code:
            assert prove(box, alta, first_code).json["type"] == "code_wrong", "the one of before is dead"
        box.set_clock(61_000 + 31 * 60_000)
        assert prove(box, alta, second_code).json["type"] == "code_expired"
        assert box.post(f"/v1/altas/{alta}/telefono/reenvio", {}).status == 202
        assert prove(box, alta, validation_code(sms(sim, 3))).status == 200
        assert prove(box, "0" * 32, "123456").status == 404 and prove(box, "nada", "123456").status == 404
        other = applied(box)
        box.client("alta", name="otra sede")
        assert prove(box, other, "123456").status == 404, "another client's"
        assert box.post(f"/v1/altas/{other}/telefono/reenvio", {}).status == 404


def test_unproven_ones_go_after_a_day_with_their_documents():
    with form(clock=True) as (box, sim):
        ready(box)
        applied(box)
        eventually(lambda: codes(sim))
        kept = proven(box, sim, nif="X1234567L")
        box.set_clock(25 * 3600_000)
        box.wait_at_rest(sim)
        box.pass_time(61_000)  # it is swept once a minute
        eventually(lambda: box.rows("SELECT count(*) FROM applications") == [(1,)], 90)
        eventually(lambda: len(files(box)) == 1)
        assert look(box, kept).json["estado"] == "pendiente"


def test_many_altas_from_one_address_are_paced():
    with form(limits="sms_movil_dia = 3 ip_por_segundo = 0") as (box, sim):
        ready(box)
        answers = [apply(box, ip_usuario="192.0.2.7") for _ in range(12)]
        assert [a.status for a in answers] == [201] * 5 + [429] * 7
        assert int(answers[-1].headers["Retry-After"]) > 0 and eventually(lambda: len(files(box)) == 5)
        assert apply(box, ip_usuario="192.0.2.8").status == 201
        assert box.rows("SELECT count(*) FROM applications") == [(6,)]
        assert box.rows("SELECT count(*) FROM outbox") == [(3,)], "and a mobile is not flooded, whatever the address"


def test_nobody_is_paid_for_numbers_that_the_town_s_sim_pays_for():
    """Strangers have messages sent to dear countries, and share in their price: online there is none, and at the desk there is."""
    with form() as (box, sim):
        ready(box)
        for movil in ("+252612345678", "0053 5123 4567", "+447911123456"):
            answer = apply(box, movil=movil)
            assert (answer.status, answer.json["type"], answer.json["campo"]) == (422, "phone_abroad", "movil"), answer.text
        assert box.rows("SELECT count(*) FROM outbox") == [(0,)] and eventually(lambda: files(box) == [])
        assert apply(box, movil="+33612345678").status == 201
        assert enrol(box, movil="+447911123456").status == 201


def test_codes_that_a_stranger_sends_to_a_mobile_leave_its_owner_the_messages_of_the_day():
    """Whoever knows a mobile may write it into the form: so many codes go there, and the owner's contraclaves besides."""
    with form(limits="sms_movil_dia = 3 ip_por_segundo = 0 segundos_entre_peticiones = 0") as (box, sim):
        ready(box)
        enrol(box)
        assert [apply(box, nif="X1234567L", ip_usuario=f"192.0.2.{n}").status for n in range(5)] == [201] * 5
        assert len(eventually(lambda: sim.inbox()[2:] and sim.inbox())) == 3
        for _ in range(5):
            assert box.post("/v1/solicitudes", {"nif": NIF, "clave": "4821"}).status == 202
        arrived = eventually(lambda: sim.inbox()[6:] and sim.inbox())  # and that there were more
        assert ["contraclave PIN24H" in m["text"] for m in arrived].count(True) == 3, arrived
        assert apply(box, nif="X1234567L", ip_usuario="192.0.2.9").status == 201
        assert box.rows("SELECT count(*) FROM outbox WHERE class = 1") == [(3,)]


def test_a_closed_form():
    with running(enrolled=False) as (box, _):
        ready(box)
        answer = apply(box)
        assert (answer.status, answer.json["type"]) == (403, "way_closed"), answer.text
        assert "en persona en el Registro" in answer.json["detail"] and eventually(lambda: files(box) == [])


def test_uploads_that_lie():
    """Each bad body has its status and type, and leaves neither row nor file."""
    whole = fields()
    rows = [
        (body_of(whole), 400, "field_missing", "documento"),
        (body_of(whole + [copy(b"")]), 422, "file_empty", "documento"),
        (body_of(whole + [copy(b"GIF89a", "dni.jpg")]), 415, "file_type", "documento"),
        (body_of(whole + [part("documento", b"<svg/>", "dni.png", "image/png")]), 415, "file_type", "documento"),
        (body_of(whole + [copy(b"%PD")]), 415, "file_type", "documento"),
        (body_of(whole + [copy(PDF + bytes(5 * MIB + 1 - len(PDF)))]), 413, "file_too_large", "documento"),
        (body_of(whole + [copy()] * 3), 422, "file_count", "documento"),
        (body_of(whole + [part("nif", NIF), copy()]), 400, "json_duplicate", "nif"),
        (body_of(whole + [part("edad", "7"), copy()]), 400, "field_unknown", "edad"),
        (body_of(fields(nombre=None) + [copy()]), 400, "field_missing", "nombre"),
        (body_of(fields(nif="12345678A") + [copy()]), 422, "nif_checksum", "nif"),
        (body_of(fields(movil="12") + [copy()]), 422, None, "movil"),
        (body_of(fields(idioma="xx") + [copy()]), 422, None, "idioma"),
        (body_of(fields(contraste="ayer") + [copy()]), 422, None, "contraste"),
        (body_of(fields(ip_usuario="aquí") + [copy()]), 422, None, "ip_usuario"),
        (body_of(fields(nombre="An\x07a") + [copy()]), 422, None, "nombre"),
        (body_of(fields(nombre="An\u202ea") + [copy()]), 422, None, "nombre"),
        (body_of(fields(nombre=b"An\x00a") + [copy()]), 400, None, "nombre"),
        (body_of(fields(nombre=b"An\xff") + [copy()]), 400, None, "nombre"),
        (body_of(fields(nombre="A" * 481) + [copy()]), 422, "field_length", "nombre"),
        (body_of(whole + [copy()], end=False), 400, "multipart", None),
        (body_of(whole + [copy()])[:-30], 400, "multipart", None),
        (body_of([part("", "x")] * 3 + [copy()]), 400, None, None),
        (body_of([part(f"p{n}", "x") for n in range(1000)]), 400, None, None),
        (body_of(whole + [part("documento", b"JVBERi0=", "a.pdf", extra="\r\nContent-Transfer-Encoding: base64")]), 400, "multipart", None),
        (b"", 400, None, None),
        (b"\x00" * 5000, 400, None, None),
        (os.urandom(300_000), 400, None, None),
    ]
    with form() as (box, _):
        ready(box)
        for number, (body, status, kind, field) in enumerate(rows):
            answer = send(box, body)
            assert answer.status == status and kind in (None, answer.json["type"]), (number, answer.status, answer.text)
            assert field is None or answer.json.get("campo") == field, (number, answer.text)
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/mixed; boundary=a"):
            answer = send(box, body_of(whole + [copy()]), {"Content-Type": kind})
            assert (answer.status, answer.json["type"]) == (415, "multipart_type"), (kind, answer.text)
        assert send(box, body_of(whole + [copy()]), token=None).status == 401
        assert eventually(lambda: files(box) == []) and box.rows("SELECT count(*) FROM applications") == [(0,)]
        box.client("solicitar", name="otra")
        assert apply(box).status == 403


def test_an_upload_that_ends_before_its_body():
    with form() as (box, _):
        ready(box)
        body = body_of(fields() + [copy(PDF + bytes(MIB))])
        head = (f"POST /v1/altas HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {box.token}\r\n"
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", box.port)) as s:
            s.sendall(head + body[:MIB // 2])
            eventually(lambda: len(files(box)) == 1)
        eventually(lambda: files(box) == [])
        assert applied(box, copy(PNG))


def test_a_repeated_request_is_one_alta():
    """One Idempotency-Key: the answer of the first time, one row, one SMS; another body is refused."""
    with form() as (box, sim):
        ready(box)
        key = {"Idempotency-Key": "uno"}
        body = body_of(fields() + [copy()])
        first, again = send(box, body, key), send(box, body, key)
        assert first.status == again.status == 201 and first.json == again.json, again.text
        assert again.headers["Idempotency-Replayed"] == "true"
        assert send(box, body_of(fields() + [copy(PDF + b"otra")]), key).json["type"] == "idempotency_reused"
        eventually(lambda: len(files(box)) == 1)
        code = validation_code(sms(sim, 1))
        wrong = f"{(int(code) + 1) % 10**6:06}"
        answers = [box.post(f"/v1/altas/{first.json['id']}/telefono", {"codigo": wrong}, headers={"Idempotency-Key": "dos"}) for _ in range(3)]
        assert [(a.status, a.json["type"], a.headers["Content-Type"]) for a in answers] == \
            [(422, "code_wrong", "application/problem+json")] * 3
        assert box.rows("SELECT tries FROM applications") == [(1,)] and len(files(box)) == 1


def test_a_kill_leaves_no_file_without_a_row_and_no_row_without_a_file():
    with form() as (box, sim):
        ready(box)
        kept = applied(box, copy(), copy(PNG))
        code = validation_code(sms(sim, 1))
        body = body_of(fields() + [copy(PDF + bytes(MIB))])
        head = (f"POST /v1/altas HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {box.token}\r\n"
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", box.port)) as s:
            s.sendall(head + body[:-100])
            eventually(lambda: len(files(box)) == 3)
            box.stop(signal.SIGKILL)
        box.start()
        assert [name.lower() for name in files(box)] == [f"{kept}-1", f"{kept}-2"]
        assert prove(box, kept, code).status == 200
        box.stop(signal.SIGKILL)
        assert len(files(box)) == 2
        box.start()
        assert raw_get(box, f"/v1/registro/altas/{kept}/documentos/1")[2] == PDF
        assert desk(box, kept, "validar").status == 200 and eventually(lambda: files(box) == [])


def test_the_list_goes_on_behind_its_first_page():
    with form() as (box, sim):
        ready(box)
        made = [applied(box, movil=f"+346000001{n:02}") for n in range(53)]
        first = box.control_request("GET", "/v1/registro/altas").json
        second = box.control_request("GET", f"/v1/registro/altas?cursor={first['siguiente']}&estado=solicitada").json
        assert [a["id"] for a in first["altas"]] == made[:50] and [a["id"] for a in second["altas"]] == made[50:], second
        assert "siguiente" not in second


def test_a_document_that_was_changed_on_the_disk_is_not_shown():
    with form() as (box, sim):
        ready(box)
        alta = proven(box, sim, copy(PDF + bytes(100_000)))
        path = box.folder / "documentos" / files(box)[0]
        content = bytearray(path.read_bytes())
        content[60_000] ^= 1
        path.write_bytes(content)
        try:
            assert len(raw_get(box, f"/v1/registro/altas/{alta}/documentos/1")[2]) < 100_000
        except http.client.IncompleteRead:
            pass
        path.unlink()
        gone = raw_get(box, f"/v1/registro/altas/{alta}/documentos/1")[0]
        assert gone == (409 if box.address else 404), "of several boxes another may have it"
        assert desk(box, alta, "rechazar", motivo="otro").status == 200
