# SPDX-License-Identifier: EUPL-1.2
"""Keeps the database that this program leaves for the tests of programs to come (tests/vectors/schema). For whoever adds a
migration, once it is as it will be released: `python3 tests/lib/old_database.py`."""

import contextlib
import lzma
import sqlite3

from box import ROOT, Box, Sim, eventually, folder, serving

VECTORS = ROOT / "tests/vectors/schema"


def main():
    with folder() as path:
        sim = Sim(path, "unix")
        box = Box(path, sim.device)
        box.key.write_bytes(bytes(range(32)))
        box.key.chmod(0o400)
        with serving(box, others=[sim]):
            box.enrol("87654321X", "Otra Persona", "+34600123124")
            box.ask_pin()
            eventually(sim.inbox)
        with contextlib.closing(sqlite3.connect(box.database)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            version = db.execute("PRAGMA user_version").fetchone()[0]
        kept = VECTORS / f"{version:02}.db.xz"
        kept.write_bytes(lzma.compress(box.database.read_bytes(), preset=9 | lzma.PRESET_EXTREME))
        kept.with_name(f"{version:02}.ancla").write_bytes(box.key.with_name("clave-maestra.ancla").read_bytes())
        print(kept.relative_to(ROOT), kept.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
