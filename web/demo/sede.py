#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The demo sede: the screens of a town's sede electrónica over contraclaved, with the simulated handset beside them.

    CONTRACLAVE_TOKEN=... sede.py --equipo http://127.0.0.1:8024 --movil build/demo/movil.sock --puerto 8080

Forms that work without JavaScript. box.py has the calls to the box, screen.py the HTML; here is what each form does with an
answer. With --tls a second port asks the browser for the person's certificate.
"""

import argparse
import collections
import datetime
import email
import email.policy
import http.cookies
import http.server
import json
import os
import pathlib
import re
import secrets
import ssl
import sys
import threading
import urllib.parse

import screen
from box import Box
from handset import is_simulated, read_messages
from screen import FOLDER, WORDS

BODY_MAX, FORGOTTEN_MAX = 11 << 20, 64 << 20  # two copies of 5 MiB and the fields; a body that is too large
SESSIONS_MAX, TALK_MAX = 1000, 8
LONGEST = datetime.timedelta(hours=27)  # of an entry by password, which has no end of its own
FILES = {"/contraclaved.css": (FOLDER.parent / "contraclaved.css", "text/css"), "/demo.css": (FOLDER / "demo.css", "text/css"),
         "/demo.js": (FOLDER / "demo.js", "text/javascript"), "/icono.svg": (FOLDER.parent / "icons/icono-bien.svg", "image/svg+xml")}
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
           "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                                      "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"}


class Session:
    """One browser. Nothing of it reaches a disk, and the clave is not kept at all."""

    def __init__(self, nif="", said="", person=None, talk=()):
        self.nif, self.said, self.person = nif, said, person  # person: what a verification told
        self.request = self.application = self.entry = None  # their ids
        self.talk = collections.deque(talk, TALK_MAX)

    def is_in(self):
        if self.person is None:
            return False
        begun, ends = (datetime.datetime.fromisoformat(self.person[name] or "9999-12-31T00:00:00Z") for name in ("auth_time", "caduca"))
        return datetime.datetime.now(datetime.UTC) < min(ends, begun + LONGEST)


class Sessions:
    """Bounded: the oldest goes first."""

    def __init__(self):
        self._rows, self._lock = collections.OrderedDict(), threading.Lock()

    def find(self, key):
        with self._lock:
            return self._rows.get(key)

    def add(self, session):
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._rows[key] = session
            while len(self._rows) > SESSIONS_MAX:
                self._rows.popitem(last=False)
        return key

    def end(self, key):
        with self._lock:
            self._rows.pop(key, None)


# ---- what each form does: it sets the next screen and returns None, or returns the problem: (field, sentence) ----

def ask_pin(page, sent):
    answer = page.call("/v1/solicitudes", {**sent, "idioma": page.language, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    day, hour = answer.data["caduca_local"][:16].split("T")
    page.session.request = answer.data["id"]
    page.session.said = page.words["asked"].replace("{day}", "/".join(reversed(day.split("-")))).replace("{hour}", hour)
    if answer.data["pide_contraste"]:
        page.session.said += " " + page.words["asks_contrast"]
    page.next = "/tengo"


def enter(page, sent):
    answer = page.call("/v1/verificaciones", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] != "correcto":  # one text, whatever the cause
        return "", page.words["refused"]
    let_in(page, answer.data)


def let_in(page, person):
    page.begin_session(Session(nif=person["nif"], person=person, talk=page.session.talk))
    page.next = "/dentro"


def enter_by_password(page, sent):
    """With the password's code by SMS, or without: what the town admits decides."""
    told = page.demo.box.call("GET", "/v1/metodos", page.words, language=page.language)
    admitted = [one["metodo"] for one in told.data.get("metodos", [])] if not told.problem else []
    method = "contrasena" if "contrasena" in admitted and "contrasena_sms" not in admitted else "contrasena_sms"
    answer = page.call("/v1/accesos", {**sent, "metodo": method, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] == "rechazado":
        return "", page.words["refused_password"]
    if answer.data["resultado"] == "correcto":
        return let_in(page, answer.data)
    page.session.entry, page.session.said, page.next = answer.data["id"], page.words["code_sent"], "/contrasena/codigo"


def prove_entry(page, sent):
    answer = page.call(f"/v1/accesos/{page.session.entry}/codigo", {"nif": page.session.nif, **sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] != "correcto":
        return "", page.words["refused_code"]
    let_in(page, answer.data)


def recover_password(page, sent):
    answer = page.call("/v1/accesos/recuperacion", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    page.session.entry, page.session.said, page.next = answer.data["id"], page.words["recovery_sent"], "/contrasena/codigo"


def choose_password(page, sent):
    answer = page.call("/v1/contrasenas", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] == "rechazado":
        return "", page.words["refused"]
    page.session.said, page.next = page.words["chosen"], "/contrasena"


def resend(page, _):
    page.next = "/tengo"
    if page.session.request is None:
        return None
    answer = page.call(f"/v1/solicitudes/{page.session.request}/reenvio", {"ip_usuario": page.client_address[0]})
    if answer.status in (404, 409):
        return "", page.words["over"]
    page.session.said = page.words["resent"]
    return answer.problem


def renounce(page, sent):
    answer = page.call("/v1/renuncias", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] != "correcto":
        return "", page.words["refused"]
    page.begin_session(Session(said=page.words["renounced"], talk=page.session.talk))


def apply_online(page, _):
    """The browser's own multipart body goes on to the box as it came, with the person's address put before it."""
    kind = page.headers["Content-Type"] or ""
    boundary = re.search(r'^multipart/form-data;.*boundary="?([^";]+)', kind)
    if not boundary:
        return "", page.words["failed"]
    address = f'--{boundary[1]}\r\nContent-Disposition: form-data; name="ip_usuario"\r\n\r\n{page.client_address[0]}\r\n'
    answer = page.call("/v1/altas", address.encode() + page.body, kind)
    if answer.problem:
        return answer.problem
    page.session.application, page.session.said, page.next = answer.data["id"], page.words["applied"], "/alta/codigo"


def prove_phone(page, sent):
    answer = page.call(f"/v1/altas/{page.session.application}/telefono", sent)
    if answer.status == 404:
        return "", page.words["application_over"]
    page.session.said = page.words["waiting"]
    return answer.problem


def use_certificate(page, sent):
    """The TLS handshake has proven that the browser holds the key of the certificate; the box proves the rest."""
    if page.certificate is None:
        return "", page.words["no_certificate"]
    path, body = {"alta": ("/v1/altas/certificado", {**sent, "idioma": page.language}), "movil": ("/v1/altas/certificado/movil", sent),
                  "renuncia": ("/v1/renuncias/certificado", {})}[page.act]
    answer = page.call(path, {"certificado": page.certificate, **body})
    if answer.status == 404:
        return "", page.words["not_enrolled"]
    page.session.said, page.next = page.words["done_" + page.act], "/certificado"
    return answer.problem


def leave(page, _):
    page.begin_session(Session())


# path: the fields, an act for each button, what it does
FORMS = {
    "/quiero": (("nif", "clave", "confirmacion", "contraste"), ("solicitar",), ask_pin),
    "/tengo": (("nif", "clave", "contraclave", "contraste"), ("entrar",), enter),
    "/renuncia": (("nif", "clave", "contraclave"), ("renunciar",), renounce),
    "/alta": (("nif", "nombre", "apellido1", "apellido2", "movil", "contraste", "documento"), ("enviar",), apply_online),
    "/alta/codigo": (("codigo",), ("confirmar",), prove_phone),
    "/contrasena": (("nif", "contrasena", "contraste"), ("entrar",), enter_by_password),
    "/contrasena/codigo": (("codigo", "nueva"), ("entrar",), prove_entry),
    "/contrasena/olvido": (("nif", "contraste"), ("recuperar",), recover_password),
    "/contrasena/alta": (("nif", "clave", "contraclave", "contrasena"), ("elegir",), choose_password),
    "/certificado": (("movil",), ("alta", "movil", "renuncia"), use_certificate),
    "/reenvio": ((), (), resend),
    "/salir": ((), (), leave),
}
SCREENS = {"/", "/dentro"} | {path for path, (fields, _, _) in FORMS.items() if fields}
OPTIONAL = ("contraste", "apellido2", "nueva")


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
        elif self.path not in FORMS:
            self.refuse(404, "no_page")
        elif not length.isdecimal() or int(length) > BODY_MAX:
            self.refuse(413, "too_large")
        else:
            self.body = self.rfile.read(int(length))
            self.answer_form(*FORMS[self.path])

    def answer_form(self, fields, acts, work):
        given = self.read_form()
        sent = {name: given.get(name, "") if name in screen.PASSWORDS else given.get(name, "").strip() for name in fields}
        sent = {name: text for name, text in sent.items() if text or name not in OPTIONAL}
        self.act = given.get("acto") if given.get("acto") in acts else next(iter(acts), "")
        self.session.nif = sent.get("nif", self.session.nif)
        problem = work(self, sent)
        if problem:
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

    # ---- the session, the language, the box ----

    def begin(self):
        """False and answered: a host name that is not ours, which somebody else's page could have been given."""
        self.path, _, query = self.path.partition("?")
        self.scheme, self.host = "https" if self.server.authorities else "http", (self.headers["Host"] or "").partition(":")[0]
        cookies = dict(row.strip().partition("=")[::2] for row in (self.headers["Cookie"] or "").split(";"))
        asked = urllib.parse.parse_qs(query).get("idioma", [""])[0]
        self.language = next(one for one in (asked, cookies.get("idioma"), "es") if one in WORDS)
        self.words, self.next, self.body, self.certificate = WORDS[self.language], "/", b"", self.read_certificate()
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
        self.show(problem=("", self.words[word]), status=status)

    def show(self, sent=None, problem=None, status=200):
        path = self.path if self.path in SCREENS else "/"
        name, words, person = path.strip("/").replace("/", "_") or "inicio", self.words, self.session.person if self.session.is_in() else {}
        content = screen.make_text(words[f"{name}.text"])
        fields, acts, _ = FORMS.get(path, ((), (), None))
        if fields:
            content += screen.make_form(words, name, path, fields, acts, {"nif": self.session.nif, **(sent or {})}, problem)
        if path == "/":
            told = self.demo.box.call("GET", "/v1/metodos", words, language=self.language)
            content += screen.make_methods(told.data.get("metodos", []))
        if path.startswith("/contrasena"):
            content += screen.make_links(words, ("/contrasena", "/contrasena/olvido", "/contrasena/alta"))
        if path == "/tengo" and self.session.request:
            content += screen.make_resend(words)
        if path == "/dentro":
            last = person["ultimo_acceso"]
            content += screen.make_text(words["last"].replace("{when}", last.replace("T", " ").replace("Z", " UTC")) if last else words["first"])
        texts = {"lang": self.language, "town": self.demo.nombre, "title": words[f"{name}.title"],
                 "who": " ".join(filter(None, (person.get(part) for part in ("nombre", "apellido1", "apellido2"))))}
        pieces = {"tabs": screen.make_tabs(words, path), "notices": screen.make_notices(words, fields, self.session.said, problem), "content": content,
                  "talk": screen.make_talk(self.session.talk), "sms": screen.make_messages(read_messages(self.demo.movil))}
        self.session.said = ""
        self.keep_session()
        self.send(status, screen.make_page(words, texts, pieces).encode(), "text/html; charset=utf-8")

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


def listen(port, tls):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Page)
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
