# SPDX-License-Identifier: EUPL-1.2
"""A town of 1 000 citizens beside one of CITIZENS (the first argument; 100 000): what a verification, a search and an alta
cost the daemon in each, its memory, its file, and the desk of the larger one. Both daemons run at the same time and are
asked in turn, on one core; a ratio is the median of those of many short rounds, so that whatever else the machine does
falls on both. The cost is the processor's time of the daemon: how long an answer waits for the disk, and for the step that
it leaves on, is the same in both towns. bench_scale.py 1000000 takes some minutes, and 2 GiB under $TMPDIR.
bench_scale.py 1000000 server: each town goes to a PostgreSQL server of its own by "base traslada", and at the end comes back; the
processor's time is that of the daemon and of those of the server's processes which work for it, and 6 GiB are needed."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import BUILD, CLAVE, Box, Sim, UnixConnection, code_of, eventually, folder  # noqa: E402
from figures import tell  # noqa: E402
from server import a_server, ask, new_database  # noqa: E402

SMALL, LARGE = 1000, int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
ON_SERVER = sys.argv[2:] == ["server"]
FIRST_NIF = 10_000_000  # as fill_town has it
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
PENDING, ENDED = 1000, 20_000  # online altas: as many as may wait; a year of a large town
ASKED = 500  # citizens with a contraclave
ROUNDS, CALLS = 120, 4
GROWTH, MEMORY_MIB, DESK_MS = 1.2, 8, 50
LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
          "vivas_por_nif = 0 usos_por_peticion = 0")
JSON = {"Content-Type": "application/json"}
CORE = {min(os.sched_getaffinity(0))}
draw = random.Random(7)
failed = []


def nif(n):
    number = FIRST_NIF + n
    return f"{number:08d}{LETTERS[number % 23]}"


def check(what, value, unit, most=None):
    if not tell(f"scale: {what}", value, unit, most):
        failed.append(what)


class Town:
    def __init__(self, path, size, server):
        path.mkdir()
        self.server, self.backends = server, []
        self.size, self.next = size, size + PENDING + ENDED
        self.sim = Sim(path, "unix")
        self.box = Box(path, self.sim.device, limits=LIMITS)
        self.box.conf.write_text(self.box.conf.read_text().replace('"depuracion"', '"error"'))
        subprocess.run([BUILD / "tests/fill_town", self.box.database, self.box.key, str(size), str(PENDING), str(ENDED)], check=True)
        self.bytes = self.box.database.stat().st_size
        if server:
            self.move(new_database(server.address))
        began = time.monotonic()
        self.box.launch()
        eventually(self.is_ready, 600 if server else 120)  # each row is checked first
        self.started_s = time.monotonic() - began
        self.pid = self.box.program.process.pid
        os.sched_setaffinity(self.pid, CORE)
        self.box.client("solicitar,verificar,registro")
        self.client = http.client.HTTPConnection("127.0.0.1", self.box.port)
        self.bearer = {"Authorization": f"Bearer {self.box.token}", **JSON}
        self.desk = UnixConnection(self.box.control)
        if server:
            self.backends = [int(pid) for pid in ask(server.address, "SELECT pid FROM pg_stat_activity WHERE application_name = 'contraclaved'").split()]
            for pid in self.backends:
                os.sched_setaffinity(pid, CORE)

    def move(self, place):
        """The whole of it; both sides are read again and compared, row by row."""
        began = time.monotonic()
        moved = subprocess.run([BUILD / "contraclavectl", "-c", self.box.conf, "base", "traslada", place], stdout=subprocess.PIPE, text=True, check=True).stdout
        assert "son las mismas en los dos lados" in moved, moved
        tell(f"scale: base traslada of {self.size} people", time.monotonic() - began, "s")
        text = self.box.conf.read_text()
        self.box.conf.write_text(text.replace(str(self.box.address or self.box.database), str(place)))
        self.box.address = place

    def is_ready(self):
        with contextlib.suppress(OSError):
            return self.box.get("/readyz", token=None).status == 200

    def leave(self):
        self.box.stop()
        self.sim.stop()

    def call(self, connection, method, path, body=None, headers=None):
        """The answer, and its milliseconds."""
        began = time.perf_counter()
        connection.request(method, path, None if body is None else json.dumps(body), headers or JSON)
        response = connection.getresponse()
        text = response.read()
        took_ms = (time.perf_counter() - began) * 1000
        assert response.status in (200, 201, 202), (path, response.status, text)
        return json.loads(text), took_ms

    def cpu_ms(self):
        return sum(int(task.read_text().split()[0]) for pid in (self.pid, *self.backends)
                   for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6

    def resident_mib(self):
        rows = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines())
        return int(rows["VmRSS"].split()[0]) / 1024

    def ask(self):
        """Citizens anywhere in the town ask; their codes are read from the handsets."""
        asked = draw.sample(range(self.size), ASKED)
        for n in asked:
            self.call(self.client, "POST", "/v1/solicitudes", {"nif": nif(n), "clave": CLAVE}, self.bearer)
        eventually(lambda: len(self.sim.inbox()) == ASKED, 60)
        codes = {int(m["number"][4:]): code_of(m) for m in self.sim.inbox()}
        self.pins = [(nif(n), codes[n]) for n in asked]

    def verify(self):
        one, code = draw.choice(self.pins)
        answer, took = self.call(self.client, "POST", "/v1/verificaciones", {"nif": one, "clave": CLAVE, "contraclave": code}, self.bearer)
        assert answer["resultado"] == "correcto", answer
        return took

    def search(self):
        return self.call(self.desk, "POST", "/v1/registro/ciudadanos/busqueda", {"nif": nif(draw.randrange(self.size))})[1]

    def enrol(self):
        self.next += 1
        person = {"nif": nif(self.next), "nombre": "Persona", "apellido1": "Nueva", "movil": f"+346{self.next:08d}"}
        return self.call(self.client, "POST", "/v1/registro/ciudadanos", person, self.bearer)[1]

    def pages(self, path, name):
        """Follows the cursor to the end: (rows, the milliseconds of each page)."""
        count, took, mark = 0, [], ""
        while mark is not None:
            joint = "&" if "?" in path else "?"
            answer, ms = self.call(self.desk, "GET", path + (f"{joint}cursor={mark}" if mark else ""))
            count, mark = count + len(answer[name]), answer.get("siguiente")
            took.append(ms)
        return count, took


def compare(small, large, what, act):
    """Both are told; the milliseconds of the large town's answers are returned."""
    ratios, walls = [], ([], [])
    for _ in range(ROUNDS):
        spent = []
        for town, wall in zip((small, large), walls):
            before = town.cpu_ms()
            wall.extend(act(town) for _ in range(CALLS))
            spent.append(town.cpu_ms() - before)
        ratios.append(spent[1] / spent[0])
    check(f"{what} among {LARGE} against {SMALL}, processor's time", statistics.median(ratios), "times", GROWTH)
    check(f"{what} among {LARGE} against {SMALL}, median time", statistics.median(walls[1]) / statistics.median(walls[0]), "times", GROWTH if ON_SERVER else None)
    return walls[1]


def measure(small, large):
    for town in (small, large):
        town.ask()
    os.sched_setaffinity(0, CORE)
    compare(small, large, "a verification", Town.verify)
    compare(small, large, "an alta", Town.enrol)
    searches = compare(small, large, "a search of the desk", Town.search)
    check("resident memory, grown by", large.resident_mib() - small.resident_mib(), "MiB", MEMORY_MIB)
    check(f"a search of the desk among {LARGE}, p95", statistics.quantiles(searches, n=20)[-1], "ms", DESK_MS)
    for name, path in (("ciudadanos", "/v1/registro/ciudadanos"), ("altas", "/v1/registro/altas?estado=pendiente")):
        count, took = large.pages(path, name)
        check(f"{path}, {count} rows in {len(took)} pages, p95 of a page", statistics.quantiles(took, n=20)[-1], "ms", DESK_MS)
    looks = [large.call(large.desk, "GET", "/v1/estado")[1] for _ in range(20)]
    check("GET /v1/estado, median", statistics.median(looks), "ms", DESK_MS)
    check("resident memory after all that, grown by", large.resident_mib() - small.resident_mib(), "MiB", MEMORY_MIB)
    check("the file, for each person", (large.bytes - small.bytes) / (LARGE - SMALL), "bytes")
    check(f"start with {LARGE}, each row checked", large.started_s, "s")


def main():
    with folder() as path, contextlib.ExitStack() as servers:
        towns = []
        try:
            for name, size in (("small", SMALL), ("large", LARGE)):
                towns.append(Town(path / name, size, servers.enter_context(a_server()) if ON_SERVER else None))
            measure(*towns)
        finally:
            for town in towns:
                town.leave()
        if ON_SERVER:
            towns[1].move(path / "back.db")
    return 1 if failed else 0


sys.exit(main())
