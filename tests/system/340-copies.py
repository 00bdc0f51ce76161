# SPDX-License-Identifier: EUPL-1.2
"""contraclavectl copia and restaura: a copy made while the daemon serves is whole, and takes the database's place only
where it may."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import threading

from altas import FORM, PDF, desk, files, look, proven, ready, sms
from box import BUILD, CLAVE, WRAP, Box, Sim, code_of, eventually, folder, running
from town import NO_LIMITS, enrol, nif, phone

LONG = ("test_every_202_before_it_is_in_it", "test_a_copy_that_may_not_take_its_place")

COPIES = int(os.environ.get("COPIES", "100"))


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def requests_in(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return {row[0] for row in db.execute("SELECT lower(hex(public_id)) FROM requests")}


class Load:
    """Requests without pause, by four at a time; `acked` are the ids of the 202 so far."""

    def __init__(self, box):
        self.box, self.acked, self.failed, self.go_on = box, [], [], True
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(4)]
        for thread in self.threads:
            thread.start()

    def run(self, n):
        while self.go_on:
            answer = self.box.post("/v1/solicitudes", {"nif": nif(n), "clave": CLAVE})
            if answer.status == 202:
                self.acked.append(answer.json["id"])
            else:
                self.failed.append(answer.text)

    def stop(self):
        self.go_on = False
        for thread in self.threads:
            thread.join()


def test_every_202_before_it_is_in_it():
    with running(limits=NO_LIMITS, enrolled=False) as (box, _):
        enrol(box, range(4))
        load = Load(box)
        try:
            for n in range(COPIES):
                before = set(load.acked)
                to = box.folder / f"c{n}"
                box.ctl("copia", str(to))
                missing = before - requests_in(to)
                assert not missing, (n, len(before), len(missing))
                assert mode(to) == 0o600
                to.unlink()
        finally:
            load.stop()
        assert len(load.acked) > COPIES and not load.failed, (len(load.acked), load.failed[:3])


def test_what_it_makes_and_says():
    with running() as (box, _):
        to = box.folder / "copia"
        done = box.ctl("copia", str(to), "--clave")
        key = box.folder / "copia.clave"
        assert mode(to) == 0o600 and mode(key) == 0o400 and key.read_bytes() == box.key.read_bytes()
        assert "1 ciudadanos" in done.stdout and "juntas lo abren todo" in done.stdout, done.stdout
        answer = json.loads(box.ctl("--json", "copia", str(box.folder / "otra")).stdout)
        assert answer["ciudadanos"] == 1 and answer["clave"] is None and answer["bytes"] == os.stat(to).st_size, answer
        assert sorted(p.name for p in box.folder.iterdir() if p.name.startswith(("copia", "otra"))) == \
            ["copia", "copia.clave", "otra"]
        rows = ((["copia", str(to)], 73, "ya existe"),
                (["copia", str(box.folder / "nueva"), "--clave"], 0, ""),
                (["copia", "/no/hay/tal", "--clave"], 74, "no existe"),
                (["copia"], 64, "diga dónde"),
                (["estado", "--clave"], 64, "no se usa --clave"))
        for words, code, said in rows:
            done = box.ctl(*words, check=False)
            assert done.returncode == code and said in done.stderr, (words, done.returncode, done.stderr)
        (box.folder / "k.clave").write_text("")
        assert box.ctl("copia", str(box.folder / "k"), "--clave", check=False).returncode == 73
        assert not (box.folder / "k").exists()


def test_a_copy_for_which_there_is_no_space():
    with running() as (box, _):
        to = box.folder / "copia"
        command = [*WRAP, str(BUILD / "contraclavectl"), "-c", str(box.conf), "copia", str(to)]
        done = subprocess.run(["sh", "-c", 'ulimit -f 20; exec "$@"', "sh", *command], capture_output=True, text=True,
                              check=False)
        assert done.returncode != 0 and not to.exists(), (done.returncode, done.stderr)
        writes = box.folder / "writes"
        writes.write_bytes((28).to_bytes(4, "little"))  # ENOSPC
        box.ctl("copia", str(box.folder / "whole"))
        done = box.ctl("copia", str(box.folder / "c.db"), check=False,
                       env={"CC_WRITES_FILE": str(writes), "LD_PRELOAD": str(BUILD / "tests/preload_writes.so"),
                            "ASAN_OPTIONS": "verify_asan_link_order=0"})
        assert done.returncode == 74 and "no queda sitio" in done.stderr, (done.returncode, done.stderr)
        assert not [p for p in box.folder.iterdir() if p.name.startswith("c.db")]


def test_a_damaged_or_altered_database_makes_no_copy():
    with running() as (box, _):
        box.is_edited = True
        box.stop()
        whole = box.database.read_bytes()
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            page, size = (db.execute(q).fetchone()[0] for q in
                          ("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox_phone'", "PRAGMA page_size"))
        bad = bytearray(whole)
        bad[(page - 1) * size:page * size] = b"\xa5" * size
        box.database.write_bytes(bad)
        done = box.ctl("copia", str(box.folder / "copia"), check=False)
        assert done.returncode == 74 and "está dañada" in done.stderr, (done.returncode, done.stderr)
        box.database.write_bytes(whole)
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            db.execute("UPDATE audit SET result = 'otro' WHERE id = 1")
        done = box.ctl("copia", str(box.folder / "copia"), check=False)
        assert done.returncode == 65 and "registro de auditoría" in done.stderr, (done.returncode, done.stderr)
        assert not (box.folder / "copia").exists()


def test_a_copy_takes_the_place_of_the_database():
    with running() as (box, sim):
        copy = box.folder / "copia"
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        box.ctl("copia", str(copy))
        box.enrol("87654321X", "Otra Persona", "+34600123124")
        done = box.ctl("restaura", str(copy), check=False)
        assert done.returncode == 75 and "en marcha" in done.stderr, (done.returncode, done.stderr)
        assert box.get("/readyz", token=None).status == 200
        box.stop()
        done = box.ctl("restaura", str(copy))
        assert "1 ciudadanos" in done.stdout and "revóquelo otra vez" in done.stdout, done.stdout
        aside = [p for p in box.folder.iterdir() if p.name.startswith("contraclaved.db.")]
        assert len(aside) == 1 and aside[0].name in done.stdout, (aside, done.stdout)
        with contextlib.closing(sqlite3.connect(aside[0])) as db:
            assert db.execute("SELECT count(*) FROM citizens").fetchone()[0] == 2
        assert mode(box.database) == 0o600 and os.stat(box.database).st_uid == os.stat(aside[0]).st_uid
        box.start()
        assert box.verify(code)["resultado"] == "correcto"
        assert box.status()["ciudadanos"] == 1
        assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout


def test_a_second_machine_delivers_what_waits_once():
    with running(enrolled=False) as (box, sim):
        enrol(box, range(4))
        assert box.post("/v1/solicitudes", {"nif": nif(0), "clave": CLAVE}).status == 202
        eventually(lambda: box.status()["cola"]["en_cola"] == 0 and sim.inbox())
        sim.ask(cmd="vanish", ms=3600_000)
        for n in range(1, 4):
            assert box.post("/v1/solicitudes", {"nif": nif(n), "clave": CLAVE}).status == 202
        box.ctl("copia", str(box.folder / "copia"), "--clave")
        box.stop()
        with folder() as path:
            other_sim = Sim(path)
            other = Box(path, other_sim.device)
            shutil.copy(box.folder / "copia.clave", other.key)
            other.ctl("restaura", str(box.folder / "copia"))
            other.token = box.token
            try:
                other.start()
                eventually(lambda: len(other_sim.inbox()) >= 3)
                messages = other_sim.inbox()
                for message, n in zip(sorted(messages, key=lambda m: m["number"]), range(1, 4), strict=True):
                    assert message["number"] == phone(n), messages
                    assert other.verify(code_of(message), nif(n))["resultado"] == "correcto"
                other.stop()
                other.start()
                assert other.status()["cola"]["en_cola"] == 0
                assert len(other_sim.inbox()) == 3, other_sim.inbox()
            finally:
                other.stop()
                other_sim.leave()


def test_a_copy_that_may_not_take_its_place():
    with running() as (box, _):
        box.ctl("copia", str(box.folder / "copia"))
        box.stop()
        before = box.database.read_bytes()
        with running() as (other, _):
            other.ctl("copia", str(box.folder / "ajena"))
        (box.folder / "basura").write_bytes(b"SQLite format 3\0" + b"x" * 4096)
        cut = (box.folder / "copia").read_bytes()
        (box.folder / "cortada").write_bytes(cut[:len(cut) // 2])
        rows = (("ajena", 78, "no es la de"), ("basura", None, ""), ("cortada", 65, "cortada o cambiada"), ("no-esta", 69, "no existe"))
        for name, code, said in rows:
            done = box.ctl("restaura", str(box.folder / name), check=False)
            assert done.returncode == code or code is None and done.returncode != 0, (name, done.returncode, done.stderr)
            assert said in done.stderr, (name, done.stderr)
            assert box.database.read_bytes() == before, name
        assert not [p for p in box.folder.iterdir() if p.name.startswith("contraclaved.db.")]
        box.start()


def test_the_documents_of_altas_are_in_no_copy():
    """What is destroyed when a clerk has compared it must not live on in one; who restores is told what to do."""
    with running(enrolled=False, extra=FORM) as (box, sim):
        ready(box)
        to = box.folder / "copia"
        assert "altas en línea" not in box.ctl("copia", str(box.folder / "vacia")).stdout
        alta = proven(box, sim)
        sealed = (box.folder / "documentos" / files(box)[0]).read_bytes()
        assert "altas en línea por revisar (1) no van en la copia" in box.ctl("copia", str(to)).stdout
        assert sealed[24:] not in to.read_bytes()
        box.stop()
        for path in (box.folder / "documentos").iterdir():  # another disk
            path.unlink()
        assert "altas en línea por revisar (1)" in box.ctl("restaura", str(to)).stdout
        box.start()
        assert [(c["n"], c["bytes"]) for c in look(box, alta).json["copias"]] == [(1, len(PDF))]
        assert box.control_request("GET", f"/v1/registro/altas/{alta}/documentos/1").status == 404
        assert desk(box, alta, "rechazar", motivo="documento_ilegible").json["estado"] == "rechazada"
        assert "el documento no se lee bien" in sms(sim, 2)
