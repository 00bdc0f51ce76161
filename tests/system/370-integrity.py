# SPDX-License-Identifier: EUPL-1.2
"""The database changed without its key: what was changed is refused, told, and never made good by itself."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3

from box import NIF, code_of, eventually, needs_file, running

OTHER = "87654321X"


def edit(box, sql):
    with contextlib.closing(sqlite3.connect(box.database)) as db, db:
        db.execute(sql)


def told(box):
    """What `auditoria comprobar` says, which needs no daemon."""
    return json.loads(box.ctl("--json", "auditoria", "comprobar", check=False).stdout)


def doctor(box):
    return box.ctl("diagnostico", check=False).stdout


def in_doubt(box, words):
    """The sede is refused, the box itself answers, and says what to do."""
    ready = box.get("/readyz", token=None)
    assert ready.status == 503 and ready.json["type"] == "integrity_in_doubt", ready.text
    refused = box.post("/v1/solicitudes", {"nif": NIF, "clave": "4821"})
    assert refused.status == 503 and refused.json["type"] == "integrity_in_doubt", refused.text
    assert box.get("/healthz", token=None).status == 200
    status = box.get("/v1/estado").json
    assert status["aviso_datos"] == "antigua" and words in status["integridad"], status
    assert words in doctor(box) and words in box.program.log()
    assert not told(box)["correcta"]


def accepted(box):
    box.ctl("auditoria", "aceptar")
    assert told(box)["ancla"] == "" and told(box)["faltan"] == []
    eventually(lambda: box.get("/readyz", token=None).status == 200)
    box.post("/v1/solicitudes", {"nif": NIF, "clave": "4821"})


def test_an_altered_row_is_refused_alone():
    rows = (
        ("clients", "UPDATE clients SET scopes = 127, revoked_ms = 0 WHERE name = 'lector'"),
        ("citizens", "UPDATE citizens SET locked = 1 - locked WHERE id = (SELECT max(citizen_id) FROM requests)"),
        ("requests", "UPDATE requests SET tries = -1000000 WHERE citizen_id IS NOT NULL"),
    )
    with running() as (box, sim):
        reader = json.loads(box.ctl("--json", "cliente", "crear", "--nombre", "lector", "--ambitos", "tecnico").stdout)
        box.enrol(OTHER, "Ana Ruiz", "+34600999888")
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        assert box.verify(code)["resultado"] == "correcto"
        assert box.stop() == 0
        kept = box.folder / "kept"
        shutil.copy(box.database, kept)
        for table, sql in rows:
            shutil.copy(kept, box.database)
            edit(box, sql)
            box.start()
            named = told(box)["filas"]
            assert [row["tabla"] for row in named] == [table], named
            assert f"de {table} ha sido cambiada" in box.program.log()
            assert box.get("/v1/estado").json["aviso_datos"] == "alterada"
            assert table in doctor(box)
            if table == "clients":
                assert box.get("/v1/estado", token=reader["token"]).status == 401
            else:
                assert box.verify(code) == {"resultado": "rechazado"}, table
            answer = box.post("/v1/solicitudes", {"nif": OTHER, "clave": "1111"})
            assert answer.status == 202, answer.text
            assert box.stop(signal.SIGKILL) == -signal.SIGKILL
            (box.folder / "contraclaved.db-wal").unlink(missing_ok=True)
            (box.folder / "contraclaved.db-shm").unlink(missing_ok=True)
            break_anchor = box.folder / "clave-maestra.ancla"
            assert break_anchor.stat().st_mode & 0o777 == 0o600
            shutil.copy(kept, box.database)
            box.start(ready=False)  # that is an older copy now
            accepted(box)
            assert box.stop() == 0
            shutil.copy(box.database, kept)


def test_an_older_copy_a_cut_log_and_another_database():
    with running() as (box, _):
        assert box.stop() == 0
        old = box.folder / "old"
        shutil.copy(box.database, old)
        box.start()
        box.ctl("cliente", "revocar", "--nombre", "sede")
        revoked = box.token
        box.client(name="otra")
        assert box.get("/v1/estado", token=revoked).status == 401
        assert box.stop() == 0
        shutil.copy(old, box.database)
        box.token = revoked  # it lives again in the copy
        box.start(ready=False)
        in_doubt(box, "más antigua")
        assert box.stop() == 0
        box.start(ready=False)
        in_doubt(box, "más antigua")  # not forgotten by a restart
        accepted(box)
        # killed: what was written last lies in the log alone, which is then cut, or flipped
        for spoil in (lambda wal: wal[:len(wal) // 2], lambda wal: wal[:64] + b"\xff" + wal[65:], lambda wal: b""):
            assert box.stop() == 0
            box.start()
            for n in range(5):
                box.verify("0000", nif=OTHER)
                box.post("/v1/solicitudes", {"nif": OTHER, "clave": f"{n:04}"})
            assert box.stop(signal.SIGKILL) == -signal.SIGKILL
            wal = box.folder / "contraclaved.db-wal"
            wal.write_bytes(spoil(wal.read_bytes()))
            (box.folder / "contraclaved.db-shm").unlink(missing_ok=True)
            box.start(ready=False)
            in_doubt(box, "más antigua")
            accepted(box)
        assert box.stop() == 0
        (box.folder / "clave-maestra.ancla").unlink()
        box.start(ready=False)
        in_doubt(box, "falta el ancla")
        accepted(box)


def test_rows_that_are_gone():
    with running() as (box, sim):
        box.ask_pin()
        eventually(sim.inbox)
        wrong = next(c for c in ("0000", "1111") if c != code_of(sim.inbox()[0]))
        box.verify(wrong)
        assert box.stop() == 0
        edit(box, "DELETE FROM failures")
        box.start(ready=False)
        in_doubt(box, "Faltan filas")
        assert told(box)["faltan"] == ["failures"]
        accepted(box)


def test_a_lower_version_gets_no_rows_tagged():
    with running() as (box, _):
        assert box.stop() == 0
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            db.execute("UPDATE clients SET scopes = 127, row_tag = NULL")
            db.execute("DELETE FROM meta WHERE name = 'database_id'")
        box.is_edited = True
        box.start(ready=False)
        answer = box.get("/v1/estado")
        assert answer.status == 401, answer.text
        assert "no es la que se usaba" in box.program.log()
        assert [row["tabla"] for row in told(box)["filas"]] == ["clients"]


def test_root_leaves_the_anchor_to_the_owner_of_the_key():
    with running() as (box, _):
        assert box.stop() == 0
        copy, owner = box.folder / "copy", 65534
        box.ctl("copia", str(copy))
        if os.geteuid() != 0:
            return print("only root can give a file away")
        for name in ("clave-maestra", "contraclaved.db"):
            os.chown(box.folder / name, owner, owner)
        anchor = box.folder / "clave-maestra.ancla"
        anchor.unlink()
        box.ctl("restaura", str(copy))
        for path in (anchor, box.database):
            assert (path.stat().st_uid, path.stat().st_gid) == (owner, owner), path
        assert told(box)["correcta"]
        os.chown(box.folder / "clave-maestra", 0, 0)


def test_a_kill_is_no_doubt():
    with running() as (box, _):
        for _ in range(5):
            box.verify("0000")
            assert box.stop(signal.SIGKILL) == -signal.SIGKILL
            box.start()
            assert told(box)["correcta"], told(box)


def test_the_rows_of_modems_carry_the_name_of_the_box():
    needs_file()  # rows on a server are of several boxes, and keep their names
    with running() as (box, sim):
        box.ask_pin()
        eventually(sim.inbox)
        assert box.rows("SELECT DISTINCT box FROM outbox") == [(os.uname().nodename,)]
        assert box.stop() == 0
        box.conf.write_text(f'nombre_equipo = "sede-2"\n{box.conf.read_text()}')
        box.start()
        assert box.rows("SELECT DISTINCT box FROM outbox") == [("sede-2",)], "a machine that is renamed keeps its rows"
        assert told(box)["correcta"]
