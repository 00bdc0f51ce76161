# SPDX-License-Identifier: EUPL-1.2
"""Import of people from a CSV file: looked through first, then all of them or nobody, while the box serves."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import signal

from box import BUILD, NIF, PHONE, ROOT, UnixConnection, eventually, running
from imports import BOUNDARY, FORM, PATH, csv_of, form_of, imported, nif, order, reached, read, shown, upload

OTHER = "X1234567L"
HEADER = "nif;nombre;apellido1;apellido2;movil"


def lines(*rows, header=HEADER, end="\n"):
    return end.join([header, *rows]).encode()


def faults(told):
    return [(e["linea"], e["campo"], e["type"]) for e in told["errores"]]


def people(box):
    return box.rows("SELECT count(*) FROM citizens")[0][0]


def test_every_column_that_is_read_is_named():
    """In the sentence of a wrong column, in each language, and in the manual."""
    known = re.findall(r'\{"([a-z0-9_]+)", take_', (ROOT / "src/service/import_row.c").read_text())
    assert len(known) >= 12, known
    texts = [re.search(r"(?m)^csv_column = (.*)$", path.read_text())[1] for path in sorted((ROOT / "web/problems").glob("*.txt"))]
    texts += [re.search(r"(?m)^ciudadano importa = (.*)$", (ROOT / "conf/man/ordenes.en").read_text())[1]]
    texts += [(ROOT / "src/app/ctl.c").read_text().partition('"  ciudadano importa ')[2].partition('"  limites ')[0]]
    for text in texts:
        assert not [name for name in known if not re.search(rf"\b{name}\b", text)], text


def test_a_file_that_is_none():
    """Said in Spanish by contraclavectl, and of a body that is no form at all that it is none."""
    with running(enrolled=False) as (box, _):
        for path, why in ((box.folder / "nada.csv", "no existe"), (box.folder, "es una carpeta")):
            done = box.ctl("ciudadano", "importa", str(path), check=False)
            assert (done.returncode, done.stderr) == (66, f"contraclavectl: no se puede leer {path}: {why}\n"), done
        for body in (b"nif;nombre;movil", b"{}", b"", f"--{BOUNDARY}--\r\n".encode()):
            answer = box.control_request("POST", PATH, body, FORM)
            assert (answer.status, answer.json["type"]) == (400, "multipart"), (body, answer.text)


def test_a_file_is_looked_through_and_then_everybody_is_registered():
    with running(enrolled=False) as (box, sim):
        told = read(box, csv_of(50))
        assert (told["personas"], told["errores_total"], told["omitidas"], told["escritas"]) == (50, 0, 0, 0), told
        assert [p["nombre"] for p in told["primeras"]] == ["Ana María"] * 5 and told["primeras"][0]["nif"] == "***0000**", told
        assert people(box) == 0, "nobody is registered by looking"
        assert order(box, {"id": "0" * 32}).json["type"] == "import_state", "another file"
        assert order(box, told).status == 202
        told = reached(box, "hecha")
        assert told["escritas"] == people(box) == 50, told
        person = box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": nif(30000007)}).json
        assert (person["apellido1"], person["idioma"], person["estado"], person["via_alta"], person["registro"], person["contraste"]) == (
            "García", "ca", "activa", "presencial", "avanzado", True), person
        history = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": nif(30000007)}).json["historia"]
        assert len(history) == 1 and (history[0]["motivo"], history[0]["instancia"]) == ("importación", "INST-7"), history
        assert box.rows("SELECT count(*) FROM audit WHERE event = 'alta' AND actor LIKE 'control:uid%'") == [(50,)]
        assert box.rows("SELECT result, reference FROM audit WHERE event = 'importacion'") == [("correcto", 50)]
        assert box.rows("SELECT count(*) FROM import_parts") == [(0,)] and sim.inbox() == [], "no SMS for an import"
        assert "sin cambios" in box.ctl("auditoria", "comprobar").stdout
        assert order(box, told).json["type"] == "import_state", "not twice"


def test_each_fault_names_its_line_and_field():
    with running() as (box, _):
        box.ctl("ciudadano", "renuncia", "--nif", NIF, "--motivo", "no quiere")
        box.enrol(OTHER, "Ana", "+34600999888")
        file = lines("12345678A;Ana;Gil;;600111222", f"{nif(1)};;Gil;;600111223", f"{nif(2)};Ana;Gil;;91", f"{nif(3)};Ana;;Gil;600111225",
                     f"{nif(4)};Ana;Gil;;600111226", f"{nif(4)};Ana;Gil;;600111227", f"{nif(5)};Ana;Gil;;600111226",
                     f"{OTHER};Ana;Gil;;600111228", f"{NIF};Ana;Gil;;600111229", f"{nif(6)};Ana;Gil;;600999888", f"{nif(7)};Ana;Gil",
                     f'{nif(8)};"Ana;Gil;;600111230', ";;;;", f"{nif(9)};Ana\u202e;Gil;;600111231", f"{nif(10)};Ana;{'x' * 2100};;600111232",
                     f"{nif(11)};=Ana;'-Gil;;'+34600111233")
        told = read(box, file)
        assert faults(told) == [
            (2, "nif", "nif_checksum"), (3, "nombre", "field_missing"), (4, "movil", "phone_format"), (5, "apellido2", "name_format"),
            (7, "nif", "import_nif_twice"), (8, "movil", "import_phone_twice"), (9, "nif", "already_registered"), (10, "nif", "in_person"),
            (11, "movil", "phone_in_use"), (12, "", "csv_count"), (13, "", "csv_quotes"), (15, "nombre", "name_format"), (16, "", "csv_line")], told
        assert (told["personas"], told["errores_total"]) == (2, 13), told
        assert order(box, told).json["type"] == "import_state", "with a fault nobody is registered"
        assert people(box) == 2
        for header, fault in (("nif;nombre", ("movil", "csv_column_missing")), ("nif;nombre;movil;edad", ("edad", "csv_column")),
                              ("nif;nif;nombre;movil", ("nif", "csv_column"))):
            assert faults(read(box, lines("a;b;c;d", header=header))) == [(1, *fault)], header
        for content, status, kind in ((b"", 422, "file_empty"), (b"PK\x03\x04xl/workbook.xml", 415, "csv_type"),
                                      ("nif;nombre".encode("utf-16"), 415, "csv_type"), (b"x" * (4 << 20) + b"y", 413, "file_too_large")):
            answer = upload(box, content)
            assert (answer.status, answer.json["type"]) == (status, kind), answer.text
        assert upload(box, b"a", field="documento").json["type"] == "field_unknown"
        told = read(box, lines())
        assert order(box, told).json["type"] == "import_nobody"
        assert box.control_request("DELETE", PATH).json["estado"] == "ninguna"
        assert box.control_request("DELETE", PATH).json["type"] == "import_state"


def test_a_line_with_a_fault_leaves_nothing():
    """The table of what a file has is as large as the people it may have: 200 000 lines of one phone would fill it, and end no more."""
    with running(enrolled=False) as (box, _):
        told = read(box, lines(f"{nif(501)};Ana;Gil;;600111222", f"{nif(502)};Eva;Gil;;600111222", f"{nif(502)};Eva;Gil;;600111223"))
        assert faults(told) == [(3, "movil", "import_phone_twice")] and told["personas"] == 2, told


def test_files_as_spreadsheets_write_them():
    """Each with its separator, encoding, end of line and quotes; the names of the columns in any case."""
    with running(enrolled=False) as (box, _):
        header = "Móvil;NIF;Nombre;APELLIDO1;idioma"
        row = "{};{};Íñigo;Núñez;eu"
        def file(i):
            return "\r\n".join([header, row.format(f"6001112{i:02}", nif(100 + i))])
        kinds = [file(0).encode("cp1252"), file(1).encode("utf-8-sig"), file(2).replace(";", ",").encode(),
                 file(3).replace(";", "\t").encode("cp1252"), file(4).replace("\r\n", "\r").encode() + b"\r;;;;\r\r",
                 file(5).replace("Íñigo", '"Íñigo; ""el largo"""').encode("cp1252")]
        for content in kinds:
            assert imported(box, content)["escritas"] == 1, content
        exported = list(csv.DictReader(io.StringIO(box.ctl("ciudadano", "exporta").stdout)))
        assert sorted(r["nombre"] for r in exported) == ["Íñigo"] * 5 + ['Íñigo; "el largo"'], exported
        assert {(r["apellido1"], r["idioma"]) for r in exported} == {("Núñez", "eu")}


def test_what_was_exported_comes_back():
    """Into another box: active, suspended and with a shared phone; who has left stays out."""
    with running() as (box, _):
        box.ctl("ciudadano", "suspende", "--nif", NIF, "--motivo", "lo perdió")
        box.enrol(OTHER, "+Ana, la \"menor\"", "+447911123456", apellido1="O'Neill", contraste="E12345678", idioma="gl")
        shares = {"nif": nif(301), "nombre": "Luis", "movil": PHONE, "comparte_movil": "Viven juntos"}
        assert box.control_request("POST", "/v1/registro/ciudadanos", shares).status == 201
        box.enrol(nif(302), "Eva", "+34600333444")
        box.ctl("ciudadano", "renuncia", "--nif", nif(302), "--motivo", "no quiere")
        exported = box.ctl("ciudadano", "exporta").stdout
    with running(enrolled=False) as (box, sim):
        told = imported(box, exported.encode())
        assert (told["escritas"], told["omitidas"]) == (3, 1), told
        before, after = ({r["nif"]: {k: v for k, v in r.items() if k != "alta"} for r in csv.DictReader(io.StringIO(text)) if r["estado"] != "baja"}
                         for text in (exported, box.ctl("ciudadano", "exporta").stdout))
        assert before == after and after[NIF]["estado"] == "suspendida", (before, after)
        history = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF}).json["historia"]
        assert [e["acto"] for e in history] == ["suspension", "alta"] and sim.inbox() == []


def test_what_changes_between_the_look_and_the_order():
    """A clerk registers one of the file meanwhile: then nobody of it is, and the file says which."""
    with running(enrolled=False) as (box, _):
        told = read(box, csv_of(200))
        box.enrol(nif(30000150), "Ana", "+34600999888")
        assert order(box, told).status == 202
        told = reached(box, "leida")
        assert faults(told) == [(152, "nif", "already_registered")], told
        assert people(box) == 1 and box.rows("SELECT count(*) FROM import_parts") == [(0,)]
        assert box.rows("SELECT count(*) FROM audit WHERE event = 'importacion'") == [(0,)]


def test_the_same_by_contraclavectl():
    """A drill is the default; each fault is a line; a terminal sees a bar."""
    with running(enrolled=False) as (box, _):
        file = box.database.parent / "gente.csv"
        def run(*words):
            return box.ctl("ciudadano", "importa", str(file), *words, check=False)
        assert (run().returncode, "no se puede leer" in run().stderr) == (66, True)
        file.write_bytes(lines(f"{nif(400)};Ana;Gil;;600111222", "12345678A;Eva;;;1", f"{nif(401)};Luis;;;600111223;x"))
        done = run("--aplica")
        assert (done.returncode, people(box)) == (65, 0), done
        assert done.stdout.splitlines()[:3] == [
            "línea 3, nif: La letra o cifra de control no corresponde a ese número. Revise el NIF.",
            "línea 4: La línea no tiene tantos campos como la primera. Mire si sobra o falta un separador.",
            "Para dar de alta: 1. Errores: 2."], done.stdout
        file.write_bytes(csv_of(60))
        for words in ((), ("--ensayo",)):
            done = run(*words)
            assert (done.returncode, people(box), shown(box)["estado"]) == (0, 0, "ninguna") and "no se ha dado de alta a nadie" in done.stdout, done
        assert run("--ensayo", "--aplica").returncode == 64
        done = run("--aplica")
        assert done.returncode == 0 and done.stdout.splitlines()[-1] == "Dadas de alta: 60.", done
        assert people(box) == 60
        done = run("--json", "--aplica")
        assert done.returncode == 65 and json.loads(done.stdout)["errores_total"] == 60, done
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(BUILD / "contraclavectl", ["contraclavectl", "-c", str(box.conf), "ciudadano", "importa", str(file)])
        seen = b""
        with contextlib.suppress(OSError):
            while piece := os.read(terminal, 4096):
                seen += piece
        os.waitpid(pid, 0)
        assert b"\r" in seen and "… y ".encode() not in seen and b"Errores: 60." in seen, seen


FILES = [32000000 + 10001 * n for n in range(4)]  # each with phones of its own


def kill(box, first, is_begun):
    """Orders a file of 1500, kills the daemon as soon as it has begun, and starts it; returns how many it had registered."""
    had, told = people(box), read(box, csv_of(1500, first))
    assert order(box, told).status == 202
    eventually(lambda: is_begun(box), every=0)
    box.stop(signal.SIGKILL)
    between = people(box) - had
    box.start(ready=False)
    return between


def is_over(box):
    eventually(lambda: shown(box)["estado"] in ("ninguna", "hecha"))
    return box.rows("SELECT count(*) FROM import_parts") == [(0,)]


def test_a_kill_before_the_order_is_durable():
    with running(enrolled=False) as (box, _):
        between = kill(box, FILES[0], lambda box: box.rows("SELECT count(*) FROM import_parts") != [(0,)])
        assert is_over(box) and people(box) in (0, 1500), (between, people(box))


def is_killed_midway(box, first):
    """Everybody is registered after it, each once; False where the kill, or the look at what is held meanwhile, was too late."""
    had, between = people(box), kill(box, first, lambda box: shown(box)["escritas"] > 0)
    assert 0 < between <= 1500, between
    taken = box.control_request("POST", "/v1/registro/ciudadanos", {"nif": nif(first + 1499), "nombre": "Ana", "movil": "+34600999887"})
    assert (taken.status, taken.json["type"]) == (409, "already_registered"), "the rest is held for the import"
    held = [box.control_request("POST", "/v1/registro/ciudadanos" + act, {"movil": f"6{first % 90 + 10}001499", **more})
            for act, more in (("/movil", {"nif": OTHER, "motivo": "otro"}), ("", {"nif": nif(7000000), "nombre": "Eva"}))]
    assert [(a.status, a.json["type"]) for a in held] == [(409, "phone_in_use")] * 2, "and its phones"
    is_midway = between < 1500 and shown(box)["estado"] == "aplicando"
    assert is_over(box) and people(box) == had + 1500, (had, between, people(box))
    return is_midway


def test_a_kill_in_the_middle():
    with running(enrolled=False) as (box, _):
        box.enrol(OTHER, "Ana", "+34600999888")
        assert any(is_killed_midway(box, first) for first in FILES)
        count = people(box)
        assert box.rows("SELECT count(*), count(DISTINCT reference) AS different FROM audit WHERE event = 'alta'") == [(count, count)]
        assert box.rows("SELECT count(*) FROM life") == [(count,)]
        assert "sin cambios" in box.ctl("auditoria", "comprobar").stdout


def leave_meanwhile(box, sim, turn):
    """Three contraclaves have come, and the import goes on."""
    told = read(box, csv_of(1500, FILES[turn]))
    assert order(box, told).status == 202
    for count in range(3 * turn, 3 * turn + 3):
        box.ask_pin(nif(31000000 + count))
        eventually(lambda: len(sim.inbox()) > count, every=0.001)  # noqa: B023
    are_before_its_end = shown(box)["estado"] in ("preparando", "aplicando")
    assert reached(box, "hecha")["escritas"] == 1500
    return are_before_its_end


def test_contraclaves_leave_meanwhile():
    """On a machine that is slow just then the modem may need longer than one import."""
    with running(enrolled=False) as (box, sim):
        imported(box, csv_of(3 * len(FILES), 31000000))
        assert any(leave_meanwhile(box, sim, turn) for turn in range(len(FILES))), "they have waited for its end"


def test_one_at_a_time_and_cancelled():
    with running(enrolled=False) as (box, _):
        first, second = read(box, csv_of(10)), read(box, csv_of(900))
        assert order(box, first).json["type"] == "import_state", "the second file has taken its place"
        assert order(box, second).status == 202
        answer = box.control_request("DELETE", PATH)
        busy = upload(box, csv_of(1))
        if answer.status == 200:
            assert answer.json["estado"] in ("preparando", "deshaciendo"), answer.text
            assert busy.status in (202, 409), busy.text
            eventually(lambda: box.rows("SELECT count(*) FROM import_parts") == [(0,)])
            assert people(box) == 0
        else:
            assert (answer.json["type"], busy.json["type"]) == ("import_state", "import_busy"), (answer.text, busy.text)


def test_a_file_that_comes_in_while_another_is_ordered():
    with running(enrolled=False) as (box, _), contextlib.closing(UnixConnection(box.control)) as slow:
        told = read(box, csv_of(900))
        body = form_of(csv_of(1, 31000000))
        slow.putrequest("POST", PATH)
        for name, value in (FORM | {"Content-Length": str(len(body))}).items():
            slow.putheader(name, value)
        slow.endheaders(body[:-40])
        assert order(box, told).status == 202
        slow.send(body[-40:])
        answer = slow.getresponse()
        assert (answer.status, json.loads(answer.read())["type"]) == (409, "import_busy")
        assert reached(box, "hecha")["escritas"] == people(box) == 900


def test_nothing_of_it_is_on_disk_in_clear():
    with running(enrolled=False) as (box, _):
        file = csv_of(400).replace("García".encode(), b"Canariocanta")
        told = read(box, file)
        order(box, told)
        eventually(lambda: box.rows("SELECT count(*) FROM import_parts") != [(0,)], every=0)
        stored = b"".join(p.read_bytes() for p in box.database.parent.iterdir() if p.is_file())
        assert b"Canariocanta" not in stored and b"30000007" not in stored
        reached(box, "hecha")
        assert "Canariocanta" not in box.program.log()
