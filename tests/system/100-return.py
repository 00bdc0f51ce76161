# SPDX-License-Identifier: EUPL-1.2
"""A modem that goes and comes back: ready and sending within 5 s of its return, with nothing lost."""

import concurrent.futures
import time

from box import SLOW, eventually, running
from driven import DrivenBox
from town import NO_LIMITS, at_once, modem_of

BACK_S = 5
TIMES = 10


def comes_and_goes(link):
    """The simulator is a new process each time: a new pty behind the link, a new listener on the port."""
    with running(link, limits=NO_LIMITS) as (box, sim):
        for n in range(TIMES):
            sim.stop()
            eventually(lambda: box.get("/readyz").status == 503)
            asked = box.ask_pin()
            sim.start()
            back = time.monotonic()
            message = eventually(sim.inbox, BACK_S + 5)[0]
            took = time.monotonic() - back
            assert took < BACK_S * SLOW, f"return {n + 1}: {took:.2f} s"
            assert box.get("/readyz").status == 200 and asked["id"] and message["pid"] == 0
            eventually(lambda: box.status()["cola"]["entregado"] == n + 1)
            assert len(sim.inbox()) == 1
        assert box.status()["modems"][0]["perdidas"] == TIMES


def test_ten_times_over_each_kind_of_device():
    at_once((comes_and_goes, "pty"), (comes_and_goes, "tcp"), (comes_and_goes, "unix"))


def vanishing(most, act, *options):
    """Gone at the worst moment of one message: it arrives, and at most `most` times."""
    with running("pty", options, extra="espera_informe_s = 1", limits=NO_LIMITS, kind=DrivenBox,
                 true_network=True) as (box, sim):
        act(sim, box)
        box.until(lambda: modem_of(box)["perdidas"])  # it may be back by then
        box.until(sim.inbox)
        box.until(lambda: box.get("/readyz").status == 200)
        box.until(lambda: not any(box.status()["cola"][s] for s in ("en_cola", "enviando")))
        end = box.mono() + 1.5
        box.until(lambda: box.mono() >= end)
        texts = [m["text"] for m in sim.inbox()]
        assert 1 <= len(texts) <= most and len(set(texts)) == 1, sim.inbox()
        box.ask_pin()
        box.until(lambda: len(sim.inbox()) == len(texts) + 1)


def test_gone_after_the_pdu():
    def act(sim, box):
        sim.ask(cmd="fault", fault="vanish-pdu:200")
        box.ask_pin()
    vanishing(2, act)


def test_gone_after_the_pdu_and_without_a_report():
    def act(sim, box):
        sim.ask(cmd="fault", fault="vanish-pdu:200")
        sim.ask(cmd="fault", fault="no-report")
        box.ask_pin()
    vanishing(2, act)


def test_gone_while_the_network_thinks():
    def act(sim, box):
        box.ask_pin()
        eventually(sim.inbox)
        sim.ask(cmd="vanish", ms=200)
    vanishing(2, act, "--cmgs-latency", "0.5")


def test_gone_before_the_prompt():
    def act(sim, box):
        sim.ask(cmd="fault", fault="prompt-late:500")
        box.ask_pin()
        eventually(lambda: any(e["name"] == "+CMGS" for e in sim.events("command")))
        sim.ask(cmd="vanish", ms=200)
    vanishing(1, act)
