# SPDX-License-Identifier: EUPL-1.2
"""Several boxes on one server: who does what is done once, what they tell of each other, and what a fail-over costs."""

import json
import re
import signal

from box import code_of, eventually, running
from boxes import joined, lookup, named, pass_all
from receivers import Webhook
from server import a_server, new_database

RUN = "la última anotación de la auditoría es"


def leaders(*boxes):
    return [name for name, one in lookup(boxes[0]).items() if one["tareas"]]


def runs(box):
    return box.program.log().count(RUN)


def causes(hook):
    return [(json.loads(body)["suceso"], json.loads(body)["causa"]) for _, body in hook.bodies]


def test_one_box_does_what_is_done_once():
    """Retention and alerts; when that box is killed, the other takes over."""
    hook = Webhook()
    alerts = f'avisos {{ webhook = "{hook.url}" webhook_secreto = "un secreto de prueba muy largo" tras_minutos = 1 }}'
    with a_server() as server, running(extra=named("alfa", alerts), address=new_database(server.address), clock=True) as (alfa, sim), \
            joined(alfa, "beta", alerts, clock=True) as (beta, _):
        both = [alfa, beta]
        pass_all(both, 3100)
        eventually(lambda: set(lookup(alfa)) == set(lookup(beta)) == {"alfa", "beta"})
        first, second = both if leaders(alfa) == ["alfa"] else reversed(both)
        assert leaders(alfa) == leaders(beta) and len(leaders(beta)) == 1
        pass_all(both, 62000)  # the night's run, which a box that was off then makes up for
        eventually(lambda: runs(first) == 1)
        assert first.ctl("retencion").returncode == 0 and runs(first) == 2
        told = second.ctl("retencion").stdout
        assert "el equipo que lleva las tareas comunes" in told, told
        pass_all(both, 62000)
        eventually(lambda: runs(first) == 3)
        assert runs(second) == 0 and not hook.bodies
        assert leaders(second) == ["alfa" if first is alfa else "beta"], "the lead stays where it is"
        alfa.stop(signal.SIGKILL)
        pass_all(both, 18000)
        eventually(lambda: leaders(beta) == ["beta"])
        assert lookup(beta)["alfa"]["ausente"] and "no da señales desde" in lookup(beta)["alfa"]["frase"]
        assert beta.get("/readyz", token=None).status == 503
        pass_all(both, 90000)
        eventually(lambda: causes(hook) == [("abierto", "ningun_equipo")])
        before = runs(beta)
        beta.ctl("retencion")
        assert runs(beta) == before + 1
        assert "equipos" in beta.ctl("diagnostico", check=False).stdout
        assert re.search(r"contraclaved_box_up{box=\"alfa\"} 0", beta.get("/metrics").text)
    hook.stop()
