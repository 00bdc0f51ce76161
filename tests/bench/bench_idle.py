# SPDX-License-Identifier: EUPL-1.2
"""What the daemon costs in a town of 5 000 when it does nothing: one ready modem, nobody asks, for $SECONDS (two rounds of
questions to the modem at least). Its files are in memory: a wait for a disk is no wake-up, and how often there is one is the
disk's."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import BUILD, running  # noqa: E402
from figures import tell  # noqa: E402

SECONDS = int(os.environ.get("SECONDS_IDLE", "150"))
SETTLE_S, PEOPLE = 5, 5000
WANTED = {"resident": ("MiB", 12), "anonymous": ("MiB", 5), "of a core": ("%", 0.05), "wake-ups": ("/s", 0.5)}


def memory(pid):
    rows = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"resident": int(rows["VmRSS"].split()[0]) / 1024, "anonymous": int(rows["RssAnon"].split()[0]) / 1024}


def work(pid):
    """(CPU seconds, times that a thread of it was waited up) so far."""
    tasks = list(pathlib.Path(f"/proc/{pid}/task").iterdir())
    cpu = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    wakes = sum(int(line.split()[1]) for task in tasks for line in (task / "status").read_text().splitlines()
                if line.startswith("voluntary_ctxt_switches"))
    return cpu, wakes


def main():
    tempfile.tempdir = "/dev/shm"
    with running() as (box, _):
        box.stop()
        subprocess.run([BUILD / "tests/fill_town", box.database, box.key, str(PEOPLE), "0", "0"], check=True)
        box.start()
        pid = box.program.process.pid
        time.sleep(SETTLE_S)  # what a start leaves to do
        (cpu, wakes), began = work(pid), time.monotonic()
        time.sleep(SECONDS)
        (cpu_end, wakes_end), took = work(pid), time.monotonic() - began
        found = {**memory(pid), "of a core": 100 * (cpu_end - cpu) / took, "wake-ups": (wakes_end - wakes) / took}
    results = [tell(f"idle: {key}", found[key], unit, under=limit) for key, (unit, limit) in WANTED.items()]
    return 0 if all(results) else 1


sys.exit(main())
