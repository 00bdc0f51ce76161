#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The demo sede: the screens of a town's sede electrónica over contraclaved, with the simulated handset beside them.

    CONTRACLAVE_TOKEN=... sede.py --equipo http://127.0.0.1:8024 --movil build/demo/movil.sock --puerto 8080

Forms that work without JavaScript, but for the reto of who registers with a password, which a browser has to solve. box.py has
the calls to the box, forms.py what each form does with an answer, screen.py the HTML. With --tls a second port asks the browser
for the person's certificate.
"""

import argparse
import datetime
import email
import email.policy
import http.cookies
import http.server
import json
import os
import pathlib
import ssl
import sys
import threading
import urllib.parse

import screen
from box import Box
from forms import FORMS, LIVE, OPTIONAL, RETO, SCREENS
from handset import is_simulated, read_messages
from screen import FOLDER, WORDS
from sessions import Session, Sessions

BODY_MAX, FORGOTTEN_MAX = 11 << 20, 64 << 20  # two copies of 5 MiB and the fields; a body that is too large
SCRIPTS = {f"/{name}": (FOLDER / name, "text/javascript") for name in ("demo.js", "registro.js", "reto.js")}
FILES = {**SCRIPTS, "/contraclaved.css": (FOLDER.parent / "contraclaved.css", "text/css"), "/demo.css": (FOLDER / "demo.css", "text/css"),
         "/icono.svg": (FOLDER.parent / "icons/icono-bien.svg", "image/svg+xml")}
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
           "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                                      "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}


class Page(http.server.BaseHTTPRequestHandler):
    timeout = 30
    demo = None  # the options, the box, the sessions

    def do_GET(self):
        if not self.begin():
            return
        if self.path in FILES:
            file, kind = FILES[self.path]
            self.send(200, file.read_bytes(), f"{kind}; charset=utf-8")
        elif self.path == "/movil.json":
            self.send(200, json.dumps(read_messages(self.demo.movil)).encode(), "application/json")
        elif self.path == "/certificado" and self.demo.tls and not self.server.authorities:
            self.redirect(f"https://{self.host}:{self.demo.tls_puerto}/certificado")
        elif self.path == "/dentro" and not self.session.is_in():
            self.redirect("/tengo")
        elif self.path in SCREENS:
            self.show()
        else:
            self.show(problem=("", self.words["no_page"]), status=404)

    def do_POST(self):
        if not self.begin():
            return
        length = self.headers["Content-Length"] or ""
        if self.headers["Origin"] != f"{self.scheme}://{self.headers['Host']}":  # SameSite=Strict keeps the cookie from them too
            self.refuse(403, "foreign")
        elif self.path not in FORMS and self.path != "/reglas":
            self.refuse(404, "no_page")
        elif not length.isdecimal() or int(length) > BODY_MAX:
            self.refuse(413, "too_large")
        else:
            self.body = self.rfile.read(int(length))
            if self.path == "/reglas":
                self.tell_rules()
            else:
                self.answer_form(*FORMS[self.path])

    def answer_form(self, fields, acts, work):
        given = self.read_form()
        sent = {name: given.get(name, "") if name in screen.PASSWORDS else given.get(name, "").strip() for name in fields}
        sent = {name: text for name, text in sent.items() if text or name not in OPTIONAL}
        self.act = given.get("acto") if given.get("acto") in acts else next(iter(acts), "")
        self.session.nif = sent.get("nif", self.session.nif)
        problem = work(self, sent)
        if self.is_live and problem:
            self.send_json({"campo": problem[0], "texto": problem[1], "reto": self.need_reto()}, 422)
        elif self.is_live:
            self.send_json({"donde": self.next})
        elif problem:
            self.session.said = ""
            self.show(sent, problem, 422)
        else:
            self.redirect(self.next)

    def read_form(self):
        kind = self.headers["Content-Type"] or ""
        if not kind.startswith("multipart/form-data"):
            return dict(urllib.parse.parse_qsl(self.body.decode("utf-8", "replace")))
        parts = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.body, policy=email.policy.HTTP)
        return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode("utf-8", "replace")
                for part in parts.iter_parts() if part.get_filename() is None}

    def tell_rules(self):
        """While a password is typed: the box judges it, and nothing of it stays here."""
        try:
            sent = {name: text for name, text in json.loads(self.body).items() if isinstance(text, str)}
        except (ValueError, AttributeError):
            sent = {}
        known = {"nif": self.session.nif} if self.session.nif else {}
        self.send_json({"reglas": self.ask_rules({**known, **sent})})

    def ask_methods(self):
        return self.demo.box.call("GET", "/v1/metodos", self.words, language=self.language).data.get("metodos", [])

    def ask_rules(self, sent):
        return self.demo.box.call("POST", "/v1/contrasenas/reglas", self.words, sent, language=self.language).data.get("reglas", [])

    def need_reto(self):
        """That of this browser and language, or another; None where the form has none, or the town asks for none."""
        reto = self.session.reto
        if self.path != "/registro":
            return None
        if reto is None or reto["idioma"] != self.language or reto["caduca"] < f"{datetime.datetime.now(datetime.UTC):%FT%T}":
            answer = self.demo.box.call("POST", "/v1/retos", self.words, {"idioma": self.language})
            self.session.reto = None if answer.problem else {**answer.data, "idioma": self.language}
        return self.session.reto

    # ---- the session, the language, the box ----

    def begin(self):
        """False and answered: a host name that is not ours, which somebody else's page could have been given."""
        self.path, _, query = self.path.partition("?")
        self.scheme, self.host = "https" if self.server.authorities else "http", (self.headers["Host"] or "").partition(":")[0]
        cookies = dict(row.strip().partition("=")[::2] for row in (self.headers["Cookie"] or "").split(";"))
        query = urllib.parse.parse_qs(query)
        asked, self.proof = query.get("idioma", [""])[0], query.get("prueba", [""])[0]
        self.language = next(one for one in (asked, cookies.get("idioma"), "es") if one in WORDS)
        self.words, self.next, self.body, self.certificate = WORDS[self.language], "/", b"", self.read_certificate()
        self.is_live = self.headers["Accept"] == "application/json"
        self.new_cookies = [f"idioma={asked}; Path=/; SameSite=Lax"] if asked in WORDS else []
        self.key = cookies.get("sede", "")
        self.session = self.demo.sessions.find(self.key) or Session()
        if self.host in ("127.0.0.1", "localhost"):
            return True
        self.close_connection = True
        self.send(421, b"")
        return False

    def read_certificate(self):
        """The person's certificate with its authority behind it, PEM; None where the browser gave none."""
        leaf = self.connection.getpeercert(binary_form=True) if self.server.authorities else None
        return ssl.DER_cert_to_PEM_cert(leaf) + self.server.authorities if leaf else None

    def begin_session(self, session):
        """Another cookie: who knew the one of before does not come in with the person."""
        self.demo.sessions.end(self.key)
        self.session = session

    def keep_session(self):
        if self.demo.sessions.find(self.key) is not self.session:
            secure = "; Secure" if self.scheme == "https" else ""
            self.new_cookies.append(f"sede={self.demo.sessions.add(self.session)}; Path=/; HttpOnly; SameSite=Strict{secure}")

    def call(self, path, body, kind="application/json"):
        return self.demo.box.call("POST", path, self.words, body, kind, lambda *both: self.session.talk.append(both), self.language)

    # ---- answers ----

    def refuse(self, status, word):
        """A browser shows an answer only when it has sent its body: so much of it is read and forgotten."""
        length = self.headers["Content-Length"] or ""
        left = min(int(length), FORGOTTEN_MAX) if length.isdecimal() else 0
        while left > 0 and (part := self.rfile.read(min(left, 1 << 16))):
            left -= len(part)
        self.close_connection = True
        if self.is_live:
            self.send_json({"campo": "", "texto": self.words[word], "reto": None}, status)
        else:
            self.show(problem=("", self.words[word]), status=status)

    def show(self, sent=None, problem=None, status=200):
        path = self.path if self.path in SCREENS else "/"
        name, words, person = path.strip("/").replace("/", "_") or "inicio", self.words, self.session.person if self.session.is_in() else {}
        content = screen.make_text(words[f"{name}.text"])
        fields, acts, _ = FORMS.get(path, ((), (), None))
        if fields:
            reto = self.need_reto()
            fields = [one for one in fields if reto or one not in RETO]
            known = {"nif": self.session.nif, "prueba": self.proof, **(sent or {}), "reto": reto["reto"] if reto else ""}
            rules = self.ask_rules({}) if path in screen.CHOSEN else ()
            content += screen.make_form(words, name, path, fields, acts, known, problem, path in LIVE, rules, reto)
        if path == "/":
            content += screen.make_methods(self.ask_methods())
        if path.startswith("/contrasena"):
            content += screen.make_links(words, ("/contrasena", "/contrasena/olvido", "/contrasena/alta", "/registro"))
        if path in ("/clave", "/clave/cambio", "/clave/olvido", "/usuario"):
            content += screen.make_links(words, ("/clave", "/clave/olvido", "/usuario"))
        if path == "/tengo" and self.session.request:
            content += screen.make_resend(words)
        if path == "/dentro":
            last = person["ultimo_acceso"]
            content += "".join(screen.make_text(one["aviso"]) for one in self.ask_methods() if one["aviso"] and one["metodo"] == person["metodo"])
            content += screen.make_text(words["last"].replace("{when}", last.replace("T", " ").replace("Z", " UTC")) if last else words["first"])
        texts = {"lang": self.language, "town": self.demo.nombre, "title": words[f"{name}.title"],
                 "who": " ".join(filter(None, (person.get(part) for part in ("nombre", "apellido1", "apellido2"))))}
        pieces = {"tabs": screen.make_tabs(words, path), "notices": screen.make_notices(words, fields, self.session.said, problem), "content": content,
                  "talk": screen.make_talk(self.session.talk), "sms": screen.make_messages(read_messages(self.demo.movil))}
        self.session.said = ""
        self.keep_session()
        self.send(status, screen.make_page(words, texts, pieces).encode(), "text/html; charset=utf-8")

    def send_json(self, told, status=200):
        self.keep_session()
        self.send(status, json.dumps(told).encode(), "application/json")

    def redirect(self, where):
        self.keep_session()
        self.send(303, b"", where=where)

    def send(self, status, body, kind="text/plain", where=None):
        self.send_response(status)
        rows = [*HEADERS.items(), ("Content-Type", kind), ("Content-Length", str(len(body))), *(("Set-Cookie", one) for one in self.new_cookies)]
        for name, value in rows + ([("Location", where)] if where else []):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: a line of a log would hold the person's address and what was asked for."""


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A browser that has gone before its answer is no fault, and `make run` shows its terminal to a person."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def listen(port, tls):
    server = Server(("127.0.0.1", port), Page)
    server.authorities = None
    if tls:
        certificate, key, authorities = tls
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(authorities)
        context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.authorities = pathlib.Path(authorities).read_text("ascii")
    return server


def read_options():
    parser = argparse.ArgumentParser(description="Sede de demostración de contraclaved. El token, en CONTRACLAVE_TOKEN.")
    parser.add_argument("--equipo", default="http://127.0.0.1:8024", help="dirección de contraclaved")
    parser.add_argument("--movil", default="", help="zócalo de control de simmodem")
    parser.add_argument("--nombre", default="Villaejemplo", help="nombre del municipio")
    parser.add_argument("--puerto", type=int, default=8080)
    parser.add_argument("--tls", nargs=3, metavar=("CERTIFICADO", "CLAVE", "AUTORIDADES"), help="ficheros PEM")
    parser.add_argument("--tls-puerto", type=int, default=8443)
    parser.add_argument("--con-modems-reales", action="store_true", help="admite un equipo que envía SMS de verdad")
    return parser.parse_args()


def main():
    demo = Page.demo = read_options()
    demo.box, demo.sessions = Box(demo.equipo, os.environ.get("CONTRACLAVE_TOKEN", "")), Sessions()
    status = demo.box.call("GET", "/v1/estado", WORDS["es"])
    if status.problem:
        sys.exit(f"sede: {demo.equipo} contesta {status.status or 'nada'}: mire la dirección y CONTRACLAVE_TOKEN (ámbito estado, entre otros)")
    if not demo.con_modems_reales and not is_simulated(status.data):
        sys.exit("sede: ese equipo no tiene solo módems simulados y enviaría SMS de verdad; si es lo que quiere, --con-modems-reales")
    if demo.tls:
        threading.Thread(target=listen(demo.tls_puerto, demo.tls).serve_forever, daemon=True).start()
    server = listen(demo.puerto, None)
    print(f"sede: http://127.0.0.1:{demo.puerto}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
