# SPDX-License-Identifier: EUPL-1.2
"""Lines of the seeds 002 (Bailén), 003 (CGS) and 004 (Munigex) that no other file proves: tests/README.md has all of them."""

import datetime
import re
import zoneinfo

import altas
import retos
from box import CLAVE, NIF, code_of, eventually, running
from mails import ANA, body, by, mailing, to, token_of
from receivers import MailServer

MADRID = zoneinfo.ZoneInfo("Europe/Madrid")
PASSWORD = "caballo pila grapa correcta"
FREE = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0 cliente_por_segundo = 0"
REFUSED = {"resultado": "rechazado"}
KEY = r"\b[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}\b"


def staff(box, path, **more):
    return box.control_request("POST", f"/v1/registro/{path}", {"nif": NIF, **more})


def mailed_key(server, count=1):
    found = lambda: [re.search(KEY, body(m))[0] for m in to(server, ANA) if "Su clave" in m["Subject"]]
    return eventually(lambda: len(found()) >= count and found())[-1]


def prove_address(box, server):
    assert staff(box, "ciudadanos/correo", correo=ANA).status == 200
    assert box.post("/v1/correos/prueba", {"prueba": token_of(eventually(lambda: to(server, ANA))[-1])}).status == 200


def enter_with_key(box, key):
    return box.post("/v1/accesos", {"nif": NIF, "contrasena": key, "metodo": "clave_ayto"}).json


def test_seed_002_three_ways_in():
    """Certificate, Cl@ve and user with password, in that order of the town; each with what it asks and who proves it."""
    ways = "metodos { pin24h = no certificado = si afirmado = si contrasena_sms = si } contrasena_ms = 20"
    with running(enrolled=False, extra=ways) as (box, _):
        told = {m["metodo"]: m for m in box.get("/v1/metodos").json["metodos"]}
        assert set(told) == {"certificado", "afirmado", "contrasena_sms"}, told
        assert told["contrasena_sms"]["pide"] == ["nif", "contrasena", "codigo"] and told["contrasena_sms"]["comprueba"] == "equipo"
        assert told["certificado"]["comprueba"] == told["afirmado"]["comprueba"] == "sede" and "Cl@ve" in told["afirmado"]["explicacion"]


def test_seed_002_each_official_means_of_identification():
    """DNI, NIE, passport or another official means: which one was seen is kept; another word is none."""
    with running(enrolled=False, limits=FREE, extra="contrasena_ms = 20 metodos { contrasena_sms = si }") as (box, sim):
        box.client("registro,solicitar,verificar,alta", "todo")
        box.enrol()
        for number, seen in enumerate(("dni", "nie", "pasaporte", "permiso_conducir", "otro")):
            box.ask_pin()
            code = code_of(eventually(lambda: (m := [m for m in sim.inbox() if "contraclave" in m["text"]])[number:])[0])
            made = box.post("/v1/contrasenas", {"nif": NIF, "clave": CLAVE, "contraclave": code, "contrasena": PASSWORD})
            assert made.json == {"resultado": "sin_autorizar"}, made.text
            for word in ("", "carne de la biblioteca", "DNI"):
                assert staff(box, "credenciales/autorizacion", tipo="contrasena", documento=word).status == 422, word
            assert staff(box, "credenciales/autorizacion", tipo="contrasena", documento=seen).status == 200, seen
            assert box.rows("SELECT result FROM audit WHERE event = 'contrasena_autorizacion' ORDER BY id DESC LIMIT 1") == [(seen,)]
            assert box.post("/v1/accesos", {"nif": NIF, "contrasena": PASSWORD}).json["resultado"] == "codigo"


def test_seed_003_giltza_firmadorcgs_and_the_bakq_card():
    """Whom each of them has identified at the sede is registered; the history keeps which; the town decides which it admits."""
    people = {"giltza": NIF, "firmadorcgs": "87654321X", "bakq": "X1234567L"}
    with running(enrolled=False, limits=FREE, extra='identidades_admitidas = "giltza, firmadorcgs, bakq" altas { identidad = si }') as (box, _):
        box.client("identidad", "portal")
        alta = lambda nif, source, phone: box.post("/v1/altas/identidad", {"nif": nif, "nombre": "Ane", "apellido1": "Agirre", "movil": phone, "fuente": source})
        for number, (source, nif) in enumerate(people.items()):
            assert alta(nif, source, f"60012312{number}").status == 201, source
            told = box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": nif}).json["historia"][0]
            assert (told["via"], told["motivo"]) == ("identidad", source), told
        assert alta("50000001W", "clave", "600123129").json["type"] == "source_not_admitted"


def test_seed_003_the_clave_of_the_town_until_its_last_day():
    """Announced 60 days before; from the midnight after it, in the town's zone, each of its calls is refused and names what is left."""
    now = datetime.datetime.now(MADRID)
    last = now.date() + datetime.timedelta(days=20)

    def at(days, *clock):
        instant = datetime.datetime.combine(last + datetime.timedelta(days=days), datetime.time(*clock), MADRID)
        box.set_clock(int((instant.timestamp() - now.timestamp()) * 1000))

    server = MailServer()
    more = by(server.port, others=f'contrasena_ms = 20 metodos {{ clave_ayto = "hasta {last}" pin24h = si }}')
    try:
        with running("unix", clock=True, true_network=True, limits=FREE, enrolled=False, extra=more) as (box, sim):
            box.client("alta,solicitar,verificar,registro", "portal")
            box.enrol(contraste="31/12/2030")
            prove_address(box, server)
            assert staff(box, "ciudadanos/clave", motivo="ha venido con su DNI").status == 200
            key = mailed_key(server)
            told = {m["metodo"]: m for m in box.get("/v1/metodos").json["metodos"]}
            assert told["clave_ayto"]["aviso"] == f"Se admite hasta el {last:%d/%m/%Y}. Después podrá usar: PIN 24 horas.", told
            at(0, 23, 58)
            asked = enter_with_key(box, key)
            assert asked["resultado"] == "codigo", asked
            code = eventually(lambda: altas.codes(sim))[-1]
            at(1, 0, 0, 1)
            calls = [("/v1/accesos", {"nif": NIF, "contrasena": key, "metodo": "clave_ayto"}),
                     ("/v1/accesos/recuperacion", {"nif": NIF, "contraste": "31/12/2030", "metodo": "clave_ayto"})]
            for path, sent in calls:
                refused = box.post(path, sent)
                assert (refused.status, refused.json["type"]) == (403, "method_closed") and "PIN 24 horas" in refused.json["detail"], refused.text
            assert box.post(f"/v1/accesos/{asked['id']}/codigo", {"nif": NIF, "codigo": code, "nueva": PASSWORD}).json == REFUSED
            assert staff(box, "ciudadanos/clave", motivo="ha venido con su DNI").json["type"] == "method_closed"
            assert [m["metodo"] for m in box.get("/v1/metodos").json["metodos"]] == ["pin24h"]
    finally:
        server.stop()


def test_seed_002_an_alta_with_a_password_past_the_last_day_of_passwords():
    now = datetime.datetime.now(MADRID)
    last = now.date() + datetime.timedelta(days=1)
    more = f'contrasena_ms = 20 reto_dificultad = 4 altas {{ formulario = si }} metodos {{ contrasena_sms = "hasta {last}" pin24h = si }}'
    with running("unix", clock=True, true_network=True, limits=FREE, enrolled=False, extra=more) as (box, sim):
        box.client("alta", "portal")
        def register():
            return altas.send(box, altas.body_of(altas.fields(contrasena=PASSWORD, **retos.solve(box.post("/v1/retos", {}).json))))
        assert register().status == 201
        box.set_clock(int((datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time(0, 1), MADRID).timestamp() - now.timestamp()) * 1000))
        assert (register().status, register().json["type"]) == (403, "method_closed")


def test_seed_004_mobile_and_mail_are_mandatory():
    """No alta without a mobile, in any of its ways; no clave without an address that the person has proven."""
    with mailing(others="contrasena_ms = 20 metodos { pin24h = si clave_ayto = si }") as (box, sim, server):
        for movil, kind in ((None, "field_missing"), ("", "phone_format"), ("918571540", "phone_not_mobile")):
            answer = altas.apply(box, movil=movil, correo=ANA)
            assert (answer.json["type"], answer.json["campo"]) == (kind, "movil"), answer.text
        desk = {"nif": NIF, "nombre": "Ana", "apellido1": "Gil"}
        assert box.control_request("POST", "/v1/registro/ciudadanos", desk).json["campo"] == "movil"
        box.enrol()
        assert staff(box, "ciudadanos/clave", motivo="ha venido").json["type"] == "email_unproven"
        assert staff(box, "ciudadanos/correo", correo=ANA).status == 200
        assert staff(box, "ciudadanos/clave", motivo="ha venido").json["type"] == "email_unproven", "written is not proven"
        assert box.rows("SELECT count(*) FROM credentials") == [(0,)]


def test_seed_004_alta_in_person_and_by_telephone_where_the_person_exists():
    """In person staff fill in the whole of it; by telephone only who is registered already gets a clave."""
    with mailing(others="contrasena_ms = 20 metodos { pin24h = si clave_ayto = si }") as (box, sim, server):
        unknown = staff(box, "ciudadanos/clave", via="telefono", motivo="preguntas de control")
        assert (unknown.status, unknown.json["type"]) == (404, "not_found"), "by telephone nobody is registered"
        made = box.control_request("POST", "/v1/registro/ciudadanos", {"nif": NIF, "nombre": "Ana", "apellido1": "Gil", "movil": "+34600123123", "correo": ANA})
        assert made.status == 201, made.text
        assert box.post("/v1/correos/prueba", {"prueba": token_of(eventually(lambda: to(server, ANA))[0])}).status == 200
        assert staff(box, "ciudadanos/clave", motivo="presenta su DNI").status == 200
        first = mailed_key(server)
        assert staff(box, "ciudadanos/clave", via="telefono", motivo="preguntas: fecha de nacimiento y último recibo").status == 200
        second = mailed_key(server, 2)
        assert enter_with_key(box, first) == REFUSED and enter_with_key(box, second)["resultado"] == "codigo"
        told = [(h["acto"], h["via"]) for h in staff(box, "ciudadanos/busqueda/historia").json["historia"]]
        assert told[:3] == [("clave", "telefono"), ("clave", "presencial"), ("alta", "presencial")], told
