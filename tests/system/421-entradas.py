# SPDX-License-Identifier: EUPL-1.2
"""The pace of log-ins: who guesses waits, learns no name, and keeps no owner out."""

import contextlib
import re
import statistics
import threading
import time

from box import SLOW, Stopwatch, eventually, running
from people import OURS, PASSWORD, Person, add, create, first, on_box
from town import NO_LIMITS

ALONE = ("test_names_of_nobody_take_as_long",)


def test_wrong_passwords_wait():
    def check(box):
        first(box)
        stranger = Person(box)
        for name, password in (("begoña", "otra cosa larga"), ("nadie", PASSWORD), ("begoña", "\u202e" * 20),
                               ("<script>alert(1)</script>", "x" * 12), ("begoña", "x")):
            answer = stranger.enter(name, password)
            assert (answer.status, answer.json["type"]) == (401, "login_refused"), answer.text
        for _ in range(2):
            stranger.enter("begoña", "otra cosa larga")
        answer = stranger.enter("begoña", PASSWORD)
        assert answer.status == 429 and 50 <= int(answer.headers["Retry-After"]) <= 60, answer.text
        box.pass_time(61 * 1000)
        assert stranger.enter("begoña", PASSWORD).status == 200
        refused = box.rows("SELECT count(*) FROM audit WHERE event = 'sesion_abrir' AND result = 'rechazado'")
        assert refused[0][0] == 7, refused
        assert "nadie" not in str(box.rows("SELECT actor FROM audit"))
    on_box(check, clock=True)


def test_the_wait_does_not_tell_which_names_there_are():
    """Spellings of one name count as one, whether it has an account or not."""
    def check(box):
        first(box)
        for name, spellings in (("begoña", ("BEGOÑA", "Begona", "  begoña ")), ("carlós", ("CARLÓS", "Carlos", "  carlós "))):
            stranger = Person(box)
            address = {"Origin": f"http://127.0.0.1:{box.port}", **OURS, "X-Forwarded-For": f"192.0.2.{name.encode()[0]}"}
            enter = lambda text: stranger.ask("POST", "/v1/sesion", {"nombre": text, "contrasena": "otra cosa larga"}, address).status
            assert [enter(name) for _ in range(5)] == [401] * 5, name
            assert [enter(text) for text in spellings] == [429] * 3, name
    on_box(check, clock=True, extra_http='proxy_de_confianza = "127.0.0.1"')


def test_a_neighbour_does_not_hold_up_a_browser_that_is_known():
    def check(box):
        owner = first(box)
        entered = owner.enter()
        add(box, "otro", "lector")
        mark = entered.headers.get_all("Set-Cookie")[1]
        assert re.fullmatch(r"contraclaved-navegador=[\w-]{22}[0-9A-F]{32}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000", mark), mark
        mark = mark.split(";")[0]

        def enter(cookie, name="begoña", password=PASSWORD):
            person = Person(box)
            person.cookie = cookie
            return person.enter(name, password).status

        for _ in range(5):
            assert enter(None, password="otra cosa larga") == 401
        assert enter(None) == 429 and enter(mark) == 200
        # whoever fails again as soon as the wait ends holds up those without the mark alone
        for wait in (60, 120, 240):
            box.pass_time(wait * 1000 + 500)
            assert enter(None, password="otra cosa larga") == 401
            assert enter(None) == 429 and enter(mark) == 200
        flipped = mark[:-1] + ("0" if mark[-1] != "0" else "1")
        for forged in (flipped, mark[:-2], mark + "00", mark + "; " + mark, "contraclaved-navegador=" + "A" * 54):
            assert enter(forged) == 429, forged
        for _ in range(5):  # the mark of one name is none for another
            assert enter(mark, "otro", "otra cosa larga") == 401
        assert enter(mark, "otro") == 429
        for _ in range(5):
            assert enter(mark, password="otra cosa larga") == 401
        assert enter(mark) == 429
        assert mark.split("=")[1] not in box.program.log()
    on_box(check, clock=True)


def test_names_of_nobody_take_as_long():
    def check(box):
        first(box)
        def took(name):
            start = time.monotonic()
            assert Person(box).enter(name, "una que no es la suya").status == 401
            return time.monotonic() - start
        pairs = [(took("begoña"), took(f"nadie {i}")) for i in range(4)]
        known, unknown = map(min, zip(*pairs))
        assert unknown > known / 2, (known, unknown)
    on_box(check)


def test_two_hundred_at_once():
    """The queue is short, the others are told when to come back, and the sede is served meanwhile at its pace."""
    with running(extra_http="conexiones_por_direccion = 0", limits=NO_LIMITS) as (box, sim):
        first(box)
        statuses, busy = [], []

        def took():
            watch = Stopwatch(box.program)
            assert box.verify("0000")["resultado"] == "rechazado"
            return watch.seconds()

        def sent():
            before, watch = len(sim.inbox()), Stopwatch(box.program)
            box.ask_pin()
            eventually(lambda: len(sim.inbox()) > before)
            return watch.seconds()

        def enter(i):
            answer = Person(box).enter(f"nadie {i}", "una que no es la suya")
            statuses.append(answer.status)
            assert answer.status == 401 or int(answer.headers["Retry-After"]) > 0
        quiet, quiet_sent = [took() for _ in range(20)], sent()
        threads = [threading.Thread(target=enter, args=(i,)) for i in range(200)]
        for t in threads:
            t.start()
        busy_sent = sent()
        while any(t.is_alive() for t in threads):
            busy.append(took())
            time.sleep(0.005)
        for t in threads:
            t.join()
        assert set(statuses) <= {401, 429, 503} and statuses.count(401) <= 20 and statuses.count(503) > 0, statuses
        assert len(statuses) == 200
        calm, loaded = statistics.median(quiet), statistics.median(busy)
        print(f"verify {calm:.4f} s, beside log-ins {loaded:.4f} s; to the telephone {quiet_sent:.3f} s, {busy_sent:.3f} s")
        assert len(busy) > 3 and loaded < 3 * calm + 0.02 * SLOW and busy_sent < 3 * quiet_sent + 1 * SLOW


def test_strangers_at_many_addresses_keep_no_owner_out():
    """The queue of the passwords is full for as long as they like: a browser that is known has a place kept."""
    def check(box):
        owner = first(box)
        mark = owner.enter().headers.get_all("Set-Cookie")[1].split(";")[0]
        refused, stop = [], threading.Event()

        def knock(who):
            for i in range(0xFFFF):
                if stop.is_set():
                    return
                with contextlib.suppress(TimeoutError):  # whoever waits behind the others, on a slow machine
                    answer = Person(box).ask("POST", "/v1/sesion", {"nombre": f"nadie {who} {i}", "contrasena": PASSWORD}, {
                        "Origin": f"http://127.0.0.1:{box.port}", **OURS, "X-Forwarded-For": f"2001:db8:{who}:{i:x}::1"})
                    refused.append(answer.status)
                time.sleep(0.02)

        def enter(cookie):
            person = Person(box)
            person.cookie = cookie
            return person.enter().status

        def knock_while(act):
            stop.clear()
            refused.clear()
            threads = [threading.Thread(target=knock, args=(who,)) for who in range(12)]
            for thread in threads:
                thread.start()
            try:
                eventually(lambda: 503 in refused)
                act()
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            assert set(refused) <= {401, 503}, set(refused)

        def check_owner():
            assert [enter(mark) for _ in range(3)] == [200] * 3
            create(box, "otro", "lector")

        knock_while(check_owner)
        box.stop()
        box.start()  # the mark outlives the program
        for _ in range(5):
            assert Person(box).enter(password="otra cosa larga").status == 401
        assert enter(None) == 429
        knock_while(lambda: enter(mark) == 200 or 1 / 0)
    on_box(check, extra_http='proxy_de_confianza = "127.0.0.1" conexiones_por_direccion = 0')
