# SPDX-License-Identifier: EUPL-1.2
"""What is done with the id of a request: the same contraclave again, its cancellation, its status (DOMAIN 3, 5, 6)."""

import re
import signal
import time

from box import CLAVE, NIF, SLOW, code_of, eventually, running
from limited import DAY, HOUR, MINUTE, OTHER, REFUSED, UNKNOWN, code_at, limited, texts, wait_handed_over, wrong

INVENTED = "0123456789abcdef0123456789abcdef"
GAP = 60


def path(made):
    return f"/v1/solicitudes/{made if isinstance(made, str) else made['id']}"


def resend(box, made, key=None, **body):
    return box.post(path(made) + "/reenvio", body, headers={"Idempotency-Key": key} if key else None)


def cancel(box, made, **kw):
    return box.request("DELETE", path(made), **kw)


def status(box, made):
    answer = box.get(path(made))
    assert answer.status == 200, answer.text
    return answer.json["estado"]


def blanked(answer):
    """All that an answer shows, without the id."""
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "Date")
    return answer.status, headers, re.sub(r'"id":"[0-9a-f]{32}"', "", answer.text)


def audit(box, event):
    return [row[0] for row in box.rows("SELECT result FROM audit WHERE event = ? ORDER BY id", event)]


def sealed(box):
    """How many contraclaves are kept to be sent again."""
    return box.rows("SELECT count(*) FROM requests WHERE sealed IS NOT NULL")[0][0]


def test_the_same_contraclave_again():
    with limited(segundos_entre_peticiones=GAP) as (box, sim):
        made = box.ask_pin(idioma="eu")
        first = texts(sim, 1)[0]
        early = resend(box, made)
        assert (early.status, early.json["type"]) == (429, "rate_limited"), early.text
        assert 1 <= int(early.headers["Retry-After"]) <= GAP, str(early.headers)
        wait_handed_over(box)
        box.set_clock(61 * 1000)
        again = resend(box, made)
        assert again.status == 202, again.text
        assert {k: again.json[k] for k in ("id", "caduca", "caduca_local")} == {
            k: made[k] for k in ("id", "caduca", "caduca_local")}, again.text
        assert again.json["reenvio_desde"] > made["reenvio_desde"]
        assert texts(sim, 2) == [first, first], "the same text, in the same language"
        assert resend(box, made).status == 429, "each resend begins the wait anew"
        assert status(box, made) == "aceptada"
        assert box.verify(code_at(sim, 1))["resultado"] == "correcto"
        assert audit(box, "reenvio") == ["enviar"]


def test_it_counts_as_a_request():
    rows = [({"peticiones_nif_hora": 2}, "limite_hora"), ({"peticiones_nif_dia": 2}, "limite_dia"),
            ({"sms_movil_dia": 2}, "limite_movil")]
    for limits, token in rows:
        with limited(**limits) as (box, sim):
            made = box.ask_pin()
            wait_handed_over(box)  # one that still waits is taken back
            assert resend(box, made).status == 202 and box.sent() == 2, limits
            other = box.ask_pin(clave="1111")
            assert box.sent() == 2, "the resend has used up what was left"
            withheld = resend(box, made)
            assert withheld.status == 202 and box.sent() == 2, withheld.text
            assert resend(box, other).status == 202 and box.sent() == 2
            assert audit(box, "reenvio") == ["enviar", token, token], audit(box, "reenvio")
            codes = lambda: [code_of(m) for m in sim.inbox() if "contraclave" in m["text"]]
            assert len(set(eventually(lambda: len(codes()) >= 2 and codes()))) == 1


def test_a_request_after_a_resend_is_too_soon():
    with limited(segundos_entre_peticiones=GAP) as (box, _):
        made = box.ask_pin()
        wait_handed_over(box)
        box.set_clock(61 * 1000)
        assert resend(box, made).status == 202 and box.sent() == 2
        box.ask_pin(clave="1111")
        assert box.sent() == 2 and audit(box, "solicitud")[-1] == "demasiado_pronto"


def test_per_address():
    with limited(peticiones_ip_hora=2) as (box, _):
        made = box.ask_pin(ip_usuario="192.0.2.1")
        assert resend(box, made, ip_usuario="192.0.2.1").status == 202
        late = resend(box, made, ip_usuario="192.0.2.1")
        assert late.status == 429 and int(late.headers["Retry-After"]) >= 1, late.text
        assert resend(box, made, ip_usuario="192.0.2.2").status == 202
        bad = resend(box, made, ip_usuario="192.0.2")
        assert (bad.status, bad.json["type"], bad.json["campo"]) == (422, "ip_format", "ip_usuario"), bad.text


def test_an_id_does_not_tell_who_is_registered():
    with limited(segundos_entre_peticiones=GAP, fallos_seguidos_bloqueo=1) as (box, sim):
        box.enrol(*OTHER)
        box.ask_pin(nif=OTHER[0])
        assert box.verify(wrong(code_at(sim, 0)), nif=OTHER[0]) == REFUSED  # locked from now on
        made = {"sent": box.ask_pin(), "too soon": box.ask_pin(), "unknown": box.ask_pin(nif=UNKNOWN),
                "locked": box.ask_pin(nif=OTHER[0])}
        sent = box.sent()
        wait_handed_over(box)

        def same(act):
            answers = {name: act(each) for name, each in made.items()}
            shapes = {re.sub(r'\d\d:\d\d:\d\dZ|dentro de \d+ s|\(\'Retry-After\', \'\d+\'\)', "", str(blanked(a)))
                      for a in answers.values()}
            assert len(shapes) == 1, {k: blanked(a) for k, a in answers.items()}
            return answers["unknown"]
        ask = lambda each: box.get(path(each))
        assert same(ask).json["estado"] == "aceptada"
        assert same(lambda each: resend(box, each)).status == 429
        box.set_clock(62 * 1000)
        assert same(lambda each: resend(box, each)).status == 202 and box.sent() == sent + 1
        wait_handed_over(box)
        box.set_clock(2 * HOUR * 1000)  # what stood for a message is long forgotten, the ids are known
        assert same(ask).json["estado"] == "aceptada"
        assert same(lambda each: resend(box, each)).status == 202
        wait_handed_over(box)
        assert same(lambda each: cancel(box, each)).status == 204
        assert same(lambda each: cancel(box, each)).status == 204, "once more changes nothing"
        assert same(ask).json["estado"] == "caducada"
        over = same(lambda each: resend(box, each))
        assert (over.status, over.json["type"]) == (409, "request_over"), over.text
        box.set_clock(2 * DAY * 1000)
        assert same(ask).status == 404, "an hour after its end no id is known"


def test_wrong_tries_and_newer_requests_do_not_show():
    """An unknown NIF has neither: who may tell them from the status could tell who is registered."""
    with limited(vivas_por_nif=1, intentos_por_peticion=1) as (box, sim):
        tried = box.ask_pin()
        assert box.verify(wrong(code_at(sim, 0))) == REFUSED
        assert status(box, tried) == "aceptada" and resend(box, tried).status == 202 and box.sent() == 1
        replaced = box.ask_pin()
        box.ask_pin()
        assert status(box, replaced) == "aceptada" and resend(box, replaced).status == 202 and box.sent() == 3
        assert audit(box, "reenvio") == ["anulada", "anulada"]


def test_only_who_asked_may_use_the_id():
    with limited() as (box, _):
        made = box.ask_pin()
        mine = box.token
        box.client("solicitar", "otra sede")
        acts = [lambda each: resend(box, each), lambda each: cancel(box, each), lambda each: box.get(path(each))]
        for each in (made, INVENTED, made["id"].upper(), made["id"][:-1], made["id"] + "0", "%00", "x"):
            for number, act in enumerate(acts):
                answer = act(each)
                assert (answer.status, answer.json["type"]) == (404, "not_found"), (each, number, answer.text)
        box.client("verificar", "tercera")
        assert [act(made).status for act in acts] == [403] * 3
        box.token = mine
        assert status(box, made) == "aceptada" and box.sent() == 1
        assert box.post(path(made), {}).status == 405 and box.get(path(made) + "/reenvio").status == 405


def test_a_cancelled_contraclave_is_dead():
    with limited() as (box, sim):
        made = box.ask_pin()
        code = code_at(sim, 0)
        kept = box.ask_pin(clave="1111")
        answer = cancel(box, made)
        assert (answer.status, answer.text) == (204, "") and "Content-Type" not in answer.headers, str(answer.headers)
        assert box.verify(code) == REFUSED and status(box, made) == "caducada"
        assert box.verify(code_at(sim, 1), clave="1111")["resultado"] == "correcto" and status(box, kept) == "aceptada"
        assert audit(box, "cancelacion") == ["correcto"]
        reference, = box.rows("SELECT reference FROM audit WHERE event = 'cancelacion'")[0]
        assert (reference,) in box.rows("SELECT reference FROM audit WHERE event = 'solicitud'")


def test_what_still_waits_is_not_sent():
    with limited() as (box, sim):
        box.ctl("envios", "pausar", "--motivo", "prueba")
        gone, kept = box.ask_pin(), box.ask_pin(clave="1111")
        assert resend(box, kept).status == 202  # takes the place of the first: one SMS, not two
        assert cancel(box, gone).status == 204
        box.ctl("envios", "reanudar")
        assert box.verify(code_at(sim, 0), clave="1111")["resultado"] == "correcto"
        box.ask_pin(clave="2222")
        assert box.verify(code_at(sim, 1), clave="2222")["resultado"] == "correcto"
        wait_handed_over(box)
        assert len(sim.inbox()) == 2
        assert box.rows("SELECT count(*) FROM outbox WHERE state = 7 AND text IS NULL") == [(2,)]


def test_nor_what_waits_behind_another():
    """A message is claimed for its modem while another is being sent."""
    with running(options=("--cmgs-latency", "15"), limits="segundos_entre_peticiones = 0", clock=True, true_network=True) as (box, sim):
        box.ask_pin()
        eventually(lambda: sim.events("submit") or box.rows("SELECT 1 FROM outbox WHERE state = 1"))
        gone = box.ask_pin(clave="1111")
        eventually(lambda: len(box.rows("SELECT 1 FROM outbox WHERE state = 1")) == 2)
        assert cancel(box, gone).status == 204
        assert len(box.rows("SELECT 1 FROM outbox WHERE state = 1")) == 2, "the first is still being sent"
        eventually(lambda: box.rows("SELECT 1 FROM outbox WHERE state = 7 AND text IS NULL")
                   or box.clocks["mono"] < 90_000 and box.pass_time(500), 90)
        assert box.verify(code_of(sim.inbox()[0]))["resultado"] == "correcto" and len(sim.events("submit")) == 1


def test_a_retried_resend_sends_once():
    with limited() as (box, sim):
        made = box.ask_pin()
        answers = [resend(box, made, key="a") for _ in range(3)]
        assert len({a.text for a in answers}) == 1 and box.sent() == 2, [a.text for a in answers]
        assert answers[2].headers["Idempotency-Replayed"] == "true"
        box.stop(signal.SIGKILL)
        box.start()
        assert resend(box, made, key="a").text == answers[0].text and box.sent() == 2, "known after a crash too"
        other = resend(box, box.ask_pin(clave="1111"), key="a")
        assert (other.status, other.json["type"]) == (422, "idempotency_reused"), other.text
        gone = [cancel(box, made, headers={"Idempotency-Key": "b"}) for _ in range(2)]
        assert [(a.status, a.text) for a in gone] == [(204, "")] * 2
        assert gone[1].headers["Idempotency-Replayed"] == "true" and audit(box, "cancelacion") == ["correcto"]
        refused = [resend(box, made, key="c").status, resend(box, INVENTED, key="c").status]
        assert refused == [409, 404], "a refused one leaves its key free"


def test_kill_9_behind_each_answer():
    with limited(extra=f"espera_informe_s = {SLOW}") as (box, sim):
        made = box.ask_pin()
        code = code_at(sim, 0)
        for turn in range(4):
            wait_handed_over(box)
            before = len(sim.inbox())
            assert resend(box, made).status == 202
            box.stop(signal.SIGKILL)
            assert box.rows("SELECT max(resent_ms) > 0 FROM requests") == [(1,)], "durable before it was answered"
            box.start()
            eventually(lambda: len(sim.inbox()) > before, 90)
            assert {code_of(m) for m in sim.inbox()} == {code}, turn
        assert cancel(box, made).status == 204
        box.stop(signal.SIGKILL)
        box.start()
        assert box.verify(code) == REFUSED and status(box, made) == "caducada"


def test_a_contraclave_is_erased_with_its_end():
    with limited(usos_por_peticion=1, vivas_por_nif=2) as (box, sim):
        used = box.ask_pin()
        assert sealed(box) == 1
        assert box.verify(code_at(sim, 0))["resultado"] == "correcto"
        assert sealed(box) == 0 and status(box, used) == "caducada", "used up"
        cancel(box, box.ask_pin())
        assert sealed(box) == 0, "cancelled"
        for clave in ("1111", "2222", "3333"):
            box.ask_pin(clave=clave)
        assert sealed(box) == 2, "replaced"
        act = {"nif": NIF, "motivo": "perdió el móvil"}
        assert box.control_request("POST", "/v1/registro/ciudadanos/suspension", act).status == 200
        assert sealed(box) == 0, "suspended"
        box.ask_pin(nif=UNKNOWN)
        assert sealed(box) == 1, "a withheld one as well"
    with limited(intentos_por_peticion=1) as (box, sim):
        box.ask_pin()
        assert box.verify(wrong(code_at(sim, 0))) == REFUSED and sealed(box) == 0, "its tries used up"
    with limited(clock=True) as (box, _):
        box.ask_pin()
        wait_handed_over(box)
        kept, = box.rows("SELECT sealed FROM requests")[0]
        assert kept in b"".join(p.read_bytes() for p in box.folder.iterdir() if p.name.startswith(box.database.name))
        box.pass_time(DAY * 1000 + 3 * HOUR * 1000)
        eventually(lambda: sealed(box) == 0 or box.pass_time(MINUTE * 1000))
        box.stop()
        assert kept not in b"".join(p.read_bytes() for p in box.folder.iterdir() if p.name.startswith(box.database.name))


def test_a_clock_that_is_not_believed():
    with limited() as (box, _):
        made = box.ask_pin()
        wait_handed_over(box)
        box.set_clock(HOUR * 1000)
        assert status(box, made) == "aceptada"
        box.ask_pin()
        box.set_clock(0)
        for answer in (resend(box, made), cancel(box, made), box.get(path(made))):
            assert (answer.status, answer.json["type"]) == (503, "clock_unreliable"), answer.text
