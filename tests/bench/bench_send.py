# SPDX-License-Identifier: EUPL-1.2
"""Times of sending, against the real simmodem with a network of no latency: request to AT+CMGS, the gap between two
messages of a full queue, messages per second, commands per message, start to /readyz. Both programs stamp their events
with the same monotonic clock."""

import pathlib
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import CLAVE, Box, Sim, eventually, folder  # noqa: E402
from figures import tell  # noqa: E402
from timed import Sede, at_share, p95, sending  # noqa: E402

REQUESTS = 200
FREE = "cliente_por_segundo = 0 ip_por_segundo = 0"
PASSWORD = "caballo pila grapa"
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def nif(n):
    return f"{n:08d}{LETTERS[n % 23]}"


def enrol(sede, first, count):
    for n in range(first, first + count):
        sede.post("/v1/registro/ciudadanos", {"nif": nif(n), "nombre": f"Persona {n}", "movil": f"+346{n % 10**8:08d}"})


def idle_latency(sim, sede, first, before=0):
    """From the 202 to the first byte of AT+CMGS, on an idle ready modem, which has sent so many before."""
    answered = []
    for n in range(first, first + REQUESTS):
        answered.append(sede.post("/v1/solicitudes", {"nif": nif(n), "clave": CLAVE}))
        eventually(lambda: len(sim.inbox()) == before + len(answered))
    begun, names, _ = sending(sim)
    sends = [at for at, name in zip(begun, names) if name == "+CMGS"][before:]
    return [(send - answer) / 1000 for answer, send in zip(answered, sends)]


class LogIns:
    """One person after another logs in, without a pause: Argon2id all the time, beside what is measured."""

    def __init__(self, box):
        box.ctl("operador", "crear", "--nombre", "banco", "--rol", "lector", "--contrasena", "-", stdin=PASSWORD + "\n")
        self.box, self.count, self.is_over = box, 0, False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        headers = {"Origin": f"http://127.0.0.1:{self.box.port}", "X-Contraclaved": "1"}
        while not self.is_over:
            answer = self.box.request("POST", "/v1/sesion", {"nombre": "banco", "contrasena": PASSWORD}, token=None, headers=headers)
            assert answer.status == 200, answer.text
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.is_over = True
        self.thread.join()


def full_queue(box, sim, sede, first):
    """200 messages wait; then the modem comes."""
    sim.stop()
    for n in range(first, first + REQUESTS):
        sede.post("/v1/solicitudes", {"nif": nif(n), "clave": CLAVE})
    sim.log_path.unlink()
    sim.start()
    eventually(lambda: len(sim.events("submit")) == REQUESTS, 30)
    eventually(lambda: sim.events()[-1]["event"] in ("reply", "report"))
    begun, names, replies = (part[:REQUESTS] for part in sending(sim))  # then it is idle, and asked other things
    assert names == ["+CMGS"] * REQUESTS, "one AT command per message"
    gaps = [(b - r) / 1000 for r, b in zip(replies, begun[1:])]
    seconds = (replies[-1] - begun[0]) / 1e6
    return gaps, REQUESTS / seconds


def start_to_ready(box):
    took = []
    for _ in range(5):
        box.stop()
        began = time.monotonic()
        box.launch()
        box.wait("/readyz")
        took.append(time.monotonic() - began)
    return took


def main():
    with folder() as path:
        sim = Sim(path, "tcp")
        box = Box(path, sim.device, limits=FREE)
        try:
            box.start()
            box.client()
            sede = Sede(box)
            enrol(sede, 20000000, 3 * REQUESTS)
            idle = idle_latency(sim, sede, 20000000)
            with LogIns(box) as log_ins:
                beside = idle_latency(sim, sede, 20000000 + REQUESTS, REQUESTS)
            gaps, rate = full_queue(box, sim, sede, 20000000 + 2 * REQUESTS)
            ready = start_to_ready(box)
        finally:
            box.stop()
            sim.stop()
    gap, start = statistics.median(gaps), statistics.median(ready)
    later = at_share(beside, 0.99) - at_share(idle, 0.99)
    results = [
        tell("sending: 202 to the first byte of AT+CMGS, median", statistics.median(idle), "ms", under=2),
        tell("sending: 202 to the first byte of AT+CMGS, p95", p95(idle), "ms", under=5),
        tell("sending: 202 to the first byte of AT+CMGS, p99", at_share(idle, 0.99), "ms"),
        tell(f"sending: beside {log_ins.count} log-ins, p99, later by", later, "ms", under=5),
        tell("sending: OK to the next AT+CMGS, queue full, median", gap, "ms", under=1),
        tell("sending: no network latency", rate, "messages/s", least=1000),
        tell("sending: start to /readyz, median", start, "s", under=0.5),
    ]
    return 0 if all(results) else 1


sys.exit(main())
