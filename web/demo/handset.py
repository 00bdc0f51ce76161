# SPDX-License-Identifier: EUPL-1.2
"""The simulated handset beside the sede: what simmodem has delivered, read from its control socket. A real sede has none."""

import json
import socket

SHOWN = 8


def read_messages(path):
    """The last texts on the screens of all simulated handsets, newest last: [{"number", "text"}]."""
    try:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(2)
            control.connect(path)
            control.sendall(b'{"cmd":"inbox"}\n')
            told = control.makefile().readline()
        return [{"number": m["number"], "text": m["text"]} for m in json.loads(told)["texts"][-SHOWN:]]
    except (OSError, ValueError, KeyError):
        return []


def is_simulated(status):
    """Whether every modem of GET /v1/estado is a simmodem."""
    return bool(status.get("modems")) and all(modem.get("modelo") == "SIMMODEM" for modem in status["modems"])
