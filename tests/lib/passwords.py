# SPDX-License-Identifier: EUPL-1.2
"""People who enter by password, for the benches."""

import re

from box import CLAVE, eventually

PASSWORD = "caballo pila grapa correcta"


def phone_of(n):
    return f"+346{n:08d}"


def give_password(box, sim, one, n, authorised=True):
    """Registers a person with a mobile, and a password that is chosen with a PIN; the box answers to a token of all scopes."""
    box.enrol(one, f"Persona {n}", phone_of(n))
    box.ask_pin(one)

    def arrived():
        texts = [m["text"] for m in sim.ask(cmd="inbox", number=phone_of(n))["messages"]]
        return re.findall(r"contraclave PIN24H es (\d{4})", " ".join(texts))

    code = eventually(arrived)[-1]
    made = box.post("/v1/contrasenas", {"nif": one, "clave": CLAVE, "contraclave": code, "contrasena": PASSWORD})
    assert made.json == {"resultado": "sin_autorizar"}, made.text
    if authorised:
        body = {"nif": one, "tipo": "contrasena", "documento": "dni"}
        assert box.control_request("POST", "/v1/registro/credenciales/autorizacion", body).status == 200
    return code
