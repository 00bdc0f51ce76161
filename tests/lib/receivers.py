# SPDX-License-Identifier: EUPL-1.2
"""Servers that take alerts: a mail server, with its failings, and a webhook. Each in a thread of its own."""

import contextlib
import email
import email.policy
import http.server
import json
import pathlib
import random
import socket
import ssl
import subprocess
import threading

PATIENCE = 120  # s, of a connection that hangs on purpose


def make_certificate(folder, name="localhost"):
    """(certificate, key) of its own authority, for `name` and 127.0.0.1."""
    cert, key = pathlib.Path(folder) / "correo.pem", pathlib.Path(folder) / "correo.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", str(key), "-out", str(cert), "-days", "30", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    return cert, key


class MailServer:
    """how: None, or what is wrong: "mute" (accepts and says nothing), "nonsense", "flood" (a line without end),
    "half" (ends in the middle of the text), "busy" (421), "refuses-one" (550 to the first recipient), "grey" (451 to a
    recipient the first time), "nobody" (550 5.1.1 to each), "relay" (550 5.7.1), "spam" (554 to the text), "later" (451 to
    the text), "lost" (takes the text, and its reply never comes), "chaos" (one of these or nothing at each call, by `dice`).
    tls: "starttls", "tls" or None."""

    def __init__(self, how=None, tls=None, certificate=None, password=None):
        self.how, self.tls, self.password = how, tls, password
        self.mails, self.calls, self.logins, self.recipients, self.was_tls = [], 0, [], [], []
        self.lost = []  # Message-IDs whose reply did not go
        self.dice = random.Random(0)
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(PATIENCE)
                self.calls += 1
                self.open.append(connection)
                threading.Thread(target=self.guard, args=[connection], daemon=True).start()

    def guard(self, connection):
        with contextlib.suppress(OSError, ValueError), contextlib.closing(connection):
            if self.tls == "tls":
                connection = self.context.wrap_socket(connection, server_side=True)
            self.serve(connection)

    def fail(self, connection, how):
        """True when that was all."""
        if how == "mute":
            connection.recv(1000)
            connection.recv(1000)
        elif how == "nonsense":
            connection.sendall(b"\x00\xff\x15HTTP/1.1 200 OK\r\n" * 3 + b"SSH-2.0-x\r\n")
            connection.recv(1000)
        elif how == "flood":
            connection.sendall(b"220-" + b"x" * 60)
            while True:
                connection.sendall(b"x" * 65536)
        elif how == "busy":
            connection.sendall(b"421 4.3.2 luego\r\n")
        else:
            return False
        return True

    def serve(self, connection):
        how = self.dice.choice([None] * 6 + ["busy", "grey", "later", "half", "lost"]) if self.how == "chaos" else self.how
        if self.fail(connection, how):
            return
        is_tls = self.tls == "tls"
        reader, say = connection.makefile("rb"), lambda line: connection.sendall(line.encode() + b"\r\n")
        say("220 correo de prueba")
        to = []
        while True:
            line = reader.readline().decode().strip()
            verb = line[:4].upper()
            if verb == "EHLO":
                offers = ["250-correo", "250-8BITMIME"]
                offers += ["250-STARTTLS"] if self.tls == "starttls" and not is_tls else []
                offers += ["250-AUTH PLAIN"] if self.password else []
                say("\r\n".join(offers + ["250 SIZE 100000"]))
            elif verb == "STAR":
                say("220 adelante")
                connection = self.context.wrap_socket(connection, server_side=True)
                reader, is_tls = connection.makefile("rb"), True
                say = lambda line, connection=connection: connection.sendall(line.encode() + b"\r\n")
            elif verb == "AUTH":
                words = line.split()
                if len(words) == 2:
                    say("334 ")
                    words.append(reader.readline().decode().strip())
                self.logins.append((words[2], is_tls))
                say("235 bien" if words[2] == self.password else "535 no")
            elif verb == "RCPT":
                if how == "refuses-one" and not self.recipients:
                    self.recipients.append(line)
                    say("550 no existe <script>alert(1)</script>")
                    continue
                address = line.split("<")[1].split(">")[0]
                refusal = {"nobody": "550 5.1.1 no existe", "relay": "550 5.7.1 no se reenvia"}.get(how)
                if how == "grey" and address not in self.recipients:
                    self.recipients.append(address)
                    refusal = "451 4.7.1 vuelva luego"
                if refusal:
                    say(refusal)
                    continue
                to.append(address)
                say("250 bien")
            elif verb == "DATA":
                say("354 adelante")
                if how == "half":
                    reader.readline()
                    return
                lines = []
                while (data := reader.readline()) not in (b".\r\n", b""):
                    assert len(data) <= 998 and data.endswith(b"\r\n"), data
                    lines.append(data[1:] if data.startswith(b".") else data)
                if not data:  # a text that was cut off is no mail (RFC 5321 4.1.1.4)
                    return
                refusal = {"spam": "554 5.7.1 no se admite", "later": "451 4.3.0 vuelva luego"}.get(how)
                if refusal:
                    say(refusal)
                    continue
                self.take(b"".join(lines), to, is_tls)
                if how == "lost":
                    self.lost.append(self.mails[-1]["Message-ID"])
                    return
                say("250 guardado")
            elif verb == "QUIT" or not line:
                say("221 adios")
                return
            else:
                say("250 bien")

    def take(self, data, to, is_tls):
        assert data.isascii()
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert not message.defects, message.defects
        message.envelope = to
        self.was_tls.append(is_tls)
        self.mails.append(message)

    def subjects(self):
        return [m["Subject"] for m in self.mails]

    def stop(self):
        for one in [self.listener, *self.open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class RealServer:
    """real_smtp.py, by the system's Python, which has Debian's packages. STARTTLS and a password are needed."""

    def __init__(self, certificate, user, password):
        self.mails = []
        self.process = subprocess.Popen(["/usr/bin/python3", pathlib.Path(__file__).with_name("real_smtp.py"), *map(str, certificate),
                                         user, password], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            mail = email.message_from_string(told["text"], policy=email.policy.default)
            mail.envelope, mail.was_tls, mail.login = told["to"], told["tls"], told["login"]
            self.mails.append(mail)

    def stop(self):
        self.process.communicate("", timeout=20)


class Webhook:
    """status: what it answers; location: where it redirects; hangs: it takes the request and says nothing."""

    def __init__(self, status=200, location=None, hangs=False):
        self.status, self.location, self.hangs, self.bodies, self.paths = status, location, hangs, [], []
        outer = self
        self.release = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.paths.append(self.path)
                outer.bodies.append((self.headers, body))
                if outer.hangs:
                    outer.release.wait(PATIENCE)
                    return
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/aviso/ficha-secreta"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
