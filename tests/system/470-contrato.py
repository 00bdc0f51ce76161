# SPDX-License-Identifier: EUPL-1.2
"""The contract, web/openapi.json: what it says of each route is what the program's tables say, its examples are answered
as they say, and the program serves it."""

import copy
import json
import urllib.parse

from box import BUILD, ROOT, eventually, running
from contract import check, check_answer, contract, differences, problems, resolve, tables
from people import Person, first

def test_the_contract_says_what_the_tables_say():
    lines = differences(tables(BUILD), contract())
    assert not lines, "\n".join(lines)


def test_each_difference_is_found():
    """A route, a field, a limit, a scope, a status or a type that is in one and not in the other."""
    table = tables(BUILD)
    request = lambda doc: doc["paths"]["/v1/solicitudes"]["post"]
    fields = lambda doc: request(doc)["requestBody"]["content"]["application/json"]["schema"]
    def types(doc):
        schema = request(doc)["responses"]["503"]["content"]["application/problem+json"]["schema"]
        return schema["properties"]["type"]["enum"]
    changes = [
        lambda doc: doc["paths"].pop("/v1/limites"), lambda doc: doc["paths"].update({"/v1/nada": {"get": doc["paths"]["/v1"]["get"]}}),
        lambda doc: fields(doc)["properties"].pop("idioma"), lambda doc: fields(doc)["properties"].update(edad={"type": "string"}),
        lambda doc: fields(doc)["required"].append("idioma"), lambda doc: fields(doc)["properties"]["idioma"].update(maxLength=65),
        lambda doc: fields(doc)["properties"]["idioma"].update(type="integer"), lambda doc: fields(doc).pop("additionalProperties"),
        lambda doc: request(doc).update(security=[{"token": ["verificar"]}]), lambda doc: request(doc).update({"x-control-socket": True}),
        lambda doc: request(doc)["responses"].update({"201": request(doc)["responses"]["202"]}),
        lambda doc: request(doc)["responses"].pop("429"), lambda doc: request(doc)["responses"].pop("413"),
        lambda doc: request(doc).pop("parameters"), lambda doc: types(doc).append("phone_in_use"),
        lambda doc: types(doc).append("invented"), lambda doc: types(doc).remove("integrity_in_doubt"),
        lambda doc: doc["components"]["schemas"]["NifProblem"]["enum"].remove("nif_test"),
        lambda doc: doc["components"]["schemas"]["BodyProblem"]["enum"].append("query_format")]
    for number, change in enumerate(changes):
        doc = copy.deepcopy(contract())
        change(doc)
        assert differences(table, doc), f"change {number} was not found"


def test_the_readme_says_what_to_show_for_each_type():
    text = (ROOT / "README.md").read_text().split("## For the sede")[1].split("### ")[0]
    for path in ("/v1/solicitudes", "/v1/verificaciones"):
        named = set().union(*problems(contract(), contract()["paths"][path]["post"]).values())
        missing = {t for t in named if f"`{t}`" not in text}
        assert len(named) > 30 and not missing, (path, missing)


def requests(doc):
    """(method, path, operation, body, what the answer must be) of each example, in the order of the contract."""
    for pattern, item in doc["paths"].items():
        for method, operation in item.items():
            path = pattern
            for parameter in map(lambda p: resolve(doc, p), operation.get("parameters", ())):
                if parameter["in"] == "path":
                    path = path.replace("{%s}" % parameter["name"], urllib.parse.quote(parameter["example"]))
            success = min(s for s in operation["responses"] if s[0] == "2")
            examples = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples")
            for example in (examples or {"": {"x-answer": operation.get("x-answer", success)}}).values():
                yield method.upper(), path, operation, example.get("value"), example["x-answer"]


def ask(box, person, method, path, operation, body):
    """The request by a caller who may ask: a client, else a person, else the control socket."""
    callers = [scheme for way in operation.get("security", ({"control": []},)) for scheme in way]
    if "token" in callers:
        return box.request(method, path, body)
    if "sesion" in callers or not callers:
        return person.ask(method, path, body)
    return box.control_request(method, path, body)


def settle(box, person, request):
    """The answer once no modem is busy with what an example before it has asked."""
    answer = ask(box, person, *request)
    return answer if answer.status != 503 or answer.json["type"] not in ("busy", "modem_not_ready") else None


def test_the_examples_are_answered_as_they_say():
    alerts = 'avisos { webhook = "http://127.0.0.1:9/" webhook_secreto = "un secreto de prueba" }'
    ways = 'identidades_admitidas = "clave" altas { certificado = si identidad = si }'
    with running(modem='ussd_saldo = "*134#"', extra=f"{ways} {alerts}", limits="segundos_entre_peticiones = 1") as (box, _):
        box.client("admin", "examples")
        person, count = first(box), 0
        for method, path, operation, body, expected in requests(contract()):
            if path == "/v1/estado/eventos" or (path == "/v1/clave/cambio" and box.is_moved):  # a stream, asked below; of a file alone
                continue
            if method == "DELETE" and path == "/v1/sesion":
                person = Person(box)
                person.enter()
            answer = eventually(lambda: settle(box, person, (method, path, operation, body)))
            told = f"{answer.status} {answer.json['type']}" if answer.status >= 400 else str(answer.status)
            assert told == expected, (method, path, body, expected, answer.text)
            check_answer(method, path, answer)
            if (method, path) == ("DELETE", "/v1/sesion"):
                person.enter()
            count += 1
        assert count > 100, count
        past = "/v1/estado/eventos?desde=2020-01-01T00:00:00Z"
        list_ = eventually(lambda: (answer := person.ask("GET", past)).json["sucesos"] and answer)  # written on a tick
        check_answer("GET", "/v1/estado/eventos", list_)


def test_the_examples_of_answers_are_valid():
    doc = contract()
    seen = 0
    for item in doc["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                for media in resolve(doc, response).get("content", {}).values():
                    for example in media.get("examples", {}).values():
                        check(doc, media["schema"], example["value"])
                        seen += 1
    assert seen >= 3, seen


def test_the_program_serves_it():
    with running(enrolled=False) as (box, _):
        answer = box.get("/v1/openapi.json", token=None)
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/json", answer.headers
        assert answer.text == (ROOT / "web/openapi.json").read_text()
        known = box.get("/v1/openapi.json", token=None, headers={"If-None-Match": answer.headers["ETag"]})
        assert known.status == 304 and answer.headers["Cache-Control"] == "no-cache", known.status
        assert box.post("/v1/openapi.json", {}, token=None).status == 405


def test_the_index_names_what_the_caller_may_ask():
    with running(enrolled=False) as (box, _):
        assert box.get("/v1", token=None).status == 401
        box.client("verificar", "solo")
        index = box.get("/v1").json
        assert (index["entidad"], index["version"]) == ("Ayuntamiento de Alpedrete", contract()["info"]["version"]), index
        assert index["contrato"] == "/v1/openapi.json", index
        routes = [(r["metodo"], r["ruta"]) for r in index["rutas"]]
        assert ("POST", "/v1/verificaciones") in routes and ("GET", "/healthz") in routes, routes
        for method, path in (("POST", "/v1/solicitudes"), ("GET", "/v1/buzon"), ("GET", "/v1/sesion")):
            assert (method, path) not in routes, path
        staff = box.control_request("GET", "/v1").json["rutas"]
        assert {"metodo": "POST", "ruta": "/v1/operadores/enlace"} in staff, staff
        assert {"metodo": "POST", "ruta": "/v1/verificaciones"} not in staff, staff
        person = first(box)
        mine = person.ask("GET", "/v1").json["rutas"]
        assert {"metodo": "GET", "ruta": "/v1/sesion"} in mine and len(mine) > 40, mine
