# SPDX-License-Identifier: EUPL-1.2
"""Several modems share one queue: the least loaded takes the next message, and what one cannot do another does."""

import time

from box import SLOW, Stopwatch, eventually
from town import ask, at_once, modems, nif, numbers_of, phone, pool, queue

MANY = 40


def all_sent(box, count):
    eventually(lambda: sum(queue(box)[s] for s in ("enviado", "entregado")) == count)


def arrive_once(sims, people):
    """The count of those sent may hold one that is only believed to be (an error without a reason)."""
    eventually(lambda: len(numbers_of(sims)) >= len(people))
    assert numbers_of(sims) == sorted(map(phone, people)), numbers_of(sims)


def ask_until(box, is_met, least=6):
    """Asks for `least` citizens, and for more until is_met(): a modem that is ready may still be asked something else,
    and while it is, the other takes all. Returns how many."""
    for n in range(MANY):
        ask(box, [n])
        if n + 1 >= least and is_met():
            return n + 1
    raise AssertionError(f"not within {MANY} messages: {is_met}")


def has_begun_one(sim):
    return "+CMGS" in sim.ask(cmd="state")["by_command"]


def test_each_takes_its_share():
    """One at a time: the pool chooses, and not the modem that is done first."""
    with pool(4, citizens=MANY) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        for n in range(MANY):
            ask(box, [n])
            all_sent(box, n + 1)
        arrive_once(sims, range(MANY))
        shares = [len(sim.inbox()) for sim in sims]
        assert max(shares) - min(shares) <= 3, shares


def test_one_that_goes_is_not_missed():
    with pool(2, ("--cmgs-latency", "0.05"), citizens=MANY) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        ask(box, range(MANY))
        eventually(lambda: len(sims[0].inbox()) > 3)
        sims[0].ask(cmd="vanish", ms=60000)
        # in one look: what was claimed for the one that has gone is queued again
        left = eventually(lambda: (now := queue(box))["en_cola"] == now["enviando"] == 0 and now)
        got = numbers_of(sims)
        assert len(got) == len(set(got)), ("none twice: the one in flight waits for its report", got)
        assert len(got) + left["incierto"] >= MANY and len(got) >= MANY - 1, ("none is lost", len(got), left)


def test_what_waits_behind_a_slow_one_goes_by_another():
    """The next message is claimed while one is being sent; it must not stay behind that one for ever."""
    with pool(2, citizens=MANY) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        sims[0].ask(cmd="fault", fault="final-late:20000")
        count = ask_until(box, lambda: has_begun_one(sims[0]))
        eventually(lambda: numbers_of(sims) == sorted(map(phone, range(count))), 15)
        eventually(lambda: queue(box)["entregado"] == count - 1 and queue(box)["enviando"] == 1)
        sims[0].ask(cmd="vanish", ms=60000)  # or the end would wait for it


def test_a_sim_that_is_barred():
    """CMS 8 for ever: each message goes by the other SIM at once, and not again by this one."""
    with pool(2, citizens=4) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        sims[0].ask(cmd="fault", fault="cms:8*")
        watch = Stopwatch(box.program, *(sim.program for sim in sims))
        ask(box, range(4))
        all_sent(box, 4)
        assert watch.seconds() < 5 * SLOW
        arrive_once(sims[1:], range(4))
        assert not sims[0].inbox()
        assert sims[0].ask(cmd="state")["refused"] <= 4


def test_refused_for_good_by_all():
    with pool(2, citizens=1) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        for sim in sims:
            sim.ask(cmd="fault", fault="cms:8*")
        ask(box, [0])
        eventually(lambda: queue(box)["rechazado"] == 1)
        assert [sim.ask(cmd="state")["refused"] for sim in sims] == [1, 1]


def test_a_modem_that_fails_hands_over():
    """CMS 330 (no service centre) stops this line; its message is not kept waiting."""
    with pool(2, citizens=MANY) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        sims[1].ask(cmd="fault", fault="cms:330*")
        watch = Stopwatch(box.program, *(sim.program for sim in sims))
        all_sent(box, ask_until(box, lambda: sims[1].ask(cmd="state")["refused"]))
        assert watch.seconds() < 5 * SLOW
        assert not modems(box)["m1"]["listo"] and "330" in modems(box)["m1"]["detalle"]


def test_two_that_refuse_do_not_throw_it_at_each_other():
    with pool(2, citizens=1) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        for sim in sims:
            sim.ask(cmd="fault", fault="cms:42*")
        ask(box, [0])
        eventually(lambda: all(sim.ask(cmd="state")["refused"] for sim in sims))
        time.sleep(1.5 * SLOW)  # it must stay away for 15 s now
        assert [sim.ask(cmd="state")["refused"] for sim in sims] == [1, 1]
        assert queue(box)["en_cola"] == 1


def test_a_message_that_no_modem_takes_stops_nobody():
    """CMS 302 each time: the others go at once."""
    with pool(1, citizens=4) as (box, sims):
        sims[0].ask(cmd="fault", fault=f"dead-number:{phone(0)}:302")
        ask(box, range(4))
        eventually(lambda: numbers_of(sims) == sorted(map(phone, range(1, 4))))
        assert sims[0].ask(cmd="state")["refused"] == 1 and queue(box)["en_cola"] == 1


def test_a_modem_that_only_seems_to_work_does_not_eat_the_queue():
    """It answers everything and never prompts: the other gets the messages, but for one a minute."""
    with pool(2, keys=["plazo_aviso_s = 1"] * 2, citizens=MANY) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        sims[0].ask(cmd="fault", fault="prompt-lost*")
        count = ask_until(box, lambda: has_begun_one(sims[0]), 20)
        all_sent(box, count)
        tries = sims[0].ask(cmd="state")["by_command"]["+CMGS"]
        assert not sims[0].inbox() and tries <= 4, (sims[0].inbox(), tries)
        arrive_once(sims, range(count))


def test_a_notice_does_not_wait_for_the_last_contraclave():
    """Contraclaves go first, and yet one in sixteen turns is a notice's."""
    with pool(1, ("--cmgs-latency", "0.03", "--register-delay", "3600"), citizens=60, ready=False) as (box, sims):
        ask(box, range(60))
        box.ctl("--json", "modem", "prueba", "+34699999999")
        sims[0].ask(cmd="set", creg=1)  # only now: to ask takes as long as the machine and a server take
        all_sent(box, 61)
        order = [m["number"] for m in sims[0].inbox()]
        assert order[0] == phone(0) and order.index("+34699999999") < 20, order


def test_the_pace_of_each_sim():
    with pool(2, keys=["ritmo_por_minuto = 3"] * 2, citizens=8) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        ask(box, range(8))
        all_sent(box, 6)
        time.sleep(1.5 * SLOW)
        assert [len(sim.inbox()) for sim in sims] == [3, 3] and queue(box)["en_cola"] == 2


def test_the_day_of_a_sim_outlives_a_restart():
    with pool(1, keys=["ritmo_por_dia = 2"], citizens=4, clock=True) as (box, sims):
        ask(box, range(3))
        all_sent(box, 2)
        assert box.stop() == 0
        box.start()
        ask(box, [3])
        time.sleep(1.5 * SLOW)
        assert len(sims[0].inbox()) == 2 and queue(box)["en_cola"] == 2
        box.set_clock(24 * 3600 * 1000)
        box.ask_pin(nif(0))
        eventually(lambda: len(sims[0].inbox()) > 2)


def a_dead_number_delays_nobody(code):
    latency = 0.1
    with pool(1, ("--cmgs-latency", str(latency)), citizens=11) as (box, sims):
        sims[0].ask(cmd="fault", fault=f"dead-number:{phone(0)}:{code}")
        watch = Stopwatch(box.program, *(sim.program for sim in sims))
        ask(box, range(11))
        all_sent(box, 10)
        took = watch.seconds()
        attempts = sims[0].ask(cmd="state")["refused"]
        assert 1 <= attempts <= 3
        assert took < (10 + attempts) * latency + 1.0 * SLOW, took
        arrive_once(sims, range(1, 11))


def test_a_dead_number_delays_nobody():
    """CMS 38 or 500 each time, after the network's time: the others wait for its attempts alone."""
    at_once((a_dead_number_delays_nobody, 38), (a_dead_number_delays_nobody, 500))
