# SPDX-License-Identifier: EUPL-1.2
"""/metrics: the format, who may read it, what is counted, and a dashboard that names nothing else."""

import json
import re

import prometheus
from box import CLAVE, NIF, ROOT, UnixConnection, code_of, eventually, running

NOBODY = "87654321X"
LIMITS = "cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0" \
    " sms_movil_dia = 0"
DASHBOARD = ROOT / "conf/grafana/contraclaved.json"


def scrape(box, **more):
    """As a client that may do nothing else; exact."""
    answer = box.get("/metrics", **more)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return prometheus.parse(answer.text)


def monitor(box):
    token = box.token
    box.client("metricas", "prometheus")
    found, box.token = box.token, token
    return found


def state_of(family, **labels):
    """The state of a state set; one, and only one, is 1."""
    assert set(family.samples.values()) <= {0, 1}
    on = [dict(k[1]) for k, v in family.samples.items() if v == 1 and labels.items() <= dict(k[1]).items()]
    assert len(on) == 1, on
    return on[0]


def test_a_contraclave_from_the_request_to_its_use():
    with running() as (box, sim):
        token = monitor(box)
        before = scrape(box, token=token)
        assert before["contraclaved_messages_total"].sum() == 0
        box.ask_pin()
        code = code_of(eventually(lambda: sim.inbox())[0])
        eventually(lambda: box.status()["cola"]["entregado"] == 1)
        box.verify("0000" if code != "0000" else "0001")
        box.verify(code)
        now = scrape(box, token=token)
        messages = now["contraclaved_messages_total"]
        assert {k: v for k, v in messages.samples.items() if v} == {
            ("contraclaved_messages_total", (("class", "contraclave"), ("outcome", outcome))): 1
            for outcome in ("enviado", "entregado")}, messages.samples
        for name in ("contraclaved_handover_seconds", "contraclaved_delivery_seconds"):
            assert now[name].value("_count") == 1 and now[name].value("_bucket", le="900") == 1, name
            assert now[name].value("_sum") < 900
        verified = now["contraclaved_verifications_total"]
        assert (verified.value(result="correcto"), verified.value(result="rechazado")) == (1, 1)
        assert now["contraclaved_modem_messages_total"].value(modem="principal", outcome="enviado") == 1
        assert state_of(now["contraclaved_verdict"]) == {"can": "si"}
        assert state_of(now["contraclaved_need"]) == {"need": "nada"}
        assert state_of(now["contraclaved_modem_state"], modem="principal")["state"] == "listo"
        assert now["contraclaved_finding"].samples == {}
        assert now["contraclaved_queue_messages"].sum() == 0
        assert now["contraclaved_modem_signal_dbm"].value(modem="principal") == box.status()["modems"][0]["senal_dbm"]
        requests = now["contraclaved_http_requests_total"]
        assert requests.value(method="POST", route="/v1/solicitudes", status="202") == 1
        assert requests.value(method="POST", route="/v1/verificaciones", status="200") == 2
        names = [line.rsplit(" ", 1)[0] for line in box.get("/metrics", token=token).text.splitlines()]
        for secret in (code, NIF, CLAVE, "600123123", box.token):  # in a measured value four digits come by chance
            assert not any(secret in name for name in names), secret


def test_a_fault_is_told_as_it_is():
    with running() as (box, sim):
        token = monitor(box)
        sim.stop()
        found = eventually(lambda: (scrape(box, token=token)["contraclaved_verdict"].value(can="si") == 0
                                    and scrape(box, token=token)))
        assert state_of(found["contraclaved_verdict"])["can"] in ("no", "por_ahora_no")
        finding = dict(next(iter(found["contraclaved_finding"].samples))[1])
        assert finding["modem"] == "principal" and finding["cause"] == box.status()["veredicto"]["causa"], finding


def test_the_queue_and_its_age():
    with running(clock=True, modem="ritmo_por_minuto = 1", limits=LIMITS) as (box, _):
        token = monitor(box)
        for _ in range(3):
            box.ask_pin()
        eventually(lambda: box.status()["cola"]["en_cola"] == 2)
        box.set_clock(90 * 1000)
        now = scrape(box, token=token)
        assert now["contraclaved_queue_messages"].value(**{"class": "contraclave"}) == 2
        assert 80 < now["contraclaved_queue_oldest_seconds"].value(**{"class": "contraclave"}) < 120


def test_who_may_read_it():
    with running(enrolled=False) as (box, _):
        assert scrape(box, token=None), "a program of this computer, without a token"
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            assert box.get("/metrics", token=None, headers={header: "192.0.2.7"}).status == 401, header
        for host, status in (("localhost:8024", 200), ("127.0.0.1", 200), ("[::1]:8024", 200), ("evil.example:8024", 401),
                             ("127.0.0.1.evil.example", 401)):  # a page of another site whose name leads here
            assert box.get("/metrics", token=None, headers={"Host": host}).status == status, host
        assert box.get("/metrics", token="x" * 43).status == 401, "a wrong token is not better than none"
        assert box.get("/metrics", token=None, headers={"Cookie": "contraclaved=x"}).status == 401
        for scopes, status in (("metricas", 200), ("tecnico", 200), ("admin", 200), ("solicitar,verificar", 403),
                               ("estado", 403)):
            box.client(scopes, scopes)
            assert box.get("/metrics").status == status, scopes
        assert box.request("POST", "/metrics", {}).status == 405
        assert box.request("HEAD", "/metrics", token=None).status == 200
        connection = UnixConnection(box.control)
        connection.request("GET", "/metrics")
        assert prometheus.parse(connection.getresponse().read().decode())
        connection.close()


def changing(box, **more):
    """What requests could change, as such a caller sees it."""
    page = box.get("/metrics", **more).text
    return [line for line in page.split("\n") if not re.match(r"contraclaved_http_requests_total|contraclaved_modem_s", line)]


def test_it_does_not_tell_whether_a_request_sent_a_message():
    with running(limits=LIMITS) as (box, _):
        box.client("solicitar,verificar,metricas", "curiosa")
        callers = [{"token": None}, {"token": box.token}]
        before = [changing(box, **caller) for caller in callers]
        assert not any("_seconds_sum" in line for page in before for line in page)
        for n in range(1, 10):
            box.ask_pin(NOBODY)
            box.ask_pin(NIF)
            assert [changing(box, **caller) for caller in callers] == before
            eventually(lambda: box.status()["cola"]["entregado"] == n)
            assert [changing(box, **caller) for caller in callers] == before, n
        exact = scrape(box, token=monitor(box))
        assert exact["contraclaved_messages_total"].value(**{"class": "contraclave", "outcome": "entregado"}) == 9


def test_a_route_that_is_not_there_is_no_row_of_its_own():
    with running(enrolled=False) as (box, _):
        rows = len(scrape(box)["contraclaved_http_requests_total"].samples)
        for n in range(50):
            assert box.get(f"/no-esta-{n}").status == 404
        requests = scrape(box, token=None)["contraclaved_http_requests_total"]
        assert len(requests.samples) <= rows + 3 and requests.value(method="", route="ninguna", status="404") == 50


def test_the_dashboard_names_only_what_there_is():
    dashboard = json.loads(DASHBOARD.read_text())
    named = set()
    for panel in dashboard["panels"]:
        assert panel["type"] == "row" or panel["targets"], panel["title"]
        for target in panel.get("targets", []):
            named |= set(re.findall(r"contraclaved_\w+", target["expr"]))
    with running(enrolled=False) as (box, _):
        families = scrape(box, token=monitor(box))
    known = {name + s for name, f in families.items() for s in prometheus.SUFFIXES.get(f.type, ("",))}
    assert named <= known, named - known
    assert {"contraclaved_verdict", "contraclaved_modem_signal_dbm", "contraclaved_delivery_seconds_bucket"} <= named
    positions = [tuple(p["gridPos"][k] for k in "xywh") for p in dashboard["panels"]]
    assert len(set(positions)) == len(positions) and all(x + w <= 24 for x, _, w, _ in positions)
    assert len({p["id"] for p in dashboard["panels"]}) == len(dashboard["panels"])
