# SPDX-License-Identifier: EUPL-1.2
"""A box where only the limits of a test hold, and what a citizen and a stranger do at it."""

from box import NAME, NIF, PHONE, code_of, eventually, running

KEYS = ("usos_por_peticion intentos_por_peticion vivas_por_nif segundos_entre_peticiones peticiones_nif_hora"
        " peticiones_nif_dia peticiones_contraste_hora peticiones_contraste_dia contraste_siempre"
        " contrastes_direccion_dia contrastes_nif_dia contrastes_nif_30d fallos_seguidos_contraste fallos_seguidos_bloqueo rechazos_nif_hora sms_movil_dia"
        " fallos_ip_hora peticiones_ip_hora cliente_por_segundo cliente_rafaga nifs_entidad_alarma nifs_entidad_contraste"
        " fallos_entidad_total fallos_entidad_30d envios_entidad_veces envios_entidad_minimo").split()
UNKNOWN = "87654321X"
OTHER = ("X1234567L", "Ana Ruiz", "+34600999888")
CONTRAST, OTHER_CONTRAST = "31/12/2030", "E12345678"
MINUTE, HOUR, DAY = 60, 3600, 86400
REFUSED = {"resultado": "rechazado"}
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def limited(clock=True, extra="", enrolled=True, **on):
    """Only these limits hold; the citizen has no contrast datum."""
    assert set(on) <= set(KEYS), on
    limits = " ".join(f"{key} = {on.get(key, 0)}" for key in KEYS)
    return running(clock=clock, extra=extra, enrolled=enrolled, limits=limits)


def as_shipped(clock=True, extra="", limits=""):
    """The limits of the profile but the client's pace; nobody is enrolled."""
    return running(clock=clock, extra=extra, enrolled=False, limits=f"cliente_por_segundo = 0 {limits}")


def enrol_owner(box):
    return box.enrol(NIF, NAME, PHONE, contraste=CONTRAST)


def messages(box):
    """How many messages were ever taken on: in the same commit as the 202, so nothing to wait for."""
    return sum(box.status()["cola"].values())


def texts(sim, count):
    return [m["text"] for m in eventually(lambda: len(sim.inbox()) >= count and sim.inbox())]


def wait_handed_over(box):
    """Before the clock is set: a message that still waits then may have expired."""
    eventually(lambda: not any(box.status()["cola"][state] for state in ("en_cola", "enviando")))


def wrong(code):
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def code_at(sim, index):
    return code_of(eventually(lambda: sim.inbox()[index:])[0])


def nif(number):
    return f"{number:08d}{LETTERS[number % 23]}"
