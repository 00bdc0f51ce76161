# SPDX-License-Identifier: EUPL-1.2
"""The master key: words on paper and back, a credential of systemd, and memory that nobody else reads."""

import json
import os
import pathlib
import random
import re
import resource
import signal
import threading
import time

from altas import FORM, PDF, proven, raw_get
from box import BUILD, NAME, NIF, PHONE, Box, code_of, eventually, folder, running
from old_key import files_of, marks, opened


def words_of(box):
    return json.loads(box.ctl("--json", "clave", "exporta").stdout)["palabras"]


def test_a_paper_makes_the_key_of_a_new_box():
    with running() as (box, _):
        words, key = words_of(box), box.key.read_bytes()
        paper = box.ctl("clave", "exporta").stdout
        assert re.findall(r"\d+\. ([a-z]+)", paper) == words and len(words) == 17
        assert key.hex() not in paper and "sobre" in paper
        numbered = "\n".join(f"{n}. {w.upper()}" for n, w in enumerate(words, 1))
        assert "de este equipo" in box.ctl("clave", "recupera", "--ensayo", stdin=numbered).stdout
        copy = box.folder / "copia"
        box.ctl("copia", str(copy))
        with folder() as path:
            other = Box(path, "pty:/nowhere")
            for name, change, code, said in (
                    ("none", lambda w: [], 65, "17 palabras y se han leído 0"),
                    ("one less", lambda w: w[:-1], 65, "se han leído 16"),
                    ("no word", lambda w: [*w[:4], "queso", *w[5:]], 65, "la palabra 5 no puede"),
                    ("swapped", lambda w: [w[6], *w[1:6], w[0], *w[7:]], 65, "las palabras 1 y 7"),
                    ("moved", lambda w: [*w[1:9], w[0], *w[9:]], 65, "la palabra 9 va en el lugar 1"),
                    ("drill", lambda w: w, 0, "no hay clave")):
                done = other.ctl("clave", "recupera", *(["--ensayo"] if name == "drill" else []), check=False,
                                 stdin=" ".join(change(words)))
                assert done.returncode == code and said in done.stdout + done.stderr, (name, done)
                assert not other.key.exists(), name
            assert "restaura" in other.ctl("clave", "recupera", stdin=" ".join(words)).stdout
            assert other.key.read_bytes() == key and other.key.stat().st_mode & 0o777 == 0o400
            other.ctl("restaura", str(copy))
            other.key.write_bytes(bytes(32)), other.key.chmod(0o400)
            done = other.ctl("clave", "recupera", check=False, stdin=" ".join(words))
            assert done.returncode == 78 and "no se toca" in done.stderr and other.key.read_bytes() == bytes(32)
            other.key.unlink()
            with folder() as third:
                stranger = Box(third, "pty:/nowhere")
                stranger.key.write_bytes(bytes(32)), stranger.key.chmod(0o400)
                others = words_of(stranger)
            done = other.ctl("clave", "recupera", check=False, stdin=" ".join(others))
            assert done.returncode == 78 and "no son de la clave de la base de datos" in done.stderr and not other.key.exists()
            assert "abre la base de datos" in other.ctl("clave", "recupera", stdin=" ".join(words)).stdout


def test_a_credential_in_place_of_the_file():
    with running() as (box, _):
        box.stop()
        credentials = box.folder / "credenciales"
        credentials.mkdir()
        box.key.rename(credentials / "clave-maestra")
        (credentials / "clave-maestra").chmod(0o440)  # as systemd shows it
        box.launch()
        assert box.program.process.wait(20) == 78  # the data are not begun anew
        box.env["CREDENTIALS_DIRECTORY"] = str(credentials)
        box.start()
        box.ask_pin()
        assert not box.key.exists()
        (credentials / "clave-maestra").rename(box.key)
        box.key.chmod(0o400)


def test_nothing_of_its_memory_gets_out():
    with running() as (box, _):
        process = pathlib.Path(f"/proc/{box.program.process.pid}")
        assert re.search(r"Max core file size\s+0\s+0", (process / "limits").read_text())
        status = (process / "status").read_text()
        can_lock = int(re.search(r"CapEff:\s+(\w+)", status)[1], 16) >> 14 & 1  # CAP_IPC_LOCK
        if "asan" in BUILD.name:
            return  # AddressSanitizer makes mlockall() do nothing
        if can_lock or resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] == resource.RLIM_INFINITY:
            assert int(re.search(r"VmLck:\s+(\d+)", status)[1]) > 1000, status


def nif_of(n):
    return f"{n:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[n % 23]}"


def enrol_many(box, count):
    for n in range(count):
        box.enrol(nif_of(10_000_000 + n), f"Vecino {n}", f"+3460000{n:04d}")


def secrets_of(box):
    """What somebody has who has read all files, with the key."""
    return {p.name: p.read_bytes() for p in box.folder.iterdir() if p.is_file()}


def test_another_key_while_it_serves():
    with running() as (box, sim):
        enrol_many(box, 30)
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[-1])
        evidence = box.verify(code)["evidencia"]
        signed = box.ctl("evidencia", "ver", evidence).stdout
        copy = box.folder / "copia"
        box.ctl("copia", str(copy))
        key, old = box.key.read_bytes(), box.rows("SELECT id FROM citizens")
        sealed = [bytes(v) for row in box.rows("SELECT sealed, phone_index FROM citizens") for v in row]
        done = threading.Thread(target=box.ctl, args=("clave", "rota"))
        done.start()
        verified = 0
        while done.is_alive():
            box.verify(code)
            verified += 1
        done.join()
        assert verified > 3 and box.key.read_bytes() != key
        assert box.control_request("GET", "/v1/clave/cambio").json["estado"] == "hecho"
        for name, data in secrets_of(box).items():
            assert key not in data, name
            if name != "copia":
                assert not any(value in data for value in sealed), name
        assert not set(old) & set(box.rows("SELECT id FROM citizens"))
        box.verify(code)  # of before
        assert box.control_request("GET", f"/v1/evidencias/{evidence}").json["evidencia"] == evidence
        other = nif_of(10_000_003)
        box.ask_pin(nif=other)
        assert box.verify(code_of(eventually(lambda: sim.inbox()[1:])[-1]), nif=other)["evidencia"] != evidence
        saved = box.folder / "evidencia.json"
        saved.write_text(signed)
        assert "auténtica" in box.ctl("evidencia", "verifica", str(saved)).stdout
        assert box.ctl("restaura", str(copy), "--ensayo", check=False).returncode == 78
        assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout
        box.stop()
        box.start()
        box.verify(code)


def older_copies(box):
    """What an upgrade and a restored copy leave beside the database, whole or half written."""
    names = ("version-30", "version-31.parte", "20260102-030405", "20260102-030405-wal", "parte")
    for name in names:
        box.database.with_name(f"contraclaved.db.{name}").write_bytes(box.database.read_bytes())
    return [f"contraclaved.db.{name}" for name in names]


def fill_everything(box, sim):
    """A person in each table that has something of hers."""
    box.enrol(contraste="01/02/2031", documento="Pasaporte AAB123456")
    box.client("alta,solicitar,verificar", "portal")
    assert box.control_request("POST", "/v1/registro/ciudadanos/suspension", {"nif": NIF, "motivo": "porque lo pide"}).status == 200
    assert box.control_request("POST", "/v1/registro/ciudadanos/reactivacion", {"nif": NIF, "motivo": "porque lo pide"}).status == 200
    alta = proven(box, sim, nif="23456789D", nombre="Zenobia", apellido1="Camprubí", movil="+34600000009")
    box.ask_pin(ip_usuario="203.0.113.77")
    code = code_of(eventually(lambda: [m for m in sim.inbox() if m["number"] == PHONE and re.search(r"\b\d{4}\b", m["text"])])[-1])
    assert box.verify(code, ip_usuario="203.0.113.77")["resultado"] == "correcto"
    box.verify("0000", ip_usuario="203.0.113.77")
    sim.ask(cmd="deliver", **{"from": "+34699888777", "text": "quiero la baja"})
    eventually(lambda: box.rows("SELECT 1 FROM inbox"))
    box.ask_pin()
    return alta


def test_nothing_opens_with_the_old_key():
    """Each byte of each file is taken for the beginning of something sealed."""
    with running(enrolled=False, extra=FORM) as (box, sim):
        alta = fill_everything(box, sim)
        needles = {text.encode() for text in (NIF, PHONE, NAME.split()[0], "23456789D", "Zenobia", "+34699888777", "quiero la baja", "porque lo pide",
                                              "Pasaporte AAB123456", "203.0.113.77")}
        key, made = box.key.read_bytes(), marks(box.database)
        columns = set(made.values())
        assert len(columns) >= 20, columns
        assert opened(key, b"".join(p.read_bytes() for p in files_of(box)), needles) == needles, "the search itself does not find them"
        copies = older_copies(box)
        box.ctl("clave", "rota")
        assert not [name for name in copies if (box.folder / name).exists()]
        assert box.rows("SELECT reference FROM audit WHERE event = 'copias_destruidas'") == [(len(copies),)]
        assert box.program.log().count("solo se leía con la anterior") == len(copies)
        for path in files_of(box):
            data = path.read_bytes()
            assert not opened(key, data, needles), path.name
            assert not [text for text in (key, key.hex().encode(), key.hex().upper().encode()) if text in data], path.name
            assert not {name for mark, name in made.items() if mark in data}, path.name
        assert opened(box.key.read_bytes(), box.database.read_bytes(), needles) >= {NIF.encode(), b"Zenobia"}
        assert raw_get(box, f"/v1/registro/altas/{alta}/documentos/1")[2] == PDF


def test_a_wrong_new_key_is_refused():
    with running() as (box, _):
        key, new = box.key.read_bytes(), box.folder / "clave-maestra.nueva"
        for data, mode in ((b"corta", 0o400), (bytes(32), 0o444), (key, 0o400)):
            new.write_bytes(data), new.chmod(mode)
            done = box.ctl("clave", "rota", check=False)
            assert done.returncode == 78 and "clave nueva" in done.stderr, done
            assert box.key.read_bytes() == key
            new.unlink()
        new.write_bytes(bytes(range(32))), new.chmod(0o400)
        box.ctl("clave", "rota")
        assert box.key.read_bytes() == bytes(range(32)) and not new.exists()
        box.ask_pin()


def test_killed_on_the_way():
    """A kill at any point leaves the one key whole or the other; the start goes on by itself. KILLS=100: a long run."""
    kills = int(os.environ.get("KILLS", "3"))
    dice = random.Random(os.environ.get("SEED", "14"))
    with running() as (box, sim):
        enrol_many(box, 15)
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[-1])
        for n in range(kills):
            key = box.key.read_bytes()
            copies = older_copies(box)
            box.control_request("POST", "/v1/clave/cambio", {})
            time.sleep(dice.random() * 0.35)
            box.stop(signal.SIGKILL)
            box.start(ready=False)
            eventually(lambda: box.control_request("GET", "/v1/clave/cambio").json["estado"] in ("ninguno", "hecho"))
            left = sorted(p.name for p in box.folder.iterdir() if "rota" in p.name or "nueva" in p.name)
            assert left in ([], ["clave-maestra.nueva"]), (n, left)  # drawn, and not begun
            assert box.key.read_bytes() != key or left or box.control_request("GET", "/v1/clave/cambio").json["estado"] == "ninguno"
            there = [name for name in copies if (box.folder / name).exists()]
            assert there == ([] if box.key.read_bytes() != key else copies), (n, there)
            box.verify(code)
            assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout
            assert box.rows("SELECT count(*) FROM citizens")[0][0] == 16
