# SPDX-License-Identifier: EUPL-1.2
"""Clients that show a TLS certificate beside their token: one that is named by its fingerprint, or one of the town's authority."""

import contextlib
import http.client
import json
import pathlib
import signal
import ssl
import subprocess
import tempfile

from box import SLOW, eventually, running
from certificates import openssl
from tls import Secure, print_of, trusting

DAY_MS = 86400 * 1000
MISSING, EXPIRED, UNTRUSTED = (("client_certificate_" + how) for how in ("missing", "expired", "untrusted"))
EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Maker:
    """Certificates of programs and of their authorities, as PEM files in a folder, each with its key."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def make(self, name, signer=None, *extensions, key=EC, days=30):
        by = ["-CA", self.folder / f"{signer}.pem", "-CAkey", self.folder / f"{signer}.key"] if signer else []
        extra = [word for extension in extensions for word in ("-addext", extension)]
        openssl("req", "-x509", "-newkey", *key, "-nodes", "-days", days, "-subj", f"/CN={name}", *by, *extra,
                "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem")
        return name

    def authority(self, name):
        return self.make(name, None, "basicConstraints=critical,CA:TRUE", days=3650)

    def program(self, name, signer=None, purpose="clientAuth", **more):
        return self.make(name, signer, "basicConstraints=critical,CA:FALSE", f"extendedKeyUsage={purpose}", **more)

    def path(self, name):
        return self.folder / f"{name}.pem"

    def fingerprint(self, name):
        return print_of(ssl.PEM_cert_to_DER_cert(self.path(name).read_text()))


@contextlib.contextmanager
def town(**more):
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(folder)
        maker.authority("ac")
        with running(enrolled=False, tls="mtls", clock=True,
                     extra_http=f'autoridad_clientes = "{maker.path("ac")}"', **more) as (box, _):
            yield box, maker


def make(box, name, certificates):
    answer = box.control_request("POST", "/v1/clientes", {"nombre": name, "ambitos": "tecnico", "certificados": certificates})
    assert answer.status == 201, answer.text
    return answer.json["token"]


def client_row(box, name):
    return next(c for c in box.control_request("GET", "/v1/clientes").json["clientes"] if c["nombre"] == name)


def ask(box, maker, token, shown=None):
    """200, or the type of the refusal; by TLS, with the certificate of that name."""
    context = trusting()
    if shown:
        context.load_cert_chain(maker.path(shown), maker.folder / f"{shown}.key")
    with contextlib.closing(Secure(box, context)) as connection:
        answer = connection.ask("/v1/estado", headers={"Authorization": f"Bearer {token}"})
        return answer.status if answer.status == 200 else json.loads(answer.text)["type"]


def reload(box):
    before = box.program.log().count("configuración releída")
    box.program.process.send_signal(signal.SIGHUP)
    eventually(lambda: box.program.log().count("configuración releída") > before)
    box.status()  # the reload ends before the next answer


def test_a_certificate_that_is_named():
    with town() as (box, maker):
        for name in ("uno", "dos", "otro"):
            maker.program(name)
        token = make(box, "expedientes", maker.fingerprint("uno") + "," + maker.fingerprint("dos").replace(":", "").lower())
        assert [ask(box, maker, token, shown) for shown in ("uno", "dos", "otro", None)] == [200, 200, UNTRUSTED, MISSING]
        assert ask(box, maker, token + "x", "uno") == "unauthenticated", "without the token it is nobody's"
        assert ask(box, maker, box.token) == ask(box, maker, box.token, "otro") == 200, "who need not show one may"
        assert box.get("/v1/estado", token=token).json["type"] == MISSING, "not by another way"
        told = lambda: str(box.status()["veredicto"])
        assert client_row(box, "expedientes")["certificado_caduca"] and not client_row(box, "expedientes")["caduca_pronto"]
        assert "cliente_certificado" not in told()
        box.set_clock(20 * DAY_MS)
        eventually(lambda: "'cliente_certificado'" in told())
        assert client_row(box, "expedientes")["caduca_pronto"] and client_row(box, "sede")["certificado_caduca"] is None
        box.set_clock(40 * DAY_MS)
        eventually(lambda: "'cliente_certificado_caducado'" in told())
        assert ask(box, maker, token, "uno") == EXPIRED and ask(box, maker, box.token, "uno") == 200
        assert "sin el certificado TLS" in box.program.log()
        box.ctl("cliente", "cambia", "--nombre", "expedientes", "--certificados", "")
        assert ask(box, maker, token) == 200 == box.get("/v1/estado", token=token).status


def test_a_certificate_of_the_towns_authority():
    with town() as (box, maker):
        maker.authority("ajena")
        maker.program("propio", "ac")
        maker.program("largo", "ac", days=900)
        maker.program("ajeno", "ajena")
        maker.program("servidor", "ac", purpose="serverAuth")
        maker.program("solo")
        token = make(box, "expedientes", "autoridad")
        both = make(box, "dos cosas", "autoridad, " + maker.fingerprint("largo"))
        expected = {"propio": 200, "ajeno": UNTRUSTED, "servidor": UNTRUSTED, "solo": UNTRUSTED, None: MISSING}
        assert {shown: ask(box, maker, token, shown) for shown in expected} == expected
        assert [ask(box, maker, both, shown) for shown in ("largo", "propio")] == [200, UNTRUSTED]
        done = subprocess.run(["curl", "-sSk", "--cert", maker.path("propio"), "--key", maker.folder / "propio.key", "-H",
                               f"Authorization: Bearer {token}", f"https://127.0.0.1:{box.tls_port}/v1/estado"],
                              capture_output=True, text=True, check=True)
        assert "veredicto" in done.stdout, done
        box.set_clock(40 * DAY_MS)
        assert [ask(box, maker, token, shown) for shown in ("propio", "largo")] == [EXPIRED, 200]


def test_another_authority_by_reload_and_none():
    with town() as (box, maker):
        maker.authority("nueva")
        maker.program("viejo", "ac")
        maker.program("nuevo", "nueva")
        token = make(box, "expedientes", "autoridad")
        assert [ask(box, maker, token, shown) for shown in ("viejo", "nuevo")] == [200, UNTRUSTED]
        good = box.conf.read_text()
        for path, expected in ((maker.path("nueva"), [UNTRUSTED, 200]), (maker.folder / "nueva.key", [UNTRUSTED, 200]),
                               ("/nada", [UNTRUSTED, 200]), ("", [UNTRUSTED, UNTRUSTED])):
            box.conf.write_text(good.replace(str(maker.path("ac")), str(path)))
            reload(box)
            assert [ask(box, maker, token, shown) for shown in ("viejo", "nuevo")] == expected, path
        for path, said in ((maker.folder / "nueva.key", "no hay ningún certificado de autoridad"), ("/nada", "no se puede leer")):
            box.conf.write_text(good.replace(str(maker.path("ac")), str(path)))
            done = subprocess.run([box.command()[0], "-c", box.conf, "--comprobar"], capture_output=True, text=True, check=False)
            assert done.returncode == 78 and "autoridad_clientes" in done.stderr and said in done.stderr, done


def test_a_key_that_costs_the_box_time_ends_the_handshake():
    with town() as (box, maker):
        maker.program("pesado", key=("rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_pubexp:1099511627791"))
        maker.program("rsa", key=("rsa:2048",))
        token = make(box, "expedientes", maker.fingerprint("pesado") + "," + maker.fingerprint("rsa"))
        assert ask(box, maker, token, "rsa") == 200
        try:
            assert ask(box, maker, token, "pesado") is None
        except (ssl.SSLError, ConnectionError, http.client.HTTPException):
            pass


def test_browsers_are_not_asked():
    for scheme, asked in ((True, False), ("mtls", True)):
        with running(enrolled=False, tls=scheme) as (box, _):
            done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{box.tls_port}"], input="", text=True,
                                  capture_output=True, timeout=20 * SLOW, check=False)
            assert ("Requested Signature Algorithms" in done.stdout) == asked, done.stdout
