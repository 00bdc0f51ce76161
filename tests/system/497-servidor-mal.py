# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL server that is slow, full, cut off, read-only, too old or of another: what is told, and that nothing is lost."""

import signal
import subprocess
import time

from box import CLAVE, NAME, NIF, PHONE, SLOW, Box, code_of, eventually, folder, running
from proxy import a_proxy
from server import a_server, ask, new_database


def ends_with(box, code, words):
    """The daemon says so and does not start."""
    box.stderr.unlink(missing_ok=True)
    box.launch()
    assert box.program.process.wait(30 * SLOW) == code, box.program.log()
    assert words in box.program.log(), box.program.log()
    box.program.stop()


def test_a_start_that_is_refused():
    with a_server() as server, a_proxy(server) as proxy, folder() as path:
        address = new_database(server.address)
        box = Box(path, "unix:" + str(path / "nothing"), address=address)
        sql = lambda text: ask(server.address, text)  # noqa: E731
        box.launch()  # the database is made, and the key
        eventually(lambda: "escucha en" in box.program.log())
        assert box.stop() == 0

        def at(place):
            return Box(path, "unix:" + str(path / "nothing"), address=place)
        # too old
        version = sql("SHOW server_version").encode()
        proxy.replace = (b"server_version\0" + version[:2], b"server_version\0" + b"13")
        ends_with(at(proxy.address(address)), 74, "es PostgreSQL 13 y hace falta el 15")
        # another encoding
        subprocess.run(["psql", "-qAtX", "-c", "CREATE DATABASE vieja TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
                        server.address], check=True)
        ends_with(at(server.address.replace("///postgres", "///vieja")), 74, "está en LATIN1: créela con ENCODING 'UTF8'")
        # without rights
        empty = new_database(server.address)
        sql("CREATE ROLE poca LOGIN")
        sql(f"GRANT USAGE ON SCHEMA {empty.rsplit('%3D')[-1]} TO poca")
        ends_with(at(empty.replace("user=contraclaved", "user=poca")), 74, "contraclavectl base comprueba")
        # a replica, or a server that takes no writes
        sql("ALTER ROLE contraclaved SET default_transaction_read_only = on")
        ends_with(at(address), 74, "read-only")
        sql("BEGIN READ WRITE; ALTER ROLE contraclaved RESET default_transaction_read_only; COMMIT")
        # the key of another
        key = box.key.read_bytes()
        box.key.unlink()
        box.key.write_bytes(bytes(range(32)))
        box.key.chmod(0o400)
        ends_with(at(address), 78, "no es la de esta base de datos")
        assert box.key.read_bytes() != key


def persists(box, path, body, status):
    """Asks again while the answer is 503: on a busy machine a turn may take more than the second that it has."""
    answer = eventually(lambda: (a := box.post(path, body)).status != 503 and a)
    assert answer.status in (status, 409), answer.text


def test_slow_and_cut_off():
    """Of a server that answers late, or not at all, no answer waits for long; afterwards all goes on."""
    with a_server() as server, a_proxy(server) as proxy:
        with running(address=proxy.address(new_database(server.address)), enrolled=False) as (box, sim):
            persists(box, "/v1/registro/ciudadanos", {"nif": NIF, "nombre": NAME, "movil": PHONE}, 201)
            persists(box, "/v1/registro/ciudadanos", {"nif": "87654321X", "nombre": NAME, "movil": "+34600123124"}, 201)
            persists(box, "/v1/solicitudes", {"nif": NIF, "clave": CLAVE}, 202)
            code = code_of(eventually(sim.inbox)[0])
            for delay, frozen in ((0.2, False), (0, True)):
                proxy.delay, proxy.frozen = delay, frozen
                longest = 0
                for _ in range(8):
                    started = time.monotonic()
                    answer = box.post("/v1/solicitudes", {"nif": "87654321X", "clave": CLAVE})
                    assert answer.status in (429, 503), answer.text
                    assert box.get("/healthz").status == 200
                    longest = max(longest, time.monotonic() - started)
                assert longest < 2.5 * SLOW, longest
                assert "módem principal: recuperando" not in box.program.log()
                proxy.delay, proxy.frozen = 0, False
                proxy.cut()
                eventually(lambda: box.get("/readyz").status == 200)
            persists(box, "/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": code}, 200)


def test_cut_in_a_commit():
    """Whether it was committed is not known: 503, and the retry with the same key finds what there is. Another commit may
    come before that of the request, and is cut in its place: then the next person asks."""
    with a_server() as server, a_proxy(server) as proxy:
        with running(address=proxy.address(new_database(server.address)), enrolled=False) as (box, sim):
            met = {"after": 0, "before": 0}
            for number in range(40):
                cut = min(met, key=met.get)
                if met[cut] == 2:
                    break
                nif = f"{20000000 + number}{'TRWAGMYFPDXBNJZSQVHLCKE'[(20000000 + number) % 23]}"
                persists(box, "/v1/registro/ciudadanos", {"nif": nif, "nombre": NAME, "movil": f"+346005550{number:02d}"}, 201)
                key = {"Idempotency-Key": f"000000{number:02d}-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}
                had = box.sent()
                proxy.cut_at_commit = cut
                answer = box.post("/v1/solicitudes", {"nif": nif, "clave": CLAVE}, headers=key)
                proxy.cut_at_commit = None
                found = box.sent() - had
                met[cut] += answer.status == 503 and found == (cut == "after")
                assert answer.status == 503 or found == 1, (answer.status, found)
                answer = eventually(lambda: (a := box.post("/v1/solicitudes", {"nif": nif, "clave": CLAVE}, headers=key)).status
                                    != 503 and a)
                assert answer.status == 202 and box.sent() == had + 1, (cut, answer.text)
                message = eventually(lambda: [m for m in sim.inbox() if m["number"].endswith(f"6005550{number:02d}")])
                assert len(message) == 1 and box.verify(code_of(message[0]), nif)["resultado"] == "correcto"
            assert met == {"after": 2, "before": 2}, met


def test_a_server_whose_disk_is_full():
    with a_server() as server, running(address=new_database(server.address)) as (box, sim):
        ask(box.address, "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION"
                         " 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$")
        for table in ("requests", "boxes", "meta"):
            ask(box.address, f"CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION fill()")
        answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
        assert answer.status == 503, answer.text
        assert eventually(lambda: box.control_request("GET", "/v1/estado").json["aviso_datos"]) == "lleno"
        for table in ("requests", "boxes", "meta"):
            ask(box.address, f"DROP TRIGGER fill ON {table}")
        eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202)
        assert box.verify(code_of(eventually(sim.inbox)[0]))["resultado"] == "correcto"
        eventually(lambda: not box.control_request("GET", "/v1/estado").json["aviso_datos"])


def test_it_takes_no_writes_any_more():
    """The primary has become a replica: it is as if it were away, until there is one that takes writes."""
    with a_server() as server, running(address=new_database(server.address)) as (box, _):
        ask(server.address, "ALTER ROLE contraclaved SET default_transaction_read_only = on")
        ask(server.address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                            " AND pid <> pg_backend_pid()")
        eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 503)
        assert eventually(lambda: box.control_request("GET", "/v1/estado").json["aviso_datos"]) == "ausente"
        ask(server.address, "BEGIN READ WRITE; ALTER ROLE contraclaved RESET default_transaction_read_only; COMMIT")
        eventually(lambda: box.get("/readyz").status == 200)
        box.ask_pin()


def test_two_boxes_whose_clocks_are_ten_seconds_apart():
    """Neither takes the other for gone, nor its contraclaves for expired, nor its clock for wrong."""
    with a_server() as server, folder() as path, running(extra='nombre_equipo = "alfa"',
                                                         address=new_database(server.address)) as (alfa, sim):
        beta = Box(path, "unix:" + str(path / "nothing"), extra='nombre_equipo = "beta"', address=alfa.address, clock=True)
        beta.key.write_bytes(alfa.key.read_bytes())
        beta.key.chmod(0o400)
        beta.drive(wall=10_000)
        try:
            beta.start(ready=False)
            beta.token = alfa.token
            beta.ctl("auditoria", "aceptar")
            eventually(lambda: alfa.rows("SELECT count(*) FROM boxes") == [(2,)])
            alfa.enrol("87654321X", phone="+34600123124")
            for asks, says, nif in ((alfa, beta, NIF), (beta, alfa, "87654321X")):
                had = len(sim.inbox())
                asks.ask_pin(nif)
                code = code_of(eventually(lambda n=had: sim.inbox()[n:])[0])
                assert says.verify(code, nif)["resultado"] == "correcto"
                beats = alfa.rows("SELECT box, seen_ms FROM boxes ORDER BY box")
                eventually(lambda b=beats: all(now[1] > was[1] for was, now in zip(
                    b, alfa.rows("SELECT box, seen_ms FROM boxes ORDER BY box"))))
            for box in (alfa, beta):
                assert box.status()["reloj_fiable"] is True, box.status()
            assert "salen por este" not in beta.program.log()
        finally:
            beta.stop(signal.SIGKILL)
