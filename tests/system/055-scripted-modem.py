# SPDX-License-Identifier: EUPL-1.2
"""An outcome that another program's lock on the database keeps from being stored. What else a modem may do that no strict
simulator does is in tests/unit/test_house_scripted.c and test_house_long.c."""

import sqlite3

from box import eventually, needs_file, on_modem
from scripted import PDU, Modem
from town import NO_LIMITS, at_once, messages, reach, states


def locked_store(lines, pdus):
    """Another program holds the database for longer than the daemon waits, just when the outcome comes."""
    def hook(modem, command):
        if command != PDU or len(modem.pdus) > 1:
            return None
        other = sqlite3.connect(box.database, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        holders.append(other)
        return lines
    modem, holders = Modem(hook), []
    with on_modem(modem, limits=NO_LIMITS) as box:
        box.ask_pin()
        eventually(lambda: "la tiene ocupada" in box.program.log())
        assert states(box) == ["enviando"]
        holders[0].close()
        reach(box, "enviado", seconds=30)
        assert len(modem.pdus) == pdus and messages(box)[0]["intentos"] == 1, (modem.pdus, messages(box))


def test_an_outcome_that_cannot_be_stored_at_once():
    needs_file()
    at_once((locked_store, ["+CMGS: 1", "OK"], 1), (locked_store, ["+CMS ERROR: 314"], 2))
