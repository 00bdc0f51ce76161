# SPDX-License-Identifier: EUPL-1.2
"""What each form of the sede does with what the person sent, and with the answer of the box."""

import re

from box import make_multipart
from sessions import Session

RETO = ("reto", "reto_trabajo", "reto_respuesta")
OVER = ("challenge_invalid", "challenge_expired", "challenge_used", "challenge_wrong")  # another reto is needed

# ---- what each form does: it sets the next screen and returns None, or returns the problem: (field, sentence) ----

def ask_pin(page, sent):
    answer = page.call("/v1/solicitudes", {**sent, "idioma": page.language, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    day, hour = answer.data["caduca_local"][:16].split("T")
    page.session.request = answer.data["id"]
    page.session.said = page.words["asked"].replace("{day}", "/".join(reversed(day.split("-")))).replace("{hour}", hour)
    if answer.data["pide_contraste"]:
        page.session.said += " " + page.words["asks_contrast"]
    page.next = "/tengo"


def enter(page, sent):
    answer = page.call("/v1/verificaciones", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] != "correcto":  # one text, whatever the cause
        return "", page.words["refused"]
    let_in(page, answer.data)


def let_in(page, person):
    page.begin_session(Session(nif=person["nif"], person=person, talk=page.session.talk))
    page.next = "/dentro"


def try_secret(page, body, refusal, code_path):
    """Lets in who has the right one, at once or after a code that is typed at that path."""
    answer = page.call("/v1/accesos", {**body, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] == "rechazado":
        return "", page.words[refusal]
    if answer.data["resultado"] == "correcto":
        return let_in(page, answer.data)
    page.session.entry, page.session.said, page.next = answer.data["id"], page.words["code_sent"], code_path


def enter_by_password(page, sent):
    """With the password's code by SMS, or without: what the town admits decides."""
    told = page.demo.box.call("GET", "/v1/metodos", page.words, language=page.language)
    admitted = [one["metodo"] for one in told.data.get("metodos", [])] if not told.problem else []
    method = "contrasena" if "contrasena" in admitted and "contrasena_sms" not in admitted else "contrasena_sms"
    return try_secret(page, {**sent, "metodo": method}, "refused_password", "/contrasena/codigo")


def enter_by_key(page, sent):
    """The clave that the town has mailed, to be changed at its first use; then the secret that took its place."""
    contrast = {"contraste": sent["contraste"]} if "contraste" in sent else {}
    body = {"nif": sent["nif"], "contrasena": sent["clave_ayto"], "metodo": "clave_ayto", **contrast}
    return try_secret(page, body, "refused_key", "/clave/cambio")


def prove_entry(page, sent):
    answer = page.call(f"/v1/accesos/{page.session.entry}/codigo", {"nif": page.session.nif, **sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] != "correcto":
        return "", page.words["refused_code"]
    let_in(page, answer.data)


def recover_password(page, sent):
    answer = page.call("/v1/accesos/recuperacion", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    page.session.entry, page.session.said, page.next = answer.data["id"], page.words["recovery_sent"], "/contrasena/codigo"


def recover_key(page, sent):
    problem = recover_password(page, {**sent, "metodo": "clave_ayto"})
    page.next = "/clave/cambio"
    return problem


def prove_email(page, sent):
    """The link of a mail: a button, so that what only looks at links does not use it up."""
    answer = page.call("/v1/correos/prueba", sent)
    if answer.problem:
        return "", answer.problem[1]
    page.session.said = page.words["email_proven"]


def choose_password(page, sent):
    answer = page.call("/v1/contrasenas", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] == "rechazado":
        return "", page.words["refused"]
    page.session.said, page.next = page.words["chosen"], "/contrasena"


def resend(page, _):
    page.next = "/tengo"
    if page.session.request is None:
        return None
    answer = page.call(f"/v1/solicitudes/{page.session.request}/reenvio", {"ip_usuario": page.client_address[0]})
    if answer.status in (404, 409):
        return "", page.words["over"]
    page.session.said = page.words["resent"]
    return answer.problem


def renounce(page, sent):
    answer = page.call("/v1/renuncias", {**sent, "ip_usuario": page.client_address[0]})
    if answer.problem:
        return answer.problem
    if answer.data["resultado"] != "correcto":
        return "", page.words["refused"]
    page.begin_session(Session(said=page.words["renounced"], talk=page.session.talk))


def apply_online(page, _):
    """The browser's own multipart body goes on to the box as it came, with the person's address put before it."""
    kind = page.headers["Content-Type"] or ""
    boundary = re.search(r'^multipart/form-data;.*boundary="?([^";]+)', kind)
    if not boundary:
        return "", page.words["failed"]
    address = f'--{boundary[1]}\r\nContent-Disposition: form-data; name="ip_usuario"\r\n\r\n{page.client_address[0]}\r\n'
    answer = page.call("/v1/altas", address.encode() + page.body, kind)
    if answer.problem:
        return answer.problem
    wait_for_code(page, answer, "waiting")


def apply_for_key(page, sent):
    """Seeds 003 and 004: as above, and the clave comes by mail when staff have verified the person."""
    if not sent.get("correo"):
        return "correo", page.words["needs_email"]
    problem = apply_online(page, sent)
    page.session.waiting = "waiting_key"
    return problem


def register(page, sent):
    """Seed 002: with a password, and the solved reto where the town asks for one. Staff see the document in person."""
    body = {name: value for name, value in sent.items() if page.session.reto or name not in RETO}
    answer = page.call("/v1/altas", *make_multipart({**body, "idioma": page.language, "ip_usuario": page.client_address[0]}))
    if answer.data.get("type") in OVER:
        page.session.reto = None
    if answer.problem:
        return answer.problem
    page.session.reto = None
    wait_for_code(page, answer, "waiting_password")


def wait_for_code(page, answer, waiting):
    page.session.application, page.session.said, page.next = answer.data["id"], page.words["applied"], "/alta/codigo"
    page.session.waiting = waiting


def prove_phone(page, sent):
    answer = page.call(f"/v1/altas/{page.session.application}/telefono", sent)
    if answer.status == 404:
        return "", page.words["application_over"]
    page.session.said = page.words[page.session.waiting]
    return answer.problem


def use_certificate(page, sent):
    """The TLS handshake has proven that the browser holds the key of the certificate; the box proves the rest."""
    if page.certificate is None:
        return "", page.words["no_certificate"]
    path, body = {"alta": ("/v1/altas/certificado", {**sent, "idioma": page.language}), "movil": ("/v1/altas/certificado/movil", sent),
                  "renuncia": ("/v1/renuncias/certificado", {})}[page.act]
    answer = page.call(path, {"certificado": page.certificate, **body})
    if answer.status == 404:
        return "", page.words["not_enrolled"]
    page.session.said, page.next = page.words["done_" + page.act], "/certificado"
    return answer.problem


def leave(page, _):
    page.begin_session(Session())


# path: the fields, an act for each button, what it does
FORMS = {
    "/quiero": (("nif", "clave", "confirmacion", "contraste"), ("solicitar",), ask_pin),
    "/tengo": (("nif", "clave", "contraclave", "contraste"), ("entrar",), enter),
    "/renuncia": (("nif", "clave", "contraclave"), ("renunciar",), renounce),
    "/alta": (("nif", "nombre", "apellido1", "apellido2", "movil", "contraste", "documento"), ("enviar",), apply_online),
    "/usuario": (("nif", "nombre", "apellido1", "apellido2", "movil", "correo", "documento"), ("enviar",), apply_for_key),
    "/registro": (("nif", "nombre", "apellido1", "apellido2", "movil", "contraste", "contrasena", "reto", "reto_trabajo", "reto_respuesta"),
                  ("registrar",), register),
    "/alta/codigo": (("codigo",), ("confirmar",), prove_phone),
    "/contrasena": (("nif", "contrasena", "contraste"), ("entrar",), enter_by_password),
    "/contrasena/codigo": (("codigo", "nueva"), ("entrar",), prove_entry),
    "/contrasena/olvido": (("nif", "contraste"), ("recuperar",), recover_password),
    "/contrasena/alta": (("nif", "clave", "contraclave", "contrasena"), ("elegir",), choose_password),
    "/clave": (("nif", "clave_ayto", "contraste"), ("entrar",), enter_by_key),
    "/clave/cambio": (("codigo", "nueva"), ("cambiar",), prove_entry),
    "/clave/olvido": (("nif", "contraste"), ("recuperar",), recover_key),
    "/correo": (("prueba",), ("confirmar",), prove_email),
    "/certificado": (("movil",), ("alta", "movil", "renuncia"), use_certificate),
    "/reenvio": ((), (), resend),
    "/salir": ((), (), leave),
}
SCREENS = {"/", "/dentro"} | {path for path, (fields, _, _) in FORMS.items() if fields}
OPTIONAL = ("contraste", "apellido2", "nueva")
LIVE = ("/alta", "/usuario", "/registro")  # sent by registro.js: an error loses nothing, neither a file nor a password
