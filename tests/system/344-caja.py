# SPDX-License-Identifier: EUPL-1.2
"""The machine that the box runs on: its name, no IPv6, the stick with the key gone."""

import contextlib
import json
import shutil

from box import Box, Sim, eventually, folder, running, serving

SET_NAME = "python3 -c 'import os, socket, sys; socket.sethostname(os.fsencode(sys.argv[1]))'"
NO_IPV6 = "ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"


def enclose(box, spaces, prepare):
    """The daemon starts in namespaces of its own, after a shell command has prepared them."""
    program = [str(word) for word in box.command()]
    box.command = lambda: ["unshare", "--user", "--map-root-user", *spaces, "sh", "-ec", f'{prepare}; exec "$@"', "sh", *program]


@contextlib.contextmanager
def named(name):
    with folder() as path:
        sim = Sim(path, "unix")
        box = Box(path, sim.device)
        enclose(box, ["--uts"], f"{SET_NAME} '{name}'")
        with serving(box, others=[sim]):
            yield box, sim


def test_a_machine_whose_name_has_accents():
    for name in ("Añón-del-Moncayo", "Valverde del Camino", "Ma\udcf1era", "x" * 64):
        with named(name) as (box, sim):
            box.ask_pin()
            eventually(sim.inbox)
            status = box.control_request("GET", "/v1/estado")
            assert status.status == 200 and status.json["modems"], (name, status.text)
            assert json.loads(box.ctl("--json", "estado").stdout) and box.ctl("estado").returncode == 0, name
            assert box.get("/metrics", token=None).status in (200, 401), name
            box.stop()
            box.start()
            assert not box.status().get("integridad"), (name, "the same machine")


def serves(box):
    """Its ports are in another namespace; the file of its control socket is there before anybody listens."""
    with contextlib.suppress(OSError):
        return box.control_request("GET", "/healthz").status == 200


def test_a_machine_without_ipv6():
    with folder() as path:
        box = Box(path, "unix:nada")
        enclose(box, ["--net"], NO_IPV6)
        box.launch()
        eventually(lambda: serves(box))
        assert box.stop() == 0
        box.conf.write_text(box.conf.read_text().replace(f'"127.0.0.1:{box.port}"', f'"[::1]:{box.port}"'))
        box.launch()
        assert box.program.process.wait(20) == 78, "an address that this machine does not have"
        assert f"[::1]:{box.port}" in box.program.log(), box.program.log()


def test_the_stick_with_the_key_is_gone():
    with running("unix") as (box, sim):
        away = box.folder / "lejos"
        away.mkdir()
        names = [box.key, box.key.with_name("clave-maestra.ancla")]
        for name in names:
            shutil.move(name, away / name.name)
        box.ask_pin()
        eventually(sim.inbox)
        assert box.stop() == 0
        box.launch()
        assert box.program.process.wait(20) == 78 and "Falta el fichero de la clave maestra" in box.program.log()
        for name in names:
            shutil.move(away / name.name, name)
        box.start()
        assert not box.status().get("integridad") and not box.status()["aviso_datos"]


def test_no_folder_for_a_new_key_is_told_by_name():
    with folder() as path:
        box = Box(path, "unix:nada")
        box.conf.write_text(box.conf.read_text().replace(f'"{box.key}"', f'"{path}/nada/clave-maestra"'))
        box.launch()
        assert box.program.process.wait(20) == 74, box.program.log()
        assert f"la clave maestra {path}/nada/clave-maestra no se puede crear: no existe" in box.program.log(), box.program.log()
        if not box.is_moved:
            assert box.rows("SELECT count(*) FROM sqlite_schema") == [(0,)], "and no table is left behind"


def test_a_key_that_cannot_be_read_is_told_by_name():
    with running("unix") as (box, _):
        assert box.stop() == 0
        right = box.conf.read_text()
        (box.folder / "no-es-carpeta").write_text("")
        for path, said, code in ((f"{box.folder}/no-es-carpeta/clave", "una parte de la ruta no es una carpeta", 74), (box.key, "0400", 78)):
            box.conf.write_text(right.replace(f'"{box.key}"', f'"{path}"'))
            box.key.chmod(0o444)
            box.launch()
            assert box.program.process.wait(20) == code, (path, box.program.log())
            assert f"la clave maestra {path} no se puede leer: " in box.program.log() and said in box.program.log(), box.program.log()
        box.key.chmod(0o400)
        box.start()
