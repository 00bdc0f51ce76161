#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Comprueba evidencias de contraclaved, una por línea, con python3-cryptography y la clave pública que dio
«contraclavectl evidencia clave»:   evidencia.py EVIDENCIAS CLAVE.pem"""

import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def canonical(value):
    """RFC 8785; estos objetos no tienen decimales, y sus claves son ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def is_authentic(raw, key):
    try:
        document = json.loads(raw)
        is_whole = canonical(document) == raw
        signature = document.pop("firma")
        key.verify(bytes.fromhex(signature), canonical(document))
        return is_whole and bytes.fromhex(signature).hex() == signature
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature):
        return False


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as documents, open(sys.argv[2], "rb") as pem:
        KEY = load_pem_public_key(pem.read())
        GOOD = [is_authentic(line.removesuffix(b"\n"), KEY) for line in documents]
    print(*("auténtica" if good else "NO VALE" for good in GOOD), sep="\n")
    sys.exit(0 if GOOD and all(GOOD) else 1)
