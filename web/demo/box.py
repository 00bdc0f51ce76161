# SPDX-License-Identifier: EUPL-1.2
"""The calls of a sede to contraclaved. This file is what an integrator needs; sede.py shows what a citizen sees of it.

One class, standard library only. The contract of every call is web/openapi.json, served by the box at /v1/openapi.json.
"""

import http.client
import json
import urllib.parse
import uuid

SECRETS = ("clave", "confirmacion", "contraclave", "contraste", "codigo", "contrasena", "nueva")
TIMEOUT_S = 15


class Answer:
    """Status 0 = nothing answered. `problem` is (field, sentence for the page) or None; field "" = none of them."""

    def __init__(self, status, data, headers, words):
        self.status, self.data, self.headers = status, data, headers
        self.problem = None if 200 <= status < 300 else self._explain(words)

    def _explain(self, words):
        """Decides by the status, as README.md says: 422 and its like name the field, 403 and 409 say what to do instead."""
        kind = self.data.get("type")
        if self.status in (413, 415, 422) and "campo" in self.data or kind == "field_missing":
            return self.data["campo"], self.data["title"]
        if self.status in (403, 409) and kind != "forbidden":
            return self.data.get("campo", ""), self.data.get("detail") or self.data["title"]
        if self.status == 429:
            return "", words["wait"].replace("{s}", self.headers.get("Retry-After", "60"))
        return "", words["unavailable" if self.status in (0, 503) else "failed"]


class Box:
    """`hear(sent, answered)` is given each exchange, with the secrets blanked: two texts for a person to read."""

    def __init__(self, url, token):
        self.url, self.token = urllib.parse.urlsplit(url), token

    def call(self, method, path, words, body=None, kind="application/json", hear=lambda sent, answered: None, language="es"):
        """`body` is a dict, or bytes of that kind. The box explains a problem in the language. Without an answer a POST is repeated once with the same Idempotency-Key:
        the box gives the first answer again, and no second SMS leaves."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": language}
        if body is not None:
            headers["Content-Type"] = kind
        if method == "POST" and isinstance(body, dict):  # an upload is checked for repetition by the box itself
            headers["Idempotency-Key"] = str(uuid.uuid4())
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        for _ in range(2 if "Idempotency-Key" in headers else 1):
            status, told, answered = self._ask(method, path, data, headers)
            if status:
                break
        answer = Answer(status, told, answered, words)
        hear(blank(method, path, body, kind), f"{status or '–'} {http.client.responses.get(status, '')}\n{show(told)}".strip())
        return answer

    def _ask(self, method, path, data, headers):
        opened = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = opened(self.url.netloc, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else {}, answer.headers
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}, {}
        finally:
            connection.close()


def make_multipart(fields):
    """(body, its kind) of a form without files."""
    boundary = uuid.uuid4().hex
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    return f"{parts}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def show(data):
    return json.dumps(data, ensure_ascii=False, indent=1) if data else ""


def blank(method, path, body, kind):
    """A request as it may be shown or logged: no token, and no figure that opens anything."""
    if isinstance(body, dict):
        shown = show({name: "····" if name in SECRETS and value else value for name, value in body.items()})
    else:
        shown = "" if body is None else f"({kind.split(';')[0]}, {len(body)} bytes)"
    return f"{method} {path}\nAuthorization: Bearer …\n{shown}".strip()
