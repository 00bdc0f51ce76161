# SPDX-License-Identifier: EUPL-1.2
"""Does an answer to an online alta tell a registered NIF from an unknown one, by what it shows or how long it takes? Of the
form, of a wrong code of its mobile, of the code sent again, and of the right one where the town has asked for neutral words;
and of a certificate that the town does not trust. Who is registered has the mobile of the form, and got an SMS before."""

import json
import pathlib
import random
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from altas import BOUNDARY, body_of, copy, desk, fields  # noqa: E402
from box import CLAVE, eventually, running  # noqa: E402
from certificates import Authority  # noqa: E402
from oracle import Client, Samples, nif  # noqa: E402

SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
AT_ONCE = 50  # altas that wait for a clerk
HOLDERS = 10  # of a certificate, of each kind
QUIET = "cliente_por_segundo = 0 segundos_entre_peticiones = 0 sms_movil_dia = 0"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def person(n, is_registered):
    """NIF and mobile."""
    return nif((1000 if is_registered else 50000000) + n), f"+346{(0 if is_registered else 50000000) + n:08d}"


def codes_of(sim, phone, count):
    def arrived():
        found = [code for m in sim.ask(cmd="inbox", number=phone)["messages"] for code in re.findall(r"\b\d{6}\b", m["text"])]
        return found if len(found) == count else None
    return eventually(arrived)


def apply(samples, box, sim, sede, n, is_registered):
    """The whole way of one alta; its id."""
    one, phone = person(n, is_registered)

    def add(kind, expected, sample):
        assert sample[1][0] == expected, (kind, sample)
        samples.add(kind, is_registered, sample)
        time.sleep(0.005)

    add("form of an alta", 201, sede.ask("/v1/altas", body_of(fields(nif=one, movil=phone) + [copy()]), kind=FORM))
    alta = json.loads(sede.text)["id"]
    path = f"/v1/altas/{alta}/telefono"
    code = codes_of(sim, phone, 1)[0]
    add("wrong code of the mobile", 422, sede.ask(path, {"codigo": f"{(int(code) + 1) % 10**6:06}"}))
    box.pass_time(61_000)
    add("code sent again", 202, sede.ask(path + "/reenvio", {}))
    add("right code, neutral words", 200, sede.ask(path, {"codigo": codes_of(sim, phone, 2)[1]}))
    return alta


def measure_altas(samples, box, sim, sede, order):
    waiting = []
    for n, is_registered in enumerate(order):
        waiting.append(apply(samples, box, sim, sede, order[:n].count(is_registered), is_registered))
        if len(waiting) == AT_ONCE:
            for alta in waiting:
                assert desk(box, alta, "rechazar", motivo="otro").status == 200
            waiting.clear()
            eventually(lambda: box.status()["cola"]["en_cola"] == 0)
            sim.ask(cmd="reset")


def measure_certificates(samples, sede, order):
    with tempfile.TemporaryDirectory() as folder:
        stranger = Authority(pathlib.Path(folder), "Otra")
        holders = [[stranger.issue(nif=person(n, is_registered)[0]) + stranger.pem for n in range(HOLDERS)] for is_registered in (0, 1)]
    for n, is_registered in enumerate(order):
        pem = holders[is_registered][n % HOLDERS]
        for kind, path, more in (("alta with a false certificate", "/v1/altas/certificado", {"movil": "+34699999999"}),
                                 ("renuncia with a false certificate", "/v1/renuncias/certificado", {})):
            sample = sede.ask(path, {"certificado": pem, **more})
            assert sample[1][0] == 422, sample
            samples.add(kind, is_registered, sample)


def main():
    samples = Samples()
    order = [0] * SAMPLES + [1] * SAMPLES
    random.Random(7).shuffle(order)
    with tempfile.TemporaryDirectory() as folder:
        trust = Authority(pathlib.Path(folder)).trust
        ways = f'certificados_confianza = "{trust}" altas {{ formulario = si registrado_neutro = si certificado = si }}'
        with running(enrolled=False, limits=QUIET, extra=ways, clock=True, true_network=True) as (box, sim):
            sede = Client(box, "sede a", "solicitar,registro,alta,certificado")
            for n in range(SAMPLES):
                one, phone = person(n, True)
                sede.ask("/v1/registro/ciudadanos", {"nif": one, "nombre": "Ana Gil", "movil": phone})
                sede.ask("/v1/solicitudes", {"nif": one, "clave": CLAVE})
            eventually(lambda: len(sim.inbox()) == SAMPLES, 120)
            measure_certificates(samples, sede, order)
            measure_altas(samples, box, sim, sede, order)
    return 0 if samples.tell() else 1


if __name__ == "__main__":
    sys.exit(main())
