# SPDX-License-Identifier: EUPL-1.2
"""What binds a client of the API: the networks that it calls from, its end, its tokens while they are changed, and that the
box knows when it called last."""

import contextlib
import http.client
import json
import re
import time

from box import ROOT, eventually, running

DAY_MS = 86400 * 1000


def test_every_scope_is_named():
    """In the sentence of an unknown one, in each language, and in what contraclavectl and its manual say of --ambitos."""
    known = re.findall(r'\{"([a-z]+)", SCOPE_', (ROOT / "src/domain/scopes.c").read_text())
    assert len(known) >= 15, known
    texts = [re.search(r"(?m)^scope_unknown = (.*)$", path.read_text())[1] for path in sorted((ROOT / "web/problems").glob("*.txt"))]
    texts += [line for line in (ROOT / "conf/man/contraclavectl.1").read_text().splitlines() if "solicitar, verificar" in line]
    texts += [(ROOT / "src/app/ctl.c").read_text().partition("Ámbitos: ")[2].partition("(todos)")[0]]
    assert len(texts) == 8, texts
    for text in texts:
        assert not [name for name in known if not re.search(rf"\b{name}\b", text)], text


def status(box, token, source=None):
    headers = {"X-Forwarded-For": source} if source else None
    answer = box.request("GET", "/v1/estado", token=token, headers=headers)
    return answer.status if answer.status == 200 else (answer.status, answer.json["type"])


def status_by_lines(connection, token, sources):
    connection.putrequest("GET", "/v1/estado")
    connection.putheader("Authorization", f"Bearer {token}")
    for source in sources:
        connection.putheader("X-Forwarded-For", source)
    connection.endheaders()
    answer = connection.getresponse()
    told = json.loads(answer.read())
    return answer.status if answer.status == 200 else (answer.status, told["type"])


def row(box, name="sede"):
    return next(c for c in box.control_request("GET", "/v1/clientes").json["clientes"] if c["nombre"] == name and not c["revocado"])


def audited(box):
    return [event for (event,) in box.rows("SELECT event FROM audit WHERE event LIKE 'cliente_%' ORDER BY id")]


def make(box, name, **more):
    answer = box.control_request("POST", "/v1/clientes", {"nombre": name, "ambitos": "tecnico"} | more)
    assert answer.status == 201, answer.text
    return answer.json["token"]


def test_only_from_its_networks():
    with running(enrolled=False, extra_http='proxy_de_confianza = "127.0.0.1"') as (box, _):
        token = make(box, "quiosco", redes="192.0.2.0/24, 2001:db8::/32")
        refused = (401, "client_network")
        assert row(box, "quiosco")["redes"] == "192.0.2.0/24, 2001:db8::/32"
        for source, expected in (("192.0.2.9", 200), ("2001:db8:7::1", 200), ("192.0.3.1", refused), ("2001:db9::1", refused),
                                 ("192.0.2.9, 203.0.113.5", refused), (None, refused)):
            assert status(box, token, source) == expected, source
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", box.port)) as kept:  # each request has its own address
            for lines, expected in ((("203.0.113.5", "192.0.2.9"), 200), (("192.0.2.9", "203.0.113.5"), refused), (("192.0.2.9",), 200)):
                assert status_by_lines(kept, token, lines) == expected, "HAProxy adds a line behind what a stranger sent"
        assert status(box, token + "x", "203.0.113.5") == (401, "unauthenticated"), "only the token's bearer is told why"
        answer = box.request("GET", "/v1/estado", token=token)
        assert answer.headers["WWW-Authenticate"] == "Bearer", answer.headers
        assert box.program.log().count("no es de sus redes") == 1, "a flood writes one line a minute"
        box.ctl("cliente", "cambia", "--nombre", "quiosco", "--redes", "127.0.0.0/8")
        assert status(box, token) == 200 and status(box, token, "192.0.2.9") == refused
        assert box.request("PATCH", "/v1/clientes/quiosco", {"redes": ""}, token=token).status == 403, "not by itself"
        box.ctl("cliente", "cambia", "--nombre", "quiosco", "--redes", "")
        assert status(box, token, "203.0.113.5") == 200
        assert row(box, "quiosco")["ultimo_uso"] and audited(box)[-2:] == ["cliente_cambiar"] * 2


def test_narrowed_while_a_request_comes_in():
    with running(enrolled=False) as (box, _):
        body = json.dumps({"nif": "12345678Z", "clave": "4821"}).encode()
        for name, narrowed, status in (("cerca", "127.0.0.1, 192.0.2.0/24", 202), ("lejos", "192.0.2.0/24", 401)):
            token = make(box, name, ambitos="solicitar", redes="127.0.0.0/8")
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", box.port)) as connection:
                connection.putrequest("POST", "/v1/solicitudes")
                for header, value in (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"), ("Content-Length", len(body))):
                    connection.putheader(header, value)
                connection.endheaders(body[:10])
                eventually(lambda: row(box, name)["ultimo_uso"])  # noqa: B023: its headers were looked at
                box.ctl("cliente", "cambia", "--nombre", name, "--redes", narrowed)
                connection.send(body[10:])
                answer = connection.getresponse()
                told = json.loads(answer.read())
            assert answer.status == status and told.get("type", "client_network") == "client_network", (narrowed, told)


def test_its_end_may_be_moved():
    with running(enrolled=False, clock=True) as (box, _):
        token = make(box, "breve", caduca="2099-01-01T00:00:00Z")
        box.ctl("cliente", "cambia", "--nombre", "breve", "--caduca", "2090-01-01T00:00:00Z")
        assert row(box, "breve")["caduca"] == "2090-01-01T00:00:00Z"
        box.ctl("cliente", "cambia", "--nombre", "breve", "--redes", "127.0.0.1")
        assert row(box, "breve")["caduca"] == "2090-01-01T00:00:00Z", "what is not given stays"
        box.ctl("cliente", "cambia", "--nombre", "breve", "--caduca", "")
        assert row(box, "breve")["caduca"] is None and status(box, token) == 200
        assert "(nombre)" in box.ctl("cliente", "cambia", "--nombre", "nadie", "--redes", "", check=False).stderr


def causes(box):
    verdict = box.status()["veredicto"]
    return {verdict["causa"], *(row["causa"] for row in verdict["otras"])}


def test_its_end_is_told_before():
    with running(enrolled=False, clock=True) as (box, _):
        after = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
        make(box, "pronto", caduca=after(20))
        make(box, "revocado", caduca=after(20))
        box.ctl("cliente", "revocar", "--nombre", "revocado")
        for days, found, soon in ((0, None, False), (7, "cliente", True), (21, "cliente_caducado", True), (35, None, True)):
            box.set_clock(days * DAY_MS)
            eventually(lambda: causes(box) & {"cliente", "cliente_caducado"} == ({found} - {None}))  # noqa: B023
            assert row(box, "pronto")["caduca_pronto"] == soon, days
            assert not row(box)["caduca_pronto"], "it has no end"
            metric = 'contraclaved_finding{cause="%s"' % found
            assert (metric in box.get("/metrics").text) == (found is not None), box.get("/metrics").text
        lines = box.ctl("cliente", "lista").stdout.splitlines()
        at = lines[0].index("CADUCA PRONTO")
        assert {line.split()[1]: line[at:at + 2] for line in lines[1:] if line[:1].isdigit()} == {"sede": "no", "pronto": "sí", "revocado": "no"}, lines


def test_two_tokens_for_a_day():
    with running(enrolled=False, clock=True) as (box, _):
        first = box.token
        assert status(box, first) == 200
        answer = box.control_request("POST", "/v1/clientes/sede/token", {})
        second = answer.json["token"]
        assert answer.status == 201 and answer.json["token_anterior_hasta"] and not row(box)["token_nuevo_usado"]
        third = box.ctl("cliente", "rota", "--nombre", "sede").stdout.splitlines()[1]
        assert [status(box, t) for t in (first, second, third)] == [200, (401, "unauthenticated"), 200], \
            "the second was lost before anybody used it"
        box.stop()
        box.start()
        seen = row(box)
        assert seen["token_nuevo_usado"] and seen["token_anterior_hasta"], seen
        box.set_clock(DAY_MS + 60000)
        assert status(box, first) == (401, "unauthenticated") and status(box, third) == 200
        assert row(box)["token_anterior_hasta"] is None
        fourth = box.control_request("POST", "/v1/clientes/sede/token", {}).json["token"]
        assert [status(box, t) for t in (third, fourth)] == [200, 200]
        fifth = box.ctl("cliente", "rota", "--nombre", "sede", "--ya").stdout.splitlines()[1]
        assert [status(box, t)[0] for t in (first, third, fourth)] == [401] * 3 and status(box, fifth) == 200
        assert audited(box)[-4:] == ["cliente_rotar"] * 4


def test_the_last_use_is_known():
    with running(enrolled=False, clock=True) as (box, _):
        token = make(box, "mudo")
        assert row(box, "mudo")["ultimo_uso"] is None
        assert status(box, token) == 200
        first = row(box, "mudo")["ultimo_uso"]
        assert first
        box.set_clock(5 * 60000)
        assert status(box, token) == 200 and row(box, "mudo")["ultimo_uso"] == first, "not each call is a write"
        box.set_clock(11 * 60000)
        assert status(box, token) == 200, status(box, token)
        assert row(box, "mudo")["ultimo_uso"] > first, row(box, "mudo")


def test_the_readme_has_each_scope():
    names = re.findall(r'^    \{"(\w+)", SCOPE_', (ROOT / "src/domain/scopes.c").read_text(), re.M)
    table = (ROOT / "README.md").read_text().partition("| scope | lets | for |")[2].partition("\n\n")[0]
    assert len(names) > 10 and sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == sorted(names)
