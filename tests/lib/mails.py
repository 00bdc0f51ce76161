# SPDX-License-Identifier: EUPL-1.2
"""A box that sends mails, the server that takes them, and what is in them."""

import contextlib
import re
import time

from altas import FORM, form
from box import NIF, eventually, patience
from receivers import MailServer

TOWN, ANA = "registro@example.org", "ana@example.com"
LINK = "https://sede.example.org/correo?prueba="
MINUTE, HOUR = 60 * 1000, 3600 * 1000


def by(port, security="ninguna", more="", others="", bounces=""):
    return f'{FORM} {others} avisos {{ remitente = "caja@example.org" smtp_servidor = "127.0.0.1:{port}"' \
        f' smtp_seguridad = "{security}" {more} }} correo {{ ayuntamiento = "{TOWN}" enlace = "{LINK}" rebotes = "{bounces}" }}'


@contextlib.contextmanager
def mailing(how=None, server=None, **more):
    server = server or MailServer(how)
    try:
        with form(extra=by(server.port, **more), clock=True, true_network=True, limits="sms_movil_dia = 0 cliente_por_segundo = 0") as (box, sim):
            box.client("alta,solicitar,verificar,registro", "portal")
            yield box, sim, server
    finally:
        server.stop()


def write(box, address, nif=NIF):
    return box.control_request("POST", "/v1/registro/ciudadanos/correo", {"nif": nif, "correo": address})


def found(box, nif=NIF):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": nif}).json


def states(box):
    return [row[0] for row in box.rows("SELECT state FROM mails ORDER BY id")]


def body(mail, kind="plain"):
    return mail.get_body((kind,)).get_content()


def token_of(mail):
    return re.search(re.escape(LINK) + r"(\S+)", body(mail))[1]


def to(server, address):
    return [m for m in server.mails if m.envelope == [address]]


def is_at_rest(box):
    """Nothing is being sent, nor due."""
    now_ms = time.time() * 1000 + box.clocks["wall"]
    return not box.rows("SELECT 1 FROM mails WHERE done_ms = 0 AND (state = 1 OR not_before_ms <= ?)", now_ms)


def is_left_alone(box):
    """Nothing is being sent, nor begun for a moment: the daemon waits before it calls the server again."""
    def look():
        return box.rows("SELECT coalesce(sum(attempts), 0) AS attempts, coalesce(max(CASE state WHEN 1 THEN 1 ELSE 0 END), 0) AS state FROM mails")[0]
    before = look()
    return before[1] == 0 and not time.sleep(0.005 * patience()) and look() == before


def pass_until(box, check, step=MINUTE, limit=90):
    """Time passes until check(), but not while a mail is being sent, for which it would be too long."""
    for _ in range(limit):
        if check():
            return
        box.pass_time(step)
        eventually(lambda: check() or is_at_rest(box) or is_left_alone(box))
    assert check(), f"{states(box)} {box.program.log()}"


def settled(box):
    """Nothing is being sent."""
    return eventually(lambda: 1 not in states(box) and states(box))
