# SPDX-License-Identifier: EUPL-1.2
"""SIGTERM, and what systemd is told."""

import contextlib
import http.client
import os
import pathlib
import re
import signal
import socket
import threading
import time

from box import CLAVE, NIF, SLOW, Stopwatch, code_of, eventually, running

NO_LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
             "sms_movil_dia = 0 vivas_por_nif = 0")


def counts(box):
    return box.status()["cola"]


def test_sigterm_lets_the_message_in_flight_end():
    with running("pty", ("--cmgs-latency", "1"), limits=NO_LIMITS, extra="espera_informe_s = 1") as (box, sim):
        box.ask_pin()
        eventually(sim.inbox)
        sim.program.process.send_signal(signal.SIGSTOP)  # so it answers in half a second, however long the three take
        for _ in range(3):
            box.ask_pin()
        threading.Timer(0.5, sim.program.process.send_signal, [signal.SIGCONT]).start()
        started = time.monotonic()
        assert box.stop(signal.SIGTERM) == 0
        took = time.monotonic() - started
        assert 0.3 < took < 3 * SLOW, ("it waits for the modem's answer, and no longer", took)
        assert len(sim.inbox()) == 1, ("the queue waits for the next start", sim.inbox())
        assert "se comprobará" not in box.program.log() and "a medias" not in box.program.log()
        sim.ask(cmd="set", cmgs_latency_s=0)
        box.start()
        eventually(lambda: len(sim.inbox()) == 4)
        eventually(lambda: counts(box)["entregado"] >= 3)
        assert "a medias" not in box.program.log(), "its outcome was stored"
        time.sleep(1.5 * SLOW)
        codes = [code_of(m) for m in sim.inbox()]
        assert len(codes) == 4 and all(m["pid"] == 0 for m in sim.inbox()), sim.inbox()
        assert all(box.verify(code)["resultado"] == "correcto" for code in codes)


def test_sigterm_without_a_modem_keeps_the_queue():
    with running(limits=NO_LIMITS) as (box, sim):
        sim.stop()
        eventually(lambda: box.get("/readyz").status == 503)
        box.ask_pin()
        started = time.monotonic()
        assert box.stop(signal.SIGTERM) == 0
        assert time.monotonic() - started < 1 * SLOW
        sim.start()
        box.start()
        eventually(lambda: len(sim.inbox()) == 1)


def test_sigterm_answers_what_it_has_accepted():
    """Requests in flight at the signal get a 202 that is kept, or no 202 at all."""
    with running(limits=NO_LIMITS) as (box, sim):
        accepted, stop = [], threading.Event()

        def client():
            while not stop.is_set():
                try:
                    answer = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
                except (OSError, http.client.HTTPException):
                    return
                accepted.append(answer.status)
        threads = [threading.Thread(target=client) for _ in range(4)]
        for t in threads:
            t.start()
        eventually(lambda: len(accepted) >= 20)
        assert box.stop(signal.SIGTERM) == 0
        stop.set()
        for t in threads:
            t.join()
        assert set(accepted) <= {202, 503}, set(accepted)
        box.start()
        eventually(lambda: counts(box)["en_cola"] == counts(box)["enviando"] == 0)
        assert sum(counts(box).values()) >= accepted.count(202)
        assert len(sim.inbox()) >= accepted.count(202)


def hold_password(box):
    """Stops the child that compares a password; None while there is none, or when it has ended before it was stopped."""
    pid = box.program.process.pid
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            os.kill(int(child), signal.SIGSTOP)
            if pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T":
                return child
    return None


def test_sigterm_answers_who_waits_for_a_password():
    """One password is compared, and others wait: all are answered at the signal, not after the comparisons."""
    with running(enrolled=False) as (box, sim):
        answers, origin = [], {"Origin": f"http://127.0.0.1:{box.port}", "X-Contraclaved": "1"}

        def log_in(name):
            with contextlib.suppress(OSError, http.client.HTTPException):  # of those who come after the signal
                answers.append(box.post("/v1/sesion", {"nombre": name, "contrasena": "no es la suya"}, token=None,
                                        headers=origin))
        threads = [threading.Thread(target=log_in, args=[f"ana{n}"]) for n in range(8)]
        for t in threads:
            t.start()
        assert eventually(lambda: hold_password(box) or len(answers) == 8) is not True, [a.text for a in answers]
        assert box.stop(signal.SIGTERM) == 0, box.program.log()
        for t in threads:
            t.join()
        assert "shutting_down" in [a.json["type"] for a in answers], [a.text for a in answers]


def test_sigint_ends_too():
    with running(enrolled=False) as (box, sim):
        assert box.stop(signal.SIGINT) == 0


class Systemd:
    """The socket to which a service tells how it is."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.told = []

    def has(self, word):
        try:
            while True:
                self.told += self.socket.recv(4096).decode().split("\n")
        except BlockingIOError:
            return word in self.told


def test_systemd_is_told():
    with running(enrolled=False) as (box, sim):
        assert box.stop() == 0
        systemd = Systemd(box.folder)
        usec = int(400_000 * SLOW)
        box.env.update(NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC=str(usec))
        box.start()
        assert systemd.has("READY=1"), systemd.told
        assert any(t.startswith("STATUS=") for t in systemd.told)
        assert not systemd.has("STOPPING=1")
        eventually(lambda: systemd.has(f"STATUS=Sí, puede enviar. Atiende en 127.0.0.1:{box.port}."))
        for _ in range(2):
            systemd.has("")  # what was told before counts for nothing
            systemd.told.clear()
            watch = Stopwatch(box.program)
            eventually(lambda: systemd.has("WATCHDOG=1"))
            assert watch.seconds() < usec / 1e6, watch.seconds()
        systemd.told.clear()
        box.program.process.send_signal(signal.SIGHUP)
        eventually(lambda: systemd.has("READY=1"))
        assert "RELOADING=1" in systemd.told
        assert box.stop() == 0
        assert systemd.has("STOPPING=1"), systemd.told
        systemd.socket.close()


def test_the_journal_gets_priorities():
    with running(enrolled=False) as (box, sim):
        assert box.stop() == 0
        assert not re.search(r"^<\d>", box.program.log(), re.MULTILINE)
        box.stderr.unlink()
        box.env["JOURNAL_STREAM"] = "1:2"
        box.start()
        assert box.stop() == 0
        lines = [line for line in box.program.log().splitlines() if not line.startswith("==")]  # valgrind's own
        assert lines and all(re.match(r"<[3-7]>", line) for line in lines), lines
        assert any(line.startswith("<5>") and "listo" in line for line in lines), lines
