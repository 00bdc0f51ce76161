# SPDX-License-Identifier: EUPL-1.2
"""An outcome that another program's lock on the database keeps from being stored. What else a modem may do that no strict
simulator does is in tests/unit/test_house_scripted.c and test_house_long.c."""

import sqlite3
import threading

from box import SLOW, eventually, on_modem
from scripted import PDU, Modem
from town import NO_LIMITS, at_once, messages, reach, states


def box_on(modem):
    return on_modem(modem, f"plazo_envio_s = {0.5 * SLOW} plazo_aviso_s = {0.5 * SLOW}", limits=NO_LIMITS)


def locked_store(lines, pdus):
    """Another program holds the database for longer than the daemon waits, just when the outcome comes."""
    def hook(modem, command):
        if command != PDU or len(modem.pdus) > 1:
            return None
        other = sqlite3.connect(database[0], isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(1.0 * SLOW, other.close).start()
        return lines
    modem, database = Modem(hook), []
    with box_on(modem) as box:
        database.append(box.database)
        box.ask_pin()
        eventually(lambda: "la tiene ocupada" in box.program.log())
        assert states(box) == ["enviando"]
        reach(box, "enviado")
        assert len(modem.pdus) == pdus and messages(box)[0]["intentos"] == 1, (modem.pdus, messages(box))


def test_an_outcome_that_cannot_be_stored_at_once():
    at_once((locked_store, ["+CMGS: 1", "OK"], 1), (locked_store, ["+CMS ERROR: 314"], 2))
