# SPDX-License-Identifier: EUPL-1.2
"""Evidence: who entered and what the box knew, signed; verified without the box; kept for a term of its own."""

import concurrent.futures
import contextlib
import ctypes
import ctypes.util
import http.client
import json
import random
import re
import sqlite3
import subprocess
import sys

from box import CLAVE, NIF, PHONE, ROOT, SLOW, WRAP, code_of, eventually, needs_file, running
from certificates import Authority, openssl
from cryptography.hazmat.primitives.serialization import load_pem_public_key

sys.path.insert(0, str(ROOT / "conf/ejemplos"))
from evidencia import canonical, is_authentic

DAY = 24 * 3600 * 1000
DOCUMENTS = 1000 // SLOW
CONNECTIONS = 16
NAMES = ("Ana", "María Íñiguez", "O'Donnell \"el\" Viejo", "Ñ·ç€ \\ /", "李 小龍")


class OpenSSL:
    """EVP_DigestVerify of the libcrypto that the system has."""

    def __init__(self, pem):
        self.lib = ctypes.CDLL(ctypes.util.find_library("crypto"))
        for name in ("BIO_new_mem_buf", "PEM_read_bio_PUBKEY", "EVP_MD_CTX_new"):
            getattr(self.lib, name).restype = ctypes.c_void_p
        bio = self.lib.BIO_new_mem_buf(pem, len(pem))
        self.key = self.lib.PEM_read_bio_PUBKEY(ctypes.c_void_p(bio), None, None, None)

    def fits(self, raw):
        """By the bytes alone, as conf/ejemplos/evidencia.sh does it."""
        before, signature = raw.split(b'"firma":"')
        message, signature = before + signature[130:], bytes.fromhex(signature[:128].decode())
        context = ctypes.c_void_p(self.lib.EVP_MD_CTX_new())
        self.lib.EVP_DigestVerifyInit(context, None, None, None, ctypes.c_void_p(self.key))
        done = self.lib.EVP_DigestVerify(context, signature, ctypes.c_size_t(len(signature)), message, ctypes.c_size_t(len(message)))
        self.lib.EVP_MD_CTX_free(context)
        return done == 1


def side_by_side(box, calls):
    """What is answered, by connections that stay open."""
    headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "application/json"}

    def ask(part):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", box.port, timeout=60 * SLOW)) as connection:
            for method, path, body in part:
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                yield connection.getresponse().read()
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as threads:
        parts = list(threads.map(lambda n: list(ask(calls[n::CONNECTIONS])), range(CONNECTIONS)))
    return [parts[n % CONNECTIONS][n // CONNECTIONS] for n in range(len(calls))]


def enter(box, sim, nif=NIF, **more):
    box.ask_pin(nif=nif)
    return box.verify(code_of(eventually(sim.inbox)[-1]), nif=nif, **more)["evidencia"]


def by_the_minute(box, check):
    """The sweep and the end of terms come once a minute, some rows each time."""
    eventually(lambda: check() or box.pass_time(60 * 1000))


def key_of(box):
    pem = box.ctl("evidencia", "clave").stdout
    (box.folder / "clave.pem").write_text(pem)
    return pem.encode()


def samples(box, document):
    """What ours, the Python one and the openssl one say of a file."""
    path, key = box.folder / "evidencia.json", str(box.folder / "clave.pem")
    path.write_bytes(document)
    commands = ([*WRAP, str(box.command()[0]).replace("contraclaved", "contraclavectl"), "evidencia", "verifica", str(path), "--publica", key],
                [sys.executable, str(ROOT / "conf/ejemplos/evidencia.py"), str(path), key],
                ["sh", str(ROOT / "conf/ejemplos/evidencia.sh"), str(path), key])
    return [subprocess.run(c, capture_output=True, check=False, timeout=60 * SLOW).returncode for c in commands]


def test_what_it_tells():
    with running() as (box, sim):
        box.enrol("87654321X", "Ana", "+34600000009", apellido1="Íñiguez", documento="Pasaporte AAB123456")
        box.client("solicitar,verificar,evidencia", "auditada")
        first = enter(box, sim, "87654321X", ip_usuario="2001:db8::7")
        document = box.get(f"/v1/evidencias/{first}").json
        assert document["evidencia"] == first and document["entidad"] == "Ayuntamiento de Alpedrete", document
        assert document["persona"] == {"nif": "87654321X", "tipo": "dni", "nombre": "Ana", "apellido1": "Íñiguez", "apellido2": "",
                                       "movil": "+34*****009"}, document
        alta = document["alta"]
        assert (alta["via"], alta["registro"], alta["identidad_comprobada_por"], alta["documento"]) == (
            "presencial", "avanzado", "cliente:sede", "Pasaporte AAB123456"), alta
        entry = document["verificacion"]
        assert (entry["cliente"], entry["cliente_ip"], entry["usuario_ip"]) == ("cliente:auditada", "127.0.0.1", "2001:db8::7"), entry
        assert (document["peticion"]["fallos"], document["peticion"]["usos"]) == (0, 1), document
        sms, = document["sms"]
        assert (sms["modem"], sms["intentos"]) == ("principal", 1) and sms["enviado"], sms
        eventually(lambda: box.get(f"/v1/evidencias/{first}").json["sms"][0]["estado"] == "entregado")  # what comes later too
        assert document["reloj"]["fiable"] is True, document
        report = box.control_request("GET", "/v1/informe").text
        assert f"evidencias: {document['configuracion']}\n" in report, report[:3000]
        found = json.loads(box.ctl("--json", "auditoria", "busca", "--nif", "87654321X", "--suceso", "verificacion").stdout)["anotaciones"]
        assert [row["evidencia"] for row in found] == [first], "who has not the sede's record finds it by the person"
        assert [row["evidencia"] for row in json.loads(box.ctl("--json", "ciudadano", "expediente", "--nif", "87654321X").stdout)["auditoria"]
                if row["evidencia"]] == [first]
        acts = [r[:2] for r in box.rows("SELECT event, actor FROM audit ORDER BY id")]
        assert acts.count(("evidencia", "cliente:auditada")) >= 2, acts  # reading is an act


def test_who_may_read():
    with running() as (box, sim):
        found = enter(box, sim)
        path = f"/v1/evidencias/{found}"
        assert box.get(path).status == 403 and box.get("/v1/evidencias/clave").status == 403, "another scope"
        assert box.get(path, token=None).status == 401
        box.client("evidencia", "auditora")
        assert box.get(path).status == 200
        for other in (found.lower(), found[:-1], found + "0", "0" * 32, "1", "..", found[:-1] + "%C3%A9"):
            assert box.get(f"/v1/evidencias/{other}").status == 404, other
        assert box.ctl("evidencia", "ver", "nada", check=False).returncode == 69


def test_verified_by_all():
    """1000 documents, by openssl, Python and ours; then one that was changed, and another box's key."""
    limits = "cliente_por_segundo = 0 usos_por_peticion = 0 peticiones_ip_hora = 0 ip_por_segundo = 0"
    with running(enrolled=False, limits=limits) as (box, sim):
        people = [f"{51000000 + n}{'TRWAGMYFPDXBNJZSQVHLCKE'[(51000000 + n) % 23]}" for n in range(len(NAMES))]
        for n, name in enumerate(NAMES):
            box.enrol(people[n], name, f"+3460010000{n}")
        box.client("solicitar,verificar,evidencia", "auditada")
        codes = []
        for nif in people:
            box.ask_pin(nif)
            codes.append(code_of(eventually(lambda: len(sim.inbox()) > len(codes) and sim.inbox())[-1]))
        dice = random.Random(466)
        addresses = [f"192.0.2.{n % 256}" if n % 2 else f"2001:db8::{n:x}" for n in range(DOCUMENTS)]
        entries = [("POST", "/v1/verificaciones", {"nif": people[n % 5], "clave": CLAVE, "contraclave": codes[n % 5], "ip_usuario": a})
                   for n, a in enumerate(addresses)]
        ids = [json.loads(told)["evidencia"] for told in side_by_side(box, entries)]
        assert len(set(ids)) == DOCUMENTS
        documents = side_by_side(box, [("GET", f"/v1/evidencias/{i}", None) for i in ids])
        pem = key_of(box)
        openssl, key = OpenSSL(pem), load_pem_public_key(pem)
        for document in documents:
            assert canonical(json.loads(document)) == document, document
            assert openssl.fits(document) and is_authentic(document, key), document
        everything = box.folder / "todas.jsonl"
        everything.write_bytes(b"\n".join(documents))
        said = box.ctl("evidencia", "verifica", str(everything)).stdout
        assert said.count(": auténtica: ") == DOCUMENTS, said[-500:]
        assert box.ctl("evidencia", "ver", ids[0]).stdout.encode() == documents[0]
        assert samples(box, documents[0]) == [0, 0, 0]
        assert samples(box, documents[0] + b"\n") == [0, 0, 0], "the line end of an editor or of echo"
        assert samples(box, documents[0].replace(b",", b",\n", 1)) == [1, 1, 1] and samples(box, documents[0] + b"\0") == [1, 1, 1]

        firma = documents[0][documents[0].index(b'"firma"'):documents[0].index(b'"formato"')]
        for member in (b'"alta":', b'"entidad":', b'"persona":', b'"nif":'):  # the same members, in another form
            moved = documents[0].replace(firma, b"").replace(member, firma + member)
            assert samples(box, moved) == [1, 1, 1], moved
        for more in (b"{}\n" + documents[0], documents[0] + b"\n{}", documents[0].replace(firma, firma + firma)):
            assert samples(box, more) == [1, 1, 1], more

        place = dice.randrange(len(documents[1]))
        changed = bytearray(documents[1])
        changed[place] ^= 1 << dice.randrange(8)
        assert samples(box, bytes(changed)) == [1, 1, 1], (place, changed)
        for at in range(len(documents[1])):  # each byte, and the Python one
            changed = bytearray(documents[1])
            changed[at] ^= 1 << dice.randrange(8)
            assert not is_authentic(bytes(changed), key), at
        everything.write_bytes(documents[0] + b"\n" + documents[1].replace(b'"fallos":0', b'"fallos":1') + b"\n")
        done = box.ctl("evidencia", "verifica", str(everything), check=False)
        assert done.returncode == 1 and "2: NO VALE: se ha cambiado" in done.stdout, done.stdout
    with running(enrolled=False) as (other, _):
        key_of(other)
        assert samples(other, documents[0]) == [1, 1, 1]


def test_the_seal_of_the_town():
    """A detached CMS signature, by GnuTLS, that openssl verifies with the authority; keys of RSA and EC."""
    with running() as (box, sim):
        document = box.folder / "evidencia.json"
        document.write_text(box.ctl("evidencia", "ver", enter(box, sim)).stdout)
        assert "sello_certificado" in box.ctl("evidencia", "sella", str(document), check=False).stderr
        authority, other = Authority(box.folder), Authority(box.folder, "Otra AC")
        paths = [box.folder / "sello.pem", box.folder / "sello.key"]
        with open(box.conf, "a", encoding="utf-8") as conf:
            conf.write(f'sello_certificado = "{paths[0]}"\nsello_clave = "{paths[1]}"\n')
        for kind in (("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("rsa:2048",)):
            certificate, key = authority.seal(*kind)
            paths[0].write_text(certificate + authority.pem)
            paths[1].write_text(key)
            assert box.ctl("evidencia", "sella", str(document)).stdout == f"{document}.p7s\n"
            said = box.ctl("evidencia", "verifica", str(document)).stdout
            assert "auténtica" in said and "sello: corresponde al fichero; lo puso" in said and "Sello de Alpedrete" in said, said
            verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{document}.p7s", "-content", document,
                      "-purpose", "any", "-CAfile"]
            for ca, good in ((authority, True), (other, False)):
                done = subprocess.run([*verify, ca.folder / "root.pem"], capture_output=True, check=False)
                assert (done.returncode == 0) == good, done.stderr
        seal = (box.folder / "evidencia.json.p7s").read_bytes()
        text = document.read_bytes()
        (box.folder / "evidencia.json.p7s").write_bytes(seal[:-1] + bytes([seal[-1] ^ 1]))
        done = box.ctl("evidencia", "verifica", str(document), check=False)
        assert done.returncode == 1 and "auténtica" in done.stdout and "sello: NO VALE" in done.stdout, done.stdout
        (box.folder / "evidencia.json.p7s").write_bytes(seal)
        document.write_bytes(text + b"\n")  # the same evidence, in another file
        done = box.ctl("evidencia", "verifica", str(document), check=False)
        assert done.returncode == 1 and "sello: NO VALE" in done.stdout, done.stdout
        paths[1].write_text(other.seal()[1])  # the key of another certificate
        done = box.ctl("evidencia", "sella", str(document), check=False)
        assert done.returncode != 0 and "no se ha podido sellar" in done.stderr, done.stderr


def test_a_seal_of_anybody_says_nothing_but_a_name():
    """Its signer wrote the name: no line of its own reaches the terminal, and nobody takes it for a seal that was examined."""
    with running() as (box, sim):
        document, key, certificate = (box.folder / name for name in ("evidencia.json", "falsa.key", "falsa.pem"))
        document.write_text(box.ctl("evidencia", "ver", enter(box, sim)).stdout)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-keyout", key, "-out", certificate,
                "-subj", "/CN=\x1b[31mAyuntamiento\n2: auténtica: 12345678Z")
        openssl("cms", "-sign", "-binary", "-signer", certificate, "-inkey", key, "-outform", "DER", "-in", document, "-out", f"{document}.p7s")
        said = box.ctl("evidencia", "verifica", str(document)).stdout
        assert "\x1b" not in said and len(said.splitlines()) == 2, said
        assert "Ayuntamiento" in said and said.endswith("quién emitió su certificado no se ha comprobado\n"), said


def test_an_alta_whose_mobile_was_proven_later():
    """Who looked at the document is told of the alta that holds, also where that was pendiente_movil at first, and there was one before."""
    with running(enrolled=False, limits="sms_movil_dia = 0") as (box, sim):
        def desk(act="", **body):
            assert box.control_request("POST", f"/v1/registro/ciudadanos{act}", {"nif": NIF, **body}).status in (200, 201), act
        desk(nombre="Ana", movil=PHONE, documento="DNI de antes")
        desk("/renuncia", motivo="lo pide")
        desk(nombre="Ana", movil=PHONE, documento="pasaporte", codigo="")
        desk("/comprobacion", codigo=eventually(lambda: [code for m in sim.inbox() for code in re.findall(r"\b\d{6}\b", m["text"])])[0])
        box.ask_pin()
        found = box.verify(code_of(eventually(lambda: [m for m in sim.inbox() if "su contraclave" in m["text"]])[0]))["evidencia"]
        alta = box.control_request("GET", f"/v1/evidencias/{found}").json["alta"]
        assert alta["documento"] == "pasaporte" and alta["identidad_comprobada_por"].startswith("control:uid"), alta


def test_it_outlives_request_message_and_person():
    with running(clock=True, extra="baja_dias = 1 bloqueo_dias = 1 evidencias_dias = 60\n") as (box, sim):
        found = enter(box, sim)
        eventually(lambda: box.rows("SELECT count(*) FROM outbox WHERE state = 3") == [(1,)])
        read = lambda: box.control_request("GET", f"/v1/evidencias/{found}")
        before = read().json
        renounce = {"nif": NIF, "motivo": "lo pide"}
        assert box.control_request("POST", "/v1/registro/ciudadanos/renuncia", renounce).status == 200
        box.wait_at_rest(sim)
        box.pass_time(31 * DAY)
        for table in ("citizens", "requests", "outbox", "life"):
            by_the_minute(box, lambda t=table: box.rows(f"SELECT count(*) FROM {t}") == [(0,)])
        after = read().json
        assert {k: v for k, v in after.items() if k != "firma"} == {k: v for k, v in before.items() if k != "firma"}, after
        box.pass_time(30 * DAY)
        by_the_minute(box, lambda: read().status == 404)
        eventually(lambda: box.rows("SELECT actor, reference FROM audit WHERE event = 'retencion' AND result = 'evidencias'") == [("sistema", 1)])


def test_evidence_that_is_taken_away_or_changed_is_told():
    """By the check of the database, which names the row; whoever enters is served all the same."""
    needs_file()
    with running() as (box, sim):
        box.client("solicitar,verificar,evidencia", "auditada")
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        ids = [box.verify(code)["evidencia"] for _ in range(3)]
        assert box.ctl("retencion").returncode == 0
        box.stop()
        box.is_edited, good = True, box.database.read_bytes()
        rows = [row[0] for row in box.rows("SELECT id FROM evidence ORDER BY id")]
        assert len(rows) == 3, rows
        changed = f"La fila {rows[1]} de evidence ha sido cambiada"
        for sql, words in (("UPDATE evidence SET at_ms = at_ms + 1 WHERE id = ?", changed), ("UPDATE evidence SET id = id + 1000 WHERE id = ?", "Faltan filas de evidence"),
                           ("UPDATE evidence SET sealed = zeroblob(length(sealed)) WHERE id = ?", changed), ("DELETE FROM evidence WHERE id = ?", "Faltan filas de evidence")):
            box.database.write_bytes(good)
            assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout
            with contextlib.closing(sqlite3.connect(box.database)) as db, db:
                assert db.execute(sql, (rows[1],)).rowcount == 1
            done = box.ctl("auditoria", "comprobar", check=False)
            assert done.returncode == 1 and words in done.stdout and "completo" not in done.stdout, (sql, done.stdout)
        box.start()
        assert box.control_request("POST", "/v1/auditoria/comprobacion", {}).status == 202
        told = eventually(lambda: (r := box.control_request("GET", "/v1/auditoria/comprobacion").json)["estado"] == "hecha" and r)
        assert (told["correcta"], told["filas"], told["faltan"]) == (False, [], ["evidence"]), told
        assert "Faltan evidencias de entradas" in box.status()["integridad"], box.status()
        assert [box.get(f"/v1/evidencias/{i}").status for i in ids] == [200, 404, 200] and box.verify(code)["resultado"] == "correcto"
