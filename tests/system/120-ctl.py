# SPDX-License-Identifier: EUPL-1.2
"""contraclavectl against the daemon: every command, for people and for programs, and all that it may be told."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import threading

from box import BUILD, NAME, NIF, SLOW, WRAP, Box, code_of, eventually, folder, running

OTHER = "87654321X"


def out(box, *words, **kw):
    done = box.ctl(*words, **kw)
    assert done.stderr == "", (words, done.stderr)
    return done.stdout


def told(box, *words):
    return json.loads(out(box, "--json", *words))


def fields(text):
    """The "Title   value" lines."""
    return dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in text.splitlines() if "  " in line.strip())


def table(text):
    """The rows under a heading, cut where its words begin."""
    heading, *rows = text.splitlines()
    starts = [m.start() for m in re.finditer(r"(?<!\S)\S.*?(?=\s{2}|$)", heading)]
    ends = [*starts[1:], None]
    return [{heading[s:e].strip(): row[s:e].strip() for s, e in zip(starts, ends)} for row in rows]


def test_clients():
    with running(enrolled=False) as (box, _):
        made = out(box, "cliente", "crear", "--nombre", "Sede «Ñ»", "--ambitos", "verificar,solicitar")
        token = made.splitlines()[-1]
        assert re.fullmatch(r"cc_[A-Za-z0-9_-]{43}", token) and "solicitar,verificar" in made, made
        answer = told(box, "cliente", "crear", "--nombre", "otra", "--ambitos", "admin", "--caduca", "2090-01-01T00:00:00Z")
        assert answer["token"] != token and answer["caduca"] == "2090-01-01T00:00:00Z", answer
        assert box.get("/v1/estado", token=answer["token"]).status == 200, "admin is all scopes"
        out(box, "cliente", "revocar", "--nombre", "otra")
        assert box.get("/v1/estado", token=answer["token"]).status == 401
        assert "otra" in out(box, "cliente", "crear", "--nombre", "otra", "--ambitos", "tecnico"), "the name is free again"
        listed = out(box, "cliente", "lista")
        rows = table(listed)
        assert [r["NOMBRE"] for r in rows] == ["sede", "Sede «Ñ»", "otra", "otra"], rows
        assert [r["REVOCADO"] == "-" for r in rows] == [True, True, False, True], rows
        assert rows[1]["ÁMBITOS"] == "solicitar,verificar" and rows[2]["CADUCA"] == "2090-01-01T00:00:00Z", rows
        clients = told(box, "cliente", "lista")["clientes"]
        assert [c["nombre"] for c in clients] == [r["NOMBRE"] for r in rows]
        assert "cc_" not in listed + json.dumps(clients), "a token is shown once"


def test_a_token_is_stored_nowhere():
    with running() as (box, _):
        second = told(box, "cliente", "crear", "--nombre", "otra", "--ambitos", "tecnico")["token"]
        assert box.get("/v1/estado", token=second).status == 200
        box.get("/v1/estado", token=second[:-1])
        for stopped in (False, True):
            if stopped:
                box.stop()
            for file in (f for f in pathlib.Path(box.folder).rglob("*") if f.is_file()):
                bytes_ = file.read_bytes()
                for token in (box.token, second):
                    assert token[3:].encode() not in bytes_ and token[3:35].encode() not in bytes_, file


def test_a_token_that_ends():
    with running(clock=True) as (box, _):
        keep_alive = http.client.HTTPConnection("127.0.0.1", box.port, timeout=10 * SLOW)

        def status(token):
            keep_alive.request("GET", "/v1/estado", headers={"Authorization": f"Bearer {token}"})
            answer = keep_alive.getresponse()
            answer.read()
            return answer.status

        for past in ("2020-01-01T00:00:00Z", "mañana", "2090-13-01T00:00:00Z", "2090-01-01", ""):
            done = box.ctl("cliente", "crear", "--nombre", "breve", "--ambitos", "tecnico", "--caduca", past, check=False)
            assert done.returncode == 65 and "(caduca)" in done.stderr, (past, done)
        year = int(told(box, "estado")["hora"][:4])
        token = told(box, "cliente", "crear", "--nombre", "breve", "--ambitos", "tecnico",
                     "--caduca", f"{year + 1}-12-31T00:00:00Z")["token"]
        assert status(token) == 200
        box.set_clock(3 * 366 * 86400 * 1000)
        assert status(token) == 401 and status(box.token) == 200
        out(box, "cliente", "revocar", "--nombre", "sede")
        assert status(box.token) == 401, "at once, on an open connection too"
        keep_alive.close()


def test_citizens():
    with running() as (box, sim):
        shown = fields(out(box, "ciudadano", "ver", "--nif", "12.345.678-z"))
        assert (shown["NIF"], shown["Nombre"], shown["Móvil"]) == ("***4567**", NAME, "+34*****123"), shown
        assert (shown["Estado"], shown["Vía de alta"], shown["Bloqueado"]) == ("activa", "presencial", "no"), shown
        made = out(box, "ciudadano", "alta", "--nif", "-", "--movil", "-", "--nombre", "-",
                   stdin=f"{OTHER}\nAna  Ruiz\n600 999 888\n")
        assert fields(made)["Nombre"] == "Ana Ruiz" and fields(made)["Móvil"] == "+34*****888", made
        seen = told(box, "ciudadano", "ver", "--nif", OTHER)
        assert seen["nombre"] == "Ana Ruiz" and seen["registro"] == "avanzado" and seen["bloqueado"] is False, seen
        assert seen["contraste"] is False, seen
        noted = out(box, "ciudadano", "contraste", "--nif", "-", "--contraste", "-", stdin=f"{OTHER}\n31-12-2030\n")
        assert fields(noted)["Dato de contraste"] == "sí", noted
        assert fields(out(box, "ciudadano", "ver", "--nif", OTHER))["Dato de contraste"] == "sí"
        assert told(box, "ciudadano", "contraste", "--nif", OTHER, "--contraste", "")["contraste"] is False
        box.ask_pin(OTHER)
        code = code_of(eventually(sim.inbox)[0])
        for attempt in range(2):
            assert box.verify(f"{(int(code) + 1 + attempt) % 10000:04d}", nif=OTHER)["resultado"] == "rechazado"
        assert box.verify("0000", nif=OTHER, clave="9999")["resultado"] == "rechazado"
        assert fields(out(box, "ciudadano", "ver", "--nif", OTHER))["Fallos seguidos"] == "2"
        counted = told(box, "limites", "--nif", OTHER)
        assert {row["clave"]: row["valor"] for row in counted["limites"]}["fallos_seguidos_bloqueo"] == 50, counted
        assert counted["municipio"]["nif_con_fallos_24h"] == 1 and counted["municipio"]["fallos_24h"] == 2, counted
        person = counted["persona"]
        assert (person["nif"], person["fallos_seguidos"], person["rechazos_hora"]) == ("***5432**", 2, 1), person
        assert (person["vivas"], person["enviadas_dia"], person["con_contraste_dia"]) == (1, 1, 0), person
        human = out(box, "limites")
        assert "peticiones_nif_hora" in human and "Municipio" in human and "Persona" not in human, human
        assert told(box, "ciudadano", "desbloquear", "--nif", OTHER)["fallos_seguidos"] == 0


def test_state_and_queue():
    with running() as (box, sim):
        assert told(box, "cola") == {"mensajes": []} and len(out(box, "cola").splitlines()) == 1
        box.ask_pin()
        eventually(lambda: told(box, "estado")["cola"]["entregado"] == 1)
        human = out(box, "estado")
        assert fields(human)["Entidad"] == "Ayuntamiento de Alpedrete" and human.startswith("Sí, puede enviar."), human
        assert fields(human)["entregados"] == "1" and fields(human)["Ciudadanos de alta"] == "1", human
        modem = table(human[human.index("MÓDEM"):])[0]
        assert (modem["MÓDEM"], modem["ESTADO"], modem["DISPOSITIVO"]) == ("principal", "listo", sim.device), modem
        row = table(out(box, "cola"))[0]
        assert (row["CLASE"], row["ESTADO"], row["MÓVIL"]) == ("contraclave", "entregado", "+34*****123"), row
        assert told(box, "cola")["mensajes"][0]["estado"] == "entregado"
        assert told(box, "estado")["cola"] == box.status()["cola"]
        sim.stop()
        eventually(lambda: "no puede enviar" in out(box, "estado").lower())


def test_the_audit_trail():
    with running() as (box, _):
        for _ in range(3):  # also behind rows of the same moment
            box.verify("0000")
            assert "sin cambios" in box.ctl("auditoria", "comprobar").stdout
        assert json.loads(box.ctl("--json", "auditoria", "comprobar").stdout) == {
            "correcta": True, "primera_rota": None, "filas": [], "faltan": [], "ancla": ""}
        assert box.stop() == 0
        with contextlib.closing(sqlite3.connect(box.database)) as db, db:
            db.execute("UPDATE audit SET at_ms = at_ms - 1 WHERE id = 2")
        box.is_edited = True
        box.start(ready=False)  # the sede waits for a person
        broken = box.ctl("auditoria", "comprobar", check=False)
        assert broken.returncode == 1 and "desde la anotación 2" in broken.stdout, broken


def test_what_it_is_not_told_well():
    create, enrol = ["cliente", "crear"], ["ciudadano", "alta"]
    person = ["--nif", OTHER, "--nombre", "Ana Ruiz", "--movil", "600999888"]
    rows = [
        ([], 64, "no se conoce esa orden"),
        (["cliente"], 64, "pruebe contraclavectl cliente --help"),
        (["cliente", "borrar"], 64, "no se conoce esa orden"),
        (["estado", "ya"], 64, "no se conoce esa orden"),
        (["--nada"], 64, "--nada"),
        (["estado", "--nif"], 64, "falta el valor de «--nif»"),
        (["cola", "--nif", NIF], 64, "--nif"),
        ([*create, "--ambitos", "admin"], 64, "falta --nombre"),
        ([*create, "--nombre", "x"], 64, "falta --ambitos"),
        ([*create, "--nombre", b"\xff", "--ambitos", "admin"], 64, "UTF-8"),
        ([*create, "--nombre", "x", "--ambitos", "nada"], 65, "(ambitos)"),
        ([*create, "--nombre", "x", "--ambitos", ""], 65, "(ambitos)"),
        ([*create, "--nombre", "x", "--ambitos", "admin,,admin"], 65, "(ambitos)"),
        ([*create, "--nombre", "", "--ambitos", "admin"], 65, "(nombre)"),
        ([*create, "--nombre", "x" * 65, "--ambitos", "admin"], 65, "(nombre)"),
        ([*create, "--nombre", "a\u202eb", "--ambitos", "admin"], 65, "(nombre)"),
        ([*create, "--nombre", "sede", "--ambitos", "admin"], 65, "Ya existe un cliente"),
        (["cliente", "revocar", "--nombre", "nadie"], 69, "No existe"),
        ([*enrol, *person[2:]], 64, "falta --nif"),
        ([*enrol, "--nif", "12345678A", *person[2:]], 65, "(nif)"),
        ([*enrol, *person[:4], "--movil", "912345678"], 65, "(movil)"),
        ([*enrol, "--nif", NIF, *person[2:]], 65, "ya está de alta"),
        ([*enrol, *person[:4], "--movil", "600123123"], 65, "otro NIF"),
        (["ciudadano", "ver", "--nif", "8"], 65, "9 caracteres"),
        (["ciudadano", "ver", "--nif", OTHER], 69, "No existe"),
        (["ciudadano", "desbloquear", "--nif", OTHER], 69, "No existe"),
        (["ciudadano", "contraste", "--nif", NIF], 64, "falta --contraste"),
        (["ciudadano", "contraste", "--nif", NIF, "--contraste", "600123123"], 65, "La fecha del documento"),
        (["ciudadano", "contraste", "--nif", "X1234567L", "--contraste", "31/12/2030"], 65, "soporte"),
        (["ciudadano", "contraste", "--nif", OTHER, "--contraste", "31/12/2030"], 69, "No existe"),
        (["-c", "/nada.conf", "estado"], 78, "/nada.conf"),
    ]
    with running() as (box, _):
        before = told(box, "cliente", "lista"), told(box, "estado")["ciudadanos"]
        for words, status, said in rows:
            for json_too in ([["--json"]] if WRAP else [[], ["--json"]]):
                done = box.ctl(*json_too, *words, check=False)
                row = (words, done.returncode, done.stdout, done.stderr)
                assert done.returncode == status and said in done.stderr, row
                assert done.stderr.count("\n") == 1 and (done.stderr.startswith("contraclavectl: ") or status == 78), row
                if json_too and status in (65, 69):
                    assert {"type", "title", "status"} <= json.loads(done.stdout).keys(), row
                else:
                    assert done.stdout == "", row
        assert before == (told(box, "cliente", "lista"), told(box, "estado")["ciudadanos"])
        whole = out(box, "--help")
        assert "Uso:" in whole and "ciudadano ver" in whole and "restaura" in whole
        for words, has, lacks in ((("retencion",), "retencion --ensayo", "evidencia"), (("clave", "rota"), "clave rota", "exporta"),
                                  (("ciudadano", "reactiva"), "reactiva", "auditoria busca"), (("alta",), "alta rechaza", "ciudadano alta")):
            own = out(box, *words, "--help").split("\n\n")
            assert has in own[0] and lacks not in own[0] and "Termina con 0" in own[1], (words, own)
        assert out(box, "diagnostico", "--help").count("\n") == 4, "no notes on what other orders take"
        assert "FECHA es como" in out(box, "cliente", "--help") and "Ámbitos:" not in out(box, "buzon", "--help")
        assert out(box, "nada", "--help") == whole
        assert re.search(r"\d+\.\d+", out(box, "--version"))


def test_nobody_answers():
    with folder() as path:
        box = Box(path, "unix:m.sock")
        done = box.ctl("estado", check=False)
        assert done.returncode == 69 and "no está en marcha" in done.stderr, done
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(box.control))
        done = box.ctl("estado", check=False)
        assert done.returncode == 69 and "no está en marcha" in done.stderr, done
        box.control.unlink()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(box.control))
            other.listen()
            other.settimeout(60 * SLOW)

            def answer(text):
                peer, _ = other.accept()
                with peer:
                    peer.recv(4096)
                    peer.sendall(text)

            rows = ((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 76), (b"", 69), (b"\x00\xff", 69))
            for text, status in rows:
                thread = threading.Thread(target=answer, args=(text,))
                thread.start()
                done = box.ctl("--json", "estado", check=False)
                thread.join()
                assert done.returncode == status and done.stdout == "" and done.stderr.count("\n") == 1, (text, done)


def test_a_line_that_does_not_come():
    """A value that was to be read and is not there is none: an empty one would take away what the person has."""
    with running() as (box, _):
        out(box, "ciudadano", "contraste", "--nif", NIF, "--contraste", "31-12-2030")
        for stdin, lacks in (("", "--nif"), (f"{NIF}\n", "--contraste"), (f"{NIF}\n{'1' * 600}\n", "--contraste"), (f"{'1' * 600}\n{NIF}\n", "--nif")):
            done = box.ctl("ciudadano", "contraste", "--nif", "-", "--contraste", "-", stdin=stdin, check=False)
            assert (done.returncode, done.stdout) == (64, "") and f"falta la línea de {lacks}," in done.stderr, (stdin, done)
        assert told(box, "ciudadano", "ver", "--nif", NIF)["contraste"] is True
        for number in ("", "4x", "-1", "x"):
            done = box.ctl("auditoria", "comprueba", f"--numero={number}", check=False)
            assert (done.returncode, done.stdout) == (64, "") and "--numero" in done.stderr, (number, done)


def test_a_daemon_that_refuses_what_is_waited_for():
    """An order that goes on after its answer, and whose end the daemon no longer tells, has not gone well."""
    begun = {"nombre": "m", "id": 1, "porcentaje": 0, "avisos": {"correo": {"enviando": True}}}
    rows = ((("clave", "rota"), {"estado": "en_curso"}), (("retencion",), {"estado": "en_curso"}), (("avisos", "prueba"), {}),
            (("modem", "saldo", "m"), {"estado": "preguntando"}), (("modem", "prueba", "600000000"), {}), (("modem", "regla"), None))
    refusal = json.dumps({"type": "/problemas/base_datos_ocupada", "title": "La base de datos está ocupada.", "status": 503}).encode()
    with folder() as path:
        box = Box(path, "unix:m.sock")
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.bind(str(box.control))
            daemon.listen()
            daemon.settimeout(60 * SLOW)

            def answer(texts):
                for status, text in texts:
                    peer, _ = daemon.accept()
                    with peer:
                        peer.recv(4096)
                        peer.sendall(b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text))

            for words, more in rows[box.is_moved:]:  # the key is changed of a database in a file alone
                first = [] if more is None else [(b"202 Accepted", json.dumps(begun | more).encode())]
                thread = threading.Thread(target=answer, args=([*first, (b"503 Busy", refusal)],))
                thread.start()
                done = box.ctl(*words, check=False)
                thread.join()
                assert done.returncode not in (0, 1) and "está ocupada" in done.stderr, (words, done)


NOBODY = 65534


# The build folder may be closed to others, so a copy is run.
def as_nobody(box, *words):
    subprocess.run(["cp", BUILD / "contraclavectl", box.folder / "ctl"], check=True)
    return subprocess.run([*WRAP, box.folder / "ctl", "-c", box.conf, *words], capture_output=True, text=True, check=False,
                          timeout=60 * SLOW, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/")


def test_another_user_is_refused():
    if os.geteuid() != 0:
        return  # only root can become somebody else
    with running() as (box, _):
        box.folder.chmod(0o755)
        done = as_nobody(box, "cliente", "lista")
        assert done.returncode == 77 and "sin permiso" in done.stderr and done.stdout == "", done
        box.control.chmod(0o666)  # were the file open to all, the daemon still looks at who asks
        done = as_nobody(box, "cliente", "crear", "--nombre", "intruso", "--ambitos", "admin")
        assert done.returncode == 77 and done.stdout == "" and done.stderr.startswith("contraclavectl: "), done
        assert [c["nombre"] for c in told(box, "cliente", "lista")["clientes"]] == ["sede"]


def test_the_daemon_and_its_own_user_need_no_root():
    if os.geteuid() != 0:
        return
    with folder() as path:
        box = Box(path, "unix:m.sock")
        # by another process: a test that forks just now must not hold the copy open (ETXTBSY)
        subprocess.run(["cp", BUILD / "contraclaved", path / "daemon"], check=True)
        path.chmod(0o755)
        os.chown(path, NOBODY, NOBODY)
        daemon = subprocess.Popen([*WRAP, path / "daemon", "-c", box.conf], stderr=subprocess.DEVNULL, user=NOBODY,
                                  group=NOBODY, extra_groups=[], cwd="/")
        try:
            eventually(lambda: box.ctl("estado", check=False).returncode == 0, 20)
            assert as_nobody(box, "estado").returncode == 0, "its own user"
        finally:
            daemon.terminate()
            assert daemon.wait(20 * SLOW) == 0
