# SPDX-License-Identifier: EUPL-1.2
"""Registration with a password (seed 002): its rules told while it is typed, the reto that a script pays for, and "dado de
alta pero sin autorizar" until staff see the document."""

import concurrent.futures
import contextlib
import re
import sqlite3

import altas
import retos
from box import NIF, PHONE, eventually, needs_file, running
from boxes import joined, named
from server import a_server, new_database

PASSWORD = "caballo pila grapa correcta"
TOWN = "contrasena_ms = 20 reto_dificultad = 8 metodos { contrasena_sms = si } altas { formulario = si }"
LIMITS = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 sms_movil_dia = 0 cliente_por_segundo = 0 "
REFUSED = {"resultado": "rechazado"}


def sede(extra=TOWN, limits="ip_por_segundo = 0", **more):
    return running(enrolled=False, extra=extra, limits=LIMITS + limits, **more)


def ready(box):
    box.client("alta,verificar", "portal")
    return box


def ask_reto(box, **more):
    answer = box.post("/v1/retos", more)
    assert answer.status == 201 and answer.json["algoritmo"] == "sha-256", answer.text
    return answer.json


def register(box, solved=None, copies=(), **more):
    """The form of seed 002: no copy, the document is shown in person."""
    fields = {"contrasena": PASSWORD, "contraste": "31/12/2030", **(retos.solve(ask_reto(box)) if solved is None else solved), **more}
    return altas.send(box, altas.body_of(altas.fields(**fields) + list(copies)))


def problem(answer):
    return answer.status, answer.json.get("type"), answer.json.get("campo")


def enter(box, password=PASSWORD):
    return box.post("/v1/accesos", {"nif": NIF, "contrasena": password}).json


def authorise(box):
    return box.control_request("POST", "/v1/registro/credenciales/autorizacion", {"nif": NIF, "tipo": "contrasena", "documento": "pasaporte"})


def test_seed_002_registration_form_then_not_authorised_until_staff_see_the_document():
    """Registered online with a password and without a copy: it lets in when staff have seen the document, and not before."""
    with sede() as (box, sim):
        ready(box)
        answer = register(box)
        assert answer.status == 201, answer.text
        alta = answer.json["id"]
        assert enter(box) == REFUSED, "nobody is registered yet"
        proven = altas.prove(box, alta, altas.validation_code(altas.sms(sim, 1)))
        assert proven.json["estado"] == "pendiente", proven.text
        assert enter(box) == REFUSED and authorise(box).status == 404
        seen = altas.look(box, alta)
        assert seen.json["copias"] == [] and "argon2" not in seen.text and PASSWORD not in seen.text, seen.text
        assert altas.desk(box, alta, "validar").status == 200
        listed, = box.control_request("GET", "/v1/registro/credenciales").json["credenciales"]
        assert (listed["nif"], listed["tipo"], listed["estado"]) == (NIF, "contrasena", "sin_autorizar"), listed
        assert enter(box) == REFUSED, "registered, and not authorised"
        assert authorise(box).status == 200
        before = len(altas.codes(sim))
        asked = enter(box)
        assert asked["resultado"] == "codigo", asked
        code = eventually(lambda: altas.codes(sim)[before:])[0]
        entered = box.post(f"/v1/accesos/{asked['id']}/codigo", {"nif": NIF, "codigo": code}).json
        assert (entered["resultado"], entered["metodo"], entered["nombre"]) == ("correcto", "contrasena_sms", "Ana"), entered
        assert [r for (r,) in box.rows("SELECT result FROM audit WHERE event = 'contrasena_alta'")] == ["sin_autorizar"]
        assert PASSWORD.encode() not in box.database.read_bytes() and PASSWORD not in box.program.log()


def test_a_password_with_a_copy_survives_a_restart_and_goes_with_a_rejection():
    with sede() as (box, sim):
        ready(box)
        alta = register(box, copies=[altas.copy()]).json["id"]
        altas.prove(box, alta, altas.validation_code(altas.sms(sim, 1)))
        box.stop()
        box.start()
        assert altas.desk(box, alta, "validar").status == 200 and authorise(box).status == 200
        assert enter(box)["resultado"] == "codigo"
        other = register(box, nif="87654321X", movil="600111222").json["id"]
        altas.prove(box, other, altas.validation_code(eventually(lambda: [m for m in sim.inbox() if m["number"].endswith("600111222")])[0]["text"]))
        assert altas.desk(box, other, "rechazar", motivo="otro").status == 200
        assert box.rows("SELECT count(*) FROM credentials") == [(1,)]


def test_somebody_elses_alta_does_not_touch_the_password_of_who_is_registered():
    with sede() as (box, sim):
        ready(box)
        alta = register(box).json["id"]
        altas.prove(box, alta, altas.validation_code(altas.sms(sim, 1)))
        altas.desk(box, alta, "validar")
        authorise(box)
        assert register(box, movil="600111222", contrasena="otra frase bastante larga").status == 201
        assert enter(box)["resultado"] == "codigo" and enter(box, "otra frase bastante larga") == REFUSED


def test_seed_002_a_captcha_that_a_script_pays_for():
    """Replayed, late, wrong, unsolved, another client's, of another start: each is told apart, and none registers anybody."""
    with sede(clock=True, true_network=True) as (box, sim):
        ready(box)
        told = ask_reto(box)
        solved = retos.solve(told)
        assert NIF not in str(told) and told["dificultad"] == 8
        lazy = next(n for n in map(str, range(10 ** 6)) if retos.work(told["reto"], 8) != n)
        bad = [({}, "challenge_invalid"), (solved | {"reto": "00" * 42}, "challenge_invalid"), (solved | {"reto": "zz"}, "challenge_invalid"),
               (solved | {"reto": solved["reto"][:-2] + ("00" if solved["reto"][-2:] != "00" else "11")}, "challenge_invalid"),
               (solved | {"reto_trabajo": lazy}, "challenge_work"), (solved | {"reto_trabajo": ""}, "challenge_work"),
               (solved | {"reto_trabajo": "1" * 32}, "challenge_work")]
        for fields, kind in bad:
            assert problem(register(box, fields)) == (422, kind, "reto_respuesta"), (fields, kind)
        assert register(box, solved).status == 201, "what was wrong has not used it up"
        assert problem(register(box, solved))[1] == "challenge_used"
        wrong = retos.solve(ask_reto(box))
        assert problem(register(box, wrong | {"reto_respuesta": "no lo sé"}))[1] == "challenge_wrong"
        assert problem(register(box, wrong))[1] == "challenge_used", "no answer is found by trying"
        late = retos.solve(ask_reto(box))
        box.pass_time(15 * 60_000)
        assert problem(register(box, late))[1] == "challenge_expired"
        others = retos.solve(ask_reto(box))
        box.client("alta", "otra")
        assert problem(register(box, others))[1] == "challenge_invalid", "it is bound to the client"
        before = retos.solve(ask_reto(box))
        box.stop()
        box.start()
        if not box.is_moved:  # boxes that share a database take each other's
            assert problem(register(box, before))[1] == "challenge_invalid", "and to the start of the box"
        assert box.rows("SELECT count(*) FROM applications") == [(1,)]


def test_many_altas_make_the_reto_harder_and_close_the_form_to_nobody():
    with sede() as (box, sim):
        ready(box)
        alta = lambda n, solved=None: register(box, solved or {}, [altas.copy()], contrasena=None, ip_usuario=f"192.0.2.{n // 5}")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert {a.status for a in pool.map(alta, range(120))} == {201}
        assert (alta(120).status, ask_reto(box)["dificultad"]) == (429, 9)
        assert problem(alta(120, retos.solve(ask_reto(box)) | {"reto_respuesta": "no sé"}))[1] == "challenge_wrong"
        solved = retos.solve(ask_reto(box))
        assert alta(121, solved).status == 201 and problem(alta(122, solved))[1] == "challenge_used"
        assert register(box, retos.solve(ask_reto(box))).status == 201
        assert box.rows("SELECT count(*) FROM applications") == [(122,)]
        needs_file()
        names = ", ".join(name for _, name, *_ in box.rows("PRAGMA table_info(applications)") if name not in ("id", "public_id"))
        box.is_edited = True
        with contextlib.closing(sqlite3.connect(box.database, timeout=10)) as db, db:
            for _ in range(478):
                db.execute(f"INSERT INTO applications (public_id, {names}) SELECT randomblob(16), {names} FROM applications WHERE id = 1")
        answer = eventually(lambda: (told := register(box, retos.solve(ask_reto(box)))).status != 503 and told)
        assert answer.status == 429, answer.text


def test_a_form_with_a_password_pays_the_pace_of_its_address_once():
    with sede(limits="ip_por_segundo = 1 ip_rafaga = 2") as (box, sim):
        ready(box)
        here = [register(box, retos.solve(ask_reto(box)), ip_usuario="192.0.2.7").status for _ in range(2)]
        assert here == [201, 201], here


def test_a_field_that_is_wrong_uses_nothing_up():
    """An error does not lose what was typed, and the reto serves again."""
    with sede() as (box, sim):
        ready(box)
        solved = retos.solve(ask_reto(box))
        for fields, expected in (({"nif": "12345678A"}, ("nif_checksum", "nif")), ({"movil": "918571540"}, ("phone_not_mobile", "movil")),
                                 ({"contrasena": "corta"}, ("password_short", "contrasena")), ({"contrasena": ""}, ("password_format", "contrasena")),
                                 ({"contrasena": "contraseña 2026"}, ("password_common", "contrasena")),
                                 ({"contrasena": "Gil 12345678Z Ana"}, ("password_common", "contrasena")),
                                 ({"contrasena": "a" * 1025}, ("password_format", "contrasena")), ({"contrasena": None}, ("field_missing", "documento"))):
            assert problem(register(box, solved, **fields))[1:] == expected, fields
        assert register(box, solved, contrasena="caballo pila grapa " + "🔑" * 1000).status == 201, "1 024 characters of four bytes fit"
        assert box.rows("SELECT count(*) FROM applications") == [(1,)]


def test_a_password_that_is_typed_in_two_ways_is_one():
    """Combining forms: registered decomposed, entered composed. What shows nothing, and NUL, is refused."""
    with sede() as (box, sim):
        ready(box)
        solved = retos.solve(ask_reto(box))
        for bad, kind in (("caballo\u202e pila grapa", "password_format"), ("caballo\n pila grapa", "password_format"), ("caballo\0 pila grapa", "json_utf8")):
            assert register(box, solved, contrasena=bad).json["type"] == kind, bad
        alta = register(box, solved, contrasena="un pin\u0303on y una a\u0301guila").json["id"]
        altas.prove(box, alta, altas.validation_code(altas.sms(sim, 1)))
        assert altas.desk(box, alta, "validar").status == 200 and authorise(box).status == 200
        assert enter(box, "un pi\u00f1on y una \u00e1guila")["resultado"] == "codigo"


def test_a_form_that_is_sent_again_is_one_alta():
    """The answer was lost: the same key and body get it again, although the reto is used."""
    with sede() as (box, sim):
        ready(box)
        body = altas.body_of(altas.fields(contrasena=PASSWORD, **retos.solve(ask_reto(box))))
        first, again = (altas.send(box, body, {"Idempotency-Key": "una-clave-de-esta-alta"}) for _ in range(2))
        assert (first.status, first.json) == (again.status, again.json) and first.status == 201, again.text
        assert problem(altas.send(box, body))[1] == "challenge_used" and box.rows("SELECT count(*) FROM applications") == [(1,)]


def test_where_the_sede_has_a_captcha_of_its_own():
    with sede(TOWN.replace("= 8", "= 0")) as (box, sim):
        ready(box)
        assert problem(box.post("/v1/retos", {}))[:2] == (409, "not_configured")
        assert register(box, {}).status == 201


def test_a_town_that_admits_no_passwords():
    with sede("altas { formulario = si } reto_dificultad = 8") as (box, sim):
        ready(box)
        assert problem(register(box))[:2] == (403, "method_closed")


def test_the_question_in_each_language_is_read_and_answered():
    with sede() as (box, sim):
        ready(box)
        for language in ("es", "ca", "eu", "gl", "en"):
            asked = {ask_reto(box, idioma=language)["pregunta"] for _ in range(30)}
            assert len(asked) > 20, asked
            told = ask_reto(box, idioma=language)
            answer = register(box, retos.solve(told, language))
            assert answer.status == 201, (told, retos.solve(told, language), answer.text)


def test_wrong_answers_make_the_reto_harder_and_close_the_form_to_nobody():
    """A script uses retos up: a person's is twice the work for each 1024, and those that were laid by before are no use."""
    with sede(clock=True, true_network=True) as (box, sim):
        ready(box)
        laid_by = retos.solve(ask_reto(box))
        for n in range(2048):
            wrong = ask_reto(box)
            assert wrong["dificultad"] == 8 + n // 1024
            solved = {"reto": wrong["reto"], "reto_trabajo": retos.work(wrong["reto"], wrong["dificultad"]), "reto_respuesta": "?"}
            assert problem(register(box, solved))[1] == "challenge_wrong"
        assert problem(register(box, laid_by))[1] == "challenge_expired"
        assert ask_reto(box)["dificultad"] == 10 and register(box).status == 201
        box.pass_time(15 * 60_000)
        assert ask_reto(box)["dificultad"] == 8


def test_a_wrong_answer_pays_the_pace_of_its_address():
    with sede(limits="ip_por_segundo = 1 ip_rafaga = 2") as (box, sim):
        ready(box)
        here = [register(box, retos.solve(ask_reto(box)) | {"reto_respuesta": "?"}, ip_usuario="192.0.2.7").status for _ in range(3)]
        assert here == [422, 422, 429], here


def rules(box, password, **person):
    answer = box.post("/v1/contrasenas/reglas", {"contrasena": password, **person})
    assert answer.status == 200, answer.text
    return answer.json["vale"], "".join("ox"[rule["cumple"]] for rule in answer.json["reglas"])


def test_seed_002_password_rules_ticked_live():
    """Length first; then common ones; then those made of the person. What the form ticks is what the alta admits."""
    with sede() as (box, sim):
        ready(box)
        told = box.post("/v1/contrasenas/reglas", {}, headers={"Accept-Language": "eu"})
        assert [r["regla"] for r in told.json["reglas"]] == ["longitud", "comun", "datos"] and told.headers["Content-Language"] == "eu"
        assert told.json["reglas"][0]["texto"].startswith("12 karaktere") and told.json["vale"] is False
        ana = {"nif": NIF, "nombre": "Ana", "apellido1": "Etxeberria", "movil": PHONE}
        for password, expected in (("corta", (False, "ooo")), ("contraseña 2026", (False, "xox")), ("etxeberria ana", (False, "xxo")),
                                   (f"Ana {PHONE[-9:]}", (False, "xxo")), (PASSWORD, (True, "xxx")), ("a" * 1025, (False, "ooo"))):
            assert rules(box, password, **ana) == expected, (password, rules(box, password, **ana))
        assert rules(box, "etxeberria ana y un gato", **ana | {"nif": "x", "movil": "9"})[0]
        assert problem(register(box, apellido1="Etxeberria", contrasena="etxeberria ana"))[1] == "password_common"
        for body in ({"contrasena": 7}, {"contrasena": "x" * 4097}):
            assert box.post("/v1/contrasenas/reglas", body).status in (400, 422)
        assert box.rows("SELECT count(*) FROM audit WHERE event LIKE 'contrasena%'") == [(0,)]


def test_a_reto_serves_at_any_box_and_once_there():
    with a_server() as server, sede(named("alfa", TOWN), address=new_database(server.address)) as (alfa, _):
        ready(alfa)
        with joined(alfa, "beta", TOWN, limits=LIMITS + "ip_por_segundo = 0") as (beta, _):
            solved = retos.solve(ask_reto(alfa))
            assert register(beta, solved).status == 201
            assert problem(register(beta, solved))[1] == "challenge_used"
            wrong = retos.solve(ask_reto(beta)) | {"reto_respuesta": "no sé"}
            assert [problem(register(alfa, wrong))[1] for _ in range(2)] == ["challenge_wrong", "challenge_used"]
            forged = solved["reto"][:-1] + ("0" if solved["reto"][-1] != "0" else "1")
            assert problem(register(beta, solved | {"reto": forged}))[1] == "challenge_invalid"
