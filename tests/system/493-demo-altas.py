# SPDX-License-Identifier: EUPL-1.2
"""The demo sede's screens of seeds 002 to 004: registration with a password, a new user who waits for the clave by mail, the link
of that mail, and the first use of the clave. Their scripts are tried in a browser: tests/web/demo.mjs."""

import json
import re
import urllib.parse

import altas
import retos
from box import NIF, eventually
from mails import ANA, HOUR, LINK, body, mailing, to, token_of
from demosede import SCOPES, Browser, demo, told_reto, visiting

PASSWORD = "caballo pila grapa correcta"
OTHER, PHONE = "87654321X", "600111222"
PERSON = {"nif": OTHER, "nombre": "Begoña", "apellido1": "Etxeberria", "apellido2": "", "movil": PHONE}
TOWN = "contrasena_ms = 20 reto_dificultad = 8 metodos { contrasena_sms = si pin24h = si } altas { formulario = si }"
KEYS = 'contrasena_ms = 20 metodos { pin24h = si clave_ayto = si } telefono_ayuntamiento = "918 57 15 40"'


def send(browser, path, **fields):
    """As registro.js sends a form."""
    return browser.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"})


def sms_code(sim, phone, before):
    found = lambda: re.findall(r"\b\d{6}\b", " ".join(m["text"] for m in sim.inbox() if m["number"].endswith(phone)))
    return eventually(lambda: found()[before:])[0]


def test_seed_002_registration_form_an_error_does_not_lose_what_was_typed():
    with demo(extra=TOWN) as (browser, box, sim):
        form = browser.open("/registro")
        rules = re.findall(r'<li data-regla="(\w+)">', form.raw)
        assert rules == ["longitud", "comun", "datos"] and 'autocomplete="new-password"' in form.raw and "<noscript>" in form.raw
        solved = retos.solve(told_reto(form))
        fields = {**PERSON, "contraste": "31/12/2031", "contrasena": PASSWORD, **solved}
        for changed, bad in (({"nif": "87654321A"}, "nif"), ({"movil": "918571540"}, "movil"), ({"contrasena": "begoña etxeberria"}, "contrasena")):
            screen = browser.submit("/registro", **{**fields, **changed})
            assert screen.status == 422 and list(screen.bad) == [bad], (bad, screen.notices)
            assert screen.values["nombre"] == "Begoña" and screen.values["reto"] == solved["reto"] and PASSWORD not in screen.raw
            told = json.loads(send(browser, "/registro", **{**fields, **changed}).raw)
            assert (told["campo"], told["reto"]["reto"]) == (bad, solved["reto"]) and told["texto"], told
        wrong = json.loads(send(browser, "/registro", **fields | {"reto_respuesta": "no sé"}).raw)
        assert wrong["campo"] == "reto_respuesta" and wrong["reto"]["reto"] != solved["reto"], wrong
        again = json.loads(send(browser, "/registro", **fields | retos.solve(wrong["reto"])).raw)
        assert again == {"donde": "/alta/codigo"}, again
        done = browser.submit("/alta/codigo", codigo=sms_code(sim, PHONE, 0))
        assert done.notices[0].startswith("Está dado de alta, pero sin autorizar."), done.notices
        (alta,) = box.control_request("GET", "/v1/registro/altas?estado=pendiente").json["altas"]
        assert altas.desk(box, alta["id"], "validar").status == 200
        assert "No se puede entrar" in browser.submit("/contrasena", nif=OTHER, contrasena=PASSWORD).notices[0]
        box.control_request("POST", "/v1/registro/credenciales/autorizacion", {"nif": OTHER, "tipo": "contrasena", "documento": "nie"})
        assert browser.submit("/contrasena", nif=OTHER, contrasena=PASSWORD).title == "Código de su contraseña"
        inside = browser.submit("/contrasena/codigo", codigo=sms_code(sim, PHONE, 1))
        assert inside.who == "Begoña Etxeberria", inside.notices


def test_seed_002_rules_ticked_live_are_those_of_the_box():
    with demo(extra=TOWN) as (browser, _, sim):
        def ticks(**typed):
            answer = browser.ask("POST", "/reglas", json.dumps(typed))
            return "".join("ox"[rule["cumple"]] for rule in json.loads(answer.raw)["reglas"])
        assert [ticks(contrasena=p, **PERSON) for p in ("corta", "begoña etxeberria", PASSWORD)] == ["ooo", "xxo", "xxx"]
        assert [ticks(contrasena=f"{NIF} {NIF[:4]} y"), browser.submit("/contrasena", nif=NIF, contrasena="x").status] == ["xxx", 422]
        assert ticks(contrasena=f"{NIF} {NIF[:4]} y") == "xxo", "the sede knows whose password it is"
        for rubbish in ("", "[]", "7", '{"contrasena": 7}', "{", '{"otra": "x"}'):
            answer = browser.ask("POST", "/reglas", rubbish)
            assert answer.status == 200 and '"cumple": true' not in answer.raw, rubbish
        assert browser.ask("POST", "/reglas", "{}", {"Origin": "http://otra.example"}).status == 403
        assert "reglas" not in browser.open("/registro").talk, "what is typed is not shown"


def test_where_the_town_asks_for_no_reto():
    with demo(extra=TOWN.replace("= 8", "= 0")) as (browser, _, sim):
        form = browser.open("/registro")
        assert "reto_respuesta" not in form.raw and "trabajo" not in form.raw
        assert browser.submit("/registro", **PERSON, contraste="", contrasena=PASSWORD).title == "Código de su móvil"


def test_the_question_is_in_the_language_of_the_page():
    with demo(extra=TOWN) as (browser, _, sim):
        for language in ("es", "ca", "eu", "gl", "en"):
            told = told_reto(browser.open(f"/registro?idioma={language}"))
            assert retos.read_question(told["pregunta"], language), told


def test_seed_003_004_new_user_waits_for_verification_and_changes_the_clave_at_its_first_use():
    with mailing(others=KEYS) as (box, sim, server):
        box.client(SCOPES, "demo")
        with visiting(box, sim) as browser:
            assert '<a href="/clave">' in browser.open("/").raw, "the chooser leads there"
            none = browser.submit_files("/usuario", altas.PDF, **PERSON, correo="")
            assert list(none.bad) == ["correo"] and none.values["nombre"] == "Begoña", none.notices
            assert list(browser.submit_files("/usuario", altas.PDF, **PERSON, correo="begoña@").bad) == ["correo"]
            assert browser.submit_files("/usuario", altas.PDF, **PERSON, correo=ANA).title == "Código de su móvil"
            waiting = browser.submit("/alta/codigo", codigo=sms_code(sim, PHONE, 0))
            assert "a la espera de verificación" in waiting.notices[0], waiting.notices
            link = LINK + token_of(eventually(lambda: to(server, ANA))[0])
            path = link.removeprefix("https://sede.example.org")
            other = Browser(browser.port)  # the mail is read in another browser
            assert other.open(path).title == "Confirmar el correo" and other.open(path).values["prueba"] == token_of(to(server, ANA)[0])
            assert other.submit("/correo", prueba=token_of(to(server, ANA)[0])).notices == ["Su correo está confirmado."]
            twice = other.submit("/correo", prueba=token_of(to(server, ANA)[0]))
            assert twice.status == 422 and twice.notices and not twice.notices[0].startswith("prueba"), twice.notices
            (alta,) = box.control_request("GET", "/v1/registro/altas?estado=pendiente").json["altas"]
            assert altas.desk(box, alta["id"], "validar").status == 200
            box.control_request("POST", "/v1/registro/ciudadanos/clave", {"nif": OTHER, "motivo": "ha venido con su DNI"})
            mail = eventually(lambda: [m for m in to(server, ANA) if "Su clave" in m["Subject"]])[0]
            key = re.search(r"\b[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}\b", body(mail))[0]
            assert browser.submit("/clave", nif=OTHER, clave_ayto="otra", contraste="").notices[0].startswith("No se puede entrar")
            before = len(re.findall(r"\b\d{6}\b", " ".join(m["text"] for m in sim.inbox() if m["number"].endswith(PHONE))))
            change = browser.submit("/clave", nif=OTHER, clave_ayto=key, contraste="")
            assert change.title == "Cambie su clave" and 'data-regla="longitud"' in change.raw and key not in change.talk, change.notices
            code = sms_code(sim, PHONE, before)
            assert list(browser.submit("/clave/cambio", codigo=code, nueva="").bad) == ["nueva"]
            assert list(browser.submit("/clave/cambio", codigo=code, nueva="corta").bad) == ["nueva"]
            inside = browser.submit("/clave/cambio", codigo=code, nueva=PASSWORD)
            assert inside.who == "Begoña Etxeberria" and '"firma_valida": false' in inside.talk, inside.notices
            browser.submit("/salir")
            assert browser.submit("/clave", nif=OTHER, clave_ayto=key, contraste="").notices[0].startswith("No se puede entrar")
            assert browser.submit("/clave", nif=OTHER, clave_ayto=PASSWORD, contraste="").who == "Begoña Etxeberria"


def test_seed_003_dni_registered_with_the_telephone_to_call():
    with mailing(others=KEYS) as (box, sim, server):
        box.enrol(NIF, phone=f"+34{PHONE}")
        box.client(SCOPES, "demo")
        with visiting(box, sim) as browser:
            browser.submit_files("/usuario", altas.PDF, **PERSON | {"nif": NIF}, correo=ANA)
            told = browser.submit("/alta/codigo", codigo=sms_code(sim, PHONE, 0))
            assert told.notices == ["DNI/NIF registrado. Si no recuerda su alta, llame al 918 57 15 40."], told.notices


def test_the_link_of_a_mail_is_good_for_24_hours():
    with mailing(others=KEYS) as (box, sim, server):
        box.enrol()
        box.client(SCOPES, "demo")
        with visiting(box, sim) as browser:
            box.control_request("POST", "/v1/registro/ciudadanos/correo", {"nif": NIF, "correo": ANA})
            token = token_of(eventually(lambda: to(server, ANA))[0])
            box.pass_time(24 * HOUR)
            late = browser.submit("/correo", prueba=token)
            assert late.status == 422 and late.title == "Confirmar el correo", late.notices
            assert browser.submit("/correo").status == 422, "without a token"


def test_a_lost_clave_is_replaced_by_code_and_contrast():
    with mailing(others=KEYS) as (box, sim, server):
        box.enrol(contraste="31/12/2030")
        box.client(SCOPES, "demo")
        with visiting(box, sim) as browser:
            asked = browser.submit("/clave/olvido", nif=NIF, contraste="31/12/2030")
            assert asked.title == "Cambie su clave" and asked.notices[0].startswith("Si los datos son correctos"), asked.notices
            wrong = browser.submit("/clave/cambio", codigo="000000", nueva=PASSWORD)
            assert wrong.notices[0].startswith("Ese código no es correcto"), wrong.notices
