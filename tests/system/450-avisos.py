# SPDX-License-Identifier: EUPL-1.2
"""Alerts by mail and webhook: once a fault, resolved, and whatever the other side does, nothing else waits."""

import base64
import contextlib
import errno
import hashlib
import hmac
import json
import re
import signal
import struct
import time

from box import BUILD, CLAVE, NIF, Box, Sim, clock_env, eventually, folder, needs_file, running, serving
from mailbox import control
from receivers import MailServer, Webhook, make_certificate

LIMITS = "cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0" \
    " sms_movil_dia = 0 rechazos_nif_hora = 0 intentos_por_peticion = 1000 fallos_seguidos_contraste = 0"
SECRET = "un secreto de prueba muy largo"
PASSWORD = "clave-del-correo-9381"
TO = 'correo = { "tecnico@example.org", "guardia@example.org" } remitente = "caja@example.org"'


def by_mail(server, security="ninguna", more="", after=3):
    return (f'avisos {{ {TO} smtp_servidor = "127.0.0.1:{server.port}" smtp_seguridad = "{security}"'
            f' tras_minutos = {after} {more} }}')


def by_webhook(hook, after=3):
    return f'avisos {{ webhook = "{hook.url}" webhook_secreto = "{SECRET}" tras_minutos = {after} }}'


@contextlib.contextmanager
def stopping(*servers):
    try:
        yield servers[0]
    finally:
        for server in servers:
            server.stop()


def settle(box, sim):
    """Until no alert is on its way: time must not pass for the child that sends it, nor for the modem, which answers in
    real time what it is asked; and a moment longer while it comes back."""
    def quiet():
        alerts = box.status()["avisos"]
        return not any(alerts[channel] and alerts[channel]["enviando"] for channel in alerts)
    end = time.monotonic() + 0.4
    eventually(lambda: box.wait_at_rest(sim) or quiet(), 90)
    while time.monotonic() < end and not all(m["estado"] in ("listo", "sin_dispositivo") for m in box.status()["modems"]):
        time.sleep(0.025)


def minutes(box, sim, count):
    """Time passes, in steps that are shorter than each deadline of a sending and of a command to the modem."""
    for _ in range(round(count * 12)):
        box.pass_time(5 * 1000)
        settle(box, sim)


def until(box, sim, check, limit=60):
    """Time passes until check()."""
    for _ in range(limit * 12):
        if found := check():
            return found
        minutes(box, sim, 1 / 12)
    raise AssertionError(f"not within {limit} minutes: {box.status()['avisos']}, {box.status()['veredicto']}")


def trial(box, channel="correo", waits_for=None):
    """The outcome of a test that a person asks for; the ten seconds of a server pass that never answers as it should."""
    status, answer = control(box, "POST", "/v1/avisos/prueba", {})
    assert status == 202, answer
    if waits_for:
        eventually(lambda: waits_for.calls)
        box.drive(mono=box.clocks["mono"] + 10_000)
    return eventually(lambda: box.status()["avisos"][channel]["prueba"], 90)


def test_a_fault_from_its_beginning_to_its_end():
    with stopping(MailServer()) as server, running("unix", clock=True, true_network=True, extra=by_mail(server)) as (box, sim):
        sim.stop()
        minutes(box, sim, 2)
        assert server.mails == [], "a fault that may pass by itself is not told yet"
        until(box, sim, lambda: server.mails)
        said = server.mails[0]
        assert said["Subject"] == "Ayuntamiento de Alpedrete: no puede enviar SMS" and said["From"].addresses[0].addr_spec
        assert said.envelope == ["tecnico@example.org", "guardia@example.org"], said.envelope
        text = said.get_content()
        verdict = box.status()["veredicto"]
        assert "No puede enviar" in text and verdict["que_hacer"] in text.replace("\n", " "), (text, verdict)
        minutes(box, sim, 10)
        assert len(server.mails) == 1, server.subjects()
        sim.start()
        eventually(lambda: box.status()["modems"][0]["listo"])
        until(box, sim, lambda: len(server.mails) == 2)
        text = server.mails[1].get_content()
        assert server.subjects()[1] == "Ayuntamiento de Alpedrete: Resuelto: no puede enviar SMS"
        assert re.search(r"Duró \d+ minutos", text), text
        last = box.status()["avisos"]["correo"]
        assert last["a"] == "tecnico@example.org, guardia@example.org" and last["ultimo"]["enviado"], last
        assert {m["Message-ID"] for m in server.mails} and server.mails[0]["Message-ID"] != server.mails[1]["Message-ID"]


def test_a_reminder_each_day_and_no_word_twice_after_a_restart():
    with stopping(MailServer()) as server, running("unix", clock=True, true_network=True, extra=by_mail(server), enrolled=False) as (box, sim):
        assert control(box, "POST", "/v1/envios/pausa", {"motivo": "obras"})[0] == 200
        until(box, sim, lambda: server.mails)
        box.stop()
        box.start(ready=False)
        minutes(box, sim, 5)
        assert len(server.mails) == 1, "it was told before the restart"
        box.pass_time(24 * 3600 * 1000)
        until(box, sim, lambda: len(server.mails) == 2)
        assert server.subjects()[1].endswith("Sigue: no puede enviar SMS")
        minutes(box, sim, 5)
        box.stop(signal.SIGKILL)
        assert control_after_restart(box)["en_pausa"] is False
        until(box, sim, lambda: any("Resuelto: no puede enviar SMS" in subject for subject in server.subjects()[2:]))
        minutes(box, sim, 5)
        # what time does to a wait for a server may keep from being written that it was told
        assert box.is_moved or len(set(server.subjects())) == len(server.mails) == 3, server.subjects()


def control_after_restart(box):
    box.start(ready=False)
    status, answer = control(box, "DELETE", "/v1/envios/pausa")
    assert status == 200
    return answer


def test_fifty_flaps_are_two_mails():
    with stopping(MailServer()) as server, \
            running("unix", clock=True, true_network=True, extra=by_mail(server, after=1), enrolled=False) as (box, sim):
        for _ in range(50):
            assert control(box, "POST", "/v1/envios/pausa", {})[0] == 200
            minutes(box, sim, 1 / 3)
            assert control(box, "DELETE", "/v1/envios/pausa")[0] == 200
            minutes(box, sim, 1 / 3)
        until(box, sim, lambda: len(server.mails) == 2)
        assert "Resuelto" in server.subjects()[1], server.subjects()


def test_by_tls_with_a_password():
    with running(enrolled=False) as (box, _):
        folder = box.folder
        certificate = make_certificate(folder)
        token = base64.b64encode(f"\0caja\0{PASSWORD}".encode()).decode()
        for security in ("starttls", "tls"):
            with stopping(MailServer(tls=security, certificate=certificate, password=token)) as server:
                keys = f'smtp_usuario = "caja" smtp_clave = "{PASSWORD}" autoridad = "{certificate[0]}"'
                use(box, by_mail(server, security, keys).replace("127.0.0.1:", "localhost:"))
                assert trial(box)["enviado"], box.status()["avisos"]
                assert server.was_tls == [True] and server.logins == [(token, True)], server.logins
                assert server.mails[0]["Subject"] == "Ayuntamiento de Alpedrete: prueba de los avisos"
                use(box, by_mail(server, security, keys))  # by an address that the certificate does not have
                assert "certificado" in trial(box)["detalle"]
                use(box, by_mail(server, security, keys.replace(PASSWORD, "otra")).replace("127.0.0.1:", "localhost:"))
                assert "smtp_clave" in trial(box)["detalle"], box.status()["avisos"]
                use(box, by_mail(server, security, "").replace("127.0.0.1:", "localhost:"))
                assert "certificado" in trial(box)["detalle"], "nobody vouches for it"
                assert len(server.mails) == 1
        with stopping(MailServer()) as server:
            use(box, by_mail(server, "starttls"))
            assert "STARTTLS" in trial(box)["detalle"] and server.mails == [], "never in clear"
        for secret in (PASSWORD, token):
            assert secret not in box.program.log() and secret.encode() not in box.database.read_bytes()


def use(box, alerts):
    """The configuration with these alerts, in force."""
    text = re.sub(r"avisos \{[^}]*(\}[^}]*)?\}\n", "", box.conf.read_text())
    count = box.program.log().count("configuración releída")
    box.conf.write_text(text + "\n" + alerts + "\n")
    box.program.process.send_signal(signal.SIGHUP)
    eventually(lambda: box.program.log().count("configuración releída") > count)


def test_what_a_mail_server_may_do_is_a_clear_error():
    rows = [("refused", "conectar"), ("nonsense", "a tiempo"), ("flood", None), ("half", None), ("busy", "421"),
            ("refuses-one", "550")]
    with running(enrolled=False, clock=True) as (box, _):
        for how, says in rows:
            with stopping(MailServer(how)) as server:
                if how == "refused":
                    server.stop()
                use(box, by_mail(server))
                outcome = trial(box, waits_for=server if how == "nonsense" else None)
                assert outcome["enviado"] is False and len(outcome["detalle"]) > 20, (how, outcome)
                assert says is None or says in outcome["detalle"], (how, outcome)
                assert re.search(r"\((respuesta \d+|curl \d+: [A-Z].{9,})\)$", outcome["detalle"]), (how, "in the library's words", outcome)
                assert "script" not in outcome["detalle"] + box.program.log(), how
                assert server.mails == [], how
        assert box.get("/readyz", token=None).status == 200


def test_a_server_that_says_nothing_delays_nobody():
    with stopping(MailServer("mute")) as server, running(limits=LIMITS) as (box, sim):
        hook = Webhook(hangs=True)
        with stopping(hook):
            use(box, by_mail(server, more=f'webhook = "{hook.url}" webhook_secreto = "{SECRET}"'))
            quiet = pace(box, sim)
            assert control(box, "POST", "/v1/avisos/prueba", {})[0] == 202
            eventually(lambda: server.calls == 1)
            busy = min((pace(box, sim) for _ in range(3)), key=sum)  # the machine has other work too
            assert box.status()["avisos"]["correo"]["enviando"], "it hangs still"
            assert control(box, "POST", "/v1/avisos/prueba", {})[0] == 503, "one at a time"
            print("send and verify: quiet", quiet, "with a server that hangs", busy)
            for calm, loaded in zip(quiet, busy):
                assert loaded < calm * 3 + 1, (quiet, busy)


def pace(box, sim):
    """Seconds of one contraclave from the request to the telephone, and of 100 verifications."""
    before, start = len(sim.inbox()), time.monotonic()
    box.ask_pin()
    eventually(lambda: len(sim.inbox()) > before)
    sent = time.monotonic() - start
    for _ in range(100):
        box.verify("0000", clave="1357")
    return round(sent, 3), round(time.monotonic() - start - sent, 3)


def test_a_webhook_is_signed():
    with stopping(Webhook()) as hook, running("unix", clock=True, true_network=True, extra=by_webhook(hook), enrolled=False) as (box, sim):
        assert control(box, "POST", "/v1/envios/pausa", {"motivo": "obras"})[0] == 200
        until(box, sim, lambda: hook.bodies)
        headers, body = hook.bodies[0]
        stamp, digits = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Contraclaved-Firma"]).groups()
        wanted = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(wanted, digits) and headers["Content-Type"] == "application/json"
        told = json.loads(body)
        assert (told["suceso"], told["aviso"], told["causa"], told["hasta"]) == ("abierto", "envio", "pausa", None), told
        assert told["frase"] == box.status()["veredicto"]["frase"] and told["segundos"] >= 180, told
        assert control(box, "DELETE", "/v1/envios/pausa")[0] == 200
        until(box, sim, lambda: len(hook.bodies) == 2)
        over = json.loads(hook.bodies[1][1])
        assert over["suceso"] == "resuelto" and over["desde"] == told["desde"] and over["hasta"] > over["desde"], over
        place = box.status()["avisos"]["webhook"]["a"]
        assert place.startswith("http://127.0.0.1:") and "secreta" not in json.dumps(box.status()["avisos"])
        assert "ficha-secreta" not in box.program.log() and SECRET not in box.program.log()


def test_a_webhook_that_redirects_is_not_followed():
    with stopping(Webhook()) as other, stopping(Webhook(307, other.url)) as hook, \
            running(extra=by_webhook(hook), enrolled=False) as (box, _):
        outcome = trial(box, "webhook")
        assert outcome["enviado"] is False and "redirige" in outcome["detalle"] and "307" in outcome["detalle"], outcome
        assert len(hook.bodies) == 1 and other.bodies == []
        with stopping(Webhook(500)) as broken:
            use(box, by_webhook(broken))
            assert "500" in trial(box, "webhook")["detalle"]
        for address in ("file:///etc/passwd", "ftp://127.0.0.1/x", "https://a:b@example.org/"):
            box.conf.write_text(box.conf.read_text().replace(broken.url, address))
            box.program.process.send_signal(signal.SIGHUP)
            eventually(lambda: "webhook: escriba" in box.program.log())
            box.conf.write_text(box.conf.read_text().replace(address, broken.url))


def test_what_cannot_be_sent_is_sent_later():
    with stopping(MailServer("busy")) as server, running("unix", clock=True, true_network=True, extra=by_mail(server), enrolled=False) as (box, sim):
        assert control(box, "POST", "/v1/envios/pausa", {})[0] == 200
        until(box, sim, lambda: server.calls >= 2)
        assert box.status()["avisos"]["correo"]["ultimo"]["enviado"] is False
        assert box.program.log().count("no se envía por correo") == 1, "said once"
        box.stop(signal.SIGKILL)
        server.how = None
        box.start(ready=False)
        until(box, sim, lambda: server.mails)
        minutes(box, sim, 5)
        assert len(server.mails) == 1, server.subjects()


def test_a_queue_that_waits_though_the_box_can_send():
    with stopping(MailServer()) as server, \
            running("unix", clock=True, true_network=True, extra=by_mail(server, more="cola_minutos = 5", after=1),
                    modem="ritmo_por_dia = 1", limits=LIMITS) as (box, sim):
        box.ask_pin()
        eventually(sim.inbox)
        box.ask_pin()
        until(box, sim, lambda: server.mails, 15)
        assert server.subjects() == ["Ayuntamiento de Alpedrete: hay mensajes que esperan demasiado"], server.subjects()
        assert "(1)" in server.mails[0].get_content() and box.status()["veredicto"]["puede"] == "si_pero"


def fail(trouble, number):
    """The errno that the daemon's writes fail with; in place, because it has the file mapped."""
    with open(trouble, "r+b") as file:
        file.write(struct.pack("i", number))


def test_a_full_disk_does_not_stop_the_alert_about_it():
    needs_file()
    with stopping(MailServer()) as server, folder() as path:
        trouble = path / "disk"
        trouble.write_bytes(struct.pack("i", 0))
        clock = str(BUILD / "tests/preload_clock.so")
        sim = Sim(path, "unix", env=clock_env(path / "clock", CC_CLOCK_TRUE="1"))
        box = Box(path, sim.device, clock=True, extra=by_mail(server, after=1))
        box.env.update(CC_WRITES_FILE=str(trouble), LD_PRELOAD=f"{clock}:{BUILD / 'tests/preload_writes.so'}")
        with serving(box, others=[sim]):
            fail(trouble, errno.ENOSPC)
            assert box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}).status == 503
            until(box, sim, lambda: server.mails)
            assert "el disco está lleno" in server.mails[0].get_content(), server.mails[0].get_content()
            assert box.rows("SELECT count(*) FROM alerts WHERE phase = 2") == [(0,)], "not kept: it cannot be"
            fail(trouble, 0)
            until(box, sim, lambda: len(server.mails) == 2)
            assert "Resuelto" in server.subjects()[1]
            until(box, sim, lambda: box.rows("SELECT count(*) FROM alerts WHERE told_ms > 0") == [(1,)])


def test_a_test_without_anybody_to_tell():
    with running(enrolled=False) as (box, _):
        assert box.status()["avisos"] == {"correo": None, "webhook": None}
        status, answer = control(box, "POST", "/v1/avisos/prueba", {})
        assert status == 409 or status == 503, (status, answer)
        assert box.client("tecnico", "t") and box.post("/v1/avisos/prueba", {}).status == 403, "for staff"


def test_the_command_line_says_how_it_went():
    with stopping(MailServer()) as server, stopping(Webhook(500)) as hook, \
            running(extra=by_mail(server), enrolled=False) as (box, _):
        done = box.ctl("avisos", "prueba")
        assert "correo: enviado a tecnico@example.org" in done.stdout and len(server.mails) == 1, done.stdout
        use(box, by_mail(server, more=f'webhook = "{hook.url}" webhook_secreto = "{SECRET}"'))
        done = box.ctl("avisos", "prueba", check=False)
        assert done.returncode == 75 and "webhook: no se ha podido enviar a http" in done.stdout, done.stdout
        assert [row[0] for row in box.rows("SELECT event FROM audit WHERE event = 'avisos_prueba'")] == ["avisos_prueba"] * 2
        use(box, "avisos { }")
        done = box.ctl("avisos", "prueba", check=False)
        assert done.returncode != 0 and "configur" in done.stderr, (done.stdout, done.stderr)


def test_a_client_is_not_told_who_receives_them():
    with stopping(MailServer()) as server, running(extra=by_mail(server), enrolled=False) as (box, _):
        alerts = box.get("/v1/estado").json["avisos"]
        assert alerts["correo"]["a"] is None and "example.org" not in json.dumps(alerts)
