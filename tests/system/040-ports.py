# SPDX-License-Identifier: EUPL-1.2
"""Ports that are missing, taken, mute or no ports: the daemon stays up, says what to do, and recovers by itself."""

import contextlib
import fcntl
import os
import signal
import socket
import threading
import time

from box import SLOW, Sim, clock_env, folder, free_port, running
from driven import DrivenBox
from town import modem_of

BACK_S = 5  # from a good device to ready


def says(box, state, *words):
    """What the technician is told, by HTTP and by the command line, while the daemon serves on."""
    def told():
        modem = modem_of(box)
        return modem["estado"] == state and all(w in modem["detalle"] for w in words)
    try:
        box.until(told, 10)
    except AssertionError:
        raise AssertionError((state, words, modem_of(box))) from None
    assert box.get("/healthz").status == 200
    assert box.get("/readyz").status == 503
    seen = box.ctl("estado").stdout
    assert all(w in seen for w in words), seen


def comes_back(box):
    started = box.mono()
    box.until(lambda: box.get("/readyz").status == 200, BACK_S + 5)
    took = box.mono() - started
    assert took < BACK_S * SLOW, f"ready only after {took:.2f} s"
    modem = modem_of(box)
    assert modem["estado"] == "listo" and modem["detalle"] == "", modem


@contextlib.contextmanager
def box_on(path, device, **more):
    """A daemon whose device is not good yet, and whatever sim the test starts for it."""
    box = DrivenBox(path, device, **more)
    sims = []

    def start_sim(*a, **kw):
        sims.append(Sim(path, *a, env=clock_env(box.clock_file, CC_CLOCK_TRUE="1"), **kw))
        box.modems = sims
        return sims[-1]
    try:
        box.start(ready=False).client()
        yield box, start_sim
        assert box.stop() == 0
    except BaseException:
        print(box.program.log()[-3000:])
        raise
    finally:
        for program in [box.program] + [s.program for s in sims]:
            if program.running():
                program.stop(signal.SIGKILL)


@contextlib.contextmanager
def peer(box, port, answer):
    """A TCP serial server with something else than a good modem behind it: answer(command) is what it says."""
    listener = socket.create_server(("127.0.0.1", port))
    clients = []

    def talk(client):
        rest = b""
        while chunk := client.recv(4096):
            *commands, rest = (rest + chunk).split(b"\r")
            for command in commands:
                client.sendall(answer(command.decode().strip()))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                box.modems = [listener.fileno()]
                clients.append(listener.accept()[0])
                box.modems = [listener.fileno(), clients[-1].fileno()]
                with contextlib.suppress(OSError):
                    talk(clients[-1])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        for s in [listener, *clients]:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        box.modems = []
        for s in [listener, *clients]:
            s.close()


def test_a_missing_port():
    with folder() as path, box_on(path, f"pty:{path}/modem") as (box, start_sim):
        says(box, "sin_dispositivo", "no está", "enchufado")
        start_sim("pty")
        comes_back(box)


def test_a_serial_server_that_is_off():
    port = free_port()
    with folder() as path, box_on(path, f"tcp:127.0.0.1:{port}") as (box, start_sim):
        says(box, "sin_dispositivo", "no está", "encendido")
        start_sim("tcp", port=port)
        comes_back(box)


def test_a_port_in_other_hands():
    with folder() as path:
        sim = Sim(path, env=clock_env(path / "clock", CC_CLOCK_TRUE="1"))
        other = os.open(path / "modem", os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX)
        with box_on(path, sim.device) as (box, _):
            box.modems = [sim]
            says(box, "sin_dispositivo", "Otro programa está usando el puerto")
            os.close(other)
            comes_back(box)
        sim.stop()


def test_no_permission():
    with folder() as path:
        sim = Sim(path, env=clock_env(path / "clock", CC_CLOCK_TRUE="1"))
        os.chmod(os.path.realpath(path / "modem"), 0)
        with box_on(path, sim.device) as (box, _):
            box.modems = [sim]
            if os.geteuid() == 0:  # nothing is forbidden to root
                comes_back(box)
            else:
                says(box, "sin_dispositivo", "Sin permiso", "dialout")
                os.chmod(os.path.realpath(path / "modem"), 0o600)
                comes_back(box)
        sim.stop()


def test_a_file_of_the_wrong_kind():
    for spoil, mend in ((lambda p: p.write_text("no soy un módem"), lambda p: p.unlink()), (os.mkdir, os.rmdir)):
        with folder() as path:
            spoil(path / "modem")
            with box_on(path, f"pty:{path}/modem") as (box, start_sim):
                says(box, "sin_dispositivo", "no es un puerto serie", "Corrija")
                mend(path / "modem")
                start_sim("pty")
                comes_back(box)


def test_a_device_file_that_is_no_tty():
    with folder() as path, box_on(path, "/dev/null") as (box, _):
        says(box, "sin_dispositivo", "no es un puerto serie")


def not_a_modem(answer):
    port = free_port()
    with folder() as path, box_on(path, f"tcp:127.0.0.1:{port}") as (box, start_sim):
        with peer(box, port, answer):
            says(box, "sin_dispositivo", "no responde como un módem", "puerto de órdenes AT")
        start_sim("tcp", port=port)
        comes_back(box)


def test_a_port_that_never_answers():
    not_a_modem(lambda command: b"")


def test_a_port_that_answers_garbage():
    not_a_modem(lambda command: os.urandom(300).replace(b"OK", b"") + b"\r\n" + b"x" * 5000)


def sim_card(cpin, state, *words):
    """A modem that talks, with a card that does not serve; then it is taken out and another put in its place."""
    def answer(command):
        if command == "AT+CPIN?":
            return cpin
        return b"\r\nOK\r\n"
    port = free_port()
    with folder() as path, box_on(path, f"tcp:127.0.0.1:{port}") as (box, start_sim):
        with peer(box, port, answer):
            says(box, state, *words)
        start_sim("tcp", port=port)
        comes_back(box)


def test_no_sim_card():
    sim_card(b"\r\n+CME ERROR: 10\r\n", "sim_falta", "No hay tarjeta SIM", "Ponga una SIM")


def test_a_sim_that_wants_its_puk():
    sim_card(b"\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n", "sim_puk", "PUK", "Desbloquéela")


def test_registration_denied_searching_and_back():
    with running(enrolled=False, kind=DrivenBox, true_network=True) as (box, sim):
        for stat, words in ((3, "La red rechaza esta SIM"), (2, "Buscando red"), (0, "Buscando red")):
            sim.ask(cmd="set", creg=stat)
            says(box, "buscando_red", words)
        sim.ask(cmd="set", creg=5)
        comes_back(box)
