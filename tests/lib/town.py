# SPDX-License-Identifier: EUPL-1.2
"""Many citizens, and several modems: for tests of queues and pools."""

import concurrent.futures
import contextlib
import pathlib

from box import CLAVE, Box, Sim, folder, serving

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
NO_LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
             "sms_movil_dia = 0 vivas_por_nif = 0 usos_por_peticion = 0 intentos_por_peticion = 0 "
             "fallos_seguidos_contraste = 0 fallos_seguidos_bloqueo = 0 nifs_entidad_contraste = 0 "
             "fallos_entidad_total = 0 fallos_ip_hora = 0")


def nif(n):
    return f"{51000000 + n}{LETTERS[(51000000 + n) % 23]}"


def phone(n):
    return f"+346001{n:05d}"


def enrol(box, numbers):
    for n in numbers:
        box.enrol(nif(n), f"Persona {n}", phone(n))


def ask(box, numbers):
    for n in numbers:
        box.ask_pin(nif(n), CLAVE)


def queue(box):
    return box.status()["cola"]


def messages(box):
    """Oldest first, as contraclavectl cola is told them."""
    return box.control_request("GET", "/v1/cola").json["mensajes"][::-1]


def states(box):
    return [m["estado"] for m in messages(box)]


def reach(box, *wanted, seconds=10):
    """Waits until the messages, oldest first, are in these states."""
    try:
        box.until(lambda: states(box) == list(wanted), seconds, 0.05)
    except AssertionError:
        raise AssertionError((wanted, messages(box))) from None


def at_once(*works):
    """Side by side, each a function with its arguments: they mostly wait."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(*(work if isinstance(work, tuple) else (work,))) for work in works]:
            done.result()


def modem_of(box):
    return box.status()["modems"][0]


def modems(box):
    return {m["nombre"]: m for m in box.status()["modems"]}


def numbers_of(sims):
    """The numbers that received something, one entry a message."""
    return sorted(m["number"] for sim in sims for m in sim.inbox())


@contextlib.contextmanager
def pool(count, options=(), keys=None, citizens=0, ready=True, **box):
    """A box on `count` simulated modems m0, m1…; keys: the lines of each modem's section. Yields (box, sims)."""
    keys = keys or [""] * count
    with folder() as path:
        sims = []
        for n in range(count):
            sim_folder = pathlib.Path(path) / f"sim{n}"
            sim_folder.mkdir()
            sims.append(Sim(sim_folder, "pty", *options))
        free = ["" if "ritmo_por_minuto" in key else "ritmo_por_minuto = 0" for key in keys]
        others = "\n".join(f'modem m{n} {{ dispositivo = "{sims[n].device}" {free[n]} {keys[n]} }}' for n in range(1, count))
        the_box = Box(path, sims[0].device, extra=box.pop("extra", "") + "\n" + others, modem=keys[0],
                      name="m0", limits=NO_LIMITS, **box)
        with serving(the_box, ready, enrolled=False, others=sims):
            enrol(the_box, range(citizens))
            yield the_box, sims
