#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Cliente de la sede para contraclaved, solo con la biblioteca estándar.

    CONTRACLAVE_TOKEN=... sede.py pedir  NIF CLAVE [CONTRASTE]
    CONTRACLAVE_TOKEN=... sede.py entrar NIF CLAVE CONTRACLAVE [CONTRASTE]

Escribe lo que se muestra a la persona. Sale con 0 si ha ido bien, 1 si la persona debe corregir algo y 2 si falla el servicio.
"""

import contextlib
import json
import os
import sys
import urllib.error
import urllib.request
import uuid

# Una dirección, o dos separadas por un espacio si hay dos equipos: cualquiera contesta lo mismo.
URLS = os.environ.get("CONTRACLAVE_URL", "http://127.0.0.1:8024").split()
NO_DISPONIBLE = "El servicio de PIN no está disponible en este momento. Inténtelo más tarde."


def llamar(ruta, datos):
    """(estado, respuesta, cabeceras). Sin respuesta, o con un 503, se pide a la otra dirección, o a la misma si solo hay una, con
    la misma Idempotency-Key: no saldrá otro SMS. Lo que no es JSON no es del equipo, sino de un proxy que no llega a él."""
    cabeceras = {"Authorization": "Bearer " + os.environ["CONTRACLAVE_TOKEN"], "Content-Type": "application/json",
                 "Idempotency-Key": str(uuid.uuid4())}
    if "REMOTE_ADDR" in os.environ:  # la dirección de la persona, no la de la sede
        datos["ip_usuario"] = os.environ["REMOTE_ADDR"]
    contestado = 503, {"type": "sin respuesta"}, {}
    for url in URLS if len(URLS) > 1 else 2 * URLS:
        try:
            peticion = urllib.request.Request(url + ruta, json.dumps(datos).encode(), cabeceras)
            with urllib.request.urlopen(peticion, timeout=15) as respuesta:
                return respuesta.status, json.load(respuesta), respuesta.headers
        except urllib.error.HTTPError as error:
            with contextlib.suppress(OSError, ValueError):
                contestado = error.code, json.load(error), error.headers
                if error.code != 503:
                    break
        except (OSError, ValueError):
            pass
    return contestado


def problema(estado, respuesta, cabeceras):
    """Lo que se muestra cuando no ha ido bien. Se decide por el estado; el registro de la sede guarda el tipo, nunca los datos."""
    if estado == 422:
        return 1, f"{respuesta.get('campo', '')}: {respuesta['title']}"
    if estado == 429:
        return 1, f"Demasiados intentos desde su conexión. Espere {cabeceras['Retry-After']} segundos."
    if respuesta.get("type") == "method_closed":
        return 1, respuesta["detail"]
    print("contraclaved:", estado, respuesta.get("type"), file=sys.stderr)
    return 2, NO_DISPONIBLE if estado == 503 else "No se ha podido atender su petición. Inténtelo más tarde."


def pedir(nif, clave, contraste=""):
    estado, respuesta, cabeceras = llamar("/v1/solicitudes", {"nif": nif, "clave": clave, "contraste": contraste})
    if estado != 202:
        return problema(estado, respuesta, cabeceras)
    dia, hora = respuesta["caduca_local"][:16].split("T")
    dia = "/".join(reversed(dia.split("-")))
    texto = f"Si está de alta, recibirá un SMS en su móvil. Vale hasta el {dia}, {hora} h."
    if respuesta["pide_contraste"]:
        texto += " Escriba también la fecha de validez de su DNI o el número de soporte de su NIE."
    return 0, texto


def entrar(nif, clave, contraclave, contraste=""):
    datos = {"nif": nif, "clave": clave, "contraclave": contraclave, "contraste": contraste}
    estado, respuesta, cabeceras = llamar("/v1/verificaciones", datos)
    if estado != 200:
        return problema(estado, respuesta, cabeceras)
    if respuesta["resultado"] != "correcto":  # por lo que sea: no se dice por qué
        return 1, "NIF, clave o contraclave no son correctos. Puede pedir otro PIN."
    return 0, "Ha entrado " + " ".join(filter(None, (respuesta[n] for n in ("nombre", "apellido1", "apellido2")))) + "."


if __name__ == "__main__":
    if len(sys.argv) < {"pedir": 4, "entrar": 5}.get(sys.argv[1] if sys.argv[1:] else "", 99) or not os.environ.get("CONTRACLAVE_TOKEN"):
        print(__doc__, file=sys.stderr)
        sys.exit(64)
    codigo, texto = {"pedir": pedir, "entrar": entrar}[sys.argv[1]](*sys.argv[2:])
    print(texto)
    sys.exit(codigo)
