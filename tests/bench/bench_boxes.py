# SPDX-License-Identifier: EUPL-1.2
"""A registry on a server: verifications a second against the file beside it, over the loopback and over a network of 1 ms,
and the messages of three boxes with a modem each against those of one."""

import contextlib
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import BUILD, CLAVE, eventually, running  # noqa: E402
from boxes import joined, named  # noqa: E402
from figures import tell  # noqa: E402
from server import a_server, new_database  # noqa: E402
from town import NO_LIMITS, at_once, nif, phone  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "3"))
CLIENTS = (1, 8, 64)
EACH = 40  # messages a box, a second each: the modem's pace is the bound, not the server nor this computer
WAY_S = 0.0005
RATIO_WANTED = 2.9


@contextlib.contextmanager
def far_away(server):
    """The folder of a socket by which each way to the server and back takes 0.5 ms more."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="cc-far-"))
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(path / ".s.PGSQL.5432"))
    door.listen(64)

    def carry(source, target):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                time.sleep(WAY_S)
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def take():
        with contextlib.suppress(OSError):
            while True:
                near, _ = door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(f"{server.folder}/.s.PGSQL.5432")
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()
    threading.Thread(target=take, daemon=True).start()
    try:
        yield path
    finally:
        door.close()
        (path / ".s.PGSQL.5432").unlink()
        path.rmdir()


def rates(seed_at, serve_at):
    done = subprocess.run([BUILD / "tests/bench_verify", seed_at, serve_at], stdout=subprocess.PIPE, text=True, check=True)
    return {int(clients): float(rate) for clients, rate in (line.split() for line in done.stdout.splitlines())}


def verifications():
    """Ratios within a round, so that what else this computer does counts for all three alike."""
    ratios, absolute = {}, {}
    with a_server() as server, far_away(server) as far:
        for _ in range(ROUNDS):
            address = new_database(server.address)
            with tempfile.TemporaryDirectory() as folder:
                file = rates(f"{folder}/db", f"{folder}/db")
            ways = {"over the loopback": rates(address, address)}
            address = new_database(server.address)
            ways["over 1 ms"] = rates(address, address.replace(server.folder, str(far)))
            for way, found in {"in a file": file, **ways}.items():
                for clients in CLIENTS:
                    absolute.setdefault((way, clients), []).append(found[clients])
                    ratios.setdefault((way, clients), []).append(found[clients] / file[clients])
    for (way, clients), found in absolute.items():
        tell(f"server: verifications {way}, {clients} clients", statistics.median(found), "/s")
    holds = [tell(f"server: verifications {way}, 64 clients against 8", statistics.median(a / b for a, b in zip(absolute[way, 64], absolute[way, 8])),
                  "times", least=1) for way in ("in a file", "over the loopback", "over 1 ms")]
    for (way, clients), found in ratios.items():
        if way == "in a file":
            continue
        tell(f"server: verifications {way} against a file, {clients} clients", statistics.median(found), "times")
    return all(holds)


def sending(boxes, shares):
    """Messages a second, from the first to the last that a modem takes. Each box is asked of by a client of its own, and
    what counts is the time between two messages of a modem, so that the figure is no other for when the first one went."""
    sims = [sim for _, sim in boxes]
    for n in range(sum(shares)):
        boxes[0][0].enrol(nif(n), f"Persona {n}", phone(n))

    def ask(box, people):
        for n in people:
            box.ask_pin(nif(n), CLAVE)
    at_once(*((ask, box, range(sum(shares[:n]), sum(shares[:n + 1]))) for n, (box, _) in enumerate(boxes)))
    eventually(lambda: sum(len(sim.inbox()) for sim in sims) == sum(shares), 10 * EACH, 0.2)
    times = [[event["at_us"] for event in sim.events("submit")] for sim in sims]
    pauses = [max(b - a for a, b in zip(those, those[1:])) / 1e6 for those in times]
    print(f"server: sent by each {[len(those) for those in times]}, longest pauses {[round(pause, 2) for pause in pauses]} s")
    return sum(len(those) - 1 for those in times) * 1e6 / (max(map(max, times)) - min(map(min, times)))


def throughput(count, shares):
    options = ("--cmgs-latency", "1.0")
    with a_server() as server, contextlib.ExitStack() as others:
        first = others.enter_context(running(extra=named("b0"), address=new_database(server.address), enrolled=False, limits=NO_LIMITS, options=options))
        boxes = [first] + [others.enter_context(joined(first[0], f"b{n}", "", True, options, limits=NO_LIMITS)) for n in range(1, count)]
        for box, _ in boxes:
            box.wait("/readyz")
        return sending(boxes, shares)


def main():
    one = throughput(1, [EACH])
    three = throughput(3, [EACH] * 3)
    uneven = throughput(3, [3 * EACH, 0, 0])
    is_good = tell("server: three boxes with a modem each to one", three / one, "times", least=RATIO_WANTED)
    tell("server: the same, all asked of one of them", uneven / one, "times")
    return 0 if verifications() and is_good else 1


sys.exit(main())
