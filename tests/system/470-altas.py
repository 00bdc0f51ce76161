# SPDX-License-Identifier: EUPL-1.2
"""The ways in to a registration, each open or closed by the town (seed 001)."""

import signal

from box import NIF, PHONE, eventually, running


def enrol(box, **fields):
    return box.control_request("POST", "/v1/registro/ciudadanos", {"nif": NIF, "nombre": "Ana Gil", "movil": PHONE, **fields})


def test_a_way_that_the_town_has_closed():
    with running(enrolled=False, extra='altas { presencial = no formulario = "desde 2026-01-01" }') as (box, _):
        answer = enrol(box)
        assert (answer.status, answer.json["type"]) == (403, "way_closed"), answer.text
        assert answer.json["detail"] == "Esta vía de alta está cerrada. Puede hacerse con el formulario de la sede.", answer.text
        assert box.rows("SELECT count(*) FROM citizens") == [(0,)]
        text = box.conf.read_text()
        box.conf.write_text(text.replace("presencial = no", "presencial = si"))
        box.program.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: enrol(box).status in (201, 409)), "open without a restart"
