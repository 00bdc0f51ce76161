# SPDX-License-Identifier: EUPL-1.2
"""The clients of conf/ejemplos against the real daemon: each says the same to the citizen, in whatever language it is written."""

import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading

from box import CLAVE, ROOT, SLOW, code_of, eventually, folder, free_port, running
from town import NO_LIMITS

LONG = ("test_java", "test_node")

NIF = "91827364W"
HOUR = 3600 * 1000
REFUSED = "NIF, clave o contraclave no son correctos. Puede pedir otro PIN."
CLOSED = "Este medio de identificarse no se admite. Puede usar: Certificado electrónico."
UNAVAILABLE = "El servicio de PIN no está disponible en este momento. Inténtelo más tarde."
FAILED = "No se ha podido atender su petición. Inténtelo más tarde."


def client_of(box, command):
    def run(*words, **env):
        given = {"CONTRACLAVE_URL": f"http://127.0.0.1:{box.port}", "CONTRACLAVE_TOKEN": box.token, **env}
        done = subprocess.run([*command, *words], env={**os.environ, **given}, capture_output=True, text=True,
                              encoding="utf-8", timeout=120 * SLOW, check=False)
        assert not any(word and word in done.stderr for word in (words[1], given["CONTRACLAVE_TOKEN"])), done.stderr
        return done.returncode, done.stdout.strip(), done.stderr.strip()
    return run


def title(box, **fields):
    answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE, **fields})
    return f"{answer.json['campo']}: {answer.json['title']}"


def check(*command):
    with running(enrolled=False, clock=True, limits="peticiones_ip_hora = 1 segundos_entre_peticiones = 1") as (box, sim):
        run = client_of(box, command)
        box.enrol(NIF, "Begoña", "+34600123124", apellido1="Ibáñez", apellido2="Ruiz")
        code, said, _ = run("pedir", NIF, CLAVE, REMOTE_ADDR="192.0.2.7")
        asked = r"Si está de alta, recibirá un SMS en su móvil\. Vale hasta el \d\d/\d\d/20\d\d, 02:00 h\."
        assert code == 0 and re.fullmatch(asked, said), said
        contraclave = code_of(eventually(sim.inbox)[0])
        wrong = f"{(int(contraclave) + 1) % 10000:04}"
        assert run("entrar", NIF, CLAVE, wrong)[:2] == (1, REFUSED)
        assert run("pedir", NIF)[0] == run("entrar", NIF, CLAVE)[0] == run("pedir", NIF, CLAVE, CONTRACLAVE_TOKEN="")[0] == 64
        assert run("entrar", NIF, CLAVE, contraclave)[:2] == (0, "Ha entrado Begoña Ibáñez Ruiz.")
        for fields in ({"nif": "91827364A"}, {"nif": '9"18\\2'}, {"clave": "48211"}, {"contraste": "31/02/2030"}):
            words = {"nif": NIF, "clave": CLAVE, "contraste": "", **fields}
            assert run("pedir", *words.values())[:2] == (1, title(box, **fields)), fields
        code, said, _ = run("pedir", NIF, CLAVE, REMOTE_ADDR="192.0.2.7")
        assert code == 1 and said.startswith("Demasiados intentos desde su conexión. Espere "), said
        assert int(said.split()[-2]) > 0, said
        assert run("pedir", NIF, CLAVE, CONTRACLAVE_TOKEN="otro") == (2, FAILED, "contraclaved: 401 unauthenticated")
        assert run("pedir", NIF, CLAVE, CONTRACLAVE_URL=f"http://127.0.0.1:{free_port()}")[:2] == (2, UNAVAILABLE)
        box.set_clock(HOUR)
        box.ask_pin()
        box.set_clock(0)
        assert run("pedir", NIF, CLAVE) == (2, UNAVAILABLE, "contraclaved: 503 clock_unreliable")
        box.conf.write_text(box.conf.read_text() + "metodos { pin24h = no certificado = si }\n")
        box.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: run("entrar", NIF, CLAVE, contraclave)[:2] == (1, CLOSED))


def check_two_addresses(*command):
    """The second is asked when the first is not there, and when it says that it cannot now."""
    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, body = self.server.says
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass
    busy = 503, "application/problem+json", b'{"type":"db_busy","title":"Ahora no"}'
    refusing = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    refusing.says = busy
    threading.Thread(target=refusing.serve_forever, daemon=True).start()
    with running(enrolled=False, limits=NO_LIMITS) as (box, sim):
        run = client_of(box, command)
        box.enrol(NIF, "Begoña", "+34600123124", apellido1="Ibáñez", apellido2="Ruiz")
        # a proxy that cannot reach the box says so by itself, in HTML
        for n, (port, refusing.says) in enumerate(((free_port(), busy), (refusing.server_port, busy),
                                                   (refusing.server_port, (502, "text/html", b"<h1>502 Bad Gateway</h1>\n")))):
            two = f"http://127.0.0.1:{port} http://127.0.0.1:{box.port}"
            assert run("pedir", NIF, CLAVE, CONTRACLAVE_URL=two)[0] == 0
            code = code_of(eventually(lambda n=n: sim.inbox()[n:])[0])
            assert run("entrar", NIF, CLAVE, code, CONTRACLAVE_URL=two)[:2] == (0, "Ha entrado Begoña Ibáñez Ruiz.")
        assert run("pedir", NIF, CLAVE, CONTRACLAVE_URL=f"http://127.0.0.1:{refusing.server_port}") == (
            2, UNAVAILABLE, "contraclaved: 503 sin respuesta" if "sede.sh" not in command[-1] else "contraclaved: 503")
        refusing.says = busy
        refused = f"http://127.0.0.1:{refusing.server_port} http://127.0.0.1:{free_port()}"
        assert run("pedir", NIF, CLAVE, CONTRACLAVE_URL=refused) == (2, UNAVAILABLE, "contraclaved: 503 db_busy")
    refusing.shutdown()
    refusing.server_close()


def ejemplo(name):
    return str(ROOT / "conf/ejemplos" / name)


def test_curl():
    check("sh", ejemplo("sede.sh"))
    check_two_addresses("sh", ejemplo("sede.sh"))


def test_python():
    check(sys.executable, ejemplo("sede.py"))
    check_two_addresses(sys.executable, ejemplo("sede.py"))


def test_php():
    check("php", ejemplo("sede.php"))
    check_two_addresses("php", ejemplo("sede.php"))


def test_node():
    check("node", ejemplo("sede.mjs"))
    check_two_addresses("node", ejemplo("sede.mjs"))


def test_java():
    if shutil.which("javac") is None:  # a JDK takes longer to install than all the others together
        print("no JDK here: Sede.java was not run")
        return
    with folder() as classes:  # compiled once: `java Sede.java` does it at each call
        subprocess.run(["javac", "-d", classes, ejemplo("Sede.java")], check=True)
        check("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes, "Sede")
        check_two_addresses("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes, "Sede")


def test_the_contrast_is_asked_for():
    """What all of them add when the town asks for it."""
    with running(enrolled=False, limits="contraste_siempre = 1") as (box, _):
        for command in (("sh", "sede.sh"), (sys.executable, "sede.py"), ("php", "sede.php"), ("node", "sede.mjs")):
            code, said, _ = client_of(box, (command[0], ejemplo(command[1])))("pedir", NIF, CLAVE)
            assert code == 0 and said.endswith("el número de soporte de su NIE."), (command, said)
