# SPDX-License-Identifier: EUPL-1.2
"""Boxes that share a registry on a server: tests/lib/server.py has the server."""

import contextlib
import pathlib
import signal

from box import Box, Sim, folder


def named(name, more=""):
    return f'nombre_equipo = "{name}" {more}'


def lookup(box):
    """What the box knows of all of them, by their names."""
    return {one["nombre"]: one for one in box.control_request("GET", "/v1/estado").json["equipos"] or []}


@contextlib.contextmanager
def joined(first, name, more="", with_modem=False, options=(), **box):
    """Another box on the registry of `first`, which a person has accepted: yields (box, sim), sim None without a modem.
    Killed at the end."""
    with folder() as path:
        sim = Sim(path, "pty", *options) if with_modem else None
        other = Box(path, sim.device if sim else "unix:" + str(path / "nothing"), extra=named(name, more), address=first.address, **box)
        if not with_modem:  # a front
            other.conf.write_text(other.conf.read_text()[:other.conf.read_text().index("modem principal")])
        other.key.write_bytes(first.key.read_bytes())
        other.key.chmod(0o400)
        other.token = first.token
        try:
            other.start(ready=False).ctl("auditoria", "aceptar")
            yield other, sim
        except BaseException:
            print(f"---- {name}\n", other.program.log()[-3000:])
            raise
        finally:
            other.stop(signal.SIGKILL)
            if sim:
                sim.leave()


def pass_all(boxes, milliseconds, step=100):
    """Time passes for all that run, in steps that are shorter than the time that a box gives its server."""
    while milliseconds > 0:
        for box in boxes:
            if box.program.running():
                box.pass_time(min(step, milliseconds))
        milliseconds -= step


def log_of(boxes):
    return "".join(pathlib.Path(box.stderr).read_text(errors="replace") for box in boxes)
