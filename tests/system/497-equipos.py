# SPDX-License-Identifier: EUPL-1.2
"""Several boxes on one server: who does what is done once, what they tell of each other, and what a fail-over costs."""

import json
import re
import signal

from box import code_of, eventually, running
from boxes import joined, lookup, named, pass_all
from receivers import Webhook
from server import a_server, new_database
from town import NO_LIMITS, ask, enrol, modem_of

SLOW_PACE = ("test_one_box_does_what_is_done_once",)
RUN = "la última anotación de la auditoría es"


def leaders(*boxes):
    return [name for name, one in lookup(boxes[0]).items() if one["tareas"]]


def runs(box):
    return box.program.log().count(RUN)


def reach(boxes, wanted):
    """Time passes until they have had so many runs together; each of a minute's looks begins one at most."""
    eventually(lambda: sum(map(runs, boxes)) == wanted or pass_all(boxes, 3000), 90)
    pass_all(boxes, 3000)
    assert sum(map(runs, boxes)) == wanted


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
        assert leaders(alfa) == leaders(beta) and len(leaders(beta)) == 1
        reach(both, 1)  # the night's run, which a box that was off then makes up for
        told = [box.ctl("retencion").stdout for box in (both if leaders(alfa) == ["alfa"] else both[::-1])]
        assert sum("el equipo que lleva las tareas comunes" in one and "busca --suceso retencion" in one for one in told) == 1, told
        reach(both, 3)
        assert not hook.bodies
        alfa.stop(signal.SIGKILL)

        def taken_over():
            now = leaders(beta)
            assert len(now) <= 1, "also while alfa's last word in the database is that it leads"
            return now == ["beta"] and lookup(beta)["alfa"]["ausente"]

        eventually(lambda: taken_over() or pass_all(both, 3000), 60)
        assert "no da señales desde" in lookup(beta)["alfa"]["frase"]
        assert beta.get("/readyz", token=None).status == 503
        eventually(lambda: causes(hook) or pass_all(both, 3000), 90)
        assert causes(hook) == [("abierto", "ningun_equipo")]
        before = runs(beta)
        beta.ctl("retencion")
        eventually(lambda: runs(beta) == before + 1)
        assert "equipos" in beta.ctl("diagnostico", check=False).stdout
        assert re.search(r"contraclaved_box_up{box=\"alfa\"} 0", beta.get("/metrics").text)
    hook.stop()


def test_a_modem_that_gets_ready_is_told_at_once():
    """Not with the next beat: another box would take over what this one is asked for meanwhile."""
    with a_server() as server, running(extra=named("alfa"), address=new_database(server.address), clock=True, enrolled=False,
                                       limits=NO_LIMITS) as (alfa, _), \
            joined(alfa, "beta", "", True, ("--cmgs-latency", "30"), clock=True, limits=NO_LIMITS) as (beta, _):
        enrol(alfa, range(5))
        eventually(lambda: modem_of(beta)["listo"], every=0.02)
        ask(beta, range(5))
        eventually(lambda: alfa.rows("SELECT count(*) FROM outbox WHERE state = 1") == [(2,)])  # of more that wait, alfa takes a share
        pass_all([alfa], 3100)
        assert alfa.rows("SELECT DISTINCT box FROM outbox") == [("beta",)]


def test_a_client_is_the_same_at_each_box():
    """A token that is made, changed or taken away at one box: the others, whose time stands still here, know it before they
    write anything for it, and with their next beat."""
    with a_server() as server, running(extra=named("alfa"), address=new_database(server.address), clock=True) as (alfa, _), \
            joined(alfa, "beta", clock=True) as (beta, _):
        def asked(token):
            return beta.request("POST", "/v1/solicitudes", {"nif": "87654321X", "clave": "1357"}, token=token).status

        pass_all([beta], 100)
        token = alfa.ctl("cliente", "crear", "--nombre", "otra", "--ambitos", "solicitar").stdout.split()[-1]
        eventually(lambda: asked(token) == 202 or pass_all([beta], 500))
        before = beta.rows("SELECT count(*) FROM audit WHERE event = 'solicitud'")
        for how in (["rota", "--ya"], ["revocar"]):
            said = alfa.ctl("cliente", how[0], "--nombre", "otra", *how[1:]).stdout
            assert [asked(token), asked(token)] == [401, 401], "also the first one, which was begun with an old list"
            assert beta.rows("SELECT count(*) FROM audit WHERE event = 'solicitud'") == before, "nothing is left of it"
            token = said.splitlines()[1] if how[0] == "rota" else None
        token = alfa.ctl("cliente", "crear", "--nombre", "tercera", "--ambitos", "estado").stdout.split()[-1]
        eventually(lambda: beta.get("/v1", token=token).status == 200 or pass_all([beta], 500))
        alfa.ctl("cliente", "revocar", "--nombre", "tercera")
        eventually(lambda: beta.get("/v1", token=token).status == 401 or pass_all([beta], 500), 20)


def test_a_pause_is_one_of_all_boxes():
    """What a box may not send, another would take over: a pause at one holds for all, and ends at any."""
    with a_server() as server, running(extra=named("alfa"), address=new_database(server.address), clock=True, limits=NO_LIMITS) as (alfa, sim), \
            joined(alfa, "beta", "", True, clock=True, limits=NO_LIMITS) as (beta, other):
        both = [alfa, beta]
        told = lambda box: box.ctl("estado").stdout.splitlines()[0]
        eventually(lambda: modem_of(beta)["listo"])
        alfa.ctl("envios", "pausar", "--motivo", "otro texto")
        eventually(lambda: "en pausa" in told(beta) or pass_all(both, 500))
        beta.ask_pin()
        for _ in range(40):
            pass_all(both, 500)  # no more at once than an answer of the server may take
        assert not sim.inbox() and not other.inbox(), "nobody has taken it over"
        assert beta.ctl("envios", "reanudar").stdout == "Envíos reanudados.\n"
        eventually(lambda: "en pausa" not in told(alfa) or pass_all(both, 500))
        eventually(lambda: sim.inbox() or other.inbox() or pass_all(both, 500))
        assert "desde otro equipo" in alfa.program.log() and "los ha parado, en otro equipo" in beta.program.log()
