# SPDX-License-Identifier: EUPL-1.2
"""Configuration, data folder and restarts: what is wrong is said with its place, and nothing is guessed."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import time

from box import BUILD, NIF, ROOT, SLOW, WRAP, Box, code_of, eventually, folder, needs_file, running

MODEM = 'modem principal { dispositivo = "unix:m.sock" ritmo_por_minuto = 0  }'
LIMITS = "limites { cliente_por_segundo = 0 ip_por_segundo = 0 }"
# Each row: what is replaced in a good file, by what, and the words that must be on the line about it.
# The line that must be named is that of the last "§" in the new text (a mark that is taken out).
ROWS = [
    ('perfil = "pin24h"', '§perfiles = "pin24h"', "perfiles"),
    ('perfil = "pin24h"', '§perfil "pin24h"', "perfil"),
    ('perfil = "pin24h"', 'perfil = "pin24h"\n\n# nota\n§perfil = "pin24h"', "repetida"),
    ('perfil = "pin24h"', '§perfil = "otro"', "reforzado"),
    ('perfil = "pin24h"', '§perfil = "pin24h', "comillas"),
    ('perfil = "pin24h"', '§perfil = \x01', "control"),
    ('perfil = "pin24h"', '§}', "}"),
    ('perfil = "pin24h"', '§revelar_alta = quiza', "si o no"),
    ('perfil = "pin24h"', '§espera_informe_s = 0', "0.1"),
    ('perfil = "pin24h"', '§nivel_registro = "todo"', "depuracion"),
    ('perfil = "pin24h"', '§dominio_sede = "https://sede.es/"', "dominio"),
    ('"Europe/Madrid"', '§"Europe/Alpedrete"', "Europe/Madrid"),
    ('"Ayto. de Alpedrete"', '§"Ayuntamiento de Ávila"', "nombre_sms"),
    ('"Ayto. de Alpedrete"', '§"' + "A" * 31 + '"', "30"),
    ('"Ayto. de Alpedrete"', '§""', "nombre_sms"),
    ('"Ayuntamiento de Alpedrete"', '§"' + "A" * 121 + '"', "entidad"),
    ('escucha = "127.0.0.1', '§escucha = "0.0.0.0', "TLS"),
    ('escucha = "127.0.0.1:', '§escucha = "127.0.0.1:9', "escucha"),
    ('escucha = "127.0.0.1', '§escucha = "localhost', "escucha"),
    (LIMITS, "§limites { cliente_por_minuto = 5 }", "cliente_por_minuto"),
    (LIMITS, "limites {\n\n§cliente_por_segundo = -1 }", "cliente_por_segundo"),
    (LIMITS, "limites {\n§cliente_rafaga = 1000001 }", "1000000"),
    (LIMITS, "limites {\n§cliente_rafaga = 2.5 }", "entero"),
    (LIMITS, 'limites {\n§cliente_rafaga = "muchas" }', "entero"),
    (LIMITS, 'limites {\n§cliente_rafaga = "" }', "entero"),
    (LIMITS, "limites {\n§vivas_por_nif = 9 }", "8"),
    (LIMITS, "limites {\ncliente_rafaga = 1\n§cliente_rafaga = 2 }", "repetida"),
    (LIMITS, LIMITS + "\n§" + LIMITS, "repetida"),
    (LIMITS, "§limites {\n", "}"),
    (LIMITS, "§limitaciones { }", "limitaciones"),
    (MODEM, MODEM + "\n§" + MODEM, "repetida"),
    (MODEM, "§modem { dispositivo = \"sim:\" }", "modem"),
    (MODEM, 'modem "dos palabras" { dispositivo = "unix:m.sock"\n§}', "nombre"),
    (MODEM, '§modem principal { dispositivo = "usb:2c7c" }', "usb:2c7c:0125"),
    (MODEM, '§modem principal { dispositivo = "unix:m.sock" aviso_saldo = "(saldo" }', "regular"),
    (MODEM, '§modem principal { dispositivo = "ttyUSB2" }', "/dev/"),
    (MODEM, '§modem principal { dispositivo = "sim:" }', "arranque simmodem"),
    (MODEM, '§modem principal { dispositivo = "unix:m.sock" pin_sim = "77a1" }', "cifras"),
    (MODEM, '§modem principal { dispositivo = "unix:m.sock" plazo_envio_s = 3601 }', "3600"),
    (MODEM, "", "modem"),
    ('entidad = "Ayuntamiento de Alpedrete"', "", "entidad"),
    ("entidad", "§entidad = \"\xff\"\nentidad", "UTF-8"),
]


WAYS = [["--comprobar"]] if WRAP else [["--comprobar"], []]  # a start under valgrind takes seconds


def run_daemon(*words, env=None):
    return subprocess.run([*WRAP, BUILD / "contraclaved", *map(str, words)], capture_output=True, text=True,
                          timeout=20 * SLOW, check=False, env={**os.environ, **(env or {})})


def new_box(path):
    return Box(path, "unix:m.sock")


def test_every_mistake_is_told_with_its_line():
    with folder() as path:
        box = new_box(path)
        good = box.conf.read_text()
        for old, new, words in ROWS:
            assert old in good, old
            text = good.replace(old, new, 1)
            line = text[:text.rfind("§")].count("\n") + 1 if "§" in text else None
            box.conf.write_bytes(text.replace("§", "").encode("utf-8").replace(b"\xc3\xbf", b"\xff"))
            for words_too in WAYS:
                done = run_daemon("-c", box.conf, *words_too)
                row = (new, done.returncode, done.stderr)
                assert done.returncode == 78 and done.stdout == "", row
                said = re.fullmatch(rf"{re.escape(str(box.conf))}:(\d+): (.+)\n", done.stderr)
                assert said and words in said[2], row
                assert line in (None, int(said[1])), (line, row)
                assert "77a1" not in done.stderr, row
            assert not box.database.exists() and not box.key.exists() and not box.control.exists(), new
        box.conf.write_text(good)
        assert run_daemon("-c", box.conf, "--comprobar").returncode == 0


def test_a_file_that_cannot_be_read():
    with folder() as path:
        (path / "grande").write_text("#" * 300000)
        (path / "vacio").write_text("")
        for name, words in (("falta", "no existe"), (".", "carpeta"), ("grande", "grande"), ("vacio", "entidad")):
            done = run_daemon("-c", path / name, "--comprobar")
            assert done.returncode == 78 and words in done.stderr, (name, done)
        for words in (["--comprueba"], ["-c"], ["sobra"]):
            assert run_daemon(*words).returncode == 64, words


def test_the_shipped_file_waits_for_the_names_of_the_town():
    shipped = (ROOT / "conf/contraclaved.conf").read_text()
    with folder() as path:
        for key, value in (("entidad", "Ayuntamiento de Alpedrete"), ("nombre_sms", "Ayto. de Alpedrete")):
            (path / "x.conf").write_text(shipped)
            done = run_daemon("-c", path / "x.conf", "--comprobar")
            assert done.returncode == 78 and f": {key}: escriba" in done.stderr, done
            shipped = shipped.replace(f'\n{key} = ""\n', f'\n{key} = "{value}"\n')
        (path / "shipped.conf").write_text(shipped)
        written_out = re.sub(r"(?m)^(\s*)#(\w+ = )", r"\1\2", shipped)
        assert written_out.count(" = ") == shipped.count(" = ") and written_out != shipped
        (path / "defaults.conf").write_text(written_out)
        for conf in (path / "shipped.conf", path / "defaults.conf"):
            done = run_daemon("-c", conf, "--comprobar")
            assert done.returncode == 0 and "correcta" in done.stdout and done.stderr == "", (conf, done)


def test_a_second_start_finds_everything():
    with running() as (box, sim):
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        key = box.key.read_bytes()
        for file, mode in ((box.key, 0o400), (box.database, 0o600), (box.control, 0o600)):
            assert stat.S_IMODE(file.stat().st_mode) == mode, file
        assert len(key) == 32
        assert box.stop() == 0
        assert not box.control.exists(), "its socket goes with it"
        box.start()
        assert box.key.read_bytes() == key
        assert box.verify(code)["resultado"] == "correcto", "the old token and the old code"
        assert box.status()["ciudadanos"] == 1
        box.stop(signal.SIGKILL)
        box.start()  # over the socket file that was left behind
        assert box.verify(code)["resultado"] == "correcto"


def set_version(box):
    with contextlib.closing(sqlite3.connect(box.database)) as db:
        db.execute("PRAGMA user_version = 1000")


def make_foreign(box):
    box.database.unlink()
    with contextlib.closing(sqlite3.connect(box.database)) as db:
        db.execute("CREATE TABLE citizens (id)")


def rewrite_key(size, mode=0o400):
    def change(box):
        box.key.unlink()
        box.key.write_bytes(os.urandom(size))
        box.key.chmod(mode)
    return change


def point_at(name, value):
    def change(box):
        box.conf.write_text(re.sub(rf'{name} = "[^"]*"', f'{name} = "{box.folder}/{value}"', box.conf.read_text()))
    return change


DATA_ROWS = [
    (set_version, 78, "versión más nueva"),
    (lambda box: box.database.write_text("Esto es una lista de la compra.\n" * 100), 78, "no es una base de datos"),
    (lambda box: box.database.write_text("x"), 78, "no es una base de datos"),
    (make_foreign, 78, "no es una base de datos"),
    (lambda box: box.key.unlink(), 78, "Falta el fichero de la clave maestra"),
    (rewrite_key(32), 78, "no es la de esta base de datos"),
    (rewrite_key(31), 78, "32 bytes"),
    (rewrite_key(33), 78, "32 bytes"),
    (rewrite_key(0), 78, "32 bytes"),
    (lambda box: box.key.chmod(0o440), 78, "0400"),
    (point_at("base_datos", "no/hay/datos.db"), 74, "no/hay/datos.db"),
    (point_at("base_datos", ""), 74, "no se puede abrir"),
    (point_at("control", "no/hay/control.sock"), 78, "no/hay/control.sock"),
    (point_at("control", "contraclaved.db"), 78, "contraclaved.db"),
]


def contents(path):
    files = [p for p in pathlib.Path(path).rglob("*") if p.is_file() and p.suffix not in (".conf", ".err")]
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(files)}


def test_data_that_cannot_be_used_is_left_as_it_is():
    needs_file()
    with running("unix") as (box, _):
        first = box.folder
        assert box.stop() == 0
        for change, status, words in DATA_ROWS:
            with folder() as path:
                for name in ("contraclaved.db", "clave-maestra"):
                    shutil.copy(first / name, path / name)
                copy = new_box(path)
                change(copy)
                before = contents(path)
                done = run_daemon("-c", copy.conf)
                assert done.returncode == status and words in done.stderr, (words, done)
                after = contents(path)
                assert after == before, (words, before.keys(), after.keys())
        box.start()
        assert box.stop() == 0, "and the original starts"


def test_a_port_that_is_taken():
    with folder() as path, socket.socket() as s:
        box = new_box(path)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", box.port))
        s.listen()
        done = run_daemon("-c", box.conf)
        assert done.returncode == 78 and "en uso" in done.stderr and str(box.port) in done.stderr, done


def test_a_second_daemon_on_the_same_data_does_not_start():
    with running(options=("--cmgs-latency", str(SLOW * 6))) as (box, sim):  # a server is asked for 3 s whether the other has gone
        box.ask_pin()
        eventually(lambda: box.status()["cola"]["enviando"])
        done = run_daemon("-c", box.conf)
        assert done.returncode == 75 and "Otro contraclaved" in done.stderr, done
        assert box.status()["cola"]["enviando"] == 1, "it took the message in flight for a crash's"
        assert box.verify(code_of(eventually(sim.inbox)[0]))["resultado"] == "correcto"
        assert json.loads(box.ctl("--json", "estado").stdout)["ciudadanos"] == 1, "the socket is the first one's"


def test_the_lock_of_a_daemon_that_was_killed_is_waited_for():
    """A child that it had forked just then has it until it runs, and ends."""
    needs_file()
    with running(enrolled=False) as (box, _), open(box.database, "rb") as child:
        box.stop(signal.SIGKILL)
        fcntl.flock(child, fcntl.LOCK_EX)
        box.launch()
        time.sleep(0.3)
        assert box.program.running()
        child.close()
        box.wait("/readyz")


def reread(box, text):
    box.conf.write_text(text)
    seen = box.program.log().count("configuración")
    box.program.process.send_signal(signal.SIGHUP)
    eventually(lambda: box.program.log().count("configuración") > seen)


def test_sighup():
    with running(limits="cliente_por_segundo = 0 segundos_entre_peticiones = 0") as (box, sim):
        good = box.conf.read_text()
        changed = good.replace("Ayto. de Alpedrete", "Alpedrete")
        reread(box, changed.replace("perfil", "perfiles"))
        assert "se mantiene la configuración anterior" in box.program.log()
        assert f"{box.conf}:4: " in box.program.log()
        box.ask_pin()
        assert eventually(sim.inbox)[-1]["text"].startswith("Ayto. de Alpedrete: ")
        reread(box, changed)
        box.ask_pin()
        assert eventually(lambda: sim.inbox()[1:])[-1]["text"].startswith("Alpedrete: ")
        reread(box, changed.replace("segundos_entre_peticiones = 0", "segundos_entre_peticiones = 60"))
        box.ask_pin()
        assert box.status()["cola"]["en_cola"] == 0 and len(sim.inbox()) == 2, "the new limit holds"
        assert "necesitan reiniciar" not in box.program.log()
        reread(box, changed.replace("Europe/Madrid", "Atlantic/Canary").replace('"pty:', '"unix:'))
        line = [l for l in box.program.log().split("\n") if "necesitan reiniciar" in l][0]
        assert "zona_horaria" in line and line.endswith("modem"), line
        for _ in range(20):  # whatever is freed here must not be in use
            reread(box, good)
        box.enrol("87654321X", "Ana Ruiz", "600999888")
        box.ask_pin("87654321X")
        assert eventually(lambda: sim.inbox()[2:])[-1]["text"].startswith("Ayto. de Alpedrete: ")
        assert box.status()["entidad"] == "Ayuntamiento de Alpedrete" and NIF not in box.program.log()
