# SPDX-License-Identifier: EUPL-1.2
"""Files of people, and how an import of them goes."""

from box import eventually
from town import LETTERS

PATH = "/v1/registro/importacion"
BOUNDARY = "----importacion"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def nif(number):
    return f"{number:08}{LETTERS[number % 23]}"


def csv_of(count, first=30000000):
    """A file of so many people, each with a phone of its own."""
    lines = [f"{nif(first + i)};Ana María;García;López;6{first % 90 + 10}{i:06};31/12/2030;ca;INST-{i}" for i in range(count)]
    return "\n".join(["nif;nombre;apellido1;apellido2;movil;contraste;idioma;instancia", *lines]).encode()


def form_of(content, field="fichero"):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="gente.csv"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(box, content, field="fichero"):
    return box.control_request("POST", PATH, form_of(content, field), FORM)


def shown(box):
    return box.control_request("GET", PATH).json


def reached(box, *states):
    return eventually(lambda: (told := shown(box))["estado"] in states and told)


def read(box, content):
    """What was found in the file."""
    answer = upload(box, content)
    assert answer.status == 202, answer.text
    return reached(box, "leida")


def order(box, told):
    return box.control_request("POST", PATH + "/aplicacion", {"id": told["id"]})


def imported(box, content):
    told = read(box, content)
    assert told["errores"] == [], told
    assert order(box, told).status == 202
    return reached(box, "hecha")
