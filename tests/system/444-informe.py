# SPDX-License-Identifier: EUPL-1.2
"""The report for support: all that helps, and nothing that is secret or personal."""

import re

from box import CLAVE, NAME, NIF, PHONE, code_of, eventually, running

PIN = "4309"
MAIL_KEY = "la-clave-del-correo"
SECRET = "un-secreto-de-webhook"
CONF = f'avisos {{ correo = "guardia@villaejemplo.example" smtp_servidor = "127.0.0.1:9" smtp_clave = "{MAIL_KEY}"' \
    f' remitente = "caja@villaejemplo.example" webhook_secreto = "{SECRET}" }}'
PARTS = ("Informe de contraclaved", "En marcha desde: 20", "Sistema: Linux", "http escucha = 127.0.0.1:", "modem pin_sim = (puesto)",
         "root nivel_registro = depuracion\n", "avisos smtp_seguridad = starttls\n", "avisos smtp_clave = (puesto)",
         "limites cliente_por_segundo = ", "== Diagnóstico ==", '"veredicto":{"puede":"',
         "Arranca el servicio.", "«principal» se ha desenchufado.", "== Recuperaciones de «principal» ==",
         "== Traza de «principal» ==", "AT+CMGS=")


def report(box):
    answer = box.control_request("GET", "/v1/informe")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/plain; charset=utf-8", answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="informe-contraclaved.txt"'
    return answer.text


def test_all_that_helps_and_no_canary():
    with running(options=("--pin", PIN), modem=f'pin_sim = "{PIN}"', extra=CONF) as (box, sim):
        box.ask_pin()
        message = eventually(sim.inbox)[0]
        code = code_of(message)
        assert box.verify(code)["resultado"]
        assert box.control_request("POST", "/v1/envios/pausa", {"motivo": "avisar a Ana, 600 111 222, DNI 87654321X"}).status == 200
        sim.ask(cmd="vanish", ms=1500)
        eventually(lambda: "se ha desenchufado" in report(box))
        text = report(box)
        for part in PARTS:
            assert part in text, part
        digits = PHONE.replace("+34", "")
        for canary in (NIF, NIF[:8], NAME, PHONE, digits, code, CLAVE, PIN, MAIL_KEY, SECRET, box.token, "600 111 222", "600111222",
                       "87654321", "guardia@", "caja@", "Bearer", message["text"][:20]):
            assert re.search(rf"(?<!\d){re.escape(canary)}(?!\d)", text) is None, canary
        assert box.ctl("informe").stdout.splitlines()[0] == text.splitlines()[0]


def test_who_may_not_have_it():
    with running(enrolled=False) as (box, _):
        assert box.get("/v1/informe").status == 403
        assert box.get("/v1/informe", token=None).status == 401
