# SPDX-License-Identifier: EUPL-1.2
"""Copies that this box seals and cannot open: contraclavectl copia sello, and the drill that proves a copy good."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess

from box import BUILD, Box, clock_env, eventually, folder, running

PHRASE = "cuatro gatos verdes en la azotea"


def seal(box, *words, stdin=None):
    """Seals the copies from now on."""
    text = json.loads(box.ctl("--json", "copia", "sello", *words, stdin=stdin).stdout)["sello"]
    box.conf.write_text(f'{box.conf.read_text()}\ncopias {{ sello = "{text}" }}\n')
    return text


def files(box):
    return {p.name: p.read_bytes() for p in box.folder.iterdir() if p.is_file() and "copia" not in p.name}


def own_files(box):
    """Without what the simulated modem logs once the daemon has gone."""
    return {name: data for name, data in files(box).items() if name != "sim.jsonl"}


def test_a_phrase_that_does_not_stay_here():
    with running() as (box, _):
        for phrase, said in (("corta", "12 caracteres"), ("", "contraseña"), ("contraseña123456", "Elija otra")):
            done = box.ctl("copia", "sello", "--frase", check=False, stdin=f"{phrase}\n")
            assert done.returncode == 65 and said in done.stderr, (phrase, done.stderr)
        assert box.ctl("copia", "sello", check=False).returncode == 64
        text = seal(box, "--frase", stdin=f"{PHRASE}\n")
        to = box.folder / "copia"
        assert "sellada y comprobada" in box.ctl("copia", str(to)).stdout
        assert to.read_bytes().startswith(b"CCLVCOP1") and b"SQLite" not in to.read_bytes()
        assert text.startswith("frase:") and not any(PHRASE.encode() in data for data in files(box).values())
        box.stop()
        before = own_files(box)
        for words, phrase, code, said in (((), None, 77, "--frase"), (("--frase",), "otra frase muy distinta", 77, "esa frase"),
                                          (("--frase",), PHRASE, 0, "es buena")):
            done = box.ctl("restaura", str(to), "--ensayo", *words, check=False, stdin=f"{phrase}\n",
                           env={"TMPDIR": str(box.folder)})
            assert done.returncode == code and said in done.stdout + done.stderr, (phrase, done)
        assert own_files(box) == before and not [p for p in box.folder.iterdir() if "ensayo" in p.name]
        box.start()


def test_a_drill_that_is_killed_leaves_nothing():
    with folder() as path:
        box = Box(path, "unix:nada")
        box.start(ready=False)
        box.stop()
        seal(box, "--frase", stdin=f"{PHRASE}\n")
        box.ctl("copia", str(path / "copia"))
        for number in (signal.SIGKILL, signal.SIGINT, signal.SIGHUP):
            drill = subprocess.Popen([BUILD / "contraclavectl", "-c", box.conf, "restaura", path / "copia", "--ensayo", "--frase"],
                                     stdin=subprocess.PIPE, env={**os.environ, "TMPDIR": str(path)})
            drill_folder, = eventually(lambda: list(path.glob("contraclaved-ensayo.*")))
            eventually(lambda: pathlib.Path(f"/proc/{drill.pid}/task/{drill.pid}/children").read_text())  # its guard
            for end in ("", "-wal"):
                (drill_folder / f"copia-sin-sello{end}").write_bytes(b"de prueba")
            drill.send_signal(number)
            drill.communicate()
            eventually(lambda: not drill_folder.exists())
        done = box.ctl("restaura", str(path / "copia"), "--ensayo", "--frase", stdin=f"{PHRASE}\n", env={"TMPDIR": str(path)})
        assert "es buena" in done.stdout and not list(path.glob("contraclaved-ensayo.*"))


def test_a_private_key_and_copies_that_do_not_serve():
    with running() as (box, _):
        private, to, plain, other = (box.folder / f"copia{n}" for n in range(4))
        box.ctl("copia", str(plain))
        assert "todavía no ha llegado" not in box.ctl("restaura", str(plain), "--ensayo").stdout
        driven = clock_env(box.clock_file)
        box.drive(wall=-86_400_000)
        assert "todavía no ha llegado" in box.ctl("restaura", str(plain), "--ensayo", env=driven).stdout
        seal(box, "--privada", str(private))
        assert private.stat().st_mode & 0o777 == 0o400
        box.ctl("copia", str(to))
        box.ctl("copia", "sello", "--privada", str(other))
        whole, whole_plain = to.read_bytes(), plain.read_bytes()

        def flip(at, data=whole):
            return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

        with contextlib.closing(sqlite3.connect(plain)) as db, db:
            db.execute("UPDATE citizens SET level = level + 1")
        altered = plain.read_bytes()
        with contextlib.closing(sqlite3.connect(plain)) as db:
            db.executescript("PRAGMA user_version = 999")
        future = plain.read_bytes()
        rows = ((whole, private, 0, "se abre"), (whole, other, 77, "no se abre"), (whole, box.conf, 77, "no es el fichero"),
                (flip(3), private, 78, "no es una base de datos"), (b"", private, 78, "no es una base"), (flip(7), private, 65, "cortada o cambiada"),
                (flip(20), private, 65, "cortada o cambiada"), (flip(60), private, 65, "cortada o cambiada"),
                (flip(160), private, 65, "cortada o cambiada"), (flip(len(whole) - 1), private, 65, "cortada o cambiada"),
                (whole[:100], private, 65, "cortada o cambiada"), (whole[:160], private, 65, "cortada o cambiada"),
                (whole[:-20], private, 65, "cortada o cambiada"), (whole + b"x", private, 65, "cortada o cambiada"),
                (whole_plain, private, 0, "es buena"), (whole_plain[:9000], private, 65, "cortada o cambiada"),
                (altered, private, 74, "filas cambiadas"), (future, private, 78, "versión más nueva"))
        tried = box.folder / "copia-probada"
        for n, (data, key, code, said) in enumerate(rows):
            tried.write_bytes(data)
            done = box.ctl("restaura", str(tried), "--ensayo", "--privada", str(key), check=False)
            assert done.returncode == code and said in done.stdout + done.stderr, (n, done)
            assert "peticiones" not in done.stderr and "restaure la última" not in done.stderr, "nobody is served with a copy"
        assert box.ctl("restaura", str(box.folder / "no"), "--ensayo", check=False).returncode == 69
        with folder() as path:
            alien = Box(path, "unix:nada")
            alien.key.write_bytes(bytes(32))
            alien.key.chmod(0o400)
            done = alien.ctl("restaura", str(to), "--ensayo", "--privada", str(private), check=False)
            assert done.returncode == 78 and "no es la de" in done.stderr, done
        box.enrol("87654321X", "Otra Persona", "+34600123124")
        box.stop()
        done = box.ctl("restaura", str(to), "--privada", str(private))
        assert "1 ciudadanos" in done.stdout and not [p for p in box.folder.iterdir() if "sin-sello" in p.name], done
        box.start()
        assert box.status()["ciudadanos"] == 1
