# SPDX-License-Identifier: EUPL-1.2
"""What the registry keeps of a person: the parts of the name, the language, how the identity was proven (Ley 39/2015, art. 9)."""

from box import NIF, PHONE, code_of, eventually, running

CONTRAST = "01/02/2031"
NO_PACE = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0"


def entry(box, sim, contrast=None):
    """Asks for a PIN, enters with it, and returns what the sede is told."""
    before = len(sim.inbox())
    box.ask_pin(**({"contraste": contrast} if contrast else {}))
    return box.verify(code_of(eventually(lambda: len(sim.inbox()) > before and sim.inbox())[before]))


def test_the_name_comes_in_its_parts():
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        made = box.enrol(name="María", apellido1=" Íñiguez ", apellido2="de la  Torre")
        assert (made["nombre"], made["apellido1"], made["apellido2"]) == ("María", "Íñiguez", "de la Torre"), made
        told = entry(box, sim)
        assert (told["nombre"], told["apellido1"], told["apellido2"]) == ("María", "Íñiguez", "de la Torre"), told


def test_an_entry_tells_of_the_one_before():
    with running(limits=NO_PACE) as (box, sim):
        first = entry(box, sim)
        assert first["ultimo_acceso"] is None, first
        second = entry(box, sim)
        assert second["ultimo_acceso"] == first["auth_time"], second
        assert box.stop() == 0
        box.start()
        assert entry(box, sim)["ultimo_acceso"] == second["auth_time"]


def test_two_clerks_on_one_person():
    with running() as (box, _):
        def act(path, version=None, **fields):
            headers = {"If-Match": version} if version else {}
            return box.control_request("POST", f"/v1/registro/ciudadanos/{path}", {"nif": NIF, **fields}, headers=headers)
        seen = act("busqueda").headers["ETag"]
        assert act("busqueda").headers["ETag"] == seen, "looking changes nothing"
        first = act("suspension", seen, motivo="lo ha perdido")
        assert first.status == 200 and first.headers["ETag"] != seen
        for path, fields in (("reactivacion", {"motivo": "a"}), ("movil", {"motivo": "a", "movil": "+34600999888"}),
                             ("contraste", {"contraste": CONTRAST}), ("desbloqueo", {})):
            for version in (seen, "W/" + first.headers["ETag"], '"0"'):
                late = act(path, version, **fields)
                assert late.status == 412 and "Otra persona" in late.json["title"], (path, late.text)
        now = act("busqueda")
        assert (now.json["estado"], now.headers["ETag"]) == ("suspendida", first.headers["ETag"]), now.json
        assert act("reactivacion", f'"0", {seen}, {now.headers["ETag"]}', motivo="a").status == 200
        assert act("suspension", "*", motivo="a").status == 200 and act("reactivacion", motivo="a").status == 200
        assert act("suspension", "*", nif="87654321X", motivo="a").status == 404


def test_one_surname_and_a_single_name_are_right():
    with running(enrolled=False) as (box, _):
        assert box.enrol(nif="X1234567L", phone="+34600000001", name="John", apellido1="Smith")["apellido2"] == ""
        assert box.enrol(nif="87654321X", phone="+34600000002", name="Suharto")["apellido1"] == ""
        for fields, field, status in (({"apellido2": "Gil"}, "apellido1", 400), ({"apellido1": "Gi\x07l"}, "apellido1", 422),
                                      ({"apellido1": "Gil", "apellido2": "\u202eliG"}, "apellido2", 422),
                                      ({"apellido1": "G" * 400}, "apellido1", 422), ({"idioma": "fr"}, "idioma", 422)):
            answer = box.post("/v1/registro/ciudadanos", {"nif": NIF, "nombre": "Ana", "movil": PHONE, **fields})
            assert answer.status == status and answer.json["campo"] == field, (fields, answer.text)
        assert box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": NIF}).status == 404


def test_the_box_writes_in_the_language_of_the_person():
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        assert box.enrol(idioma="eu")["idioma"] == "eu"
        box.ask_pin()
        assert "zure PIN24H" in eventually(sim.inbox)[0]["text"], sim.inbox()
        box.ask_pin(idioma="en")
        assert "your PIN24H" in eventually(lambda: len(sim.inbox()) > 1 and sim.inbox())[1]["text"], "asked for at the request"
        box.control_request("POST", "/v1/registro/ciudadanos/suspension", {"nif": NIF, "motivo": "prueba"})
        assert "etenda dago" in eventually(lambda: len(sim.inbox()) > 2 and sim.inbox())[2]["text"], "the notices too"


def test_only_the_contrast_datum_makes_an_entry_substantial():
    for decided, expected in (("si", "substantial"), ("no", "low")):
        with running(enrolled=False, limits=NO_PACE, extra=f"nivel_sustancial = {decided}\n") as (box, sim):
            box.enrol(contraste=CONTRAST)
            assert entry(box, sim)["nivel"] == "low"
            told = entry(box, sim, CONTRAST)
            assert (told["nivel"], told["registro"], told["via_alta"]) == (expected, "avanzado", "presencial"), told
