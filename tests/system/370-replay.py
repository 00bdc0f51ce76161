# SPDX-License-Identifier: EUPL-1.2
"""Idempotency-Key on a verification: a kept "correcto" is given only as long as it would be one."""

import concurrent.futures
import signal

from box import CLAVE, NAME, NIF, code_of, eventually, needs_file, running

HOUR, DAY = 3600, 86400
REFUSED = {"resultado": "rechazado"}
KEYS = "segundos_entre_peticiones peticiones_nif_hora peticiones_nif_dia sms_movil_dia cliente_por_segundo".split()


def relaxed(**on):
    limits = {**{key: 0 for key in KEYS}, **on}
    return running(clock=True, limits=" ".join(f"{k} = {v}" for k, v in limits.items()))


def enter(box, code, key="k-1", **changes):
    body = {"nif": NIF, "clave": CLAVE, "contraclave": code, **changes}
    return box.post("/v1/verificaciones", body, headers={"Idempotency-Key": key})


def ask(box, sim, clave=CLAVE):
    before = len(sim.inbox())
    box.ask_pin(clave=clave)
    return code_of(eventually(lambda: sim.inbox()[before:])[0])


def is_replay(answer, first):
    return answer.text == first.text and answer.headers.get("Idempotency-Replayed") == "true"


def refused(answer):
    return answer.status == 200 and answer.json == REFUSED


def test_a_replay_is_the_same_answer_and_no_second_use():
    with relaxed(usos_por_peticion=2) as (box, sim):
        code = ask(box, sim)
        first = enter(box, code)
        assert first.json["resultado"] == "correcto" and "Idempotency-Replayed" not in first.headers
        assert all(is_replay(enter(box, code), first) for _ in range(5)), "five retries are no five uses"
        box.stop(signal.SIGKILL)
        box.start()
        assert is_replay(enter(box, code), first)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert all(is_replay(a, first) for a in pool.map(lambda _: enter(box, code), range(16)))
        changed = enter(box, f"{(int(code) + 1) % 10000:04d}")
        assert (changed.status, changed.json["type"]) == (422, "idempotency_reused"), changed.text
        assert enter(box, code, "k-2").json["resultado"] == "correcto", "the second use was still there"
        assert refused(enter(box, code)), "no use is left"


def test_a_replay_of_a_code_of_one_use():
    with relaxed(usos_por_peticion=1) as (box, sim):
        code = ask(box, sim)
        first = enter(box, code)
        assert first.json["resultado"] == "correcto"
        assert all(is_replay(enter(box, code), first) for _ in range(3)), "its answer was lost on the way"
        assert refused(enter(box, code, "k-2")) and box.verify(code) == REFUSED, "one use"
        assert box.rows("SELECT uses FROM requests") == [(1,)]
        for n in range(3):
            box.verify(f"{(int(code) + 1 + n) % 10000:04d}")
        box.set_clock(28 * HOUR * 1000)
        assert refused(enter(box, code)), "its request has ended"


def test_a_replay_after_the_end_of_its_request():
    with relaxed() as (box, sim):
        code = ask(box, sim)
        first = enter(box, code)
        assert is_replay(enter(box, code), first)
        box.set_clock(28 * HOUR * 1000)
        assert refused(enter(box, code)), "neither its request nor the 24 h are left"


def test_a_replay_of_a_request_that_was_replaced():
    with relaxed(vivas_por_nif=1) as (box, sim):
        code = ask(box, sim)
        first = enter(box, code)
        assert is_replay(enter(box, code), first)
        ask(box, sim, "1111")
        assert refused(enter(box, code))


def test_a_replay_whose_tries_are_used_up():
    with relaxed(intentos_por_peticion=1) as (box, sim):
        code = ask(box, sim)
        first = enter(box, code)
        assert is_replay(enter(box, code), first)
        assert refused(enter(box, f"{(int(code) + 1) % 10000:04d}", "k-2"))
        assert refused(enter(box, code))


def test_a_replay_after_a_lock():
    """40 retries answered "correcto", also once the person was locked."""
    with relaxed(fallos_seguidos_bloqueo=1, fallos_seguidos_contraste=0, intentos_por_peticion=0) as (box, sim):
        code = ask(box, sim)
        other = ask(box, sim, "1111")
        first = enter(box, code)
        assert is_replay(enter(box, code), first)
        assert refused(enter(box, f"{(int(other) + 1) % 10000:04d}", "k-2", clave="1111"))
        for _ in range(40):
            assert refused(enter(box, code))
        box.ctl("ciudadano", "desbloquear", "--nif", NIF)
        assert is_replay(enter(box, code), first), "unlocked, and its request is alive"


def test_a_kept_refusal_stays_one():
    with relaxed() as (box, sim):
        assert refused(enter(box, "0000"))
        code = ask(box, sim)
        assert refused(enter(box, "0000"))
        assert enter(box, code, "k-2").json["resultado"] == "correcto"


def test_no_answer_is_kept_in_clear():
    needs_file()
    with relaxed() as (box, sim):
        code = ask(box, sim)
        assert enter(box, code).json["nombre"] == NAME
        box.stop(signal.SIGKILL)
        kept = b"".join(p.read_bytes() for p in box.folder.glob("contraclaved.db*"))
        assert kept.count(b"idempotency") > 0
        for secret in (NAME, NIF, "correcto\",\"nombre"):
            assert secret.encode() not in kept, secret
        box.start()
        assert enter(box, code).json["nombre"] == NAME
