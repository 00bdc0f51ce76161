# SPDX-License-Identifier: EUPL-1.2
"""What has had its term is destroyed while the sede asks 20 times a second: ROWS (the first argument; 60 000) requests,
messages and entries of the audit, and how late the answers are, without the run and with it. bench_retention.py 10000000
takes three quarters of an hour, and 5 GiB under $TMPDIR."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from asking import begin_turns, measure_beside, turns  # noqa: E402
from box import folder  # noqa: E402
from figures import tell  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
P99_MS, TURN_MS = 50, 5
failed = []


def check(what, value, unit, most=None):
    if not tell(f"retention: {what}", value, unit, most):
        failed.append(what)


def measure(box, sede):
    assert box.control_request("POST", "/v1/retencion", {}).status == 202
    report = {}

    def is_over():
        report.update(box.control_request("GET", "/v1/retencion").json)
        return report["estado"] != "en_curso"
    began = time.monotonic()
    begin_turns(box)
    p99, longest, count = sede.work(is_over)
    took = time.monotonic() - began
    assert report["estado"] == "hecha" and sum(report["filas"].values()) >= ROWS // 3 * 3, report
    check(f"{count} answers while {sum(report['filas'].values())} rows go, p99", p99, "ms", P99_MS)
    check("the longest of them", longest, "ms")
    held_cpu, held, count = turns(box)
    check("the loop held, processor time at most", held_cpu, "ms", TURN_MS)
    check("stretches of more than 5 ms", count, "")
    check("the loop held with its waits for the disk, at most", held, "ms")
    check("rows a second", sum(report["filas"].values()) / took, "")


def main():
    with folder() as path:
        measure_beside(path, check, measure, ROWS)
    return 1 if failed else 0


sys.exit(main())
