# SPDX-License-Identifier: EUPL-1.2
"""Does an answer tell a registered NIF from an unknown one, by what it shows or how long it takes? Of a request, of what is
done with its id, of a verification, of what a person does with his own registration, and of the next answers that another
client gets, in random order. The modem answers at once, so that its hand-over falls as near to the next answer as it can."""

import json
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import CLAVE, running  # noqa: E402
from oracle import Client, Samples, nif  # noqa: E402

SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
QUIET = "cliente_por_segundo = 0 segundos_entre_peticiones = 0"
WRONG = {"clave": "0000", "contraclave": "0000"}


def take(samples, sede, other, one, nobody, is_registered):
    """One of each kind; between them, time for what follows a call to be over."""
    def add(kind, sample):
        assert 200 <= sample[1][0] < 300, (kind, sample)
        samples.add(kind, is_registered, sample)

    add("request", sede.ask("/v1/solicitudes", {"nif": one, "clave": CLAVE}))
    path = f"/v1/solicitudes/{json.loads(sede.text)['id']}"
    add("next answer", other.ask("/v1/verificaciones", {"nif": nobody, "clave": CLAVE, "contraclave": "0000"}))
    time.sleep(0.005)
    add("verification", sede.ask("/v1/verificaciones", {"nif": one, **WRONG}))
    time.sleep(0.005)
    add("status", sede.ask(path, None, "GET"))
    add("resend", sede.ask(path + "/reenvio", {}))
    time.sleep(0.005)
    add("cancellation", sede.ask(path, None, "DELETE"))
    time.sleep(0.005)
    add("renuncia", sede.ask("/v1/renuncias", {"nif": one, **WRONG}))
    time.sleep(0.005)
    add("suspension", sede.ask("/v1/suspensiones", {"nif": one, "contraste": "30/12/2031"}))
    add("answer next to a suspension", other.ask("/v1/verificaciones", {"nif": nobody, **WRONG}))


def main():
    samples = Samples()
    with running(enrolled=False, limits=QUIET) as (box, _):
        sede, other = (Client(box, name, "solicitar,verificar,registro,alta") for name in ("sede a", "sede b"))
        for n in range(SAMPLES):
            sede.ask("/v1/registro/ciudadanos", {"nif": nif(n + 1000), "nombre": f"Persona {n}", "movil": f"+346{n:08d}",
                                                 "contraste": "31/12/2031"})
        order = [0] * SAMPLES + [1] * SAMPLES
        random.Random(7).shuffle(order)
        for n, is_registered in enumerate(order):
            one = nif((1000 if is_registered else 50000000) + order[:n].count(is_registered))
            take(samples, sede, other, one, nif(60000000 + n), is_registered)
    return 0 if samples.tell() else 1


if __name__ == "__main__":
    sys.exit(main())
