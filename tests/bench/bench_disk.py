# SPDX-License-Identifier: EUPL-1.2
"""What the daemon writes to its disk (write_bytes of /proc/PID/io): for each request, from the 202 to the delivery report,
with its share of emptying the log at the end; and in a day on which nobody asks, from $MINUTES_IDLE minutes of one."""

import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import CLAVE, eventually, running  # noqa: E402
from figures import tell  # noqa: E402
from town import NO_LIMITS, enrol, nif, queue  # noqa: E402

REQUESTS = 100
MINUTES_IDLE = float(os.environ.get("MINUTES_IDLE", "11"))
SETTLE_S = 65  # the first point of the modem, and what a start leaves to do
REQUEST_WANTED_KIB, IDLE_WANTED_MIB = 33.5, 8  # 67 KiB and 28 MiB before the pages, indexes and lines were thinned out
SLOW_NETWORK = ("--cmgs-latency", "0.2", "--report-latency", "0.5")


def written(pid):
    rows = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(rows["write_bytes"])


def is_over(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def quiet(box):
    """Its messages to the journal are not its own writing: here they would go to a file beside the database."""
    box.conf.write_text(box.conf.read_text().replace('"depuracion"', '"error"'))


def each_request():
    """KiB a request: (while it serves, with the emptying of the log)."""
    with running(options=SLOW_NETWORK, limits=NO_LIMITS, enrolled=False) as (box, _):
        box.stop()
        quiet(box)
        box.start()
        enrol(box, range(REQUESTS))
        pid = box.program.process.pid
        begin = written(pid)
        for n in range(REQUESTS):
            box.ask_pin(nif(n), CLAVE)
            eventually(lambda n=n: queue(box)["entregado"] == n + 1)
        end = written(pid)
        box.program.process.send_signal(signal.SIGTERM)
        eventually(lambda: is_over(pid), 20)
        whole = written(pid)
        return (end - begin) / 1024 / REQUESTS, (whole - begin) / 1024 / REQUESTS


def idle_day():
    """MiB a day."""
    with running() as (box, _):
        box.stop()
        quiet(box)
        box.start()
        pid = box.program.process.pid
        time.sleep(SETTLE_S)
        begin, began = written(pid), time.monotonic()
        time.sleep(MINUTES_IDLE * 60)
        return (written(pid) - begin) / 2**20 * 86400 / (time.monotonic() - began)


def main():
    serving, whole = each_request()
    day = idle_day()
    results = [
        tell("disk: a request writes", serving, "KiB", most=REQUEST_WANTED_KIB),
        tell("disk: with its share of emptying the log", whole, "KiB"),
        tell("disk: an idle day writes", day, "MiB", most=IDLE_WANTED_MIB),
    ]
    return 0 if all(results) else 1


sys.exit(main())
