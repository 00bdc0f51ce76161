# SPDX-License-Identifier: EUPL-1.2
"""What a client reads of the status does not tell whether its request sent a message."""

from box import NIF, eventually, running

NOBODY = "87654321X"
COUNTERS = "enviados rechazados inciertos informes perdidas basura recibidos no_guardados".split()
LIMITS = "cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0" \
    " sms_movil_dia = 0"


def told(box):
    """The members that requests could change."""
    status = box.get("/v1/estado").json
    modem = status["modems"][0]
    return {"cola": status["cola"], "enviando": modem["enviando"], **{c: modem[c] for c in COUNTERS}}


def test_a_client_cannot_tell_a_request_that_sent_from_one_that_did_not():
    with running(limits=LIMITS) as (box, sim):
        before = told(box)
        for n in range(1, 10):
            box.ask_pin(NOBODY)
            box.ask_pin(NIF)
            assert told(box) == before, "fewer than ten are none"
            eventually(lambda: box.status()["cola"]["entregado"] == n)
            assert told(box) == before, told(box)
        box.ask_pin(NIF)
        eventually(lambda: box.status()["cola"]["entregado"] == 10)
        after = told(box)
        assert after["cola"]["entregado"] == after["enviados"] == 10, after
        exact = box.status()
        assert exact["modems"][0]["enviados"] == 10 and exact["modems"][0]["enviando"] is False, exact
        for row in box.get("/v1/modems/-/historia").json["filas"]:
            assert all(value is None or value % 10 == 0 for value in row[-3:]), row


def test_times_are_in_minutes():
    with running(clock=True, modem="ritmo_por_minuto = 1", limits=LIMITS) as (box, sim):
        for _ in range(3):
            box.ask_pin()
        eventually(lambda: box.status()["cola"]["en_cola"] == 2)
        box.set_clock(90 * 1000)
        assert box.status()["cola"]["espera_s"] in range(80, 120), box.status()["cola"]
        status = box.get("/v1/estado").json
        assert status["cola"]["espera_s"] == 60 and status["cola"]["en_cola"] == 0, status["cola"]
        assert status["modems"][0]["segundos_en_estado"] % 60 == 0


def test_the_probes_say_nothing_of_it():
    with running() as (box, _):
        before = [box.get(path, token=None).text for path in ("/healthz", "/readyz")]
        box.ask_pin()
        assert [box.get(path, token=None).text for path in ("/healthz", "/readyz")] == before
