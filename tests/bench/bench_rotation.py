# SPDX-License-Identifier: EUPL-1.2
"""Another master key for a town of PEOPLE (the first argument; 10 000) with three rows of requests, messages and audit for
each, while the sede asks 20 times a second: how long it takes, how late the answers are without it and with it, and how long
the loop is held. bench_rotation.py 100000 is a large town."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from asking import begin_turns, measure_beside, turns  # noqa: E402
from box import folder  # noqa: E402
from figures import tell  # noqa: E402

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
P99_MS = 50
TURN_MS, LONG_TURNS = 100, 6  # the tables are made at once at its beginning; neither grows with the town
failed = []


def check(what, value, unit, most=None):
    if not tell(f"rotation: {what}", value, unit, most):
        failed.append(what)


def measure(box, sede):
    key = box.key.read_bytes()
    report = {}

    def is_over():
        report.update(box.control_request("GET", "/v1/clave/cambio").json)
        return report["estado"] != "en_curso"
    began = time.monotonic()
    begin_turns(box)
    assert box.control_request("POST", "/v1/clave/cambio", {}).status == 202
    p99, longest, count = sede.work(is_over)
    took = time.monotonic() - began
    assert report["estado"] == "hecho" and box.key.read_bytes() != key, report
    check(f"{count} answers while {PEOPLE} people go under another key, p99", p99, "ms", P99_MS)
    check("the longest of them", longest, "ms")
    held_cpu, held, count = turns(box)
    check("the loop held, processor time at most", held_cpu, "ms", TURN_MS)
    check("stretches of more than 5 ms", count, "", LONG_TURNS)
    check("the loop held with its waits for the disk, at most", held, "ms")
    check("rows a second", 4 * PEOPLE / took, "")
    check("it takes", took, "s")


def main():
    with folder() as path:
        measure_beside(path, check, measure, 3 * PEOPLE, PEOPLE)
    return 1 if failed else 0


sys.exit(main())
