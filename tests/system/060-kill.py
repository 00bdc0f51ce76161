# SPDX-License-Identifier: EUPL-1.2
"""kill -9 at random moments: what was accepted is delivered, and only what was in flight may arrive twice."""

import collections
import http.client
import os
import random
import signal
import sqlite3
import threading
import time

from box import CLAVE, SLOW, code_of, eventually, running
from town import NO_LIMITS, nif, phone

REQUESTS = 200
KILLS = 8
CLIENTS = 4


def seeded():
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"SEED={seed}")  # shown if the test fails
    return random.Random(seed)


def until_answered(send, tries):
    """A client that repeats only while it has no answer: the daemon may be dead at the moment."""
    def answered():
        tries.append(1)
        try:
            return send()
        except (OSError, http.client.HTTPException):
            return None
    return eventually(answered)


class Killer:
    """Kills and starts again each time that so much has been done."""

    def __init__(self, box, chance, done, total):
        self.box, self.chance, self.done = box, chance, done
        self.at = sorted(chance.sample(range(1, total), KILLS))

    def run(self):
        for at in self.at:
            eventually(lambda at=at: self.done() >= at, 60, 0.001)
            time.sleep(self.chance.uniform(0, 0.02))
            assert self.box.stop(signal.SIGKILL) == -signal.SIGKILL
            self.box.launch()
        self.box.wait("/readyz")


def in_parallel(work, items):
    """Each item through work(), by several clients at once; the caller's thread is free."""
    todo, failed = collections.deque(items), []

    def client():
        try:
            while True:
                work(todo.popleft())
        except IndexError:
            pass
        except BaseException as error:
            failed.append(error)
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for t in threads:
        t.start()
    return threads, failed


def wait_for(threads, failed):
    for t in threads:
        t.join()
    if failed:
        raise failed[0]


def in_flight_at_detach(events):
    """The submits (by position) that were the last before the modem lost its daemon."""
    last, found = None, set()
    for n, e in enumerate(events):
        if e["event"] == "submit":
            last = n
        elif e["event"] == "detach" and last is not None:
            found.add(last)
    return found


def nothing_but_in_flight_came_twice(sim):
    events = sim.events()
    suspects = in_flight_at_detach(events)
    copies = collections.defaultdict(list)
    for n, e in enumerate(events):
        if e["event"] == "submit":
            copies[e["number"]].append(n)
    for number, places in copies.items():
        assert all(n in suspects for n in places[:-1]), f"{number} came {len(places)} times"
    return sum(len(places) - 1 for places in copies.values())


def settled(box):
    queue = box.status()["cola"]
    return not any(queue[state] for state in ("en_cola", "enviando", "incierto"))


def test_kill_9_during_200_requests():
    chance = seeded()
    with running("pty", ("--cmgs-latency", "0.01"), enrolled=False, limits=NO_LIMITS,
                 extra=f"espera_informe_s = {SLOW}") as (box, sim):
        people = range(REQUESTS)
        for n in people:
            box.enrol(nif(n), f"Persona {n}", phone(n))
        accepted = {}

        def ask(n):
            tries = []
            headers = {"Idempotency-Key": f"peticion-{n}"}
            answer = until_answered(lambda: box.post("/v1/solicitudes", {"nif": nif(n), "clave": CLAVE},
                                                     headers=headers), tries)
            assert answer.status == 202, answer.text
            accepted[n] = answer.json["id"]
            time.sleep(0.005)
        threads, failed = in_parallel(ask, people)
        Killer(box, chance, lambda: len(accepted) + len(sim.events("submit")), 2 * REQUESTS - 10).run()
        wait_for(threads, failed)
        eventually(lambda: settled(box))
        received = collections.defaultdict(list)
        for message in sim.inbox():
            received[message["number"]].append(message)
        assert len(accepted) == REQUESTS and set(received) == {phone(n) for n in people}, (
            len(accepted), sorted({phone(n) for n in people} - set(received)))
        twice = nothing_but_in_flight_came_twice(sim)
        assert twice <= KILLS, twice
        for n in people:
            texts = {m["text"] for m in received[phone(n)]}
            assert len(texts) == 1, "one request, one contraclave"
            answer = box.verify(code_of(received[phone(n)][-1]), nif=nif(n))
            assert answer["resultado"] == "correcto" and answer["nombre"] == f"Persona {n}", answer


def test_kill_9_during_verifications():
    """What was answered had been counted, and its evidence is there; the chain of the audit is whole."""
    chance = seeded()
    with running(limits=NO_LIMITS) as (box, sim):
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        successes, evidence = [], set()

        def verify(_):
            answer = until_answered(lambda: box.verify(code), [])
            assert answer["resultado"] == "correcto", answer
            successes.append(1)
            evidence.add(answer["evidencia"])
            time.sleep(0.002)
        threads, failed = in_parallel(verify, range(400))
        Killer(box, chance, lambda: len(successes), 390).run()
        wait_for(threads, failed)
        assert len(evidence) == len(successes) == 400, "each has its own entry"
        assert box.verify(code)["resultado"] == "correcto"
        assert box.stop() == 0
        with sqlite3.connect(f"file:{box.database}?mode=ro", uri=True) as db:
            (uses,), = db.execute("SELECT uses FROM requests")
            entries = db.execute("SELECT id, event, result FROM audit ORDER BY id").fetchall()
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.close()
        verified = [e for e in entries if e[1:] == ("verificacion", "correcto")]
        assert uses == len(verified) >= len(successes) + 1, (uses, len(verified), len(successes))
        assert [e[0] for e in entries] == list(range(1, len(entries) + 1)), "no gap in the chain"
        box.start()
        assert box.verify(code)["resultado"] == "correcto"
        for told in sorted(evidence)[:50]:  # random ids: as many as show that none was lost
            assert box.control_request("GET", f"/v1/evidencias/{told}").status == 200, told
