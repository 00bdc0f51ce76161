# SPDX-License-Identifier: EUPL-1.2
"""The mobile of an alta at the desk: proven by a code that the person reads out, or later (pendiente_movil, DOMAIN 1)."""

import re
import sqlite3

import people
from box import NIF, PHONE, eventually, running

DESK = "/v1/registro/ciudadanos"
OTHER = "+34600777888"
NO_PACE = "sms_movil_dia = 0"


def desk(box, act="", **body):
    return box.control_request("POST", f"{DESK}/{act}" if act else DESK, {"nif": NIF, **body})


def enrol(box, **more):
    return desk(box, nombre="Ana", movil=PHONE, **more)


def codes(sim, phone=PHONE):
    """The codes that have arrived at this phone, and in which words."""
    return [(re.findall(r"\b\d{6}\b", m["text"])[0], m["text"]) for m in sim.inbox()
            if m["number"] == phone and re.search(r"\b\d{6}\b", m["text"])]


def next_code(sim, before=0, phone=PHONE):
    return eventually(lambda: codes(sim, phone)[before:])[0][0]


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


def state(box):
    return desk(box, "busqueda").json["estado"]


def history(box):
    return [(e["acto"], e["via"], e["movil_comprobado"], e["avisado"]) for e in desk(box, "busqueda/historia").json["historia"]]


def fate(box, number):
    return box.control_request("GET", f"/v1/registro/mensajes/{number}")


def asks_pin(box, sim):
    before = len(sim.inbox())
    box.ask_pin()
    return [m["text"] for m in eventually(lambda: sim.inbox()[before:])]


def test_the_code_is_read_out_at_the_desk():
    """F4, delivery told, the alta carries the proof."""
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        sent = desk(box, "codigo", movil="600 123 123", idioma="gl")
        assert sent.status == 202, sent.text
        code = next_code(sim)
        assert codes(sim)[0][1] == f"Ayto. de Alpedrete: lea estas cifras a quen o atende no Rexistro: {code}. Valen 30 minutos.", codes(sim)
        told = eventually(lambda: (now := fate(box, sent.json["mensaje"]).json)["estado"] == "entregado" and now)
        assert told["enviado"] and told["acabado"] and PHONE not in str(told), told
        again = desk(box, "codigo", movil=PHONE)
        assert again.status == 429 and 0 < int(again.headers["Retry-After"]) <= 60, again.text
        refused = enrol(box, codigo=wrong(code))
        assert (refused.status, refused.json["type"], refused.json["campo"]) == (422, "code_wrong", "codigo"), refused.text
        other = desk(box, nombre="Ana", movil=OTHER, codigo=code)
        assert (other.status, other.json["type"]) == (409, "code_expired"), "the code of another mobile proves nothing"
        assert box.rows("SELECT count(*) FROM citizens") == [(0,)]
        made = enrol(box, codigo=code)
        assert (made.status, made.json["estado"]) == (201, "activa"), made.text
        assert history(box) == [("alta", "presencial", True, False)]
        assert box.rows("SELECT count(*) FROM phone_codes") == [(0,)], "it is used up"
        assert [r for r in box.rows("SELECT event, result FROM audit ORDER BY id") if r[0] in ("codigo_movil", "alta_movil", "alta")] == [
            ("codigo_movil", "correcto"), ("alta_movil", "code_wrong"), ("alta_movil", "correcto"), ("alta", "presencial")]
        assert desk(box, "codigo", movil=PHONE).json["type"] == "phone_same"


def test_a_code_at_the_desk_ends_with_the_master_key():
    """Whose it is stands nowhere but in the tag of the old key: another code, and no word of a changed row."""
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        assert desk(box, "codigo", movil=PHONE).status == 202
        code = next_code(sim)
        box.ctl("clave", "rota")
        assert "se descifraban" not in box.program.log()
        answer = enrol(box, codigo=code)
        assert answer.status == 409 and answer.json["type"] == "code_expired", answer.text
        assert desk(box, "codigo", movil=PHONE).status == 202
        assert enrol(box, codigo=next_code(sim, 1)).status == 201


def test_no_code_is_compared_while_the_clock_is_wrong():
    with running(clock=True) as (box, _):
        box.set_clock(-30 * 86_400_000)
        eventually(lambda: box.get("/readyz", token=None).json.get("type") == "clock_unreliable")
        for act, more in (("codigo", {"movil": OTHER}), ("movil", {"movil": OTHER, "motivo": "otro", "codigo": "123456"})):
            answer = desk(box, act, **more)
            assert (answer.status, answer.json["type"]) == (503, "clock_unreliable"), (act, answer.text)


def test_five_wrong_codes_are_the_last():
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        desk(box, "codigo", movil=PHONE)
        code = next_code(sim)
        assert [enrol(box, codigo=wrong(code)).json["type"] for _ in range(6)] == ["code_wrong"] * 5 + ["code_expired"]
        assert enrol(box, codigo=code).json["type"] == "code_expired"
        assert enrol(box, codigo="12345").json["type"] == "code_format"
        assert enrol(box, nif="X1234567L", codigo=code).json["type"] == "code_expired", "nobody else's"
        rows = box.rows("SELECT tries FROM phone_codes")
        assert rows == [(5,)], rows


def test_a_modem_that_is_down_at_the_desk():
    """The alta is kept, the person need not come back: a code leaves when a modem works, and is read out by telephone."""
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        sim.stop()
        first = desk(box, "codigo", movil=PHONE).json["mensaje"]
        assert fate(box, first).json["estado"] == "en_cola"
        made = enrol(box, codigo="")
        assert (made.status, made.json["estado"]) == (201, "pendiente_movil"), made.text
        assert fate(box, first).json["estado"] == "caducado", "the code of the desk is not sent any more"
        assert desk(box, "comprobacion", codigo="123456").json["type"] == "code_wrong"
        assert enrol(box).json["type"] == "already_registered"
        assert desk(box, nif="X1234567L", nombre="Eva", movil=PHONE).json["type"] == "phone_in_use", "the mobile is kept to one NIF"
        box.enrol(nif="X1234567L", phone=OTHER)
        assert desk(box, "movil", nif="X1234567L", movil=PHONE, motivo="a").json["type"] == "phone_in_use"
        assert box.stop() == 0
        sim.start()
        box.start()
        code = next_code(sim)
        assert codes(sim)[0][1].startswith("Ayto. de Alpedrete: para terminar su alta en PIN24H, llame al Registro") and len(codes(sim)) == 1, codes(sim)
        assert desk(box, "suspension", motivo="a").json["type"] == "life_state_forbids"
        box.ask_pin()
        assert box.rows("SELECT count(*) FROM outbox WHERE class = 0 AND state <> 8") == [(0,)], "no PIN before the mobile is proven"
        done = desk(box, "comprobacion", codigo=code, via="telefono")
        assert (done.status, done.json["estado"]) == (200, "activa") and done.headers["ETag"], done.text
        assert eventually(lambda: "su PIN24H queda activo" in sim.inbox()[-1]["text"])
        assert history(box) == [("comprobacion", "telefono", False, True), ("alta_pendiente", "presencial", False, False)]
        assert desk(box, "comprobacion", codigo=code).json["type"] == "life_state_forbids"
        assert "contraclave" in asks_pin(box, sim)[0]


def test_who_is_pending_may_change_the_mobile_leave_and_come_back():
    with running(enrolled=False, limits=NO_PACE, clock=True) as (box, sim):
        assert enrol(box, codigo="").json["estado"] == "pendiente_movil"
        before = next_code(sim)
        assert desk(box, "movil", movil=OTHER, motivo="una cifra mal").json["estado"] == "pendiente_movil"
        first = next_code(sim, phone=OTHER)
        if before != first:
            assert desk(box, "comprobacion", codigo=before).json["type"] == "code_wrong", "it was another mobile's"
        assert desk(box, "codigo").status == 429
        box.wait_at_rest(sim)
        box.pass_time(61_000)
        assert desk(box, "codigo").status == 202
        code = next_code(sim, 1, OTHER)
        assert len(sim.inbox()) == 3, "the phone of before was never proven: it is told nothing"
        assert desk(box, "rectificacion", nombre="Eva", motivo="a").json["estado"] == "pendiente_movil"
        assert desk(box, "renuncia", motivo="a").json["estado"] == "baja"
        assert enrol(box, codigo="").json["estado"] == "pendiente_movil", "back, by the same rule"
        assert desk(box, "comprobacion", codigo=code).json["type"] in ("code_wrong", "code_expired")
        assert desk(box, "anulacion", motivo="a").json["estado"] == "baja"


def test_another_mobile_is_proven_too():
    """A digit that was typed wrong sends a citizen's SMS to a stranger: the new mobile reads its code out, now or later."""
    with running(limits=NO_PACE) as (box, sim):
        assert desk(box, "codigo", movil=PHONE).json["type"] == "phone_same"
        assert desk(box, "codigo", movil=OTHER, idioma="es").status == 202
        code = next_code(sim, phone=OTHER)
        def change(**more):
            return desk(box, "movil", movil=OTHER, motivo="número nuevo", **more)
        refused = change(codigo=wrong(code))
        assert (refused.status, refused.json["type"], refused.json["campo"]) == (422, "code_wrong", "codigo"), refused.text
        assert desk(box, "movil", movil="+34600555444", motivo="a", codigo=code).json["type"] == "code_expired", "another mobile's"
        assert desk(box, "busqueda").json["movil"].endswith(PHONE[-3:]), "nothing has changed"
        made = change(codigo=code)
        assert (made.status, made.json["estado"]) == (200, "activa") and made.json["movil"].endswith(OTHER[-3:]), made.text
        assert history(box)[0] == ("movil", "presencial", True, True), history(box)
        box.ask_pin()  # the old mobile is told of the change meanwhile
        assert eventually(lambda: any(m["number"] == OTHER and "contraclave" in m["text"] for m in sim.inbox()))
        third = "+34600555444"
        later = desk(box, "movil", movil=third, motivo="lo tiene en casa", codigo="")
        assert (later.status, later.json["estado"]) == (200, "pendiente_movil"), later.text
        assert history(box)[0] == ("movil_pendiente", "presencial", False, True), history(box)
        code = next_code(sim, phone=third)
        assert eventually(lambda: [m["number"] for m in sim.inbox()[-2:]].count(OTHER) == 1), "the one of before is told"
        assert desk(box, "comprobacion", codigo=code, via="telefono").json["estado"] == "activa"


def test_a_code_that_has_not_left_goes_with_the_person_or_the_mobile():
    """A week of a modem that is down: the mobile of a mistake, and the family of somebody who has died, get no code after it."""
    states = "SELECT state FROM outbox WHERE class = 1 ORDER BY id"
    with running(enrolled=False, limits="sms_movil_dia = 1") as (box, sim):
        sim.stop()
        assert desk(box, "codigo", nif="X1234567L", movil=OTHER).status == 202
        assert enrol(box, codigo="").json["estado"] == "pendiente_movil"
        assert box.rows(states) == [(0,), (0,)]
        assert desk(box, "movil", movil=OTHER, motivo="una cifra mal").status == 200
        assert box.rows(states) == [(0,), (7,)], "it went to the mobile of before, and the other has had its messages of the day"
        third = "+34600555444"
        assert desk(box, "movil", movil=third, motivo="otra").status == 200
        assert box.rows(states) == [(0,), (7,), (0,)]
        assert desk(box, "defuncion", motivo="parte").json["estado"] == "baja"
        assert box.rows(states) == [(0,), (7,), (7,)]


def test_the_same_by_contraclavectl():
    with running(enrolled=False, limits=NO_PACE, extra="altas { telefono = no }") as (box, sim):
        assert "en la cola" in box.ctl("ciudadano", "codigo", "--nif", NIF, "--movil", PHONE, "--idioma", "en").stdout
        assert "read these digits out" in eventually(lambda: codes(sim))[0][1]
        box.ctl("ciudadano", "alta", "--nif", NIF, "--nombre", "Ana", "--movil", PHONE, "--codigo", "")
        assert "pendiente_movil" in box.ctl("ciudadano", "ver", "--nif", NIF).stdout
        code = next_code(sim, 1)
        closed = box.ctl("ciudadano", "comprueba", "--nif", NIF, "--codigo", code, "--via", "telefono", check=False)
        assert closed.returncode == 77 and "Esta vía de alta está cerrada." in closed.stderr, closed
        box.ctl("ciudadano", "comprueba", "--nif", NIF, "--codigo", code)
        assert state(box) == "activa"
        assert box.ctl("ciudadano", "prueba", "--nif", NIF, check=False).returncode == 75, "one a minute"


def test_a_code_dies():
    with running(enrolled=False, limits=NO_PACE, clock=True) as (box, sim):
        desk(box, "codigo", movil=PHONE)
        code = next_code(sim)
        box.wait_at_rest(sim)
        box.pass_time(30 * 60_000)
        assert enrol(box, codigo=code).json["type"] == "code_expired"
        assert enrol(box, codigo="").status == 201
        long = next_code(sim, 1)
        box.wait_at_rest(sim)
        box.pass_time(6 * 86_400_000)
        assert state(box) == "pendiente_movil"
        assert desk(box, "comprobacion", codigo=long).json["estado"] == "activa"
        assert desk(box, "codigo", nif="X1234567L", movil=OTHER).status == 202
        eventually(lambda: codes(sim, OTHER))
        box.wait_at_rest(sim)
        box.pass_time(7 * 86_400_000 + 61_000)
        eventually(lambda: box.rows("SELECT count(*) FROM phone_codes") == [(0,)] or box.pass_time(61_000))  # what is dead is forgotten


def test_do_the_sms_arrive():
    with running(limits=NO_PACE) as (box, sim):
        tried = desk(box, "prueba")
        assert tried.status == 202, tried.text
        assert eventually(sim.inbox)[0]["text"].endswith("SMS de prueba. No tiene que hacer nada.")
        assert eventually(lambda: fate(box, tried.json["mensaje"]).json["estado"] == "entregado")
        again = desk(box, "prueba")
        assert again.status == 429 and again.headers["Retry-After"], again.text
        assert box.rows("SELECT result, subject IS NOT NULL FROM audit WHERE event = 'sms_prueba'") == [("correcto", 1)]
        box.ask_pin()
        number, = box.rows("SELECT id FROM outbox WHERE class = 0")[0]
        for path in (number, 0, -1, "x", "9" * 30):
            assert fate(box, path).status == 404, path
        desk(box, "renuncia", motivo="a")
        assert desk(box, "prueba").json["type"] == "life_state_forbids"


def test_a_mobile_that_had_its_messages_of_the_day():
    with running(enrolled=False, limits="sms_movil_dia = 1") as (box, sim):
        desk(box, "codigo", nif="X1234567L", movil=PHONE)
        refused = desk(box, "codigo", movil=PHONE)
        assert refused.status == 429, refused.text
        assert enrol(box, codigo="").json["estado"] == "pendiente_movil", "the alta is kept all the same"
        assert len(eventually(sim.inbox)) == 1


def test_a_code_changed_without_the_key_is_none():
    with running(enrolled=False, limits=NO_PACE) as (box, sim):
        desk(box, "codigo", movil=PHONE)
        code = next_code(sim)
        assert enrol(box, codigo=wrong(code)).json["type"] == "code_wrong"
        assert box.stop() == 0
        with sqlite3.connect(box.database) as db:
            db.execute("UPDATE phone_codes SET tries = 0")
        box.start()
        assert enrol(box, codigo=code).json["type"] == "data_altered"


def test_a_person_who_sends_a_form_again():
    """The Idempotency-Key of a clerk: kept in the clerk's name through every session, and never where an answer holds a secret."""
    with running(enrolled=False, limits=NO_PACE) as (box, _):
        boss, clerk = people.first(box), people.add(box, "eva", "registro")
        body = {"nif": NIF, "nombre": "Ana", "movil": PHONE}
        def send(person, path=DESK, sent=None, key="formulario-1"):
            headers = {"Origin": f"http://127.0.0.1:{box.port}", **people.OURS, "Idempotency-Key": key}
            return person.ask("POST", path, sent or body, headers=headers)
        made = send(clerk)
        assert made.status == 201 and send(clerk).text == made.text, made.text
        assert clerk.enter("eva").status == 200 and send(clerk).text == made.text, "another session of the same person"
        assert send(clerk, sent={**body, "nombre": "Eva"}).json["type"] == "idempotency_reused"
        assert send(boss).json["type"] == "already_registered", "the key of another person"
        assert send(clerk, key="a b").json["type"] == "idempotency_key_format"
        act = {"nif": NIF, "motivo": "lo pide"}
        acts = [send(clerk, f"{DESK}/suspension", act, "formulario-2") for _ in range(2)]
        assert [a.status for a in acts] == [200, 200] and acts[0].text == acts[1].text, acts[1].text
        assert [e["acto"] for e in desk(box, "busqueda/historia").json["historia"]] == ["suspension", "alta"]
        client = {"nombre": "sede 2", "ambitos": "solicitar"}
        tokens = [send(boss, "/v1/clientes", client) for _ in range(2)]
        assert [t.status for t in tokens] == [201, 409], "a token is told once"
