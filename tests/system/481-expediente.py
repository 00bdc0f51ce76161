# SPDX-License-Identifier: EUPL-1.2
"""The person's file for a request of access (GDPR art. 15): all that the box holds on one person, and on no other."""

import contextlib
import csv
import json
import os
import sqlite3
import subprocess

from box import BUILD, CLAVE, NIF, PHONE, code_of, eventually, running
from passwords import PASSWORD, give_password

OTHER = "87654321X"


def file_of(box, nif):
    return json.loads(box.ctl("--json", "ciudadano", "expediente", "--nif", nif).stdout)


def test_the_file_is_whole():
    with running(enrolled=False, limits="segundos_entre_peticiones = 1") as (box, sim):
        box.enrol(name="María", apellido1="Íñiguez", contraste="31/12/2030", idioma="eu", instancia="2026-E-RC-311")
        box.enrol(OTHER, "Ana", "+34600999888")
        box.ask_pin(OTHER)
        box.ask_pin(contraste="31/12/2030")
        code = code_of(eventually(lambda: [m for m in sim.inbox() if m["number"] == PHONE])[0])
        box.verify(f"{(int(code) + 1) % 10000:04}")
        assert box.verify(code)["resultado"] == "correcto"
        eventually(lambda: box.rows("SELECT count(*) FROM outbox WHERE state = 3")[0][0] == 2)  # both delivered
        found = file_of(box, NIF)
        assert found["persona"] == {
            "nif": NIF, "nombre": "María", "apellido1": "Íñiguez", "apellido2": "", "movil": PHONE, "contraste": "2030-12-31",
            "idioma": "eu", "estado": "activa", "correo": "", "correo_estado": "", "registro": "avanzado", "via_alta": "presencial",
            "alta": found["persona"]["alta"], "comparte_movil": False, "bloqueado": False, "contraste_bloqueado": False}, found
        assert found["credenciales"] == [], found
        assert [(e["acto"], e["instancia"]) for e in found["historia"]] == [("alta", "2026-E-RC-311")], found["historia"]
        assert [(p["con_contraste"], p["usos"]) for p in found["peticiones"]] == [(True, 1)], found["peticiones"]
        assert [(m["clase"], m["estado"]) for m in found["mensajes"]] == [("contraclave", "entregado")], found["mensajes"]
        assert [f["que"] for f in found["fallos"]] == ["contraclave"], found["fallos"]
        events = [a["suceso"] for a in found["auditoria"]]
        assert {"alta", "solicitud", "verificacion", "expediente"} <= set(events), events
        text = box.ctl("ciudadano", "expediente", "--nif", "-", stdin=NIF + "\n").stdout
        for words in ("Datos de la persona", "Íñiguez", PHONE, "Peticiones de PIN", "Registro de auditoría", "entregado"):
            assert words in text, (words, text)
        assert CLAVE not in text and code not in text, "no secret is in it"
        assert [a["suceso"] for a in file_of(box, OTHER)["auditoria"]].count("expediente") == 1, "each has its own"
        assert "María" not in json.dumps(file_of(box, OTHER)) and len(file_of(box, OTHER)["peticiones"]) == 1


def test_secrets_are_told_and_not_shown():
    """State and dates of a password in the person's file and in the export; the town's clave: 491."""
    with running(enrolled=False, extra="contrasena_ms = 20 metodos { contrasena_sms = si }") as (box, sim):
        box.client("registro,solicitar,verificar,alta", "todo")
        give_password(box, sim, NIF, 1, authorised=False)
        box.enrol(OTHER, "Ana", "+34600999888")
        row, = file_of(box, NIF)["credenciales"]
        assert (row["tipo"], row["estado"], row["caduca"], row["debe_cambiarla"]) == ("contrasena", "sin_autorizar", None, False), row
        text = box.ctl("ciudadano", "expediente", "--nif", NIF).stdout
        assert "clave del ayuntamiento" in text and "sin_autorizar" in text and PASSWORD not in text, text
        states = lambda: {r["nif"]: (r["contrasena"], r["clave_ayto"], r["correo"]) for r in csv.DictReader(box.ctl("ciudadano", "exporta").stdout.splitlines())}
        assert states() == {NIF: ("sin_autorizar", "", ""), OTHER: ("", "", "")}, states()
        box.stop()
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            db.execute("UPDATE credentials SET state = 1")
        box.is_edited = True
        box.start()
        done = box.ctl("ciudadano", "exporta", check=False)
        assert done.returncode == 74 and "no se pueden leer: 1;" in done.stderr and NIF in done.stdout, done


def test_each_file_is_audited_once():
    with running() as (box, _):
        asked = lambda: box.rows("SELECT actor, result FROM audit WHERE event = 'expediente'")
        file_of(box, NIF)
        assert [(actor.split()[0], result) for actor, result in asked()] == [("control:uid", "correcto")], asked()
        missing = box.ctl("ciudadano", "expediente", "--nif", OTHER, check=False)
        assert missing.returncode == 69 and "No existe" in missing.stderr and missing.stdout == "", missing
        assert len(asked()) == 1


def test_who_reads_of_a_person_is_in_the_trail():
    """The masked ways too, once an hour for each reader and person; whoever is not registered has nothing that could be read."""
    with running(clock=True, true_network=True, extra="metodos { pin24h = si contrasena_sms = si }\n") as (box, sim):
        def told():
            return box.rows("SELECT event, actor, CASE WHEN subject IS NULL THEN 0 ELSE 1 END AS s FROM audit WHERE event LIKE 'consulta%' ORDER BY id")
        looks = ("/v1/registro/ciudadanos/busqueda", "/v1/registro/ciudadanos/busqueda/historia", "/v1/registro/credenciales/busqueda",
                 "/v1/limites/busqueda")
        for path in looks:
            assert box.control_request("POST", path, {"nif": "87654321X"}).status == 404, path
        assert told() == []
        box.wait_at_rest(sim)
        for n, path in enumerate(looks, 1):
            for _ in range(2):
                assert box.control_request("POST", path, {"nif": NIF}).status == 200, path
            assert told() == [("consulta", "control:uid %d" % os.getuid(), 1)] * n, path
            box.pass_time(3601 * 1000)
        for method, path in (("GET", "/v1/registro/ciudadanos"), ("GET", "/v1/buzon")):
            assert box.control_request(method, path).status == box.control_request(method, path).status == 200
        assert box.get("/v1/buzon").status == 200
        assert [row[::2] for row in told()[len(looks):]] == [("consulta_lista", 0), ("consulta_buzon", 0), ("consulta_buzon", 0)], told()
        assert told()[-1][1] == "cliente:sede"


def test_a_part_that_is_asked_for_alone_is_audited_too():
    with running(clock=True) as (box, _):
        asked = lambda: box.rows("SELECT count(*) FROM audit WHERE event = 'expediente'")[0][0]
        page = lambda nif: box.control_request("POST", "/v1/registro/ciudadanos/busqueda/expediente", {"nif": nif, "parte": "auditoria"})
        assert page(NIF).status == 200 and asked() == 1
        assert page(NIF).status == 200 and asked() == 1, "of the same hour"
        assert page(OTHER).status == 404 and asked() == 1
        box.enrol(OTHER, "Ana", "+34600999888")
        assert page(OTHER).status == 200 and asked() == 2, "each person's"
        box.pass_time(3600 * 1000 + 1)
        assert page(NIF).status == 200 and asked() == 3


def test_a_shared_phone_tells_nobody_elses():
    with running(limits="segundos_entre_peticiones = 1") as (box, sim):
        ana = {"nif": OTHER, "nombre": "Ana", "movil": PHONE, "comparte_movil": "Viven juntos"}
        assert box.control_request("POST", "/v1/registro/ciudadanos", ana).status == 201
        box.ask_pin(OTHER)
        eventually(lambda: len(sim.inbox()) == 1)
        assert len(file_of(box, OTHER)["mensajes"]) == 1
        assert file_of(box, NIF)["mensajes"] == [], "that one went to the other's request"


def test_the_registry_is_exported():
    """More than a page, each person once and whole; a name with quotes and commas stays one value."""
    with running(enrolled=False) as (box, _):
        people = {}
        for i in range(120):
            digits = f"{40000000 + i}"
            nif = digits + "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]
            people[nif] = f"+346001{i:05}"
            box.enrol(nif, "Ana, hija", people[nif], apellido1="O'Neill", contraste="31/12/2030", idioma="gl")
        rows = list(csv.DictReader(box.ctl("ciudadano", "exporta").stdout.splitlines()))
        assert {r["nif"]: r["movil"] for r in rows} == {nif: "'" + phone for nif, phone in people.items()}, "no formula: a + is text"
        assert len(rows) == 120, len(rows)
        assert all((r["nombre"], r["apellido1"], r["apellido2"], r["contraste"], r["idioma"], r["estado"]) == (
            "Ana, hija", "O'Neill", "", "2030-12-31", "gl", "activa") for r in rows), rows[0]
        lines = box.ctl("--json", "ciudadano", "exporta").stdout.splitlines()
        assert {(told := json.loads(line))["nif"]: told["movil"] for line in lines} == people
        box.enrol(NIF, '=1+1;=2+2; -3', "+34600999888")
        assert f"{NIF},'=1+1;'=2+2; -3," in box.ctl("ciudadano", "exporta").stdout, "a semicolon begins a cell in Spanish spreadsheets"
        audited = box.rows("SELECT actor FROM audit WHERE event = 'exportacion'")
        assert len(audited) == 3 and all(actor.startswith("control:uid") for actor, in audited), audited
        for cursor in ("100", f"1.{'0' * 32}"):  # no page is read without that entry
            answer = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/exportacion", {"cursor": cursor})
            assert (answer.status, answer.json["campo"]) == (422, "cursor"), answer.text


def test_what_cannot_be_written_says_so():
    """Of an export, and of whatever is shown but once."""
    orders = (("ciudadano", "exporta"), ("cliente", "crear", "--nombre", "otra", "--ambitos", "tecnico"), ("--json", "estado"),
              ("cola",), ("--help",))
    with running() as (box, _), open("/dev/full", "w") as full:
        for words in orders:
            done = subprocess.run([BUILD / "contraclavectl", "-c", box.conf, *words], stdout=full, stderr=subprocess.PIPE, text=True,
                                  check=False)
            assert done.returncode == 74 and "no se ha podido escribir" in done.stderr, (words, done)


def test_an_export_says_that_a_row_cannot_be_read():
    with running() as (box, _):
        box.enrol(OTHER, "Ana", "+34600999888")
        box.stop()
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            db.execute("UPDATE citizens SET level = 0 WHERE id = (SELECT max(id) FROM citizens)")
        box.is_edited = True
        box.start()
        done = box.ctl("ciudadano", "exporta", check=False)
        assert done.returncode == 74 and "no se pueden leer: 1;" in done.stderr, done
        assert len(list(csv.DictReader(done.stdout.splitlines()))) == 1, done.stdout
