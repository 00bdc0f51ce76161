# SPDX-License-Identifier: EUPL-1.2
"""A wall clock that is wrong serves nobody, sends nothing, sweeps nothing, and all is well when it is right again."""

import contextlib
import datetime
import os
import random
import time

from box import CLAVE, NIF, SLOW, code_of, eventually, running
from mails import by, pass_until, states, write
from receivers import MailServer

LONG = ("test_500_clocks",)

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
YEAR = 365 * DAY
TABLES = "requests outbox inbox idempotency audit samples".split()


def watched(**more):
    limits = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0 cliente_por_segundo = 0"
    return running("unix", clock=True, true_network=True, limits=more.pop("limits", limits), **more)


def ask(box, **more):
    return box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE, **more})


def check(box, code):
    return box.post("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": code})


def is_refused(box, code="0000"):
    for _ in range(2):  # it may be well again between the first and the last of the three
        answers = [ask(box), check(box, code), box.get("/readyz", token=None)]
        said = {(a.status, a.json.get("type")) for a in answers}
        if len(said) == 1 or (503, "clock_unreliable") not in said:
            return said == {(503, "clock_unreliable")}
    raise AssertionError(f"they do not agree: {said}")


def count(box):
    """Rows, as a reader beside the daemon sees them."""
    counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    return dict(zip(TABLES, box.rows(f"SELECT {counts}")[0]))


def a_code(box, sim):
    return a_request(box, sim)[0]


def a_request(box, sim):
    """The contraclave, and the end of its life by the answer, in UTC milliseconds."""
    before = len(sim.inbox())
    answer = ask(box)
    assert answer.status == 202, answer.text
    end = datetime.datetime.fromisoformat(answer.json["caduca"].replace("Z", "+00:00"))
    return code_of(eventually(lambda: sim.inbox()[before:])[0]), int(end.timestamp() * 1000)


def network(sim, off_s=0):
    """Its time is the true one, or so much more: true is what has passed for the boot clock."""
    assert sim.ask(cmd="set", nitz_offset_s=off_s)["ok"]


def answered(sim):
    """How many times the network's time was asked for."""
    return sum(n for command, n in sim.ask(cmd="state")["by_command"].items() if "CCLK" in command)


def a_round(box, sim, off_s=0):
    """A minute and a bit passes for all clocks: another round of questions to the modem, and the minute's work. Not in
    the middle of a round, which would be cut by that; a modem that is on its way back has its round a minute later."""
    box.wait_at_rest(sim)
    asked = answered(sim)
    network(sim, off_s)
    for _ in range(3):
        box.pass_time(61 * SECOND)
        box.wait_at_rest(sim)
        if answered(sim) > asked:
            return
    raise AssertionError("the network's time was not asked for")


def advice(box):
    return box.get("/v1/estado").json["aviso_reloj"]


def test_a_year_ahead():
    """It jumped while the daemon ran: refused at once, nothing swept; the request of before lives on when it is right."""
    with watched() as (box, sim):
        code = a_code(box, sim)
        rows = count(box)
        box.drive(wall=YEAR)
        assert is_refused(box, code)
        for more in ({}, {"codigo": ""}, {"codigo": "123456"}):  # an alta is dated, at the desk as in an import
            alta = box.post("/v1/registro/ciudadanos", {"nif": "X1234567L", "nombre": "Ana", "movil": "+34600777888", **more})
            assert (alta.status, alta.json["type"]) == (503, "clock_unreliable"), alta.text
        assert "timedatectl" in advice(box) and "contraclavectl reloj aceptar" in advice(box)
        a_round(box, sim)
        assert count(box) == rows and is_refused(box, code)
        box.drive(wall=box.clocks["wall"] - YEAR)
        assert check(box, code).json["resultado"] == "correcto"


def test_a_request_made_a_year_ahead_is_dead_for_good():
    """A box that starts a year ahead and believes it: the person accepts, and after a year it is no use either."""
    with watched(enrolled=True) as (box, sim):
        box.stop()
        box.drive(wall=20 * DAY, boot=0)  # less than the absence that is asked about
        box.start()
        code = a_code(box, sim)
        assert check(box, code).json["resultado"] == "correcto"
        box.drive(wall=0)
        assert is_refused(box, code)
        assert "Hora aceptada" in box.ctl("reloj", "aceptar").stdout
        assert check(box, code).json == {"resultado": "rechazado"}
        for days in (1, 19, 20):
            box.set_clock(days * DAY + HOUR)
            assert check(box, code).json == {"resultado": "rechazado"}, days
        assert check(box, a_code(box, sim)).json["resultado"] == "correcto"


def test_the_network_puts_a_clock_right_and_its_rows_stay_until_a_person_looks():
    with watched() as (box, sim):
        box.stop()
        box.drive(wall=2 * DAY)
        network(sim, 2 * 86400)
        box.start()
        code = a_code(box, sim)
        a_round(box, sim)
        a_round(box, sim)
        assert is_refused(box, code), "two readings that agree are two days off"
        box.drive(wall=box.clocks["wall"] - 2 * DAY)
        assert ask(box).status == 202 and box.get("/readyz").status == 200, "the network says that it is right now"
        assert check(box, code).json == {"resultado": "rechazado"}
        a_round(box, sim)
        assert "fecha futura" in advice(box), advice(box)
        rows = count(box)
        box.set_clock(box.clocks["wall"] + 2 * DAY + HOUR)
        assert check(box, code).json == {"resultado": "rechazado"}, "nor when its time has come"
        assert count(box)["requests"] == rows["requests"]


def test_two_years_ahead_for_a_minute_sweeps_nothing():
    with watched() as (box, sim):
        a_code(box, sim)
        assert sim.ask(cmd="deliver", **{"from": "+34600999888", "text": "hola"})["ok"]
        eventually(lambda: count(box)["inbox"] == 1)
        box.wait_at_rest(sim)
        rows = count(box)
        for wall in (2 * YEAR, YEAR, 7 * HOUR):
            box.drive(wall=wall)
            for _ in range(3):
                a_round(box, sim)
            assert count(box) == rows, wall
        box.stop()
        box.drive(wall=30 * DAY)  # it is believed after a start, and yet nothing is swept by it
        box.start()
        for _ in range(3):
            a_round(box, sim)
        assert all(count(box)[table] >= rows[table] for table in TABLES if table != "samples"), (count(box), rows)


def test_no_retention_by_a_clock_that_is_only_believed():
    """A person who asks for it destroys nothing that has not had its term for certain."""
    with watched(extra="solicitudes_dias = 20 mensajes_dias = 20") as (box, sim):
        a_code(box, sim)
        box.wait_at_rest(sim)
        rows = count(box)
        box.stop()
        box.drive(wall=30 * DAY)
        box.start()
        assert box.control_request("POST", "/v1/retencion", {}).status == 202
        told = eventually(lambda: (r := box.control_request("GET", "/v1/retencion").json)["estado"] == "hecha" and r)
        assert not any(told["filas"].values()) and all(count(box)[table] >= rows[table] for table in ("requests", "outbox")), told


def test_no_mail_ends_by_a_clock_that_is_only_believed():
    """A box that starts days ahead believes it, and yet what is in the queue goes when the clock is right again."""
    server = MailServer("busy")
    with contextlib.closing(server.listener), watched(extra=by(server.port)) as (box, sim):
        assert write(box, "ana@example.com").status == 200
        eventually(lambda: server.calls and states(box) == [0])
        box.stop()
        box.drive(wall=30 * DAY)
        box.start()
        a_round(box, sim)
        assert states(box) == [0]
        box.stop()
        server.how = None
        box.drive(wall=0)
        box.start(ready=False)
        box.ctl("reloj", "aceptar")
        pass_until(box, lambda: server.mails)


def test_a_step_back_waits_as_long_as_it_is_large():
    with watched() as (box, sim):
        code = a_code(box, sim)
        box.drive(wall=-1 * SECOND)
        assert check(box, code).json["resultado"] == "correcto", "a second back is NTP at work"
        box.drive(wall=0)
        assert check(box, code).json["resultado"] == "correcto"
        box.drive(wall=-30 * SECOND)
        for answer in (ask(box), check(box, code), box.get("/readyz", token=None)):
            assert (answer.status, answer.json["type"]) == (503, "clock_unreliable"), answer.text
            assert 20 <= int(answer.headers["Retry-After"]) <= 28, str(answer.headers)
        assert "se vuelve a atender solo" in advice(box)
        for step in range(1, 31):
            box.pass_time(SECOND)
            refused = is_refused(box, code)
            assert refused or step >= 20, step
        assert not is_refused(box, code) and check(box, code).json["resultado"] == "correcto"
        assert advice(box) == ""


def test_a_network_that_is_40_days_off():
    off_s = 40 * 86400
    with watched() as (box, sim):
        code = a_code(box, sim)
        a_round(box, sim, off_s)
        assert check(box, code).json["resultado"] == "correcto", "one reading may be a mistake"
        a_round(box, sim, off_s)
        assert is_refused(box, code)
        assert "Según la red móvil, la hora es" in advice(box) and "otra hora" in advice(box)
        assert "reloj aceptar" in box.ctl("diagnostico", check=False).stdout
        assert "Hora aceptada" in box.ctl("reloj", "aceptar").stdout
        assert check(box, code).json["resultado"] == "correcto", "a person says that the network is wrong"
        box.stop()
        box.start()
        for _ in range(2):
            a_round(box, sim, off_s)
        assert check(box, code).json["resultado"] == "correcto", "also after a restart"
        for _ in range(3):
            a_round(box, sim)
        for _ in range(3):
            a_round(box, sim, off_s)
        assert is_refused(box, code), "it has told the right time since: it is a witness again"


def test_asleep_for_14_hours():
    """With an RTC, with one that is dead, and as a virtual machine that was stopped: only the network knows."""
    with watched() as (box, sim):
        code = a_code(box, sim)
        box.drive(boot=14 * HOUR)
        assert is_refused(box, code), "the wall clock stood still"
        box.drive(wall=14 * HOUR)
        assert not is_refused(box, code), "the wall clock slept no less"
        code = a_code(box, sim)
        for _ in range(2):
            a_round(box, sim, 28 * 3600)
        assert is_refused(box, code), "every clock of the box stood still: this code is dead by now"
        box.drive(wall=box.clocks["wall"] + 28 * HOUR)
        assert not is_refused(box, code), "put in order, and the network says so"
        assert check(box, code).json == {"resultado": "rechazado"}


def test_a_box_without_an_rtc_starts_in_the_past():
    with watched() as (box, sim):
        code = a_code(box, sim)
        box.stop()
        box.drive(wall=-14 * HOUR)
        box.start(ready=False)
        assert is_refused(box, code)
        assert len(sim.inbox()) == 1
        box.drive(wall=0, sync=1)
        assert check(box, code).json["resultado"] == "correcto", "past the highest time"
        box.drive(sync=0, wall=14 * HOUR)
        assert is_refused(box, code)
        box.drive(sync=1)
        assert ask(box).status == 202, "a time service says that the step was right"


def without_rtc(box):
    with open(box.clock_file, "r+b") as file:
        file.seek(40)
        file.write((1).to_bytes(8, "little"))


def switch_off(box, was_on=2 * HOUR, off=10 * HOUR):
    """The machine, which finds at its start the time at which it was switched off. The network's time goes on."""
    box.drive(boot=box.clocks["boot"] + was_on, wall=box.clocks["wall"] + was_on)
    box.stop()
    box.drive(boot=box.clocks["boot"] + off)
    box.start(ready=False)
    eventually(lambda: box.status()["modems"][0]["listo"])  # it answers in real time: no round passes over that


def believed(box):
    """The highest time that the box remembers."""
    return box.rows("SELECT number FROM meta WHERE name = 'highest_time'")[0][0]


def test_a_board_without_an_rtc_that_starts_at_the_time_of_its_end():
    with watched() as (box, sim):
        without_rtc(box)
        code = a_code(box, sim)
        box.stop()
        box.start(ready=False)
        assert check(box, code).json["resultado"] == "correcto", "the machine itself has gone on"
        switch_off(box)
        assert is_refused(box, code)
        assert "no tiene pila" in advice(box) and "reloj aceptar" in advice(box)
        box.stop()
        box.start(ready=False)
        assert is_refused(box, code), "a guess is none the better for a second start"
        box.drive(wall=box.clocks["wall"] + 10 * HOUR, sync=1)
        assert not is_refused(box, code)
        known = believed(box)
        box.pass_time(61 * SECOND)
        eventually(lambda: believed(box) > known or (box.is_moved and box.pass_time(61 * SECOND)), every=0.2)  # that minute may be a wait
        box.drive(sync=0)
        assert ask(box).status == 202
        box.stop()
        box.start(ready=False)
        assert not is_refused(box), "it was told the time since it was switched on"


def test_a_person_or_the_network_tells_the_time_to_a_board_without_an_rtc():
    with watched() as (box, sim):
        without_rtc(box)
        assert ask(box).status == 202
        for told in (lambda: box.ctl("reloj", "aceptar"), lambda: [a_round(box, sim) for _ in range(2)]):
            switch_off(box)
            box.drive(wall=box.clocks["wall"] + 10 * HOUR)
            assert is_refused(box)
            told()
            assert not is_refused(box)


def test_no_message_goes_while_the_clock_is_wrong():
    with watched() as (box, sim):
        assert sim.ask(cmd="fault", fault="cms:38")["ok"]
        assert ask(box).status == 202
        eventually(lambda: box.status()["cola"]["en_cola"] == 1)
        box.drive(wall=2 * HOUR)
        for _ in range(3):
            a_round(box, sim)
        assert sim.inbox() == [] and box.status()["cola"]["en_cola"] == 1
        box.drive(wall=box.clocks["wall"] - 2 * HOUR)
        a_round(box, sim)
        end = box.clocks["mono"] + MINUTE  # no time passes after that
        eventually(lambda: len(sim.inbox()) == 1 or box.clocks["mono"] < end and (box.wait_at_rest(sim) or box.pass_time(SECOND)))
        assert check(box, code_of(sim.inbox()[0])).json["resultado"] == "correcto"


# ---- 500 clocks ---------------------------------------------------------------------------------


def wrong_clocks(rng, n):
    """(what the wall clock is wrong by, what passes before it is looked at)."""
    kinds = [lambda: rng.uniform(6 * MINUTE, 2 * YEAR), lambda: -rng.uniform(6 * MINUTE, 2 * YEAR),
             lambda: rng.choice((-1, 1)) * HOUR,  # a zone or a DST night taken for UTC
             lambda: -rng.uniform(3 * SECOND, 5 * MINUTE), lambda: rng.choice((-1, 1)) * rng.uniform(0, 2 * SECOND),
             lambda: rng.uniform(0, 5 * MINUTE), lambda: 0]
    return [(int(rng.choice(kinds)()), int(rng.choice((0, SECOND, MINUTE, HOUR, 9 * HOUR)) * rng.random()),
             rng.random() < 0.3) for _ in range(n)]


def now_ms(offset_ms):
    return int(time.time() * 1000) + offset_ms


def next_dst_night_ms(after_ms):
    """01:00Z of the last Sunday of March or October."""
    day = datetime.datetime.fromtimestamp(after_ms / 1000, datetime.timezone.utc).replace(hour=1, minute=0, second=0, microsecond=0)
    while True:
        is_last = (day + datetime.timedelta(days=7)).month != day.month
        if day.month in (3, 10) and day.weekday() == 6 and is_last and day.timestamp() * 1000 > after_ms:
            return int(day.timestamp() * 1000)
        day += datetime.timedelta(days=1)


def test_500_clocks():
    """What is served is alive by the true time; a clock that is right again serves again, as readyz says."""
    rng = random.Random(int(os.environ.get("SEED", "340")))
    with watched() as (box, sim):
        true = asked = crossed = codes = 0
        code, caduca = a_request(box, sim)
        for index, (wrong, passes, is_asleep) in enumerate(wrong_clocks(rng, 500)):
            where = (index, wrong, passes, is_asleep)
            if index % 100 == 50:  # to half an hour before the next DST night
                passes = next_dst_night_ms(now_ms(true) + HOUR) - now_ms(true) - 30 * MINUTE
                crossed += 1
            elif index % 100 == 51:
                passes = HOUR
            is_asleep = is_asleep or passes > HOUR
            if passes > 4 * MINUTE:  # a time of the network that was read before would be that much off
                box.wait_at_rest(sim)
            true += passes
            clock = "boot" if is_asleep else "mono"
            box.drive(wall=true + wrong, **{clock: box.clocks[clock] + passes})
            answer = check(box, code)
            if abs(wrong) > 5 * MINUTE:
                assert answer.status == 503, where
            elif answer.status == 200 and answer.json["resultado"] == "correcto":
                assert true - asked < 27 * HOUR and now_ms(true) < caduca + 5 * MINUTE, where
            box.drive(wall=true)  # put right: it comes back, at the latest when a step of minutes is over
            is_dead = now_ms(true) >= caduca
            answer = check(box, code)
            if answer.status == 503:
                assert 0 < wrong <= 5 * MINUTE and int(answer.headers["Retry-After"]) <= wrong / SECOND, where
                assert box.get("/readyz", token=None).status == 503, where
                true += wrong
                is_dead = now_ms(true) >= caduca
                box.drive(wall=true, mono=box.clocks["mono"] + wrong)
                answer = check(box, code)
            ready = box.get("/readyz", token=None)  # its modem may not be ready: its time is driven too
            assert answer.status == 200 and "reloj" not in ready.text, (where, answer.text, ready.text, advice(box))
            is_alive = now_ms(true) < caduca
            assert not is_dead or answer.json["resultado"] == "rechazado", where
            if not is_alive or index % 8 == 7:  # before its uses end
                (code, caduca), asked, codes = a_request(box, sim), true, codes + 1
            else:
                assert answer.json["resultado"] == "correcto", where
        assert crossed == 5 and codes > 40, (crossed, codes)
