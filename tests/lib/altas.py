# SPDX-License-Identifier: EUPL-1.2
"""Online altas: the form with its copies as a sede sends it, the code of the mobile, the clerk's desk."""

import contextlib
import re

from box import NIF, PHONE, UnixConnection, eventually, running

FORM = "altas { formulario = si }"
PDF, JPEG, PNG = b"%PDF-1.7\nuna copia\n", b"\xff\xd8\xff\xe0copia", b"\x89PNG\r\n\x1a\ncopia"
BOUNDARY = "----frontera"
MIB = 1 << 20


def part(name, value, filename=None, kind="application/octet-stream", extra=""):
    file = f'; filename="{filename}"\r\nContent-Type: {kind}' if filename else ""
    value = value if isinstance(value, bytes) else value.encode()
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}{extra}\r\n\r\n'.encode() + value + b"\r\n"


def body_of(parts, end=True):
    return b"".join(parts) + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


def fields(**more):
    given = {"nif": NIF, "nombre": "Ana", "apellido1": "Gil", "movil": PHONE} | more
    return [part(name, value) for name, value in given.items() if value is not None]


def copy(content=PDF, filename="dni.pdf"):
    return part("documento", content, filename)


def send(box, body, headers=None, **more):
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"} | (headers or {})
    return box.request("POST", "/v1/altas", raw=body, headers=kind, **more)


def apply(box, *copies, **more):
    return send(box, body_of(fields(**more) + list(copies or [copy()])))


def applied(box, *copies, **more):
    answer = apply(box, *copies, **more)
    assert answer.status == 201, answer.text
    return answer.json["id"]


def sms(sim, count):
    return eventually(lambda: len(sim.inbox()) >= count and sim.inbox())[count - 1]["text"]


def validation_code(text):
    found = re.findall(r"\b\d{6}\b", text)
    assert len(found) == 1, text
    return found[0]


def codes(sim):
    """The codes that have arrived, among whatever else has."""
    return [code for m in sim.inbox() for code in re.findall(r"\b\d{6}\b", m["text"])]


def prove(box, alta, code):
    return box.post(f"/v1/altas/{alta}/telefono", {"codigo": code})


def proven(box, sim, *copies, **more):
    """An alta that waits for a clerk."""
    before = len(codes(sim))
    alta = applied(box, *copies, **more)
    answer = prove(box, alta, eventually(lambda: codes(sim)[before:])[0])
    assert (answer.status, answer.json) == (200, {"id": alta, "estado": "pendiente"}), answer.text
    return alta


def look(box, alta):
    return box.control_request("GET", f"/v1/registro/altas/{alta}")


def desk(box, alta, act, **body):
    return box.control_request("POST", f"/v1/registro/altas/{alta}/{act}", body)


def files(box):
    return sorted(p.name for p in (box.folder / "documentos").iterdir())


def form(**more):
    return running(enrolled=False, **{"extra": FORM, "limits": "sms_movil_dia = 0", **more})


def ready(box):
    box.client("alta,solicitar,verificar", "portal")
    return box


def raw_get(box, path):
    with contextlib.closing(UnixConnection(box.control)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def children(box):
    """Of the daemon, such as the one that writes a copy, or looks into a folder."""
    pid = box.program.process.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return f.read().split()
