# SPDX-License-Identifier: EUPL-1.2
"""What a person does with his own registration through the sede: renuncia with a PIN (seed 001), suspension on loss with the
contrast datum (ENS op.acc.5.5)."""

from box import CLAVE, NIF, code_of, eventually, running

CONTRAST = "01/02/2031"
UNKNOWN = "87654321X"


def sede(**more):
    return running(enrolled=False, limits="segundos_entre_peticiones = 0", **more)


def start(box):
    box.client("registro,solicitar,verificar,alta", "todo")
    box.enrol(contraste=CONTRAST)


def state(box):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": NIF}).json["estado"]


def history(box):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF}).json["historia"]


def arrived(sim, count):
    return eventually(lambda: len(sim.inbox()) >= count and sim.inbox())[count - 1]["text"]


def renounce(box, code, **more):
    return box.post("/v1/renuncias", {"nif": NIF, "clave": CLAVE, "contraclave": code, **more})


def lose(box, nif=NIF, contrast=CONTRAST, **more):
    return box.post("/v1/suspensiones", {"nif": nif, "contraste": contrast, **more})


def test_a_renuncia_is_proven_by_a_pin():
    with sede() as (box, sim):
        start(box)
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        wrong = f"{(int(code) + 1) % 10000:04d}"
        assert renounce(box, wrong).json == {"resultado": "rechazado"} and state(box) == "activa"
        assert box.post("/v1/renuncias", {"nif": UNKNOWN, "clave": CLAVE, "contraclave": code}).json == {"resultado": "rechazado"}
        assert renounce(box, code).json == {"resultado": "correcto"}
        assert state(box) == "baja" and "se ha dado de baja" in arrived(sim, 2)
        edge = history(box)[0]
        assert (edge["acto"], edge["via"], edge["motivo"]) == ("renuncia", "en_linea", "Lo pide con su PIN"), edge
        assert box.verify(code)["resultado"] == "rechazado" and renounce(box, code).json == {"resultado": "rechazado"}
        assert box.post("/v1/registro/ciudadanos", {"nif": NIF, "nombre": "Ana", "movil": "+34600123123"}).status == 201, "in person"


def test_a_retried_renuncia_gets_the_first_answer():
    with sede() as (box, sim):
        start(box)
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        body = {"nif": NIF, "clave": CLAVE, "contraclave": code}
        answers = [box.post("/v1/renuncias", body, headers={"Idempotency-Key": "a"}).json for _ in range(3)]
        assert answers == [{"resultado": "correcto"}] * 3 and len(history(box)) == 2, answers


def test_a_lost_phone_is_suspended_with_the_contrast_datum():
    with sede() as (box, sim):
        start(box)
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        answers = [lose(box, contrast="02/02/2031"), lose(box, nif=UNKNOWN), lose(box), lose(box)]
        assert {(a.status, a.text) for a in answers} == {(202, '{"resultado":"recibido"}')}, "it tells nothing"
        assert state(box) == "suspendida" and box.verify(code)["resultado"] == "rechazado"
        assert "queda suspendido" in arrived(sim, 2)
        edge = history(box)[0]
        assert (edge["acto"], edge["via"]) == ("suspension", "en_linea") and len(history(box)) == 2, edge
        box.wait_at_rest(sim)
        assert len(sim.inbox()) == 2, "once"


def test_so_many_wrong_contrast_data_and_no_more():
    with sede() as (box, sim):
        start(box)
        for day in range(10, 15):
            assert lose(box, contrast=f"{day}/02/2031", ip_usuario="192.0.2.7").status == 202
        lose(box, ip_usuario="192.0.2.7")
        assert state(box) == "activa", "from there none is compared today"
        assert "dato de contraste" in arrived(sim, 1), "and the phone is told"
        lose(box, ip_usuario="192.0.2.8")
        assert state(box) == "suspendida"


def test_what_cannot_be_read_is_named():
    with sede() as (box, _):
        start(box)
        for path, body, status, field in (
                ("/v1/suspensiones", {"nif": NIF}, 400, "contraste"), ("/v1/suspensiones", {"nif": NIF, "contraste": ""}, 400, "contraste"),
                ("/v1/suspensiones", {"nif": NIF, "contraste": "ayer"}, 422, "contraste"),
                ("/v1/suspensiones", {"nif": "1", "contraste": CONTRAST}, 422, "nif"),
                ("/v1/renuncias", {"nif": NIF, "clave": "1", "contraclave": "1234"}, 422, "clave"),
                ("/v1/renuncias", {"nif": NIF, "clave": CLAVE, "contraclave": "1"}, 422, "contraclave")):
            answer = box.post(path, body)
            assert (answer.status, answer.json["campo"]) == (status, field), (path, body, answer.text)
        box.client("solicitar,verificar", "otra")
        assert lose(box).status == 403 and renounce(box, "1234").status == 403
        assert state(box) == "activa"
