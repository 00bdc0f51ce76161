# SPDX-License-Identifier: EUPL-1.2
"""A box whose time passes as fast as it and its modems follow: what only waits for the daemon's own timers waits no longer."""

import contextlib
import os
import pty
import select
import threading
import time
import tty

from box import SLOW, Box, Sim, patience

STEP_MS = 250  # the shortest deadline of a command is four of these

own = threading.local()


def deliver():
    """What was written to ptys before can be read: the kernel hands on what is written to them, in that order, when it
    finds the time; so it has when a byte through one of ours is there."""
    if not hasattr(own, "ends"):
        own.ends = pty.openpty()
        tty.setraw(own.ends[1])
    os.write(own.ends[1], b"x")
    os.read(own.ends[0], 1)


def mark(modem):
    """What has been said to and by a Sim or a scripted Modem once it has read what lies on its line; None = not read yet.
    Of a port that answers without being either: the descriptor that it reads."""
    if isinstance(modem, int):
        return None if select.select([modem], [], [], 0)[0] else 0
    if isinstance(modem, Sim):
        if modem.program.running():
            modem.inbox(), modem.inbox()  # one pass of its loop reads all lines
        return modem.log_path.stat().st_size
    ends = [s for s in (modem.listener, modem.client) if s and s.fileno() >= 0]
    with contextlib.suppress(OSError, ValueError):  # closed at this moment
        if select.select(ends, [], [], 0)[0]:
            return None
    asked = len(modem.commands)
    return None if modem.answered != asked else (asked, len(modem.pdus), modem.connections)


class DrivenBox(Box):
    """A Box with the `modems` that answer it: until() lets time pass for it, by steps, each once nothing is said between
    them. A Sim has clock_env(…, CC_CLOCK_TRUE="1"), as running(true_network=True) makes it."""

    modems, step_ms = (), STEP_MS

    def __init__(self, *args, **more):
        super().__init__(*args, clock=True, **more)
        self.stats = {}

    def now(self):
        """Seconds, as the wall clock of the daemon."""
        return time.time() + self.clocks["wall"] / 1000

    def mono(self):
        """Seconds for a span of time: those that the machine took, and those that were driven."""
        return time.monotonic() + self.clocks["mono"] / 1000

    def is_quiet(self):
        has_ptys = any(isinstance(modem, int) or isinstance(modem, Sim) and modem.link == "pty" for modem in self.modems)
        before = [mark(modem) for modem in self.modems]
        if has_ptys:
            deliver()
        return None not in before and self.is_asleep() and [mark(modem) for modem in self.modems] == before

    def is_asleep(self):
        """The programs, each of one thread, have nothing to do: they have read all, and nothing is being written to a disk.
        The files that say so stay open: to look for them anew each time makes the kernel's end of a process long."""
        programs = [self.program, *(m.program for m in self.modems if isinstance(m, Sim))]
        programs = [program for program in programs if program.running()]
        for gone in self.stats.keys() - programs:
            self.stats.pop(gone).close()
        for new in set(programs) - self.stats.keys():
            self.stats[new] = open(f"/proc/{new.process.pid}/stat", "rb", 0)
        for _ in range(50):  # it has just answered us, and may have to wait for a processor before it sleeps
            if not any(os.pread(stat.fileno(), 512, 0).rpartition(b")")[2].split()[0] in b"RD" for stat in self.stats.values()):
                return True
            time.sleep(0.002)
        return False

    def is_at_rest(self):
        return self.is_quiet() and not time.sleep(0.003) and self.is_quiet()

    def until(self, check, seconds=None, every=0.01):
        """`seconds`, of driven time, as those of eventually()."""
        began, end = time.monotonic(), self.clocks["mono"] + (seconds or 60) * 1000
        while not (value := check()):
            if not self.is_at_rest():
                assert time.monotonic() - began < 4 * patience() * SLOW, f"never at rest: {check}"
                time.sleep(0.003)
                continue
            if self.clocks["mono"] >= end:
                raise AssertionError(f"not within {seconds or 60} s: {check}")
            self.pass_time(self.step_ms)
            began = time.monotonic()
        return value
