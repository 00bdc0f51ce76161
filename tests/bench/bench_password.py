# SPDX-License-Identifier: EUPL-1.2
"""What 20 entries a second by password delay: a verification of a PIN, and the SMS of a contraclave (from its 202 to AT+CMGS).
Measured in turns, without the entries and with them, so that what else the machine does is in both."""

import concurrent.futures
import pathlib
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import CLAVE, eventually, running  # noqa: E402
from figures import tell  # noqa: E402
from oracle import Client, nif  # noqa: E402
from passwords import PASSWORD, give_password  # noqa: E402
from timed import at_share, now_us  # noqa: E402

TURNS, VERIFICATIONS, SENDS = 6, 200, 40
PER_SECOND = 20
ENTERING = 10  # people: of one alone the box takes two entries at once
FREE = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 sms_movil_dia = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
        "usos_por_peticion = 0 vivas_por_nif = 0")


class Entries:
    """20 a second, whatever became of the one before: the box answers those that find no place with 503."""

    def __init__(self, box):
        self.box, self.is_over, self.answers = box, False, []
        self.thread = threading.Thread(target=self.run)

    def enter(self, count):
        body = {"nif": nif(2000 + count % ENTERING), "contrasena": PASSWORD, "metodo": "contrasena"}
        self.answers.append(self.box.post("/v1/accesos", body).status)

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            due, count = time.monotonic(), 0
            while not self.is_over:
                pool.submit(self.enter, count)
                count += 1
                due += 1 / PER_SECOND
                time.sleep(max(0, due - time.monotonic()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.is_over = True
        self.thread.join()


def verify(sede, code):
    times = []
    for _ in range(VERIFICATIONS):
        took, face = sede.ask("/v1/verificaciones", {"nif": nif(1000), "clave": CLAVE, "contraclave": code})
        assert '"correcto"' in face[2], face
        times.append(took / 1000)
        time.sleep(0.01)
    return times


def send(sim, sede):
    answered, before = [], len(begins(sim))
    for n in range(SENDS):
        sede.ask("/v1/solicitudes", {"nif": nif(1002 + n), "clave": CLAVE})
        answered.append(now_us())
        eventually(lambda count=before + n + 1: len(begins(sim)) == count)
        time.sleep(0.02)
    return [(at - answer) / 1000 for answer, at in zip(answered, begins(sim)[before:])]


def begins(sim):
    """When the first byte of each AT+CMGS was there."""
    first, found = 0, []
    for event in sim.events():
        if event["event"] == "rx_first":
            first = event["at_us"]
        elif event["event"] == "command" and event["name"] == "+CMGS":
            found.append(first)
    return found


def main():
    quiet, busy = {"verification": [], "send": []}, {"verification": [], "send": []}
    statuses = []
    with running(enrolled=False, limits=FREE, extra="metodos { contrasena_sms = si contrasena = si }") as (box, sim):
        box.client("registro,solicitar,verificar,alta", "todo")
        code = give_password(box, sim, nif(1000), 0)
        for n in range(2000, 2000 + ENTERING):
            give_password(box, sim, nif(n), n)
        for n in range(2, 2 + SENDS):
            box.enrol(nif(1000 + n), f"Persona {n}", f"+346{n:08d}")
        sede = Client(box, "sede a", "solicitar,verificar")
        box.client("verificar", "sede b")
        for turn in range(TURNS):
            if turn % 2 == 0:
                quiet["verification"] += verify(sede, code)
                quiet["send"] += send(sim, sede)
                continue
            with Entries(box) as entries:
                busy["verification"] += verify(sede, code)
                busy["send"] += send(sim, sede)
            statuses += entries.answers
    tell("password: entries that were let in, of those asked for", statuses.count(200) / len(statuses), "")
    is_good = set(statuses) <= {200, 503}
    for kind in ("verification", "send"):
        print(f"    {kind}: median {statistics.median(quiet[kind]):.2f} ms, with entries {statistics.median(busy[kind]):.2f} ms")
        delay = at_share(busy[kind], 0.99) - at_share(quiet[kind], 0.99)
        is_good = tell(f"password: 20 entries a second delay a {kind}, p99", delay, "ms", most=5) and is_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
