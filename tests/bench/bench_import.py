# SPDX-License-Identifier: EUPL-1.2
"""Import of 10 000 people, while contraclaves leave: from the order to the last alta, from a 202 to the first byte of
AT+CMGS meanwhile, and how long the loop lets another caller wait."""

import http.client
import pathlib
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import CLAVE, Box, Sim, eventually, folder  # noqa: E402
from figures import tell  # noqa: E402
from imports import csv_of, imported, nif, order, read, shown  # noqa: E402
from timed import Sede, at_share, p95, sending  # noqa: E402

PEOPLE, ASKING, ALONE, FIRST = 10000, 3000, 200, 40000000
FREE = "cliente_por_segundo = 0 ip_por_segundo = 0"


class Probe(threading.Thread):
    """Asks for /healthz again and again, as long as the import goes on: what it waits, the loop was held."""

    def __init__(self, box):
        super().__init__()
        self.connection, self.waited, self.is_over = http.client.HTTPConnection("127.0.0.1", box.port), [], False

    def run(self):
        while not self.is_over:
            begun = time.monotonic()
            self.connection.request("GET", "/healthz")
            self.connection.getresponse().read()
            self.waited.append((time.monotonic() - begun) * 1000)
            time.sleep(0.002)


class Asking:
    """One contraclave after another: when each was answered, and in the end when each left."""

    def __init__(self, box, sim):
        self.sim, self.sede, self.answered = sim, Sede(box), []

    def ask(self):
        self.answered.append(self.sede.post("/v1/solicitudes", {"nif": nif(FIRST + len(self.answered)), "clave": CLAVE}))
        eventually(lambda: len(self.sim.inbox()) == len(self.answered), every=0.001)

    def latencies(self):
        at, names, _ = sending(self.sim)
        sends = [a for a, name in zip(at, names) if name == "+CMGS"]
        return [(send - answer) / 1000 for answer, send in zip(self.answered, sends)]


def import_beside(box, asking):
    """Seconds of the import, while contraclaves are asked for."""
    told, begun = read(box, csv_of(PEOPLE)), time.monotonic()
    assert order(box, told).status == 202
    while shown(box)["estado"] != "hecha":
        for _ in range(10):
            asking.ask()
    return time.monotonic() - begun


def main():
    with folder() as path:
        sim = Sim(path, "tcp")
        box = Box(path, sim.device, limits=FREE)
        try:
            box.start()
            box.client()
            imported(box, csv_of(ASKING, FIRST))
            asking, probe = Asking(box, sim), Probe(box)
            for _ in range(ALONE):
                asking.ask()
            probe.start()
            seconds = import_beside(box, asking)
            probe.is_over = True
            probe.join()
            alone, beside = (latencies := asking.latencies())[:ALONE], latencies[ALONE:]
            people = box.rows("SELECT count(*) FROM citizens")[0][0]
        finally:
            box.stop()
            sim.stop()
    results = [
        tell(f"import: {PEOPLE} people, from the order to the end", seconds, "s", under=10),
        tell("import: all of them", people - ASKING, "people", most=PEOPLE, least=PEOPLE),
        tell("import: 202 to the first byte of AT+CMGS before it, p95", p95(alone), "ms"),
        tell(f"import: {len(beside)} times beside it, median", statistics.median(beside), "ms"),
        tell("import: beside it, p95", p95(beside), "ms", under=10),
        tell(f"import: /healthz beside it, {len(probe.waited)} times, median", statistics.median(probe.waited), "ms"),
        tell("import: /healthz beside it, p99", at_share(probe.waited, 0.99), "ms"),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
