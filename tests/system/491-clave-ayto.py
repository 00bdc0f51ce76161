# SPDX-License-Identifier: EUPL-1.2
"""The clave of the town (seeds 003, 004): staff verify the person and press "Resetear clave", it is mailed, and changed at the
first entry."""

import re

from altas import desk, proven
from box import NIF, eventually
from mails import ANA, HOUR, MINUTE, body, found, mailing, pass_until, states, to, token_of, write

METHOD = "contrasena_ms = 20 metodos { pin24h = si clave_ayto = si }"
OWN = "caballo pila grapa correcta"
REFUSED = {"resultado": "rechazado"}
KEY = r"\b[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}\b"


def town(how=None, others=METHOD):
    return mailing(how, others=others)


def reset(box, nif=NIF, **more):
    return box.control_request("POST", "/v1/registro/ciudadanos/clave", {"nif": nif, "motivo": "ha venido con su DNI", **more})


def mailed_keys(server):
    return [re.search(KEY, body(m))[0] for m in to(server, ANA) if "Su clave" in m["Subject"]]


def prove_address(box, server):
    write(box, ANA)
    assert box.post("/v1/correos/prueba", {"prueba": token_of(eventually(lambda: to(server, ANA))[-1])}).status == 200


def enter(box, secret, **more):
    answer = box.post("/v1/accesos", {"nif": NIF, "contrasena": secret, "metodo": "clave_ayto", **more})
    assert answer.status == 200, answer.text
    return answer.json


def codes(sim):
    return re.findall(r"\b(\d{6})\b", " ".join(m["text"] for m in sim.inbox()))


def change(box, sim, asked, count, secret=OWN):
    code = eventually(lambda: len(codes(sim)) > count and codes(sim))[-1]
    return box.post(f"/v1/accesos/{asked['id']}/codigo", {"nif": NIF, "codigo": code, "nueva": secret})


def test_seed_003_new_user_verification_clave_by_mail_nif_and_clave():
    """"Nuevo usuario", a clerk who verifies, the clave by mail, and with the NIF it enters; it does not sign."""
    with town() as (box, sim, server):
        alta = proven(box, sim, correo=ANA)
        assert box.post("/v1/correos/prueba", {"prueba": token_of(eventually(lambda: to(server, ANA))[0])}).status == 200
        assert reset(box).json["type"] == "not_found", "nobody has verified yet"
        assert desk(box, alta, "validar").status == 200
        answer = reset(box)
        assert answer.status == 200 and answer.json["correo_estado"] == "probado", answer.text
        key, = eventually(lambda: mailed_keys(server))
        entry, = box.control_request("POST", "/v1/auditoria/busqueda", {"suceso": "clave"}).json["anotaciones"]
        assert entry["suceso"] == "clave", entry
        assert key not in answer.text and key not in box.program.log(), "staff do not see it"
        eventually(lambda: 1 not in states(box) and 0 not in states(box))
        assert key.encode() not in box.database.read_bytes()
        count = len(codes(sim))
        asked = enter(box, key)
        assert asked["resultado"] == "codigo", asked
        entered = change(box, sim, asked, count).json
        assert (entered["resultado"], entered["metodo"], entered["firma_valida"], entered["nif"]) == ("correcto", "clave_ayto", False, NIF), entered
        assert enter(box, key) == REFUSED, "it was to be changed at the first use"
        again = enter(box, OWN)
        assert (again["resultado"], again["metodo"]) == ("correcto", "clave_ayto"), again
        kept, = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/expediente", {"nif": NIF}).json["credenciales"]
        assert (kept["tipo"], kept["estado"], kept["caduca"], kept["debe_cambiarla"]) == ("clave_ayto", "activa", None, False), kept
        exported, = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/exportacion", {}).json["ciudadanos"]
        assert (exported["correo"], exported["correo_estado"], exported["clave_ayto"], exported["contrasena"]) == (ANA, "probado", "activa", ""), exported
        method, = [m for m in box.get("/v1/metodos").json["metodos"] if m["metodo"] == "clave_ayto"]
        assert method["pide"] == ["nif", "contrasena"], method


def test_seed_004_resetear_clave_after_control_questions_by_telephone():
    """How the identity was verified is kept; the same act replaces a clave that is lost."""
    with town() as (box, sim, server):
        box.enrol()
        prove_address(box, server)
        for bad, kind in (({"motivo": ""}, "field_missing"), ({"via": "paloma"}, "channel_unknown")):
            assert reset(box, **bad).json["type"] == kind, bad
        assert reset(box, via="telefono", motivo="preguntas: validez del DNI y último trámite").status == 200
        first, = eventually(lambda: mailed_keys(server))
        told = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF}).json["historia"][0]
        assert (told["acto"], told["via"], told["motivo"]) == ("clave", "telefono", "preguntas: validez del DNI y último trámite"), told
        assert reset(box).status == 200
        second = eventually(lambda: mailed_keys(server)[1:])[0]
        assert first != second and enter(box, first) == REFUSED and enter(box, second)["resultado"] == "codigo"
        assert [r for r in box.rows("SELECT event FROM audit WHERE event = 'clave'")] == [("clave",), ("clave",)]


def test_seed_004_a_clave_is_good_for_30_days():
    with town() as (box, sim, server):
        box.enrol()
        prove_address(box, server)
        assert reset(box).status == 200
        key, = eventually(lambda: mailed_keys(server))
        box.pass_time(30 * 24 * HOUR - MINUTE)
        assert enter(box, key)["resultado"] == "codigo"
        box.pass_time(MINUTE)
        assert enter(box, key) == REFUSED


def test_no_clave_without_a_proven_address():
    with town() as (box, sim, server):
        box.enrol()
        assert (reset(box).status, reset(box).json["type"]) == (409, "email_unproven")
        write(box, ANA)
        assert reset(box).json["type"] == "email_unproven"
        assert box.rows("SELECT count(*) FROM credentials") == [(0,)] and found(box)["correo_estado"] == "sin_probar"


def test_a_clave_that_was_asked_for_while_the_mail_server_was_down_for_a_day():
    with town() as (box, sim, server):
        box.enrol()
        prove_address(box, server)
        server.how = "busy"
        assert reset(box).status == 200
        eventually(lambda: server.calls > 1)
        for _ in range(4):
            box.pass_time(6 * HOUR)
        server.how = None
        pass_until(box, lambda: mailed_keys(server), HOUR, 5)
        assert len(mailed_keys(server)) == 1


def test_a_town_that_does_not_admit_it():
    with town(others="") as (box, sim, server):
        box.enrol()
        prove_address(box, server)
        assert (reset(box).status, reset(box).json["type"]) == (403, "method_closed")
        assert box.rows("SELECT count(*) FROM credentials") == [(0,)]
