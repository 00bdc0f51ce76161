# SPDX-License-Identifier: EUPL-1.2
"""Does an answer to an entry by password tell an unknown NIF from one that is not authorised yet, that is suspended, or whose
password is another one, by what it shows or how long it takes?"""

import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import running  # noqa: E402
from oracle import Client, Samples, nif  # noqa: E402
from passwords import PASSWORD, give_password  # noqa: E402

SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
PEOPLE = 20  # of each kind
KINDS = ("not authorised", "suspended", "another password")
QUIET = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 sms_movil_dia = 0 contrasena_fallos_dia = 0 "
         "peticiones_nif_hora = 0 peticiones_nif_dia = 0")


def prepare(box, sim):
    box.client("registro,solicitar,verificar,alta", "todo")
    for n in range(PEOPLE * len(KINDS)):
        kind = KINDS[n % len(KINDS)]
        give_password(box, sim, nif(1000 + n), n, authorised=kind != "not authorised")
        if kind == "suspended":
            box.control_request("POST", "/v1/registro/ciudadanos/suspension", {"nif": nif(1000 + n), "motivo": "perdido"})


def main():
    samples = Samples()
    order = [(kind, is_registered) for kind in range(len(KINDS)) for is_registered in (0, 1)] * SAMPLES
    random.Random(7).shuffle(order)
    with running(enrolled=False, limits=QUIET, extra="contrasena_ms = 20 metodos { contrasena_sms = si }") as (box, sim):
        prepare(box, sim)
        sede = Client(box, "sede a", "verificar")
        for n, (kind, is_registered) in enumerate(order):
            one = nif(1000 + n % PEOPLE * len(KINDS) + kind) if is_registered else nif(50_000_000 + n)
            typed = "otra cosa cualquiera" if KINDS[kind] == "another password" else PASSWORD
            sample = sede.ask("/v1/accesos", {"nif": one, "contrasena": typed})
            assert sample[1][0] == 200, sample
            samples.add(f"entry by password, {KINDS[kind]}", is_registered, sample)
    return 0 if samples.tell() else 1


if __name__ == "__main__":
    sys.exit(main())
