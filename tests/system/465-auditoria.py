# SPDX-License-Identifier: EUPL-1.2
"""What an auditor does: search and export the trail, check the database. Each is an act of the trail itself. ROWS (2 000)
says how long a trail is whose export is cut; 100 000 is a long run."""

import contextlib
import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from box import BUILD, NIF, ROOT, eventually, needs_file, running
from people import add, first, on_box

import imports

FIND, EXPORT, CHECK = "/v1/auditoria/busqueda", "/v1/auditoria/exportacion", "/v1/auditoria/comprobacion"
OTHER = "87654321X"
ROWS = int(os.environ.get("ROWS", "2000"))


def events(box, event):
    return box.rows(f"SELECT actor, subject FROM audit WHERE event = '{event}' ORDER BY id")


def find(person, path=FIND, **question):
    """Every page: the rows, and how many pages there were."""
    rows, pages = [], 0
    while True:
        answer = person.ask("POST", path, question)
        assert answer.status == 200, answer.text
        rows += answer.json["anotaciones"]
        pages += 1
        if answer.json["siguiente"] is None:
            assert answer.json["quedan"] == 0
            return rows, pages
        question["cursor"] = answer.json["siguiente"]


def test_each_event_has_its_words():
    """What a service enters into the trail can be chosen on the auditor's page, and is read there in each language."""
    page = (ROOT / "web/js/auditoria.js").read_text()
    for source in sorted((ROOT / "src").rglob("*.c")):
        for event in re.findall(r'\.event = "([a-z_]+)"|(?:people_audit\(\w+, |audit_client\(\w+, |audit_secret\([^"{;]*)"([a-z_]+)"', source.read_text()):
            assert f'"{"".join(event)}"' in page, f"web/js/auditoria.js and web/words/*.txt lack {event}, of {source.name}"
    known = re.findall(r'(?m)^"([a-z_]+)",$', (ROOT / "src/service/auditor_events.inc").read_text())
    acts = re.findall(r'(?m)^    \[LIFE_\w+\] =\s+\{"([a-z_]+)"', (ROOT / "src/domain/life.c").read_text())
    assert "suspension" in acts
    assert {*acts} - {"alta_pendiente", "consulta"} <= {*known}, "an act in whose name nothing is entered is named here"
    offered = re.search(r"(?s)const ACTS = (.*?);\nconst EVENTS = (.*?);", page)
    manual = re.search(r"(?s)What was taken down:\n(.*?)\.\n", (ROOT / "conf/man/contraclavectl.1").read_text())[1]
    assert known == re.findall(r'"([a-z_]+)"', offered[1] + offered[2]) == re.split(r",\s+", manual)


def test_search_by_person_actor_event_and_day():
    def check(box):
        ana = add(box, "ana", "auditor")
        box.enrol(NIF)
        box.enrol(OTHER, "Otra", "+34600999888")
        of_nif, _ = find(ana, nif=NIF)
        assert [row["suceso"] for row in of_nif] == ["alta"], of_nif
        assert of_nif[0]["quien"] == "cliente:sede" and of_nif[0]["resultado"] == "presencial", of_nif
        assert NIF not in json.dumps(of_nif), "no NIF is in the trail"
        same, _ = find(ana, persona=of_nif[0]["persona"])
        assert [row["suceso"] for row in same] == ["auditoria_busqueda", "alta"], "that the NIF was searched is an act about the person"
        assert len(find(ana, suceso="alta")[0]) == 2
        assert {row["quien"] for row in find(ana, quien="ana")[0]} == {"operador:ana"}
        assert find(ana, quien="operador:ana", suceso="sesion_abrir")[0] and not find(ana, quien="an")[0]
        days = sorted(datetime.fromisoformat(row["hora"].replace("Z", "+00:00")).astimezone(ZoneInfo("Europe/Madrid")).date()
                      for row in find(ana, suceso="alta")[0])
        before, after = days[0] - timedelta(1), days[-1] + timedelta(1)
        assert len(find(ana, suceso="alta", desde=str(days[0]), hasta=str(days[-1]))[0]) == 2, "the last day is whole"
        assert not find(ana, suceso="alta", hasta=str(before))[0] and not find(ana, suceso="alta", desde=str(after))[0]
        assert not find(ana, hasta="2020-01-01")[0] and not find(ana, desde="2100-01-01T00:00:00Z")[0]
        assert len(find(ana, suceso="alta", desde=of_nif[0]["hora"])[0]) >= 1
        for bad in ({"desde": "2026-02-31"}, {"desde": "ayer"}, {"hasta": "2026-1-1xx"}, {"persona": "00"}, {"persona": "zz" * 16},
                    {"suceso": "entradas"}, {"nif": "12345678A"}, {"nif": ""}, {"persona": ""}, {"cursor": "5"}, {"cursor": "5." + "0" * 32}, {"cursor": ""}):
            answer = ana.ask("POST", FIND, bad)
            assert (answer.status, answer.json["campo"]) == (422, *bad), (bad, answer.text)
        for bad in ({"desde": "2026-12-01", "hasta": "2026-11-30"}, {"desde": "2026-12-01T00:00:00Z", "hasta": "2026-12-01T00:00:00Z"}):
            answer = ana.ask("POST", EXPORT, bad)
            assert (answer.status, answer.json["campo"]) == (422, "hasta"), (bad, answer.text)
        assert "auditoría" in box.ctl("auditoria", "busca", "--suceso", "entradas", check=False).stderr
    on_box(check)


def test_it_says_from_where():
    """Sealed in its row: of the person, where the client tells it; else of who calls; nobody on the control socket has one."""
    def check(box):
        ana = add(box, "ana", "auditor")
        ana.ask("POST", "/v1/sesion", {"nombre": "ana", "contrasena": "no es esta, ni de lejos"})
        box.enrol(NIF)
        box.ask_pin(NIF, ip_usuario="2001:db8::7")
        box.ask_pin(NIF)
        box.ctl("ciudadano", "historia", "--nif", NIF)
        box.ctl("ciudadano", "suspende", "--nif", NIF, "--motivo", "a")
        seen = [(row["suceso"], row["quien"].split(":")[0], row["ip"]) for row in find(ana)[0]]
        for wanted in (("solicitud", "cliente", "2001:db8::7"), ("solicitud", "cliente", "127.0.0.1"), ("alta", "cliente", "127.0.0.1"),
                       ("suspension", "control", None)):
            assert wanted in seen, (wanted, seen)
        assert [(r["resultado"], r["ip"]) for r in find(ana, suceso="sesion_abrir")[0]][:2] == [("rechazado", "127.0.0.1"), ("correcto", "127.0.0.1")]
        assert "2001:db8::7" in box.ctl("auditoria", "busca", "--suceso", "solicitud").stdout
        file = json.loads(box.ctl("--json", "ciudadano", "expediente", "--nif", NIF).stdout)["auditoria"]
        assert "2001:db8::7" in [row["ip"] for row in file] and "2001:db8::7" in box.ctl("ciudadano", "expediente", "--nif", NIF).stdout
        assert not [row for row in find(ana)[0] if row["evidencia"]], "nobody has entered yet"
        assert box.rows("SELECT count(*) FROM audit WHERE length(ip) = 56")[0][0] >= 4
        box.ctl("auditoria", "comprueba")
    on_box(check)


def test_acts_that_end_later_say_from_where_too():
    """The first administrator, an import, another master key and a database that is accepted: asked for on a page."""
    needs_file()  # the key is changed of one alone

    def check(box):
        boss = first(box)
        told = imports.read(box, imports.csv_of(2))
        assert boss.ask("POST", imports.PATH + "/aplicacion", {"id": told["id"]}).status == 202
        imports.reached(box, "hecha")
        assert boss.ask("POST", "/v1/auditoria/aceptacion", {}).status == 200
        assert boss.ask("POST", "/v1/clave/cambio", {}).status == 202
        eventually(lambda: find(boss, suceso="clave_cambiada")[0])
        for event in ("operador_crear", "importacion", "auditoria_aceptar", "clave_cambio_pedido", "clave_cambiada"):
            assert [row["ip"] for row in find(boss, suceso=event)[0]] == ["127.0.0.1"], event
        assert {row["ip"] for row in find(boss, suceso="alta")[0]} == {"127.0.0.1"}
    on_box(check)


def test_pages_are_bounded_and_each_search_is_audited_once():
    def check(box):
        ana, root = add(box, "ana", "auditor"), box.control_request
        box.enrol(NIF)
        for _ in range(60):  # rows of the trail
            ana.ask("POST", FIND, {"suceso": "renuncia", "nif": OTHER})
        rows, pages = find(ana, suceso="auditoria_busqueda")
        assert (len(rows), pages) == (60, 2) and len({row["numero"] for row in rows}) == 60
        assert [len(subject or b"") for _, subject in events(box, "auditoria_busqueda")] == 60 * [16] + [0], "once for all of its pages"
        page = ana.ask("POST", FIND, {"suceso": "auditoria_busqueda"}).json
        assert len(page["anotaciones"]) == 50 and page["quedan"] == page["anotaciones"][-1]["numero"] - 1
        numbers = [row["numero"] for row in find(ana, path=EXPORT)[0]]
        assert numbers == list(range(numbers[0], 0, -1)), "whole and in order"
        assert [actor for actor, _ in events(box, "auditoria_exportacion")] == ["operador:ana"]
        before = len(events(box, "auditoria_busqueda"))
        for ask, path, question in ((root, FIND, {"suceso": "auditoria_busqueda"}), (ana.ask, FIND, {"suceso": "alta"}), (ana.ask, FIND, {}),
                                    (ana.ask, EXPORT, {"suceso": "auditoria_busqueda"}), (ana.ask, FIND, {"suceso": "auditoria_busqueda", "nif": NIF})):
            answer = ask("POST", path, {**question, "cursor": page["siguiente"]})
            assert (answer.status, answer.json["campo"]) == (422, "cursor"), "a cursor serves its question and its caller alone"
        assert len(events(box, "auditoria_busqueda")) == before
    on_box(check)


def test_orders_of_contraclavectl():
    with running() as (box, _):
        text = box.ctl("auditoria", "busca", "--nif", "-", stdin=NIF + "\n").stdout
        assert "SUCESO" in text and "presencial" in text and NIF not in text, text
        rows = list(csv.DictReader(io.StringIO(box.ctl("auditoria", "exporta", "--suceso", "alta").stdout)))
        assert [(row["suceso"], row["resultado"]) for row in rows] == [("alta", "presencial")], rows
        lines = [json.loads(line) for line in box.ctl("--json", "auditoria", "exporta", "--nif", "-", stdin=NIF + "\n").stdout.splitlines()]
        assert {row["suceso"] for row in lines} == {"alta", "auditoria_busqueda"} and lines[-1]["persona"] == rows[0]["persona"], (lines, rows)
        bad = box.ctl("auditoria", "exporta", "--desde", "ayer", check=False)
        assert bad.returncode == 65 and bad.stderr, bad
        assert "sin cambios" in box.ctl("auditoria", "comprueba").stdout


def begin_export(box):
    """An export that has written its first rows and waits for who reads it."""
    order = subprocess.Popen([BUILD / "contraclavectl", "-c", box.conf, "auditoria", "exporta"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = order.stdout.readline(), order.stdout.readline()
    assert first[0].startswith(b"numero,") and int(first[1].split(b",")[0]) > ROWS, first
    return order


def start_long(box):
    """Each row is checked first."""
    def is_up():
        with contextlib.suppress(OSError):
            return box.control_request("GET", "/healthz").status == 200
    box.launch()
    eventually(is_up, 300)


def test_an_export_that_is_cut():
    """By who reads it, by a kill of the order, and by a kill of the service: told where there is still somebody to tell, and the box
    goes on."""
    with running() as (box, _):
        box.stop()
        box.database.unlink(), box.key.unlink(), box.key.with_name("clave-maestra.ancla").unlink()
        subprocess.run([BUILD / "tests/fill_terms", box.database, box.key, str(3 * ROWS)], check=True)
        start_long(box)
        order = begin_export(box)
        order.stdout.close()
        assert order.wait(60) != 0, "nobody reads it any more"
        order = begin_export(box)
        order.kill(), order.wait(60)
        assert box.control_request("GET", "/v1/estado").status == 200
        order = begin_export(box)
        box.stop(signal.SIGKILL)
        rest, told = order.communicate(timeout=60)
        assert order.returncode != 0 and told and rest.count(b"\r\n") < ROWS, (order.returncode, told, rest.count(b"\r\n"))
        start_long(box)
        whole = box.ctl("auditoria", "exporta").stdout.splitlines()
        assert len(whole) > ROWS and [int(row.split(",")[0]) for row in whole[1:]] == list(range(len(whole) - 1, 0, -1))
        assert len(events(box, "auditoria_exportacion")) == 4, "each is an act, whole or not"
        assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout


def test_the_check_tells_its_progress_and_what_it_found():
    def check(box):
        ask = add(box, "ana", "auditor").ask  # a session: it sees the check also while the database is in doubt
        box.enrol(NIF)
        assert ask("GET", CHECK).json["estado"] == "ninguna"
        begun = ask("POST", CHECK, {})
        assert (begun.status, begun.json["estado"], begun.json["leidas"]) == (202, "en_curso", 0), begun.text
        done = eventually(lambda: (told := ask("GET", CHECK).json)["estado"] == "hecha" and told)
        assert done["correcta"] is True and done["filas"] == [] and done["leidas"] >= done["anotaciones"] > 0, done
        box.is_edited = True
        with sqlite3.connect(box.database, timeout=20) as db:
            db.execute("UPDATE citizens SET level = 1 - level")
            db.execute("UPDATE audit SET result = 'telefono' WHERE event = 'alta'")
            [bad] = db.execute("SELECT id FROM audit WHERE event = 'alta'").fetchone()
        db.close()
        ask("POST", CHECK, {})
        done = eventually(lambda: (told := ask("GET", CHECK).json)["estado"] == "hecha" and told)
        assert done["correcta"] is False and done["primera_rota"] == bad, done
        assert [row["tabla"] for row in done["filas"]] == ["citizens"], done
        assert len(events(box, "auditoria_comprobacion")) == 2
    on_box(check)
