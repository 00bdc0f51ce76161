# SPDX-License-Identifier: EUPL-1.2
"""What the registry keeps of a person: the parts of the name, the language, how the identity was proven (Ley 39/2015, art. 9)."""

import people
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
        made = box.control_request("POST", "/v1/registro/ciudadanos", {"nif": "X1234567L", "nombre": "Eva", "movil": "+34600111222"})
        assert made.headers["ETag"] == act("busqueda", nif="X1234567L").headers["ETag"], "the alta tells it too"
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


def do(box, act, nif=NIF, **fields):
    answer = box.control_request("POST", f"/v1/registro/ciudadanos/{act}", {"nif": nif, "motivo": "lo pide", **fields})
    return answer.status, answer.json


def look(box, nif=NIF):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": nif}).json


def history(box, nif=NIF):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": nif}).json["historia"]


def test_the_history_keeps_what_was_shown_and_told():
    with running(enrolled=False, extra='clausula_version = "2026-01"\n') as (box, _):
        box.enrol(documento="Pasaporte AAB123456", instancia="2026/77")
        alta = history(box)[0]
        assert (alta["acto"], alta["documento"], alta["instancia"], alta["clausula"]) == ("alta", "Pasaporte AAB123456", "2026/77", "2026-01"), alta
        assert b"AAB123456" not in box.database.read_bytes()


def test_a_name_is_corrected():
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        box.enrol(name="Mria", apellido1="Gmez")
        status, file = do(box, "rectificacion", nombre="María", apellido1="Gómez", apellido2="Gil", idioma="gl")
        assert status == 200 and [file[k] for k in ("nombre", "apellido1", "apellido2", "idioma")] == ["María", "Gómez", "Gil", "gl"], file
        assert entry(box, sim)["apellido1"] == "Gómez" and history(box)[0]["acto"] == "rectificacion"
        assert do(box, "rectificacion", apellido1="Solo")[1]["campo"] == "nombre"
        assert do(box, "rectificacion", idioma="es")[1]["nombre"] == "María", "the language alone"
        do(box, "renuncia")
        assert do(box, "rectificacion", idioma="es")[0] == 409


def test_from_nie_to_dni_in_one_act():
    nie = "X1234567L"
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        box.enrol(nif=nie, name="Ion", apellido1="Popa", idioma="ca", contraste="E12345678")
        assert box.post("/v1/solicitudes", {"nif": nie, "clave": "1234"}).status == 202
        code = code_of(eventually(sim.inbox)[0])
        for old, new, field, status in ((nie, "Y1234567X", "nif_nuevo", 422), ("Y1234567X", NIF, None, 404), (nie, "1", "nif_nuevo", 422)):
            got, problem = do(box, "cambio_nif", nif=old, nif_nuevo=new)
            assert got == status and problem.get("campo") == field, problem
        status, file = do(box, "cambio_nif", nif=nie, nif_nuevo=NIF, contraste=CONTRAST)
        assert status == 200 and [file[k] for k in ("nombre", "apellido1", "idioma", "contraste", "estado")] == ["Ion", "Popa", "ca", True, "activa"], file
        assert box.verify(code, nie, "1234")["resultado"] == "rechazado" and look(box, nie)["estado"] == "baja"
        assert history(box, nie)[0]["acto"] == "cambio_nif" and history(box, nie)[0]["nif_vinculado"] == NIF
        assert history(box)[0]["acto"] == "alta" and history(box)[0]["nif_vinculado"] == nie
        before = len(sim.inbox())
        assert box.post("/v1/solicitudes", {"nif": NIF, "clave": "1234"}).status == 202
        code = code_of(eventually(lambda: len(sim.inbox()) > before and sim.inbox())[before])
        assert box.verify(code, NIF, "1234")["nombre"] == "Ion", "the phone is the same"
        assert do(box, "cambio_nif", nif=nie, nif_nuevo="87654321X")[0] == 409 and look(box, "87654321X")["status"] == 404


def test_who_is_suspended_is_so_with_the_other_nif_too():
    """The phone is lost: whoever has found it gets no PIN of the DNI either."""
    with running(enrolled=False, limits=NO_PACE) as (box, _):
        box.enrol(nif="X1234567L")
        assert do(box, "suspension", nif="X1234567L")[0] == 200
        status, file = do(box, "cambio_nif", nif="X1234567L", nif_nuevo=NIF)
        assert (status, file["estado"]) == (200, "suspendida"), file
        assert [e["acto"] for e in history(box)] == ["suspension", "alta"], history(box)
        assert do(box, "reactivacion")[1]["estado"] == "activa"


def test_an_nif_that_is_taken_changes_nothing():
    with running(enrolled=True) as (box, _):
        box.enrol(nif="X1234567L", phone="+34600000001")
        status, problem = do(box, "cambio_nif", nif="X1234567L", nif_nuevo=NIF)
        assert (status, problem["campo"]) == (409, "nif_nuevo"), problem
        assert look(box, "X1234567L")["estado"] == "activa" and len(history(box, "X1234567L")) == 1


def test_a_shared_phone_needs_a_supervisor():
    with running() as (box, _):
        people.first(box)
        clerk, boss = people.add(box, "Clara", "registro"), people.add(box, "Sofía", "supervisor")
        other = {"nif": "87654321X", "nombre": "Eva", "movil": PHONE}
        assert clerk.ask("POST", "/v1/registro/ciudadanos", other).json["campo"] == "movil"
        refused = clerk.ask("POST", "/v1/registro/ciudadanos", {**other, "comparte_movil": "es su madre"})
        assert (refused.status, refused.json["campo"]) == (403, "comparte_movil"), refused.text
        made = boss.ask("POST", "/v1/registro/ciudadanos", {**other, "comparte_movil": "es su madre"})
        assert made.status == 201 and made.json["comparte_movil"] is True, made.text
        assert history(box, "87654321X")[0]["motivo"] == "es su madre" and look(box)["comparte_movil"] is False
        assert do(box, "movil", nif="87654321X", movil="+34600777888")[1]["comparte_movil"] is False


def test_what_may_be_done_by_telephone():
    with running() as (box, _):
        assert do(box, "suspension", via="telefono")[0] == 200 and history(box)[0]["via"] == "telefono"
        for act, fields in (("reactivacion", {}), ("movil", {"movil": "+34600777888"}), ("renuncia", {}), ("defuncion", {})):
            status, problem = do(box, act, via="telefono", **fields)
            assert status == 409 and problem["type"] == "in_person", (act, problem)
        assert do(box, "reactivacion", via="carta")[1]["campo"] == "via"
        assert do(box, "reactivacion", via="presencial")[0] == 200


def test_a_supervisor_goes_through_everybody():
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    nifs = [f"{n:08d}{letters[n % 23]}" for n in range(40000000, 40000230)]
    with running(enrolled=False, limits="cliente_por_segundo = 0") as (box, _):
        for number, nif in enumerate(nifs):
            box.enrol(nif=nif, name=f"Persona {number}", phone=f"+346{number:08d}", **({"contraste": CONTRAST} if number == 5 else {}))
        assert do(box, "suspension", nif=nifs[7])[0] == 200
        seen, with_contrast, cursor, pages = {}, [], "", 0
        while cursor is not None:
            page = box.control_request("GET", f"/v1/registro/ciudadanos{cursor and '?cursor=' + cursor}").json
            seen.update({row["nombre"]: row["estado"] for row in page["ciudadanos"]})
            with_contrast += [row["nombre"] for row in page["ciudadanos"] if row["contraste"]]
            assert len(page["ciudadanos"]) <= 100 and all(row["legible"] and "*" in row["nif"] for row in page["ciudadanos"])
            cursor, pages = page["siguiente"], pages + 1
        assert (len(seen), pages) == (230, 3) and seen["Persona 7"] == "suspendida", (len(seen), pages)
        assert with_contrast == ["Persona 5"], with_contrast
        for bad in ("x", "0", "-1", "1x", "9" * 30, ""):
            answer = box.control_request("GET", f"/v1/registro/ciudadanos?cursor={bad}")
            assert answer.status == 422 and answer.json["campo"] == "cursor", (bad, answer.text)


def test_the_options_of_the_command_line():
    """Those whose name has a dash are members with an underscore."""
    with running() as (box, _):
        box.ctl("ciudadano", "alta", "--nif", "X1234567L", "--nombre", "Ion", "--apellido1", "Popa", "--movil", PHONE, "--idioma", "ca",
                "--documento", "NIE", "--comparte-movil", "es su hijo")
        assert look(box, "X1234567L")["comparte_movil"] is True and history(box, "X1234567L")[0]["motivo"] == "es su hijo"
        box.ctl("ciudadano", "rectifica", "--nif", "X1234567L", "--motivo", "errata", "--nombre", "Ioan", "--apellido1", "Popa")
        said = box.ctl("ciudadano", "cambia-nif", "--nif", "X1234567L", "--nif-nuevo", "87654321X", "--motivo", "ya es español").stdout
        assert "Ioan" in said and look(box, "87654321X")["estado"] == "activa", said
        box.ctl("ciudadano", "suspende", "--nif", "87654321X", "--motivo", "lo ha perdido", "--via", "telefono")
        assert "telefono" in box.ctl("ciudadano", "historia", "--nif", "87654321X").stdout
