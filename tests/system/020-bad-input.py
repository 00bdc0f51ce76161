# SPDX-License-Identifier: EUPL-1.2
"""Bad input: each kind gets its own error, nothing that was sent is repeated, and nothing changes."""

import contextlib
import http.client
import json
import socket

from box import CLAVE, NAME, NIF, PHONE, SLOW, code_of, eventually, running

FREE_NIF = "87654321X"  # right, and not registered
ASK, VERIFY, ENROL = "/v1/solicitudes", "/v1/verificaciones", "/v1/registro/ciudadanos"
GOOD = {
    ASK: {"nif": NIF, "clave": CLAVE},
    VERIFY: {"nif": NIF, "clave": CLAVE, "contraclave": "0481"},
    ENROL: {"nif": FREE_NIF, "nombre": "Ana Ruiz", "movil": "+34600999888"},
}
TABLES = ("citizens", "requests", "failures", "ip_requests", "outbox", "idempotency", "audit", "clients")


def written(box):
    """Everything that a request could have changed."""
    counts = ", ".join(f"(SELECT count(*) FROM {t}) AS {t}" for t in TABLES)
    return box.rows(f"SELECT {counts}, (SELECT coalesce(sum(tries + uses), 0) FROM requests) AS tries,"
                    " (SELECT sum(locked) FROM citizens) AS locks")


def texts(value):
    if isinstance(value, dict):
        return [t for v in value.values() for t in texts(v)]
    return [value] if isinstance(value, str) else []


def check_problem(answer, status, kind, field, row):
    assert answer.status == status, (row, answer.status, answer.text)
    problem = answer.json
    assert answer.headers["Content-Type"] == "application/problem+json", (row, str(answer.headers))
    assert answer.headers["Cache-Control"] == "no-store", (row, str(answer.headers))
    assert problem["type"] == kind and problem["status"] == status, (row, problem)
    assert problem.get("campo") == field, (row, problem)
    assert problem["title"] and problem["detail"], (row, problem)


def refuse_all(rows):
    """rows of (path, body, status, type, field), in one daemon."""
    with running() as (box, sim):
        before, town = written(box), box.status()
        for path, body, status, kind, field in rows:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            row = (path, raw[:120], kind)
            answer = box.request("POST", path, raw=raw)
            check_problem(answer, status, kind, field, row)
            for text in texts(body):
                assert len(text) < 3 or text not in answer.text, (row, answer.text)
            assert written(box) == before, (row, before, written(box))
        after = box.status()
        assert (after["ciudadanos"], after["cola"]) == (town["ciudadanos"], town["cola"])
        assert sim.inbox() == []
        box.ask_pin()
        assert box.verify(code_of(eventually(sim.inbox)[0]))["nombre"] == NAME


def but(path, **changes):
    return {**GOOD[path], **changes}


def test_nif():
    rows = {
        "nif_length": ["", "12345678", "Z", "1234567890", "12345678ZZ", "1" * 40],
        "nif_format": ["12345678Ñ", "12#45678Z", "12A45678Z", "1234567😀Z", "\u0661\u0662345678Z", "A12B45678"],
        "nif_prefix": ["O1234567L", "I2345678Z", "T1234567L"],
        "nif_checksum": ["12345678A", "X1234567A", "Y1234567L", "K1234567D", "A58818500", "P4622000A"],
        "nif_kind": ["A5881850A", "P46220000", "123456789", "X12345678"],
        "nif_m_alnum": ["M12A4567L"],
        "nif_test": ["00000000T", "99999999R", "99.999.999-r"],
    }
    refuse_all([(path, but(path, nif=nif), 422, kind, "nif")
                for kind, nifs in rows.items() for nif in nifs for path in GOOD])


def test_clave():
    formats = ["", "482", "48210", "48a1", "abcd", "４８２１", "٤٨٢١", " 482", "482 ", "+482", "4.82", "48\n1"]
    types = [4821, 4821.0, None, True, ["4821"], {"a": "4821"}]
    rows = [(path, but(path, clave=c), 422, "clave_format", "clave") for path in (ASK, VERIFY) for c in formats]
    rows += [(VERIFY, but(VERIFY, contraclave=c), 422, "contraclave_format", "contraclave") for c in formats]
    rows += [(path, but(path, **{field: c}), 400, "field_type", field)
             for path in GOOD for field in GOOD[path] for c in types]
    rows += [(ASK, but(ASK, confirmacion=c), 422, "clave_mismatch", "confirmacion") for c in ("4822", "", "４８２１")]
    rows += [(ASK, but(ASK, confirmacion=4821), 400, "field_type", "confirmacion")]
    refuse_all(rows)


def test_fields():
    rows = [(path, {k: v for k, v in GOOD[path].items() if k != gone}, 400, "field_missing", gone)
            for path in GOOD for gone in GOOD[path]]
    rows += [(path, but(path, sobra="algo"), 400, "field_unknown", "sobra") for path in GOOD]
    rows += [(ASK, {**GOOD[ASK], key: "x"}, 400, "field_unknown", None) for key in ("Clave", "48217777A", "", "a b")]
    rows += [(path, but(path, nif="1" * 65), 422, "field_length", "nif") for path in GOOD]
    rows += [(path, but(path, ip_usuario=ip), 422, "ip_format", "ip_usuario") for path in (ASK, VERIFY)
             for ip in ("", "999.1.1.1", "1.2.3", "1.2.3.4:80", " 1.2.3.4", "::g", "localhost", "01.2.3.4", "1.2.3.4/8")]
    rows += [(ASK, but(ASK, idioma=lang), 422, "lang_unknown", "idioma") for lang in ("", "xx", "ES", "es-ES", "fr")]
    rows += [(ASK, but(ASK, contraste="6" * 65), 422, "field_length", "contraste")]
    refuse_all(rows)


def test_enrolment():
    rows = {
        ("movil", "phone_not_mobile"): ["912345678", "+34912345678", "0034 912 345 678", "800123123"],
        ("movil", "phone_format"): ["", "+", "60012312", "6001231234", "33612345678", "+0612345678", "seiscientos",
                                     "600123l23", "６００１２３１２３", "+1234567890123456", "600+123123"],
        ("nombre", "name_format"): ["", "   ", "\u00a0", "Ana\u202eRuiz", "Ana\u0007", "Ana\nRuiz\u2028", "\u200e",
                                       "Ana\u0378", "A" * 400, "ñ" * 200],
        ("nombre", "field_length"): ["A" * 481],
        ("movil", "field_length"): ["6" * 65],
    }
    refuse_all([(ENROL, but(ENROL, **{field: value}), 422, kind, field)
                for (field, kind), values in rows.items() for value in values] + [
        (ENROL, but(ENROL, nif=NIF), 409, "already_registered", "nif"),
        (ENROL, but(ENROL, nif="12.345.678-z"), 409, "already_registered", "nif"),
        (ENROL, but(ENROL, movil=PHONE), 409, "phone_in_use", "movil"),
        (ENROL, but(ENROL, movil="600 123 123"), 409, "phone_in_use", "movil")])


def test_json():
    start = b'{"nif": "12345678Z", "clave": '
    bad = [b"", b" ", b"[]", b'"x"', b"1", b"null", b"true", b"{", start, start + b'"4821"', start + b'"4821"} x',
           start + b'"4821"}{}', start + b"'4821'}", start + b'"4821",}', start + b"NaN}", start + b'"48\x0021"}',
           start + b'"4821\\u0000"}', start + b'"\\ud800"}', start + b'"48\n1"}', b"\xef\xbb\xbf" + start + b'"4821"}',
           b"[" * 8000, b'{"nif":' * 2000, start + b"[" * 8000, b"[[" * 3000 + b"]]" * 3000, b"nif=12345678Z&clave=4821"]
    rows = [(ASK, body, 400, "json_syntax", None) for body in bad]
    rows += [(ASK, start + text + b'}', 400, "json_utf8", None)
             for text in (b'"\xff"', b'"\xc0\xb4821"', b'"\xed\xa0\x80"', b'"\xf5\x80\x80\x80"', b'"482\xc3"')]
    rows += [(ASK, start + b'"4821", "clave": "4821"}', 400, "json_duplicate", "clave"),
             (ASK, start + b'"4821", "nif": "1"}', 400, "json_duplicate", "nif"),
             (ASK, start + b'"4821", "\\u006eif": "1"}', 400, "json_duplicate", None),
             (ASK, start + b'{"a": {"a": "1"}}}', 400, "field_type", "clave")]
    refuse_all(rows)


def converse(box, data, until=b"never", patience=5):
    """Raw bytes to the port; what came back until it was closed, or until says it is enough."""
    got = b""
    with socket.create_connection(("127.0.0.1", box.port), timeout=patience * SLOW) as s:
        with contextlib.suppress(OSError):
            s.sendall(data)
            while until not in got:
                piece = s.recv(65536)
                if not piece:
                    break
                got += piece
    return got


def post_bytes(box, body, *headers, path=ASK, kind="application/json", close=True):
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {box.token}", *headers]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += ["Connection: close"] if close else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Parsed:
    """One answer out of raw bytes, with what check_problem() looks at."""

    def __init__(self, data):
        head, _, self.rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)
        length = int(self.headers.get("Content-Length", 0))
        self.text, self.rest = self.rest[:length].decode(), self.rest[length:]
        self.json = json.loads(self.text) if "json" in self.headers.get("Content-Type", "") else None


def test_size():
    good = json.dumps(but(ASK, clave="1")).encode()
    full = good + b" " * (16384 - len(good))
    chunked = b"".join(b"400\r\n" + b" " * 1024 + b"\r\n" for _ in range(17)) + b"0\r\n\r\n"
    with running() as (box, _):
        before = written(box)
        rows = [
            (f"Content-Length: {len(full)}", full, 422, "clave_format", "clave"),
            (f"Content-Length: {len(full) + 1}", full + b" ", 413, "body_too_large", None),
            ("Transfer-Encoding: chunked", b"4000\r\n" + full + b"\r\n0\r\n\r\n", 422, "clave_format", "clave"),
            ("Transfer-Encoding: chunked", chunked, 413, "body_too_large", None),
            (f"Content-Length: {10 ** 12}", b"", 413, "body_too_large", None),
            ("Content-Length: 20000\r\nExpect: 100-continue", b"", 413, "body_too_large", None),
        ]
        for header, body, status, kind, field in rows:
            answer = Parsed(converse(box, post_bytes(box, body, header), until=b'"status"'))
            check_problem(answer, status, kind, field, header)
        assert written(box) == before
        assert box.get("/healthz").status == 200


def test_content_type():
    body = json.dumps(GOOD[ASK]).encode()
    kinds = ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json; charset=latin1",
             "multipart/form-data; boundary=x")
    with running() as (box, _):
        before = written(box)
        for kind in kinds:
            answer = Parsed(converse(box, post_bytes(box, body, f"Content-Length: {len(body)}", kind=kind), until=b"}"))
            check_problem(answer, 415, "content_type_unsupported", None, kind)
        assert written(box) == before
        for kind in ("application/json;charset=utf-8", "Application/JSON; charset=UTF-8"):
            assert box.post(ASK, GOOD[ASK], headers={"Content-Type": kind}).status == 202, kind


def test_method_and_path():
    allowed = {ASK: "POST", VERIFY: "POST", ENROL: "POST, GET, HEAD", "/v1/estado": "GET, HEAD", "/healthz": "GET, HEAD",
               "/readyz": "GET, HEAD"}
    wrong = {"POST": ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"),
             "GET, HEAD": ("POST", "PUT", "DELETE", "OPTIONS"), "POST, GET, HEAD": ("PUT", "DELETE", "PATCH")}
    missing = ("/v1/", "/v1/solicitudes/", "/V1/solicitudes", "//v1/solicitudes", "/v1/estado/..", "/v1/nada", "/../etc/passwd",
               "/v1/solicitudes%00", "/v1/%73olicitudes", "/v1/solicitudes;a", "/control/clientes", "/control/estado",
               "/" + "a" * 4000)
    with running() as (box, _):
        before = written(box)
        for path, methods in allowed.items():
            for method in wrong[methods]:
                answer = box.request(method, path, token=None)
                assert answer.headers["Allow"] == methods, (method, path, str(answer.headers))
                if method == "HEAD":
                    assert answer.status == 405 and answer.text == ""
                else:
                    check_problem(answer, 405, "method_not_allowed", None, (method, path))
        for path in missing:
            for method in ("GET", "POST"):
                check_problem(box.request(method, path), 404, "not_found", None, (method, path))
        assert written(box) == before


def test_token_and_scope():
    with running() as (box, _):
        token = box.token
        box.client("verificar", "entrada")
        entrance = box.token
        box.client("solicitar", "antigua")
        revoked = box.token
        box.ctl("cliente", "revocar", "--nombre", "antigua")
        before = written(box)
        foreign = "cc_" + "A" * 43
        refused = [None, "", "Bearer", "Bearer ", f"Basic {token}", token, f"Bearer {token}x", f"Bearer {token[:-1]}",
                   f"Bearer {foreign}", f"Bearer {revoked}", f"Bearer {token} {token}", "Bearer " + "a" * 5000]
        for value in refused:
            for path in (*GOOD, "/v1/estado"):
                headers = {} if value is None else {"Authorization": value}
                method, body = ("POST", GOOD[path]) if path in GOOD else ("GET", None)
                answer = box.request(method, path, body, token=None, headers=headers)
                check_problem(answer, 401, "unauthenticated", None, (path, value))
                assert answer.headers["WWW-Authenticate"].startswith("Bearer"), str(answer.headers)
                assert token not in answer.text and revoked not in answer.text
        check_problem(box.post(f"{ASK}?access_token={token}", GOOD[ASK], token=None), 401, "unauthenticated", None, "URL")
        for path in (ASK, ENROL):
            check_problem(box.post(path, GOOD[path], token=entrance), 403, "forbidden", None, path)
        check_problem(box.get("/v1/estado", token=entrance), 403, "forbidden", None, "estado")
        assert written(box) == before
        assert box.post(VERIFY, GOOD[VERIFY], token=entrance).json == {"resultado": "rechazado"}


def test_not_http():
    length = f"Content-Length: {len(json.dumps(GOOD[ASK]))}"
    body = json.dumps(GOOD[ASK]).encode()
    with running() as (box, sim):
        before = written(box)
        rows = [b"", b"\r\n" * 50, b"\x00" * 500, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x80" * 200,
                b"GET\r\n\r\n", b"GET /healthz\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n", b"A" * 100000, b"AT+CMGF=0\r",
                b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Y: z\r\n" * 5000 + b"\r\n",
                b"GET / HTTP/1.1\r\nHost: x\r\nX-Y: " + b"z" * 100000 + b"\r\n\r\n",
                b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                post_bytes(box, body, "Content-Length: -1"), post_bytes(box, body, "Content-Length: abc"),
                post_bytes(box, body, "Content-Length: 99999999999999999999999"),
                post_bytes(box, b"zz\r\n" + body, "Transfer-Encoding: chunked"),
                post_bytes(box, body[:-5], length)]  # hangs up before the end
        for data in rows:
            answer = converse(box, data, patience=0.05)
            if answer.startswith(b"HTTP/1.1 "):
                assert 400 <= int(answer.split()[1]) < 600, (data[:60], answer[:100])
            assert NIF.encode() not in answer
        assert written(box) == before
        assert sim.inbox() == [] and box.get("/healthz").status == 200


def test_two_lengths_never_hide_a_second_request():
    with running() as (box, _):
        hidden = post_bytes(box, b"", "Content-Length: 0", path="/v1/nada")
        for headers in (("Content-Length: 0", f"Content-Length: {len(hidden)}"),
                        (f"Content-Length: {len(hidden)}", "Content-Length: 0"),
                        ("Transfer-Encoding: chunked", f"Content-Length: {len(hidden)}")):
            answer = converse(box, post_bytes(box, hidden, *headers), patience=1)
            assert b"not_found" not in answer, (headers, answer)


def test_pipelining():
    good, bad = (json.dumps(b).encode() for b in (GOOD[ASK], but(ASK, clave="1")))
    with running() as (box, sim):
        data = b"".join(post_bytes(box, b, f"Content-Length: {len(b)}", close=False) for b in (bad, good, bad))
        data += b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        rest, statuses = converse(box, data, until=b'"ok"'), []
        while rest:
            answer = Parsed(rest)
            statuses.append(answer.status)
            rest = answer.rest
        assert statuses == [422, 202, 422, 200], statuses
        assert len(eventually(sim.inbox)) == 1


def test_a_slow_client_holds_up_nobody():
    body = json.dumps(GOOD[VERIFY]).encode()
    with running() as (box, _), contextlib.ExitStack() as stack:
        data = post_bytes(box, body, f"Content-Length: {len(body)}", path=VERIFY)
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", box.port))) for _ in range(100)]
        for i, s in enumerate(slow):
            s.sendall(data[:i * len(data) // 101])
        assert box.get("/healthz").status == 200
        slow[50].sendall(data[50 * len(data) // 101:])
        response = http.client.HTTPResponse(slow[50])
        response.begin()
        assert response.status == 200 and json.load(response) == {"resultado": "rechazado"}
