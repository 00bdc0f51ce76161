# SPDX-License-Identifier: EUPL-1.2
"""Random acts on a registry by clerks at once, with the daemon killed among them: what is kept equals a reference model.

EDGES=100000 is a long run; `make check` runs fewer.
"""

import http.client
import json
import os
import random
import signal
import threading

from box import UnixConnection, eventually, running
from town import nif

ACTS = int(os.environ.get("EDGES", "4000"))
PEOPLE, CLERKS, KILLS = 200, 4, 3
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
LIMITS = "sms_movil_dia = 0"

# The reference model, DOMAIN 1: act: (from, to). "" = nobody.
MODEL = {
    "alta": {"": "activa", "baja": "activa"},
    "alta_pendiente": {"": "pendiente_movil", "baja": "pendiente_movil"},
    "suspension": {"activa": "suspendida"},
    "reactivacion": {"suspendida": "activa"},
    "movil": {"activa": "activa", "suspendida": "suspendida", "pendiente_movil": "pendiente_movil"},
    "movil_pendiente": {"activa": "pendiente_movil", "suspendida": "pendiente_movil", "pendiente_movil": "pendiente_movil"},
    "rectificacion": {"activa": "activa", "suspendida": "suspendida", "pendiente_movil": "pendiente_movil"},
    "renuncia": {"activa": "baja", "suspendida": "baja", "pendiente_movil": "baja"},
    "defuncion": {"activa": "baja", "suspendida": "baja", "pendiente_movil": "baja"},
    "anulacion": {"activa": "baja", "suspendida": "baja", "pendiente_movil": "baja"},
}
STATES = {"", "activa", "suspendida", "baja", "pendiente_movil"}
DRAWN = [*MODEL, "alta", "alta", "reactivacion"]  # who has left is of use to nobody
SHOWN = 100  # edges that a history shows


class Clerk(threading.Thread):
    """Tries acts on people chosen at random, with a reason that names each try; what has no answer may have been done or not."""

    def __init__(self, box, number, acts):
        super().__init__()
        self.box, self.number, self.acts = box, number, acts
        self.dice = random.Random(SEED * 31 + number)
        self.done, self.refused, self.unknown = set(), set(), set()
        self.trouble = None

    def run(self):
        try:
            connection = None
            for n in range(self.acts):
                connection = self.try_act(f"{self.number}-{n}", connection)
        except Exception as error:  # pylint: disable=broad-except  told by the test
            self.trouble = error

    def connect(self):
        """None while the daemon is away."""
        connection = UnixConnection(self.box.control)
        try:
            connection.connect()
        except OSError:
            return None
        return connection

    def try_act(self, name, connection):
        who, act = self.dice.randrange(PEOPLE), self.dice.choice(DRAWN)
        phone = f"+346{self.dice.randrange(10 ** 8):08}"
        is_alta = act.startswith("alta")
        path = "/v1/registro/ciudadanos" + ("" if is_alta else f"/{act.removesuffix('_pendiente')}")
        body = {"nif": nif(who), "instancia": name}
        body |= {"nombre": f"Ana {who % 7}", "movil": phone} if is_alta else {"motivo": "una prueba"}
        body |= {"codigo": ""} if act.endswith("_pendiente") else {}
        body |= {"movil": {"movil": phone}, "movil_pendiente": {"movil": phone}, "rectificacion": {"nombre": "Eva"}}.get(act, {})
        connection = connection or eventually(self.connect, 60)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.unknown.add(name)
            return None
        if answer.status in (200, 201):
            self.done.add(name)
        elif answer.status in (404, 409):
            self.refused.add(name)
        else:
            raise AssertionError((answer.status, text))
        return connection


def kill_again(box):
    box.stop(signal.SIGKILL)
    box.launch()
    box.wait("/healthz")


def check_person(box, who, edges):
    """The person's edges, oldest first, are legal, and lead to the state that is shown."""
    states = {""} if len(edges) < SHOWN else STATES
    for edge in edges:
        states = {MODEL[edge["acto"]][state] for state in states if state in MODEL[edge["acto"]]}
        assert states, (SEED, who, edge)
    found = box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": nif(who)})
    assert states == {found.json["estado"] if found.status == 200 else ""}, (SEED, who, states, found.text)


def history(box, who):
    answer = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": nif(who)})
    return list(reversed(answer.json["historia"])) if answer.status == 200 else []


def check_all(box, clerks):
    done, refused, unknown = (set().union(*(getattr(c, name) for c in clerks)) for name in ("done", "refused", "unknown"))
    names = []
    for who in range(PEOPLE):
        edges = history(box, who)
        check_person(box, who, edges)
        names += [edge["instancia"] for edge in edges]
    kept = box.rows("SELECT count(*) FROM life")[0][0]
    assert len(names) == len(set(names)), (SEED, "nothing is done twice")
    assert set(names) <= done | unknown and not refused & set(names), SEED
    assert len(done) <= kept <= len(done | unknown), (SEED, len(done), kept, len(unknown))
    assert kept > len(names) or done <= set(names), (SEED, done - set(names))
    told = dict(box.rows("SELECT event, count(*) FROM audit GROUP BY event"))
    assert sum(told.get(act, 0) for act in MODEL) == kept, (SEED, told, kept)
    assert len(done) > ACTS // 5 and len(refused) > ACTS // 5, (len(done), len(refused), len(unknown))


def test_random_acts_equal_the_model():
    with running(enrolled=False, limits=LIMITS) as (box, _):
        clerks = [Clerk(box, number, ACTS // CLERKS) for number in range(CLERKS)]
        kills = 0
        for clerk in clerks:
            clerk.start()
        while any(clerk.is_alive() for clerk in clerks):
            tried = sum(len(c.done) + len(c.refused) for c in clerks)
            if kills < KILLS and tried * (KILLS + 1) > ACTS * (kills + 1):
                kills += 1
                box.stop(signal.SIGKILL)
                box.start(ready=False)
            clerks[kills % CLERKS].join(0.01)
        for clerk in clerks:
            assert clerk.trouble is None, (SEED, clerk.trouble)
        assert kills == KILLS
        check_all(box, clerks)
