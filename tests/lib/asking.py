# SPDX-License-Identifier: EUPL-1.2
"""A sede that asks a filled box twenty times a second while the box does something large, how late the answers are, and how long the loop
was held (preload_turns.c)."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import statistics
import struct
import subprocess
import threading
import time

from box import BUILD, CLAVE, Box, Sim, code_of, eventually

PEOPLE, ASKED, A_SECOND, LINES, BASE_S = 1000, 50, 20, 8, 10
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
          "vivas_por_nif = 0 usos_por_peticion = 0 sms_movil_dia = 0")
TURNS = struct.Struct("=5q")
lines = threading.local()


def nif(n):
    return f"{10_000_000 + n:08d}{LETTERS[(10_000_000 + n) % 23]}"


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

    def work_for(self, seconds):
        end = time.monotonic() + seconds
        return self.work(lambda: time.monotonic() > end)


def start(path, rows, people):
    """A box with so many people, and rows that have had their term."""
    sim, turns = Sim(path, "unix"), path / "vueltas"
    turns.write_bytes(bytes(TURNS.size))
    box = Box(path, sim.device, limits=LIMITS,
              env={"LD_PRELOAD": str(BUILD / "tests/preload_turns.so"), "CC_TURNS_FILE": str(turns)})
    box.conf.write_text(box.conf.read_text().replace('"depuracion"', '"error"'))
    subprocess.run([BUILD / "tests/fill_terms", box.database, box.key, str(rows)], check=True)
    subprocess.run([BUILD / "tests/fill_town", box.database, box.key, str(people), "0", "0"], check=True)
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


def begin_turns(box):
    with open(box.folder / "vueltas", "r+b") as file:
        file.write(bytes(TURNS.size))


def turns(box):
    """Since begin_turns(): the longest stretch of the loop, by the processor's time and by the clock, both in ms, and how many were of more
    than 5 ms of the processor's time."""
    _, cpu_us, cpu_count, us, _ = TURNS.unpack((box.folder / "vueltas").read_bytes())
    return cpu_us / 1000, us / 1000, cpu_count


def measure_beside(path, check, act, rows, people=PEOPLE):
    """`act(box, sede)` beside the asking sede, and before it how late the answers are without it."""
    box, sim = start(path, rows, people)
    try:
        go_first(box.program.process.pid)
        sede = Sede(box, pins_of(box, sim))
        begin_turns(box)
        check("answers without it, p99", sede.work_for(BASE_S)[0], "ms")
        check("the loop held without it, processor time at most", turns(box)[0], "ms")
        act(box, sede)
    finally:
        box.stop()
        sim.stop()
