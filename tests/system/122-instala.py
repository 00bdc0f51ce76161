# SPDX-License-Identifier: EUPL-1.2
"""contraclavectl instala: a town's box from an empty configuration to its first SMS, by options or at a terminal."""

import contextlib
import json
import os
import pty
import re
import socket
import subprocess
import threading

from box import BUILD, NIF, PHONE, ROOT, WRAP, Box, Sim, eventually, folder, serving

TOWN = ("--entidad", "Ayuntamiento de Alpedrete", "--zona", "Atlantic/Canary", "--dominio", "sede.alpedrete.es")


def forget(box, text=None):
    """The configuration of before the first start: the example, its files in the folder of the test."""
    text = text if text is not None else (ROOT / "conf/contraclaved.conf").read_text()
    text = text.replace('#base_datos = ', f'base_datos = "{box.database}" #').replace(
        '#clave_maestra = ', f'clave_maestra = "{box.key}" #').replace('#control = ', f'control = "{box.control}" #').replace(
        '#escucha = ', f'escucha = "127.0.0.1:{box.port}" #')
    box.conf.write_text(text)


def instala(box, *words, stdin=None, check=True):
    return box.ctl("instala", *words, stdin=stdin or "", check=check)


def unlocked(conf):
    return [line for line in conf.read_text().splitlines() if not line.lstrip().startswith("#") and " = " in line]


@contextlib.contextmanager
def new_box(*options):
    """A box that has never started, and the modem of it."""
    with folder() as path:
        sim = Sim(path, "unix", *options)
        with contextlib.ExitStack() as stack:
            stack.callback(sim.leave)
            box = Box(path, sim.device)
            forget(box)
            yield box, sim


def start_when_written(box, command, stdin):
    """The daemon, once instala waits for it; then the rest of what instala says."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ctl:
        ctl.stdin.write(stdin)
        ctl.stdin.flush()
        for line in ctl.stdout:
            if "arránquelo" in line:
                break
        box.launch()
        out, err = ctl.communicate(timeout=60)
    return ctl.returncode, line + out, err


def test_by_options_from_nothing_to_an_sms():
    with new_box("--pin", "7391") as (box, sim):
        command = [*WRAP, str(BUILD / "contraclavectl"), "-c", str(box.conf), "instala", *TOWN, "--dispositivo", sim.device,
                   "--pin-sim", "-", "--numero", PHONE]
        code, out, err = start_when_written(box, command, "7391\n")
        try:
            assert code == 0 and "Entregado" in out, (code, out, err)
            message, = sim.inbox()
            assert message["number"] == PHONE
            box.token = re.search(r"mostrar:\n(\S+)", out)[1]
            assert "#" in re.search(r"una vez.*\n(http\S+)", out)[1]
            box.ctl("ciudadano", "alta", "--nif", NIF, "--nombre", "María", "--movil", PHONE)
            box.ask_pin()
            eventually(lambda: len(sim.inbox()) == 2)
            assert 'nombre_sms = "Ayto. de Alpedrete"' in unlocked(box.conf)
            assert box.conf.stat().st_mode & 0o777 == 0o640 and "7391" in box.conf.read_text()
            before = box.conf.read_text()
            again = instala(box, "--numero", PHONE)
            assert "ya estaba así" in again.stdout and "sigue valiendo" in again.stdout and box.conf.read_text() == before
            changed = instala(box, "--dominio", "otra.alpedrete.es", "--cambia", check=False)
            assert changed.returncode == 75 and "reinicie" in changed.stderr, changed
            assert box.conf.with_name("contraclaved.conf.anterior").read_text() == before
            assert box.conf.read_text() == before.replace('"sede.alpedrete.es"', '"otra.alpedrete.es"')
        finally:
            box.stop()


def test_each_answer_is_checked_and_nothing_is_replaced_in_silence():
    with new_box() as (box, _):
        before = box.conf.read_text()
        rows = (((), 64, "--entidad: escriba el nombre"), (("--entidad", "x" * 121), 65, "--entidad: "),
                ((*TOWN[:2], "--nombre-sms", "Ayuntamiento de Ávila"), 65, "--nombre-sms: "),
                ((*TOWN[:2], "--zona", "Europa"), 65, "--zona: no existe"), ((*TOWN[:2], "--dominio", "http://x"), 65, "--dominio: "),
                ((*TOWN, "--dispositivo", "ttyUSB2"), 65, "--dispositivo: "), ((*TOWN, "--pin-sim", "12"), 65, "--pin-sim: "),
                ((*TOWN, "--numero", "12"), 65, "--numero: El teléfono"), (("--nif", "1"), 64, "no se usa --nif"))
        for words, code, said in rows:
            done = instala(box, *words, check=False)
            assert done.returncode == code and said in done.stderr, (words, done)
            assert box.conf.read_text() == before, words
        forget(box, 'entidad = "Ayuntamiento de Cercedilla" # del técnico\nnombre_sms = "Ayto."\nhttp { }\n'
                    'modem uno { pin_sim = "1111" }\n')
        before = box.conf.read_text()
        for words, said in ((TOWN[:2], "ya tiene «Ayuntamiento de Cercedilla»"), (("--pin-sim", "7391"), "ya tiene otro;")):
            done = instala(box, *words, check=False)
            assert done.returncode == 73 and said in done.stderr and "--cambia" in done.stderr, (words, done)
            assert "1111" not in done.stderr and box.conf.read_text() == before
        forget(box, "entidad = \n}")
        assert instala(box, *TOWN, check=False).returncode == 78
        box.conf.write_text("modem uno { }\nhttp { escucha = 5 }\n")
        done = instala(box, *TOWN, check=False)
        assert done.returncode == 78 and ":2: escucha" in done.stderr and box.conf.read_text().count("\n") == 2, done
        assert sorted(p.name for p in box.folder.iterdir() if p.name.startswith("contraclaved.conf")) == ["contraclaved.conf"]


def test_a_pin_that_the_sim_refuses_is_named():
    with new_box("--pin", "7391") as (box, sim):
        forget(box, box.conf.read_text().replace('entidad = ""', 'entidad = "Ayuntamiento de Ávila"').replace(
            'nombre_sms = ""', 'nombre_sms = "Ayto. Avila"').replace("#dispositivo = ", f'dispositivo = "{sim.device}" #').replace(
            "#pin_sim = ", 'pin_sim = "1111" #'))
        with serving(box, False, False, []):
            wrong = instala(box, check=False)
            assert wrong.returncode == 75 and "--pin-sim: " in wrong.stderr and "1111" not in wrong.stderr, wrong


def test_a_service_that_takes_no_connection_is_waited_for():
    with new_box() as (box, sim), contextlib.ExitStack() as ends:
        stuck = ends.enter_context(socket.socket(socket.AF_UNIX))
        stuck.bind(str(box.control))
        stuck.listen(0)
        for _ in range(3):  # more than it has room for
            client = ends.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            client.connect_ex(str(box.control))
        ctl = subprocess.Popen([*WRAP, str(BUILD / "contraclavectl"), "-c", str(box.conf), "instala", *TOWN, "--dispositivo",
                                sim.device], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        ends.callback(ctl.wait)
        ends.callback(ctl.kill)
        said = []
        reader = threading.Thread(target=lambda: said.extend(iter(ctl.stdout.readline, "")), daemon=True)
        reader.start()
        eventually(lambda: any("arránquelo" in line for line in said))


def test_at_a_terminal():
    with new_box() as (box, sim):
        command = [*WRAP, str(BUILD / "contraclavectl"), "-c", str(box.conf), "instala", "--numero", ""]
        master, slave = pty.openpty()
        with subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as ctl:
            os.close(slave)
            said = ""

            def reply(question, answer):
                nonlocal said
                while question not in said.rsplit("\0", 1)[-1]:
                    told = os.read(ctl.stdout.fileno(), 4096).decode(errors="replace")
                    assert told, said
                    said += told
                said += "\0"
                os.write(master, f"{answer}\n".encode())

            reply("Nombre del ayuntamiento", "")
            reply("escriba el nombre", "x" * 3000)
            reply("es demasiado largo", "Concello\0 de Noia")
            reply("es demasiado largo", "Concello de Noia")
            reply("[Concello de Noia]", "")
            reply("Zona horaria [Europe/Madrid]", "")
            reply("Dominio", "sede.noia.gal")
            reply("Módem", sim.device)
            reply("PIN de la SIM", "")
            reply("cliente de la sede", "")
            eventually(lambda: 'dominio_sede = "sede.noia.gal"' in unlocked(box.conf))
            box.launch()
            out, _ = ctl.communicate(timeout=60)
        os.close(master)
        try:
            assert ctl.returncode == 0 and "Módem listo" in out and "token" in out, (ctl.returncode, said, out)
            assert not sim.inbox() and 'nombre_sms = "Concello de Noia"' in unlocked(box.conf)
            assert json.loads(box.ctl("--json", "instala").stdout.splitlines()[-1])["escrito"] == []
        finally:
            box.stop()
