# SPDX-License-Identifier: EUPL-1.2
"""Does a duration tell a registered NIF from an unknown one? Durations of a request, of what is done with its id, of a
verification, and of the next answer that another client gets, in random order; the figure is the AUC: the chance that a guess by the duration alone is
right (0.5 = a coin). The modem answers at once, so that its hand-over falls as near to the next answer as it can."""

import http.client
import json
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import CLAVE, running  # noqa: E402

SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
BOUND = 0.55
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
QUIET = "cliente_por_segundo = 0 segundos_entre_peticiones = 0"


def nif(n):
    return f"{n:08d}{LETTERS[n % 23]}"


class Client:
    """One keep-alive connection of one API client."""

    def __init__(self, box, name):
        self.connection = http.client.HTTPConnection("127.0.0.1", box.port)
        self.connection.connect()
        self.headers = {"Authorization": f"Bearer {box.client('solicitar,verificar,registro', name)}",
                        "Content-Type": "application/json"}

    def post(self, path, body, method="POST"):
        """The duration of the call in µs."""
        data = json.dumps(body) if body is not None else None
        start = time.perf_counter_ns()
        self.connection.request(method, path, data, self.headers)
        response = self.connection.getresponse()
        self.text = response.read()
        took = (time.perf_counter_ns() - start) / 1000
        assert response.status in (200, 201, 202, 204), self.text
        return took


def auc(unknown, registered):
    """Mann-Whitney: how often a duration of the second is the longer one; 0.5 or more whichever way it leans."""
    ranked = sorted([(d, 0) for d in unknown] + [(d, 1) for d in registered])
    ranks = sum(rank for rank, (_, is_registered) in enumerate(ranked, 1) if is_registered)
    area = (ranks - len(registered) * (len(registered) + 1) / 2) / (len(unknown) * len(registered))
    return max(area, 1 - area)


def measure(box):
    sede, other = Client(box, "sede a"), Client(box, "sede b")
    for n in range(SAMPLES):
        sede.post("/v1/registro/ciudadanos", {"nif": nif(n + 1000), "nombre": f"Persona {n}", "movil": f"+346{n:08d}"})
    durations = {name: ([], []) for name in ("request", "next answer", "verification", "status", "resend", "cancellation")}
    order = [0] * SAMPLES + [1] * SAMPLES
    random.Random(7).shuffle(order)
    used = [0, 0]
    for is_registered in order:
        one = nif((1000 if is_registered else 50000000) + used[is_registered])
        used[is_registered] += 1
        asked = sede.post("/v1/solicitudes", {"nif": one, "clave": CLAVE})
        path = f"/v1/solicitudes/{json.loads(sede.text)['id']}"
        following = other.post("/v1/verificaciones", {"nif": nif(60000000 + used[0]), "clave": CLAVE, "contraclave": "0000"})
        time.sleep(0.005)  # what follows the request is over: the verification is measured alone
        verified = sede.post("/v1/verificaciones", {"nif": one, "clave": "0000", "contraclave": "0000"})
        time.sleep(0.005)
        looked = sede.post(path, None, "GET")
        again = sede.post(path + "/reenvio", {})
        time.sleep(0.005)
        ended = sede.post(path, None, "DELETE")
        for name, took in (("request", asked), ("next answer", following), ("verification", verified), ("status", looked),
                           ("resend", again), ("cancellation", ended)):
            durations[name][is_registered].append(took)
    return durations


def main():
    with running(enrolled=False, limits=QUIET) as (box, sim):
        durations = measure(box)
    status = 0
    for name, (unknown, registered) in durations.items():
        value = auc(unknown, registered)
        word = "ok" if value <= BOUND else "FAIL"
        status |= value > BOUND
        print(f"  {word:4} oracle: {name}, AUC of {len(unknown)} against {len(registered)}: {value:.3f} (at most {BOUND})")
    return status


if __name__ == "__main__":
    sys.exit(main())
