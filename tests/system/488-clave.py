# SPDX-License-Identifier: EUPL-1.2
"""The master key: words on paper and back, a credential of systemd, and memory that nobody else reads."""

import json
import pathlib
import re
import resource

from box import Box, folder, running


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
        if can_lock or resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] == resource.RLIM_INFINITY:
            assert int(re.search(r"VmLck:\s+(\d+)", status)[1]) > 1000, status
