# SPDX-License-Identifier: EUPL-1.2
"""TLS: the box's own certificate and configured ones, their change, sessions and proxies."""

import contextlib
import datetime
import json
import pathlib
import re
import signal
import socket
import ssl
import stat
import subprocess

from box import SLOW, Box, eventually, folder, running
from people import create
from tls import HELLO, Plain, Secure, print_of, trusting

DAY = 86400 * 1000
NAME = "contraclaves.alpedrete.example"
PASSWORD = "caballo pila grapa"
HSTS = "Strict-Transport-Security"


def seen(box):
    """The fingerprint that a new connection is shown."""
    with contextlib.closing(Secure(box)) as connection:
        return connection.fingerprint()


def told(box):
    return box.status()["equipo"]["certificado"]


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A root and an intermediate, which sign certificates for the box; all in a folder."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.root = self.path / "root.pem"
        self.make("root", "/CN=root", [], "basicConstraints=critical,CA:TRUE")
        self.make("middle", "/CN=middle", self.by("root"), "basicConstraints=critical,CA:TRUE")

    def by(self, signer):
        return ["-CA", self.path / f"{signer}.pem", "-CAkey", self.path / f"{signer}.key"]

    def make(self, name, subject, signer, *extensions, days=90):
        extra = [word for extension in extensions for word in ("-addext", extension)]
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days,
                "-subj", subject, "-keyout", self.path / f"{name}.key", "-out", self.path / f"{name}.pem", *signer, *extra)

    def issue(self, name, days=90):
        """A chain and its key for the box."""
        self.make(name, f"/CN={NAME}", self.by("middle"), f"subjectAltName=DNS:*.example,DNS:{NAME},IP:127.0.0.1",
                  "basicConstraints=critical,CA:FALSE", days=days)
        chain = self.path / f"{name}-chain.pem"
        chain.write_text((self.path / f"{name}.pem").read_text() + (self.path / "middle.pem").read_text())
        key = self.path / f"{name}.key"
        key.chmod(0o600)
        return chain, key


def keys(chain, key):
    return f'certificado = "{chain}" clave_tls = "{key}"'


def reload(box, extra_http):
    """With these lines of http in its configuration."""
    box.extra_http = extra_http
    before = box.program.log().count("configuración releída")
    box.write_conf(re.search(r'dispositivo = "([^"]*)"', box.conf.read_text())[1])
    box.program.process.send_signal(signal.SIGHUP)
    eventually(lambda: box.program.log().count("configuración releída") > before)
    box.status()  # the reload ends before the next answer


def test_the_box_makes_a_certificate_of_its_own():
    with running(tls=True, enrolled=False) as (box, _):
        own = box.folder / "certificado.pem"
        assert stat.S_IMODE(own.stat().st_mode) == 0o600
        for name in ("127.0.0.1", "localhost", "::1", socket.gethostname()):
            with contextlib.closing(Secure(box, trusting(own), name)) as connection:
                answer = connection.ask()
                assert answer.status == 200 and answer.getheader(HSTS) is None, answer.getheaders()
                peer = connection.sock.getpeercert()
        begins, ends = (datetime.datetime.strptime(peer[key], "%b %d %H:%M:%S %Y %Z") for key in ("notBefore", "notAfter"))
        assert datetime.timedelta(days=300) < ends - begins <= datetime.timedelta(days=398), peer
        first = seen(box)
        certificate = told(box)
        assert certificate["huella"] == first and certificate["propio"] is True, certificate
        assert certificate["caduca"].startswith(ends.strftime("%Y-%m-%dT%H:%M")), (certificate, ends)
        assert first in box.ctl("estado").stdout and first in box.program.log()
        assert "certificado" not in [row["causa"] for row in box.status()["veredicto"]["otras"]]
        secret = own.read_text().split("-----")[2].split()[0]
        assert secret not in box.program.log()
        box.stop()
        box.start()
        assert seen(box) == first
        # without its file it makes another, for the names and addresses of now
        own.unlink()
        box.program.process.send_signal(signal.SIGHUP)
        eventually(own.exists)
        eventually(lambda: seen(box) != first)
        # and where the file is damaged
        first = seen(box)
        box.stop()
        own.write_text(own.read_text()[:200])
        box.start()
        assert seen(box) != first and "está dañado" in box.program.log()


def test_plain_boxes_have_no_certificate():
    with running(enrolled=False) as (box, _):
        assert told(box) is None and not (box.folder / "certificado.pem").exists()
        assert "Huella" not in box.ctl("estado").stdout


def test_it_renews_its_own_before_the_end():
    with running(tls=True, enrolled=False, clock=True) as (box, _):
        first = seen(box)
        box.pass_time(360 * DAY)
        box.status()
        assert seen(box) == first
        box.pass_time(8 * DAY)
        eventually(lambda: seen(box) != first)
        second = told(box)
        assert second["huella"] == seen(box) and second["huella"] in box.program.log()
        assert "certificado" not in [row["causa"] for row in box.status()["veredicto"]["otras"]]
        der = ssl.PEM_cert_to_DER_cert((box.folder / "certificado.pem").read_text().split("-----END PRIVATE KEY-----\n")[1])
        assert print_of(der) == second["huella"]
        assert stat.S_IMODE((box.folder / "certificado.pem").stat().st_mode) == 0o600
        assert [p.name for p in box.folder.glob("certificado.pem*")] == ["certificado.pem"]


def test_its_own_follows_the_names_and_addresses_of_the_box():
    """A box that was given another address, as a browser sees it: at the start, on SIGHUP; and not when nothing changed."""
    with running(tls=True, enrolled=False) as (box, _):
        own = box.folder / "certificado.pem"
        def put_one_for(alternatives):
            key, leaf = box.folder / "otra.key", box.folder / "otra.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "300",
                            "-subj", "/CN=otra", "-addext", f"subjectAltName={alternatives}", "-keyout", key, "-out", leaf],
                           check=True, capture_output=True)
            own.write_text(key.read_text() + leaf.read_text())
            return print_of(ssl.PEM_cert_to_DER_cert(leaf.read_text()))
        box.stop()
        lacking = put_one_for("DNS:otra.example")
        box.start()
        first = seen(box)
        assert first != lacking, "for names that are not the box's"
        lacking = put_one_for("DNS:otra.example,IP:192.0.2.7")
        box.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: seen(box) not in (first, lacking))
        with contextlib.closing(Secure(box, trusting(own), "127.0.0.1")) as connection:
            assert connection.ask().status == 200
        second = seen(box)
        box.stop()
        box.start()
        assert seen(box) == second, "it holds for all of them: it stays"


def test_a_clock_that_was_wrong_gets_another_certificate():
    with running(tls=True, enrolled=False, clock=True, ready=False) as (box, _):
        first = seen(box)
        box.drive(wall=box.clocks["wall"] - 400 * DAY)  # made in what is now the future
        box.pass_time(61 * 1000)
        eventually(lambda: seen(box) != first)


def test_what_cannot_be_kept_is_used_all_the_same():
    with running(tls=True, enrolled=False) as (box, _):
        box.stop()
        own = box.folder / "certificado.pem"
        own.unlink()
        own.mkdir()  # no file can take this name
        box.start()
        first = seen(box)
        assert "no se puede guardar el certificado propio" in box.program.log()
        assert told(box)["huella"] == first


def test_a_configured_certificate():
    with folder() as path, running(tls=True, enrolled=False) as (box, _):
        authority = Authority(path)
        own = seen(box)
        reload(box, keys(*authority.issue("one")))
        certificate = told(box)
        assert certificate["propio"] is False and certificate["huella"] == seen(box) != own, certificate
        # the chain is sent: a browser that knows the root alone is content
        with contextlib.closing(Secure(box, trusting(authority.root), NAME)) as connection:
            for asked in ("/healthz", "/acceso", "/v1/estado", "/nada"):
                answer = connection.ask(asked)
                assert answer.getheader(HSTS) == "max-age=2592000", (asked, answer.getheaders())
        assert box.get("/healthz").headers[HSTS] is None  # plain HTTP must not say so: RFC 6797 7.2
        link = box.ctl("operador", "alta-inicial").stdout
        assert f"https://{NAME}:{box.tls_port}/acceso#" not in link  # it listens on the loopback alone
        reload(box, "")
        assert seen(box) == own and told(box)["propio"] is True
        with contextlib.closing(Secure(box)) as connection:
            assert connection.ask().getheader(HSTS) is None


def test_a_new_certificate_breaks_no_connection():
    with folder() as path, running(tls=True, enrolled=False) as (box, _):
        authority = Authority(path)
        chain, key = authority.issue("one")
        reload(box, keys(chain, key))
        with contextlib.closing(Secure(box)) as before:
            old = before.fingerprint()
            assert before.ask().status == 200
            # the same names, new files: as certbot and its like leave them
            for source, target in zip(authority.issue("two"), (chain, key)):
                target.write_bytes(source.read_bytes())
            for _ in range(3):
                box.program.process.send_signal(signal.SIGHUP)
                eventually(lambda: seen(box) != old)
                assert before.ask().status == 200 and before.fingerprint() == old
            assert told(box)["huella"] == seen(box)


def spoilt(authority, path):
    """Files that cannot be used: (chain, key, words that the sentence has)."""
    chain, key = authority.issue("good")
    other_chain, other_key = authority.issue("other")
    rubbish, empty, huge = path / "rubbish.pem", path / "empty.pem", path / "huge.pem"
    rubbish.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    empty.write_text("")
    huge.write_bytes(b"x" * 200_000)
    locked, open_key = path / "locked.key", path / "open.key"
    openssl("pkey", "-in", key, "-aes128", "-passout", "pass:secreto", "-out", locked)
    open_key.write_bytes(key.read_bytes())
    open_key.chmod(0o644)
    upside_down = path / "upside-down.pem"
    upside_down.write_text((path / "middle.pem").read_text() + (path / "good.pem").read_text())
    for each in (rubbish, empty, huge, locked):
        each.chmod(0o600)
    return [
        (path / "none.pem", key, ("certificado:", "no se puede leer")),
        (path, key, ("certificado:", "no se puede leer")),
        (rubbish, key, ("certificado:", "PEM")),
        (empty, key, ("certificado:", "PEM")),
        (huge, key, ("certificado:", "demasiado grande")),
        (key, key, ("certificado:", "PEM")),
        (chain, path / "none.key", ("clave_tls:", "no se puede leer")),
        (chain, rubbish, ("clave_tls:", "PEM")),
        (chain, empty, ("clave_tls:", "PEM")),
        (chain, chain, ("clave_tls:",)),
        (chain, locked, ("clave_tls:", "contraseña")),
        (chain, open_key, ("clave_tls:", "chmod")),
        (chain, other_key, ("clave_tls:", "no es la del primer certificado")),
        (other_chain, key, ("clave_tls:", "no es la del primer certificado")),
        (upside_down, key, ("clave_tls:", "no es la del primer certificado")),
        (chain, "", ("clave_tls:", "van juntas")),
        ("", key, ("certificado:", "van juntas")),
    ]


def test_bad_files_keep_the_certificate_that_is_in_use():
    with folder() as path, running(tls=True, enrolled=False, clock=True) as (box, _):
        authority = Authority(path)
        reload(box, keys(*authority.issue("one")))
        used = seen(box)
        short = authority.issue("short", days=5)
        rows = [(0, *row) for row in spoilt(authority, path)]
        rows += [(6, *short, ("certificado: caducó", "reload")), (-2, *short, ("certificado: no vale hasta",))]
        for days, chain, key, words in rows:
            box.drive(wall=days * DAY)
            before = len(box.program.log())
            reload(box, keys(chain, key))
            eventually(lambda: "se mantiene el certificado anterior" in box.program.log()[before:])
            said = [line for line in box.program.log()[before:].split("\n") if line.startswith("error")]
            assert all(word in said[0] for word in words), (chain, key, said)
            assert seen(box) == used and told(box)["huella"] == used, (chain, key)


def test_bad_files_stop_the_start():
    with folder() as path, folder() as other:
        authority = Authority(path)
        box = Box(other, f"unix:{other}/none", tls=True)
        for chain, key, words in spoilt(authority, path):
            box.extra_http = keys(chain, key)
            box.write_conf(f"unix:{other}/none")
            for more in ([], ["--comprobar"]):
                done = subprocess.run([*map(str, box.command()), *more], capture_output=True, text=True, timeout=30 * SLOW, check=False)
                assert done.returncode == 78 and all(word in done.stderr for word in words), (chain, key, more, done)
                assert "secreto" not in done.stderr and "correcta" not in done.stdout


def test_a_certificate_whose_time_is_not_now_does_not_stop_the_box():
    with folder() as path, running(tls=True, enrolled=False, clock=True) as (box, _):
        authority = Authority(path)
        reload(box, keys(*authority.issue("short", days=20)))
        assert box.status()["veredicto"]["otras"] == [], box.status()["veredicto"]
        box.pass_time(7 * DAY)
        eventually(lambda: "certificado" in str(box.status()["veredicto"]))
        box.pass_time(20 * DAY)
        box.stop()
        box.start(ready=False)  # a box without SMS would be worse than a browser's warning
        eventually(lambda: "certificado: caducó" in box.program.log())
        says = lambda words: words in json.dumps(box.status()["veredicto"], ensure_ascii=False).lower()
        eventually(lambda: says("el certificado de la página terminó hace"))
        eventually(lambda: says("no se ha hecho ninguna copia de seguridad en"))
        assert seen(box) == told(box)["huella"]


def handshake(box, **versions):
    context = trusting(**versions)
    context.set_ciphers(versions.get("ciphers", "ALL:@SECLEVEL=0"))
    with contextlib.closing(Secure(box, context)) as connection:
        return connection.ask().status


def test_what_is_spoken():
    v = ssl.TLSVersion
    with running(tls=True, enrolled=False) as (box, _):
        for version in (v.TLSv1_2, v.TLSv1_3):
            assert handshake(box, minimum_version=version, maximum_version=version) == 200
        for version in (v.TLSv1, v.TLSv1_1):
            try:
                handshake(box, minimum_version=version, maximum_version=version)
                raise AssertionError(version)
            except (ssl.SSLError, ConnectionError):
                pass
        done = subprocess.run(["curl", "-sS", "--cacert", box.folder / "certificado.pem", "--tls-max", "1.1",
                               f"https://127.0.0.1:{box.tls_port}/healthz"], capture_output=True, text=True, check=False)
        assert done.returncode != 0, done
        done = subprocess.run(["curl", "-sS", "--cacert", box.folder / "certificado.pem",
                               f"https://127.0.0.1:{box.tls_port}/healthz"], capture_output=True, text=True, check=False)
        assert '"ok"' in done.stdout, done
        # no plain text goes in or out of the TLS port, and none of TLS of the other
        for port in (box.tls_port, box.port):
            with socket.create_connection(("127.0.0.1", port), 20 * SLOW) as s:
                s.sendall(b"GET /v1/estado HTTP/1.0\r\n\r\n" if port == box.tls_port else b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500))
                got = b""
                with contextlib.suppress(ConnectionError):
                    while piece := s.recv(4096):
                        got += piece
                assert b"veredicto" not in got and (b"HTTP/1.1 400" in got) == (port == box.tls_port), got[:80]


def test_the_address_names_the_right_listener():
    with folder() as path, running(tls=True, enrolled=False) as (box, _):
        assert f"http://127.0.0.1:{box.port}/acceso#" in box.ctl("operador", "alta-inicial").stdout
        box.stop()
        box.conf.write_text(box.conf.read_text().replace("https://127.0.0.1", "https://0.0.0.0"))
        box.start()
        found = re.search(rf"https://([0-9.]+):{box.tls_port}/acceso#", box.ctl("operador", "alta-inicial").stdout)
        assert found, box.ctl("operador", "alta-inicial").stdout
        with socket.create_connection((found[1], box.tls_port), 20 * SLOW) as s:  # the address that it names is reached
            trusting(box.folder / "certificado.pem").wrap_socket(s, server_hostname=found[1]).close()
        authority = Authority(path)
        box.stop()
        chain, key = authority.issue("one")
        box.conf.write_text(box.conf.read_text().replace("http {", f"http {{ {keys(chain, key)} "))
        box.start()
        assert f"https://{NAME}:{box.tls_port}/acceso#" in box.ctl("operador", "alta-inicial").stdout


# ---- sessions and proxies ----------------------------------------------------------------------


def enter(connection, origin, **headers):
    return connection.ask("/v1/sesion", "POST", f'{{"nombre": "begoña", "contrasena": "{PASSWORD}"}}'.encode(),
                          {"Content-Type": "application/json", "Origin": origin, "X-Contraclaved": "1", **headers})


def test_the_cookie_is_bound_to_tls():
    with running(tls=True, enrolled=False) as (box, _), contextlib.closing(Secure(box)) as secure, \
            contextlib.closing(Plain(box)) as plain:
        create(box, "begoña", "tecnico")
        https, http_ = f"https://127.0.0.1:{box.tls_port}", f"http://127.0.0.1:{box.port}"
        assert enter(secure, f"http://127.0.0.1:{box.tls_port}").status == 403  # a page that came in clear
        answer = enter(secure, https)
        assert answer.status == 200, answer.text
        cookie = answer.headers["Set-Cookie"]
        assert re.fullmatch(r"__Host-contraclaved=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Secure", cookie), cookie
        mine = cookie.split(";")[0]
        assert secure.ask("/v1/sesion", headers={"Cookie": mine}).status == 200
        # a cookie that some other page in clear could have set is not looked at
        assert secure.ask("/v1/sesion", headers={"Cookie": mine.removeprefix("__Host-")}).status == 401
        assert plain.ask("/v1/sesion", headers={"Cookie": mine}).status == 401
        answer = enter(plain, http_)
        cookie = answer.headers["Set-Cookie"]
        assert re.fullmatch(r"contraclaved=[\w-]{43}; Path=/; HttpOnly; SameSite=Strict", cookie), cookie
        answer = secure.ask("/v1/sesion", "DELETE", None, {"Cookie": mine, "Origin": https, "X-Contraclaved": "1"})
        assert answer.status == 200 and answer.headers["Set-Cookie"].startswith("__Host-contraclaved=; "), answer.text
        assert "Secure" in answer.headers["Set-Cookie"] and "Max-Age=0" in answer.getheader("Set-Cookie")


def test_a_proxy_is_believed_where_it_is_trusted():
    with running(enrolled=False, extra_http='proxy_de_confianza = "127.0.0.2"') as (box, _):
        create(box, "begoña", "tecnico")
        told_by = {"X-Forwarded-For": "192.0.2.66, 198.51.100.7", "X-Forwarded-Proto": "https"}
        for source, name, address in (("127.0.0.2", "__Host-contraclaved", "198.51.100.7"), ("127.0.0.1", "contraclaved", "127.0.0.1"),
                                      ("127.0.0.3", "contraclaved", "127.0.0.3")):
            with contextlib.closing(Plain(box, source)) as connection:
                answer = enter(connection, f"https://127.0.0.1:{box.port}", **told_by)
                assert answer.status == 200, answer.text
                cookie = answer.headers["Set-Cookie"]
                assert cookie.startswith(name + "=") and ("; Secure" in cookie) == (source == "127.0.0.2"), (source, cookie)
                assert answer.getheader(HSTS) is None  # the proxy's to say
                listed = connection.ask("/v1/sesiones", headers={"Cookie": cookie.split(";")[0], **told_by}).text
                own = re.search(r'"direccion":"([^"]*)","actual":true', listed)
                assert own and own[1] == address, (source, listed)
        # what it says in clear, or does not say, is plain HTTP
        for proto in ("http", "https, http", ""):
            with contextlib.closing(Plain(box, "127.0.0.2")) as connection:
                answer = enter(connection, f"http://127.0.0.1:{box.port}", **{"X-Forwarded-Proto": proto})
                assert answer.headers["Set-Cookie"].startswith("contraclaved="), (proto, answer.getheaders())


def test_pages_and_events_come_whole():
    with running(tls=True, enrolled=False) as (box, sim), contextlib.closing(Plain(box)) as plain, contextlib.ExitStack() as stack:
        create(box, "begoña", "tecnico")
        for half in (False, True):  # also while a handshake is under way, which slows libmicrohttpd down
            if half:
                s = stack.enter_context(socket.create_connection(("127.0.0.1", box.tls_port), 20 * SLOW))
                s.sendall(HELLO)
            with contextlib.closing(Secure(box)) as secure:
                graph = re.search(r"(/web/\w+)/base.js", plain.ask("/graficas").text)[1] + "/dygraph.min.js"
                for path in ("/estado", graph, "/acceso", graph):
                    one, other = plain.ask(path), secure.ask(path)
                    assert (one.status, one.text) == (other.status, other.text) and other.status == 200, path
        with contextlib.closing(Secure(box)) as secure:
            cookie = enter(secure, f"https://127.0.0.1:{box.tls_port}").headers["Set-Cookie"].split(";")[0]
            secure.request("GET", "/v1/estado/eventos?idioma=es", headers={"Cookie": cookie})
            stream = secure.getresponse()
            seen_text = b""
            while b"event: latido" not in seen_text:
                seen_text += stream.read1()
            assert b"event: estado" in seen_text
            sim.ask(cmd="vanish", ms=1000)
            seen_text = b""
            while b'"listo":false' not in seen_text:
                seen_text += stream.read1()
