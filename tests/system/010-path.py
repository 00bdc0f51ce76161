# SPDX-License-Identifier: EUPL-1.2
"""The way of one contraclave, over every kind of device, and what the wire carries."""

import datetime
import time
import zoneinfo

from box import CLAVE, NAME, NIF, PHONE, SLOW, Stopwatch, code_of, eventually, running

ALONE = ("test_ready_within_half_a_second",)

MADRID = zoneinfo.ZoneInfo("Europe/Madrid")


def whole_path(link):
    with running(link) as (box, sim):
        asked = box.ask_pin()
        message = eventually(sim.inbox)[0]
        assert message["number"] == PHONE
        assert message["text"].startswith("Ayto. de Alpedrete: su contraclave PIN24H es "), message
        answer = box.verify(code_of(message))
        assert answer["resultado"] == "correcto" and answer["nombre"] == NAME and answer["nif"] == NIF, answer
        assert answer["firma_valida"] is False and (answer["nivel"], answer["registro"]) == ("low", "avanzado"), answer
        assert box.verify(code_of(message))["resultado"] == "correcto"  # any number of times
        assert len(sim.inbox()) == 1, "once"
        assert asked["caduca_local"].endswith(("T02:00:00+01:00", "T02:00:00+02:00")), asked


def test_over_a_pty():
    whole_path("pty")


def test_over_tcp():
    whole_path("tcp")


def test_over_a_unix_socket():
    whole_path("unix")


def test_validity_on_the_wire_is_no_longer_than_caduca():
    with running() as (box, sim):
        before = time.time()
        asked = box.ask_pin()
        message = eventually(sim.inbox)[0]
        caduca = datetime.datetime.fromisoformat(asked["caduca"].replace("Z", "+00:00")).timestamp()
        assert 0 < message["vp_s"] <= caduca - before, (message, asked)
        assert message["srr"] is True, "a status report is asked for"


def test_a_wrong_code_is_refused_and_three_kill_the_request():
    with running() as (box, sim):
        box.ask_pin()
        right = code_of(eventually(sim.inbox)[0])
        wrong = f"{(int(right) + 1) % 10000:04d}"
        for _ in range(3):
            assert box.verify(wrong) == {"resultado": "rechazado"}
        assert box.verify(right) == {"resultado": "rechazado"}, "dead after three"


def test_a_wrong_clave_does_not_burn_the_request():
    with running() as (box, sim):
        box.ask_pin()
        right = code_of(eventually(sim.inbox)[0])
        for _ in range(3):
            assert box.verify(right, clave="1111")["resultado"] == "rechazado"
        assert box.verify(right, clave=CLAVE)["resultado"] == "correcto"


def test_dead_at_two_of_the_day_after():
    with running(clock=True) as (box, sim):
        days = [datetime.datetime.now(MADRID).date()]
        asked = box.ask_pin()
        days.append(datetime.datetime.now(MADRID).date())  # of one midnight or of two
        code = code_of(eventually(sim.inbox)[0])
        caduca = datetime.datetime.fromisoformat(asked["caduca"].replace("Z", "+00:00")).timestamp()
        expected = [datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(2), MADRID) for day in days]
        assert caduca in [at.timestamp() for at in expected], (asked, expected)
        box.set_clock(int((caduca - time.time() - 5) * 1000))
        assert box.verify(code)["resultado"] == "correcto"
        box.set_clock(int((caduca - time.time() + 1) * 1000))
        assert box.verify(code) == {"resultado": "rechazado"}, "and no word of why"
        assert box.verify(f"{(int(code) + 1) % 10000:04d}")


def test_ready_within_half_a_second():
    with running(enrolled=False) as (box, sim):
        box.stop()
        watch = Stopwatch(sim.program)
        box.start()
        watch.follow(box.program)
        took = watch.seconds()
        assert took < 0.5 * SLOW, took
