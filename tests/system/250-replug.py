# SPDX-License-Identifier: EUPL-1.2
"""A stick that goes, also in the middle of a PDU, and comes back under another name, time after time ($REPLUGS of them):
the next send starts within 5 s of its return, mostly at once, no message is lost, and only the one in flight may arrive twice."""

import collections
import os
import time

from box import SLOW, Box, Sim, eventually, folder, serving
from town import NO_LIMITS, ask, enrol, modems, phone, queue
from usb import Usb

SLOW_PACE = ("test_out_and_in",)

REPLUGS = int(os.environ.get("REPLUGS", "12"))
BACK_S = 5
HEARD_S = 0.3  # the median: udev tells of the return, and nobody waits for a next look
GONE_MS = 1500  # the device has left the tree by then


def pull(sim, stick):
    """Both ends of what pulling a stick out is: the device leaves the tree, and the line breaks. Were it the other way
    round, a slow test would leave the daemon the time to try the mute ports of the stick."""
    stick.unplug()
    sim.ask(cmd="vanish", ms=GONE_MS)


def while_idle(box, sim, stick, first):
    pull(sim, stick)
    ask(box, [first, first + 1])
    return []


def in_the_pdu(box, sim, stick, first):
    """The network has it, and the line is gone before the answer."""
    before = len(sim.events("vanish"))
    sim.ask(cmd="fault", fault=f"vanish-pdu:{GONE_MS}")
    ask(box, [first])
    eventually(lambda: len(sim.events("vanish")) > before)
    stick.unplug()
    ask(box, [first + 1])
    return [first]


def while_the_network_thinks(box, sim, stick, first):
    sim.ask(cmd="fault", fault="final-late:3000")
    before = len(sim.inbox())
    ask(box, [first])
    eventually(lambda: len(sim.inbox()) > before)
    pull(sim, stick)
    ask(box, [first + 1])
    return [first]


WAYS = (while_idle, in_the_pdu, while_the_network_thinks)


def first_send_after(sim, at_us):
    """When the first byte of the next AT+CMGS came, in microseconds of the clock that all share."""
    first = 0
    for event in sim.events():
        if event["event"] == "rx_first":
            first = event["at_us"]
        elif event["event"] == "command" and event["name"] == "+CMGS" and first > at_us:
            return first
    return 0


def replug(box, sim, stick, n):
    """Returns the seconds from the return to the next send, and who may get his message twice."""
    doubtful = WAYS[n % len(WAYS)](box, sim, stick, 2 * n)
    eventually(lambda: not modems(box)["principal"]["listo"])
    eventually(lambda: not sim.ask(cmd="state")["vanished"])
    back_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000  # before: the first send need not wait for our last file
    stick.replug(first_tty=(7 * n) % 30, bus=f"1-1.{n % 4 + 1}")
    sent_us = eventually(lambda: first_send_after(sim, back_us), BACK_S + 10)
    eventually(lambda: not queue(box)["en_cola"] and not queue(box)["enviando"] and not queue(box)["incierto"], 15)
    return (sent_us - back_us) / 1e6, doubtful


def test_out_and_in():
    replug_often()


def replug_often():
    """The seconds until the next send, of each return."""
    with folder() as path:
        sim, usb = Sim(path), Usb(path)
        mute = usb.silent()
        stick = usb.plug("2c7c", "0125", interfaces={0: mute, 1: mute, 2: path / "modem", 3: mute, 4: None})
        box = Box(path, "auto", extra="espera_informe_s = 1", limits=NO_LIMITS)
        box.env = usb.box_env(box.env)
        with serving(box, enrolled=False, others=[sim]):
            enrol(box, range(2 * REPLUGS))
            times, doubtful = [], set()
            for n in range(REPLUGS):
                took, may_be_two = replug(box, sim, stick, n)
                assert took < BACK_S * SLOW, f"return {n + 1}: {took:.2f} s"
                times.append(took)
                doubtful.update(phone(m) for m in may_be_two)
            assert sorted(times)[REPLUGS // 2] < HEARD_S * SLOW, f"not heard of at once: {times}"
            got = collections.Counter(m["number"] for m in sim.inbox())
            assert set(got) == {phone(m) for m in range(2 * REPLUGS)}, "none is lost"
            assert all(count == 1 or (count == 2 and number in doubtful) for number, count in got.items()), got
            twice = sum(count == 2 for count in got.values())
            print(f"{REPLUGS} returns, the next send after {sorted(times)[len(times) // 2]:.2f} s (median), "
                  f"{max(times):.2f} s (longest); {twice} of {len(doubtful)} in flight arrived twice")
    return times
