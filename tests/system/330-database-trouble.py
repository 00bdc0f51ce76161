# SPDX-License-Identifier: EUPL-1.2
"""The database in trouble: held by another program, on a disk that takes no writes, with a malformed page. Requests are
refused at once, the rest is served, the trouble is told everywhere, and what can heal does so by itself."""

import concurrent.futures
import contextlib
import errno
import json
import shutil
import sqlite3

from box import CLAVE, NIF, SLOW, Stopwatch, eventually, running
from disk import on_a_bad_disk


def doctor(box):
    """(verdict, sentence) of the doctor about the data."""
    done = box.ctl("--json", "diagnostico", check=False)
    found = [(f["resultado"], f["frase"]) for f in json.loads(done.stdout) if f["que"] == "datos"]
    assert len(found) == 1, done.stdout
    return found[0]


def told(box, token, words):
    """The status, the doctor and /readyz say the same."""
    eventually(lambda: box.status()["aviso_datos"] == token)
    status = box.status()
    ready = box.get("/readyz", token=None)
    verdict, sentence = doctor(box)
    if token == "":
        assert status["listo"] and ready.status == 200 and verdict == "bien", (status, ready.text, sentence)
    else:
        assert not status["listo"] and ready.status == 503 and ready.headers["Retry-After"], (status, ready.text)
        assert verdict == "mal" and words in sentence, (verdict, sentence)
    assert box.get("/healthz", token=None).status == 200


def ask(box):
    watch = Stopwatch(box.program)
    answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
    return answer, watch.seconds()


def lines(box, words):
    return [line for line in box.program.log().splitlines() if words in line]


def test_a_lock_that_another_program_holds():
    with running(limits="cliente_por_segundo = 0 segundos_entre_peticiones = 0") as (box, _):
        other = sqlite3.connect(box.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with concurrent.futures.ThreadPoolExecutor(21) as threads:
            asked = [threads.submit(ask, box) for _ in range(60)]
            health = []
            while not health or not all(a.done() for a in asked):
                watch = Stopwatch(box.program)
                assert box.get("/healthz", token=None).status == 200
                health.append(watch.seconds())
        for answer, took in [a.result() for a in asked]:
            assert answer.status == 503 and answer.json["type"] == "db_busy", answer.text
            assert int(answer.headers["Retry-After"]) >= 1 and took < 1 * SLOW, (answer.headers, took)
        assert max(health) < 0.2 * SLOW, max(health)
        print(f"60 requests in 20 lines: /healthz at most {max(health) * 1000:.1f} ms")
        told(box, "ocupada", "Otro programa")
        other.execute("ROLLBACK")
        told(box, "", "")
        assert ask(box)[0].status == 202
        assert len(lines(box, "la tiene ocupada")) == 1 and len(lines(box, "vuelve a funcionar")) == 1
        other.close()


def test_a_disk_that_takes_no_writes():
    rows = ((errno.EROFS, "solo_lectura", "solo lectura"), (errno.ENOSPC, "lleno", "libere espacio"),
            (errno.EIO, "disco", "dmesg"))
    with on_a_bad_disk() as (box, sim, fail):
        for n, (number, token, words) in enumerate(rows):
            sent = len(sim.inbox())
            fail(number)
            for _ in range(5):
                answer, _ = ask(box)
                assert answer.status == 503 and answer.json["type"] == "db", answer.text
            told(box, token, words)
            assert len(lines(box, "error: base de datos")) == n + 1, box.program.log()
            fail(0)
            told(box, "", "")  # nobody asked for anything
            assert len(sim.inbox()) == sent, "a refused request left the box"
            assert ask(box)[0].status == 202
            eventually(lambda sent=sent: len(sim.inbox()) == sent + 1)
        assert len(lines(box, "vuelve a funcionar")) == len(rows)


def page_of(database, table):
    """(number, size) of the table's first page."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        return page, db.execute("PRAGMA page_size").fetchone()[0]


def damage(database, page, size):
    with open(database, "r+b") as f:
        f.seek((page - 1) * size)
        f.write(b"\xa5" * size)


def test_a_page_that_goes_bad_while_it_runs():
    with running() as (box, _):
        box.is_edited = True
        box.stop()  # so that all pages are in the database itself
        page, size = page_of(box.database, "requests")
        box.start()
        damage(box.database, page, size)
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:  # so that the daemon reads its pages again
            db.execute("INSERT INTO meta (name, number) VALUES ('touched', 0)")
        # the first may find this test's own lock
        eventually(lambda: ask(box)[0].json.get("type") == "db_damaged", every=0.2)
        told(box, "danada", "contraclavectl restaura")
        assert len(lines(box, "está dañada")) == 1


def test_a_file_that_is_moved_deleted_or_replaced_while_it_runs():
    """What is written to a file without its name is lost when the service ends: nothing is taken."""
    with running(limits="segundos_entre_peticiones = 0 vivas_por_nif = 0") as (box, sim):
        aside = box.database.with_suffix(".otra")
        for act in ("moved", "deleted", "replaced"):
            sent = len(sim.inbox())
            if act == "deleted":
                aside.hardlink_to(box.database)
                box.database.unlink()
            else:
                box.database.rename(aside)
            if act == "replaced":
                shutil.copy(aside, box.database)
            answer, _ = ask(box)
            assert answer.status == 503 and answer.json["type"] == "db", (act, answer.text)
            told(box, "movida", "en su sitio")
            aside.rename(box.database)
            told(box, "", "")
            assert len(sim.inbox()) == sent, act
            assert ask(box)[0].status == 202, act
            eventually(lambda sent=sent: len(sim.inbox()) == sent + 1)
        assert len(lines(box, "error: base de datos")) == 3 and len(lines(box, "vuelve a funcionar")) == 3


def test_a_bad_page_at_the_start():
    with running() as (box, _):
        box.is_edited = True
        box.ask_pin()
        box.stop()
        damage(box.database, *page_of(box.database, "inbox"))
        box.launch()
        box.wait("/healthz")
        told(box, "danada", "contraclavectl restaura")


def test_a_bad_page_without_which_it_cannot_start():
    with running() as (box, _):
        box.is_edited = True
        box.stop()
        damage(box.database, *page_of(box.database, "meta"))
        box.launch()
        assert box.program.process.wait(20 * SLOW) == 74
        assert "contraclavectl restaura" in box.program.log(), box.program.log()
        verdict, sentence = doctor(box)
        assert verdict == "mal" and "contraclavectl restaura" in sentence, sentence
