# SPDX-License-Identifier: EUPL-1.2
"""The demo sede over a box, and a browser without JavaScript that asks it."""

import contextlib
import html
import http.client
import os
import re
import subprocess
import sys
import urllib.parse

from box import NIF, PHONE, ROOT, free_port, running

SCOPES = "solicitar,verificar,alta,certificado,estado"
LIMITS = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0 ip_por_segundo = 0"


class Screen:
    def __init__(self, answer):
        self.status, self.headers, self.raw = answer.status, answer.headers, answer.read().decode()
        self.where = answer.headers["Location"]
        self.title = "".join(re.findall("<h1>(.*?)</h1>", self.raw))
        self.notices = [html.unescape(text) for text in re.findall(r'<p class="note note-\w+" role="\w+">(.*?)</p>', self.raw)]
        self.bad = dict(re.findall(r'<span class="bad-note" id="(\w+)-mal">(.*?)</span>', self.raw))
        self.values = {name: html.unescape(value) for name, value in re.findall(r'<input id="(\w+)" name="\w+" value="(.*?)"', self.raw)}
        self.who = html.unescape("".join(re.findall(r'id="quien"><span>(.*?)</span>', self.raw)))
        self.talk = "\n".join(html.unescape(text) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", self.raw, re.DOTALL))
        self.sms = [html.unescape(re.sub("<[^>]*>", "", text)) for text in re.findall(r"<p><span>\+.*?</p>", self.raw)]


def told_reto(screen):
    """The reto of a form, as POST /v1/retos told it to the sede."""
    return {"reto": screen.values["reto"], "dificultad": int(re.search(r'data-dificultad="(\d+)"', screen.raw)[1]),
            "pregunta": html.unescape(re.search(r'<label for="reto_respuesta"><span>(.*?)</span>', screen.raw)[1])}


class Browser:
    """Cookies, redirects, and the Origin of its own pages."""

    def __init__(self, port, tls=None):
        self.port, self.tls, self.cookies = port, tls, {}
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{port}"

    def ask(self, method, path, data=None, headers=None):
        made = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=60) if self.tls else \
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(made) as connection:
            sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **({"Origin": self.origin} if method == "POST" else {})}
            connection.request(method, path, data, {**sent, **(headers or {})})
            screen = Screen(connection.getresponse())
        for row in screen.headers.get_all("Set-Cookie") or []:
            name, _, value = row.partition(";")[0].partition("=")
            self.cookies[name] = value
        return screen

    def open(self, path):
        return self.ask("GET", path)

    def submit(self, path, headers=None, **fields):
        screen = self.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        return self.open(screen.where) if screen.status == 303 else screen

    def submit_files(self, path, *files, **fields):
        rows = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
        rows += [(f'name="documento"; filename="copia.pdf"\r\nContent-Type: application/pdf', content) for content in files]
        body = b"".join(f"--frontera\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n" for head, value in rows)
        screen = self.ask("POST", path, body + b"--frontera--\r\n", {"Content-Type": "multipart/form-data; boundary=frontera"})
        return self.open(screen.where) if screen.status == 303 else screen


def start_sede(box, *words, token=None):
    return subprocess.Popen([sys.executable, str(ROOT / "web/demo/sede.py"), "--equipo", f"http://127.0.0.1:{box.port}", *words],
                            env={**os.environ, "CONTRACLAVE_TOKEN": token or box.token}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def visiting(box, sim, *words):
    """A browser at a sede over this box, whose token must be the sede's."""
    port = free_port()
    sede = start_sede(box, "--movil", str(sim.control), "--puerto", str(port), *words)
    try:
        line = sede.stdout.readline()
        assert line == f"sede: http://127.0.0.1:{port}/\n", (line, sede.poll() is not None and sede.stderr.read())
        yield Browser(port)
    finally:
        sede.kill()
        sede.communicate()


@contextlib.contextmanager
def demo(tls=(), **more):
    """The demo sede over a box: its browser, the box, the modem."""
    with running(enrolled=False, limits=LIMITS, **more) as (box, sim):
        box.enrol(NIF, "María del Carmen", PHONE, apellido1="Núñez", contraste="31/12/2030")
        box.client(SCOPES, "portal")
        with visiting(box, sim, *tls) as browser:
            yield browser, box, sim
