# SPDX-License-Identifier: EUPL-1.2
"""The person's file for a request of access (GDPR art. 15): all that the box holds on one person, and on no other."""

import json

from box import CLAVE, NIF, PHONE, code_of, eventually, running

OTHER = "87654321X"


def file_of(box, nif):
    return json.loads(box.ctl("--json", "ciudadano", "expediente", "--nif", nif).stdout)


def test_the_file_is_whole():
    with running(enrolled=False, limits="segundos_entre_peticiones = 1") as (box, sim):
        box.enrol(name="María", apellido1="Íñiguez", contraste="31/12/2030", idioma="eu", instancia="2026-E-RC-311")
        box.enrol(OTHER, "Ana", "+34600999888")
        box.ask_pin(OTHER)
        box.ask_pin(contraste="31/12/2030")
        code = code_of(eventually(lambda: [m for m in sim.inbox() if m["number"] == PHONE])[0])
        box.verify(f"{(int(code) + 1) % 10000:04}")
        assert box.verify(code)["resultado"] == "correcto"
        eventually(lambda: box.rows("SELECT count(*) FROM outbox WHERE state = 3")[0][0] == 2)  # both delivered
        found = file_of(box, NIF)
        assert found["persona"] == {
            "nif": NIF, "nombre": "María", "apellido1": "Íñiguez", "apellido2": "", "movil": PHONE, "contraste": "2030-12-31",
            "idioma": "eu", "estado": "activa", "registro": "avanzado", "via_alta": "presencial",
            "alta": found["persona"]["alta"], "comparte_movil": False, "bloqueado": False, "contraste_bloqueado": False}, found
        assert [(e["acto"], e["instancia"]) for e in found["historia"]] == [("alta", "2026-E-RC-311")], found["historia"]
        assert [(p["con_contraste"], p["usos"]) for p in found["peticiones"]] == [(True, 1)], found["peticiones"]
        assert [(m["clase"], m["estado"]) for m in found["mensajes"]] == [("contraclave", "entregado")], found["mensajes"]
        assert [f["que"] for f in found["fallos"]] == ["contraclave"], found["fallos"]
        events = [a["suceso"] for a in found["auditoria"]]
        assert {"alta", "solicitud", "verificacion", "expediente"} <= set(events), events
        text = box.ctl("ciudadano", "expediente", "--nif", "-", stdin=NIF + "\n").stdout
        for words in ("Datos de la persona", "Íñiguez", PHONE, "Peticiones de PIN", "Registro de auditoría", "entregado"):
            assert words in text, (words, text)
        assert CLAVE not in text and code not in text, "no secret is in it"
        assert [a["suceso"] for a in file_of(box, OTHER)["auditoria"]].count("expediente") == 1, "each has its own"
        assert "María" not in json.dumps(file_of(box, OTHER)) and len(file_of(box, OTHER)["peticiones"]) == 1


def test_each_file_is_audited_once():
    with running() as (box, _):
        asked = lambda: box.rows("SELECT actor, result FROM audit WHERE event = 'expediente'")
        file_of(box, NIF)
        assert [(actor.split()[0], result) for actor, result in asked()] == [("control:uid", "correcto")], asked()
        missing = box.ctl("ciudadano", "expediente", "--nif", OTHER, check=False)
        assert missing.returncode == 69 and "No existe" in missing.stderr and missing.stdout == "", missing
        assert len(asked()) == 1


def test_a_shared_phone_tells_nobody_elses():
    with running(limits="segundos_entre_peticiones = 1") as (box, sim):
        ana = {"nif": OTHER, "nombre": "Ana", "movil": PHONE, "comparte_movil": "Viven juntos"}
        assert box.control_request("POST", "/v1/registro/ciudadanos", ana).status == 201
        box.ask_pin(OTHER)
        eventually(lambda: len(sim.inbox()) == 1)
        assert len(file_of(box, OTHER)["mensajes"]) == 1
        assert file_of(box, NIF)["mensajes"] == [], "that one went to the other's request"
