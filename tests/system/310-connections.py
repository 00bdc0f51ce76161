# SPDX-License-Identifier: EUPL-1.2
"""Connections: who called is looked up again at each step, and no client can hold the box."""

import contextlib
import http.client
import json
import socket
import sqlite3
import time

from box import CLAVE, NIF, SLOW, running

UNKNOWN = "87654321X"
ASK = "/v1/solicitudes"
HOUR = 3600 * 1000


class Raw:
    """One TCP connection, written to and read from by hand."""

    def __init__(self, box):
        self.socket = socket.create_connection(("127.0.0.1", box.port), timeout=20 * SLOW)

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def answer(self):
        """Status and JSON of the next answer."""
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        text = response.read()
        return response.status, json.loads(text)

    def close(self):
        self.socket.close()


def head(box, body, path=ASK):
    return (f"POST {path} HTTP/1.1\r\nHost: sede\r\nAuthorization: Bearer {box.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")


def begun(box, count, body):
    """That many requests whose headers have been read and whose bodies have not been sent."""
    raws = [Raw(box).send(head(box, body)) for _ in range(count)]
    assert box.get("/v1/estado").status == 200  # answered after everything that was sent before it
    return raws


def finished(raws, body):
    with contextlib.ExitStack() as stack:
        for raw in raws:
            stack.callback(raw.close)
        return [raw.send(body).answer() for raw in raws]


def ask_of(nif, ip=None):
    return json.dumps({"nif": nif, "clave": CLAVE, **({"ip_usuario": ip} if ip else {})})


def rows(box, table):
    with contextlib.closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_refusal_after_a_reload_returns_the_token_to_its_client():
    body = ask_of(UNKNOWN, "192.0.2.1")
    with running(limits="cliente_por_segundo = 1 cliente_rafaga = 100 peticiones_ip_hora = 1") as (box, _):
        assert box.post(ASK, json.loads(body)).status == 202
        raws = begun(box, 90, body)
        own = box.token
        box.client("solicitar", "otra")
        box.token = own
        assert {status for status, _ in finished(raws, body)} == {429}
        assert {box.post(ASK, json.loads(ask_of(UNKNOWN, f"192.0.2.{i}"))).status for i in range(2, 82)} == {202}


def test_a_token_revoked_before_the_body_does_nothing():
    with running() as (box, sim):
        body = ask_of(NIF)
        raws = begun(box, 100, body)
        box.ctl("cliente", "revocar", "--nombre", "sede")
        answers = finished(raws, body)
        assert {(status, problem["type"]) for status, problem in answers} == {(401, "no_autenticado")}, answers[0]
        assert sim.inbox() == [] and rows(box, "requests") == 0


def test_a_token_that_expires_before_the_body_does_nothing():
    with running(clock=True) as (box, sim):
        body = ask_of(NIF)
        made = box.ctl("--json", "cliente", "crear", "--nombre", "breve", "--ambitos", "solicitar,tecnico",
                       "--caduca", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)))
        box.token = json.loads(made.stdout)["token"]
        raws = begun(box, 3, body)
        box.set_clock(2 * HOUR)
        assert {status for status, _ in finished(raws, body)} == {401}
        assert sim.inbox() == [] and rows(box, "requests") == 0
