# SPDX-License-Identifier: EUPL-1.2
"""Somebody who has left is blocked after a term, and destroyed after another (LOPDGDD, art. 32)."""

from box import NIF, eventually, running

DAY = 24 * 3600 * 1000


def in_time(box, check):
    """The terms are looked at by the minute: where one has begun before the clock moved, by the next."""
    return eventually(lambda: check() or box.pass_time(60_000))


def ask(box, path, **fields):
    return box.control_request("POST", path, {"nif": NIF, **fields})


def test_who_has_left_is_blocked_and_then_destroyed():
    with running(enrolled=False, clock=True, extra="baja_dias = 1 bloqueo_dias = 1\n") as (box, sim):
        box.enrol(contraste="01/02/2031")
        assert ask(box, "/v1/registro/ciudadanos/renuncia", motivo="lo pide").status == 200
        box.enrol(nif="87654321X")  # with the phone that is free now
        assert ask(box, "/v1/auditoria/ciudadanos/busqueda", motivo="a").status == 404, "not blocked yet"
        box.wait_at_rest(sim)
        box.pass_time(DAY + 3600 * 1000)
        in_time(box, lambda: ask(box, "/v1/registro/ciudadanos/busqueda").status == 404)
        assert ask(box, "/v1/registro/ciudadanos/busqueda/historia").status == 404
        assert ask(box, "/v1/registro/ciudadanos/rectificacion", motivo="a", idioma="eu").status == 404
        assert ask(box, "/v1/auditoria/ciudadanos/busqueda", motivo="").json.get("campo") == "motivo", "not without a reason"
        found = ask(box, "/v1/auditoria/ciudadanos/busqueda", motivo="requerimiento del juzgado").json
        assert found["nif"] == NIF and found["estado"] == "bloqueada" and found["contraste"] is True, found
        assert [edge["acto"] for edge in found["historia"]] == ["consulta", "bloqueo", "renuncia", "alta"], found
        assert found["historia"][0]["motivo"] == "requerimiento del juzgado"
        assert "requerimiento" in box.ctl("ciudadano", "bloqueada", "--nif", NIF, "--motivo", "b").stdout
        box.pass_time(DAY)
        in_time(box, lambda: ask(box, "/v1/auditoria/ciudadanos/busqueda", motivo="a").status == 404)
        assert box.rows("SELECT count(*) FROM citizens") == [(1,)] == box.rows("SELECT count(DISTINCT citizen_id) FROM life")


def test_who_never_proves_the_mobile_is_annulled():
    path = "/v1/registro/ciudadanos/busqueda"
    with running(enrolled=False, clock=True, extra="pendiente_movil_dias = 7") as (box, sim):
        for number, phone in ((NIF, "600123123"), ("X1234567L", "600777888")):
            made = box.control_request("POST", "/v1/registro/ciudadanos", {"nif": number, "nombre": "Ana", "movil": phone, "codigo": ""})
            assert made.json["estado"] == "pendiente_movil", made.text
        box.wait_at_rest(sim)
        box.pass_time(6 * DAY)
        assert ask(box, "/v1/registro/ciudadanos/movil", movil="600555444", motivo="otro").json["estado"] == "pendiente_movil"
        box.wait_at_rest(sim)
        box.pass_time(DAY + 3600 * 1000)
        other = in_time(box, lambda: (found := box.control_request("POST", path, {"nif": "X1234567L"}).json)["estado"] == "baja" and found)
        assert ask(box, path).json["estado"] == "pendiente_movil", "another mobile has its own week"
        edge = box.control_request("POST", f"{path}/historia", {"nif": "X1234567L"}).json["historia"][0]
        assert (edge["acto"], edge["quien"], edge["avisado"]) == ("anulacion", "sistema", False) and "plazo" in edge["motivo"], (edge, other)
