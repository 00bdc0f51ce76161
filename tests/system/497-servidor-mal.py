# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL server that is slow, full, cut off, read-only, too old or of another: what is told, and that nothing is lost."""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import time

import imports
from box import CLAVE, NAME, NIF, PHONE, SLOW, Box, Stopwatch, code_of, eventually, folder, free_port, running
from boxes import pass_all
from proxy import a_proxy
from server import a_server, ask, new_database
from town import NO_LIMITS, nif

LONG = ("test_two_boxes_whose_clocks_are_twenty_seconds_apart", "test_an_import_and_a_server_that_gets_far_away")


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
                    watch = Stopwatch(box.program)
                    answer = box.post("/v1/solicitudes", {"nif": "87654321X", "clave": CLAVE})
                    assert answer.status in (429, 503), answer.text
                    assert box.get("/healthz").status == 200
                    longest = max(longest, watch.seconds())
                assert longest < 2.5 * SLOW, longest
                assert "módem principal: recuperando" not in box.program.log()
                proxy.delay, proxy.frozen = 0, False
                proxy.cut()
                eventually(lambda: box.get("/readyz").status == 200)
            persists(box, "/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": code}, 200)


def test_many_at_once_and_a_server_far_away():
    """Each is answered, a few at a time: what else the box has to do, as its control socket, waits for none but these."""
    with a_server() as server, a_proxy(server) as proxy:
        with running(address=proxy.address(new_database(server.address)), enrolled=False, limits=NO_LIMITS) as (box, sim):
            proxy.delay = 0.004

            def ask_wrong(number):
                persists(box, "/v1/verificaciones", {"nif": nif(number), "clave": CLAVE, "contraclave": "0000"}, 200)

            with concurrent.futures.ThreadPoolExecutor(64) as threads:
                begun = time.monotonic()
                asked, waits = [threads.submit(ask_wrong, number) for number in range(64)], []
                while not all(one.done() for one in asked):
                    watch = Stopwatch(box.program)
                    assert box.control_request("GET", "/v1/estado").status == 200
                    waits.append(watch.seconds())
                took = time.monotonic() - begun
            for one in asked:
                one.result()
            assert took > 1, took  # or nothing was to be waited for
            assert max(waits) < max(1.5, took / 6), (took, sorted(waits)[-5:])


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
        assert eventually(lambda: box.control_request("GET", "/v1/estado").json["aviso_datos"]) == "no_guarda"
        assert "No space left on device, 53100)" in box.program.log(), box.program.log()
        for table in ("requests", "boxes", "meta"):
            ask(box.address, f"DROP TRIGGER fill ON {table}")
        eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202)
        assert box.verify(code_of(eventually(sim.inbox)[0]))["resultado"] == "correcto"
        eventually(lambda: not box.control_request("GET", "/v1/estado").json["aviso_datos"])


def test_a_server_with_a_damaged_page():
    """`restaura` is for a file: here it is its administrator who restores. Over with a new connection, as with a server that starts."""
    with a_server() as server, running(address=new_database(server.address)) as (box, _):
        status = lambda: box.control_request("GET", "/v1/estado").json  # noqa: E731
        ask(box.address, "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION"
                         " 'invalid page in block 7 of relation base/5/16402' USING ERRCODE = 'XX001'; END$$")
        ask(box.address, "CREATE TRIGGER spoil BEFORE INSERT ON requests EXECUTE FUNCTION spoil()")
        answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
        assert answer.status == 503 and answer.json["type"] == "db_damaged" and "PostgreSQL" in answer.json["title"], answer.text
        assert eventually(lambda: status()["aviso_datos"]) == "danada_alli"
        told = status()["veredicto"]
        assert "tiene una parte dañada" in told["frase"] and "avise a quien lo administra" in told["que_hacer"], told
        assert "avise a quien lo administra" in box.ctl("diagnostico", check=False).stdout
        assert "restaura" not in told["que_hacer"] and "contraclavectl restaura" not in box.program.log(), box.program.log()
        assert box.get("/readyz").status == 503
        ask(box.address, "DROP TRIGGER spoil ON requests")
        ask(server.address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                            " AND pid <> pg_backend_pid()")
        eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202)
        eventually(lambda: not status()["aviso_datos"])


def keeps_nothing(box):
    told = box.control_request("GET", "/v1/estado").json
    return told["aviso_datos"] == "no_guarda" and "no guarda nada desde" in told["veredicto"]["frase"]


def test_rights_that_are_taken_away_and_a_server_that_takes_no_writes():
    """Neither is a fault of the disk of this box, whose verdict says where to look."""
    with a_server() as server:
        address = new_database(server.address)
        schema = address.rsplit("%3D")[-1]
        ask(server.address, f"CREATE ROLE poca LOGIN; GRANT CREATE, USAGE ON SCHEMA {schema} TO poca")
        with running(address=address.replace("user=contraclaved", "user=poca")) as (box, sim):
            for change, back in ((f"ALTER TABLE {schema}.{{}} OWNER TO contraclaved", f"ALTER TABLE {schema}.{{}} OWNER TO poca"),
                                 ("ALTER SYSTEM SET default_transaction_read_only = on", "ALTER SYSTEM RESET default_transaction_read_only")):
                for table in ("requests", "audit", "boxes"):
                    ask(server.address, change.format(table))
                ask(server.address, "SELECT pg_reload_conf()")
                eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 503 and keeps_nothing(box))
                assert "contraclavectl base comprueba" in box.ctl("diagnostico", check=False).stdout
                for table in ("requests", "audit", "boxes"):
                    ask(server.address, "BEGIN READ WRITE; " + back.format(table) + "; COMMIT" if "TABLE" in back else back)
                ask(server.address, "SELECT pg_reload_conf()")
                eventually(lambda: box.get("/readyz").status == 200)
            box.ask_pin()


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


def test_two_boxes_whose_clocks_are_twenty_seconds_apart():
    """Neither takes the other for gone, nor its contraclaves for expired, nor its clock for wrong."""
    with a_server() as server, folder() as path, running(extra='nombre_equipo = "alfa"', clock=True, true_network=True,
                                                         address=new_database(server.address)) as (alfa, sim):
        beta = Box(path, "unix:" + str(path / "nothing"), extra='nombre_equipo = "beta"', address=alfa.address, clock=True)
        beta.key.write_bytes(alfa.key.read_bytes())
        beta.key.chmod(0o400)
        beta.drive(wall=20_000)

        def pass_until(check):
            end = alfa.clocks["mono"] + 30_000
            while not (value := check()):
                assert alfa.clocks["mono"] < end, check
                alfa.wait_at_rest(sim)
                pass_all((alfa, beta), 500)
            return value
        try:
            beta.start(ready=False)
            beta.token = alfa.token
            beta.ctl("auditoria", "aceptar")
            eventually(lambda: alfa.rows("SELECT count(*) FROM boxes") == [(2,)])
            alfa.enrol("87654321X", phone="+34600123124")
            for asks, says, nif in ((alfa, beta, NIF), (beta, alfa, "87654321X")):
                had = len(sim.inbox())
                asks.ask_pin(nif)
                code = code_of(pass_until(lambda n=had: sim.inbox()[n:])[0])
                assert says.verify(code, nif)["resultado"] == "correcto"
                beats = alfa.rows("SELECT box, seen_ms FROM boxes ORDER BY box")
                pass_until(lambda b=beats: all(now[1] > was[1] for was, now in zip(
                    b, alfa.rows("SELECT box, seen_ms FROM boxes ORDER BY box"))))
            for box in (alfa, beta):
                assert box.status()["reloj_fiable"] is True, box.status()
                assert box.get("/readyz").status == 200, "by the modem of the other"
                assert [one["nombre"] for one in box.status()["equipos"] if one["ausente"]] == []
            assert "salen por este" not in beta.program.log()
        finally:
            beta.stop(signal.SIGKILL)


def make_certificate(folder, name):
    """An authority in ca.pem, and a certificate of it for that name, as a server wants to have them."""
    run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)  # noqa: E731
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=Autoridad",
        "-keyout", "ca.key", "-out", "ca.pem")
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", "server.key",
        "-out", "server.csr")
    (folder / "san").write_text(f"subjectAltName=DNS:{name}")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san",
        "-out", "server.pem")


def keepalive_s(port):
    """When the server looks next whether its client is there, the longest of its connections. Source: proc(5), /proc/net/tcp."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return max(int(row[5][3:], 16) / os.sysconf("SC_CLK_TCK") if row[5][:2] == "02" else 7200
               for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01")


def test_off_this_machine_a_server_proves_who_it_is():
    with a_server() as server, folder() as path:
        schema = new_database(server.address).rsplit("&")[-1]
        data, port = pathlib.Path(server.folder) / "data", free_port()
        ask(server.address, "SET log_statement = 'none'; ALTER ROLE contraclaved PASSWORD 'CANARIO-de-la-base'")
        hba = data / "pg_hba.conf"
        hba.write_text("hostssl all all 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n")
        (path / "pass").write_text(f"bd.example.es:{port}:*:contraclaved:CANARIO-de-la-base\n")
        (path / "pass").chmod(0o600)
        place = (f"postgresql://contraclaved@bd.example.es:{port}/postgres?hostaddr=127.0.0.1&passfile={path}/pass&{schema}")
        told = ""

        def up(name):
            server.run("down")
            if name:
                make_certificate(path, name)
                for file in ("server.key", "server.pem"):
                    shutil.copy(path / file, data / file)
                    shutil.chown(data / file, *(["nobody", "nogroup"] if os.geteuid() == 0 else [os.getuid()]))
                    (data / file).chmod(0o600)
            server.run("up", options=f"-c listen_addresses=127.0.0.1 -c port={port} -c ssl={'on' if name else 'off'}"
                             " -c ssl_cert_file=server.pem -c ssl_key_file=server.key")

        box = Box(path, "unix:" + str(path / "nothing"), address=place + f"&sslrootcert={path}/ca.pem")
        for name, address, words in (("", box.address, "does not support SSL"), ("otra.example.es", box.address, "does not match host name"),
                                     ("bd.example.es", place, "certificate verify failed")):
            up(name)
            other = Box(path, "unix:" + str(path / "nothing"), address=address)
            ends_with(other, 74, words)
            told += other.program.log() + other.ctl("base", "comprueba", check=False).stdout
        box = Box(path, "unix:" + str(path / "nothing"), address=box.address)
        box.stderr.unlink()
        box.launch()
        eventually(lambda: "escucha en" in box.program.log())
        eventually(lambda: keepalive_s(port) <= 5)  # who is gone without a word keeps no lock for two hours
        found = box.ctl("base", "comprueba", check=False).stdout
        assert "Va cifrada, y el certificado del servidor es el suyo." in found, found
        told += found + "".join(box.ctl(*words, check=False).stdout for words in (("informe",), ("diagnostico",), ("estado",)))
        (path / "pass").chmod(0o640)
        found = box.ctl("base", "comprueba", check=False).stdout
        assert "pide una contraseña, y passfile no nombra" in found and "chmod 600" in found, found
        (path / "pass").chmod(0o600)
        (path / "pass").write_text(f"bd.example.es:{port}:*:contraclaved:CANARIO-de-otra\n")
        assert box.stop() == 0
        other = Box(path, "unix:" + str(path / "nothing"), address=box.address)
        told += box.program.log()
        ends_with(other, 74, "password authentication failed")
        told += other.program.log() + other.conf.read_text()
        assert "CANARIO" not in told, told


def goes_on_far_away(box, proxy, first):
    """Slowly; False where the import was over before the server got far away."""
    told = imports.read(box, imports.csv_of(400, first))
    assert imports.order(box, told).status == 202
    eventually(lambda: imports.shown(box)["escritas"] > 0, every=0.005)
    proxy.delay = 0.02
    told = eventually(lambda: (now := imports.shown(box)) and (now["problema"] or now["estado"] == "hecha") and now, every=0.2)  # to look asks the server too
    if told["estado"] != "hecha":
        before = imports.shown(box)["escritas"]
        assert before < 400
        eventually(lambda: imports.shown(box)["escritas"] > before, 60, every=0.2)
    proxy.delay = 0
    imports.reached(box, "hecha")
    return told["estado"] != "hecha"


def test_an_import_and_a_server_that_gets_far_away():
    """Where the lines of a step need more than the server is waited for, it takes fewer, of a part that is written already too."""
    with a_server() as server, a_proxy(server) as proxy, running(address=proxy.address(new_database(server.address)), enrolled=False) as (box, _):
        files = [30000000 + 10001 * n for n in range(4)]
        done = next((n for n, first in enumerate(files, 1) if goes_on_far_away(box, proxy, first)), 0)
        assert done, "each was over before"
        assert box.rows("SELECT count(*) FROM citizens") == [(400 * done,)] and box.rows("SELECT count(*) FROM import_parts") == [(0,)]
