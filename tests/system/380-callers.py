# SPDX-License-Identifier: EUPL-1.2
"""Who may ask for what: the peer of the control socket, a client's token, nobody. One handler serves them all."""

import signal

from box import NIF, eventually, running
from driven import DrivenBox
from mailbox import control

# of an alta that there is not, and of a paper that the town does not have: (method, path, body of a POST)
NO_ALTA = [("GET", "/v1/registro/altas/00112233445566778899aabbccddeeff", None),
           ("GET", "/v1/registro/altas/00112233445566778899aabbccddeeff/documentos/1", None),
           ("POST", "/v1/registro/altas/00112233445566778899aabbccddeeff/validar", {}),
           ("POST", "/v1/registro/altas/00112233445566778899aabbccddeeff/rechazar", {"motivo": "otro"}),
           ("POST", "/v1/registro/ciudadanos/comprobacion", {"nif": "Y1234567X", "codigo": "123456"}),
           ("GET", "/v1/registro/mensajes/999999", None), ("GET", "/v1/registro/plantillas/instancia/es", None)]
NO_ALTA += [("POST", "/v1/registro/credenciales/autorizacion", {"nif": NIF, "tipo": "contrasena", "documento": "dni"}),
            ("POST", "/v1/registro/credenciales/retirada", {"nif": NIF, "tipo": "contrasena"})]
NO_IMPORT = [("POST", "/v1/registro/importacion", {}, "multipart_type"), ("DELETE", "/v1/registro/importacion", None, "import_state"),
             ("POST", "/v1/registro/importacion/aplicacion", {"id": "a"}, "import_state")]
# what only staff may ask: (method, path, body of a POST)
STAFF = [("GET", "/v1/registro/ciudadanos", None),
         ("GET", "/v1/registro/altas", None),
         ("GET", "/v1/registro/correos", None), ("GET", "/v1/registro/credenciales", None), ("POST", "/v1/registro/credenciales/busqueda", {"nif": NIF}),
         ("POST", "/v1/registro/ciudadanos/busqueda", {"nif": NIF}),
         ("POST", "/v1/registro/ciudadanos/desbloqueo", {"nif": NIF}),
         ("POST", "/v1/registro/ciudadanos/contraste", {"nif": NIF, "contraste": ""}),
         ("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": NIF}),
         ("POST", "/v1/registro/ciudadanos/movil", {"nif": NIF, "movil": "+34600777888", "motivo": "a"}),
         ("POST", "/v1/registro/ciudadanos/rectificacion", {"nif": NIF, "nombre": "Ana", "motivo": "a"}),
         ("POST", "/v1/registro/ciudadanos/cambio_nif", {"nif": "X1234567L", "nif_nuevo": "87654321X", "motivo": "a"}),
         ("POST", "/v1/registro/ciudadanos/codigo", {"nif": "Y1234567X", "movil": "+34600777889"}),
         ("POST", "/v1/registro/ciudadanos/prueba", {"nif": NIF}),
         ("POST", "/v1/registro/ciudadanos/suspension", {"nif": NIF, "motivo": "a"}),
         ("POST", "/v1/registro/ciudadanos/reactivacion", {"nif": NIF, "motivo": "a"}),
         ("POST", "/v1/registro/ciudadanos/busqueda/expediente", {"nif": NIF}),
         ("POST", "/v1/registro/ciudadanos/busqueda/exportacion", {}),
         ("GET", "/v1/registro/importacion", None),
         ("GET", "/v1/limites", None), ("POST", "/v1/limites/busqueda", {"nif": NIF}),
         ("GET", "/v1/modems/principal/traza", None), ("GET", "/v1/modems/principal/saldo", None),
         ("POST", "/v1/modems/principal/saldo", {}), ("POST", "/v1/modems/principal/prueba", {"numero": "+34600000001"}),
         ("GET", "/v1/cola", None), ("POST", "/v1/buzon/lectura", {}), ("POST", "/v1/reloj/aceptacion", {}),
         ("GET", "/v1/clientes", None), ("POST", "/v1/clientes", {"nombre": "x", "ambitos": "admin"}),
         ("PATCH", "/v1/clientes/sede", {}), ("POST", "/v1/clientes/sede/token", {}), ("POST", "/v1/clientes/sede/revocacion", {}), ("POST", "/v1/auditoria/aceptacion", {}),
         ("POST", "/v1/retencion", {}), ("GET", "/v1/retencion", None),
         ("GET", "/v1/cifras", None), ("POST", "/v1/auditoria/busqueda", {}), ("POST", "/v1/auditoria/exportacion", {}),
         ("POST", "/v1/clave/cambio", {}), ("GET", "/v1/clave/cambio", None), ("POST", "/v1/auditoria/comprobacion", {}), ("GET", "/v1/auditoria/comprobacion", None),
         ("POST", "/v1/avisos/prueba", {})]
# what a technician's token may ask, and gets rounded
BOTH = [("GET", "/v1", None), ("GET", "/v1/metodos", None), ("GET", "/v1/estado", None), ("GET", "/v1/modems/principal", None), ("GET", "/v1/modems/-", None),
        ("GET", "/v1/modems/principal/historia", None), ("GET", "/v1/buzon", None)]


def audit(box):
    return box.rows("SELECT event, actor, result FROM audit ORDER BY id")


def test_a_token_opens_nothing_of_the_staffs():
    with running() as (box, _):
        box.client("admin", "todo")
        before = audit(box)
        for method, path, body, *_ in STAFF + NO_ALTA + NO_IMPORT:
            answer = box.request(method, path, body)
            assert (answer.status, answer.json["type"]) == (403, "forbidden"), (path, answer.status, answer.text)
            answer = box.request(method, path, body, token=None)
            assert answer.status == 401, (path, answer.status, answer.text)
        assert audit(box) == before
        for method, path, body in BOTH:
            assert box.request(method, path, body).status == 200, path
            assert box.request(method, path, body, token=None).status == 401, path
            assert control(box, method, path, body)[0] == 200, path


def test_the_control_socket_opens_what_is_the_staffs():
    alerts = 'avisos { webhook = "http://127.0.0.1:9/" webhook_secreto = "un secreto de prueba" }'
    with running(modem='ussd_saldo = "*134#"', extra=alerts) as (box, _):
        box.enrol(nif="X1234567L", phone="+34600000009")
        for method, path, body in STAFF:
            if path == "/v1/clave/cambio" and method == "POST" and box.is_moved:
                continue  # of a database in a file alone
            assert control(box, method, path, body)[0] in (200, 201, 202), (path, control(box, method, path, body))
        # the key and its anchor are put in place one after the other: who reads both meanwhile finds them apart
        eventually(lambda: control(box, "GET", "/v1/clave/cambio")[1]["estado"] != "en_curso")
        for method, path, body in NO_ALTA:
            assert control(box, method, path, body)[1]["type"] == "not_found", path
        for method, path, body, refused in NO_IMPORT:
            assert control(box, method, path, body)[1]["type"] == refused, path
        for path in ("/v1/solicitudes", "/v1/verificaciones"):
            assert control(box, "POST", path, {})[0] == 404, "these count by client"


def is_back(box):
    modem, = box.status()["modems"]
    return modem["listo"] and not modem["peldano"]


def test_a_restart_is_audited_with_who_asked():
    with running(enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        box.client("tecnico", "taller")
        restarts = sim.ask(cmd="state")["by_command"].get("+CFUN", 0)
        assert box.post("/v1/modems/principal/reinicio", {}).status == 202
        box.until(lambda: sim.ask(cmd="state")["by_command"].get("+CFUN", 0) > restarts)  # it is ready until then
        box.until(lambda: is_back(box))
        box.wait_at_rest(sim)
        sim.program.process.send_signal(signal.SIGSTOP)  # the next restart lasts until it goes on
        box.ctl("modem", "reinicia", "principal")
        rows = [row for row in audit(box) if row[0] == "modem_reinicia"]
        assert [(actor.split()[0], result) for _, actor, result in rows] == [("cliente:taller", "principal"),
                                                                            ("control:uid", "principal")], rows
        eventually(lambda: not box.status()["modems"][0]["listo"] or box.pass_time(500))
        assert box.post("/v1/modems/principal/reinicio", {}).status == 503, "it restarts already"
        sim.program.process.send_signal(signal.SIGCONT)
        # where it was asked something just then, it restarts only once it answers again
        box.until(lambda: sim.ask(cmd="state")["by_command"]["+CFUN"] > restarts + 1)
        box.until(lambda: is_back(box))
        for path, status in (("otro", 404), ("%70rincipal", 202), ("principal%00", 404), ("..", 404)):
            assert box.post(f"/v1/modems/{path}/reinicio", {}).status == status, path
        assert len([row for row in audit(box) if row[0] == "modem_reinicia"]) == 3


def test_a_name_in_the_path_may_have_any_letter():
    with running(enrolled=False) as (box, _):
        for name in ("señora 100 %", "..", "a/b?c#d", "{nombre}"):
            box.client("tecnico", name)
            assert box.get("/v1/estado").status == 200, name
            box.ctl("cliente", "revocar", "--nombre", name)
            assert box.get("/v1/estado").status == 401, name


def test_the_only_modem_needs_no_name():
    with running(enrolled=False) as (box, _):
        assert "principal" in box.ctl("modem", "ver").stdout
    two = 'modem segundo { dispositivo = "pty:/dev/null" }'
    with running(enrolled=False, extra=two) as (box, _):
        status, answer = control(box, "GET", "/v1/modems/-")
        assert (status, answer["type"], answer["campo"]) == (400, "field_missing", "nombre"), answer
        assert control(box, "GET", "/v1/modems/segundo")[0] == 200
