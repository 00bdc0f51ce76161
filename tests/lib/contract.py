# SPDX-License-Identifier: EUPL-1.2
"""web/openapi.json held to the program: to its tables (differences), and to each answer that it gives (check_answer).
Of JSON Schema it knows what the contract uses; a word that it does not know fails."""

import collections
import functools
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAID = {"description", "examples", "example", "title", "maxLength"}  # says something to people, or is held to the tables
KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list,
         "null": type(None)}
BODY = {"json_syntax", "json_utf8", "json_duplicate", "field_unknown", "field_missing", "field_type", "field_integer",
        "field_boolean"}
UPLOAD = {"multipart", "multipart_type", "file_too_large", "json_utf8", "json_duplicate", "field_unknown", "field_missing"}
QUERY = {"query_format", "field_unknown", "json_duplicate"}
# What is checked before each handler: these types stand where the row of the table says so, and nowhere else.
GATE = {"unauthenticated", "forbidden", "foreign_origin", "body_too_large", "content_type_unsupported", "json_syntax",
        "query_format", "idempotency_key_format", "idempotency_reused", "multipart", "multipart_type"}
# Errors that end a start, a copy or a job of a modem: no request is answered with them.
NOT_OVER_HTTP = {
    "config_invalid", "master_key_missing", "master_key_wrong", "master_key_format", "new_master_key", "master_keys_used_up", "db_newer", "db_not_ours", "db_in_use",
    "copy_exists", "copy_broken", "copy_secret", "copy_sealed", "audit_broken", "address_in_use", "device_missing",
    "device_busy", "device_permission", "device_not_tty", "device_spec", "text_not_gsm7", "text_too_long", "centre_refused", "network_refused", "no_answer",
    "connection_lost"}


@functools.cache
def contract():
    return json.loads((ROOT / "web/openapi.json").read_text())


def tables(build):
    return json.loads(subprocess.check_output([build / "tests/test_api_routes", "--json"]))


def resolve(doc, node):
    """What a $ref names; other members of the node are laid over it."""
    while isinstance(node, dict) and "$ref" in node:
        found = functools.reduce(lambda at, name: at[name], node["$ref"].removeprefix("#/").split("/"), doc)
        node = {**found, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def types_of(doc, schema):
    """The problem types that the schema of a `type` names."""
    schema = resolve(doc, schema)
    return set(schema.get("enum", ())).union(*(types_of(doc, s) for s in schema.get("anyOf", ())))


def problems(doc, operation):
    """{status or "default": problem types}"""
    found = {}
    for status, response in operation["responses"].items():
        content = resolve(doc, response).get("content", {}).get("application/problem+json")
        if content:
            found[status] = types_of(doc, content["schema"]["properties"]["type"])
    return found


# ---- the tables ----

def has_key(row):
    """Whether an Idempotency-Key of some caller counts."""
    return row["writes"] and ("client" in row["callers"] or row["keeps_answer"])


def gate_types(row):
    """Types that a request may meet before its handler."""
    is_get, callers, types = row["method"] == "GET", set(row["callers"]), set()
    if "fields" in row:
        types |= QUERY | {"field_length"} if is_get else UPLOAD if row["upload"] else BODY | {"body_too_large", "content_type_unsupported"}
        types |= {"field_length"} if row["fields"] else set()
        types |= {"out_of_range"} if any(f["type"] == "integer" for f in row["fields"]) else set()
    if "anyone" not in callers:
        types |= {"forbidden"} if callers == {"peer"} else {"unauthenticated", "forbidden"}
        types |= set() if row["in_doubt"] or callers == {"peer"} else {"integrity_in_doubt"}
    if not is_get and callers != {"peer"}:
        types.add("foreign_origin")
    if "client" in callers:
        types.add("rate_limited")
    if has_key(row):
        types |= {"idempotency_key_format", "idempotency_reused"}
    return types


def security(row):
    if "anyone" in row["callers"]:
        return []
    ways = [{scheme: [scope]} if scope else {scheme: []}
            for caller, scheme in (("client", "token"), ("session", "sesion")) if caller in row["callers"]
            for scope in row["scopes"] or [None]]
    return (ways + [{}] if row["on_loopback"] else ways) if row["callers"] != ["peer"] else None


def shape(doc, schema):
    """A body or a query as the table of a shape says it: {name: (type, optional, limits…)}"""
    fields = {}
    for name, field in schema.get("properties", {}).items():
        field = resolve(doc, field)
        fields[name] = (field["type"], name not in schema.get("required", ()), field.get("maxLength", 0),
                        field.get("minimum", 0), field.get("maximum", 2 ** 63 - 1 if "minimum" in field else 0))
    return fields


def shape_of_row(fields):
    return {f["name"]: (f["type"], f["optional"], f["max_bytes"], f["min"], f["max"]) for f in fields or ()}


def schema_of_body(operation):
    """Of a JSON object, or of a form whose files (a list of what is no JSON) stand in no table."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", content.get("multipart/form-data", {})).get("schema", {})
    files = [name for name, field in schema.get("properties", {}).items() if "contentMediaType" in field.get("items", {})]
    return {**schema, "properties": {k: v for k, v in schema.get("properties", {}).items() if k not in files}} if files else schema


def shape_of_operation(doc, operation, is_get):
    if is_get:
        given = [resolve(doc, p) for p in operation.get("parameters", ())]
        given = [p for p in given if p["in"] == "query"]
        return shape(doc, {"properties": {p["name"]: p["schema"] for p in given},
                           "required": [p["name"] for p in given if p.get("required")]})
    body = schema_of_body(operation)
    return shape(doc, resolve(doc, body))


def media_of(row):
    """The media types of the answer; 204 has no body."""
    return set() if row["status"] == 204 else {row["type"].split(";")[0]}


def compare_row(doc, row, operation):
    """What one row and its operation say apart."""
    named = problems(doc, operation)
    types = set().union(*named.values())
    must, paths = gate_types(row), re.findall(r"{(\w+)}", row["path"])
    parameters = [resolve(doc, p) for p in operation.get("parameters", ())]
    answers = {s for s in operation["responses"] if s[0] == "2"}
    body = schema_of_body(operation)
    content = operation["responses"][min(answers)].get("content", {})
    pairs = [("callers and scopes", security(row), operation.get("security")),
             ("control socket", bool({"peer", "anyone"} & set(row["callers"])), operation.get("x-control-socket", False)),
             ("parameters of the path", paths, [p["name"] for p in parameters if p["in"] == "path"]),
             ("fields", shape_of_row(row.get("fields")), shape_of_operation(doc, operation, row["method"] == "GET")),
             ("body", "fields" in row and row["method"] != "GET", resolve(doc, body).get("additionalProperties") is False),
             ("status", {str(row["status"])}, answers),
             ("media type", media_of(row) - content.keys(), set()), ("an answer", media_of(row) == set(), not content),
             ("Idempotency-Key", has_key(row),
              "Idempotency-Key" in [p["name"] for p in parameters]),
             ("types of the gate", must - types, set()), ("types of no gate", types & GATE - must, set())]
    return [f"{row['method']} {row['path']}: {what}: {code} in the code, {said} in the contract"
            for what, code, said in pairs if code != said]


def differences(table, doc):
    """What is in the tables of the program and not in the contract, or the other way round, a line each."""
    rows = {(row["method"].lower(), row["path"]): row for row in table["routes"]}
    said = {(method, path): operation for path, item in doc["paths"].items() for method, operation in item.items()}
    lines = [f"{method} {path}: only in the {'code' if (method, path) in rows else 'contract'}"
             for method, path in sorted(rows.keys() ^ said.keys())]
    statuses = {p["type"]: str(p["status"]) for p in table["problems"]}
    seen = types_of(doc, doc["components"]["schemas"]["ImportFault"]["properties"]["type"])
    for key in rows.keys() & said.keys():
        lines += compare_row(doc, rows[key], said[key])
        for status, types in problems(doc, said[key]).items():
            seen |= types
            lines += [f"{key}: {t} is answered with {statuses.get(t)}, not {status}" for t in types
                      if status not in ("default", statuses.get(t)) or t not in statuses]
    lines += [f"problem type {t}: only in the {'contract' if t in seen else 'code'}"
              for t in sorted(seen ^ (statuses.keys() - NOT_OVER_HTTP))]
    return lines


# ---- the answers ----

def check(doc, schema, value, where="$"):
    """Fails where a value is not what its schema says; a member that the schema does not name is wrong too."""
    schema = resolve(doc, schema)
    unknown = schema.keys() - SAID - {"type", "enum", "const", "pattern", "required", "properties", "items", "anyOf", "oneOf",
                                      "additionalProperties"}
    assert not unknown, (where, unknown)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    assert not kinds or any(isinstance(value, KINDS[k]) and (k == "boolean" or not isinstance(value, bool)) for k in kinds), \
        f"{where}: {value!r} is no {kinds}"
    assert value in schema.get("enum", [value]) and value == schema.get("const", value), f"{where}: {value!r}: {schema}"
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{where}: {value!r}"
    ways = schema.get("anyOf", schema.get("oneOf", ()))
    assert not ways or any(is_valid(doc, way, value) for way in ways), f"{where}: {value!r} is none of {ways}"
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= value.keys() <= schema["properties"].keys(), \
            f"{where}: {sorted(value.keys() ^ schema['properties'].keys())}"
        for name, member in value.items():
            check(doc, schema["properties"][name], member, f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            check(doc, schema["items"], item, f"{where}[{i}]")


def is_valid(doc, schema, value):
    try:
        check(doc, schema, value)
    except AssertionError:
        return False
    return True


@functools.lru_cache(1000)
def find_operation(method, path):
    """The operation of a request, by the literal path first; None: there is none."""
    method = {"HEAD": "get"}.get(method, method.lower())
    for pattern, item in sorted(contract()["paths"].items(), key=lambda pair: "{" in pair[0]):
        if method in item and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path):
            return item[method]
    return None


LOOKED_AT = collections.Counter()  # a test that waits asks the same again and again: the first answers are looked at


def check_answer(method, target, answer):
    """Fails for a status, a problem type or a member that the contract does not have for this request."""
    path = target.split("?")[0]
    doc, operation = contract(), find_operation(method, path)
    if operation is None or answer.status == 304:
        return
    where, media = f"{method} {path} {answer.status}", (answer.headers.get("Content-Type") or "").split(";")[0]
    if media == "application/problem+json":
        named = problems(doc, operation)
        assert answer.json["type"] in named.get(str(answer.status), set()) | named["default"], \
            f"{where}: {answer.json['type']} is not in web/openapi.json"
        check(doc, doc["components"]["schemas"]["Problem"], answer.json, where)
        if "Idempotency-Replayed" not in answer.headers:  # a kept answer is in the language of the first time
            check(doc, doc["components"]["headers"]["ContentLanguage"]["schema"], answer.headers["Content-Language"], where)
        return
    if answer.status >= 400:  # libmicrohttpd's own answer, in HTML
        return
    assert str(answer.status) in operation["responses"], f"{where} is not in web/openapi.json"
    content = operation["responses"][str(answer.status)].get("content", {"": {}})
    assert media in content, f"{where}: {media} is not in web/openapi.json"
    LOOKED_AT[where] += 1
    if answer.json is not None and LOOKED_AT[where] <= 20:
        check(doc, content[media]["schema"], answer.json, where)
