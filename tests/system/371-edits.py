# SPDX-License-Identifier: EUPL-1.2
"""Random edits of a stopped daemon's database, without its key: each start tells, or the edit is without effect.
EDITS says how many (40)."""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3

from box import CLAVE, NIF, code_of, eventually, running

EDITS = int(os.environ.get("EDITS", "40"))
OTHER, LOCKED = "87654321X", "11111111H"
REFUSED = {"resultado": "rechazado"}
NUMBERS = (0, 1, -1000000, 127, 9223372036854775807)


class Files:
    """Database and anchor as they were left, for each edit anew."""

    def __init__(self, box):
        self.now = [box.database, box.folder / "clave-maestra.ancla"]
        self.kept = [path.with_name(path.name + ".kept") for path in self.now]
        for now, kept in zip(self.now, self.kept):
            shutil.copy(now, kept)

    def put_back(self):
        for suffix in ("-wal", "-shm"):
            self.now[0].with_name(self.now[0].name + suffix).unlink(missing_ok=True)
        for now, kept in zip(self.now, self.kept):
            shutil.copy(kept, now)


def draw_value(rng, value):
    if isinstance(value, int):
        return rng.choice([n for n in (*NUMBERS, value + 1, value - 1, value + 86400000) if -2**63 <= n < 2**63])
    if isinstance(value, bytes):
        return rng.choice((b"", b"\0", rng.randbytes(16), bytes([value[0] ^ 1]) + value[1:] if value else b"x"))
    return "x" + (value or "")


def edit(db, rng):
    """One value, or one row gone. Returns what was done; "" when nothing could be."""
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    table = rng.choice([name for name in names if db.execute(f"SELECT 1 FROM {name}").fetchone()])
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    row = dict(zip(columns, rng.choice(db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall())))
    where, known = " AND ".join(f"{name} IS ?" for name in columns), list(row.values())
    if rng.random() < 0.15:
        db.execute(f"DELETE FROM {table} WHERE {where}", known)
        return f"{table}: a row gone"
    column = rng.choice(columns)
    value = draw_value(rng, row[column])
    try:
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", [value, *known])
    except sqlite3.IntegrityError:
        return ""
    return f"{table}.{column}: {row[column]!r} -> {value!r}" if value != row[column] else ""


def draw_edit(box, rng):
    done = ""
    while not done:
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            done = edit(db, rng)
    return done


def ask(box, nif, token):
    return box.post("/v1/solicitudes", {"nif": nif, "clave": CLAVE}, token=token).status


def never(box, code, reader, revoked):
    """What no edit may bring about, whether it is told or not."""
    assert box.get("/v1/estado", token=revoked).status == 401, "a revoked token lives"
    assert ask(box, OTHER, reader) in (401, 403, 503), "a scope was added"
    for nif, key in ((NIF, f"{(int(code) + 1) % 10000:04d}"), (LOCKED, code), (OTHER, code)):
        answer = box.post("/v1/verificaciones", {"nif": nif, "clave": CLAVE, "contraclave": key})
        assert answer.status in (401, 403, 503) or answer.json == REFUSED, (nif, answer.text)


def starts(box):
    """False: it ended, and said why."""
    try:
        box.start(ready=False)
    except AssertionError:
        assert not box.program.running() and "error: " in box.program.log(), box.program.log()
        return False
    return True


def is_told(box):
    if box.get("/v1/estado", token=box.token).status in (401, 403):
        return "ha sido cambiada" in box.program.log() or "Faltan filas" in box.program.log()
    status = box.get("/v1/estado").json
    return status["aviso_datos"] != "" and status["aviso_datos"] in ("alterada", "antigua", "danada")


def test_random_edits_are_told_or_without_effect():
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    rng = random.Random(seed)
    told = 0
    with running() as (box, sim):
        reader = json.loads(box.ctl("--json", "cliente", "crear", "--nombre", "lector", "--ambitos", "tecnico").stdout)["token"]
        revoked = json.loads(box.ctl("--json", "cliente", "crear", "--nombre", "viejo", "--ambitos", "tecnico").stdout)["token"]
        box.ctl("cliente", "revocar", "--nombre", "viejo")
        box.enrol(OTHER, "Ana Ruiz", "+34600999888")
        box.enrol(LOCKED, "Luis Gil", "+34600999777")
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        assert box.verify(code)["resultado"] == "correcto"
        box.verify(f"{(int(code) + 2) % 10000:04d}")
        box.ask_pin()  # withheld: within a minute
        assert sim.ask(cmd="deliver", **{"from": "+34600999888", "text": "hola"})["ok"]
        eventually(lambda: box.rows("SELECT 1 FROM inbox"))
        assert box.stop() == 0
        files = Files(box)
        box.is_edited = True
        for n in range(EDITS):
            files.put_back()
            done = draw_edit(box, rng)
            if not starts(box):
                told += 1
                continue
            try:
                never(box, code, reader, revoked)
                if is_told(box):
                    told += 1
                else:
                    assert box.verify(code)["resultado"] == "correcto" and ask(box, OTHER, box.token) == 202
            except Exception as error:
                raise AssertionError(f"seed {seed}, edit {n}: {done}") from error
            assert box.stop(signal.SIGKILL) == -signal.SIGKILL
    print(f"{EDITS} edits, {told} told, the others without effect")
    assert told >= EDITS // 5
