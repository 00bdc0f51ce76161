# SPDX-License-Identifier: EUPL-1.2
"""Copies for every day: where the configuration says, so many of them, and never in silence onto the wrong disk."""

import base64
import contextlib
import fcntl
import http.server
import json
import os
import socket
import ssl
import threading

from box import Box, folder, running
from receivers import make_certificate


def elsewhere(path):
    """A folder on another disk than that one; the same disk where the machine has one alone."""
    places = [p for p in ("/dev/shm", "/tmp", "/var/tmp", "/run") if os.access(p, os.W_OK)]
    return next((p for p in places if os.stat(p).st_dev != os.stat(path).st_dev), None)


class Shelf(http.server.BaseHTTPRequestHandler):
    """Takes files by PUT and gives them back; `spoil` is what it does to one."""

    def log_message(self, *_):
        pass

    def may(self):
        if self.headers.get("Authorization") == "Basic " + base64.b64encode(b"caja:secreto").decode():
            return True
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.may():
            self.server.files[self.path] = self.server.spoil(body)
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self):
        if self.may():
            body = self.server.files[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextlib.contextmanager
def shelf(path):
    certificate, key = make_certificate(path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.files, server.spoil = {}, lambda body: body
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, certificate
    finally:
        server.shutdown()
        server.server_close()


def configure(box, text):
    whole = box.conf.read_text().partition("\ncopias")[0]
    box.conf.write_text(f"{whole}\ncopias {{ {text} }}\n")


def test_a_folder_keeps_so_many_of_this_box():
    with running() as (box, _):
        place = box.folder / "copias"
        place.mkdir()
        configure(box, f'destino = "{place}" guardar = 3 otro_disco = no')
        old = [f"contraclaved-sede-2026010{n}T000000Z.copia" for n in range(1, 6)]
        for name in (*old, "contraclaved-otra-20260101T000000Z.copia", "carta.txt"):
            (place / name).touch()
        box.conf.write_text('nombre_equipo = "sede"\n' + box.conf.read_text())
        box.ctl("copia")
        left = sorted(p.name for p in place.iterdir())
        assert left[0] == "carta.txt" and left[1] == "contraclaved-otra-20260101T000000Z.copia", left
        assert left[2:4] == old[3:] and len(left) == 5, left
        assert "hace 0 días" in box.ctl("diagnostico", check=False).stdout
        assert "es buena" in box.ctl("restaura", str(place / left[4]), "--ensayo").stdout
        (place / left[4]).rename(place / "contraclaved-sede-20260106T000000Z.copia")  # two in one second have one name
        before = set(place.iterdir())
        box.ctl("copia", str(place))  # a folder that is named by hand keeps as many
        assert len(set(place.iterdir()) - before) == 1 and len(list(place.iterdir())) == 5


def test_what_a_killed_copy_left_goes_with_the_next():
    with running() as (box, _):
        place = box.folder / "copias"
        place.mkdir()
        box.conf.write_text('nombre_equipo = "sede"\n' + box.conf.read_text())
        configure(box, f'destino = "{place}" otro_disco = no')
        part = "contraclaved-sede-20260101T000000Z.copia.parte"
        mine = ["carta.parte", "contraclaved-otra-20260101T000000Z.copia.parte", "contraclaved-sede-20260101T000000Z.copia.backup"]
        for name in (part, part + "-journal", *mine):
            (place / name).touch()
        box.ctl("copia")
        left = sorted(p.name for p in place.iterdir())
        assert len(left) == 4 and set(mine) < set(left), left
        # under a name that a person gives: a journal of another database would be played into the new one
        (box.folder / "c.parte").write_bytes(b"x" * 5000)
        (box.folder / "c.parte-journal").write_bytes(b"x" * 5000)
        box.ctl("copia", str(box.folder / "c"))
        assert [p.name for p in box.folder.glob("c.*")] == [] and (box.folder / "c").exists()


def test_one_copy_at_a_time():
    with running() as (box, _):
        sent = box.folder / "contraclaved.db-envio"
        sent.touch()  # of the other
        holder = os.open(box.folder, os.O_RDONLY)
        fcntl.flock(holder, fcntl.LOCK_EX)
        for words in (("copia", str(box.folder / "c")), ("copia", "https://127.0.0.1:1/"), ("restaura", str(box.folder / "c"))):
            done = box.ctl(*words, check=False)
            assert done.returncode == 75 and "ya se está haciendo" in done.stderr, (words, done)
        assert sent.exists() and not (box.folder / "c").exists()
        os.close(holder)
        box.ctl("copia", str(box.folder / "c"))


def test_a_stick_that_is_not_there():
    with folder() as path:
        box = Box(path, "unix:nada")
        other = elsewhere(path)
        rows = [("", 64, "diga dónde"), (f'destino = "{path}/no"', 78, "no es una carpeta"),
                (f'destino = "{path}"', 78, "mismo disco"), ('destino = "https://127.0.0.1:1/"', 78, "solo se envía sellada")]
        if other:
            rows.append((f'destino = "{other}"', 69, "no existe la base de datos"))  # the disk is right
        for text, code, said in rows:
            configure(box, text)
            done = box.ctl("copia", check=False)
            assert done.returncode == code and said in done.stderr, (text, done)


def test_another_machine_gets_it_sealed_and_gives_it_back():
    with running() as (box, _), shelf(box.folder) as (server, certificate):
        seal = json.loads(box.ctl("--json", "copia", "sello", "--privada", str(box.folder / "privada")).stdout)["sello"]
        target = f"https://localhost:{server.server_port}/caja"
        good = f'destino = "{target}" sello = "{seal}" usuario = "caja" contrasena = "secreto" autoridad = "{certificate}"'
        configure(box, good)
        done = box.ctl("copia")
        (name, body), = server.files.items()
        assert name.startswith("/caja/contraclaved-") and name in done.stdout and body.startswith(b"CCLVCOP1"), done
        sent = box.folder / "vuelta"
        sent.write_bytes(body)
        assert "es buena" in box.ctl("restaura", str(sent), "--ensayo", "--privada", str(box.folder / "privada")).stdout
        note = box.database.with_name("contraclaved.db-copia")
        note.unlink()
        rows = ((good.replace("secreto", "otro"), lambda b: b, "la rechaza"), (good, lambda b: b[:-1], "no es lo que se ha enviado"),
                (good, lambda b: b"y" + b[1:], "no es lo que se ha enviado"),
                (good.replace("autoridad", "sftp_clave"), lambda b: b, "no es el que se conoce"),
                (good.replace(str(server.server_port), "1"), lambda b: b, "no se puede conectar"))
        for text, server.spoil, said in rows:
            configure(box, text)
            done = box.ctl("copia", check=False)
            assert done.returncode == 75 and said in done.stderr and "secreto" not in done.stderr, (text, done)
            assert not note.exists() and not [p for p in box.folder.iterdir() if p.name.endswith(("-envio", "-sin-sello"))]
        configure(box, good)
        assert box.ctl("copia", "--clave", check=False).returncode == 64


def test_a_server_that_ends_the_handshake():
    """As those of today end one for a key of a kind that they no longer have."""
    with running() as (box, _), socket.create_server(("127.0.0.1", 0)) as server:
        def greet():
            with contextlib.suppress(OSError):
                while True:
                    with server.accept()[0] as client:
                        client.sendall(b"SSH-2.0-x\r\n")
        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        seal = json.loads(box.ctl("--json", "copia", "sello", "--privada", str(box.folder / "privada")).stdout)["sello"]
        configure(box, f'destino = "sftp://127.0.0.1:{server.getsockname()[1]}/" sello = "{seal}" usuario = "caja" contrasena = "x"')
        done = box.ctl("copia", check=False)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        assert done.returncode == 75 and "deje en sftp_conocidos la clave ssh-ed25519" in done.stderr, done
