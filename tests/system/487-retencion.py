# SPDX-License-Identifier: EUPL-1.2
"""What has had its term is destroyed: by night or on request, counted first, audited, nothing that should stay, and nothing
of it left in any file. KILLS (4) and REQUESTS (40) say how many; 100 and 1000 are a long run."""

import contextlib
import datetime
import errno
import json
import os
import random
import re
import signal
import sqlite3
import time
import zoneinfo

from box import BUILD, NAME, NIF, PHONE, code_of, eventually, needs_file, running
from disk import on_a_bad_disk
from town import NO_LIMITS, nif, phone

KILLS, REQUESTS = int(os.environ.get("KILLS", "4")), int(os.environ.get("REQUESTS", "40"))
DAY = 24 * 3600 * 1000
KINDS = ("pendientes", "bloqueadas", "personas", "evidencias", "ip", "solicitudes", "mensajes", "buzon", "auditoria")


def run(box):
    """A run that a person asks for, to its end: what went, kind by kind."""
    assert box.control_request("POST", "/v1/retencion", {}).status == 202
    show = lambda: box.control_request("GET", "/v1/retencion").json
    report = eventually(lambda: (r := show())["estado"] != "en_curso" and r)
    assert report["estado"] == "hecha" and tuple(report["filas"]) == KINDS, report
    return report["filas"]


def drill(box):
    return json.loads(box.ctl("--json", "retencion", "--ensayo", env=box.env).stdout)


def plant(box, count, age_ms):
    """Messages that were sent so long ago; their rows carry no tag. The daemon need not stop for it."""
    created = int(time.time() * 1000) - age_ms
    with contextlib.closing(sqlite3.connect(box.database, timeout=20)) as db, db:
        db.executemany("INSERT INTO outbox (row_key, request_id, class, state, phone_index, phone, created_ms, not_before_ms,"
                       " expires_ms, attempts, refusals, is_repeat, modem, reference, sent_ms, window_ends_ms, done_ms,"
                       " cause_kind, cause_code) VALUES (randomblob(16), 0, 0, 3, randomblob(16), randomblob(60), ?, 0, 0, 1, 0,"
                       " 0, 'principal', 1, ?, 0, ?, 0, 0)", [(created, created, created)] * count)
    eventually(lambda: box.status()["aviso_datos"] == "")  # a write of the daemon may have met this one


def blobs(box, *selects):
    return {value for select in selects for row in box.rows(select) for value in row if isinstance(value, bytes)}


def is_left(box, needle):
    """Files of the box, not the test's own, that have it."""
    return [path.name for path in box.folder.iterdir() if path.is_file() and not path.name.startswith(("daemon", "contraclaved.conf", "sim"))
            and needle in path.read_bytes()]


def test_nothing_is_left_of_a_person():
    needs_file()
    extra = "baja_dias = 1 bloqueo_dias = 1 evidencias_dias = 60 auditoria_dias = 365\n"
    with running(enrolled=False, clock=True, true_network=True, extra=extra) as (box, sim):
        box.enrol(contraste="01/02/2031")
        box.ask_pin(ip_usuario="203.0.113.77")
        texts = blobs(box, "SELECT text FROM outbox")
        code = code_of(eventually(sim.inbox)[0])
        assert box.verify(code, ip_usuario="203.0.113.77")["resultado"] == "correcto"
        box.verify("0000", ip_usuario="203.0.113.77")
        sim.ask(cmd="deliver", **{"from": PHONE, "text": "quiero la baja"})
        eventually(lambda: box.rows("SELECT 1 FROM inbox"))
        needles = blobs(box, "SELECT phone_index, sealed, contrast, nif_index FROM citizens", "SELECT sender, text FROM inbox",
                        "SELECT phone, phone_index FROM outbox", "SELECT sealed, ip_tag FROM requests", "SELECT sealed FROM life",
                        "SELECT subject FROM audit", "SELECT ip_tag FROM failures", "SELECT sealed FROM evidence")
        needles |= texts | {text.encode() for text in (NIF, PHONE, PHONE[3:], NAME, "203.0.113.77", "baja", code)}
        assert len(needles) >= 18, needles
        found = [needle for needle in needles if is_left(box, needle)]
        assert len(found) >= 10, f"they could not be found in the first place: {len(found)} of {len(needles)}"
        assert box.control_request("POST", "/v1/registro/ciudadanos/renuncia", {"nif": NIF, "motivo": "lo pide"}).status == 200
        needles |= blobs(box, "SELECT sealed FROM life", "SELECT subject FROM audit")
        for days in (100, 400, 400):  # what was done to whom outlives the person by a year
            box.wait_at_rest(sim)
            box.pass_time(days * DAY)
            run(box)
            due = drill(box)
            assert not any(n for kind, n in due.items() if kind != "auditoria"), due
        box.stop()
        left = {needle: where for needle in needles if (where := is_left(box, needle))}
        assert not left, left
        box.start()


def test_counted_destroyed_and_audited():
    with running(clock=True, limits=NO_LIMITS) as (box, _):
        plant(box, 300, 40 * DAY)
        plant(box, 200, 20 * DAY)
        assert drill(box) == {**dict.fromkeys(KINDS, 0), "mensajes": 300}
        assert box.rows("SELECT count(*) FROM outbox") == [(500,)], "a drill destroys nothing"
        told = box.ctl("retencion").stdout
        assert "Mensajes enviados" in told and "300" in told, told
        assert box.rows("SELECT count(*) FROM outbox") == [(200,)]
        acts = box.rows("SELECT actor, result, reference FROM audit WHERE event = 'retencion' ORDER BY id")
        assert [(result, n) for _, result, n in acts] == [("pedida", 0), ("mensajes", 300)] and acts[1][0].startswith("control:"), acts
        assert run(box) == dict.fromkeys(KINDS, 0)
        assert drill(box)["mensajes"] == 0


def empty_the_log(box):
    """When all is quiet; the check of each hour may be reading."""
    eventually(lambda: "diario vaciado" in box.program.log() or box.pass_time(3000))


def ms_until_night():
    now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Madrid"))
    night = (now + datetime.timedelta(days=1)).replace(hour=3, minute=5)
    return int((night.timestamp() - now.timestamp()) * 1000)


def state(box):
    return box.control_request("GET", "/v1/retencion").json["estado"]


def test_each_night_and_never_twice():
    with running(clock=True) as (box, sim):
        plant(box, 100, 40 * DAY)
        box.wait_at_rest(sim)
        box.pass_time(ms_until_night())
        eventually(lambda: state(box) == "hecha")
        assert box.rows("SELECT count(*) FROM outbox") == [(0,)]
        number, seal = re.search(r"anotación de la auditoría es la ([0-9.]+), con el sello ([0-9A-F:]+)", box.program.log()).groups()
        told = box.ctl("auditoria", "comprueba", f"--numero={number.replace('.', '')}").stdout
        assert seal in told and len(seal) == 39, (seal, told)
        assert "ya no está" in box.ctl("auditoria", "comprueba", "--numero=999").stdout
        empty_the_log(box)
        plant(box, 100, 40 * DAY)
        box.stop()
        box.start()  # it knows of the night's run
        box.wait_at_rest(sim)
        for _ in range(2):
            box.pass_time(60000)
        assert state(box) == "ninguna"
        assert box.rows("SELECT actor, reference FROM audit WHERE event = 'retencion'") == [("sistema", 100)]


def test_no_wiped_text_in_the_log():
    with running(options=("--cmgs-latency", "0"), clock=True, enrolled=False, limits=NO_LIMITS) as (box, sim):
        plant(box, 1, 40 * DAY)
        for n in range(REQUESTS):
            box.enrol(nif(n), movil=phone(n))
        texts = set()
        for n in range(REQUESTS):
            box.ask_pin(nif(n))
            texts |= blobs(box, "SELECT text FROM outbox")
        eventually(lambda: not blobs(box, "SELECT text FROM outbox"), 600)
        assert texts
        assert run(box)["mensajes"] == 1
        empty_the_log(box)
        assert not [text for text in texts if is_left(box, text)]


def meets_a_full_disk(box, fail):
    """The report of a run that fails on its way; where one is over before the disk is full, there is more to destroy."""
    eventually(lambda: box.control_request("POST", "/v1/retencion", {}).status == 202)
    fail(errno.ENOSPC)
    report = eventually(lambda: (r := box.control_request("GET", "/v1/retencion").json)["estado"] != "en_curso" and r)
    if report["estado"] == "hecha":
        fail(0)
        plant(box, 300, 40 * DAY)
        return None
    return report


def test_a_full_disk():
    with on_a_bad_disk() as (box, _, fail):
        plant(box, 300, 40 * DAY)
        fail(errno.ENOSPC)
        refused = box.ctl("retencion", check=False)
        assert refused.returncode != 0, "its order could not be audited"
        assert box.rows("SELECT count(*) FROM outbox") == [(300,)]
        fail(0)
        report = eventually(lambda: meets_a_full_disk(box, fail))
        assert report["estado"] == "fallida" and report["error"] == "db", report
        assert "retención: no se puede destruir" in box.program.log()
        left = box.rows("SELECT count(*) FROM outbox")[0][0]
        assert left == 300 - report["filas"]["mensajes"], (left, report)
        fail(0)
        eventually(lambda: box.status()["aviso_datos"] == "")
        assert run(box)["mensajes"] == left
        assert box.rows("SELECT count(*) FROM outbox") == [(0,)]


def test_the_end_of_a_run_that_cannot_be_written():
    """Nothing has had its term: all that fails is to write that it ran."""
    needs_file()
    show = lambda: box.control_request("GET", "/v1/retencion").json
    with running(enrolled=False) as (box, _), contextlib.closing(sqlite3.connect(box.database, isolation_level=None)) as held:
        for act in ("INSERT", "UPDATE"):
            held.execute(f"CREATE TRIGGER no_{act} BEFORE {act} ON meta WHEN NEW.name = 'retention_run'"
                         " BEGIN SELECT RAISE(ABORT, 'no'); END")
        assert box.control_request("POST", "/v1/retencion", {}).status == 202
        assert eventually(lambda: (r := show())["estado"] != "en_curso" and r)["estado"] == "fallida"
        assert "su plazo (final): " in box.program.log()
        for act in ("INSERT", "UPDATE"):
            held.execute(f"DROP TRIGGER no_{act}")
        assert not any(run(box).values())


def test_kill_at_any_moment():
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    print(f"SEED={seed}")
    with running(clock=True, extra="auditoria_dias = 365\n") as (box, _):
        for _ in range(60):
            box.control_request("POST", "/v1/auditoria/busqueda", {})
        box.pass_time(366 * DAY)
        box.control_request("POST", "/v1/auditoria/busqueda", {})
        kept = box.rows("SELECT id FROM audit WHERE at_ms > ?", (time.time() + 365 * 86400) * 1000)
        plant(box, 20 * KILLS, -(366 - 40) * DAY)
        plant(box, 50, -(366 - 20) * DAY)
        for _ in range(KILLS):
            box.control_request("POST", "/v1/retencion", {})
            time.sleep(chance.uniform(0, 0.08))
            assert box.stop(signal.SIGKILL) == -signal.SIGKILL
            box.start(ready=False)
            assert box.rows("SELECT count(*) FROM outbox WHERE created_ms > ?", (time.time() + 340 * 86400) * 1000) == [(50,)]
        box.wait("/readyz")
        run(box)
        assert box.rows("SELECT count(*) FROM outbox") == [(50,)]
        ids = [n for n, in box.rows("SELECT id FROM audit ORDER BY id")]
        assert ids == list(range(ids[0], ids[-1] + 1)) and kept[0][0] - 5 <= ids[0] <= kept[0][0], (ids[0], kept[0])
        assert box.status()["aviso_datos"] == ""


def test_kill_while_the_log_is_emptied():
    """The log goes into the database and is cut, while the clock stays or is set back: what was answered is there."""
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    print(f"SEED={seed}")
    with running(enrolled=False, clock=True, limits=NO_LIMITS, true_network=True) as (box, sim):
        for n in range(KILLS):
            for k in range(5):
                box.enrol(nif(5 * n + k), movil=phone(5 * n + k))
            plant(box, 20, 40 * DAY)
            eventually(lambda: box.control_request("POST", "/v1/retencion", {}).status == 202)  # the planter may have the lock yet
            eventually(lambda: state(box) != "en_curso")
            wall = box.clocks["wall"]
            box.drive(wall=wall + (2100 if n % 2 else -7200 * 1000), mono=box.clocks["mono"] + 2100)  # quiet for long enough
            time.sleep(chance.uniform(0, 0.02))
            box.stop(signal.SIGKILL)
            box.drive(wall=wall + 2100)
            box.start(ready=False)
            assert box.rows("SELECT count(*) FROM citizens") == [(5 * n + 5,)] and box.rows("SELECT count(*) FROM outbox WHERE state = 3"
                                                                                          " AND length(phone) = 60") == [(0,)]
            assert box.status()["aviso_datos"] == "" and not box.status().get("integridad"), n
        assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout
        eventually(lambda: "diario vaciado" in box.program.log() or box.wait_at_rest(sim) or box.pass_time(3000))


def entries(path):
    return [dict(field.split("=", 1) for field in line.split("\t")) for line in path.read_text().splitlines()] if path.exists() else []


def test_the_audit_in_the_journal():
    """Each row once, in its order, and nothing of the person or the operator."""
    preload = {"LD_PRELOAD": str(BUILD / "tests/preload_journal.so"),
               "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    with running(extra="auditoria_diario = si\n", env=preload) as (box, sim):
        journal = box.folder / "journal"
        box.stop()
        box.env["CC_JOURNAL_FILE"] = str(journal)
        before = box.rows("SELECT max(id) FROM audit")[0][0]
        box.start()
        box.ask_pin()
        assert box.verify(code_of(eventually(sim.inbox)[0]))["resultado"] == "correcto"
        rows = box.rows("SELECT id, event, result, actor, at_ms FROM audit WHERE id > ? ORDER BY id", before)
        assert [event for _, event, *_ in rows[-2:]] == ["solicitud", "verificacion"], rows
        told = eventually(lambda: len(e := entries(journal)) == len(rows) and e)
        names = ("FILA", "SUCESO", "RESULTADO", "QUIEN", "HORA")
        assert [tuple(entry[f"CONTRACLAVED_{name}"] for name in names) for entry in told] == [tuple(map(str, row)) for row in rows], told
        box.conf.write_text(box.conf.read_text().replace("auditoria_diario = si", "auditoria_diario = no"))
        box.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: "configuración releída" in box.program.log())
        box.ask_pin()
        assert len(entries(journal)) == len(rows), "it was switched off"
        text = journal.read_text()
        assert not [word for word in (NIF, PHONE, *NAME.split()) if word in text], text
