# SPDX-License-Identifier: EUPL-1.2
"""What has had its term is destroyed while the sede asks 20 times a second: ROWS (the first argument; 60 000) requests,
messages and entries of the audit, and how late the answers are, without the run and with it. bench_retention.py 10000000
takes three quarters of an hour, and 5 GiB under $TMPDIR."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import BUILD, CLAVE, Box, Sim, code_of, eventually, folder  # noqa: E402
from figures import tell  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
PEOPLE, ASKED, A_SECOND, LINES = 1000, 50, 20, 8
BASE_S, P99_MS = 10, 50
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
          "vivas_por_nif = 0 usos_por_peticion = 0 sms_movil_dia = 0")
failed = []
lines = threading.local()


def nif(n):
    return f"{10_000_000 + n:08d}{LETTERS[(10_000_000 + n) % 23]}"


def check(what, value, unit, most=None):
    if not tell(f"retention: {what}", value, unit, most):
        failed.append(what)


def send(box, path, body):
    if not hasattr(lines, "connection"):
        lines.connection = http.client.HTTPConnection("127.0.0.1", box.port)
    lines.connection.request("POST", path, json.dumps(body),
                             {"Authorization": f"Bearer {box.token}", "Content-Type": "application/json"})
    return lines.connection.getresponse()


def call(box, path, body):
    try:
        response = send(box, path, body)
    except (http.client.RemoteDisconnected, ConnectionError):  # it was idle for too long
        lines.connection.close()
        response = send(box, path, body)
    text = response.read()
    assert response.status in (200, 202), (path, response.status, text)


class Sede:
    """Asks at fixed moments, whether it has its answers or not; a tenth are requests, the others verifications."""

    def __init__(self, box, pins):
        self.box, self.pins, self.late_ms = box, pins, []
        self.threads = concurrent.futures.ThreadPoolExecutor(LINES)

    def one(self, n, due):
        who, code = self.pins[n % len(self.pins)]
        if n % 10 == 0:
            call(self.box, "/v1/solicitudes", {"nif": nif(100 + n % 800), "clave": CLAVE})
        else:
            call(self.box, "/v1/verificaciones", {"nif": who, "clave": CLAVE, "contraclave": code})
        self.late_ms.append((time.perf_counter() - due) * 1000)

    def work(self, is_over):
        self.late_ms, asked, began = [], [], time.perf_counter()
        while not is_over():
            due = began + len(asked) / A_SECOND
            time.sleep(max(0, due - time.perf_counter()))
            asked.append(self.threads.submit(self.one, len(asked), due))
        for one in asked:
            one.result()
        return statistics.quantiles(self.late_ms, n=100)[-1], max(self.late_ms), len(asked)


def start(path):
    sim = Sim(path, "unix")
    box = Box(path, sim.device, limits=LIMITS)
    box.conf.write_text(box.conf.read_text().replace('"depuracion"', '"error"'))
    subprocess.run([BUILD / "tests/fill_terms", box.database, box.key, str(ROWS)], check=True)
    subprocess.run([BUILD / "tests/fill_town", box.database, box.key, str(PEOPLE), "0", "0"], check=True)
    box.launch()

    def ready():
        with contextlib.suppress(OSError):
            return box.get("/readyz", token=None).status == 200
    eventually(ready, 600, 0.1)  # each row is checked first
    box.client("solicitar,verificar")
    return box, sim


def pins_of(box, sim):
    for n in range(ASKED):
        box.ask_pin(nif(n))
    eventually(lambda: len(sim.inbox()) == ASKED, 60)
    codes = {m["number"]: code_of(m) for m in sim.inbox()}
    return [(nif(n), codes[f"+346{n:08d}"]) for n in range(ASKED)]


def go_first(*processes):
    """Where it is allowed: what else the machine does is none of the box's."""
    with contextlib.suppress(PermissionError):
        for process in (0, *processes):
            os.sched_setscheduler(process, os.SCHED_FIFO, os.sched_param(1))


def measure(box, sim):
    go_first(box.program.process.pid)
    sede = Sede(box, pins_of(box, sim))
    end = time.monotonic() + BASE_S
    check("answers without it, p99", sede.work(lambda: time.monotonic() > end)[0], "ms")
    assert box.control_request("POST", "/v1/retencion", {}).status == 202
    report = {}

    def is_over():
        report.update(box.control_request("GET", "/v1/retencion").json)
        return report["estado"] != "en_curso"
    began = time.monotonic()
    p99, longest, count = sede.work(is_over)
    took = time.monotonic() - began
    assert report["estado"] == "hecha" and sum(report["filas"].values()) >= ROWS // 3 * 3, report
    check(f"{count} answers while {sum(report['filas'].values())} rows go, p99", p99, "ms", P99_MS)
    check("the longest of them", longest, "ms")
    check("rows a second", sum(report["filas"].values()) / took, "")


def main():
    with folder() as path:
        box, sim = start(path)
        try:
            measure(box, sim)
        finally:
            box.stop()
            sim.stop()
    return 1 if failed else 0


sys.exit(main())
