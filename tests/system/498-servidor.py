# SPDX-License-Identifier: EUPL-1.2
"""A box whose database is on a PostgreSQL server. Any other test runs on one with make check ENGINE=pg."""

import os
import signal
import socket
import subprocess
import time

from altas import FORM, PDF, copy, desk, form, proven, raw_get, ready
from box import BUILD, CLAVE, NIF, Box, code_of, eventually, folder, running, serving
from server import a_server, new_database


def test_the_way_of_a_contraclave_and_a_server_that_goes_and_comes_back():
    with a_server() as server, running(address=new_database(server.address)) as (box, sim):
        box.ask_pin()
        assert box.verify(code_of(eventually(sim.inbox)[0]))["resultado"] == "correcto"
        assert not box.database.exists()
        box.enrol("87654321X", phone="+34600123124")
        other = {"nif": "87654321X", "clave": "4821"}
        server.run("down")
        longest = 0
        for _ in range(20):
            started = time.monotonic()
            answer = box.post("/v1/solicitudes", other)
            longest = max(longest, time.monotonic() - started)
            assert answer.status == 503, answer.text
        assert longest < 1, longest
        assert box.get("/readyz").status == 503
        told = box.control_request("GET", "/v1/estado").json
        assert told["aviso_datos"] == "ausente", told
        assert told["modems"][0]["estado"] == "listo", told
        assert told["equipo"]["disco_libre"] > 0, "the box has a disk, for documents and the journal"
        server.run("up")
        back = time.monotonic()
        eventually(lambda: box.post("/v1/solicitudes", other).status == 202, every=0.05)
        message = eventually(lambda: sim.inbox()[1:])[0]
        assert time.monotonic() - back < 4
        assert box.verify(code_of(message), nif="87654321X")["resultado"] == "correcto"
        assert "módem principal: recuperando" not in box.program.log()
        assert "vuelve a funcionar" in box.program.log()
        box.stop()
        box.start()
        assert box.verify(code_of(message), nif="87654321X")["resultado"] == "correcto"
        assert box.ctl("auditoria", "comprobar").returncode == 0


def test_two_boxes_and_one_modem():
    """The second is a front without a modem: its messages go by the first. Then the first is killed, and comes back."""
    with a_server() as server, folder() as path, running(extra='nombre_equipo = "alfa"',
                                                         address=new_database(server.address)) as (alfa, sim):
        beta = Box(path, "unix:" + str(path / "nothing"), extra='nombre_equipo = "beta"', address=alfa.address)
        beta.key.write_bytes(alfa.key.read_bytes())
        beta.key.chmod(0o400)
        try:
            beta.start(ready=False)
            beta.token = alfa.token
            assert beta.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 503, "it joins by a person's word"
            beta.ctl("auditoria", "aceptar")
            beta.ask_pin()
            code = code_of(eventually(sim.inbox)[0])
            assert "salen por este" in alfa.program.log()
            wrong = f"{(int(code) + 1) % 10000:04d}"
            for box in (alfa, beta, alfa):
                assert box.verify(wrong) == {"resultado": "rechazado"}
            assert beta.verify(code) == {"resultado": "rechazado"}, "three tries, wherever"
            alfa.stop(signal.SIGKILL)
            beta.enrol("87654321X", phone="+34600123124")
            beta.ask_pin("87654321X")
            alfa.start()
            code = code_of(eventually(lambda: sim.inbox()[1:])[0])
            assert alfa.verify(code, "87654321X")["resultado"] == "correcto"
            other = Box(path, "unix:" + str(path / "nothing"), extra='nombre_equipo = "alfa"', address=alfa.address)
            other.launch()
            eventually(lambda: not other.program.running())
            assert "se llama también «alfa»" in other.program.log()
            beta.ctl("auditoria", "comprobar")
        finally:
            beta.stop(signal.SIGKILL)


def test_an_address_with_a_fault_tells_nothing_of_its_password():
    with folder() as path:
        for address, said in (("postgresql://u:CANARIO@[::1]x/db", "se escribe"), ("postgresql://u:CANA%zzRIO@h/db", "se escribe"),
                              ("postgresql://h/db?password=CANARIO%zz", "se escribe"), ("postgresql://h/db?passwort=CANARIO", "se escribe"),
                              ("postgresql://u:CANARIO@h/db", "passfile"), ("postgresql://u@h:CANARIO/db", "un puerto que no")):
            box = Box(path, "pty:/nowhere", address=address)
            box.stderr.unlink(missing_ok=True)
            box.launch()
            assert box.program.process.wait(20) == 78, address
            told = box.program.log() + "".join(done.stdout + done.stderr for done in (
                box.ctl("config", check=False), box.ctl("diagnostico", check=False)))
            assert said in told and "CANA" not in told, (address, told)


def test_a_name_server_that_does_not_answer():
    """One of the servers is named; whoever asks for its address waits for ten seconds. The loop does not."""
    with a_server() as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, folder() as path:
        if os.geteuid() == 0:
            silent.bind(("127.0.0.77", 53))
        (path / "resolv.conf").write_text(f"nameserver {'127.0.0.77' if os.geteuid() == 0 else '192.0.2.1'}\n")
        address = new_database(server.address).replace("host=", "host=bd.example.es,")
        box = Box(path, "unix:" + str(path / "nothing"), address=address)
        plain = box.command()
        box.command = lambda: ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-ec",
                               'mount --bind "$1" /etc/resolv.conf; shift; exec "$@"', "sh", path / "resolv.conf", *plain]
        with serving(box, ready=False, enrolled=False):
            server.run("down")
            longest, end = 0, time.monotonic() + 6
            while time.monotonic() < end:
                started = time.monotonic()
                assert box.get("/healthz").status == 200
                answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
                assert answer.status in (401, 503), answer.text
                longest = max(longest, time.monotonic() - started)
                time.sleep(0.05)
            assert longest < 1, longest
            server.run("up")
            eventually(lambda: box.control_request("GET", "/v1/estado").json["aviso_datos"] != "ausente", 8)


def test_the_documents_of_an_alta_stay_with_the_box_that_took_it_in():
    with a_server() as server, folder() as path, form(extra=f'nombre_equipo = "alfa"\n{FORM}',
                                                      address=new_database(server.address)) as (alfa, sim):
        ready(alfa)
        alta = proven(alfa, sim, copy(PDF))
        beta = Box(path, "unix:" + str(path / "nothing"), extra=f'nombre_equipo = "beta"\n{FORM}', address=alfa.address)
        beta.key.write_bytes(alfa.key.read_bytes())
        beta.key.chmod(0o400)
        try:
            beta.start(ready=False)
            beta.ctl("auditoria", "aceptar")
            document = f"/v1/registro/altas/{alta}/documentos/1"
            told = beta.control_request("GET", document)
            assert (told.status, told.json["type"]) == (409, "document_elsewhere"), told.text
            status, _, content = raw_get(alfa, document)
            assert (status, content) == (200, PDF)
            assert desk(beta, alta, "validar").json["estado"] == "activa"
            assert raw_get(alfa, document)[0] == 404
        finally:
            beta.stop(signal.SIGKILL)


def test_a_server_that_a_service_names_proves_who_it_is():
    """libpq reads the service when it connects: whatever host is in it, the box talks to it by TLS or not at all."""
    with folder() as path, socket.create_server(("127.0.0.1", 0)) as listener:
        (path / "servicios").write_text(f"[lejos]\nhost=127.0.0.1\nport={listener.getsockname()[1]}\n")
        listener.settimeout(20)
        box = Box(path, "pty:/nowhere", address="postgresql:///nada?service=lejos", env={"PGSERVICEFILE": str(path / "servicios")})
        box.launch()
        with listener.accept()[0] as connection:
            connection.settimeout(20)
            assert connection.recv(8) == bytes.fromhex("0000000804d2162f"), "asks for TLS"
            connection.sendall(b"N")
            assert connection.recv(100) == b"", "and goes where there is none"
        assert box.program.process.wait(20) != 0


def test_what_is_only_of_a_file_says_so():
    """Copies are the server's, and another key is filled into a second file: both refused before anything is begun."""
    with a_server() as server, running(address=new_database(server.address), enrolled=False) as (box, _):
        ctl = lambda *words: subprocess.run([BUILD / "contraclavectl", "-c", box.conf, *words], capture_output=True, text=True, check=False)
        for words in (("copia", str(box.folder / "copia")), ("clave", "rota")):
            done = ctl(*words)
            assert done.returncode == 78 and "La base de datos está en un servidor" in done.stderr, (words, done)
            assert "ámbito" not in done.stderr and "en la configuración" not in done.stderr, done
        assert box.rows("SELECT count(*) FROM audit WHERE event LIKE 'clave%'") == [(0,)]
        for place in ("mysql://bd/x", "postgresql:/bd/x", str(box.folder)):
            done = ctl("base", "comprueba", place)
            assert (done.returncode, done.stdout) == (65, "") and f"«{place}» no es la dirección" in done.stderr, done
