# SPDX-License-Identifier: EUPL-1.2
"""The text of an SMS that has gone is wiped: at night, and when the daemon stops, it is in none of its files any more,
not even sealed."""

import contextlib
import datetime
import sqlite3
import time
import zoneinfo

from box import eventually, running
from town import reach

UNREGISTERED = ("--register-delay", "3600")  # nothing goes, and no text is wiped, before send() has read the row


def sealed_text(box):
    with contextlib.closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as db:
        return eventually(lambda: db.execute("SELECT text FROM outbox WHERE text IS NOT NULL").fetchone())[0]


def is_in_files(box, needle):
    return any(needle in p.read_bytes() for p in box.folder.iterdir() if p.name.startswith(box.database.name))


def send(box, sim):
    box.ask_pin()
    needle = sealed_text(box)
    sim.ask(cmd="set", creg=1)
    reach(box, "entregado")
    assert is_in_files(box, needle), "it could not be found in the first place"
    return needle


def ms_until_night():
    now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Madrid"))
    night = (now + datetime.timedelta(days=1)).replace(hour=3, minute=5)
    return int((night.timestamp() - now.timestamp()) * 1000)


def test_wiped_at_night():
    with running(options=UNREGISTERED, ready=False, clock=True) as (box, sim):
        needle = send(box, sim)
        box.set_clock(ms_until_night())
        began = time.monotonic()  # before the commit that the quiet is counted from
        answer = box.control_request("POST", "/v1/reloj/aceptacion", {})  # a person says that it is night
        assert answer.status == 200, answer.text
        eventually(lambda: not is_in_files(box, needle))
        took = time.monotonic() - began
        assert took > 1, ("it did not wait until all was quiet", took)
        eventually(lambda: "diario vaciado" in box.program.log())
        box.ctl("reloj", "aceptar")
        assert box.program.log().count("diario vaciado") == 1, "more than once a night"


def test_wiped_at_the_end():
    with running(options=UNREGISTERED, ready=False) as (box, sim):
        needle = send(box, sim)
        reader = sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)  # closing alone would not do it then
        reader.execute("SELECT count(*) FROM meta").fetchall()
        box.stop()
        assert not is_in_files(box, needle)
        reader.close()
