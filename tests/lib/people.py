# SPDX-License-Identifier: EUPL-1.2
"""People who log in, as their browsers do."""

import re

from box import eventually, running

PASSWORD = "caballo pila grapa"
OURS = {"X-Contraclaved": "1"}


class Person:
    """A browser: one cookie, and the headers that our pages send."""

    def __init__(self, box):
        self.box, self.cookie = box, None

    def ask(self, method, path, body=None, headers=None):
        sent = {"Origin": f"http://127.0.0.1:{self.box.port}", **OURS} if headers is None else dict(headers)
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        return self.box.request(method, path, body, token=None, headers=sent)

    def enter(self, name="begoña", password=PASSWORD, **more):
        answer = self.ask("POST", "/v1/sesion", {"nombre": name, "contrasena": password, **more})
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer


def link_token(box):
    found = eventually(lambda: re.findall(r"/acceso#([a-z]{24})\b", box.program.log()))
    return found[-1]


def first(box, name="Begoña"):
    person = Person(box)
    answer = person.ask("POST", "/v1/operadores/inicial", {"token": link_token(box), "nombre": name, "contrasena": PASSWORD})
    assert answer.status == 201, answer.text
    assert person.enter(name).status == 200
    return person


def create(box, name, role):
    """As «contraclavectl operador crear» does, which waits less than a busy machine may need for a password."""
    answer = box.control_request("POST", "/v1/operadores", {"nombre": name, "rol": role, "contrasena": PASSWORD})
    assert answer.status == 201, answer.text


def add(box, name, role):
    create(box, name, role)
    person = Person(box)
    assert person.enter(name).status == 200
    return person


def on_box(test, **more):
    with running(enrolled=False, **more) as (box, _):
        test(box)
