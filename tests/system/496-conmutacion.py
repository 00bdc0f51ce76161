# SPDX-License-Identifier: EUPL-1.2
"""Servers and boxes that die under load. FAILOVERS=20 KILLS=50 GUESSES=10000 AWAY_S=60: a long run."""

import http.client
import os
import random
import signal
import socket
import threading
import time

from box import CLAVE, NIF, SLOW, code_of, eventually, folder, running
from boxes import joined, named
from proxy import a_proxy
from server import a_pair, a_server, ask, new_database
from town import NO_LIMITS, nif, phone

LONG = ("test_a_server_that_is_away_while_messages_go_out", "test_fail_over_to_a_replica")

FAILOVERS = int(os.environ.get("FAILOVERS", "2"))
KILLS = int(os.environ.get("KILLS", "3"))
GUESSES = int(os.environ.get("GUESSES", "300"))
AWAY_S = int(os.environ.get("AWAY_S", "3"))
PEOPLE = 400  # of whom hardly two requests have the same code by chance: the messages of one are told apart by it
MORE = f"espera_informe_s = {SLOW}"


class Sede:
    """A client with two addresses: it asks again, under the same key, whom it has not been answered by."""

    def __init__(self, boxes):
        self.boxes, self.accepted, self.is_over, self.failed, self.count = boxes, {}, False, [], 0
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(3)]
        for thread in self.threads:
            thread.start()

    def ask(self, key, person, first):
        for turn in range(2000 + 100 * AWAY_S):
            box = self.boxes[(first + turn) % len(self.boxes)]
            try:
                answer = box.post("/v1/solicitudes", {"nif": nif(person), "clave": CLAVE}, headers={"Idempotency-Key": key})
            except (OSError, http.client.HTTPException):
                answer = None
            if answer and answer.status == 202:
                return answer.json["id"]
            assert answer is None or answer.status in (503, 409, 429), answer.text
            time.sleep(0.02)
        raise AssertionError("never accepted")

    def work(self, n):
        try:
            while not self.is_over:
                self.count += 1
                key = f"p-{n}-{self.count}"
                self.accepted[key] = self.ask(key, self.count % PEOPLE, n)
                time.sleep(0.02)
        except BaseException as error:
            self.failed.append(error)

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        if self.failed:
            raise self.failed[0]


def enrol_all(box):
    for n in range(PEOPLE):
        box.enrol(nif(n), f"Persona {n}", phone(n))


def is_settled(queue):
    """None: the server has only just come back."""
    return queue is not None and not any(queue[state] for state in ("en_cola", "enviando", "incierto"))


def all_is_there(boxes, sims, sede, in_flight):
    """Each 202 is a request that is kept and a message that came; none came twice but what was in flight when something
    died; and the audit trail has each act, in one chain."""
    eventually(lambda: all(is_settled(box.status()["cola"]) for box in boxes), 90, 0.1)
    lost = [id for id in sede.accepted.values() if boxes[0].get(f"/v1/solicitudes/{id}").status != 200]
    kept = boxes[0].rows("SELECT count(*) FROM requests")[0][0]
    assert not lost and kept == len(set(sede.accepted.values())), (len(lost), kept, len(sede.accepted))
    came = [(message["number"], code_of(message)) for sim in sims for message in sim.inbox()]
    assert kept <= len(set(came)) + 3 and len(came) - len(set(came)) <= in_flight, (kept, len(came), len(set(came)))
    acts = boxes[0].rows("SELECT count(*) FROM audit WHERE event = 'solicitud' AND reference > 0")[0][0]
    assert acts == kept, (acts, kept)
    assert boxes[0].ctl("auditoria", "comprobar").returncode == 0
    print(f"{kept} requests, {len(came)} messages, {len(came) - len(set(came))} doubles of {in_flight} at most")


def test_fail_over_to_a_replica():
    with a_pair() as pair, running(extra=named("alfa", MORE), address=new_database(pair.address), enrolled=False, limits=NO_LIMITS,
                                   options=("--cmgs-latency", "0.01")) as (box, sim):
        enrol_all(box)
        sede, longest = Sede([box]), 0
        for n in range(FAILOVERS):
            goal = len(sede.accepted) + 20
            eventually(lambda goal=goal: len(sede.accepted) >= goal or sede.failed, 60)
            begun = time.monotonic()
            pair.run("down", pair.folders[0])
            pair.run("promote", pair.folders[1])
            back, before = time.monotonic(), len(sede.accepted)
            eventually(lambda before=before: len(sede.accepted) > before or sede.failed, 60)
            longest = max(longest, time.monotonic() - back)
            print(f"fail-over {n}: {back - begun:.1f} s to promote, then {time.monotonic() - back:.2f} s")
            pair.folders.reverse()
            pair.follow()
        sede.end()
        assert longest < 4 * SLOW, longest
        all_is_there([box], [sim], sede, FAILOVERS)


def test_a_server_that_turns_read_only():
    """As one that a person has put aside: the box goes to the other, which takes writes, though nobody cuts its connection."""
    with a_pair() as pair, running(extra=named("alfa", MORE), address=new_database(pair.address), limits=NO_LIMITS) as (box, sim):
        pair.run("promote", pair.folders[1])
        first = box.address.replace(",".join(pair.folders), pair.folders[0])
        for change in ("RESET synchronous_standby_names", "SET default_transaction_read_only = on"):  # it waits for no replica
            ask(first, "ALTER SYSTEM " + change)
        ask(first, "SELECT pg_reload_conf()")
        eventually(lambda: ask(first, "SHOW transaction_read_only") == "on")
        eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 202, 20)
        eventually(sim.inbox)


def test_a_server_that_is_away_while_messages_go_out():
    """The modems stay, the verdict and the doctor tell since when, and all goes on at once when the server is back."""
    with a_server() as server, running(extra=named("alfa", MORE), address=new_database(server.address), enrolled=False, limits=NO_LIMITS,
                                       options=("--cmgs-latency", "0.05")) as (box, sim):
        enrol_all(box)
        sede = Sede([box])
        eventually(lambda: len(sede.accepted) >= 20 or sede.failed, 60)
        server.run("down")
        end = time.monotonic() + AWAY_S
        while time.monotonic() < end:
            told = box.control_request("GET", "/v1/estado").json
            assert told["modems"][0]["listo"], told["modems"]
            time.sleep(0.2)
        assert told["aviso_datos"] == "ausente" and f"({server.folder}) no responde desde la" in told["veredicto"]["frase"], told["veredicto"]
        found = box.ctl("diagnostico", check=False).stdout
        assert f"({server.folder}) no responde desde la" in found and "Sin alarmas" not in found, found
        before = len(sim.events("submit"))
        server.run("up")
        back = time.monotonic()
        eventually(lambda: len(sim.events("submit")) > before or sede.failed, every=0.02)
        took = time.monotonic() - back
        print(f"away {AWAY_S} s, next message after {took:.2f} s")
        assert took < 2 * SLOW, took
        sede.end()
        all_is_there([box], [sim], sede, 1)
        assert "recuperando" not in box.program.log()


def test_a_server_that_is_mute():
    """The first of two takes connections and says nothing, as one that is switched off: the second is asked all the same."""
    with a_server() as server, folder() as path, running(address=new_database(server.address), enrolled=False) as (box, _):
        path.chmod(0o755)
        mute = socket.socket(socket.AF_UNIX)
        mute.bind(str(path / ".s.PGSQL.5432"))
        mute.listen(64)
        assert box.stop() == 0
        box.conf.write_text(box.conf.read_text().replace(f"host={server.folder}", f"host={path},{server.folder}"))
        begun = time.monotonic()
        box.start(ready=False)
        assert time.monotonic() - begun < 8 * SLOW
        box.enrol()
        server.run("down")
        assert box.post("/v1/solicitudes", {"nif": nif(1), "clave": CLAVE}).status == 503
        server.run("up")
        eventually(lambda: box.get("/readyz", token=None).status == 200)
        mute.close()


def test_a_commit_that_no_replica_has():
    """Whoever breaks off the wait for a replica leaves the commit in one server alone: it is none, or a fail-over would lose it."""
    with a_server() as server, running(address=new_database(server.address)) as (box, sim):
        tell = "ALTER SYSTEM {} synchronous_standby_names {}"
        ask(server.address, tell.format("SET", "= 'nowhere'"))
        ask(server.address, "SELECT pg_reload_conf()")
        answers = []
        sede = threading.Thread(target=lambda: answers.append(box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE},
                                                                       headers={"Idempotency-Key": "una"})))
        eventually(lambda: box.get("/readyz", token=None).status == 503 or ask(server.address, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
        sede.start()
        while sede.is_alive():
            ask(server.address, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        assert answers[0].status == 503, answers[0].text
        assert not sim.inbox()
        ask(server.address, tell.format("RESET", ""))
        ask(server.address, "SELECT pg_reload_conf()")
        eventually(lambda: box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}, headers={"Idempotency-Key": "una"}).status == 202)
        eventually(sim.inbox)


def test_many_ask_at_once_over_a_slow_network():
    """What they ask does not become one transaction, longer than a box waits for its server."""
    with a_server() as server, a_proxy(server) as proxy, running(address=proxy.address(new_database(server.address)),
                                                                 limits=NO_LIMITS) as (box, sim):
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        proxy.delay = 0.001

        def crowd():
            answers = []
            many = [threading.Thread(target=lambda: answers.append(box.post(
                "/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": code}).status)) for _ in range(40)]
            for thread in many:
                thread.start()
            for thread in many:
                thread.join()
            return answers == [200] * 40
        eventually(crowd, 60)  # a busy computer may need longer for a single one
        proxy.delay = 0


def test_boxes_and_their_server_are_killed():
    """Three boxes with a modem each, one of them or the server killed again and again."""
    chance = random.Random(int(os.environ.get("SEED", "15")))
    options = ("--cmgs-latency", "0.01")
    with a_server() as server, running(extra=named("alfa", MORE), address=new_database(server.address), enrolled=False, limits=NO_LIMITS,
                                       options=options) as (alfa, sim), \
            joined(alfa, "beta", MORE, True, options, limits=NO_LIMITS) as (beta, sim_beta), \
            joined(alfa, "gamma", MORE, True, options, limits=NO_LIMITS) as (gamma, sim_gamma):
        boxes = [alfa, beta, gamma]
        enrol_all(alfa)
        sede = Sede(boxes)
        for _ in range(KILLS):
            goal = len(sede.accepted) + 15
            eventually(lambda goal=goal: len(sede.accepted) >= goal or sede.failed, 60)
            victim = chance.choice([*boxes, server])
            if victim is server:
                server.run("down")
                server.run("up")
            else:
                victim.stop(signal.SIGKILL)
                victim.start(ready=False)
        sede.end()
        all_is_there(boxes, [sim, sim_beta, sim_gamma], sede, 3 * KILLS)


def test_guesses_over_all_boxes():
    """As many tries as the request has, wherever they are made, and however many are made at once."""
    with a_server() as server, running(extra=named("alfa"), address=new_database(server.address),
                                       limits="cliente_por_segundo = 0 intentos_por_peticion = 7 fallos_seguidos_bloqueo = 0"
                                              " fallos_seguidos_contraste = 0 nifs_entidad_contraste = 0 fallos_entidad_total = 0"
                                              " fallos_ip_hora = 0") as (alfa, sim), \
            joined(alfa, "beta", limits=NO_LIMITS.replace("intentos_por_peticion = 0", "intentos_por_peticion = 7")) as (beta, _), \
            joined(alfa, "gamma", limits=NO_LIMITS.replace("intentos_por_peticion = 0", "intentos_por_peticion = 7")) as (gamma, _):
        alfa.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        left, results, failed = [n for n in range(10000) if f"{n:04d}" != code][:GUESSES], [], []

        def guess(box):
            try:
                while left:
                    answer = box.post("/v1/verificaciones", {"nif": "12345678Z", "clave": CLAVE, "contraclave": f"{left.pop():04d}"})
                    results.append(answer.status)
                    assert answer.status != 200 or answer.json["resultado"] == "rechazado", answer.text
            except BaseException as error:
                failed.append(error)
        threads = [threading.Thread(target=guess, args=(box,)) for box in (alfa, beta, gamma) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed[0]
        print(len(results), "guesses", {status: results.count(status) for status in set(results)})
        assert alfa.rows("SELECT tries FROM requests") == [(7,)], alfa.rows("SELECT tries FROM requests")
        assert beta.verify(code) == {"resultado": "rechazado"}, "all tries are used up"
