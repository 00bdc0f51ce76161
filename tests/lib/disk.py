# SPDX-License-Identifier: EUPL-1.2
"""A box on a disk that can be made to refuse what is written to it."""

import contextlib
import os
import pathlib
import struct

from box import BUILD, Box, Sim, folder, needs_file, serving


@contextlib.contextmanager
def on_a_bad_disk():
    """A ready box, and what sets the errno that its writes fail with."""
    needs_file()
    with folder() as path:
        trouble = pathlib.Path(path) / "disk"
        trouble.write_bytes(struct.pack("i", 0))

        def fail(number):
            with open(trouble, "r+b") as f:
                f.write(struct.pack("i", number))
        sim = Sim(path)
        box = Box(path, sim.device, limits="cliente_por_segundo = 0 segundos_entre_peticiones = 0")
        box.env = {"CC_WRITES_FILE": str(trouble), "LD_PRELOAD": str(BUILD / "tests/preload_writes.so"),
                   "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        with serving(box, others=[sim]):
            yield box, sim, fail
