# SPDX-License-Identifier: EUPL-1.2
"""The life of a registration at the desk: each act, what it ends, whom it tells, and what is kept of it (seeds 000, 001)."""

import contextlib
import json
import sqlite3

from box import NIF, PHONE, code_of, eventually, running

OTHER_PHONE = "+34600777888"
LIMITS = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0"


def desk(**more):
    return running(limits=LIMITS, **more)


def do(box, act, reason="lo ha pedido en persona", **fields):
    """As «contraclavectl ciudadano …» does."""
    answer = box.control_request("POST", f"/v1/registro/ciudadanos/{act}", {"nif": NIF, "motivo": reason, **fields})
    return answer.status, answer.json


def situation(box):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": NIF}).json["estado"]


def history(box):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF}).json["historia"]


def arrived(sim, count):
    """The newest of so many messages."""
    return eventually(lambda: len(sim.inbox()) >= count and sim.inbox())[count - 1]


def a_code(box, sim):
    before = len(sim.inbox())
    box.ask_pin()
    return code_of(arrived(sim, before + 1))


def enters(box, code):
    return box.verify(code)["resultado"] == "correcto"


def test_a_lost_phone_is_suspended_at_once():
    with desk() as (box, sim):
        code = a_code(box, sim)
        assert enters(box, code)
        status, file = do(box, "suspension", "ha perdido el móvil", instancia="2026/1234")
        assert (status, file["estado"]) == (200, "suspendida"), file
        assert not enters(box, code), "its contraclave is dead"
        told = arrived(sim, 2)
        assert told["number"] == PHONE and "queda suspendido" in told["text"], told
        box.ask_pin()
        assert do(box, "suspension")[0] == 409, "it is suspended already"
        assert do(box, "reactivacion", "lo ha encontrado")[1]["estado"] == "activa"
        assert "vuelve a estar activo" in arrived(sim, 3)["text"], "and nothing was sent meanwhile"
        assert not enters(box, code) and enters(box, a_code(box, sim))
        kept = [(e["acto"], e["motivo"], e["instancia"], e["avisado"]) for e in history(box)]
        assert kept == [("reactivacion", "lo ha encontrado", "", True),
                        ("suspension", "ha perdido el móvil", "2026/1234", True), ("alta", "", "", False)], kept
        assert all(e["quien"] for e in history(box)) and history(box)[0]["via"] == "presencial"


def test_another_phone_is_told_to_the_one_of_before():
    with desk() as (box, sim):
        code = a_code(box, sim)
        assert do(box, "movil", movil=PHONE) == (409, {**do(box, "movil", movil=PHONE)[1], "type": "phone_same", "campo": "movil"})
        assert do(box, "movil", movil="12")[1]["campo"] == "movil" and do(box, "movil")[1]["campo"] == "movil"
        box.enrol("87654321X", "Otra Persona", OTHER_PHONE)
        status, answer = do(box, "movil", movil=OTHER_PHONE)
        assert (status, answer["type"], answer["campo"]) == (409, "phone_in_use", "movil"), answer
        assert enters(box, code), "a refused change ends nothing"
        assert do(box, "movil", movil="+34600999000")[0] == 200
        assert not enters(box, code)
        told = arrived(sim, 2)
        assert told["number"] == PHONE and "van ya a otro teléfono" in told["text"], told
        box.ask_pin()
        assert arrived(sim, 3)["number"] == "+34600999000"
        box.enrol("11111111H", "Quien tiene ahora ese número", PHONE)


def test_who_renounces_may_come_back_in_person_alone():
    with desk() as (box, sim):
        code = a_code(box, sim)
        assert do(box, "renuncia", instancia="2026/77")[1]["estado"] == "baja"
        assert not enters(box, code) and "se ha dado de baja" in arrived(sim, 2)["text"]
        for act in ("suspension", "reactivacion", "renuncia", "defuncion", "anulacion"):
            status, answer = do(box, act)
            assert (status, answer["type"]) == (409, "life_state_forbids"), (act, answer)
        box.enrol("87654321X", "Quien tiene ahora ese número", PHONE)
        again = {"nif": NIF, "nombre": "María Íñiguez", "movil": PHONE, "instancia": "2026/78"}
        answer = box.post("/v1/registro/ciudadanos", again)
        assert (answer.status, answer.json["campo"]) == (409, "movil") and situation(box) == "baja", answer.text
        assert box.post("/v1/registro/ciudadanos", {**again, "movil": OTHER_PHONE}).status == 201
        assert box.post("/v1/registro/ciudadanos", {**again, "movil": OTHER_PHONE}).json["type"] == "already_registered"
        assert not enters(box, code) and enters(box, a_code(box, sim))
        assert [e["acto"] for e in history(box)] == ["alta", "renuncia", "alta"]


def test_the_phone_of_the_dead_and_of_a_mistake_is_not_told():
    for act in ("defuncion", "anulacion"):
        with desk() as (box, sim):
            code = a_code(box, sim)
            assert do(box, act)[1]["estado"] == "baja"
            assert not enters(box, code) and not history(box)[0]["avisado"]
            box.enrol("87654321X", "Quien tiene ahora ese número", PHONE)
            box.ask_pin("87654321X")
            assert "contraclave" in arrived(sim, 2)["text"], "the next message is another's"


def test_what_waits_is_not_sent_to_a_lost_phone():
    with desk(modem="ritmo_por_minuto = 1") as (box, sim):
        a_code(box, sim)
        box.ask_pin()
        eventually(lambda: box.status()["cola"]["en_cola"] == 1)
        assert do(box, "suspension")[0] == 200
        waiting = json.loads(box.ctl("--json", "cola").stdout)["mensajes"]
        states = [m["estado"] for m in waiting if m["clase"] == "contraclave"]
        assert "en_cola" not in states, waiting


def test_bad_input_changes_nothing():
    with desk() as (box, sim):
        code = a_code(box, sim)
        for act, fields, status, field in (
                ("suspension", {"motivo": "x" * 500}, 422, "motivo"), ("suspension", {"motivo": "a\u202eb"}, 422, "motivo"),
                ("suspension", {"motivo": ""}, 400, "motivo"), ("renuncia", {"motivo": "  "}, 422, "motivo"), ("defuncion", {"motivo": ""}, 400, "motivo"),
                ("suspension", {"instancia": "y" * 239}, 422, "instancia"), ("suspension", {"nif": "1"}, 422, "nif"),
                ("suspension", {"movil": PHONE}, 400, None)):
            answer = box.control_request("POST", f"/v1/registro/ciudadanos/{act}", {"nif": NIF, "motivo": "a", **fields})
            assert answer.status in (status, 422) and (field is None or answer.json.get("campo") == field), (fields, answer.text)
        for act in ("alta", "otro", "movil%2F", ""):
            assert do(box, act)[0] in (404, 422), act
        assert box.control_request("POST", "/v1/registro/ciudadanos/suspension", {"nif": "87654321X", "motivo": "a"}).status == 404
        assert box.post("/v1/registro/ciudadanos/suspension", {"nif": NIF, "motivo": "a"}).status in (403, 404), "not by a token"
        assert situation(box) == "activa" and enters(box, code) and len(history(box)) == 1


def test_the_command_line():
    with desk() as (box, sim):
        assert "suspendida" in box.ctl("ciudadano", "suspende", "--nif", NIF, "--motivo", "perdido").stdout
        assert "activa" in box.ctl("ciudadano", "reactiva", "--nif", NIF, "--motivo", "hallado").stdout
        assert "***" in box.ctl("ciudadano", "movil", "--nif", NIF, "--movil", OTHER_PHONE, "--motivo", "nuevo").stdout
        assert "baja" in box.ctl("ciudadano", "renuncia", "--nif", NIF, "--motivo", "no lo usa").stdout
        said = box.ctl("ciudadano", "historia", "--nif", NIF).stdout
        assert [said.count(word) for word in ("suspension", "reactivacion", "movil", "renuncia")] == [1] * 4, said
        wrong = box.ctl("ciudadano", "suspende", "--nif", NIF, "--motivo", "otra vez", check=False)
        assert wrong.returncode == 65 and "Mire en su ficha" in wrong.stderr, wrong
        assert box.ctl("ciudadano", "suspende", "--nif", NIF, check=False).returncode == 64


def test_an_altered_history_is_told():
    with desk() as (box, sim):
        assert do(box, "suspension")[0] == 200
        box.is_edited = True
        with contextlib.closing(sqlite3.connect(box.database)) as db:
            db.execute("UPDATE life SET at_ms = at_ms - 86400000 WHERE act = 1")
            db.commit()
        answer = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF})
        assert (answer.status, answer.json["type"]) == (500, "data_altered"), answer.text
