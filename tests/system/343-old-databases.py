# SPDX-License-Identifier: EUPL-1.2
"""Databases of each version of the schema (tests/vectors/schema), left by programs of before or by their migrations: brought
up to date with all that is in them and not without a copy of before; and one of a program to come is left alone."""

import contextlib
import lzma
import os
import sqlite3
import time

from box import NIF, ROOT, Box, folder

VECTORS = ROOT / "tests/vectors/schema"
LONG = ("test_each_version_comes_up_to_date",)


def unpack(path, version):
    """A box on the database that a program of that version has left, with its key and its anchor."""
    box = Box(path, "unix:nada")
    box.database.write_bytes(lzma.decompress((VECTORS / f"{version:02}.db.xz").read_bytes()))
    box.key.write_bytes(bytes(range(32)))
    box.key.chmod(0o400)
    anchor = VECTORS / f"{version:02}.ancla"
    if anchor.exists():
        box.key.with_name("clave-maestra.ancla").write_bytes(anchor.read_bytes())
    return box


def version_of(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def copy_of(box, version):
    return box.database.with_name(f"contraclaved.db.version-{version}")


def versions():
    return sorted(int(p.name[:2]) for p in VECTORS.glob("*.db.xz"))


def test_each_version_comes_up_to_date():
    newest = set()
    assert versions() == list(range(1, versions()[-1] + 1)), "lib/old_database.py adds one"
    for version in versions():
        with folder() as path:
            box = unpack(path, version)
            assert version_of(box.database) == version
            box.start(ready=False)
            person = box.control_request("POST", "/v1/registro/ciudadanos/busqueda", {"nif": NIF}).json
            assert person["movil"] == "+34*****123" and person["nombre"] == "María Íñiguez Gómez", (version, person)
            assert person["estado"] == "activa" and not person["bloqueado"], (version, person)
            clients = box.control_request("GET", "/v1/clientes").json["clientes"]
            assert [c["nombre"] for c in clients] == ["sede"], (version, clients)
            status = box.status()
            assert status["ciudadanos"] == 2 and not status.get("integridad") and not status["aviso_datos"], (version, status)
            assert box.stop() == 0
            newest.add(version_of(box.database))
            assert "completo y sin cambios" in box.ctl("auditoria", "comprobar").stdout, version
            if version == version_of(box.database):
                continue
            assert version_of(copy_of(box, version)) == version and copy_of(box, version).stat().st_mode & 0o777 == 0o600
            drill = box.ctl("restaura", str(copy_of(box, version)), "--ensayo").stdout
            assert "es buena" in drill and "versión anterior" in drill, (version, drill)
    assert len(newest) == 1


def test_the_copy_of_before_comes_first_and_goes_after_a_month():
    version = versions()[0]
    with folder() as path:
        box = unpack(path, version)
        blocked = copy_of(box, version).with_name(f"{copy_of(box, version).name}.parte")
        blocked.mkdir()
        box.launch()
        assert box.program.process.wait(20) == 74 and "no se pone al día" in box.program.log()
        assert version_of(box.database) == version and not copy_of(box, version).exists()
        blocked.rmdir()
        box.start(ready=False)
        box.stop()
        assert copy_of(box, version).exists()
        old = time.time() - 31 * 86400
        os.utime(copy_of(box, version), (old, old))
        box.start(ready=False)
        box.stop()
        assert not copy_of(box, version).exists()


def test_a_newer_database_is_refused_with_the_way_back():
    with folder() as path:
        box = unpack(path, versions()[-1])
        with contextlib.closing(sqlite3.connect(box.database)) as db:
            db.execute("PRAGMA user_version = 999")
        before = box.database.read_bytes()
        box.launch()
        assert box.program.process.wait(20) == 78
        said = box.program.log()
        assert "versión 999" in said and "instale otra vez" in said and "contraclaved.db.version-" in said, said
        assert box.database.read_bytes() == before
