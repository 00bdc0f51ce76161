# SPDX-License-Identifier: EUPL-1.2
"""The files of the pages, as a browser gets them."""

import gzip
import re
import signal
import socket

from box import UnixConnection, eventually, running

PAGES = "estado graficas buzon acceso operadores sesiones registro pendientes importacion auditoria cifras".split()
LANGUAGES = "es ca eu gl en".split()
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def raw(box, method, path, **headers):
    """The answer undecoded: status, headers, bytes."""
    with socket.create_connection(("127.0.0.1", box.port), timeout=20) as s:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        s.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())
        told = b""
        while part := s.recv(65536):
            told += part
    head, _, body = told.partition(b"\r\n\r\n")
    status, *rows = head.decode().split("\r\n")
    return int(status.split()[1]), dict(row.split(": ", 1) for row in rows), body


def test_each_page_in_each_language():
    with running(enrolled=False) as (box, _):
        for page in PAGES:
            for language in LANGUAGES:
                answer = box.get(f"/{page}", token=None, headers={"Accept-Language": f"{language}-XX, fr;q=0.9"})
                assert answer.status == 200, (page, language, answer.status)
                assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
                assert f'<html lang="{language}">' in answer.text, (page, language)
                assert "{{" not in answer.text, (page, language)
        assert box.get("/estado", token=None).text.count('lang="es"') > 0


def test_the_operators_language_goes_before_the_browsers():
    with running(enrolled=False) as (box, _):
        def language(path="/estado", **headers):
            return box.get(path, token=None, headers=headers).text.split('<html lang="')[1][:2]
        browser = {"Accept-Language": "gl, en;q=0.5"}
        assert language(**browser) == "gl"
        assert language(**browser, Cookie="a=b; idioma=eu") == "eu"
        assert language("/estado?idioma=ca", **browser, Cookie="idioma=eu") == "ca"
        assert language("/estado?idioma=tlh", **browser, Cookie="idioma=../../x") == "gl"
        assert language(**{"Accept-Language": "fr, de;q=0.9"}) == "es"
        assert language(**{"Accept-Language": "en;q=0, ca;q=0.1"}) == "ca"


def test_headers_of_a_page():
    with running(enrolled=False) as (box, _):
        headers = box.get("/estado", token=None).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
        for name, value in {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
                            "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"}.items():
            assert headers[name] == value, (name, headers[name])
        assert "camera=()" in headers["Permissions-Policy"] and "Cookie" in headers["Vary"]
        asked_early = [f"<{path}>; rel=preload; as=fetch; crossorigin" for path in ("/v1/sesion", "/v1/estado?idioma=eu")]
        basque = box.get("/estado?idioma=eu", token=None).headers
        assert basque["Link"] == ", ".join(asked_early), "a slow network asks for the status with the page's first bytes"
        assert "Link" not in box.get("/acceso", token=None).headers
        web = folder_of(box)
        alone = box.get(f"{web}/icono-bien.svg", token=None).headers
        assert alone["Content-Security-Policy"] == headers["Content-Security-Policy"], "an image can be opened by itself"
        loaded = box.get(f"{web}/base.js", token=None).headers
        assert loaded["X-Content-Type-Options"] == "nosniff" and loaded["Cross-Origin-Resource-Policy"] == "same-origin"
        assert loaded["Vary"] == "Accept-Encoding" and "Content-Security-Policy" not in loaded


def test_papers_of_the_town():
    """The texts of the folder, read each time; where there is none, the page has that of the program."""
    with running(enrolled=False, extra='plantillas = "/"') as (box, _):
        templates = box.folder / "plantillas"
        templates.mkdir()
        box.conf.write_text(box.conf.read_text().replace('plantillas = "/"', f'plantillas = "{templates}"'))
        box.program.process.send_signal(signal.SIGHUP)
        ask = lambda name: box.control_request("GET", f"/v1/registro/plantillas/{name}")
        (templates / "instancia.ca.txt").write_text("= La nostra\n")
        assert eventually(lambda: ask("instancia/ca").status == 200) and ask("instancia/ca").json == {"texto": "= La nostra\n"}
        for name in ("instancia/es", "justificante/ca", "instancia/fr", "otra/ca", "..%2f..%2fetc%2fpasswd/ca", "instancia/ca%2f.."):
            assert ask(name).status in (400, 404), name
        for content in (b"\xff\xfe", b"a\0b", b"a" * (16 * 1024 + 1)):
            (templates / "instancia.ca.txt").write_bytes(content)
            assert ask("instancia/ca").status == 500 and "instancia.ca.txt no se puede usar" in box.program.log()
        own = raw(box, "GET", f"{folder_of(box)}/instancia.es.txt")
        assert own[0] == 200 and own[1]["Content-Type"] == "text/plain; charset=utf-8" and b"= Solicitud de alta" in own[2]


def folder_of(box):
    """Where what the pages load is served: another one for each build that changes any of it."""
    return re.search(rb'"(/web/[0-9a-f]{16})/base.js"', raw(box, "GET", "/estado")[2]).group(1).decode()


def test_types():
    kinds = {"contraclaved.css": "text/css; charset=utf-8", "base.js": "text/javascript; charset=utf-8",
             "words.eu.js": "text/javascript; charset=utf-8", "dygraph.min.js": "text/javascript; charset=utf-8",
             "icono-bien.svg": "image/svg+xml"}
    with running(enrolled=False) as (box, _):
        web = folder_of(box)
        for name, kind in kinds.items():
            answer = box.get(f"{web}/{name}", token=None)
            assert (answer.status, answer.headers["Content-Type"]) == (200, kind), name
            assert answer.headers["Cache-Control"] == "max-age=31536000, immutable", "its path changes with its bytes"


def test_compressed_where_it_is_taken():
    with running(enrolled=False) as (box, _):
        path = folder_of(box) + "/contraclaved.css"
        _, _, plain = raw(box, "GET", path)
        status, headers, packed = raw(box, "GET", path, **GZIP)
        assert status == 200 and headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == plain
        assert int(headers["Content-Length"]) == len(packed) < len(plain) / 3
        for refused in ("identity", "gzip;q=0", "br"):
            _, headers, body = raw(box, "GET", path, **{"Accept-Encoding": refused})
            assert "Content-Encoding" not in headers and body == plain, refused


def test_not_sent_again():
    with running(enrolled=False) as (box, _):
        _, headers, page = raw(box, "GET", "/estado", **GZIP)
        tag = headers["ETag"]
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            status, headers, body = raw(box, "GET", "/estado", If_None_Match=known, **GZIP)
            assert (status, body) == (304, b"") and headers["ETag"] == tag, (known, status)
            assert headers["Cache-Control"] == "no-cache" and "Accept-Language" in headers["Vary"]
            assert int(headers["Content-Length"]) == len(page) and "Content-Type" not in headers  # RFC 9110, 8.6 and 15.4.5
        status, headers, _ = raw(box, "GET", "/estado", If_None_Match=tag)
        assert status == 200 and headers["ETag"] != tag, "plain bytes have a tag of their own"
        assert raw(box, "GET", "/estado", If_None_Match=tag, Accept_Language="eu", **GZIP)[0] == 200


def test_head_and_other_methods():
    with running(enrolled=False) as (box, _):
        status, headers, body = raw(box, "HEAD", "/estado", **GZIP)
        assert status == 200 and body == b"" and int(headers["Content-Length"]) > 1000
        answer = box.post("/estado", {}, token=None)
        assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD", answer.text


def test_the_root_leads_to_the_status():
    with running(enrolled=False) as (box, _):
        answer = box.get("/", token=None)
        assert answer.status == 302 and answer.headers["Location"] == "/estado"


def test_path_tricks():
    tricks = ["/web/", "/web", "/web/../web/base.js", "/web/%2e%2e/estado", "/web//base.js", "//estado", "/estado/", "/ESTADO",
              "/estado.html", "/estado.es.html", "/web/estado.es.html", "/web/base.js.gz", "/web/base.js%00", "/estado%00.css",
              "/web/..%2f..%2fetc%2fpasswd", "/web/words.fr.js", "/web/frame.html", "/web/" + "a" * 3000,
              "/web/base.js", "/web/0123456789abcdef/base.js", "/web/base.js/../base.js"]
    with running(enrolled=False) as (box, _):
        web = folder_of(box)
        for path in (*tricks, web, f"{web}/", f"{web}/estado", f"{web}/base.js.gz", f"{web}/../base.js"):
            assert raw(box, "GET", path)[0] == 404, path


def test_not_on_the_control_socket():
    with running(enrolled=False) as (box, _):
        for path in ("/", "/estado", folder_of(box) + "/base.js"):
            connection = UnixConnection(box.control)
            connection.request("GET", path)
            assert connection.getresponse().status == 404, path
            connection.close()


def test_the_first_view_is_small():
    """What /estado loads before its data."""
    with running(enrolled=False) as (box, _):
        _, _, page = raw(box, "GET", "/estado", **GZIP)
        web = folder_of(box)
        names = {part.split(b'"')[0] for part in gzip.decompress(page).split(f'="{web}/'.encode())[1:]}
        assert {b"base.js", b"estado.js", b"contraclaved.css", b"words.es.js"} <= names, names
        size = len(page) + sum(len(raw(box, "GET", f"{web}/{name.decode()}", **GZIP)[2]) for name in names)
        print("bytes of /estado without its data:", size)
        assert size < 32 * 1024, size
