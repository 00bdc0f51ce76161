# SPDX-License-Identifier: EUPL-1.2
"""The demo sede (web/demo) over the real daemon, as a browser without JavaScript sees it: seeds 000 and 001."""

import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import struct
import subprocess
import tempfile
import types

from box import BUILD, CLAVE, NIF, PHONE, ROOT, SLOW, clock_env, code_of, environment, eventually, free_port, patience, running
from certificates import openssl
from demosede import SCOPES, Browser, demo, start_sede
from people import PASSWORD, Person

LONG = ("test_make_run_and_the_cable_that_it_says",)
REFUSED = "Alguno de los datos no es correcto, o el pin ya no sirve."
UNAVAILABLE = "El servicio de PIN no está disponible en este momento. Inténtelo más tarde."
SCRIPT = "\"><script>alert('1')</script>"
PDF = b"%PDF-1.7\nuna copia\n"


def ask_pin(browser, sim):
    before = len(sim.inbox())
    screen = browser.submit("/quiero", nif=NIF, clave=CLAVE, confirmacion=CLAVE)
    assert screen.title == "Ya tengo el pin", screen.notices
    return code_of(eventually(lambda: sim.inbox()[before:])[0])


def enter(browser, code, **fields):
    return browser.submit("/tengo", **{"nif": NIF, "clave": CLAVE, "contraclave": code, **fields})


def test_seed_002_user_and_password():
    """Chosen with a pin; not authorised until the document is seen; entered with a code; forgotten, and another one chosen."""
    password = "caballo pila grapa correcta"
    with demo(extra="contrasena_ms = 20 metodos { contrasena_sms = si }") as (browser, box, sim):
        assert '<a href="/contrasena">Contraseña y código por SMS</a>' in browser.open("/").raw
        fields = {"nif": NIF, "clave": CLAVE, "contraclave": ask_pin(browser, sim)}
        short = browser.submit("/contrasena/alta", **fields, contrasena="corta")
        assert "12 caracteres" in short.bad["contrasena"] and short.values["nif"] == NIF and "corta" not in short.raw, short.bad
        assert "sin autorizar" in browser.submit("/contrasena/alta", **fields, contrasena=password).notices[0]
        assert "No se puede entrar" in browser.submit("/contrasena", nif=NIF, contrasena=password).notices[0]
        box.control_request("POST", "/v1/registro/credenciales/autorizacion", {"nif": NIF, "tipo": "contrasena", "documento": "dni"})
        code = lambda count: eventually(lambda: (found := re.findall(r"\b\d{6}\b", str(sim.inbox())))[count - 1:] and found)[count - 1]
        assert browser.submit("/contrasena", nif=NIF, contrasena=password).title == "Código de su contraseña"
        inside = browser.submit("/contrasena/codigo", codigo=code(1))
        assert inside.who == "María del Carmen Núñez" and password not in inside.talk, inside.notices
        browser.submit("/salir")
        assert browser.submit("/contrasena/olvido", nif=NIF, contraste="31/12/2030").title == "Código de su contraseña"
        assert "no es correcto" in browser.submit("/contrasena/codigo", codigo="000000", nueva="corta pero otra frase").notices[0]


def test_seed_000_acceso_quiero_un_pin_ya_tengo_el_pin():
    with demo() as (browser, _, sim):
        front = browser.open("/")
        assert '<a href="/"><strong>ACCESO</strong></a>' in front.raw and "Quiero un pin" in front.raw and "Ya tengo el pin" in front.raw
        asked = browser.submit("/quiero", nif=" 12.345.678-z ", clave=CLAVE, confirmacion=CLAVE)
        assert asked.title == "Ya tengo el pin" and asked.notices[0].startswith("Si está de alta, recibirá un SMS en su móvil. Vale hasta el "), asked.notices
        assert asked.values == {"nif": "12.345.678-z", "clave": "", "contraclave": "", "contraste": ""}, asked.values
        assert 'autocomplete="one-time-code"' in asked.raw and 'inputmode="numeric"' in asked.raw and "maxlength" not in asked.raw
        message = eventually(sim.inbox)[0]
        page = browser.open("/tengo")
        assert page.sms == [PHONE + message["text"]] and not page.notices, "the handset shows it, and what was said is said once"
        inside = enter(browser, code_of(message))
        assert (inside.title, inside.who) == ("Ha entrado", "María del Carmen Núñez"), inside.notices
        assert "Es su primer acceso." in inside.raw
        again = enter(Browser(browser.port), code_of(message))
        assert "Su acceso anterior: 20" in again.raw, "any number of times until it ends"
        assert browser.submit("/salir").title == "PIN 24 horas"
        assert browser.open("/dentro").where == "/tengo" and browser.open("/").who == ""


def test_seed_001_the_clave_is_written_twice_and_each_field_says_what_is_wrong():
    with demo() as (browser, _, sim):
        for fields, field in (({"confirmacion": "9999"}, "confirmacion"), ({"nif": "12345678A"}, "nif"), ({"clave": "48211"}, "clave"),
                              ({"contraste": "31/02/2030"}, "contraste"), ({"nif": SCRIPT}, "nif")):
            typed = {"nif": NIF, "clave": CLAVE, "confirmacion": CLAVE, "contraste": "", **fields}
            screen = browser.submit("/quiero", **typed)
            assert screen.status == 422 and list(screen.bad) == [field], (fields, screen.bad)
            assert screen.values["nif"] == typed["nif"] and screen.values["contraste"] == typed["contraste"], "what was typed is kept"
            assert screen.values["clave"] == screen.values["confirmacion"] == "" and "<script>alert" not in screen.raw
        assert sim.inbox() == []


def test_each_refusal_says_the_same():
    with demo() as (browser, _, sim):
        code = ask_pin(browser, sim)
        wrong = f"{(int(code) + 1) % 10000:04}"
        texts = {enter(browser, given, **fields).notices[0] for given, fields in (
            (wrong, {}), (code, {"clave": "1111"}), (code, {"nif": "87654321X"}), (wrong, {"contraste": "01/01/2031"}))}
        assert len(texts) == 1 and texts.pop().startswith(REFUSED)
        unknown = browser.submit("/quiero", nif="87654321X", clave=CLAVE, confirmacion=CLAVE)
        known = browser.submit("/quiero", nif=NIF, clave=CLAVE, confirmacion=CLAVE)
        assert unknown.notices == known.notices and unknown.title == known.title, "whether a NIF is registered is not told"


def test_what_sede_and_box_said_shows_no_secret():
    with demo() as (browser, box, sim):
        code = ask_pin(browser, sim)
        enter(browser, f"{(int(code) + 1) % 10000:04}", contraste="31/12/2030")
        talk = browser.open("/tengo").talk
        assert "POST /v1/solicitudes" in talk and "POST /v1/verificaciones" in talk and '"resultado": "rechazado"' in talk, talk
        for secret in (CLAVE, code, "31/12/2030", box.token):
            assert secret not in talk.replace('"caduca', ""), secret
        assert PDF.decode()[5:] not in talk


def test_the_sms_again():
    with demo() as (browser, _, sim):
        assert "enviarlo otra vez" not in browser.open("/tengo").raw
        assert browser.submit("/reenvio").title == "Ya tengo el pin", "nothing to send again"
        code = ask_pin(browser, sim)
        again = browser.submit("/reenvio")
        assert again.notices[0].startswith("Si está de alta, lo recibirá otra vez."), again.notices
        assert code_of(eventually(lambda: len(sim.inbox()) == 2 and sim.inbox())[1]) == code


def test_seed_001_renuncia():
    with demo() as (browser, _, sim):
        code = ask_pin(browser, sim)
        assert browser.submit("/renuncia", nif=NIF, clave=CLAVE, contraclave=f"{(int(code) + 1) % 10000:04}").notices[0].startswith(REFUSED)
        done = browser.submit("/renuncia", nif=NIF, clave=CLAVE, contraclave=code)
        assert done.notices == ["Ha renunciado al servicio. Se lo confirmamos por SMS."], done.notices
        assert enter(browser, code).notices[0].startswith(REFUSED)


def test_seed_001_a_online_form_with_a_copy():
    with demo(extra="altas { formulario = si }") as (browser, box, sim):
        fields = {"nif": "87654321X", "nombre": SCRIPT, "apellido1": "Gil", "apellido2": "", "movil": "600111222", "contraste": ""}
        for files, changed, bad in (((b"hola",), {}, "documento"), ((b"",), {}, "documento"), ((), {}, "documento"), ((PDF,), {"movil": "918571540"}, "movil")):
            screen = browser.submit_files("/alta", *files, **{**fields, "nombre": "Juan", **changed})
            assert screen.status == 422 and list(screen.bad) == [bad], (bad, screen.notices)
            assert screen.values["nombre"] == "Juan" and screen.values["nif"] == "87654321X"
        screen = browser.submit_files("/alta", PDF, **{**fields, "nombre": "Juan"})
        assert (screen.title, screen.notices) == ("Código de su móvil", ["Le hemos enviado un código por SMS. Sirve 30 minutos."]), screen.notices
        code = re.search(r"\b\d{6}\b", eventually(sim.inbox)[0]["text"]).group()
        assert browser.submit("/alta/codigo", codigo="000000" if code != "000000" else "1" * 6).bad.keys() == {"codigo"}
        done = browser.submit("/alta/codigo", codigo=f" {code} ")
        assert done.notices == ["Su móvil está comprobado. El Registro revisará su documento y le avisará por SMS."], done.notices
        (alta,) = box.control_request("GET", "/v1/registro/altas?estado=pendiente").json["altas"]
        assert box.control_request("POST", f"/v1/registro/altas/{alta['id']}/validar", {}).status == 200
        assert browser.submit_files("/alta", b"%PDF" + b"x" * (12 << 20), **fields).status == 413


def test_003_registered_is_told_with_the_telephone_to_call():
    with demo(extra='telefono_ayuntamiento = "918 57 15 40" altas { formulario = si }') as (browser, _, sim):
        browser.submit_files("/alta", PDF, nif=NIF, nombre="María", apellido1="Núñez", movil=PHONE)
        code = re.search(r"\b\d{6}\b", eventually(sim.inbox)[0]["text"]).group()
        told = browser.submit("/alta/codigo", codigo=code)
        assert told.notices == ["DNI/NIF registrado. Si no recuerda su alta, llame al 918 57 15 40."], told.notices


def test_003_the_town_decides_the_methods_and_until_when():
    last = datetime.date.today() + datetime.timedelta(days=30)
    with demo(extra=f'metodos {{ certificado = si pin24h = "hasta {last}" }}') as (browser, box, sim):
        told = browser.open("/").raw
        assert '<dt><a href="/quiero">PIN 24 horas</a></dt>' in told and '<dt><a href="/certificado">Certificado electrónico</a></dt>' in told, told
        assert f"Se admite hasta el {last:%d/%m/%Y}. Después podrá usar: Certificado electrónico." in told
        inside = enter(browser, ask_pin(browser, sim))
        assert inside.who and f"Se admite hasta el {last:%d/%m/%Y}." in inside.raw, "who enters by it is told"
        browser.submit("/salir")
        box.conf.write_text(box.conf.read_text().replace(f'"hasta {last}"', "no"))
        box.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: "PIN 24 horas</dt>" not in browser.open("/").raw)
        said = browser.submit("/quiero", nif=NIF, clave=CLAVE, confirmacion=CLAVE).notices
        assert said == ["Este medio de identificarse no se admite. Puede usar: Certificado electrónico."], said


def certificates(folder):
    """An authority, the sede's own certificate and a person's."""
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8")
    trust = folder / "confianza"
    trust.mkdir()
    openssl("req", "-x509", *ec, "-days", 30, "-subj", "/C=ES/O=Pruebas/CN=AC de pruebas", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout", folder / "ac.key", "-out", trust / "ac.pem")
    for name, subject, extensions in (
            ("sede", "/CN=localhost", "subjectAltName=IP:127.0.0.1"),
            ("persona", "/C=ES/serialNumber=IDCES-87654321X/GN=JUAN/SN=ESPAÑOL/CN=JUAN ESPAÑOL", "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth")):
        (folder / "extensions").write_text(extensions)
        openssl("req", "-new", *ec, "-subj", subject, "-keyout", folder / f"{name}.key", "-out", folder / "request")
        openssl("x509", "-req", "-in", folder / "request", "-CA", trust / "ac.pem", "-CAkey", folder / "ac.key", "-CAcreateserial", "-days", 30,
                "-extfile", folder / "extensions", "-out", folder / f"{name}.pem")
    return trust


def test_seed_001_b_alta_with_certificate():
    with tempfile.TemporaryDirectory() as folder:
        check_certificate(pathlib.Path(folder))


def check_certificate(tmp):
    trust, port = certificates(tmp), free_port()
    tls = ("--tls", str(tmp / "sede.pem"), str(tmp / "sede.key"), str(trust / "ac.pem"), "--tls-puerto", str(port))
    with demo(tls, extra=f'certificados_confianza = "{trust}" altas {{ certificado = si }}') as (browser, _, sim):
        assert browser.open("/certificado").where == f"https://127.0.0.1:{port}/certificado"
        context = ssl.create_default_context(cafile=str(trust / "ac.pem"))
        nobody = Browser(port, context).submit("/certificado", acto="alta", movil="600111222")
        assert nobody.notices[0].startswith("El navegador no ha presentado ningún certificado."), nobody.notices
        holder = ssl.create_default_context(cafile=str(trust / "ac.pem"))
        holder.load_cert_chain(str(tmp / "persona.pem"), str(tmp / "persona.key"))
        person = Browser(port, holder)
        assert person.submit("/certificado", acto="renuncia", movil="").notices == ["Con ese certificado no hay nadie de alta."]
        done = person.submit("/certificado", acto="alta", movil="600111222")
        assert done.notices == ["Ya está de alta. Se lo confirmamos por SMS; ya puede pedir un pin."], done.notices
        assert "queda activo" in eventually(sim.inbox)[0]["text"], "active at once, SMS at once"
        assert person.submit("/certificado", acto="movil", movil="600111223").notices[0].startswith("Su móvil está cambiado.")
        assert person.submit("/certificado", acto="renuncia", movil="").notices == ["Ha renunciado al servicio. Se lo confirmamos por SMS."]
        assert "Secure" in person.open("/certificado").headers.get("Set-Cookie", "Secure")


def test_other_sites_names_and_cookies():
    with demo() as (browser, _, sim):
        fields = {"nif": NIF, "clave": CLAVE, "confirmacion": CLAVE}
        for origin in ("http://otra.example", "null", f"https://127.0.0.1:{browser.port}"):
            assert browser.submit("/quiero", {"Origin": origin}, **fields).status == 403, origin
        assert browser.ask("GET", "/", headers={"Host": "otra.example"}).status == 421, "a name that points here is not this sede's"
        assert sim.inbox() == []
        answer = browser.open("/quiero")
        assert "HttpOnly; SameSite=Strict" in Browser(browser.port).open("/").headers["Set-Cookie"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"] and answer.headers["Cache-Control"] == "no-store"
        code, before = ask_pin(browser, sim), browser.cookies["sede"]
        assert enter(browser, code).who and browser.cookies["sede"] != before, "another cookie for who is in"
        stale = Browser(browser.port)
        stale.cookies["sede"] = before
        assert stale.open("/").who == ""
        for path in ("/../box.py", "/palabras/es.txt", "/%2e%2e/Makefile", "/nada"):
            assert browser.open(path).status == 404, path
        for length in ("-1", "x"):
            assert browser.ask("POST", "/quiero", headers={"Content-Length": length}).status == 413, length


def test_a_box_that_is_away():
    with demo() as (browser, box, _):
        box.stop()
        screen = browser.submit("/quiero", nif=NIF, clave=CLAVE, confirmacion=CLAVE)
        assert screen.status == 422 and screen.notices == [UNAVAILABLE] and screen.values["nif"] == NIF, screen.notices


def test_each_language():
    with demo() as (browser, _, _sim):
        titles = {browser.open(f"/quiero?idioma={language}").title for language in ("es", "ca", "eu", "gl", "en")}
        assert len(titles) == 5, titles
        assert browser.open("/quiero?idioma=tlh").title == browser.open("/quiero").title, "the last one that was chosen"
        browser.open("/quiero?idioma=eu")
        screen = browser.submit("/quiero", nif="12345678A", clave=CLAVE, confirmacion=CLAVE, contraste="")
        assert screen.bad["nif"] == "Kontrol-letra edo -zifra ez dagokio zenbaki horri. Berrikusi IFZa.", screen.bad
        folder = ROOT / "web/demo/palabras"
        keys = {path.stem: [line.partition(" = ")[0] for line in path.read_text("utf-8").splitlines() if " = " in line] for path in folder.glob("*.txt")}
        assert len(keys) == 5 and all(each == keys["es"] for each in keys.values()), "each text in each language"
        marks = {path.stem: re.findall(r"\{\w+\}", path.read_text("utf-8")) for path in folder.glob("*.txt")}
        assert all(each == marks["es"] for each in marks.values()), marks


def test_it_does_not_start_where_an_sms_would_leave():
    with running(enrolled=False, options=("--personality", "quectel")) as (box, _):
        box.client(SCOPES, "portal")
        refused = start_sede(box, "--puerto", str(free_port()))
        assert "enviaría SMS de verdad" in refused.communicate(timeout=60)[1] and refused.returncode == 1
        lost = start_sede(box, "--puerto", str(free_port()), token="otro")
        assert "contesta 401: mire la dirección y CONTRACLAVE_TOKEN" in lost.communicate(timeout=60)[1] and lost.returncode == 1
        told = start_sede(box, "--con-modems-reales", "--puerto", str(free_port()))
        assert told.stdout.readline().startswith("sede: http://127.0.0.1:")
        told.kill()
        told.communicate()


def three_free_ports():
    port = free_port()
    while [free_port(), free_port()] != [port + 1, port + 2]:
        port = free_port()
    return port


def newcomer(port, said, name, clock):
    """What README.md promises whoever types make run: both addresses serve, and the printed command is a cable out."""
    def pass_time():
        with open(clock, "r+b") as file:
            wall, boot, mono = struct.unpack("3q", file.read(24))
            file.seek(0)
            file.write(struct.pack("3q", wall, boot, mono + 100))
    assert f"    http://127.0.0.1:{port + 1}/\n" in said and "quiero" in Browser(port + 1).open("/").raw
    answer = Box(port).request("GET", "/estado")
    assert answer.status == 200 and f"http://127.0.0.1:{port}/estado\n" in said, said
    person = Person(Box(port))
    token, = re.findall(r"/acceso#([a-z]{24})\b", said)
    answer = person.ask("POST", "/v1/operadores/inicial", {"token": token, "nombre": name, "contrasena": PASSWORD})
    assert answer.status == 201 and person.enter(name).status == 200, (answer.json, said)
    can = lambda: person.ask("GET", "/v1/estado?idioma=es").json["veredicto"]["puede"]
    eventually(lambda: can() in ("si", "si_pero"))
    cable, = re.findall(r"^ +(\S+/simmodem --ask .*vanish.*)$", said, re.M)
    subprocess.run(cable, shell=True, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    eventually(lambda: can() in ("no", "por_ahora_no"), 2)
    eventually(lambda: can() in ("si", "si_pero") or pass_time())


class Box:
    """As much of a box as a Person asks for."""

    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None, token=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience() * SLOW)
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return types.SimpleNamespace(status=answer.status, headers=answer.headers, json=is_json and json.loads(text))


def test_make_run_and_the_cable_that_it_says():
    port = three_free_ports()
    folder = BUILD / f"demo-{port}"
    clock = BUILD / f"demo-{port}.clock"
    env = environment({**clock_env(clock, CC_CLOCK_TRUE="1"), "BUILD": str(BUILD), "PORT": str(port)})
    env = {k: v for k, v in env.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    try:
        for name in ("Begoña", "Iñaki"):  # the second one finds what the first left
            with tempfile.TemporaryFile() as output:
                program = subprocess.Popen([ROOT / "tests/lib/demo.sh"], stdout=output, stderr=output, env=env)
                told = lambda: os.pread(output.fileno(), 1 << 16, 0).decode()
                try:
                    eventually(lambda: "Ctrl-C" in told() or program.poll() is not None)
                    assert program.poll() is None, told()
                    newcomer(port, told(), name, clock)
                finally:
                    program.send_signal(signal.SIGINT)
                    eventually(lambda: program.poll() is not None)
                    assert program.poll() == 0, told()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        clock.unlink()
