# SPDX-License-Identifier: EUPL-1.2
"""People who log in: the first link, passwords, sessions, one-time codes, roles, other sites' forms."""

import base64
import hashlib
import hmac
import http.client
import re
import socket
import sqlite3
import struct
import time

from box import ROOT, SLOW
from people import OURS, PASSWORD, Person, add, first, link_token, on_box


def code_at(secret, at_s):
    """RFC 6238, by another hand."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">q", int(at_s) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def test_the_first_link():
    def check(box):
        person = Person(box)
        token = link_token(box)
        make = lambda token, password=PASSWORD: person.ask(
            "POST", "/v1/operadores/inicial", {"token": token, "nombre": "Begoña", "contrasena": password})
        assert make("x" * 24).status == 403
        for password, kind in (("corta", "password_short"), ("Contraseña123", "password_common"),
                               ("begoñabegoña12", "password_common")):
            answer = make(token, password)
            assert (answer.status, answer.json["type"], answer.json["campo"]) == (422, kind, "contrasena"), answer.text
        assert make(token).status == 201
        assert make(token).status == 403  # once
        assert person.enter().status == 200
        me = person.ask("GET", "/v1/sesion").json
        assert me["nombre"] == "Begoña" and me["rol"] == "administrador" and "operadores" in me["ambitos"], me
        again = box.ctl("operador", "alta-inicial").stdout
        token = re.search(r"#([a-z]{24})\b", again)[1]
        assert make(token).json["type"] == "operator_exists"
        events = [r[0] for r in box.rows("SELECT event FROM audit ORDER BY id")]
        assert {"operador_alta_inicial", "operador_crear", "sesion_abrir"} <= set(events), events
        everything = box.database.read_bytes() + box.program.log().encode()
        assert PASSWORD.encode() not in everything and b"argon2id" not in box.database.read_bytes()
    on_box(check)


def test_the_link_lasts_an_hour():
    def check(box):
        token = link_token(box)
        box.pass_time(61 * 60 * 1000)
        answer = Person(box).ask("POST", "/v1/operadores/inicial", {"token": token, "nombre": "B", "contrasena": PASSWORD})
        assert answer.status == 403, answer.text
    on_box(check, clock=True)


def test_cookie_and_end():
    def check(box):
        person = first(box)
        answer = person.enter()
        header = answer.headers["Set-Cookie"]
        assert re.fullmatch(r"contraclaved=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict", header), header
        other = Person(box)
        other.enter()
        mine = person.ask("GET", "/v1/sesiones").json["sesiones"]
        assert len(mine) == 3 and [s["actual"] for s in mine] == [False, True, False], mine
        assert all(s["direccion"] == "127.0.0.1" for s in mine), mine
        assert person.ask("DELETE", f"/v1/sesiones/{mine[0]['id']}").status == 200
        assert other.ask("GET", "/v1/sesion").status == 401
        old = person.cookie
        assert person.ask("DELETE", "/v1/sesion").status == 200
        assert person.ask("GET", "/v1/sesion").status == 401
        person.cookie = old  # replayed
        assert person.ask("GET", "/v1/sesion").status == 401
        for cookie in ("contraclaved=", "contraclaved=" + "A" * 43, "contraclaved=a; contraclaved=b", "x=y",
                       "contraclaved=" + "A" * 4000, "contraclaved=\"<script>\"", old[:-1], old + "A",
                       old.replace("contraclaved", "__Host-contraclaved")):
            person.cookie = cookie
            assert person.ask("GET", "/v1/sesion").status == 401, cookie
    on_box(check)


def test_a_session_ends_by_itself():
    def check(box):
        person = first(box)
        for _ in range(21):  # in use: up to ten hours
            assert person.ask("GET", "/v1/sesion").status == 200
            box.pass_time(28 * 60 * 1000)
        box.pass_time(28 * 60 * 1000)
        assert person.ask("GET", "/v1/sesion").status == 401
        person.enter()
        box.pass_time(31 * 60 * 1000)  # idle
        assert person.ask("GET", "/v1/sesion").status == 401
    on_box(check, clock=True)


def open_stream(person):
    """The events of an open page, read until the first is there."""
    connection = http.client.HTTPConnection("127.0.0.1", person.box.port, timeout=20 * SLOW)
    connection.request("GET", "/v1/estado/eventos?idioma=es", headers={"Cookie": person.cookie})
    answer = connection.getresponse()
    assert answer.status == 200 and b"estado" in answer.read1()
    answer.connection = connection
    return answer


def read_to_end(stream):
    """Whether the daemon ended it by itself, within its patience."""
    while stream.read1():
        pass
    return stream.isclosed() or stream.read1() == b""


def test_a_stream_ends_with_its_session():
    def check(box):
        boss = first(box)
        people = {name: add(box, name, "tecnico") for name in ("uno", "dos", "tres", "cuatro")}
        streams = {name: open_stream(person) for name, person in people.items()}
        assert people["uno"].ask("DELETE", "/v1/sesion").status == 200
        box.ctl("operador", "desactiva", "--nombre", "dos")
        box.ctl("operador", "rol", "--nombre", "tres", "--rol", "lector")
        for name in ("uno", "dos", "tres"):
            assert read_to_end(streams[name]), name
        # whose session goes on keeps the stream, which is no use of the session by itself
        before = box.rows("SELECT used_ms FROM sessions WHERE operator_id = (SELECT id FROM operators WHERE name = 'cuatro')")
        beats = 0
        while beats < 2:
            beats += streams["cuatro"].read1().count(b"event: latido")
        assert before == box.rows("SELECT used_ms FROM sessions WHERE operator_id = (SELECT id FROM operators WHERE name = 'cuatro')")
        assert boss.ask("GET", "/v1/sesion").status == 200
        streams["cuatro"].connection.close()
    on_box(check)


def test_changes_come_from_our_pages():
    def check(box):
        person = first(box)
        origin = f"http://127.0.0.1:{box.port}"
        for headers in ({}, OURS, {"Origin": origin}, {"Origin": origin, "X-Contraclaved": "0"},
                        {"Origin": "https://example.com", **OURS}, {"Origin": "null", **OURS},
                        {"Origin": f"http://127.0.0.1:{box.port}.example.com", **OURS}):
            for method, path, body in (("PATCH", "/v1/sesion", {"idioma": "eu"}), ("DELETE", "/v1/sesion", None),
                                       ("POST", "/v1/operadores", {"nombre": "X", "rol": "lector", "contrasena": PASSWORD}),
                                       ("POST", "/v1/sesion", {"nombre": "begoña", "contrasena": PASSWORD})):
                answer = person.ask(method, path, body, headers=headers)
                assert (answer.status, answer.json["type"]) == (403, "foreign_origin"), (headers, method, path, answer.text)
        assert person.ask("PATCH", "/v1/sesion", {"idioma": "eu"}).status == 200
        assert person.ask("GET", "/v1/sesion").json["idioma"] == "eu"
        assert person.ask("PATCH", "/v1/sesion", {"idioma": "xx"}).json["type"] == "lang_unknown"
    on_box(check)


def test_proxies_are_believed_only_where_trusted():
    def tries(box):
        """What the sixth meets when each of five before came from another address, by the header."""
        person = Person(box)
        origin = {"Origin": f"http://127.0.0.1:{box.port}", **OURS}
        for i in range(6):
            answer = person.ask("POST", "/v1/sesion", {"nombre": "begoña", "contrasena": "no es la buena"},
                                {**origin, "X-Forwarded-For": f"9.9.9.9, 10.0.0.{i}"})
        return answer.status

    def believed(box):
        first(box)
        assert tries(box) == 401

    def not_believed(box):
        first(box)
        assert tries(box) == 429
    on_box(believed, extra_http='proxy_de_confianza = "127.0.0.1"')
    on_box(not_believed)


def test_one_time_codes():
    def check(box):
        person = first(box)
        secret = person.ask("POST", "/v1/sesion/totp", {}).json["secreto"]
        assert Person(box).enter().status == 200  # not yet
        assert person.ask("POST", "/v1/sesion/totp/confirmar", {"codigo": "000000"}).json["type"] == "totp_code_wrong"
        now = lambda: time.time() + box.clocks["wall"] / 1000
        code = code_at(secret, now())
        answer = person.ask("POST", "/v1/sesion/totp/confirmar", {"codigo": code})
        assert answer.status == 200, answer.text
        spare = answer.json["rescate"]
        assert len(set(spare)) == 10 and all(re.fullmatch(r"[A-Z2-9]{5}-[A-Z2-9]{5}", c) for c in spare), spare
        assert Person(box).enter().status == 401                  # no code
        assert Person(box).enter(codigo=code).status == 401       # used when it was confirmed
        box.pass_time(30 * 1000)
        code = code_at(secret, now())
        assert Person(box).enter(codigo=code).status == 200
        assert Person(box).enter(codigo=code).status == 401       # replayed
        assert Person(box).enter(codigo=spare[3]).status == 200
        assert Person(box).enter(codigo=spare[3]).status == 401   # each once
        assert Person(box).enter(codigo=spare[4].lower().replace("-", "")).status == 200
        assert secret.encode() not in box.database.read_bytes()
        # a session alone neither takes the codes off nor guesses one
        start = lambda **code: person.ask("POST", "/v1/sesion/totp", code)
        for guess in ({}, {"codigo": "000000"}, {"codigo": code}, {"codigo": spare[3]}, {"codigo": "AAAAA-AAAAA"}):
            assert start(**guess).json["type"] == "totp_code_wrong", guess
        assert Person(box).enter().status == 401
        answer = start(codigo=spare[5])
        assert answer.status == 429 and 1 <= int(answer.headers["Retry-After"]) <= 60, answer.text
        assert Person(box).enter(codigo=spare[6]).status == 200  # log-ins go on
        box.pass_time(61 * 1000)
        answer = start(codigo=spare[5])
        assert answer.status == 200 and answer.json["secreto"] != secret, answer.text
        secret = answer.json["secreto"]
        assert person.ask("POST", "/v1/sesion/totp/confirmar", {"codigo": code_at(secret, now())}).status == 200
        assert Person(box).enter(codigo=spare[7]).status == 401   # those of before are over
        refused = box.rows("SELECT count(*) FROM audit WHERE event = 'operador_codigo_pedir' AND result = 'rechazado'")
        assert refused[0][0] == 5, refused
        box.ctl("operador", "clave", "--nombre", "begoña", "--contrasena", "-", stdin="otra frase muy distinta\n")
        assert person.ask("GET", "/v1/sesion").status == 401      # its sessions are over
        assert Person(box).enter(password="otra frase muy distinta").status == 200
    on_box(check, clock=True)


def test_accounts():
    def check(box):
        admin = first(box)
        make = lambda **body: admin.ask("POST", "/v1/operadores", {"nombre": "Iñaki", "rol": "tecnico", "contrasena": PASSWORD, **body})
        assert make(rol="jefe").json["type"] == "role_unknown"
        assert make(nombre=" ").json["type"] == "name_format"
        assert make(nombre="BEGONA").json["type"] == "operator_exists"
        assert make(nombre="x\u202ey").json["type"] == "name_format"
        assert make(nombre="..").json["type"] == "name_format"  # a page could not name it in a path
        assert make(contrasena="corta").json["type"] == "password_short"
        assert make().status == 201
        scripted = make(nombre="<script>alert(1)</script>")
        assert scripted.status == 201, scripted.text
        person = Person(box)
        assert person.enter("iñaki").status == 200
        change = lambda who, name, **body: who.ask("PATCH", f"/v1/operadores/{name}", body)
        assert change(admin, "I%C3%B1aki", rol="lector").status == 200
        assert person.ask("GET", "/v1/sesion").status == 401  # a new role is a new log-in
        assert person.enter("iñaki").status == 200 and person.ask("GET", "/v1/sesion").json["ambitos"] == ["estado"]
        assert change(admin, "nadie", rol="lector").status == 404
        assert change(admin, "Bego%C3%B1a", rol="lector").json["type"] == "last_admin"
        assert change(admin, "Bego%C3%B1a", activo=False).json["type"] == "last_admin"
        assert change(admin, "I%C3%B1aki", activo="no").status == 400
        assert change(admin, "I%C3%B1aki", activo=False).status == 200
        assert person.ask("GET", "/v1/sesion").status == 401 and person.enter("iñaki").status == 401
        box.ctl("operador", "activa", "--nombre", "iñaki")
        assert person.enter("iñaki").status == 200
        assert "Iñaki" in box.ctl("operador", "lista").stdout
        assert admin.ask("GET", "/v1/sesion").status == 200
    on_box(check)


# Rows: what can be asked for; columns: the roles that may. Every cell is asked.
ROLES = ("lector", "registro", "supervisor", "tecnico", "auditor", "administrador")
MAY = {
    ("GET", "/v1"): ROLES,
    ("GET", "/v1/metodos"): ROLES,
    ("GET", "/v1/estado"): ROLES,
    ("GET", "/v1/estado/eventos"): ROLES,
    ("GET", "/metrics"): ("tecnico", "administrador"),
    ("GET", "/v1/sesion"): ROLES,
    ("GET", "/v1/sesiones"): ROLES,
    ("DELETE", "/v1/sesiones/{id}"): ROLES,
    ("PATCH", "/v1/sesion"): ROLES,
    ("POST", "/v1/sesion/totp"): ROLES,
    ("POST", "/v1/sesion/totp/confirmar"): ROLES,
    ("POST", "/v1/verificaciones"): (),
    ("POST", "/v1/accesos"): (),
    ("POST", "/v1/accesos/recuperacion"): (),
    ("POST", "/v1/accesos/{id}/codigo"): (),
    ("POST", "/v1/contrasenas"): (),
    ("POST", "/v1/contrasenas/reglas"): (),
    ("POST", "/v1/retos"): (),
    ("GET", "/v1/registro/correos"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/credenciales"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/credenciales/busqueda"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/credenciales/autorizacion"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/credenciales/retirada"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/solicitudes"): (),
    ("POST", "/v1/altas"): (),
    ("POST", "/v1/altas/{id}/telefono"): (),
    ("POST", "/v1/altas/{id}/telefono/reenvio"): (),
    ("POST", "/v1/correos/prueba"): (),
    ("POST", "/v1/renuncias"): (), ("POST", "/v1/suspensiones"): (),
    ("POST", "/v1/altas/certificado"): (),
    ("POST", "/v1/altas/certificado/movil"): (),
    ("POST", "/v1/renuncias/certificado"): (),
    ("POST", "/v1/altas/identidad"): (),
    ("POST", "/v1/solicitudes/{id}/reenvio"): (),
    ("DELETE", "/v1/solicitudes/{id}"): (),
    ("GET", "/v1/solicitudes/{id}"): (),
    ("POST", "/v1/auditoria/ciudadanos/busqueda"): ("auditor", "administrador"),
    ("GET", "/v1/evidencias/clave"): ("auditor", "administrador"),
    ("GET", "/v1/evidencias/{id}"): ("auditor", "administrador"),
    ("POST", "/v1/registro/ciudadanos"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/altas"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/altas/{id}"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/altas/{id}/documentos/{n}"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/plantillas/{nombre}/{idioma}"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/altas/{id}/validar"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/altas/{id}/rechazar"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/ciudadanos"): ("supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/busqueda"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/desbloqueo"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/contraste"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/busqueda/historia"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/movil"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/rectificacion"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/cambio_nif"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/codigo"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/comprobacion"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/clave"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/correo"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/prueba"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/registro/mensajes/{id}"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/{acto}"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/busqueda/expediente"): ("registro", "supervisor", "administrador"),
    ("POST", "/v1/registro/ciudadanos/busqueda/exportacion"): ("supervisor", "administrador"),
    ("GET", "/v1/registro/importacion"): ("supervisor", "administrador"),
    ("POST", "/v1/registro/importacion"): ("supervisor", "administrador"),
    ("POST", "/v1/registro/importacion/aplicacion"): ("supervisor", "administrador"),
    ("DELETE", "/v1/registro/importacion"): ("supervisor", "administrador"),
    ("GET", "/v1/limites"): ("registro", "supervisor", "tecnico", "administrador"),
    ("POST", "/v1/limites/busqueda"): ("registro", "supervisor", "administrador"),
    ("GET", "/v1/modems/{nombre}"): ("tecnico", "administrador"),
    ("GET", "/v1/modems/{nombre}/historia"): ("tecnico", "administrador"),
    ("GET", "/v1/historia"): ("tecnico", "administrador"),
    ("POST", "/v1/modems/{nombre}/reinicio"): ("tecnico", "administrador"),
    ("POST", "/v1/modems/{nombre}/centro"): ("tecnico", "administrador"),
    ("GET", "/v1/informe"): ("tecnico", "administrador"),
    ("GET", "/v1/modems/{nombre}/centro"): ("tecnico", "administrador"),
    ("GET", "/v1/modems/{nombre}/traza"): ("tecnico", "administrador"),
    ("POST", "/v1/modems/{nombre}/prueba"): ("tecnico", "administrador"),
    ("GET", "/v1/modems/{nombre}/saldo"): ("tecnico", "administrador"),
    ("POST", "/v1/modems/{nombre}/saldo"): ("tecnico", "administrador"),
    ("GET", "/v1/cola"): ("tecnico", "administrador"),
    ("GET", "/v1/buzon"): ("tecnico", "administrador"),
    ("POST", "/v1/buzon/lectura"): ("tecnico", "administrador"),
    ("POST", "/v1/avisos/prueba"): ("tecnico", "administrador"),
    ("POST", "/v1/envios/pausa"): ("tecnico", "administrador"),
    ("DELETE", "/v1/envios/pausa"): ("tecnico", "administrador"),
    ("POST", "/v1/reloj/aceptacion"): ("tecnico", "administrador"),
    ("GET", "/v1/clientes"): ("administrador",),
    ("POST", "/v1/clientes"): ("administrador",),
    ("PATCH", "/v1/clientes/{nombre}"): ("administrador",),
    ("POST", "/v1/clientes/{nombre}/token"): ("administrador",),
    ("POST", "/v1/clientes/{nombre}/revocacion"): ("administrador",),
    ("GET", "/v1/cifras"): ("supervisor", "administrador"),
    ("POST", "/v1/auditoria/busqueda"): ("auditor", "administrador"),
    ("POST", "/v1/auditoria/exportacion"): ("auditor", "administrador"),
    ("POST", "/v1/auditoria/comprobacion"): ("auditor", "administrador"),
    ("GET", "/v1/auditoria/comprobacion"): ("auditor", "administrador"),
    ("POST", "/v1/clave/cambio"): ("administrador",),
    ("GET", "/v1/clave/cambio"): ("administrador",),
    ("POST", "/v1/auditoria/aceptacion"): ("administrador",),
    ("POST", "/v1/retencion"): ("administrador",),
    ("GET", "/v1/retencion"): ("administrador",),
    ("GET", "/v1/operadores"): ("administrador",),
    ("POST", "/v1/operadores"): ("administrador",),
    ("PATCH", "/v1/operadores/{nombre}"): ("administrador",),
}


def test_roles_by_routes():
    def check(box):
        people = {role: add(box, role + " uno", role) for role in ROLES}
        for (method, path), may in MAY.items():
            asked = path.replace("{nombre}", "no hay".replace(" ", "%20")).replace("{id}", "0")
            asked += "?no_hay=1" if method == "GET" else ""  # a stream would not end
            for role, person in people.items():
                # a body that no shape takes: what may pass the gate is then refused as a bad body, and changes nothing
                body = None if method in ("GET", "DELETE") else {"no_hay": "nada"}
                status = person.ask(method, asked, body).status
                assert (status != 403) == (role in may), (role, method, path, status)
                assert status not in (401, 405, 500), (role, method, path, status)
        assert Person(box).ask("GET", "/v1/estado").status == 401
        # nobody's table forgets a route
        source = (ROOT / "src/api/routes.c").read_text()
        known = {(m, p) for m, p in MAY} | {("POST", "/v1/sesion"), ("DELETE", "/v1/sesion"), ("GET", "/healthz"),
                                            ("GET", "/readyz"), ("POST", "/v1/operadores/inicial"), ("POST", "/v1/operadores/enlace")}
        for row in re.findall(r'\{"(\w+)", "(/[^"]+)", (?:STAFF|ALL|SESSION|CLIENT)', source):
            assert row in known, f"{row} has no line in the table of roles"
    on_box(check)


def test_a_role_that_changes_before_the_body_comes():
    def check(box):
        first(box)
        boss = add(box, "jefe", "administrador")
        body = b'{"nombre":"intruso","rol":"administrador","contrasena":"caballo pila grapa"}'
        head = (f"POST /v1/operadores HTTP/1.1\r\nHost: 127.0.0.1:{box.port}\r\nOrigin: http://127.0.0.1:{box.port}\r\n"
                f"X-Contraclaved: 1\r\nCookie: {boss.cookie}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", box.port), 60 * SLOW) as slow:
            slow.sendall(head + body[:5])
            assert boss.ask("PATCH", "/v1/operadores/jefe", {"rol": "lector"}).status == 200
            slow.sendall(body[5:])
            assert slow.recv(4096).startswith(b"HTTP/1.1 403 ")
        assert "intruso" not in box.ctl("operador", "lista").stdout
    on_box(check)


def test_a_changed_row_is_refused():
    def check(box):
        person = add(box, "lector uno", "lector")
        first_id = box.rows("SELECT id FROM operators WHERE name = 'lector uno'")[0][0]
        box.is_edited = True
        with sqlite3.connect(box.database) as db:
            db.execute("UPDATE operators SET role = 6 WHERE id = ?", (first_id,))
        db.close()
        assert person.ask("GET", "/v1/clientes").status == 401
        assert box.ctl("auditoria", "comprobar", check=False).returncode == 1
    on_box(check)

