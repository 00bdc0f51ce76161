# SPDX-License-Identifier: EUPL-1.2
"""Entry by password (seed 002): chosen with a PIN, good once staff have seen the document, entered with a code by SMS,
changed, recovered; and what somebody who guesses gets."""

import concurrent.futures
import json
import re
import threading
import time

from box import CLAVE, NIF, PHONE, code_of, eventually, running

PASSWORD = "caballo pila grapa correcta"
OTHER = "tres tristes tigres 🐯 trigaban"
CONTRAST = "01/02/2031"
UNKNOWN = "87654321X"
REFUSED = {"resultado": "rechazado"}
SMS = "contrasena_ms = 20 metodos { contrasena_sms = si }"
BARE = "contrasena_ms = 20 metodos { contrasena = si contrasena_sms = si }"


def sede(extra=SMS, limits="", **more):
    return running(enrolled=False, extra=extra, limits="segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0 "
                   "cliente_por_segundo = 0 " + limits, **more)


def start(box):
    box.client("registro,solicitar,verificar,alta,evidencia", "todo")
    box.enrol(contraste=CONTRAST, documento="DNI")


def enter(box, password=PASSWORD, nif=NIF, **more):
    answer = box.post("/v1/accesos", {"nif": nif, "contrasena": password, **more})
    assert answer.status == 200, answer.text
    return answer.json


def prove(box, id, code, nif=NIF, **more):
    return box.post(f"/v1/accesos/{id}/codigo", {"nif": nif, "codigo": code, **more})


def codes(sim):
    """The codes of six digits that have come, oldest first."""
    return re.findall(r"\b(\d{6})\b", " ".join(m["text"] for m in sim.inbox()))


def new_code(sim, before):
    return eventually(lambda: len(codes(sim)) > before and codes(sim))[-1]


def choose(box, sim, password=PASSWORD):
    """The person asks for a PIN and chooses a password with it."""
    before = len(sim.inbox())
    box.ask_pin()
    code = code_of(eventually(lambda: len(sim.inbox()) > before and sim.inbox())[-1])
    return box.post("/v1/contrasenas", {"nif": NIF, "clave": CLAVE, "contraclave": code, "contrasena": password})


def desk(box, act, **more):
    return box.control_request("POST", f"/v1/registro/credenciales/{act}", {"nif": NIF, "tipo": "contrasena", **more})


def has_password(box, sim):
    start(box)
    assert choose(box, sim).json == {"resultado": "sin_autorizar"}
    assert desk(box, "autorizacion", documento="dni").status == 200


def test_002_registered_but_not_authorised_until_staff_see_the_document():
    with sede() as (box, sim):
        start(box)
        for password, kind in (("corta", "password_short"), ("contraseña1234", "password_common"), ("x" * 1025, "password_format"),
                               ("María Íñiguez 12345678Z", "password_common"), ("caballo\u202epila grapa", "password_format")):
            answer = choose(box, sim, password)
            assert (answer.status, answer.json["type"], answer.json["campo"]) == (422, kind, "contrasena"), answer.text
        assert choose(box, sim, "caballo\0pila grapa").json["type"] == "json_syntax"
        assert choose(box, sim).json == {"resultado": "sin_autorizar"}
        [row] = json.loads(box.ctl("--json", "auditoria", "busca", "--nif", NIF, "--suceso", "verificacion").stdout)["anotaciones"]
        assert box.get(f"/v1/evidencias/{row['evidencia']}").json["verificacion"]["cliente_ip"] == "127.0.0.1", "of the PIN that chose it"
        assert enter(box) == REFUSED
        [row] = box.control_request("GET", "/v1/registro/credenciales").json["credenciales"]
        assert (row["nif"], row["estado"], row["tipo"]) == (NIF, "sin_autorizar", "contrasena"), row
        assert desk(box, "autorizacion", documento="pasaporte").status == 200
        assert desk(box, "autorizacion", documento="dni").json["type"] == "life_state_forbids"
        eventually(lambda: any("queda autorizada" in m["text"] for m in sim.inbox()))
        assert box.control_request("GET", "/v1/registro/credenciales").json["credenciales"] == []
        assert ("contrasena_autorizacion", "pasaporte") in box.rows("SELECT event, result FROM audit")
        asked = enter(box)
        assert asked["resultado"] == "codigo", asked
        entered = prove(box, asked["id"], new_code(sim, 0)).json
        assert (entered["resultado"], entered["metodo"], entered["nif"]) == ("correcto", "contrasena_sms", NIF), entered
        assert entered["firma_valida"] is False and entered["caduca"] is None and entered["nivel"] == "low"
        told = box.get(f"/v1/evidencias/{entered['evidencia']}").json
        assert told["verificacion"]["metodo"] == "contrasena_sms" and len(told["sms"]) == 1, told
        assert prove(box, asked["id"], codes(sim)[-1]).json == REFUSED, "once"
        everything = box.database.read_bytes() + box.program.log().encode()
        assert PASSWORD.encode() not in everything and b"argon2id" not in box.database.read_bytes()


def test_one_answer_for_whoever_does_not_enter():
    with sede() as (box, sim):
        has_password(box, sim)
        assert enter(box, nif=UNKNOWN) == REFUSED  # unknown
        assert enter(box, "otra cosa cualquiera") == REFUSED
        for odd in ("x" * 1024, "🐯" * 1024, "x" * 4096, "", "\u202e" + PASSWORD):
            assert enter(box, odd) == REFUSED, odd
        assert box.post("/v1/accesos", {"nif": NIF, "contrasena": "x" * 4097}).json["type"] == "field_length"
        box.control_request("POST", "/v1/registro/ciudadanos/suspension", {"nif": NIF, "motivo": "perdido"})
        assert enter(box) == REFUSED  # suspended
        box.control_request("POST", "/v1/registro/ciudadanos/reactivacion", {"nif": NIF, "motivo": "hallado"})
        assert enter(box)["resultado"] == "codigo"
        assert desk(box, "retirada").status == 200
        assert enter(box) == REFUSED


def test_combining_forms_are_one_password():
    with sede(BARE) as (box, sim):
        start(box)
        assert choose(box, sim, "ñandú azul y teléfono").json == {"resultado": "sin_autorizar"}
        assert desk(box, "autorizacion", documento="nie").status == 200
        apart = "n\u0303andu\u0301 azul y tele\u0301fono"
        entered = enter(box, apart, metodo="contrasena")
        assert (entered["resultado"], entered["metodo"]) == ("correcto", "contrasena"), entered
        assert enter(box, apart, metodo="contrasena")["ultimo_acceso"], "the time before"


def test_002_recovery_by_code_and_contrast_and_a_change():
    with sede(clock=True, true_network=True) as (box, sim):
        has_password(box, sim)
        recover = lambda contrast, nif=NIF: box.post("/v1/accesos/recuperacion", {"nif": nif, "contraste": contrast})
        nothing = [recover("02/02/2031"), recover(CONTRAST, UNKNOWN)]
        right = recover(CONTRAST)
        assert {a.status for a in [right, *nothing]} == {202} and {tuple(a.json) for a in [right, *nothing]} == {tuple(right.json)}
        code = new_code(sim, 0)
        for answer in nothing:
            assert prove(box, answer.json["id"], code, nueva=OTHER).json == REFUSED
        assert prove(box, right.json["id"], code).json["campo"] == "nueva"
        own = prove(box, right.json["id"], code, nueva="maría íñiguez 2026")
        assert (own.status, own.json["type"], own.json["campo"]) == (422, "password_common", "nueva"), own.text
        assert prove(box, right.json["id"], code, nueva=OTHER).json["resultado"] == "correcto"
        assert enter(box) == REFUSED
        box.pass_time(61_000)
        asked = enter(box, OTHER)  # a change: the old one, and the new one with the code
        assert prove(box, asked["id"], new_code(sim, 1), nueva=PASSWORD).json["resultado"] == "correcto"
        box.pass_time(61_000)
        assert enter(box, OTHER) == REFUSED and enter(box)["resultado"] == "codigo"


def test_a_code_has_three_tries_and_ten_minutes():
    with sede(clock=True, true_network=True) as (box, sim):
        has_password(box, sim)
        asked = enter(box)
        again = enter(box)["id"]
        assert again != asked["id"], "an id of each call"
        code = new_code(sim, 0)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        assert prove(box, asked["id"], code, UNKNOWN).json == REFUSED
        assert [prove(box, id, wrong).json for id in (asked["id"], again, asked["id"])] == [REFUSED] * 3, "of one code"
        assert prove(box, asked["id"], code).json == REFUSED
        box.pass_time(61_000)
        asked = enter(box)
        code = new_code(sim, 1)
        box.pass_time(600_000)
        assert prove(box, asked["id"], code).json == REFUSED


def recover(box, contrast=CONTRAST):
    answer = box.post("/v1/accesos/recuperacion", {"nif": NIF, "contraste": contrast})
    assert answer.status == 202, answer.text
    return answer.json["id"]


def test_a_stranger_with_the_contrast_takes_no_code_from_the_owner():
    """He asks for recoveries without pause: the owner's codes hold, and his entries keep messages of the day."""
    with running(enrolled=False, extra=SMS, limits="sms_movil_dia = 4 cliente_por_segundo = 0 segundos_entre_peticiones = 0", clock=True,
                 true_network=True) as (box, sim):
        has_password(box, sim)
        owner = enter(box)["id"]
        code = new_code(sim, 0)
        for _ in range(3):
            recover(box)
            box.pass_time(61_000)
        assert len(codes(sim)) == 1 and prove(box, owner, code).json["resultado"] == "correcto"
        box.pass_time(61_000)
        owner, stranger = recover(box), recover(box)
        code = new_code(sim, 1)
        assert len({owner, stranger, recover(box), recover(box, "02/02/2031"), recover(box, "02/02/2031")}) == 5, "no id tells who is right"
        for _ in range(3):
            box.pass_time(61_000)
            stranger = recover(box)
        assert codes(sim)[1:] == [code], "recoveries have had their half"
        asked = enter(box)["id"]
        assert prove(box, stranger, code, nueva=OTHER).json == REFUSED, "the owner enters meanwhile"
        assert prove(box, asked, new_code(sim, 2)).json["resultado"] == "correcto"


def test_a_code_that_is_alive_is_sent_again():
    with sede(clock=True, true_network=True) as (box, sim):
        has_password(box, sim)
        owner = recover(box)
        code = new_code(sim, 0)
        box.pass_time(61_000)
        recover(box)
        assert new_code(sim, 1) == code and prove(box, owner, code, nueva=OTHER).json["resultado"] == "correcto"


def test_a_stranger_guesses_ten_times_and_the_owner_enters():
    """300 guesses at once, in more processes than places: ten are compared, and the owner passes by with the contrast."""
    with sede(BARE) as (box, sim):
        has_password(box, sim)
        body = {"nif": NIF, "contrasena": "otra cosa cualquiera", "metodo": "contrasena"}
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            answers = list(pool.map(lambda _: box.post("/v1/accesos", body), range(300)))
        tried = [a for a in answers if a.status == 200]
        assert all(a.json == REFUSED for a in tried)
        assert {a.json["type"] for a in answers if a.status != 200} <= {"login_busy"}
        compared = lambda: box.rows("SELECT count(*) FROM failures WHERE kind = 2")[0][0]
        assert compared() == min(10, len(tried)), (compared(), len(tried))
        while compared() < 10:
            assert box.post("/v1/accesos", body).status == 200
        assert enter(box, metodo="contrasena") == REFUSED, "a stranger has used it up"
        assert enter(box, metodo="contrasena", contraste="02/02/2031") == REFUSED
        assert enter(box, metodo="contrasena", contraste=CONTRAST)["resultado"] == "correcto"
        assert box.verify("0000") == REFUSED and compared() == 10


def test_the_owner_enters_during_an_attack():
    """Ten guess at his NIF without pause: he passes by with the contrast at the first try, and a PIN24H is not held up at all."""
    with sede(BARE) as (box, sim):
        has_password(box, sim)
        is_over = threading.Event()

        def guess():
            count = 0
            while not is_over.is_set():
                answer = box.post("/v1/accesos", {"nif": NIF, "contrasena": f"otra cosa {count}", "metodo": "contrasena"})
                assert answer.status == 503 or answer.json == REFUSED, answer.text
                count += answer.status == 200
                time.sleep(0.02 if answer.status == 503 else 0)  # the queue is full, and his place is not among theirs
            return count

        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            attack = [pool.submit(guess) for _ in range(10)]
            try:
                eventually(lambda: box.rows("SELECT count(*) FROM failures WHERE kind = 2") >= [(10,)])  # and those that are being compared
                for _ in range(3):
                    assert enter(box, metodo="contrasena", contraste=CONTRAST)["resultado"] == "correcto"
                before = len(sim.inbox())
                box.ask_pin()
                told = eventually(lambda: [m for m in sim.inbox()[before:] if "queda autorizada" not in m["text"]])  # that may be late
                assert box.verify(code_of(told[0]))["resultado"] == "correcto"
                assert not any(one.done() for one in attack), "they guess still"
            finally:
                is_over.set()
            assert sum(one.result() for one in attack) > 10
        assert box.rows("SELECT count(*) FROM failures WHERE kind = 2") == [(10,)], "exact, whatever comes at once"


def test_new_passwords_of_strangers_do_not_go_before_an_entry():
    """Whoever has proven nothing yet has no place before those who enter, and an address no more calls than by any other way."""
    with sede(BARE.replace("= 20", "= 100")) as (box, sim):
        has_password(box, sim)
        is_over, answers = False, []

        def flood(n):
            while not is_over:
                if n % 2:
                    answer = prove(box, f"{n:064x}", "123456", nueva=OTHER)
                else:
                    answer = box.post("/v1/contrasenas", {"nif": UNKNOWN, "clave": CLAVE, "contraclave": "1234", "contrasena": OTHER})
                answers.append(answer.status)
                time.sleep(0.02 if answer.status == 503 else 0)  # the queue is full
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            calls = [pool.submit(flood, n) for n in range(12)]
            try:
                eventually(lambda: 503 in answers)
                for _ in range(2):
                    assert enter(box, metodo="contrasena")["resultado"] == "correcto"
            finally:
                is_over = True
            for call in calls:
                call.result()
    with sede(BARE, limits="peticiones_ip_hora = 3") as (box, sim):
        has_password(box, sim)
        near, far = ({"ip_usuario": ip} for ip in ("198.51.100.7", "198.51.100.8"))
        first = [prove(box, f"{n:064x}", "123456", nueva=OTHER, **near).status for n in range(2)]
        new = {"nif": UNKNOWN, "clave": CLAVE, "contraclave": "1234", "contrasena": OTHER}
        assert first == [200] * 2 and [box.post("/v1/contrasenas", {**new, **near}).status for _ in range(2)] == [200, 429]
        assert prove(box, f"{9:064x}", "123456", nueva=OTHER, **near).status == 429
        assert prove(box, f"{9:064x}", "123456", **near).status == 200, "a code alone costs the box nothing"
        assert enter(box, metodo="contrasena", **far)["resultado"] == "correcto"


def test_a_retried_call_counts_once():
    with sede(BARE) as (box, sim):
        has_password(box, sim)
        ask = lambda password: box.post("/v1/accesos", {"nif": NIF, "contrasena": password, "metodo": "contrasena"},
                                        headers={"Idempotency-Key": f"clave-de-{len(password):020}"}).json
        assert ask("otra cosa cualquiera") == ask("otra cosa cualquiera") == REFUSED
        assert box.rows("SELECT count(*) FROM failures WHERE kind = 2") == [(1,)]
        assert ask(PASSWORD)["evidencia"] == ask(PASSWORD)["evidencia"]
        box.control_request("POST", "/v1/registro/ciudadanos/suspension", {"nif": NIF, "motivo": "perdido"})
        assert ask(PASSWORD) == REFUSED


def test_a_kept_success_is_given_as_long_as_the_secret_is_one():
    with sede(BARE, clock=True, true_network=True) as (box, sim):
        has_password(box, sim)
        key = lambda name: {"Idempotency-Key": f"clave-de-una-vez-{name:0>8}"}
        ask = lambda: box.post("/v1/accesos", {"nif": NIF, "contrasena": PASSWORD, "metodo": "contrasena"}, headers=key("a")).json
        assert ask()["evidencia"] == ask()["evidencia"]
        asked = enter(box)
        body = {"nif": NIF, "codigo": new_code(sim, 0), "nueva": OTHER}
        change = lambda: box.post(f"/v1/accesos/{asked['id']}/codigo", body, headers=key("b")).json
        assert change()["evidencia"] == change()["evidencia"]
        assert ask() == REFUSED, "it is another now"
        assert enter(box, OTHER, metodo="contrasena")["resultado"] == "correcto"
        assert desk(box, "retirada").status == 200
        assert change() == REFUSED


def test_what_ends_with_the_registration():
    with sede() as (box, sim):
        has_password(box, sim)
        box.control_request("POST", "/v1/registro/ciudadanos/renuncia", {"nif": NIF, "motivo": "a", "documento": "DNI"})
        assert box.rows("SELECT count(*) FROM credentials") == [(0,)]
        box.enrol(contraste=CONTRAST, phone=PHONE)
        assert enter(box) == REFUSED


def act(box, name, **more):
    answer = box.control_request("POST", f"/v1/registro/ciudadanos/{name}", {"nif": NIF, "motivo": "a", "documento": "DNI", **more})
    assert answer.status == 200, answer.text


def test_codes_end_with_the_mobile_that_they_went_to():
    """Of an entry and of a recovery, by another phone and by a suspension; one that waits does not leave, and the next goes to the new phone."""
    with sede(clock=True, true_network=True) as (box, sim):
        has_password(box, sim)
        seen = dict.fromkeys((PHONE, "+34611222333", "+34611222444"), 0)

        def sent_to(phone):
            at = lambda: re.findall(r"\b(\d{6})\b", " ".join(m["text"] for m in sim.inbox() if m["number"] == phone))
            seen[phone] = len(eventually(lambda: len(at()) > seen[phone] and at()))
            return at()[-1]

        ways = (lambda: enter(box), lambda: box.post("/v1/accesos/recuperacion", {"nif": NIF, "contraste": CONTRAST}).json)
        phones = list(seen)
        for way, before, phone in zip(ways, phones, phones[1:]):
            asked, code = way(), sent_to(before)
            act(box, "movil", movil=phone)
            assert prove(box, asked["id"], code, nueva=OTHER).json == REFUSED
            asked = way()
            code = sent_to(phone)
            act(box, "suspension")
            act(box, "reactivacion")
            assert prove(box, asked["id"], code, nueva=OTHER).json == REFUSED
            box.pass_time(61_000)
        box.control_request("POST", "/v1/envios/pausa", {"motivo": "a"})
        for name, more in (("movil", {"movil": PHONE}), ("renuncia", {})):
            enter(box)
            waits = lambda: box.rows("SELECT count(*) FROM outbox WHERE done_ms = 0 AND request_id < 0")[0][0]
            assert waits() == 1
            act(box, name, **more)
            assert waits() == 0, name
            box.pass_time(61_000)
