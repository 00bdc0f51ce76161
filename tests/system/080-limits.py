# SPDX-License-Identifier: EUPL-1.2
"""The limits that carry the safety of four digits, and what an asker may learn from them: nothing."""

import concurrent.futures
import http.client
import json
import re
import signal
import statistics
import time

from box import CLAVE, NIF, SLOW, WRAP, eventually
from limited import DAY, HOUR, OTHER, REFUSED, UNKNOWN, code_at, limited, messages, wait_handed_over, wrong

ALONE = ("test_nor_does_the_time_it_takes",)

# limit, its value, and then: at which second a request is made, and how many messages there are after it
REQUEST_ROWS = [
    ("segundos_entre_peticiones", 60, [(0, 1), (1, 1), (57, 1), (61, 2), (62, 2)]),
    ("peticiones_nif_hora", 3, [(0, 1), (0, 2), (0, 3), (0, 3), (HOUR - 5, 3), (HOUR + 5, 4)]),
    ("peticiones_nif_dia", 2, [(0, 1), (0, 2), (0, 2), (2 * HOUR, 2), (DAY - 5, 2), (DAY + 5, 3)]),
    ("vivas_por_nif", 2, [(0, 1), (0, 2), (0, 3), (60, 4), (27 * HOUR, 5)]),  # withholds nothing
    ("sms_movil_dia", 2, [(0, 1), (0, 2), (0, 2), (DAY - 5, 2), (DAY + 5, 3)]),
]


def test_requests_per_citizen():
    for key, value, steps in REQUEST_ROWS:
        with limited(**{key: value}) as (box, _):
            keys = set()
            for second, expected in steps:
                box.set_clock(second * 1000)
                keys.add(tuple(box.ask_pin()))
                sent = box.sent()
                assert sent == expected, (key, second, sent, expected)
            assert len(keys) == 1, (key, keys)


def test_a_new_code_leaves_the_others_alive():
    with limited(vivas_por_nif=3) as (box, sim):
        for clave in ("1111", "2222", "3333"):
            box.ask_pin(clave=clave)
        codes = [code_at(sim, i) for i in range(3)]
        for clave, code in zip(("1111", "2222", "3333"), codes):
            assert box.verify(code, clave=clave)["resultado"] == "correcto", clave


def test_uses_and_tries_of_one_code():
    with limited(usos_por_peticion=3, intentos_por_peticion=1) as (box, sim):
        box.ask_pin()
        first = code_at(sim, 0)
        assert [box.verify(first)["resultado"] for _ in range(4)] == ["correcto"] * 3 + ["rechazado"]
        box.ask_pin(clave="1111")
        second = code_at(sim, 1)
        assert box.verify(wrong(second), clave="1111") == REFUSED
        assert box.verify(second, clave="1111") == REFUSED, "one wrong try was all it had"


def test_who_opens_a_request_burns_his_own_tries():
    with limited(intentos_por_peticion=3) as (box, sim):
        box.ask_pin()
        right = code_at(sim, 0)
        box.ask_pin(clave="6666")
        for _ in range(5):
            assert box.verify(wrong(code_at(sim, 1)), clave="6666") == REFUSED
        assert box.verify(right)["resultado"] == "correcto"


def check_429(answer, row):
    assert answer.status == 429 and answer.json["type"] == "rate_limited", (row, answer.status, answer.text)
    assert int(answer.headers["Retry-After"]) >= 1, (row, str(answer.headers))
    assert "campo" not in answer.json, (row, answer.text)


def test_failures_per_address():
    def attempt(contraclave, ip, clave=CLAVE):
        body = {"nif": NIF, "clave": clave, "contraclave": contraclave, **({"ip_usuario": ip} if ip else {})}
        return box.post("/v1/verificaciones", body)

    with limited(fallos_ip_hora=2) as (box, sim):
        box.ask_pin()
        bad = wrong(code_at(sim, 0))
        for first, second, same in (("192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1"),
                                    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::77")):
            for _ in range(5):
                assert attempt(bad, first, "9999").json == REFUSED, "not compared: no failure"
            assert [attempt(bad, ip).json for ip in (first, second)] == [REFUSED] * 2
            check_429(attempt(bad, same), same)
        for ip in ("192.0.2.2", "2001:db8:1:3::1", None, None, None):
            assert attempt(bad, ip).json == REFUSED, ip
        box.set_clock((HOUR + 5) * 1000)
        assert attempt(bad, "192.0.2.1").json == REFUSED


def test_requests_per_address():
    def attempt(nif, ip):
        return box.post("/v1/solicitudes", {"nif": nif, "clave": CLAVE, "ip_usuario": ip})

    with limited(peticiones_ip_hora=2) as (box, _):
        assert [attempt(nif, "192.0.2.1").status for nif in (NIF, UNKNOWN)] == [202, 202]
        for nif in (NIF, UNKNOWN):
            check_429(attempt(nif, "192.0.2.1"), nif)
        assert messages(box) == 1 and attempt(NIF, "192.0.2.2").status == 202
        box.ask_pin()
        box.set_clock((HOUR + 5) * 1000)
        assert attempt(NIF, "192.0.2.1").status == 202


def test_calls_per_client():
    with limited(clock=False, cliente_por_segundo=1, cliente_rafaga=5) as (box, _):
        first = box.token
        box.client("tecnico", "otro")
        answers = [box.get("/v1/estado", token=first) for _ in range(12)]
        assert answers[0].status == 200, "under the burst"
        check_429(answers[-1], "over it")
        assert box.get("/v1/estado").status == 200, "another client has a bucket of its own"
        assert box.get("/healthz", token=None).status == 200
        eventually(lambda: box.get("/v1/estado", token=first).status == 200, 2)


def shape(answer):
    """All that an answer shows, with what may differ between two requests blanked."""
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "Date")
    return answer.status, headers, re.sub(r'"id":"[0-9a-f]{32}"|"reenvio_desde":"[^"]{20}"', "", answer.text)


def test_an_answer_does_not_tell_who_is_registered():
    with limited(fallos_seguidos_bloqueo=2, segundos_entre_peticiones=60) as (box, sim):
        box.enrol(*OTHER)
        asked = {"sent": box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})}
        right = code_at(sim, 0)
        asked["too soon"] = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
        asked["unknown"] = box.post("/v1/solicitudes", {"nif": UNKNOWN, "clave": CLAVE})
        refused = {"wrong": box.post("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": wrong(right)}),
                   "other clave": box.post("/v1/verificaciones", {"nif": NIF, "clave": "9999", "contraclave": right}),
                   "no request": box.post("/v1/verificaciones", {"nif": OTHER[0], "clave": CLAVE, "contraclave": right}),
                   "unknown": box.post("/v1/verificaciones", {"nif": UNKNOWN, "clave": CLAVE, "contraclave": right})}
        box.verify(wrong(right))  # the second: locked
        asked["locked"] = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
        refused["locked"] = box.post("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": right})
        for answers in (asked, refused):
            assert len({str(shape(a)) for a in answers.values()}) == 1, {k: shape(a) for k, a in answers.items()}
        assert asked["unknown"].status == 202
        assert list(asked["unknown"].json) == ["id", "caduca", "caduca_local", "reenvio_desde", "pide_contraste"]
        assert refused["unknown"].json == REFUSED
        assert len({a.json["id"] for a in asked.values()}) == len(asked)


def test_a_town_may_choose_to_tell():
    with limited(extra="revelar_alta = si") as (box, _):
        answer = box.post("/v1/solicitudes", {"nif": UNKNOWN, "clave": CLAVE})
        assert answer.status == 404 and answer.json["type"] == "not_found", answer.text
        assert box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202


def test_an_answer_leaves_on_a_step_whatever_was_found():
    """2 ms after the request, or a multiple of that: a registered NIF, an unknown one, a right code and a wrong one."""
    def took(send):
        began = time.monotonic()
        assert send().status in (200, 202)
        return time.monotonic() - began

    with limited() as (box, sim):
        box.ask_pin()
        code = code_at(sim, 0)
        for nif, contraclave in ((NIF, code), (NIF, wrong(code)), (UNKNOWN, code)):
            body = {"nif": nif, "clave": CLAVE, "contraclave": contraclave}
            assert min(took(lambda: box.post("/v1/verificaciones", body)) for _ in range(5)) >= 0.002, nif
            assert min(took(lambda: box.post("/v1/solicitudes", {"nif": nif, "clave": CLAVE})) for _ in range(5)) >= 0.002, nif


def test_nor_does_the_time_it_takes():
    count = 15 if WRAP else 150
    with limited(clock=False) as (box, _):
        connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20 * SLOW)
        headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "application/json"}
        bodies = {"/v1/solicitudes": {"clave": CLAVE}, "/v1/verificaciones": {"clave": CLAVE, "contraclave": "0000"}}
        for path, rest in bodies.items():
            took = {NIF: [], UNKNOWN: []}
            for _ in range(count):
                for nif, times in took.items():
                    started = time.perf_counter()
                    connection.request("POST", path, json.dumps({"nif": nif, **rest}), headers)
                    connection.getresponse().read()
                    times.append(time.perf_counter() - started)
            known, unknown = (statistics.median(times) * 1e6 for times in took.values())
            print(f"{path}: registered {known:.0f} us, unknown {unknown:.0f} us")
            assert known < 2 * unknown and unknown < 2 * known, (path, known, unknown)
        connection.close()


def test_a_retried_request_sends_one_message():
    def post(path="/v1/solicitudes", key="a-1", token="", **changes):
        return box.post(path, {"nif": NIF, "clave": CLAVE, **changes}, headers={"Idempotency-Key": key}, token=token)

    with limited() as (box, sim):
        first, again = post(), post()
        assert first.status == again.status == 202 and first.text == again.text
        assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
        box.stop(signal.SIGKILL)
        box.start()
        assert post().text == first.text, "known after a crash too"
        for path, changes in (("/v1/solicitudes", {"clave": "1111"}), ("/v1/verificaciones", {"contraclave": "0000"})):
            answer = post(path, **changes)
            assert (answer.status, answer.json["type"]) == (422, "idempotency_reused"), answer.text
        for key, kind in (("", "idempotency_key_format"), ("a b", "idempotency_key_format"), ("x" * 129, "idempotency_key_format"),
                          ("clave-\u00f1", "idempotency_key_format"), ("\x7f", "header_format")):
            answer = post(key=key)
            assert (answer.status, answer.json["type"]) == (400, kind), (key, answer.text)
        assert messages(box) == 1
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            at_once = list(pool.map(lambda _: post(key="b-2"), range(8)))
        assert len({a.text for a in at_once}) == 1 and messages(box) == 2
        own = box.token
        box.client("solicitar", "otra sede")
        assert post(key="b-2").json["id"] != at_once[0].json["id"], "a key is its client's"
        box.token = own
        assert post(key="c-3", clave="1").status == 422
        assert post(key="c-3").status == 202, "a refused request leaves its key free"
        wait_handed_over(box)
        box.set_clock((DAY + 60) * 1000)
        assert post().json["id"] != first.json["id"], "and after a day it is free again"
        assert messages(box) == 5


def test_a_retried_verification_counts_once():
    with limited(intentos_por_peticion=2) as (box, sim):
        box.ask_pin()
        right = code_at(sim, 0)
        body = {"nif": NIF, "clave": CLAVE, "contraclave": wrong(right)}
        for _ in range(5):
            assert box.post("/v1/verificaciones", body, headers={"Idempotency-Key": "x"}).json == REFUSED
        assert box.verify(right)["resultado"] == "correcto"
        enrol = {"nif": OTHER[0], "nombre": OTHER[1], "movil": OTHER[2]}
        for _ in range(2):
            assert box.post("/v1/registro/ciudadanos", enrol, headers={"Idempotency-Key": "y"}).status == 201


def test_a_clock_that_went_back_is_not_believed():
    def refused(box):
        answers = [box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}),
                   box.post("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": code})]
        return [(a.status, a.json.get("type")) for a in answers] == [(503, "clock_unreliable")] * 2

    with limited() as (box, sim):
        box.ask_pin()
        code = code_at(sim, 0)
        box.set_clock(HOUR * 1000)
        box.ask_pin()
        box.set_clock((HOUR - 1) * 1000)
        assert box.verify(code)["resultado"] == "correcto", "a second back is NTP at work"
        box.set_clock(0)
        assert refused(box) and box.status()["reloj_fiable"] is False
        box.stop()
        box.start(ready=False)
        assert refused(box), "a box without a clock, after a power cut"
        assert box.get("/readyz").json["type"] == "clock_unreliable"
        assert messages(box) == 2 and box.get("/healthz").status == 200
        box.set_clock((HOUR + 1) * 1000)
        assert box.status()["reloj_fiable"] is True
        assert box.verify(code)["resultado"] == "correcto"


def test_a_clock_that_jumped_ahead_can_be_accepted_again():
    with limited() as (box, sim):
        box.set_clock(3650 * DAY * 1000)
        box.ask_pin(UNKNOWN)
        box.set_clock(0)
        answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
        assert answer.status == 503 and "contraclavectl reloj aceptar" in answer.json["title"], answer.text
        assert "Hora aceptada" in box.ctl("reloj", "aceptar").stdout
        box.ask_pin()
        assert box.verify(code_at(sim, 0))["resultado"] == "correcto"


def test_an_expired_code_is_no_longer_compared():
    with limited(intentos_por_peticion=3) as (box, sim):
        box.ask_pin()
        right = code_at(sim, 0)
        box.set_clock((DAY + 12 * HOUR) * 1000)
        for code in (wrong(right), right):
            assert box.verify(code) == REFUSED
        assert box.failures() == [], "nothing was compared"


def test_one_user_s_ip_does_not_use_up_the_sede_s_requests():
    with limited(peticiones_ip_hora=1, cliente_por_segundo=1, cliente_rafaga=40) as (box, sim):
        ask = {"nif": NIF, "clave": CLAVE, "ip_usuario": "192.0.2.7"}
        assert box.post("/v1/solicitudes", ask).status == 202
        for _ in range(60):
            assert box.post("/v1/solicitudes", ask).status == 429
        assert box.post("/v1/solicitudes", {**ask, "ip_usuario": "192.0.2.8"}).status == 202
