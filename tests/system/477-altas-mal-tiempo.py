# SPDX-License-Identifier: EUPL-1.2
"""Online altas in bad weather: a full and a slow disk, a full registry, uploads that never end, one address that asks without
pause. What is refused leaves neither row nor file, and others are served meanwhile."""

import concurrent.futures
import contextlib
import errno
import http.client
import os
import signal
import socket
import sqlite3
import struct
import time

from altas import BOUNDARY, MIB, PDF, applied, apply, body_of, children, copy, fields, files, form, ready, send
from box import BUILD, CLAVE, NIF, SLOW, Stopwatch, eventually, folder

ALTAS = int(os.environ.get("ALTAS", "100"))  # 10000: a long run
LOW = -1  # a megabyte left


def preload(name, **env):
    return {"LD_PRELOAD": str(BUILD / f"tests/preload_{name}.so"), "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
            **{key: str(value) for key, value in env.items()}}


@contextlib.contextmanager
def on_a_disk(trouble=0):
    """A box that takes forms, and what sets the trouble of the disk under its documents."""
    with folder() as path:
        def fail(number):
            with open(path / "disk", "r+b") as f:
                f.write(struct.pack("i", number))
        (path / "disk").write_bytes(struct.pack("i", trouble))
        with form(env=preload("writes", CC_WRITES_FILE=path / "disk", CC_WRITES_NAME="documentos")) as (box, _):
            yield ready(box), fail


def edit(box, sql, rows=((),)):
    """A change behind the daemon's back; it may have met the lock."""
    box.is_edited = True
    with contextlib.closing(sqlite3.connect(box.database)) as db, db:
        db.executemany(sql, rows)
    eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202)


def nothing_is_left(box):
    return eventually(lambda: files(box) == []) and box.rows("SELECT count(*) FROM applications") == [(0,)]


def test_a_full_disk():
    rows = ((errno.ENOSPC, 503, "disk_full"), (errno.EDQUOT, 503, "disk_full"), (errno.EIO, 500, "io_error"))
    with on_a_disk() as (box, fail):
        for number, status, kind in rows:
            fail(number)
            for content in (PDF, PDF + bytes(MIB)):  # the last piece, and one on the way
                answer = apply(box, copy(content))
                assert (answer.status, answer.json["type"]) == (status, kind), answer.text
            assert nothing_is_left(box)
            fail(0)
            applied(box)
            assert eventually(lambda: len(files(box)) == 1)
            edit(box, "DELETE FROM applications")
            box.stop()
            box.start()
            assert files(box) == [], "a file that no alta has goes at the start"
        said = [line for line in box.program.log().splitlines() if "no se puede guardar el documento" in line]
        assert len(said) == len(rows) and "no queda sitio" in said[0], "told once, until one is stored again"


def test_the_end_of_the_disk_is_not_for_documents():
    """Strangers' copies do not take the last of the disk from those who are registered."""
    with on_a_disk(LOW) as (box, fail):
        answer = apply(box, copy(PDF + bytes(3 * MIB)))
        assert (answer.status, answer.json["type"]) == (503, "disk_full") and int(answer.headers["Retry-After"]) > 0, answer.text
        assert nothing_is_left(box)
        assert box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202
        box.stop()
        fail(0)
        box.start()
        applied(box)


def put_rows(box, count, state, age_ms=0, size=0, ended=0):
    """As many altas, which only the counts look at."""
    now = int(time.time() * 1000) - age_ms
    edit(box, "INSERT INTO applications (public_id, client_id, state, created_ms, ended_ms, code_ms, tries, sends, bytes, code_tag, sealed)"
              " VALUES (?, 1, ?, ?, ?, ?, 0, 1, ?, x'00', x'00')",
         [(os.urandom(16), state, now, ended and now, now, size) for _ in range(count)])


def test_a_full_registry():
    """1000 open altas, or 1 GiB of copies: no more, but where one goes whose mobile was never proven."""
    hour = 3_600_000
    with form() as (box, _):
        ready(box)
        put_rows(box, 1000, 1, 2 * hour)
        full = apply(box)
        assert (full.status, full.json["type"]) == (503, "applications_full") and int(full.headers["Retry-After"]) > 0, full.text
        assert eventually(lambda: files(box) == []) and box.rows("SELECT count(*) FROM applications") == [(1000,)]
        edit(box, "DELETE FROM applications WHERE id = (SELECT min(id) FROM applications)")
        put_rows(box, 1, 0, 60_000)  # its code may still come
        assert apply(box).status == 503
        edit(box, "UPDATE applications SET created_ms = created_ms - ?, code_ms = code_ms - ? WHERE state = 0", [(hour, hour)])
        kept = applied(box)
        assert box.rows("SELECT count(*), sum(state = 0) FROM applications") == [(1000, 1)]
        assert [name.lower() for name in files(box)] == [f"{kept}-1"]
        edit(box, "DELETE FROM applications WHERE state = 1")
        put_rows(box, 1, 1, 2 * hour, size=(1 << 30) - MIB)
        assert apply(box, copy(PDF + bytes(MIB))).status == 503
        assert apply(box).status == 201


def test_the_hour_of_the_town():
    with form() as (box, _):
        ready(box)
        put_rows(box, 119, 2, 60_000, ended=1)
        assert [apply(box).status for _ in range(3)] == [201, 429, 429]
        assert eventually(lambda: len(files(box)) == 1)


def test_altas_without_pause_by_one_address():
    """5 a day; each refusal is quick, leaves nothing and costs no SMS."""
    with form(limits="ip_por_segundo = 0") as (box, _):
        ready(box)
        body = body_of(fields(ip_usuario="192.0.2.7") + [copy()])
        headers = {"Authorization": f"Bearer {box.token}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        statuses = []
        connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=90 * SLOW)
        for _ in range(ALTAS):
            connection.request("POST", "/v1/altas", body, headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        assert statuses == [201] * 5 + [429] * (ALTAS - 5)
        assert eventually(lambda: len(files(box)) == 5)
        assert box.rows("SELECT count(*) FROM applications") == [(5,)] and box.rows("SELECT count(*) FROM outbox") == [(5,)]


def begin(box, body):
    """A connection with the header of an upload."""
    s = socket.create_connection(("127.0.0.1", box.port))
    s.settimeout(20 * SLOW)
    s.sendall((f"POST /v1/altas HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {box.token}\r\n"
               f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n").encode())
    return s


def test_uploads_that_never_end():
    """8 at once; each has plazo_cuerpo_s, however often a byte of it comes."""
    with form(clock=True, extra_http="plazo_cuerpo_s = 60") as (box, sim):
        ready(box)
        body = body_of(fields() + [copy(PDF + bytes(MIB))])
        slow = [begin(box, body) for _ in range(8)]
        for s in slow:
            s.sendall(body[:MIB // 2])
        eventually(lambda: len(files(box)) == 8)
        ninth = apply(box)
        assert (ninth.status, ninth.json["type"]) == (503, "uploads") and int(ninth.headers["Retry-After"]) > 0, ninth.text
        box.wait_at_rest(sim)
        for _ in range(3):
            box.pass_time(17_000)
            for s in slow:
                s.sendall(b"x")
        assert len(files(box)) == 8
        box.pass_time(10_000)
        assert all(s.recv(1) == b"" for s in slow), "closed"
        assert eventually(lambda: files(box) == [])
        applied(box)
        for s in slow:
            s.close()


def health(box):
    """How long the box takes to say that it serves."""
    watch = Stopwatch(box.program)
    assert box.get("/healthz", token=None).status == 200
    return watch.seconds()


def test_a_slow_disk_under_the_documents_holds_up_nobody():
    with form(env=preload("disk", CC_FSYNC_MS=300, CC_FSYNC_NAME="documentos")) as (box, _), \
            concurrent.futures.ThreadPoolExecutor(1) as pool:
        ready(box)
        began = time.monotonic()
        alta = pool.submit(apply, box)
        took = []
        while not alta.done():
            took.append(health(box))
        assert alta.result().status == 201 and time.monotonic() - began > 0.6, "the copy and its folder were waited for"
        assert len(took) > 20 and sorted(took)[-3] < 0.15 * SLOW, sorted(took)[-5:]


def test_a_box_that_closes_while_a_copy_is_on_its_way_to_the_disk():
    with form(env=preload("disk", CC_FSYNC_MS=60_000, CC_FSYNC_NAME="documentos")) as (box, _), \
            concurrent.futures.ThreadPoolExecutor(1) as pool:
        ready(box)
        alta = pool.submit(apply, box)
        eventually(lambda: len(files(box)) == 1)
        eventually(lambda: children(box))
        box.program.process.send_signal(signal.SIGTERM)
        answer = alta.result()
        assert (answer.status, answer.json["type"]) == (503, "shutting_down"), answer.text
        assert box.stop() == 0 and files(box) == []


def test_no_answer_leaves_before_the_copy_is_on_the_disk():
    """A kill while the copy is on its way: no row, and its file goes at the start."""
    with form(env=preload("disk", CC_FSYNC_MS=60_000, CC_FSYNC_NAME="documentos")) as (box, _):
        ready(box)
        with begin(box, body := body_of(fields() + [copy()])) as s:
            s.sendall(body)
            eventually(lambda: children(box))
            assert box.rows("SELECT count(*) FROM applications") == [(0,)]
            box.stop(signal.SIGKILL)
            assert s.recv(1) == b""
        box.env = {}
        box.start()
        assert files(box) == []
        key = {"Idempotency-Key": "uno"}
        first = send(box, body, key)
        box.stop(signal.SIGKILL)
        box.start()
        again = send(box, body, key)
        assert first.status == again.status == 201 and again.json == first.json, "a client that repeats after the kill has one alta"
        assert box.rows("SELECT count(*) FROM applications") == [(1,)] and eventually(lambda: len(files(box)) == 1)
